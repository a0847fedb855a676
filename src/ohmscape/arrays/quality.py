"""Which electrodes spoil their readings."""

from dataclasses import dataclass

import numpy as np

from ohmscape.arrays.designs import reciprocal_pairs
from ohmscape.core.data import Data
from ohmscape.core.survey import REMOTE
from ohmscape.core.types import Booleans, Floats, Integers

TIMES = 4.0  #: usual reciprocal difference beyond which an electrode is suspect
FEWEST = 5  #: reciprocal pairs by which an electrode is judged


@dataclass(frozen=True, eq=False)
class Contacts:
    """How well reciprocal readings agree, electrode by electrode."""

    difference: Floats  #: (n_electrodes,) median relative difference, NaN with too few pairs
    usual: float  #: median of the pairs without suspects
    suspect: Booleans  #: (n_electrodes,)


def contacts(data: Data, times: float = TIMES) -> Contacts:
    r"""Judge electrodes by the reciprocal readings that they take part in.

    Parameters
    ----------
    data : Data
        Only valid readings are looked at.
    times : float
        An electrode is suspect if the median difference of its pairs exceeds this many times that
        of all pairs.

    Notes
    -----
    The difference of a pair is \|R1 - R2\| over the mean of \|R1\| and \|R2\|. The worst electrode
    is taken out with all its pairs, then the others are judged again, until none is suspect: so a
    good one is not blamed for the bad ones that it was paired with. An electrode with fewer
    than `FEWEST` pairs left is not judged any more.
    """
    i, j, sign = reciprocal_pairs(data.survey.abmn)
    both = data.valid[i] & data.valid[j]
    i, j, sign = i[both], j[both], sign[both]
    one, other = data.resistance[i], sign * data.resistance[j]
    size = np.maximum(0.5 * (np.abs(one) + np.abs(other)), np.finfo(float).tiny)
    relative = np.abs(one - other) / size
    n = len(data.survey.electrodes)
    has = (data.survey.abmn[i][:, :, None] == np.arange(n)).any(axis=1)  # (n_pairs, n_electrodes)
    difference, suspect = np.full(n, np.nan), np.zeros(n, dtype=np.bool_)
    left = np.ones(len(relative), dtype=np.bool_)
    while True:
        usual = float(np.median(relative[left])) if left.any() else np.nan
        own = [relative[left & has[:, e]] for e in range(n)]
        judged = np.array([np.median(d) if len(d) >= FEWEST else np.nan for d in own])
        difference = np.where(suspect, difference, judged)
        rest = np.where(suspect | np.isnan(judged), -np.inf, judged)
        worst = int(np.argmax(rest))
        if not rest[worst] > times * usual:
            return Contacts(difference, usual, suspect)
        suspect[worst] = True
        left &= ~has[:, worst]


def touching(abmn: Integers, electrodes: Booleans) -> Booleans:
    """Return which readings use one of the marked electrodes, shape (n_data,)."""
    padded = np.append(electrodes, False)  # REMOTE = -1 falls on the last
    used: Booleans = np.any(padded[np.where(abmn == REMOTE, -1, abmn)], axis=1)
    return used
