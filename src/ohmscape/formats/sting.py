"""AGI SuperSting files (.stg): three lines of header, then one row of comma-separated cells each.

Cells: 5 V/I (ohm), 6 error (tenths of per cent), 7 current (mA), 8 rho_a, 10-21 x y z of
A B M N, then perhaps ``IP:``, slot (ms), time constant, six gates and their total (s), and
settings. Feet or metres, as the third line says. Source: AGI help desk, "What are the column
labels in the SuperSting .stg data file", and public sample files.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ohmscape.core import Booleans, Column, Data, Electrodes, Floats, Integers, Remark
from ohmscape.formats._assemble import Draft, Values, assemble
from ohmscape.formats._checks import listed, print_precision
from ohmscape.formats._dates import seconds_of
from ohmscape.formats._delimited import FEET, columns_of
from ohmscape.formats._electrodes import number_places
from ohmscape.formats._source import Evidence, Format, Source, quote
from ohmscape.formats._text import head_lines, lines_of, looks_like_text

NAME = "sting"
UNIT = re.compile(r"\s*unit\s*:\s*(\w*)", re.IGNORECASE)
UNITS = {
    "meter": 1.0,
    "meters": 1.0,
    "metre": 1.0,
    "m": 1.0,
    "feet": FEET,
    "foot": FEET,
    "ft": FEET,
}
HEADER_WITHIN = 10  #: lines in which the unit must come
PLACES = range(9, 21)  #: cells with x y z of A B M N, from 0
IP = range(22, 31)  #: slot, time constant, six gates, total
GATES = 6


def evidence(head: bytes, path: Path) -> Evidence:
    """Judge whether the head of a file is of this format."""
    del path
    if not looks_like_text(head):
        return Evidence(0.0, ("holds control characters",))
    lines = head_lines(head)
    unit = _unit_line(lines)
    score, reasons = 0.0, []
    if lines and "sting" in lines[0].lower():
        score, reasons = 0.4, ["names a Sting"]
    if unit is not None:
        score, reasons = score + 0.2, [*reasons, f"line {unit + 1} is a unit"]
        row = lines[unit + 1].split(",") if unit + 1 < len(lines) else []
        if len(row) >= 21:
            score, reasons = score + 0.4, [*reasons, f"then a row of {len(row)} cells"]
    if score < Evidence.ENOUGH:
        return Evidence(min(score, 0.4), tuple(reasons) or ("no line with a unit",))
    return Evidence(score, tuple(reasons))


def _unit_line(lines: Sequence[str]) -> int | None:
    return next((i for i, text in enumerate(lines[:HEADER_WITHIN]) if UNIT.match(text)), None)


def read(source: Source) -> Data:
    """Return the data of a file.

    Raises
    ------
    FormatError, SurveyError
        The file cannot be read; says where and how to mend it.
    """
    lines = lines_of(source)
    start, unit = _header(source, lines)
    metre = UNITS[unit]
    filled = [i for i in range(start, len(lines)) if lines[i].strip()]
    rows, numbers = [lines[i] for i in filled], np.array(filled, dtype=np.int64) + 1
    if not rows:
        raise source.fault("no rows below the header", line=len(lines), mend="export it again")
    cells, short = columns_of(source, rows, numbers.tolist(), [4, 5, 6, 7, *PLACES], separator=",")
    places = cells[:, 4:].reshape(-1, 4, 3) * metre
    known: Booleans = np.all(np.isfinite(places), axis=(1, 2))
    remarks = [Remark("kept", f"unit of length: {unit}")]
    if not known.any():
        raise source.fault("no row has its electrodes", line=int(numbers[0]), mend="export again")
    if not known.all():
        text = "row without its electrodes"
        remarks.append(Remark("refused", text, listed(numbers, ~known), int((~known).sum())))
        rows = [row for row, ok in zip(rows, known, strict=True) if ok]
        cells, places, numbers, short = cells[known], places[known], numbers[known], short[known]
    positions, abmn = number_places(places)
    time, dated = _time(rows)
    polarised, more = _polarisation(source, rows, numbers)
    exact = cells[:, 1] == 0.0
    if exact.any():
        text = "error is printed as zero: taken as not stated"
        remarks.append(Remark("kept", text, listed(numbers, exact), int(exact.sum())))
    values = Values(
        resistance=cells[:, 0],
        relative_error=cells[:, 1] * 1e-3,
        current=cells[:, 2] * 1e-3,
        apparent_resistivity=cells[:, 3] * metre,
        time=time,
        **polarised,
    )
    return assemble(
        Draft(
            source=source,
            format=NAME,
            electrodes=Electrodes(positions),
            abmn=abmn,
            rows=numbers,
            values=values,
            keys=rows,
            columns=_columns(unit, "decay" in polarised),
            faults=((short, "incomplete row"),),
            remarks=(*remarks, *dated, *more),
        )
    )


def _header(source: Source, lines: Sequence[str]) -> tuple[int, str]:
    at = _unit_line(lines)
    if at is None:
        raise source.fault(
            "no line says the unit of length", line=3, mend="add 'Unit: meter' or 'Unit: feet'"
        )
    match = UNIT.match(lines[at])
    unit = match[1].lower() if match else ""
    if unit not in UNITS:
        raise source.fault(
            f"unit {quote(unit)} is not known", line=at + 1, mend="use meter or feet"
        )
    return at + 1, unit


def _time(rows: Sequence[str]) -> tuple[Floats | None, list[Remark]]:
    once: dict[str, int] = {}
    index = [once.setdefault(",".join(row.split(",", 4)[2:4]), len(once)) for row in rows]
    time = seconds_of([_date(text) for text in once])[0][index]
    missing = int(np.isnan(time).sum())
    if missing == len(time):
        return None, [Remark("warning", "dates cannot be read: no times", (), missing)]
    if missing:
        return time, [Remark("warning", f"{missing} readings without a time", (), missing)]
    return time, []


def _date(text: str) -> str:
    day, _, clock = (part.strip() for part in text.partition(","))
    return f"{day[:4]}-{day[4:6]}-{day[6:]} {clock}"


def _polarisation(
    source: Source, rows: Sequence[str], numbers: Integers
) -> tuple[dict[str, Floats], list[Remark]]:
    """Return decay and chargeability in V/V of the rows that have them."""
    has: Booleans = np.array(["IP:" in row for row in rows], dtype=np.bool_)
    if not has.any():
        return {}, []
    some = [row for row, yes in zip(rows, has, strict=True) if yes]
    odd = [i for i, row in enumerate(some) if not _cell(row, 21).upper().startswith("IP:")]
    if odd:
        raise source.fault(
            "IP: is not the cell after the places", line=int(numbers[has][odd[0]]), column=22,
            mend="restore the row",
        )  # fmt: skip
    cells, _ = columns_of(source, some, numbers[has].tolist(), list(IP), separator=",")
    slot = cells[:, 0] * 1e-3
    with np.errstate(divide="ignore", invalid="ignore"):
        gates = cells[:, 2 : 2 + GATES] / slot[:, None]
        total = cells[:, 2 + GATES] / (GATES * slot)
    decay = np.full((len(rows), GATES), np.nan)
    whole = np.full(len(rows), np.nan)
    decay[has], whole[has] = gates, total
    decay[~np.isfinite(decay)] = np.nan
    whole[~np.isfinite(whole)] = np.nan
    values = {"decay": decay, "chargeability": whole}
    return values, _about_gates(cells, slot, numbers[has])


def _about_gates(cells: Floats, slot: Floats, numbers: Integers) -> list[Remark]:
    n = len(cells)
    widths = np.unique(slot[np.isfinite(slot)] * 1e3)
    named = ", ".join(f"{width:g}" for width in widths[:4]) or "unknown"
    text = (
        f"IP gates in s are the area below the decay, so divided by their width ({named} ms) to"
        " V/V; when the first begins the file does not say, so gates have no times"
    )
    remarks = [Remark("kept", text, (), n)]
    parts, total = cells[:, 2 : 2 + GATES].sum(axis=1), cells[:, 2 + GATES]
    precision = 10 * print_precision(cells[:, 2:]) + 1e-3 * np.abs(total)
    off = np.isfinite(parts + total) & (np.abs(parts - total) > precision)
    text = f"sum of the IP gates and their total agree in {n - int(off.sum())} of {n} readings"
    remarks.append(Remark("checked", text, listed(numbers, off), int(off.sum())))
    if off.sum() > 0.5 * n:
        text = "the total of IP is not the sum of the gates: are they areas in s?"
        remarks.append(Remark("warning", text, (), int(off.sum())))
    return remarks


def _cell(row: str, j: int) -> str:
    cells = row.split(",", j + 1)
    return cells[j].strip() if j < len(cells) else ""


def _columns(unit: str, polarised: bool) -> tuple[Column, ...]:
    feet = "" if UNITS[unit] == 1.0 else f"x {FEET} to m"
    columns = [
        Column("time", "date", "", 3, "instrument's clock, as s since 1970-01-01"),
        Column("time", "time", "", 4),
        Column("resistance", "V/I", "ohm", 5),
        Column("standard_deviation", "error", "tenths of %", 6, "x 0.001 x |R| to ohm"),
        Column("current", "current", "mA", 7, "x 0.001 to A"),
        Column("apparent_resistivity", "rho_a", f"ohm {unit}", 8, feet),
        *(
            Column("electrodes", f"{axis} of {name}", unit, 10 + 3 * i + j, feet)
            for i, name in enumerate("ABMN")
            for j, axis in enumerate("xyz")
        ),
    ]
    if polarised:
        columns.append(Column("decay", "IP slot", "ms", 23, "divides the gates"))
        columns += [
            Column("decay", f"IP {i + 1}", "s", 25 + i, "/ slot to V/V") for i in range(GATES)
        ]
        columns.append(Column("chargeability", "IP total", "s", 31, "/ (6 slots) to V/V"))
    return tuple(columns)


FORMAT = Format(NAME, "AGI SuperSting", evidence, read,
                carries=("IP", "3-D", "topography"))  # fmt: skip
