"""The linear problem of a step against plain linear algebra in double precision."""

from dataclasses import replace

import numpy as np
import pytest

from ohmscape.errors import InversionError
from ohmscape.inversion.equations import DENSE, IterativeEquations, gram
from ohmscape.inversion.normal import Linearized
from ohmscape.inversion.regularization import Regularization, smoothness
from ohmscape.mesh.parameters import parameters
from tests.mesh.test_parameters import plain

RNG = np.random.default_rng(11)
GROUP = parameters(plain(np.arange(9.0), -np.arange(7.0)[::-1]), np.arange(48), np.ones(48, bool))
N, M = 48, 130
NORM = smoothness(GROUP, reference=np.linspace(-1, 1, N), closeness=0.2)
JACOBIAN = RNG.standard_normal((N, M)).astype(np.float32)
RESIDUAL = RNG.standard_normal(M) + 0.5
MODEL = RNG.standard_normal(N)


def problem(norm=NORM):
    return Linearized.of(MODEL, RESIDUAL, JACOBIAN, norm)


def full(norm, strength):
    """Return the whole matrix of the normal equations in double precision."""
    lower = np.zeros((N, N))
    norm.add_to(lower, strength)
    j = JACOBIAN.astype(float)
    return lower + np.tril(lower, -1).T + j @ j.T


@pytest.mark.parametrize("n", [1, 2, 3, 17, 48])
def test_gram(n):
    matrix = JACOBIAN[:n]
    expected = matrix.astype(float) @ matrix.T.astype(float)
    np.testing.assert_allclose(np.tril(gram(matrix)), np.tril(expected), atol=1e-4)


@pytest.mark.parametrize("strength", [0.1, 10.0, 1e4])
def test_step_solves_the_normal_equations(strength):
    right = JACOBIAN.astype(float) @ RESIDUAL - strength * NORM.gradient(MODEL)
    expected = np.linalg.solve(full(NORM, strength), right)
    found = problem().step(strength)
    np.testing.assert_allclose(found, expected, atol=2e-4 * np.abs(expected).max())


@pytest.mark.parametrize("strength", [0.1, 10.0, 1e4])
def test_conjugate_gradients_solve_the_same(strength, monkeypatch):
    monkeypatch.setattr("ohmscape.inversion.equations.ACCURATE", 1e-6)
    dense = problem()
    many = IterativeEquations(JACOBIAN, (JACOBIAN.astype(float) ** 2).sum(axis=1))
    iterative = replace(dense, equations=many)
    assert len(JACOBIAN) < DENSE
    expected = dense.step(strength)
    np.testing.assert_allclose(
        iterative.step(strength), expected, atol=3e-4 * np.abs(expected).max()
    )
    assert iterative.balance() == pytest.approx(dense.balance(), rel=1e-5)


@pytest.mark.parametrize("blocky", [False, True])
def test_the_sparse_matrix_is_that_of_the_norm(blocky):
    norm = replace(NORM, blocky=blocky).reweighted(MODEL)
    lower = np.zeros((N, N))
    norm.add_to(lower, 3.0)
    np.testing.assert_allclose(3.0 * norm.matrix().toarray(), lower + np.tril(lower, -1).T)


@pytest.mark.parametrize("strength", [0.1, 10.0])
def test_step_is_the_minimum(strength):
    linear = problem()

    def objective(step):
        left = RESIDUAL - step @ JACOBIAN.astype(float)
        return left @ left + strength * NORM.value(MODEL + step)

    best = linear.step(strength)
    for _ in range(10):
        away = 0.05 * RNG.standard_normal(N)
        assert objective(best) < objective(best + away)


def test_residual_after_a_step():
    step = RNG.standard_normal(N)
    expected = RESIDUAL - JACOBIAN.T.astype(float) @ step
    np.testing.assert_allclose(problem().residual_after(step), expected, atol=1e-4)


def test_drawn_by_a_lifted_reference():
    closeness = np.full(N, 0.5)
    base = Regularization(NORM.pairs, NORM.weight, np.zeros(N), closeness)
    expected = np.linalg.solve(full(base, 8.0), 8.0 * closeness)
    found = problem().drawn_by(8.0, closeness)
    np.testing.assert_allclose(found, expected, atol=1e-4)
    deaf = Linearized.of(MODEL, RESIDUAL, np.zeros_like(JACOBIAN), NORM)
    np.testing.assert_allclose(deaf.drawn_by(8.0, closeness), 1.0, rtol=1e-4)


def test_balance_of_traces():
    strength = problem().balance()
    data = np.trace(JACOBIAN.astype(float) @ JACOBIAN.T.astype(float))
    assert strength * NORM.trace() == pytest.approx(data, rel=1e-5)


def test_an_ill_posed_problem_is_refused():
    free = smoothness(GROUP)
    deaf = Linearized.of(MODEL, RESIDUAL, np.zeros_like(JACOBIAN), free)
    with pytest.raises(InversionError, match="not positive definite"):
        deaf.step(0.0)


def test_weights_that_single_precision_cannot_hold():
    scale = np.where(np.arange(M) < 3, 1e5, 1.0).astype(np.float32)
    jacobian = JACOBIAN * scale
    linear = Linearized.of(MODEL, RESIDUAL, jacobian, NORM)
    j = jacobian.astype(float)
    lower = np.zeros((N, N))
    NORM.add_to(lower, 1e-3)
    expected = np.linalg.solve(
        lower + np.tril(lower, -1).T + j @ j.T, j @ RESIDUAL - 1e-3 * NORM.gradient(MODEL)
    )
    np.testing.assert_allclose(linear.step(1e-3), expected, atol=0.05 * np.abs(expected).max())
