"""ABEM multi-purpose files (.amp) of Terrameter SAS and LS: header, rows, topography.

A header line has its key at column 1 and its value at column 33. Values of a row depend on the
mode: 2 resistivity (2R resistance), 3 IP in one window, 4 IP in several. Source: ABEM Terrameter
SAS 1000 / SAS 4000 manual, appendix G.
"""

import re
from collections.abc import Sequence
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
from ohmscape.formats._abem import array_name
from ohmscape.formats._assemble import Draft, Values, assemble
from ohmscape.formats._checks import listed
from ohmscape.formats._dates import seconds_of
from ohmscape.formats._electrodes import number_places
from ohmscape.formats._gates import gates_after, mean_of_gates
from ohmscape.formats._source import Evidence, Format, Source, quote
from ohmscape.formats._text import (
    at_once,
    head_lines,
    lines_of,
    looks_like_text,
    number,
    unreadable,
    whole,
)

NAME = "abem-amp"
FAR = 1e38  #: a coordinate of this size or more is at infinity
PLACE = re.compile(r"[ABMN]\([xyz]\)")
MODES = {"1": "SP", "2": "resistivity", "2R": "resistance", "3": "IP", "4": "IP in windows"}


@dataclass(frozen=True, eq=False)
class Header:
    """What the lines before the rows say."""

    said: dict[str, str]
    rows: tuple[int, int, int]  #: of header, data, topography
    mode: str
    code: int
    axes: int  #: coordinates of each electrode
    legend: str


def evidence(head: bytes, path: Path) -> Evidence:
    """Judge whether the head of a file is of this format."""
    del path
    if not looks_like_text(head):
        return Evidence(0.0, ("holds control characters",))
    keys = {line.partition(":")[0].strip().lower() for line in head_lines(head)[:40]}
    score, reasons = 0.0, list[str]()
    for key in ("rows header/data/topography", "acquisition mode"):
        if key in keys:
            score, reasons = score + 0.5, [*reasons, f"states {key}"]
    return Evidence(score, tuple(reasons) or ("no Rows header/data/topography",))


def read(source: Source) -> Data:
    """Return the data of a file.

    Raises
    ------
    FormatError, SurveyError
        The file cannot be read; says where and how to mend it.
    """
    lines = lines_of(source)
    header = _header(source, lines)
    first, count = header.rows[0], header.rows[1]
    numbers = np.arange(first + 1, first + count + 1, dtype=np.int64)
    rows = [" ".join(line.split()) for line in lines[first : first + count]]
    if len(rows) < count or not all(rows):
        raise source.fault(
            f"{count} rows announced, the file holds {sum(map(bool, rows))}", line=len(lines),
            mend="restore the file or correct line 5",
        )  # fmt: skip
    _refuse_more(source, header, lines, width=len(rows[0].split()))
    cells = _cells(source, rows, numbers)
    width = 4 * header.axes
    if cells.shape[1] < 2 + width:
        raise source.fault(
            f"rows of {cells.shape[1]} values, the places alone need {width}", line=first + 1,
            mend="restore the rows or the line of names",
        )  # fmt: skip
    _refuse_infinite(source, cells, numbers, slice(2, 2 + width))
    places, known = _places(cells[:, 2 : 2 + width], header.axes)
    remarks = [Remark("kept", f"{MODES[header.mode]}, {array_name(header.code)} (ABEM's code)")]
    if not known.any():
        raise source.fault("no row has its electrodes", line=first + 1, mend="convert it as XYZ")
    if not known.all():
        text = "row without its electrodes"
        remarks.append(Remark("refused", text, listed(numbers, ~known), int((~known).sum())))
        rows = [row for row, ok in zip(rows, known, strict=True) if ok]
        cells, places, numbers = cells[known], places[known], numbers[known]
    time = _time(header, cells[:, 1])
    values, gates, notes = _values(source, header, cells[:, 2 + width :], time, numbers)
    positions, abmn = number_places(places)
    terrain, raised, more = _topography(source, lines, header, positions)
    return assemble(
        Draft(
            source=source,
            format=NAME,
            electrodes=Electrodes(raised),
            abmn=abmn,
            rows=numbers,
            values=values,
            keys=rows,
            columns=_columns(header),
            remarks=(*remarks, *notes, *more),
            nominal=positions,
            gates=gates,
            terrain=terrain,
            topographic=terrain is not None,
        )
    )


def _refuse_more(source: Source, header: Header, lines: Sequence[str], *, width: int) -> None:
    """Refuse rows below those that are announced: which of them are meant, nothing tells."""
    after = sum(header.rows)
    for i in range(after, len(lines)):
        if len(lines[i].split()) == width:
            raise source.fault(
                f"{header.rows[1]} rows announced, more follow", line=i + 1,
                mend="correct line 5 or remove the rest",
            )  # fmt: skip


def _header(source: Source, lines: Sequence[str]) -> Header:
    said: dict[str, str] = {}
    for line in lines[:60]:
        key, _, value = line.partition(":")
        said.setdefault(key.strip().lower(), value.strip())
    counts = [whole(c) for c in said.get("rows header/data/topography", "").split()]
    if len(counts) != 3 or any(c is None or c < 0 for c in counts):
        raise source.fault(
            "Rows header/data/topography: is not three numbers", line=5, mend="restore line 5"
        )
    head, data, ground = (c or 0 for c in counts)
    if data < 1 or head < 10 or head + data + ground > len(lines) + 1:
        raise source.fault(
            f"{head + data + ground} lines announced, the file has {len(lines)}", line=5,
            mend="restore the file or correct the numbers",
        )  # fmt: skip
    mode = said.get("acquisition mode", "").split()[:1]
    if not mode or mode[0].upper() not in MODES:
        raise source.fault(
            f"acquisition mode {quote(' '.join(mode))} is not known", line=6,
            mend="one of 1, 2, 2R, 3, 4",
        )  # fmt: skip
    if mode[0] == "1":
        raise source.fault("holds self potentials, no resistances", line=6, mend="read another")
    layout = said.get("electrode layout", "").split()
    code = whole(layout[0]) if layout else None
    kind = said.get("co-ordinate type", "").replace(" ", "").upper()
    if not kind.startswith("XYZ"):
        raise source.fault(
            "coordinates are spacings (Index), not places", line=9,
            mend="convert the .S4K file again with coordinate type XYZ",
        )  # fmt: skip
    legend = lines[head - 1]
    named = len(PLACE.findall(legend))
    axes = named // 4 if named in (4, 8, 12) else whole(kind.partition(":")[2] or "3") or 0
    if axes not in (1, 2, 3):
        raise source.fault(f"coordinate type {quote(kind)}", line=9, mend="XYZ:1, XYZ:2 or XYZ:3")
    return Header(
        said, (head, data, ground), mode[0].upper(), -1 if code is None else code, axes, legend
    )


def _cells(source: Source, rows: Sequence[str], numbers: Integers) -> Floats:
    """Return all cells as numbers; infinity is infinity here, missing is NaN."""
    whole = at_once(rows, None)
    if whole is not None:
        return np.where(np.abs(whole) > FAR, np.inf, whole)
    parts = [row.split() for row in rows]
    width = max(len(part) for part in parts)
    if width > 500:
        raise source.fault(f"row of {width} values", line=int(numbers[0]), mend="restore the rows")
    out = np.full((len(rows), width), np.nan)
    for i, part in enumerate(parts):
        for j, cell in enumerate(part):
            if cell.lower().lstrip("+-") in ("inf", "infinity"):
                out[i, j] = np.inf
                continue
            value = number(cell)
            if value is None:
                raise unreadable(source, cell, int(numbers[i]), j + 1)
            out[i, j] = np.inf if abs(value) > FAR else value
    return out


def _refuse_infinite(source: Source, cells: Floats, numbers: Integers, places: slice) -> None:
    """Refuse infinity where it is no place: only an electrode can be so far away."""
    endless = np.isinf(cells)
    endless[:, places] = False
    if endless.any():
        i, j = (int(k) for k in np.argwhere(endless)[0])
        raise source.fault(
            "an infinite value", line=int(numbers[i]), column=j + 1, mend="write - if it is missing"
        )


def _places(cells: Floats, axes: int) -> tuple[Floats, Booleans]:
    stated = cells.reshape(len(cells), 4, axes)
    known: Booleans = np.all(~np.isnan(stated), axis=(1, 2))
    places = np.zeros((len(cells), 4, 3))
    places[..., :axes] = stated
    places[np.isinf(places).any(axis=2)] = np.nan
    return places, known


def _time(header: Header, elapsed: Floats) -> Floats | None:
    created, _ = seconds_of([header.said.get("date & time", "").replace("-", "/")])
    time = created[0] + elapsed
    return time if np.isfinite(time).any() else None


def _values(
    source: Source, header: Header, cells: Floats, time: Floats | None, numbers: Integers
) -> tuple[Values, Gates | None, list[Remark]]:
    least = {"2": 3, "2R": 3, "3": 8, "4": 8}[header.mode]
    if cells.shape[1] < least:
        raise source.fault(
            f"{cells.shape[1]} values after the places where mode {header.mode} has {least}",
            line=int(numbers[0]), mend="check acquisition mode and coordinate type",
        )  # fmt: skip
    ohm = header.mode == "2R" or header.code in (-1, 0)
    si: dict[str, Floats] = {"current": cells[:, 0] * 1e-3, "voltage": cells[:, 1]}
    si["resistance" if ohm else "apparent_resistivity"] = cells[:, 2]
    if time is not None:
        si["time"] = time
    if header.mode in ("2", "2R"):
        if cells.shape[1] > 3:
            si["relative_error"] = cells[:, 3] * 1e-2
        return Values(**si), None, []
    return _polarisation(header, cells, si, numbers)


def _polarisation(
    header: Header, cells: Floats, si: dict[str, Floats], numbers: Integers
) -> tuple[Values, Gates | None, list[Remark]]:
    """Turn areas below the decay in ms into V/V by the lengths of their windows in s."""
    count = 1 if header.mode == "3" else (cells.shape[1] - 6) // 2
    delay, length = cells[:, 4], cells[:, 5 : 5 + 2 * count : 2]
    area = cells[:, 6 : 6 + 2 * count : 2]
    with np.errstate(divide="ignore", invalid="ignore"):
        decay = area * 1e-3 / length
    decay = np.where(np.isfinite(decay), decay, np.nan)
    notes = [Remark("kept", "chargeabilities in ms are divided by their windows in s to V/V")]
    known = np.isfinite(length).all(axis=1) & np.isfinite(delay)
    same = known.any() and bool(
        np.all(length[known] == length[known][0]) and np.all(delay[known] == delay[known][0])
    )
    if header.mode == "3":
        si["chargeability"] = decay[:, 0]
        with np.errstate(divide="ignore", invalid="ignore"):
            deviation = cells[:, 7] * 1e-3 / length[:, 0]
        si["chargeability_deviation"] = np.where(np.isfinite(deviation), deviation, np.nan)
        return Values(**si), None, notes
    width = length[known][0] if same else None
    si["decay"] = decay
    si["chargeability"], mean = mean_of_gates(decay, width)
    if width is None or not np.all(width > 0.0):
        text = "windows differ from row to row: decays are kept without their times"
        notes.append(Remark("warning", text, listed(numbers, ~known), len(numbers)))
        return Values(**si), None, [*notes, mean]
    return Values(**si), gates_after(float(delay[known][0]), width), [*notes, mean]


def _topography(
    source: Source, lines: Sequence[str], header: Header, positions: Floats
) -> tuple[Terrain | None, Floats, list[Remark]]:
    head, data, ground = header.rows
    if not ground:
        return None, positions, []
    points = []
    for i in range(head + data, min(head + data + ground, len(lines))):
        cells = [number(cell) for cell in lines[i].split()]
        place = [c for c in cells if c is not None and np.isfinite(c)]
        if len(place) != 3 or len(cells) != 3:
            raise source.fault("topography is not x y z", line=i + 1, mend="restore the line")
        points.append(place)
    if len(points) < ground:
        raise source.fault("topography is cut", line=len(lines), mend="restore the file")
    places = np.array(points)
    terrain = Terrain(places[np.argsort(places[:, 0], kind="stable")])
    if np.any(positions[:, 2]) or not np.any(places[:, 2]):
        return terrain, positions, [Remark("kept", f"{ground} topography points", (), ground)]
    raised = positions.copy()
    raised[:, 2] = np.interp(positions[:, 0], terrain.points[:, 0], terrain.points[:, 2])
    text = f"electrodes raised onto {ground} topography points by x"
    return terrain, raised, [Remark("repaired", text, (), len(raised))]


def _columns(header: Header) -> tuple[Column, ...]:
    axes = "xyz"[: header.axes]
    ohm = header.mode == "2R" or header.code in (-1, 0)
    after = 3 + 4 * header.axes
    return (
        Column("time", "Time", "s", 2, "after the date of the header"),
        *(
            Column("electrodes", f"{name}({axis})", "m", 3 + i * header.axes + j)
            for i, name in enumerate("ABMN")
            for j, axis in enumerate(axes)
        ),
        Column("current", "I", "mA", after, "x 0.001 to A"),
        Column("voltage", "V", "V", after + 1),
        Column("resistance", "Res.", "ohm", after + 2)
        if ohm
        else Column("apparent_resistivity", "App.Res.", "ohm m", after + 2),
        *(
            (Column("standard_deviation", "Error", "%", after + 3, "x 0.01 x |R| to ohm"),)
            if header.mode in ("2", "2R")
            else (Column("decay", "T, C ...", "s, ms", after + 5, "C / T to V/V"),)
        ),
    )


FORMAT = Format(NAME, "ABEM multi-purpose files of Terrameter SAS", evidence, read,
                carries=("IP", "3-D", "topography"))  # fmt: skip
