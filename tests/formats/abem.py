"""Look-alikes of ABEM files: .ohm as public samples are, the others from their descriptions."""

import sqlite3

import numpy as np

PI = np.pi


def lund(rows=None, *, spacing="4", code=5, flag=1, count=None, station="0", more=()):
    if rows is None:
        rows = [f" {x} {x + 12} {x + 4} {x + 8} {(50.0 + x) / (8 * PI):.5E} 0.0 1 1"
                for x in range(-62, 18, 4)]  # fmt: skip
    return "\n".join([
        "", "0                              { first station coordinate }",
        "2019-11-22 13:06:38   ver. 2.12",
        f"{spacing}                              { '{' } electrode take-out spacing { '}' }",
        "1                              { no. of protocol files used }",
        f"WEN {code}", "WEN.ORG", f"{len(rows) if count is None else count} {flag}", station,
        "2019-11-22 13:06:48   ver. 2.12", *rows, *more, "",
    ])  # fmt: skip


def amp(rows, *, mode="2", code="1 Wenner WEN", kind="XYZ:1", axes="x", ground=(), legend=None):
    def line(key, value):
        return f"{key + ':':<32}{value}"

    names = " ".join(f"{e}({a})" for e in "ABMN" for a in axes)
    head = [
        line("Filename", "C:\\SAS\\line.s4k"), line("Instrument ID", "SAS 1000 2001336"),
        line("Date & Time", "16/08/2000 09:57:07"), line("Base station", "0.00 0.00 0.00 0.00"),
        line("Rows header/data/topography", f"27 {len(rows)} {len(ground)}"),
        line("Acquisition mode", mode), line("Measurement method", "Section"),
        line("Electrode layout", code), line("Co-ordinate type", kind),
        line("Smallest electrode spacing", "2.00"), line("Marine survey (R,h,a,b)", "- - - -"),
        *(line(f"Protocol #{i}", "-") for i in range(1, 9)), line("Operator", ""),
        line("Client", ""), *(line(f"Comment #{i}", "") for i in range(1, 5)), "",
        legend or f"No. Time {names} I(mA) Voltage(V) App.Res.(ohmm) Error(%)",
    ]  # fmt: skip
    assert len(head) == 27
    return "\r\n".join([*head, *rows, *ground]) + "\r\n"


def amp_rows(n=20, form="{i} {t} {a} {b} {m} {k} 100 {volt:.6f} {rho:.3f} 0.5"):
    out = []
    for i in range(n):
        rho = 30.0 + i
        volt = 0.1 * rho / (4 * PI)
        out.append(form.format(i=i + 1, t=10 * i, a=2 * i, b=2 * i + 6, m=2 * i + 2, k=2 * i + 4,
                               volt=volt, rho=rho))  # fmt: skip
    return out


LS_NAMES = ["Time", "MeasID", "DPID", "Channel",
            *(f"{e}({a})" for e in "ABMN" for a in "xyz"), "F(x)", "F(y)", "F(z)", "Note", "I(mA)",
            "Uout(V)", "U(V)", "SP(V)", "R(O)", "Var(%)", "Rhoa", "Cycles", "Pint(W)", "Pext(V)",
            "T(°C)", "Lat", "Long"]  # fmt: skip


def ls_text(n=20, names=LS_NAMES, join="\t", rows=None):
    if rows is None:
        rows = []
        for i in range(n):
            rho = 30.0 + i
            ohm = rho / (4 * PI)
            places = [f"{2.0 * (i + s):.2f}\t0.00\t{0.1 * (i + s):.2f}" for s in (0, 3, 1, 2)]
            rows.append("\t".join([f"2014-05-07 12:37:{i:02d}", str(i + 1), str(i + 1), "1",
                        *places, "0\t0\t0", "", "100.000", "25.0", f"{0.1 * ohm:.6f}", "-0.012",
                        f"{ohm:.6f}", "0.50", f"{rho:.3f}", "2", "9.9", "-", "24.9",
                        "-", "-"]))  # fmt: skip
    head = ["Filename: project.db", "Instrument ID: LS 210080049", "Base reference:", ""]
    return "\r\n".join([*head, join.join(names), *rows, "-" * 60, "Electrode test: none", ""])


SCHEMA = """
CREATE TABLE Tasks (ID INTEGER PRIMARY KEY, Name TEXT, PosX REAL, PosY REAL, PosZ REAL,
  SpacingX REAL, SpacingY REAL, ArrayCode INTEGER, Time TEXT);
CREATE TABLE DP_ABMN (ID INTEGER PRIMARY KEY, TaskID INTEGER, APosX INTEGER, APosY INTEGER,
  APosZ INTEGER, BPosX INTEGER, BPosY INTEGER, BPosZ INTEGER, MPosX INTEGER, MPosY INTEGER,
  MPosZ INTEGER, NPosX INTEGER, NPosY INTEGER, NPosZ INTEGER, FocusX REAL);
CREATE TABLE Measures (ID INTEGER PRIMARY KEY, StationID INTEGER, SessionID INTEGER, Time TEXT,
  PosLatitude REAL, PosLongitude REAL, PosQuality INTEGER, IntPowerVolt REAL, Temp REAL);
CREATE TABLE DPV (TaskID INTEGER, MeasureID INTEGER, DPID INTEGER, Channel INTEGER,
  SeqNum INTEGER, DatatypeID INTEGER, DataValue INTEGER, DataSDev REAL, MCycles INTEGER);
CREATE TABLE AcqSettings (ID INTEGER, Name TEXT, Value TEXT);
"""


def project(path, n=20, extra=(), gates=(8.0, 4.0)):
    """Write a project with Wenner arrays, take-outs 2 m apart; real numbers in INTEGER columns."""
    connection = sqlite3.connect(path)
    connection.executescript(SCHEMA)
    connection.execute("INSERT INTO Tasks VALUES (1, 'Line 1', 10.0, 0, 0, 2.0, 2.0, 1, '')")
    for i in range(n):
        rho = 30.0 + i
        ohm, current = rho / (4 * PI), 0.1
        connection.execute(
            "INSERT INTO DP_ABMN VALUES (?,1,?,0,0,?,0,0,?,0,0,?,0,0,0)",
            (i + 1, i, i + 3, i + 1, i + 2),
        )
        connection.execute(
            "INSERT INTO Measures VALUES (?,1,1,?,0,0,0,12.1,20)",
            (i + 1, f"2014-05-07 12:37:{i % 60:02d}"),
        )
        for kind, value in ((1, -0.012), (2, rho), (5, ohm), (6, current), (7, ohm * current)):
            connection.execute(
                "INSERT INTO DPV VALUES (1,?,?,1,0,?,?,0.1,2)", (i + 1, i + 1, kind, value)
            )
        for at, value in enumerate(gates):
            connection.execute(
                "INSERT INTO DPV VALUES (1,?,?,1,?,3,?,0.1,2)", (i + 1, i + 1, at, value)
            )
        connection.execute("INSERT INTO DPV VALUES (1,?,?,13,0,5,99.0,0,2)", (i + 1, i + 1))
    for statement in extra:
        connection.execute(statement)
    connection.commit()
    connection.close()
    return path
