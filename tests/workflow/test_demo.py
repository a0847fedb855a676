"""The demo finds what is there, to within distances that are stated."""

import json

import pytest

import ohmscape
from ohmscape.workflow import Demo
from ohmscape.workflow.demo import BAD, FILE, earth, measured


@pytest.fixture(scope="module", params=[1, 2])
def found(request, tmp_path_factory):
    out = tmp_path_factory.mktemp("demo") / "out"
    Demo(out, seed=request.param).run()
    return out, json.loads((out / "result.json").read_text(encoding="utf-8"))


def test_it_fits(found):
    assert 0.9 < found[1]["inversion"]["chi2"] < 1.1


def test_the_bad_electrodes_are_found_and_no_others(found):
    bad = found[1]["demo"]["bad_electrodes"]
    assert bad["found"] == bad["true"] == [e + 1 for e in BAD]


def test_the_cave_is_where_it_is(found):
    cave = found[1]["demo"]["cave"]
    assert cave["distance_m"] < 1.0
    assert abs(cave["x_m"] - cave["true_x_m"]) < 0.7
    assert abs(cave["depth_m"] - cave["true_depth_m"]) < 0.9
    assert cave["resistivity_ohm_m"] > 4 * found[1]["demo"]["limestone"]["true_resistivity_ohm_m"]


def test_the_base_of_the_heap_is_where_it_is(found):
    assert found[1]["demo"]["heap_base"]["error_rms_m"] < 1.2


@pytest.mark.parametrize("name", ["slag", "limestone"])
def test_resistivities_are_right(found, name):
    one = found[1]["demo"][name]
    assert one["resistivity_ohm_m"] == pytest.approx(one["true_resistivity_ohm_m"], rel=0.15)


def test_errors_are_known_from_reciprocals(found):
    error = found[1]["error_model"]
    assert error["kind"] == "reciprocal"
    assert error["relative_percent"] == pytest.approx(1.5, abs=0.25)


def test_the_story_is_in_the_report_with_the_file_beside_it(found):
    out, record = found
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "Cave: found at" in page
    assert len(record["story"]) >= 6
    assert len(ohmscape.read(out / FILE)) == record["input"]["readings"]


def test_the_earth_is_what_it_is_said_to_be():
    import numpy as np

    places = np.array([[17.0, 0, -4.5], [58.0, 0, 3.0], [58.0, 0, -3.0], [17.0, 0, -8.0]])
    assert earth(places).tolist() == [20_000.0, 30.0, 300.0, 300.0]
    data = measured(1)
    assert data.standard_deviation is None
    assert data.valid.all()
