"""On what a run was made: the machine, and each package with its version."""

import os
import platform
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from ohmscape.workflow.machine import versions


def environment_lock() -> bytes:
    """Return all packages with their versions, as a requirements file."""
    lines = {f"{d.metadata['Name']}=={d.version}" for d in distributions() if d.metadata["Name"]}
    head = f"# Python {platform.python_version()} {platform.system()} {platform.machine()}\n"
    return (head + "".join(f"{line}\n" for line in sorted(lines, key=str.casefold))).encode()


def machine_record() -> dict[str, Any]:
    """Return what the numbers of a run may depend on besides the packages."""
    return {
        "host": platform.node(), "processor": _processor(), "cores": os.cpu_count(),
        "versions": versions(),
    }  # fmt: skip


def _processor() -> str:
    listed = Path("/proc/cpuinfo")
    if listed.exists():
        for line in listed.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
