"""What IRIS Syscal text and binary files share: units, gates, remote electrodes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ohmscape.core import Booleans, Floats, Gates, Integers, Remark
from ohmscape.formats._assemble import Values
from ohmscape.formats._checks import listed

Places = Floats | NDArray[np.float32]
FAR = 99999.99  #: m; a coordinate of this size or more means remote


@dataclass(frozen=True, eq=False)
class Measured:
    """Readings in the instrument's units; None where the file has no such column."""

    rows: Integers
    places: Places  #: (n_data, 4, 3) m
    voltage_mv: Floats | None = None
    current_ma: Floats | None = None
    rho: Floats | None = None  #: ohm m
    factor: Floats | None = None  #: m
    deviation_percent: Floats | None = None
    chargeability_mv_v: Floats | None = None
    decay_mv_v: Floats | None = None  #: (n_data, 20), which may be changed
    width_ms: Floats | NDArray[np.float32] | None = None  #: (n_data, 20)
    delay_ms: Floats | None = None
    potential_mv: Floats | None = None
    stacks: Floats | None = None
    contact_ohm: Floats | None = None
    time: Floats | None = None  #: s since 1970


def far_as_remote(places: Places) -> tuple[Places, Booleans]:
    """Return places with NaN where remote, and which rows have a place for each electrode."""
    if places.min() > -FAR and places.max() < FAR:  # never so where one of them is NaN
        return places, np.ones(len(places), dtype=np.bool_)
    known: Booleans = np.all(np.isfinite(places), axis=(1, 2))
    remote: Booleans = np.any(np.abs(places) >= FAR, axis=2)
    return np.where(remote[:, :, None], np.nan, places), known


def values_of(m: Measured) -> tuple[Values, Gates | None, tuple[Remark, ...]]:
    """Return the readings in SI, the gates that all of them share, and what was noticed."""
    decay, gates, remarks = _decay(m)
    if m.deviation_percent is not None:
        exact = m.deviation_percent == 0.0
        if exact.any():
            text = "deviation is printed as zero: taken as not stated"
            remarks = (*remarks, Remark("kept", text, listed(m.rows, exact), int(exact.sum())))
    if _any(m.places[:, :, 2]):
        remarks = (*remarks, Remark("kept", "z of the electrodes taken as elevation, up"))
    values = Values(
        voltage=_scaled(m.voltage_mv, 1e-3),
        current=_scaled(m.current_ma, 1e-3),
        apparent_resistivity=m.rho,
        geometric_factor=m.factor,
        relative_error=_scaled(m.deviation_percent, 1e-2),
        chargeability=_scaled(_measured(m.chargeability_mv_v), 1e-3),
        decay=decay,
        self_potential=_scaled(m.potential_mv, 1e-3),
        stacks=_measured(m.stacks),
        contact_resistance=_positive(m.contact_ohm),
        time=m.time,
    )
    return values, gates, remarks


def _scaled(values: Floats | None, factor: float) -> Floats | None:
    return None if values is None else values * factor


def _measured(values: Floats | None) -> Floats | None:
    """Return the values, None if all of them are zero: the instrument did not measure them."""
    return None if values is None or not (_any(values[:100]) or _any(values)) else values


def _any(values: Places) -> bool:
    """Whether one of the values is a number other than zero."""
    return bool(np.any(np.isfinite(values) & (values != 0.0)))


def _positive(values: Floats | None) -> Floats | None:
    if values is None:
        return None
    return _measured(np.where(np.isfinite(values) & (values > 0.0), values, np.nan))


def _decay(m: Measured) -> tuple[Floats | None, Gates | None, tuple[Remark, ...]]:
    """Return the decay in V/V with the gates that are in use."""
    windows = _measured(m.decay_mv_v)
    if windows is None:
        return None, None, ()
    if m.width_ms is None:
        used = np.any(windows, axis=0)
        text = "the file has decays but no widths of their gates"
        return windows[:, used] * 1e-3, None, (Remark("warning", text, (), len(windows)),)
    delay = np.zeros(len(windows)) if m.delay_ms is None else np.nan_to_num(m.delay_ms)
    if np.all(m.width_ms == m.width_ms[0]) and np.all(delay == delay[0]):
        used = m.width_ms[0] > 0.0
        if used.any():
            width = m.width_ms[0, used].astype(np.float64) * 1e-3
            decay = windows if used.all() else windows[:, used]
            decay *= 1e-3  # nobody else holds them
            return decay, _gates(delay[0] * 1e-3, width), ()
    used = np.any(m.width_ms > 0.0, axis=0)
    widths = np.nan_to_num(m.width_ms[:, used].astype(np.float64))
    measured: Booleans = np.any(widths > 0.0, axis=1)
    decay = np.where(measured[:, None], windows[:, used], np.nan) * 1e-3
    first = int(np.argmax(measured))
    same = np.all(widths[measured] == widths[first]) and np.all(delay[measured] == delay[first])
    if not same or not measured.any():
        text = "gates differ from row to row: decays are kept without their times"
        return decay, None, (Remark("warning", text, (), len(windows)),)
    return decay, _gates(delay[first] * 1e-3, widths[first] * 1e-3), ()


def _gates(delay: float, width: Floats) -> Gates:
    return Gates(delay + np.concatenate([[0.0], np.cumsum(width)[:-1]]), width)
