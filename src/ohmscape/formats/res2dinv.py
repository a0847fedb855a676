"""Res2DInv text files (.dat): index arrays 1 to 8, general array 11, boreholes 12 and 13.

Layout: title, unit spacing, array code, [general array: sub-array, type of measurement],
number of readings, type of x-location, IP flag, [IP lines], [error lines], rows, topography.
``;`` begins a comment; commas, blanks and tabs separate, mixed even in one row.
Source: M. H. Loke's Res2DInv manual, chapter 7, and public sample files.
"""

import re
from pathlib import Path

import numpy as np

from ohmscape.core import (
    Booleans,
    Column,
    Data,
    Electrodes,
    Remark,
)
from ohmscape.errors import FormatError
from ohmscape.formats import _res2dinv_topography as topo
from ohmscape.formats._assemble import Draft, assemble
from ohmscape.formats._checks import listed
from ohmscape.formats._electrodes import number_places
from ohmscape.formats._nominal import in_boreholes
from ohmscape.formats._res2dinv_arrays import WITH_N, index_places
from ohmscape.formats._res2dinv_ground import on_ground, unlisted, with_remotes
from ohmscape.formats._res2dinv_header import (
    BOREHOLES,
    CODES,
    Header,
    header_of,
)
from ohmscape.formats._res2dinv_lines import cells_of, next_line, title_at
from ohmscape.formats._res2dinv_values import Rows, described, value_names, values_of
from ohmscape.formats._res2dinv_write import write_res2dinv
from ohmscape.formats._source import Evidence, Format, Source
from ohmscape.formats._text import Table, head_lines, lines_of, looks_like_text, number, table

NAME = "res2dinv"
SEEN = 400  #: lines of the head by which a file is judged
ODD_LINE = re.compile(r"(?m)^[ \t,]*(?:[^-+.0-9 \t,]|$)")  #: does not begin with a number


def evidence(head: bytes, path: Path) -> Evidence:
    """Judge whether the head of a file is of this format."""
    if not looks_like_text(head):
        return Evidence(0.0, ("holds control characters",))
    lines = head_lines(head, SEEN)
    at = next_line(lines, title_at(lines) + 1)
    spacing = _single(lines, at)
    after = next_line(lines, at + 1)
    code = _single(lines, after)
    if spacing is None or spacing <= 0.0 or code is None or code not in range(1, 16):
        return Evidence(0.0, ("lines 2 and 3 are not a spacing and an array code",))
    score, reasons = 0.5, [f"line 2 is a spacing, line 3 an array code ({code:g})"]
    if any("type of" in line.lower() for line in lines[:12]):
        score, reasons = score + 0.1, [*reasons, "names a type of measurement"]
    try:
        header = header_of(Source(path, head), lines)
    except FormatError as error:
        return Evidence(score, (*reasons, f"but {error.what}"))
    if not _fits(header, lines):
        return Evidence(score, (*reasons, "the header can be read, but the first row does not fit"))
    return Evidence(score + 0.4, (*reasons, "the header can be read"))


def _fits(header: Header, lines: list[str]) -> bool:
    """Whether the first row, if the head of the file has one, is as wide as the header says."""
    at = next_line(lines, header.end)
    cells = cells_of(lines[at]) if at < len(lines) else []
    first = number(cells[0]) if cells else None
    values = len(value_names(header))
    if not cells:
        return len(lines) >= SEEN
    if header.general:
        return first in (2.0, 3.0, 4.0) and len(cells) <= 1 + 2 * int(first) + values
    before = 3 if header.code in WITH_N else 2
    return before < len(cells) <= before + values


def _single(lines: list[str], at: int) -> float | None:
    """Return the number that stands alone in a line, None if there is none."""
    cells = cells_of(lines[at]) if at < len(lines) else []
    return number(cells[0].rstrip("RLrl")) if len(cells) == 1 else None


def read(source: Source) -> Data:
    """Return the data of a file.

    Raises
    ------
    FormatError, SurveyError
        The file cannot be read; says where and how to mend it.
    """
    lines = lines_of(source)
    header = header_of(source, lines)
    cells, numbers, end = _table(source, lines, header)
    rows = (_general if header.general else _index)(source, header, cells, numbers)
    ground, tail = topo.tail_of(source, lines, end, int(cells.cells.max()))
    nominal, abmn = number_places(rows.places)
    placed, raised, terrain = on_ground(header, nominal, ground)
    nominal, placed, abmn, loose = with_remotes(header, nominal, placed, abmn)
    values, gates, notes = values_of(header, rows)
    deep = header.code in BOREHOLES or in_boreholes(placed)
    array = f"array {header.code} ({CODES[header.code]}), title {header.title[:60]!r}"
    return assemble(
        Draft(
            source=source,
            format=NAME,
            magnitudes=True,
            electrodes=Electrodes(placed),
            abmn=abmn,
            rows=rows.lines,
            values=values,
            keys=rows.keys,
            columns=rows.columns,
            faults=((rows.short, "incomplete row"),),
            remarks=(
                Remark("kept", array),
                *rows.remarks,
                *tail,
                *raised,
                *notes,
                *unlisted(header, rows),
            ),
            nominal=placed if deep else nominal,
            holes=deep,
            nominal_abmn=loose,
            gates=gates,
            terrain=terrain,
            topographic=terrain is not None and bool(np.ptp(terrain.points[:, 2]) > 0.0),
        )
    )


def _table(source: Source, lines: list[str], header: Header) -> tuple[Table, list[int], int]:
    rows: list[str] = []
    numbers: list[int] = []
    at = header.end
    if header.count > len(lines):
        raise source.fault(
            f"{header.count} readings announced in a file of {len(lines)} lines",
            mend="restore the file or correct the count",
        )
    block = "\n".join(lines[at : at + header.count])
    if ";" not in block and ODD_LINE.search(block) is None and at + header.count <= len(lines):
        rows = lines[at : at + header.count]
        if "," in block:
            rows = block.replace(",", " ").split("\n")
        numbers = list(range(at + 1, at + 1 + header.count))
        at += header.count
    while len(rows) < header.count:
        at = next_line(lines, at)
        if at >= len(lines) or lines[at].lstrip()[:1].isalpha():
            break
        row = lines[at].replace(",", " ")
        rows.append(row.split(";", 1)[0] if ";" in row else row)
        numbers.append(at + 1)
        at += 1
    held = len(rows)
    while held and len(rows[held - 1].split()) == 1:
        held -= 1
    if held < header.count:
        raise source.fault(
            f"{header.count} readings announced, the file holds {held}",
            line=numbers[held] if held < len(numbers) else min(at + 1, len(lines)),
            mend="restore the file or correct the count",
        )
    return table(source, rows, numbers), numbers, at


def _refuse_wide(source: Source, wide: Booleans, cells: Table, numbers: list[int], n: int) -> None:
    if wide.any():
        i = int(np.argmax(wide))
        raise source.fault(
            f"row of {cells.cells[i]} values where {n} belong",
            line=numbers[i],
            mend="set the IP flag or add the error lines if these columns are there;"
            " a decimal comma makes two values of one",
        )


def _index(source: Source, header: Header, cells: Table, numbers: list[int]) -> Rows:
    names = ["x", "a", "n"] if header.code in WITH_N else ["x", "a"]
    values = value_names(header)
    width = len(names) + len(values)
    _refuse_wide(source, cells.cells > width, cells, numbers, width)
    full = np.full((len(numbers), width), np.nan)
    full[:, : cells.values.shape[1]] = cells.values
    placed = np.isfinite(full[:, : len(names)]).all(axis=1)
    remarks = _refused(numbers, placed)
    if not placed.any():
        raise source.fault("no row has x and spacing", line=numbers[0], mend="restore the rows")
    lines, full = np.array(numbers)[placed], full[placed]
    x, a = full[:, 0], full[:, 1]
    n = full[:, 2] if header.code in WITH_N else np.ones(len(x))
    wrong = (a < 0.0) | ((n < 0.0) & (header.code != 6))
    if wrong.any():
        raise source.fault(
            "negative spacing a or separation n",
            line=int(lines[int(np.argmax(wrong))]),
            mend="only pole-dipole may have a negative n (reverse)",
        )
    places, more = index_places(header, x, a, n)
    columns = tuple(Column(name, name, "m" if name != "n" else "", j + 1)
                    for j, name in enumerate(names))  # fmt: skip
    return Rows(
        lines, places, full[:, len(names) :], (cells.cells < width)[placed],
        full,
        (*columns, *described(header, len(names))), (*remarks, *more),
    )  # fmt: skip


def _general(source: Source, header: Header, cells: Table, numbers: list[int]) -> Rows:
    how_many = cells.values[:, 0]
    odd = ~np.isin(how_many, (2.0, 3.0, 4.0))
    if odd.any():
        raise source.fault(
            f"row begins with {how_many[int(np.argmax(odd))]:g} instead of 2, 3 or 4 electrodes",
            line=numbers[int(np.argmax(odd))],
            mend="restore the row, or correct the number of readings",
        )
    names = value_names(header)
    before = 1 + 2 * how_many.astype(np.int64)
    wide = cells.cells > before + len(names)
    first = int(before[int(np.argmax(wide))]) + len(names)
    _refuse_wide(source, wide, cells, numbers, first)
    places = np.full((len(numbers), 4, 3), np.nan)
    value = np.full((len(numbers), len(names)), np.nan)
    padded = np.full((len(numbers), 9 + len(names)), np.nan)
    padded[:, : cells.values.shape[1]] = cells.values[:, : padded.shape[1]]
    for k, order in ((2, "am"), (3, "amn"), (4, "abmn")):
        mine = how_many == k
        for j, name in enumerate(order):
            i = "abmn".index(name)
            places[mine, i, 0] = padded[mine, 1 + 2 * j]
            places[mine, i, 1] = 0.0
            places[mine, i, 2] = padded[mine, 2 + 2 * j]
        value[mine] = padded[mine, 1 + 2 * k : 1 + 2 * k + len(names)]
    wanted = np.arange(padded.shape[1]) < before[:, None]
    known = np.all(np.isfinite(padded) | ~wanted, axis=1)
    remarks = _refused(numbers, known)
    if not known.any():
        raise source.fault("no row has its electrodes", line=numbers[0], mend="restore the rows")
    columns = (Column("", "number of electrodes", "", 1), Column("electrodes", "x z ...", "m", 2))
    return Rows(
        np.array(numbers)[known], places[known], value[known],
        (cells.cells < before + len(names))[known], padded[known],
        (*columns, *described(header, int(before.max()))), tuple(remarks),
    )  # fmt: skip


def _refused(numbers: list[int], usable: Booleans) -> list[Remark]:
    if usable.all():
        return []
    rows = listed(np.array(numbers), ~usable)
    return [Remark("refused", "row without its electrodes", rows, int((~usable).sum()))]


FORMAT = Format(
    NAME,
    "Res2DInv text, index and general arrays",
    evidence,
    read,
    write=write_res2dinv,
    carries=("IP", "topography"),
)
