"""The machine, what is installed, and who else is at work."""

import os
import platform
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

BUSY = 0.5  #: load average, or cores taken by others, from which on figures are not to be trusted
HARMFUL = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")  #: unset for all parties: they slow NumPy
PACKAGES = ("ohmscape", "numpy", "scipy", "numba", "pygimli", "pgcore")


def clean_environment() -> dict[str, str]:
    """Unset what slows linear algebra, here and for processes to come; return what was set."""
    os.environ["MPLBACKEND"] = "Agg"
    return {name: os.environ.pop(name) for name in HARMFUL if name in os.environ}


def describe() -> dict[str, str]:
    """Return processor, memory, system and versions."""
    info, memory = Path("/proc/cpuinfo"), Path("/proc/meminfo")
    model = platform.processor()
    if info.exists():
        found = re.search(r"model name\s*:\s*(.+)", info.read_text())
        model = found.group(1) if found else model
    size = ""
    if memory.exists():
        size = f", {int(memory.read_text().split()[1]) / 2**20:.0f} GB"
    versions = [f"{name} {_version(name)}" for name in PACKAGES]
    return {
        "machine": f"{len(os.sched_getaffinity(0))} cores of {model}{size}, {platform.platform()}",
        "versions": ", ".join([f"Python {platform.python_version()}", *versions]),
        "date": time.strftime("%Y-%m-%d %H:%M %Z"),
    }


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "absent"


def is_installed(name: str) -> bool:
    """Return whether a package can be had."""
    return _version(name) != "absent"


def _busy_seconds() -> float:
    """Return the time in s that all cores together have worked since the start of the machine."""
    stat = Path("/proc/stat")
    if not stat.exists():
        return 0.0
    user, nice, system, _, _, irq, soft, steal = map(int, stat.read_text().split()[1:9])
    return (user + nice + system + irq + soft + steal) / os.sysconf("SC_CLK_TCK")


def _own_seconds() -> float:
    """Return the processor time in s of this process and of its children that have ended."""
    return sum(os.times()[:4])


@dataclass
class Watch:
    """Looks how much of the machine others use, from its making to `report`."""

    load: float = field(default_factory=lambda: os.getloadavg()[0])
    busy: float = field(default_factory=_busy_seconds)
    own: float = field(default_factory=_own_seconds)
    began: float = field(default_factory=time.perf_counter)

    def report(self) -> Mapping[str, float]:
        """Return load average before and after, and the cores that others used meanwhile."""
        wall = time.perf_counter() - self.began
        others = (_busy_seconds() - self.busy - (_own_seconds() - self.own)) / wall
        return {
            "load_before": self.load,
            "load_after": os.getloadavg()[0],
            "cores_of_others": max(0.0, others),
            "minutes": wall / 60,
        }


def peak_memory_mb() -> float:
    """Return the most memory in MB that this process has held; 0 where the system cannot tell."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    found = re.search(r"VmHWM:\s*(\d+)", status.read_text())
    return int(found.group(1)) / 1024 if found else 0.0
