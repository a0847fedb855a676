"""Lines placed on the map: from distance along each line to x, y of one survey."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ohmscape.core.data import Data, Remark, Terrain
from ohmscape.core.survey import Electrodes, Survey
from ohmscape.core.types import Floats
from ohmscape.joining.tables import Table, read_table

STRETCHED = 0.01  #: relative difference of tape and map that is worth a warning


@dataclass(frozen=True)
class Place:
    """Where the line of a file lies: its 0 m, and where it goes."""

    x: float  #: m, of distance 0 on the line
    y: float
    azimuth: float  #: rad, clockwise from north (the y axis)
    z: float = 0.0  #: m, added to all heights
    length: float | None = None  #: m, between the two ends of the line where both were given

    @property
    def direction(self) -> Floats:
        """Unit vector along the line, shape (2,)."""
        # rounded, so that a line to the east stays on y = 0
        ahead: Floats = np.array([np.sin(self.azimuth), np.cos(self.azimuth)]).round(15)
        return ahead


def on_map(data: Data, place: Place) -> Data:
    """Return data of a line in map coordinates.

    Parameters
    ----------
    data : Data
        x is the distance along the line, y the offset to its left.
    place : Place

    Returns
    -------
    Data
        Turned and moved as a whole: distances between electrodes stay.
    """
    old = data.survey.electrodes
    electrodes = Electrodes(_placed(old.positions, place), old.labels, old.buried)
    terrain = data.terrain and Terrain(_placed(data.terrain.points, place))
    azimuth = np.degrees(place.azimuth) % 360.0
    remarks = [
        Remark("kept", f"line placed at {place.x:.2f}, {place.y:.2f} m, azimuth {azimuth:.2f}")
    ]
    extent = float(np.ptp(old.positions[:, 0]))
    if place.length is not None and abs(extent / place.length - 1.0) > STRETCHED:
        text = (
            f"the electrodes span {extent:.2f} m, the ends on the map {place.length:.2f} m apart: "
            "distances of the electrodes are kept"
        )
        remarks.append(Remark("warning", text))
    return replace(
        data,
        survey=Survey(electrodes, data.survey.abmn),
        terrain=terrain,
        report=(*data.report, *remarks),
    )


def _placed(points: Floats, place: Place) -> Floats:
    ahead = place.direction
    left = np.array([-ahead[1], ahead[0]])
    xy = np.array([place.x, place.y]) + points[:, :1] * ahead + points[:, 1:2] * left
    return np.column_stack([xy, points[:, 2] + place.z])


def read_places(path: Path) -> tuple[tuple[Path, Place], ...]:
    """Read where the lines of files lie.

    Parameters
    ----------
    path : Path
        Table with the columns file, x0, y0 and azimuth (degrees clockwise from north), or file,
        x0, y0, x1, y1 (map coordinates of distance 0 and of another point ahead); z0, added to
        heights, may follow.

    Returns
    -------
    tuple of (Path, Place)
        Files beside the table unless they name a folder.

    Raises
    ------
    FormatError
        A table that cannot be read, or ends of a line at one place.
    """
    table = read_table(path, (("file", "x0", "y0", "azimuth"), ("file", "x0", "y0", "x1", "y1")))
    return tuple((path.parent / name, place) for name, place in
                 zip(table.words("file"), _places(table), strict=True))  # fmt: skip


def _places(table: Table) -> list[Place]:
    x, y = table.numbers("x0"), table.numbers("y0")
    z = table.numbers("z0") if "z0" in table else np.zeros(len(table))
    if "azimuth" in table:
        angle = np.radians(table.numbers("azimuth"))
        return [Place(*map(float, row)) for row in np.column_stack([x, y, angle, z]).tolist()]
    east, north = table.numbers("x1") - x, table.numbers("y1") - y
    length = np.hypot(east, north)
    if (length == 0.0).any():
        row = int(np.argmin(length))
        raise table.fault(row, "both ends of the line are one place", "give two places")
    angle = np.arctan2(east, north)
    every = np.column_stack([x, y, angle, z, length]).tolist()
    return [Place(*map(float, row)) for row in every]
