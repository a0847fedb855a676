"""The dialogue that says what the columns of a text are: answers, offers, and what is saved."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from ohmscape import formats
from ohmscape.cli.main import app
from ohmscape.formats import guess, load_mapping

METER = """meter 7
No;C1;C2;P1;P2;V (mV);I (mA);Rho [ohm.m];Err(%)
1;1;4;2;3;12,5;50;3,14;1,5
2;2;5;3;4;-30;60;-6,28;2
3;1;0;3;4;30;60;12,56;2
"""


def ask(tmp_path, answers, *options, text=METER, name="meter.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    words = "\n".join(answers) + "\n"
    return path, CliRunner().invoke(app, ["map", str(path), *map(str, options)], input=words)


OFFERED = [""] * 3 + [""] * 6 + ["", ""] * 4  # dialect; No a b m n; u i rhoa err with units


def test_what_is_offered_is_what_the_header_says(tmp_path):
    path, done = ask(tmp_path, [*OFFERED[:8], *[""] * 8, "2", "1", "0"])
    assert done.exit_code == 0, done.output
    data = formats.read(path)
    assert data.origin.format == "columns"
    np.testing.assert_allclose(data.resistance, [0.25, -0.5, 0.5])
    np.testing.assert_allclose(data.standard_deviation, [0.00375, 0.01, 0.01])
    assert data.survey.abmn.tolist() == [[0, 3, 1, 2], [1, 4, 2, 3], [0, -1, 2, 3]]
    assert np.ptp(data.survey.electrodes.positions[:, 0]) == 8.0
    assert "3 of 3 readings" in done.stdout
    assert "--format" in done.stdout


def test_the_mapping_serves_another_file_by_its_name(tmp_path):
    answers = [*OFFERED[:8], *[""] * 8, "2", "1", "0"]
    _, done = ask(tmp_path, answers, "--out", tmp_path / "meter.toml", "--json")
    assert (
        json.loads(done.stdout[done.stdout.index("{") :])["valid"] == 3
    )  # the runner echoes answers
    other = tmp_path / "other.csv"
    other.write_text(METER.replace("12,5", "25"))
    assert formats.read(other, format=str(tmp_path / "meter.toml")).resistance[0] == 0.5
    shown = CliRunner().invoke(
        app, ["inspect", str(other), "--format", str(tmp_path / "meter.toml")]
    )
    assert shown.exit_code == 0
    assert "columns" in shown.stdout


def test_answers_go_before_offers_and_wrong_ones_are_asked_again(tmp_path):
    text = "x;y;z;w;v\n" + "".join(f"{i};{i + 3};{i + 1};{i + 2};{i}.5\n" for i in range(1, 6))
    answers = ["", "", "one", "1", "spam", "a", "b", "a", "m", "n", "r", "gallons", "kohm",
               "far", "5", "1", "-"]  # fmt: skip
    path, done = ask(tmp_path, answers, text=text)
    assert done.exit_code == 0, done.output
    mapping = load_mapping(path.with_name("meter.columns.toml"))
    assert {name: cell.column for name, cell in mapping.columns.items()} == {
        "a": 1, "b": 2, "m": 3, "n": 4, "r": 5,
    }  # fmt: skip
    assert formats.read(path).resistance[0] == 1500.0
    assert mapping.spacing == 5.0


def test_places_decays_and_depths(tmp_path):
    head = "xa xb xm xn zm r m1 m2\n"
    body = "".join(f"{i} {i + 3} {i + 1} {i + 2} 4 {i}.5 9 5\n" for i in range(6))
    answers = [*[""] * 3, *["", ""] * 5, "", "ohm", "decay", "mV/V", "decay", "depth", "9999",
               "0.1 0.2", "0.1 0.2"]  # fmt: skip
    path, done = ask(tmp_path, answers, text=head + body)
    assert done.exit_code == 0, done.output
    data = formats.read(path)
    np.testing.assert_allclose(data.decay[0], [9e-3, 5e-3])
    np.testing.assert_allclose(data.gates.width, [0.1, 0.2])
    assert data.survey.electrodes.positions[data.survey.abmn[0, 2], 2] == -4.0


def test_what_cannot_be_is_bad_input_and_nothing_is_saved(tmp_path):
    path, done = ask(tmp_path, ["", "", "", *["-"] * 9, "-"])
    assert done.exit_code == 3
    assert "electrodes are given by nothing" in done.stderr
    assert not path.with_name("meter.columns.toml").exists()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Vmn [mV]", ("u", "mV")), ("A(x)", ("xa", "m")), ("视电阻率(Ω·m)", ("rhoa", "ohm m")),
        ("电流(mA)", ("i", "mA")), ("I", ("i", "")), ("Res.", ("r", "ohm")), ("banana", ("", "")),
        ("Dev./%", ("err", "%")), ("Date", ("time", "")), ("Rho (gallons)", ("rhoa", "ohm m")),
    ],
)  # fmt: skip
def test_names_of_columns(name, expected):
    from ohmscape.formats._guess import meaning

    assert meaning(name) == expected


@pytest.mark.parametrize(
    ("text", "delimiter", "decimal", "header_rows"),
    [
        (METER, ";", ",", 2), ("a,b,m,n,r\n1,4,2,3,1.5\n", ",", ".", 1),
        ("1\t4\t2\t3\t1,5\n2\t5\t3\t4\t1,5\n", "tab", ",", 0),
        ("# by hand\n\na b m n r\n1 4 2 3 1.5\n2 5 3 4 1.5\n", "blank", ".", 3),
    ],
)  # fmt: skip
def test_dialects(tmp_path, text, delimiter, decimal, header_rows):
    (tmp_path / "x.csv").write_text(text)
    found = guess(tmp_path / "x.csv")
    assert (found.delimiter, found.decimal, found.header_rows) == (delimiter, decimal, header_rows)
