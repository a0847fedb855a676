"""ABEM files: Lund, multi-purpose, Terrameter LS text and project databases; hostile ones."""

import sqlite3
import time

import numpy as np
import pytest

from ohmscape import formats
from ohmscape.core import REMOTE
from ohmscape.errors import FormatError
from tests.formats import abem as make
from tests.formats.test_instruments import checks_hold, said

# Lund


def test_lund_resistances_and_coordinates(written):
    data = formats.read(written(make.lund(), "a.ohm"))
    assert data.origin.format == "abem-lund"
    np.testing.assert_allclose(data.resistance[0], (50.0 - 62) / (8 * np.pi), rtol=1e-5)
    x = data.survey.electrodes.positions[:, 0]
    assert (x[0], x[1], len(x)) == (-62.0, -58.0, 23)
    assert any("dipole-dipole" in what for what in said(data, "kept"))  # 5 of ABEM, not Res2DInv


def test_lund_flag_0_is_apparent_resistivity(written):
    data = formats.read(written(make.lund(flag=0)))
    assert data.apparent_resistivity is not None
    np.testing.assert_allclose(data.resistance * 8 * np.pi, data.apparent_resistivity)


def test_lund_take_outs_and_stations(written):
    rows = [f"{i} {i + 3} {i + 1} {i + 2} 1.5 0.0 1 1" for i in range(1, 9)]
    data = formats.read(written(make.lund(rows)))
    np.testing.assert_allclose(np.diff(data.survey.electrodes.positions[:, 0]), 4.0)
    assert any("numbers of take-outs" in what for what in said(data, "repaired"))
    data = formats.read(written(make.lund(station="80")))
    assert data.survey.electrodes.positions[0, 0] == 18.0  # -62 from the station at 80
    rows = [f" {x} {x + 12} {x + 4} {x + 8} 1.5 0.0 1 1" for x in range(18, 98, 4)]
    data = formats.read(written(make.lund(rows, station="80")))
    assert data.survey.electrodes.positions[0, 0] == 18.0  # already counted from the line's zero


def test_lund_tomography_has_numbers_only(written):
    rows = [f"{i}\t{i + 3}\t{i + 1}\t{i + 2}\t100.0\t0.05\t1\t1" for i in range(1, 9)]
    data = formats.read(written(make.lund(rows, code=12, flag=0, spacing="1")))
    assert any("no positions" in what for what in said(data, "warning"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (make.lund(count=30), "30 readings announced, 20 rows follow: truncated"),
        (make.lund(count=10), "more readings than the block announces"),
        (make.lund(flag=3), r"line 8.*flag 3"),
        (make.lund(spacing="7"), "electrodes are 4 apart, take-outs 7 m"),
        (make.lund(station="x"), "no coordinate of the station"),
        (make.lund().replace("E+00", "Q+00", 1), "not a number"),
    ],
)
def test_lund_refused(written, text, message):
    with pytest.raises(FormatError, match=message):
        formats.read(written(text))


# multi-purpose


def test_amp_resistivity(written):
    data = formats.read(written(make.amp(make.amp_rows()), "a.amp"))
    assert data.origin.format == "abem-amp"
    np.testing.assert_allclose(data.apparent_resistivity, 30.0 + np.arange(20))
    np.testing.assert_allclose(data.resistance, (30.0 + np.arange(20)) / (4 * np.pi), rtol=1e-4)
    np.testing.assert_allclose(data.current, 0.1)
    np.testing.assert_allclose(data.standard_deviation, 0.005 * data.resistance)
    assert data.time[1] - data.time[0] == 10.0
    assert data.time[0] == 966419827.0  # 2000-08-16 09:57:07
    assert checks_hold(data)


def test_amp_resistance_missing_and_infinite(written):
    rows = ["1 0 0 inf 2 4 100 0.1 1.0 0.5", "2 1 0 6 2 4 100 - - nan",
            "3 2 0 6 - 4 100 0.1 1.0 0.5", "4 3 0 1.0E+39 2 6 100 0.1 1.0 0.5"]  # fmt: skip
    data = formats.read(written(make.amp(rows, mode="2R", code="0 Resistance RES")))
    assert data.survey.abmn[:, 1].tolist()[0] == REMOTE
    assert data.survey.abmn[2, 1] == REMOTE
    assert data.resistance[0] == 1.0
    assert data.valid.tolist() == [True, False, True]
    assert any("without its electrodes" in what for what in said(data, "refused"))


def test_amp_chargeability_in_ms_over_windows_in_s(written):
    form = "{i} {t} {a} {b} {m} {k} 100 {volt:.6f} {rho:.3f} 1.0 0.02 0.1 0.8 0.2 0.8 0.4"
    data = formats.read(written(make.amp(make.amp_rows(form=form), mode="4")))
    np.testing.assert_allclose(data.decay[0], [0.008, 0.004])
    np.testing.assert_allclose(data.gates.start, [0.02, 0.12])
    np.testing.assert_allclose(data.gates.width, [0.1, 0.2])
    np.testing.assert_allclose(data.chargeability, 0.016 / 3)
    form = "{i} {t} {a} {b} {m} {k} 100 {volt:.6f} {rho:.3f} 1.0 0.02 0.1 0.8 0.4"
    data = formats.read(written(make.amp(make.amp_rows(form=form), mode="3")))
    np.testing.assert_allclose(data.chargeability, 0.008)
    np.testing.assert_allclose(data.chargeability_deviation, 0.004)


def test_amp_places_in_three_dimensions_and_topography(written):
    form = "{i} {t} {a} 1 2 {b} 1 2 {m} 1 2 {k} 1 2 100 {volt:.6f} {rho:.3f} 0.5"
    text = make.amp(make.amp_rows(form=form), kind="XYZ:3", axes="xyz")
    assert formats.read(written(text)).survey.electrodes.positions[1].tolist() == [2, 1, 2]
    text = make.amp(make.amp_rows(), ground=["0 0 5", "44 0 27"])
    data = formats.read(written(text))
    np.testing.assert_allclose(data.survey.electrodes.positions[:2, 2], [5.0, 6.0])
    assert len(data.terrain.points) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (make.amp(make.amp_rows(), kind="Index"), "coordinates are spacings"),
        (make.amp(make.amp_rows(), mode="1"), "holds self potentials"),
        (make.amp(make.amp_rows(), mode="7"), "acquisition mode '7' is not known"),
        (make.amp(make.amp_rows()).replace("27 20 0", "27 90 0"), "117 lines announced"),
        (make.amp(make.amp_rows()).replace("0.5\r\n", "0,5\r\n", 1), "decimal comma as a point"),
    ],
)
def test_amp_refused(written, text, message):
    with pytest.raises(FormatError, match=message):
        formats.read(written(text))


# Terrameter LS text


def test_ls_text(written):
    data = formats.read(written(make.ls_text().encode("iso-8859-15"), "a.txt"))
    assert data.origin.format == "terrameter-txt"
    np.testing.assert_allclose(data.apparent_resistivity, 30.0 + np.arange(20))
    np.testing.assert_allclose(data.standard_deviation, 0.005 * data.resistance)  # Var(%) is read
    np.testing.assert_allclose(data.self_potential, -0.012)
    np.testing.assert_allclose(data.contact_resistance, 250.0)
    assert data.time[1] - data.time[0] == 1.0
    assert len(data) == 20  # what follows the dashes is no reading
    assert checks_hold(data)


def test_ls_text_with_missing_values_double_tabs_and_gates(written):
    row = make.ls_text(1).split("\r\n")[5]
    lost = row.replace("100.000", "-").replace("12:37:00", "12:38:00")
    remote = row.replace("6.00\t0.00", "-\t-", 1).replace("12:37:00", "12:39:00")
    data = formats.read(written(make.ls_text(rows=[row, lost, remote])))
    assert np.isnan(data.current[1])  # "-" is not 0 A
    assert data.valid[1]
    assert data.survey.abmn[2, 1] == REMOTE
    data = formats.read(written(make.ls_text(join="\t\t")))
    np.testing.assert_allclose(data.apparent_resistivity, 30.0 + np.arange(20))
    names = [*make.LS_NAMES, "IP #1(mV/V)", "IP #2(mV/V)"]
    data = formats.read(written(make.ls_text(names=names, rows=[f"{row}\t8.0\t4.0"])))
    np.testing.assert_allclose(data.decay, [[0.008, 0.004]])


def test_ls_text_refused(written):
    text = make.ls_text()
    for old, new, message in (
        ("I(mA)", "I(kA)", "unit of column 'I.kA.'"),
        ("A(x)\t", "", r"no format fits|no column A\(x\)"),
        ("100.000", "100,000", "not a number"),
    ):
        with pytest.raises(FormatError, match=message):
            formats.read(written(text.replace(old, new, 1)))


# Terrameter LS projects


def test_project(tmp_path):
    path = make.project(tmp_path / "project.db")
    before = path.read_bytes()
    data = formats.read(path)
    assert data.origin.format == "terrameter-db"
    assert len(data) == 20  # channel 13 is no reading
    np.testing.assert_allclose(data.resistance, (30.0 + np.arange(20)) / (4 * np.pi))
    x = data.survey.electrodes.positions[data.survey.abmn[0], 0]
    assert x.tolist() == [10.0, 16.0, 12.0, 14.0]  # take-outs x 2 m, from 10 m
    np.testing.assert_allclose(data.decay[0], [0.008, 0.004])
    np.testing.assert_allclose(data.stacks, 2)
    assert data.time[1] - data.time[0] == 1.0
    assert any("Wenner alpha" in what for what in said(data, "kept"))
    assert checks_hold(data)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["project.db"]  # no journal, nothing written


def test_project_with_text_blobs_and_orphans(tmp_path):
    extra = [
        "UPDATE DPV SET DataValue = '2.5' WHERE DPID = 3 AND DatatypeID = 5",
        "UPDATE DPV SET DataValue = x'00ff' WHERE DPID = 4 AND DatatypeID = 5",
        "UPDATE DPV SET DataValue = 9e999 WHERE DPID = 5 AND DatatypeID = 5",
        "DELETE FROM DP_ABMN WHERE ID = 6",
        "UPDATE DP_ABMN SET BPosX = NULL WHERE ID = 7",
    ]
    data = formats.read(make.project(tmp_path / "project.db", extra=extra))
    assert len(data) == 19
    assert data.resistance[2] == 2.5
    np.testing.assert_allclose(data.resistance[3], data.voltage[3] / data.current[3])
    np.testing.assert_allclose(data.resistance[4], data.voltage[4] / data.current[4])
    assert data.survey.abmn[5, 1] == REMOTE
    assert any("without its electrodes" in what for what in said(data, "refused"))


HOSTILE = {
    "view instead of a table": (
        ["ALTER TABLE DPV RENAME TO X", "CREATE VIEW DPV AS SELECT * FROM X"], "no table DPV"),
    "endless view": (
        ["ALTER TABLE Tasks RENAME TO X", "CREATE VIEW Tasks AS WITH RECURSIVE c(ID) AS (SELECT 1"
         " UNION ALL SELECT ID + 1 FROM c) SELECT ID FROM c"], "no table Tasks"),
    "virtual table": (
        ["DROP TABLE DPV", "CREATE VIRTUAL TABLE DPV USING fts5(TaskID, MeasureID, DPID)"],
        "no table DPV"),
    "generated column": (
        ["ALTER TABLE Tasks ADD COLUMN Evil TEXT AS (hex(zeroblob(100000000)))"], ""),
    "missing column": (["ALTER TABLE DPV DROP COLUMN Channel"], "no column Channel"),
    "empty": (["DELETE FROM DPV"], "no reading"),
    "no tasks": (["DELETE FROM Tasks"], "no reading with its electrodes"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_projects(tmp_path, name):
    statements, message = HOSTILE[name]
    try:
        path = make.project(tmp_path / "project.db", extra=statements)
    except sqlite3.OperationalError:
        pytest.skip("this SQLite cannot make it")
    start = time.perf_counter()
    if message:
        with pytest.raises(FormatError, match=message):
            formats.read(path, format="terrameter-db")
    else:
        assert len(formats.read(path)) == 20
    assert time.perf_counter() - start < 5.0


def test_a_project_that_takes_too_long_is_left(tmp_path, monkeypatch):
    path = make.project(tmp_path / "project.db", n=300)
    monkeypatch.setattr("ohmscape.formats._sqlite.SECONDS", -1e9)
    monkeypatch.setattr("ohmscape.formats._sqlite.STEPS", 10)
    with pytest.raises(FormatError, match="takes too long"):
        formats.read(path)


def test_changes_in_a_journal_are_told(tmp_path):
    path = make.project(tmp_path / "project.db")
    path.with_name("project.db-wal").write_bytes(b"x" * 100)
    assert any("project.db-wal" in what for what in said(formats.read(path), "warning"))


def test_names_with_odd_letters(tmp_path):
    folder = tmp_path / "a?mode=rwc#b %20"
    folder.mkdir()
    assert len(formats.read(make.project(folder / "project.db"))) == 20


# all of them


def test_binx_is_known_and_refused_with_a_way_out(written):
    path = written(bytes(range(256)) * 20, "survey.binx")
    assert formats.inspect(path)[0][0].name == "syscal-binx"
    with pytest.raises(FormatError, match=r"Prosys III.*\.bin or \.csv"):
        formats.read(path)


IP_ROWS = make.amp_rows(
    form="{i} {t} {a} {b} {m} {k} 100 {volt:.6f} {rho:.3f} 1.0 0.02 0.1 0.8 0.2 0.8 0.4"
)
SAMPLES = {
    "abem-lund": make.lund().encode(),
    "abem-amp": make.amp(make.amp_rows(), ground=["0 0 5", "44 0 27"]).encode(),
    "abem-amp ip": make.amp(IP_ROWS, mode="4").encode(),
    "terrameter-txt": make.ls_text().encode("iso-8859-15"),
    "terrameter-db": None,
}


def content_of(name, tmp_path):
    if SAMPLES[name] is not None:
        return SAMPLES[name]
    return make.project(tmp_path / "whole.db").read_bytes()


@pytest.mark.realdata
@pytest.mark.parametrize(("name", "count"), [("norm", 431), ("recip", 428)])
def test_public_lund_files(field_data, name, count):
    data = formats.read(field_data / f"abem/abem-lund-{name}.ohm")
    assert (len(data.survey.electrodes), len(data), int(data.valid.sum())) == (32, count, count)
    if name == "norm":  # line 14: -50 -54 -62 -58 3.46 ohm
        assert data.survey.electrodes.positions[data.survey.abmn[3], 0].tolist() == [
            -50, -54, -62, -58]  # fmt: skip
        assert data.resistance[3] == 3.46


@pytest.mark.realdata
def test_public_lund_files_are_reciprocal(field_data):
    """The two files measure the same arrays with the pairs exchanged."""
    normal, reciprocal = (
        formats.read(field_data / f"abem/abem-lund-{name}.ohm") for name in ("norm", "recip")
    )
    x = [d.survey.electrodes.positions[:, 0] for d in (normal, reciprocal)]
    there = {tuple(x[1][[m, n, a, b]]): r for (a, b, m, n), r in
             zip(reciprocal.survey.abmn, reciprocal.resistance, strict=True)}  # fmt: skip
    pairs = [(r, there[tuple(x[0][q])]) for q, r in
             zip(normal.survey.abmn, normal.resistance, strict=True)
             if tuple(x[0][q]) in there]  # fmt: skip
    assert len(pairs) > 300
    strong = np.array([(r, s) for r, s in pairs if r > 1.0])
    assert np.median(np.abs(strong[:, 0] / strong[:, 1] - 1)) < 0.05
