"""Columns of instrument files: numbers at once where all is well, cell by cell where not."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ohmscape.core import REMOTE, Booleans, Floats, Integers
from ohmscape.formats._source import Source, quote
from ohmscape.formats._text import PART, at_once, number, unreadable

FEET = 0.3048  #: m


@dataclass(frozen=True)
class Layout:
    """Where a table is in a text, and what stands above its columns."""

    line: int  #: index of the line with names
    names: tuple[str, ...]
    units: tuple[str, ...]  #: "" where a column has none


def columns_of(
    source: Source,
    rows: Sequence[str],
    lines: Sequence[int],
    columns: Sequence[int],
    *,
    separator: str | None = None,
    words: bool = False,
) -> tuple[Floats, Booleans]:
    """Return some columns of rows of text as numbers.

    Parameters
    ----------
    source : Source
        For errors.
    rows : sequence of str
        None of them blank.
    lines : sequence of int
        Line number of each row.
    columns : sequence of int
        Those wanted, from 0.
    separator : str, optional
        Between cells; blanks and tabs if left out.
    words : bool
        A cell that is no number is missing instead of an error.

    Returns
    -------
    values : array, shape (n_rows, n_columns)
        NaN where a row says that it has no value, or is too short.
    short : array of bool, shape (n_rows,)
        Rows without all these columns.

    Raises
    ------
    FormatError
        A cell that is no number, with its line and column.
    """
    none = np.zeros(len(rows), dtype=np.bool_)
    if not rows or not columns:
        return np.zeros((len(rows), len(columns))), none
    whole = at_once(rows, separator, columns)
    if whole is not None:
        return whole, none
    if len(rows) > PART:
        parts = [
            columns_of(source, rows[i : i + PART], lines[i : i + PART], columns,
                       separator=separator, words=words)
            for i in range(0, len(rows), PART)
        ]  # fmt: skip
        return np.vstack([p[0] for p in parts]), np.concatenate([p[1] for p in parts])
    values = np.full((len(rows), len(columns)), np.nan)
    for i, row in enumerate(rows):
        cells = row.split(separator)
        none[i] = len(cells) <= max(columns)
        for k, j in enumerate(columns):
            cell = cells[j].strip() if j < len(cells) else ""
            value = number(cell)
            if value is None and not words:
                raise unreadable(source, cell, lines[i], j + 1)
            values[i, k] = np.nan if value is None else value
    return values, none


def indices_of(
    source: Source, ids: Floats, known: Sequence[int], lines: Sequence[int], column: int
) -> Integers:
    """Return the index of each electrode number among those known, `REMOTE` where it is NaN.

    Raises
    ------
    FormatError
        A number that no electrode has.
    """
    near = np.isfinite(ids)
    numbers = np.asarray(known, dtype=np.float64)
    order = np.argsort(numbers, kind="stable")
    at = np.clip(np.searchsorted(numbers[order], ids), 0, len(numbers) - 1)
    found = order[at]
    wrong = near & (numbers[found] != ids)
    if wrong.any():
        i, j = (int(k) for k in np.argwhere(wrong)[0])
        raise source.fault(
            f"electrode {ids[i, j]:g} is not in the list of electrodes",
            line=int(lines[i]),
            column=column + j + 1,
            mend="add its place to the list, or correct the number",
        )
    return np.where(near, found, REMOTE).astype(np.int64)


def header_at(
    source: Source, names: Sequence[str], wanted: Sequence[str], line: int
) -> dict[str, int]:
    """Return where the named columns are.

    Raises
    ------
    FormatError
        One of those wanted is not there.
    """
    where: dict[str, int] = {}
    for j, name in enumerate(names):
        where.setdefault(name, j)
    missing = [name for name in wanted if name not in where]
    if missing:
        raise source.fault(
            f"no column {quote(missing[0])}", line=line, mend="restore the header, or export again"
        )
    return where
