"""The header of a Res2DInv file: title, spacing, array, counts, flags, IP and error lines."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ohmscape.core import Floats
from ohmscape.formats._source import Source, quote
from ohmscape.formats._text import number, unreadable

CODES = {
    1: "Wenner", 2: "pole-pole", 3: "dipole-dipole", 4: "Wenner beta", 5: "Wenner gamma",
    6: "pole-dipole", 7: "Schlumberger", 8: "equatorial dipole-dipole", 11: "general array",
}  # fmt: skip
LATER = {
    9: "non-conventional", 10: "offset pole-dipole", 12: "cross-borehole, apparent resistivity",
    13: "cross-borehole, resistance", 15: "gradient",
}  # fmt: skip
GENERAL = 11
FIRST, MIDDLE, ALONG = 0, 1, 2  #: what the x of an index row is


@dataclass(frozen=True, eq=False)
class Polarisation:
    """What the IP columns hold."""

    quantity: str  #: "chargeability", "phase" or "" (kept in the file only)
    unit: str
    factor: float  #: to V/V or rad
    start: Floats  #: (n_gates,) s, empty if there is one column without gates
    width: Floats  #: (n_gates,) s
    note: str = ""

    @property
    def columns(self) -> int:
        """Number of IP columns in a row."""
        return max(len(self.width), 1)


@dataclass(frozen=True, eq=False)
class Header:
    """All before the rows."""

    title: str
    spacing: float  #: m
    code: int
    resistance: bool  #: rows hold ohm, not ohm m
    count: int
    location: int
    polarisation: Polarisation | None
    errors: bool  #: each value is followed by its error
    breadth: float  #: m, dipole length of array 8
    remotes: Floats  #: (0 to 2, 3) places of C2 and P2 in m where the file states them
    exact: bool  #: rho_a allows for these places
    end: int  #: index of the line after the header


def next_line(lines: Sequence[str], start: int) -> int:
    """Return the index of the next line that is not blank or a ``;`` comment."""
    for i in range(start, len(lines)):
        text = lines[i].lstrip()
        if text and not text.startswith(";"):
            return i
    return len(lines)


def title_at(lines: Sequence[str]) -> int:
    """Return the index of the title: the first line that is no comment, even if it is blank."""
    at = 0
    while at < len(lines) and lines[at].lstrip().startswith(";"):
        at += 1
    return at


def cells_of(line: str) -> list[str]:
    """Return the cells of a line; separators are commas, blanks and tabs."""
    return line.split(";", 1)[0].replace(",", " ").split()


def is_text(line: str) -> bool:
    """Whether a line begins with a word."""
    cells = cells_of(line)
    return bool(cells) and number(cells[0]) is None


class _Lines:
    """The lines of a header, taken one after the other."""

    def __init__(self, source: Source, lines: Sequence[str], start: int) -> None:
        self._source = source
        self._lines = lines
        self.at = next_line(lines, start)

    def text(self) -> str:
        """Return the next line, "" after the last one, without taking it."""
        return self._lines[self.at].strip() if self.at < len(self._lines) else ""

    def take(self, what: str) -> str:
        """Return the next line."""
        if self.at >= len(self._lines):
            raise self._source.fault(
                f"ends before {what}", line=len(self._lines), mend="restore the whole file"
            )
        text = self.text()
        self.at = next_line(self._lines, self.at + 1)
        return text

    def number(self, what: str) -> float:
        """Return the number in the next line."""
        line = self.at + 1
        text = self.take(what)
        cells = cells_of(text)
        value = number(re.sub(r"(?<=\d)[RLrl]$", "", cells[0])) if cells else None
        if value is None or not np.isfinite(value):
            raise self._source.fault(
                f"{what} expected, found {quote(text)}", line=line, mend="give the number"
            )
        if len(cells) > 1 and number(cells[1]) is not None:
            raise self._source.fault(
                f"{what} expected, found several numbers: {quote(text)}",
                line=line,
                mend="give one number; write a decimal comma as a point",
            )
        return value

    def whole(self, what: str, allowed: Sequence[int] = ()) -> int:
        """Return the whole number in the next line."""
        line, text = self.at + 1, self.text()
        value = self.number(what)
        if value != round(value) or abs(value) > 1e12 or (allowed and value not in allowed):
            these = f"one of {', '.join(str(a) for a in allowed)}" if allowed else "a whole number"
            raise self._source.fault(
                f"{what} cannot be {quote(text)}", line=line, mend=f"give {these}"
            )
        return int(value)


def header_of(source: Source, lines: Sequence[str]) -> Header:
    """Return the header.

    Raises
    ------
    FormatError
        A line that is not what it must be, or an array that is not read yet.
    """
    first = title_at(lines)
    title = lines[first].strip() if first < len(lines) else ""
    it = _Lines(source, lines, first + 1)
    line = it.at + 1
    spacing = it.number("unit electrode spacing")
    if spacing <= 0.0:
        raise source.fault("unit electrode spacing is not positive", line=line, mend="give metres")
    code = _code(source, it)
    resistance, breadth = False, 0.0
    remotes, exact = np.zeros((0, 3)), True
    if code == GENERAL:
        resistance = _general(it)
    if code in (2, 6) and it.text().lower().startswith("remote"):
        remotes, exact = _remotes(source, it, 2 if code == 2 else 1)
    if code == 8:
        breadth = it.number("dipole length b of the equatorial array")
    line = it.at + 1
    count = it.whole("number of readings")
    if count < 1:
        raise source.fault(f"{count} readings announced", line=line, mend="correct the count")
    location = it.whole("type of x-location", (FIRST, MIDDLE, ALONG))
    polarised = it.whole("IP flag", (0, 1)) == 1
    polarisation = _polarisation(source, it) if polarised else None
    errors = _error_lines(source, it)
    return Header(
        title, spacing, code, resistance, count, location, polarisation, errors, breadth,
        remotes, exact, it.at,
    )  # fmt: skip


def _code(source: Source, it: _Lines) -> int:
    line = it.at + 1
    code = it.whole("array code")
    if code in LATER:
        raise source.fault(
            f"array code {code} ({LATER[code]}) is not read yet",
            line=line,
            mend="export as general array (code 11), or wait for the next version",
        )
    if code not in CODES:
        raise source.fault(
            f"array code {code} is not one of Res2DInv's",
            line=line,
            mend="give one of " + ", ".join(f"{c} ({n})" for c, n in CODES.items()),
        )
    return code


def _general(it: _Lines) -> bool:
    it.whole("sub-array code")
    if is_text(it.text()):
        it.take("type of measurement")
    return it.whole("type of measurement", (0, 1)) == 1


def _remotes(source: Source, it: _Lines, how_many: int) -> tuple[Floats, bool]:
    it.take("remote electrodes")
    places = []
    for _ in range(how_many):
        if not it.text().lower().startswith(("c2", "p2")):
            break
        it.take("name of the remote electrode")
        line = it.at + 1
        cells = cells_of(it.take("place of the remote electrode"))
        values = [number(cell) for cell in cells[:3]]
        if len(values) < 3 or any(v is None or not np.isfinite(v) for v in values):
            raise source.fault("place of a remote electrode is not x, y, z", line=line, mend="give")
        places.append([float(v) for v in values if v is not None])
    exact = False
    if is_text(it.text()):
        exact = it.take("kind of geometric factor").lower().startswith("exact")
    return np.array(places).reshape(-1, 3), exact


def _polarisation(source: Source, it: _Lines) -> Polarisation:
    name = it.take("name of the IP quantity")
    unit = it.take("unit of the IP quantity")
    line = it.at + 1
    cells = cells_of(it.take("delay and length of the IP window"))
    windows = []
    for j, cell in enumerate(cells):
        value = number(cell)
        if value is None or not np.isfinite(value):
            raise unreadable(source, cell, line, j + 1)
        windows.append(value)
    start, width, note = _gates(source, windows, line)
    quantity, factor, why = _ip_unit(name, unit, windows)
    notes = "; ".join(text for text in (why, note) if text)
    return Polarisation(quantity, unit, factor, start, width, notes)


def _gates(source: Source, windows: Sequence[float], line: int) -> tuple[Floats, Floats, str]:
    """Return start and width in s of the gates of ``N delay dt1 .. dtN Ton Toff``."""
    if len(windows) <= 3:
        return np.zeros(0), np.zeros(0), ""
    n = int(windows[0]) if windows[0] == round(windows[0]) else 0
    if n < 1 or len(windows) < n + 2:
        raise source.fault(
            "IP windows are not 'N delay dt1 .. dtN Ton Toff'", line=line, mend="give them so"
        )
    width, delay = np.array(windows[2 : n + 2]), windows[1]
    note = ""
    if width.max() > 60.0:
        width, delay, note = width * 1e-3, delay * 1e-3, "IP windows taken as ms"
    start = delay + np.concatenate([[0.0], np.cumsum(width)[:-1]])
    return start, width, note


def _ip_unit(name: str, unit: str, windows: Sequence[float]) -> tuple[str, float, str]:
    """Return quantity, factor to SI, and why it is not used where it is not."""
    key = unit.lower().replace(" ", "").replace(".", "")
    if key in ("mv/v", "mvolt/v", "mvolt/volt"):
        return "chargeability", 1e-3, ""
    if key in ("v/v",):
        return "chargeability", 1.0, ""
    if key in ("msec", "ms", "mvs/v", "mv-sec/v", "mvsec/v") and len(windows) == 2:
        if windows[1] > 0.0:
            return "chargeability", 1e-3 / windows[1], f"integral over {windows[1]:g} s"
        return "", 1.0, f"{name[:30]} in {unit[:10]} over a window of no length: not used"
    if key in ("mrad", "mrads", "milliradian", "milliradians"):
        return "phase", 1e-3, ""
    if key in ("rad", "radian", "radians"):
        return "phase", 1.0, ""
    if key in ("deg", "degree", "degrees", "\u00b0"):
        return "phase", float(np.pi / 180.0), ""
    return "", 1.0, f"IP as {name[:30]} in {unit[:10]} is kept in the file only"


def _error_lines(source: Source, it: _Lines) -> bool:
    if not it.text().lower().startswith("error estimate"):
        return False
    it.take("error estimates")
    if is_text(it.text()):
        it.take("type of error estimate")
    line = it.at + 1
    kind = it.whole("type of error estimate")
    if kind != 0:
        raise source.fault(
            f"type of error estimate {kind} is not known",
            line=line,
            mend="give errors in the unit of the data (type 0)",
        )
    return True
