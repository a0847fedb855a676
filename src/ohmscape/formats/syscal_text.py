"""IRIS Syscal readings as text (.csv, .txt): exports of Prosys II and Prosys III.

Three dialects of the header: ``Spa.1 .. Spa.4, Vp, In, Dev., M`` (Prosys II), ``xA(m), VMN (mV),
Dev.`` and ``xA (m), Dev. Rho (%), Dev. M`` (Prosys III). Tabs, commas or semicolons separate;
leading and trailing columns may have no name. Source: public sample files.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ohmscape.core import Booleans, Column, Data, Electrodes, Floats, Integers, Remark
from ohmscape.formats._assemble import Draft, Fault, assemble
from ohmscape.formats._cells import table_at_once
from ohmscape.formats._checks import listed
from ohmscape.formats._dates import seconds_of
from ohmscape.formats._electrodes import number_places
from ohmscape.formats._source import Evidence, Format, Source, quote
from ohmscape.formats._syscal import Measured, Places, far_as_remote, values_of
from ohmscape.formats._syscal_write import write_syscal
from ohmscape.formats._text import UTF16, head_lines, lines_of, looks_like_text, number, unreadable

NAME = "syscal-text"
HEADER_WITHIN = 40  #: lines in which the header must come
PLACES = ("xa", "xb", "xm", "xn", "ya", "yb", "ym", "yn", "za", "zb", "zm", "zn")
SPACINGS = {f"spa.{i + 1}": name for i, name in enumerate(PLACES)}

#: name in the header -> quantity
NAMES = {
    "rho": "rho", "vp": "voltage", "vmn": "voltage", "in": "current", "iab": "current",
    "dev.": "deviation", "dev.rho": "deviation", "m": "chargeability", "sp": "potential",
    "coef.k": "factor", "stack": "stacks", "rab": "contact", "mdly": "delay",
    "overload": "overload", "date": "date",
    **SPACINGS, **{name: name for name in PLACES},
    **{f"m{i}": f"m{i}" for i in range(1, 21)}, **{f"tm{i}": f"tm{i}" for i in range(1, 21)},
}  # fmt: skip

#: quantity -> unit where the header states none, and the factors to that unit
UNITS = {
    "voltage": ("mv", {"mv": 1.0, "v": 1e3, "uv": 1e-3}),
    "potential": ("mv", {"mv": 1.0, "v": 1e3, "uv": 1e-3}),
    "current": ("ma", {"ma": 1.0, "a": 1e3}),
    "rho": ("ohm.m", {"ohm.m": 1.0, "ohmm": 1.0}),
    "deviation": ("%", {"%": 1.0}),
    "chargeability": ("mv/v", {"mv/v": 1.0}),
    "contact": ("kohm", {"kohm": 1e3, "ohm": 1.0}),
    "factor": ("m", {"m": 1.0}),
}
SI = {"voltage": "x 0.001 to V", "current": "x 0.001 to A", "deviation": "x 0.01 x |R| to ohm",
      "chargeability": "x 0.001 to V/V", "potential": "x 0.001 to V", "contact": "x 1000 to ohm",
      "date": "instrument's clock, as s since 1970-01-01"}  # fmt: skip
FIELD = {"rho": "apparent_resistivity", "factor": "geometric_factor",
         "potential": "self_potential", "deviation": "standard_deviation",
         "contact": "contact_resistance", "date": "time"}  # fmt: skip


@dataclass(frozen=True)
class Layout:
    """Where the columns are."""

    line: int  #: index of the header
    separator: str
    cells: tuple[str, ...]
    where: dict[str, int]  #: quantity -> column from 0
    factor: dict[str, float]  #: quantity -> factor to the instrument's unit


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows below the header."""

    texts: list[str]
    numbers: Integers  #: line numbers
    values: Floats  #: of the columns in the order of `_numeric`
    short: Booleans  #: rows that lack columns
    dates: list[str]  #: empty if there is no column of dates
    remarks: tuple[Remark, ...] = ()


def evidence(head: bytes, path: Path) -> Evidence:
    """Judge whether the head of a file is of this format."""
    del path
    if not looks_like_text(head):
        return Evidence(0.0, ("holds control characters",))
    layout = _layout(head_lines(head))
    if layout is None:
        return Evidence(0.0, ("no header with Spa.1 .. Spa.4 or xA .. xN",))
    score, reasons = 0.6, ["header names the places of A, B, M, N"]
    if "voltage" in layout.where and "current" in layout.where:
        score, reasons = score + 0.25, [*reasons, "and Vp, In or VMN, IAB"]
    if "rho" in layout.where:
        score, reasons = score + 0.1, [*reasons, "and Rho"]
    if score < 0.65:
        return Evidence(0.2, (*reasons, "but nothing that was measured"))
    return Evidence(score, tuple(reasons))


def _layout(lines: Sequence[str]) -> Layout | None:
    for i, line in enumerate(lines[:HEADER_WITHIN]):
        for separator in "\t;,":
            cells = [cell.strip().strip('"') for cell in line[:20_000].split(separator)]
            where: dict[str, int] = {}
            for j, cell in enumerate(cells):
                quantity = NAMES.get(_name(cell), "")
                if quantity:
                    where.setdefault(quantity, j)
            if {"xa", "xb", "xm", "xn"} <= set(where):
                return Layout(i, separator, tuple(cells), where, {})
    return None


def _name(cell: str) -> str:
    return re.sub(r"\([^()]{0,40}\)|\s", "", cell[:80]).lower()


def read(source: Source) -> Data:
    """Return the data of a file.

    Raises
    ------
    FormatError, SurveyError
        The file cannot be read; says where and how to mend it.
    """
    lines = lines_of(source)
    found = _layout(lines)
    if found is None:
        raise source.fault(
            "no header with Spa.1 .. Spa.4 or xA .. xN",
            line=1,
            mend="export the table with its header from Prosys",
        )
    layout = _with_units(source, found)
    read = _read_rows(source, lines, layout)
    rows, numbers, table, short = read.texts, read.numbers, read.values, read.short
    remarks = list(read.remarks)
    all_places = np.stack([_column(layout, table, name, 0.0) for name in PLACES], axis=1)
    places, known = far_as_remote(all_places.reshape(-1, 3, 4).transpose(0, 2, 1))
    if not known.any():
        raise source.fault("no row has its electrodes", line=int(numbers[0]), mend="export again")
    if not known.all():
        text = "row without its electrodes"
        remarks.append(Remark("refused", text, listed(numbers, ~known), int((~known).sum())))
        rows = [row for row, ok in zip(rows, known, strict=True) if ok]
        table, numbers, places, short = table[known], numbers[known], places[known], short[known]
    time, dated = _time([date for date, ok in zip(read.dates, known, strict=False) if ok])
    values, gates, more = values_of(_measured(layout, table, numbers, places, time))
    positions, abmn = number_places(places)
    return assemble(
        Draft(
            source=source,
            format=NAME,
            electrodes=Electrodes(positions),
            abmn=abmn,
            rows=numbers,
            values=values,
            keys=rows,
            columns=_columns(layout),
            faults=_faults(layout, table, short),
            remarks=(*remarks, *dated, *more),
            gates=gates,
        )
    )


def _with_units(source: Source, layout: Layout) -> Layout:
    factor = {}
    for quantity, (_, factors) in UNITS.items():
        if quantity not in layout.where:
            continue
        cell = layout.cells[layout.where[quantity]]
        stated = re.search(r"\(([^()]{0,40})\)", cell)
        unit = stated[1].replace(" ", "").lower() if stated else UNITS[quantity][0]
        if unit not in factors:
            raise source.fault(
                f"unit of column {quote(cell)} is not known",
                line=layout.line + 1,
                column=layout.where[quantity] + 1,
                mend=f"use one of {', '.join(factors)}",
            )
        factor[quantity] = factors[unit]
    return Layout(layout.line, layout.separator, layout.cells, layout.where, factor)


def _read_rows(source: Source, lines: Sequence[str], layout: Layout) -> Rows:
    """Return the rows below the header: at once if all are alike, else cell by cell."""
    below = lines[layout.line + 1 :]
    width, separator, date = len(layout.cells), layout.separator, layout.where.get("date")
    quick = None
    if below and '"' not in below[0] and not source.content.startswith(UTF16):
        first = 0
        for _ in range(layout.line + 1):
            first = source.content.find(b"\n", first) + 1
        quick = table_at_once(
            source.content, separator, width, _numeric(layout), date, first=first, count=len(below)
        )
    if quick is not None:
        numbers = np.arange(layout.line + 2, len(lines) + 1, dtype=np.int64)
        return Rows(list(below), numbers, quick[0], np.zeros(len(below), dtype=np.bool_), quick[1])
    rows, numbers = _rows(source, lines, layout)
    values, short, comma = _numbers(source, layout, rows, numbers)
    dates = [] if date is None else [_cell(layout, row, date) for row in rows]
    return Rows(rows, numbers, values, short, dates, tuple(comma))


def _rows(source: Source, lines: Sequence[str], layout: Layout) -> tuple[list[str], Integers]:
    rows: list[str] = []
    numbers: list[int] = []
    width, separator = len(layout.cells), layout.separator
    for i in range(layout.line + 1, len(lines)):
        row = _unquoted(lines[i], separator) if '"' in lines[i] else lines[i]
        if not row.strip(separator + " \t"):
            continue
        if row.count(separator) >= width and row.split(separator, width)[width].strip(
            separator + " \t"
        ):
            raise source.fault(
                f"row of {row.count(separator) + 1} values, the header names {width} columns",
                line=i + 1,
                mend="export with points as decimal marks and one name per column",
            )
        rows.append(row)
        numbers.append(i + 1)
    if not rows:
        raise source.fault("no rows below the header", line=len(lines), mend="export it again")
    return rows, np.array(numbers, dtype=np.int64)


def _unquoted(row: str, separator: str) -> str:
    parts = row.split('"')
    parts[1::2] = [part.replace(separator, " ") for part in parts[1::2]]
    return "".join(parts)


def _numbers(
    source: Source, layout: Layout, rows: Sequence[str], numbers: Integers
) -> tuple[Floats, Booleans, list[Remark]]:
    """Return the columns that hold numbers, in the order of `_numeric`, and short rows."""
    columns = _numeric(layout)
    decimal_comma = layout.separator != "," and any("," in row for row in rows)
    values = np.full((len(rows), len(columns)), np.nan)
    short = np.zeros(len(rows), dtype=np.bool_)
    for i, row in enumerate(rows):
        cells = row.split(layout.separator)
        short[i] = len(cells) <= max(columns)
        for k, j in enumerate(columns):
            cell = cells[j].strip() if j < len(cells) else ""
            value = number(cell.replace(",", ".") if decimal_comma else cell)
            if value is None:
                raise unreadable(source, cell, int(numbers[i]), j + 1)
            values[i, k] = value
    text = "decimal commas read as points (the columns are not separated by commas)"
    return values, short, [Remark("repaired", text, (), len(rows))] if decimal_comma else []


def _numeric(layout: Layout) -> list[int]:
    return sorted(j for name, j in layout.where.items() if name != "date")


def _column(layout: Layout, table: Floats, name: str, missing: float) -> Floats:
    if name not in layout.where:
        return np.full(len(table), missing)
    return table[:, _numeric(layout).index(layout.where[name])] * layout.factor.get(name, 1.0)


def _measured(
    layout: Layout, table: Floats, numbers: Integers, places: Places, time: Floats | None
) -> Measured:
    def column(name: str) -> Floats | None:
        return _column(layout, table, name, np.nan) if name in layout.where else None

    numeric = _numeric(layout)

    def windows(prefix: str) -> Floats | None:
        names = [f"{prefix}{i}" for i in range(1, 21)]
        if not all(name in layout.where for name in names):
            return None
        at = [numeric.index(layout.where[name]) for name in names]
        if at == list(range(at[0], at[0] + len(at))):
            return table[:, at[0] : at[-1] + 1]
        return np.stack([_column(layout, table, name, np.nan) for name in names], axis=1)

    decay = windows("m")
    return Measured(
        rows=numbers,
        places=places,
        voltage_mv=column("voltage"),
        current_ma=column("current"),
        rho=column("rho"),
        factor=column("factor"),
        deviation_percent=column("deviation"),
        chargeability_mv_v=column("chargeability"),
        decay_mv_v=None if decay is None else np.array(decay, order="C"),
        width_ms=windows("tm"),
        delay_ms=column("delay"),
        potential_mv=column("potential"),
        stacks=column("stacks"),
        contact_ohm=column("contact"),
        time=time,
    )


def _time(dates: Sequence[str]) -> tuple[Floats | None, list[Remark]]:
    if not dates:
        return None, []
    time, why = seconds_of(dates)
    missing = int(np.isnan(time).sum())
    kind = "warning" if missing else "kept"
    remark = Remark(kind, f"dates: {why}; {missing} without a time", (), len(time))
    return (time if missing < len(time) else None), [remark]


def _cell(layout: Layout, row: str, j: int) -> str:
    """Return one cell of a row, split from the end that is nearer."""
    after = len(layout.cells) - j
    if row.count(layout.separator) == len(layout.cells) - 1 and after <= j:
        return row.rsplit(layout.separator, after)[1]
    cells = row.split(layout.separator, j + 1)
    return cells[j] if len(cells) > j else ""


def _faults(layout: Layout, table: Floats, short: Booleans) -> tuple[Fault, ...]:
    overload = _column(layout, table, "overload", 0.0)
    return ((short, "incomplete row"), (overload == 1.0, "overload, says the instrument"))


def _columns(layout: Layout) -> tuple[Column, ...]:
    by_place = {j: name for name, j in layout.where.items()}
    columns = []
    for j, cell in enumerate(layout.cells):
        quantity = by_place.get(j, "")
        unit = re.search(r"\(([^()]{0,40})\)", cell)
        named = UNITS[quantity][0] if quantity in UNITS else ""
        name = FIELD.get(quantity, quantity)
        if re.fullmatch(r"t?m\d+", quantity):
            name = "decay" if quantity[0] == "m" else "gates"
        note = SI.get(quantity, "")
        columns.append(Column(name, cell, unit[1] if unit else named, j + 1, note))
    return tuple(columns)


FORMAT = Format(
    NAME,
    "IRIS Syscal text, Prosys II and III exports",
    evidence,
    read,
    write=write_syscal,
    endings=(".csv",),
    carries=("IP", "3-D", "topography"),
)
