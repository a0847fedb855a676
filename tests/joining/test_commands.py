"""The commands of docs/joining.md run as they stand, and do what the page says."""

import json
import re
import shlex
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine
from typer.testing import CliRunner

from ohmscape.arrays.designs import dipole_dipole, reciprocal, wenner
from ohmscape.arrays.geometry import geometric_factor
from ohmscape.cli.main import app
from ohmscape.core import Data, Electrodes, Survey
from ohmscape.formats import read, write_bert

PAGE = Path(__file__).parents[2] / "docs" / "joining.md"
COMMANDS = [
    line.split("#")[0].strip()
    for block in re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    for line in block.splitlines()
]


def run(*words, code=0):
    done = CliRunner().invoke(app, [str(w) for w in words])
    assert done.exit_code == code, done.output
    return done.output


def write_line(path, first=0, n=24, rows=None):
    places = np.column_stack([first + np.arange(float(n)), np.zeros(n), np.zeros(n)])
    rows = wenner(n) if rows is None else rows
    k = geometric_factor(places, rows)
    write_bert(Data(Survey(Electrodes(places), rows), 100.0 / k), path)


@pytest.fixture
def field(tmp_path, monkeypatch):
    """All that the page's commands read, in the folder in which they run."""
    monkeypatch.chdir(tmp_path)
    for i, first in enumerate((0, 12, 24)):
        write_line(Path(f"day{i + 1}.ohm"), first)
    rows = dipole_dipole(24, 6, (1, 2))
    write_line(Path("roll1.ohm"))
    write_line(Path("roll2.ohm"), rows=rows)
    write_line(Path("north.ohm"))
    write_line(Path("south.ohm"), rows=rows)
    write_line(Path("line.ohm"), rows=rows[(rows < 19).all(axis=1)])
    write_line(Path("normal.ohm"), rows=rows)
    write_line(Path("reciprocal.ohm"), rows=reciprocal(rows))
    lines = re.search(r"```\n(file,.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[1]
    Path("lines.csv").write_text(lines)
    Path("heights.csv").write_text("distance,z\n0,100\n8,106\n24,106\n")  # a slope of 3-4-5
    Path("wells.csv").write_text("hole,x,z\nB1,10,0\n")
    Path("wells.intervals.csv").write_text("hole,from,to,lithology,resistivity\nB1,0,4,clay,100\n")
    Path("top.csv").write_text("x,z\n0,-3\n23,-3\n")
    Path("gps.csv").write_text("electrode,x,y\n1,564000,5709000\n24,564023,5709000\n")
    with rasterio.open(
        "dem.tif", "w", driver="GTiff", width=100, height=100, count=1, dtype="float64",
        crs="EPSG:25832", transform=Affine(1.0, 0.0, 563950.0, 0.0, -1.0, 5709050.0),
    ) as out:  # fmt: skip
        out.write(np.tile(np.arange(100.0), (100, 1)), 1)


def test_every_command_of_the_page_runs(field):
    assert len(COMMANDS) >= 12
    for command in COMMANDS:
        program, *words = shlex.split(command)
        assert program == "ohmscape"
        words += [] if words[0] == "invert" else ["--force"]
        run(*words)
        out = Path(words[words.index("--out") + 1])
        if out.is_file():
            data = read(out)
            rows = Path(f"{out}.origin.csv").read_text().splitlines()
            assert len(rows) == len(data) + 1


def test_origin_of_a_merged_file_and_what_is_said(field):
    record = json.loads(run("merge", "day1.ohm", "day2.ohm", "-o", "x.ohm", "--json"))
    assert record["electrodes"] == 36
    assert [f["path"] for f in record["files"]] == ["day1.ohm", "day2.ohm"]
    n = len(wenner(24))
    line = Path("x.ohm.origin.csv").read_text().splitlines()[n + 1].split(",")
    assert line[:3] == [str(n + 1), "day2.ohm", record["files"][1]["sha256"]]
    second = Path("day2.ohm").read_text().splitlines()[int(line[3]) - 1]
    assert second.split()[:4] == ["1", "4", "2", "3"], "the row is that of the first reading"


def test_roll_along_and_lines_lie_where_they_were_told(field):
    run("merge", "roll1.ohm", "roll2.ohm", "--step", 24, "-o", "x.ohm")
    x = read("x.ohm").survey.electrodes.positions[:, 0]
    np.testing.assert_allclose(np.sort(x), np.arange(48.0))
    run("merge", "--lines", "lines.csv", "-o", "a.ohm")
    places = read("a.ohm").survey.electrodes.positions
    np.testing.assert_allclose(places[-1], [564023.0, 5708980.0, 0.0])


def test_taped_line_is_shorter_on_the_map(field):
    words = ("place", "line.ohm", "--topography", "heights.csv", "-o", "t.ohm")
    out = run(*words, "--distance", "along")
    assert "23.00 m along the ground are 21.00 m, 2.00 less" in out
    np.testing.assert_allclose(read("t.ohm").survey.electrodes.positions[10], [8.0, 0.0, 106.0])
    run(*words, "--force")
    np.testing.assert_allclose(read("t.ohm").survey.electrodes.positions[10], [10.0, 0.0, 106.0])


def test_edited_file_keeps_readings_and_says_why(field):
    before = read("line.ohm")
    run("edit", "line.ohm", "--off", "3", "--move", "5:4.5,0.25", "--rename", "1:A", "-o", "e.ohm")
    data = read("e.ohm")
    hit = (before.survey.abmn == 2).any(axis=1)
    np.testing.assert_array_equal(data.valid, ~hit)
    np.testing.assert_allclose(data.survey.electrodes.positions[4], [4.5, 0.0, 0.25])
    row = Path("e.ohm.origin.csv").read_text().splitlines()[1 + int(np.flatnonzero(hit)[0])]
    assert row.endswith(",0,electrode 3 switched off")
    run("edit", "line.ohm", "--turn", "all", "--swap", "2:3", "-o", "w.ohm")
    assert read("w.ohm").survey.abmn.max() == 23


def test_pairs(field):
    record = json.loads(run("pair", "normal.ohm", "reciprocal.ohm", "-o", "p.ohm", "--json"))
    assert record["pairs"] == len(dipole_dipole(24, 6, (1, 2)))
    assert len(Path("p.ohm.pairs.csv").read_text().splitlines()) == record["pairs"] + 1
    assert record["difference_median_percent"] < 1e-6
    run("pair", "normal.ohm", "reciprocal.ohm", "--average", "-o", "m.ohm")
    assert len(read("m.ohm")) == record["pairs"]


@pytest.mark.parametrize(("words", "code", "said"), [
    (["merge", "line.ohm", "-o", "line.ohm", "--force"], 3, "a file that is read"),
    (["merge", "day1.ohm", "day2.ohm", "-o", "day3.ohm"], 3, "is there already"),
    (["merge", "-o", "x.ohm"], 2, "name files"),
    (["merge", "normal.ohm", "roll2.ohm", "-o", "x.ohm"], 3, "the same file"),
    (["merge", "north.ohm", "day1.ohm", "-o", "x.xyzzy"], 3, ""),
    (["edit", "line.ohm", "-o", "x.ohm"], 3, "nothing to edit"),
    (["edit", "line.ohm", "--move", "5", "-o", "x.ohm"], 2, "LABEL:X,Z"),
    (["edit", "line.ohm", "--shift", "0", "-o", "x.ohm"], 2, "1:25-48"),
    (["edit", "line.ohm", "--swap", "5", "-o", "x.ohm"], 2, "two labels"),
    (["edit", "line.ohm", "--off", "99", "-o", "x.ohm"], 3, "no electrode '99'"),
    (["place", "line.ohm", "-o", "x.ohm"], 3, "nothing to place by"),
    (["place", "line.ohm", "--gps", "none.csv", "-o", "x.ohm"], 3, "none.csv"),
    (["pair", "normal.ohm", "day1.ohm", "-o", "x.ohm"], 3, "no reading has its reciprocal"),
])  # fmt: skip
def test_what_is_refused_leaves_no_file(field, words, code, said):
    out = run(*words, code=code)
    assert said in " ".join(out.split())
    assert not Path("x.ohm").exists()
