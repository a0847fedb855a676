"""The command line: exit codes, clean messages, JSON on stdout, help for every option."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

import ohmscape
from ohmscape.arrays.designs import dipole_dipole
from ohmscape.cli.main import app
from ohmscape.cli.show import in_words, row_ranges, share_done
from ohmscape.workflow import STEPS, Progress
from ohmscape.workflow.outputs import FILES
from ohmscape.workflow.steps import Simulate
from tests.support.results import hill

COMMAND = typer.main.get_command(app)
VERBS = sorted(COMMAND.commands)


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    path = tmp_path_factory.mktemp("line") / "hill.dat"
    ohmscape.write_bert(hill().prepared.data, path)
    return path


def run(*words, runner=CliRunner()):  # noqa: B008 - has no state
    return runner.invoke(app, [str(w) for w in words])


def process(*words, **options):
    return subprocess.run(
        [sys.executable, "-m", "ohmscape", *map(str, words)], capture_output=True, text=True,
        check=False, **options,
    )  # fmt: skip


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_and_option_has_a_help_text(verb):
    command = COMMAND.commands[verb]
    assert len(command.help) > 20
    for parameter in command.params:
        assert len(parameter.help or "") > 8 or parameter.name == "help", parameter.name


def test_every_step_is_a_verb():
    assert set(STEPS) <= set(VERBS)


def test_version():
    assert run("--version").stdout == f"ohmscape {ohmscape.__version__}\n"


def test_invert_writes_all_and_says_what_it_found(line, tmp_path):
    done = run("invert", line, "--out", tmp_path / "r", "--error", "3%")
    assert done.exit_code == 0
    assert sorted(p.name for p in (tmp_path / "r").iterdir()) == sorted(FILES)
    assert "explains" in done.stdout
    assert str(tmp_path / "r" / "report.html") in done.stdout
    assert "iteration 1: chi-squared" in done.stderr
    assert "tests" not in done.stderr


def test_json_is_alone_on_stdout(line, tmp_path):
    done = process("invert", line, "--out", tmp_path / "r", "--error", "3%", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == json.loads((tmp_path / "r" / "result.json").read_text())
    assert "iteration" in done.stderr


def test_quiet_is_quiet(line, tmp_path):
    done = process("invert", line, "--out", tmp_path / "r", "--error", "3%", "-q", "--json")
    assert done.stderr == ""


def test_not_converged_is_4_and_all_is_written(line, tmp_path):
    done = run("invert", line, "-o", tmp_path / "r", "--error", "0.1%", "--max-iterations", "1")
    assert done.exit_code == 4
    assert sorted(p.name for p in (tmp_path / "r").iterdir()) == sorted(FILES)
    assert "does not explain" in done.stdout


def test_options_reach_the_engine(line, tmp_path):
    done = run(
        "invert", line, "-o", tmp_path / "r", "--error", "3%+1mV", "--lam", "20", "--robust",
        "--blocky", "--vertical-weight", "0.5", "--depth", "6", "--bounds", "10,1000", "--format",
        "bert", "--json", "--quiet",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    record = json.loads(done.stdout)
    assert record["inversion"]["lambda"] == 20.0
    assert 10 <= record["model"]["resistivity_min"] < record["model"]["resistivity_max"] <= 1000
    assert record["options"]["bounds"] == [10.0, 1000.0]
    words = record["reproduce"]["command"]
    for part in ("--lam 20", "--robust", "--blocky", "--vertical-weight 0.5", "--depth 6",
                 "--bounds 10,1000", "--error 3%+1mV", "--format bert"):  # fmt: skip
        assert part in words
    again = run(*words.split()[1:4], tmp_path / "again", *words.split()[5:], "--json", "-q")
    assert json.loads(again.stdout)["inversion"]["chi2"] == record["inversion"]["chi2"]


def test_water(line, tmp_path):
    done = run("invert", line, "-o", tmp_path / "r", "--error", "30%", "--water-level", "1",
               "--water-resistivity", "50", "--json", "-q")  # fmt: skip
    assert done.exit_code in (0, 4), done.output
    assert "Water(1.0, 50.0)" in json.loads(done.stdout)["reproduce"]["python"]


@pytest.mark.parametrize("words", [
    ["invert", "{line}"],
    ["invert", "{line}", "--out", "{line}"],
    ["invert", "{line}", "--out", "r", "--error", "lots"],
    ["invert", "{line}", "--out", "r", "--lam", "-3"],
    ["invert", "{line}", "--out", "r", "--bounds", "10"],
    ["invert", "{line}", "--out", "r", "--bounds", "10,1"],
    ["invert", "{line}", "--out", "r", "--depth", "-1"],
    ["invert", "{line}", "--out", "r", "--depth", "nan"],
    ["invert", "{line}", "--out", "r", "--water-level", "3"],
    ["simulate", "--out", "r", "--layer", "5"],
    ["simulate", "--out", "r", "--block", "1,1,2,3:4"],
    ["simulate", "--out", "r", "--array", "mine"],
    ["nothing"], ["invert", "--nothing"],
])  # fmt: skip
def test_usage_is_2(words, line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = run(*(w.format(line=line) for w in words))
    assert done.exit_code == 2, done.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "content", "says"), [
    ("missing.dat", None, "no such file"),
    ("empty.dat", b"", "empty"),
    ("junk.bin", bytes(range(256)) * 9, "no format fits"),
    ("cut.dat", b"4\n# x z\n0 0\n1 0\n2 0\n", "cut.dat"),
    ("bad\x1b[31mname.dat", b"", "empty"),
])  # fmt: skip
@pytest.mark.parametrize("verb", ["invert", "inspect"])
def test_bad_input_is_3_with_one_clean_message(tmp_path, name, content, says, verb):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    rest = ["--out", tmp_path / "r", "--quiet"] if verb == "invert" else []
    done = run(verb, path, *rest)
    assert done.exit_code == 3
    assert says in done.stderr
    assert "Traceback" not in done.output
    assert "\x1b" not in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
    assert not (tmp_path / "r").exists()


def test_inspect_says_what_is_in_it(line):
    record = json.loads(run("inspect", line, "--json").stdout)
    assert record["format"] == "bert"
    assert record["electrodes"] == 16
    assert record["readings"] == record["valid"] + 2
    assert sum(one["count"] for one in record["reasons"]) == 2
    assert record["evidence"][0]["score"] > 0.5
    assert {c["name"] for c in record["columns"]} >= {"a", "b", "m", "n", "resistance"}
    assert [c["unit"] for c in record["columns"] if c["name"] == "resistance"] == ["ohm"]
    assert record["ranges"]["resistance"]["min"] < record["ranges"]["resistance"]["max"]
    words = run("inspect", line).stdout
    for part in ("bert", "16", "resistance", "not valid", "errors"):
        assert part in words


def test_inspect_shows_what_speaks_for_each_format_where_none_fits(tmp_path):
    path = tmp_path / "notes.csv"
    path.write_text("some notes, and 3 4 5\n" * 9)
    assert run("inspect", path).exit_code == 3
    done = run("inspect", path, "--evidence")
    assert done.exit_code == 0
    known = [one["format"] for one in json.loads(run("formats", "--json").stdout)["formats"]]
    assert sorted(line.split()[0] for line in done.stdout.splitlines()[1:]) == sorted(known)
    record = json.loads(run("inspect", path, "--evidence", "--json").stdout)
    assert max(one["score"] for one in record["evidence"]) < 0.5


def test_formats_lists_them():
    known = {one["format"] for one in json.loads(run("formats", "--json").stdout)["formats"]}
    assert {"bert", "res2dinv"} <= known
    assert all(name in run("formats").stdout for name in known)


def test_simulate_gives_layers_and_blocks(tmp_path):
    topography = tmp_path / "ground.txt"
    topography.write_text("# x z\n-10 2\n15 4\n50 2\n")
    done = run("simulate", "--out", tmp_path / "s.dat", "--electrodes", 16, "--spacing", 2,
               "--array", "schlumberger", "--max-n", 4, "--layer", "2:20", "--layer", "4:50",
               "--block", "12,18,-6,-2:1000", "--topography", topography, "--noise", "2%",
               "--seed", 3, "--reciprocals", "--json")  # fmt: skip
    assert done.exit_code == 0, done.output
    record = json.loads(done.stdout)
    data = ohmscape.read(tmp_path / "s.dat")
    assert len(data) == record["readings"]
    assert data.survey.electrodes.positions[:, 2].max() == pytest.approx(4.0, abs=0.1)
    again = run("simulate", "--out", tmp_path / "t.dat", "--electrodes", 16, "--seed", 3)
    assert again.exit_code == 0


def test_simulate_from_toml_is_the_same_as_from_options(tmp_path):
    (tmp_path / "g.toml").write_text(
        'electrodes = 12\nspacing = 1.5\narray = "wenner"\nbackground = 200\n'
        'layers = [[1.0, 20]]\nblocks = [[4, 8, -4, -2, 500.0]]\nnoise = "1%"\nseed = 7\n'
    )
    assert run("simulate", tmp_path / "g.toml", "-o", tmp_path / "a.dat").exit_code == 0
    done = run("simulate", "-o", tmp_path / "b.dat", "--electrodes", 12, "--spacing", 1.5,
               "--array", "wenner", "--background", 200, "--layer", "1:20",
               "--block", "4,8,-4,-2:500", "--noise", "1%", "--seed", 7)  # fmt: skip
    assert done.exit_code == 0
    assert (tmp_path / "a.dat").read_bytes() == (tmp_path / "b.dat").read_bytes()
    run("simulate", tmp_path / "g.toml", "-o", tmp_path / "c.dat", "--background", 300)
    assert (tmp_path / "c.dat").read_bytes() != (tmp_path / "a.dat").read_bytes()


def test_simulated_layers_are_those_of_the_closed_form(tmp_path):
    """Two layers 100 / 10 with 5 m, Wenner a = 2: 96.9046 ohm m (physics.md)."""
    run("simulate", "-o", tmp_path / "a.dat", "--electrodes", 4, "--spacing", 2,
        "--array", "wenner", "--background", 10, "--layer", "5:100")  # fmt: skip
    resistance = ohmscape.read(tmp_path / "a.dat").resistance
    assert resistance[0] * 4 * np.pi == pytest.approx(96.9046, rel=5e-4)


@pytest.mark.parametrize("text", [
    "electrodes = 'many'", "depth = 3", "layers = [[1]]", "spacing = -1", "array = 'mine'", "a = [",
    "layers = [[5, 10], [3, 20]]", "topography = 'nowhere.txt'", "electrodes = true",
])  # fmt: skip
def test_a_wrong_ground_is_3_with_one_message(tmp_path, text):
    (tmp_path / "g.toml").write_text(text)
    done = run("simulate", tmp_path / "g.toml", "-o", tmp_path / "a.dat", "-q")
    assert done.exit_code == 3, done.output
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "a.dat").exists()


def test_simulate_takes_the_options_of_its_step():
    names = {p.name.rstrip("_") for p in COMMAND.commands["simulate"].params}
    fields = set(Simulate.__dataclass_fields__) - {"layers", "blocks", "name"}
    assert fields <= names


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_nothing_half_written(tmp_path, number):
    x = np.arange(72) * 2.0
    survey = ohmscape.Survey(ohmscape.Electrodes(np.column_stack([x, 0 * x])), dipole_dipole(72))
    rng = np.random.default_rng(1)
    ohmscape.write_bert(
        ohmscape.Data(survey, rng.uniform(0.1, 2.0, len(survey))), tmp_path / "a.dat"
    )
    words = ["invert", tmp_path / "a.dat", "-o", tmp_path / "r", "--error", "0.1%"]
    with subprocess.Popen(
        [sys.executable, "-m", "ohmscape", *map(str, words)], stderr=subprocess.PIPE, text=True
    ) as running:
        for said in running.stderr:
            if said.startswith(("preparing", "compiling")):
                break
        time.sleep(0.3)
        running.send_signal(number)
        rest = running.stderr.read()
    assert running.returncode == 128 + number
    assert "Traceback" not in rest
    if number == signal.SIGINT:
        assert "interrupted, nothing was written" in rest
    assert [p.name for p in tmp_path.iterdir()] == ["a.dat"]


def test_start_is_quick_because_nothing_heavy_is_loaded():
    code = (
        "import sys; from ohmscape.cli.main import app\n"
        "heavy = {'numpy', 'numba', 'scipy', 'matplotlib', 'jinja2'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_progress_in_words():
    step = Progress("iteration", "", 2, 1.234, 20.5)
    assert in_words(step) == "iteration 2: chi-squared 1.23, lambda 20.5"
    assert in_words(Progress("reading", "a.dat")) == "reading a.dat"
    assert share_done(Progress("reading")) is None
    assert share_done(step) < share_done(Progress("iteration", "", 3, 1.0, 20.5)) == 1.0


def test_ansi_is_not_needed_to_read_help():
    done = process("invert", "--help", env={**os.environ, "NO_COLOR": "1", "COLUMNS": "100"})
    assert done.returncode == 0
    assert not re.search(r"\x1b\[3", done.stdout)
    for part in ("ohm m", "in m", "default"):
        assert part in done.stdout


@pytest.mark.parametrize(("rows", "words"), [
    ([], ""), ([7], "7"), ([3, 4, 5, 9, 12, 13], "3-5, 9, 12-13"),
    (range(1, 40, 2), "1, 3, 5, 7, 9, 11, 13, 15, ... 39, all by --json"),
    (range(1, 4000), "1-3999"),
])  # fmt: skip
def test_row_numbers_are_shown_as_ranges(rows, words):
    assert row_ranges(rows) == words
