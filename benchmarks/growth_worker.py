"""Inversions for the growth of time and memory, and for interactive work; in its own process."""

from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

import ohmscape

_data: dict[str, ohmscape.Data] = {}


def load(path: Path) -> None:
    """Read a file and keep its data."""
    _data[str(path)] = ohmscape.read(path)


def invert(path: Path, depth: float | None) -> dict[str, float]:
    """Invert with the defaults, down to a depth in m."""
    began = perf_counter()
    result = ohmscape.invert(_data[str(path)], error="3%", depth=depth)
    seconds = perf_counter() - began
    return {
        "seconds": seconds,
        "readings": int(np.isfinite(result.predicted).sum()),
        "parameters": len(result.resistivity),
        "nodes": len(result.parameters.mesh.nodes),
        "iterations": len(result.iterations),
        "chi2": result.check.chi2,
    }


def interactive(path: Path, repeats: int) -> dict[str, dict[str, Any]]:
    """Return what a person waits for: median and longest seconds, and chi-squared reached."""
    result = ohmscape.invert(ohmscape.read(path), error="3%")
    n = len(result.predicted)
    lam = result.lam or 1.0
    random = np.random.default_rng(1)
    found: dict[str, list[tuple[float, float]]] = {}
    failed: dict[str, list[str]] = {}
    for turn in range(repeats + 1):
        factor = (0.5, 2.0, 0.7, 1.5)[turn % 4]
        leave_out = np.zeros(n, dtype=bool)
        leave_out[random.choice(n, n // 10, replace=False)] = True
        asked = {
            "preview": lambda factor=factor: ohmscape.preview(result, factor * lam)[1],
            "lambda": lambda factor=factor: ohmscape.reinvert(result, lam=factor * lam).chi2,
            "readings": lambda out=leave_out: ohmscape.reinvert(result, leave_out=out).chi2,
        }
        for name, ask in asked.items():
            began = perf_counter()
            try:
                chi2 = ask()
            except ohmscape.OhmscapeError as error:
                failed.setdefault(name, []).append(str(error))
                continue
            if turn:  # the first one warms up
                found.setdefault(name, []).append((perf_counter() - began, chi2))
    return {
        name: {
            "failed": failed.get(name, []),
            "seconds": median(seconds for seconds, _ in runs),
            "longest": max(seconds for seconds, _ in runs),
            "chi2": median(chi2 for _, chi2 in runs),
            "readings": n,
            "parameters": len(result.resistivity),
        }
        for name, runs in found.items()
    }
