"""Apache Parquet: one row for each reading, electrodes and all else in the file's metadata.

The layout is ours and written down in docs/specs/parquet.md. Libraries of tables read the readings
as they are; only the schema's own text says that a file is one of ours.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ohmscape.core import REMOTE, Column, Data, Floats, Gates, Integers
from ohmscape.formats._container import (
    Content,
    content_of,
    data_of,
    header_from,
    header_of,
    numbers,
    points_from,
    texts,
)
from ohmscape.formats._crs import system_of
from ohmscape.formats._fields import QUANTITIES, SCALARS
from ohmscape.formats._needs import needed
from ohmscape.formats._source import BINARY_LIMIT, Evidence, Format, Source
from ohmscape.formats._unpacked import most_unpacked
from ohmscape.formats._write import save

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

NAME = "parquet"
MAGIC = b"PAR1"
KEY = b"ohmscape"  #: of the header in the file's metadata
MEND = "write it again by Ohmscape, or see docs/specs/parquet.md"
COMPRESSION = "zstd"
LONGEST_HEADER = 50_000_000  #: bytes


def evidence(head: bytes, path: Path) -> Evidence:
    """Judge whether the head of a file is of this format."""
    del path
    if not head.startswith(MAGIC):
        return Evidence(0.0, ("does not begin with PAR1",))
    return Evidence(0.95, ("begins with PAR1",))


def write(data: Data, path: Path) -> tuple[str, ...]:
    """Write all of `data`: nothing is lost but its report."""
    return write_at(data, path, None)


def write_at(data: Data, path: Path, epsg: int | None) -> tuple[str, ...]:
    """Write all of `data` with the coordinate system of its places."""
    needed("pyarrow")
    import pyarrow as pa
    import pyarrow.parquet as pq

    content = content_of(data, epsg)
    columns = _columns(content)
    about = header_of(content)
    if epsg is not None:
        about["coordinate_system"], _ = system_of(epsg)
    header = {KEY: json.dumps(_finite(about), allow_nan=False).encode()}
    table = pa.table(columns)
    sink = pa.BufferOutputStream()
    # without Arrow's own copy of the schema: readers then need not trust it
    options = {"compression": COMPRESSION, "store_schema": False}
    with pq.ParquetWriter(sink, table.schema, **options) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata(header)
    save(path, sink.getvalue().to_pybytes())
    return ()


def _columns(content: Content) -> "dict[str, pa.Array]":
    import pyarrow as pa

    out: dict[str, pa.Array] = {}
    for name, column in zip("abmn", content.abmn.T, strict=True):
        out[name] = pa.array(column + 1, pa.int32(), mask=column == REMOTE)
    for name, values in content.fields.items():
        out[name] = _array(values)
    out["valid"] = pa.array(content.valid, pa.bool_())
    out["reason"] = pa.array([text or None for text in content.reasons], pa.string())
    if content.source is not None and content.source_row is not None:
        out["source"] = pa.array(content.source, pa.int32())
        out["source_row"] = pa.array(content.source_row, pa.int64())
    return out


def _array(values: Floats) -> "pa.Array":
    """Return values, or rows of values as lists, with null for NaN."""
    import pyarrow as pa

    flat = pa.array(np.ascontiguousarray(values).reshape(-1), pa.float64(), from_pandas=True)
    if values.ndim == 1:
        return flat
    steps = np.arange(len(values) + 1, dtype=np.int32) * np.int32(values.shape[1])
    return pa.ListArray.from_arrays(steps, flat)


def _finite(part: Any) -> Any:
    """Return plain values with None for numbers that JSON does not know."""
    if isinstance(part, dict):
        return {key: _finite(value) for key, value in part.items()}
    if isinstance(part, list):
        return [_finite(value) for value in part]
    return None if isinstance(part, float) and not np.isfinite(part) else part


def read(source: Source) -> Data:
    """Return the data of a file.

    Raises
    ------
    FormatError, SurveyError
        The file cannot be read; says where and how to mend it.
    """
    needed("pyarrow")
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(pa.BufferReader(source.content))
        _check_size(source, file)
        raw = (file.metadata.metadata or {}).get(KEY, b"")
        if not raw or len(raw) > LONGEST_HEADER:
            raise source.fault(
                f"a table of {file.metadata.num_columns} columns that names no electrodes"
                if not raw else "header of too many bytes",
                mend="write it by Ohmscape, or export the table as text and map its columns",
            )  # fmt: skip
        header = header_from(source, raw.decode("utf-8", "replace"), MEND)
        wanted = [*"abmn", "valid", "reason", "source", "source_row", *QUANTITIES]
        known = [name for name in wanted if name in file.schema_arrow.names]
        table = file.read(columns=known, use_threads=False)
    except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError, KeyError,
            TypeError) as error:  # fmt: skip
        raise source.fault(f"Parquet: {str(error)[:120]}", mend=MEND) from error
    return data_of(source, NAME, _content(source, header, table), MEND)


def _check_size(source: Source, file: "pq.ParquetFile") -> None:
    """Refuse a file that would fill the memory: repeated values take next to no place in it.

    Columns are not asked one by one: pyarrow ends the process where what is said of one is damaged.
    """
    meta = file.metadata
    stated = sum(meta.row_group(i).total_byte_size for i in range(meta.num_row_groups))
    size = max(stated, 8 * meta.num_rows * meta.num_columns)
    if size > most_unpacked(len(source.content)) or meta.num_rows < 0:
        raise source.fault(f"unpacks to {size / 1e6:.0f} MB", mend="split it by survey")


def _content(source: Source, header: Any, table: "pa.Table") -> Content:
    electrodes = header.get("electrodes")
    positions = points_from(electrodes)
    if positions is None or not isinstance(electrodes, dict):
        raise source.fault("header without electrodes", mend=MEND)
    missing = [name for name in (*"abmn", "resistance") if name not in table.column_names]
    if missing:
        raise source.fault(f"no column {missing[0]}", mend=MEND)
    buried = electrodes.get("buried")
    epsg = header.get("epsg")
    frequencies = header.get("frequencies")
    labels = electrodes.get("label")
    n = table.num_rows
    names = table.column_names
    return Content(
        positions,
        tuple(str(label) for label in labels) if isinstance(labels, list) else (),
        np.column_stack([_whole(source, table, e, REMOTE + 1) for e in "abmn"]) - 1,
        {name: _floats(source, table, name) for name in QUANTITIES if name in names},
        _valid(source, table) if "valid" in names else np.ones(n, dtype=np.bool_),
        _texts(source, table, "reason") if "reason" in names else ("",) * n,
        np.array(buried, dtype=np.bool_) if _of(buried, bool) else None,
        _gates(source, header.get("gates")),
        None if frequencies is None else numbers(frequencies),
        None if header.get("terrain") is None else points_from(header["terrain"]),
        epsg if isinstance(epsg, int) else None,
        _sources(header.get("sources")),
        _whole(source, table, "source", 0) if "source" in names else None,
        columns=tuple(
            Column(name if name in (*"abmn", *SCALARS) else "", name, _unit(name), i + 1)
            for i, name in enumerate(names)
        ),
    )


def _of(part: object, kind: type) -> bool:
    return isinstance(part, list) and all(isinstance(value, kind) for value in part)


def _unit(name: str) -> str:
    return QUANTITIES[name].unit if name in QUANTITIES else ""


def _gates(source: Source, part: object) -> Gates | None:
    if part is None:
        return None
    start, width = (
        numbers(part.get(key)) if isinstance(part, dict) else None for key in ("start", "width")
    )
    if start is None or width is None:
        raise source.fault("header with gates that are no numbers", mend=MEND)
    return Gates(start, width)


def _sources(part: object) -> tuple[dict[str, str], ...]:
    if not isinstance(part, Sequence) or isinstance(part, str):
        return ()
    return tuple(
        dict(zip(one, texts(list(one.values())), strict=True))
        for one in part[:1000]
        if isinstance(one, dict)
    )


def _floats(source: Source, table: "pa.Table", name: str) -> Floats:
    import pyarrow as pa

    column = table.column(name)
    rows = len(column)
    try:
        listed = pa.types.is_list(column.type) or pa.types.is_large_list(column.type)
        if (name not in SCALARS) != listed:
            raise source.fault(f"column {name} is of type {column.type}", mend=MEND)
        if not listed:
            return np.asarray(column.cast(pa.float64()).to_numpy(), dtype=np.float64)
        flat = pa.concat_arrays([chunk.flatten() for chunk in column.chunks])
        lengths = np.concatenate(
            [chunk.value_lengths().to_numpy(zero_copy_only=False) for chunk in column.chunks]
        )
        if rows == 0 or np.any(lengths != lengths[0]) or len(flat) != rows * int(lengths[0]):
            raise source.fault(f"column {name} has lists of different lengths", mend=MEND)
        values = flat.cast(pa.float64()).to_numpy(zero_copy_only=False)
        return np.asarray(values, dtype=np.float64).reshape(rows, int(lengths[0]))
    except (pa.ArrowException, ValueError) as error:
        raise source.fault(f"column {name}: {str(error)[:120]}", mend=MEND) from error


def _whole(source: Source, table: "pa.Table", name: str, null: int) -> Integers:
    import pyarrow as pa

    try:
        column = table.column(name).cast(pa.int64()).fill_null(null)
    except (pa.ArrowException, ValueError) as error:
        raise source.fault(f"column {name}: {str(error)[:120]}", mend=MEND) from error
    return np.asarray(column.to_numpy(), dtype=np.int64)


def _valid(source: Source, table: "pa.Table") -> Any:
    return _whole(source, table, "valid", 0) == 1


def _texts(source: Source, table: "pa.Table", name: str) -> tuple[str, ...]:
    try:
        return tuple("" if text is None else str(text) for text in table.column(name).to_pylist())
    except ValueError as error:  # not UTF-8
        raise source.fault(f"column {name}: {str(error)[:120]}", mend=MEND) from error


FORMAT = Format(NAME, "Parquet: a table of readings with their electrodes", evidence, read,
                BINARY_LIMIT, write=write, write_at=write_at, endings=(".parquet",),
                carries=("IP", "3-D", "topography"))  # fmt: skip
