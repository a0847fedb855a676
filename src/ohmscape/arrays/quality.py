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
    usual: float  #: median of all pairs
    suspect: Booleans  #: (n_electrodes,)


def contacts(data: Data, times: float = TIMES) -> Contacts:
    r"""Judge electrodes by the reciprocal readings that they take part in.

    Parameters
    ----------
    data : Data
        Only valid readings are looked at.
    times : float
        An electrode is suspect if the median difference of its pairs exceeds this many times that
        of all pairs. The median makes it robust: a good electrode shares only few of its
        readings with a bad one.

    Notes
    -----
    The difference of a pair is \|R1 - R2\| over the mean of \|R1\| and \|R2\|. An electrode
    with fewer than `FEWEST` pairs is not judged.
    """
    i, j, sign = reciprocal_pairs(data.survey.abmn)
    both = data.valid[i] & data.valid[j]
    i, j, sign = i[both], j[both], sign[both]
    one, other = data.resistance[i], sign * data.resistance[j]
    size = np.maximum(0.5 * (np.abs(one) + np.abs(other)), np.finfo(float).tiny)
    relative = np.abs(one - other) / size
    n = len(data.survey.electrodes)
    own = [relative[(data.survey.abmn[i] == e).any(axis=1)] for e in range(n)]
    difference = np.array([np.median(d) if len(d) >= FEWEST else np.nan for d in own])
    usual = float(np.median(relative)) if len(relative) else np.nan
    return Contacts(difference, usual, difference > times * usual)


def touching(abmn: Integers, electrodes: Booleans) -> Booleans:
    """Return which readings use one of the marked electrodes, shape (n_data,)."""
    padded = np.append(electrodes, False)  # REMOTE = -1 falls on the last
    used: Booleans = np.any(padded[np.where(abmn == REMOTE, -1, abmn)], axis=1)
    return used
