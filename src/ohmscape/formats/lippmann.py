"""Lippmann 4point light, GeoTest files (.tx0): lines of ``*`` with settings, then a table.

``* Electrode [ 1] x y z (m) = ...`` lists places; the table begins with a line of names
(``* num A B M N I U ...``) and one of units. Numbers have points or, in other locales, commas;
``-`` is no value. Source: public sample files.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ohmscape.core import Booleans, Column, Data, Electrodes, Floats, Integers, Remark
from ohmscape.formats._assemble import Draft, Values, assemble
from ohmscape.formats._checks import listed
from ohmscape.formats._dates import seconds_of
from ohmscape.formats._delimited import Layout, columns_of, header_at, indices_of
from ohmscape.formats._source import Evidence, Format, Source, quote
from ohmscape.formats._text import head_lines, lines_of, looks_like_text, number, unreadable

NAME = "lippmann"
PLACE = re.compile(r"\* Electrode \[ *([0-9]{1,6})\] x y z(?: \((\w+)\))? *=(.{5,100})")
NUMBERED = 5  #: columns before those with units: num, A, B, M, N
IDS = ("A", "B", "M", "N")

#: name in the header (case counts: N is an electrode, n a number of stacks) -> quantity, and
#: factors from the units it may have to SI
QUANTITIES: dict[str, tuple[str, dict[str, float]]] = {
    "I": ("current", {"mA": 1e-3, "A": 1.0, "uA": 1e-6}),
    "U": ("voltage", {"mV": 1e-3, "V": 1.0, "uV": 1e-6}),
    "dU": ("relative_error", {"%": 1e-2}),
    "U90": ("quadrature", {"mV": 1e-3, "V": 1.0, "uV": 1e-6}),
    "dU90": ("quadrature_error", {"%": 1e-2}),
    "rho": ("apparent_resistivity", {"Ohmm": 1.0, "Ohm*m": 1.0}),
    "phi": ("phase", {"mrad": 1e-3, "rad": 1.0, "°": np.pi / 180}),
    "n": ("stacks", {"-": 1.0}),
    "SP": ("self_potential", {"mV": 1e-3, "V": 1.0}),
    "U(Tx)": ("transmitter", {"V": 1.0}),
}
WANTED = (*IDS, "I", "U")


def evidence(head: bytes, path: Path) -> Evidence:
    """Judge whether the head of a file is of this format."""
    del path
    if not looks_like_text(head):
        return Evidence(0.0, ("holds control characters",))
    lines = head_lines(head, 2000)
    stars = sum(line.startswith("*") for line in lines)
    if not lines or stars < 3 or not lines[0].startswith("*"):
        return Evidence(0.0, ("does not begin with lines of *",))
    score, reasons = 0.2, [f"{stars} lines begin with *"]
    if any(PLACE.match(line) for line in lines):
        score, reasons = score + 0.4, [*reasons, "a list of electrodes"]
    if any(_is_header(line) for line in lines):
        score, reasons = score + 0.4, [*reasons, "a table num A B M N I U"]
    elif any("GeoTest" in line for line in lines[:20]):
        score, reasons = score + 0.3, [*reasons, "names GeoTest"]
    return Evidence(min(score, 1.0), tuple(reasons))


def _is_header(line: str) -> bool:
    return line.startswith("* num ") and line.split()[1:7] == ["num", *IDS, "I"]


def read(source: Source) -> Data:
    """Return the data of a file.

    Raises
    ------
    FormatError, SurveyError
        The file cannot be read; says where and how to mend it.
    """
    lines = lines_of(source)
    layout = _layout(source, lines)
    ids, positions, marked = _places(source, lines[: layout.line])
    rows, numbers, comma = _rows(source, lines, layout)
    where = header_at(source, layout.names, WANTED, layout.line + 1)
    used = [name for name in (*IDS, *QUANTITIES) if name in where]
    cells, short = columns_of(source, rows, numbers.tolist(), [where[name] for name in used])
    abmn = indices_of(source, cells[:, :4], ids, numbers.tolist(), where["A"])
    columns = {name: cells[:, i] for i, name in enumerate(used)}
    time, dated = _time(layout, rows)
    values, notes = _values(source, layout, columns, time, numbers)
    return assemble(
        Draft(
            source=source,
            format=NAME,
            electrodes=Electrodes(positions, [str(i) for i in ids]),
            abmn=abmn,
            rows=numbers,
            values=values,
            keys=rows,
            columns=_columns(layout),
            faults=((short, "incomplete row"),),
            remarks=(*marked, *comma, *dated, *notes),
        )
    )


def _layout(source: Source, lines: Sequence[str]) -> Layout:
    at = next((i for i, line in enumerate(lines) if _is_header(line)), None)
    if at is None:
        raise source.fault(
            "no table with num A B M N I U", line=len(lines), mend="save the file again in GeoTest"
        )
    names = lines[at].split()[1:]
    units = lines[at + 1].split()[1:] if at + 1 < len(lines) else []
    if at + 1 >= len(lines) or not lines[at + 1].startswith("*"):
        raise source.fault("no line of units below the names", line=at + 2, mend="restore it")
    if len(units) != len(names) - NUMBERED:
        raise source.fault(
            f"{len(units)} units for {len(names) - NUMBERED} columns", line=at + 2,
            mend="restore the line: each column from I on has a unit or -",
        )  # fmt: skip
    layout = Layout(at, tuple(names), (*[""] * NUMBERED, *units))
    for name, (_, factors) in QUANTITIES.items():
        if name in names and (unit := layout.units[names.index(name)]) not in factors:
            raise source.fault(
                f"unit {quote(unit)} of column {name} is not known", line=at + 2,
                mend=f"use one of {', '.join(factors)}",
            )  # fmt: skip
    return layout


def _places(source: Source, lines: Sequence[str]) -> tuple[list[int], Floats, list[Remark]]:
    ids: list[int] = []
    places: list[list[float]] = []
    marked: list[int] = []
    for i, line in enumerate(lines):
        match = PLACE.match(line)
        if not match:
            continue
        if match[2] not in (None, "m"):
            raise source.fault(f"unit {quote(match[2])} of places", line=i + 1, mend="use m")
        cells = match[3].replace(",", ".").split()
        if len(cells) == 4 and not cells[3][0].isdigit():
            marked.append(i + 1)
        found = [number(cell) for cell in cells[:3]]
        place = [value for value in found if value is not None and np.isfinite(value)]
        if len(place) != 3:
            bad = next((c for c, v in zip(cells, found, strict=False) if v is None), "")
            raise unreadable(source, bad, i + 1, 8)
        if int(match[1]) in ids:
            raise source.fault(f"electrode {match[1]} is listed twice", line=i + 1, mend="keep one")
        ids.append(int(match[1]))
        places.append(place)
    if not ids:
        raise source.fault("no list of electrodes", line=1, mend="save the file again in GeoTest")
    remarks = []
    if marked:
        text = "electrodes marked in the list: mark not used"
        remarks = [Remark("warning", text, tuple(marked), len(marked))]
    return ids, np.array(places), remarks


def _rows(
    source: Source, lines: Sequence[str], layout: Layout
) -> tuple[list[str], Integers, list[Remark]]:
    first = layout.line + 2
    filled = [i for i in range(first, len(lines)) if lines[i].strip() and lines[i][0] != "*"]
    if not filled:
        raise source.fault("no rows below the table's names", line=len(lines), mend="save it again")
    rows = [lines[i] for i in filled]
    block = "\n".join(rows)
    remarks = []
    if "," in block:
        rows = block.replace(",", ".").split("\n")
        remarks.append(Remark("repaired", "decimal commas read as points", (), len(rows)))
    announced = next((line for line in lines[: layout.line] if line.startswith("* Count =")), "")
    count = announced.partition("=")[2].strip()
    if count.isascii() and count.isdigit() and int(count[:9]) != len(rows):
        text = f"{count[:9]} readings announced, {len(rows)} rows found: is the file whole?"
        remarks.append(Remark("warning", text, (), abs(int(count[:9]) - len(rows))))
    return rows, np.array(filled, dtype=np.int64) + 1, remarks


def _time(layout: Layout, rows: Sequence[str]) -> tuple[Floats | None, list[Remark]]:
    if "Date" not in layout.names or "Time" not in layout.names:
        return None, [Remark("kept", "rows have no dates: no times")]
    day = layout.names.index("Date")
    if layout.names.index("Time") != day + 1:
        return None, [Remark("warning", "Date and Time are not side by side: no times")]
    after = len(layout.names) - day
    parts = [row.rsplit(None, after) for row in rows]
    texts = [" ".join(part[1:3]) if len(part) > after else "" for part in parts]
    time, why = seconds_of(texts)
    missing = int(np.isnan(time).sum())
    kind = "warning" if missing else "kept"
    remark = Remark(kind, f"dates: {why}; {missing} without a time", (), len(time))
    return (time if missing < len(time) else None), [remark]


def _values(
    source: Source,
    layout: Layout,
    columns: dict[str, Floats],
    time: Floats | None,
    numbers: Integers,
) -> tuple[Values, list[Remark]]:
    del source
    si: dict[str, Floats] = {}
    for name, (quantity, factors) in QUANTITIES.items():
        if name in columns:
            si[quantity] = columns[name] * factors[layout.units[layout.names.index(name)]]
    notes = []
    error = si.get("relative_error")
    exact: Booleans = error == 0.0 if error is not None else np.zeros(0, dtype=np.bool_)
    if exact.any():
        text = "dU is printed as zero: taken as not stated"
        notes.append(Remark("kept", text, listed(numbers, exact), int(exact.sum())))
    if "phase" in si:
        notes.append(Remark("kept", "phase keeps the sign that the file gives it"))
    quadrature, part = si.pop("quadrature", None), si.pop("quadrature_error", None)
    with np.errstate(divide="ignore", invalid="ignore"):
        if quadrature is not None and part is not None and "phase" in si:
            si["phase_deviation"] = np.abs(part * quadrature / si["voltage"])
        transmitter = si.pop("transmitter", None)
        if transmitter is not None and np.any(transmitter > 0.0):
            contact = transmitter / si["current"]
            si["contact_resistance"] = np.where(np.isfinite(contact), contact, np.nan)
    stacks = si.get("stacks")
    if stacks is not None and not np.any(stacks > 0.0):
        del si["stacks"]
    return Values(**si, time=time), notes


def _columns(layout: Layout) -> tuple[Column, ...]:
    named = {"relative_error": "standard_deviation", "quadrature_error": "phase_deviation",
             "quadrature": "phase_deviation", "transmitter": "contact_resistance"}  # fmt: skip
    notes = {"dU": "x 0.01 x |R| to ohm", "dU90": "x 0.01 x |U90 / U| to rad", "U(Tx)": "/ I"}
    columns = []
    for j, (name, unit) in enumerate(zip(layout.names, layout.units, strict=True)):
        quantity, factors = QUANTITIES.get(name, ("", {}))
        if name in IDS and j < NUMBERED:
            quantity = name.lower()
        elif name in ("Date", "Time"):
            quantity = "time"
        factor = factors.get(unit, 1.0)
        note = notes.get(name, "" if factor == 1.0 else f"x {factor:g} to SI")
        columns.append(Column(named.get(quantity, quantity), name, unit, j + 1, note))
    return tuple(columns)


FORMAT = Format(NAME, "Lippmann 4point light, GeoTest", evidence, read,
                carries=("IP", "3-D", "topography"))  # fmt: skip
