"""`ohmscape qc`: what it writes, that the original stays, that removals can be undone."""

import json
from hashlib import sha256

import numpy as np
import pytest
from typer.testing import CliRunner

import ohmscape
from ohmscape.cli.main import app
from ohmscape.quality import assess
from ohmscape.report.quality import render_quality
from ohmscape.viz.quality import electrodes_figure, quality_figure
from ohmscape.viz.read_again import decays_figure, errors_figure, reciprocals_figure
from ohmscape.workflow import STEPS
from tests.quality.faults import spoil

FILES = {"qc.json", "cleaned.ohm", "report.html", "quality.png", "electrodes.png",
         "reciprocals.png", "errors.png"}  # fmt: skip


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    one = spoil(24, 1, "dipole-dipole", ("dead", "swapped", "spikes"), np.random.default_rng(4),
                reciprocals=True)  # fmt: skip
    path = tmp_path_factory.mktemp("line") / "<b>line.dat"
    ohmscape.write_bert(one.data, path)
    return path


@pytest.fixture(scope="module")
def out(line, tmp_path_factory):
    folder = tmp_path_factory.mktemp("qc") / "out"
    done = run("qc", line, "--out", folder)
    assert done.exit_code == 0, done.output
    assert "usable with care" in done.stdout
    assert str(folder / "report.html") in done.stdout
    return folder


def run(*words, runner=CliRunner()):  # noqa: B008 - has no state
    return runner.invoke(app, [str(w) for w in words])


def record(folder):
    return json.loads((folder / "qc.json").read_text(encoding="utf-8"))


def test_all_files_are_there_with_their_hashes(out):
    assert {p.name for p in out.iterdir()} == FILES
    said = record(out)["outputs"]
    assert set(said) == FILES - {"qc.json"}
    for name, known in said.items():
        assert sha256((out / name).read_bytes()).hexdigest() == known


def test_the_original_is_untouched(line, tmp_path):
    before = line.read_bytes()
    assert run("qc", line, "-o", tmp_path / "r", "-q").exit_code == 0
    assert line.read_bytes() == before


def test_the_original_is_never_written_over(tmp_path, line):
    own = tmp_path / "cleaned.ohm"
    own.write_bytes(line.read_bytes())
    done = run("qc", own, "-o", tmp_path)
    assert done.exit_code == 3
    assert "would replace the file" in done.output
    assert own.read_bytes() == line.read_bytes()


def test_the_record_holds_rules_and_each_removal(out, line):
    told = record(out)
    assert (told["rule_set"]["name"], told["rule_set"]["version"]) == ("standard", "1")
    assert told["rule_set"]["limits"]["reciprocal_error"] == {
        "suspect": 0.05, "remove": 0.1, "unit": "part",
    }  # fmt: skip
    removed = [r for r in told["removals"] if r["removed"] == "reading"]
    assert len(removed) == told["readings"]["removed"] > 0
    text = line.read_text(encoding="utf-8").splitlines()
    one = removed[0]
    assert text[one["source_row"] - 1].split()[:4] == one["abmn"]
    assert one["reason"].startswith(one["rule"])
    assert one["value"] is None or np.isfinite(one["value"])


def test_the_cleaned_copy_is_read_back_with_what_was_removed(out, line):
    told, copy = record(out), ohmscape.read(out / "cleaned.ohm")
    assert len(copy) == len(ohmscape.read(line)), "nothing is dropped"
    gone = np.flatnonzero(~copy.valid) + 1
    assert gone.tolist() == [r["reading"] for r in told["removals"]]
    assert told["exchanged"], "and take-outs are put right"
    result = ohmscape.invert(copy, check=False)
    assert result.stop_reason.success


def test_undo_and_keep(out, line, tmp_path):
    told = record(out)
    some = [r["reading"] for r in told["removals"] if r["rule"] == "stray"][:2]
    done = run("qc", line, "-o", tmp_path / "u", "--undo", "bad_electrode", "--keep",
               f"{some[0]},{some[1]}-{some[1]}", "--json", "-q")  # fmt: skip
    assert done.exit_code == 0, done.output
    again = json.loads(done.stdout)
    assert again["undone"] == ["bad_electrode"]
    assert again["kept"] == some
    assert "bad_electrode" not in {r["rule"] for r in again["removals"]}
    assert not set(some) & {r["reading"] for r in again["removals"]}
    assert "--undo bad_electrode --keep" in again["reproduce"]["command"]
    space = {}
    exec(again["reproduce"]["python"], space)
    assert int(space["found"].removed.sum()) == again["readings"]["removed"]


def test_own_rules_are_in_the_record(line, tmp_path):
    rules = tmp_path / "own.toml"
    rules.write_text('name = "own"\nversion = "7"\nstray = { remove = "50 sd" }\n')
    assert run("qc", line, "-o", tmp_path / "r", "--rules", rules, "-q").exit_code == 0
    told = record(tmp_path / "r")["rule_set"]
    assert (told["name"], told["version"]) == ("own", "7")
    assert told["limits"]["stray"]["remove"] == 50.0


@pytest.mark.parametrize(("words", "code", "what"), [
    (["--rules", "lenient"], 3, "rule set 'lenient' is not known"),
    (["--undo", "spikes"], 3, "rule 'spikes' is not known"),
    (["--keep", "first"], 2, "expected numbers of readings"),
    (["--keep", "999999"], 3, "there is no reading 999999"),
])  # fmt: skip
def test_wrong_wishes_are_told(line, tmp_path, words, code, what):
    done = run("qc", line, "-o", tmp_path / "r", "-q", *words)
    assert done.exit_code == code
    assert what in " ".join(done.output.replace("│", " ").split())
    assert not (tmp_path / "r").exists()


def test_qc_is_a_step():
    assert STEPS["qc"].name == "qc"


def test_the_report_escapes_names(out):
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "<b>line" not in page
    assert "&lt;b&gt;line" in page
    assert "http" not in page.replace("http-equiv", "")
    assert render_quality(record(out), {"quality": b"x"}).count("<img") == 1


# Pictures


def texts(figure):
    return " | ".join([t.get_text() for t in figure.texts]
                      + [t.get_text() for axes in figure.axes for t in axes.texts])  # fmt: skip


def test_pictures_show_what_was_found(line):
    data = ohmscape.read(line)
    found = assess(data)
    figure = quality_figure(found)
    assert f"{int(found.removed.sum())} of {len(data)} readings removed" in texts(figure)
    labels = figure.axes[0].get_legend_handles_labels()[1]
    counts = sum(int(t.rsplit("(", 1)[1][:-1]) for t in labels if "kept" not in t)
    assert counts == int(found.removed.sum())
    bars = electrodes_figure(found)
    red = [b for b in bars.axes[0].patches if b.get_facecolor()[:2] == (0xB4 / 255, 0x23 / 255)]
    assert len(red) == int(found.electrical.bad.sum()) > 0
    assert "pairs" in texts(reciprocals_figure(found))
    assert len(errors_figure(found).axes[1].patches) == 24
    assert decays_figure(found) is None


def test_pictures_of_a_survey_off_the_line():
    places = [[float(i % 5), float(i // 5), 0.0] for i in range(25)]
    abmn = [[i, i + 1, i + 6, i + 7] for i in range(18)]
    survey = ohmscape.Survey(ohmscape.Electrodes(places), abmn)
    found = assess(ohmscape.Data(survey, np.ones(18)))
    assert quality_figure(found).axes[0].get_xlabel() == "number of the reading"
    assert electrodes_figure(found) is None
    assert reciprocals_figure(found) is None
