"""IRIS Syscal: header dialects of text, record lengths and versions of binary."""

import struct

import numpy as np
import pytest

from ohmscape import formats
from ohmscape.core import REMOTE
from ohmscape.errors import FormatError

LENGTHS = {0: 248, 1: 280, 2: 296, 3: 304}
WENNER = (0.0, 3.0, 1.0, 2.0)


def record(places=WENNER, *, more=3, volt=100.0, current=50.0, rho=None, flags=2, name=b"line",
           days=45000.25, kind=1, widths=(), gates=(), m=0.0):  # fmt: skip
    """One record of a Syscal file; by default 2 ohm by a Wenner array of 1 m."""
    rho = 2 * np.pi * volt / current if rho is None else rho
    widths = [*widths, *[0.0] * (20 - len(widths))]
    gates = [*gates, *[0.0] * (20 - len(gates))]
    body = struct.pack("<hhffhh", 10, more, 500.0, 60.0, kind, 0)
    body += struct.pack("<12f", *places, *[0.0] * 8)
    body += struct.pack("<6f", -12.0, volt, current, rho, m, 1.5)
    body += struct.pack("<40f", *widths, *gates)
    body += struct.pack("<BBH12s4f", 16, flags, 0, name, 0, 0, 6, 0)
    body += struct.pack("<4fd", 1.39, 12.1, 12.4, 25.0, days)
    return body[: LENGTHS[more]]


def syscal(records, version=0x80000002, instrument=8, before=b""):
    head = struct.pack("<IB1024s", version, instrument, b"SYSCAL Pro")
    return head + before + b"".join(records)


def test_a_record_in_si(written):
    data = formats.read(written(syscal([record(m=3.0, widths=(40, 80), gates=(4.0, 2.0))])))
    assert data.origin.format == "syscal-bin"
    assert data.survey.abmn.tolist() == [[0, 3, 1, 2]]
    np.testing.assert_allclose(data.resistance, 2.0)
    np.testing.assert_allclose(data.current, 0.05)
    np.testing.assert_allclose(data.voltage, 0.1)
    np.testing.assert_allclose(data.self_potential, -0.012)
    np.testing.assert_allclose(data.standard_deviation, 0.03)
    np.testing.assert_allclose(data.chargeability, 0.003)
    np.testing.assert_allclose(data.decay, [[0.004, 0.002]])
    np.testing.assert_allclose(data.gates.start, [0.06, 0.1])
    np.testing.assert_allclose(data.gates.width, [0.04, 0.08])
    np.testing.assert_allclose(data.stacks, 6)
    np.testing.assert_allclose(data.contact_resistance, 27.8)
    np.testing.assert_allclose(data.time, (45000.25 - 25569) * 86400)
    (check,) = (r for r in data.report if r.kind == "checked")
    assert "agree in 1 of 1" in check.what


@pytest.mark.parametrize("more", [0, 1, 2, 3])
def test_record_lengths(written, more):
    records = [record((i, i + 3.0, i + 1.0, i + 2.0), more=more) for i in range(7)]
    data = formats.read(written(syscal(records, instrument=5)))
    np.testing.assert_allclose(data.resistance, np.full(7, 2.0), rtol=1e-6)
    assert (data.time is not None) == (more == 3)
    assert data.origin.rows.tolist() == list(range(1, 8))


def test_record_length_is_taken_from_each_record(written):
    codes = [3, 3, 0, 0, 0, 1, 2, 3, *[3] * 300, 0]
    records = [record((i, i + 3.0, i + 1.0, i + 2.0), more=m) for i, m in enumerate(codes)]
    data = formats.read(written(syscal(records)))
    assert len(data) == len(codes)
    assert data.valid.all()
    np.testing.assert_allclose(data.resistance, 2.0, rtol=1e-6)
    x = data.survey.electrodes.positions[data.survey.abmn[:, 0], 0]
    np.testing.assert_allclose(x, np.arange(len(codes)))


def test_newer_versions_have_tables_before_the_records(written):
    cole = bytes(64_000 * 3 * 4)
    data = formats.read(written(syscal([record()], 0x80000003, before=cole)))
    np.testing.assert_allclose(data.resistance, 2.0)
    names = bytes(260) + struct.pack("<HH3s", 1, 3, b"iab")
    rows = [record() + bytes(4), record(current=25.0) + bytes(4)]
    data = formats.read(written(syscal(rows, 0x80000004, before=names)))
    np.testing.assert_allclose(data.resistance, [2.0, 4.0])


def test_far_electrodes_are_remote(written):
    data = formats.read(written(syscal([record((0, 99999.99, 1, 2)), record((0, 9999999, 1, 2))])))
    assert data.survey.abmn.tolist() == [[0, REMOTE, 1, 2]] * 2
    assert len(data.survey.electrodes) == 3


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        (record(current=0.0, rho=5.0), "current is zero"),
        (record((0, 3, 0, 2)), "A and M share a place"),
        (record(volt=float("nan"), rho=float("nan")), "no resistance"),
        (record(flags=10), "overload"),
    ],
)
def test_impossible_records_are_kept_with_a_reason(written, odd, reason):
    data = formats.read(written(syscal([record((0, 6, 2, 4)), odd])))
    assert data.valid.tolist() == [True, False]
    assert reason in data.reasons[1]
    assert "record 2" in data.reasons[1]


def test_records_of_another_survey_at_the_ends(written):
    def name(i):
        return b"old" if i == 0 else b"next" if i == 59 else b"line"

    rows = [record((i % 58, i % 58 + 3, i % 58 + 1, i % 58 + 2), name=name(i), volt=100.0 + i,
                   days=44000.0 if i == 0 else 45000.0 + i * 1e-4) for i in range(60)]  # fmt: skip
    data = formats.read(written(syscal(rows)))
    assert np.flatnonzero(~data.valid).tolist() == [0, 59]
    assert "another survey" in data.reasons[0]
    assert "measures again" in data.reasons[59]


def test_two_long_parts_with_names_of_their_own_both_count(written):
    rows = [record((i, i + 3, i + 1, i + 2), name=b"a" if i < 9 else b"b") for i in range(20)]
    assert formats.read(written(syscal(rows))).valid.all()


def test_a_truncated_file_keeps_its_whole_records_and_says_so(written):
    data = formats.read(written(syscal([record(), record((0, 6, 2, 4))])[:-9]))
    assert len(data) == 1
    assert any("truncated" in r.what for r in data.report if r.kind == "warning")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (syscal([]), "too few"),
        (syscal([record()[:200]]), "too few"),
        (syscal([record(more=3)[:299]]), "no whole record"),
        (syscal([record()], instrument=2), "Syscal Kid"),
        (syscal([record(kind=0)]), "Kid"),
        (syscal([record(), struct.pack("<hh", 1, 9) + bytes(400)]), "record 2 at byte 1333"),
        (syscal([record((float("nan"),) * 4)]), "no record has its electrodes"),
        (syscal([record()], version=0x80000001), "no format fits"),
    ],
)
def test_broken_binary_files(written, content, message):
    with pytest.raises(FormatError, match=message) as caught:
        formats.read(written(content))
    assert caught.value.mend


OLD = ",El-array,Spa.1,Spa.2,Spa.3,Spa.4,Rho ,Dev., M  ,Sp  ,Vp  ,In  ,Date,"
NEW = "El-array,xA(m),xB(m),xM(m),xN(m),Rho (Ohm.m),Dev.,M (mV/V),SP (mV) ,VMN (mV),IAB (mA)"
THREE = "El-array,xA (m),xB (m),xM (m),xN (m),Rho (Ohm.m),Dev. M,Dev. Rho (%),M (mV/V),SP (mV),VMN (mV),IAB (mA),Coef. k (m),N\u00c2\u00b0 electrode A,Rab (kOhm)"  # noqa: E501


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"{OLD}\n,Wenner,0,3,1,2,12.566,1.5,3,-12,100.0,50.0,28/09/2017 11:53:41,\n",
                     id="Prosys II"),
        pytest.param(f"{NEW}\nWenner,0,3,1,2,12.566,1.5,3,-12,100.0,50.0\n", id="new"),
        pytest.param(f"{THREE}\nWenner,0,3,1,2,12.566,9,1.5,3,-12,100.0,50.0,6.28,1,0.03\n",
                     id="Prosys III"),
        pytest.param(f"{NEW}\nWenner,0,3,1,2,12.566,1.5,3,-12,100.0,50.0\n".replace(",", "\t"),
                     id="tabs"),
        pytest.param(f"{NEW}\n\"Mixed / non, conv\",0,3,1,2,12.566,1.5,3,-12,100.0,50.0\n\n,,\n",
                     id="quotes"),
        pytest.param(f"{NEW}\r\nWenner;0,0;3,0;1,0;2,0;12,566;1,5;3;-12;100,0;50,0\r\n"
                     .replace("),", ");").replace("array,", "array;").replace("Dev.,", "Dev.;")
                     .replace(") ,", ") ;"), id="decimal comma"),
    ],
)  # fmt: skip
def test_header_dialects(written, text):
    data = formats.read(written(text))
    assert data.origin.format == "syscal-text"
    assert data.survey.abmn.tolist() == [[0, 3, 1, 2]]
    np.testing.assert_allclose(data.resistance, 2.0)
    np.testing.assert_allclose(data.standard_deviation, 0.03)
    np.testing.assert_allclose(data.chargeability, 0.003)
    np.testing.assert_allclose(data.self_potential, -0.012)
    np.testing.assert_allclose(data.apparent_resistivity, 12.566)
    assert data.valid.all()
    (check,) = (r for r in data.report if r.kind == "checked" and "apparent" in r.what)
    assert "agree in 1 of 1" in check.what


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (["28/09/2017 11:53:41", "01/10/2017 00:00:00"], [1506599621, 1506816000]),
        (["8/16/2011 9:12:33 AM", "8/2/2011 12:00:01 PM"], [1313485953, 1312286401]),
        (["8/2/2022 10:19:18 AM", "8/2/2022 12:19:18 AM"], [1659435558, 1659399558]),
        (["26.04.2019 15:12:23", "01.04.2019 15:12"], [1556291543, 1554131520]),
        (["2019-04-26 15:12:23", "2019-04-26T15:12:24"], [1556291543, 1556291544]),
        (["9/10/16 12:18", "9/30/2016 00:00:00"], [1473509880, 1475193600]),
        (["30/02/2016 00:00:00", "13/02/2016 00:00:00"], [np.nan, 1455321600]),
    ],
)
def test_dates(written, dates, expected):
    rows = [f",W,0,3,1,2,12.57,1,3,0,{100 + i}.0,50.0,{d}," for i, d in enumerate(dates)]
    data = formats.read(written("\n".join([OLD, *rows])))
    np.testing.assert_array_equal(data.time, expected)


def test_dates_that_may_be_read_both_ways_are_not_read(written):
    data = formats.read(written(f"{OLD}\n,W,0,3,1,2,12.57,1,3,0,100.0,50.0,9/10/16 12:18,\n"))
    assert data.time is None
    assert any("nothing tells day from month" in r.what for r in data.report)


def test_sign_of_rho_that_contradicts_v_and_i_is_said(written):
    row = "Pole Dipole,380.00,9999999.00,470.00,490.00,-42.60,5.0,0.00,-6.4,1.199,87.52"
    data = formats.read(written(f"{NEW}\n{row}\n"))
    assert data.survey.abmn[0, 1] == REMOTE
    np.testing.assert_allclose(data.resistance, 1.199 / 87.52)
    assert data.apparent_resistivity.tolist() == [-42.6]
    assert any("sign only" in r.what for r in data.report if r.kind == "warning")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("W,0,3,1,2,12.57,1,3,0,100.0,0.000", "current is zero"),
        ("W,0,3,1,1,12.57,1,3,0,100.0,50.0", "M and N share a place"),
        ("W,0,3,1,2,,,,", "incomplete row; no resistance"),
        ("W,0,6,2,4,,1,3,0,NaN,50.0", "no resistance"),
        ("W,0,6,2,4,******,1,3,0,***,50.0", "no resistance"),
    ],
)
def test_impossible_rows_are_kept_with_a_reason(written, row, reason):
    data = formats.read(written(f"{NEW}\nW,0,3,1,2,12.57,1,3,0,100.0,50.0\n{row}\n"))
    assert data.valid.tolist() == [True, False]
    assert "line 3: " in data.reasons[1]
    assert reason.split("; ")[0] in data.reasons[1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"{NEW}\n", "no rows below"),
        (f"{NEW}\nW,0,3,1,x2,12.57,1,3,0,100.0,50.0\n", "line 2, column 5: 'x2' is not a number"),
        (f"{NEW}\nW,0,3,1,2,12,57,1,3,0,100.0,50.0\n", "line 2: row of 12 values.*11 columns"),
        (f"{NEW}\nW,,,,,12.57,1,3,0,100.0,50.0\n", "no row has its electrodes"),
        (NEW.replace("(mA)", "(gallons)") + "\nW,0,3,1,2,9,1,3,0,1,5\n", "column 11: unit of col"),
    ],
)
def test_broken_text_files(written, text, message):
    with pytest.raises(FormatError, match=message) as caught:
        formats.read(written(text))
    assert caught.value.mend
