"""The parts of a BERT file that are not readings: counts, electrode positions, topography."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ohmscape.core import Column, Floats, Remark
from ohmscape.formats._bert_tokens import METRE, split_tokens, unit_key
from ohmscape.formats._source import Source, quote
from ohmscape.formats._text import number, table, whole

AXES = ("x", "y", "z")


@dataclass(frozen=True, eq=False)
class Places:
    """A list of positions and the index of the line after it."""

    positions: Floats  #: (n, 3) m
    columns: tuple[Column, ...]
    remarks: tuple[Remark, ...]
    end: int


def content_of(line: str) -> str:
    """Return a line without its comment."""
    return line.split("#", 1)[0].strip()


def next_content(lines: Sequence[str], start: int) -> int:
    """Return the index of the next line that is not blank or comment, else the number of lines."""
    for i in range(start, len(lines)):
        if content_of(lines[i]):
            return i
    return len(lines)


def count_at(source: Source, lines: Sequence[str], at: int, what: str) -> int:
    """Return the count in a line, which must not promise more than the file has lines.

    Raises
    ------
    FormatError
        No line, no whole number, or not possible.
    """
    if at >= len(lines):
        raise source.fault(
            f"ends before the number of {what}", line=len(lines), mend="restore the whole file"
        )
    cells = content_of(lines[at]).split()
    value = whole(cells[0])
    if value is None or (len(cells) > 1 and number(cells[1]) is not None):
        raise source.fault(
            f"number of {what} expected, found {quote(content_of(lines[at]))}",
            line=at + 1,
            mend=f"check that the list before it has as many rows as its count says, then"
            f" give the number of {what}",
        )
    left = len(lines) - at - 1
    if value < 1 or value > left:
        raise source.fault(
            f"{cells[0][:20]} {what} announced, {left} lines follow",
            line=at + 1,
            mend="restore the file or correct the count",
        )
    return value


def rows_after(
    source: Source, lines: Sequence[str], start: int, count: int, what: str
) -> tuple[list[str], list[int], list[str]]:
    """Return `count` rows, their line numbers, and the comments before the first of them."""
    rows: list[str] = []
    numbers: list[int] = []
    comments: list[str] = []
    for i in range(start, len(lines)):
        text = lines[i]
        if "#" in text:
            if not rows and text.lstrip().startswith("#"):
                comments.append(text.strip())
            text = text.split("#", 1)[0]
        if text.strip():
            rows.append(text)
            numbers.append(i + 1)
            if len(rows) == count:
                return rows, numbers, comments
    raise source.fault(
        f"{count} {what} announced, the file holds {len(rows)}: truncated",
        line=len(lines),
        mend="restore the file or correct the count",
    )


def positions_at(source: Source, lines: Sequence[str], at: int, what: str) -> Places:
    """Return the positions listed from the line of their count on.

    Raises
    ------
    FormatError
        The list cannot be read.
    """
    count = count_at(source, lines, at, what)
    rows, numbers, comments = rows_after(source, lines, at + 1, count, what)
    if "#" in lines[at]:
        comments.insert(0, "#" + lines[at].split("#", 1)[1])
    cells = table(source, rows, numbers)
    width = int(cells.cells[0])
    odd = np.flatnonzero(cells.cells != width)
    if len(odd) or width > 12:
        i = int(odd[0]) if len(odd) else 0
        raise source.fault(
            f"position of {cells.cells[i]} values where {what} have {width}",
            line=numbers[i],
            mend=f"check the row and the count of {what} ({count})",
        )
    columns = _axes(source, comments, width, numbers[0])
    broken = np.argwhere(~np.isfinite(cells.values))
    if len(broken):
        i, j = (int(k) for k in broken[0])
        raise source.fault("position is no number", line=numbers[i], column=j + 1, mend="give it")
    used = [c for c in columns if c.name]
    factors = [METRE[unit_key(c.unit)] for c in used]
    values = cells.values[:, [c.index - 1 for c in used]] * factors
    positions, remarks = _to_xyz(values, [c.name[-1] for c in used])
    for c in columns:
        if not c.name:
            text = f"position column {c.index} ({c.token}) is not x, y or z: not used"
            remarks = (*remarks, Remark("warning", text))
    return Places(positions, columns, remarks, numbers[-1])


def _axes(source: Source, comments: Sequence[str], width: int, line: int) -> tuple[Column, ...]:
    """Return the columns of positions: those named "electrode x" and so on are used."""
    words = [*{1: "x", 2: "xz"}.get(width, "xyz"), *["?"] * (width - 3)]
    for comment in reversed(comments):
        found = split_tokens(comment)
        known = [word.partition("/")[0].lower() in AXES for word in found]
        if found and known[0] and (all(known) or len(found) == width):
            words = found
            break
    names = [word.partition("/")[0].lower() for word in words]
    axes = [name for name in names if name in AXES]
    if len(words) != width or len(set(axes)) != len(axes) or "x" not in axes:
        raise source.fault(
            f"header names {' '.join(words)[:40]}, rows hold {width} values",
            line=line,
            mend="make header and rows agree",
        )
    columns = []
    for j, (name, word) in enumerate(zip(names, words, strict=True)):
        unit = word.partition("/")[2]
        if name in AXES and unit_key(unit) not in METRE:
            raise source.fault(
                f"unit {quote(unit)} of {word[:20]} is not known",
                line=line,
                mend=f"use one of {', '.join(sorted(u for u in METRE if u))}",
            )
        factor = METRE.get(unit_key(unit), 1.0)
        note = "" if factor == 1.0 else f"x {factor:g} to m"
        columns.append(Column(f"electrode {name}" if name in AXES else "", word, unit, j + 1, note))
    return tuple(columns)


def _to_xyz(values: Floats, names: Sequence[str]) -> tuple[Floats, tuple[Remark, ...]]:
    out = np.zeros((len(values), 3))
    for j, name in enumerate(names):
        out[:, AXES.index(name)] = values[:, j]
    if "z" in names and not np.any(out[:, 2]) and np.ptp(out[:, 1]) > 0.0:
        if not _is_elevation(out[:, 0], out[:, 1]):
            return out, ()
        text = "z is 0 and y goes up and down along x: horizontal as the header says; if it is"
        return out, (Remark("warning", text + " height, name the columns x z", (), len(out)),)
    if list(names) != ["x", "y"] or not np.any(out[:, 1]):
        return out, ()
    if _is_elevation(out[:, 0], out[:, 1]):
        out = out[:, [0, 2, 1]]
        text = "header is x y: y goes up and down along x, so it is taken as elevation z"
        return out, (Remark("repaired", text, (), len(out)),)
    text = "header is x y: electrodes spread over both, so y is taken as horizontal, elevation 0"
    return out, (Remark("warning", text, (), len(out)),)


def _is_elevation(x: Floats, y: Floats) -> bool:
    """Whether the second of two coordinates is the height of a line, or depth in boreholes.

    A line goes over each x once and nowhere steeper than 63 degrees; boreholes share few x,
    and nothing in them is above 0. Rings around trees and columns, and grids, are neither.
    """
    order = np.argsort(x, kind="stable")
    run, rise = np.diff(x[order]), np.abs(np.diff(y[order]))
    if np.all(rise <= 2.0 * run):
        return True
    return bool(y.max() <= 0.0 and len(np.unique(x)) <= len(x) / 3)
