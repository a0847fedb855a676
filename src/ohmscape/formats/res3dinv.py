"""Res3DInv text: general arrays, and arrays on a grid whose rows hold places in x and y.

Layout: title; numbers of electrodes nx, ny and spacings dx, dy, one or two in a line; array code;
for code 11 sub-array, type of measurement; number of readings; rows. Source: formats.md section 2
and M. H. Loke's manual; no real file has been read yet.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ohmscape.core import Booleans, Column, Data, Electrodes, Floats, Remark
from ohmscape.errors import FormatError
from ohmscape.formats._assemble import Draft, Values, assemble
from ohmscape.formats._checks import listed
from ohmscape.formats._electrodes import number_places
from ohmscape.formats._res2dinv_lines import Lines, cells_of, is_text, next_line, title_at
from ohmscape.formats._source import Evidence, Format, Source, quote
from ohmscape.formats._text import Table, head_lines, lines_of, looks_like_text, number, table

NAME = "res3dinv"
GENERAL = 11

#: array code -> name and electrodes in a row of the grid form; C1 C2 P1 P2 are A B M N
ARRAYS = {
    1: ("Wenner", "abmn"), 2: ("pole-pole", "am"), 3: ("dipole-dipole", "abmn"),
    4: ("Wenner beta", "abmn"), 5: ("Wenner gamma", "abmn"), 6: ("pole-dipole", "amn"),
    7: ("Schlumberger", "abmn"), 8: ("equatorial dipole-dipole", "abmn"), 11: ("general", "abmn"),
}  # fmt: skip
BY_COUNT = {2: "am", 3: "amn", 4: "abmn"}
IP = re.compile(r"i\.?p|chargeab|phase", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Header:
    """All before the rows."""

    title: str
    grid: tuple[int, int]  #: electrodes along x and y
    spacing: tuple[float, float]  #: m
    code: int
    resistance: bool
    count: int
    end: int  #: index of the line after the header


def evidence(head: bytes, path: Path) -> Evidence:
    """Judge whether the head of a file is of this format."""
    if not looks_like_text(head):
        return Evidence(0.0, ("holds control characters",))
    lines = head_lines(head)
    try:
        header = header_of(Source(path, head), lines)
    except FormatError as error:
        return Evidence(0.0, (f"no header of Res3DInv: {error.what}",))
    at = next_line(lines, header.end)
    cells = cells_of(lines[at]) if at < len(lines) else []
    reason = f"grid of {header.grid[0]} x {header.grid[1]}, array {header.code}, readings"
    if header.code == GENERAL and cells and number(cells[0]) in (2.0, 3.0, 4.0):
        return Evidence(0.9, (reason, "rows that hold their electrodes"))
    wanted = 2 * len(ARRAYS[header.code][1])
    if len(cells) in (wanted + 1, wanted + 2):
        return Evidence(0.8, (reason, f"rows of {wanted} coordinates and a value"))
    return Evidence(0.2, (reason, "but rows that do not fit"))


def header_of(source: Source, lines: Sequence[str]) -> Header:
    """Return the header.

    Raises
    ------
    FormatError
        A line that is not what it must be.
    """
    first = title_at(lines)
    title = lines[first].strip() if first < len(lines) else ""
    it = Lines(source, lines, first + 1)
    nx, ny = _two(source, it, "numbers of electrodes along x and y")
    dx, dy = _two(source, it, "spacings along x and y")
    if min(nx, ny) < 1 or max(nx, ny) > 1e5 or nx != round(nx) or ny != round(ny):
        raise source.fault(f"grid of {nx:g} x {ny:g}", line=first + 2, mend="give whole numbers")
    if min(dx, dy) <= 0.0:
        raise source.fault("spacing is not positive", line=it.at, mend="give metres")
    line = it.at + 1
    code = it.whole("array code")
    if code not in ARRAYS:
        raise source.fault(
            f"array code {code} is not one that can be read", line=line,
            mend="give one of " + ", ".join(f"{c} ({n})" for c, (n, _) in ARRAYS.items()),
        )  # fmt: skip
    resistance = False
    if code == GENERAL or is_text(it.second()):
        it.whole("sub-array code")
        if is_text(it.text()):
            it.take("type of measurement")
        resistance = it.whole("type of measurement", (0, 1)) == 1
    line = it.at + 1
    count = it.whole("number of readings")
    if count < 1:
        raise source.fault(f"{count} readings announced", line=line, mend="correct the count")
    return Header(title, (int(nx), int(ny)), (dx, dy), code, resistance, count, it.at)


def _two(source: Source, it: Lines, what: str) -> tuple[float, float]:
    """Return two numbers that stand in one line or in two."""
    line = it.at + 1
    found: list[float] = []
    while len(found) < 2:
        text = it.take(what)
        values = [number(cell) for cell in cells_of(text)]
        good = [v for v in values if v is not None and np.isfinite(v)]
        if not good or number(cells_of(text)[0]) is None or len(good) > 2:
            raise source.fault(f"{what} expected, found {quote(text)}", line=line, mend="give them")
        found += good
    if len(found) > 2:
        raise source.fault(f"more than two {what}", line=line, mend="give two")
    return found[0], found[1]


def read(source: Source) -> Data:
    """Return the data of a file.

    Raises
    ------
    FormatError, SurveyError
        The file cannot be read; says where and how to mend it.
    """
    lines = lines_of(source)
    header = header_of(source, lines)
    cells, numbers, end = _rows(source, lines, header)
    about = _tail(source, lines, end, cells)
    places, values, short = _split(source, header, cells, numbers)
    rows = np.array(numbers, dtype=np.int64)
    known: Booleans = np.all(np.isfinite(places[:, 0]), axis=1)
    if not known.any():
        raise source.fault("no row has its electrodes", line=numbers[0], mend="restore the rows")
    if not known.all():
        where = listed(rows, ~known)
        about.append(Remark("refused", "row without its electrodes", where, int((~known).sum())))
    positions, abmn = number_places(places[known])
    found, notes = _values(header, values[known])
    name = ARRAYS[header.code][0]
    first = Remark("kept", f"array {header.code} ({name}), title {header.title[:60]!r}")
    return assemble(
        Draft(
            source=source,
            format=NAME,
            electrodes=Electrodes(positions),
            abmn=abmn,
            rows=rows[known],
            values=Values(**found),
            keys=[row.tobytes() for row in cells.values[known]],
            columns=_columns(header, cells),
            faults=((short[known], "incomplete row"),),
            remarks=(first, *about, *notes, *_off_grid(header, positions)),
        )
    )


def _rows(source: Source, lines: Sequence[str], header: Header) -> tuple[Table, list[int], int]:
    rows: list[str] = []
    numbers: list[int] = []
    at = next_line(lines, header.end)
    while len(rows) < header.count and at < len(lines) and not is_text(lines[at]):
        rows.append(" ".join(cells_of(lines[at])))
        numbers.append(at + 1)
        at = next_line(lines, at + 1)
    if len(rows) < header.count or len(rows[-1].split()) == 1:
        raise source.fault(
            f"{header.count} readings announced, the file holds fewer",
            line=min(at + 1, len(lines)),
            mend="restore the file or correct the count",
        )
    return table(source, rows, numbers), numbers, at


def _tail(source: Source, lines: Sequence[str], at: int, cells: Table) -> list[Remark]:
    """Look at what follows the rows; heights are not in the layout, so they are refused."""
    flag = ""
    while at < len(lines):
        values = [number(cell) for cell in cells_of(lines[at])]
        if any(v is None for v in values):
            flag = lines[at].strip()
        elif len(values) >= min(5, int(cells.cells.min())):
            raise source.fault(
                "more readings than the count announces", line=at + 1,
                mend="restore the file or correct the count",
            )  # fmt: skip
        elif any(v != 0.0 for v in values):
            raise source.fault(
                f"numbers after the readings{f' ({quote(flag)})' if flag else ''}: the layout of"
                " Res3DInv's topography is in no document we have",
                line=at + 1,
                mend="set its flag to 0 and leave the list out to read electrodes at height 0",
            )
        at = next_line(lines, at + 1)
    text = f"{quote(flag)} after the readings is not used"
    return [Remark("warning", text)] if flag and not flag.lower().startswith("topo") else []


def _split(
    source: Source, header: Header, cells: Table, numbers: list[int]
) -> tuple[Floats, Floats, Booleans]:
    """Return x, y, z of A, B, M, N (NaN where remote), the values, and incomplete rows."""
    n = len(numbers)
    places, values = np.full((n, 4, 3), np.nan), np.full((n, 2), np.nan)
    short = np.zeros(n, dtype=np.bool_)
    general = header.code == GENERAL
    how_many = cells.values[:, 0] if general else np.full(n, float(len(ARRAYS[header.code][1])))
    odd = ~np.isin(how_many, list(BY_COUNT))
    if odd.any():
        raise source.fault(
            f"row begins with {how_many[int(np.argmax(odd))]:g} instead of 2, 3 or 4 electrodes",
            line=numbers[int(np.argmax(odd))],
            mend="restore the row, or correct the number of readings",
        )
    padded = np.full((n, 12), np.nan)
    width = min(cells.values.shape[1], 12)
    padded[:, :width] = cells.values[:, :width]
    for k, order in BY_COUNT.items():
        mine = how_many == k
        begin = 1 if general else 0
        last = begin + 2 * k
        wide = mine & (cells.cells > last + 2)
        if wide.any():
            i = int(np.argmax(wide))
            raise source.fault(
                f"row of {cells.cells[i]} values where {last + 1} or {last + 2} belong",
                line=numbers[i],
                mend="places are x y; z and more than one value after the reading are not read",
            )
        for j, electrode in enumerate(order):
            i = "abmn".index(electrode)
            places[mine, i, :2] = padded[mine, begin + 2 * j : begin + 2 * j + 2]
            places[mine, i, 2] = 0.0
        values[mine] = padded[mine, last : last + 2]
        short |= mine & (cells.cells <= last)
    lacks = np.zeros(n, dtype=np.bool_)
    for k, order in BY_COUNT.items():
        used = ["abmn".index(e) for e in order]
        lacks |= (how_many == k) & ~np.isfinite(places[:, used]).all(axis=(1, 2))
    places[lacks] = np.nan
    return places, values, short


def _values(header: Header, values: Floats) -> tuple[dict[str, Floats], list[Remark]]:
    name = "resistance" if header.resistance else "apparent_resistivity"
    found = {name: values[:, 0]}
    if not np.isfinite(values[:, 1]).any():
        return found, []
    if IP.search(header.title):
        text = "a second value, and the title speaks of IP: not used, its unit is not stated"
    else:
        text = "a second value (an error, or IP): not used, the file does not say what it is"
    return found, [Remark("warning", text, (), len(values))]


def _off_grid(header: Header, positions: Floats) -> list[Remark]:
    """Say it when electrodes do not stand on the grid that the header describes."""
    steps = positions[:, :2] / header.spacing
    offset = steps - steps[0]
    off = np.abs(offset - np.round(offset)).max(axis=1) > 0.02
    beyond = np.round(np.ptp(steps, axis=0)) + 1.0
    remarks = [Remark("warning", "no real file of this format has been read yet: check the places")]
    if off.any():
        text = f"{int(off.sum())} electrodes are not on the grid of {header.spacing[0]:g} x"
        remarks.append(Remark("warning", text + f" {header.spacing[1]:g} m", (), int(off.sum())))
    if beyond[0] > header.grid[0] or beyond[1] > header.grid[1]:
        text = f"electrodes span {beyond[0]:g} x {beyond[1]:g} places, the header says"
        remarks.append(Remark("warning", f"{text} {header.grid[0]} x {header.grid[1]}"))
    return remarks


def _columns(header: Header, cells: Table) -> tuple[Column, ...]:
    first = 2 if header.code == GENERAL else 1
    names = ARRAYS[header.code][1]
    places = [Column(f"electrode {axis}", f"{e}{axis}", "m", first + 2 * i + j)
              for i, e in enumerate(names) for j, axis in enumerate("xy")]  # fmt: skip
    after = first + 2 * len(names)
    name = "resistance" if header.resistance else "apparent_resistivity"
    places.append(Column(name, "value", "ohm" if header.resistance else "ohm m", after))
    if cells.values.shape[1] >= after + 1:
        places.append(Column("", "second value", "", after + 1, "kept in the file only"))
    return tuple(places)


FORMAT = Format(NAME, "Res3DInv text, general and grid arrays", evidence, read,
                carries=("3-D",))  # fmt: skip
