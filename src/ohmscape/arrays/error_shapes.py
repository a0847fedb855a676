"""Errors of readings that are no straight line: by bins of size, by electrodes."""

from collections.abc import Sequence

import numpy as np

from ohmscape.core.survey import REMOTE
from ohmscape.core.types import Floats, Integers
from ohmscape.errors import SurveyError


def by_bins(size: Floats, bins: Sequence[tuple[float, float]]) -> Floats:
    r"""Return deviations in ohm for sizes of readings, between bins along straight log-log lines.

    Parameters
    ----------
    size : array
        \|R\| in ohm.
    bins : sequence of (float, float)
        \|R\| and deviation in ohm, by growing \|R\|. Beyond them the relative error stays.

    Examples
    --------
    >>> by_bins(np.array([0.5, 1.0, 10.0, 100.0]), [(1.0, 0.1), (100.0, 1.0)]).round(3)
    array([0.05 , 0.1  , 0.316, 1.   ])
    """
    level, spread = np.array(bins).T
    tiny = np.finfo(float).tiny
    relative = np.interp(np.log(np.maximum(size, tiny)), np.log(level), np.log(spread / level))
    found: Floats = size * np.exp(relative)
    return found


def by_electrodes(abmn: Integers, factors: Sequence[float]) -> Floats:
    """Return the product of the factors of each reading's electrodes, shape (n_data,).

    Raises
    ------
    SurveyError
        Not one factor per electrode.
    """
    if int(abmn.max(initial=REMOTE)) >= len(factors):
        raise SurveyError(
            f"{len(factors)} factors for {int(abmn.max()) + 1} electrodes",
            where="error model",
            mend="fit it to the same electrodes",
        )
    padded = np.append(np.array(factors), 1.0)  # REMOTE = -1 falls on the last
    product: Floats = padded[abmn].prod(axis=1)
    return product
