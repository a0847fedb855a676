"""What an inversion leaves: complete, strict, consistent, the same again."""

import base64
import csv
import io
import json
import math
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import ohmscape
from ohmscape.viz.outlines import areas, polygons
from ohmscape.workflow import Invert
from ohmscape.workflow import folder as folder_module
from ohmscape.workflow.outputs import FILES
from ohmscape.workflow.plain import plain, to_json
from ohmscape.workflow.tables import data_table, model_table
from ohmscape.workflow.vtu import model_vtu
from tests.support.results import boreholes, hill, lake

RESULTS = pytest.mark.parametrize("make", [hill, boreholes, lake])
KEYS = {
    "ohmscape": None,
    "input": {"path", "sha256", "format", "electrodes", "readings", "used", "unused", "report"},
    "error_model": {"kind", "description"},
    "forward": {"nodes", "cells", "wavenumbers", "error_percent_median", "error_percent_max"},
    "inversion": {"chi2", "rrms_percent", "lambda", "iterations", "stop_reason", "seconds"},
    "check": {"chi2"},
    "model": {"cells", "resistivity_min", "resistivity_max"},
    "depth_of_investigation": {"limit", "area_percent", "depth_m"},
    "seconds_total": None, "peak_memory_mb": None, "warnings": None, "options": None,
    "versions": {"python", "numpy", "numba"}, "reproduce": {"command", "python"}, "outputs": None,
}  # fmt: skip


def strict(text):
    """Parse JSON, refusing what is not of the standard."""

    def refuse(word):
        raise AssertionError(f"{word} is not JSON")

    return json.loads(text, parse_constant=refuse)


def rows(table):
    return list(csv.DictReader(io.StringIO(table.decode())))


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    """A field file."""
    path = tmp_path_factory.mktemp("line") / "hill.dat"
    ohmscape.write_bert(hill().prepared.data, path)
    return path


@pytest.fixture(scope="module")
def done(line, tmp_path_factory):
    """The folder of an inversion and the record that it returned."""
    out = tmp_path_factory.mktemp("done") / "out"
    return out, Invert(line, out, error="3%").run()


def test_all_files_are_there_and_nothing_else(done):
    out, _ = done
    assert sorted(p.name for p in out.iterdir()) == sorted(FILES)
    assert [p.name for p in out.parent.iterdir()] == ["out"]


def test_result_json_is_strict_and_has_all_keys(done):
    out, returned = done
    record = strict((out / "result.json").read_text(encoding="utf-8"))
    assert record == returned
    for key, inner in KEYS.items():
        assert key in record
        assert inner is None or inner <= set(record[key])
    assert record["inversion"]["iterations"]
    for step in record["inversion"]["iterations"]:
        assert {"chi2", "lambda", "seconds"} <= set(step)


def test_result_json_agrees_with_the_result(done, line):
    record = done[1]
    result = ohmscape.invert(ohmscape.read(line), error="3%")
    assert record["inversion"]["chi2"] == pytest.approx(result.chi2, rel=1e-9)
    assert record["inversion"]["lambda"] == pytest.approx(result.lam, rel=1e-9)
    assert record["inversion"]["stop_reason"] == result.stop_reason.value
    assert record["check"]["chi2"] == pytest.approx(result.check.chi2, rel=1e-9)
    assert record["model"]["cells"] == len(result.resistivity)
    assert record["model"]["resistivity_max"] == pytest.approx(result.resistivity.max(), rel=1e-9)
    assert record["forward"]["nodes"] == len(result.parameters.mesh.nodes)
    assert record["forward"]["wavenumbers"] in (8, 16)
    percent = result.check.error_percent
    assert record["forward"]["error_percent_median"] == pytest.approx(np.median(percent), rel=1e-9)
    assert record["forward"]["error_percent_max"] == pytest.approx(percent.max(), rel=1e-9)
    assert record["input"]["used"] == record["input"]["readings"] - 2
    assert sum(one["count"] for one in record["input"]["unused"]) == 2
    assert 0 < record["inversion"]["seconds"] < record["seconds_total"]
    assert 20 < record["peak_memory_mb"] < 20_000


def test_hashes_are_those_of_the_files(done, line):
    from hashlib import sha256

    out, record = done
    for name, digest in record["outputs"].items():
        assert sha256((out / name).read_bytes()).hexdigest() == digest
    assert set(record["outputs"]) == set(FILES) - {"result.json"}
    assert record["input"]["sha256"] == sha256(line.read_bytes()).hexdigest()


def test_the_same_call_gives_the_same_bytes(done, line, tmp_path):
    Invert(line, tmp_path / "again", error="3%").run()
    for name in ("model.csv", "data.csv", "model.vtu"):
        assert (tmp_path / "again" / name).read_bytes() == (done[0] / name).read_bytes()


def test_a_failure_leaves_the_earlier_result_whole(done, line, tmp_path, monkeypatch):
    out = tmp_path / "out"
    Invert(line, out, error="3%").run()
    before = {p.name: p.read_bytes() for p in out.iterdir()}
    real = folder_module._write_file

    def write(path, content):
        if path.name == "report.html":
            raise OSError(28, "No space left on device")
        real(path, content)

    monkeypatch.setattr(folder_module, "_write_file", write)
    with pytest.raises(ohmscape.OhmscapeError, match="No space"):
        Invert(line, out, error="5%", lam=50.0).run()
    assert {p.name: p.read_bytes() for p in out.iterdir()} == before


def test_the_python_to_reproduce_gives_the_same(done):
    scope = {}
    exec(done[1]["reproduce"]["python"], scope)
    assert scope["result"].chi2 == pytest.approx(done[1]["inversion"]["chi2"], rel=1e-9)


@RESULTS
def test_model_table_is_the_model(make):
    result, table = make(), rows(model_table(make()))
    assert len(table) == len(result.resistivity)
    for name, values in (
        ("resistivity_ohm_m", result.resistivity),
        ("log10_resistivity", np.log10(result.resistivity)),
        ("depth_of_investigation", result.depth_of_investigation),
        ("coverage", result.coverage),
    ):
        np.testing.assert_allclose([float(r[name]) for r in table], values, rtol=2e-6, atol=1e-12)
    np.testing.assert_allclose(
        [float(r["along_m"]) for r in table], result.parameters.centres[:, 0], atol=1e-4
    )
    np.testing.assert_allclose(
        [float(r["z_m"]) for r in table], result.parameters.centres[:, 1], atol=1e-4
    )
    for r in table:
        assert float(r["along_min_m"]) <= float(r["along_m"]) <= float(r["along_max_m"])
        assert float(r["z_min_m"]) <= float(r["z_m"]) <= float(r["z_max_m"])
        box = (float(r["along_max_m"]) - float(r["along_min_m"])) * (
            float(r["z_max_m"]) - float(r["z_min_m"])
        )
        assert float(r["area_m2"]) <= box + 1e-2


@RESULTS
def test_data_table_holds_each_reading(make):
    result, table = make(), rows(data_table(make()))
    data, used = result.prepared.data, result.prepared.used
    assert len(table) == len(data)
    for i, row in enumerate(table):
        assert float(row["measured_ohm"]) == pytest.approx(data.resistance[i], rel=1e-6)
        assert row["used"] == str(int(used[i]))
        assert (row["reason"] == "") == used[i]
        if not used[i]:
            assert row["predicted_ohm"] == ""
            continue
        measured = float(row["measured_ohm"])
        k = float(row["geometric_factor_m"])
        assert float(row["apparent_resistivity_measured_ohm_m"]) == pytest.approx(
            k * measured, rel=1e-5
        )
        residual = (data.resistance[i] - result.predicted[i]) / result.standard_deviation[i]
        assert float(row["residual_sigma"]) == pytest.approx(residual, rel=1e-5, abs=1e-6)
        assert [row[c] for c in "abmn"] == [
            data.survey.electrodes.labels[e] for e in data.survey.abmn[i]
        ]
    chi2 = np.mean([float(r["residual_sigma"]) ** 2 for r in table if r["used"] == "1"])
    assert chi2 == pytest.approx(result.chi2, rel=1e-4)


def test_rows_of_the_file_are_named(done, line):
    table = rows((done[0] / "data.csv").read_bytes())
    lines = line.read_text().splitlines()
    for row in table[::17]:
        words = lines[int(row["source_row"]) - 1].split()
        assert words[:4] == [row[c] for c in "abmn"]
        assert float(words[4]) == pytest.approx(float(row["measured_ohm"]), rel=1e-6)


def arrays_of(content):
    """Return the arrays of a VTU file by name, and its piece."""
    root = ET.fromstring(content)
    piece = root.find("UnstructuredGrid/Piece")
    found = {}
    for element in root.iter("DataArray"):
        raw = base64.b64decode(element.text)
        assert int.from_bytes(raw[:8], "little") == len(raw) - 8
        values = np.frombuffer(raw[8:], dtype=element.get("type").lower())
        shape = int(element.get("NumberOfComponents", "1"))
        found[element.get("Name")] = values.reshape(-1, shape) if shape > 1 else values
    return found, piece


@RESULTS
def test_vtu_holds_the_cells(make):
    result = make()
    group = result.parameters
    found, piece = arrays_of(model_vtu(result))
    cells = group.core
    assert int(piece.get("NumberOfCells")) == cells.sum() == len(found["types"])
    assert int(piece.get("NumberOfPoints")) == len(found["Points"])
    begin = np.concatenate([[0], found["offsets"][:-1]])
    expected = areas(group.mesh.nodes[polygons(group.mesh, cells)[0]])
    for i, (first, last) in enumerate(zip(begin, found["offsets"], strict=True)):
        corners = found["Points"][found["connectivity"][first:last]]
        assert found["types"][i] == {3: 5, 4: 9, 5: 7}[last - first]
        assert areas(corners[None][:, :, [0, 2]])[0] == pytest.approx(expected[i], rel=1e-9)
    np.testing.assert_array_equal(found["resistivity"], result.model.resistivity[cells])
    np.testing.assert_array_equal(found["parameter"], group.of_cell[cells])
    free = found["parameter"] >= 0
    assert np.isfinite(found["coverage"]).tolist() == free.tolist()
    total = np.bincount(found["parameter"][free], expected[free], len(group))
    np.testing.assert_allclose(total, group.areas, rtol=0.05)


def test_vtu_stands_on_the_map():
    """A line that runs to the north-east has its points there, z up."""
    x = np.arange(16) * 2.0
    places = np.column_stack([500 + 0.6 * x, 800 + 0.8 * x, np.full(16, 30.0)])
    old = hill().prepared.data
    survey = ohmscape.Survey(ohmscape.Electrodes(places), old.survey.abmn)
    data = ohmscape.simulate(survey, 100.0)
    points = arrays_of(model_vtu(ohmscape.invert(data, check=False)))[0]["Points"]
    np.testing.assert_allclose((points[:, 0] - 500) / 0.6, (points[:, 1] - 800) / 0.8, atol=1e-6)
    assert points[:, 2].max() == pytest.approx(30.0)
    assert points[:, 2].min() < 28.0


def test_json_never_holds_what_json_has_not():
    record = plain(
        {"a": [math.nan, -math.inf, np.float32(1.5)], "b": "\udcff", "c": np.bool_(True)}
    )
    assert strict(to_json(record)) == {"a": [None, None, 1.5], "b": "\ufffd", "c": True}
    with pytest.raises(TypeError, match="no place"):
        plain({"x": object()})
