"""Finding the strength of regularisation on curves that are known."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from ohmscape.inversion.search import Discrepancy, Given


@dataclass
class Curve:
    """Stands for a `Linearized`: chi-squared as a known function of strength."""

    chi2: object
    scale: float = 1.0
    asked: list = field(default_factory=list)

    def balance(self):
        return self.scale

    def step(self, strength):
        self.asked.append(strength)
        return np.array([strength])

    def chi2_after(self, step):
        return self.chi2(step[0] / self.scale)


CURVES = {
    "power": lambda s: 2.0 * s**0.8,
    "steep": lambda s: 0.3 * s**1.6,
    "gentle": lambda s: 1.4 * s**0.3,
    "saturated above": lambda s: 0.05 + 40.0 * s / (s + 8.0),
    "floor below": lambda s: 0.4 + 3.0 * s,
}


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e8])
@pytest.mark.parametrize("last", [None, 0.05, 3.0])
@pytest.mark.parametrize("name", CURVES)
def test_the_target_is_met(name, last, scale):
    curve = Curve(CURVES[name], scale)
    search = Discrepancy()
    chi2 = 5.0 if last is None else CURVES[name](last)
    found = search.propose(curve, max(chi2, 1.01), None if last is None else last * scale)
    assert found.expected == pytest.approx(1.0, rel=np.expm1(search.tolerance) + 1e-9)
    assert CURVES[name](found.strength / scale) == pytest.approx(found.expected)
    assert found.step[0] == found.strength
    assert len(curve.asked) <= search.trials


@pytest.mark.parametrize("target", [0.5, 1.0, 4.0])
def test_another_target(target):
    found = Discrepancy(target).propose(Curve(CURVES["power"]), 8.0, None)
    assert found.expected == pytest.approx(target, rel=0.03)


def test_greed_is_limited_far_from_the_target():
    search = Discrepancy(greed=0.05)
    found = search.propose(Curve(CURVES["power"]), 1000.0, None)
    assert found.expected == pytest.approx(50.0, rel=np.expm1(search.loose))


def test_the_weakest_strength_is_kept():
    search = Discrepancy(weakest=1e-3)
    curve = Curve(lambda s: 3.0 * s**0.05)  # the target is far below any strength allowed
    found = search.propose(curve, 3.0, None)
    assert min(curve.asked) >= 1e-3
    assert found.expected > 1.0


def test_the_strongest_strength_is_kept():
    search = Discrepancy()
    curve = Curve(lambda s: 0.5 + 0.0 * s)  # fits however strong: two regions of one value each
    found = search.propose(curve, 30.0, None)
    assert max(curve.asked) <= 1.0001 * search.strongest
    assert found.strength >= 30.0
    again = search.propose(curve, 30.0, 1e9)
    assert again.strength <= 1.0001 * search.strongest


def test_strength_falls_at_most_by_a_factor_in_one_step():
    search = Discrepancy()
    curve = Curve(CURVES["power"])
    found = search.propose(curve, CURVES["power"](1e3), 1e3)
    assert found.strength >= 0.999 * search.fall * 1e3
    assert min(curve.asked) >= 0.999 * search.fall * 1e3


def test_a_strength_that_gains_nothing_is_not_taken():
    curve = Curve(lambda s: 2.0 + s)  # never below 2
    found = Discrepancy().propose(curve, 30.0, None)
    assert found.expected > 2.0
    assert found.strength > 1e-3


def test_given_strength_is_used_whatever_comes():
    found = Given(7.0).propose(Curve(CURVES["power"]), 1e6, 3.0)
    assert found.strength == 7.0
    assert found.expected == pytest.approx(2.0 * 7.0**0.8)
