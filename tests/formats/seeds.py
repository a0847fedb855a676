"""Small valid files of every format: what fuzzing begins with.

A format that is written and has none here gets one by its writer, so that a new format is
fuzzed from its first day; `test_fuzz.py` fails for a format without any.
"""

import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from ohmscape import formats
from ohmscape.core import Data, Electrodes, Survey
from ohmscape.formats import Cell, Mapping
from tests.formats import abem, instruments
from tests.formats.test_bert import OFFICIAL
from tests.formats.test_gdd import ROWS as GDD_ROWS
from tests.formats.test_gdd import gdd
from tests.formats.test_r2 import GRID
from tests.formats.test_res2dinv import ERRORS, GENERAL, res2dinv
from tests.formats.test_res2dinv_more import crosshole
from tests.formats.test_res3dinv import ROWS as RES3D_ROWS
from tests.formats.test_res3dinv import res3dinv
from tests.formats.test_syscal import NEW, OLD, THREE, record, syscal
from tests.formats.test_ubc import FLAT3D, SIMPLE, SPACE, SURFACE
from tests.formats.test_ubc import GENERAL as UBC_GENERAL

FEW = 5  #: rows: enough for repeats and neighbours, few enough to be read in a millisecond
STING_IP = ",IP:,130, 1," + ",".join(["1.3E-03"] * 6) + ", 7.8E-03"


@dataclass(frozen=True)
class Seed:
    """A valid file of one format."""

    name: str
    format: str
    content: bytes = field(repr=False)
    options: dict[str, Any] = field(default_factory=dict, repr=False)  #: of `formats.read`
    claimed: bool = True  #: its format is found from the content alone
    refused: bool = False  #: the format is known and never read


def rows(form: str, n: int = FEW) -> list[str]:
    """Return rows with i, i+1, i+2, i+3 and a value each."""
    return [form.format(i, i + 1, i + 2, i + 3, 0.5 * i + 1) for i in range(1, n + 1)]


def _text(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content


def _exchange() -> list[Seed]:
    long = OFFICIAL + "4\n0 1\n5 2\n6 2\n9 2.5\n"
    bert_ip = ("4\n#x/cm y z\n0 0 0\n10 0 1\n20 5 1\n30 5 1\n2\n"
               "#a b m n rhoa k err/% ip/mrad valid\n1 0 2 3 12.5 6.2 3 -4.5 1\n"
               "1 4 2 3 -3.5 6.2 0 2 0\n0\n")  # fmt: skip
    general = res2dinv(
        rows("4 {0} 0 {3} 0 {1} 0 {2} 0 {4} 0.1 3 0.2"), GENERAL, 2, head=["0"],
        ip=("Chargeability", "mV/V", "0.1,1.0", *ERRORS), tail=("2", "2", "0 0", "40 9", "1", "0"),
    )  # fmt: skip
    line = [[float(i), 0.0, 0.1 * i] for i in range(9)]
    label = {"electrodes": _electrodes(GRID)}
    return [
        Seed("bert", "bert", _text(long)),
        Seed("bert ip", "bert", _text(bert_ip)),
        Seed("res2dinv general", "res2dinv", _text(general)),
        Seed("res2dinv index", "res2dinv", _text(res2dinv(rows("{0} 2 {1} {4}"), "6", 1))),
        Seed("res2dinv crosshole", "res2dinv", _text(crosshole())),
        Seed("res3dinv", "res3dinv", _text(res3dinv(RES3D_ROWS))),
        Seed("r2", "r2", _text(f"{FEW}\n" + "\n".join(rows("{0} {0} {3} {1} {2} {4} -2.5")) + "\n"),
             {"electrodes": line}),
        Seed("r2 3d", "r2", b"2\n1 1 1 1 4 1 2 1 3 12.5\n2 1 2 2 1 2 2 2 3 -0.5\n", label),
        Seed("e4d", "e4d", _text("4\n1 0 0 0 1\n2 1 0 0 1\n3 2 0 0 1\n4 3 0 -2.5 0\n\n2\n"
                                 "1 1 4 2 3 12.5 0.1\n2 1 0 2 3 -3.5 0.2\n")),
        Seed("ubc general", "ubc-dcip2d", _text(UBC_GENERAL)),
        Seed("ubc surface", "ubc-dcip2d", _text(SURFACE)),
        Seed("ubc simple", "ubc-dcip2d", _text(SIMPLE), claimed=False),
        Seed("ubc flat", "ubc-dcip3d", _text(FLAT3D)),
        Seed("ubc space", "ubc-dcip3d", _text(SPACE)),
        *_columns(),
    ]  # fmt: skip


def _electrodes(text: str) -> Electrodes:
    cells = [line.split(",") for line in text.split("\n")[1:] if line]
    return Electrodes([[float(v) for v in c[1:]] for c in cells], [c[0] for c in cells])


def _columns() -> list[Seed]:
    numbers = {e: Cell(i + 1) for i, e in enumerate("abmn")}
    line = Mapping({**numbers, "u": Cell(5, "mV"), "i": Cell("I", "mA"), "decay": Cell((7, 8), "%"),
                    "time": Cell(9, "date")}, spacing=2.0, header_rows=1, remote=(0.0,),
                   gate_start=(0.1, 0.2), gate_width=(0.1, 0.1))  # fmt: skip
    head = "A,B,M,N,U,I,M1,M2,date\n"
    body = "\n".join(rows("{0},{3},{1},{2},{4},50,1.5,1.2,2024-05-1{0} 10:00:00"))
    places = Mapping(
        {"xa": Cell(1, "ft"), "xb": Cell(2), "xm": Cell(3), "xn": Cell(4), "zn": Cell(5),
         "rhoa": Cell(6), "err": Cell(7, "0.1%")}, delimiter=";", decimal=",", depth=True,
    )  # fmt: skip
    index = Mapping({"x": Cell(1), "spacing": Cell(2), "level": Cell(3), "rhoa": Cell(4)},
                    array="pole-dipole", delimiter="blank")  # fmt: skip
    return [
        Seed("columns numbers", "columns", _text(head + body), {"mapping": line}),
        Seed("columns places", "columns", _text("\n".join(rows("{0},5;{3};{1};{2};0;{4};12"))),
             {"mapping": places}),
        Seed("columns index", "columns", _text("\n".join(rows("{0} 2 -{1} {4}"))),
             {"mapping": index}),
    ]  # fmt: skip


def _instruments() -> list[Seed]:
    make = instruments
    text = "\n".join([NEW, *rows("W,{0},{3},{1},{2},{4},1,2,3,{4},50.0")])
    old = "\n".join(
        [OLD, *rows(",Mixed,{0},{3},{1},{2},{4},1.5,3,-12,{4},50.0,2{0}/09/2017 11:53:4{0},")]
    )
    new = "\n".join([THREE, *rows("W,{0},{3},{1},{2},{4},9,1.5,3,-12,{4},50.0,6.28,1,0.03")])
    records = [record((i, i + 3, i + 1, i + 2), more=i % 4, widths=(40, 80), gates=(4.0, 2.0))
               for i in range(FEW)]  # fmt: skip
    return [
        Seed("syscal-bin", "syscal-bin", syscal(records)),
        Seed("syscal-text new", "syscal-text", _text(text)),
        Seed("syscal-text old", "syscal-text", _text(old)),
        Seed("syscal-text three", "syscal-text", _text(new)),
        Seed("syscal-binx", "syscal-binx", bytes(range(256)) * 4, refused=True, claimed=False),
        Seed("sting", "sting", _text(make.wenner_stg(FEW))),
        Seed("sting ip", "sting", _text(make.wenner_stg(FEW, "feet", ip=STING_IP))),
        Seed("lippmann", "lippmann", make.tx0(FEW).encode("latin-1")),
        Seed("lippmann comma", "lippmann", make.tx0(FEW, comma=True).encode("latin-1")),
        Seed("ares", "ares", _text(make.ares(_ares_rows(), windows=(20, 40)))),
        Seed("das1 tdip", "das1", _text(make.tdip(FEW))),
        Seed("das1 sip", "das1", _text(make.sip(make.SIP_ROWS[:FEW]))),
        Seed("prime", "prime", _text(make.prime(make.PRIME_ROWS[:FEW]))),
        Seed("ohmpi", "ohmpi", _text(make.ohmpi(FEW))),
        Seed("ohmpi old", "ohmpi", _text(make.ohmpi(FEW, make.OHMPI_OLD))),
        Seed("electra", "electra", _text(make.electra(FEW, status={3: "D", 4: "N"}))),
        Seed("gdd", "gdd", _text(gdd(GDD_ROWS))),
    ]


def _ares_rows() -> list[str]:
    return [instruments.ares_row(i, i + 3, i + 1, i + 2, 40.0 + i, windows=2) for i in range(FEW)]


def _abem() -> list[Seed]:
    wide = "{i} {t} {a} {b} {m} {k} 100 {volt:.6f} {rho:.3f} 1.0 0.02 0.1 0.8 0.2 0.8 0.4"
    with tempfile.TemporaryDirectory() as folder:
        project = abem.project(Path(folder) / "project.db", FEW).read_bytes()
    lund = [f" {x} {x + 12} {x + 4} {x + 8} 3.5E+00 0.0 1 1" for x in range(0, 4 * FEW, 4)]
    return [
        Seed("abem-lund", "abem-lund", _text(abem.lund(lund))),
        Seed("abem-amp", "abem-amp",
             _text(abem.amp(abem.amp_rows(FEW), ground=["0 0 5", "44 0 27"]))),
        Seed("abem-amp ip", "abem-amp", _text(abem.amp(abem.amp_rows(FEW, wide), mode="4"))),
        Seed("terrameter-txt", "terrameter-txt", abem.ls_text(FEW).encode("iso-8859-15")),
        Seed("terrameter-db", "terrameter-db", project),
    ]  # fmt: skip


def _written(known: set[str]) -> list[Seed]:
    """Return a file of each written format that has no seed of its own."""
    positions = np.column_stack([np.arange(6.0), np.zeros(6), 0.1 * np.arange(6.0)])
    survey = Survey(Electrodes(positions), [[0, 3, 1, 2], [1, 4, 2, 3], [2, 5, 3, 4]])
    data = Data(survey, np.array([2.0, -3.5, 0.25]), standard_deviation=np.array([0.1, 0.2, 0.01]))
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for one in formats.writable():
            if one.name not in known:
                path = Path(folder) / "line"
                formats.write(data, path, format=one.name)
                found.append(Seed(one.name, one.name, path.read_bytes()))
    return found


@cache
def seeds() -> tuple[Seed, ...]:
    """Return all seeds."""
    made = [*_exchange(), *_instruments(), *_abem()]
    return (*made, *_written({seed.format for seed in made}))


def seeds_of(name: str) -> tuple[Seed, ...]:
    """Return the seeds of a format."""
    return tuple(seed for seed in seeds() if seed.format == name)
