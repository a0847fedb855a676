"""Writing protocols of R2 and R3t with the list of electrodes beside them."""

from pathlib import Path

import numpy as np

from ohmscape.core import REMOTE, Booleans, Data, Floats, Integers
from ohmscape.formats._write import figure, flat_line, lines, lost, rows_of, save, usable

FAR = 1e5  #: extents of the survey between it and an electrode that stands for "at infinity"


def electrodes_beside(path: Path) -> Path:
    """Return where the list of electrodes of a protocol lies."""
    name = "elec.csv" if path.stem == "protocol" else f"{path.stem}.elec.csv"
    return path.with_name(name)


def write_r2(data: Data, path: Path) -> tuple[str, ...]:
    """Write ``protocol.dat`` and, beside it, ``elec.csv`` (``NAME.elec.csv`` for another name).

    Notes
    -----
    A line along x becomes R2 (phases: cR2), all else R3t with one string. Remote electrodes become
    electrodes far away, marked in the list: R2 has none at infinity. Errors are written if all
    readings have one; a phase needs all errors or none.
    """
    kept, notes = usable(data, path)
    positions, far, abmn, more = _with_far(kept)
    spatial = not flat_line(kept)
    values, carried, about = _values(kept)
    numbers = abmn + 1
    if spatial:
        pairs = [" ".join(f"1 {e}" for e in row) for row in numbers.tolist()]
    else:
        pairs = [" ".join(str(e) for e in row) for row in numbers.tolist()]
    rows = [f"{i + 1} {p} {v}" for i, (p, v) in enumerate(zip(pairs, rows_of(values), strict=True))]
    save(path, lines([str(len(rows))], rows))
    buried = kept.survey.electrodes.buried
    table = [f"{label},{','.join(figure(v) for v in place)}" for label, place in zip(
        [f"1 {i + 1}" if spatial else str(i + 1) for i in range(len(positions))],
        positions.tolist(), strict=True)]  # fmt: skip
    header = "label,x,y,z"
    if buried is not None:
        flags = [*buried.astype(int).tolist(), *[0] * int(far.sum())]
        header, table = header + ",buried", [f"{t},{f}" for t, f in zip(table, flags, strict=True)]
    if far.any():
        marks = far.astype(int).tolist()
        header, table = header + ",remote", [f"{t},{f}" for t, f in zip(table, marks, strict=True)]
    save(electrodes_beside(path), lines([header], table))
    return (*notes, *about, *more, *lost(kept, carried), *_labels(kept))


def _labels(data: Data) -> list[str]:
    names = data.survey.electrodes.labels
    usual = [tuple(f"{s}{i + 1}" for i in range(len(names))) for s in ("", "1 ")]
    return [] if names in usual else ["labels of the electrodes"]


def _with_far(data: Data) -> tuple[Floats, Booleans, Integers, list[str]]:
    """Return positions with one far place for B or A and one for N or M, and indices into them."""
    positions, abmn = data.survey.electrodes.positions, data.survey.abmn.copy()
    far = np.zeros(len(positions), dtype=np.bool_)
    notes = []
    extent = max(float(np.ptp(positions, axis=0).max()), 1.0)
    for columns, side in ((slice(0, 2), -1.0), (slice(2, 4), 1.0)):
        remote = abmn[:, columns] == REMOTE
        if remote.any():
            place = positions[: len(data.survey.electrodes)].mean(axis=0)
            place = np.round(place + np.array([side * FAR * extent, 0.0, 0.0]))
            abmn[:, columns] = np.where(remote, len(positions), abmn[:, columns])
            positions, far = np.vstack([positions, place]), np.append(far, True)
    if far.any():
        notes.append("electrodes at infinity (written far away, column remote)")
    return positions, far, abmn, notes


def _values(data: Data) -> tuple[Floats, tuple[str, ...], list[str]]:
    """Return the columns of values, the fields dealt with, and what is left out of these."""
    r, deviation, phase, error = (
        data.resistance, data.standard_deviation, data.phase, data.phase_deviation,
    )  # fmt: skip
    stated = deviation is not None and bool(np.isfinite(deviation).all())
    if phase is None:
        if deviation is None:
            return r[:, None], (), []
        if stated and (deviation > 0.5 * np.abs(r)).sum() <= 0.5 * len(r):
            return np.column_stack([r, deviation]), ("standard_deviation",), []
        text = "errors of the resistances: not all readings have one, or most are too large"
        return r[:, None], ("standard_deviation",), [text]
    angle = phase * 1e3
    if deviation is not None and stated and error is not None and np.isfinite(error).all():
        columns = np.column_stack([r, angle, deviation, error * 1e3])
        return columns, ("standard_deviation", "phase", "phase_deviation"), []
    if np.any(angle < 0.0):
        return np.column_stack([r, angle]), ("phase",), []
    return r[:, None], (), []
