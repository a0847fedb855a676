"""Protocols of R2, cR2, R3t and cR3t (``protocol.dat``) and lists of electrodes beside them.

Layout: number of readings, perhaps a title after it; rows of index, four electrodes (3-D: four
pairs of string and number), transfer resistance, and by product a phase in mrad and errors.
Positions are in another file. Source: formats.md section 2, and public samples of resipy.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ohmscape.core import REMOTE, Booleans, Column, Data, Floats, Integers, Remark
from ohmscape.formats._assemble import Draft, Values, assemble
from ohmscape.formats._checks import listed
from ohmscape.formats._companion import Companion, companion
from ohmscape.formats._nominal import nominal_factor
from ohmscape.formats._r2_rows import SPATIAL, Rows, rows_of
from ohmscape.formats._r2_write import write_r2
from ohmscape.formats._source import Evidence, Format, Source
from ohmscape.formats._text import head_lines, lines_of, looks_like_text, number, whole

NAME = "r2"
MILLIRADIAN = 1e-3
SAME = 0.9  #: part of the rows in which a column is k R before it counts as that
SMALL = 0.5  #: of |R|: errors beyond it in most rows are no errors

RESISTANCE = ("resistance", "R", "ohm", "")
PHASE = ("phase", "phase", "mrad", "x 0.001 to rad")
ERROR = ("standard_deviation", "error", "ohm", "")
PHASE_ERROR = ("phase_deviation", "error of the phase", "mrad", "x 0.001 to rad")
RHOA = ("apparent_resistivity", "apparent resistivity", "ohm m", "")
UNKNOWN = ("", "?", "", "kept in the file only")

#: values of a row -> what they are; two values are told apart by what they hold
PRODUCTS = {
    1: (RESISTANCE,),
    3: (RESISTANCE, PHASE, RHOA),
    4: (RESISTANCE, PHASE, ERROR, PHASE_ERROR),
}


@dataclass(frozen=True, eq=False)
class Layout:
    """What the values of a row are, and what was noticed."""

    columns: tuple[tuple[str, str, str, str], ...]
    remarks: tuple[Remark, ...] = ()


def evidence(head: bytes, path: Path) -> Evidence:
    """Judge whether the head of a file is of this format."""
    if not looks_like_text(head):
        return Evidence(0.0, ("holds control characters",))
    lines = [line for line in head_lines(head) if line.strip()]
    count = _count(lines[0]) if lines else None
    if count is None or len(lines) < 2:
        return Evidence(0.0, ("does not begin with a number of readings",))
    rows = lines[1 : min(count, 50) + 1]
    cells = [line.split() for line in rows]
    width = len(cells[0])
    if not 6 <= width <= 13:
        return Evidence(0.1, (f"rows of {width} values where 6 to 13 belong",))
    for i, row in enumerate(cells):
        first = whole(row[0]) if row else None
        if first != i + 1 and len(row) == width:
            return Evidence(0.1, ("rows are not numbered 1, 2, 3 ...",))
    names = SPATIAL if width >= 10 else 4
    whole_numbers = [whole(cell) for row in cells if len(row) == width for cell in row[1:][:names]]
    if any(v is None or v < 0 for v in whole_numbers):
        return Evidence(0.1, ("rows do not name electrodes",))
    if all(whole(cell) is not None for row in cells for cell in row) and len(cells) > 3:
        return Evidence(0.3, ("rows hold whole numbers only: nothing measured",))
    score, reasons = 0.75, ["a number of readings, rows numbered from 1 that name electrodes"]
    if "protocol" in path.name.lower():
        score, reasons = score + 0.15, [*reasons, "and the name says protocol"]
    return Evidence(score, tuple(reasons))


def _count(line: str) -> int | None:
    """Return the number at the start of a line that no other number follows, else None."""
    cells = line.split(None, 1)
    value = whole(cells[0]) if cells else None
    if value is None or value < 1:
        return None
    if len(cells) > 1 and number(re.split(r"[\s,]", cells[1].strip(), maxsplit=1)[0]) is not None:
        return None
    return value


def read(source: Source) -> Data:
    """Return the data of a file.

    Raises
    ------
    FormatError, SurveyError
        The file cannot be read, or there are no positions; says where and how to mend it.
    """
    texts, lines = _texts(source)
    rows = rows_of(source, texts, lines)
    beside = companion(source, "numbers of electrodes")
    numbers = np.array(lines, dtype=np.int64)
    usable: Booleans = np.all(np.isfinite(rows.cells[:, 1 : rows.names + 1]), axis=1)
    if not usable.any():
        raise source.fault("no row names its electrodes", line=lines[0], mend="give them")
    refused = Remark("refused", "row without its electrodes", listed(numbers, ~usable),
                     int((~usable).sum()))  # fmt: skip
    kept = rows.cells[usable]
    abmn = _abmn(source, beside, rows, kept, numbers[usable])
    values = kept[:, rows.names + 1 :]
    layout = _layout(source, values, abmn, beside, lines[0])
    return assemble(
        Draft(
            source=source,
            format=NAME,
            electrodes=beside.electrodes,
            abmn=abmn,
            rows=numbers[usable],
            values=_values(layout, values),
            keys=[row.tobytes() for row in kept[:, 1:]],
            columns=_columns(rows, layout),
            faults=((rows.short[usable], "incomplete row"),),
            remarks=(
                *rows.remarks, *beside.remarks, *layout.remarks,
                *((refused,) if refused.count else ()),
            ),
        )
    )  # fmt: skip


def _texts(source: Source) -> tuple[list[str], list[int]]:
    lines = [(i + 1, line) for i, line in enumerate(lines_of(source)) if line.strip()]
    count = _count(lines[0][1]) if lines else None
    if count is None:
        raise source.fault(
            "does not begin with the number of readings", line=1, mend="give it alone in the line"
        )
    rows = lines[1:]
    if len(rows) != count:
        raise source.fault(
            f"{count} readings announced, the file holds {len(rows)}",
            line=rows[count][0] if len(rows) > count else lines[-1][0],
            mend="restore the file or correct the count",
        )
    return [text for _, text in rows], [i for i, _ in rows]


def _abmn(
    source: Source, beside: Companion, rows: Rows, cells: Floats, lines: Integers
) -> Integers:
    if rows.names == SPATIAL:
        pairs = cells[:, 1:9].reshape(-1, 4, 2)
        strings = np.unique(pairs[:, :, 0])
        if beside.labelled or len(strings) > 1:
            return _by_label(source, beside, pairs, lines)
        numbers = pairs[:, :, 1]
    else:
        numbers = cells[:, 1:5]
    n = len(beside.index)
    wrong = (numbers < 1) | (numbers > n) | (numbers != np.round(numbers))
    if wrong.any():
        i, j = (int(k) for k in np.argwhere(wrong)[0])
        raise source.fault(
            f"electrode {numbers[i, j]:g} does not exist: {n} positions are known",
            line=int(lines[i]),
            mend="give the positions of all electrodes, in the order of their numbers",
        )
    return beside.index[numbers.astype(np.int64) - 1]


def _by_label(source: Source, beside: Companion, pairs: Floats, lines: Integers) -> Integers:
    known = {label: i for i, label in enumerate(beside.names)}
    if len(known) < len(beside.names):
        raise source.fault("labels of the electrodes are not unique", mend="mend the list")
    unique, index = np.unique(pairs.reshape(-1, 2), axis=0, return_inverse=True)
    names = [f"{s:g} {e:g}" for s, e in unique.tolist()]
    found = np.array([known.get(name, -2) for name in names], dtype=np.int64)
    abmn = found[index.ravel()].reshape(-1, 4)
    if (abmn == -2).any():
        i = int(np.argwhere(abmn == -2)[0][0])
        missing = names[int(np.argmax(found == -2))]
        raise source.fault(
            f"no position is labelled {missing!r} (string and electrode)",
            line=int(lines[i]),
            mend="give a column label in the list of electrodes, with string and number",
        )
    return beside.index[abmn]


def _layout(source: Source, values: Floats, abmn: Integers, beside: Companion, line: int) -> Layout:
    width = values.shape[1]
    if width in PRODUCTS:
        return Layout(PRODUCTS[width])
    if width != 2:
        raise source.fault(f"{width} values after the electrodes", line=line, mend="give 1 to 4")
    r, other = values.T
    both = np.isfinite(r) & np.isfinite(other)
    k = nominal_factor(beside.electrodes.positions, abmn, _apart(abmn))
    with np.errstate(invalid="ignore", over="ignore"):
        same = both & (np.abs(k * r - other) <= 2e-3 * np.abs(other))
        much = both & (other > SMALL * np.abs(r))
    if both.any() and same.sum() >= SAME * both.sum():
        text = "the value after R is k R: taken as the apparent resistivity of a forward run"
        return Layout((RESISTANCE, RHOA), (Remark("kept", text, (), len(r)),))
    if np.any(other[both] < 0.0):
        text = "the value after R has a sign: taken as phase in mrad (cR2, cR3t)"
        return Layout((RESISTANCE, PHASE), (Remark("kept", text, (), len(r)),))
    if much.sum() <= 0.5 * both.sum():
        text = "the value after R is never negative and small: taken as error in ohm (R2, R3t)"
        return Layout((RESISTANCE, ERROR), (Remark("kept", text, (), len(r)),))
    text = "the value after R is no phase below 0, no error below |R|, not k R: not used"
    return Layout((RESISTANCE, UNKNOWN), (Remark("warning", text, (), len(r)),))


def _apart(abmn: Integers) -> Booleans:
    """Mark rows whose four electrodes differ and are not all remote at one end."""
    ordered = np.sort(abmn, axis=1)
    twice = (np.diff(ordered, axis=1) == 0) & (ordered[:, 1:] != REMOTE)
    near = (abmn != REMOTE).reshape(-1, 2, 2).any(axis=2).all(axis=1)
    apart: Booleans = near & ~twice.any(axis=1)
    return apart


def _values(layout: Layout, values: Floats) -> Values:
    found: dict[str, Floats] = {}
    for j, (name, _, unit, _) in enumerate(layout.columns):
        factor = MILLIRADIAN if unit == "mrad" else 1.0
        key = "absolute_error" if name == "standard_deviation" else name
        if key:
            found[key] = values[:, j] * factor
    return Values(**found)


def _columns(rows: Rows, layout: Layout) -> tuple[Column, ...]:
    step = rows.names // 4
    places = [
        Column(name, f"{'string and ' if step == 2 else ''}electrode", "", 2 + step * i)
        for i, name in enumerate("abmn")
    ]
    after = [
        Column(name, token, unit, rows.names + 2 + j, note)
        for j, (name, token, unit, note) in enumerate(layout.columns)
    ]
    return (Column("", "index", "", 1), *places, *after)


FORMAT = Format(NAME, "R2, cR2, R3t, cR3t protocol.dat with elec.csv", evidence, read,
                write=write_r2, carries=("IP", "3-D", "topography"))  # fmt: skip
