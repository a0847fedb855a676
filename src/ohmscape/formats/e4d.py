"""Survey files of E4D (``.srv``).

Layout: number of electrodes; rows of number, x, y, z and a flag (1 at the surface, 0 below it);
number of readings; rows of number, A, B, M, N, V/I and its standard deviation in ohm.
Source: formats.md section 2, and public survey files of pnnl/E4D.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ohmscape.core import Booleans, Column, Data, Electrodes, Floats, Integers, Remark
from ohmscape.formats._assemble import Draft, Values, assemble
from ohmscape.formats._checks import listed
from ohmscape.formats._source import HEAD_BYTES, Evidence, Format, Source, quote
from ohmscape.formats._text import Table, head_lines, lines_of, looks_like_text, table, whole
from ohmscape.formats._write import figure, lines, lost, lost_names, rows_of, save, usable

NAME = "e4d"
BURIED, SURFACE = 0, 1  #: flags of electrodes
PLACE, READING = 5, 7  #: cells in a row


@dataclass(frozen=True, eq=False)
class Block:
    """Rows after a count."""

    table: Table
    lines: list[int]
    end: int  #: index of the next line that is not blank


def evidence(head: bytes, path: Path) -> Evidence:
    """Judge whether the head of a file is of this format."""
    if not looks_like_text(head):
        return Evidence(0.0, ("holds control characters",))
    rows = [line.split() for line in head_lines(head) if line.strip()]
    count = whole(rows[0][0]) if rows and len(rows[0]) == 1 else None
    if count is None or count < 1:
        return Evidence(0.0, ("does not begin with a number of electrodes",))
    places = rows[1 : min(count, 100) + 1]
    if not places or any(
        len(row) < PLACE or whole(row[0]) != i + 1 for i, row in enumerate(places)
    ):
        return Evidence(0.1, ("rows are not numbered 1, 2, 3 ... with x, y, z and a flag",))
    if any(whole(row[4]) is None for row in places):
        return Evidence(0.1, ("flags of electrodes are not whole",))
    score, reasons = 0.7, ["a number of electrodes, then rows of number, x, y, z and flag"]
    after = rows[count + 1 : count + 3]
    if len(after) == 2 and len(after[0]) == 1 and len(after[1]) >= READING - 1:
        score, reasons = score + 0.2, [*reasons, "then a number of readings and rows of A B M N"]
    elif after or len(head) < HEAD_BYTES:
        return Evidence(0.2, (*reasons, "but no number of readings after them"))
    if path.suffix.lower() == ".srv":
        score, reasons = score + 0.1, [*reasons, "and the name ends in .srv"]
    return Evidence(score, tuple(reasons))


def read(source: Source) -> Data:
    """Return the data of a file.

    Raises
    ------
    FormatError, SurveyError
        The file cannot be read; says where and how to mend it.
    """
    texts = lines_of(source)
    first = _block(source, texts, _next(texts, 0), "electrodes", PLACE, PLACE)
    electrodes, about = _electrodes(source, first)
    second = _block(source, texts, first.end, "readings", READING - 1, 99)
    _refuse_tail(source, texts, second.end)
    numbers = np.array(second.lines, dtype=np.int64)
    cells = second.table.values
    usable_rows: Booleans = np.all(np.isfinite(cells[:, 1:5]), axis=1)
    if not usable_rows.any():
        raise source.fault("no row names its electrodes", line=second.lines[0], mend="give them")
    abmn = _abmn(source, cells[usable_rows, 1:5], numbers[usable_rows], len(electrodes))
    kept = cells[usable_rows]
    stated = cells.shape[1] >= READING
    short = (second.table.cells < min(cells.shape[1], READING))[usable_rows]
    return assemble(
        Draft(
            source=source,
            format=NAME,
            electrodes=electrodes,
            abmn=abmn,
            rows=numbers[usable_rows],
            values=Values(resistance=kept[:, 5], absolute_error=kept[:, 6] if stated else None),
            keys=[row.tobytes() for row in kept[:, 1:]],
            columns=_columns(stated),
            faults=((short, "incomplete row"),),
            remarks=(*about, *_notes(cells.shape[1], numbers, usable_rows)),
        )
    )


def _next(texts: Sequence[str], start: int) -> int:
    for i in range(start, len(texts)):
        if texts[i].strip():
            return i
    return len(texts)


def _block(
    source: Source, texts: Sequence[str], at: int, what: str, least: int, most: int
) -> Block:
    cells = texts[at].split() if at < len(texts) else []
    count = whole(cells[0]) if len(cells) == 1 else None
    if count is None or count < 1:
        found = quote(texts[at].strip()) if at < len(texts) else "the end of the file"
        raise source.fault(
            f"number of {what} expected, found {found}",
            line=min(at, len(texts) - 1) + 1,
            mend="check that the list before it has as many rows as its count says",
        )
    if count > len(texts) - at - 1:
        raise source.fault(
            f"{count} {what} announced, {len(texts) - at - 1} lines follow", line=at + 1,
            mend="restore the file or correct the count",
        )  # fmt: skip
    rows: list[str] = []
    numbers: list[int] = []
    i = at
    while len(rows) < count:
        i = _next(texts, i + 1)
        if i >= len(texts) or len(texts[i].split()) == 1:
            raise source.fault(
                f"{count} {what} announced, the file holds {len(rows)}",
                line=min(i, len(texts) - 1) + 1,
                mend="restore the file or correct the count",
            )
        rows.append(texts[i])
        numbers.append(i + 1)
    found_table = table(source, rows, numbers)
    wrong = (found_table.cells < least) | (found_table.cells > most)
    if wrong.any():
        j = int(np.argmax(wrong))
        raise source.fault(
            f"row of {found_table.cells[j]} values among the {what}",
            line=numbers[j],
            mend="electrodes have number, x, y, z, flag; readings number, A, B, M, N, V/I, error",
        )
    return Block(found_table, numbers, _next(texts, i + 1))


def _refuse_tail(source: Source, texts: Sequence[str], at: int) -> None:
    if at < len(texts):
        raise source.fault(
            f"unexpected {quote(texts[at].strip())} after the readings",
            line=at + 1,
            mend="restore the file or correct the number of readings",
        )


def _electrodes(source: Source, block: Block) -> tuple[Electrodes, list[Remark]]:
    values = block.table.values
    broken = np.flatnonzero(~np.isfinite(values).all(axis=1))
    out_of_order = np.flatnonzero(values[:, 0] != np.arange(1, len(values) + 1))
    for rows, what in ((broken, "electrode without a place"), (out_of_order, "electrodes are not"
                       " numbered 1, 2, 3 ...")):  # fmt: skip
        if len(rows):
            line = block.lines[int(rows[0])]
            raise source.fault(what, line=line, mend="give number, x, y, z and flag of each")
    flag = values[:, 4]
    remarks = [Remark("kept", f"{int((flag == BURIED).sum())} electrodes below the surface")]
    odd = ~np.isin(flag, (BURIED, SURFACE))
    if odd.any():
        text = (
            f"{int(odd.sum())} electrodes have a flag that is not 0 or 1: taken as at the surface"
        )
        where = listed(np.array(block.lines), odd)
        remarks.append(Remark("warning", text, where, int(odd.sum())))
    return Electrodes(values[:, 1:4], buried=flag == BURIED), remarks


def _abmn(source: Source, numbers: Floats, lines_: Integers, n: int) -> Integers:
    wrong = (numbers < 0) | (numbers > n) | (numbers != np.round(numbers))
    if wrong.any():
        i, j = (int(k) for k in np.argwhere(wrong)[0])
        raise source.fault(
            f"electrode {numbers[i, j]:g} does not exist",
            line=int(lines_[i]),
            column=j + 2,
            mend=f"count from 1 to {n}; 0 is remote",
        )
    return numbers.astype(np.int64) - 1


def _notes(width: int, lines_: Integers, kept: Booleans) -> list[Remark]:
    notes = []
    if width < READING:
        notes.append(Remark("warning", "no column of errors"))
    if width > READING:
        text = f"{width - READING} values after the error are not used: their meaning is not known"
        notes.append(Remark("warning", text, (), len(lines_)))
    if not kept.all():
        rows = listed(lines_, ~kept)
        notes.append(Remark("refused", "row without its electrodes", rows, int((~kept).sum())))
    return notes


def _columns(stated: bool) -> tuple[Column, ...]:
    columns = [Column("", "number", "", 1)]
    columns += [Column(name, name.upper(), "", 2 + i) for i, name in enumerate("abmn")]
    columns.append(Column("resistance", "V/I", "ohm", 6))
    if stated:
        columns.append(Column("standard_deviation", "sd", "ohm", 7))
    return tuple(columns)


def write(data: Data, path: Path) -> tuple[str, ...]:
    """Write a survey file; a reading without an error gets 0, which reads as none."""
    kept, notes = usable(data, path)
    electrodes = kept.survey.electrodes
    buried = electrodes.buried
    if buried is None:
        buried = np.zeros(len(electrodes), dtype=np.bool_)
    flags = np.where(buried, BURIED, SURFACE)
    places = [f"{i + 1} {place} {flag}" for i, (place, flag) in enumerate(
        zip(rows_of(electrodes.positions), flags.tolist(), strict=True))]  # fmt: skip
    error = kept.standard_deviation
    error = np.zeros(len(kept)) if error is None else np.nan_to_num(error)
    rows = [
        f"{i + 1} {' '.join(str(e + 1) for e in abmn)} {figure(r)} {figure(sd)}"
        for i, (abmn, r, sd) in enumerate(
            zip(kept.survey.abmn.tolist(), kept.resistance.tolist(), error.tolist(), strict=True)
        )
    ]
    save(path, lines([str(len(places))], places, ["", str(len(rows))], rows))
    return (*notes, *lost(kept, ("standard_deviation",)), *lost_names(kept, buried=True))


FORMAT = Format(NAME, "E4D survey files (.srv)", evidence, read, write=write,
                endings=(".srv",), carries=("3-D", "topography"))  # fmt: skip
