"""ABEM Terrameter LS text exports (.txt): lines ``key:``, a table with tabs, a line of dashes.

Columns ``Time MeasID DPID Channel A(x) .. N(z) F(x) .. I(mA) U(V) SP(V) R(O) Var(%) Rhoa Cycles
.. Lat Long``; ``-`` is a missing value. ISO-8859-15. Source: format notes of Ohmscape (no public
sample file; tests make look-alikes).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ohmscape.core import Booleans, Column, Data, Electrodes, Floats, Integers, Remark
from ohmscape.formats._assemble import Draft, Values, assemble
from ohmscape.formats._checks import listed
from ohmscape.formats._dates import seconds_of
from ohmscape.formats._delimited import columns_of
from ohmscape.formats._electrodes import number_places
from ohmscape.formats._gates import mean_of_gates
from ohmscape.formats._source import Evidence, Format, Source, quote
from ohmscape.formats._text import head_lines, lines_of, looks_like_text

NAME = "terrameter-txt"
TITLE = re.compile(r"([^()]{0,40}?) *(?:\(([^()]{0,12})\))?")
GATE = re.compile(r"ip *#? *[0-9]{1,3}")
DASHES = "-----"

#: name in lower case -> quantity, and factors from its units to SI
QUANTITIES: dict[str, tuple[str, dict[str, float]]] = {
    "i": ("current", {"mA": 1e-3, "A": 1.0}),
    "u": ("voltage", {"V": 1.0, "mV": 1e-3}),
    "sp": ("self_potential", {"V": 1.0, "mV": 1e-3}),
    "r": ("resistance", {"O": 1.0, "Ohm": 1.0, "Ω": 1.0}),
    "var": ("relative_error", {"%": 1e-2}),
    "rhoa": ("apparent_resistivity", {"": 1.0, "Om": 1.0, "Ohmm": 1.0, "Ωm": 1.0}),
    "cycles": ("stacks", {"": 1.0}),
    "uout": ("transmitter", {"V": 1.0}),
}


@dataclass(frozen=True)
class Layout:
    """Where the table is."""

    line: int  #: index of the line with names
    names: tuple[str, ...]  #: in lower case; A(x) as "a x"
    units: tuple[str, ...]
    words: tuple[str, ...]


def evidence(head: bytes, path: Path) -> Evidence:
    """Judge whether the head of a file is of this format."""
    del path
    if not looks_like_text(head):
        return Evidence(0.0, ("holds control characters",))
    for i, line in enumerate(head_lines(head)):
        if "MeasID" in line and "DPID" in line:
            names = {cell.strip() for cell in line.split("\t")}
            if {"A(x)", "B(x)", "M(x)", "N(x)"} <= names:
                return Evidence(0.95, (f"line {i + 1} names MeasID, DPID, A(x) .. N(x)",))
            return Evidence(0.4, ("names MeasID and DPID, but not A(x) .. N(x)",))
    return Evidence(0.0, ("no table with MeasID and DPID",))


def read(source: Source) -> Data:
    """Return the data of a file.

    Raises
    ------
    FormatError, SurveyError
        The file cannot be read; says where and how to mend it.
    """
    lines = lines_of(source)
    layout = _layout(source, lines)
    rows, numbers = _rows(source, lines, layout)
    axes = [axis for axis in "xyz" if f"a {axis}" in layout.names]
    wanted = {f"{name} {axis}": layout.names.index(f"{name} {axis}")
              for name in "abmn" for axis in axes}  # fmt: skip
    gates = [i for i, name in enumerate(layout.names) if GATE.fullmatch(name)]
    used = [name for name in layout.names if name in QUANTITIES]
    columns = [*wanted.values(), *(layout.names.index(name) for name in used), *gates]
    cells, short = columns_of(source, rows, numbers.tolist(), columns, separator="\t")
    places, remarks = _places(cells[:, : len(wanted)], axes, numbers)
    values, notes = _values(layout, used, cells[:, len(wanted) :], gates)
    time, dated = _time(layout, rows)
    positions, abmn = number_places(places)
    if not len(positions):
        raise source.fault("no row has its electrodes", line=int(numbers[0]), mend="export again")
    return assemble(
        Draft(
            source=source,
            format=NAME,
            electrodes=Electrodes(positions),
            abmn=abmn,
            rows=numbers,
            values=Values(**values, time=time),
            keys=rows,
            columns=_columns(layout),
            faults=((short, "incomplete row"),),
            remarks=(*remarks, *dated, *notes),
        )
    )


def _layout(source: Source, lines: Sequence[str]) -> Layout:
    at = next((i for i, x in enumerate(lines) if "MeasID" in x and "DPID" in x), None)
    if at is None:
        raise source.fault("no table with MeasID and DPID", line=len(lines), mend="export it again")
    cells = [cell.strip() for cell in lines[at].split("\t")]
    following = lines[at + 1].rstrip("\t").count("\t") + 1 if at + 1 < len(lines) else 0
    if "" in cells and len([c for c in cells if c]) >= following:
        cells = [cell for cell in cells if cell]  # some exports write tabs twice in this line
    names, units = [], []
    for j, cell in enumerate(cells):
        match = TITLE.fullmatch(cell)
        name, unit = (match[1].strip(), match[2] or "") if match else (cell, "")
        if name in ("A", "B", "M", "N") and unit in ("x", "y", "z"):
            name, unit = f"{name} {unit}", ""
        factors = QUANTITIES.get(name.lower(), ("", {}))[1]
        if factors and unit not in factors:
            raise source.fault(
                f"unit of column {quote(cell)} is not known", line=at + 1, column=j + 1,
                mend=f"use one of {', '.join(f or 'none' for f in factors)}",
            )  # fmt: skip
        if GATE.fullmatch(name.lower()) and unit != "mV/V":
            raise source.fault(
                f"unit of column {quote(cell)} is not mV/V", line=at + 1, column=j + 1,
                mend="export the gates in mV/V",
            )  # fmt: skip
        names.append(name.lower())
        units.append(unit)
    missing = [f"{n}(x)" for n in "ABMN" if f"{n.lower()} x" not in names]
    if missing:
        raise source.fault(f"no column {missing[0]}", line=at + 1, mend="export it again")
    for axis in "yz":
        if len([n for n in "abmn" if f"{n} {axis}" in names]) not in (0, 4):
            raise source.fault(f"{axis} of some electrodes only", line=at + 1, mend="export again")
    return Layout(at, tuple(names), tuple(units), tuple(cells))


def _rows(source: Source, lines: Sequence[str], layout: Layout) -> tuple[list[str], Integers]:
    filled = []
    for i in range(layout.line + 1, len(lines)):
        if lines[i].startswith(DASHES):
            break
        if lines[i].strip():
            filled.append(i)
    if not filled:
        raise source.fault("no rows below the names", line=len(lines), mend="export it again")
    return [lines[i] for i in filled], np.array(filled, dtype=np.int64) + 1


def _places(cells: Floats, axes: Sequence[str], numbers: Integers) -> tuple[Floats, list[Remark]]:
    """Return places; an electrode whose x is missing is remote."""
    stated = cells.reshape(len(cells), 4, len(axes))
    places = np.zeros((len(cells), 4, 3))
    for i, axis in enumerate(axes):
        column = stated[:, :, i]
        fill = np.nan if axis == "x" else 0.0
        places[:, :, "xyz".index(axis)] = np.where(np.isfinite(column), column, fill)
    remote: Booleans = np.any(np.isnan(places[..., 0]), axis=1)
    places[np.isnan(places[..., 0])] = np.nan
    if not remote.any():
        return places, []
    text = "an electrode has no x: taken as remote"
    return places, [Remark("kept", text, listed(numbers, remote), int(remote.sum()))]


def _values(
    layout: Layout, used: Sequence[str], cells: Floats, gates: Sequence[int]
) -> tuple[dict[str, Floats], list[Remark]]:
    si: dict[str, Floats] = {}
    for i, name in enumerate(used):
        quantity, factors = QUANTITIES[name]
        si.setdefault(quantity, cells[:, i] * factors[layout.units[layout.names.index(name)]])
    transmitter = si.pop("transmitter", None)
    if transmitter is not None and "current" in si:
        with np.errstate(divide="ignore", invalid="ignore"):
            contact = transmitter / si["current"]
        si["contact_resistance"] = np.where(np.isfinite(contact), contact, np.nan)
    if not gates:
        return si, []
    si["decay"] = cells[:, len(used) :] * 1e-3
    si["chargeability"], mean = mean_of_gates(si["decay"], None)
    text = "times of the gates are not in the table: decays have no times"
    return si, [Remark("warning", text), mean]


def _time(layout: Layout, rows: Sequence[str]) -> tuple[Floats | None, list[Remark]]:
    if "time" not in layout.names:
        return None, []
    at = layout.names.index("time")
    texts = []
    for row in rows:
        cells = row.split("\t", at + 1)
        texts.append(cells[at].strip() if at < len(cells) else "")
    time, why = seconds_of(texts)
    missing = int(np.isnan(time).sum())
    if missing:
        return (time if missing < len(time) else None), [
            Remark("warning", f"dates: {why}; {missing} without a time", (), missing)
        ]
    return time, []


def _columns(layout: Layout) -> tuple[Column, ...]:
    named = {"relative_error": "standard_deviation", "transmitter": "contact_resistance"}
    columns = []
    for j, (name, unit, word) in enumerate(
        zip(layout.names, layout.units, layout.words, strict=True)
    ):
        quantity, factors = QUANTITIES.get(name, ("", {}))
        factor = factors.get(unit, 1.0)
        note = "" if factor == 1.0 else f"x {factor:g} to SI"
        if re.fullmatch(r"[abmn] [xyz]", name):
            quantity, unit = "electrodes", "m"
        elif GATE.fullmatch(name):
            quantity, note = "decay", "x 0.001 to V/V"
        elif name == "time":
            quantity, note = "time", "instrument's clock, as s since 1970-01-01"
        columns.append(Column(named.get(quantity, quantity), word, unit, j + 1, note))
    return tuple(columns)


FORMAT = Format(NAME, "ABEM Terrameter LS text export", evidence, read,
                carries=("IP", "3-D", "topography"))  # fmt: skip
