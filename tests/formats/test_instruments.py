"""Files of instruments: numbers worked out by hand, units, faults, what is refused and why."""

import numpy as np
import pytest

from ohmscape import formats
from ohmscape.core import REMOTE
from ohmscape.errors import FormatError
from tests.formats import instruments as make

FEET = 0.3048


def said(data, kind):
    return [r.what for r in data.report if r.kind == kind]


def checks_hold(data):
    checks = [r for r in data.report if r.kind == "checked"]
    return bool(checks) and all(r.count == 0 for r in checks)


# AGI SuperSting


def test_sting_in_si(written):
    data = formats.read(written(make.wenner_stg()))
    assert data.origin.format == "sting"
    np.testing.assert_allclose(data.resistance, (10 + np.arange(20)) / (2 * np.pi), rtol=1e-5)
    np.testing.assert_allclose(data.standard_deviation, 0.012 * data.resistance)  # 12 tenths of %
    np.testing.assert_allclose(data.current, 0.3)
    assert data.time[0] == 1259053681.0  # 2009-11-24 09:08:01
    assert checks_hold(data)


def test_sting_in_feet(written):
    data = formats.read(written(make.wenner_stg(unit="feet")))
    positions = data.survey.electrodes.positions
    np.testing.assert_allclose(np.diff(positions[:, 0]), FEET, atol=1e-6)
    np.testing.assert_allclose(data.apparent_resistivity, FEET * (10 + np.arange(20)), rtol=1e-5)
    np.testing.assert_allclose(data.resistance, (10 + np.arange(20)) / (2 * np.pi), rtol=1e-5)
    assert checks_hold(data)


def test_sting_gates_are_areas_in_seconds(written):
    ip = ",IP:,130, 1," + ",".join(f" {1.3e-3 / (i + 1):.5E}" for i in range(6))
    total = sum(1.3e-3 / (i + 1) for i in range(6))
    data = formats.read(written(make.wenner_stg(ip=f"{ip}, {total:.5E}")))
    np.testing.assert_allclose(data.decay[0], 0.01 / np.arange(1, 7), rtol=1e-4)  # 1.3 ms/130 ms
    np.testing.assert_allclose(data.chargeability, total / 0.78, rtol=1e-4)
    assert data.gates is None  # the file does not say when the first begins
    assert any("sum of the IP gates" in what for what in said(data, "checked"))
    assert checks_hold(data)


def test_sting_in_three_dimensions_keeps_heights(written):
    rows = [make.stg_row(1, 1.0, 1.0, (0, 9, 3, 6), y=(1, 2, 3, 4), z=(5, 6, 7, 8))]
    data = formats.read(written(make.stg(rows)))
    assert data.survey.electrodes.positions.tolist() == [[0, 1, 5], [3, 3, 7], [6, 4, 8], [9, 2, 6]]


def test_sting_zero_error_is_none(written):
    rows = [make.stg_row(1, 1.0, 2 * np.pi, (0, 3, 1, 2), error=0)]
    data = formats.read(written(make.stg(rows)))
    assert np.isnan(data.standard_deviation).all()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (make.wenner_stg(unit="yard"), r"line 3.*'yard' is not known.*meter or feet"),
        (make.wenner_stg(2).replace("Unit: meter\r\n", ""), r"no format fits|no line says"),
        (make.wenner_stg(2).replace("1.59155E+00", "1.5O155E+00"), r"line 4, column 5.*not a num"),
        (make.stg([]), "no format fits|no rows"),
        (make.wenner_stg(3).replace(",X0", ",IP:,X0"), "IP: is not the cell after|not a number"),
    ],
)
def test_sting_refused(written, text, message):
    with pytest.raises(FormatError, match=message):
        formats.read(written(text, "a.stg"))
    with pytest.raises(FormatError):
        formats.read(written(text, "a.stg"), format="sting")


# Lippmann


@pytest.mark.parametrize("comma", [False, True])
def test_lippmann_in_si(written, comma):
    data = formats.read(written(make.tx0(comma=comma).encode("latin-1")))
    assert data.origin.format == "lippmann"
    np.testing.assert_allclose(data.apparent_resistivity, 100.0 + np.arange(1, 21))
    np.testing.assert_allclose(data.resistance, data.apparent_resistivity / (5 * np.pi), rtol=1e-5)
    np.testing.assert_allclose(data.current, 0.05)
    np.testing.assert_allclose(data.standard_deviation, 0.002 * data.resistance)
    np.testing.assert_allclose(data.phase[:2], [2.51e-3, 2.52e-3])
    np.testing.assert_allclose(data.contact_resistance, 352.0)
    np.testing.assert_allclose(data.stacks, 2)
    np.testing.assert_allclose(data.time[0], 1695215221.46)  # 2023-09-20 13:07:01.46
    np.testing.assert_allclose(data.survey.electrodes.positions[3], [7.5, 0.0, 0.3])
    assert data.survey.abmn[0].tolist() == [0, 3, 1, 2]  # N, not n: the stacks
    assert bool(said(data, "repaired")) == comma
    assert checks_hold(data)


def test_lippmann_missing_values_are_no_zeros(written):
    rows = make.tx0(3).split("\r\n")[-4:-1]
    rows[1] = rows[1].replace("50.0000", "-      ")
    data = formats.read(written(make.tx0(3, rows=rows)))
    assert data.valid.tolist() == [True, True, True]  # rho_a / k
    assert np.isnan(data.current[1])
    rows[1] = rows[1].replace("102.000", "-      ")
    data = formats.read(written(make.tx0(3, rows=rows)))
    assert data.valid.tolist() == [True, False, True]
    assert "no resistance" in data.reasons[1]


def test_lippmann_remote_and_cut_files(written):
    rows = make.tx0(3).split("\r\n")[-4:-1]
    rows[0] = rows[0].replace("    1    1    4 ", "    1    1    - ")
    data = formats.read(written(make.tx0(3, rows=rows)))
    assert data.survey.abmn[0].tolist() == [0, REMOTE, 1, 2]
    data = formats.read(written(make.tx0(3, rows=rows[:2])))
    assert any("3 readings announced, 2 rows found" in what for what in said(data, "warning"))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  1    1    4    2", "  1   99    4    2", r"line \d+, column 2.*electrode 99 is not in"),
        ("   mA   ", "   kA   ", "unit 'kA' of column I"),
        ("Ohmm", "", "18 columns|units for"),
        ("* Electrode [  2]", "* Electrode [  1]", "listed twice"),
        ("17.60", "x7.60", "not a number"),
    ],
)
def test_lippmann_refused(written, old, new, message):
    text = make.tx0(3)
    assert old in text
    with pytest.raises(FormatError, match=message):
        formats.read(written(text.replace(old, new, 1)))


# ARES


def test_ares_in_si(written):
    data = formats.read(written(make.ares(windows=(20, 40))))
    assert data.origin.format == "ares"
    np.testing.assert_allclose(data.resistance, (40 + np.arange(20)) / np.pi, rtol=1e-5)
    np.testing.assert_allclose(data.standard_deviation, 0.004 * data.resistance)
    np.testing.assert_allclose(data.self_potential, -0.035)
    np.testing.assert_allclose(data.decay[0], [0.012, 0.006])  # % is 10 mV/V
    np.testing.assert_allclose(data.decay_deviation[0], [0.0012, 0.0006])
    np.testing.assert_allclose(data.gates.start, [0.005, 0.025])
    np.testing.assert_allclose(data.gates.width, [0.02, 0.04])
    np.testing.assert_allclose(data.chargeability, 0.008)
    np.testing.assert_allclose(data.contact_resistance, 424.25)
    assert any("256, 246, -" in what for what in said(data, "kept"))
    assert checks_hold(data)


def test_ares_messages_suffixes_and_remote(written):
    rows = [
        make.ares_row(0, 3, 1, 2, 40.0, suffix="*1"),
        "1\t4\t2\t3\tP1\tP2\tWA\ttoo low current",
        make.ares_row(2, "inf", 3, 4, 40.0),
        make.ares_row(3, 6, 4, 5, 40.0)[:-12],
    ]
    data = formats.read(written(make.ares(rows)))
    assert data.valid.tolist() == [True, False, True, False]
    assert "too low current" in data.reasons[1]
    assert "incomplete row" in data.reasons[3]
    assert data.survey.abmn[2, 1] == REMOTE
    assert any("suffixes *1" in what for what in said(data, "kept"))


def test_ares_direction_and_origin(written):
    text = make.ares().replace("X-loc: 0 m", "X-loc: 7 m").replace("Direction: X", "Direction: Y")
    positions = formats.read(written(text)).survey.electrodes.positions
    np.testing.assert_allclose(positions[:3], [[7, 0, 0], [7, 0.5, 0], [7, 1, 0]])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("Electrode distance: 0.5 m", "Electrode distance: 0.5 ft", "electrode distance is '0.5 f"),
        ("I[mA]", "I[kA]", "unit 'kA' of column I"),
        ("\t400.000", "\t400,000", "'400,000' is not a number"),
        ("\t4\t2\t3\t", "\tx\t2\t3\t", r"column 2.*is no electrode"),
    ],
)
def test_ares_refused(written, old, new, message):
    text = make.ares()
    assert old in text
    with pytest.raises(FormatError, match=message):
        formats.read(written(text.replace(old, new, 1)))


# MPT DAS-1


@pytest.mark.parametrize("unit", ["mV/V", "Ohms"])
def test_das1_windows_in_the_unit_of_the_header(written, unit):
    data = formats.read(written(make.tdip(unit=unit)))
    assert data.origin.format == "das1"
    np.testing.assert_allclose(data.resistance, 2.0 + np.arange(1, 21))
    np.testing.assert_allclose(data.voltage / data.current, data.resistance, rtol=1e-5)
    np.testing.assert_allclose(data.standard_deviation, 0.01)
    windows = [0.008, 0.004] if unit == "mV/V" else [8 / 3, 4 / 3]
    np.testing.assert_allclose(data.decay[0], windows)
    np.testing.assert_allclose(data.decay_deviation[0], np.array(windows) / 20)
    np.testing.assert_allclose(data.gates.start, [0.01, 0.03])
    np.testing.assert_allclose(data.contact_resistance, 510.0)
    assert data.time[0] == 1541425801.0  # 2018-11-05 13:50:01
    assert checks_hold(data)


def test_das1_windows_without_a_unit_are_refused(written):
    with pytest.raises(FormatError, match="unit of the IP windows"):
        formats.read(written(make.tdip(unit="?")))


def test_das1_spectra(written):
    rows = list(make.SIP_ROWS)
    rows[3] = make.das1_row(4, "    * * TX Resist. out of range * *     +8.400000 +.0200000 "
                            "-10.00000 +.5000000 +44.00000  +2952.000")  # fmt: skip
    rows[5] = make.das1_row(6, "+10.00000 +.0100000 -20.00000 +1.000000 +40.00000   "
                            " * * TX Resist. out of range * *  +2952.000")  # fmt: skip
    data = formats.read(written(make.sip(rows)))
    np.testing.assert_allclose(data.frequencies, [10.0, 1.0])
    np.testing.assert_allclose(np.abs(data.impedance[0]), [5.0, 5.4])
    np.testing.assert_allclose(np.angle(data.impedance[0]), [-0.02, -0.01])
    np.testing.assert_allclose(data.modulus_deviation[0], [0.01, 0.02])
    np.testing.assert_allclose(data.angle_deviation[0], [1e-3, 5e-4])
    np.testing.assert_allclose(data.resistance[:2], [5.4, 6.4])
    np.testing.assert_allclose(data.phase[0], -0.01)
    np.testing.assert_allclose(data.current[0], 0.044)
    np.testing.assert_allclose(data.contact_resistance[0], 2952.0)
    assert np.isnan(data.impedance[3, 0])
    assert data.valid[3]  # measured at the frequency that counts
    assert not data.valid[5]
    assert "TX Resist. out of range" in data.reasons[5]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("#data_end", "#data", "no #data_end: the file is cut"),
        ("#ST\r", "#SX\r", "no #ST, #SF or #SJ"),
        (" 001,01 001,04", " 009,01 001,04", "electrode 9001 is not in the list"),
        ("#data_ip_win2_col= 016\r\n", "", "no #data_ip_win2_col"),
        ("+2.00000 +.00000", "+2,0000x +.00000", "not a number"),
        ("+3.000000", "+3.00000O", "column 10.*not a number"),
    ],
)
def test_das1_refused(written, old, new, message):
    text = make.tdip()
    assert old in text
    with pytest.raises(FormatError, match=message):
        formats.read(written(text.replace(old, new, 1)))


# BGS PRIME


def test_prime_errors_are_tenths_of_a_per_cent(written, tmp_path):
    (tmp_path / "elec.csv").write_text("x,y,z\n" + "".join(f"{2 * i},0,1\n" for i in range(40)))
    data = formats.read(written(make.prime(make.PRIME_ROWS), "a.tab"))
    assert data.origin.format == "prime"
    np.testing.assert_allclose(data.resistance, 0.5 + 0.1 * np.arange(1, 20))
    np.testing.assert_allclose(data.standard_deviation, 0.005 * data.resistance)
    np.testing.assert_allclose(data.phase, np.deg2rad(-1.8))
    np.testing.assert_allclose(data.phase_deviation, 0.01 * np.deg2rad(1.8))
    np.testing.assert_allclose(data.current, 0.09)
    x = data.survey.electrodes.positions[data.survey.abmn[0], 0]
    assert x.tolist() == [0.0, 6.0, 2.0, 4.0]  # C1 C2 are A B, P1 P2 are M N
    assert not any("no positions" in what for what in said(data, "warning"))
    assert checks_hold(data)


def test_prime_blanks_errors_and_codes(written):
    rows = [
        make.prime_row(1, 1.0, 1, 4, 2, 3),
        make.prime_row(2, 1.1, "", "", 3, 5),
        make.prime_row(3, 1.2, 2, 5, 3, 4, code="0x06"),
        make.prime_row(4, 1.3, 3, 6, 4, 5).replace("1.3\t", "**Error\t", 1),
        make.prime_row(5, 1.4, 4, 7, 5, 6).replace("\t347.673", "\t/.//"),
    ]
    data = formats.read(written(make.prime(rows)))
    assert data.survey.abmn[1].tolist() == [0, 3, 2, 4]
    assert data.valid.tolist() == [True, True, False, False, False]
    assert "reports error 0x06" in data.reasons[2]
    assert "error mark" in data.reasons[3]
    assert any("C1 and C2 are blank" in what for what in said(data, "repaired"))
    assert any("no positions" in what for what in said(data, "warning"))


def test_prime_refused(written):
    text = make.prime(make.PRIME_ROWS)
    for old, new, message in (
        ("Tenths %", "Hundredths %", "unit 'Hundredths %' of pt_calc_res_error"),
        ("#Units\t", "#Unit\t", "no line #Units"),
        ("\tmA\t", "\t", "units for"),
        ("\t347.673", "\t347,673", "not a number"),
        ("\t1\t4\t2\t3\t", "\t1\t4\t2\t0\t", "electrode 0 does not exist"),
    ):
        with pytest.raises(FormatError, match=message):
            formats.read(written(text.replace(old, new, 1)), format="prime")


# OhmPi


@pytest.mark.parametrize("head", [make.OHMPI_NEW, make.OHMPI_OLD])
def test_ohmpi_in_si(written, head):
    data = formats.read(written(make.ohmpi(head=head), "a.csv"))
    assert data.origin.format == "ohmpi"
    np.testing.assert_allclose(data.resistance, 100.0 + np.arange(1, 21))
    np.testing.assert_allclose(data.current, 0.002)
    np.testing.assert_allclose(data.self_potential, 0.0364)
    np.testing.assert_allclose(data.time[0], 1756163701.258883)
    if head == make.OHMPI_NEW:
        np.testing.assert_allclose(data.standard_deviation, 0.025 * data.resistance)
        np.testing.assert_allclose(data.contact_resistance, 23700.0)
    assert checks_hold(data)


def test_ohmpi_positions_are_asked_for_or_one_metre_apart(written, tmp_path):
    path = written(make.ohmpi(), "a.csv")
    data = formats.read(path)
    assert any("no positions" in what for what in said(data, "warning"))
    np.testing.assert_allclose(data.survey.electrodes.positions[:3, 0], [0, 1, 2])
    line = np.column_stack([2.0 * np.arange(30), np.zeros((30, 2))])
    data = formats.read(path, electrodes=line)
    np.testing.assert_allclose(data.survey.electrodes.positions[:3, 0], [0, 2, 4])
    with pytest.raises(FormatError, match=r"line 3, column 3.*electrode 5 does not exist"):
        formats.read(path, electrodes=line[:4])


def test_ohmpi_refused(written):
    text = make.ohmpi()
    for old, new, message in (
        ("vmn_[mV]", "vmn_[kV]", "unit of column 'vmn_.kV.'"),
        (",5.2,101.0", ",5.2,1O1.0", "not a number"),
    ):
        with pytest.raises(FormatError, match=message):
            formats.read(written(text.replace(old, new, 1)), format="ohmpi")


# Electra


def test_electra_in_si(written):
    data = formats.read(written(make.electra(status={3: "D", 5: "N"}), "a.ele"))
    assert data.origin.format == "electra"
    good = np.delete(np.arange(20), [4])
    np.testing.assert_allclose(
        data.resistance[good], (71 + np.arange(20))[good] / (4 * np.pi), rtol=1e-4
    )
    np.testing.assert_allclose(data.geometric_factor, 4 * np.pi)
    np.testing.assert_allclose(data.current[0], 0.049)
    np.testing.assert_allclose(data.contact_resistance[0], 1630.21)
    assert np.flatnonzero(~data.valid).tolist() == [2, 4]
    assert "disabled in the file" in data.reasons[2]
    assert "not measured" in data.reasons[4]
    assert checks_hold(data)


def test_electra_refused(written):
    text = make.electra()
    for old, new, message in (
        ("[mApp]", "[kApp]", "unit 'kApp' of I"),
        ("\n2.00\t0.00\t0.00\n", "\n2.00\t0.00\n", "place without x, y and z"),
        ("1\tE\t1\t4\t", "1\tE\t1\t99\t", "electrode 99 is not in the list"),
    ):
        with pytest.raises(FormatError, match=message):
            formats.read(written(text.replace(old, new, 1)))
