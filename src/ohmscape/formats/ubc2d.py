"""Observation files of UBC-GIF's DCIP2D: general, surface and simple format.

General: ``COMMON_CURRENT``, source lines ``xA zA xB zB n``, receiver lines ``xM zM xN zN value
[sd]``. Surface: the same without z. Simple: rows ``xA xB xM xN value [sd]``. ``!`` begins a
comment; ``IPTYPE=1`` or ``2`` marks chargeabilities. Source: UBC-GIF's manual of DCIP2D.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ohmscape.core import Column, Data, Remark
from ohmscape.formats._assemble import assemble
from ohmscape.formats._source import Evidence, Format, Source, fault
from ohmscape.formats._text import head_lines, lines_of, looks_like_text, number, table, whole
from ohmscape.formats._ubc import (
    Content,
    Readings,
    content_of,
    drafted,
    is_chain,
    left_out,
    readings_of,
    source_lines,
    whole_content,
)
from ohmscape.formats._write import flat_line, lines, save, usable

NAME = "ubc-dcip2d"
GENERAL, SURFACE = 5, 3  #: cells of a source line
SIMPLE = (5, 6)  #: cells of a row of the simple format


def evidence(head: bytes, path: Path) -> Evidence:
    """Judge whether the head of a file is of this format."""
    del path
    if not looks_like_text(head):
        return Evidence(0.0, ("holds control characters",))
    content = content_of(head_lines(head))
    if isinstance(content, str) or not content.rows:
        return Evidence(0.0, ("holds other lines than numbers, comments with ! and IPTYPE",))
    marked = any(content.kinds) or content.comments > 0
    if content.common:
        rows, _ = _without_count(content.rows)
        width = len(rows[0].split()) if rows else 0
        if width in (GENERAL, SURFACE) and is_chain(rows, width, whole_file=False):
            return Evidence(0.95, ("COMMON_CURRENT, sources and their receivers",))
        return Evidence(0.6, ("COMMON_CURRENT, but the first source is not A, B and a count",))
    widths = {len(row.split()) for row in content.rows[:50]}
    numbers = all(number(c) is not None for row in content.rows[:50] for c in row.split())
    if 3 in widths and numbers and is_chain(content.rows, SURFACE, whole_file=False):
        return Evidence(0.6, ("sources of three numbers, each with as many receivers as it says",))
    if len(widths) == 1 and widths <= set(SIMPLE) and numbers:
        if is_chain(content.rows, GENERAL, whole_file=len(head) < 60_000):
            return Evidence(0.1, ("rows are sources and receivers in three dimensions",))
        if marked:
            return Evidence(0.6, ("rows of A, B, M, N, value, with comments ! or IPTYPE",))
        return Evidence(0.3, ("rows of five or six numbers, but nothing says what they are",))
    return Evidence(0.0, ("rows are not A, B, M, N, value",))


def _without_count(rows: Sequence[str]) -> tuple[list[str], int | None]:
    """Return rows without a number of sources before them, and this number."""
    if rows and len(rows[0].split()) == 1:
        return list(rows[1:]), whole(rows[0])
    return list(rows), None


def read(source: Source) -> Data:
    """Return the data of a file.

    Raises
    ------
    FormatError, SurveyError
        The file cannot be read; says where and how to mend it.
    """
    content = whole_content(source, lines_of(source))
    content, announced = _counted(source, content)
    width = len(content.rows[0].split())
    if width == GENERAL and (content.common or is_chain(content.rows, GENERAL, whole_file=True)):
        readings, axes, form = readings_of(source, content, GENERAL), "xz", "general"
    elif width == SURFACE:
        readings, axes, form = readings_of(source, content, SURFACE), "x", "surface"
    elif width in SIMPLE:
        readings, axes, form = _simple(source, content), "x", "simple"
    else:
        raise source.fault(
            f"first row of {width} values: no source (3 or 5) and no simple row (5 or 6)",
            line=content.lines[0],
            mend="restore the file; three dimensions are format ubc-dcip3d",
        )
    remarks = [Remark("kept", f"{form} format", (), len(readings.lines))]
    sources = len(np.unique(np.column_stack([readings.a, readings.b]), axis=0))
    if announced is not None and form != "simple" and announced < sources:
        text = f"{announced} sources announced, {sources} found"
        remarks.append(Remark("warning", text, (), sources))
    return assemble(
        drafted(source, NAME, readings, axes, remarks, lambda all_: _columns(form, axes, all_))
    )


def _counted(source: Source, content: Content) -> tuple[Content, int | None]:
    rows, announced = _without_count(content.rows)
    if len(rows) == len(content.rows):
        return content, None
    if not rows:
        raise source.fault("no sources", line=content.lines[0], mend="restore the file")
    rest = Content(rows, content.lines[1:], content.kinds[1:], content.common, content.comments)
    return rest, announced


def _simple(source: Source, content: Content) -> Readings:
    cells = table(source, content.rows, content.lines)
    wrong = (cells.cells > SIMPLE[1]) | (cells.cells < 4)
    if wrong.any():
        i = int(np.argmax(wrong))
        raise source.fault(
            f"row of {cells.cells[i]} values where 5 or 6 belong", line=content.lines[i],
            mend="give A, B, M, N, the value and its standard deviation",
        )  # fmt: skip
    places = cells.values[:, :4]
    broken = np.flatnonzero(~np.isfinite(places).all(axis=1))
    if len(broken):
        line = content.lines[int(broken[0])]
        raise source.fault("electrode without a place", line=line, mend="give it")
    return Readings(
        places[:, [0]], places[:, [1]], places[:, [2]], places[:, [3]], cells.values[:, 4:],
        np.array(content.lines), np.array(content.kinds), cells.cells < cells.cells.max(),
        [row.tobytes() for row in cells.values],
    )  # fmt: skip


def _columns(form: str, axes: str, columns: tuple[Column, ...]) -> tuple[Column, ...]:
    if form != "simple":
        return columns
    moved = [Column(c.name, c.token, c.unit, c.index + 2, c.note) for c in columns]
    first = [Column(f"electrode {axes}", f"{e}{axes}", "m", i + 1) for i, e in enumerate("ab")]
    return (*first, *moved)


def write(data: Data, path: Path) -> tuple[str, ...]:
    """Write a file in the general format; sources keep the order of the readings."""
    if not flat_line(data):
        raise fault(
            path, "electrodes do not lie in one vertical plane y = 0",
            mend="write as ubc-dcip3d, or turn the line along x",
        )  # fmt: skip
    kept, notes = usable(data, path)
    rows, more = source_lines(kept, (0, 2))
    save(
        path, lines(["COMMON_CURRENT", "! general format: x z of A, B; M, N; V/A, its error"], rows)
    )
    return (*notes, *more, *left_out(kept))


FORMAT = Format(NAME, "UBC-GIF DCIP2D observations", evidence, read, write=write,
                carries=("IP", "topography"))  # fmt: skip
