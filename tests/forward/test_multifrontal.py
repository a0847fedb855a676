"""Eight sparse matrices at once: inverse, fields and sensitivities against plain linear algebra."""

from dataclasses import dataclass

import numba
import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.linalg import splu

from ohmscape.errors import SimulationError
from ohmscape.forward.lanes import LANES
from ohmscape.forward.multifrontal import factorise, fields, terminal_inverse
from ohmscape.forward.ordering import NOBODY
from ohmscape.forward.sensitivity import sensitivities
from ohmscape.forward.symbolic import FIRST, PARENT, WIDE, analyse

pytestmark = pytest.mark.kernel

SMALL = numba.config.DISABLE_JIT  # plain Python is slow: the same tests on a smaller mesh
SIZE = (3, 2) if SMALL else (13, 6)


@dataclass(frozen=True)
class Problem:
    """Cells with random positive definite matrices."""

    n_nodes: int
    cells: list
    centres: np.ndarray
    corners: np.ndarray  # (columns + 1, rows + 1) nodes at the corners of the grid
    matrices: np.ndarray
    offset: np.ndarray
    scale: np.ndarray

    @property
    def pointer(self):
        return np.cumsum([0, *map(len, self.cells)])

    def analyse(self, terminals, **options):
        nodes = np.concatenate(self.cells)
        return analyse(self.n_nodes, self.pointer, nodes, self.centres, terminals, **options)

    def solve(self, terminals, lane):
        """Return the fields of the terminals, shape (n_nodes, n_terminals)."""
        at = np.concatenate([np.repeat(c, len(c)) for c in self.cells])
        to = np.concatenate([np.tile(c, len(c)) for c in self.cells])
        entries = [
            s * self.matrices[o : o + len(c) ** 2 * LANES].reshape(-1, LANES)[:, lane]
            for s, o, c in zip(self.scale, self.offset, self.cells, strict=True)
        ]
        matrix = coo_array((np.concatenate(entries), (at, to)), shape=(self.n_nodes,) * 2)
        return splu(matrix.tocsc()).solve(np.eye(self.n_nodes)[:, terminals])


def problem(*, mixed=False, size=SIZE, seed=0):
    """Return quadratic quadrilaterals, or these with triangles and cells of ten nodes between."""
    rng = np.random.default_rng(seed)
    nx, nz = size
    number = {}

    def node(*place):
        return number.setdefault(place, len(number))

    cells, centres = [], []
    for i in range(nx):
        for j in range(nz):
            x, z = 2 * i, 2 * j
            ring = [node(x + dx, z + dz) for dx, dz in
                    [(0, 0), (2, 0), (2, 2), (0, 2), (1, 0), (2, 1), (1, 2), (0, 1)]]  # fmt: skip
            kind = rng.integers(3) if mixed else 1
            if kind == 0:
                middle = node(x + 1, z + 1)
                cells += [[*ring[:3], ring[4], ring[5], middle]]
                cells += [[ring[0], *ring[2:4], middle, ring[6], ring[7]]]
                centres += [(i + 0.6, j + 0.4), (i + 0.4, j + 0.6)]
                continue
            extra = [] if kind == 1 else [node(x + 0.5, z + 2, "extra"), node(x + 1.5, z + 2)]
            cells.append(ring + extra)
            centres.append((i + 0.5, j + 0.5))
    matrices, offset = [], []
    for cell in cells:
        n = len(cell)
        root = rng.normal(size=(n, n, LANES))
        offset.append(sum(map(len, matrices)))
        matrix = np.einsum("ikl,jkl->ijl", root, root) + 0.1 * np.eye(n)[:, :, None]
        matrices.append(matrix.ravel())
    offset[2] = next(o for o, c in zip(offset, cells, strict=True) if len(c) == len(cells[2]))
    return Problem(
        len(number),
        [np.array(c) for c in cells],
        np.array(centres),
        np.array([[number[2 * i, 2 * j] for j in range(nz + 1)] for i in range(nx + 1)]),
        np.concatenate(matrices),
        np.array(offset),
        np.exp(rng.normal(size=len(cells))),
    )


def surface(p):
    return p.corners[::-1, -1]


def inside(p):
    return p.corners[1:-1, 1]


def boreholes(p):
    return np.concatenate([p.corners[1], p.corners[-2]])


def one(p):
    return p.corners[1, :1]


@pytest.mark.parametrize("mixed", [False, True], ids=["quadrilaterals", "mixed"])
@pytest.mark.parametrize("place", [surface, inside, boreholes, one])
@pytest.mark.parametrize(("leaf", "threads"), [(1, 1), (3, 2), (10, 5), (1000, 1)])
def test_inverse_and_fields_agree_with_sparse_solves(mixed, place, leaf, threads):
    p = problem(mixed=mixed)
    terminals = place(p)
    symbolic = p.analyse(terminals, leaf=leaf, threads=threads)
    factor = factorise(symbolic, p.matrices, p.offset, p.scale, precision=np.float64)
    inverse, solution = terminal_inverse(factor), fields(factor).at_nodes()
    assert inverse.shape == (len(terminals), len(terminals), LANES)
    for lane in range(LANES):
        expected = p.solve(terminals, lane)
        tolerance = 1e-10 * np.abs(expected).max()
        np.testing.assert_allclose(inverse[:, :, lane], expected[terminals], atol=tolerance)
        np.testing.assert_allclose(solution[:, :, lane], expected, atol=tolerance)
    np.testing.assert_array_equal(inverse, inverse.transpose(1, 0, 2))


def test_single_precision_touches_the_fields_only():
    p = problem(mixed=True)
    symbolic = p.analyse(surface(p), threads=2)
    double = factorise(symbolic, p.matrices, p.offset, p.scale, precision=np.float64)
    single = factorise(symbolic, p.matrices, p.offset, p.scale)
    np.testing.assert_array_equal(terminal_inverse(single), terminal_inverse(double))
    expected, got = fields(double).at_nodes(), fields(single).at_nodes()
    largest = np.abs(expected).max(axis=0)
    error = np.abs(got - expected).max(axis=0) / largest
    assert 1e-9 < error.max() < 3e-6


def test_old_memory_is_taken_over_and_leaves_no_trace():
    p = problem()
    terminals = surface(p)
    symbolic = p.analyse(terminals, threads=2)
    old = factorise(symbolic, p.matrices, p.offset, 0.01 * p.scale[::-1])
    old_fields = fields(old)
    factor = factorise(symbolic, p.matrices, p.offset, p.scale, old)
    solution = fields(factor, old_fields)
    assert factor.extension is old.extension
    assert solution.values is old_fields.values
    fresh = factorise(symbolic, p.matrices, p.offset, p.scale)
    np.testing.assert_array_equal(terminal_inverse(factor), terminal_inverse(fresh))
    np.testing.assert_array_equal(solution.at_nodes(), fields(fresh).at_nodes())


def test_separators_separate():
    """The nodes of a cell lie on one path from a leaf to the root."""
    p = problem(mixed=True)
    symbolic = p.analyse(inside(p), leaf=2, threads=1)
    begin, wide = symbolic.fronts[:, FIRST], symbolic.fronts[:, WIDE]
    assert len(np.unique(symbolic.position)) == p.n_nodes
    for cell in p.cells:
        at = symbolic.position[cell][:, None]
        owners = np.argmax((at >= begin) & (at < begin + wide), axis=1)
        path, front = set(), owners.max()
        while front != NOBODY:
            path.add(front)
            front = symbolic.fronts[front, PARENT]
        assert path.issuperset(owners)


def _groups(n_cells):
    """Two cells, none, one, and the rest."""
    return np.array([0, 2, 2, 3, n_cells]), np.random.default_rng(3).permutation(n_cells)


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("place", [surface, boreholes])
def test_sensitivities_agree_with_differences_of_the_inverse(place, threads):
    p = problem(mixed=True)
    terminals = place(p)
    symbolic = p.analyse(terminals, threads=threads, leaf=4)
    weights = np.linspace(0.5, 1.5, LANES)
    abmn = np.array([[0, 1, 2, 3], [3, 0, 1, 2], [1, -1, 2, 3], [-1, 2, 0, -1], [0, 1, 0, 1]])
    row_factor = np.array([1.0, -2.0, 3.0, 0.5, 1.0])
    pointer, members = _groups(len(p.cells))

    def readings(scale):
        factor = factorise(symbolic, p.matrices, p.offset, scale, precision=np.float64)
        inverse = np.pad(terminal_inverse(factor) @ weights, (0, 1))  # zeros where -1 points
        a, b, m, n = abmn.T
        return row_factor * (inverse[a, m] - inverse[a, n] - inverse[b, m] + inverse[b, n])

    factor = factorise(symbolic, p.matrices, p.offset, p.scale, precision=np.float64)
    given = (weights, pointer, members, abmn, row_factor)
    value = sensitivities(symbolic, fields(factor), p.matrices, p.offset, p.scale, *given)
    assert value.dtype == np.float64
    step = 1e-4
    for g in range(len(pointer) - 1):
        grow = np.ones(len(p.cells))
        grow[members[pointer[g] : pointer[g + 1]]] = np.exp(step)
        change = (readings(p.scale * grow) - readings(p.scale / grow)) / (2 * step)
        np.testing.assert_allclose(value[g], -change, rtol=1e-6, atol=1e-6 * np.abs(value).max())
    # Scaling all cells by s scales the inverse by 1 / s.
    np.testing.assert_allclose(value.sum(axis=0), readings(p.scale), rtol=3e-6)


def test_sensitivities_in_single_precision():
    p = problem(mixed=True)
    symbolic = p.analyse(surface(p), threads=2)
    n = len(surface(p))
    abmn = np.array([[i, (i + 1) % n, (i + 2) % n, (i + 3) % n] for i in range(n)])
    pointer, members = _groups(len(p.cells))
    values = []
    for precision in (np.float32, np.float64):
        factor = factorise(symbolic, p.matrices, p.offset, p.scale, precision=precision)
        given = (np.ones(LANES), pointer, members, abmn, np.ones(n))
        out = np.full((len(pointer) - 1, n), np.nan, precision)
        value = sensitivities(
            symbolic, fields(factor), p.matrices, p.offset, p.scale, *given, out=out
        )
        assert value is out
        values.append(value)
    np.testing.assert_allclose(*values, atol=3e-6 * np.abs(values[1]).max(), rtol=0)


@pytest.mark.parametrize("broken", [0.0, -1.0, np.nan])
def test_a_matrix_that_is_not_positive_definite_is_an_error(broken):
    p = problem()
    symbolic = p.analyse(surface(p), threads=2)
    scale = p.scale.copy()
    scale[:4] = broken
    with pytest.raises(SimulationError, match="not positive definite"):
        factorise(symbolic, p.matrices, p.offset, scale)


@pytest.mark.parametrize("lane", range(LANES))
def test_a_solution_up_to_a_constant_is_an_error(lane):
    """The last pivot is a rounding error, of either sign, in one of the matrices."""
    p = problem(seed=lane)
    matrices = p.matrices.copy()
    for o, cell in zip(p.offset, p.cells, strict=True):
        n = len(cell)
        matrix = matrices[o : o + n * n * LANES].reshape(n, n, LANES)[:, :, lane]
        matrix -= matrix.mean(axis=0, keepdims=True)  # rows and columns then add up to zero
        matrix -= matrix.mean(axis=1, keepdims=True)
    symbolic = p.analyse(surface(p), threads=1)
    with pytest.raises(SimulationError, match="not positive definite"):
        factorise(symbolic, matrices, p.offset, p.scale)


def test_a_node_in_no_cell_is_an_error():
    p = problem(size=(3, 2))
    nodes = np.concatenate(p.cells)
    with pytest.raises(SimulationError, match="nodes belong to no cell"):
        analyse(p.n_nodes + 1, p.pointer, nodes, p.centres, surface(p), threads=1)
