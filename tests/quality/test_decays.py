"""Decays of one sign fit; noise, spikes and turned gates do not."""

from dataclasses import replace

import numpy as np
import pytest

from ohmscape.core import Data, Survey
from ohmscape.core.data import Gates
from ohmscape.quality.decays import fit_decays, judge_decays
from ohmscape.quality.rules import Limits, rule_set
from tests.quality.faults import line

GATES = Gates(np.arange(1.0, 21.0) * 0.02, np.full(20, 0.02))
TIME = GATES.start + 0.5 * GATES.width
SMOOTH = 0.03 * np.exp(-TIME / 0.1) + 0.01 * np.exp(-TIME / 0.4)  #: V/V
RULES = rule_set("standard")


def data(*decays):
    abmn = [[i, i + 1, i + 2, i + 3] for i in range(len(decays))]
    return Data(Survey(line(12), abmn), np.ones(len(decays)), decay=np.array(decays), gates=GATES)


def judged(*decays, rules=RULES):
    one = data(*decays)
    return {m.rule: m for m in judge_decays(one, fit_decays(one), rules)}


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_sum_of_relaxations_fits(sign):
    found = fit_decays(data(sign * SMOOTH))
    np.testing.assert_allclose(found.fitted[0], sign * SMOOTH, atol=2e-4)
    assert found.misfit[0] < 0.01
    assert found.sign[0] == 0.0


def test_noise_is_measured():
    rng = np.random.default_rng(1)
    noisy = [SMOOTH + 0.004 * rng.standard_normal(20) for _ in range(8)]
    found = fit_decays(data(*noisy))
    assert found.noise.mean() == pytest.approx(0.004 * np.sqrt(18 / 20), rel=0.15)


def test_a_decay_that_hums_is_removed_and_a_small_one_is_not():
    hum = 0.05 * np.sin(2 * np.pi * np.arange(20) / 3)
    marks = judged(SMOOTH, SMOOTH + hum, 0.05 * (SMOOTH + hum))
    assert marks["decay_misfit"].removed.tolist() == [False, True, False]
    assert marks["decay_misfit"].suspect.tolist() == [False, False, True]
    assert marks["decay_noise"].removed.tolist() == [False, True, False]


def test_gates_of_the_other_sign_are_counted():
    turned = SMOOTH.copy()
    turned[12:] *= -1.0
    strict = replace(RULES, decay_noise=Limits(None, None))
    marks = judged(SMOOTH, turned, rules=strict)
    assert marks["decay_sign"].value[1] == pytest.approx(0.4)
    assert marks["decay_sign"].removed.tolist() == [False, True]


def test_a_noisy_gate_is_worth_less():
    rng = np.random.default_rng(2)
    noise = np.full(20, 5e-4)
    noise[7] = 4e-3
    found = fit_decays(data(*(SMOOTH + noise * rng.standard_normal(20) for _ in range(9))))
    assert found.weight[7] == found.weight.min() < 0.2
    assert np.median(found.weight) > 0.6


def test_without_decays_the_rules_are_silent():
    one = Data(Survey(line(12), [[0, 1, 2, 3]]), np.ones(1))
    assert fit_decays(one) is None
    assert {m.note for m in judge_decays(one, None, RULES)} == {"the file has no decays"}
