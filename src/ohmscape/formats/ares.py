"""GF Instruments ARES and ARES II files (.2dm): ``key: value`` lines, then a table with tabs.

``Electrode distance`` turns the electrode numbers C1 C2 P1 P2 (from 0) into places; units stand
in square brackets in the table's header. Source: public sample files.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ohmscape.core import Booleans, Column, Data, Electrodes, Floats, Gates, Integers, Remark
from ohmscape.formats._assemble import Draft, Fault, Values, assemble
from ohmscape.formats._checks import listed
from ohmscape.formats._delimited import columns_of, header_at
from ohmscape.formats._electrodes import number_places
from ohmscape.formats._gates import gates_after, mean_of_gates, printed_zero
from ohmscape.formats._source import Evidence, Format, Source, quote
from ohmscape.formats._text import head_lines, lines_of, looks_like_text, number

NAME = "ares"
START = "measured data:"
PLACES = ("C1", "C2", "P1", "P2")
IP_DELAY = 5e-3  #: s between the current's end and the first window; the file does not state it

#: name in the header -> quantity, and factors from its units to SI
QUANTITIES: dict[str, tuple[str, dict[str, float]]] = {
    "I": ("current", {"mA": 1e-3, "A": 1.0}),
    "U": ("voltage", {"mV": 1e-3, "V": 1.0}),
    "EP": ("self_potential", {"mV": 1e-3, "V": 1.0}),
    "AppRes": ("apparent_resistivity", {"Ohmm": 1.0}),
    "St-dev": ("relative_error", {"%": 1e-2}),
    "Uout": ("transmitter", {"V": 1.0}),
}
WINDOW = re.compile(r"IP([0-9]{1,3})")
MESSAGE = re.compile(r"[A-Za-z][A-Za-z .-]{3,60}")


@dataclass(frozen=True)
class Header:
    """What the lines before the table say."""

    line: int  #: index of the table's names
    names: tuple[str, ...]
    units: tuple[str, ...]
    said: dict[str, str]  #: value of each key, the first one
    contacts: tuple[str, ...]  #: lines with contact resistances


def evidence(head: bytes, path: Path) -> Evidence:
    """Judge whether the head of a file is of this format."""
    del path
    if not looks_like_text(head):
        return Evidence(0.0, ("holds control characters",))
    lines = head_lines(head)
    keys = {line.partition(":")[0].strip().lower() for line in lines if ":" in line}
    score, reasons = 0.0, []
    if "electrode distance" in keys:
        score, reasons = 0.4, ["states the electrode distance"]
    if "measured data" in keys:
        score, reasons = score + 0.2, [*reasons, "has Measured data:"]
    if any(_is_table(line) for line in lines):
        score, reasons = score + 0.4, [*reasons, "a table C1 C2 P1 P2"]
    return Evidence(score, tuple(reasons) or ("no Electrode distance, no table C1 C2 P1 P2",))


def _is_table(line: str) -> bool:
    return [cell.partition("[")[0].strip() for cell in line.split("\t")[:4]] == list(PLACES)


def read(source: Source) -> Data:
    """Return the data of a file.

    Raises
    ------
    FormatError, SurveyError
        The file cannot be read; says where and how to mend it.
    """
    lines = lines_of(source)
    header = _header(source, lines)
    rows, numbers = _rows(source, lines, header)
    where = header_at(source, header.names, (*PLACES, "I", "U"), header.line + 1)
    ids, suffixes = _electrodes(source, rows, numbers)
    used = [name for name in header.names if name in QUANTITIES or WINDOW.match(name)]
    cells, short = columns_of(
        source, rows, numbers.tolist(), [where[name] for name in used], separator="\t", words=True
    )
    columns = {name: cells[:, i] for i, name in enumerate(used)}
    values, gates, notes = _values(header, columns, numbers)
    positions, abmn = number_places(_places(source, header, ids))
    return assemble(
        Draft(
            source=source,
            format=NAME,
            electrodes=Electrodes(positions),
            abmn=abmn,
            rows=numbers,
            values=values,
            keys=rows,
            columns=_columns(header),
            faults=_faults(source, rows, numbers, cells, short),
            remarks=(*_settings(header), *suffixes, *notes),
            gates=gates,
        )
    )


def _header(source: Source, lines: Sequence[str]) -> Header:
    at = next((i for i, line in enumerate(lines) if _is_table(line)), None)
    if at is None:
        raise source.fault(
            "no table with C1, C2, P1, P2", line=len(lines), mend="download the file again"
        )
    said: dict[str, str] = {}
    contacts = []
    for line in lines[:at]:
        key, _, value = line.partition(":")
        said.setdefault(key.strip().lower(), value.strip())
        if "resistances[ohm]" in line.lower():
            contacts.append(line.strip())
    cells = [cell.strip() for cell in lines[at].split("\t")]
    names = [cell.partition("[")[0] for cell in cells]
    units = [cell.partition("[")[2].rstrip("]") for cell in cells]
    for j, name in enumerate(names):
        factors = {"%": 1.0} if WINDOW.fullmatch(name) else QUANTITIES.get(name, ("", {}))[1]
        if name in PLACES:
            factors = {"el": 1.0, "m": 1.0}
        if factors and units[j] not in factors:
            raise source.fault(
                f"unit {quote(units[j])} of column {name} is not known", line=at + 1, column=j + 1,
                mend=f"use one of {', '.join(factors)}",
            )  # fmt: skip
    return Header(at, tuple(names), tuple(units), said, tuple(contacts))


def _rows(source: Source, lines: Sequence[str], header: Header) -> tuple[list[str], Integers]:
    filled = [i for i in range(header.line + 1, len(lines)) if lines[i].strip()]
    if not filled:
        raise source.fault("no rows below the table's names", line=len(lines), mend="download it")
    return [lines[i] for i in filled], np.array(filled, dtype=np.int64) + 1


def _electrodes(
    source: Source, rows: Sequence[str], numbers: Integers
) -> tuple[Floats, list[Remark]]:
    """Return the electrode numbers, NaN where remote, without the suffix of ``14*1``."""
    ids = np.full((len(rows), 4), np.nan)
    suffixes: dict[str, int] = {}
    seen: dict[str, float] = {}  # the same few names in all rows
    for i, row in enumerate(rows):
        for j, cell in enumerate(row.split("\t", 4)[:4]):
            text, star, suffix = cell.strip().partition("*")
            if text not in seen:
                value = number(text)
                if value is None or (np.isnan(value) and text == ""):
                    raise source.fault(
                        f"{quote(cell)} is no electrode", line=int(numbers[i]), column=j + 1,
                        mend="restore the row",
                    )  # fmt: skip
                seen[text] = value
            if star:
                suffixes[suffix] = suffixes.get(suffix, 0) + 1
            ids[i, j] = seen[text]
    if not suffixes:
        return ids, []
    text = f"electrode numbers have suffixes *{', *'.join(sorted(suffixes)[:5])}: left out"
    kind = "kept" if len(suffixes) == 1 else "warning"
    return ids, [Remark(kind, text, (), sum(suffixes.values()))]


def _places(source: Source, header: Header, ids: Floats) -> Floats:
    along = ids
    if header.units[0] == "el":
        along = ids * _metres(source, header, "electrode distance")
    x, y = (
        _metres(source, header, key) if header.said.get(key) else 0.0 for key in ("x-loc", "y-loc")
    )
    places = np.zeros((*ids.shape, 3))
    direction = header.said.get("direction", "X").upper()
    if direction not in ("X", "Y"):
        raise source.fault(f"direction {quote(direction)} is not X or Y", mend="correct it")
    places[..., 0] = x + (along if direction == "X" else 0.0)
    places[..., 1] = y + (along if direction == "Y" else 0.0)
    places[~np.isfinite(ids)] = np.nan
    return places


def _metres(source: Source, header: Header, key: str) -> float:
    cells = header.said.get(key, "").split()
    value = number(cells[0]) if cells else None
    if value is None or not np.isfinite(value) or (len(cells) > 1 and cells[1] != "m"):
        raise source.fault(
            f"{key} is {quote(' '.join(cells))}", line=1, mend=f"write '{key}: 1.0 m'"
        )
    return value


def _values(
    header: Header, columns: dict[str, Floats], numbers: Integers
) -> tuple[Values, Gates | None, list[Remark]]:
    si: dict[str, Floats] = {}
    for name, (quantity, factors) in QUANTITIES.items():
        if name in columns:
            si[quantity] = columns[name] * factors[header.units[header.names.index(name)]]
    error = si.get("relative_error")
    notes = []
    if error is not None:
        notes += printed_zero(error, listed(numbers, error == 0.0), "St-dev")
    transmitter = si.pop("transmitter", None)
    if transmitter is not None:
        with np.errstate(divide="ignore", invalid="ignore"):
            contact = transmitter / si["current"]
        si["contact_resistance"] = np.where(np.isfinite(contact), contact, np.nan)
    windows = [name for name in header.names if WINDOW.fullmatch(name)]
    if not windows:
        return Values(**si), None, notes
    si["decay"] = np.stack([columns[name] for name in windows], axis=1) * 1e-2
    deviations = [f"{name}-dev" for name in windows]
    if all(name in columns for name in deviations):
        part = np.stack([columns[name] for name in deviations], axis=1) * 1e-2
        si["decay_deviation"] = part * np.abs(si["decay"])
    gates, about = _gates(header, len(windows))
    si["chargeability"], mean = mean_of_gates(si["decay"], None if gates is None else gates.width)
    return Values(**si), gates, [*notes, about, mean]


def _gates(header: Header, count: int) -> tuple[Gates | None, Remark]:
    cells = header.said.get("ip windows", "").split()
    unit = cells.pop() if cells and cells[-1].isalpha() else ""
    widths = [number(cell) for cell in cells]
    good = [w for w in widths if w is not None and np.isfinite(w) and w > 0.0]
    if unit != "ms" or len(good) != len(cells) or len(good) != count:
        text = "header states no width in ms for each IP window: decays have no times"
        return None, Remark("warning", text)
    text = f"first IP window begins {IP_DELAY * 1e3:g} ms after the current: not stated in the file"
    return gates_after(IP_DELAY, np.array(good) * 1e-3), Remark("kept", text)


def _settings(header: Header) -> list[Remark]:
    said = header.said
    text = f"method {said.get('method', '?')[:60]}, measured {said.get('date', '?')[:20]}"
    text += f" {said.get('time', '')[:20]}: rows have no times"
    remarks = [Remark("kept", text)]
    remarks += [Remark("kept", line[:2000]) for line in header.contacts[:10]]
    if said.get("dummy electrodes"):
        remarks.append(Remark("kept", f"dummy electrodes: {said['dummy electrodes'][:200]}"))
    return remarks


def _faults(
    source: Source, rows: Sequence[str], numbers: Integers, cells: Floats, short: Booleans
) -> tuple[Fault, ...]:
    """Return rows with a message instead of numbers, and rows that are cut."""
    faults: dict[str, Booleans] = {}
    for i in np.flatnonzero(~np.isfinite(cells).all(axis=1)).tolist():
        rest = [cell.strip() for cell in rows[i].split("\t")[7:]]
        said = next((cell for cell in rest if MESSAGE.fullmatch(cell)), "")
        odd = next((c for c in rest if number(c) is None and not MESSAGE.fullmatch(c)), "")
        if odd:
            raise source.fault(
                f"{quote(odd)} is not a number", line=int(numbers[i]), mend="write a number"
            )
        what = f"the instrument says {said!r}" if said else ""
        if what:
            faults.setdefault(what, np.zeros(len(rows), dtype=np.bool_))[i] = True
    told = np.any([*faults.values(), np.zeros(len(rows), dtype=np.bool_)], axis=0)
    return (*((rows_, what) for what, rows_ in faults.items()), (short & ~told, "incomplete row"))


def _columns(header: Header) -> tuple[Column, ...]:
    named = {"relative_error": "standard_deviation", "transmitter": "contact_resistance"}
    columns = []
    for j, (name, unit) in enumerate(zip(header.names, header.units, strict=True)):
        quantity, factors = QUANTITIES.get(name, ("", {}))
        note = f"x {factors[unit]:g} to SI" if unit in factors and factors[unit] != 1.0 else ""
        if name in PLACES:
            quantity, note = "abmn"[PLACES.index(name)], "x electrode distance, from X-loc, Y-loc"
        elif WINDOW.fullmatch(name):
            quantity, note = "decay", "x 0.01 to V/V"
        elif WINDOW.match(name):
            quantity, note = "decay_deviation", "% of the window: x 0.01 x |IP| to V/V"
        elif quantity == "relative_error":
            note = "x 0.01 x |R| to ohm"
        elif quantity == "transmitter":
            note = "/ I to ohm"
        columns.append(Column(named.get(quantity, quantity), name, unit, j + 1, note))
    return tuple(columns)


FORMAT = Format(NAME, "GF Instruments ARES, ARES II", evidence, read, carries=("IP",))
