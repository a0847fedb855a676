"""Normal and reciprocal files as one data set, and the error that each pair states."""

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from ohmscape.arrays.designs import dipole_dipole, reciprocal
from ohmscape.arrays.geometry import geometric_factor
from ohmscape.core import Data, Electrodes, Origin, Survey
from ohmscape.errors import SurveyError
from ohmscape.formats import read
from ohmscape.joining.pairs import averaged, pair

N = 24
PLACES = np.column_stack([np.arange(float(N)), np.zeros(N), np.zeros(N)])


def measured(rows, name, scatter, seed):
    r = 100.0 / geometric_factor(PLACES, rows)
    noise = np.random.default_rng(seed).standard_normal(len(rows))
    origin = Origin(Path(name), sha256(name.encode()).hexdigest(), "bert", np.arange(len(rows)) + 1)
    return Data(Survey(Electrodes(PLACES), rows), r * (1 + scatter * noise), origin=origin)


ROWS = dipole_dipole(N, 6, (1, 2))


def test_each_pair_states_its_error_and_its_mean_is_better():
    turned = reciprocal(ROWS)[::-1]
    turned[::3, [0, 1]] = turned[::3, [1, 0]]  # polarity turned: sign of R turns
    normal, other = measured(ROWS, "n.ohm", 0.02, 1), measured(turned, "r.ohm", 0.02, 2)
    paired = pair(normal, other)
    assert len(paired.normal) == len(ROWS)
    assert len(paired.data) == 2 * len(ROWS)
    assert (paired.sign < 0).sum() > 10
    true = 100.0 / geometric_factor(PLACES, ROWS)
    assert np.std(paired.mean / true[paired.normal] - 1) == pytest.approx(0.02 / 2**0.5, rel=0.15)
    assert np.std(paired.difference / true[paired.normal]) == pytest.approx(0.02 * 2**0.5, rel=0.15)
    assert paired.model.relative == pytest.approx(0.02, rel=0.2)


def test_means_are_as_sure_as_the_model_says_and_trace_to_the_normal_file():
    paired = pair(measured(ROWS, "n.ohm", 0.02, 1), measured(reciprocal(ROWS), "r.ohm", 0.02, 2))
    data = averaged(paired)
    assert len(data) == len(ROWS)
    assert {data.origin.file_of(i).path.name for i in range(len(data))} == {"n.ohm"}
    true = 100.0 / geometric_factor(PLACES, ROWS)
    chi2 = np.mean(((data.resistance - true) / data.standard_deviation) ** 2)
    assert 0.4 < chi2 < 1.2
    floor = paired.model.relative * np.abs(data.resistance) + paired.model.resistance_floor
    floor /= 2**0.5
    half = 0.5 * np.abs(paired.difference)
    np.testing.assert_allclose(data.standard_deviation, np.maximum(half, floor), rtol=1e-6)


def test_readings_without_partner_stay():
    paired = pair(
        measured(ROWS, "n.ohm", 0.02, 1), measured(reciprocal(ROWS[:40]), "r.ohm", 0.02, 2)
    )
    data = averaged(paired)
    assert (len(paired.normal), len(data)) == (40, len(ROWS))
    assert f"{len(ROWS) - 40} valid readings have no partner" in paired.data.report[-1].what
    alone = paired.model.relative * np.abs(data.resistance) + paired.model.resistance_floor
    np.testing.assert_allclose(data.standard_deviation[40:], alone[40:])


def test_no_pair_is_an_error_and_invalid_readings_make_none():
    normal = measured(ROWS, "n.ohm", 0.02, 1)
    with pytest.raises(SurveyError, match="no reading has its reciprocal"):
        pair(normal, measured(ROWS, "again.ohm", 0.02, 2))
    other = measured(reciprocal(ROWS), "r.ohm", 0.02, 2)
    bad = other.without(np.arange(len(other)) < 5, "off")
    assert len(pair(normal, bad).normal) == len(ROWS) - 5


def test_means_of_spectra_turn_with_the_sign():
    turned = reciprocal(ROWS)[:, [1, 0, 2, 3]]
    normal, other = measured(ROWS, "n.ohm", 0.0, 1), measured(turned, "r.ohm", 0.0, 2)
    spectrum = {"frequencies": np.array([1.0])}
    normal = replace(normal, **spectrum, impedance=normal.resistance[:, None] * (1 - 0.1j))
    other = replace(other, **spectrum, impedance=other.resistance[:, None] * (1 - 0.1j))
    data = averaged(pair(normal, other))
    np.testing.assert_allclose(data.impedance[:, 0], data.resistance * (1 - 0.1j))


@pytest.mark.realdata
def test_a_real_normal_and_reciprocal_file(field_data):
    paired = pair(*(read(field_data / "abem" / f"abem-lund-{k}.ohm") for k in ("norm", "recip")))
    assert len(paired.normal) == 428  # of 431 and 428 readings
    assert np.median(paired.relative[np.abs(paired.mean) > 2.0]) < 0.03
    assert np.median(paired.relative) > 1.0, "its weak readings are noise, and that is seen"
    assert {p.path.name for p in paired.data.origin.parts} == {
        "abem-lund-norm.ohm", "abem-lund-recip.ohm",
    }  # fmt: skip
