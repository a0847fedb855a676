"""Bessel functions against SciPy's, from far below to far above one."""

import numpy as np
import pytest
from scipy import special

from ohmscape.forward.bessel import scaled_bessel


@pytest.mark.parametrize(("low", "high"), [(1e-6, 1e-3), (1e-3, 1.0), (0.01, 100.0), (1.0, 7e3)])
def test_agrees_with_scipy(low, high):
    z = np.geomspace(low, high, 300).reshape(20, 15)
    k0, k1 = scaled_bessel(z)
    np.testing.assert_allclose(k0, special.k0e(z), rtol=1e-9)
    np.testing.assert_allclose(k1, special.k1e(z), rtol=1e-9)


def test_nothing_gives_nothing():
    k0, k1 = scaled_bessel(np.empty((0, 8)))
    assert k0.shape == k1.shape == (0, 8)
