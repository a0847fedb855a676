"""Electrodes that spoil their readings are found by reciprocals, others are not."""

import numpy as np
import pytest

from ohmscape.arrays.designs import dipole_dipole, reciprocal
from ohmscape.arrays.quality import contacts, touching
from ohmscape.core import Data, Electrodes, Survey


def readings(bad, seed=0):
    forward = dipole_dipole(24, 6, (1, 2))
    abmn = np.concatenate([forward, reciprocal(forward)])
    rng = np.random.default_rng(seed)
    resistance = np.tile(rng.uniform(0.1, 1.0, len(forward)), 2)
    resistance *= 1.0 + 0.02 * rng.standard_normal(len(abmn))
    for electrode in bad:
        rows = (abmn == electrode).any(axis=1)
        resistance[rows] *= 1.0 + 0.3 * rng.standard_normal(rows.sum())
    return Data(Survey(Electrodes([[x, 0.0] for x in range(24)]), abmn), resistance)


@pytest.mark.parametrize("bad", [[], [5], [0, 23], [7, 8]])
@pytest.mark.parametrize("seed", range(5))
def test_bad_electrodes_are_found_and_no_others(bad, seed):
    assert np.flatnonzero(contacts(readings(bad, seed)).suspect).tolist() == bad


def test_usual_difference_is_that_of_the_noise():
    judged = contacts(readings([]))
    expected = 0.6745 * np.sqrt(2) * 0.02
    assert judged.usual == pytest.approx(expected, rel=0.15)


def test_readings_that_are_not_valid_do_not_count():
    data = readings([5])
    clean = data.without(touching(data.survey.abmn, np.arange(24) == 5), "bad contact")
    judged = contacts(clean)
    assert not judged.suspect.any()
    assert np.isnan(judged.difference[5])


def test_without_reciprocals_nobody_is_judged():
    survey = Survey(Electrodes([[x, 0.0] for x in range(8)]), dipole_dipole(8))
    judged = contacts(Data(survey, np.ones(len(survey))))
    assert not judged.suspect.any()
    assert np.isnan(judged.usual)


def test_touching_leaves_remote_electrodes_alone():
    abmn = np.array([[0, -1, 1, 2], [3, 2, 0, 1], [4, -1, 1, 2]])
    assert touching(abmn, np.array([False, False, False, True, True])).tolist() == [
        False,
        True,
        True,
    ]
