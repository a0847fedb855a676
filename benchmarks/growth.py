"""How time and memory of `invert` grow with electrodes, readings and parameters."""

from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.lines import ROOT, made
from benchmarks.party import Party

ELECTRODES = (24, 32, 48, 64, 96, 128, 192, 256)
READINGS = (300, 600, 1200, 2400)
DEPTHS = (5.0, 10.0, 20.0, 40.0, 80.0)  #: m, of the section: the knob for parameters
PICTURE = ROOT / "docs" / "images" / "performance-growth.png"


def measure(path: Path, depth: float | None, repeats: int) -> dict[str, Any]:
    """Return median seconds, peak memory and sizes of one problem, in a new process."""
    with Party("benchmarks.growth_worker") as worker:
        before = worker("peak_memory_mb")
        worker("load", path)
        worker("invert", path, depth)
        runs = [worker("invert", path, depth) for _ in range(repeats)]
        memory = worker("peak_memory_mb")
    row = dict(runs[-1], seconds=median(run["seconds"] for run in runs))
    return {**row, "memory_mb": memory, "idle_mb": before}


def grow(quick: bool = False) -> dict[str, list[dict[str, Any]]]:
    """Return rows over electrodes, readings and parameters."""
    repeats = 3
    electrodes = [n for n in ELECTRODES if not quick or n <= 96]
    readings = READINGS[:3] if quick else READINGS
    depths = DEPTHS[:3] if quick else DEPTHS
    return {
        "electrodes": [{"electrodes": n, **measure(made(n), None, repeats)} for n in electrodes],
        "readings": [{"electrodes": 64, **measure(made(64, m), None, repeats)} for m in readings],
        "parameters": [
            {"electrodes": 64, "depth": d, **measure(made(64, 1200), d, repeats)} for d in depths
        ],
    }


def slope(rows: list[dict[str, Any]], over: str, of: str) -> float:
    """Return the exponent p of ``of ~ over ** p`` by least squares over the upper half."""
    upper = rows[len(rows) // 2 - 1 :]
    x, y = (np.log([float(row[key]) for row in upper]) for key in (over, of))
    return float(np.polyfit(x, y, 1)[0])


def draw(rows: dict[str, list[dict[str, Any]]], picture: Path = PICTURE) -> None:
    """Draw time and memory over electrodes, readings and parameters."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(2, 3, figsize=(11, 6), sharey="row", constrained_layout=True)
    for column, (over, some) in enumerate(rows.items()):
        x = [row[over] for row in some]
        for panel, of, name in (
            (axes[0, column], "seconds", "seconds"),
            (axes[1, column], "memory_mb", "peak memory, MB"),
        ):
            panel.loglog(x, [row[of] for row in some], "o-", color="#1f5a7a")
            panel.grid(visible=True, which="both", alpha=0.25)
            panel.set_title(f"{name} ~ {over}$^{{{slope(some, over, of):.2f}}}$", fontsize=10)
            panel.set_xlabel(over)
            panel.set_xticks(x, [str(v) for v in x], fontsize=8)
            panel.minorticks_off()
    for row, of in zip(axes, ("seconds", "memory_mb"), strict=True):
        values = [r[of] for some in rows.values() for r in some]
        ticks = [t * 10.0**e for e in range(-3, 5) for t in (1, 2, 5)]
        ticks = [t for t in ticks if min(values) / 2 <= t <= max(values) * 2]
        row[0].set_ylim(ticks[0] * 0.9, ticks[-1] * 1.1)
        row[0].set_yticks(ticks, [f"{t:g}" for t in ticks])
    axes[0, 0].set_ylabel("ohmscape.invert, s")
    axes[1, 0].set_ylabel("whole process, MB")
    picture.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(picture, dpi=110)
    plt.close(figure)
