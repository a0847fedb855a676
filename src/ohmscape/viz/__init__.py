"""All plotting: figures of sections, readings and convergence.

Figures are made without pyplot: nothing global is left behind, and threads may draw at once.
"""

from ohmscape.viz.convergence import convergence_figure
from ohmscape.viz.fit import fit_figure
from ohmscape.viz.pseudosection import pseudosection_figure
from ohmscape.viz.section import section_figure
from ohmscape.viz.slices import slices_figure
from ohmscape.viz.style import png

__all__ = [
    "convergence_figure",
    "fit_figure",
    "png",
    "pseudosection_figure",
    "section_figure",
    "slices_figure",
]
