"""Inversion in three dimensions: a known block found, and everything written that is promised."""

import json
from functools import cache

import numpy as np
import pytest

import ohmscape
from ohmscape.core.survey import Electrodes, Survey
from ohmscape.errors import InversionError, SurveyError
from ohmscape.forward.readings import quadrupole
from ohmscape.forward.simulate3d import potentials
from ohmscape.forward.volume_setting import volume_setting_of
from ohmscape.inversion.options import Region
from ohmscape.workflow.steps import Invert

N = 7
GRID = np.stack(np.meshgrid(np.arange(N), np.arange(N)), axis=-1).reshape(-1, 2)
PLACES = np.column_stack([1.0 * GRID, np.zeros(N * N)])
BLOCK = np.array([[1.5, 1.5, -2.0], [4.0, 3.5, -0.7]])


def dipoles():
    """Return dipole-dipole readings along all rows and columns of the grid."""
    number = np.arange(N * N).reshape(N, N)
    rows = []
    for line in [*number, *number.T]:
        for a in range(N - 3):
            rows += [[line[a], line[a + 1], line[m], line[m + 1]] for m in range(a + 2, N - 1)]
    return Survey(Electrodes(PLACES), np.array(rows))


def ground(points):
    inside = ((points > BLOCK[0]) & (points < BLOCK[1])).all(axis=1)
    return np.where(inside, 10.0, 100.0)


def measured(resistivity, noise=0.0):
    """Return readings of the finest mesh, with noise."""
    setting = volume_setting_of(dipoles())
    exact = quadrupole(potentials(setting, resistivity, 2).potential, setting.abmn)
    scatter = np.random.default_rng(5).standard_normal(len(exact))
    return ohmscape.Data(dipoles(), exact * (1.0 + noise * scatter))


@cache
def data():
    return measured(ground, 0.01)


@cache
def result():
    return ohmscape.invert(data(), error="1%+0.01mohm")


def test_it_fits_and_says_that_it_is_a_volume():
    found = result()
    assert found.is_volume
    assert found.stop_reason.success
    assert 0.8 < found.chi2 < 1.2
    assert found.check is not None
    assert np.median(found.check.error_percent) < 1.0


def test_the_block_is_where_it_is():
    found = result()
    weight = found.parameters.areas * np.maximum(np.log(90.0 / found.resistivity), 0.0)
    weight[found.depth_of_investigation > 0.5] = 0.0
    place = weight @ found.parameters.centres / weight.sum()
    assert np.linalg.norm(place - BLOCK.mean(axis=0)) < 1.0  # an electrode spacing
    assert found.resistivity.min() < 40.0


def test_homogeneous_ground_stays_so():
    found = ohmscape.invert(measured(50.0), error="1%")
    np.testing.assert_allclose(found.resistivity, 50.0, rtol=0.05)


def test_no_volume_on_a_line_and_no_section_off_it():
    with pytest.raises(InversionError, match="no line"):
        _ = result().prepared.setting


def test_what_is_known_along_lines_only_is_refused():
    square = Region([[0, 0], [1, 0], [1, -1], [0, -1]])
    with pytest.raises(InversionError, match="lines only"):
        ohmscape.invert(data(), error="1%", regions=[square])


def test_fewer_readings_and_another_lambda():
    out = np.zeros(len(data()), dtype=bool)
    out[::10] = True
    fewer = ohmscape.reinvert(result(), leave_out=out)
    assert np.isnan(fewer.predicted[out]).all()
    smoother = ohmscape.reinvert(result(), lam=10 * result().lam)
    assert smoother.chi2 > result().chi2


def test_all_files_are_written(tmp_path):
    ohmscape.write(data(), tmp_path / "grid.ohm")
    record = Invert(tmp_path / "grid.ohm", tmp_path / "out", error="1%+0.01mohm").run()
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {
        "data.csv", "fit.png", "model.csv", "model.vtu", "report.html", "result.json", "slices.png",
    }  # fmt: skip
    kept = json.loads((tmp_path / "out" / "result.json").read_text())
    assert kept["forward"]["cells"] > 1000
    assert kept["inversion"]["chi2"] == pytest.approx(record["inversion"]["chi2"])
    rows = (tmp_path / "out" / "model.csv").read_text().splitlines()
    assert len(rows) == kept["model"]["cells"] + 1
    assert b"24 24 24" not in (tmp_path / "out" / "model.vtu").read_bytes()[:100]


def test_two_heights_at_one_place_are_refused():
    places = PLACES.copy()
    places = np.vstack([places, [[3.0, 3.0, 2.0]]])
    survey = Survey(Electrodes(places, buried=np.zeros(len(places), bool)), dipoles().abmn)
    with pytest.raises((SurveyError, ohmscape.MeshError)):
        ohmscape.invert(ohmscape.Data(survey, data().resistance), error="1%")
