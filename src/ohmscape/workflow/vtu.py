"""model.vtu: the section as an unstructured grid for ParaView and the like, written by hand."""

import base64
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import quoteattr

import numpy as np
from numpy.typing import NDArray

from ohmscape.arrays.ground import points
from ohmscape.core.types import Floats, Integers
from ohmscape.inversion.result import InversionResult
from ohmscape.viz.outlines import polygons

VTK_KIND = {3: 5, 4: 9, 5: 7}  #: corners: triangle, quad, polygon
_TYPES = {"f": "Float64", "i": "Int64", "u": "UInt8"}


def model_vtu(result: InversionResult) -> bytes:
    """Return the cells of the section with resistivity, investigation, coverage and number.

    Points are x, y, z of the map, z up, so that several lines stand where they were measured.
    Cells of the padding are left out. Where a cell's value is known, not inverted (water, a fixed
    region), its parameter is -1, its index of investigation 0 and its coverage NaN.
    """
    group = result.parameters
    mesh, cells = group.mesh, group.core
    corners, count = polygons(mesh, cells)
    keep = np.arange(corners.shape[1]) < count[:, None]
    used, packed = np.unique(corners[keep], return_inverse=True)
    place = points(result.prepared.setting.line, *mesh.nodes[used].T)
    values = {
        "resistivity": result.model.resistivity[cells],
        "depth_of_investigation": group.to_cells(result.depth_of_investigation, 0.0)[cells],
        "coverage": group.to_cells(result.coverage)[cells],
        "parameter": group.of_cell[cells],
    }
    kinds = np.array([VTK_KIND[int(n)] for n in count], dtype=np.uint8)
    return unstructured(place, packed.ravel(), np.cumsum(count), kinds, values)


def unstructured(
    places: Floats,
    connectivity: Integers,
    offsets: Integers,
    kinds: NDArray[np.uint8],
    values: Mapping[str, NDArray[Any]],
) -> bytes:
    """Return an unstructured grid as a VTU file.

    Parameters
    ----------
    places : array, shape (n_points, 3)
        m
    connectivity : array of int
        Points of the cells, cell after cell.
    offsets : array of int, shape (n_cells,)
        Where each cell ends in `connectivity`.
    kinds : array of uint8, shape (n_cells,)
        VTK's numbers of the kinds of cells.
    values : mapping
        Names and values of the cells, (n_cells,) each.
    """
    lines = [
        '<?xml version="1.0"?>',
        '<VTKFile type="UnstructuredGrid" version="1.0" byte_order="LittleEndian"'
        ' header_type="UInt64">',
        "<UnstructuredGrid>",
        f'<Piece NumberOfPoints="{len(places)}" NumberOfCells="{len(offsets)}">',
        "<Points>", _array("Points", places), "</Points>",
        "<Cells>",
        _array("connectivity", connectivity), _array("offsets", offsets), _array("types", kinds),
        "</Cells>",
        '<CellData Scalars="resistivity">',
        *(_array(n, v) for n, v in values.items()), "</CellData>",
        "</Piece>", "</UnstructuredGrid>", "</VTKFile>", "",
    ]  # fmt: skip
    return "\n".join(lines).encode("ascii")


def _array(name: str, values: NDArray[np.generic]) -> str:
    """Return an array as XML: a count of bytes and the bytes, in base64."""
    kind = _TYPES[values.dtype.kind]
    raw = np.ascontiguousarray(values, dtype=np.dtype(kind.lower()).newbyteorder("<")).tobytes()
    text = base64.b64encode(len(raw).to_bytes(8, "little") + raw).decode("ascii")
    components = f' NumberOfComponents="{values.shape[1]}"' if values.ndim == 2 else ""
    return (
        f'<DataArray type="{kind}" Name={quoteattr(name)}{components} format="binary">'
        f"{text}</DataArray>"
    )
