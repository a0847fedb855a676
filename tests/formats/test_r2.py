"""R2-family protocols: products by their columns, fixed widths, labels in 3-D, positions beside."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from ohmscape import formats
from ohmscape.core import REMOTE, Data, Electrodes, Survey
from tests.formats.exchange import endure, fails, places, surveys, the_same, words

LINE = "x,y,z\n" + "".join(f"{i},0,0\n" for i in range(8))
GRID = "label,x,y,z\n" + "".join(f"{s} {e},{e},{5 * s},0\n" for s in (1, 2) for e in range(1, 5))


@pytest.fixture
def protocol(tmp_path):
    def write(rows, elec=LINE, title="", name="protocol.dat", count=None):
        rows = rows if isinstance(rows, list) else [rows]
        text = "\n".join([f"{len(rows) if count is None else count}{title}", *rows]) + "\n"
        (tmp_path / name).write_text(text)
        if elec is not None:
            (tmp_path / "elec.csv").write_text(elec)
        return tmp_path / name

    return write


@pytest.mark.realdata
def test_public_samples(field_data):
    data = formats.read(field_data / "r2/dc2d/protocol.dat")
    assert (data.origin.format, len(data), len(data.survey.electrodes)) == ("r2", 140, 24)
    assert data.valid.all()
    assert data.survey.abmn[0].tolist() == [0, 2, 7, 5]
    np.testing.assert_allclose(data.resistance[0], 1.9210507071839984, rtol=0)
    np.testing.assert_allclose(data.phase[0], -2.892e-3)
    np.testing.assert_allclose(data.survey.electrodes.positions[3], [3, 0, 3])
    np.testing.assert_allclose(data.survey.electrodes.positions[1, 2], 3.0)  # level before it
    np.testing.assert_allclose(data.survey.electrodes.positions[13, 2], 1.5)  # halfway to 23, 0
    assert data.origin.rows[[0, -1]].tolist() == [2, 141]
    data = formats.read(field_data / "r2/dc3d/protocol.dat")
    assert (len(data), len(data.survey.electrodes), data.valid.all()) == (644, 75, True)
    np.testing.assert_allclose(places(data)[0, :, :2], [[32, -5], [36, -5], [36, 5], [32, 5]])
    np.testing.assert_allclose(data.resistance[0], -0.2285)
    line = np.column_stack([np.arange(24.0), np.zeros(24)])
    data = formats.read(field_data / "r2/ip2d/protocol.dat", electrodes=line)
    assert (len(data), data.valid.all()) == (371, True)
    np.testing.assert_allclose(data.resistance[0], -4.6512464218415115, rtol=0)
    np.testing.assert_allclose(data.phase[0], -3.6e-3)
    np.testing.assert_allclose(data.standard_deviation[0], 0.07761994274946417, rtol=0)
    np.testing.assert_allclose(data.phase_deviation[0], 0.2624327567195585e-3)
    fails(field_data / "r2/ip2d/protocol.dat", "no positions.*elec.csv.*electrodes=")


def test_resistances_only(protocol):
    data = formats.read(protocol(["1 1 4 2 3 10", "2 2 5 3 4 -2.5e-1"], title="  measured in May"))
    assert data.survey.abmn.tolist() == [[0, 3, 1, 2], [1, 4, 2, 3]]
    assert data.resistance.tolist() == [10.0, -0.25]
    assert data.phase is None
    assert data.standard_deviation is None


def test_two_values_are_told_apart_by_what_they_hold(protocol):
    signed = formats.read(protocol(["1 1 4 2 3 10 -3.5", "2 2 5 3 4 8 0.2"]))
    np.testing.assert_allclose(signed.phase, [-3.5e-3, 0.2e-3])
    small = formats.read(protocol(["1 1 4 2 3 10 0.3", "2 2 5 3 4 -8 0.2"]))
    np.testing.assert_allclose(small.standard_deviation, [0.3, 0.2])
    k = 2 * np.pi
    forward = formats.read(protocol([f"1 1 4 2 3 10 {10 * k}", f"2 2 5 3 4 8 {8 * k}"]))
    np.testing.assert_allclose(forward.apparent_resistivity, [10 * k, 8 * k])
    (check,) = (r for r in forward.report if r.kind == "checked")
    assert "agree in 2 of 2" in check.what
    unknown = formats.read(protocol(["1 1 4 2 3 10 300", "2 2 5 3 4 8 200"]))
    assert unknown.standard_deviation is None
    assert "not used" in words(unknown, "warning")


@pytest.mark.parametrize(
    ("row", "phase", "error"),
    [("1 1 4 2 3 10 -2", -2e-3, None), ("1 1 4 2 3 10 2 62.83185", 2e-3, None),
     ("1 1 4 2 3 10 2 0.5 0.25", 2e-3, 0.5)],
)  # fmt: skip
def test_induced_polarisation(protocol, row, phase, error):
    data = formats.read(protocol(row))
    np.testing.assert_allclose(data.phase, [phase])
    if error:
        np.testing.assert_allclose(data.standard_deviation, [error])
        np.testing.assert_allclose(data.phase_deviation, [0.25e-3])


def test_strings_and_electrodes_are_found_by_their_labels(protocol):
    data = formats.read(protocol("1 1 1 2 1 1 2 2 2 -0.5", GRID))
    np.testing.assert_allclose(places(data)[0], [[1, 5, 0], [1, 10, 0], [2, 5, 0], [2, 10, 0]])
    rows = "1 1 1 2 1 1 2 2 2 -0.5 3 0.1 0.2"
    assert formats.read(protocol(rows, GRID)).phase_deviation.tolist() == [0.2e-3]
    fails(protocol("1 1 1 3 1 1 2 2 2 -0.5", GRID), "line 2: no position is labelled '3 1'")
    fails(protocol("1 1 1 2 1 1 2 2 2 -0.5", LINE), "labelled '1 1'.*column label")
    one = formats.read(protocol("1 1 1 1 4 1 2 1 3 5", LINE))  # one string needs no labels
    assert one.survey.abmn.tolist() == [[0, 3, 1, 2]]


def test_numbers_that_touch_are_read_by_the_widths_of_fortran(protocol):
    elec = "x,y,z\n" + "".join(f"{i},0,0\n" for i in range(1200))
    row = "%4d%4d%4d%4d%4d%16.8f%14.6f"
    texts = [
        row % (1, 1, 4, 2, 3, 10.5, -2.5),
        row % (2, 1000, 1010, 1001, 1005, -123456.12345678, 1),
    ]
    assert len(texts[1].split()) < 7
    data = formats.read(protocol(texts, elec))
    assert data.survey.abmn.tolist() == [[0, 3, 1, 2], [999, 1009, 1000, 1004]]
    assert data.resistance.tolist() == [10.5, -123456.12345678]
    np.testing.assert_allclose(data.phase, [-2.5e-3, 1e-3])
    assert "column widths of cR2" in words(data, "repaired")
    row = "%5d" + "%7d%4d" * 4 + "%20.5f"
    texts = [row % (1, 1, 1, 1, 4, 1, 2, 1, 3, 5), row % (2, 1, 1000, 1, 1010, 1, 1001, 1, 1005, 7)]
    data = formats.read(protocol(texts, elec))
    assert data.resistance.tolist() == [5, 7]
    assert data.survey.abmn[1].tolist() == [999, 1009, 1000, 1004]


def test_electrodes_may_be_given(protocol, tmp_path):
    path = protocol("1 1 4 2 3 10", elec=None)
    fails(path, "numbers of electrodes but no positions.*elec.csv.*electrodes=")
    line = np.column_stack([np.arange(4.0), np.zeros(4)])
    listed = tmp_path / "other.csv"
    listed.write_text("0 0\n1 0\n2 0\n3 0\n")
    for positions in (line, line.tolist(), Electrodes(line), listed, str(listed)):
        data = formats.read(path, electrodes=positions)
        np.testing.assert_allclose(places(data)[0, :, 0], [0, 3, 1, 2])
    fails(path, "are no positions", electrodes=[[1, 2, 3, 4]])
    fails(path, "no such file", electrodes=tmp_path / "missing.csv")
    fails(path, "electrode 4 does not exist: 3 positions", electrodes=line[:3])


def test_lists_of_electrodes(protocol):
    row = "1 1 4 2 3 10"
    data = formats.read(
        protocol(row, "x;y;z\n0,5;0;0\n1,5;0;0\n2,5;0;0\n3,5;0;0\n".replace(",", "."))
    )
    np.testing.assert_allclose(places(data)[0, :, 0], [0.5, 3.5, 1.5, 2.5])
    with_flags = (
        "label,x,y,z,buried,remote\na,0,0,0,0,0\nb,1,0,-2,1,0\nc,2,0,0,0,0\nd,-1e5,0,0,0,1\n"
    )
    data = formats.read(protocol(row, with_flags))
    assert data.survey.abmn.tolist() == [[0, REMOTE, 1, 2]]
    assert data.survey.electrodes.buried.tolist() == [False, True, False]
    assert data.survey.electrodes.labels == ("a", "b", "c")
    data = formats.read(protocol(row, "x,y,z\n0,0,\n1,0,\n2,0,\n3,0,\n"))
    assert "taken as 0" in words(data, "warning")
    for elec, message in (
        ("x,y,z\n0,0,0\n1,q,0\n", "line 3, column 2: 'q' is not a position"),
        ("x,y,z\n0,0,0\n,0,0\n", "line 3: electrode without x or y"),
        ("a,b\n0,0\n", "line 1: columns are not named"),
        ("48\n1231\n1233\n", "not named"),
        ("x,y,z\n", "no electrodes below"),
        ("x,x\n1,1\n", "twice"),
        ("x,y,z,buried\n0,0,0,maybe\n", "buried is 'maybe'"),
        ("x,y,z,remote\n0,0,0,1\n", "all electrodes are marked as remote"),
        ("label,x\na,0\na,1\na,2\na,3\n", "not unique"),
    ):
        what = "1 1 1 1 4 1 2 1 3 5" if "unique" in message else row
        fails(protocol(what, elec), message)


def test_impossible_readings_are_kept_with_a_reason(protocol):
    data = formats.read(protocol(["1 1 4 2 3 10", "2 1 4 1 3 5", "3 2 5 3 4 nan", "4 1 4 2 3 10"]))
    assert data.valid.tolist() == [True, False, False, False]
    assert "share a place" in data.reasons[1]
    assert "no resistance" in data.reasons[2]
    assert "the same as line 2" in data.reasons[3]


@pytest.mark.parametrize(
    ("rows", "count", "message"),
    [
        (["1 1 4 2 3 10"], 2, "2 readings announced, the file holds 1"),
        (["1 1 4 2 3 10", "2 1 5 2 3 10"], 1, "line 3: .*holds 2"),
        (["1 1 4 2 9 10"], None, "line 2: electrode 9 does not exist: 8 positions"),
        (["1 1 4 2 -3 10"], None, "line 2"),
        (["1 1 4 2 3 q"], None, "line 2, column 6: 'q' is not a number"),
        (["1 1 4 2 3"], None, "rows of 5 values"),
        (["1 1 4 2 3 10 " + "1 " * 20], None, "rows of 26 values"),
        (["1 nan 4 2 3 10"], None, "no row names its electrodes"),
    ],
)
def test_broken_files(protocol, rows, count, message):
    fails(protocol(rows, count=count), message, format="r2")


@given(surveys(phase=False))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_round_trip(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("r2") / "protocol.dat"
    notes = formats.write(data, path, format="r2")
    back = formats.read(path, format="r2")
    the_same(back, data)
    assert any("infinity" in n for n in notes) == bool((data.survey.abmn == REMOTE).any())


def test_phases_and_their_errors_come_back(tmp_path):
    survey = Survey(Electrodes([[0, 0], [1, 0], [2, 0], [3, 1]]), [[0, 3, 1, 2], [0, 1, 2, 3]])
    full = Data(survey, np.array([2.0, -3.0]), standard_deviation=np.array([0.1, 0.2]),
                phase=np.array([0.01, 0.02]), phase_deviation=np.array([1e-3, 2e-3]),
                decay=np.ones((2, 1)))  # fmt: skip
    assert formats.write(full, tmp_path / "a.dat", format="r2") == ("decays",)
    back = formats.read(tmp_path / "a.dat")
    the_same(back, full)
    np.testing.assert_allclose(back.phase, full.phase)
    np.testing.assert_allclose(back.phase_deviation, full.phase_deviation)
    positive = Data(survey, np.array([2.0, -3.0]), phase=np.array([0.01, 0.02]))
    assert formats.write(positive, tmp_path / "b.dat", format="r2") == ("phases",)
    gone = full.without(np.array([True, False]), "bad")
    assert "1 readings that are not valid" in formats.write(gone, tmp_path / "c.dat", format="r2")
    assert len(formats.read(tmp_path / "c.dat")) == 1
    assert (tmp_path / "c.elec.csv").is_file()


def test_damaged_protocols_and_lists(protocol, tmp_path):
    rows = [
        f"{i} {i % 4 + 1} {i % 4 + 4} {i % 4 + 2} {i % 4 + 3} {i + 0.5} -{i}.5"
        for i in range(1, 30)
    ]
    path = protocol(rows)
    content = path.read_bytes()
    endure(path, content, "r2")
    path.write_bytes(content)
    endure(tmp_path / "elec.csv", LINE.encode(), "elec", read=lambda _: formats.read(path))
