"""Writing Res2DInv text as general array, with resistances, errors and IP."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ohmscape.core import REMOTE, Data, Floats, Integers
from ohmscape.formats._electrodes import number_places
from ohmscape.formats._nominal import in_boreholes
from ohmscape.formats._source import fault
from ohmscape.formats._write import (
    as_poles,
    figure,
    flat_line,
    lines,
    lost,
    lost_names,
    lost_unused,
    rows_of,
    save,
    usable,
)

TITLE = "written by Ohmscape"
TYPE = "Type of measurement (0=app. resistivity,1=resistance)"
ERRORS = ("Error estimate for data present", "Type of error estimate (0=same unit as data)", "0")


def write_res2dinv(data: Data, path: Path) -> tuple[str, ...]:
    """Write a general array (11) of resistances: x z of each electrode, value, error, IP.

    Notes
    -----
    The line lies along x (y = 0). Readings with one or two electrodes at infinity have rows of
    three and two electrodes; where A or M is at infinity, it changes places with B or N. One kind
    of IP is written: decays with gates, else chargeabilities in mV/V, else phases in mrad.
    Unknown errors are 0. Heights are true elevations at true horizontal distances.
    """
    if not flat_line(data):
        raise fault(
            path, "electrodes do not lie in one vertical plane y = 0",
            mend="write as bert, e4d or ubc-dcip3d, or turn the line along x",
        )  # fmt: skip
    kept, notes = usable(data, path)
    abmn, r, turned = as_poles(kept)
    places, lifted = _places(kept)
    named, polarised, carried, about = _polarisation(kept)
    errors = kept.standard_deviation
    values = _values(r, errors, polarised)
    rows = [f"{k} {place} {value}" for (k, place), value in zip(
        _electrodes(places, abmn), rows_of(values), strict=True)]  # fmt: skip
    head = [TITLE, figure(_spacing(places)), "11", "0", TYPE, "1", str(len(rows)), "1"]
    head += ["1", *named] if named else ["0"]
    head += ERRORS if errors is not None else []
    tail, terrain = _terrain(kept, places)
    save(path, lines(head, rows, tail))
    carried = (*carried, "standard_deviation", *terrain)
    return (
        *notes,
        *turned,
        *lifted,
        *about,
        *lost(kept, carried),
        *lost_names(kept),
        *lost_unused(kept),
        *_exchanged(abmn),
    )


def _places(data: Data) -> tuple[Floats, list[str]]:
    """Return x and z; boreholes above z = 0 are let down, because Res2DInv would take depths."""
    positions = data.survey.electrodes.positions
    places = positions[:, [0, 2]].copy()
    used = np.where((data.survey.abmn == REMOTE)[:, :, None], np.nan, positions[data.survey.abmn])
    sorted_places, _ = number_places(used)
    if not in_boreholes(sorted_places) or sorted_places[:, 2].min() < 0.0:
        return places, []
    top = float(sorted_places[:, 2].max())
    places[:, 1] = np.round(places[:, 1] - top, 9)
    return places, [f"height of the highest electrode, {top:g} m (written as 0)"]


def _spacing(places: Floats) -> float:
    for values in places.T:
        steps = np.diff(np.unique(np.round(values, 6)))
        if len(steps):
            return float(np.round(steps.min(), 6))
    return 1.0


def _electrodes(places: Floats, abmn: Integers) -> list[tuple[int, str]]:
    text = rows_of(places)
    out = []
    for a, b, m, n in abmn.tolist():
        if b != REMOTE and n == REMOTE:  # reciprocal: a dipole measures what a pole sends
            a, b, m, n = m, REMOTE, a, b
        near = [e for e in (a, b, m, n) if e != REMOTE]
        out.append((len(near), " ".join(text[e] for e in near)))
    return out


def _exchanged(abmn: Integers) -> list[str]:
    turned = int(((abmn[:, 1] != REMOTE) & (abmn[:, 3] == REMOTE)).sum())
    what = "readings of a pole by a dipole (written as their reciprocals, A B as M N)"
    return [f"{turned} {what}"] if turned else []


def _values(r: Floats, errors: Floats | None, polarised: Sequence[Floats]) -> Floats:
    """Return R, [its error], IP, [errors of IP]; an error that is not known is 0."""
    columns = [r[:, None]]
    if errors is not None:
        columns.append(np.nan_to_num(errors)[:, None])
    columns += [polarised[0]] if polarised else []
    if errors is not None and polarised:
        columns.append(np.nan_to_num(polarised[1]))
    return np.hstack(columns)


def _polarisation(
    data: Data,
) -> tuple[list[str], list[Floats], tuple[str, ...], list[str]]:
    """Return the IP lines, the columns and their errors, the fields in them, what is lost."""
    notes: list[str] = []
    for name, values, error, word, unit, factor in (
        ("decay", data.decay, data.decay_deviation, "Chargeability", "mV/V", 1e3),
        ("chargeability", data.chargeability, data.chargeability_deviation, "Chargeability",
         "mV/V", 1e3),
        ("phase", data.phase, data.phase_deviation, "Phase Angle", "mrad", 1e3),
    ):  # fmt: skip
        if values is None:
            continue
        windows = _windows(data) if name == "decay" else "0 1"
        if not windows or not np.isfinite(values).all():
            why = "some readings have none" if windows else "their gates are not known or apart"
            notes.append(f"{name}: {why}")
            continue
        columns = values.reshape(len(values), -1) * factor
        errors = np.zeros_like(columns) if error is None else error.reshape(columns.shape) * factor
        fields = [name, *(["gates"] if name == "decay" else [])]
        if error is not None and data.standard_deviation is not None:
            fields.append(f"{name}_deviation")
        notes.append("delay and length of the window" if name != "decay" else "on and off times")
        return [word, unit, windows], [columns, errors], tuple(fields), notes
    return [], [], (), notes


def _windows(data: Data) -> str:
    """Return ``N delay dt1 .. dtN Ton Toff``, "" if gates are not known or not next to another."""
    if data.gates is None or not len(data.gates.start):
        return ""
    start, width = data.gates.start, data.gates.width
    ends = start + width
    if not np.allclose(start[1:], ends[:-1], rtol=0.0, atol=1e-9) or width.max() > 60.0:
        return ""
    numbers = [float(len(width)), float(start[0]), *width.tolist(), 0.0, 0.0]
    return " ".join(figure(v) for v in numbers)


def _terrain(data: Data, places: Floats) -> tuple[list[str], tuple[str, ...]]:
    """Return the topography list; electrodes at 0 would be raised onto it, so they have none."""
    if data.terrain is None or not np.any(places[:, 1]) or np.any(data.terrain.points[:, 1]):
        return ["0", "0", "0"], ()
    if not np.array_equal(places[:, 1], data.survey.electrodes.positions[:, 2]):
        return ["0", "0", "0"], ()
    points = data.terrain.points[:, [0, 2]]
    points = points[np.argsort(points[:, 0], kind="stable")]
    return ["1", str(len(points)), *rows_of(points), "1", "0", "0"], ("terrain",)
