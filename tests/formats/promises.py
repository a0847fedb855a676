"""What data that come out of a reader promise, whatever the file was."""

from collections.abc import Iterator

import numpy as np

from ohmscape.core import REMOTE, Data
from ohmscape.core.data import PER_READING


def promises(data: Data) -> Iterator[str]:
    """Yield what is wrong with data that came out of a reader."""
    n = len(data)
    if n == 0:
        yield "no reading at all"
    if not np.isfinite(data.resistance[data.valid]).all():
        yield "valid reading without resistance"
    if np.any((data.resistance == 0.0) & data.valid):
        yield "valid reading of zero"
    if any(bool(why) == ok for why, ok in zip(data.reasons, data.valid, strict=True)):
        yield "reasons do not go with valid"
    if not np.isfinite(data.survey.electrodes.positions).all():
        yield "electrode nowhere"
    if data.survey.abmn.min(initial=REMOTE) < REMOTE:
        yield "unknown electrode"
    for name in PER_READING:
        values = getattr(data, name)
        if values is not None and np.isinf(values).any():
            yield f"{name} is infinite"
    for name in ("standard_deviation", "phase_deviation", "chargeability_deviation"):
        values = getattr(data, name)
        if values is not None and np.any(values <= 0.0):
            yield f"{name} is not positive"
    if data.origin is None or len(data.origin.rows) != n:
        yield "origin of other readings"
    if not data.report:
        yield "no report"
