"""Rules that need no section: instrument's columns, reciprocals, repetitions, time."""

from dataclasses import replace

import numpy as np
import pytest

from ohmscape.arrays.designs import dipole_dipole, reciprocal
from ohmscape.core import Data, Electrodes, Survey
from ohmscape.quality import again, readings
from ohmscape.quality.rules import Limits

LINE = Electrodes([[float(i), 0.0, 0.0] for i in range(12)])
FAR = np.zeros(0)


def made(abmn, resistance, **more):
    return Data(Survey(LINE, abmn), np.array(resistance, dtype=float), **more)


FOUR = [[0, 1, 2, 3], [1, 2, 3, 4], [2, 3, 4, 5], [3, 4, 5, 6]]
COLUMN = np.array([1.0, 10.0, 100.0, np.nan])


@pytest.mark.parametrize(("rule", "field", "limits", "removed"), [
    (readings.contact_resistance, "contact_resistance", Limits(5.0, 50.0), [0, 0, 1, 0]),
    (readings.current, "current", Limits(50.0, 5.0), [1, 0, 0, 0]),
    (readings.voltage, "voltage", Limits(50.0, 5.0), [1, 0, 0, 0]),
])  # fmt: skip
def test_a_column_is_judged_by_its_size(rule, field, limits, removed):
    data = made(FOUR, np.ones(4), **{field: COLUMN * [1, -1, 1, 1]})
    found = rule(data, limits)
    assert found.removed.tolist() == [bool(r) for r in removed]
    assert found.suspect.tolist() == [False, True, False, False]
    assert found.judged == 3


def test_without_a_column_a_rule_says_so():
    found = readings.current(made(FOUR, np.ones(4)), Limits(1.0, 0.5))
    assert not found.removed.any()
    assert found.note == "the file states no current"


def test_voltage_follows_from_resistance_and_current():
    data = made(FOUR, [1e-4, 1.0, 1.0, 1.0], current=np.full(4, 0.1))
    np.testing.assert_allclose(readings.voltage(data, Limits()).value, [1e-5, 0.1, 0.1, 0.1])


def test_deviation_of_stacks_is_relative_and_of_valid_readings_only():
    data = made(FOUR, [1.0, -2.0, 0.0, 4.0], standard_deviation=np.full(4, 0.1))
    data = data.without(np.array([False, False, False, True]), "tests say so")
    value = readings.stack_deviation(data, Limits(0.02, 0.08)).value
    np.testing.assert_allclose(value, [0.1, 0.05, np.nan, np.nan])


# Reciprocals

PAIR = np.array([[0, 1, 2, 3], [3, 2, 0, 1]])  # the second one turned: its sign is the other
LIMITS = Limits(0.05, 0.1)


def pair(one, other, usual=0.0, stray=(np.nan, np.nan), trusted=None):
    data = made(PAIR, [one, -other])
    return again.reciprocal_error(data, np.full(2, usual), np.array(stray), trusted, LIMITS)


def test_reciprocal_error_is_over_the_mean_and_knows_turned_signs():
    np.testing.assert_allclose(pair(1.1, 0.9).value, 0.2)
    assert pair(1.1, 0.9).removed.all()
    assert pair(1.035, 0.965).suspect.all()
    assert not pair(1.01, 0.99).suspect.any()


def test_of_a_bad_pair_only_the_one_that_the_section_contradicts_goes():
    assert pair(1.0, 2.0, stray=(0.3, 9.0), trusted=3.0).removed.tolist() == [False, True]
    assert pair(1.0, 2.0, stray=(7.0, 9.0), trusted=3.0).removed.all()
    assert pair(1.0, 2.0, stray=(0.3, 0.5), trusted=3.0).removed.all(), "both fit: none is known"
    assert pair(1.0, 2.0, stray=(0.3, 2.5), trusted=3.0).removed.tolist() == [False, True]


def test_a_difference_that_is_usual_for_its_size_is_only_suspect():
    found = pair(1.1, 0.9, usual=0.1)
    assert not found.removed.any()
    assert found.suspect.all()


# Repetitions


def test_three_readings_are_judged_by_their_median_with_signs():
    data = made([[0, 1, 2, 3], [1, 0, 2, 3], [0, 1, 3, 2], [4, 5, 6, 7]], [1.0, -1.0, -1.5, 9.0])
    found = again.repeat_error(data, np.full(4, np.nan), None, Limits(0.05, 0.2))
    np.testing.assert_allclose(found.value, [0.0, 0.0, 0.5, np.nan])
    assert found.removed.tolist() == [False, False, True, False]


def test_two_readings_are_judged_by_their_difference():
    data = made([[0, 1, 2, 3], [1, 0, 3, 2]], [1.0, 1.2])
    found = again.repeat_error(data, np.full(2, np.nan), None, Limits(0.05, 0.1))
    np.testing.assert_allclose(found.value, 0.2 / 1.1)


# Time


def drifting(part, noise=0.005, seed=3):
    abmn = dipole_dipole(12, 4, (1, 2))
    abmn = np.concatenate([abmn, reciprocal(abmn)])
    rng = np.random.default_rng(seed)
    time = np.arange(len(abmn)) * 5.0
    read = 1.0 + part * time / time[-1]
    return made(abmn, read * (1.0 + noise * rng.standard_normal(len(abmn))), time=time)


@pytest.mark.parametrize("part", [0.08, -0.05])
def test_a_drift_is_found_with_its_size(part):
    data = drifting(part)
    found = again.drift(data, data.valid, Limits(0.02, None))
    assert found.suspect.all()
    assert found.value[0] == pytest.approx(abs(np.log1p(part)), abs=0.012)
    assert found.note.startswith(f"{'+' if part > 0 else '-'}")


def test_noise_is_no_drift():
    for seed in range(5):
        data = drifting(0.0, noise=0.03, seed=seed)
        assert not again.drift(data, data.valid, Limits(0.01, None)).suspect.any()


def test_without_times_the_order_counts():
    data = replace(drifting(0.08), time=None)
    found = again.drift(data, data.valid, Limits(0.02, None))
    assert found.suspect.all()
    assert "by the order" in found.note


def test_a_gap_marks_the_reading_after_it():
    data = made(FOUR, np.ones(4), time=np.array([10.0, 0.0, 5000.0, 20.0]))
    found = again.time_gap(data, Limits(1800.0, None))
    assert found.suspect.tolist() == [False, False, True, False]
    assert "runs backwards 2 times" in found.note
