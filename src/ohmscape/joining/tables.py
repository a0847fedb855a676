"""Small tables that a field crew types: delimited text whose header names the columns."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ohmscape.core.types import Floats
from ohmscape.errors import FormatError

LIMIT = 20_000_000  #: bytes of a table
#: our word -> what else a header may call it
WORDS = {
    "x": ("easting", "east", "e"),
    "y": ("northing", "north", "n"),
    "z": ("elevation", "height", "altitude", "h", "elev"),
    "lat": ("latitude",),
    "lon": ("longitude", "long", "lng"),
    "distance": ("dist", "chainage", "station"),
    "tape": ("tape distance", "along"),
    "electrode": ("label", "elec", "no", "nr", "id"),
    "hole": ("hole_id", "holeid", "well", "borehole", "bhid", "hole id"),
    "from": ("top", "depth_from"),
    "to": ("bottom", "base", "depth_to"),
    "lithology": ("lith", "rock", "unit", "formation"),
    "resistivity": ("rho", "res"),
    "azimuth": ("azi", "bearing"),
    "dip": ("inclination",),
    "depth": ("length", "md", "total_depth"),
}
UNITS = {"", "m", "deg", "degrees", "\N{DEGREE SIGN}", "ohm m", "ohmm", "ohm.m", "\u03a9m"}


@dataclass(frozen=True)
class Table:
    """Rows of text below a header."""

    path: Path
    names: tuple[str, ...]  #: our words where there is one, else the header's, in lower case
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]  #: line number of each row, from 1

    def __len__(self) -> int:
        return len(self.rows)

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def words(self, name: str) -> tuple[str, ...]:
        """Return a column as text, "" where a row is too short or has nothing there."""
        j = self.names.index(name)
        return tuple(row[j].strip() if j < len(row) else "" for row in self.rows)

    def numbers(self, name: str, *, gaps: bool = False) -> Floats:
        """Return a column as numbers, shape (n_rows,).

        Parameters
        ----------
        name : str
        gaps : bool
            A cell may be empty: NaN.

        Raises
        ------
        FormatError
            A cell that is no number.
        """
        out = np.full(len(self), np.nan)
        for i, cell in enumerate(self.words(name)):
            if not cell and gaps:
                continue
            try:
                out[i] = float(cell)
            except ValueError:
                out[i] = np.nan
            if not np.isfinite(out[i]):
                raise self.fault(i, f"{name} is {cell[:40]!r}", "write a number")
        return out

    def fault(self, row: int, what: str, mend: str) -> FormatError:
        """Return the error that names the file and the line of a row."""
        return FormatError(what, where=f"{self.path}, line {self.lines[row]}", mend=mend)


def read_table(path: Path, wanted: Sequence[Sequence[str]]) -> Table:
    """Read a table whose header names the columns.

    Parameters
    ----------
    path : Path
        Separated by ``;``, ``,``, tabs or blanks; with ``;`` or tabs a comma is a decimal mark.
        Lines that begin with ``#`` are left out.
    wanted : sequence of sequences of str
        Sets of columns; the table must have all of one set.

    Returns
    -------
    Table

    Raises
    ------
    FormatError
        Not readable, no header, or none of the sets is complete.
    """
    kept = [
        (i + 1, line)
        for i, line in enumerate(_text(path).splitlines())
        if line.strip().strip(",;\t ") and not line.lstrip().startswith("#")
    ]
    sets = " or ".join(",".join(names) for names in wanted)
    if not kept:
        raise FormatError("holds nothing", where=str(path), mend=f"begin with a header: {sets}")
    cells = _cells(path, [line for _, line in kept])
    names = tuple(_word(path, cell) for cell in cells[0])
    if not any(set(one) <= set(names) for one in wanted):
        raise FormatError(
            f"the header names {', '.join(names)[:60]}",
            where=f"{path}, line {kept[0][0]}",
            mend=f"name {sets}",
        )
    repeated = [name for name in names if name and names.count(name) > 1]
    if repeated:
        raise FormatError(f"the header names {repeated[0]} twice", where=str(path), mend="keep one")
    if len(cells) < 2:
        raise FormatError("no row below the header", where=str(path), mend="add one")
    lines = tuple(i for i, _ in kept[1:])
    return Table(path, names, tuple(tuple(row) for row in cells[1:]), lines)


def _text(path: Path) -> str:
    try:
        size = path.stat().st_size
        if size > LIMIT:
            raise FormatError(
                f"{size / 1e6:.0f} MB is too big for a table", where=str(path), mend="cut it"
            )
        content = path.read_bytes()
    except OSError as error:
        raise FormatError(
            f"cannot be read: {error.strerror or error}", where=str(path), mend="check the name"
        ) from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _cells(path: Path, lines: Sequence[str]) -> list[list[str]]:
    separator = next((s for s in (";", "\t", ",") if s in lines[0]), None)
    if separator is None:
        return [line.split() for line in lines]
    try:
        rows = list(csv.reader(lines, delimiter=separator))
    except csv.Error as error:
        raise FormatError(f"is no table: {error}", where=str(path), mend="export again") from error
    if len(rows) != len(lines):
        raise FormatError("a quote is not closed", where=str(path), mend="close it")
    if separator == ",":
        return rows
    return [rows[0], *([_with_point(cell) for cell in row] for row in rows[1:])]


def _with_point(cell: str) -> str:
    """Return a number with a decimal comma as one with a point; other words as they are."""
    changed = cell.replace(",", ".", 1)
    try:
        float(changed)
    except ValueError:
        return cell
    return changed


def _word(path: Path, cell: str) -> str:
    """Return our word for a column; a unit in brackets has to be one that we use."""
    name, _, unit = cell.strip().lower().replace("[", "(").partition("(")
    unit = unit.strip(")] ")
    if unit not in UNITS:
        raise FormatError(
            f"column {cell.strip()[:40]!r} is in {unit}", where=str(path), mend="give m and degrees"
        )
    name = name.strip()
    return next((ours for ours, others in WORDS.items() if name in others), name)
