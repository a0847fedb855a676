"""What a rule says of each reading."""

from dataclasses import dataclass

import numpy as np

from ohmscape.core.types import Booleans, Floats
from ohmscape.quality.rules import FLOOR, Limits


@dataclass(frozen=True, eq=False)
class Mark:
    """The judgement of one rule: a number for each reading, and which it would remove."""

    rule: str
    limits: Limits
    value: Floats  #: (n_data,) NaN where the rule has nothing to say
    removed: Booleans  #: (n_data,)
    suspect: Booleans  #: (n_data,) beyond the lower limit, and not removed
    note: str = ""  #: why nothing was judged, or what was seen

    @property
    def judged(self) -> int:
        """Number of readings that the rule has something to say of."""
        return int(np.isfinite(self.value).sum())


def mark(rule: str, value: Floats, limits: Limits, note: str = "") -> Mark:
    """Return the judgement of values by limits; a floor judges what lies below.

    Examples
    --------
    >>> m = mark("stray", np.array([1.0, 4.0, 9.0, np.nan]), Limits(3.0, 5.0))
    >>> m.suspect, m.removed
    (array([False,  True, False, False]), array([False, False,  True, False]))
    """
    removed = beyond(rule, value, limits.remove)
    suspect = beyond(rule, value, limits.suspect) & ~removed
    return Mark(rule, limits, value, removed, suspect, note)


def silent(rule: str, n: int, limits: Limits, note: str) -> Mark:
    """Return the judgement of a rule that cannot judge, with the reason."""
    none = np.zeros(n, dtype=np.bool_)
    return Mark(rule, limits, np.full(n, np.nan), none, none, note)


def beyond(rule: str, value: Floats, limit: float | None) -> Booleans:
    """Return which values lie beyond a limit; none where it is None."""
    if limit is None:
        return np.zeros(len(value), dtype=np.bool_)
    with np.errstate(invalid="ignore"):
        found: Booleans = value < limit if rule in FLOOR else value > limit
    return found
