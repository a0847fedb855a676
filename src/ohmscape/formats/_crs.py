"""Coordinate systems by their EPSG code: their names, and whether metres are metres there."""

from ohmscape.errors import FormatError
from ohmscape.formats._needs import needed


def system_of(epsg: int) -> tuple[str, str]:
    """Return name and definition (well-known text 1) of a coordinate system in metres.

    Raises
    ------
    FormatError
        No such code, its places are not in metres, or pyproj is not installed.
    """
    needed("pyproj", extra="geo")
    import pyproj
    from pyproj.exceptions import CRSError

    where = f"EPSG:{epsg}"
    mend = "give the code of a projected system in metres, e.g. 25832"
    try:
        system = pyproj.CRS.from_epsg(epsg)
        definition = system.to_wkt("WKT1_GDAL")
    except CRSError as error:
        raise FormatError("no coordinate system", where=where, mend=mend) from error
    if not system.is_projected or any(axis.unit_name != "metre" for axis in system.axis_info[:2]):
        raise FormatError(
            f"{system.name}: places there are not in metres, those of electrodes are",
            where=where,
            mend=mend,
        )
    return system.name, definition
