"""Any delimited text whose columns are said by a mapping: the way in for meters without a format.

The mapping is given (`ohmscape.formats.Mapping`, or a TOML file), or lies beside the text as
``NAME.columns.toml``. Nothing is guessed: a text without a mapping is not read.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ohmscape.core import Column, Data, Floats, Gates, Integers, Remark
from ohmscape.formats._assemble import Draft, Values, assemble
from ohmscape.formats._checks import listed
from ohmscape.formats._columns_places import placed_of
from ohmscape.formats._dates import seconds_of
from ohmscape.formats._mapping import DELIMITERS, MANY, UNITS, Mapping, beside, load_mapping
from ohmscape.formats._source import Evidence, Format, Source, quote
from ohmscape.formats._text import at_once, lines_of, number, unreadable

NAME = "columns"

#: quantity -> field of `Values`
FIELDS = {
    "r": "resistance", "u": "voltage", "i": "current", "rhoa": "apparent_resistivity",
    "k": "geometric_factor", "phase": "phase", "phase_err": "phase_deviation",
    "ip": "chargeability", "ip_err": "chargeability_deviation", "decay": "decay",
    "decay_err": "decay_deviation", "sp": "self_potential", "stacks": "stacks",
    "contact": "contact_resistance", "time": "time",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Grid:
    """The cells of a text that a mapping names, as numbers."""

    values: dict[str, Floats]  #: by quantity: (n,) or (n, several), in the file's unit
    where: dict[str, tuple[int, ...]]  #: by quantity: columns from 0
    header: tuple[str, ...]
    lines: Integers
    rows: list[str]
    short: Floats
    remarks: tuple[Remark, ...]


def evidence(head: bytes, path: Path) -> Evidence:
    """Judge whether a mapping lies beside the file."""
    del head
    found = beside(path)
    if found is None:
        return Evidence(0.0, ("no mapping beside it",))
    return Evidence(1.0, (f"{found.name} lies beside it",))


def read(source: Source) -> Data:
    """Return the data of a file.

    Raises
    ------
    FormatError, SurveyError
        No mapping, or the file does not fit it; says where and how to mend it.
    """
    mapping, name = _mapping(source)
    grid = _grid(source, mapping)
    placed = placed_of(source, mapping, grid.values, grid.lines)
    if not placed.known.any():
        line = int(grid.lines[0])
        raise source.fault("no row has its electrodes", line=line, mend="check the mapping")
    keep = placed.known
    values, more = _values(grid, mapping, keep)
    refused = [] if keep.all() else [
        Remark("refused", "row without its electrodes", listed(grid.lines, ~keep),
               int((~keep).sum()))]  # fmt: skip
    starts, widths = np.array(mapping.gate_start), np.array(mapping.gate_width)
    return assemble(
        Draft(
            source=source,
            format=NAME,
            electrodes=placed.electrodes,
            abmn=placed.abmn[keep],
            rows=grid.lines[keep],
            values=values,
            keys=[row for row, ok in zip(grid.rows, keep, strict=True) if ok],
            columns=_columns(grid, mapping),
            faults=((grid.short[keep] > 0.0, "incomplete row"),),
            remarks=(
                Remark("kept", f"columns by {name}"), *grid.remarks, *placed.remarks, *refused,
                *more,
            ),
            gates=Gates(starts, widths) if len(starts) and "decay" in grid.values else None,
        )
    )  # fmt: skip


def _mapping(source: Source) -> tuple[Mapping, str]:
    given = source.mapping
    if isinstance(given, Mapping):
        return given, "the mapping that was given"
    if isinstance(given, (str, Path)):
        return load_mapping(given), Path(given).name
    found = beside(source.path)
    if found is None:
        raise source.fault(
            "no mapping says what the columns are",
            mend=f"write {source.path.stem}.columns.toml beside it (docs/formats/columns.md), or"
            " give read(path, mapping=...)",
        )
    return load_mapping(found), found.name


def _grid(source: Source, mapping: Mapping) -> Grid:
    lines = lines_of(source)
    if len(lines) <= mapping.header_rows:
        raise source.fault(
            f"{len(lines)} lines, and {mapping.header_rows} of them are the header",
            line=len(lines), mend="check header_rows of the mapping",
        )  # fmt: skip
    where, header = _where(source, mapping, lines[: mapping.header_rows])
    rows: list[str] = []
    numbers: list[int] = []
    for i in range(mapping.header_rows, len(lines)):
        text = lines[i]
        if text.strip() and not (mapping.comment and text.lstrip().startswith(mapping.comment)):
            rows.append(text)
            numbers.append(i + 1)
    if not rows:
        raise source.fault("no rows below the header", line=len(lines), mend="export it again")
    wanted = sorted({j for name, columns in where.items() if not _is_date(mapping, name)
                     for j in columns})  # fmt: skip
    table, short = _table(source, mapping, rows, numbers, wanted)
    values = {
        name: _pick(table, wanted, columns, name)
        for name, columns in where.items()
        if not _is_date(mapping, name)
    }
    remarks = []
    if "time" in where and _is_date(mapping, "time"):
        cells = [_cell(mapping, row, where["time"][0]) for row in rows]
        values["time"], why = seconds_of(cells)
        kind = "warning" if np.isnan(values["time"]).any() else "kept"
        remarks.append(Remark(kind, f"dates: {why}", (), len(rows)))
    if short.any():
        text = "rows with fewer cells than the mapping names"
        remarks.append(Remark("warning", text, listed(np.array(numbers), short > 0),
                              int((short > 0).sum())))  # fmt: skip
    return Grid(values, where, header, np.array(numbers), rows, short, tuple(remarks))


def _is_date(mapping: Mapping, name: str) -> bool:
    return name == "time" and mapping.columns["time"].unit == "date"


def _pick(table: Floats, wanted: Sequence[int], columns: Sequence[int], name: str) -> Floats:
    picked = table[:, [wanted.index(j) for j in columns]]
    return picked if name in MANY else picked[:, 0]


def _where(
    source: Source, mapping: Mapping, head: Sequence[str]
) -> tuple[dict[str, tuple[int, ...]], tuple[str, ...]]:
    """Return the columns of each quantity from 0, and the names in the header."""
    named = [p for cell in mapping.columns.values() for p in _parts(cell.column)
             if isinstance(p, str)]  # fmt: skip
    header: tuple[str, ...] = ()
    for line in head if named else head[-1:]:
        cells = tuple(c.strip().strip('"') for c in _split(mapping, line))
        hits = sum(name in cells for name in named)
        if hits > sum(name in header for name in named) or not named:
            header = cells
    for name in named:
        if header.count(name) != 1:
            what = "is not in the header" if name not in header else "is in the header twice"
            raise source.fault(
                f"column {quote(name)} of the mapping {what}", line=max(len(head), 1),
                mend=f"the header names {', '.join(header)[:200] or 'nothing'}",
            )  # fmt: skip
    out = {
        name: tuple(header.index(p) if isinstance(p, str) else p - 1 for p in _parts(cell.column))
        for name, cell in mapping.columns.items()
    }
    return out, header


def _parts(column: int | str | tuple[int | str, ...]) -> tuple[int | str, ...]:
    return column if isinstance(column, tuple) else (column,)


def _split(mapping: Mapping, line: str) -> list[str]:
    delimiter = DELIMITERS[mapping.delimiter]
    if delimiter is None:
        return line.split()
    if '"' not in line:
        return line.split(delimiter)
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return line.split(delimiter)


def _cell(mapping: Mapping, row: str, j: int) -> str:
    cells = _split(mapping, row)
    return cells[j].strip() if j < len(cells) else ""


def _table(
    source: Source, mapping: Mapping, rows: Sequence[str], lines: Sequence[int],
    wanted: Sequence[int],
) -> tuple[Floats, Floats]:  # fmt: skip
    """Return the wanted columns as numbers, and 1 where a row is too short."""
    simple = mapping.decimal == "." and not mapping.missing
    if simple and wanted:
        whole = at_once(rows, DELIMITERS[mapping.delimiter], wanted)
        if whole is not None:
            return whole, np.zeros(len(rows))
    values = np.full((len(rows), len(wanted)), np.nan)
    short = np.zeros(len(rows))
    for i, row in enumerate(rows):
        cells = _split(mapping, row)
        short[i] = bool(wanted) and len(cells) <= wanted[-1]
        for k, j in enumerate(wanted):
            cell = cells[j].strip() if j < len(cells) else ""
            if cell in mapping.missing:
                continue
            value = number(cell.replace(",", ".") if mapping.decimal == "," else cell)
            if value is None:
                raise unreadable(source, cell, lines[i], j + 1)
            values[i, k] = value
    return values, short


def _values(grid: Grid, mapping: Mapping, keep: np.typing.NDArray[np.bool_]) -> tuple[
    Values, list[Remark]
]:  # fmt: skip
    found: dict[str, Floats] = {}
    remarks = []
    for name, target in FIELDS.items():
        if name in grid.values:
            found[target] = grid.values[name][keep] * _factor(mapping, name)
    if "err" in grid.values:
        unit = mapping.columns["err"].unit
        error = grid.values["err"][keep] * _factor(mapping, "err")
        if unit in ("1", "%", "0.1%"):
            found["relative_error"] = error
        elif unit == "ohm":
            found["absolute_error"] = error
        else:
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                found["absolute_error"] = error / np.abs(found["current"])
            remarks.append(Remark("kept", "errors of the voltage divided by the current"))
    if "phase" in found:
        remarks.append(Remark("kept", "phase keeps the sign that the file gives it"))
    if "decay" in found and not mapping.gate_start:
        text = "decays are kept without their times: the mapping does not state them"
        remarks.append(Remark("warning", text, (), int(keep.sum())))
    return Values(**found), remarks


def _factor(mapping: Mapping, name: str) -> float:
    units = UNITS[name]
    return units[mapping.columns[name].unit or next(iter(units))]


def _columns(grid: Grid, mapping: Mapping) -> tuple[Column, ...]:
    out = []
    for name, columns in grid.where.items():
        field = "standard_deviation" if name == "err" else FIELDS.get(name, name)
        unit = mapping.columns[name].unit or next(iter(UNITS[name]))
        factor = _factor(mapping, name)
        note = "" if factor == 1.0 else f"x {factor:g} to SI"
        for j in columns:
            token = grid.header[j] if j < len(grid.header) else f"column {j + 1}"
            out.append(Column(field, token, unit, j + 1, note))
    return tuple(sorted(out, key=lambda c: c.index))


FORMAT = Format(NAME, "any delimited text, columns said by a mapping", evidence, read,
                carries=("IP", "3-D", "topography"))  # fmt: skip
