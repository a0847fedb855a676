"""Small files as instruments write them: the layouts of public samples, with invented readings."""

import numpy as np


def stg(rows, unit="meter", head="Advanced Geosciences, Inc. SuperSting R8-IP Resistivity meter."):
    return "\r\n".join(
        [
            f"{head} S/N: SS0509079 Type: 3D",
            f"Firmware version: 01.03.41E Survey period: 20091124 Records: {len(rows)}",
            f"Unit: {unit}",
            *rows,
            "",
        ]
    )


def stg_row(i, ohm, rho, x, *, error=12, current=300, y=(0, 0, 0, 0), z=(0, 0, 0, 0), ip=""):
    places = ",".join(f" {a:.5E}, {b:.5E}, {c:.5E}" for a, b, c in zip(x, y, z, strict=True))
    return (
        f"{i:4d},USER   ,20091124,09:08:{i % 60:02d}, {ohm:.5E},{error:4d},{current:3d}, {rho:.5E},"
        f"X0       ,{places}{ip},Cmd=1,HV=346,Cyk=1,MTime=0.8,Gain=1,Ch=1"
    )


def wenner_stg(n=20, unit="meter", ip=""):
    """Wenner arrays with a = 1, rho_a 10, 11, ... ohm unit."""
    rows = []
    for i in range(n):
        rho = 10.0 + i
        rows.append(stg_row(i + 1, rho / (2 * np.pi), rho, (i, i + 3, i + 1, i + 2), ip=ip))
    return stg(rows, unit)


TX0_NAMES = (
    "* num    A    B    M    N        I         U      dU       U90    dU90       rho     "
    "phi     f   n nAB  Profile   Spread  PseudoZ            X            Y           Z   "
    "    Date        Time  U(Tx)"
)
TX0_UNITS = (
    "*                               mA        mV       %        mV       %      Ohmm    "
    "mrad    Hz   -   -        m        m        m            m            m           m "
    "yyyy.mm.dd hh:mm:ss.ss      V"
)


def tx0(n=20, comma=False, rows=None):
    lines = ["* Data file >C:\\Gerät\\line.tx0<  * 20.09.2023", f"* Count = {n}"]
    lines += ["* Electrode positions " + "*" * 40]
    lines += [
        f"* Electrode [{i + 1:3d}] x y z (m) = {2.5 * i:11.3f} {0:11.3f} {0.1 * i:11.3f}"
        for i in range(n + 3)
    ]
    lines += [
        "* Remote electrode positions " + "*" * 30,
        "* Data " + "*" * 60,
        TX0_NAMES,
        TX0_UNITS,
    ]
    if rows is None:
        rows = []
        for i in range(1, n + 1):
            rho, current = 100.0 + i, 50.0
            volt = rho / (2 * np.pi * 2.5) * current
            rows.append(
                f"{i:5d} {i:4d} {i + 3:4d} {i + 1:4d} {i + 2:4d}  50.0000 {volt:.5f}   0.200  "
                f" 0.08020   5.000  {rho:.3f}   {2.5 + 0.01 * i:.3f}  8.33   2   1    3.750    "
                f"7.500    1.462        3.750        0.000      -1.462 2023.09.20 "
                f"13:07:{i % 60:02d}"
                f".46  17.60"
            )
    lines += rows
    text = "\r\n".join(lines) + "\r\n"
    return text.replace(".", ",").replace("2023,09,20", "2023.09.20") if comma else text


ARES_NAMES = "C1[el]\tC2[el]\tP1[el]\tP2[el]\tPn\tPn+1\tArray\tUout[V]\tI[mA]\tU[mV]\tEP[mV]"
ARES_NAMES += "\tAppRes[Ohmm]\tSt-dev[%]"


def ares(rows=None, windows=(), settings=()):
    lines = [
        "Device: ARES II/10 SN:1606146",
        "Time: 15:17:43",
        "Date: 28/10/2019",
        "Method: Wenner-alfa",
        "X-loc: 0 m",
        "Y-loc: 0 m",
        "Direction: X",
        "Electrode distance: 0.5 m",
        *settings,
    ]
    names = ARES_NAMES
    if windows:
        lines.append("IP windows:\t" + "\t".join(f"{w:g}" for w in windows) + " ms")
        names += "".join(f"\tIP{i + 1}[%]\tIP{i + 1}-dev" for i in range(len(windows)))
    lines.append(
        "Connected MC 16+8 electrodes, layed from 0 m, resistances[Ohm] of 3 el. from"
        " el.No 0:  256, 246, -"
    )
    lines += ["Measured data:", names]
    if rows is None:
        rows = [ares_row(i, i + 3, i + 1, i + 2, 40.0 + i, windows=len(windows)) for i in range(20)]
    return "\r\n".join([*lines, *rows]) + "\r\n"


def ares_row(a, b, m, n, rho, *, a_m=0.5, deviation=0.4, windows=0, suffix=""):
    volt = rho / (2 * np.pi * a_m) * 400.0
    cells = [
        f"{a}{suffix}",
        f"{b}{suffix}",
        f"{m}{suffix}",
        f"{n}{suffix}",
        "P1",
        "P2",
        "WA",
        "169.7",
        "400.000",
        f"{volt:.3f}",
        "-35",
        f"{rho:.3f}",
        f"{deviation:.1f}",
    ]
    for i in range(windows):
        cells += [f"{1.20 / (i + 1):.2f}", "10.0"]
    return "\t".join(cells)


def das1(rows, *, kind="ST", columns=(), units="", names=(), settings=(), end=True):
    lines = [
        "! Data File written by ERTLab DACQ ",
        f"#{kind}",
        '#ITitle  "x"',
        "#SXcale   1.0 !by",
        *settings,
        "#elec_start",
        "!Cbl# El# Elec-X  Elec-Y  Elec-Z  Terrn-Z  Type  El.Num",
    ]
    lines += [
        f"001,{i + 1:02d} +{float(i):.5f} +.00000 +.00000 +.00000 {i + 1:03d}" for i in range(24)
    ]
    lines += [
        "#elec_end",
        "#elec_cable_col= 1",
        "#elec_id_col= 2",
        "#elec_x_col= 3",
        "#elec_y_col= 4",
        "#elec_z_col= 5",
        "#data_id_col= 1",
    ]
    for i, name in enumerate("abmn"):
        lines += [f"#data_{name}_cable_col= {2 + 2 * i}", f"#data_{name}_elec_col= {3 + 2 * i}"]
    lines += [
        *columns,
        "!Begin Data Section!",
        "#data_start",
        *names,
        "! ID      A      B      M      N  ...",
        f"! num   Ca El  Ca El  Ca El  Ca El {units}",
    ]
    return "\r\n".join([*lines, *rows, *(["#data_end", "Run Complete"] if end else [])]) + "\r\n"


TDIP_COLUMNS = (
    "#data_res_col= 10",
    "#data_std_res_col= 11",
    "#data_amp_col= 12",
    "#data_ip_wind_col= 14",
    "#data_std_ip_col= 15",
    "#data_ip_wind_num= 2",
    "#data_ip_win2_col= 016",
    "#data_std_ip2_col= 017",
    "#data_i_curr_col= 18",
    "#data_contact_r_col= 19",
)
TDIP_SETTINGS = ("#TIPDly   10  !IP Delay (ms) ", "#TW01  20.000", "#TW02  40.000")


def tdip(n=20, unit="mV/V", rows=None):
    if rows is None:
        rows = [
            das1_row(
                i,
                f"+{2.0 + i:.6f} +.010000 +{(2.0 + i) * 0.25:.6f} +.0002500 "
                f"+8.000000 +.4000000 +4.000000 +.2000000 250.000000 +510.0000",
            )
            for i in range(1, n + 1)
        ]
    units = f"(Ohms) (Ohms) (Volts) (Volts) ({unit}) ({unit}) ({unit}) ({unit}) (ma) (Ohms)"
    return das1(rows, columns=TDIP_COLUMNS, units=units, settings=TDIP_SETTINGS)


def das1_row(i, values):
    return (
        f"{i:06d} 001,{i:02d} 001,{i + 3:02d} 001,{i + 1:02d} 001,{i + 2:02d} {values}"
        f" 20181105_1350{i % 60:02d} CH 01 GN 2   125"
    )


def sip(rows):
    names = ["!   |--- Frequency = +10.00000   Hz ---||--- Frequency = +1.000000   Hz ---|"]
    columns = (
        "#data_res_col= 15",
        "#data_i_curr_col= 19",
        "#data_Num_Freq= 2",
        "#data_ip_wind_col= 12, 17",
        "#data_std_ip_col= -1",
    )
    units = "(Ohms) (Ohms) (mr) (mr) (ma) (Ohms) (Ohms) (mr) (mr) (ma) (Ohms)"
    return das1(rows, kind="SJ", columns=columns, units=units, names=names)


SIP_ROWS = [
    das1_row(
        i,
        f"+{4.0 + i:.6f} +.0100000 -20.00000 +1.000000 +40.00000  "
        f"+{4.4 + i:.6f} +.0200000 -10.00000 +.5000000 +44.00000  +2952.000",
    )
    for i in range(1, 20)
]

PRIME_NAMES = (
    "pt_line_number:\tpt_calc_res:\tpt_calc_res_error:\tpt_c1_no:\tpt_c2_no:\t"
    "pt_p1_no:\t"
    "pt_p2_no:\tpt_meas_voltage_mean:\tpt_calc_phase_mag:\tpt_calc_phase_error:\t"
    "pt_meas_current_mag:\tpt_meas_contact_resistance:\tpt_meas_pre_sample:\tpt_time:\t"
    "pt_error_code:"
)
PRIME_UNITS = (
    "#Units\tOhm\tTenths %\t-\t-\t-\t-\tmV\tDegrees\tTenths %\tmA\tOhm\tmV\tYYYY-MM-DDTHH:MM:SS\t-"
)


def prime(rows):
    lines = [
        "# Prime:                           \tRX Ver.1.02",
        "set_meas_array_style:  \tWenner",
        "set_meas_frequency:                \t25\tHz",
        f"set_no_of_meas:  \t{len(rows)}",
        PRIME_UNITS,
        "#%d\t%g\t%g\t%d\t%d\t%d\t%d\t%g\t%g\t%g\t%g\t%g\t%g\t%u\t%x",
        "data:",
        PRIME_NAMES,
        *rows,
    ]
    return "\n".join(lines) + "\n"


def prime_row(i, ohm, c1, c2, p1, p2, *, error=5.0, code="0x00"):
    return (
        f"{i}\t{ohm}\t{error}\t{c1}\t{c2}\t{p1}\t{p2}\t{ohm * 90.0:.6g}\t-1.8\t10.0\t90.0\t"
        f"347.673\t-30.9\t2020-01-31T00:{i % 60:02d}:30\t{code}"
    )


PRIME_ROWS = [prime_row(i, 0.5 + 0.1 * i, i, i + 3, i + 1, i + 2) for i in range(1, 20)]

OHMPI_NEW = (
    "time,a,b,m,n,injection_duration_[ms],vmn_[mV],vmn_std_[%],iab_[mA],iab_std_[%],"
    "r_[Ohm],r_std_[%],rab_[kOhm],sp_[mV],nb_stack,vab_[V],strategy,cmd_id"
)
OHMPI_OLD = (
    "time,A,B,M,N,inj time [ms],Vmn [mV],I [mA],R [ohm],Ps [mV],nbStack,Tmp [°C],Nb samples [-]"
)


def ohmpi(n=20, head=OHMPI_NEW):
    lines = [head]
    for i in range(1, n + 1):
        ohm = 100.0 + i
        stamp = f"2025-08-25T23:15:{i % 60:02d}.258883"
        if head == OHMPI_OLD:
            lines.append(
                f"{stamp},{i},{i + 3},{i + 1},{i + 2},500,{ohm * 2:.6f},2.0,{ohm:.6f},"
                f"36.4,4,25.0,133"
            )
        else:
            lines.append(
                f"{stamp},{i},{i + 3},{i + 1},{i + 2},500.0,{ohm * 2:.6f},0.6,2.0,5.2,"
                f"{ohm:.6f},-2.5,23.7,36.4,2,40.0,safe,"
            )
    return "\n".join(lines) + "\n"


def electra(n=20, status=None):
    lines = [
        "Default",
        "#Created by Electra Manager ver.4.0.0 (6) - MoHo s.r.l. -",
        "#Configuration name",
        "Wenner (alpha)",
        "#Total enabled electrodes",
        str(n + 3),
        "#X\tY\tZ",
        *(f"{2.0 * i:.2f}\t0.00\t0.00" for i in range(n + 3)),
        "#Total remote electrode",
        "0",
        "#Xr\tYr\tZr",
        "No data",
        "#Meas.\tStatus\tA\tB\tM\tN\tGND\tI(AB)\tV(AB)\tV(MN)\ta-Spacing\tn-Factor\tK/(2pi)\t"
        "Rhoa\tZ(AB)",
        "#[#]\t[E/D/N]\t[#]\t[#]\t[#]\t[#]\t[#]\t[mApp]\t[Vpp]\t[mVpp]\t-\t-\t-\t[ohm m]\t[ohm]",
    ]
    for i in range(1, n + 1):
        code = (status or {}).get(i, "E")
        rho = 70.0 + i
        volt = rho / (4 * np.pi) * 49.0
        values = (
            f"49.00\t79.88\t{volt:.4f}\t2.00\t1.00\t2.00\t{rho:.2f}\t1630.21"
            if code != "N"
            else "-\t-\t-\t2.00\t1.00\t2.00\t-\t-"
        )
        lines.append(f"{i}\t{code}\t{i}\t{i + 3}\t{i + 1}\t{i + 2}\t3\t{values}")
    return "\n".join([*lines, "#[#]\t[e/d]\t[#]"]) + "\n"
