"""Readings over a ground that is described in a few words."""

import tomllib
from collections.abc import Callable
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ohmscape.arrays import designs
from ohmscape.core.data import Terrain
from ohmscape.core.survey import Electrodes, Survey
from ohmscape.core.types import Floats, Integers
from ohmscape.errors import FormatError, OhmscapeError, SurveyError
from ohmscape.formats import write_bert
from ohmscape.forward.simulate import simulate
from ohmscape.inversion.options import Region
from ohmscape.workflow.progress import Progress, Watch
from ohmscape.workflow.record import summary

if TYPE_CHECKING:
    from ohmscape.workflow.steps import Simulate

FAR = 1e3  #: lengths of the line that layers go on beyond its ends
ARRAYS: dict[str, Callable[[int, int], Integers]] = {
    "wenner": lambda n, _: designs.wenner(n),
    "wenner-beta": lambda n, _: designs.wenner_beta(n),
    "wenner-gamma": lambda n, _: designs.wenner_gamma(n),
    "schlumberger": designs.schlumberger,
    "dipole-dipole": designs.dipole_dipole,
    "pole-dipole": designs.pole_dipole,
    "pole-pole": lambda n, _: designs.pole_pole(n),
    "gradient": designs.gradient,
}


def simulate_file(step: "Simulate", watch: Watch) -> dict[str, Any]:
    """Simulate and write an instrument file; return what was written."""
    if step.array not in ARRAYS:
        raise SurveyError(f"array {step.array!r} is not known", mend=f"one of {', '.join(ARRAYS)}")
    surface = ground_of(step)
    x = np.arange(step.electrodes) * step.spacing
    abmn = ARRAYS[step.array](step.electrodes, step.max_n)
    if step.reciprocals:
        abmn = with_reciprocals(abmn)
    if len(abmn) == 0:
        raise SurveyError(
            f"{step.electrodes} electrodes are too few for one {step.array} reading",
            mend="take more electrodes",
        )
    watch(Progress("preparing", f"{len(abmn)} readings over {step.electrodes} electrodes"))
    data = simulate(
        Survey(Electrodes(np.column_stack([x, np.interp(x, *surface.T)])), abmn),
        resistivity_of(step, surface), interfaces_of(step, surface),
        terrain=None if step.topography is None else Terrain(np.insert(surface, 1, 0.0, axis=1)),
        noise=step.noise, seed=step.seed,
    )  # fmt: skip
    watch(Progress("writing", str(step.out)))
    write_bert(data, step.out)
    return {
        "path": str(step.out),
        "electrodes": step.electrodes,
        "readings": len(data),
        "resistance_ohm": summary(data.resistance),
        "accuracy": data.report[0].what,
        "options": {f.name: getattr(step, f.name) for f in fields(step) if f.name != "out"},
    }


def with_reciprocals(abmn: Integers) -> Integers:
    """Return the readings and, after them, their reciprocals."""
    return np.concatenate([abmn, designs.reciprocal(abmn)])


def from_toml(path: Path) -> dict[str, Any]:
    """Return options of `Simulate` from a TOML file.

    ``layers`` is a list of [base, resistivity], ``blocks`` of [x0, x1, z0, z1, resistivity].

    Raises
    ------
    FormatError
        Not readable, or an option that is not known or of a wrong kind.
    """
    from ohmscape.workflow.steps import Simulate

    where = str(path)
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FormatError(f"cannot be read: {error.strerror}", where=where) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise FormatError(f"this is not TOML: {error}", where=where) from error
    known = {f.name: f.default for f in fields(Simulate) if f.name != "out"}
    for name, value in told.items():
        if name not in known:
            raise FormatError(
                f"option {name!r} is not known", where=where, mend=f"one of {', '.join(known)}"
            )
        told[name] = _checked(name, value, known[name], where)
    if isinstance(told.get("topography"), str):
        told["topography"] = path.parent / told["topography"]
    return told


def _checked(name: str, value: Any, default: Any, where: str) -> Any:
    """Return a value of TOML as the step takes it."""
    rows = {"layers": 2, "blocks": 5}
    if name in rows:
        good = isinstance(value, list) and all(
            isinstance(row, list)
            and len(row) == rows[name]
            and all(isinstance(v, int | float) and not isinstance(v, bool) for v in row)
            for row in value
        )
        value = tuple(tuple(map(float, row)) for row in value) if good else value
    elif isinstance(default, bool):
        good = isinstance(value, bool)
    elif isinstance(default, int):
        good = isinstance(value, int) and not isinstance(value, bool)
    elif isinstance(default, float):
        good = isinstance(value, int | float) and not isinstance(value, bool) and value > 0
        value = float(value) if good else value
    else:
        good = isinstance(value, str)
    if not good:
        kind = f"a list of lists of {rows[name]} numbers" if name in rows else "of the right kind"
        raise FormatError(f"{name} = {value!r} is not {kind}", where=where)
    return value


def ground_of(step: "Simulate") -> Floats:
    """Return the ground as points x, z, shape (n, 2).

    Raises
    ------
    FormatError
        The file is not two columns of numbers.
    """
    end = (step.electrodes - 1) * step.spacing
    if step.topography is None:
        return np.array([[0.0, 0.0], [end, 0.0]])
    where = str(step.topography)
    try:
        rows = [line.split() for line in step.topography.read_text(encoding="utf-8").splitlines()]
        points = np.array([[float(v) for v in row] for row in rows if row and row[0][0] != "#"])
    except OSError as error:
        raise FormatError(f"cannot be read: {error.strerror}", where=where) from error
    except ValueError as error:
        raise FormatError(
            f"not a table: {error}", where=where, mend="write x z per line"
        ) from error
    if points.ndim != 2 or points.shape[1] != 2 or len(points) < 2 or not np.isfinite(points).all():
        raise FormatError(
            "not two columns of numbers", where=where, mend="write x z per line, in m"
        )
    return points[np.argsort(points[:, 0], kind="stable")]


def interfaces_of(step: "Simulate", surface: Floats) -> list[Floats]:
    """Return the contacts of layers, parallel to the ground, and the outlines of blocks."""
    check_layers(step)
    reach = FAR * step.electrodes * step.spacing
    ends = surface[[0, -1]] + [[-reach, 0.0], [reach, 0.0]]
    long = np.vstack([ends[:1], surface, ends[1:]])
    contacts = [long - [0.0, base] for base, _ in step.layers]
    return contacts + [_outline(block, closed=True) for block in step.blocks]


def check_layers(step: "Simulate") -> None:
    """Refuse layers that are not given from the top down."""
    bases = [0.0, *(base for base, _ in step.layers)]
    if any(lower <= upper for upper, lower in pairwise(bases)):
        raise OhmscapeError(
            "the bases of the layers do not grow",
            where="layers",
            mend="give them from the top down",
        )
    values = [step.background, *(r for _, r in step.layers), *(block[4] for block in step.blocks)]
    if not all(value > 0.0 for value in values):
        raise OhmscapeError("a resistivity is not above 0", mend="give ohm m")


def resistivity_of(step: "Simulate", surface: Floats) -> Callable[[Floats], Floats]:
    """Return the resistivity in ohm m as a function of points x, y, z, shape (n, 3)."""
    regions = [(Region(_outline(block, closed=False)), block[4]) for block in step.blocks]

    def resistivity(points: Floats) -> Floats:
        depth = np.interp(points[:, 0], *surface.T) - points[:, 2]
        values = np.full(len(points), step.background)
        for base, layer in reversed(step.layers):
            values[depth < base] = layer
        for region, block in regions:
            values[region.holds(points[:, [0, 2]])] = block
        return values

    return resistivity


def _outline(block: tuple[float, ...], *, closed: bool) -> Floats:
    x0, x1, z0, z1 = block[:4]
    corners = np.array([[x0, z0], [x1, z0], [x1, z1], [x0, z1]])
    return np.vstack([corners, corners[:1]]) if closed else corners
