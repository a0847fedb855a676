"""Writing GeoPackages: points, lines and tables, by the standard library's SQLite."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ohmscape.arrays.course import course_of
from ohmscape.core import REMOTE, Data, Floats, Integers
from ohmscape.errors import SurveyError
from ohmscape.formats._container import Content, content_of, header_of
from ohmscape.formats._crs import system_of
from ohmscape.formats._fields import OVER_FREQUENCIES, OVER_GATES, SCALARS
from ohmscape.formats._gpkg_layout import (
    ABOUT,
    APPLICATION,
    CARTESIAN,
    ELECTRODES,
    FREQUENCIES,
    GATES,
    PROFILES,
    SOURCES,
    STANDARD,
    TERRAIN,
    USER_VERSION,
    Layer,
    line,
    point,
)
from ohmscape.formats._write import save


def write(data: Data, path: Path) -> tuple[str, ...]:
    """Write all of `data`: nothing is lost but its report."""
    return write_at(data, path, None)


def write_at(data: Data, path: Path, epsg: int | None) -> tuple[str, ...]:
    """Write all of `data`, its places in a coordinate system if its code is given."""
    content = content_of(data, epsg)
    base = sqlite3.connect(":memory:")
    try:
        base.executescript(STANDARD)
        base.execute(f"PRAGMA application_id = {APPLICATION}")
        base.execute(f"PRAGMA user_version = {USER_VERSION}")
        srs = _system(base, epsg)
        _places(base, content, srs)
        _readings(base, content)
        _beside(base, content)
        base.commit()
        save(path, base.serialize())
    finally:
        base.close()
    return ()


def _system(base: sqlite3.Connection, epsg: int | None) -> int:
    if epsg is None:
        return CARTESIAN
    name, definition = system_of(epsg)
    row = (name, epsg, "EPSG", epsg, definition, name)
    base.execute("INSERT OR REPLACE INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)", row)
    return epsg


def _table(
    base: sqlite3.Connection, layer: Layer, rows: Iterable[Sequence[Any]], *, srs: int = 0,
    places: Floats | None = None,
) -> None:  # fmt: skip
    """Create a table, enter it in the contents, fill it; the first value of a row is its fid."""
    shape = f"geom {layer.geometry}, " if layer.geometry else ""
    key = "fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL"
    base.execute(f"CREATE TABLE {layer.name} ({key}, {shape}{layer.columns})")
    box: tuple[Any, ...] = (None,) * 4
    if places is not None and len(places):
        box = (*places[:, :2].min(axis=0).tolist(), *places[:, :2].max(axis=0).tolist())
    kind = "features" if layer.geometry else "attributes"
    entry = (layer.name, kind, layer.name, layer.description, *box, srs if layer.geometry else None)
    base.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, min_x, min_y,"
        " max_x, max_y, srs_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        entry,
    )
    if layer.geometry:
        base.execute("INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', ?, ?, 1, 0)",
                     (layer.name, layer.geometry, srs))  # fmt: skip
    marks = ", ".join("?" * (1 + bool(shape) + layer.columns.count(",") + 1))
    base.executemany(f"INSERT INTO {layer.name} VALUES ({marks})", rows)


def _places(base: sqlite3.Connection, content: Content, srs: int) -> None:
    positions = content.positions
    buried = [None] * len(positions) if content.buried is None else content.buried.tolist()
    rows = (
        (i + 1, point(place, srs), label, float(place[2]), below)
        for i, (place, label, below) in enumerate(
            zip(positions, content.labels, buried, strict=True)
        )
    )
    _table(base, ELECTRODES, rows, srs=srs, places=positions)
    lines = profiles_of(positions)
    ways = (
        (i + 1, line(positions[way], srs), len(way),
         float(np.linalg.norm(np.diff(positions[way], axis=0), axis=1).sum()))
        for i, way in enumerate(lines)
    )  # fmt: skip
    _table(base, PROFILES, ways, srs=srs, places=positions)
    if content.terrain is not None:
        ground = content.terrain
        points = ((i + 1, point(p, srs), float(p[2])) for i, p in enumerate(ground))
        _table(base, TERRAIN, points, srs=srs, places=ground)


def _readings(base: sqlite3.Connection, content: Content) -> None:
    scalars = {name: content.fields[name] for name in SCALARS if name in content.fields}
    columns = [
        *(f"{name} INTEGER REFERENCES electrodes(fid)" for name in "abmn"),
        *(f"{name} DOUBLE" for name in scalars),
        "valid BOOLEAN",
        "reason TEXT",
        "source INTEGER",
        "source_row INTEGER",
    ]
    layer = Layer("readings", ", ".join(columns), "four-point readings, in SI units: see about")
    n = len(content.abmn)
    near = [[None if e == REMOTE else e + 1 for e in column] for column in content.abmn.T.tolist()]
    traced = [
        [None] * n if part is None else part.tolist()
        for part in (content.source, content.source_row)
    ]
    # SQLite keeps NaN as NULL
    values = [column.tolist() for column in scalars.values()]
    parts = [range(1, n + 1), *near, *values, content.valid.tolist(),
             [text or None for text in content.reasons], *traced]  # fmt: skip
    _table(base, layer, zip(*parts, strict=True))
    for name, over in (("decays", OVER_GATES), ("spectra", OVER_FREQUENCIES)):
        windows = {part: content.fields[part] for part in over if part in content.fields}
        if windows:
            word = "gate" if over is OVER_GATES else "frequency"
            _windows(base, name, word, windows)


def _windows(base: sqlite3.Connection, name: str, word: str, windows: dict[str, Floats]) -> None:
    """Write values over gates or frequencies, one row for each reading and each of them."""
    n, width = next(iter(windows.values())).shape
    columns = f"reading INTEGER REFERENCES readings(fid), {word} INTEGER, " + ", ".join(
        f"{part} DOUBLE" for part in windows
    )
    layer = Layer(name, columns, f"{name} of the readings, one row for each {word}")
    reading = np.repeat(np.arange(1, n + 1), width).tolist()
    number = np.tile(np.arange(1, width + 1), n).tolist()
    values = [part.reshape(-1).tolist() for part in windows.values()]
    rows = zip(range(1, n * width + 1), reading, number, *values, strict=True)
    _table(base, layer, rows)


def _beside(base: sqlite3.Connection, content: Content) -> None:
    if content.gates is not None:
        pairs = zip(content.gates.start.tolist(), content.gates.width.tolist(), strict=True)
        _table(base, GATES, ((i + 1, *pair) for i, pair in enumerate(pairs)))
    if content.frequencies is not None:
        rows = ((i + 1, hertz) for i, hertz in enumerate(content.frequencies.tolist()))
        _table(base, FREQUENCIES, rows)
    if content.sources:
        files = ((one["name"], one["sha256"], one["format"]) for one in content.sources)
        _table(base, SOURCES, ((i + 1, *file) for i, file in enumerate(files)))
    header = header_of(content)
    kept = {key: header[key] for key in ("ohmscape", "version", "epsg", "columns")}
    about = ((i + 1, key, json.dumps(value)) for i, (key, value) in enumerate(kept.items()))
    _table(base, ABOUT, about)


def profiles_of(positions: Floats) -> list[Integers]:
    """Return the electrodes of each line, in order along it, from the uppermost at each place.

    One line where all lie on one; else lines of equal y, or of equal x, whichever are fewer; none
    where an electrode is on none of these.
    """
    if len(positions) < 2:
        return []
    try:
        along, _ = course_of(positions).project(positions[:, :2])
    except SurveyError:
        return _parallel(positions)
    return _ways([_in_order(positions, np.arange(len(positions)), along)])


def _parallel(positions: Floats) -> list[Integers]:
    best: list[Integers] = []
    for across, along in ((1, 0), (0, 1)):
        level = np.round(positions[:, across], 6)
        groups = [np.flatnonzero(level == value) for value in np.unique(level)]
        lines = [_in_order(positions, group, positions[group, along]) for group in groups]
        if all(len(one) > 1 for one in lines) and (not best or len(lines) < len(best)):
            best = lines
    return _ways(best)


def _in_order(positions: Floats, group: Integers, along: Floats) -> Integers:
    order = group[np.lexsort((-positions[group, 2], along))]
    steps = np.linalg.norm(np.diff(positions[order, :2], axis=0), axis=1)
    kept: Integers = order[np.append(True, steps > 0.0)]
    return kept


def _ways(lines: list[Integers]) -> list[Integers]:
    return [way for way in lines if len(way) > 1]
