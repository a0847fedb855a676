"""The descent on problems of a few numbers, written against the `Simulation` protocol."""

from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from ohmscape.errors import InversionError
from ohmscape.inversion.gauss_newton import (
    Problem,
    StopReason,
    advance,
    linearize,
    minimise,
    start,
    verdict,
)
from ohmscape.inversion.misfit import Misfit
from ohmscape.inversion.regularization import Regularization
from ohmscape.inversion.search import Discrepancy, Given
from ohmscape.inversion.transform import Transform

N, M = 12, 60
RNG = np.random.default_rng(21)
MATRIX = RNG.standard_normal((M, N)) / np.sqrt(N)
TRUTH = np.sin(np.arange(N) / 2.0)


@dataclass(frozen=True, eq=False)
class Answer:
    """Data of a toy, and the model they are of."""

    data: np.ndarray
    model: np.ndarray


@dataclass(frozen=True, eq=False)
class Toy:
    """``data = f(matrix @ model)``; a `Simulation` that has nothing to do with resistivity."""

    matrix: np.ndarray
    f: object = staticmethod(lambda u: u)
    slope: object = staticmethod(np.ones_like)
    asked: list = field(default_factory=list)

    n_data = property(lambda self: len(self.matrix))
    n_parameters = property(lambda self: self.matrix.shape[1])

    def predict(self, parameters, reuse=None):
        assert parameters.shape == (self.n_parameters,)
        self.asked.append(parameters.copy())
        return Answer(self.f(self.matrix @ parameters), parameters)

    def _derivative(self, response):
        return self.slope(self.matrix @ response.model)[:, None] * self.matrix

    def jacobian(self, response, row_factor):
        return np.ascontiguousarray(
            (row_factor[:, None] * self._derivative(response)).T, np.float32
        )

    def jvp(self, response, direction):
        return self._derivative(response) @ direction

    def vjp(self, response, weights):
        return self._derivative(response).T @ weights


LINEAR = Toy(MATRIX)
CURVED = Toy(MATRIX, lambda u: 10 * np.sinh(u), lambda u: 10 * np.cosh(u))
EXPONENTIAL = Toy(MATRIX, lambda u: 10 * np.exp(u), lambda u: 10 * np.exp(u))
SIGMOID = Toy(MATRIX, lambda u: 10 * np.tanh(u), lambda u: 10 / np.cosh(u) ** 2)
CHAIN = Regularization(
    np.stack([np.arange(N - 1), np.arange(1, N)], axis=1), np.ones(N - 1), np.zeros(N), np.zeros(N)
)


def problem_of(toy, search, *, deviation=0.05, noise=1.0, robust=False, **options):
    clean = toy.f(toy.matrix @ TRUTH)
    drawn = np.random.default_rng(5).standard_normal(len(clean))
    observed = clean + noise * deviation * drawn
    misfit = Misfit.of(observed, np.full(len(clean), deviation), robust=robust)
    return Problem(toy, misfit, CHAIN, Transform(), search, **options)


def large(toy):
    """Return the problem with noise so large that the misfit is quadratic in the data."""
    return problem_of(toy, Given(1.0), deviation=1e4, noise=1e-4)


def test_one_step_solves_a_linear_problem():
    problem = large(LINEAR)
    root = np.full(M, 1e-4)
    system = np.vstack([root[:, None] * MATRIX, np.eye(N)[:-1] - np.eye(N)[1:]])
    right = np.concatenate([root * problem.misfit.observed, np.zeros(N - 1)])
    expected = np.linalg.lstsq(system, right, rcond=None)[0]
    state = advance(problem, start(problem, np.zeros(N)))
    assert len(state.history) == 1
    assert state.history[0].step_length == 1.0
    np.testing.assert_allclose(state.model, expected, atol=1e-4 * np.abs(expected).max())
    again = advance(problem, state)
    assert again.change < 1e-6


@pytest.mark.parametrize("toy", [LINEAR, CURVED, SIGMOID], ids=["linear", "sinh", "tanh"])
def test_fitted(toy):
    state, reason, first = minimise(problem_of(toy, Discrepancy()), np.zeros(N))
    assert reason is StopReason.FITTED
    assert reason.success
    assert first > 10
    assert 0.8 < state.chi2 < 1.04
    assert state.chi2 == pytest.approx(
        np.mean(((state.response.data - state.misfit.observed) / 0.05) ** 2)
    )
    assert np.abs(state.model - TRUTH).max() < 0.15


@pytest.mark.parametrize("strength", [0.3, 30.0])
@pytest.mark.parametrize("toy", [LINEAR, CURVED, SIGMOID], ids=["linear", "sinh", "tanh"])
def test_settled_at_a_stationary_point(toy, strength):
    problem = problem_of(toy, Given(strength), tolerance=1e-4)
    state, reason, _ = minimise(problem, np.zeros(N))
    assert reason is StopReason.SETTLED
    assert {step.strength for step in state.history} == {strength}

    def objective(model):
        data = toy.predict(model).data
        return problem.misfit.objective(data) + strength * CHAIN.value(model)

    best = objective(state.model)
    for _ in range(20):
        assert objective(state.model + 0.02 * RNG.standard_normal(N)) > best

    def gradient(model):
        response, misfit = toy.predict(model), problem.misfit
        data = response.data
        return strength * CHAIN.gradient(model) - toy.vjp(
            response, misfit.slope(data) * misfit.residual(data)
        )

    assert np.abs(gradient(state.model)).max() < 1e-3 * np.abs(gradient(np.zeros(N))).max()


def test_stalled_when_the_errors_are_too_small_for_the_model():
    problem = problem_of(LINEAR, Discrepancy(), deviation=0.05, noise=6.0)
    state, reason, first = minimise(problem, np.zeros(N))
    assert reason is StopReason.STALLED
    assert not reason.success
    assert 1.5 < state.chi2 < first


def test_exhausted():
    problem = problem_of(CURVED, Discrepancy(), deviation=1e-3, max_iterations=2)
    state, reason, _ = minimise(problem, TRUTH + 0.5)
    assert reason is StopReason.EXHAUSTED
    assert not reason.success
    assert len(state.history) == 2


def test_it_goes_on_while_the_objective_falls_though_chi_squared_waits():
    """From far away the first steps change the logarithm of data long before their value."""
    state, reason, first = minimise(problem_of(CURVED, Discrepancy(), deviation=1e-3), np.zeros(N))
    assert reason is StopReason.FITTED
    assert state.history[0].chi2 > 0.97 * first


def test_a_first_model_that_fits_is_kept():
    toy = LINEAR
    state, reason, first = minimise(problem_of(toy, Discrepancy(), noise=0.5), TRUTH)
    assert reason is StopReason.FITTED
    assert first == state.chi2 < 1.0
    assert state.history == ()
    assert state.linearized is None


@pytest.mark.parametrize("toy", [
    replace(LINEAR, slope=np.zeros_like),
    replace(LINEAR, matrix=np.zeros((M, N))),
], ids=["slope zero", "matrix zero"])  # fmt: skip
def test_a_zero_jacobian_is_an_error(toy):
    problem = replace(problem_of(LINEAR, Discrepancy()), simulation=toy)
    with pytest.raises(InversionError, match=r"Jacobian is zero.*no reading senses"):
        minimise(problem, np.zeros(N))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_jacobian_that_is_not_finite_is_an_error(value):
    broken = replace(LINEAR, slope=lambda u: np.where(np.arange(M) == 3, value, 1.0))
    problem = replace(problem_of(LINEAR, Discrepancy()), simulation=broken)
    with pytest.raises(InversionError, match="Jacobian is not finite"):
        minimise(problem, np.ones(N) * 0.1)


def test_first_predictions_that_are_not_finite_are_an_error():
    broken = replace(LINEAR, f=lambda u: u * np.nan)
    problem = replace(problem_of(LINEAR, Discrepancy()), simulation=broken)
    with pytest.raises(InversionError, match="predicts data that are not finite"):
        minimise(problem, np.zeros(N))


def test_a_jacobian_of_the_wrong_sign_is_an_error():
    wrong = replace(LINEAR, slope=lambda u: -np.ones_like(u))
    problem = replace(problem_of(LINEAR, Discrepancy()), simulation=wrong)
    with pytest.raises(InversionError, match=r"chi-squared never fell from .*signs and units"):
        minimise(problem, np.zeros(N))


def test_steps_are_cut_where_the_linear_prediction_fails():
    flattering = Toy(MATRIX, lambda u: 10 * np.tanh(3 * u), lambda u: 30 / np.cosh(3 * u) ** 2)
    problem = problem_of(flattering, Given(1e-3))
    state, reason, first = minimise(problem, 0.6 * np.ones(N))
    assert min(step.step_length for step in state.history) < 1.0
    assert reason.success or state.chi2 < first
    falls = np.diff([first, *(step.chi2 for step in state.history)])
    assert (falls < 1e-6).all()


def test_trials_that_are_not_finite_are_cut_too():
    def fragile(u):
        return np.where(np.abs(u).max() > 0.03, np.nan, 5.0 * np.tanh(u))

    toy = Toy(MATRIX, fragile, lambda u: 5.0 / np.cosh(u) ** 2)
    problem = problem_of(toy, Given(1e-3), max_iterations=5)
    problem = replace(problem, misfit=Misfit.of(4.0 * np.sign(MATRIX[:, 0]), np.full(M, 0.05)))
    state = advance(problem, start(problem, np.zeros(N)))
    assert np.isfinite(state.chi2)
    assert len(toy.asked) > 2
    assert state.history[0].step_length < 1.0


def test_robust_norm_beats_outliers():
    def result(robust):
        clean = EXPONENTIAL.f(MATRIX @ TRUTH)
        observed = clean * (1 + 0.03 * np.random.default_rng(3).standard_normal(M))
        observed[::6] *= np.where(np.arange(len(observed[::6])) % 2, 0.5, 2.5)
        misfit = Misfit.of(observed, 0.03 * observed, robust=robust)
        problem = Problem(EXPONENTIAL, misfit, CHAIN, Transform(), Given(0.5))
        state, _, _ = minimise(problem, np.zeros(N))
        return np.sqrt(np.mean((state.model - TRUTH) ** 2)), state

    plain, _ = result(robust=False)
    robust, state = result(robust=True)
    assert robust < 0.35 * plain
    assert (state.misfit.weight[::6] < 0.3).mean() > 0.8
    assert np.median(np.delete(state.misfit.weight, np.s_[::6])) == 1.0


def test_bounds_are_kept():
    transform = Transform(np.exp(-0.5), np.exp(0.6))  # the truth goes to +-1
    problem = replace(problem_of(LINEAR, Given(0.1)), transform=transform)
    state, _, first = minimise(problem, np.zeros(N))
    log = transform.to_log(state.model)
    assert (log >= -0.5 - 1e-12).all()
    assert (log <= 0.6 + 1e-12).all()
    assert (log > 0.55).any()
    assert (log < -0.45).any()
    assert state.chi2 < first


@pytest.mark.parametrize("transform", [Transform(), Transform(0.5, 2.0)], ids=["free", "bounds"])
def test_the_linear_problem_is_the_derivative_of_the_residuals(transform):
    problem = replace(problem_of(EXPONENTIAL, Given(1.0)), transform=transform)
    model = 0.4 * RNG.standard_normal(N)
    linear = linearize(problem, start(problem, model))
    step = 1e-4 * RNG.standard_normal(N)
    data = [EXPONENTIAL.predict(transform.to_log(model + t * step)).data for t in (-1, 1)]
    change = (problem.misfit.residual(data[1]) - problem.misfit.residual(data[0])) / 2
    expected = linear.residual_after(step) - linear.residual
    np.testing.assert_allclose(change, expected, atol=1e-3 * np.abs(expected).max())


def test_states_are_values():
    problem = problem_of(CURVED, Discrepancy())
    first = start(problem, np.zeros(N))
    one, two = advance(problem, first), advance(problem, first)
    np.testing.assert_array_equal(one.model, two.model)
    assert not first.model.any()
    assert first.history == ()
    seen = []
    state, _, _ = minimise(problem, np.zeros(N), seen.append)
    assert len(seen) == len(state.history)
    assert seen[-1] is state
    assert [s.chi2 for s in seen] == [step.chi2 for step in state.history]


@pytest.mark.parametrize(
    ("excess", "reason"), [(1.8, StopReason.FITTED), (2.5, StopReason.STALLED)]
)
def test_a_stall_within_the_scatter_of_chi_squared_is_a_fit(excess, reason):
    problem = problem_of(LINEAR, Discrepancy())
    scatter = np.sqrt(2.0 / M)  # standard deviation of chi-squared of M readings over M
    before = replace(start(problem, np.zeros(N)), chi2=1.0 + excess * scatter)
    assert verdict(problem, before, replace(before, change=0.0)) is reason
