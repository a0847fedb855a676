"""BGS PRIME files (.tab, .dat): ``key:`` and value, units, then a table of ``pt_`` columns.

The line ``#Units`` has one unit for each column. Errors are in tenths of per cent. Rows of one
injection may name C1 and C2 in the first only. Electrodes have numbers, no places.
Source: public sample files.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ohmscape.core import Booleans, Column, Data, Floats, Integers, Remark
from ohmscape.formats._assemble import Draft, Fault, Values, assemble
from ohmscape.formats._checks import listed
from ohmscape.formats._dates import seconds_of
from ohmscape.formats._delimited import Layout, columns_of, header_at
from ohmscape.formats._numbered import placed
from ohmscape.formats._source import Evidence, Format, Source, quote
from ohmscape.formats._text import head_lines, lines_of, looks_like_text, number

NAME = "prime"
PLACES = ("pt_c1_no", "pt_c2_no", "pt_p1_no", "pt_p2_no")
OHM, TENTHS, MILLIVOLT = {"Ohm": 1.0}, {"Tenths %": 1e-3, "%": 1e-2}, {"mV": 1e-3, "V": 1.0}
NOT_READ = ("**Error", "/.//", "nan", "NaN", "inf")

#: column -> quantity, and factors from its units to SI
QUANTITIES: dict[str, tuple[str, dict[str, float]]] = {
    "pt_calc_res": ("resistance", OHM),
    "pt_calc_res_error": ("relative_error", TENTHS),
    "pt_meas_voltage_mean": ("voltage", MILLIVOLT),
    "pt_meas_current_mag": ("current", {"mA": 1e-3, "A": 1.0}),
    "pt_calc_phase_mag": ("phase", {"Degrees": np.pi / 180, "mrad": 1e-3}),
    "pt_calc_phase_error": ("phase_part", TENTHS),
    "pt_meas_contact_resistance": ("contact_resistance", OHM),
    "pt_meas_pre_sample": ("self_potential", MILLIVOLT),
}


def evidence(head: bytes, path: Path) -> Evidence:
    """Judge whether the head of a file is of this format."""
    del path
    if not looks_like_text(head):
        return Evidence(0.0, ("holds control characters",))
    lines = head_lines(head)
    score, reasons = 0.0, []
    if any(line.startswith("#Units") for line in lines):
        score, reasons = 0.3, ["a line #Units"]
    if any(line.startswith("data:") for line in lines):
        score, reasons = score + 0.1, [*reasons, "data:"]
    if any("pt_c1_no" in line and "pt_p1_no" in line for line in lines):
        score, reasons = score + 0.6, [*reasons, "columns pt_c1_no, pt_p1_no"]
    return Evidence(score, tuple(reasons) or ("no columns pt_c1_no, pt_p1_no",))


def read(source: Source) -> Data:
    """Return the data of a file.

    Raises
    ------
    FormatError, SurveyError
        The file cannot be read; says where and how to mend it.
    """
    lines = lines_of(source)
    layout = _layout(source, lines)
    filled = [i for i in range(layout.line + 1, len(lines)) if lines[i].strip()]
    if not filled:
        raise source.fault("no rows below the names", line=len(lines), mend="download it again")
    rows = [lines[i] for i in filled]
    numbers = np.array(filled, dtype=np.int64) + 1
    where = header_at(source, layout.names, PLACES, layout.line + 1)
    ids, unnamed, notes = _electrodes(source, rows, numbers, where)
    kept = ~unnamed
    if not kept.any():
        raise source.fault("no row has its electrodes", line=int(numbers[0]), mend="download again")
    rows, numbers = [row for row, ok in zip(rows, kept, strict=True) if ok], numbers[kept]
    used = [name for name in layout.names if name in QUANTITIES]
    marked = _errors(rows)
    cells, short = columns_of(
        source, rows, numbers.tolist(), [where[name] for name in used],
        separator="\t", words=bool(marked.any()),
    )  # fmt: skip
    values, more = _values(layout, {name: cells[:, i] for i, name in enumerate(used)}, rows)
    electrodes = placed(source, ids[kept], numbers, where[PLACES[0]] + 1)
    return assemble(
        Draft(
            source=source,
            format=NAME,
            electrodes=electrodes.electrodes,
            abmn=electrodes.abmn,
            rows=numbers,
            values=values,
            keys=rows,
            columns=_columns(layout),
            faults=(*_codes(layout, rows), (marked, "an error mark instead of a value"),
                    (short & ~marked, "incomplete row")),
            remarks=(*_settings(lines[: layout.line]), *notes, *electrodes.remarks, *more),
        )
    )  # fmt: skip


def _layout(source: Source, lines: Sequence[str]) -> Layout:
    at = next((i for i, line in enumerate(lines) if PLACES[0] in line and PLACES[2] in line), None)
    if at is None:
        raise source.fault(
            "no line of names with pt_c1_no", line=len(lines), mend="download the file again"
        )
    names = tuple(cell.strip().rstrip(":") for cell in lines[at].split("\t"))
    stated = next((i for i in range(at) if lines[i].startswith("#Units")), None)
    if stated is None:
        raise source.fault("no line #Units", line=at + 1, mend="restore the header")
    units = [cell.strip() for cell in lines[stated].split("\t")]
    if len(units) != len(names):
        raise source.fault(
            f"{len(units)} units for {len(names)} columns", line=stated + 1, mend="restore the line"
        )
    for j, name in enumerate(names):
        factors = QUANTITIES.get(name, ("", {}))[1]
        if factors and units[j] not in factors:
            raise source.fault(
                f"unit {quote(units[j])} of {name} is not known", line=stated + 1, column=j + 1,
                mend=f"use one of {', '.join(factors)}",
            )  # fmt: skip
    return Layout(at, names, tuple(units))


def _electrodes(
    source: Source, rows: Sequence[str], numbers: Integers, where: dict[str, int]
) -> tuple[Floats, Booleans, list[Remark]]:
    """Return electrode numbers, with C1 and C2 of the row above where a row has none.

    Also which rows do not name their electrodes.
    """
    columns = [where[name] for name in PLACES]
    ids, _ = columns_of(source, rows, numbers.tolist(), columns, separator="\t", words=True)
    blank: Booleans = np.all(np.isnan(ids[:, :2]), axis=1)
    notes = []
    if blank.any():
        last = np.maximum.accumulate(np.where(blank, -1, np.arange(len(rows))))
        ids[:, :2] = np.where((blank & (last >= 0))[:, None], ids[last, :2], ids[:, :2])
        text = "C1 and C2 are blank: those of the row above (one injection, several channels)"
        notes.append(Remark("repaired", text, listed(numbers, blank), int(blank.sum())))
    unnamed: Booleans = np.any(~np.isfinite(ids), axis=1)
    if unnamed.any():
        text = "row without its electrodes"
        notes.append(Remark("refused", text, listed(numbers, unnamed), int(unnamed.sum())))
    return ids, unnamed, notes


def _errors(rows: Sequence[str]) -> Booleans:
    return np.array([any(mark in row for mark in NOT_READ[:2]) for row in rows], dtype=np.bool_)


def _values(
    layout: Layout, columns: dict[str, Floats], rows: Sequence[str]
) -> tuple[Values, list[Remark]]:
    si: dict[str, Floats] = {}
    for name, values in columns.items():
        quantity, factors = QUANTITIES[name]
        si[quantity] = values * factors[layout.units[layout.names.index(name)]]
    notes = []
    part = si.pop("phase_part", None)
    if "phase" in si:
        notes.append(Remark("kept", "phase keeps the sign that the file gives it"))
        if part is not None:
            si["phase_deviation"] = part * np.abs(si["phase"])
    if "pt_time" in layout.names:
        at = layout.names.index("pt_time")
        parts = [row.split("\t") for row in rows]
        time, _ = seconds_of([cells[at].strip() if at < len(cells) else "" for cells in parts])
        if np.isfinite(time).any():
            si["time"] = time
    return Values(**si), notes


def _codes(layout: Layout, rows: Sequence[str]) -> tuple[Fault, ...]:
    """Return the readings that the instrument marks with an error code."""
    if "pt_error_code" not in layout.names:
        return ()
    at = layout.names.index("pt_error_code")
    found: dict[str, Booleans] = {}
    for i, row in enumerate(rows):
        cells = row.split("\t")
        code = cells[at].strip() if at < len(cells) else ""
        if code and code.lower().removeprefix("0x").strip("0"):
            found.setdefault(code[:12], np.zeros(len(rows), dtype=np.bool_))[i] = True
    return tuple((rows_, f"the instrument reports error {code}") for code, rows_ in found.items())


def _settings(lines: Sequence[str]) -> list[Remark]:
    said = {key.strip(): " ".join(rest.split()) for key, _, rest in
            (line.partition(":") for line in lines)}  # fmt: skip
    style, frequency = said.get("set_meas_array_style", "?"), said.get("set_meas_frequency", "?")
    announced = number(said.get("set_no_of_meas", "-"))
    text = f"array style {style[:40]}, {frequency[:20]}"
    if announced is not None and np.isfinite(announced):
        text += f", {announced:g} measurements announced"
    return [Remark("kept", text)]


def _columns(layout: Layout) -> tuple[Column, ...]:
    named = {"relative_error": "standard_deviation", "phase_part": "phase_deviation"}
    columns = []
    for j, (name, unit) in enumerate(zip(layout.names, layout.units, strict=True)):
        quantity, factors = QUANTITIES.get(name, ("", {}))
        factor = factors.get(unit, 1.0)
        note = "" if factor == 1.0 else f"x {factor:g} to SI"
        if quantity in named:
            note = f"x {factor:g} x the value"
        if name in PLACES:
            quantity, note = "abmn"[PLACES.index(name)], "electrode number, from 1"
        elif name == "pt_time":
            quantity, note = "time", "instrument's clock, as s since 1970-01-01"
        columns.append(Column(named.get(quantity, quantity), name, unit, j + 1, note))
    return tuple(columns)


FORMAT = Format(NAME, "BGS PRIME", evidence, read,
                carries=("IP", "3-D", "topography"))  # fmt: skip
