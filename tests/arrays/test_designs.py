"""Standard arrays against their known geometric factors and numbers; reciprocal pairs."""

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ohmscape.arrays import designs
from ohmscape.arrays.designs import reciprocal, reciprocal_pairs
from ohmscape.arrays.geometry import geometric_factor
from ohmscape.core import REMOTE

N = 24
LINE = np.column_stack([np.arange(float(N)), np.zeros((N, 2))])
ALL = {
    "wenner": designs.wenner(N),
    "wenner_beta": designs.wenner_beta(N),
    "wenner_gamma": designs.wenner_gamma(N),
    "schlumberger": designs.schlumberger(N),
    "dipole_dipole": designs.dipole_dipole(N),
    "pole_dipole": designs.pole_dipole(N),
    "pole_dipole reverse": designs.pole_dipole(N, reverse=True),
    "pole_pole": designs.pole_pole(N),
    "gradient": designs.gradient(N),
}


@pytest.mark.parametrize("name", ALL)
def test_readings_fit_the_row_are_positive_and_come_once(name):
    abmn = ALL[name]
    assert abmn.dtype == np.int64
    assert abmn.max() == N - 1
    assert set(abmn.min(axis=0).tolist()) <= {REMOTE, *range(N)}
    k = geometric_factor(LINE, abmn)
    assert np.isfinite(k).all()
    assert (k > 0).all()
    assert len(np.unique(abmn, axis=0)) == len(abmn)


@pytest.mark.parametrize(
    ("abmn", "factor"),
    [
        pytest.param(designs.wenner(4), 2 * np.pi, id="wenner"),
        pytest.param(designs.wenner_beta(4), 6 * np.pi, id="beta"),
        pytest.param(designs.wenner_gamma(4), 3 * np.pi, id="gamma"),
        pytest.param(designs.schlumberger(6, 2, [1])[-1:], np.pi * 2 * 3, id="schlumberger n=2"),
        pytest.param(designs.dipole_dipole(7, 4, [1])[-1:], np.pi * 4 * 5 * 6, id="dipoles n=4"),
        pytest.param(designs.pole_dipole(6, 4, [1])[-1:], 2 * np.pi * 4 * 5, id="pole-dipole n=4"),
        pytest.param(
            designs.pole_dipole(6, 4, [1], reverse=True)[-1:], 2 * np.pi * 4 * 5, id="reverse n=4"
        ),
        pytest.param(designs.pole_pole(6)[-1:], 2 * np.pi * 5, id="pole-pole"),
    ],
)
def test_geometric_factors_in_the_books(abmn, factor):
    np.testing.assert_allclose(geometric_factor(LINE, abmn), factor, rtol=1e-12)
    assert len(abmn) == 1


@pytest.mark.parametrize(
    ("abmn", "count"),
    [
        (designs.wenner(48), sum(48 - 3 * a for a in range(1, 16))),
        (designs.dipole_dipole(48, 8, [1]), sum(48 - (k + 2) for k in range(1, 9))),
        (designs.pole_pole(10), 45),
        (designs.gradient(21, 8, [1, 2]), 8 * 11 + 8 * 1),
        (designs.wenner(3), 0),
    ],
)
def test_the_number_of_readings(abmn, count):
    assert abmn.shape == (count, 4)


def test_reverse_is_the_mirror_image():
    forward, reverse = designs.pole_dipole(9), designs.pole_dipole(9, reverse=True)
    assert (forward[:, 0] < forward[:, 2]).all()
    assert (reverse[:, 0] > reverse[:, 2]).all()
    mirrored = np.where(forward == REMOTE, REMOTE, 8 - forward)
    np.testing.assert_array_equal(reverse, mirrored)


def test_pairs_with_changed_signs_repeats_and_remote_poles():
    abmn = np.array(
        [
            [0, 1, 2, 3],
            [3, 2, 0, 1],  # reciprocal of the first, flipped once
            [4, REMOTE, 5, 6],
            [1, 0, 2, 3],  # the first again, flipped
            [6, 5, REMOTE, 4],  # reciprocal of row 2, flipped twice
            [2, 3, 0, 1],  # reciprocal of row 3, flipped once
            [0, 1, 3, 2],  # the first for the third time, alone
            [0, 1, 2, 4],  # alone
            [4, 5, 4, 5],  # its own reciprocal, alone
            [0, 2, 4, 6],
            [6, 4, 2, 0],  # reciprocal of the one before, flipped twice
        ]
    )
    i, j, sign = reciprocal_pairs(abmn)
    assert list(zip(i, j, sign, strict=True)) == [(0, 1, -1), (2, 4, 1), (3, 5, -1), (9, 10, 1)]


quadrupoles = st.lists(
    st.lists(st.integers(-1, 5), min_size=4, max_size=4, unique=True), min_size=0, max_size=40
)


@given(quadrupoles, st.randoms())
def test_pairs_hold_the_same_geometric_factor_and_none_is_missed(rows, dice):
    again = [
        [*dice.sample(row[2:], 2), *dice.sample(row[:2], 2)] for row in rows if dice.random() < 0.7
    ]
    abmn = np.array(dice.sample(rows + again, len(rows + again)), dtype=np.int64).reshape(-1, 4)
    i, j, sign = reciprocal_pairs(abmn)
    positions = np.column_stack([[0, 1, 2.5, 4.7, 5.1, 8.3], [0.2, 0, 3, 0, 1, 0], np.zeros(6)])
    inverse = 1.0 / geometric_factor(positions, abmn)
    np.testing.assert_allclose(inverse[i], sign * inverse[j], rtol=1e-9, atol=1e-14)
    assert (i < j).all()
    assert len(np.unique(np.concatenate([i, j]))) == 2 * len(i)

    def key(row):
        return frozenset(row[:2]), frozenset(row[2:])

    alone = [key(r) for n, r in enumerate(abmn.tolist()) if n not in {*i.tolist(), *j.tolist()}]
    assert not any((q, p) in alone for p, q in alone)


def test_a_set_and_its_reciprocal_pair_completely():
    abmn = designs.dipole_dipole(200, 10, range(1, 7))
    both = np.concatenate([abmn, reciprocal(abmn)[::-1]])
    assert len(both) > 16_000
    i, j, sign = reciprocal_pairs(both)  # 0.01 s
    np.testing.assert_array_equal(both[i], reciprocal(both[j]))
    assert len(i) == len(abmn)
    assert (sign == 1.0).all()


def test_the_examples_in_the_docstrings():
    assert doctest.testmod(designs).failed == 0
