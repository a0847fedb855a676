"""Where data sets lie: GeoJSON geometries in WGS 84, and whether two of them meet."""

import json
from itertools import pairwise
from typing import Any

from ohmscape.errors import CentreError

Point = tuple[float, float]  #: longitude, latitude in degrees
MOST_POINTS = 10_000
KINDS = ("Point", "LineString", "Polygon")


def point(lon: float, lat: float) -> str:
    """Return a place as GeoJSON."""
    return geojson("Point", [(lon, lat)])


def box(west: float, south: float, east: float, north: float) -> str:
    """Return a box as GeoJSON.

    Raises
    ------
    CentreError
        Not west below east and south below north; a box over 180 degrees must be cut in two.
    """
    if not (west < east and south < north):
        raise CentreError(
            f"box {west}, {south}, {east}, {north} is empty",
            mend="give west, south, east, north; cut a box over 180 degrees in two",
        )
    corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    return geojson("Polygon", corners)


def geojson(kind: str, points: list[Point]) -> str:
    """Return a geometry of one ring or line, checked.

    Raises
    ------
    CentreError
        Not on the map, too few or too many points.
    """
    least = {"Point": 1, "LineString": 2, "Polygon": 4}[kind]
    if not least <= len(points) <= MOST_POINTS:
        raise CentreError(f"{kind} of {len(points)} points", mend=f"give {least} to {MOST_POINTS}")
    for lon, lat in points:
        if not (-180.0 <= lon <= 180.0 and -90.0 <= lat <= 90.0):
            raise CentreError(f"{lon}, {lat} is on no map", mend="give longitude, latitude")
    if kind == "Polygon" and points[0] != points[-1]:
        raise CentreError("polygon is not closed", mend="repeat its first point at the end")
    rows = [[float(lon), float(lat)] for lon, lat in points]
    inside: Any = rows[0] if kind == "Point" else [rows] if kind == "Polygon" else rows
    return json.dumps({"type": kind, "coordinates": inside}, separators=(",", ":"))


def checked(geometry: str) -> str:
    """Return a geometry of a stranger in the form that is kept.

    Raises
    ------
    CentreError
        No GeoJSON geometry that is understood: a point, a line, a polygon without holes.
    """
    mend = f"give a GeoJSON geometry, one of {', '.join(KINDS)}, without holes"
    try:
        told = json.loads(geometry)
        kind, inside = told["type"], told["coordinates"]
        if kind not in KINDS or (kind == "Polygon" and len(inside) != 1):
            raise CentreError(f"geometry {kind!r} is not understood", mend=mend)
        rows = [inside] if kind == "Point" else inside[0] if kind == "Polygon" else inside
        points = [(float(row[0]), float(row[1])) for row in rows]
    except (ValueError, TypeError, KeyError, IndexError, RecursionError) as error:
        raise CentreError("geometry cannot be read", mend=mend) from error
    return geojson(kind, points)


def bounds(geometry: str) -> tuple[float, float, float, float]:
    """Return west, south, east, north of a checked geometry."""
    points, _ = _points(geometry)
    lon, lat = zip(*points, strict=True)
    return min(lon), min(lat), max(lon), max(lat)


def meets(one: str | None, other: str) -> bool:
    """Return whether two checked geometries have a point in common (degrees taken as plane).

    Examples
    --------
    >>> line = geojson("LineString", [(8.0, 47.0), (9.0, 47.0)])
    >>> meets(line, box(8.4, 46.0, 8.6, 48.0)), meets(line, box(8.4, 47.5, 8.6, 48.0))
    (True, False)
    """
    if one is None:
        return False
    a, a_filled = _points(one)
    b, b_filled = _points(other)
    if (a_filled and _inside(b[0], a)) or (b_filled and _inside(a[0], b)):
        return True
    return any(_cross(*s, *t) for s in _segments(a) for t in _segments(b))


def _points(geometry: str) -> tuple[list[Point], bool]:
    told = json.loads(geometry)
    inside = told["coordinates"]
    if told["type"] == "Polygon":
        return inside[0], True
    return ([inside] if told["type"] == "Point" else inside), False


def _segments(points: list[Point]) -> list[tuple[Point, Point]]:
    if len(points) == 1:
        return [(points[0], points[0])]
    return list(pairwise(points))


def _inside(p: Point, ring: list[Point]) -> bool:
    """Return whether a point is in a ring, by the number of edges east of it."""
    odd = False
    for (x0, y0), (x1, y1) in _segments(ring):
        if (y0 > p[1]) != (y1 > p[1]) and p[0] < x0 + (p[1] - y0) * (x1 - x0) / (y1 - y0):
            odd = not odd
    return odd


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Return whether two segments (or points) touch."""
    if max(a[0], b[0]) < min(c[0], d[0]) or max(c[0], d[0]) < min(a[0], b[0]):
        return False
    if max(a[1], b[1]) < min(c[1], d[1]) or max(c[1], d[1]) < min(a[1], b[1]):
        return False
    return _turn(a, b, c) * _turn(a, b, d) <= 0.0 and _turn(c, d, a) * _turn(c, d, b) <= 0.0


def _turn(a: Point, b: Point, c: Point) -> float:
    value = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    return float((value > 0.0) - (value < 0.0))
