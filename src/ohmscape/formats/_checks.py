"""Cross-checks of what a file states twice: V/I against R, and k R against rho_a."""

from collections.abc import Sequence

import numpy as np

from ohmscape.core import Booleans, Floats, Integers, Remark

TOLERANCE = 1e-3  #: relative difference that counts as agreement
ROUNDED = 0.2  #: relative difference that rounding in print may explain at most


# values near the greatest number overflow when they are compared, and then do not agree
@np.errstate(divide="ignore", invalid="ignore", over="ignore")
def print_precision(values: Floats) -> float:
    """Return half of the last decimal to which all values are printed, 0 beyond nine."""
    finite = values[np.isfinite(values)][:2000]
    for decimals in range(10):
        scaled = finite * 10.0**decimals
        if np.all(np.abs(scaled - np.round(scaled)) <= 1e-6):
            return float(0.5 * 10.0**-decimals)
    return 0.0


def listed(rows: Integers, mask: Booleans) -> tuple[int, ...]:
    """Return all row numbers of a mask."""
    found: list[int] = rows[mask].tolist()
    return tuple(found)


@np.errstate(divide="ignore", invalid="ignore", over="ignore")
def agreement(
    stated: Floats, computed: Floats, parts: Sequence[Floats], rows: Integers, what: str
) -> tuple[Remark, ...]:
    """Return what a cross-check found.

    Parameters
    ----------
    stated, computed : array, shape (n_data,)
        The file's own value and ours; NaN where there is none.
    parts : sequence of array
        The file's values from which `computed` comes: their print precision is allowed for.
    rows : array of int, shape (n_data,)
    what : str
        Names both, for instance ``"V/I and the file's resistance"``.
    """
    both = np.isfinite(stated) & np.isfinite(computed)
    if not both.any():
        return ()
    s, c = stated[both], computed[both]
    spread = np.full(len(s), TOLERANCE)
    for part in parts:
        values = np.abs(part[both])
        spread += np.where(values > 0.0, print_precision(part[both]) / values, 0.0)
    spread = np.minimum(spread, ROUNDED)
    apart = np.abs(s - c) > spread * np.abs(c) + print_precision(s)
    off = np.zeros(len(stated), dtype=np.bool_)
    off[np.flatnonzero(both)[apart]] = True
    relative = np.abs(s - c) / np.abs(c)
    finite = relative[np.isfinite(relative)]
    median = float(np.median(finite)) if len(finite) else 0.0
    text = f"{what} agree in {len(s) - int(apart.sum())} of {len(s)} readings"
    text += f" (median difference {median:.1e})"
    remarks = [Remark("checked", text, listed(rows, off), int(apart.sum()))]
    flipped = np.zeros(len(stated), dtype=np.bool_)
    opposite = np.abs(s + c) <= spread * np.abs(c) + print_precision(s)
    flipped[np.flatnonzero(both)] = apart & opposite
    if flipped.any():
        sign = f"{what} differ in sign only in {int(flipped.sum())} readings"
        remarks.append(Remark("warning", sign, listed(rows, flipped), int(flipped.sum())))
    if apart.sum() > 0.5 * len(s):
        why = "other positions, long electrodes, topography?"
        if what.startswith("V/I"):
            why = "another unit, or R is not the ratio of the means?"
        often = f"{what} disagree in most readings: {why}"
        remarks.append(Remark("warning", often, listed(rows, off), int(apart.sum())))
    return tuple(remarks)
