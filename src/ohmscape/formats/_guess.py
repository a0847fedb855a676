"""Guesses of what the columns of a delimited text are: offered to a person, never acted on."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ohmscape.formats._mapping import DELIMITERS, STATED, UNITS
from ohmscape.formats._source import head_of
from ohmscape.formats._text import head_lines, number

HEADER = 30  #: lines among which the first row of numbers is looked for
SHOWN = 4  #: rows that are shown
NAMED = re.compile(r"^\s*(?P<name>.*?)\s*(?:[\[(/](?P<unit>[^\])]*)[\])]?)?\s*$")

#: quantity -> what headers call it, lower case, without blanks, points and underlines
WORDS = {
    "a": "a c1 tx1 c1no", "b": "b c2 tx2 c2no", "m": "m p1 rx1 p1no", "n": "n p2 rx2 p2no",
    **{f"{axis}{e}": f"{axis}{e} {e}{axis} {axis}{w}" for axis in "xyz"
       for e, w in zip("abmn", ("c1", "c2", "p1", "p2"), strict=True)},
    "x": "x xloc location station 位置", "spacing": "spacing aspacing 间距",
    "level": "level nfactor 层",
    "r": "r res resistance ohm v/i 电阻", "k": "k kfactor geometricfactor 装置系数",
    "rhoa": "rho rhoa rhos appres apprho apparentresistivity resistivity ρ ρs ρa 视电阻率",
    "u": "u v vp vmn dv du voltage umn 电压 电位差", "i": "i in iab current 电流",
    "err": "err error dev std stdev stdev% deviation 误差 均方差",
    "phase": "phase phi phasea 相位", "ip": "ip chargeability 极化率 视极化率",
    "sp": "sp ps ep selfpotential 自然电位 自电", "stacks": "stack stacks nstack nbstack cycles",
    "contact": "contact rc rs rab rcontact 接地电阻",
    "time": "time date datetime timestamp 时间 日期",
}  # fmt: skip
QUANTITY = {word: name for name, words in WORDS.items() for word in words.split()}
#: units as headers write them, lower case, without blanks -> ours
SAID = {
    "mv": "mV", "v": "V", "uv": "uV", "µv": "uV", "ma": "mA", "a": "A", "ua": "uA", "µa": "uA",
    "ohm": "ohm", "ω": "ohm", "ohms": "ohm", "kohm": "kohm", "kω": "kohm", "ohmm": "ohm m",
    "ohm.m": "ohm m", "ohm*m": "ohm m", "ohm-m": "ohm m", "ωm": "ohm m", "ω·m": "ohm m",
    "ω.m": "ohm m", "%": "%", "mv/v": "mV/V", "mrad": "mrad", "rad": "rad", "deg": "deg",
    "°": "deg", "m": "m", "cm": "cm", "mm": "mm", "ft": "ft", "feet": "ft", "s": "s",
}  # fmt: skip


@dataclass(frozen=True)
class Guess:
    """What a delimited text seems to hold."""

    delimiter: str  #: one of `DELIMITERS`
    decimal: str
    header_rows: int
    names: tuple[str, ...]  #: of the columns, "" where the header has none
    rows: tuple[tuple[str, ...], ...]  #: cells of the first rows
    columns: tuple[tuple[str, str], ...]  #: quantity ("" if not known) and unit ("" if none said)


def guess(path: Path, *, delimiter: str = "", decimal: str = "") -> Guess:
    """Return what the columns of a delimited text seem to be.

    Parameters
    ----------
    path : Path
    delimiter, decimal : str
        Those that are known.

    Raises
    ------
    FormatError
        Nothing there, or not readable.
    """
    head, _ = head_of(path)
    lines = [line for line in head_lines(head) if line.strip()]
    split = delimiter or _delimiter(lines)
    point = decimal or _decimal(lines, split)
    first = _first_row(lines, split, point)
    rows = tuple(tuple(cells(line, split)) for line in lines[first : first + SHOWN])
    names = _names(lines[:first], split, max(map(len, rows), default=0))
    before = _lines_before(head_lines(head), first)
    return Guess(split, point, before, names, rows, tuple(map(meaning, names)))


def cells(line: str, delimiter: str) -> list[str]:
    """Return the cells of a line."""
    return [cell.strip().strip('"') for cell in line.split(DELIMITERS[delimiter])]


def meaning(name: str) -> tuple[str, str]:
    """Return the quantity and the unit that the name of a column speaks of, "" where unknown.

    Examples
    --------
    >>> meaning("Vmn [mV]")
    ('u', 'mV')
    """
    found = NAMED.match(name)
    word, unit = (found["name"], found["unit"] or "") if found else (name, "")
    key = re.sub(r"[\s._]", "", word.lower())
    place = re.sub(r"[\s._\[\]()]", "", name.lower())  # "A(x)" is no A in units of x
    quantity = QUANTITY.get(place, "") or QUANTITY.get(key, "")
    said = SAID.get(re.sub(r"\s", "", unit.lower()), "")
    known = UNITS.get(quantity, {})
    if said not in known:
        said = next(iter(known), "") if quantity not in STATED else ""
    return quantity, said


def _delimiter(lines: Sequence[str]) -> str:
    """Return the delimiter that cuts most of the rows into the same number of cells."""

    def steadiness(name: str) -> tuple[float, int]:
        counts = [len(cells(line, name)) for line in lines[-50:]]
        usual = max(set(counts), key=counts.count) if counts else 0
        return (counts.count(usual) / max(len(counts), 1) if usual > 1 else 0.0), usual

    order = ("tab", ";", "|", ",", "blank")
    return max(order, key=lambda name: (round(steadiness(name)[0], 1), -order.index(name)))


def _decimal(lines: Sequence[str], delimiter: str) -> str:
    commas = points = 0
    for line in lines[-50:]:
        for cell in cells(line, delimiter):
            commas += bool(re.fullmatch(r"[+-]?\d*,\d+", cell))
            points += bool(re.fullmatch(r"[+-]?\d*\.\d+", cell))
    return "," if delimiter != "," and commas > points else "."


def _first_row(lines: Sequence[str], delimiter: str, decimal: str) -> int:
    """Return the first line of which at least half are numbers."""
    for i, line in enumerate(lines[:HEADER]):
        row = cells(line, delimiter)
        figures = sum(bool(c) and number(c.replace(decimal, ".")) is not None for c in row)
        if len(row) > 2 and figures >= max(3, 0.5 * len(row)):
            return i
    return 0


def _names(head: Sequence[str], delimiter: str, width: int) -> tuple[str, ...]:
    """Return the names in the line above the rows that has most of them, padded to the width."""
    best: list[str] = []
    for line in head:
        row = cells(line, delimiter)
        if abs(len(row) - width) <= abs(len(best) - width):
            best = row
    return tuple((best + [""] * width)[:width])


def _lines_before(lines: Sequence[str], first: int) -> int:
    """Return how many lines, blank ones too, stand before the first row."""
    seen = 0
    for i, line in enumerate(lines):
        if line.strip():
            if seen == first:
                return i
            seen += 1
    return 0
