"""Median depths against published ones, integrals, limits and symmetries; mid-points."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ohmscape.arrays.geometry import geometric_factor
from ohmscape.arrays.pseudosection import median_depths, mid_points, share_above
from ohmscape.core.survey import REMOTE

LINE = np.arange(40.0)


def depth_of(*abmn, spacing=1.0):
    return float(median_depths(spacing * LINE, np.zeros(40), np.array([abmn]))[0])


@pytest.mark.parametrize(("abmn", "expected"), [
    pytest.param((0, 3, 1, 2), 0.519, id="wenner alpha"),
    pytest.param((1, 0, 2, 3), 0.416, id="wenner beta"),
    pytest.param((1, 0, 4, 5), 0.962, id="dipole-dipole n=3"),
    pytest.param((1, 0, 7, 8), 1.730, id="dipole-dipole n=6"),
    pytest.param((0, 5, 2, 3), 0.925, id="schlumberger n=2"),
    pytest.param((0, REMOTE, 1, 2), 0.519, id="pole-dipole n=1"),
    pytest.param((0, REMOTE, 3, 4), 1.318, id="pole-dipole n=3"),
    pytest.param((0, REMOTE, 1, REMOTE), 0.867, id="pole-pole"),
])  # fmt: skip
def test_median_depths_of_edwards_1977(abmn, expected):
    """Depths over the dipole length a (Edwards, 1977, as tabulated by Loke)."""
    assert depth_of(*abmn) == pytest.approx(expected, abs=1.5e-3)
    assert depth_of(*abmn, spacing=5.0) == pytest.approx(5.0 * depth_of(*abmn), rel=1e-9)


def test_pole_pole_has_a_closed_form():
    assert depth_of(0, REMOTE, 4, REMOTE) == pytest.approx(4 * np.sqrt(3) / 2, rel=1e-12)


@given(st.lists(st.integers(0, 39), min_size=4, max_size=4, unique=True))
def test_exchanging_or_flipping_pairs_changes_nothing(abmn):
    a, b, m, n = abmn
    rows = np.array([[a, b, m, n], [m, n, a, b], [b, a, m, n], [a, b, n, m]])
    depths = median_depths(LINE, np.zeros(40), rows)
    np.testing.assert_allclose(depths[1:], depths[0], rtol=1e-9)
    middles = mid_points(LINE, rows)
    np.testing.assert_allclose(middles[1:], middles[0], rtol=1e-12)


def test_a_silent_array_has_no_depth():
    assert np.isnan(depth_of(0, 4, 2, 2))


places = st.floats(0.1, 5.0)


@given(places, places, places)
def test_all_shares_together_are_the_potential(r, a, b):
    whole = share_above(np.array(np.inf), np.array(r), np.array(a), np.array(b))
    assert whole == pytest.approx(1 / np.hypot(r, a - b) + 1 / np.hypot(r, a + b), rel=1e-9)
    assert share_above(np.array(0.0), np.array(r), np.array(a), np.array(b)) == pytest.approx(0.0)


def test_the_whole_of_an_array_is_four_pi_over_its_factor():
    x, z = np.array([0.0, 1.0, 4.0, 7.0]), np.array([0.0, 2.0, 1.0, 0.5])
    pairs = [(0, 2, 1), (1, 2, -1), (0, 3, -1), (1, 3, 1)]
    whole = sum(
        s * share_above(np.array(np.inf), abs(x[p] - x[q]), z[p], z[q]) for p, q, s in pairs
    )
    k = geometric_factor(np.column_stack([x, 0 * x, -z]), np.array([[0, 1, 2, 3]]))
    assert 4 * np.pi / whole == pytest.approx(k[0], rel=1e-12)


@pytest.mark.parametrize("z", [0.5, 1.5, 3.0], ids=["above both", "between", "below both"])
def test_share_of_a_layer_is_the_integral_of_its_sensitivity(z):
    """The product of both fields, integrated over a plane at depth z."""
    r, a, b = 3.0, 1.0, 2.0
    t = np.linspace(-8.0, 8.0, 801)
    x, y = np.meshgrid(np.sinh(t), np.sinh(t))
    weight = np.outer(np.cosh(t), np.cosh(t)) * (t[1] - t[0]) ** 2

    def field(px, depth):
        parts = []
        for s in (depth, -depth):
            d = np.stack([x - px, y, np.full_like(x, z - s)])
            parts.append(d / np.linalg.norm(d, axis=0) ** 3)
        return sum(parts)

    integral = float((field(0.0, a) * field(r, b)).sum(axis=0).ravel() @ weight.ravel())
    h = 1e-4
    up, down = (
        share_above(np.array(z + s * h), np.array(r), np.array(a), np.array(b)) for s in (1, -1)
    )
    assert (up - down) / (2 * h) == pytest.approx(integral / (4 * np.pi), rel=1e-3)


def test_deep_electrodes_see_their_own_depth():
    depth = median_depths(LINE[:4], np.full(4, 100.0), np.array([[0, 3, 1, 2]]))
    assert depth[0] == pytest.approx(100.0, abs=0.1)


def test_mid_points():
    along = np.array([0.0, 1.0, 2.0, 3.0, 8.0])
    rows = np.array([[1, 0, 2, 3], [0, 4, 1, 2], [1, 2, 0, 4], [0, -1, 1, 2], [0, -1, 3, -1]])
    np.testing.assert_allclose(mid_points(along, rows), [1.5, 1.5, 1.5, 0.75, 1.5])
