"""What all containers hold, whatever they are made of: from `Data` to plain arrays and back."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ohmscape._version import __version__
from ohmscape.core import (
    REMOTE,
    Booleans,
    Column,
    Data,
    Electrodes,
    Floats,
    Gates,
    Integers,
    Origin,
    Remark,
    Terrain,
)
from ohmscape.formats._assemble import Draft, Spectra, Values, assemble
from ohmscape.formats._fields import OVER_FREQUENCIES, OVER_GATES, QUANTITIES, SCALARS, fields_of
from ohmscape.formats._source import Source

VERSION = 1  #: of what containers hold (docs/specs)
NOTE = 200  #: characters of a text from a file that a report repeats
IN_VALUES = set(SCALARS) - {"standard_deviation", "numerical_error"}


@dataclass(frozen=True, eq=False)
class Content:
    """Electrodes, readings and what belongs to them, as arrays. Not yet checked when read."""

    positions: Floats  #: (n_electrodes, 3) m
    labels: tuple[str, ...]
    abmn: Integers  #: (n_data, 4) from 0, -1 at infinity
    fields: dict[str, Floats]  #: by the names of `QUANTITIES`
    valid: Booleans
    reasons: tuple[str, ...]
    buried: Booleans | None = None
    gates: Gates | None = None
    frequencies: Floats | None = None
    terrain: Floats | None = None  #: (n, 3) m
    epsg: int | None = None  #: coordinate system of the positions
    sources: tuple[dict[str, str], ...] = ()  #: name, sha256, format of the files they came from
    source: Integers | None = None  #: (n_data,) which of `sources`, from 1
    source_row: Integers | None = None  #: (n_data,) line or record in it
    columns: tuple[Column, ...] = field(default=())  #: as read


def content_of(data: Data, epsg: int | None = None) -> Content:
    """Return all that a container holds of `data`; its arrays, not copies."""
    electrodes, origin = data.survey.electrodes, data.origin
    return Content(
        electrodes.positions,
        electrodes.labels,
        data.survey.abmn,
        fields_of(data),
        data.valid,
        data.reasons,
        electrodes.buried,
        data.gates,
        data.frequencies,
        None if data.terrain is None else data.terrain.points,
        epsg,
        () if origin is None else tuple(_file(part) for part in origin.parts or (origin,)),
        None if origin is None else _which(origin, len(data)),
        None if origin is None else origin.rows,
    )


def _file(origin: Origin) -> dict[str, str]:
    return {"name": origin.path.name, "sha256": origin.sha256, "format": origin.format}


def _which(origin: Origin, n: int) -> Integers:
    return np.ones(n, dtype=np.int64) if origin.part is None else origin.part + 1


def header_of(content: Content) -> dict[str, Any]:
    """Return what is not a value per reading, as plain values for JSON."""
    rows = {"a": "electrode that the current goes in at", "b": "electrode that it comes out at",
            "m": "positive potential electrode", "n": "negative potential electrode"}  # fmt: skip
    return {
        "ohmscape": __version__,
        "version": VERSION,
        "epsg": content.epsg,
        "electrodes": {
            **_axes(content.positions),
            "label": list(content.labels),
            "buried": None if content.buried is None else content.buried.tolist(),
        },
        "columns": {
            **{name: {"unit": "1", "meaning": words} for name, words in rows.items()},
            **{
                name: {"unit": QUANTITIES[name].unit, "meaning": QUANTITIES[name].meaning}
                for name in content.fields
            },
        },
        "gates": None
        if content.gates is None
        else {"start": content.gates.start.tolist(), "width": content.gates.width.tolist()},
        "frequencies": None if content.frequencies is None else content.frequencies.tolist(),
        "terrain": None if content.terrain is None else _axes(content.terrain),
        "sources": list(content.sources),
    }


def _axes(points: Floats) -> dict[str, list[float]]:
    return {axis: points[:, i].tolist() for i, axis in enumerate("xyz")}


def data_of(source: Source, name: str, content: Content, mend: str) -> Data:
    """Return the data of a container that was read, checked like those of any other file.

    The file says itself which readings are valid; none of them becomes so here.

    Parameters
    ----------
    source : Source
    name : str
        Of the format.
    content : Content
    mend : str
        What helps where the file is not as it has to be.

    Raises
    ------
    FormatError, SurveyError
        Parts that do not fit each other.
    """
    _check(source, content, mend)
    n, fields = len(content.abmn), content.fields
    r = np.where(np.isfinite(fields["resistance"]), fields["resistance"], np.nan)
    valid = content.valid & np.isfinite(r)
    data = assemble(
        Draft(
            source=source,
            format=name,
            electrodes=Electrodes(content.positions, content.labels, content.buried),
            abmn=content.abmn,
            rows=np.arange(1, n + 1),
            values=Values(
                **{part: fields[part] for part in IN_VALUES if part in fields},
                absolute_error=fields.get("standard_deviation"),
                decay=fields.get("decay"),
                decay_deviation=fields.get("decay_deviation"),
            ),
            keys=np.arange(n),
            columns=content.columns,
            faults=((~valid, "marked as not valid in the file"),),
            remarks=_remarks(content),
            gates=content.gates,
            spectra=_spectra(content),
            terrain=None if content.terrain is None else Terrain(content.terrain),
            row_word="record",
            topographic=True,  # the file says itself what is valid, silent arrays too
        )
    )
    reasons = tuple(
        said if said and not ok else found
        for said, ok, found in zip(content.reasons, data.valid, data.reasons, strict=True)
    )
    numerical = fields.get("numerical_error")
    return replace(data, resistance=r, reasons=reasons, numerical_error=numerical)


def _spectra(content: Content) -> Spectra | None:
    fields = content.fields
    real, imaginary = fields.get("impedance_real"), fields.get("impedance_imaginary")
    if real is None or imaginary is None or content.frequencies is None:
        return None
    impedance = np.empty(real.shape, dtype=np.complex128)
    impedance.real, impedance.imag = real, imaginary
    deviations = (fields.get("modulus_deviation"), fields.get("angle_deviation"))
    return Spectra(content.frequencies, impedance, *deviations)


def _remarks(content: Content) -> tuple[Remark, ...]:
    notes = []
    if content.epsg is not None:
        notes.append(Remark("kept", f"coordinate system EPSG:{content.epsg}"))
    for i, one in enumerate(content.sources):
        count = None if content.source is None else int((content.source == i + 1).sum())
        made = ", ".join(one.get(key, "")[:NOTE] for key in ("name", "format", "sha256"))
        notes.append(Remark("kept", f"made from {made}", (), count or 0))
    return tuple(notes)


def _check(source: Source, content: Content, mend: str) -> None:
    """Refuse parts of which the lengths or numbers do not fit."""
    n, electrodes = len(content.abmn), len(content.positions)
    if not n or not electrodes:
        raise source.fault("no readings" if electrodes else "no electrodes", mend=mend)
    if "resistance" not in content.fields:
        raise source.fault("no resistances", mend=mend)
    for what, values in (("valid", content.valid), ("reason", content.reasons),
                         *content.fields.items()):  # fmt: skip
        if len(values) != n:
            raise source.fault(f"{len(values)} values of {what} for {n} readings", mend=mend)
    for what, marks in (("labels", content.labels), ("flags of depth", content.buried)):
        if marks is not None and len(marks) not in (0, electrodes):
            raise source.fault(f"{len(marks)} {what} for {electrodes} electrodes", mend=mend)
    wrong = (content.abmn < REMOTE) | (content.abmn >= electrodes)
    if wrong.any():
        row, column = (int(i) for i in np.argwhere(wrong)[0])
        raise source.fault(
            f"record {row + 1}: {'ABMN'[column]} is no electrode of the {electrodes}", mend=mend
        )
    _check_width(source, content, mend)


def _check_width(source: Source, content: Content, mend: str) -> None:
    gates, frequencies = content.gates, content.frequencies
    if gates is not None and len(gates.start) != len(gates.width):
        raise source.fault("gates with more starts than widths, or fewer", mend=mend)
    for names, width, what in (
        (OVER_GATES, None if gates is None else len(gates.start), "gates"),
        (OVER_FREQUENCIES, None if frequencies is None else len(frequencies), "frequencies"),
    ):
        for name in names:
            values = content.fields.get(name)
            if values is not None and (values.ndim != 2 or width not in (None, values.shape[1])):
                raise source.fault(f"{name} of shape {values.shape} for {width} {what}", mend=mend)
    if ("impedance_real" in content.fields) != ("impedance_imaginary" in content.fields):
        raise source.fault("spectra without their real or imaginary part", mend=mend)
    if "impedance_real" in content.fields:
        if frequencies is None:
            raise source.fault("spectra without their frequencies", mend=mend)
        if content.fields["impedance_imaginary"].shape != content.fields["impedance_real"].shape:
            raise source.fault("real and imaginary parts of different shapes", mend=mend)


def header_from(source: Source, text: str, mend: str) -> Mapping[str, Any]:
    """Return the header of a container.

    Raises
    ------
    FormatError
        Not JSON, or of a later version.
    """
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise source.fault(f"header is no JSON: {error}", mend=mend) from error
    if not isinstance(header, dict):
        raise source.fault("header is no table", mend=mend)
    check_version(source, header.get("version"), mend)
    return header


def check_version(source: Source, version: object, mend: str) -> None:
    """Refuse a layout that is not known here.

    Raises
    ------
    FormatError
        No version, or a later one.
    """
    if not isinstance(version, int) or version < 1:
        raise source.fault("the version of its layout is not said", mend=mend)
    if version > VERSION:
        raise source.fault(
            f"version {version} of the layout, {VERSION} is known here", mend="update Ohmscape"
        )


def points_from(part: object) -> Floats | None:
    """Return points of a header, (n, 3); None where they are none or not of one length."""
    if not isinstance(part, dict):
        return None
    axes = [numbers(part.get(axis)) for axis in "xyz"]
    if any(axis is None for axis in axes) or len({len(a) for a in axes if a is not None}) != 1:
        return None
    return np.column_stack([axis for axis in axes if axis is not None])


def numbers(part: object) -> Floats | None:
    """Return a list of a header as numbers, null as NaN; None where it is no such list."""
    if not isinstance(part, Sequence) or isinstance(part, str):
        return None
    if not all(isinstance(v, int | float) or v is None for v in part):
        return None
    try:
        return np.array([np.nan if v is None else float(v) for v in part], dtype=np.float64)
    except OverflowError:  # an integer of more than 308 digits
        return None


def texts(part: object) -> tuple[str, ...]:
    """Return a list of a header as texts; none where it is no such list."""
    if not isinstance(part, Sequence) or isinstance(part, str):
        return ()
    return tuple(str(v)[:NOTE] for v in part)
