"""The quadrature over wavenumbers: it gives 1/r, its slope and its curvature, as it says."""

import numpy as np
import pytest
from scipy.special import k0, k1

from ohmscape.errors import SimulationError
from ohmscape.forward.wavenumbers import wavenumbers


@pytest.mark.parametrize("count", [8, 16])
@pytest.mark.parametrize("ratio", [1.0, 5.0, 47.0, 300.0, 1000.0, 8192.0])
@pytest.mark.parametrize("shortest", [1e-2, 1.0, 250.0])
def test_errors_are_as_stated(count, ratio, shortest):
    quadrature = wavenumbers(shortest, ratio * shortest, count)
    assert len(quadrature.k) == len(quadrature.weight) == count
    assert (quadrature.k > 0).all()
    r = shortest * np.geomspace(1.0, ratio, 700)
    x = quadrature.k * r[:, None]
    value = k0(x) @ quadrature.weight
    slope = -k1(x) @ (quadrature.weight * quadrature.k)
    curvature = (k0(x) + k1(x) / x) @ (quadrature.weight * quadrature.k**2)
    found = [
        np.abs(value * r - 1).max(),
        np.abs(slope * r**2 + 1).max(),
        np.abs(curvature * r**3 / 2 - 1).max(),
    ]
    assert (found <= 1.02 * quadrature.error + 1e-12).all()


@pytest.mark.parametrize(("count", "ratio", "value", "slope"), [
    (8, 20, 2e-7, 2.1e-6), (8, 94, 2e-5, 2e-4), (16, 1000, 2e-7, 2e-6), (16, 8000, 2e-6, 2e-5),
])  # fmt: skip
def test_tolerances(count, ratio, value, slope):
    error = wavenumbers(1.0, ratio, count).error
    assert error[0] < value
    assert error[1] < slope


def test_more_wavenumbers_and_less_reach_are_better():
    errors = [wavenumbers(1.0, ratio).error[0] for ratio in (5, 50, 500, 5000)]
    assert (np.diff(errors) > 0).all()
    assert wavenumbers(1.0, 500, 16).error[0] < 1e-2 * errors[2]


def test_scale():
    one, thousand = wavenumbers(1.0, 50.0), wavenumbers(1000.0, 50_000.0)
    np.testing.assert_allclose(thousand.k, one.k / 1000.0)
    np.testing.assert_allclose(thousand.weight, one.weight / 1000.0)


def test_distances_that_span_too_much():
    with pytest.raises(SimulationError, match=r"ratio of 9000.*split the survey"):
        wavenumbers(1.0, 9000.0)
