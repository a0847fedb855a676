"""Delimited text by a mapping: three ways to give electrodes, units, dialects, errors, TOML."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ohmscape import formats
from ohmscape.core import REMOTE
from ohmscape.errors import FormatError
from ohmscape.formats import Cell, Mapping, load_mapping, write_mapping
from ohmscape.formats._mapping import STATED, UNITS
from tests.formats.exchange import endure, fails, places, words

NUMBERS = {name: Cell(i + 1) for i, name in enumerate("abmn")}
LINE = Mapping({**NUMBERS, "u": Cell(5, "mV"), "i": Cell(6, "mA")}, spacing=2.0, header_rows=1)
TEXT = "A,B,M,N,U,I\n1,4,2,3,100.5,50\n2,5,3,4,-30,60\n"

TOML = """# a meter of our own
delimiter = ";"
decimal = ","
header_rows = 2
comment = "#"
missing = ["over"]
remote = [0]
spacing = 5
first_x = 100.0

[columns]
a = "C1"
b = "C2"
m = { column = 3 }
n = { column = "P2" }
rhoa = { column = "Rho", unit = "ohm m" }
err = { column = 6, unit = "%" }
time = { column = "Date", unit = "date" }
"""
METER = """Meter 7
C1;C2;P1;P2;Rho;Err;Date
1;4;2;3;12,5;1,5;13.05.2024 10:00:00
# pause
1;0;2;3;over;2;13.05.2024 10:00:09
2;5;3;4;-25,25;0;13.05.2024 10:00:18
"""


def test_numbers_voltage_and_current(written):
    data = formats.read(written(TEXT), mapping=LINE)
    assert data.origin.format == "columns"
    np.testing.assert_allclose(data.resistance, [2.01, -0.5])
    np.testing.assert_allclose(data.voltage, [0.1005, -0.03])
    np.testing.assert_allclose(data.current, [0.05, 0.06])
    np.testing.assert_allclose(places(data)[1, :, 0], [2, 8, 4, 6])
    assert data.origin.rows.tolist() == [2, 3]
    current = next(c for c in data.origin.columns if c.name == "current")
    assert (current.token, current.unit, current.index, current.note) == (
        "I", "mA", 6, "x 0.001 to SI"
    )  # fmt: skip


def test_a_mapping_file_beside_the_text(written):
    path = written(METER, "field.csv")
    fails(path, r"no format fits; nothing.*what its columns are")
    written(TOML, "field.columns.toml")
    data = formats.read(path)
    assert data.origin.format == "columns"
    assert data.survey.abmn.tolist() == [[0, 3, 1, 2], [0, REMOTE, 1, 2], [1, 4, 2, 3]]
    np.testing.assert_allclose(data.survey.electrodes.positions[:, 0], [100, 105, 110, 115, 120])
    np.testing.assert_array_equal(data.apparent_resistivity, [12.5, np.nan, -25.25])
    k = 2 * np.pi * 5  # Wenner by hand
    np.testing.assert_allclose(data.resistance[[0, 2]], [12.5 / k, -25.25 / k])
    np.testing.assert_allclose(data.standard_deviation[0], 0.015 * 12.5 / k)
    assert np.isnan(data.standard_deviation[2])
    np.testing.assert_allclose(np.diff(data.time), 9)
    assert data.valid.tolist() == [True, False, True]
    assert "no resistance" in data.reasons[1]
    assert data.origin.rows.tolist() == [3, 5, 6]
    assert "columns by field.columns.toml" in words(data, "kept")


def test_the_mapping_beside_wins_over_other_readers(written):
    bert = "4# sensors\n#x z\n0 0\n1 0\n2 0\n3 0\n1# data\n#a b m n r\n1 4 2 3 5\n"
    path = written(bert)
    mapping = (
        'delimiter = "blank"\nheader_rows = 8\nspacing = 1\n[columns]\na=1\nb=2\nm=3\nn=4\nr=5\n'
    )
    written(mapping, "field.columns.toml")
    assert formats.read(path).origin.format == "columns"
    assert formats.read(path, format="bert").origin.format == "bert"


def test_places_in_each_row(written):
    names = ("xa", "ya", "za", "xb", "xm", "xn", "r")
    mapping = Mapping(
        {name: Cell(i + 1, "ft" if name[0] == "x" else "") for i, name in enumerate(names)},
        delimiter="tab", remote=(9999.0,), depth=True,
    )  # fmt: skip
    text = "0\t1\t2\t30\t10\t20\t7\n0\t1\t2\t9999\t10\t20\t8\n"
    data = formats.read(written(text), mapping=mapping)
    np.testing.assert_allclose(places(data)[0], np.array([[0, 1, -2], [9.144, 0, 0], [3.048, 0, 0],
                                                         [6.096, 0, 0]]))  # fmt: skip
    assert data.survey.abmn[1, 1] == REMOTE
    assert data.resistance.tolist() == [7, 8]


@pytest.mark.parametrize(
    ("array", "row", "expected"),
    [
        ("wenner", "3 2 100", [3, 9, 5, 7]),
        ("dipole-dipole", "3 2 4 100", [5, 3, 13, 15]),
        ("pole-dipole", "3 2 -4 100", [13, None, 5, 3]),
        ("schlumberger", "3 2 4 100", [3, 21, 11, 13]),
    ],
)
def test_arrays_by_index(written, array, row, expected):
    cells = ["x", "spacing", *(["level"] if row.count(" ") == 3 else []), "rhoa"]
    mapping = Mapping({c: Cell(i + 1) for i, c in enumerate(cells)}, delimiter="blank", array=array)
    data = formats.read(written(row + "\n"), mapping=mapping)
    x = places(data)[0, :, 0]
    assert [None if np.isnan(v) else v for v in x] == expected
    middle = Mapping(mapping.columns, delimiter="blank", array=array, location="middle")
    if array == "wenner":
        moved = formats.read(written("6 2 100\n"), mapping=middle)
        np.testing.assert_allclose(places(moved)[0, :, 0], expected)


def test_positions_from_a_list_beside(written):
    written("x,y,z\n0,0,1\n1,0,2\n2,0,3\n3,5,4\n", "elec.csv")
    mapping = Mapping({**NUMBERS, "r": Cell(5)})
    data = formats.read(written("1,4,2,3,9\n"), mapping=mapping)
    np.testing.assert_allclose(places(data)[0], [[0, 0, 1], [3, 5, 4], [1, 0, 2], [2, 0, 3]])
    fails(written("1,5,2,3,9\n"), "line 1: electrode 5 does not exist.*4 electrodes.*remote",
          mapping=mapping)  # fmt: skip


def test_ip_decays_and_their_errors(written):
    columns = {
        **NUMBERS, "r": Cell(5, "ohm"), "phase": Cell(6, "mrad"), "phase_err": Cell(7, "mrad"),
        "ip": Cell(8, "%"), "ip_err": Cell(9, "mV/V"), "decay": Cell((10, 11), "mV/V"),
        "decay_err": Cell((12, 13), "mV/V"), "sp": Cell(14, "mV"), "stacks": Cell(15),
        "contact": Cell(16, "kohm"), "err": Cell(17, "0.1%"),
    }  # fmt: skip
    mapping = Mapping(columns, spacing=1.0, gate_start=(0.1, 0.3), gate_width=(0.2, 0.4))
    data = formats.read(written("1,4,2,3,10,-5,1,2,3,8,4,0.5,0,-7,6,1.5,25\n"), mapping=mapping)
    for name, expected in (
        ("phase", -5e-3), ("phase_deviation", 1e-3), ("chargeability", 0.02),
        ("chargeability_deviation", 3e-3), ("self_potential", -7e-3), ("stacks", 6),
        ("contact_resistance", 1500), ("standard_deviation", 0.25),
    ):  # fmt: skip
        np.testing.assert_allclose(getattr(data, name), [expected], err_msg=name)
    np.testing.assert_allclose(data.decay, [[8e-3, 4e-3]])
    np.testing.assert_array_equal(data.decay_deviation, [[0.5e-3, np.nan]])
    np.testing.assert_allclose(data.gates.width, [0.2, 0.4])
    loose = Mapping({k: v for k, v in columns.items() if k != "err"}, spacing=1.0)
    data = formats.read(written("1,4,2,3,10,-5,1,2,3,8,4,0.5,0,-7,6,1.5\n"), mapping=loose)
    assert data.gates is None
    assert "without their times" in words(data, "warning")


def test_error_of_the_voltage(written):
    mapping = Mapping({**LINE.columns, "err": Cell(7, "mV")}, spacing=1.0)
    data = formats.read(written("1,4,2,3,100,50,2\n"), mapping=mapping)
    np.testing.assert_allclose(data.standard_deviation, [0.04])


def test_cross_checks_and_bad_rows(written):
    columns = {**LINE.columns, "r": Cell(7), "rhoa": Cell(8), "k": Cell(9)}
    mapping = Mapping(columns, spacing=1.0)
    rows = ["1,4,2,3,100,50,2,12.566,6.283", "2,5,3,4,100,50,3,12.566,6.283", ",5,3,4,1,1,1,1,1",
            "3,6,4,5,100,0,,,", "1,4,2,3,100,50", "1,4,2,3,100,50,2,12.566,6.283"]  # fmt: skip
    data = formats.read(written("\n".join(rows)), mapping=mapping)
    (check,) = (r for r in data.report if "V/I" in r.what and r.kind == "checked")
    assert (check.count, check.rows) == (1, (2,))
    assert data.origin.rows.tolist() == [1, 2, 4, 5, 6]
    assert data.valid.tolist() == [True, True, False, False, False]
    for reason, said in zip(data.reasons[2:], ("current is zero", "incomplete", "the same as line"),
                            strict=True):  # fmt: skip
        assert said in reason
    assert "row without its electrodes" in words(data, "refused")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("A,B,M,N,U,I\n", "1 lines, and 1|no rows"),
        ("A\n\n\n x\n", "line 4, column"),
        ("A,B\n1,4,2,q,1,2\n", "line 2, column 4: 'q' is not a number"),
        ("A,B\n1,4,2,3,1,5,2\n1;4;2;3;1;2\n", "line 3, column 1"),
        ("A,B\n,,,,,\n", "no row has its electrodes"),
        ("A,B\n1,4,0,3,1,2\n", "line 2: electrode 0 does not exist.*remote"),
        ("A,B\n1,4,2.5,3,1,2\n", "electrode 2.5 does not exist"),
        ("A,B\n1,1e9,2,3,1,2\n", r"1e\+09 electrodes"),
    ],
)
def test_texts_that_do_not_fit(written, text, message):
    fails(written(text), message, mapping=LINE)


def test_names_that_are_not_in_the_header(written):
    mapping = Mapping({**NUMBERS, "r": Cell("Rho")}, spacing=1.0, header_rows=1)
    fails(written("A,B,M,N,R\n1,4,2,3,9\n"), "'Rho' of the mapping is not in the header",
          mapping=mapping)  # fmt: skip
    fails(written("A,B,Rho,N,Rho\n1,4,2,3,9\n"), "twice.*the header names A, B, Rho",
          mapping=mapping)  # fmt: skip


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("delimiter = 'x'\n[columns]\na=1\nm=2\nr=3", "delimiter is 'x'.*'tab'"),
        ("[columns]\na=1\nm=2\nr=3\nfoo=4", "quantity 'foo' is not known"),
        ("[columns]\na=1\nm=2\nu=3\ni={column=4,unit='mA'}", "u has no unit.*'mV'"),
        ("[columns]\na=1\nm=2\nr={column=3,unit='Mohm'}", "unit 'Mohm' of r is not known.*'kohm'"),
        ("[columns]\na=1\nr=3", "electrodes are given by nothing"),
        ("[columns]\na=1\nm=2\nxa=1\nxm=2\nr=3", "given by numbers and places"),
        ("[columns]\nx=1\nspacing=2\nrhoa=3", "without an array.*wenner"),
        ("[columns]\na=1\nm=2", "nothing that was measured"),
        ("[columns]\na=1\nm=2\nu={column=3,unit='V'}", "u without i"),
        ("[columns]\na=0\nm=2\nr=3", "column of a is 0.*count from 1"),
        ("[columns]\na='A'\nm=2\nr=3", "no header.*header_rows"),
        ("[columns]\na=[1,2]\nm=2\nr=3", "a has 2 columns"),
        ("[columns]\na={col=1}\nm=2\nr=3", r"columns\.a is"),
        ("[columns]\na=true\nm=2\nr=3", r"columns\.a is"),
        ("colums = 3", "entry 'colums' is not known.*columns"),
        ("columns = 3", "columns is no table"),
        ("header_rows = -1", "header_rows is -1"),
        ("spacing = 'two'", "spacing is 'two'"),
        ("gate_start=[0.1]\n[columns]\na=1\nm=2\nr=3", "do not fit decay"),
        ("[columns]\na=1\nm=2\nr=3\nerr={column=4,unit='mV'}", "err is of the voltage"),
        ("a = ", "mapping cannot be read"),
    ],
)
def test_mappings_that_cannot_be(written, toml, message):
    path = written(TEXT)
    written(toml, "field.columns.toml")
    error = fails(path, message)
    assert "columns.toml" in error.where


def test_no_mapping_at_all(written, tmp_path):
    fails(written(TEXT), r"field\.columns\.toml beside it", format="columns")
    fails(written(TEXT), "mapping cannot be read", mapping=tmp_path / "missing.toml")
    with pytest.raises(FormatError, match="electrodes are given by nothing"):
        Mapping({})


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=8)
finite = st.floats(-1e6, 1e6)


@st.composite
def mappings(draw):
    columns = {"a": Cell(1), "m": Cell(draw(texts)), "r": Cell(3, "kohm")}
    for name in draw(st.sets(st.sampled_from(sorted(set(STATED) - {"u", "i", "err"})))):
        unit = draw(st.sampled_from(sorted(UNITS[name])))
        columns[name] = Cell((4, draw(texts)) if name.startswith("decay") else 5, unit)
    return Mapping(
        columns, delimiter=draw(st.sampled_from([",", ";", "tab", "blank", "|"])),
        decimal=draw(st.sampled_from([".", ","])), header_rows=draw(st.integers(1, 9)),
        comment=draw(texts), missing=tuple(draw(st.lists(texts, max_size=3))),
        remote=tuple(draw(st.lists(finite, max_size=3))), spacing=draw(st.none() | finite),
        first_x=draw(finite), first_number=draw(st.integers(0, 9)), depth=draw(st.booleans()),
    )  # fmt: skip


@given(mappings())
@settings(max_examples=80, deadline=None)
def test_mapping_files_come_back(tmp_path_factory, mapping):
    path = tmp_path_factory.mktemp("toml") / "a.columns.toml"
    write_mapping(mapping, path)
    assert load_mapping(path) == mapping


def test_damaged_texts_and_mappings(written):
    path, mapping = written(METER * 4, "x.csv"), written(TOML, "x.columns.toml")
    rows = "\n".join(f"{i % 5 + 1};{i % 5 + 4};{i % 5 + 2};{i % 5 + 3};{i},5;1;" for i in range(40))
    content = METER.encode() + rows.encode()
    endure(path, content, "columns")
    path.write_bytes(content)
    endure(mapping, TOML.encode(), "toml", read=lambda _: formats.read(path, format="columns"))
