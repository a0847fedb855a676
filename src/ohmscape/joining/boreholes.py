"""Boreholes: where they go, what was found in them, and known interfaces between them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ohmscape.core.types import Floats
from ohmscape.errors import FormatError
from ohmscape.joining.tables import Table, read_table

STRAIGHT = 1e-9  #: rad of bend below which a piece of a hole is straight


@dataclass(frozen=True, eq=False)
class Path3D:
    """The way of a hole: directions at some depths, arcs of circles between them."""

    collar: Floats  #: (3,) x, y, z in m
    depth: Floats  #: (n,) m along the hole, strictly increasing, the first one 0
    direction: Floats  #: (n, 3) unit vectors, down the hole

    def at(self, depth: Floats) -> Floats:
        """Return x, y, z in m, shape (n, 3), at depths along the hole, shape (n,).

        By minimum curvature (Sawaryn and Thorogood, 2005, SPE Drilling & Completion 20): exact
        on an arc of a circle through each pair of stations; beyond the last one straight on.
        """
        starts = [self.collar]
        for k, length in enumerate(np.diff(self.depth)):
            whole = np.array([length])
            step = _arc(self.direction[k : k + 1], self.direction[k + 1 : k + 2], whole, whole)
            starts.append(starts[-1] + step[0])
        i = np.clip(np.searchsorted(self.depth, depth, side="right") - 1, 0, len(self.depth) - 1)
        after = np.minimum(i + 1, len(self.depth) - 1)
        whole = np.where(after > i, self.depth[after] - self.depth[i], 1.0)
        step = _arc(self.direction[i], self.direction[after], whole, depth - self.depth[i])
        places: Floats = np.array(starts)[i] + step
        return places


@dataclass(frozen=True)
class Interval:
    """A piece of a hole."""

    top: float  #: m along the hole
    base: float
    lithology: str = ""
    resistivity: float = np.nan  #: ohm m, NaN where it was not measured


@dataclass(frozen=True, eq=False)
class Borehole:
    """A hole, its way, and what was found in it."""

    name: str
    path: Path3D
    intervals: tuple[Interval, ...]


def direction_of(azimuth: Floats, dip: Floats) -> Floats:
    """Return unit vectors down a hole, shape (n, 3).

    Parameters
    ----------
    azimuth : array, shape (n,)
        rad, clockwise from north.
    dip : array, shape (n,)
        rad below the horizontal: pi/2 is straight down.
    """
    flat = np.cos(dip)
    return np.column_stack([flat * np.sin(azimuth), flat * np.cos(azimuth), -np.sin(dip)])


def read_boreholes(path: Path) -> tuple[Borehole, ...]:
    """Read boreholes from a table of collars and the tables beside it.

    Parameters
    ----------
    path : Path
        ``wells.csv`` with the columns hole,x,z (x is the distance along the line) or hole,x,y,z;
        azimuth and dip in degrees may follow (dip counts below the horizontal whatever its sign;
        left out, the hole is vertical). Beside it ``wells.intervals.csv`` with
        hole,from,to,lithology and/or resistivity, and perhaps ``wells.survey.csv`` with
        hole,depth,azimuth,dip.

    Returns
    -------
    tuple of Borehole

    Raises
    ------
    FormatError
        A table that cannot be read, an unknown hole, an interval upside down.
    """
    collars = read_table(path, [("hole", "x", "z")])
    intervals = read_table(
        path.with_name(f"{path.stem}.intervals.csv"),
        [("hole", "from", "to", "lithology"), ("hole", "from", "to", "resistivity")],
    )
    stations = path.with_name(f"{path.stem}.survey.csv")
    survey = None
    if stations.is_file():
        survey = read_table(stations, [("hole", "depth", "azimuth", "dip")])
    names = collars.words("hole")
    for table in (intervals, survey):
        if table is not None:
            _refuse_unknown(table, names)
    y = collars.numbers("y") if "y" in collars else np.zeros(len(collars))
    places = np.column_stack([collars.numbers("x"), y, collars.numbers("z")])
    azimuth, dip = _angles(collars)
    found = _intervals(intervals)
    return tuple(
        Borehole(
            name,
            _way(places[i], azimuth[i], dip[i], survey, name),
            tuple(one for hole, one in found if hole == name),
        )
        for i, name in enumerate(names)
    )


def read_interfaces(path: Path) -> tuple[tuple[str, Floats], ...]:
    """Read known interfaces: lines of points, in their order.

    Parameters
    ----------
    path : Path
        Table with the columns x,z (x is the distance along the line) or x,y,z; a column name keeps
        several interfaces apart.

    Returns
    -------
    tuple of (name, points)
        Points x, y, z in m, shape (n, 3), y is NaN where the table has none.

    Raises
    ------
    FormatError
        A table that cannot be read, or an interface of one point.
    """
    table = read_table(path, [("x", "z")])
    y = table.numbers("y") if "y" in table else np.full(len(table), np.nan)
    points = np.column_stack([table.numbers("x"), y, table.numbers("z")])
    own = table.words("name") if "name" in table else (path.stem,) * len(table)
    out = []
    for name in dict.fromkeys(own):
        rows = [i for i, one in enumerate(own) if one == name]
        if len(rows) < 2:
            raise table.fault(rows[0], f"interface {name!r} has one point", "give at least two")
        out.append((name, points[rows]))
    return tuple(out)


def _arc(first: Floats, last: Floats, whole: Floats, part: Floats) -> Floats:
    """Return the way along a part of arcs, (n, 3), from one direction to another over `whole`."""
    bend = np.arccos(np.clip(np.sum(first * last, axis=1), -1.0, 1.0))
    share = part / whole
    straight = bend < STRAIGHT
    angle = np.where(straight, 1.0, bend)
    with np.errstate(divide="ignore", invalid="ignore"):
        here = (
            np.sin((1.0 - share) * angle)[:, None] * first + np.sin(share * angle)[:, None] * last
        ) / np.sin(angle)[:, None]
    here = np.where(straight[:, None], first, here)
    turned = share * bend
    short = np.abs(turned) < STRAIGHT
    wide = np.where(short, 1.0, turned)
    factor = np.where(short, 1.0, 2.0 / wide * np.tan(0.5 * wide))
    way: Floats = 0.5 * (part * factor)[:, None] * (first + here)
    return way


def _angles(table: Table) -> tuple[Floats, Floats]:
    n = len(table)
    azimuth, dip = np.zeros(n), np.full(n, 90.0)
    if "azimuth" in table:
        azimuth = np.nan_to_num(table.numbers("azimuth", gaps=True), nan=0.0)
    if "dip" in table:
        dip = np.abs(np.nan_to_num(table.numbers("dip", gaps=True), nan=90.0))
    wrong = np.flatnonzero(dip > 90.0)
    if len(wrong):
        raise table.fault(int(wrong[0]), f"dip is {dip[wrong[0]]:g}", "give degrees, 90 is down")
    return np.radians(azimuth), np.radians(dip)


def _way(collar: Floats, azimuth: float, dip: float, survey: Table | None, name: str) -> Path3D:
    straight = Path3D(collar, np.zeros(1), direction_of(np.array([azimuth]), np.array([dip])))
    if survey is None:
        return straight
    own = np.array([hole == name for hole in survey.words("hole")])
    if not own.any():
        return straight
    depth = survey.numbers("depth")[own]
    angles = _angles(survey)
    direction = direction_of(angles[0][own], angles[1][own])
    order = np.argsort(depth, kind="stable")
    depth, direction = depth[order], direction[order]
    if depth[0] > 0.0:  # from the collar to the first station as that one goes
        depth, direction = np.append(0.0, depth), np.vstack([direction[:1], direction])
    if (np.diff(depth) <= 0.0).any() or depth[0] < 0.0:
        raise FormatError(
            f"stations of {name} at one depth or above the collar",
            where=str(survey.path), mend="correct the depths",
        )  # fmt: skip
    return Path3D(collar, depth, direction)


def _intervals(table: Table) -> list[tuple[str, Interval]]:
    top, base = table.numbers("from"), table.numbers("to")
    none = np.full(len(table), np.nan)
    rho = table.numbers("resistivity", gaps=True) if "resistivity" in table else none
    rock = table.words("lithology") if "lithology" in table else ("",) * len(table)
    for i in range(len(table)):
        if not 0.0 <= top[i] < base[i]:
            raise table.fault(i, f"goes from {top[i]:g} to {base[i]:g} m", "from is above to")
        if rho[i] <= 0.0:
            raise table.fault(i, f"resistivity is {rho[i]:g}", "give ohm m, above 0")
    return [
        (hole, Interval(float(top[i]), float(base[i]), rock[i], float(rho[i])))
        for i, hole in enumerate(table.words("hole"))
    ]


def _refuse_unknown(table: Table, names: tuple[str, ...]) -> None:
    for i, hole in enumerate(table.words("hole")):
        if hole not in names:
            raise table.fault(i, f"hole {hole!r} has no collar", f"known are {', '.join(names)}")
