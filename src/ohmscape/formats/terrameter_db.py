"""ABEM Terrameter LS, LS 2 projects (project.db): SQLite tables of tasks, electrodes and values.

Places are take-out numbers times the spacing of the task. A reading is what one channel of one
measurement holds: rows of DPV whose DatatypeID says what each value is. Source: format notes of
Ohmscape (no public sample file; tests make look-alikes).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ohmscape.core import Column, Data, Electrodes, Floats, Remark
from ohmscape.formats._abem import array_name
from ohmscape.formats._assemble import Draft, Values, assemble
from ohmscape.formats._dates import seconds_of
from ohmscape.formats._electrodes import number_places
from ohmscape.formats._gates import mean_of_gates
from ohmscape.formats._source import BINARY_LIMIT, Evidence, Format, Source
from ohmscape.formats._sqlite import MAGIC, Tables, opened
from ohmscape.formats._text import GREATEST, number

NAME = "terrameter-db"
TABLES = ("Tasks", "DP_ABMN", "DPV", "Measures")
CHANNELS = 12  #: channels 1 to 12 are readings
MOST_GATES = 100
GATE, CHARGEABILITY = 3, 8
AXES = [f"{name}Pos{axis}" for name in "ABMN" for axis in "XYZ"]

#: DatatypeID -> quantity of the reading, in SI
TYPES = {1: "self_potential", 2: "apparent_resistivity", 5: "resistance", 6: "current",
         7: "voltage"}  # fmt: skip
NOTES = {"self_potential": "V", "apparent_resistivity": "ohm m", "resistance": "ohm",
         "current": "A", "voltage": "V"}  # fmt: skip
Key = tuple[int, int, int, int]  #: task, measurement, data point, channel


def evidence(head: bytes, path: Path) -> Evidence:
    """Judge whether the head of a file is of this format."""
    del path
    if not head.startswith(MAGIC):
        return Evidence(0.0, ("is no SQLite database",))
    named = [name for name in TABLES if name.encode() in head]
    if "DP_ABMN" in named and "DPV" in named:
        return Evidence(0.95, ("SQLite database", f"tables {', '.join(named)}"))
    return Evidence(0.2, ("SQLite database", "without tables DP_ABMN and DPV in its first pages"))


def read(source: Source) -> Data:
    """Return the data of a file.

    Raises
    ------
    FormatError, SurveyError
        The file cannot be read; says where and how to mend it.
    """
    with opened(source, TABLES, "copy project.db again") as tables:
        missing = [name for name in TABLES if name not in tables.columns]
        if missing:
            raise source.fault(f"no table {missing[0]}", mend="copy the whole project.db")
        spacing, remarks = _tasks(tables)
        where = _points(tables, spacing)
        first, stacks, values, gates = _values(tables)
        when = _times(tables)
    keys = [key for key in first if (key[0], key[2]) in where]
    if not keys:
        raise source.fault("no reading with its electrodes", mend="copy the whole project.db")
    lost = len(first) - len(keys)
    if lost:
        rows = tuple(row for key, row in first.items() if (key[0], key[2]) not in where)
        remarks.append(Remark("refused", "reading without its electrodes", rows, lost))
    places = np.array([where[key[0], key[2]] for key in keys])
    si, notes = _columns_of(keys, values, gates)
    time = np.array([when.get(key[1], np.nan) for key in keys])
    if np.isfinite(time).any():
        si["time"] = time
    si["stacks"] = np.array([stacks.get(key, np.nan) for key in keys])
    positions, abmn = number_places(places)
    if not len(positions):
        raise source.fault("no electrode has a place", mend="copy the whole project.db")
    return assemble(
        Draft(
            source=source,
            format=NAME,
            electrodes=Electrodes(positions),
            abmn=abmn,
            rows=np.array([first[key] for key in keys], dtype=np.int64),
            values=Values(**si),
            keys=keys,
            columns=_traced(si),
            remarks=(*remarks, *notes, *_aside(source)),
            row_word="record",
        )
    )


def _number(value: object) -> float:
    """Return a number from a cell, which may hold anything in SQLite; NaN if there is none."""
    if isinstance(value, int | float):
        try:
            found = float(value)
        except OverflowError:
            return np.nan
        return found if abs(found) < GREATEST else np.nan
    if isinstance(value, str):
        text = number(value.strip())
        return np.nan if text is None else text
    return np.nan


def _key(values: Sequence[Any]) -> tuple[int, ...] | None:
    numbers = [_number(value) for value in values]
    if any(not np.isfinite(n) or n != round(n) or abs(n) > 2**53 for n in numbers):
        return None
    return tuple(int(n) for n in numbers)


def _tasks(tables: Tables) -> tuple[dict[int, tuple[Floats, Floats]], list[Remark]]:
    """Return origin and spacing in m of each task."""
    there = tables.columns["Tasks"]
    origin = [name for name in ("PosX", "PosY", "PosZ") if name in there]
    step = [name for name in ("SpacingX", "SpacingY", "SpacingZ") if name in there]
    code = ["ArrayCode"] if "ArrayCode" in there else []
    name = ["Name"] if "Name" in there else []
    tasks: dict[int, tuple[Floats, Floats]] = {}
    remarks = []
    for row in tables.rows("Tasks", ["ID", *origin, *step, *code, *name]):
        key = _key(row[1:2])
        if key is None:
            continue
        numbers = [_number(value) for value in row[2 : 2 + len(origin) + len(step)]]
        start, gap = np.zeros(3), np.ones(3)
        for label, value in zip((*origin, *step), numbers, strict=True):
            axis = "XYZ".index(label[-1])
            if label.startswith("Pos"):
                start[axis] = value if np.isfinite(value) else 0.0
            elif np.isfinite(value) and value != 0.0:
                gap[axis] = value
        tasks[key[0]] = (start, gap)
        said = _key(row[-2:-1] if name else row[-1:]) if code else None
        array = f", {array_name(said[0])} (ABEM's code)" if said else ""
        title = f" {str(row[-1])[:40]!r}" if name else ""
        remarks.append(Remark("kept", f"task {key[0]}{title}: spacing {gap[0]:g} m{array}"))
    return tasks, remarks[:20]


def _points(
    tables: Tables, tasks: dict[int, tuple[Floats, Floats]]
) -> dict[tuple[int, int], Floats]:
    """Return the places of A, B, M, N of each data point; NaN where remote."""
    there = tables.columns["DP_ABMN"]
    axes = [name for name in AXES if name in there]
    points: dict[tuple[int, int], Floats] = {}
    for row in tables.rows("DP_ABMN", ["ID", "TaskID", *axes]):
        key = _key(row[1:3])
        if key is None or key[1] not in tasks:
            continue
        start, gap = tasks[key[1]]
        place = np.zeros((4, 3))
        for label, value in zip(axes, row[3:], strict=True):
            i, axis = "ABMN".index(label[0]), "XYZ".index(label[-1])
            place[i, axis] = start[axis] + gap[axis] * _number(value)
        place[np.abs(place) > 1e9] = np.nan
        lost = np.isnan(place[:, 0])
        place[np.isnan(place)] = 0.0
        place[lost] = np.nan
        points[key[1], key[0]] = place
    return points


def _values(
    tables: Tables,
) -> tuple[
    dict[Key, int], dict[Key, float], dict[str, dict[Key, float]], dict[Key, dict[int, float]]
]:
    """Return the first row of each reading, its cycles, its values by quantity, its gates."""
    first: dict[Key, int] = {}
    stacks: dict[Key, float] = {}
    values: dict[str, dict[Key, float]] = {name: {} for name in TYPES.values()}
    gates: dict[Key, dict[int, float]] = {}
    names = ["TaskID", "MeasureID", "DPID", "Channel", "SeqNum", "DatatypeID", "DataValue"]
    cycles = ["MCycles"] if "MCycles" in tables.columns["DPV"] else []
    for row, *cells in tables.rows("DPV", [*names, *cycles]):
        known = _key([*cells[:4], cells[5]])
        if known is None or not 1 <= known[3] <= CHANNELS:
            continue
        task, measure, point, channel, kind = known
        key = (task, measure, point, channel)
        value = _number(cells[6])
        if kind == GATE:
            at = _number(cells[4])
            if np.isfinite(at) and 0 <= at < MOST_GATES:
                gates.setdefault(key, {})[int(at)] = value
        elif kind in TYPES:
            values[TYPES[kind]][key] = value
        else:
            continue
        first.setdefault(key, int(row))
        if cycles:
            stacks.setdefault(key, _number(cells[7]))
    return first, stacks, values, gates


def _times(tables: Tables) -> dict[int, float]:
    if "Time" not in tables.columns["Measures"]:
        return {}
    found: dict[int, str] = {}
    for row in tables.rows("Measures", ["ID", "Time"]):
        key = _key(row[1:2])
        if key is not None:
            found[key[0]] = str(row[2])[:40]
    if not found:
        return {}
    seconds, _ = seconds_of(list(found.values()))
    return dict(zip(found, seconds.tolist(), strict=True))


def _columns_of(
    keys: Sequence[Key],
    values: dict[str, dict[Key, float]],
    gates: dict[Key, dict[int, float]],
) -> tuple[dict[str, Floats], list[Remark]]:
    si = {
        name: np.array([found.get(key, np.nan) for key in keys])
        for name, found in values.items()
        if found
    }
    text = "DataSDev is kept in the file only: its unit (DataSDevType) is not documented"
    notes = [Remark("warning", text)]
    used = sorted({at for found in gates.values() for at in found})
    if used:
        decay = np.array([[gates.get(key, {}).get(at, np.nan) for at in used] for key in keys])
        si["decay"] = decay * 1e-3
        si["chargeability"], mean = mean_of_gates(si["decay"], None)
        text = "IP gates taken as mV/V; the project does not state their times in a known way"
        notes += [Remark("warning", text), mean]
    return si, notes


def _aside(source: Source) -> list[Remark]:
    journal = source.path.with_name(source.path.name + "-wal")
    if journal.is_file() and journal.stat().st_size:
        text = f"{journal.name} beside the file holds changes that are not read: close the project"
        return [Remark("warning", text)]
    return []


def _traced(si: dict[str, Floats]) -> tuple[Column, ...]:
    kinds = {name: kind for kind, name in TYPES.items()}
    columns = [Column("electrodes", "DP_ABMN.APosX ..", "take-outs", 1, "x Tasks.SpacingX to m")]
    for name in si:
        if name in kinds:
            word = f"DPV.DataValue, DatatypeID {kinds[name]}"
            columns.append(Column(name, word, NOTES[name], kinds[name]))
    if "decay" in si:
        word = f"DPV.DataValue, DatatypeID {GATE}, SeqNum"
        columns.append(Column("decay", word, "mV/V", GATE, "x 0.001 to V/V"))
    return tuple(columns)


FORMAT = Format(NAME, "ABEM Terrameter LS project (SQLite)", evidence, read, BINARY_LIMIT,
                carries=("IP", "3-D", "topography"))  # fmt: skip
