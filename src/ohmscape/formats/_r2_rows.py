"""Rows of R2-family protocols: cells apart by blanks, or by the fixed widths of Fortran."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ohmscape.core import Booleans, Floats, Remark
from ohmscape.formats._checks import listed
from ohmscape.formats._source import Source
from ohmscape.formats._text import number, table, unreadable

FLAT, SPATIAL = 4, 8  #: cells that name the electrodes: numbers, or pairs of string and number

#: program -> widths of its printed columns; cells may touch in them
WIDTHS = {
    "R2": (5, 7, 7, 7, 7, 20, 15),
    "cR2": (4, 4, 4, 4, 4, 16, 14, 16),
    "R3t": (5, 7, 4, 7, 4, 7, 4, 7, 4, 20, 15),
}


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of numbers: index, electrodes, then values."""

    cells: Floats  #: (n_data, n_cells), NaN where a row is short
    short: Booleans  #: (n_data,)
    names: int  #: `FLAT` or `SPATIAL`
    remarks: tuple[Remark, ...] = ()


def rows_of(source: Source, texts: Sequence[str], lines: Sequence[int]) -> Rows:
    """Return the rows of a protocol.

    Raises
    ------
    FormatError
        Rows of no known width, or a cell that is no number.
    """
    counts = np.array([len(text.split()) for text in texts], dtype=np.int64)
    width = int(np.bincount(np.minimum(counts, 99)).argmax())
    regular = counts == width
    touching = _program(texts, regular) if not regular.all() or width < 6 else ""
    if touching:
        return _by_width(source, texts, lines, touching)
    names = SPATIAL if width >= 10 else FLAT
    if width not in (6, 7, 8, 9, 10, 11, 12, 13):
        raise source.fault(
            f"rows of {width} values where a protocol has 6 to 9 (2-D) or 10 to 13 (3-D)",
            line=lines[int(np.argmax(regular))],
            mend="give index, electrodes, resistance and perhaps phase and errors",
        )
    wide = counts > width
    if wide.any():
        i = int(np.argmax(wide))
        raise source.fault(
            f"row of {counts[i]} values where {width} belong", line=lines[i], mend="mend the row"
        )
    cells = table(source, texts, lines)
    short = counts < width
    remark = Remark("warning", "incomplete row", listed(np.array(lines), short), int(short.sum()))
    return Rows(cells.values, short, names, (remark,) if short.any() else ())


def _program(texts: Sequence[str], regular: Booleans) -> str:
    """Return the program whose widths give all rows, "" if none does."""
    for program, widths in WIDTHS.items():
        names = SPATIAL if program == "R3t" else FLAT
        found = [_split(text, widths, names) for text in texts]
        if any(cells is None for cells in found):
            continue
        agrees = all(
            cells == text.split()
            for cells, text, ok in zip(found, texts, regular, strict=True)
            if ok and len(text.split()) > names + 1
        )
        if agrees:
            return program
    return ""


def _split(text: str, widths: Sequence[int], names: int) -> list[str] | None:
    """Return the cells of a row by width, None if one of them is no number."""
    if len(text.rstrip()) > sum(widths):
        return None
    cells, at = [], 0
    for width in widths:
        cell = text[at : at + width].strip()
        at += width
        if cell:
            cells.append(cell)
        elif text[at:].strip():
            return None
    values = [number(cell) for cell in cells]
    if len(cells) < names + 2 or any(v is None for v in values):
        return None
    whole = [v for v in values[1 : names + 1] if v is not None]
    return cells if all(v == round(v) and v >= 0 for v in whole if np.isfinite(v)) else None


def _by_width(source: Source, texts: Sequence[str], lines: Sequence[int], program: str) -> Rows:
    names = SPATIAL if program == "R3t" else FLAT
    found = [_split(text, WIDTHS[program], names) or [] for text in texts]
    width = max(len(cells) for cells in found)
    values = np.full((len(texts), width), np.nan)
    for i, cells in enumerate(found):
        for j, cell in enumerate(cells):
            value = number(cell)
            if value is None:
                raise unreadable(source, cell, lines[i], j + 1)
            values[i, j] = value
    short = np.array([len(cells) < width for cells in found], dtype=np.bool_)
    text = f"numbers touch: rows read by the column widths of {program}"
    return Rows(values, short, names, (Remark("repaired", text, (), len(texts)),))
