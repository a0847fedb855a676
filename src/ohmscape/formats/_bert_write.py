"""Writing the BERT unified format."""

from pathlib import Path

import numpy as np

from ohmscape.core import Data, Floats
from ohmscape.formats._write import lines, lost, lost_names, rows_of, save


def write_bert(data: Data, path: str | Path) -> tuple[str, ...]:
    """Write readings as BERT/pyGIMLi unified data, which `ohmscape.read` gives back.

    Parameters
    ----------
    data : Data
    path : path of the file; one that is there is replaced, and never left half-written

    Returns
    -------
    tuple of str
        What is not in the file, in words.

    Raises
    ------
    FormatError
        The file cannot be written.

    Notes
    -----
    Electrodes as x z, or x y z if y differs from 0; columns a b m n r, then err (part of |R|), i,
    u, ip/mrad, iperr/mrad, ma/mV/V, maerr/mV/V, ip1/mV/V .. (decay), iperr1/mV/V .., sp, k, rhoa,
    stacks as far as `data` has them, and valid where a reading is not. Electrodes count from 1; 0
    is remote. Numbers are written so that they come back the same. Not in the file: times of
    readings and gates, spectra, reasons, labels; and terrain where all electrodes have elevation
    0, because they would be raised onto it.
    """
    save(Path(path), lines(_electrodes(data), _readings(data), _terrain(data)))
    return _lost(data)


CARRIED = (
    "standard_deviation", "current", "voltage", "phase", "phase_deviation", "chargeability",
    "chargeability_deviation", "decay", "decay_deviation", "self_potential", "geometric_factor",
    "apparent_resistivity", "stacks",
)  # fmt: skip


def _lost(data: Data) -> tuple[str, ...]:
    raised = data.terrain is not None and bool(_terrain(data))
    notes = lost(data, (*CARRIED, "terrain") if raised else CARRIED)
    if not data.valid.all():
        notes.append("reasons why readings are not valid")
    return (*notes, *lost_names(data))


def _electrodes(data: Data) -> list[str]:
    positions = data.survey.electrodes.positions
    axes = (0, 1, 2) if np.any(positions[:, 1]) else (0, 2)
    names = " ".join("xyz"[axis] for axis in axes)
    return [f"{len(positions)}# Number of electrodes", f"#{names}", *rows_of(positions[:, axes])]


def _readings(data: Data) -> list[str]:
    columns: dict[str, Floats] = {"r": data.resistance}
    if data.standard_deviation is not None:
        with np.errstate(divide="ignore", invalid="ignore"):
            columns["err"] = data.standard_deviation / np.abs(data.resistance)
    for name, values, factor in (
        ("i", data.current, 1.0), ("u", data.voltage, 1.0), ("ip/mrad", data.phase, 1e3),
        ("iperr/mrad", data.phase_deviation, 1e3), ("ma/mV/V", data.chargeability, 1e3),
        ("maerr/mV/V", data.chargeability_deviation, 1e3), ("sp", data.self_potential, 1.0),
        ("k", data.geometric_factor, 1.0), ("rhoa", data.apparent_resistivity, 1.0),
        ("stacks", data.stacks, 1.0),
    ):  # fmt: skip
        if values is not None:
            columns[name] = values * factor
    for name, windows in (("ip", data.decay), ("iperr", data.decay_deviation)):
        for i, column in enumerate(() if windows is None else windows.T):
            columns[f"{name}{i + 1}/mV/V"] = column * 1e3
    if not data.valid.all() and data.valid.any():
        columns["valid"] = data.valid.astype(np.float64)
    numbers = rows_of(np.column_stack(list(columns.values())))
    indices = [" ".join(str(i + 1) for i in row) for row in data.survey.abmn.tolist()]
    rows = [f"{i} {v}" for i, v in zip(indices, numbers, strict=True)]
    return [f"{len(rows)}# Number of data", "#a b m n " + " ".join(columns), *rows]


def _terrain(data: Data) -> list[str]:
    if data.terrain is None or not np.any(data.survey.electrodes.positions[:, 2]):
        return []
    points = data.terrain.points
    return [f"{len(points)}# Number of topography points", "#x y z", *rows_of(points)]
