"""What is known of the ground besides the readings: boreholes and interfaces, on a line."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ohmscape.arrays.ground import Line, line_of
from ohmscape.core.data import Data
from ohmscape.core.types import Floats
from ohmscape.errors import SurveyError
from ohmscape.inversion.logs import Log
from ohmscape.joining.boreholes import Borehole, read_boreholes, read_interfaces

STEP = 0.25  #: part of the electrode spacing at which a hole is looked at
ASIDE = 3.0  #: electrode spacings beside the line beyond which a hole says nothing of it


@dataclass(frozen=True, eq=False)
class Piece:
    """An interval of a borehole in the section."""

    places: Floats  #: (n, 2) along, z in m, from its top to its base
    lithology: str
    resistivity: float  #: ohm m, NaN where it is not known


@dataclass(frozen=True, eq=False)
class DrawnHole:
    """A borehole in the section."""

    name: str
    aside: float  #: m, greatest distance from the line
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, eq=False)
class Priors:
    """What boreholes and interfaces mean for an inversion and for its figure."""

    options: dict[str, Any]  #: of `ohmscape.invert`
    holes: tuple[DrawnHole, ...] = ()
    interfaces: tuple[tuple[str, Floats], ...] = ()  #: name and points along, z in m
    notes: tuple[str, ...] = ()

    def drawn_interfaces(self) -> tuple[Any, ...]:
        """Return the interfaces as figures take them."""
        if not self.interfaces:
            return ()
        from ohmscape.viz.section import Known

        return tuple(Known(points, closed=False, label=name) for name, points in self.interfaces)


def priors(data: Data, boreholes: Path | None = None, interfaces: Path | None = None) -> Priors:
    """Read boreholes and interfaces and draw them onto the line of a data set.

    Parameters
    ----------
    data : Data
    boreholes, interfaces : Path, optional
        Tables, see `ohmscape.joining.boreholes`.

    Returns
    -------
    Priors

    Raises
    ------
    FormatError, SurveyError
        A table that cannot be read, electrodes that do not lie on a line, or no hole near it.
    """
    if boreholes is None and interfaces is None:
        return Priors({})
    line = line_of(data.survey.electrodes, data.terrain)
    lines = () if interfaces is None else tuple(
        (name, _onto(line, points)) for name, points in read_interfaces(interfaces)
    )  # fmt: skip
    options: dict[str, Any] = {}
    if lines:
        options["interfaces"] = [_through(line, points) for _, points in lines]
    short = tuple(
        f"interface {name} ends inside the line: it parts nothing unless it is closed"
        for (name, points), through in zip(lines, options.get("interfaces", ()), strict=True)
        if len(through) < len(points) + 2 and not np.array_equal(points[0], points[-1])
    )
    if boreholes is None:
        return Priors(options, interfaces=lines, notes=short)
    drawn = tuple(_drawn(line, hole) for hole in read_boreholes(boreholes))
    near = tuple(hole for hole in drawn if hole.aside <= ASIDE * line.spacing and hole.pieces)
    if not near:
        raise SurveyError(
            "no borehole lies near the line",
            where=str(boreholes),
            mend="give x, y in the system of the electrodes, or x as distance along the line",
        )
    notes = tuple(
        f"borehole {hole.name} lies {hole.aside:.3g} m beside the line: left out"
        for hole in drawn
        if hole.aside > ASIDE * line.spacing
    )
    logs = tuple(log for hole in near if (log := _log(hole)) is not None)
    if logs:
        options["logs"] = logs
    return Priors(options, near, lines, (*short, *notes))


def _onto(line: Line, points: Floats) -> Floats:
    """Return along, z of points x, y, z; y is NaN where x is the distance along the line."""
    if np.isnan(points[:, 1]).any():
        return points[:, [0, 2]]
    along, _ = line.course.project(points[:, :2])
    return np.column_stack([along, points[:, 2]])


def _through(line: Line, points: Floats) -> Floats:
    """Return an interface that goes on level beyond the line where it reaches its end.

    One that ends inside the mesh parts nothing from nothing.
    """
    ordered = points if points[0, 0] <= points[-1, 0] else points[::-1]
    low, high = line.along.min() + line.spacing, line.along.max() - line.spacing
    far = 100.0 * float(np.ptp(line.along) + np.ptp(line.elevation) + line.spacing)
    side = np.array([[far, 0.0]])
    before = ordered[:1] - side if ordered[0, 0] <= low else ordered[:0]
    after = ordered[-1:] + side if ordered[-1, 0] >= high else ordered[:0]
    return np.concatenate([before, ordered, after])


def _drawn(line: Line, hole: Borehole) -> DrawnHole:
    pieces, aside = [], 0.0
    for one in hole.intervals:
        count = max(2, int(np.ceil((one.base - one.top) / (STEP * line.spacing))) + 1)
        places = hole.path.at(np.linspace(one.top, one.base, count))
        along, beside = line.course.project(places[:, :2])
        aside = max(aside, float(beside.max()))
        pieces.append(Piece(np.column_stack([along, places[:, 2]]), one.lithology, one.resistivity))
    return DrawnHole(hole.name, aside, tuple(pieces))


def _log(hole: DrawnHole) -> Log | None:
    """Return the resistivities of a hole; the ends of a piece are moved inside it."""
    known = [piece for piece in hole.pieces if np.isfinite(piece.resistivity)]
    if not known:
        return None
    inner = [0.5 * (piece.places[1:] + piece.places[:-1]) for piece in known]
    values = [np.full(len(p), piece.resistivity) for p, piece in zip(inner, known, strict=True)]
    return Log(np.concatenate(inner), np.concatenate(values))
