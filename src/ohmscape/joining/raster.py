"""Ground heights from a raster: GeoTIFF or ESRI ASCII grid, read by GDAL."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ohmscape.core.types import Booleans, Floats
from ohmscape.errors import FormatError, OhmscapeError, SurveyError
from ohmscape.joining.coordinates import transformed

TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")  #: how a TIFF begins
CORNERS = np.array([[0.0, 1.0, 0.0, 1.0], [0.0, 0.0, 1.0, 1.0]])
MOST = 50_000_000  #: cells read at once
FEET = {"ft": 0.3048, "foot": 0.3048, "us survey foot": 1200.0 / 3937.0, "us-ft": 1200.0 / 3937.0}
SUFFIXES = (".tif", ".tiff", ".asc", ".agr")


def is_raster(path: Path) -> bool:
    """Return whether a file's name says that it is a raster."""
    return path.suffix.lower() in SUFFIXES


def heights(
    path: Path, xy: Floats, names: Sequence[str], *, crs: str | None = None
) -> tuple[Floats, float]:
    """Return heights of a raster at places, bilinear between the centres of its cells.

    Parameters
    ----------
    path : Path
    xy : array, shape (n, 2)
        Map coordinates in m.
    names : sequence of str
        What each place is called in errors.
    crs : str, optional
        System of `xy`; that of the raster if left out.

    Returns
    -------
    z : array, shape (n,)
        m. Between the outermost centres and the edge, half a cell, the height is that of the
        outermost cells.
    cell : float
        Length of a cell in the units of `xy`.

    Raises
    ------
    FormatError
        Not a raster of these kinds, without places, or too big.
    SurveyError
        Places outside of it or where it has no height, by name.
    """
    rasterio = _rasterio()
    try:
        with rasterio.open(path, driver=_driver(path)) as source:
            return _sampled(rasterio, source, path, xy, names, crs)
    except rasterio.errors.RasterioIOError as error:
        raise FormatError(
            f"is no raster that can be read: {error}",
            where=str(path),
            mend="give a GeoTIFF (.tif) or an ESRI ASCII grid (.asc)",
        ) from error


def _driver(path: Path) -> str:
    """Return the reader of GDAL for a file: only those that open nothing but that file.

    Raises
    ------
    FormatError
        The file cannot be opened.
    """
    try:
        with path.open("rb") as stream:
            return "GTiff" if stream.read(4) in TIFF else "AAIGrid"
    except OSError as error:
        raise FormatError(
            f"cannot be read: {error.strerror or error}", where=str(path), mend="check the name"
        ) from error


def _indices(source: Any, xy: Floats) -> tuple[Floats, Floats]:
    """Return fractional column and row of places, both (n,)."""
    a, b, c, d, e, f = tuple(~source.transform)[:6]
    x, y = xy.T
    return a * x + b * y + c, d * x + e * y + f


def _sampled(
    rasterio: Any, source: Any, path: Path, xy: Floats, names: Sequence[str], crs: str | None
) -> tuple[Floats, float]:
    if source.transform.is_identity:
        raise FormatError(
            "raster without places: nothing says where its cells are",
            where=str(path),
            mend="export it with its georeference (world file, GeoTIFF tags)",
        )
    own = None if source.crs is None else source.crs.to_wkt()
    there = xy
    if crs is not None and own is not None:
        there = transformed(np.column_stack([xy, np.zeros(len(xy))]), crs, own).points[:, :2]
    column, row = _indices(source, there)
    outside = ~((column >= 0) & (column <= source.width) & (row >= 0) & (row <= source.height))
    a, b, c, d, e, f = tuple(source.transform)[:6]
    x = c + a * source.width * CORNERS[0] + b * source.height * CORNERS[1]
    y = f + d * source.width * CORNERS[0] + e * source.height * CORNERS[1]
    _refuse(
        outside, names, path, "outside of the raster",
        f"it covers x {x.min():.0f} to {x.max():.0f}, y {y.min():.0f} to {y.max():.0f}; "
        "give --crs, or --gps if the file has distances along the line",
    )  # fmt: skip
    z, missing = _bilinear(rasterio, source, path, column - 0.5, row - 0.5)
    _refuse(missing, names, path, "where the raster has no height", "fill the gaps of the raster")
    unit = (source.units[0] or "").lower()
    return z * FEET.get(unit, 1.0), _cell(source, xy, there)


def _bilinear(
    rasterio: Any, source: Any, path: Path, column: Floats, row: Floats
) -> tuple[Floats, Booleans]:
    """Return heights at fractional indices of cell centres, and where there are none."""
    column = np.clip(column, 0.0, source.width - 1.0)
    row = np.clip(row, 0.0, source.height - 1.0)
    j0, i0 = int(column.min()), int(row.min())
    j1, i1 = int(column.max()) + 2, int(row.max()) + 2
    j1, i1 = min(j1, source.width), min(i1, source.height)
    if (j1 - j0) * (i1 - i0) > MOST:
        raise FormatError(
            f"{(j1 - j0) * (i1 - i0) / 1e6:.0f} million cells lie around the line",
            where=str(path), mend="cut the raster, or make it coarser",
        )  # fmt: skip
    window = rasterio.windows.Window(j0, i0, j1 - j0, i1 - i0)
    band = source.read(1, window=window, masked=True).astype(np.float64)
    values = band.filled(np.nan) * source.scales[0] + source.offsets[0]
    j = np.minimum(column.astype(np.int64) - j0, max(values.shape[1] - 2, 0))
    i = np.minimum(row.astype(np.int64) - i0, max(values.shape[0] - 2, 0))
    u, v = column - j0 - j, row - i0 - i
    z, share = np.zeros(len(column)), np.zeros(len(column))
    for di, dj, weight in (
        (0, 0, (1 - u) * (1 - v)), (0, 1, u * (1 - v)), (1, 0, (1 - u) * v), (1, 1, u * v),
    ):  # fmt: skip
        used = weight > 0.0  # a gap that has no weight does not matter
        part = values[
            np.minimum(i + di, values.shape[0] - 1), np.minimum(j + dj, values.shape[1] - 1)
        ]
        z += np.where(used, weight * part, 0.0)
        share += weight
    return z, ~np.isfinite(z)


def _cell(source: Any, xy: Floats, there: Floats) -> float:
    """Return the length of a cell in m: of the line's own coordinates per cell that it crosses."""
    a = source.transform
    length = float(np.sqrt(abs(a.a * a.e - a.b * a.d)))
    if there is xy or len(xy) < 2:
        return length
    steps = np.hypot(*np.diff(xy, axis=0).T).sum()
    cells = np.hypot(*np.diff(np.column_stack(_indices(source, there)), axis=0).T).sum()
    return float(steps / cells) if cells > 0.0 else length


def _refuse(bad: Booleans, names: Sequence[str], path: Path, what: str, mend: str) -> None:
    if bad.any():
        which = np.flatnonzero(bad)
        some = ", ".join(names[i] for i in which[:5])
        more = f" and {len(which) - 5} more" if len(which) > 5 else ""
        raise SurveyError(f"{some}{more} {what}", where=str(path), mend=mend)


def _rasterio() -> Any:
    try:
        import rasterio
        import rasterio.errors
        import rasterio.windows
    except ImportError as error:
        raise OhmscapeError(
            "rasters of ground heights need rasterio", mend="pip install 'ohmscape[geo]'"
        ) from error
    return rasterio
