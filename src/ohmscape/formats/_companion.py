"""Positions of electrodes for files that only number them: given, or in a file beside."""

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ohmscape.core import REMOTE, Booleans, Electrodes, Floats, Integers, Remark
from ohmscape.errors import SurveyError
from ohmscape.formats._source import Source, head_of, load, quote
from ohmscape.formats._text import lines_of, number

LIMIT = 20_000_000  #: bytes of a list of electrodes
AXES = ("x", "y", "z")
NAMED = frozenset({*AXES, "label", "buried", "remote"})
MEND = (
    "put elec.csv beside the file (header x,y,z, one row per electrode in the order of their"
    " numbers), or give read(path, electrodes=...)"
)


@dataclass(frozen=True, eq=False)
class Companion:
    """Electrodes that a file only numbers.

    `index` and `names` have one entry for each row of the list, electrodes at infinity too.
    """

    electrodes: Electrodes
    index: Integers  #: (n_rows,) rows of `electrodes`, or `REMOTE`
    names: tuple[str, ...]  #: labels of the rows, 1, 2, ... where the list has none
    labelled: bool  #: the list names its electrodes
    remarks: tuple[Remark, ...] = ()


def beside(source: Source) -> Path | None:
    """Return the list of electrodes beside a file, None if there is none."""
    folder, stem = source.path.parent, source.path.stem
    paths = (folder / name for name in (f"{stem}.elec.csv", "elec.csv", "elec.dat"))
    return next((path for path in paths if path.is_file()), None)


def companion(source: Source, what: str) -> Companion:
    """Return the electrodes that were given, or those of a list beside the file.

    Parameters
    ----------
    source : Source
        With `electrodes` if they were given.
    what : str
        What the file holds instead of positions, for the error.

    Raises
    ------
    FormatError
        No list, or one that cannot be read; says how to give positions.
    """
    given = source.electrodes
    if isinstance(given, Path):
        return _from_file(given)
    if isinstance(given, Electrodes):
        return _whole(given, labelled=True)
    if given is not None:
        try:
            electrodes = Electrodes(np.asarray(given, dtype=np.float64))
        except (ValueError, TypeError, SurveyError) as error:
            raise source.fault(
                f"electrodes that were given are no positions: {error}", mend="give (n, 3): x, y, z"
            ) from error
        return _whole(electrodes, labelled=False)
    path = beside(source)
    if path is not None:
        return _from_file(path)
    raise source.fault(f"holds {what} but no positions", mend=MEND)


def _whole(electrodes: Electrodes, *, labelled: bool) -> Companion:
    n = len(electrodes)
    note = Remark("kept", f"{n} electrodes as given with the call", (), n)
    index = np.arange(n, dtype=np.int64)
    return Companion(electrodes, index, electrodes.labels, labelled, (note,))


def _from_file(path: Path) -> Companion:
    _, size = head_of(path)
    source = load(path, size, LIMIT)
    rows, numbers = _cells(source)
    names = [cell.strip().lower() for cell in rows[0]]
    if "x" in names:
        rows, numbers = rows[1:], numbers[1:]
    elif all(number(cell.strip()) is not None for cell in rows[0]) and len(rows[0]) in (2, 3):
        names = ["x", "z"] if len(rows[0]) == 2 else list(AXES)
    else:
        raise source.fault(
            "columns are not named and are not x z or x y z",
            line=numbers[0],
            mend="begin with the header x,y,z (label, buried and remote may follow)",
        )
    if not rows:
        raise source.fault("no electrodes below the header", line=1, mend="give one row for each")
    if len(set(names)) != len(names):
        raise source.fault("header names a column twice", line=1, mend="keep one")
    positions, filled = _positions(source, rows, numbers, names)
    labels = _column(rows, names, "label")
    digest = hashlib.sha256(source.content).hexdigest()
    text = f"{len(rows)} electrodes from {path.name} (SHA-256 {digest})"
    remarks = [Remark("kept", text, (), len(rows)), *filled]
    unknown = [name for name in names if name not in NAMED]
    if unknown:
        text = f"columns {', '.join(unknown)[:60]} of {path.name} are not used"
        remarks.append(Remark("warning", text))
    buried = _flags(source, rows, numbers, names, "buried")
    remote = _flags(source, rows, numbers, names, "remote")
    near = ~remote
    if not near.any():
        raise source.fault("all electrodes are marked as remote", line=numbers[0], mend="mend it")
    words = labels or tuple(str(i + 1) for i in range(len(rows)))
    electrodes = Electrodes(
        positions[near],
        [word for word, ok in zip(words, near, strict=True) if ok],
        buried[near] if "buried" in names else None,
    )
    index = np.where(near, np.cumsum(near) - 1, REMOTE).astype(np.int64)
    return Companion(electrodes, index, words, bool(labels), tuple(remarks))


def _cells(source: Source) -> tuple[list[list[str]], list[int]]:
    lines = lines_of(source)
    kept = [(i + 1, line) for i, line in enumerate(lines) if line.strip().strip(",;\t ")]
    if not kept:
        raise source.fault("holds nothing", line=1, mend="give x,y,z of each electrode")
    first = kept[0][1]
    separator = next((s for s in (";", ",", "\t") if s in first), None)
    if separator is None:
        return [line.split() for _, line in kept], [i for i, _ in kept]
    if separator == ";":  # then a comma is a decimal mark
        kept = [(i, line.replace(",", ".")) for i, line in kept]
    try:
        rows = list(csv.reader([line for _, line in kept], delimiter=separator))
    except csv.Error as error:
        raise source.fault(f"is no table: {error}", mend="export it again") from error
    if len(rows) != len(kept):
        raise source.fault("a quote is not closed", mend="close it")
    return rows, [i for i, _ in kept]


def _positions(
    source: Source, rows: Sequence[Sequence[str]], numbers: Sequence[int], names: Sequence[str]
) -> tuple[Floats, list[Remark]]:
    out = np.full((len(rows), 3), np.nan)
    for axis, name in enumerate(AXES):
        if name not in names:
            out[:, axis] = 0.0
            continue
        j = names.index(name)
        for i, row in enumerate(rows):
            cell = row[j].strip() if j < len(row) else ""
            value = number(cell)
            if value is None:
                raise source.fault(
                    f"{quote(cell)} is not a position", line=numbers[i], column=j + 1,
                    mend="write a number; a decimal comma needs ; between the columns",
                )  # fmt: skip
            out[i, axis] = value
    missing = np.flatnonzero(~np.isfinite(out[:, :2]).all(axis=1))
    if len(missing):
        raise source.fault("electrode without x or y", line=numbers[missing[0]], mend="give both")
    return _with_heights(out, numbers)


def _with_heights(positions: Floats, numbers: Sequence[int]) -> tuple[Floats, list[Remark]]:
    """Fill heights that are not stated by those of the neighbours in the list."""
    unknown = ~np.isfinite(positions[:, 2])
    if not unknown.any():
        return positions, []
    lines = tuple(numbers[i] for i in np.flatnonzero(unknown).tolist())
    if unknown.all():
        positions[:, 2] = 0.0
        text = "electrodes have no heights: taken as 0"
        return positions, [Remark("warning", text, lines, int(unknown.sum()))]
    step = np.hypot(*np.diff(positions[:, :2], axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(step)])
    known = ~unknown
    positions[unknown, 2] = np.interp(along[unknown], along[known], positions[known, 2])
    text = f"{int(unknown.sum())} electrodes have no height: interpolated along the list"
    return positions, [Remark("repaired", text, lines, int(unknown.sum()))]


def _column(rows: Sequence[Sequence[str]], names: Sequence[str], name: str) -> tuple[str, ...]:
    if name not in names:
        return ()
    j = names.index(name)
    return tuple(" ".join(row[j].split()) if j < len(row) else "" for row in rows)


def _flags(
    source: Source,
    rows: Sequence[Sequence[str]],
    numbers: Sequence[int],
    names: Sequence[str],
    name: str,
) -> Booleans:
    out = np.zeros(len(rows), dtype=np.bool_)
    for i, cell in enumerate(_column(rows, names, name)):
        word = cell.lower()
        if word not in ("", "0", "1", "true", "false", "0.0", "1.0"):
            raise source.fault(
                f"{name} is {quote(cell)}", line=numbers[i], column=names.index(name) + 1,
                mend="write 0 or 1",
            )  # fmt: skip
        out[i] = word in ("1", "true", "1.0")
    return out
