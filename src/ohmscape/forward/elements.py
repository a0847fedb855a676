r"""Matrices of quadratic cells for ``div(c grad u) - k^2 c u`` with c = 1, many k at once.

Each cell of a `Mesh` gives a symmetric matrix per k (a lane) over its own nodes. Nodes inside a
cell (the centre of a quadrilateral, three nodes of a transition) are eliminated here, once per
mesh, since the whole matrix of a cell is proportional to its coefficient.

Shape functions: nine-node Lagrange quadrilaterals with bilinear geometry, six-node straight
triangles (Zienkiewicz, Taylor and Zhu, 2013, ch. 6). A transition is two nine-node
quadrilaterals side by side whose common bottom edge is held to one quadratic.
"""

from dataclasses import dataclass

import numba
import numpy as np

from ohmscape.core.types import Floats, Integers
from ohmscape.forward.bessel import scaled_bessel
from ohmscape.forward.lanes import LANES
from ohmscape.forward.threads import in_threads
from ohmscape.kernels import inner_kernel, kernel
from ohmscape.mesh.mesh import Mesh


def _gauss(n: int) -> tuple[Floats, Floats]:
    """Return points and weights of Gauss's rule between 0 and 1."""
    points, weights = np.polynomial.legendre.leggauss(n)
    return (points + 1) / 2, weights / 2


BLOCKS = 8  #: of cells, shared between threads
ALIKE = 1e-9  #: of a cell's size: shapes that differ by less are the same
_MIX = np.random.default_rng(5).integers(1 << 62, size=11) * 2 + 1


@dataclass(frozen=True, eq=False)
class CellMatrices:
    """Matrices of all cells and lanes for a unit coefficient.

    Entry i, j of cell c in lane l stands at ``values[offset[c] + (i * n + j) * LANES + l]``,
    n the number of nodes of the cell. Cells of one shape share one matrix.
    """

    values: Floats
    offset: Integers  #: (n_cells,)


def cell_matrices(mesh: Mesh, k: Floats, centre: Floats) -> CellMatrices:
    """Return the matrices of all cells, with the mixed condition on the outer edges.

    Parameters
    ----------
    mesh : Mesh
    k : array, shape (LANES,)
        Wavenumbers in 1/m, positive.
    centre : array, shape (2,)
        x, z in m of the place that current seems to come from, seen from the outer edges.
    """
    host, slot = _hosts(mesh)
    cells, shape = _shapes(mesh, host)
    size = np.diff(mesh.cell_pointer)
    offset = np.concatenate([[0], np.cumsum(size[cells] ** 2 * LANES)])
    values = np.empty(offset[-1])
    share = np.linspace(0, len(cells), BLOCKS + 1).astype(np.int64)

    def fill(block: int) -> None:
        own = slice(share[block], share[block + 1])
        _fill_cells(
            cells[own],
            mesh.nodes,
            mesh.cell_pointer,
            mesh.cell_nodes,
            offset[own],
            k,
            *_TABLES,
            values,
        )

    in_threads(fill, BLOCKS, numba.get_num_threads())
    edge = _outer_matrices(mesh, k, centre)
    n = size[host, None, None]
    at = offset[shape[host], None, None]
    first = at + (slot[:, :, None] * n + slot[:, None, :]) * LANES
    np.add.at(values, first[..., None] + np.arange(LANES), edge)
    return CellMatrices(values, offset[shape])


def _shapes(mesh: Mesh, alone: Integers) -> tuple[Integers, Integers]:
    """Return one cell of each shape, and for each cell which of these it is like.

    On a flat line with even spacing most cells are copies of a few; so are the four parts of a
    rectangle. Two cells are alike if they agree to `ALIKE` of their size; those that are to stay
    `alone` are like no other.
    """
    outline = mesh.outlines()
    beside = (outline[:, 1:] - outline[:, :1]).reshape(len(mesh), -1)
    _, exponent = np.frexp(np.abs(beside).max(axis=1))
    key = np.empty((len(mesh), 11), dtype=np.int64)
    key[:, :8] = np.rint(np.ldexp(beside, -exponent[:, None]) / ALIKE)
    key[:, 8] = exponent
    key[:, 9] = np.diff(mesh.cell_pointer)
    key[:, 10] = 0
    key[alone, 10] = 1 + alone
    # One number instead of eleven: two shapes share one with a probability of n^2 / 2^65.
    code = key @ _MIX
    _, cells, shape = np.unique(code, return_index=True, return_inverse=True)
    return cells, shape


def _line_shapes(t: Floats) -> tuple[Floats, Floats]:
    """Values and slopes of the three quadratic shape functions at 0, 1/2, 1; shape (n, 3)."""
    value = np.stack([(1 - t) * (1 - 2 * t), 4 * t * (1 - t), t * (2 * t - 1)], axis=1)
    slope = np.stack([4 * t - 3, 4 - 8 * t, 4 * t - 1], axis=1)
    return value, slope


def _square_tables() -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Shape functions of the nine-node square at the nine Gauss points.

    Nodes are numbered i * 3 + j, i along x and j upwards. Returned are points (9, 2),
    weights (9,), values, x-slopes and z-slopes (9, 9).
    """
    points, weights = _gauss(3)
    value, slope = _line_shapes(points)
    x, z = np.meshgrid(points, points, indexing="ij")
    n = len(points)
    pick = (np.repeat(np.arange(n), n), np.tile(np.arange(n), n))

    def product(along: Floats, up: Floats) -> Floats:
        return np.ascontiguousarray(
            (along[pick[0], :, None] * up[pick[1], None, :]).reshape(n * n, 9)
        )

    weight = np.outer(weights, weights).ravel()
    return (
        np.stack([x.ravel(), z.ravel()], axis=1),
        weight,
        product(value, value),
        product(slope, value),
        product(value, slope),
    )


def _triangle_tables() -> tuple[Floats, Floats]:
    """Exact integrals over a triangle of area 1, in barycentric coordinates b0, b1, b2.

    Returns the mass (6, 6) and the stiffness (3, 3, 6, 6): entry [p, q, i, j] multiplies
    grad b_p . grad b_q.
    """
    a, b = 0.445948490915965, 0.091576213509771  # Dunavant (1985), degree 4
    wa, wb = 0.223381589678011, 0.109951743655322
    points = [(a, a), (a, 1 - 2 * a), (1 - 2 * a, a), (b, b), (b, 1 - 2 * b), (1 - 2 * b, b)]
    mass, stiffness = np.zeros((6, 6)), np.zeros((3, 3, 6, 6))
    for (p0, p1), w in zip(points, [wa] * 3 + [wb] * 3, strict=True):
        L = np.array([p0, p1, 1 - p0 - p1])
        value = np.array([*(L * (2 * L - 1)), 4 * L[0] * L[1], 4 * L[1] * L[2], 4 * L[2] * L[0]])
        slope = np.zeros((3, 6))
        for p in range(3):
            slope[p, p] = 4 * L[p] - 1
            slope[p, 3 + p] = 4 * L[(p + 1) % 3]
            slope[p, 3 + (p + 2) % 3] = 4 * L[(p + 2) % 3]
        mass += w * np.outer(value, value)
        stiffness += w * np.einsum("pi,qj->pqij", slope, slope)
    return mass, stiffness


_TABLES = (*_square_tables(), *_triangle_tables())

# Nine-node numbering (i * 3 + j) of the eight nodes of QUADRILATERAL, then the centre.
_TRIANGLE_ORDER = np.arange(6)
_QUAD_ORDER = np.array([0, 6, 8, 2, 3, 7, 5, 1, 4])
# Fifteen-node numbering (i * 3 + j, i = 0..4) of the ten nodes of TRANSITION, then the inner
# ones, then the two bottom nodes that are tied to the bottom edge.
_TRANSITION_ORDER = np.array([0, 12, 14, 2, 6, 13, 11, 8, 5, 1, 4, 7, 10, 3, 9])
# The tied nodes at a quarter and three quarters of the bottom edge, whose own nodes are _EDGE.
_EDGE = np.array([0, 1, 4])
_SHARE = np.array([[0.375, -0.125, 0.75], [-0.125, 0.375, 0.75]])


@inner_kernel
def _add_square(
    corner: Floats,
    first: int,
    points: Floats,
    weight: Floats,
    value: Floats,
    along: Floats,
    up: Floats,
    stiff: Floats,
    mass: Floats,
) -> None:
    """Add one nine-node square, nodes first .. first + 8, to the cell's matrices."""
    for g in range(len(weight)):
        s, t = points[g, 0], points[g, 1]
        xs = (corner[1, 0] - corner[0, 0]) * (1 - t) + (corner[2, 0] - corner[3, 0]) * t
        zs = (corner[1, 1] - corner[0, 1]) * (1 - t) + (corner[2, 1] - corner[3, 1]) * t
        xt = (corner[3, 0] - corner[0, 0]) * (1 - s) + (corner[2, 0] - corner[1, 0]) * s
        zt = (corner[3, 1] - corner[0, 1]) * (1 - s) + (corner[2, 1] - corner[1, 1]) * s
        det = abs(xs * zt - xt * zs)
        w = weight[g]
        ss = (zt * zt + xt * xt) / det * w
        tt = (zs * zs + xs * xs) / det * w
        st = -(zt * zs + xt * xs) / det * w
        for i in range(9):
            di = ss * along[g, i] + st * up[g, i]
            ei = st * along[g, i] + tt * up[g, i]
            mi = det * w * value[g, i]
            for j in range(i + 1):
                stiff[first + i, first + j] += di * along[g, j] + ei * up[g, j]
                mass[first + i, first + j] += mi * value[g, j]


@inner_kernel
def _triangle(
    corner: Floats, mass_table: Floats, stiffness_table: Floats, stiff: Floats, mass: Floats
) -> None:
    """Fill the matrices of one six-node triangle."""
    twice = (corner[1, 0] - corner[0, 0]) * (corner[2, 1] - corner[0, 1]) - (
        corner[2, 0] - corner[0, 0]
    ) * (corner[1, 1] - corner[0, 1])
    area = abs(twice) / 2
    for i in range(6):
        for j in range(i + 1):
            total = 0.0
            for p in range(3):
                for q in range(3):
                    px = corner[(p + 1) % 3, 1] - corner[(p + 2) % 3, 1]
                    pz = corner[(p + 2) % 3, 0] - corner[(p + 1) % 3, 0]
                    qx = corner[(q + 1) % 3, 1] - corner[(q + 2) % 3, 1]
                    qz = corner[(q + 2) % 3, 0] - corner[(q + 1) % 3, 0]
                    total += stiffness_table[p, q, i, j] * (px * qx + pz * qz)
            stiff[i, j] = total / (4 * area)
            mass[i, j] = area * mass_table[i, j]


@inner_kernel
def _tie_bottom(full: Floats) -> None:
    """Express the two tied bottom nodes (last rows) of a transition by its bottom edge."""
    for t in range(2):
        tied = 14 - t
        n = tied
        own = full[tied, tied]
        for a in range(3):
            f = _SHARE[1 - t, a]
            for j in range(n):
                full[_EDGE[a], j] += f * full[tied, j]
                full[j, _EDGE[a]] += f * full[tied, j]
        for a in range(3):
            for b in range(3):
                full[_EDGE[a], _EDGE[b]] += _SHARE[1 - t, a] * _SHARE[1 - t, b] * own


@inner_kernel
def _arrange(half: Floats, order: Integers, total: int, out: Floats) -> None:
    """Write both halves of a matrix, given in its lower half, in another order of nodes."""
    for i in range(total):
        for j in range(total):
            a, b = order[i], order[j]
            out[i, j] = half[a, b] if a >= b else half[b, a]


@inner_kernel
def _eliminate(full: Floats, n: int, keep: int) -> None:
    """Eliminate nodes n - 1 down to keep from symmetric matrices, lane innermost."""
    share = np.empty(LANES)
    for p in range(n - 1, keep - 1, -1):
        for i in range(p):
            for lane in range(LANES):
                share[lane] = full[i, p, lane] / full[p, p, lane]
            for j in range(p):
                for lane in range(LANES):
                    full[i, j, lane] -= share[lane] * full[p, j, lane]


@kernel
def _fill_cells(
    cells: Integers,
    nodes: Floats,
    pointer: Integers,
    cell_nodes: Integers,
    offset: Integers,
    k: Floats,
    points: Floats,
    weight: Floats,
    value: Floats,
    along: Floats,
    up: Floats,
    mass_table: Floats,
    stiffness_table: Floats,
    out: Floats,
) -> None:
    """Fill `out` with the matrices of some cells, each from its offset on; see `CellMatrices`."""
    stiff, mass, full = np.empty((15, 15)), np.empty((15, 15)), np.empty((13, 13, LANES))
    stiffness, inertia = np.empty((15, 15)), np.empty((15, 15))
    corner, half = np.empty((4, 2)), np.empty((4, 2))
    for which in range(len(cells)):
        first = pointer[cells[which]]
        n = pointer[cells[which] + 1] - first
        for i in range(15):
            for j in range(15):
                stiff[i, j] = 0.0
                mass[i, j] = 0.0
        for i in range(min(n, 4)):
            for axis in range(2):
                corner[i, axis] = nodes[cell_nodes[first + i], axis]
        inner, order = 0, _TRIANGLE_ORDER
        if n == 6:
            _triangle(corner, mass_table, stiffness_table, stiff, mass)
        else:
            inner, order, sides = 1, _QUAD_ORDER, 1
            if n == 10:
                inner, order, sides = 5, _TRANSITION_ORDER, 2
            for side in range(sides):  # of a transition the left half, then the right one
                for axis in range(2):
                    for i in range(4):
                        half[i, axis] = corner[i, axis]
                    if sides == 2:
                        half[1 - side, axis] = (corner[0, axis] + corner[1, axis]) / 2
                        half[2 + side, axis] = nodes[cell_nodes[first + 7], axis]
                _add_square(half, 6 * side, points, weight, value, along, up, stiff, mass)
        _arrange(stiff, order, n + inner, stiffness)
        _arrange(mass, order, n + inner, inertia)
        if n == 10:
            _tie_bottom(stiffness)
            _tie_bottom(inertia)
            inner = 3
        for i in range(n + inner):
            for j in range(n + inner):
                for lane in range(LANES):
                    full[i, j, lane] = stiffness[i, j] + k[lane] * k[lane] * inertia[i, j]
        _eliminate(full, n + inner, n)
        at = offset[which]
        for i in range(n):
            for j in range(n):
                for lane in range(LANES):
                    out[at + lane] = full[i, j, lane]
                at += LANES


def _hosts(mesh: Mesh) -> tuple[Integers, Integers]:
    """Return the cell that owns each outer edge, and where its nodes stand in it (n_edges, 3)."""
    owner = np.repeat(np.arange(len(mesh)), np.diff(mesh.cell_pointer))
    cell_of_node = np.empty(len(mesh.nodes), dtype=np.int64)
    cell_of_node[mesh.cell_nodes] = owner
    host = cell_of_node[mesh.outer_edges[:, 1]]  # the middle of an outer edge has one cell only
    slot = np.empty_like(mesh.outer_edges)
    for e, cell in enumerate(host):
        own = mesh.cell_nodes[mesh.cell_pointer[cell] : mesh.cell_pointer[cell + 1]].tolist()
        slot[e] = [own.index(node) for node in mesh.outer_edges[e].tolist()]
    return host, slot


def _outer_matrices(mesh: Mesh, k: Floats, centre: Floats) -> Floats:
    r"""Return the (n_edges, 3, 3, LANES) matrices of the mixed condition on the outer edges.

    The field of a source at `centre` in a homogeneous half-space falls off as K0(k r), so that
    du/dn = -k K1(k r)/K0(k r) cos(r, n) u there (Dey and Morrison, 1979, eq. 21).
    """
    ends = mesh.nodes[mesh.outer_edges]  # n_edges, 3, 2
    along = ends[:, 2] - ends[:, 0]
    length = np.hypot(along[:, 0], along[:, 1])
    normal = np.stack([along[:, 1], -along[:, 0]], axis=1) / length[:, None]
    place, weights = _gauss(4)
    points = ends[:, None, 0] + place[None, :, None] * along[:, None]
    ray = points - centre
    distance = np.hypot(ray[..., 0], ray[..., 1])
    cosine = np.abs((ray * normal[:, None]).sum(axis=2)) / distance
    z = distance[..., None] * k
    k0, k1 = scaled_bessel(z)
    rate = k * k1 / k0 * cosine[..., None]  # n_edges, n_gauss, LANES
    value, _ = _line_shapes(place)
    weight = weights[None, :, None] * length[:, None, None] * rate
    matrices: Floats = np.einsum("egl,gi,gj->eijl", weight, value, value)
    return matrices
