"""What a field crew brings along for a line: GPS of some electrodes, heights of the ground."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ohmscape.core.data import Data
from ohmscape.core.types import Floats
from ohmscape.errors import SurveyError
from ohmscape.joining.coordinates import GPS, check_projected, transformed, utm_for
from ohmscape.joining.electrodes import rows_of
from ohmscape.joining.raster import is_raster
from ohmscape.joining.tables import Table, read_table

PLACES = (("x", "y"), ("lat", "lon"))
WHICH = ("electrode", "distance", "tape")


@dataclass(frozen=True, eq=False)
class Controls:
    """Places on the map of some points of a line."""

    along: Floats  #: (n,) m, in the measure of the file's own distances
    xy: Floats  #: (n, 2) m
    z: Floats | None  #: (n,) m, None where the table has no heights
    names: tuple[str, ...]
    crs: str | None  #: system of `xy`, None where nobody says
    notes: tuple[str, ...] = ()  #: what the transformation left undone


@dataclass(frozen=True, eq=False)
class LinePoints:
    """Heights of the ground at distances along the line."""

    distance: Floats  #: (n,) m
    z: Floats  #: (n,) m
    taped: bool  #: distances are along the ground, else horizontal


@dataclass(frozen=True, eq=False)
class MapPoints:
    """Heights of the ground at places on the map."""

    points: Floats  #: (n, 3) x, y, z in m


@dataclass(frozen=True)
class Raster:
    """Heights of the ground from a raster file."""

    path: Path


Ground = LinePoints | MapPoints | Raster


def read_controls(path: Path, data: Data, crs: str | None = None) -> Controls:
    """Read the GPS of some electrodes or distances of a line.

    Parameters
    ----------
    path : Path
        Table with the columns electrode (its label) or distance (in the file's measure), and
        x, y in m or lat, lon in degrees; z may follow, with lat, lon an ellipsoidal height.
    data : Data
        Whose electrodes the table names.
    crs : str, optional
        System that is wanted, in which x, y are. Left out, x, y are as they are and lat, lon
        become UTM.

    Returns
    -------
    Controls

    Raises
    ------
    FormatError, SurveyError
        A table that cannot be read, an unknown electrode, places outside of the system.
    """
    table = read_table(path, [(which, *place) for which in WHICH for place in PLACES])
    names, along = _along(table, data)
    points, system, notes = _on_map(table, crs)
    has_z = "z" in table and not np.isnan(points[:, 2]).all()
    if has_z and np.isnan(points[:, 2]).any():
        row = int(np.argmax(np.isnan(points[:, 2])))
        raise table.fault(row, "no height", "give all heights or none")
    return Controls(along, points[:, :2], points[:, 2] if has_z else None, names, system, notes)


def read_ground(path: Path, data: Data, *, crs: str | None = None, along: bool = False) -> Ground:
    """Read heights of the ground: a raster, or a table.

    Parameters
    ----------
    path : Path
        GeoTIFF, ESRI ASCII grid, or a table with the columns distance,z (horizontal), tape,z
        (along the ground), electrode,z, or x,y,z or lat,lon,z of points on the map.
    data : Data
        Whose electrodes the table names.
    crs : str, optional
        System of the map.
    along : bool
        The file's own distances are along the ground: so are those at its electrodes.

    Returns
    -------
    LinePoints, MapPoints or Raster

    Raises
    ------
    FormatError, SurveyError
        A table that cannot be read, or an unknown electrode.
    """
    if is_raster(path):
        return Raster(path)
    sets = [("distance", "z"), ("tape", "z"), ("electrode", "z"), ("x", "z"), ("lat", "lon", "z")]
    table = read_table(path, sets)
    if {"x", "y"} <= set(table.names) or "lat" in table:
        return MapPoints(_on_map(table, crs)[0])
    if "x" in table:
        return LinePoints(table.numbers("x"), table.numbers("z"), taped=False)
    _, distance = _along(table, data)
    taped = "tape" in table or ("electrode" in table and along)
    return LinePoints(distance, table.numbers("z"), taped=taped)


def _along(table: Table, data: Data) -> tuple[tuple[str, ...], Floats]:
    """Return what the points of a line are called, and their distances in the file's measure."""
    if "electrode" not in table:
        distance = table.numbers("distance" if "distance" in table else "tape")
        return tuple(f"{d:g} m" for d in distance), distance
    electrodes, labels = data.survey.electrodes, table.words("electrode")
    twice = [label for i, label in enumerate(labels) if label in labels[:i]]
    if twice:
        raise SurveyError(f"electrode {twice[0]} stands twice", where=str(table.path), mend="once")
    rows = rows_of(electrodes, labels)
    return labels, electrodes.positions[rows, 0]


def _on_map(table: Table, crs: str | None) -> tuple[Floats, str | None, tuple[str, ...]]:
    """Return x, y, z, their system, and what a transformation left undone."""
    z = table.numbers("z", gaps=True) if "z" in table else np.full(len(table), np.nan)
    if "lat" not in table:
        if crs is not None:
            check_projected(crs)
        return np.column_stack([table.numbers("x"), table.numbers("y"), z]), crs, ()
    lat, lon = table.numbers("lat"), table.numbers("lon")
    system = crs or utm_for(float(np.median(lon)), float(np.median(lat)))
    check_projected(system)
    known = np.where(np.isnan(z), 0.0, z)
    found = transformed(np.column_stack([lon, lat, known]), GPS, system)
    notes = [found.note] if found.note else []
    if not np.isnan(z).all() and np.allclose(found.points[:, 2], known):
        notes.append("heights of the GPS are as they were: above the ellipsoid, if the receiver's")
    points = found.points.copy()
    points[np.isnan(z), 2] = np.nan
    return points, system, tuple(notes)
