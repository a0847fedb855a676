"""IP gates: their times, and the mean of a decay over them."""

import numpy as np

from ohmscape.core import Floats, Gates, Remark


def gates_after(delay: float, width: Floats) -> Gates:
    """Return gates one after the other, the first of them `delay` s after the current."""
    return Gates(delay + np.concatenate([[0.0], np.cumsum(width)[:-1]]), np.array(width))


def mean_of_gates(decay: Floats, width: Floats | None) -> tuple[Floats, Remark]:
    """Return the mean of each decay, weighted by the widths if they are known."""
    weight = np.ones(decay.shape[1]) if width is None else width
    mean = (decay * weight).sum(axis=1) / weight.sum()
    how = "not weighted" if width is None else "weighted by width"
    return mean, Remark("kept", f"chargeability is the mean of the gates, {how}")


def printed_zero(values: Floats | None, rows: tuple[int, ...], what: str) -> list[Remark]:
    """Return a remark if an error is printed as zero, which states none."""
    if values is None or not np.any(values == 0.0):
        return []
    text = f"{what} is printed as zero: taken as not stated"
    return [Remark("kept", text, rows, int(np.sum(values == 0.0)))]
