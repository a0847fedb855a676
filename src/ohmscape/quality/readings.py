"""Rules that judge a reading by what the instrument wrote beside it."""

import numpy as np

from ohmscape.core.data import Data
from ohmscape.core.types import Floats
from ohmscape.quality.marks import Mark, mark, silent
from ohmscape.quality.rules import Limits


def contact_resistance(data: Data, limits: Limits) -> Mark:
    """Judge readings by the resistance of their current circuit in ohm."""
    return _column(data, "contact_resistance", data.contact_resistance, limits)


def current(data: Data, limits: Limits) -> Mark:
    """Judge readings by their current in A: too little drives noise only."""
    return _column(data, "current", data.current, limits)


def voltage(data: Data, limits: Limits) -> Mark:
    """Judge readings by their voltage in V, or that of resistance and current."""
    values = data.voltage
    if values is None and data.current is not None:
        values = data.resistance * data.current
    return _column(data, "voltage", values, limits)


def stack_deviation(data: Data, limits: Limits) -> Mark:
    """Judge readings by the standard deviation that the file states, over the reading."""
    own = data.standard_deviation
    if own is None:
        return silent("stack_deviation", len(data), limits, "the file states no deviations")
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(data.resistance != 0.0, own / np.abs(data.resistance), np.nan)
    return mark("stack_deviation", np.where(data.valid, value, np.nan), limits)


def geometric_factor(data: Data, factor: Floats | None, limits: Limits) -> Mark:
    """Judge readings by the size of their geometric factor in m.

    Parameters
    ----------
    data : Data
    factor : array, shape (n_data,), optional
        As computed; the file's own if left out.
    limits : Limits
    """
    return _column(data, "geometric_factor", data.geometric_factor if factor is None else factor,
                   limits)  # fmt: skip


def _column(data: Data, rule: str, values: Floats | None, limits: Limits) -> Mark:
    if values is None or not np.isfinite(values).any():
        return silent(rule, len(data), limits, f"the file states no {rule.replace('_', ' ')}")
    return mark(rule, np.where(data.valid, np.abs(values), np.nan), limits)
