"""Res2DInv text files (.dat): index arrays 1 to 8 and the general array 11.

Layout: title, unit spacing, array code, [general array: sub-array, type of measurement],
number of readings, type of x-location, IP flag, [IP lines], [error lines], rows, topography.
``;`` begins a comment; commas, blanks and tabs separate, mixed even in one row.
Source: M. H. Loke's Res2DInv manual, chapter 7, and public sample files.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ohmscape.core import (
    Booleans,
    Column,
    Data,
    Electrodes,
    Floats,
    Gates,
    Integers,
    Remark,
    Terrain,
)
from ohmscape.errors import FormatError
from ohmscape.formats import _res2dinv_topography as topo
from ohmscape.formats._assemble import Draft, Values, assemble
from ohmscape.formats._checks import listed
from ohmscape.formats._electrodes import number_places
from ohmscape.formats._nominal import in_boreholes
from ohmscape.formats._res2dinv_arrays import WITH_N, index_places
from ohmscape.formats._res2dinv_header import (
    ALONG,
    CODES,
    GENERAL,
    Header,
    cells_of,
    header_of,
    next_line,
    title_at,
)
from ohmscape.formats._source import Evidence, Format, Source
from ohmscape.formats._text import Table, head_lines, lines_of, looks_like_text, number, table

NAME = "res2dinv"
ODD_LINE = re.compile(r"(?m)^[ \t,]*(?:[^-+.0-9 \t,]|$)")  #: does not begin with a number


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of readings, split into places and values."""

    lines: Integers  #: (n_data,) line numbers
    places: Floats  #: (n_data, 4, 3) m as stated, NaN where remote
    value: Floats  #: (n_data, n_values): rho_a or R, [error], IP columns, [their errors]
    short: Booleans  #: (n_data,) rows that lack values
    keys: Floats  #: all that the rows hold
    columns: tuple[Column, ...]
    remarks: tuple[Remark, ...]


def evidence(head: bytes, path: Path) -> Evidence:
    """Judge whether the head of a file is of this format."""
    if not looks_like_text(head):
        return Evidence(0.0, ("holds control characters",))
    lines = head_lines(head)
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
        header_of(Source(path, head), lines)
    except FormatError as error:
        return Evidence(score, (*reasons, f"but {error.what}"))
    return Evidence(score + 0.4, (*reasons, "the header can be read"))


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
    rows = (_general if header.code == GENERAL else _index)(source, header, cells, numbers)
    ground, tail = topo.tail_of(source, lines, end, int(cells.cells.max()))
    nominal, abmn = number_places(rows.places)
    placed, raised, terrain = _on_ground(header, nominal, ground)
    nominal, placed, abmn, loose = _with_remotes(header, nominal, placed, abmn)
    values, gates, notes = _values(header, rows)
    array = f"array {header.code} ({CODES[header.code]}), title {header.title[:60]!r}"
    return assemble(
        Draft(
            source=source,
            format=NAME,
            electrodes=Electrodes(placed),
            abmn=abmn,
            rows=rows.lines,
            values=values,
            keys=rows.keys,
            columns=rows.columns,
            faults=((rows.short, "incomplete row"),),
            remarks=(Remark("kept", array), *rows.remarks, *tail, *raised, *notes),
            nominal=nominal if not in_boreholes(placed) else placed,
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


def _value_columns(header: Header) -> list[str]:
    names = ["resistance" if header.resistance else "apparent_resistivity"]
    names += ["error"] if header.errors else []
    if header.polarisation is not None:
        names += ["ip"] * header.polarisation.columns
        names += ["ip error"] * (header.polarisation.columns if header.errors else 0)
    return names


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
    values = _value_columns(header)
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
        (*columns, *_columns(header, len(names))), (*remarks, *more),
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
    names = _value_columns(header)
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
        (*columns, *_columns(header, int(before.max()))), tuple(remarks),
    )  # fmt: skip


def _refused(numbers: list[int], usable: Booleans) -> list[Remark]:
    if usable.all():
        return []
    rows = listed(np.array(numbers), ~usable)
    return [Remark("refused", "row without its electrodes", rows, int((~usable).sum()))]


def _columns(header: Header, before: int) -> list[Column]:
    out = []
    ip = header.polarisation
    for j, name in enumerate(_value_columns(header)):
        at = before + j + 1
        if name == "ip" and ip is not None:
            used = "decay" if len(ip.width) else ip.quantity
            out.append(Column(used, name, ip.unit, at, ip.note or f"x {ip.factor:g} to SI"))
        elif name == "ip error":
            out.append(Column("", name, "", at, "kept in the file only"))
        elif name == "error":
            note = "in the unit of the value; as a part of it x |R| to ohm"
            unit = "ohm" if header.resistance else "ohm m"
            out.append(Column("standard_deviation", name, unit, at, note))
        else:
            out.append(Column(name, name, "ohm" if header.resistance else "ohm m", at))
    return out


def _values(header: Header, rows: Rows) -> tuple[Values, Gates | None, list[Remark]]:
    found: dict[str, Floats] = {}
    names = _value_columns(header)
    value = rows.value[:, 0]
    found[names[0]] = value
    if header.errors:
        with np.errstate(divide="ignore", invalid="ignore"):
            part = rows.value[:, 1] / np.abs(value)
        found["relative_error"] = np.where(np.isfinite(part), part, np.nan)
    ip, gates = header.polarisation, None
    if ip is None:
        return Values(**found), None, []
    notes = [Remark("kept" if ip.quantity else "warning", ip.note)] if ip.note else []
    first = names.index("ip")
    columns = rows.value[:, first : first + ip.columns] * ip.factor
    if len(ip.width) and ip.quantity == "chargeability":
        found["decay"], gates = columns, Gates(ip.start, ip.width)
        found["chargeability"] = (columns * ip.width).sum(axis=1) / ip.width.sum()
        notes.append(Remark("kept", "chargeability is the mean of the gates, weighted by width"))
    elif ip.quantity:
        found[ip.quantity] = columns[:, 0]
        if ip.quantity == "phase":
            notes.append(Remark("kept", "phase keeps the sign that the file gives it"))
    return Values(**found), gates, notes


def _on_ground(
    header: Header, nominal: Floats, ground: topo.Ground | None
) -> tuple[Floats, list[Remark], Terrain | None]:
    """Return true places of the electrodes, what was done, and the terrain."""
    own = bool(np.any(nominal[:, 2]))
    terrain = None
    if ground is not None:
        terrain = Terrain(np.column_stack([ground.x, np.zeros(len(ground.x)), ground.z]))
    if ground is not None and not own:
        along = header.location == ALONG or (ground.kind == topo.ALONG and not _is_true(header))
        return *_raised(nominal, ground, along), terrain
    if not own:
        return nominal, [], terrain
    if in_boreholes(nominal):
        return *_boreholes(nominal), terrain
    if header.location != ALONG or np.any(nominal[:, 1]):
        return nominal, [Remark("kept", "heights of electrodes from the rows")], terrain
    mine = topo.polyline(nominal[:, 0], nominal[:, 2], topo.ALONG)
    if mine is None:
        text = "electrodes rise more than their distance along the ground: taken as horizontal"
        return nominal, [Remark("warning", text)], terrain
    x, z = mine.at_s(nominal[:, 0])
    text = "distances along the ground turned into true horizontal ones by the heights in the rows"
    return np.column_stack([x, nominal[:, 1], z]), [Remark("repaired", text)], terrain


def _is_true(header: Header) -> bool:
    """Whether a general array says that its distances are true horizontal ones."""
    return header.code == GENERAL and header.location == topo.HORIZONTAL


def _raised(nominal: Floats, ground: topo.Ground, along: bool) -> tuple[Floats, list[Remark]]:
    at = nominal[:, 0]
    x, z = ground.at_s(at) if along else ground.at_x(at)
    word = "distances along the ground" if along else "true horizontal distances"
    remarks = [Remark("repaired", f"electrodes raised onto the topography by {word}")]
    outside = ground.beyond(at, along)
    if outside.any():
        text = f"{int(outside.sum())} electrodes lie outside the topography: taken as level there"
        remarks.append(Remark("warning", text, (), int(outside.sum())))
    return np.column_stack([x, nominal[:, 1], z]), remarks


def _boreholes(nominal: Floats) -> tuple[Floats, list[Remark]]:
    z = nominal[:, 2]
    if z.min() >= 0.0:
        text = "electrodes in boreholes with positive z: taken as depths"
        return nominal * [1.0, 1.0, -1.0], [Remark("repaired", text)]
    return nominal, [Remark("kept", "electrodes in boreholes: z taken as elevation, up")]


def _with_remotes(
    header: Header, nominal: Floats, placed: Floats, abmn: Integers
) -> tuple[Floats, Floats, Integers, Integers | None]:
    """Return places and indices with the far electrodes that the header states.

    The fourth value are the indices that the file's own rho_a stand for, if others.
    """
    if not len(header.remotes):
        return nominal, placed, abmn, None
    far = header.remotes.copy()
    with_all = abmn.copy()
    for i, column in zip(range(len(far)), (1, 3), strict=False):
        with_all[:, column] = len(nominal) + i
    level = far.copy()
    level[:, 2] = np.where(far[:, 2] == 0.0, placed[-1, 2], far[:, 2])
    nominal = np.vstack([nominal, far * [1.0, 1.0, 0.0]])
    return nominal, np.vstack([placed, level]), with_all, None if header.exact else abmn


FORMAT = Format(NAME, "Res2DInv text, index and general arrays", evidence, read)
