"""What a record says of the machine: versions, peak memory."""

import platform
import sys
from importlib.metadata import PackageNotFoundError, version

from ohmscape._version import __version__

PACKAGES = ("numpy", "scipy", "numba", "matplotlib")


def versions() -> dict[str, str]:
    """Return the versions of Ohmscape, Python and the packages that results depend on."""
    found = {"ohmscape": __version__, "python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "unknown"
    found["platform"] = f"{platform.system()} {platform.machine()}"
    return found


def peak_memory_mb() -> float | None:
    """Return the largest resident memory of this process so far in MB, None if not known."""
    if sys.platform == "win32":
        return None
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return float(peak) / (1e6 if sys.platform == "darwin" else 1e6 / 1024)
