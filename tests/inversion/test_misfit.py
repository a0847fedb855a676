"""Residuals and norms: derivatives, signs, limits and weights."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ohmscape.inversion.misfit import HUBER, Misfit, mean_square

OBSERVED = np.array([10.0, -3.0, 0.02, -0.001, 5e-6, 200.0])
DEVIATION = np.array([0.3, 0.09, 0.01, 0.01, 0.01, 0.001])
MISFIT = Misfit.of(OBSERVED, DEVIATION)
DATA = np.array([12.0, 1.0, -0.05, 0.004, -2e-5, 199.9])  # some with another sign


def test_slope_is_the_derivative_of_the_residual():
    h = 1e-6 * np.hypot(DATA, DEVIATION)
    change = (MISFIT.residual(DATA + h) - MISFIT.residual(DATA - h)) / (2 * h)
    np.testing.assert_allclose(MISFIT.slope(DATA), -change, rtol=1e-6)
    assert (MISFIT.slope(DATA) > 0).all()


def test_residual_is_zero_at_the_data_and_falls_with_what_is_predicted():
    np.testing.assert_allclose(MISFIT.residual(OBSERVED), 0.0, atol=1e-12)
    assert (MISFIT.residual(OBSERVED + DEVIATION) < 0).all()
    assert (MISFIT.residual(OBSERVED - DEVIATION) > 0).all()


@given(st.floats(-100, 100), st.floats(1e-3, 10), st.floats(-1e-3, 1e-3))
def test_near_the_data_it_counts_standard_deviations(observed, deviation, share):
    misfit = Misfit.of(np.array([observed]), np.array([deviation]))
    found = misfit.residual(np.array([observed - share * deviation]))
    np.testing.assert_allclose(found, share, rtol=2e-3, atol=1e-9)


def test_far_above_the_noise_it_is_the_logarithm():
    misfit = Misfit.of(np.array([100.0, -100.0]), np.array([3.0, 3.0]))
    found = misfit.residual(np.array([200.0, -200.0]))
    np.testing.assert_allclose(found, [-np.log(2) / 0.03, np.log(2) / 0.03], rtol=5e-3)


def test_flipping_every_sign_changes_nothing():
    flipped = Misfit.of(-OBSERVED, DEVIATION)
    np.testing.assert_allclose(flipped.residual(-DATA), -MISFIT.residual(DATA))
    np.testing.assert_allclose(flipped.slope(-DATA), MISFIT.slope(DATA))
    assert flipped.chi2(-DATA) == pytest.approx(MISFIT.chi2(DATA))


def test_wrong_signs_are_finite_and_pulled_the_right_way():
    misfit = Misfit.of(np.array([-0.1]), np.array([0.003]))
    wrong = misfit.residual(np.array([0.1]))
    assert np.isfinite(wrong).all()
    assert wrong[0] < -20
    path = misfit.residual(np.linspace(-0.2, 0.2, 101))
    assert (np.diff(path) < 0).all()


def test_chi_squared_by_hand():
    misfit = Misfit.of(np.array([1.0, 2.0]), np.array([0.1, 0.5]))
    assert misfit.chi2(np.array([1.2, 1.5])) == pytest.approx((4.0 + 1.0) / 2)
    assert misfit.objective(np.array([1.0, 2.0])) == 0.0
    data = np.array([1.01, 1.99])
    assert misfit.objective(data) == pytest.approx(2 * misfit.chi2(data), rel=0.02)


def test_huber_weights():
    n = 7
    misfit = Misfit.of(np.full(n, 100.0), np.ones(n), robust=True)
    size = np.array([0.0, 1.0, HUBER, 2 * HUBER, 10.0, -2 * HUBER, -0.5])
    data = misfit.observed - size
    weight = misfit.reweighted(data).weight
    found = np.abs(misfit.residual(data))
    np.testing.assert_allclose(weight, np.minimum(1.0, HUBER / np.maximum(found, 1e-9)))
    np.testing.assert_allclose(weight, [1, 1, 1, 0.5, HUBER / 10, 0.5, 1], rtol=0.06)
    plain = Misfit.of(misfit.observed, np.ones(n))
    assert (plain.reweighted(data).weight == 1).all()
    # Weighted squares have the slope of Huber's norm: linear beyond the limit.
    np.testing.assert_allclose((weight * found)[[3, 4, 5]], HUBER)


def test_robust_mean_square():
    normal = np.random.default_rng(4).standard_normal(20_000)
    assert mean_square(normal, robust=False) == pytest.approx(np.mean(normal**2))
    assert mean_square(normal, robust=True) == pytest.approx(1.0, abs=0.03)
    assert mean_square(7.0 * normal, robust=True) == pytest.approx(49.0, rel=0.03)
    spoilt = np.where(np.arange(20_000) % 20 == 0, 100.0 * np.sign(normal), normal)
    assert mean_square(spoilt, robust=False) > 400
    assert mean_square(spoilt, robust=True) < 1.2
    assert mean_square(0.5 * normal, robust=True) < 0.4
