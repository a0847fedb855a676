"""MoHo Electra files (.ele): ``#label`` lines each followed by values, then a table with tabs.

Two versions: without and with the column ``Status`` (E enabled, D disabled, N not measured). The
waveforms that the older one keeps in the columns VMN000 and following are not used. Currents and
voltages are peak to peak. Source: public sample files.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ohmscape.core import Booleans, Column, Data, Electrodes, Floats, Integers, Remark
from ohmscape.formats._assemble import Draft, Fault, Values, assemble
from ohmscape.formats._delimited import Layout, columns_of, header_at, indices_of
from ohmscape.formats._source import Evidence, Format, Source, quote
from ohmscape.formats._text import head_lines, lines_of, looks_like_text, table

NAME = "electra"
PLACES = ("A", "B", "M", "N")
STATUS = {"D": "disabled in the file (status D)", "N": "not measured (status N)"}

#: column in lower case -> quantity, and factors from its units to SI
QUANTITIES: dict[str, tuple[str, dict[str, float]]] = {
    "i(ab)": ("current", {"mApp": 1e-3, "App": 1.0}),
    "v(mn)": ("voltage", {"mVpp": 1e-3, "Vpp": 1.0}),
    "k/(2pi)": ("geometric_factor", {"-": 2 * np.pi, "m": 2 * np.pi}),
    "rhoa": ("apparent_resistivity", {"ohm m": 1.0}),
    "z(ab)": ("contact_resistance", {"ohm": 1.0, "kohm": 1e3}),
}


def evidence(head: bytes, path: Path) -> Evidence:
    """Judge whether the head of a file is of this format."""
    del path
    if not looks_like_text(head):
        return Evidence(0.0, ("holds control characters",))
    lines = head_lines(head)
    labels = {_label(line) for line in lines if line.startswith("#")}
    score, reasons = 0.0, []
    if "total enabled electrodes" in labels:
        score, reasons = 0.5, ["#Total enabled electrodes"]
    if any(_is_table(line) for line in lines):
        score, reasons = score + 0.4, [*reasons, "a table Meas. A B M N I(AB)"]
    if any("electra" in line.lower() for line in lines[:6]):
        score, reasons = score + 0.1, [*reasons, "names Electra"]
    return Evidence(score, tuple(reasons) or ("no #Total enabled electrodes",))


def _label(line: str) -> str:
    return " ".join(line.lstrip("# ").split()).lower()


def _is_table(line: str) -> bool:
    cells = [cell.strip() for cell in line[:400].lstrip("# ").split("\t")]
    return line.startswith("#") and cells[0] == "Meas." and {*PLACES, "I(AB)"} <= set(cells)


def read(source: Source) -> Data:
    """Return the data of a file.

    Raises
    ------
    FormatError, SurveyError
        The file cannot be read; says where and how to mend it.
    """
    lines = lines_of(source)
    layout = _layout(source, lines)
    positions = _places(source, lines[: layout.line])
    filled = [
        i for i in range(layout.line + 1, len(lines))
        if lines[i].strip() and not lines[i].startswith("#")
    ]  # fmt: skip
    if not filled:
        raise source.fault("no rows below the names", line=len(lines), mend="export it again")
    rows, numbers = [lines[i] for i in filled], np.array(filled, dtype=np.int64) + 1
    where = header_at(source, layout.names, ("A", "B", "M", "N", "I(AB)", "V(MN)"), layout.line + 1)
    used = [name for name in layout.names if name.lower() in QUANTITIES]
    columns = [where[name] for name in (*PLACES, *used)]
    cells, short = columns_of(source, rows, numbers.tolist(), columns, separator="\t")
    ids = cells[:, :4]
    abmn = indices_of(source, ids, range(1, len(positions) + 1), numbers.tolist(), where["A"])
    values = {
        QUANTITIES[name.lower()][0]: cells[:, 4 + i] * _factor(layout, name)
        for i, name in enumerate(used)
    }
    return assemble(
        Draft(
            source=source,
            format=NAME,
            electrodes=Electrodes(positions),
            abmn=abmn,
            rows=numbers,
            values=Values(**values),
            keys=rows,
            columns=_columns(layout),
            faults=(*_status(layout, rows), (short, "incomplete row")),
            remarks=_remarks(layout, lines, numbers),
        )
    )


def _layout(source: Source, lines: Sequence[str]) -> Layout:
    at = next((i for i, line in enumerate(lines) if _is_table(line)), None)
    if at is None:
        raise source.fault(
            "no table Meas., A, B, M, N, I(AB)", line=len(lines), mend="export it again"
        )
    names = [cell.strip() for cell in lines[at].lstrip("# ").split("\t")]
    units = lines[at + 1].lstrip("# ").split("\t") if at + 1 < len(lines) else []
    units = [cell.strip().strip("[]") for cell in units]
    if at + 1 >= len(lines) or not lines[at + 1].startswith("#") or len(units) < len(names):
        raise source.fault("no unit for each column", line=at + 2, mend="restore the line of units")
    for j, name in enumerate(names):
        factors = QUANTITIES.get(name.lower(), ("", {}))[1]
        if factors and units[j] not in factors:
            raise source.fault(
                f"unit {quote(units[j])} of {name} is not known", line=at + 2, column=j + 1,
                mend=f"use one of {', '.join(factors)}",
            )  # fmt: skip
    return Layout(at, tuple(names), tuple(units[: len(names)]))


def _factor(layout: Layout, name: str) -> float:
    return QUANTITIES[name.lower()][1][layout.units[layout.names.index(name)]]


def _places(source: Source, lines: Sequence[str]) -> Floats:
    """Return the places of electrodes 1, 2, ..., then of those that are called remote."""
    near = _list_after(source, lines, "x y z")
    if not len(near):
        raise source.fault("no list of electrodes below #X Y Z", line=1, mend="export it again")
    far = _list_after(source, lines, "xr yr zr")
    return np.vstack([near, far])


def _list_after(source: Source, lines: Sequence[str], label: str) -> Floats:
    at = next((i for i, line in enumerate(lines) if line[:1] == "#" and _label(line) == label), -1)
    if at < 0:
        return np.zeros((0, 3))
    end = at + 1
    while end < len(lines) and lines[end].strip() and not lines[end].startswith("#"):
        end += 1
    rows = [line for line in lines[at + 1 : end] if line.strip().lower() != "no data"]
    if not rows:
        return np.zeros((0, 3))
    found = table(source, rows, list(range(at + 2, end + 1)))
    if np.any(found.cells != 3) or not np.isfinite(found.values).all():
        raise source.fault("place without x, y and z", line=at + 2, mend="restore the list")
    return found.values


def _status(layout: Layout, rows: Sequence[str]) -> tuple[Fault, ...]:
    if "Status" not in layout.names:
        return ()
    at = layout.names.index("Status")
    found: dict[str, Booleans] = {}
    for i, row in enumerate(rows):
        cells = row.split("\t", at + 1)
        code = cells[at].strip().upper() if at < len(cells) else ""
        if code != "E":
            what = STATUS.get(code, f"status {code[:10]!r}")
            found.setdefault(what, np.zeros(len(rows), dtype=np.bool_))[i] = True
    return tuple((rows_, what) for what, rows_ in found.items())


def _remarks(layout: Layout, lines: Sequence[str], numbers: Integers) -> tuple[Remark, ...]:
    remarks = [Remark("kept", "current and voltage are peak to peak, as the file states them")]
    waves = sum(name.startswith("VMN") for name in layout.names)
    if waves:
        text = f"waveforms of {waves} samples are kept in the file only"
        remarks.append(Remark("kept", text, (), len(numbers)))
    head = lines[: layout.line]
    labels = [_label(line) for line in head]
    for label in ("configuration name", "frequency value [hz]"):
        if label in labels[:-1]:
            said = head[labels.index(label) + 1].strip()
            remarks.append(Remark("kept", f"{label}: {said[:60]}"))
    return tuple(remarks)


def _columns(layout: Layout) -> tuple[Column, ...]:
    columns = []
    for j, (name, unit) in enumerate(zip(layout.names, layout.units, strict=True)):
        if name.startswith("VMN"):
            continue
        quantity, factors = QUANTITIES.get(name.lower(), ("", {}))
        factor = factors.get(unit, 1.0)
        note = "" if factor == 1.0 else f"x {factor:g} to SI"
        if name in PLACES:
            quantity, note = name.lower(), "electrode number, from 1"
        elif quantity in ("current", "voltage"):
            note += ", peak to peak"
        columns.append(Column(quantity, name, unit, j + 1, note))
    return tuple(columns)


FORMAT = Format(NAME, "MoHo Electra", evidence, read, carries=("3-D", "topography"))
