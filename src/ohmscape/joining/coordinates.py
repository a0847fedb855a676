"""Systems of coordinates on the earth, by PROJ."""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from ohmscape.core.types import Floats
from ohmscape.errors import OhmscapeError, SurveyError

GPS = "EPSG:4979"  #: WGS 84 longitude, latitude and ellipsoidal height


@dataclass(frozen=True, eq=False)
class Transformed:
    """Points in another system, and what is known about how well."""

    points: Floats  #: (n, 3) x, y (east, north; or longitude, latitude in degrees), z in m
    accuracy: float | None  #: m, as PROJ's database states it, None where it does not
    note: str = ""  #: what was not done, e.g. heights not reduced to a geoid


def transformed(points: Floats, source: str, target: str) -> Transformed:
    """Return points in another system of coordinates.

    Parameters
    ----------
    points : array, shape (n, 3)
        x, y, z: east before north, longitude before latitude, whatever order the system has.
    source, target : str
        As PROJ takes them: ``EPSG:25832``, WKT, a PROJ string.

    Returns
    -------
    Transformed

    Raises
    ------
    SurveyError
        A system that is not known, or points outside its area.

    Notes
    -----
    Heights change only if both systems have them (a target like ``EPSG:25832+7837``); otherwise
    they are handed through as they are. Nothing is fetched from the network: where the
    best way needs a grid that is not installed, the next best is taken and `note` says so.
    """
    pyproj = _pyproj()
    systems = [_system(pyproj, name) for name in (source, target)]
    if not all(len(system.axis_info) > 2 for system in systems):
        systems = [system.to_2d() for system in systems]
    with warnings.catch_warnings():  # of grids that are missing: said in the note
        warnings.simplefilter("ignore", UserWarning)
        group = pyproj.transformer.TransformerGroup(*systems, always_xy=True)
    if not group.transformers:
        raise SurveyError(f"no way from {source} to {target}", mend="check both systems")
    step = group.transformers[0]
    x, y, z = step.transform(*points.T)
    out = np.column_stack([x, y, z])
    lost = np.flatnonzero(~np.isfinite(out).all(axis=1))
    if len(lost):
        where = ", ".join(f"{v:g}" for v in points[lost[0], :2])
        raise SurveyError(
            f"{len(lost)} points lie outside of {target}, the first at {where}",
            mend="check the order of the columns (lat, lon) and the system",
        )
    note = ""
    if not group.best_available:
        best = group.unavailable_operations[0]
        grids = ", ".join(grid.short_name for grid in best.grids if not grid.available)
        note = f"the best transformation needs {grids or 'a grid'}, which is not installed"
        if systems[1].is_compound and not systems[0].is_compound:
            note += "; heights are not reduced to the geoid"
    accuracy = step.accuracy if step.accuracy >= 0.0 else None
    return Transformed(out, accuracy, note)


def utm_for(longitude: float, latitude: float) -> str:
    """Return the UTM zone, on WGS 84, of a place in degrees.

    Raises
    ------
    SurveyError
        Not a place on the earth, or one nearer to a pole than UTM goes.

    Examples
    --------
    >>> utm_for(9.93, 51.53), utm_for(151.2, -33.9)
    ('EPSG:32632', 'EPSG:32756')
    """
    if not (-180.0 <= longitude <= 180.0 and -80.0 <= latitude <= 84.0):
        raise SurveyError(
            f"longitude {longitude:g}, latitude {latitude:g} is not within UTM",
            mend="check the order of the columns, or name a system by --crs",
        )
    zone = min(int((longitude + 180.0) // 6.0) + 1, 60)
    return f"EPSG:{(32600 if latitude >= 0.0 else 32700) + zone}"


def check_projected(name: str) -> None:
    """Refuse a system whose horizontal coordinates are not metres.

    Raises
    ------
    SurveyError
        Degrees or feet, or a system that is not known.
    """
    system = _system(_pyproj(), name)
    units = {axis.unit_name for axis in system.axis_info[:2]}
    if units != {"metre"}:
        raise SurveyError(
            f"{name} is in {', '.join(sorted(units))}", mend="name a projected system in metres"
        )


def _system(pyproj: Any, name: str) -> Any:
    try:
        return pyproj.CRS.from_user_input(name)
    except pyproj.exceptions.CRSError as error:
        raise SurveyError(
            f"{name!r} is no system of coordinates", mend="write for example EPSG:25832"
        ) from error


def _pyproj() -> Any:
    try:
        import pyproj
        import pyproj.exceptions
        import pyproj.transformer
    except ImportError as error:
        raise OhmscapeError(
            "coordinate systems need pyproj", mend="pip install 'ohmscape[geo]'"
        ) from error
    return pyproj
