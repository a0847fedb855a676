"""Text files: decoding, lines and numbers, fast where all is well and exact where it is not."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ohmscape.core import Floats, Integers
from ohmscape.formats._source import Source, quote

UTF16 = (b"\xff\xfe", b"\xfe\xff")
NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eEdD][+-]?[0-9]+)?")
NOT_A_NUMBER = frozenset({"nan", "+nan", "-nan", "inf", "+inf", "-inf", "infinity"})
MISSING = frozenset({"", "-", "--", "*", "na", "n/a", "null", "none"}) | NOT_A_NUMBER
CONTROLS = bytes(b for b in range(32) if b not in (9, 10, 11, 12, 13, 26))
LONGEST_NUMBER = 60  #: characters; more are not a number that anyone printed
PART = 250  #: rows that are read cell by cell because of one cell that is no number
GREATEST = 1e100  #: no unit makes a number of the field so great; its square does not overflow


@dataclass(frozen=True, eq=False)
class Table:
    """Rows of numbers.

    `values` has shape (n_rows, n_columns), NaN where a row is short or says it has no value;
    `cells` (n_rows,) counts what each row holds.
    """

    values: Floats
    cells: Integers


def decode(content: bytes) -> str:
    """Return text from UTF-8, UTF-16 with byte order mark, or else Latin-1, newlines as LF.

    Notes
    -----
    Latin-1 maps every byte to a character, so nothing is lost and nothing can fail.
    """
    if content.startswith(UTF16):
        text = content.decode("utf-16", errors="replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def looks_like_text(head: bytes) -> bool:
    """Whether the head of a file holds no control characters but blanks and line ends."""
    if head.startswith(UTF16):
        return True
    return len(head) == len(head.translate(None, CONTROLS))


def head_lines(head: bytes, at_most: int = 400) -> list[str]:
    """Return the whole lines in the head of a text file."""
    lines = decode(head).split("\n")
    return (lines if len(lines) == 1 else lines[:-1])[:at_most]


def lines_of(source: Source) -> list[str]:
    """Return the lines of a file; the first one is line 1 of every error.

    Raises
    ------
    FormatError
        The file holds NUL bytes, so it is not text.
    """
    text = decode(source.content)
    at = text.find("\0")
    if at >= 0:
        line = text.count("\n", 0, at) + 1
        raise source.fault("holds NUL bytes: damaged, or no text", line=line, mend="copy it again")
    lines = text.replace("\x1a", "").split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    return lines


def number(cell: str) -> float | None:
    """Return the number in a cell, NaN where it says that there is none, None if unreadable.

    Fortran's ``1D-3`` is a number; ``1,5``, ``1_000`` and ``1e101`` are not.
    """
    if len(cell) <= LONGEST_NUMBER and NUMBER.fullmatch(cell):
        value = float(cell.replace("D", "e").replace("d", "e"))
        return value if abs(value) < GREATEST else None
    return np.nan if cell.lower() in MISSING or not cell.strip("*") else None


def whole(cell: str) -> int | None:
    """Return the whole number in a cell, None if there is none."""
    value = number(cell)
    if value is None or not np.isfinite(value) or value != round(value) or abs(value) > 1e15:
        return None
    return int(value)


def at_once(
    rows: Sequence[str], separator: str | None, columns: Sequence[int] | None = None
) -> Floats | None:
    """Return columns of rows as numbers, None if not every cell is one that is credible.

    None says nothing of where and why: who needs that reads cell by cell, with `number`.
    """
    try:
        values = np.loadtxt(rows, ndmin=2, comments=None, delimiter=separator, usecols=columns)
    except ValueError:
        return None
    return values if len(values) == len(rows) and credible(values) else None


def credible(values: Floats) -> bool:
    """Whether all are numbers that somebody may have printed: finite, and not beyond belief."""
    return bool(np.all(np.abs(values) < GREATEST))  # False for NaN


def table(
    source: Source, rows: Sequence[str], lines: Sequence[int], separator: str | None = None
) -> Table:
    """Return rows of text as numbers.

    Parameters
    ----------
    source : Source
        For errors.
    rows : sequence of str
        None of them blank.
    lines : sequence of int
        Line number of each row.
    separator : str, optional
        Between cells; blanks and tabs if left out.

    Raises
    ------
    FormatError
        A cell that is no number, with its line and column.
    """
    if not rows:
        return Table(np.zeros((0, 0)), np.zeros(0, dtype=np.int64))
    values = at_once(rows, separator)
    if values is None and len(rows) > PART:
        return _table_by_parts(source, rows, lines, separator)
    if values is None:
        return _table_by_cell(source, rows, lines, separator)
    return Table(values, np.full(len(rows), values.shape[1], dtype=np.int64))


def _table_by_parts(
    source: Source, rows: Sequence[str], lines: Sequence[int], separator: str | None
) -> Table:
    """Return a table of which most parts have nothing but numbers."""
    parts = [
        table(source, rows[i : i + PART], lines[i : i + PART], separator)
        for i in range(0, len(rows), PART)
    ]
    counts = np.concatenate([part.cells for part in parts])
    values = np.full((len(rows), _width(source, counts, lines)), np.nan)
    for i, part in enumerate(parts):
        n, width = part.values.shape
        values[i * PART : i * PART + n, :width] = part.values
    return Table(values, counts)


def _table_by_cell(
    source: Source, rows: Sequence[str], lines: Sequence[int], separator: str | None
) -> Table:
    cells = [[cell.strip() for cell in row.split(separator)] for row in rows]
    counts = np.array([len(row) for row in cells], dtype=np.int64)
    width = _width(source, counts, lines)
    values = np.full((len(rows), width), np.nan)
    for i, row in enumerate(cells):
        for j, cell in enumerate(row):
            value = number(cell)
            if value is None:
                raise unreadable(source, cell, lines[i], j + 1)
            values[i, j] = value
    return Table(values, counts)


def _width(source: Source, counts: Integers, lines: Sequence[int]) -> int:
    """Return the widest row; one row that is far too wide must not blow up the table."""
    width, usual = int(counts.max()), int(np.median(counts))
    if width > 1000 and width > 10 * usual:
        line = lines[int(counts.argmax())]
        raise source.fault(
            f"{width} values in one row where rows have {usual}", line=line, mend="restore the line"
        )
    return width


def unreadable(source: Source, cell: str, line: int, column: int) -> Exception:
    """Return the error for a cell that is no number."""
    if len(cell) <= LONGEST_NUMBER and NUMBER.fullmatch(cell):
        what = f"{quote(cell)} is beyond what anyone measures"
        return source.fault(what, line=line, column=column, mend="restore the number")
    mend = "write a number"
    if re.fullmatch(r"[+-]?[0-9]*,[0-9]+(?:[eE][+-]?[0-9]+)?", cell[:LONGEST_NUMBER]):
        mend = "write the decimal comma as a point"
    return source.fault(f"{quote(cell)} is not a number", line=line, column=column, mend=mend)
