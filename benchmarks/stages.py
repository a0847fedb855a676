"""Where the time of `invert` goes, stage by stage.

Functions are wrapped where the package looks them up; a stage's time is without that of the
stages it calls. Processor time above wall time means that both cores worked.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import ohmscape

#: label: (module, attribute) where it is looked up
STAGES: dict[str, tuple[tuple[str, str], ...]] = {
    "errors (error_model)": (("inversion.setup", "error_model"),),
    "line and ground (setting_of)": (("inversion.section_problem", "setting_of"),),
    "line (line_of)": (("forward.setting", "line_of"),),
    "readings refused (impossible)": (("forward.setting", "impossible"),),
    "mesh (section_mesh)": (("forward.setting", "section_mesh"),),
    "parameters": (("inversion.section_problem", "parameters"),),
    "smoothness": (("inversion.setup", "smoothness"),),
    "wavenumbers": (("forward.dc25d", "wavenumbers"),),
    "element matrices (cell_matrices)": (("forward.dc25d", "cell_matrices"),),
    "elimination tree (analyse)": (("forward.dc25d", "analyse"),),
    "factorise": (("forward.multifrontal", "factorise"),),
    "electrode potentials": (("forward.multifrontal", "terminal_inverse"),),
    "fields": (("forward.multifrontal", "fields"),),
    "sensitivities": (("forward.dc25d", "sensitivities"),),
    "J J^T (gram)": (("inversion.equations", "gram"),),
    "steps (Cholesky)": (("inversion.equations", "DenseEquations.solve"),),
    "depth of investigation": (("inversion.invert", "depth_of_investigation"),),
    "coverage": (("inversion.invert", "coverage"),),
    "check: refine mesh": (("inversion.section_problem", "refine"),),
    "check: rest": (("inversion.invert", "_checked"),),
    "set-up: rest": (("inversion.invert", "prepare"),),
    "descent: rest": (("inversion.invert", "minimise"),),
}
INSIDE_CHECK = "check: "


@dataclass
class Clock:
    """Exclusive wall and processor time in s, and calls, by label."""

    wall: dict[str, float] = field(default_factory=dict)
    cpu: dict[str, float] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)
    stack: list[str] = field(default_factory=list)
    since: tuple[float, float] = (0.0, 0.0)

    def _book(self) -> None:
        """Give the time since the last change to whoever is on top."""
        now = perf_counter(), process_time()
        if self.stack:
            top = self.stack[-1]
            self.wall[top] = self.wall.get(top, 0.0) + now[0] - self.since[0]
            self.cpu[top] = self.cpu.get(top, 0.0) + now[1] - self.since[1]
        self.since = perf_counter(), process_time()

    def enter(self, label: str) -> None:
        """Begin a stage; stages that the check calls are its own."""
        if "check: rest" in self.stack and not label.startswith(INSIDE_CHECK):
            label = INSIDE_CHECK + label
        self._book()
        self.stack.append(label)
        self.calls[label] = self.calls.get(label, 0) + 1

    def leave(self) -> None:
        """End the stage on top."""
        self._book()
        self.stack.pop()


def _timed(clock: Clock, label: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        clock.enter(label)
        try:
            return function(*args, **kwargs)
        finally:
            clock.leave()

    return wrapper


def _wrap(clock: Clock) -> list[tuple[Any, str, Any]]:
    """Put the clock around all stages; return what was there."""
    before = []
    for label, places in STAGES.items():
        for module, attribute in places:
            owner: Any = importlib.import_module(f"ohmscape.{module}")
            *outer, name = attribute.split(".")
            for part in outer:
                owner = getattr(owner, part)
            if not hasattr(owner, name):
                continue  # renamed: its time is then in the stage around it
            before.append((owner, name, getattr(owner, name)))
            setattr(owner, name, _timed(clock, label, getattr(owner, name)))
    return before


def profile(path: Path, repeats: int = 15) -> dict[str, Any]:
    """Return the stages of the quickest run, longest first."""
    data = ohmscape.read(path)
    for _ in range(2):
        ohmscape.invert(data, error="3%")
    runs = []
    for _ in range(repeats):
        clock = Clock()
        before = _wrap(clock)
        try:
            clock.enter("invert: rest")
            ohmscape.invert(data, error="3%")
            clock.leave()
        finally:
            for owner, name, function in before:
                setattr(owner, name, function)
        runs.append((sum(clock.wall.values()), clock))
    total, clock = min(runs, key=lambda run: run[0])
    order = sorted(clock.wall, key=lambda label: -clock.wall[label])
    stages = [
        {
            "stage": label,
            "calls": clock.calls[label],
            "wall": clock.wall[label],
            "cpu": clock.cpu[label],
            "share": clock.wall[label] / total,
        }
        for label in order
    ]
    return {"seconds": total, "cpu_seconds": sum(clock.cpu.values()), "stages": stages}


def table(found: dict[str, Any]) -> str:
    """Return a profile as Markdown."""
    rows = ["| stage | calls | wall ms | processor ms | share |", "|---|---:|---:|---:|---:|"]
    rows += [
        f"| {s['stage']} | {s['calls']} | {1e3 * s['wall']:.2f} | {1e3 * s['cpu']:.2f} "
        f"| {100 * s['share']:.1f} % |"
        for s in found["stages"]
    ]
    total = f"| **all** | | {1e3 * found['seconds']:.1f} | {1e3 * found['cpu_seconds']:.1f} | |"
    return "\n".join([*rows, total])


if __name__ == "__main__":
    import sys

    from benchmarks.lines import field_lines

    wanted = sys.argv[1:]
    for line in field_lines():
        if not wanted or line.name in wanted:
            print(f"\n{line.name}\n\n{table(profile(line.path))}")
