"""Writing readings as a table like those of IRIS's Prosys."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from ohmscape.arrays.geometry import impossible
from ohmscape.core import REMOTE, Data, Electrodes, Floats, Survey
from ohmscape.formats._electrodes import number_places
from ohmscape.formats._nominal import nominal_factor
from ohmscape.formats._write import figure, lines, lost, lost_names, lost_unused, save, usable

GATES = 20  #: columns of a decay that Prosys knows
AT_INFINITY = 9999999.0  #: m
UNIT_CURRENT = 1.0  #: A, where none was measured
CARRIED = (
    "standard_deviation", "apparent_resistivity", "geometric_factor", "chargeability", "current",
    "voltage", "self_potential", "stacks", "contact_resistance", "time",
)  # fmt: skip


def write_syscal(data: Data, path: Path) -> tuple[str, ...]:
    """Write a comma-separated table: places, Rho, V and I, errors, IP, SP, stacks, dates.

    Notes
    -----
    R is V / I: a reading without a current gets 1 A. Rho is that of the data, else k R with k of
    flat ground. At most 20 gates that follow each other are written with their times.
    """
    kept, notes = usable(data, path)
    current, voltage, invented = _current(kept)
    columns: dict[str, Floats] = {**_places(kept), "Rho (Ohm.m)": _rho(kept)}
    if kept.standard_deviation is not None:
        part = kept.standard_deviation / np.abs(kept.resistance)
        columns["Dev. Rho (%)"] = np.nan_to_num(part) * 100.0
    for name, values, factor in (
        ("M (mV/V)", kept.chargeability, 1e3), ("SP (mV)", kept.self_potential, 1e3),
        ("VMN (mV)", voltage, 1e3), ("IAB (mA)", current, 1e3),
        ("Coef. k (m)", kept.geometric_factor, 1.0), ("Stack", kept.stacks, 1.0),
        ("Rab (kOhm)", kept.contact_resistance, 1e-3),
    ):  # fmt: skip
        if values is not None:
            columns[name] = values * factor
    windows, carried, about = _decay(kept)
    stated = kept.apparent_resistivity
    if stated is not None and not np.isfinite(stated).all():
        about.append("which readings had no apparent resistivity (written as k R)")
    columns |= windows
    cells = [
        [figure(v) if np.isfinite(v) else "" for v in column.tolist()]
        for column in columns.values()
    ]
    header = ["El-array", *columns]
    cells.insert(0, ["Mixed / non conv."] * len(kept))
    if kept.time is not None:
        header.append("Date")
        cells.append([_date(t) for t in kept.time.tolist()])
        if np.any(np.mod(np.nan_to_num(kept.time), 1.0)):
            about.append("parts of seconds of the times")
    save(path, lines([",".join(header)], [",".join(row) for row in zip(*cells, strict=True)]))
    return (
        *notes,
        *invented,
        *about,
        *lost(kept, (*CARRIED, *carried)),
        *lost_names(kept),
        *lost_unused(kept),
    )


def _places(data: Data) -> dict[str, Floats]:
    positions = data.survey.electrodes.positions
    places = np.where((data.survey.abmn == REMOTE)[:, :, None], np.nan,
                      positions[data.survey.abmn])  # fmt: skip
    out = {}
    for j, axis in enumerate("xyz"):
        if axis != "x" and not np.any(positions[:, j]):
            continue
        for i, electrode in enumerate("ABMN"):
            column = places[:, i, j]
            far = AT_INFINITY if axis == "x" else 0.0
            out[f"{axis}{electrode} (m)"] = np.where(np.isfinite(column), column, far)
    return out


def _current(data: Data) -> tuple[Floats, Floats, list[str]]:
    """Return current and voltage of which the ratio is the resistance."""
    r = data.resistance
    if data.current is None:
        notes = ["no current was measured: written as 1 A"]
        if data.voltage is not None and not np.allclose(data.voltage, r, rtol=1e-9, atol=0.0):
            notes.append("voltages that are not R I (written as R I)")
        return np.full(len(r), UNIT_CURRENT), r * UNIT_CURRENT, notes
    usual = np.isfinite(data.current) & (data.current != 0.0)
    current = np.where(usual, data.current, UNIT_CURRENT)
    notes = [] if usual.all() else [f"{int((~usual).sum())} readings without a current: 1 A"]
    voltage = r * current
    if data.voltage is not None:
        same = np.abs(data.voltage - voltage) <= 1e-9 * np.abs(voltage)
        if not same.all():
            notes.append("voltages that are not R I (written as R I)")
        voltage = np.where(same, data.voltage, voltage)
    return current, voltage, notes


def _rho(data: Data) -> Floats:
    places = data.survey.electrodes.positions[data.survey.abmn]
    places[data.survey.abmn == REMOTE] = np.nan
    positions, abmn = number_places(places)  # as a reader will see them
    absurd, _ = impossible(Survey(Electrodes(positions), abmn))
    k = nominal_factor(positions, abmn, ~absurd)
    with np.errstate(invalid="ignore"):
        rho = np.where(np.isfinite(k), k * data.resistance, np.nan)
    stated = data.apparent_resistivity
    return rho if stated is None else np.where(np.isfinite(stated), stated, rho)


def _decay(data: Data) -> tuple[dict[str, Floats], tuple[str, ...], list[str]]:
    """Return the columns of the decay, the fields in them, what is left out."""
    decay, gates = data.decay, data.gates
    if decay is None:
        return {}, (), []
    n = decay.shape[1]
    if n > GATES:
        return {}, (), [f"{n} gates: a table has {GATES} at most"]
    whole = np.zeros((len(decay), GATES))
    whole[:, :n] = decay * 1e3
    out = {f"M{i + 1}": whole[:, i] for i in range(GATES)}
    if gates is None:
        return out, ("decay",), []
    ends = gates.start + gates.width
    if not np.allclose(gates.start[1:], ends[:-1], rtol=0.0, atol=1e-9):
        return out, ("decay",), []
    widths = np.zeros(GATES)
    widths[:n] = gates.width * 1e3
    out |= {f"TM{i + 1}": np.full(len(decay), widths[i]) for i in range(GATES)}
    out["Mdly"] = np.full(len(decay), gates.start[0] * 1e3)
    return out, ("decay", "gates"), []


def _date(seconds: float) -> str:
    if not np.isfinite(seconds) or abs(seconds) > 2e11:
        return ""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")
