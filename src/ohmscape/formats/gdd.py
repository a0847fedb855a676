"""GDD IP receivers (``.gdd``), as far as their layout is known.

Four lines (version with the word PPC, project, configuration, names of channels), then rows.
Stations ``Tx1 Tx2 Rx1 Rx2`` along a line, ``LineTx`` and ``LineRx`` across; windows ``M01 ..``;
arrays DP-DP, P-DP, P-P, SCHL, WEN, GRAD. Source: formats.md section 3 (after the help of Seequent's
importer); no real file has been read yet.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path

import numpy as np

from ohmscape.core import Booleans, Column, Data, Electrodes, Floats, Remark
from ohmscape.formats._assemble import Draft, Values, assemble
from ohmscape.formats._checks import listed
from ohmscape.formats._dates import seconds_of
from ohmscape.formats._electrodes import number_places
from ohmscape.formats._source import Evidence, Format, Source, quote
from ohmscape.formats._text import (
    at_once,
    head_lines,
    lines_of,
    looks_like_text,
    number,
    unreadable,
)

NAME = "gdd"
HEADER_WITHIN = 12  #: lines in which the names of channels must stand
STATION = re.compile(r"([+-]?[0-9]+(?:\.[0-9]*)?)[ ]*([NSEWnsew]?)")
ARRAY = re.compile(r"\b(DP-?DP|P-?DP|P-?P|SCHL|WEN|GRAD)", re.IGNORECASE)
POLES = {"PDP": (1,), "PP": (1, 3)}  #: array -> electrodes at infinity, of A B M N
PLACES = ("tx1", "tx2", "rx1", "rx2")

#: name in the header -> quantity
NAMES = {
    "vp": "voltage", "primary": "voltage", "sp": "self_potential", "i": "current",
    "in": "current", "curr": "current", "current": "current", "rho": "apparent_resistivity",
    "appres": "apparent_resistivity", "res": "apparent_resistivity",
    "m": "chargeability", "chg": "chargeability", "charg": "chargeability",
    "stack": "stacks", "stacks": "stacks", "err": "deviation", "contact": "contact_resistance",
    "contactr": "contact_resistance", "array": "array", "date": "date", "time": "clock",
    "hour": "clock", **{name: name for name in (*PLACES, "linetx", "linerx")},
}  # fmt: skip
#: quantity -> unit taken where none is stated, and factors to SI
UNITS = {
    "voltage": ("mv", {"mv": 1e-3, "v": 1.0, "uv": 1e-6}),
    "self_potential": ("mv", {"mv": 1e-3, "v": 1.0, "uv": 1e-6}),
    "current": ("ma", {"ma": 1e-3, "a": 1.0}),
    "apparent_resistivity": ("ohm*m", {"ohm*m": 1.0, "ohm.m": 1.0, "ohmm": 1.0, "ohm-m": 1.0}),
    "chargeability": ("mv/v", {"mv/v": 1e-3, "v/v": 1.0}),
    "decay": ("mv/v", {"mv/v": 1e-3, "v/v": 1.0}),
    "contact_resistance": ("kohm", {"kohm": 1e3, "ohm": 1.0, "kohms": 1e3}),
}  # fmt: skip
#: quantity -> field that it fills, where the names differ
FIELDS = {
    "tx1": "a", "tx2": "b", "rx1": "m", "rx2": "n", "deviation": "", "clock": "time",
    "date": "time", "array": "", "linetx": "electrode y", "linerx": "electrode y",
}  # fmt: skip
UNUSED = "the layout does not say what it is: kept in the file only"


@dataclass(frozen=True, eq=False)
class Layout:
    """Where the channels are."""

    line: int  #: index of the line of names
    separator: str | None
    cells: tuple[str, ...]
    where: dict[str, int]  #: quantity -> column from 0
    windows: tuple[int, ...]  #: columns of M01 .. in order
    factor: dict[str, float]
    assumed: tuple[str, ...]  #: quantities of which the unit is not stated


def evidence(head: bytes, path: Path) -> Evidence:
    """Judge whether the head of a file is of this format."""
    if not looks_like_text(head):
        return Evidence(0.0, ("holds control characters",))
    lines = head_lines(head)
    found = _names(lines)
    if found is None:
        return Evidence(0.0, ("no line with Tx1 and Rx1",))
    score, reasons = 0.5, ["names of channels with Tx1 and Rx1"]
    if re.search(r"\bPPC\b|\bGDD\b", " ".join(lines[:2])[:400]):
        score, reasons = score + 0.35, [*reasons, "first line says PPC or GDD"]
    if path.suffix.lower() == ".gdd":
        score, reasons = score + 0.1, [*reasons, "and the name ends in .gdd"]
    return Evidence(score, tuple(reasons))


def _names(lines: Sequence[str]) -> tuple[int, str | None, tuple[str, ...]] | None:
    for i, line in enumerate(lines[:HEADER_WITHIN]):
        for separator in ("\t", ",", ";", None):
            cells = tuple(c.strip().strip('"') for c in line[:20_000].split(separator))
            keys = [_key(cell) for cell in cells]
            if "tx1" in keys and "rx1" in keys:
                return i, separator, cells
    return None


def _key(cell: str) -> str:
    return re.sub(r"[(\[][^)\]]{0,20}[)\]]|[\s._-]", "", cell[:60]).lower()


def _layout(source: Source, lines: Sequence[str]) -> Layout:
    found = _names(lines)
    if found is None:
        raise source.fault(
            "no line of channel names with Tx1 and Rx1", line=min(4, len(lines)),
            mend="export with the names of the channels in line 4",
        )  # fmt: skip
    at, separator, cells = found
    where: dict[str, int] = {}
    windows: list[tuple[int, int]] = []
    for j, cell in enumerate(cells):
        key = _key(cell)
        window = re.fullmatch(r"m([0-9]{1,2})", key)
        if window:
            windows.append((int(window[1]), j))
        elif key in NAMES:
            where.setdefault(NAMES[key], j)
    factor: dict[str, float] = {}
    assumed = []
    named = {**where, **({"decay": windows[0][1]} if windows else {})}
    for quantity, (usual, factors) in UNITS.items():
        if quantity not in named:
            continue
        stated = re.search(r"[(\[]([^)\]]{0,20})[)\]]", cells[named[quantity]])
        unit = stated[1].replace(" ", "").lower() if stated else usual
        if unit not in factors:
            raise source.fault(
                f"unit of {quote(cells[named[quantity]])} is not known", line=at + 1,
                column=named[quantity] + 1, mend=f"use one of {', '.join(factors)}",
            )  # fmt: skip
        factor[quantity] = factors[unit]
        if not stated:
            assumed.append(f"{cells[named[quantity]]} in {usual}")
    order = tuple(j for _, j in sorted(windows))
    return Layout(at, separator, cells, where, order, factor, tuple(assumed))


def read(source: Source) -> Data:
    """Return the data of a file.

    Raises
    ------
    FormatError, SurveyError
        The file cannot be read; says where and how to mend it.
    """
    lines = lines_of(source)
    layout = _layout(source, lines)
    rows, numbers = _rows(source, lines, layout)
    lacking = np.array([len(row) < len(layout.cells) for row in rows], dtype=np.bool_)
    places, known = _places(source, lines, layout, rows, numbers)
    lines_at = np.array(numbers, dtype=np.int64)
    if not known.any():
        raise source.fault("no row has its electrodes", line=numbers[0], mend="export again")
    values, remarks = _values(source, layout, rows, numbers, known)
    if not known.all():
        where = listed(lines_at, ~known)
        remarks.append(Remark("refused", "row without its electrodes", where, int((~known).sum())))
    positions, abmn = number_places(places[known])
    return assemble(
        Draft(
            source=source,
            format=NAME,
            electrodes=Electrodes(positions),
            abmn=abmn,
            rows=lines_at[known],
            values=values,
            keys=[tuple(row) for row, ok in zip(rows, known, strict=True) if ok],
            columns=_columns(layout),
            faults=((lacking[known], "incomplete row"),),
            remarks=(*_warnings(layout), *remarks),
        )
    )


def _warnings(layout: Layout) -> list[Remark]:
    text = "no real file of this format has been read yet: check places, units and signs"
    remarks = [Remark("warning", text)]
    if layout.assumed:
        text = f"units are not stated: {', '.join(layout.assumed)} taken"
        remarks.append(Remark("warning", text))
    if layout.windows:
        text = "the times of the windows are not in the layout: decays are kept without them"
        remarks.append(Remark("warning", text))
    return remarks


def _rows(
    source: Source, lines: Sequence[str], layout: Layout
) -> tuple[list[list[str]], list[int]]:
    rows, numbers = [], []
    for i in range(layout.line + 1, len(lines)):
        cells = [cell.strip() for cell in lines[i].split(layout.separator)]
        if not any(cells):
            continue
        if len(cells) > len(layout.cells) and any(cells[len(layout.cells) :]):
            raise source.fault(
                f"row of {len(cells)} values, {len(layout.cells)} channels are named", line=i + 1,
                mend="export with points as decimal marks and one name for each channel",
            )  # fmt: skip
        rows.append(cells)
        numbers.append(i + 1)
    if not rows:
        raise source.fault("no rows below the channels", line=len(lines), mend="export it again")
    return rows, numbers


def _places(
    source: Source, lines: Sequence[str], layout: Layout, rows: list[list[str]], numbers: list[int]
) -> tuple[Floats, Booleans]:
    """Return x along, y across of A, B, M, N, and which rows have what their array needs."""
    general = ARRAY.search(" ".join(lines[: layout.line])[:2000])
    default = general[1].upper().replace("-", "") if general else ""
    places = np.zeros((len(rows), 4, 3))
    known = np.ones(len(rows), dtype=np.bool_)
    seen: dict[tuple[str, str], float] = {}  # the same few stations in all rows

    def station(cell: str, name: str, line: int) -> float:
        if (cell, name) not in seen:
            seen[cell, name] = _station(source, layout, cell, name, line)
        return seen[cell, name]

    arrays = [_array(cell, default) for cell in _cells(layout, rows, "array")]
    receiver = _cells(layout, rows, "linerx")
    for j, name in enumerate(PLACES):
        side = "linetx" if j < 2 else "linerx"
        cells = _cells(layout, rows, name)
        own = receiver if side == "linerx" else _cells(layout, rows, side)
        across = [cell or other for cell, other in zip(own, receiver, strict=True)]
        x = np.array([station(*at) for at in zip(cells, repeat(name), numbers, strict=False)])
        y = np.array(
            [station(c, side, i) if c else 0.0 for c, i in zip(across, numbers, strict=True)]
        )
        far = np.isnan(x) & np.array([j in POLES.get(array, ()) for array in arrays])
        places[:, j, :2] = np.column_stack([x, y])
        known &= far | (np.isfinite(x) & np.isfinite(y))
    places[np.isnan(places).any(axis=2)] = np.nan
    return places, known


def _array(cell: str, default: str) -> str:
    own = ARRAY.match(cell)
    return own[1].upper().replace("-", "") if own else default


def _cells(layout: Layout, rows: Sequence[Sequence[str]], name: str) -> list[str]:
    """Return a column of text, "" where a row is too short or there is none."""
    j = layout.where.get(name)
    if j is None:
        return [""] * len(rows)
    return [row[j] if j < len(row) else "" for row in rows]


def _station(source: Source, layout: Layout, cell: str, name: str, line: int) -> float:
    """Return a station in m: 100, -25.5, 100E, L200N; west and south count down."""
    if number(cell) is not None:
        return float(number(cell) or 0.0)
    match = STATION.fullmatch(cell.lstrip("Ll")[:40])
    if match is None:
        column = layout.where.get(name, 0) + 1
        raise source.fault(
            f"{quote(cell)} is no station", line=line, column=column,
            mend="write metres, perhaps with N, S, E or W",
        )  # fmt: skip
    return float(match[1]) * (-1.0 if match[2].upper() in ("W", "S") else 1.0)


def _numbers(source: Source, rows: list[list[str]], numbers: list[int], column: int) -> Floats:
    whole = at_once([row[column] if column < len(row) else "-" for row in rows], "\t")
    if whole is not None:
        return whole[:, 0]
    out = np.full(len(rows), np.nan)
    for i, row in enumerate(rows):
        cell = row[column] if column < len(row) else ""
        value = number(cell)
        if value is None:
            raise unreadable(source, cell, numbers[i], column + 1)
        out[i] = value
    return out


def _values(
    source: Source, layout: Layout, rows: list[list[str]], numbers: list[int], known: Booleans
) -> tuple[Values, list[Remark]]:
    found: dict[str, Floats] = {}
    for quantity in ("voltage", "self_potential", "current", "apparent_resistivity",
                     "chargeability", "contact_resistance", "stacks"):  # fmt: skip
        if quantity in layout.where:
            column = _numbers(source, rows, numbers, layout.where[quantity])
            found[quantity] = column[known] * layout.factor.get(quantity, 1.0)
    if layout.windows:
        columns = [_numbers(source, rows, numbers, j)[known] for j in layout.windows]
        found["decay"] = np.column_stack(columns) * layout.factor["decay"]
    remarks = []
    if "date" in layout.where and "clock" in layout.where:
        date, clock = _cells(layout, rows, "date"), _cells(layout, rows, "clock")
        texts = [f"{day} {hour}" for day, hour in zip(date, clock, strict=True)]
        time, why = seconds_of(texts)
        remarks.append(Remark("kept", f"dates: {why}", (), len(time)))
        if np.isfinite(time).any():
            found["time"] = time[known]
    return Values(**found), remarks


def _columns(layout: Layout) -> tuple[Column, ...]:
    used = {j: name for name, j in layout.where.items()}
    used |= dict.fromkeys(layout.windows, "decay")
    out = []
    for j, cell in enumerate(layout.cells):
        quantity = used.get(j, "")
        name = FIELDS.get(quantity, quantity)
        stated = re.search(r"[(\[]([^)\]]{0,20})[)\]]", cell)
        unit = stated[1] if stated else UNITS.get(quantity, ("",))[0]
        factor = layout.factor.get(quantity, 1.0)
        note = UNUSED if not name else "" if factor == 1.0 else f"x {factor:g} to SI"
        out.append(Column(name, cell, unit, j + 1, note))
    return tuple(out)


FORMAT = Format(NAME, "GDD IP receivers (.gdd)", evidence, read, carries=("IP", "3-D"))
