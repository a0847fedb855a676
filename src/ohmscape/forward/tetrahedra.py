r"""Matrices of quadratic tetrahedra for ``div(sigma grad u)``, sigma one number per cell.

The matrix of the ground is a sum, ``A = sum over cells of sigma_c K_c``. Each ``K_c`` is made once
per mesh, for sigma = 1: ten shape functions, curved geometry (Zienkiewicz, Taylor and Zhu, 2013,
ch. 6), and for cells on the outer boundary the mixed condition as part of ``K_c`` (Dey and
Morrison, 1979): current leaves there as if it came from one place. All other faces insulate.

Symmetric matrices are kept as their lower triangles, row after row: 55 numbers for ten nodes.
"""

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from ohmscape.core.types import Floats, Integers
from ohmscape.errors import SimulationError
from ohmscape.forward.threads import in_threads
from ohmscape.kernels import kernel
from ohmscape.mesh.volume import VolumeMesh, shape_slopes

NODES = 10  #: of a cell
PACKED = 55  #: numbers of a symmetric matrix of ten rows
INNER = 9  #: rank of a cell's matrix that knows no outer boundary: constants carry no current
BLOCKS = 16  #: of cells, shared between threads

_OFF = 0.447213595499958  # 1 / sqrt(5)
_POINTS = np.full((4, 4), (1.0 - _OFF) / 4.0) + _OFF * np.eye(4)  # exact for quadratic polynomials
_SLOPES = np.ascontiguousarray(shape_slopes(_POINTS))
_WEIGHTS = np.full(4, 1.0 / 24.0)


def _triangle_rule() -> tuple[Floats, Floats]:
    """Return barycentric coordinates and weights, exact for polynomials of degree 4."""
    a, b = 0.44594849091596488632, 0.09157621350977074346  # Dunavant, 1985, table II
    turn = [[0, 1, 2], [1, 2, 0], [2, 0, 1]]
    points = [np.array([1 - 2 * p, p, p])[t] for p in (a, b) for t in turn]
    weights = np.repeat([0.22338158967801146570, 0.10995174365532186764], 3) / 2.0
    return np.array(points), weights


def face_shapes(points: Floats) -> tuple[Floats, Floats]:
    """Return shape functions (n, 6) of a face, and their derivatives (n, 6, 2) from corner 0.

    Parameters
    ----------
    points : array, shape (n, 3)
        Barycentric coordinates.
    """
    slope = np.array([[-1.0, -1.0], [1.0, 0.0], [0.0, 1.0]])
    i, j = np.array([[0, 1], [1, 2], [2, 0]]).T
    value = np.hstack([points * (2 * points - 1), 4 * points[:, i] * points[:, j]])
    corner = (4 * points - 1)[:, :, None] * slope
    middle = 4 * (points[:, i, None] * slope[j] + points[:, j, None] * slope[i])
    return value, np.concatenate([corner, middle], axis=1)


@dataclass(frozen=True, eq=False)
class FacePoints:
    """Points of a quadrature over faces."""

    shapes: Floats  #: (n_points, 6) shape functions
    places: Floats  #: (n_faces, n_points, 3) m
    normals: (
        Floats  #: (n_faces, n_points, 3) outward, as long as the area the point stands for, m^2
    )

    @classmethod
    def of(
        cls, nodes: Floats, faces: Integers, rule: tuple[Floats, Floats] | None = None
    ) -> "FacePoints":
        """Return the points of a rule on faces, shape (n_faces, 6); by default one of degree 4."""
        points, weights = _triangle_rule() if rule is None else rule
        shapes, slopes = face_shapes(points)
        corners = nodes[faces]
        places = np.einsum("qi,fia->fqa", shapes, corners)
        along, across = np.einsum("qib,fia->bfqa", slopes, corners)
        normals = np.cross(along, across) * weights[:, None]
        return cls(shapes, places, normals)


@dataclass(frozen=True, eq=False)
class Elements:
    """The matrices of all cells, and where their numbers stand in the matrix of the ground.

    The pattern is that of the lower triangle, in compressed rows, columns increasing.
    """

    matrices: Floats  #: (n_cells, PACKED) for 1 S/m
    roots: Floats  #: (n_cells, PACKED) lower triangles L with K = L L'; see `roots_of`
    rank: Integers  #: (n_cells,) columns of L that are not 0, `INNER` or `NODES`
    order: Integers  #: (n_cells, NODES) nodes in the order of the rows of L
    indptr: Integers  #: (n_nodes + 1,)
    indices: Integers  #: (n_entries,)
    entry: NDArray[np.int32]  #: (n_cells, PACKED) entry of the pattern that each number adds to

    def assemble(self, conductivity: Floats) -> Floats:
        """Return the entries of the matrix, (n_entries,), for S/m of each cell, (n_cells,)."""
        values = np.zeros(len(self.indices))
        sigma = np.ascontiguousarray(conductivity, dtype=np.float64)
        _assemble(self.matrices, self.entry, sigma, values)
        return values


def elements_of(mesh: VolumeMesh, centre: Floats) -> Elements:
    """Return the matrices of the cells of a mesh.

    Parameters
    ----------
    mesh : VolumeMesh
    centre : array, shape (3,)
        x, y, z in m of the place that current seems to come from, seen from the outer faces.

    Raises
    ------
    SimulationError
        A cell is turned inside out.
    """
    nodes, cells = np.ascontiguousarray(mesh.nodes), np.ascontiguousarray(mesh.cells)
    matrices = _stiffness(nodes, cells)
    _add_outer(mesh, centre, matrices)
    indptr, indices = _pattern(len(nodes), cells)
    entry = np.empty((len(cells), PACKED), np.int32)
    _entries(cells, indptr, indices, entry)
    rank = np.full(len(cells), INNER)
    rank[mesh.outer_cells] = NODES
    roots = roots_of(matrices)
    order = np.ascontiguousarray(np.roll(cells, -1, axis=1))
    return Elements(matrices, roots, rank, order, indptr, indices, entry)


def _stiffness(nodes: Floats, cells: Integers) -> Floats:
    """Return the matrices of cells without their outer faces, shape (n_cells, PACKED)."""
    matrices = np.empty((len(cells), PACKED))
    share = np.linspace(0, len(cells), BLOCKS + 1).astype(np.int64)
    least = np.full(BLOCKS, np.inf)

    def fill(block: int) -> None:
        own = slice(share[block], share[block + 1])
        least[block] = _fill(nodes, cells[own], _SLOPES, _WEIGHTS, matrices[own])

    in_threads(fill, BLOCKS, numba.get_num_threads())
    if not least.min() > 0.0:
        raise SimulationError("a cell of the mesh is turned inside out", mend="make a finer mesh")
    return matrices


@kernel
def _fill(
    nodes: Floats, cells: Integers, slopes: Floats, weights: Floats, matrices: Floats
) -> float:
    """Compute the matrices of cells; return the least volume at a point of the quadrature."""
    least = np.inf
    gradient = np.empty((NODES, 3))
    for c in range(len(cells)):
        matrices[c] = 0.0
        for q in range(len(weights)):
            j = np.zeros((3, 3))
            for i in range(NODES):
                for a in range(3):
                    for b in range(3):
                        j[a, b] += nodes[cells[c, i], a] * slopes[q, i, b]
            x0 = j[1, 1] * j[2, 2] - j[1, 2] * j[2, 1]
            x1 = j[1, 2] * j[2, 0] - j[1, 0] * j[2, 2]
            x2 = j[1, 0] * j[2, 1] - j[1, 1] * j[2, 0]
            volume = j[0, 0] * x0 + j[0, 1] * x1 + j[0, 2] * x2
            least = min(least, volume)
            y0 = j[2, 1] * j[0, 2] - j[2, 2] * j[0, 1]
            y1 = j[2, 2] * j[0, 0] - j[2, 0] * j[0, 2]
            y2 = j[2, 0] * j[0, 1] - j[2, 1] * j[0, 0]
            z0 = j[0, 1] * j[1, 2] - j[0, 2] * j[1, 1]
            z1 = j[0, 2] * j[1, 0] - j[0, 0] * j[1, 2]
            z2 = j[0, 0] * j[1, 1] - j[0, 1] * j[1, 0]
            for i in range(NODES):
                s, t, u = slopes[q, i, 0], slopes[q, i, 1], slopes[q, i, 2]
                gradient[i, 0] = (x0 * s + x1 * t + x2 * u) / volume
                gradient[i, 1] = (y0 * s + y1 * t + y2 * u) / volume
                gradient[i, 2] = (z0 * s + z1 * t + z2 * u) / volume
            k = 0
            for i in range(NODES):
                for m in range(i + 1):
                    matrices[c, k] += (weights[q] * volume) * (
                        gradient[i, 0] * gradient[m, 0]
                        + gradient[i, 1] * gradient[m, 1]
                        + gradient[i, 2] * gradient[m, 2]
                    )
                    k += 1
    return least


def _add_outer(mesh: VolumeMesh, centre: Floats, matrices: Floats) -> None:
    r"""Add :math:`\int \cos\theta / r\, N_i N_j` over the outer faces to the cells behind them."""
    if len(mesh.outer_faces) == 0:
        return
    points = FacePoints.of(mesh.nodes, mesh.outer_faces)
    away = points.places - centre
    weight = np.einsum("fqa,fqa->fq", away, points.normals) / np.einsum("fqa,fqa->fq", away, away)
    face = np.einsum("fq,qi,qj->fij", weight, points.shapes, points.shapes)
    cells = mesh.cells[mesh.outer_cells]
    slot = np.argmax(mesh.outer_faces[:, :, None] == cells[:, None], axis=2)
    high = np.maximum(slot[:, :, None], slot[:, None])
    low = np.minimum(slot[:, :, None], slot[:, None])
    once = slot[:, :, None] >= slot[:, None]
    at = high * (high + 1) // 2 + low
    owner = np.broadcast_to(mesh.outer_cells[:, None, None], at.shape)
    np.add.at(matrices, (owner[once], at[once]), face[once])


def _pattern(n_nodes: int, cells: Integers) -> tuple[Integers, Integers]:
    """Return the rows of the lower triangle of a matrix that couples the nodes of each cell."""
    flat = cells.reshape(-1)
    around = np.argsort(flat, kind="stable") // NODES
    pointer = np.searchsorted(np.sort(flat), np.arange(n_nodes + 1))
    indptr = np.zeros(n_nodes + 1, dtype=np.int64)
    indices = np.empty(len(cells) * PACKED, dtype=np.int64)  # more than are needed
    _rows(cells, pointer, around, indptr, indices)
    return indptr, indices[: indptr[-1]].copy()


@kernel
def _rows(
    cells: Integers, pointer: Integers, around: Integers, indptr: Integers, indices: Integers
) -> None:
    """Collect the columns of each row, in order."""
    free = 0
    seen = np.full(len(pointer) - 1, -1, np.int64)
    for row in range(len(pointer) - 1):
        begin = free
        for k in range(pointer[row], pointer[row + 1]):
            for i in range(NODES):
                column = cells[around[k], i]
                if column <= row and seen[column] != row:
                    seen[column] = row
                    at = free
                    while at > begin and indices[at - 1] > column:
                        indices[at] = indices[at - 1]
                        at -= 1
                    indices[at] = column
                    free += 1
        indptr[row + 1] = free


@kernel
def _entries(
    cells: Integers, indptr: Integers, indices: Integers, entry: NDArray[np.int32]
) -> None:
    """Find where in the pattern each number of the cells' matrices belongs."""
    for c in range(len(cells)):
        k = 0
        for i in range(NODES):
            for j in range(i + 1):
                row, column = max(cells[c, i], cells[c, j]), min(cells[c, i], cells[c, j])
                low, high = indptr[row], indptr[row + 1]
                while high - low > 1:
                    middle = (low + high) // 2
                    if indices[middle] <= column:
                        low = middle
                    else:
                        high = middle
                entry[c, k] = low
                k += 1


@kernel
def _assemble(
    matrices: Floats, entry: NDArray[np.int32], conductivity: Floats, values: Floats
) -> None:
    for c in range(len(conductivity)):
        for k in range(PACKED):
            values[entry[c, k]] += conductivity[c] * matrices[c, k]


def roots_of(matrices: Floats) -> Floats:
    """Return lower triangles L with ``K = L L'``, rows in the order of nodes 1 to 9, then 0.

    Parameters
    ----------
    matrices : array, shape (n_cells, PACKED)
        Positive definite, or with constants as the only null space: then the last column is 0.

    Returns
    -------
    array, shape (n_cells, PACKED)
    """
    full = np.zeros((len(matrices), NODES, NODES))
    row, column = np.tril_indices(NODES)
    full[:, row, column] = matrices
    full[:, column, row] = matrices
    full = np.roll(full, (-1, -1), axis=(1, 2))
    lead = np.linalg.cholesky(full[:, :INNER, :INNER])
    last = np.linalg.solve(lead, full[:, :INNER, INNER:])[:, :, 0]
    rest = full[:, INNER, INNER] - (last**2).sum(axis=1)
    root = np.zeros_like(full)
    root[:, :INNER, :INNER] = lead
    root[:, INNER, :INNER] = last
    root[:, INNER, INNER] = np.sqrt(np.maximum(rest, 0.0))
    return np.ascontiguousarray(root[:, row, column])
