"""GeoPackage: electrodes as points, profiles as lines, readings as tables, for any GIS.

The container is the standard's; which tables hold what is ours, in docs/formats/geopackage.md.
Source: OGC GeoPackage Encoding Standard 1.3 (12-128r17).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ohmscape.core import REMOTE, Booleans, Column, Data, Floats, Gates, Integers
from ohmscape.formats._container import Content, check_version, data_of
from ohmscape.formats._fields import OVER_FREQUENCIES, OVER_GATES, QUANTITIES, SCALARS
from ohmscape.formats._gpkg_layout import place_of
from ohmscape.formats._gpkg_write import write, write_at
from ohmscape.formats._source import BINARY_LIMIT, Evidence, Format, Source
from ohmscape.formats._sqlite import MAGIC, Tables, opened

NAME = "geopackage"
TABLES = ("electrodes", "readings", "terrain", "gates", "frequencies", "decays", "spectra",
          "sources", "about", "gpkg_contents")  # fmt: skip
MEND = "write it again by Ohmscape, or see docs/formats/geopackage.md"
HOLDER = slice(68, 72)  #: bytes of the application's id in SQLite's header


def evidence(head: bytes, path: Path) -> Evidence:
    """Judge whether the head of a file is of this format."""
    del path
    if not head.startswith(MAGIC):
        return Evidence(0.0, ("is no SQLite database",))
    if head[HOLDER] == b"GPKG":
        return Evidence(0.97, ("SQLite database", "whose application is GPKG"))
    if b"gpkg_contents" in head:
        return Evidence(0.9, ("SQLite database", "table gpkg_contents"))
    return Evidence(0.1, ("SQLite database", "of another application"))


def read(source: Source) -> Data:
    """Return the data of a file.

    Raises
    ------
    FormatError, SurveyError
        The file cannot be read; says where and how to mend it.
    """
    with opened(source, TABLES, MEND) as tables:
        missing = [name for name in ("electrodes", "readings") if name not in tables.columns]
        if missing:
            raise source.fault(
                f"no table {missing[0]}", mend="a GeoPackage of other things: name another file"
            )
        content = _content(source, tables)
    return data_of(source, NAME, content, MEND)


def _content(source: Source, tables: Tables) -> Content:
    electrodes = _rows(tables, "electrodes", ("geom", "label", "elevation", "buried"))
    positions = _positions(source, electrodes)
    index = {row[0]: i for i, row in enumerate(electrodes)}
    about = {key: value for _, key, value in _rows(tables, "about", ("key", "value"))}
    check_version(source, _whole(about.get("version")), MEND)
    names = [name for name in SCALARS if name in tables.columns["readings"]]
    readings = _rows(tables, "readings", (*"abmn", *names, "valid", "reason", "source"))
    n = len(readings)
    number = {row[0]: i for i, row in enumerate(readings)}
    columns = list(zip(*readings, strict=True)) or [()] * (8 + len(names))
    fields = {name: _floats(source, name, columns[5 + i]) for i, name in enumerate(names)}
    fields |= _windows(source, tables, "decays", "gate", tuple(OVER_GATES), number)
    fields |= _windows(source, tables, "spectra", "frequency", tuple(OVER_FREQUENCIES), number)
    valid, reasons, which = columns[-3:]
    return Content(
        positions,
        tuple(str(i + 1) if row[2] is None else str(row[2]) for i, row in enumerate(electrodes)),
        _abmn(source, columns[1:5], index).reshape(n, 4),
        fields,
        np.array([flag is None or flag == 1 for flag in valid], dtype=np.bool_),
        tuple("" if text is None else str(text) for text in reasons),
        _buried([row[4] for row in electrodes]),
        _gates(source, tables),
        _list(source, tables, "frequencies", "frequency_hz"),
        _terrain(source, tables),
        _whole(about.get("epsg")),
        tuple(
            {"name": str(name), "sha256": str(sha), "format": str(form)}
            for _, name, sha, form in _rows(tables, "sources", ("name", "sha256", "format"))
        ),
        np.array([int(i) if isinstance(i, int) and abs(i) < 2**31 else 0 for i in which],
                 dtype=np.int64),
        columns=_columns(names),
    )  # fmt: skip


def _rows(tables: Tables, name: str, columns: Sequence[str]) -> list[tuple[Any, ...]]:
    """Return columns of a table, None where it has no such column; nothing if it is not there."""
    if name not in tables.columns:
        return []
    there = [column for column in columns if column in tables.columns[name]]
    if there == list(columns):
        return tables.rows(name, columns)
    found = tables.rows(name, there) if there else tables.rows(name, ("rowid",))
    place = [1 + there.index(column) if column in there else None for column in columns]
    return [(row[0], *(None if i is None else row[i] for i in place)) for row in found]


def _positions(source: Source, rows: Sequence[tuple[Any, ...]]) -> Floats:
    out = np.full((len(rows), 3), np.nan)
    for i, (fid, blob, _, elevation, _) in enumerate(rows):
        place = place_of(blob)
        if place is None:
            raise source.fault(f"electrode {fid} is no point", mend=MEND)
        out[i] = place
        if np.isnan(out[i, 2]):
            out[i, 2] = elevation if isinstance(elevation, int | float) else 0.0
    return out


def _abmn(source: Source, columns: Sequence[Sequence[Any]], index: dict[Any, int]) -> Integers:
    out = np.full((len(columns[0]), 4), REMOTE, dtype=np.int64)
    for j, column in enumerate(columns):
        for i, number in enumerate(column):
            if number is None:
                continue
            if not isinstance(number, int) or number not in index:
                raise source.fault(
                    f"record {i + 1}: electrode {str(number)[:20]} is not in the list",
                    mend="give the fid of an electrode, or nothing where it is at infinity",
                )
            out[i, j] = index[number]
    return out


def _floats(source: Source, name: str, column: Sequence[Any]) -> Floats:
    for i, value in enumerate(column):
        if not (value is None or isinstance(value, int | float)):
            raise source.fault(f"record {i + 1}: {name} is no number", mend=MEND)
    return np.array([np.nan if value is None else float(value) for value in column])


def _list(source: Source, tables: Tables, name: str, column: str) -> Floats | None:
    if name not in tables.columns:
        return None
    return _floats(source, name, [row[1] for row in _rows(tables, name, (column,))])


def _gates(source: Source, tables: Tables) -> Gates | None:
    start = _list(source, tables, "gates", "start_s")
    width = _list(source, tables, "gates", "width_s")
    return None if start is None or width is None else Gates(start, width)


def _terrain(source: Source, tables: Tables) -> Floats | None:
    if "terrain" not in tables.columns:
        return None
    rows = [(*row, None) for row in _rows(tables, "terrain", ("geom", "label", "elevation"))]
    return _positions(source, rows)


def _windows(
    source: Source, tables: Tables, table: str, word: str, names: tuple[str, ...],
    number: dict[Any, int],
) -> dict[str, Floats]:  # fmt: skip
    """Return values over gates or frequencies; a table must have each of them for each reading."""
    if table not in tables.columns:
        return {}
    names = tuple(name for name in names if name in tables.columns[table])
    rows = _rows(tables, table, ("reading", word, *names))
    if not rows or not names:
        return {}
    numbers = [number.get(row[1], -1) for row in rows]
    which = [row[2] if isinstance(row[2], int) and 0 < row[2] <= len(rows) else 0 for row in rows]
    width = max(which)
    if min(numbers) < 0 or min(which) < 1 or width * len(number) != len(rows):
        raise source.fault(f"{table} do not have each {word} of each reading once", mend=MEND)
    out = {}
    for j, name in enumerate(names):
        values = np.full((len(number), width), np.nan)
        values[numbers, np.array(which) - 1] = _floats(source, name, [row[3 + j] for row in rows])
        out[name] = values
    return out


def _buried(flags: Sequence[Any]) -> Booleans | None:
    if all(flag is None for flag in flags):
        return None
    return np.array([flag == 1 for flag in flags], dtype=np.bool_)


def _whole(value: Any) -> int | None:
    text = str(value)
    return int(text) if text.isdigit() and len(text) < 10 else None


def _columns(names: Sequence[str]) -> tuple[Column, ...]:
    out = [Column(name, name, "", i + 2) for i, name in enumerate("abmn")]
    return (*out, *(Column(n, n, QUANTITIES[n].unit, i + 6) for i, n in enumerate(names)))


FORMAT = Format(NAME, "GeoPackage: electrodes, profiles and readings for a GIS", evidence, read,
                BINARY_LIMIT, write=write, write_at=write_at, endings=(".gpkg",),
                carries=("IP", "3-D", "topography"))  # fmt: skip
