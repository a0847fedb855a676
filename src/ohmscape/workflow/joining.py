"""Field files put together, placed, edited and paired, and written as one."""

import csv
import hashlib
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ohmscape._version import __version__
from ohmscape.core.data import Data
from ohmscape.errors import FormatError, SurveyError
from ohmscape.formats import by_ending, read, writable, write
from ohmscape.joining.controls import read_controls, read_ground
from ohmscape.joining.electrodes import (
    moved,
    renamed,
    rewired,
    shifted,
    swapped,
    switched_off,
    turned,
)
from ohmscape.joining.lines import Place as LinePlace
from ohmscape.joining.lines import on_map, read_places
from ohmscape.joining.merging import merge
from ohmscape.joining.pairs import Paired, averaged, pair
from ohmscape.joining.placing import localised, place
from ohmscape.workflow.folder import write_folder
from ohmscape.workflow.record import origin_record, report_record

if TYPE_CHECKING:
    from ohmscape.workflow.steps import Edit, Merge, Pair, Place


def merge_files(step: "Merge") -> dict[str, Any]:
    """Read files, place their lines if told to, merge and write; return the record."""
    _allowed(step.out, step.files, force=step.force)
    if step.lines is not None:
        placed = read_places(step.lines)
        parts = [on_map(read(path), where) for path, where in placed]
        parts += [read(path) for path in step.files]
    else:
        parts = [read(path) for path in step.files]
        if step.step:
            east = np.pi / 2
            parts = [on_map(d, LinePlace(step.step * i, 0.0, east)) for i, d in enumerate(parts)]
    data = merge(parts, tolerance=step.tolerance, repeats=step.repeats)
    record = _written(data, step.out, step.to)
    return {**record, "done": [r.what for r in data.report if r.kind != "warning"][:1]}


def place_file(step: "Place") -> dict[str, Any]:
    """Read a file, place its line and write; return the record."""
    _allowed(step.out, [step.file], force=step.force)
    data = read(step.file, format=step.format)
    known = len(data.report)
    controls = None if step.gps is None else read_controls(step.gps, data, step.crs)
    if step.local:
        return _written(localised(data, controls), step.out, step.to, known)
    along = step.distance == "along"
    ground = None
    if step.topography is not None:
        crs = step.crs or (None if controls is None else controls.crs)
        ground = read_ground(step.topography, data, crs=crs, along=along)
    data = place(data, controls=controls, ground=ground, along=along, crs=step.crs)
    return _written(data, step.out, step.to, known)


def edit_file(step: "Edit") -> dict[str, Any]:
    """Read a file, edit its electrodes and write; return the record.

    Wiring first, then places, then what is off: all by the labels of the file; names last.
    """
    _allowed(step.out, [step.file], force=step.force)
    data = read(step.file, format=step.format)
    known = len(data.report)
    electrodes = data.survey.electrodes
    if not (step.shift or step.swap or step.turn or step.move or step.off or step.rename):
        raise SurveyError("nothing to edit", mend="give --off, --move, --rename, --swap ...")
    for by, first, last in step.shift:
        text = f"take-outs {first or 'first'} to {last or 'last'} shifted by {by}"
        data = rewired(data, shifted(electrodes, by, first, last), text)
    for one, other in step.swap:
        data = rewired(data, swapped(electrodes, one, other), f"take-outs {one}, {other} swapped")
    for first, last in step.turn:
        text = f"cable from {first or 'first'} to {last or 'last'} turned round"
        data = rewired(data, turned(electrodes, first, last), text)
    if step.move:
        data = moved(data, dict(step.move))
    if step.off:
        data = switched_off(data, step.off)
    if step.rename:
        data = renamed(data, dict(step.rename))
    return _written(data, step.out, step.to, known)


def pair_files(step: "Pair") -> dict[str, Any]:
    """Read a normal and a reciprocal file, pair and write; return the record."""
    _allowed(step.out, [step.normal, step.reciprocal], force=step.force)
    paired = pair(read(step.normal), read(step.reciprocal), tolerance=step.tolerance)
    data = averaged(paired) if step.average else paired.data
    record = _written(data, step.out, step.to, len(data.report) - 1)
    table = step.out.with_name(f"{step.out.name}.pairs.csv")
    write_folder(table.parent, {table.name: _pair_table(paired)})
    relative = paired.relative[np.isfinite(paired.relative)]
    return {
        **record,
        "pairs": len(paired.normal),
        "pairs_table": str(table),
        "difference_median_percent": 100.0 * float(np.median(relative)),
        "error_model": None if paired.model is None else paired.model.description,
    }


def _allowed(out: Path, inputs: Sequence[Path], *, force: bool) -> None:
    """Refuse to replace what is there, and ever to replace an input."""
    if out.exists() and any(path.exists() and out.samefile(path) for path in inputs):
        raise FormatError("this is a file that is read", where=str(out), mend="name another")
    if out.exists() and not force:
        raise FormatError("is there already", where=str(out), mend="name another, or use --force")


def _written(data: Data, out: Path, to: str | None, known: int = 0) -> dict[str, Any]:
    """Write data and, beside them, where each reading comes from; return the record.

    The first `known` remarks of the report were there before.
    """
    name = to or by_ending(out).name
    if name not in {known.name for known in writable()}:
        names = ", ".join(known.name for known in writable())
        raise FormatError(f"format {name!r} is not written", mend=f"one of {names}")
    lost = write(data, out, format=name)
    origin = out.with_name(f"{out.name}.origin.csv")
    write_folder(origin.parent, {origin.name: _origin_table(data)})
    return {
        "ohmscape": __version__,
        **origin_record(data),
        "out": str(out),
        "to": name,
        "out_sha256": hashlib.sha256(out.read_bytes()).hexdigest(),
        "origin_table": str(origin),
        "lost": list(lost),
        "done": [r.what for r in data.report[known:] if r.kind != "warning"],
        "warnings": [r.what for r in data.report[known:] if r.kind == "warning"],
        "report": report_record(data),
    }


def _origin_table(data: Data) -> bytes:
    """Return a row per reading: its number, file, SHA-256 and row there, and why not valid."""
    rows: list[tuple[object, ...]] = [("reading", "file", "sha256", "row", "valid", "reason")]
    origin = data.origin
    for i, valid in enumerate(data.valid.tolist()):
        file = None if origin is None else origin.file_of(i)
        where = ("", "", "") if origin is None or file is None else (
            file.path.name, file.sha256, int(origin.rows[i])
        )  # fmt: skip
        rows.append((i + 1, *where, int(valid), data.reasons[i]))
    return _csv(rows)


def _pair_table(paired: Paired) -> bytes:
    """Return a row per pair: electrodes, both readings, their mean and difference."""
    labels = [*paired.data.survey.electrodes.labels, "remote"]
    rows: list[tuple[object, ...]] = [(
        "a", "b", "m", "n", "normal_ohm", "reciprocal_ohm", "mean_ohm", "difference_percent",
        "normal_reading", "reciprocal_reading",
    )]  # fmt: skip
    r, relative = paired.data.resistance, paired.relative
    for k, (i, j) in enumerate(
        zip(paired.normal.tolist(), paired.reciprocal.tolist(), strict=True)
    ):
        names = (labels[e] for e in paired.data.survey.abmn[i].tolist())
        other = paired.sign[k] * r[j]
        values = (f"{v:.7g}" for v in (r[i], other, paired.mean[k], 100.0 * relative[k]))
        rows.append((*names, *values, i + 1, j + 1))
    return _csv(rows)


def _csv(rows: Sequence[tuple[object, ...]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8", "replace")
