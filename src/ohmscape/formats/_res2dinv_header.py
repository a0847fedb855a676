"""The header of a Res2DInv file: title, spacing, array, counts, flags, IP and error lines."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ohmscape.core import Floats
from ohmscape.formats._res2dinv_boreholes import Holes, holes_of
from ohmscape.formats._res2dinv_lines import Lines, cells_of, is_text, title_at
from ohmscape.formats._source import Source
from ohmscape.formats._text import number, unreadable

CODES = {
    1: "Wenner", 2: "pole-pole", 3: "dipole-dipole", 4: "Wenner beta", 5: "Wenner gamma",
    6: "pole-dipole", 7: "Schlumberger", 8: "equatorial dipole-dipole",
    9: "non-conventional", 10: "offset pole-dipole", 11: "general array",
    12: "cross-borehole, apparent resistivity", 13: "cross-borehole, resistance", 15: "gradient",
}  # fmt: skip
GENERAL = 11
BOREHOLES = (12, 13)  #: apparent resistivity, resistance
IF_GENERAL = (9, 10, 15)  #: their index rows are in no document we have
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
    general: bool  #: rows hold their electrodes
    holes: Holes | None  #: electrodes listed before cross-borehole data
    end: int  #: index of the line after the header


def header_of(source: Source, lines: Sequence[str]) -> Header:
    """Return the header.

    Raises
    ------
    FormatError
        A line that is not what it must be, or an array that is not read yet.
    """
    first = title_at(lines)
    title = lines[first].strip() if first < len(lines) else ""
    it = Lines(source, lines, first + 1)
    line = it.at + 1
    spacing = it.number("unit electrode spacing")
    if spacing <= 0.0:
        raise source.fault("unit electrode spacing is not positive", line=line, mend="give metres")
    code = _code(source, it)
    resistance, breadth = False, 0.0
    remotes, exact = np.zeros((0, 3)), True
    if code == GENERAL or (code in IF_GENERAL and is_text(it.second())):
        resistance = _general(it)
    resistance = resistance or code == BOREHOLES[1]
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
    holes = holes_of(source, it) if code in BOREHOLES else None
    header = Header(
        title, spacing, code, resistance, count, location, polarisation, errors, breadth,
        remotes, exact, code == GENERAL or code in (*BOREHOLES, *IF_GENERAL), holes, it.at,
    )  # fmt: skip
    if code in IF_GENERAL:
        _check_general(source, header, it.text())
    return header


def _check_general(source: Source, header: Header, row: str) -> None:
    """Refuse rows that do not hold their electrodes."""
    ip = 0 if header.polarisation is None else header.polarisation.columns
    values = (1 + ip) * (2 if header.errors else 1)
    cells = cells_of(row)
    how_many = number(cells[0]) if cells else None
    if how_many not in (2.0, 3.0, 4.0) or len(cells) != 1 + 2 * int(how_many) + values:
        raise source.fault(
            f"array code {header.code} ({CODES[header.code]}): rows do not hold their electrodes,"
            " and the index form of this array is in no document we have",
            line=header.end + 1,
            mend="export as general array (code 11)",
        )


def _code(source: Source, it: Lines) -> int:
    line = it.at + 1
    code = it.whole("array code")
    if code not in CODES:
        raise source.fault(
            f"array code {code} is not one of Res2DInv's",
            line=line,
            mend="give one of " + ", ".join(f"{c} ({n})" for c, n in CODES.items()),
        )
    return code


def _general(it: Lines) -> bool:
    it.whole("sub-array code")
    if is_text(it.text()):
        it.take("type of measurement")
    return it.whole("type of measurement", (0, 1)) == 1


def _remotes(source: Source, it: Lines, how_many: int) -> tuple[Floats, bool]:
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


def _polarisation(source: Source, it: Lines) -> Polarisation:
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


def _error_lines(source: Source, it: Lines) -> bool:
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
