"""Every operation as a named step: the only way in for command line, server and agents."""

from ohmscape.workflow.progress import Progress, Watch
from ohmscape.workflow.steps import STEPS, Demo, Inspect, Invert, Simulate, Step

__all__ = ["STEPS", "Demo", "Inspect", "Invert", "Progress", "Simulate", "Step", "Watch"]
