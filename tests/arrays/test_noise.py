"""Error models: what is believed first, numbers recovered from noise, and bad words."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ohmscape.arrays.designs import dipole_dipole, reciprocal, reciprocal_pairs
from ohmscape.arrays.geometry import geometric_factor
from ohmscape.arrays.noise import error_model, fit_reciprocals, parse_error
from ohmscape.core import Data, Electrodes, Survey
from ohmscape.errors import SurveyError

HALF = len(dipole_dipole(40))
LINE = Electrodes([[2.0 * i, 0.0] for i in range(40)])
FIELD = Path(os.environ.get("OHMSCAPE_DATA", Path(__file__).parents[3] / "shared" / "data"))


def data_of(abmn=None, resistance=None, **more):
    abmn = dipole_dipole(40) if abmn is None else abmn
    if resistance is None:
        resistance = 100.0 / geometric_factor(LINE.positions, abmn)
    return Data(Survey(LINE, abmn), np.asarray(resistance, dtype=float), **more)


def noisy_pairs(relative, floor, seed=1):
    forward = dipole_dipole(40)
    abmn = np.concatenate([forward, reciprocal(forward)])
    abmn[::3, 2:] = abmn[::3, 3:1:-1]  # signs change from one reading to its reciprocal
    true = data_of(abmn).resistance
    rng = np.random.default_rng(seed)
    sd = relative * np.abs(true) + floor
    return data_of(abmn, true + sd * rng.standard_normal(len(true)))


@pytest.mark.parametrize(
    ("text", "relative", "volt", "ohm"),
    [
        ("3%", 0.03, 0, 0),
        ("3%+1mV", 0.03, 1e-3, 0),
        ("2%+0.5mOhm", 0.02, 0, 5e-4),
        ("2 % + 0.5 mohm", 0.02, 0, 5e-4),
        ("0.03+1e-4V", 0.03, 1e-4, 0),
        ("2.5%+50uV+1e-3Ohm", 0.025, 5e-5, 1e-3),
        ("1%+0.1m\u03a9", 0.01, 0, 1e-4),
        ("1%+0.1m\u2126", 0.01, 0, 1e-4),
        (".5%+50\u00b5V", 0.005, 5e-5, 0),
        (".5%+50\u03bcV", 0.005, 5e-5, 0),
        ("1mV", 0, 1e-3, 0),
    ],
)
def test_stated_errors_are_read(text, relative, volt, ohm):
    model = parse_error(text)
    assert model.kind == "stated"
    parts = (model.relative, model.voltage_floor, model.resistance_floor)
    np.testing.assert_allclose(parts, (relative, volt, ohm), rtol=1e-12)
    assert str(model) in model.description


@pytest.mark.parametrize(
    "text",
    [
        *("", "%", "3", "150%", "100%", "-3%", "3%+", "+3%", "3%+-1mV", "3,5%", "3%+4%", "0%"),
        *("3%+1", "3%+1mA", "1mV+2mV", "3%1mV", "three", "3%+1MOhm", "nan", "inf%", "1e999%"),
    ],
)
def test_bad_errors_say_how_to_write_them(text):
    with pytest.raises(SurveyError, match="3%"):
        parse_error(text)


def test_the_users_word_wins_over_everything():
    data = replace(noisy_pairs(0.02, 0.0), standard_deviation=np.full(2 * HALF, 0.1))
    model, sd = error_model(data, "5%+2mOhm")
    assert model.kind == "stated"
    np.testing.assert_allclose(sd, 0.05 * np.abs(data.resistance) + 2e-3, rtol=1e-12)
    assert "as stated" in model.description
    np.testing.assert_array_equal(error_model(data, parse_error("5%+2mOhm"))[1], sd)


def test_a_voltage_floor_uses_the_current_of_each_reading():
    current = np.array([0.2, -0.5, np.nan, 0.0])
    abmn = dipole_dipole(40)[:4]
    model, sd = error_model(data_of(abmn, [1.0, -2.0, 3.0, 4.0], current=current), "1%+1mV")
    np.testing.assert_allclose(sd, [0.015, 0.022, 0.03 + 1e-3 / 0.35, 0.04 + 1e-3 / 0.35])
    assert "350 mA for 2 readings" in model.description
    model, sd = error_model(data_of(abmn, [1.0, -2.0, 3.0, 4.0]), "1%+1mV")
    np.testing.assert_allclose(sd, [0.02, 0.03, 0.04, 0.05])
    assert "100 mA for 4 readings" in model.description


def test_the_files_errors_are_kept_and_gaps_filled():
    abmn = dipole_dipole(40)[:5]
    own = np.array([0.01, np.nan, 0.0, -1.0, 7.0])
    data = data_of(abmn, [1.0, -2.0, 3.0, 4.0, 5.0], standard_deviation=own)
    model, sd = error_model(data)
    assert model.kind == "file"
    np.testing.assert_allclose(sd, [0.01, 0.06, 0.09, 0.12, 7.0])
    assert "3 missing, zero or negative ones filled with 3%" in model.description
    assert "1 exceed 100 %" in model.description
    np.testing.assert_array_equal(data.standard_deviation, own)


@pytest.mark.parametrize("own", [0.0, -1.0, np.nan, 300.0])
def test_errors_that_cannot_be_are_not_believed(own):
    abmn = dipole_dipole(40)[:5]
    bad = data_of(abmn, np.arange(1.0, 6.0), standard_deviation=np.full(5, own))
    model, sd = error_model(bad)
    assert model.kind == "stated"
    np.testing.assert_allclose(sd, 0.03 * np.arange(1.0, 6.0))
    assert "errors in the file" in model.description


def test_nothing_known_is_three_percent_and_no_reading_is_infinitely_sure():
    abmn = dipole_dipole(40)[:4]
    model, sd = error_model(data_of(abmn, [2.0, 0.0, -1.0, np.nan]))
    assert (model.kind, model.relative) == ("stated", 0.03)
    np.testing.assert_allclose(sd, [0.06, 0.03, 0.03, np.nan])
    assert "0 reciprocal pairs" in model.description


@pytest.mark.parametrize(("relative", "floor"), [(0.02, 0.001), (0.05, 0.0), (0.0, 0.004)])
def test_a_known_noise_is_found_in_reciprocals(relative, floor):
    found = [error_model(noisy_pairs(relative, floor, seed))[0] for seed in range(5)]
    assert {m.kind for m in found} == {"reciprocal"}
    assert found[0].pairs == HALF
    assert min(min(m.relative, m.resistance_floor) for m in found) >= 0.0
    assert np.mean([m.relative for m in found]) == pytest.approx(relative, rel=0.15, abs=1e-3)
    assert np.mean([m.resistance_floor for m in found]) == pytest.approx(floor, rel=0.15, abs=1e-4)
    assert "the file states no errors" in found[0].description


def test_the_deviation_is_that_of_one_reading():
    data = noisy_pairs(0.02, 0.001, seed=3)
    _, sd = error_model(data)
    true = data_of(data.survey.abmn).resistance
    assert np.sqrt(np.mean(((data.resistance - true) / sd) ** 2)) == pytest.approx(1.0, abs=0.05)


def test_broken_electrodes_are_faults_not_noise():
    data = noisy_pairs(0.02, 0.001)
    touched = (data.survey.abmn[:HALF] == 17).any(axis=1)
    assert 0.05 < touched.mean() < 0.15
    broken = data.resistance.copy()
    broken[:HALF][touched] *= -3.0
    model, _ = error_model(replace(data, resistance=broken))
    assert model.relative == pytest.approx(0.02, rel=0.25)
    assert f"({touched.sum()} that differ grossly left out)" in model.description


def test_only_valid_readings_count_and_too_few_pairs_are_not_fitted():
    data = noisy_pairs(0.02, 0.001)
    broken = data.resistance.copy()
    broken[29:HALF] = 1e3
    few = replace(data, resistance=broken, valid=broken != 1e3)
    assert fit_reciprocals(few) == (None, 29)
    model, _ = error_model(few)
    assert (model.kind, model.relative) == ("stated", 0.03)
    assert "29 reciprocal pairs" in model.description


def test_perfect_agreement_is_no_error_model():
    model, sd = error_model(noisy_pairs(0.0, 0.0))
    assert model.kind == "stated"
    assert "agree to the last digit" in model.description
    assert (sd > 0.0).all()


@pytest.mark.realdata
def test_the_field_pairs_of_reciprocal_ohm():
    path = FIELD / "bert" / "reciprocal.ohm"
    if not path.exists():
        pytest.skip(f"REAL FIELD DATA NOT FOUND: {path} (set OHMSCAPE_DATA)")
    lines = path.read_text(encoding="latin-1").splitlines()
    places = np.array([line.split() for line in lines[2:518]], dtype=float)
    rows = np.array([line.split() for line in lines[520 : 520 + 16476]], dtype=float)
    survey = Survey(Electrodes(places), rows[:, :4].astype(int) - 1)
    data = Data(survey, rows[:, 4])
    i, j, sign = reciprocal_pairs(survey.abmn)
    assert len(i) == 6459  # 6,152 different ones; some were repeated
    gap, size = data.resistance[i] - sign * data.resistance[j], np.abs(data.resistance[i])
    assert np.median(np.abs(gap) / size) < 0.003

    # pyGIMLi's figure, 1 % + 0.8 milliohm: deviation of the *difference*, bins of equal weight
    bins = np.array_split(np.argsort(size), 30)
    level = np.array([size[b].mean() for b in bins])
    slope, floor = np.polyfit(level, [gap[b].std() for b in bins], 1)
    assert (slope, floor) == (pytest.approx(0.01, rel=0.15), pytest.approx(8e-4, rel=0.15))

    model, sd = error_model(data)
    assert model.kind == "reciprocal"
    assert 0.01 < model.relative < 0.02
    assert 2e-5 < model.resistance_floor < 2e-4
    kept = np.abs(gap) < 0.2 * size
    chi = np.sqrt(np.mean((gap / np.sqrt(sd[i] ** 2 + sd[j] ** 2))[kept] ** 2))
    assert 0.8 < chi < 1.3
