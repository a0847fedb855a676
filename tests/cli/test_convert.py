"""ohmscape convert: other formats, what they lose, and nothing overwritten."""

import json
import re

import numpy as np
import pytest
from typer.testing import CliRunner

import ohmscape
from ohmscape import formats
from ohmscape.cli.main import app
from ohmscape.core import Data, Electrodes, Gates, Survey

ENDINGS = {".ohm": "bert", ".shm": "bert", ".udf": "bert", ".srv": "e4d", ".csv": "syscal-text",
           ".gpkg": "geopackage", ".parquet": "parquet", ".nc": "gs"}  # fmt: skip


def run(*words, runner=CliRunner()):  # noqa: B008 - has no state
    return runner.invoke(app, [str(w) for w in words])


@pytest.fixture
def line(tmp_path):
    survey = Survey(
        Electrodes([[i, 0.0, 0.1 * i * i] for i in range(6)]), [[0, 3, 1, 2], [1, 4, 2, 3]]
    )
    data = Data(survey, np.array([2.0, -3.5]), decay=np.array([[0.02, 0.01], [0.03, 0.02]]),
                standard_deviation=np.array([0.1, 0.2]), time=np.array([1.7e9, 1.7e9 + 0.5]),
                gates=Gates(np.array([0.1, 0.2]), np.array([0.1, 0.1])))  # fmt: skip
    path = tmp_path / "line.parquet"
    formats.write(data, path)
    return path


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_ending_says_the_format(line, tmp_path, ending):
    out = tmp_path / f"a{ending.upper()}"
    done = run("convert", line, out, "--json")
    assert done.exit_code == 0, done.output
    record = json.loads(done.stdout)
    assert record["to"] == ENDINGS[ending]
    back = ohmscape.read(out)
    assert back.origin.format == ENDINGS[ending]
    assert back.origin.sha256 == record["out_sha256"]
    np.testing.assert_allclose(back.resistance, [2.0, -3.5])


def test_no_ending_belongs_to_two_formats():
    known = [ending for f in formats.writable() for ending in f.endings]
    assert sorted(known) == sorted(ENDINGS)


def test_what_is_lost_is_printed(line, tmp_path):
    done = run("convert", line, tmp_path / "a.srv")
    assert done.exit_code == 0
    assert re.search(r"2 readings of 6 electrodes: .*line.parquet \(parquet\) to .*a.srv \(e4d\)",
                     done.stdout)  # fmt: skip
    lost = re.findall(r"^  not in it +(.*)$", done.stdout, re.MULTILINE)
    assert lost == ["decays", "times of the gates", "times of the readings"]
    assert "not in it" not in run("convert", line, tmp_path / "a.gpkg").stdout


def test_a_name_goes_before_the_ending(line, tmp_path):
    assert run("convert", line, tmp_path / "a.dat", "--to", "res2dinv").exit_code == 0
    assert ohmscape.read(tmp_path / "a.dat").origin.format == "res2dinv"


def test_nothing_is_overwritten_without_force(line, tmp_path):
    out = tmp_path / "a.ohm"
    out.write_text("mine")
    done = run("convert", line, out)
    assert done.exit_code == 3
    assert "is there already" in done.stderr
    assert "--force" in done.stderr
    assert out.read_text() == "mine"
    assert run("convert", line, out, "--force").exit_code == 0
    assert len(ohmscape.read(out)) == 2
    before = line.read_bytes()
    same = run("convert", line, tmp_path / "." / line.name, "--force")
    assert same.exit_code == 3
    assert "the file that is read" in same.stderr
    assert line.read_bytes() == before


@pytest.mark.parametrize(("out", "options", "says"), [
    ("a.dat", [], "ending '.dat' does not say"),
    ("a", [], "ending '' does not say"),
    ("a.ohm", ["--to", "docx"], "'docx' is not written"),
    ("a.ohm", ["--to", "syscal-bin"], "'syscal-bin' is not written"),
    ("a.ohm", ["--format", "docx"], "'docx' is not known"),
    ("no/a.ohm", [], "cannot be written"),
    ("a.gpkg", ["--epsg", "4326"], "not in metres"),
])  # fmt: skip
def test_bad_input_is_3_and_leaves_nothing(line, tmp_path, out, options, says):
    done = run("convert", line, tmp_path / out, *options)
    assert done.exit_code == 3, done.output
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert [p.name for p in tmp_path.iterdir()] == [line.name]


@pytest.mark.parametrize("verb", ["inspect", "convert", "invert"])
def test_format_overrides_what_the_content_says(tmp_path, verb):
    """Numbers that could be anything: no format fits, the named one reads them."""
    path = tmp_path / "numbers.txt"
    path.write_text("4\n0\n1\n2\n3\n1\n1 2 3 4 5\n")
    rest = {"inspect": [], "convert": [tmp_path / "a.ohm"], "invert": ["-o", tmp_path / "r", "-q"]}[
        verb
    ]
    assert "no format fits" in run(verb, path, *rest).stderr
    wrong = run(verb, path, *rest, "--format", "sting")
    assert wrong.exit_code == 3
    assert "no format fits" not in wrong.stderr
    done = run(verb, path, *rest, "--format", "bert", "--json")
    if verb == "invert":  # one reading is read, and is not enough
        assert "no format fits" not in done.stderr
    else:
        record = json.loads(done.stdout)
        assert (record["format"], record["readings"]) == ("bert", 1)


def test_formats_says_which_are_read_and_written_and_what_they_carry():
    known = {one["format"]: one for one in json.loads(run("formats", "--json").stdout)["formats"]}
    assert known["syscal-binx"]["read"] is False
    assert known["gs"] == {
        "format": "gs", "description": known["gs"]["description"], "read": True, "write": True,
        "carries": ["IP", "3-D", "topography"], "endings": [".nc"],
    }  # fmt: skip
    table = run("formats").stdout.splitlines()
    assert table[0].split() == ["read", "write", "IP", "3-D", "topography"]
    row = next(one for one in table if one.startswith("e4d")).split()
    assert row[1:6] == ["x", "x", "-", "x", "x"]
