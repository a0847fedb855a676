"""Error models give back the errors that readings were made with."""

from dataclasses import replace

import numpy as np
import pytest

import ohmscape
from ohmscape.arrays.designs import dipole_dipole, reciprocal
from ohmscape.arrays.error_shapes import by_bins, by_electrodes
from ohmscape.core import Data, Survey
from ohmscape.errors import SurveyError
from ohmscape.quality.error_models import binned_model, grouped_model, ip_model, linear_model
from tests.quality.faults import line

N = 32
HALF = dipole_dipole(N, 8, (1, 2, 3))
ABMN = np.concatenate([HALF, reciprocal(HALF)])
RNG = np.random.default_rng(7)
TRUE = np.tile(10.0 ** RNG.uniform(-2.0, 1.0, len(HALF)), 2)


def made(deviation, seed=11, **more):
    noise = np.random.default_rng(seed).standard_normal(len(ABMN)) * deviation
    return Data(Survey(line(N), ABMN), TRUE + noise, **more)


def test_a_straight_line_comes_back():
    model = linear_model(made(0.02 * TRUE + 1e-3))
    assert model.relative == pytest.approx(0.02, rel=0.15)
    assert model.resistance_floor == pytest.approx(1e-3, rel=0.3)


def test_bins_follow_what_is_no_line():
    deviation = 0.01 * TRUE * (1.0 + (np.log10(TRUE) + 2.0) ** 2)
    data = made(deviation)
    _, found = ohmscape.error_model(data, binned_model(data))
    assert np.median(np.abs(np.log(found / deviation))) < 0.15
    _, straight = ohmscape.error_model(data, linear_model(data))
    assert np.median(np.abs(np.log(straight / deviation))) > 0.15, "or the test shows nothing"


def test_the_electrode_with_bad_contact_has_the_largest_factor():
    times = np.where((ABMN == 9).any(axis=1), 3.0, 1.0)
    model = grouped_model(made(0.02 * TRUE * times))
    factors = np.array(model.electrode_factors)
    assert np.argmax(factors) == 9
    assert factors[9] == pytest.approx(3.0, rel=0.35)
    assert np.delete(factors, 9).max() < 1.6
    assert factors[9] / np.median(factors) > 2.0


def test_models_serve_an_inversion():
    data = ohmscape.simulate(Survey(line(N), ABMN), 100.0, noise="2%", seed=1)
    data = replace(data, standard_deviation=None)
    for model in (linear_model(data), binned_model(data), grouped_model(data)):
        result = ohmscape.invert(data, error=model, check=False)
        assert 0.5 < result.chi2 < 1.3
        np.testing.assert_allclose(result.resistivity, 100.0, rtol=0.1)


@pytest.mark.parametrize(("quantity", "deviation"), [
    ("phase", "phase_deviation"), ("chargeability", "chargeability_deviation"),
])  # fmt: skip
def test_power_law_of_ip_errors_comes_back(quantity, deviation):
    spread = 2e-4 * TRUE**-0.5
    values = 5e-3 + spread * np.random.default_rng(3).standard_normal(len(TRUE))
    data = made(0.01 * TRUE, **{quantity: values})
    law = ip_model(data, quantity)
    assert law.coefficients[0] == pytest.approx(2e-4, rel=0.25)
    assert law.coefficients[1] == pytest.approx(-0.5, abs=0.08)
    parabola = ip_model(data, quantity, "parabola")
    middle = np.percentile(TRUE, [20, 80])
    np.testing.assert_allclose(parabola(middle), law(middle), rtol=0.25)


def test_too_few_pairs_give_no_model():
    few = Data(Survey(line(N), ABMN[:10]), TRUE[:10])
    assert (linear_model(few), binned_model(few), grouped_model(few)) == (None, None, None)
    assert ip_model(few, "phase") is None


def test_bins_keep_the_relative_error_beyond_their_ends():
    bins = [(1.0, 0.01), (10.0, 0.5)]
    np.testing.assert_allclose(by_bins(np.array([0.1, 100.0]), bins), [0.001, 5.0])


def test_factors_are_those_of_the_same_electrodes():
    np.testing.assert_allclose(by_electrodes(np.array([[0, -1, 1, 2]]), [2.0, 3.0, 5.0]), [30.0])
    with pytest.raises(SurveyError, match="2 factors for 3 electrodes"):
        by_electrodes(np.array([[0, -1, 1, 2]]), [2.0, 3.0])
