"""netCDF-4 after the GS convention, with the extension for direct current of docs/specs/gs-dc.md.

Source: the GS data standard of the U.S. Geological Survey (James, Foks and Minsley, 2022, Frontiers
in Earth Science 10, 907614), as their program GSPy 2.2 writes it.
"""

from pathlib import Path

import numpy as np

from ohmscape.core import Column, Data, Floats, Gates, Integers
from ohmscape.formats._container import Content, check_version, data_of
from ohmscape.formats._fields import QUANTITIES, SCALARS
from ohmscape.formats._gs_write import write, write_at
from ohmscape.formats._hdf5 import MAGIC, Arrays, named, opened
from ohmscape.formats._source import BINARY_LIMIT, Evidence, Format, Source

NAME = "gs"
READINGS = "survey/data/readings"
ELECTRODES = "survey/data/electrodes"
TERRAIN = "survey/data/terrain"
MEND = "write it again by Ohmscape, or see docs/specs/gs-dc.md"


def evidence(head: bytes, path: Path) -> Evidence:
    """Judge whether the head of a file is of this format."""
    del path
    if not head.startswith(MAGIC):
        return Evidence(0.0, ("is no HDF5 file",))
    if b"GEOSCIENCE" in head:
        return Evidence(0.1, ("HDF5 file", "of the kind geoh5"))
    if b"GS-DC" in head:
        return Evidence(0.97, ("HDF5 file", "convention GS-DC"))
    seen = named(head, ("_NCProperties", "survey", "spatial_ref"))
    if len(seen) == 3:
        return Evidence(0.7, ("HDF5 file", "netCDF with survey and spatial_ref"))
    return Evidence(0.2, ("HDF5 file", "no convention GS-DC in its first pages"))


def read(source: Source) -> Data:
    """Return the data of a file.

    Raises
    ------
    FormatError, SurveyError
        The file cannot be read; says where and how to mend it.
    """
    with opened(source, MEND) as arrays:
        if "readings" not in arrays.names("survey/data"):
            raise source.fault(
                f"no group {READINGS}", mend="a GS file of another method: name another file"
            )
        version = arrays.integer("survey", "gs_dc_version")
        check_version(source, version, MEND)
        content = _content(source, arrays)
    return data_of(source, NAME, content, MEND)


def _content(source: Source, arrays: Arrays) -> Content:
    positions = _places(source, arrays, ELECTRODES)
    number = arrays.integers(f"{ELECTRODES}/number")
    if number is not None and not np.array_equal(number, np.arange(1, len(positions) + 1)):
        raise source.fault("electrodes are not numbered 1, 2, 3 ...", mend=MEND)
    labels = arrays.texts(f"{ELECTRODES}/label")
    buried = arrays.integers(f"{ELECTRODES}/buried")
    abmn = _abmn(source, arrays)
    n = len(abmn)
    names = arrays.names(READINGS)
    fields = {name: _field(source, arrays, name) for name in QUANTITIES if name in names}
    start, width = (arrays.floats(f"{READINGS}/gate_{part}") for part in ("start", "width"))
    valid = arrays.integers(f"{READINGS}/valid")
    reasons = arrays.texts(f"{READINGS}/reason")
    wkid = arrays.text("survey/spatial_ref", "wkid")
    return Content(
        positions,
        labels or (),
        abmn,
        fields,
        np.ones(n, dtype=np.bool_) if valid is None else valid == 1,
        ("",) * n if reasons is None else reasons,
        None if buried is None else buried == 1,
        None if start is None or width is None else Gates(start, width),
        arrays.floats(f"{READINGS}/frequency"),
        _places(source, arrays, TERRAIN) if "terrain" in arrays.names("survey/data") else None,
        int(wkid) if wkid.isdecimal() and len(wkid) < 7 else None,
        _made_from(arrays.text("survey", "source")),
        columns=tuple(
            Column(name if name in (*"abmn", *SCALARS) else "", name, _unit(name), i + 1)
            for i, name in enumerate((*"abmn", *fields))
        ),
    )


def _unit(name: str) -> str:
    return QUANTITIES[name].unit if name in QUANTITIES else ""


def _made_from(text: str) -> tuple[dict[str, str], ...]:
    return () if text in ("", "not_defined") else ({"name": text},)


def _places(source: Source, arrays: Arrays, group: str) -> Floats:
    axes = []
    for axis in "xyz":
        values = arrays.floats(f"{group}/{axis}")
        unit = arrays.text(f"{group}/{axis}", "units")
        if values is None or values.ndim != 1 or unit not in ("m", "meters", "metre"):
            raise source.fault(f"no {axis} in m in group {group}", mend=MEND)
        axes.append(values)
    if len({len(values) for values in axes}) != 1:
        raise source.fault(f"x, y, z of group {group} differ in number", mend=MEND)
    return np.column_stack(axes)


def _abmn(source: Source, arrays: Arrays) -> Integers:
    columns = []
    for name in "abmn":
        values = arrays.integers(f"{READINGS}/{name}")
        if values is None or values.ndim != 1:
            raise source.fault(f"no electrodes {name} of the readings", mend=MEND)
        columns.append(values)
    if len({len(values) for values in columns}) != 1:
        raise source.fault("a, b, m, n differ in number", mend=MEND)
    return np.column_stack(columns) - 1


def _field(source: Source, arrays: Arrays, name: str) -> Floats:
    place = f"{READINGS}/{name}"
    values, unit = arrays.floats(place), arrays.text(place, "units")
    if values is None or values.ndim != (1 if name in SCALARS else 2):
        raise source.fault(f"{name} is no array of the shape it has to be", mend=MEND)
    if unit != QUANTITIES[name].unit:
        raise source.fault(
            f"{name} is in {unit[:20]!r}", mend=f"convert it to {QUANTITIES[name].unit}"
        )
    return values


FORMAT = Format(NAME, "netCDF after the GS convention, direct current", evidence, read,
                BINARY_LIMIT, write=write, write_at=write_at, endings=(".nc",),
                carries=("IP", "3-D", "topography"))  # fmt: skip
