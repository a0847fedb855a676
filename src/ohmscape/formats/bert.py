"""BERT/pyGIMLi unified data format (.dat, .ohm, .shm, .data, .udf).

Layout: ``N# comment``, ``#x y z`` (units after a slash), N positions, ``M``, ``#a b m n ...``
(columns, units after a slash; without it A B M N rho_a and perhaps the error), M rows, and
perhaps a list of topography points. Electrodes count from 1; 0 is remote.
Source: resistivity.net, page "Data format" (id=60), and public files of pyGIMLi's example-data.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ohmscape.core import Booleans, Data, Electrodes, Floats, Integers, Remark, Terrain
from ohmscape.formats._assemble import Draft, assemble
from ohmscape.formats._bert_header import (
    Places,
    content_of,
    count_at,
    next_content,
    positions_at,
    rows_after,
)
from ohmscape.formats._bert_tokens import (
    UNITS,
    Token,
    split_tokens,
    token,
)
from ohmscape.formats._bert_values import Block, columns_of, faults_of, values_of
from ohmscape.formats._bert_write import write_bert
from ohmscape.formats._checks import listed
from ohmscape.formats._source import Evidence, Format, Source, quote
from ohmscape.formats._text import Table, head_lines, lines_of, looks_like_text, number, table

NAME = "bert"
BY_DEFAULT = ("a", "b", "m", "n", "rhoa", "err")  #: columns of a file that does not name them


def evidence(head: bytes, path: Path) -> Evidence:
    """Judge whether the head of a file is of this format."""
    del path
    if not looks_like_text(head):
        return Evidence(0.0, ("holds control characters",))
    lines = head_lines(head)
    at = next_content(lines, 0)
    cells = content_of(lines[at]).split() if at < len(lines) else []
    if not cells or number(cells[0]) is None or len(cells) > 8:
        return Evidence(0.0, ("does not begin with a number of electrodes",))
    counted = re.search("number|electrode|sensor|position", lines[at].lower())
    if len(cells) > 1 and (number(cells[1]) is not None or not counted):
        return Evidence(0.0, ("first row holds more than a number of electrodes",))
    score, reasons = 0.3, ["begins with a number"]
    comments = [line for line in lines if line.lstrip().startswith("#")]
    words = [[w.partition("/")[0].lower() for w in split_tokens(c)] for c in comments]
    if any(w[:1] == ["x"] and set(w) & {"y", "z"} and len(w) <= 6 for w in words):
        score, reasons = score + 0.35, [*reasons, "a comment names x, y, z"]
    if any({"a", "m"} <= set(w) or {"c1", "p1"} <= set(w) for w in words):
        score, reasons = score + 0.25, [*reasons, "a comment names a, b, m, n"]
    if "#" in lines[at] or "sensors" in lines[at].lower():
        score, reasons = score + 0.1, [*reasons, "the number has a comment"]
    second = next_content(lines, at + 1)
    row = content_of(lines[second]).split() if second < len(lines) else []
    if len(row) == 1 and not any(w == ["x"] for w in words):
        return Evidence(0.2, (*reasons, "but then a single value: no position"))
    if 2 <= len(row) <= 3 and all(number(cell) is not None for cell in row):
        score, reasons = score + 0.3, [*reasons, f"then rows of {len(row)} numbers"]
    elif len(row) > 3 and score < 0.6:
        return Evidence(0.1, (*reasons, f"but then a row of {len(row)} values: no positions"))
    return Evidence(min(score, 1.0), tuple(reasons))


def read(source: Source) -> Data:
    """Return the data of a file.

    Raises
    ------
    FormatError, SurveyError
        The file cannot be read; says where and how to mend it.
    """
    lines = lines_of(source)
    places = positions_at(source, lines, next_content(lines, 0), "electrodes")
    block = _block(source, lines, places.end)
    topography, tail = _tail(source, lines, block.end)
    electrodes, raised = _with_heights(places, topography)
    abmn, usable, refused = _abmn(source, block, len(electrodes))
    if not usable.any():
        raise source.fault(
            "no row names its electrodes", line=int(block.lines[0]), mend="give a b m n in each row"
        )
    values, notes = values_of(block, usable)
    kept = block.table.values[usable]
    columns = (*places.columns, *columns_of(block.tokens, notes))
    return assemble(
        Draft(
            source=source,
            format=NAME,
            electrodes=electrodes,
            abmn=abmn[usable],
            rows=block.lines[usable],
            values=values,
            keys=kept,
            columns=columns,
            faults=faults_of(block, usable),
            remarks=(*places.remarks, *block.remarks, *raised, *refused, *tail, *notes.values()),
            terrain=None if topography is None else Terrain(topography),
        )
    )


def _block(source: Source, lines: Sequence[str], start: int) -> Block:
    at = next_content(lines, start)
    count = count_at(source, lines, at, "readings")
    rows, numbers, comments = rows_after(source, lines, at + 1, count, "readings")
    tokens, remarks = _header(source, comments, numbers[0])
    if tokens is None and _names_columns(rows[0]):
        tokens, remarks = _header(source, ["#" + rows[0]], numbers[0])
        rows, numbers, _ = rows_after(source, lines, numbers[0], count, "readings")
    cells = table(source, rows, numbers)
    _check_end(source, cells, numbers, count)
    width = int(cells.cells.max())
    if tokens is None:
        tokens = tuple(_known(word) for word in BY_DEFAULT[:width])
        remarks = (Remark("warning", "no header: columns are A B M N rho_a [error] by default"),)
    remarks = (*remarks, *_excess(source, cells, numbers, tokens))
    values = np.full((len(rows), len(tokens)), np.nan)
    shared = min(width, len(tokens))
    values[:, :shared] = cells.values[:, :shared]
    return Block(Table(values, cells.cells), np.array(numbers), tokens, remarks, numbers[-1])


def _names_columns(row: str) -> bool:
    return {"a", "b", "m"} <= {word.partition("/")[0].lower() for word in split_tokens(row)}


def _known(word: str) -> Token:
    found = token(word)
    return found if found is not None else Token(word, "", "", 1.0)


def _header(
    source: Source, comments: Sequence[str], line: int
) -> tuple[tuple[Token, ...] | None, tuple[Remark, ...]]:
    """Return the columns that the last fitting comment names, None if there is none."""
    for comment in reversed(comments):
        words = split_tokens(comment)
        names = [token(word) for word in words]
        quantities = [t.quantity for t in names if t is not None]
        if not {"a", "m"} <= set(quantities):
            continue
        for word, found in zip(words, names, strict=True):
            if found is None:
                raise source.fault(
                    f"unit of column {quote(word)} is not known",
                    line=line,
                    mend=f"use one of {_units_of(word)}",
                )
        used = [q for q in quantities if q]
        twice = sorted({q for q in used if used.count(q) > 1})
        if twice:
            raise source.fault(
                f"header names {twice[0]} twice: {quote(comment)}", line=line, mend="keep one"
            )
        return tuple(t for t in names if t is not None), ()
    return None, ()


def _units_of(word: str) -> str:
    name = token(word.partition("/")[0])
    units = UNITS.get(name.quantity, UNITS["chargeability"]) if name else {}
    return ", ".join(sorted(unit for unit in units if unit))


def _check_end(source: Source, cells: Table, lines: Sequence[int], count: int) -> None:
    """Refuse a block whose last rows are the file's tail: it holds fewer than it says."""
    full = np.flatnonzero(cells.cells >= 4)
    last = int(full[-1]) + 1 if len(full) else 0
    if last < count and cells.cells[last] == 1:
        raise source.fault(
            f"{count} readings announced, the file holds {last}: truncated",
            line=lines[last],
            mend="restore the file or correct the count",
        )


def _excess(
    source: Source, cells: Table, lines: Sequence[int], tokens: Sequence[Token]
) -> tuple[Remark, ...]:
    wide = cells.cells > len(tokens)
    if not wide.any():
        return ()
    i = int(np.argmax(wide))
    if not wide.all() or len(set(cells.cells.tolist())) > 1:
        raise source.fault(
            f"row of {cells.cells[i]} values, the header names {len(tokens)}",
            line=lines[i],
            mend="make row and header agree; a decimal comma makes two values of one",
        )
    extra = int(cells.cells[0]) - len(tokens)
    return (Remark("warning", f"{extra} columns have no name in the header: not used"),)


def _tail(
    source: Source, lines: Sequence[str], start: int
) -> tuple[Floats | None, tuple[Remark, ...]]:
    """Return the topography points after the rows, None if there are none."""
    at = next_content(lines, start)
    while at < len(lines) and content_of(lines[at]) == "0":
        at = next_content(lines, at + 1)
    if at >= len(lines):
        return None, ()
    if len(content_of(lines[at]).split()) > 3:
        raise source.fault(
            "more readings than the count announces",
            line=at + 1,
            mend="restore the file or correct the count",
        )
    places = positions_at(source, lines, at, "topography points")
    rest = next_content(lines, places.end)
    while rest < len(lines) and content_of(lines[rest]) == "0":
        rest = next_content(lines, rest + 1)
    if rest < len(lines):
        raise source.fault(
            f"unexpected {quote(content_of(lines[rest]))} after the topography",
            line=rest + 1,
            mend="remove it or correct the counts",
        )
    text = f"{len(places.positions)} topography points"
    return places.positions, (*places.remarks, Remark("kept", text, (), len(places.positions)))


def _with_heights(places: Places, topography: Floats | None) -> tuple[Electrodes, list[Remark]]:
    """Return the electrodes, raised onto the topography if they have no heights of their own."""
    positions = places.positions
    if topography is None or np.any(positions[:, 2]) or not np.any(topography[:, 2]):
        return Electrodes(positions), []
    order = np.argsort(topography[:, 0], kind="stable")
    x, z = topography[order, 0], topography[order, 2]
    raised = positions.copy()
    raised[:, 2] = np.interp(positions[:, 0], x, z)
    remarks = [Remark("repaired", "electrodes have no heights: taken from the topography by x")]
    outside = (positions[:, 0] < x[0]) | (positions[:, 0] > x[-1])
    if outside.any():
        text = f"{int(outside.sum())} electrodes lie outside the topography: height of its end"
        remarks.append(Remark("warning", text, (), int(outside.sum())))
    return Electrodes(raised), remarks


def _abmn(
    source: Source, block: Block, n_electrodes: int
) -> tuple[Integers, Booleans, list[Remark]]:
    """Return indices from 0 (-1 remote), which rows have them all, and remarks on the others."""
    numbers = np.zeros((len(block.lines), 4))
    remarks: list[Remark] = []
    columns = {t.quantity: j for j, t in enumerate(block.tokens)}
    for i, name in enumerate("abmn"):
        if name in columns:
            numbers[:, i] = block.table.values[:, columns[name]]
        else:
            remarks.append(Remark("warning", f"no column {name}: taken as remote"))
    usable: Booleans = np.all(np.isfinite(numbers), axis=1)
    wrong = usable[:, None] & (
        (numbers < 0) | (numbers > n_electrodes) | (numbers != np.round(numbers))
    )
    if wrong.any():
        i, j = (int(k) for k in np.argwhere(wrong)[0])
        raise source.fault(
            f"electrode {numbers[i, j]:g} does not exist",
            line=int(block.lines[i]),
            column=columns["abmn"[j]] + 1,
            mend=f"count from 1 to {n_electrodes}; 0 is remote",
        )
    if not usable.all():
        text = "row without its electrodes"
        rows = listed(block.lines, ~usable)
        remarks.append(Remark("refused", text, rows, int((~usable).sum())))
    indices = np.where(np.isfinite(numbers), numbers, 0.0).astype(np.int64) - 1
    if usable.any() and (indices[usable] < 0).any(axis=0).all():
        text = "electrode 0 (remote) is used as A, B, M and N: does the file count from 0?"
        remarks.append(Remark("warning", text))
    return indices, usable, remarks


FORMAT = Format(NAME, "BERT / pyGIMLi unified data format", evidence, read, write=write_bert,
                endings=(".ohm", ".shm", ".udf"), carries=("IP", "3-D", "topography"))  # fmt: skip
