"""Bounds: there and back, slopes, limits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ohmscape.errors import InversionError
from ohmscape.inversion.transform import Transform


@given(st.floats(0.1, 100), st.floats(1.5, 1e5), st.floats(0.002, 0.998))
def test_there_and_back(lower, ratio, part):
    transform = Transform(lower, lower * ratio)
    log = np.array([np.log(lower) + part * np.log(ratio)])
    np.testing.assert_allclose(transform.to_log(transform.from_log(log)), log, atol=1e-9)


@given(st.floats(0.1, 100), st.floats(1.5, 1e5), st.floats(-20, 20))
def test_slope_and_bounds(lower, ratio, model):
    transform, at = Transform(lower, lower * ratio), np.array([model])
    log = transform.to_log(at)
    assert (log >= np.log(lower) - 1e-9).all()
    assert (log <= np.log(lower * ratio) + 1e-9).all()
    h = 1e-5 * np.log(ratio)
    change = (transform.to_log(at + h) - transform.to_log(at - h)) / (2 * h)
    np.testing.assert_allclose(transform.slope(at), change, rtol=1e-5, atol=1e-8)


def test_in_the_middle_it_is_the_identity_in_slope():
    transform = Transform(10.0, 1000.0)
    middle = transform.from_log(np.log(np.array([100.0])))
    assert middle == pytest.approx(0.0, abs=1e-12)
    assert transform.slope(middle) == pytest.approx(1.0)


def test_values_outside_are_drawn_in():
    transform = Transform(10.0, 1000.0)
    log = transform.to_log(transform.from_log(np.log(np.array([1.0, 1e6]))))
    assert (log > np.log(10.0)).all()
    assert (log < np.log(1000.0)).all()


def test_without_bounds_nothing_happens():
    log = np.array([1.0, -2.0])
    assert Transform().to_log(log) is log
    assert Transform().from_log(log) is log
    assert Transform().slope(log) is None


@pytest.mark.parametrize(("bounds", "what"), [
    ((1.0, None), "one bound without"), ((None, 1.0), "one bound without"),
    ((2.0, 1.0), "lower < upper"), ((0.0, 1.0), "lower < upper"), ((-1.0, 1.0), "lower < upper"),
])  # fmt: skip
def test_bounds_that_are_none(bounds, what):
    with pytest.raises(InversionError, match=what):
        Transform(*bounds)
