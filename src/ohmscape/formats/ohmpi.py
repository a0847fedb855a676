"""OhmPi files (.csv): one header of names with units in brackets, electrodes by number only.

Names changed from version to version (``A``, ``Vmn [mV]``, ``R [ohm]``; later ``a``,
``vmn_[mV]``, ``r_[Ohm]``): case, blanks and underscores are not looked at.
Source: public sample file.
"""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ohmscape.core import Column, Data, Floats, Remark
from ohmscape.formats._assemble import Draft, Values, assemble
from ohmscape.formats._dates import seconds_of
from ohmscape.formats._delimited import columns_of
from ohmscape.formats._numbered import placed
from ohmscape.formats._source import Evidence, Format, Source, quote
from ohmscape.formats._text import head_lines, lines_of, looks_like_text

NAME = "ohmpi"
TITLE = re.compile(r"([^\[\]]{0,60}?)[_ ]*(?:\[([^\[\]]{0,20})\])?")
MILLIVOLT = {"mv": 1e-3, "v": 1.0}
NONE = {"": 1.0}

#: names without blanks and underscores -> quantity, and factors from its units to SI
QUANTITIES: dict[str, tuple[str, dict[str, float]]] = {
    "vmn": ("voltage", MILLIVOLT),
    "iab": ("current", {"ma": 1e-3, "a": 1.0}),
    "i": ("current", {"ma": 1e-3, "a": 1.0}),
    "r": ("resistance", {"ohm": 1.0}),
    "rstd": ("relative_error", {"%": 1e-2}),
    "rab": ("contact_resistance", {"kohm": 1e3, "ohm": 1.0}),
    "sp": ("self_potential", MILLIVOLT),
    "ps": ("self_potential", MILLIVOLT),
    "nbstack": ("stacks", NONE),
}
PLACES = ("a", "b", "m", "n")


@dataclass(frozen=True)
class Title:
    """One column of the header."""

    word: str
    name: str
    unit: str


def evidence(head: bytes, path: Path) -> Evidence:
    """Judge whether the head of a file is of this format."""
    del path
    if not looks_like_text(head):
        return Evidence(0.0, ("holds control characters",))
    lines = head_lines(head)
    titles = _titles(lines[0]) if lines else ()
    names = {title.name for title in titles}
    if not set(PLACES) <= names:
        return Evidence(0.0, ("first line does not name a, b, m, n",))
    score, reasons = 0.2, ["first line names a, b, m, n"]
    if "vmn" in names and names & {"iab", "i"}:
        score, reasons = score + 0.4, [*reasons, "and vmn, iab"]
    if names & {"rab", "nbstack", "injectionduration", "injtime", "ps"} and "time" in names:
        score, reasons = score + 0.3, [*reasons, "and what OhmPi adds"]
    if any(title.unit for title in titles):
        score, reasons = score + 0.1, [*reasons, "units in square brackets"]
    return Evidence(score, tuple(reasons))


def _titles(line: str) -> tuple[Title, ...]:
    titles = []
    for cell in line[:20_000].split(","):
        match = TITLE.fullmatch(cell.strip().strip('"'))
        name, unit = (match[1], match[2] or "") if match else ("", "")
        titles.append(Title(cell.strip(), re.sub(r"[_ ]", "", name).lower(), unit.lower()))
    return tuple(titles)


def read(source: Source) -> Data:
    """Return the data of a file.

    Raises
    ------
    FormatError, SurveyError
        The file cannot be read; says where and how to mend it.
    """
    lines = lines_of(source)
    titles = _titles(lines[0]) if lines else ()
    where = _where(source, titles)
    filled = [i for i in range(1, len(lines)) if lines[i].strip(", \t")]
    if not filled:
        raise source.fault("no rows below the header", line=1, mend="export it again")
    rows = _unquoted(source, [lines[i] for i in filled])
    numbers = np.array(filled, dtype=np.int64) + 1
    used = [*PLACES, *(name for name in QUANTITIES if name in where)]
    cells, short = columns_of(
        source, rows, numbers.tolist(), [where[name] for name in used], separator=","
    )
    ids = cells[:, :4]
    ids[ids == 0.0] = np.nan  # an electrode that the multiplexer does not switch
    values, notes = _values(titles, where, {n: cells[:, i] for i, n in enumerate(used)}, rows)
    electrodes = placed(source, ids, numbers, where["a"] + 1)
    return assemble(
        Draft(
            source=source,
            format=NAME,
            electrodes=electrodes.electrodes,
            abmn=electrodes.abmn,
            rows=numbers,
            values=values,
            keys=rows,
            columns=_columns(titles),
            faults=((short, "incomplete row"),),
            remarks=(*electrodes.remarks, *notes),
        )
    )


def _where(source: Source, titles: Sequence[Title]) -> dict[str, int]:
    where: dict[str, int] = {}
    for j, title in enumerate(titles):
        where.setdefault(title.name, j)
        factors = QUANTITIES.get(title.name, ("", {}))[1]
        if factors and title.unit not in factors:
            raise source.fault(
                f"unit of column {quote(title.word)} is not known", line=1, column=j + 1,
                mend=f"use one of {', '.join(factors)} in square brackets",
            )  # fmt: skip
    missing = [name for name in PLACES if name not in where]
    if missing:
        raise source.fault(
            f"no column {', '.join(missing)}", line=1, mend="restore the header of the file"
        )
    if "r" not in where and not ("vmn" in where and {"iab", "i"} & set(where)):
        raise source.fault("no column r, and not vmn and iab", line=1, mend="export it again")
    return where


def _unquoted(source: Source, rows: list[str]) -> list[str]:
    """Return rows without quotes; what they hold keeps no commas."""
    if not any('"' in row for row in rows):
        return rows
    try:
        parts = list(csv.reader(rows))
    except csv.Error as error:
        raise source.fault(f"is no table: {error}", mend="export it again") from error
    if len(parts) != len(rows):
        raise source.fault("a quote is not closed", mend="close it")
    return [",".join(cell.replace(",", " ") for cell in row) for row in parts]


def _values(
    titles: Sequence[Title],
    where: dict[str, int],
    columns: dict[str, Floats],
    rows: Sequence[str],
) -> tuple[Values, list[Remark]]:
    si: dict[str, Floats] = {}
    for name, (quantity, factors) in QUANTITIES.items():
        if name in columns:
            si.setdefault(quantity, columns[name] * factors[titles[where[name]].unit])
    notes = []
    if "relative_error" in si:
        si["relative_error"] = np.abs(si["relative_error"])
    if "resistance" in si and "voltage" in si and "current" in si:
        text = "r is the mean of the ratios of all samples, not the ratio of the means vmn and iab"
        notes.append(Remark("kept", text))
    if "time" in where:
        at = where["time"]
        texts = [row.split(",", at + 1)[at].strip() if row.count(",") >= at else "" for row in rows]
        time, why = seconds_of(texts)
        if np.isfinite(time).any():
            si["time"] = time
        missing = int(np.isnan(time).sum())
        if missing:
            text = f"dates: {why}; {missing} without a time"
            notes.append(Remark("warning", text, (), missing))
    return Values(**si), notes


def _columns(titles: Sequence[Title]) -> tuple[Column, ...]:
    columns = []
    for j, title in enumerate(titles):
        quantity, factors = QUANTITIES.get(title.name, ("", {}))
        factor = factors.get(title.unit, 1.0)
        note = "" if factor == 1.0 else f"x {factor:g} to SI"
        if title.name in PLACES:
            quantity, note = title.name, "electrode number, from 1"
        elif title.name == "time":
            quantity, note = "time", "as s since 1970-01-01"
        elif quantity == "relative_error":
            quantity, note = "standard_deviation", "x 0.01 x |R| to ohm, without sign"
        columns.append(Column(quantity, title.word, title.unit, j + 1, note))
    return tuple(columns)


FORMAT = Format(NAME, "OhmPi", evidence, read, carries=("3-D", "topography"))
