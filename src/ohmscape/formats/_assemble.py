"""From what a reader found in a file to `Data`: judged row by row, checked, reported."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ohmscape.core import (
    Booleans,
    Column,
    Complexes,
    Data,
    Electrodes,
    Floats,
    Gates,
    Integers,
    Origin,
    Remark,
    Survey,
    Terrain,
)
from ohmscape.formats._checks import agreement, listed
from ohmscape.formats._electrodes import array_codes
from ohmscape.formats._nominal import has_topography, in_boreholes, nominal_factor
from ohmscape.formats._rows import Fault as Fault
from ohmscape.formats._rows import absurdities, repeats_of
from ohmscape.formats._source import Source

UNSIGNED = 0.1  #: part of all readings that the sign of k has to turn before none turned is odd


FARTHEST = 1e9  #: m; no system of coordinates goes so far


@dataclass(frozen=True, eq=False)
class Values:
    """Values per reading as the file states them, in SI; None where it has no such column."""

    resistance: Floats | None = None  #: ohm
    voltage: Floats | None = None  #: V
    current: Floats | None = None  #: A
    apparent_resistivity: Floats | None = None  #: ohm m
    geometric_factor: Floats | None = None  #: m
    relative_error: Floats | None = None  #: of the resistance
    absolute_error: Floats | None = None  #: ohm
    phase: Floats | None = None  #: rad
    phase_deviation: Floats | None = None  #: rad
    chargeability: Floats | None = None  #: V/V
    chargeability_deviation: Floats | None = None  #: V/V
    decay: Floats | None = None  #: (n_data, n_gates) V/V
    decay_deviation: Floats | None = None  #: (n_data, n_gates) V/V
    self_potential: Floats | None = None  #: V
    stacks: Floats | None = None
    contact_resistance: Floats | None = None  #: ohm
    time: Floats | None = None  #: s since 1970-01-01


@dataclass(frozen=True, eq=False)
class Spectra:
    """Impedances at several frequencies, as the file states them."""

    frequencies: Floats  #: (n_frequencies,) Hz
    impedance: Complexes  #: (n_data, n_frequencies) ohm
    modulus_deviation: Floats | None = None  #: (n_data, n_frequencies) ohm
    angle_deviation: Floats | None = None  #: (n_data, n_frequencies) rad


@dataclass(frozen=True, eq=False)
class Draft:
    """All that a reader found in a file."""

    source: Source
    format: str
    electrodes: Electrodes
    abmn: Integers  #: (n_data, 4) from 0, -1 remote
    rows: Integers  #: (n_data,) line or record numbers
    values: Values
    keys: Sequence[Hashable] | NDArray[Any]  #: equal for rows that are equal in all they hold
    columns: tuple[Column, ...] = ()
    faults: tuple[Fault, ...] = ()  #: rows that must not be used, and why
    remarks: tuple[Remark, ...] = ()
    nominal: Floats | None = None  #: positions that the file's own rho_a stand for, if others
    nominal_abmn: Integers | None = None  #: electrodes that the file's own rho_a stand for
    holes: bool | None = None  #: electrodes are in boreholes; None: their places tell
    gates: Gates | None = None
    spectra: Spectra | None = None
    terrain: Terrain | None = None
    row_word: Literal["line", "record"] = "line"
    topographic: bool = field(default=False)  #: the file has a ground that is not flat
    magnitudes: bool = False  #: programs are known to write this format without signs


def assemble(draft: Draft) -> Data:
    """Return the data of a file: every row kept, those that cannot be used with the reason."""
    _refuse_far(draft)
    survey = Survey(draft.electrodes, draft.abmn)
    absurd, absurdity = absurdities(survey)
    k_flat = _flat_factor(draft, ~absurd)
    resistance, from_rhoa = _resistance(draft.values, k_flat)
    signs: tuple[Remark, ...] = ()
    if draft.magnitudes:
        resistance, signs = _with_signs(resistance, from_rhoa, k_flat)
    faults = [
        *draft.faults,
        *absurdity,
        *_value_faults(draft, resistance, k_flat, absurd),
    ]
    repeats, first = repeats_of(draft.keys)
    valid, reasons = _judge(draft, faults, repeats, first)
    remarks = (
        _summary(draft, valid, reasons),
        *draft.remarks,
        *_refusals(draft, faults, repeats, valid),
        *_repeats(draft, repeats),
        *_origin_of_resistance(draft, from_rhoa),
        *signs,
        *_cross_checks(draft, resistance, k_flat, from_rhoa),
    )
    v, s = draft.values, draft.spectra
    return Data(
        survey=survey,
        resistance=resistance,
        standard_deviation=_standard_deviation(v, resistance),
        valid=valid,
        reasons=reasons,
        apparent_resistivity=v.apparent_resistivity,
        geometric_factor=v.geometric_factor,
        phase=v.phase,
        phase_deviation=_stated(v.phase_deviation),
        chargeability=v.chargeability,
        chargeability_deviation=_stated(v.chargeability_deviation),
        decay=v.decay,
        decay_deviation=_stated(v.decay_deviation),
        gates=draft.gates,
        frequencies=None if s is None else s.frequencies,
        impedance=None if s is None else s.impedance,
        modulus_deviation=None if s is None else _stated(s.modulus_deviation),
        angle_deviation=None if s is None else _stated(s.angle_deviation),
        current=v.current,
        voltage=v.voltage,
        self_potential=v.self_potential,
        stacks=v.stacks,
        contact_resistance=v.contact_resistance,
        time=v.time,
        terrain=draft.terrain,
        origin=Origin(
            draft.source.path, draft.source.sha256, draft.format, draft.rows, draft.columns
        ),
        report=remarks,
    )


def _refuse_far(draft: Draft) -> None:
    """Refuse places that are on no map: squares of their distances would overflow."""
    far = np.abs(draft.electrodes.positions).max(axis=1) > FARTHEST
    if not far.any():
        return
    i = int(np.argmax(far))
    users = np.flatnonzero((draft.abmn == i).any(axis=1))
    x = draft.electrodes.positions[i]
    raise draft.source.fault(
        f"electrode at {x[0]:g}, {x[1]:g}, {x[2]:g} m",
        line=int(draft.rows[users[0]]) if len(users) and draft.row_word == "line" else 0,
        mend="check the columns and units of places; mark electrodes at infinity as such",
    )


def _flat_factor(draft: Draft, possible: Booleans) -> Floats:
    places = draft.electrodes.positions if draft.nominal is None else draft.nominal
    abmn = draft.abmn if draft.nominal_abmn is None else draft.nominal_abmn
    return nominal_factor(places, abmn, possible, holes=draft.holes)


def _resistance(values: Values, k_flat: Floats) -> tuple[Floats, Booleans]:
    """Return R in ohm and where it comes from the apparent resistivity.

    The file's own R first, then V/I, then rho_a / k with the file's own k, else flat ground's.
    """
    n = len(k_flat)
    best = np.full(n, np.nan) if values.resistance is None else values.resistance.copy()
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if values.voltage is not None and values.current is not None:
            ohm = values.voltage / np.where(values.current == 0.0, np.nan, values.current)
            best = np.where(np.isfinite(best), best, ohm)
        from_rhoa = np.zeros(n, dtype=np.bool_)
        if values.apparent_resistivity is not None:
            k = k_flat if values.geometric_factor is None else values.geometric_factor
            k = np.where(np.isfinite(k) & (k != 0.0), k, k_flat)
            ohm = values.apparent_resistivity / np.where(k == 0.0, np.nan, k)
            ohm = np.where(np.isfinite(k), ohm, np.nan)
            from_rhoa = ~np.isfinite(best) & np.isfinite(ohm)
            best = np.where(from_rhoa, ohm, best)
    return np.where(np.isfinite(best), best, np.nan), from_rhoa


def _with_signs(
    resistance: Floats, from_rhoa: Booleans, k_flat: Floats
) -> tuple[Floats, tuple[Remark, ...]]:
    """Give resistances the sign of k where a file holds magnitudes only.

    That is so where none is negative although by the order of their electrodes at least
    `UNSIGNED` of them have to be: no ground turns the sign of so many.
    """
    own = np.isfinite(resistance) & ~from_rhoa & np.isfinite(k_flat)
    turned = own & (k_flat < 0.0)
    few = np.count_nonzero(turned) < max(5.0, UNSIGNED * np.count_nonzero(own))
    if few or (resistance[own] < 0.0).any():
        return resistance, ()
    what = (
        f"no resistance is negative, though {np.count_nonzero(turned)} of {np.count_nonzero(own)} "
        "have to be by the order of their electrodes: they are magnitudes, and take the sign of k"
    )
    signed = np.where(turned, -resistance, resistance)
    return signed, (Remark("repaired", what, count=int(np.count_nonzero(turned))),)


def _standard_deviation(values: Values, resistance: Floats) -> Floats | None:
    if values.relative_error is None and values.absolute_error is None:
        return None
    out = np.full(len(resistance), np.nan)
    if values.relative_error is not None:
        out = values.relative_error * np.abs(resistance)
    if values.absolute_error is not None:
        out = np.where(np.isfinite(values.absolute_error), values.absolute_error, out)
    return np.where(np.isfinite(out) & (out > 0.0), out, np.nan)


def _stated(deviation: Floats | None) -> Floats | None:
    """Return an error with NaN where the file states none or zero."""
    if deviation is None:
        return None
    return np.where(np.isfinite(deviation) & (deviation > 0.0), deviation, np.nan)


def _value_faults(
    draft: Draft, resistance: Floats, k_flat: Floats, absurd: Booleans
) -> list[Fault]:
    v, faults = draft.values, []
    known = np.isfinite(resistance)
    silent = np.isinf(k_flat) & ~absurd
    if v.current is not None:
        faults.append((v.current == 0.0, "current is zero"))
    sees_nothing = silent & (np.full(len(silent), not _uneven(draft)) | ~known)
    faults.append((sees_nothing, "array sees no signal (infinite geometric factor)"))
    faults.append((~known & ~silent, "no resistance"))
    faults.append((resistance == 0.0, "resistance is zero: no signal"))
    return faults


def _uneven(draft: Draft) -> bool:
    return draft.topographic or has_topography(draft.electrodes.positions)


def _judge(
    draft: Draft, faults: Sequence[Fault], repeats: Booleans, first: Integers
) -> tuple[Booleans, tuple[str, ...]]:
    said: dict[int, list[str]] = {}
    for mask, what in faults:
        for i in np.flatnonzero(mask).tolist():
            if not (what == "no resistance" and i in said):
                said.setdefault(i, []).append(what)
    for i in np.flatnonzero(repeats).tolist():
        what = f"the same as {draft.row_word} {draft.rows[first[i]]} in every value"
        said.setdefault(i, []).append(what)
    reasons = [""] * len(draft.rows)
    for i, words in said.items():
        reasons[i] = f"{draft.row_word} {draft.rows[i]}: {'; '.join(words)}"
    valid = np.ones(len(draft.rows), dtype=np.bool_)
    valid[list(said)] = False
    return valid, tuple(reasons)


def _summary(draft: Draft, valid: Booleans, reasons: Sequence[str]) -> Remark:
    n, good = len(valid), int(valid.sum())
    text = f"{n} readings of {len(draft.electrodes)} electrodes kept, {good} valid"
    if in_boreholes(draft.electrodes.positions):
        text += "; electrodes in boreholes"
    return Remark("kept", text, (), n)


def _refusals(
    draft: Draft, faults: Sequence[Fault], repeats: Booleans, valid: Booleans
) -> list[Remark]:
    explained = np.zeros(len(valid), dtype=np.bool_)
    remarks = []
    for mask, what in [*faults, (repeats, "the same as an earlier one in every value")]:
        if what == "no resistance":
            mask = mask & ~explained
        explained |= mask
        if mask.any():
            text = f"not valid: {what}"
            remarks.append(Remark("kept", text, listed(draft.rows, mask), int(mask.sum())))
    return remarks


def _repeats(draft: Draft, repeats: Booleans) -> list[Remark]:
    code = array_codes(draft.abmn[~repeats])
    rows = draft.rows[~repeats]
    _, index, counts = np.unique(code, return_index=True, return_counts=True)
    again = np.ones(len(code), dtype=np.bool_)
    again[index] = False
    if not again.any():
        return []
    text = f"electrodes of {int((counts > 1).sum())} readings measured again: all of them kept"
    return [Remark("kept", text, listed(rows, again), int(again.sum()))]


def _origin_of_resistance(draft: Draft, from_rhoa: Booleans) -> list[Remark]:
    count = int(from_rhoa.sum())
    if not count:
        return []
    if draft.values.geometric_factor is not None:
        text = f"resistance is rho_a / k with the file's own k in {count} readings"
        return [Remark("kept", text, (), count)]
    text = f"resistance is rho_a / k in {count} readings, k of flat ground and nominal distances"
    remarks = [Remark("kept", text, (), count)]
    if _uneven(draft):
        text = (
            "the ground is not flat: if rho_a was made with another k than that of flat ground,"
            " resistances are off; a file with resistances or k would be safer"
        )
        remarks.append(Remark("warning", text, (), count))
    return remarks


def _cross_checks(
    draft: Draft, resistance: Floats, k_flat: Floats, from_rhoa: Booleans
) -> list[Remark]:
    v, rows = draft.values, draft.rows
    finite_k = np.where(np.isfinite(k_flat), k_flat, np.nan)
    remarks: list[Remark] = []
    parts: list[Floats] = [resistance]
    if v.voltage is not None and v.current is not None:
        parts = [v.voltage, v.current]
        if v.resistance is not None:
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                ohm = v.voltage / v.current
            remarks += agreement(v.resistance, ohm, parts, rows, "V/I and the file's resistance")
    k = finite_k if v.geometric_factor is None else v.geometric_factor
    if v.apparent_resistivity is not None:
        with np.errstate(over="ignore", invalid="ignore"):
            rhoa = np.where(from_rhoa, np.nan, k * resistance)
        word = "k" if v.geometric_factor is None else "the file's k"
        if v.geometric_factor is not None:
            parts = [*parts, v.geometric_factor]
        what = f"{word} x R and the file's apparent resistivity"
        remarks += agreement(v.apparent_resistivity, rhoa, parts, rows, what)
    if v.geometric_factor is not None:
        what = "the file's k and that of flat ground"
        remarks += agreement(v.geometric_factor, finite_k, [], rows, what)
    return remarks
