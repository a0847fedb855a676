"""Whole processes: start of Python to the end of the first section; memory; cold starts."""

import json
import os
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks.compare import peer_lambda
from benchmarks.lines import ROOT, Line

OURS = """
import time; t = time.perf_counter()
import ohmscape; imported = time.perf_counter() - t
result = ohmscape.invert(ohmscape.read({path!r}), error="3%")
from benchmarks.machine import peak_memory_mb
print("\\n@" + __import__("json").dumps(
    dict(imported=imported, memory_mb=peak_memory_mb(), chi2=result.chi2)))
"""
THEIRS = """
from pygimli.physics import ert
from benchmarks import theirs
data = ert.load({path!r}); theirs.prepare(data)
manager = theirs.run(data, {lam})
from benchmarks.machine import peak_memory_mb
print("\\n@" + __import__("json").dumps(
    dict(memory_mb=peak_memory_mb(), chi2=float(manager.inv.chi2()))))
"""


def run(arguments: list[str], cache: str | None = None) -> dict[str, Any]:
    """Run a process to its end; return seconds, and what it says on its line that begins with @."""
    environment = dict(os.environ, PYTHONPATH=str(ROOT))
    if cache is not None:
        environment["NUMBA_CACHE_DIR"] = cache
    began = perf_counter()
    done = subprocess.run(
        arguments, env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    seconds = perf_counter() - began
    if done.returncode != 0:
        raise RuntimeError(f"{arguments[:3]} failed:\n{done.stderr[-2000:]}")
    said = [line[1:] for line in done.stdout.splitlines() if line.startswith("@")]
    return {"seconds": seconds, **(json.loads(said[-1]) if said else {})}


def _ours(line: Line) -> list[str]:
    return [sys.executable, "-c", OURS.format(path=str(line.path))]


def _theirs(line: Line) -> list[str]:
    code = THEIRS.format(path=str(line.path), lam=peer_lambda(line))
    return [sys.executable, "-c", code]


def has_command() -> bool:
    """Return whether the command line is there yet."""
    return find_spec("ohmscape.cli.main") is not None


def _command(line: Line, out: str) -> list[str]:
    start = "import sys; from ohmscape.cli.main import main; sys.exit(main())"
    return [sys.executable, "-c", start, "invert", str(line.path), "--out", out, "--error", "3%"]


def _try_command(line: Line) -> float | None:
    """Return the seconds of ``ohmscape invert``; None, said aloud, where it fails."""
    with tempfile.TemporaryDirectory() as out:
        try:
            return float(run(_command(line, str(Path(out) / "made")))["seconds"])
        except RuntimeError as error:
            print(f"ohmscape invert {line.name}: {error}", file=sys.stderr)
            return None


def whole(line: Line, repeats: int) -> dict[str, Any]:
    """Return medians of a new process that reads and inverts, ours and theirs in turns."""
    ours, theirs, command = [], [], []
    run(_ours(line))
    command_works = has_command() and _try_command(line) is not None
    for i in range(repeats):
        ours.append(run(_ours(line)))
        if i < line.peer_repeats:
            theirs.append(run(_theirs(line)))
        if command_works:
            command.append(_try_command(line))
    mine, other = (median(r["seconds"] for r in runs) for runs in (ours, theirs))
    return {
        "line": line.name,
        "ours": mine,
        "theirs": other,
        "ratio": other / mine,
        "imported": median(r["imported"] for r in ours),
        "memory_mb": max(r["memory_mb"] for r in ours),
        "peer_memory_mb": max(r["memory_mb"] for r in theirs),
        "command": median(command) if command and None not in command else None,
        "runs": [len(ours), len(theirs)],
    }


def memory_mb(path: Path) -> float:
    """Return the peak memory of a process that inverts one file."""
    code = OURS.format(path=str(path))
    return float(run([sys.executable, "-c", code])["memory_mb"])


def cold(line: Line, repeats: int = 1) -> float:
    """Return the seconds of a process with no compiled kernel on disk."""
    seconds = []
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as empty:
            seconds.append(run(_ours(line), cache=empty)["seconds"])
    return median(seconds)


def bare_start(repeats: int = 5) -> dict[str, float]:
    """Return the seconds of ``import ohmscape`` in a new process, and of a process with it."""
    code = (
        "import time; t = time.perf_counter(); import ohmscape; s = time.perf_counter() - t\n"
        "print('@' + __import__('json').dumps(dict(imported=s)))"
    )
    runs = [run([sys.executable, "-c", code]) for _ in range(repeats)]
    return {
        "import": median(r["imported"] for r in runs),
        "process": median(r["seconds"] for r in runs),
    }
