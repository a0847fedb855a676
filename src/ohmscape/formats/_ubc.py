"""What observation files of UBC-GIF's DCIP2D and DCIP3D share: directives, sources, receivers.

Rows of numbers; ``!`` begins a comment. A source line holds A, B and how many receivers follow; a
receiver line M, N, the value and perhaps its standard deviation. A = B or M = N means a pole.
Source: UBC-GIF's manuals of DCIP2D and DCIP3D/DCIPoctree, pages "Observations file".
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ohmscape.core import REMOTE, Booleans, Column, Data, Electrodes, Floats, Integers, Remark
from ohmscape.formats._assemble import Draft, Values
from ohmscape.formats._electrodes import number_places
from ohmscape.formats._source import Source, quote
from ohmscape.formats._text import table, whole
from ohmscape.formats._write import as_poles, lost, lost_names, lost_unused, rows_of

NO_HEIGHTS = "heights are not in the file (topography is another file): electrodes at 0"
DIRECT, CHARGEABILITY, SECONDARY = 0, 1, 2  #: potentials; IPTYPE=1; IPTYPE=2
IPTYPE = re.compile(r"IPTYPE[ \t]*=?[ \t]*([0-9]+)", re.IGNORECASE)
COMMON = re.compile(r"COMMON_CURRENT", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Content:
    """The rows of numbers of a file, and its directives."""

    rows: list[str]
    lines: list[int]  #: line number of each row
    kinds: list[int]  #: IPTYPE in force at each row, 0 before the first
    common: bool  #: COMMON_CURRENT is there
    comments: int


@dataclass(frozen=True, eq=False)
class Readings:
    """Receivers with their sources: places as stated, values, errors."""

    a: Floats  #: (n, n_axes), also b, m, n
    b: Floats
    m: Floats
    n: Floats
    values: Floats  #: (n, 1 or 2): value, its standard deviation
    lines: Integers
    kinds: Integers
    short: Booleans
    keys: list[bytes]


def content_of(lines: Sequence[str]) -> Content | str:
    """Return the rows of a file, or the first line that is neither numbers nor a directive."""
    words = [line for line in lines if "_" in line]
    common = any(COMMON.fullmatch(line.split("!", 1)[0].strip()) for line in words)
    out = Content([], [], [], common, sum("!" in line for line in lines))
    kind = DIRECT
    for i, line in enumerate(lines):
        text = (line.split("!", 1)[0] if "!" in line else line).strip()
        if not text:
            continue
        if text[0].isalpha():
            if COMMON.fullmatch(text):
                continue
            found = IPTYPE.fullmatch(text[:40])
            if found is None or int(found[1]) not in (CHARGEABILITY, SECONDARY):
                return f"{i + 1}:{text}"
            kind = int(found[1])
            continue
        out.rows.append(text)
        out.lines.append(i + 1)
        out.kinds.append(kind)
    return out


def whole_content(source: Source, lines: Sequence[str]) -> Content:
    """Return the rows of a file.

    Raises
    ------
    FormatError
        A word that is no directive, or no rows.
    """
    found = content_of(lines)
    if isinstance(found, str):
        at, _, text = found.partition(":")
        raise source.fault(
            f"{quote(text)} is neither numbers nor IPTYPE=1, IPTYPE=2 or COMMON_CURRENT",
            line=int(at),
            mend="put ! before comments",
        )
    if not found.rows:
        raise source.fault("no rows of numbers", line=len(lines), mend="restore the file")
    return found


def is_chain(rows: Sequence[str], width: int, *, whole_file: bool) -> bool:
    """Whether rows are source lines of `width` cells, each followed by as many as it announces."""
    i = 0
    while i < len(rows):
        cells = rows[i].split()
        count = whole(cells[-1]) if len(cells) == width else None
        if count is None or count < 1 or (whole_file and i + count >= len(rows)):
            return False
        for row in rows[i + 1 : i + 1 + count]:
            if len(row.split()) not in (width, width + 1):
                return False
        i += count + 1
    return True


def readings_of(source: Source, content: Content, width: int) -> Readings:
    """Return the receivers of all sources.

    Parameters
    ----------
    source : Source
    content : Content
    width : int
        Cells of a source line: two places and the number of receivers.

    Raises
    ------
    FormatError
        A count that does not fit, a row of another width, no values.
    """
    axes = (width - 1) // 2
    owner, which, starts = _chain(source, content, width)
    heads = table(source, [content.rows[i] for i in starts], [content.lines[i] for i in starts])
    cells = table(source, [content.rows[i] for i in which], [content.lines[i] for i in which])
    for part, lines in (
        (heads.values[:, : width - 1], starts),
        (cells.values[:, : 2 * axes], which),
    ):
        broken = np.flatnonzero(~np.isfinite(part).all(axis=1))
        if len(broken):
            line = content.lines[lines[int(broken[0])]]
            raise source.fault("electrode without a place", line=line, mend="give it")
    wide = cells.cells > 2 * axes + 2
    if wide.any():
        i = int(np.argmax(wide))
        raise source.fault(
            f"row of {cells.cells[i]} values where {2 * axes + 1} or {2 * axes + 2} belong",
            line=content.lines[which[i]],
            mend="give M, N, the value and its standard deviation",
        )
    if not np.any(cells.cells > 2 * axes):
        raise source.fault(
            "rows hold places only: this is a file of locations",
            line=content.lines[which[0]],
            mend="name the file of observations",
        )
    values = cells.values[:, 2 * axes :]
    a, b = heads.values[owner, :axes], heads.values[owner, axes : 2 * axes]
    whole_rows = np.column_stack([a, b, cells.values])
    return Readings(
        a, b, cells.values[:, :axes], cells.values[:, axes : 2 * axes], values,
        np.array([content.lines[i] for i in which]), np.array([content.kinds[i] for i in which]),
        cells.cells < cells.cells.max(), [row.tobytes() for row in whole_rows],
    )  # fmt: skip


def _chain(source: Source, content: Content, width: int) -> tuple[Integers, list[int], list[int]]:
    """Return for each receiver its source, the rows of receivers and the rows of sources."""
    owner: list[int] = []
    which: list[int] = []
    starts: list[int] = []
    i = 0
    while i < len(content.rows):
        cells, line = content.rows[i].split(), content.lines[i]
        count = whole(cells[-1]) if len(cells) == width else None
        if count is None or count < 1:
            raise source.fault(
                f"source line of {width} values expected, found {quote(content.rows[i])}",
                line=line,
                mend="give A, B and the number of receivers; check the count before it",
            )
        if count > len(content.rows) - i - 1:
            raise source.fault(
                f"{count} receivers announced, {len(content.rows) - i - 1} rows follow",
                line=line,
                mend="restore the file or correct the count",
            )
        starts.append(i)
        which.extend(range(i + 1, i + 1 + count))
        owner.extend([len(starts) - 1] * count)
        i += count + 1
    return np.array(owner, dtype=np.int64), which, starts


def places_of(r: Readings, axes: str) -> Floats:
    """Return x, y, z of A, B, M, N, shape (n, 4, 3); NaN for B or N of a pole."""
    out = np.zeros((len(r.lines), 4, 3))
    for i, part in enumerate((r.a, r.b, r.m, r.n)):
        for j, axis in enumerate(axes):
            out[:, i, "xyz".index(axis)] = part[:, j]
    out[np.all(r.a == r.b, axis=1), 1] = np.nan
    out[np.all(r.m == r.n, axis=1), 3] = np.nan
    return out


def by_kind(source: Source, r: Readings) -> tuple[dict[str, Floats], list[Remark]]:
    """Return resistances, chargeabilities and their errors, and what was noticed.

    Raises
    ------
    FormatError
        The file holds secondary potentials only.
    """
    value = r.values[:, 0]
    error = r.values[:, 1] if r.values.shape[1] > 1 else np.full(len(value), np.nan)
    direct, polarised = r.kinds == DIRECT, r.kinds == CHARGEABILITY
    secondary = r.kinds == SECONDARY
    if secondary.all():
        raise source.fault(
            "secondary potentials only (IPTYPE=2): no resistance and no chargeability",
            line=int(r.lines[0]),
            mend="read the file of potentials (DC), or export apparent chargeabilities (IPTYPE=1)",
        )
    found = {"resistance": np.where(direct, value, np.nan)}
    notes = []
    if r.values.shape[1] > 1:
        found["absolute_error"] = np.where(direct, error, np.nan)
    if polarised.any():
        found["chargeability"] = np.where(polarised, value, np.nan)
        if r.values.shape[1] > 1:
            found["chargeability_deviation"] = np.where(polarised, error, np.nan)
        text = "IPTYPE=1: apparent chargeabilities, taken as V/V; resistances are in the DC file"
        notes.append(Remark("warning", text, (), int(polarised.sum())))
    if secondary.any():
        text = "IPTYPE=2: secondary potentials are kept in the file only"
        notes.append(Remark("warning", text, (), int(secondary.sum())))
    return found, notes


def columns_of(axes: str, found: dict[str, Floats]) -> tuple[Column, ...]:
    """Return the columns of a receiver line."""
    n = len(axes)
    names = [Column(f"electrode {axis}", f"{e}{axis}", "m", 1 + i * n + j)
             for i, e in enumerate("mn") for j, axis in enumerate(axes)]  # fmt: skip
    direct = np.isfinite(found["resistance"]).any()
    name = "resistance" if direct else "chargeability"
    names.append(Column(name, "value", "V/A" if direct else "V/V", 2 * n + 1))
    if "absolute_error" in found:
        name = "standard_deviation" if direct else "chargeability_deviation"
        names.append(Column(name, "standard deviation", names[-1].unit, 2 * n + 2))
    return tuple(names)


def source_lines(data: Data, axes: Sequence[int]) -> tuple[list[str], list[str]]:
    """Return source and receiver lines of readings, in their order, and what is left out."""
    abmn, r, notes = as_poles(data)
    positions = data.survey.electrodes.positions[:, axes]
    pole = np.where(abmn == REMOTE, abmn[:, [0, 0, 2, 2]], abmn)
    error = data.standard_deviation
    if error is not None and not np.isfinite(error).all():
        notes.append("errors of the resistances: some readings have none")
        error = None
    values = r[:, None] if error is None else np.column_stack([r, error])
    heads = rows_of(positions[pole[:, :2]].reshape(len(r), -1))
    tails = rows_of(np.column_stack([positions[pole[:, 2:]].reshape(len(r), -1), values]))
    change = np.flatnonzero(np.any(np.diff(pole[:, :2], axis=0) != 0, axis=1)) + 1
    out = []
    for begin, end in zip([0, *change.tolist()], [*change.tolist(), len(r)], strict=True):
        out += [f"{heads[begin]} {end - begin}", *tails[begin:end]]
    return out, notes


def drafted(
    source: Source,
    name: str,
    readings: Readings,
    axes: str,
    remarks: Sequence[Remark],
    columns: Callable[[tuple[Column, ...]], tuple[Column, ...]] = tuple,
) -> Draft:
    """Return all that was found in a file: what is left to do is the same in 2-D and 3-D.

    `columns` turns the columns of source and receiver lines into those of the file.
    """
    flat = () if "z" in axes else (Remark("warning", NO_HEIGHTS),)
    positions, abmn = number_places(places_of(readings, axes))
    found, notes = by_kind(source, readings)
    return Draft(
        source=source,
        format=name,
        electrodes=Electrodes(positions),
        abmn=abmn,
        rows=readings.lines,
        values=Values(**found),
        keys=readings.keys,
        columns=columns(columns_of(axes, found)),
        faults=((readings.short, "incomplete row"),),
        remarks=(*remarks, *flat, *notes),
    )


def left_out(kept: Data) -> tuple[str, ...]:
    """Return what a file of observations cannot carry, in words."""
    return (*lost(kept, ("standard_deviation",)), *lost_names(kept), *lost_unused(kept))
