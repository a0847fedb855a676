"""Writing netCDF-4 after the GS convention with our extension for direct current."""

import io
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ohmscape._version import __version__
from ohmscape.core import REMOTE, Data, Floats
from ohmscape.formats._container import VERSION, Content, content_of
from ohmscape.formats._crs import system_of
from ohmscape.formats._fields import OVER_FREQUENCIES, OVER_GATES, QUANTITIES
from ohmscape.formats._needs import needed
from ohmscape.formats._write import save

if TYPE_CHECKING:
    import h5netcdf

CONVENTIONS = "CF-1.13, GS-2.0, GS-DC-1"
PACK = {"compression": "gzip", "compression_opts": 4, "shuffle": True}
NUMBERS = {"a": "electrode A (current in)", "b": "electrode B (current out)",
           "m": "electrode M (potential)", "n": "electrode N (potential)"}  # fmt: skip


def write(data: Data, path: Path) -> tuple[str, ...]:
    """Write all of `data`: nothing is lost but its report."""
    return write_at(data, path, None)


def write_at(data: Data, path: Path, epsg: int | None) -> tuple[str, ...]:
    """Write all of `data` with the coordinate system of its places.

    Notes
    -----
    Texts are arrays of characters: those of variable length need a heap that no reader can check.
    """
    needed("h5py", "h5netcdf")
    import h5netcdf

    content = content_of(data, epsg)
    sink = io.BytesIO()
    with h5netcdf.File(sink, "w") as file:
        _say(file, {"Conventions": CONVENTIONS})
        survey = _group(file, "survey", _survey(content))
        _spatial(survey, content)
        about = _scalar(survey, "survey_information")
        _say(about, {"dataset_created": datetime.now(UTC).strftime("%Y%m%d")})
        branch = _group(survey, "data", {"type": "container", "content": "electrodes and readings"})
        _electrodes(branch, content)
        if content.terrain is not None:
            leaf = _leaf(branch, "terrain", "points of the ground", len(content.terrain))
            _places(leaf, content.terrain)
        _readings(branch, content)
    save(path, sink.getvalue())
    return ()


def _survey(content: Content) -> dict[str, Any]:
    made = "; ".join(f"{one['name']} ({one['format']}, SHA-256 {one['sha256']})"
                     for one in content.sources)  # fmt: skip
    return {
        "type": "survey", "title": "Electrical resistivity survey", "institution": "not_defined",
        "source": made or "not_defined", "history": f"written by Ohmscape {__version__}",
        "references": "not_defined", "comment": "not_defined", "conventions": CONVENTIONS,
        "content": "survey; data; electrodes; readings", "gs_dc_version": VERSION,
    }  # fmt: skip


def _spatial(survey: "h5netcdf.Group", content: Content) -> None:
    known = _scalar(survey, "spatial_ref")
    if content.epsg is None:
        _say(known, {"grid_mapping_name": "not_defined", "comment": "local coordinates in metres"})
        return
    name, definition = system_of(content.epsg)
    _say(known, {"crs_wkt": definition, "projected_crs_name": name, "authority": "EPSG",
                 "wkid": str(content.epsg)})  # fmt: skip


def _electrodes(branch: "h5netcdf.Group", content: Content) -> None:
    n = len(content.positions)
    leaf = _leaf(branch, "electrodes", "electrodes", n)
    _places(leaf, content.positions)
    number = {"long_name": "number that readings call an electrode by", "units": "1"}
    _variable(leaf, "number", ("index",), np.arange(1, n + 1, dtype=np.int32), number)
    _texts(leaf, "label", content.labels, "name of the electrode in the field")
    if content.buried is not None:
        flags = {"flag_values": np.array([0, 1], np.int8), "flag_meanings": "surface buried"}
        about = {"long_name": "whether the electrode lies below the ground", "units": "1", **flags}
        _variable(leaf, "buried", ("index",), content.buried.astype(np.int8), about)


def _readings(branch: "h5netcdf.Group", content: Content) -> None:
    n = len(content.abmn)
    leaf = _leaf(branch, "readings", "four-point readings", n)
    for part, gates in (("gate", content.gates), ("frequency", content.frequencies)):
        over = OVER_GATES if part == "gate" else OVER_FREQUENCIES
        widths = [content.fields[name].shape[1] for name in over if name in content.fields]
        if gates is not None:
            widths.append(len(gates.start if part == "gate" else gates))  # type: ignore[union-attr,arg-type]
        if widths and widths[0]:
            leaf.dimensions[part] = widths[0]
    _axes(leaf, content)
    for name, column in zip("abmn", content.abmn.T, strict=True):
        numbers = np.where(column == REMOTE, 0, column + 1).astype(np.int32)
        about = {"long_name": NUMBERS[name], "units": "1", "remote_value": np.int32(0)}
        _variable(leaf, name, ("index",), numbers, about)
    for name, values in content.fields.items():
        if values.ndim == 2 and not values.shape[1]:
            continue
        dims = ("index", "gate" if name in OVER_GATES else "frequency")[: values.ndim]
        known = QUANTITIES[name]
        about = {"long_name": known.meaning, "units": known.unit}
        _variable(leaf, name, dims, values, about)
    flags = {"flag_values": np.array([0, 1], np.int8), "flag_meanings": "not_valid valid"}
    about = {"long_name": "whether the reading may be used", "units": "1", **flags}
    _variable(leaf, "valid", ("index",), content.valid.astype(np.int8), about)
    if any(content.reasons):
        _texts(leaf, "reason", content.reasons, "why the reading may not be used")
    for name, traced in (("source", content.source), ("source_row", content.source_row)):
        if traced is not None:
            words = "file it comes from, counted from 1" if name == "source" else "row in that file"
            about = {"long_name": words, "units": "1"}
            _variable(leaf, name, ("index",), traced.astype(np.int64), about)


def _axes(leaf: "h5netcdf.Group", content: Content) -> None:
    """Write gates and frequencies; x, y, z of a reading are the middle of its electrodes."""
    near = content.abmn != REMOTE
    places = np.where(near[:, :, None], content.positions[content.abmn], 0.0)
    _places(leaf, places.sum(axis=1) / np.maximum(near.sum(axis=1), 1)[:, None])
    if content.gates is not None and "gate" in leaf.dimensions:
        start, width = content.gates.start, content.gates.width
        about = {"long_name": "middle of the gate after the current is off", "units": "s"}
        _variable(leaf, "gate", ("gate",), start + 0.5 * width, about)
        for name, values in (("gate_start", start), ("gate_width", width)):
            about = {"long_name": name.replace("_", " "), "units": "s"}
            _variable(leaf, name, ("gate",), values, about)
    if content.frequencies is not None and "frequency" in leaf.dimensions:
        about = {"long_name": "frequency of the current", "units": "Hz"}
        _variable(leaf, "frequency", ("frequency",), content.frequencies, about)


def _leaf(branch: "h5netcdf.Group", name: str, words: str, n: int) -> "h5netcdf.Group":
    about = {"type": "data", "structure": "tabular", "mode": "ground", "instrument": "not_defined",
             "method": "electrical, direct current", "content": words}  # fmt: skip
    leaf = _group(branch, name, about)
    leaf.dimensions["index"] = n
    counted = {"long_name": f"index of {name}", "units": "1"}
    _variable(leaf, "index", ("index",), np.arange(n, dtype=np.int32), counted)
    return leaf


def _places(leaf: "h5netcdf.Group", places: Floats) -> None:
    for i, axis in enumerate("xyz"):
        about = {"long_name": f"{axis} coordinate", "units": "m", "axis": axis.upper()}
        if axis == "z":
            about |= {"positive": "up", "datum": "not_defined", "long_name": "elevation"}
        name = axis if axis == "z" else f"projection_{axis}_coordinate"
        _variable(leaf, axis, ("index",), places[:, i], {"standard_name": name, **about})


def _texts(leaf: "h5netcdf.Group", name: str, texts: tuple[str, ...], words: str) -> None:
    coded = [text.encode() for text in texts]
    width = max(1, *(len(text) for text in coded))
    leaf.dimensions[f"{name}_length"] = width
    letters = np.array(coded, dtype=f"S{width}").view("S1").reshape(len(coded), width)
    about = {"long_name": words, "units": "1", "_Encoding": "utf-8"}
    _variable(leaf, name, ("index", f"{name}_length"), letters, about)


def _variable(
    leaf: "h5netcdf.Group", name: str, dims: tuple[str, ...], values: Any, about: Mapping[str, Any]
) -> None:
    missing: Any = np.nan if values.dtype.kind == "f" else "not_defined"
    packed = PACK if values.size > 1000 else {}  # small ones grow by being packed
    fill = np.nan if values.dtype.kind == "f" else None
    new = leaf.create_variable(name, dims, values.dtype, data=values, fillvalue=fill, **packed)
    _say(new, {"standard_name": name, "missing_value": missing, "grid_mapping": "spatial_ref",
               **about})  # fmt: skip


def _scalar(group: "h5netcdf.Group", name: str) -> "h5netcdf.Variable":
    return group.create_variable(name, (), np.float64, data=np.array(0.0))


def _group(parent: Any, name: str, about: Mapping[str, Any]) -> "h5netcdf.Group":
    new = parent.create_group(name)
    _say(new, about)
    return new


def _say(where: Any, about: Mapping[str, Any]) -> None:
    """Write attributes, texts of fixed length."""
    for key, value in about.items():
        where.attrs[key] = np.bytes_(value.encode()) if isinstance(value, str) else value
