"""The sparse Cholesky solver against dense algebra, symmetries, and matrices it must refuse."""

import numba
import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st

from ohmscape.errors import SimulationError
from ohmscape.forward.sparse import analyse, factorise, refined, solve, unit_solutions
from ohmscape.forward.sparse.graph import neighbours
from ohmscape.forward.sparse.plan import PANEL_AT, PIVOTS, ROWS
from ohmscape.forward.sparse.tree import grow

pytestmark = pytest.mark.kernel

SMALL = numba.config.DISABLE_JIT  # plain Python is slow: the same tests on smaller graphs
GRID = (4, 3, 3) if SMALL else (9, 8, 7)
EXAMPLES = 3 if SMALL else 25


def dominant(pattern, seed=0, margin=1e-2):
    """A symmetric matrix of this pattern, random, just diagonally dominant."""
    lower = scipy.sparse.tril(pattern, -1).tocsr()
    rng = np.random.default_rng(seed)
    lower.data = -rng.uniform(0.1, 1.0, len(lower.data))
    matrix = lower + lower.T
    diagonal = margin - np.asarray(matrix.sum(axis=1)).ravel()
    return (matrix + scipy.sparse.diags_array(diagonal)).tocsr()


def grid(nx, ny, nz):
    """27 couplings of each node, and where it is."""

    def line(n):
        return scipy.sparse.diags_array([1.0, 1.0, 1.0], offsets=[-1, 0, 1], shape=(n, n))

    pattern = scipy.sparse.kron(scipy.sparse.kron(line(nx), line(ny)), line(nz))
    axes = np.meshgrid(np.arange(nx), np.arange(ny), np.arange(nz), indexing="ij")
    return dominant(pattern), np.stack(axes, -1).reshape(-1, 3).astype(float)


def cells(seed, n_nodes, n_cells, size=10):
    """Nodes coupled within cells of neighbours, like those of quadratic tetrahedra."""
    rng = np.random.default_rng(seed)
    places = rng.random((n_nodes, 3))
    chosen = rng.integers(0, n_nodes, n_cells)
    distance = np.linalg.norm(places[chosen, None] - places, axis=-1)
    members = np.argsort(distance, axis=1)[:, : min(size, n_nodes)]
    row = np.repeat(members, members.shape[1], axis=1).ravel()
    column = np.tile(members, (1, members.shape[1])).ravel()
    pattern = scipy.sparse.coo_array((np.ones(len(row)), (row, column)), (n_nodes, n_nodes))
    return dominant(pattern.tocsr(), seed), places


def factor_of(matrix, places, *, threads=2, precision=np.float64):
    plan = analyse(matrix.indptr, matrix.indices, places, threads=threads)
    return factorise(plan, matrix.data, precision=precision)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_grid_is_solved(threads):
    matrix, places = grid(*GRID)
    right = np.random.default_rng(1).normal(size=(len(places), 13))
    found = solve(factor_of(matrix, places, threads=threads), right)
    np.testing.assert_allclose(
        found, np.linalg.solve(matrix.toarray(), right), rtol=1e-9, atol=1e-9
    )


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    st.integers(0, 2**31), st.integers(1, 20 if SMALL else 300), st.integers(1, 3), st.booleans()
)
def test_any_graph_is_solved(seed, n_nodes, threads, lower):
    matrix, places = cells(seed, n_nodes, max(1, n_nodes // 6))  # often in several parts
    given_matrix = scipy.sparse.tril(matrix).tocsr() if lower else matrix
    right = np.random.default_rng(seed).normal(size=(n_nodes, 3))
    found = solve(factor_of(given_matrix, places, threads=threads), right)
    np.testing.assert_allclose(matrix @ found, right, atol=1e-9)


def test_unit_solutions_are_columns_of_the_inverse_and_reciprocal():
    matrix, places = grid(*GRID)
    nodes = np.array([5, 0, 17, 30, len(places) - 1])
    found = unit_solutions(factor_of(matrix, places), nodes, np.float64)
    np.testing.assert_allclose(found, np.linalg.inv(matrix.toarray())[:, nodes], rtol=1e-9)
    np.testing.assert_allclose(found[nodes], found[nodes].T, rtol=1e-11)


def test_indefinite_matrix_is_refused():
    matrix, places = grid(*GRID)
    for bad in (-1.0, np.nan):
        broken = matrix.copy()
        broken[20, 20] = bad
        with pytest.raises(SimulationError, match=r"unknown \d+: .*not positive definite"):
            factor_of(broken, places)


def test_refinement_tells_and_mends_what_float32_loses():
    matrix, places = grid(*GRID)
    right = np.random.default_rng(1).normal(size=(len(places), 4))
    result = refined(factor_of(matrix, places, precision=np.float32), right)
    assert 1e-8 < result.residual < 1e-3
    assert result.refined_residual < 1e-3 * result.residual


def test_numbering_does_not_matter():
    matrix, places = grid(*GRID)
    right = np.random.default_rng(3).normal(size=(len(places), 3))
    shuffled = np.random.default_rng(4).permutation(len(places))
    again = factor_of(matrix[shuffled][:, shuffled].tocsr(), places[shuffled])
    found = np.empty_like(right)
    found[shuffled] = solve(again, right[shuffled])
    np.testing.assert_allclose(found, solve(factor_of(matrix, places), right), rtol=1e-8, atol=1e-9)


def test_the_same_again_is_the_same_to_the_last_bit():
    matrix, places = grid(*GRID)
    plans = [analyse(matrix.indptr, matrix.indices, places, threads=n) for n in (1, 2, 2)]
    for plan in plans[1:]:
        np.testing.assert_array_equal(plan.order, plans[0].order)
    one, other = (factorise(plan, matrix.data).panels for plan in plans[1:])
    for front in plans[1].fronts:  # above the diagonal BLAS may leave anything
        wide, high, at = front[PIVOTS], front[PIVOTS] + front[ROWS], front[PANEL_AT]
        panel, again = (p[at : at + wide * high].reshape(wide, high) for p in (one, other))
        np.testing.assert_array_equal(np.triu(panel), np.triu(again))


def test_memory_is_what_was_predicted():
    matrix, places = grid(*GRID)
    plan = analyse(matrix.indptr, matrix.indices, places, threads=2)
    assert factorise(plan, matrix.data).panels.nbytes == plan.factor_bytes
    assert factorise(plan, matrix.data, precision=np.float64).panels.nbytes == 2 * plan.factor_bytes


def test_fill_is_that_of_the_tree():
    """Columns of the plan hold what dense elimination in the same order fills in."""
    matrix, places = cells(5, 12 if SMALL else 120, 12)
    pointer, adjacent = neighbours(*(a.astype(np.int64) for a in (matrix.indptr, matrix.indices)))
    order = np.random.default_rng(6).permutation(len(places))
    _, _, count = grow(pointer, adjacent, order)
    filled = matrix.toarray()[order][:, order] != 0.0
    for k in range(len(places)):
        below = np.flatnonzero(filled[k + 1 :, k]) + k + 1
        filled[np.ix_(below, below)] = True
    np.testing.assert_array_equal(count, np.tril(filled).sum(axis=0))


def test_separator_separates():
    matrix, places = grid(*((4, 3, 3) if SMALL else (12, 9, 8)))
    plan = analyse(matrix.indptr, matrix.indices, places, threads=1)
    dense = len(places) ** 2
    assert plan.factor_size < (0.95 if SMALL else 0.3) * dense


def test_row_without_diagonal_is_refused():
    matrix = scipy.sparse.csr_array(np.array([[2.0, -1.0], [-1.0, 0.0]]))
    matrix.eliminate_zeros()
    with pytest.raises(SimulationError, match=r"rows \[1\]: .*diagonal"):
        analyse(matrix.indptr, matrix.indices, np.zeros((2, 3)), threads=1)


def test_right_hand_side_of_another_size_is_refused():
    matrix, places = grid(3, 3, 2)
    with pytest.raises(SimulationError, match="have 17 rows, the matrix has 18"):
        solve(factor_of(matrix, places), np.ones((17, 1)))


def test_single_precision_is_no_worse_than_its_rounding():
    matrix, places = cells(8, 20 if SMALL else 400, 100)
    right = np.random.default_rng(9).normal(size=(len(places), 4))
    exact = solve(factor_of(matrix, places), right)
    found = solve(factor_of(matrix, places, precision=np.float32), right)
    condition = np.linalg.cond(matrix.toarray())
    assert np.abs(found - exact).max() < 1e-7 * condition * np.abs(exact).max()
