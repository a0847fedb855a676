"""Writing the BERT unified format."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ohmscape.core import Data, Floats
from ohmscape.errors import FormatError


def write_bert(data: Data, path: str | Path) -> None:
    """Write readings as BERT/pyGIMLi unified data, which `ohmscape.read` gives back.

    Parameters
    ----------
    data : Data
    path : path of the file; one that is there is replaced, and never left half-written

    Raises
    ------
    FormatError
        The file cannot be written.

    Notes
    -----
    Electrodes as x z, or x y z if y differs from 0; columns a b m n r, then err (part of |R|), i,
    u, ip/mrad, ma/mV/V, sp, k, rhoa, stacks as far as `data` has them, and valid where a reading
    is not. Electrodes count from 1; 0 is remote. Numbers are written so that they come back the
    same. Not in the file: decays, times, reasons, labels; and terrain where all electrodes have
    elevation 0, because they would be raised onto it.
    """
    place = Path(path)
    text = "\n".join([*_electrodes(data), *_readings(data), *_terrain(data), ""])
    try:
        _replace(place, text)
    except (OSError, ValueError) as error:
        raise FormatError(
            f"cannot be written: {error}", where=str(place), mend="check folder and permissions"
        ) from error


def _replace(place: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{place.name}.", dir=place.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        part.chmod(0o644)
        part.replace(place)
    finally:
        part.unlink(missing_ok=True)


def _electrodes(data: Data) -> list[str]:
    positions = data.survey.electrodes.positions
    axes = (0, 1, 2) if np.any(positions[:, 1]) else (0, 2)
    names = " ".join("xyz"[axis] for axis in axes)
    return [f"{len(positions)}# Number of electrodes", f"#{names}", *_rows(positions[:, axes])]


def _readings(data: Data) -> list[str]:
    columns: dict[str, Floats] = {"r": data.resistance}
    if data.standard_deviation is not None:
        with np.errstate(divide="ignore", invalid="ignore"):
            columns["err"] = data.standard_deviation / np.abs(data.resistance)
    for name, values, factor in (
        ("i", data.current, 1.0), ("u", data.voltage, 1.0), ("ip/mrad", data.phase, 1e3),
        ("ma/mV/V", data.chargeability, 1e3), ("sp", data.self_potential, 1.0),
        ("k", data.geometric_factor, 1.0), ("rhoa", data.apparent_resistivity, 1.0),
        ("stacks", data.stacks, 1.0),
    ):  # fmt: skip
        if values is not None:
            columns[name] = values * factor
    if not data.valid.all() and data.valid.any():
        columns["valid"] = data.valid.astype(np.float64)
    numbers = _rows(np.column_stack(list(columns.values())))
    indices = [" ".join(str(i + 1) for i in row) for row in data.survey.abmn.tolist()]
    rows = [f"{i} {v}" for i, v in zip(indices, numbers, strict=True)]
    return [f"{len(rows)}# Number of data", "#a b m n " + " ".join(columns), *rows]


def _terrain(data: Data) -> list[str]:
    if data.terrain is None or not np.any(data.survey.electrodes.positions[:, 2]):
        return []
    points = data.terrain.points
    return [f"{len(points)}# Number of topography points", "#x y z", *_rows(points)]


def _rows(values: Floats) -> list[str]:
    def text(row: Sequence[float]) -> str:
        return " ".join(str(int(v)) if v == round_or_zero(v) else repr(v) for v in row)

    def round_or_zero(v: float) -> float:
        return round(v) if np.isfinite(v) and abs(v) < 1e15 else np.nan

    return [text(row) for row in values.tolist()]
