"""ABEM Lund Imaging System files (.ohm): header with comments in braces, blocks of readings.

Each block has the number of its readings and 1 (resistances) or 0 (apparent resistivities), the
coordinate of its station, and rows ``A B M N value ...``. Source: public sample files; the
meaning of the flag is seen from values that are smooth one way only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ohmscape.core import Booleans, Column, Data, Electrodes, Floats, Integers, Remark
from ohmscape.formats._abem import TOMOGRAPHY, array_name
from ohmscape.formats._assemble import Draft, Values, assemble
from ohmscape.formats._delimited import columns_of
from ohmscape.formats._electrodes import number_places
from ohmscape.formats._numbered import placed
from ohmscape.formats._source import Evidence, Format, Source
from ohmscape.formats._text import head_lines, lines_of, looks_like_text, number, whole

NAME = "abem-lund"
STATION, SPACING = "first station coordinate", "electrode take-out spacing"
VALUE = 4  #: column of the value, from 0


@dataclass(frozen=True, eq=False)
class Block:
    """Readings of one station and protocol."""

    resistance: bool
    station: float  #: m
    numbers: Integers  #: line numbers
    rows: list[str]


def evidence(head: bytes, path: Path) -> Evidence:
    """Judge whether the head of a file is of this format."""
    del path
    if not looks_like_text(head):
        return Evidence(0.0, ("holds control characters",))
    lines = head_lines(head)[:12]
    score, reasons = 0.0, list[str]()
    for words in (STATION, SPACING):
        if any(words in line and "{" in line for line in lines):
            score, reasons = score + 0.5, [*reasons, f"{{ {words} }}"]
    return Evidence(score, tuple(reasons) or ("no comments of the Lund system in braces",))


def read(source: Source) -> Data:
    """Return the data of a file.

    Raises
    ------
    FormatError, SurveyError
        The file cannot be read; says where and how to mend it.
    """
    lines = lines_of(source)
    spacing = _stated(source, lines, SPACING)
    _stated(source, lines, STATION)
    code, title = _array(lines)
    blocks = _blocks(source, lines)
    rows = [row for block in blocks for row in block.rows]
    numbers = np.concatenate([block.numbers for block in blocks])
    cells, _ = columns_of(source, rows, numbers.tolist(), range(VALUE + 1))
    ids, value = cells[:, :VALUE], cells[:, VALUE]
    remarks = [Remark("kept", f"array {code} of ABEM ({array_name(code)}), {title[:60]}")]
    if code == TOMOGRAPHY:
        there = placed(source, ids, numbers, 1)
        electrodes, abmn, notes = there.electrodes, there.abmn, list(there.remarks)
    else:
        places, notes = _places(source, ids, blocks, spacing)
        positions, abmn = number_places(places)
        electrodes = Electrodes(positions)
    ohm: Booleans = np.concatenate([np.full(len(block.rows), block.resistance) for block in blocks])
    notes.append(
        Remark("kept", "columns after the value are not used: their meaning is not stated")
    )
    return assemble(
        Draft(
            source=source,
            format=NAME,
            electrodes=electrodes,
            abmn=abmn,
            rows=numbers,
            values=_values(value, ohm),
            keys=rows,
            columns=(
                *(Column(n.lower(), n, "m", j + 1) for j, n in enumerate("ABMN")),
                Column(*("resistance", "R", "ohm") if ohm.any() else
                       ("apparent_resistivity", "rho_a", "ohm m"), VALUE + 1),
            ),
            remarks=(*remarks, *notes),
        )
    )  # fmt: skip


def _values(value: Floats, ohm: Booleans) -> Values:
    nothing = np.full(len(value), np.nan)
    return Values(
        resistance=np.where(ohm, value, nothing) if ohm.any() else None,
        apparent_resistivity=np.where(ohm, nothing, value) if not ohm.all() else None,
    )


def _stated(source: Source, lines: Sequence[str], words: str) -> float:
    at = next((i for i, line in enumerate(lines[:12]) if words in line), None)
    if at is None:
        raise source.fault(f"no line {{ {words} }}", line=1, mend="restore the header")
    cells = lines[at].split("{", 1)[0].split()
    value = number(cells[0]) if cells else None
    if value is None or not np.isfinite(value):
        raise source.fault(f"no number before {{ {words} }}", line=at + 1, mend="restore it")
    return value


def _array(lines: Sequence[str]) -> tuple[int, str]:
    """Return the array code, which stands behind the name of the first protocol."""
    for line in lines[4:10]:
        cells = line.split()
        code = whole(cells[-1]) if len(cells) == 2 else None
        if code is not None and number(cells[0]) is None:
            return code, cells[0]
    return -1, "no protocol named"


def _blocks(source: Source, lines: Sequence[str]) -> list[Block]:
    blocks: list[Block] = []
    at = 5
    while at < len(lines):
        cells = [whole(cell) for cell in lines[at].split()]
        if len(cells) != 2 or cells[0] is None or cells[1] is None:
            if len(lines[at].split()) > VALUE and blocks:
                raise source.fault(
                    "more readings than the block announces", line=at + 1,
                    mend="restore the file or correct the number",
                )  # fmt: skip
            at += 1
            continue
        count, flag = cells[0], cells[1]
        if flag not in (0, 1) or count < 1:
            raise source.fault(
                f"block of {count} readings with flag {flag}", line=at + 1,
                mend="number of readings, then 1 (resistances) or 0 (apparent resistivities)",
            )  # fmt: skip
        station = lines[at + 1].split() if at + 1 < len(lines) else []
        where = number(station[0]) if len(station) == 1 else None
        if where is None or not np.isfinite(where):
            raise source.fault("no coordinate of the station", line=at + 2, mend="restore it")
        first = at + 3
        rows = lines[first : first + count]
        good = sum(len(row.split()) > VALUE for row in rows)
        if good < count:
            raise source.fault(
                f"{count} readings announced, {good} rows follow: truncated",
                line=min(first + good, len(lines)), mend="restore the file or correct the number",
            )  # fmt: skip
        numbers = np.arange(first + 1, first + count + 1, dtype=np.int64)
        blocks.append(Block(flag == 1, where, numbers, list(rows)))
        at = first + count
    if not blocks:
        raise source.fault("no block of readings", line=len(lines), mend="restore the file")
    return blocks


def _places(
    source: Source, ids: Floats, blocks: Sequence[Block], spacing: float
) -> tuple[Floats, list[Remark]]:
    """Return places in m: numbers that are as far apart as the take-outs are metres."""
    wrong = ~np.isfinite(ids).all(axis=1)
    if wrong.any():
        lines = np.concatenate([block.numbers for block in blocks])
        raise source.fault(
            "row without its electrodes", line=int(lines[int(np.argmax(wrong))]), mend="restore it"
        )
    steps = np.diff(np.unique(ids))
    apart = float(steps.min()) if len(steps) else spacing
    notes = []
    scale = 1.0
    if not np.isclose(apart, spacing, rtol=1e-3):
        if not np.isclose(apart, 1.0, rtol=1e-3):
            raise source.fault(
                f"electrodes are {apart:g} apart, take-outs {spacing:g} m",
                line=int(blocks[0].numbers[0]),
                mend=f"state the spacing that the coordinates have in {{ {SPACING} }}",
            )
        scale = spacing
        text = f"coordinates are numbers of take-outs: x {spacing:g} m"
        notes.append(Remark("repaired", text, (), len(ids)))
    x = ids * scale
    at = 0
    for block in blocks:
        mine = slice(at, at + len(block.rows))
        middle = 0.5 * float(x[mine].min() + x[mine].max())
        if abs(middle) < abs(middle - block.station):
            x[mine] += block.station
            text = f"coordinates count from the station at {block.station:g} m: added"
            notes.append(Remark("repaired", text, (), len(block.rows)))
        at += len(block.rows)
    places = np.zeros((*x.shape, 3))
    places[..., 0] = x
    return places, notes


FORMAT = Format(NAME, "ABEM Lund Imaging System", evidence, read)
