"""Bad electrodes and exchanged take-outs, told by a smooth section."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial import KDTree

from ohmscape.arrays.quality import touching
from ohmscape.core.data import Data
from ohmscape.core.survey import REMOTE, Survey
from ohmscape.core.types import Booleans, Floats, Integers
from ohmscape.quality.exchanges import GRAIN, confirmed, exchanges, order_of
from ohmscape.quality.smooth import MOST, Smooth, first_fit, fit_again, scatter

FEWEST = 5  #: readings by which an electrode is judged
ROUNDS = 10  #: of judging and fitting at most
MORE = 2  #: electrodes that a round may condemn: the next one sees better without them
STRAY = 6.0  #: standard deviations beyond which a reading is not fitted, whatever removes it
OTHERS = 1.5  #: times the usual misfit of an electrode that a bad one exceeds
STILL = 0.002  #: part of the readings that may come and go when all is settled
NEAR = 8  #: readings that a reading is compared with
CAPPED = 20.0  #: standard deviations beyond which misfits do not differ


@dataclass(frozen=True, eq=False)
class Electrical:
    """What is wrong, electrode by electrode, and how far each reading is from a smooth section."""

    exchanged: tuple[tuple[int, int], ...]  #: electrodes, from 0, whose take-outs are exchanged
    gain: Floats  #: (n_exchanged,) median misfit of their readings before over that after
    bad: Booleans  #: (n_electrodes,)
    misfit: Floats  #: (n_electrodes,) median misfit of its readings in sd, NaN where not judged
    predicted: Floats  #: (n_data,) ohm, NaN where not judged
    deviation: Floats  #: (n_data,) ohm, scatter of good readings of this size
    residual: Floats  #: (n_data,) measured minus predicted in standard deviations
    stray: Floats  #: (n_data,) size of the residual, or of what sets it off from its neighbours
    scatter: Floats  #: (2,) a in ohm and b of the scatter a + b |R| of good readings
    factor: Floats  #: (n_data,) geometric factor in m, exchanged electrodes put right

    @property
    def order(self) -> Integers:
        """Which electrode a take-out is connected to, shape (n_electrodes,)."""
        return order_of(len(self.bad), self.exchanged)


def judge_electrodes(data: Data, limit: float, *, exchange: bool = True) -> Electrical:
    """Find bad electrodes and exchanged neighbours.

    Parameters
    ----------
    data : Data
        Readings along a line; those not valid are left out.
    limit : float
        Median misfit in standard deviations beyond which an electrode is bad.
    exchange : bool
        Whether exchanges of neighbours are tried.

    Raises
    ------
    SurveyError, MeshError, InversionError
        Readings that cannot be inverted along a line.

    Notes
    -----
    A stiff robust section comes first. Then in turn: exchanges of two neighbours that lower the
    misfit; the electrodes whose readings are worst in the median, each taken out with all its
    readings before the next one is judged; a fit to what is left, without strays. Every round
    judges everything anew, so that what was blamed for another's fault comes back. In the end
    each bad electrode is tried as one of an exchanged pair, with a fit of its own.
    """
    smooth = first_fit(data)
    used = smooth.prepared.used
    abmn, n = data.survey.abmn[used], len(data.survey.electrodes)
    near = neighbours(data.survey[used])
    order, bad = np.arange(n), np.zeros(n, dtype=np.bool_)
    use = np.ones(len(abmn), dtype=np.bool_)
    for _ in range(ROUNDS):
        found = exchanges(smooth, abmn, order) if exchange else order
        misfit = set_off(smooth.residual(found[abmn]), near)
        worse, _ = condemned(abmn, misfit, n, limit, int(bad.sum()) + MORE)
        now = ~touching(abmn, worse) & (misfit <= STRAY)
        same = bool((found == order).all() and (worse == bad).all())
        settled = same and np.count_nonzero(now != use) <= STILL * len(use)
        order, bad, use = found, worse, now
        if np.count_nonzero(use) < FEWEST:
            break
        smooth = fit_again(smooth, order[abmn], use)
        if settled:
            break
    if exchange and np.count_nonzero(use) >= FEWEST:
        smooth, order, bad, use = confirmed(smooth, abmn, order, bad, use)
    return _judged(smooth, data, (order, bad, use), near)


def neighbours(survey: Survey) -> Integers:
    """Return for each reading those of nearly the same electrodes, shape (n_data, `NEAR`).

    Reciprocals count as the same reading.
    """
    pairs = np.where(survey.abmn == REMOTE, -len(survey.electrodes), survey.abmn)
    pairs = np.sort(pairs.reshape(-1, 2, 2), axis=2)
    turned = (pairs[:, 0] > pairs[:, 1]).any(axis=1) & (pairs[:, 0, 0] >= pairs[:, 1, 0])
    pairs[turned] = pairs[turned][:, ::-1]
    places = pairs.reshape(-1, 4).astype(np.float64)
    _, near = KDTree(places).query(places, min(NEAR + 1, len(places)))
    near = near.reshape(len(places), -1)
    others = near != np.arange(len(places))[:, None]  # its reciprocal may come before itself
    found: Integers = np.take_along_axis(near, np.argsort(~others, axis=1, kind="stable"), axis=1)
    return found[:, : near.shape[1] - 1]


def set_off(residual: Floats, near: Integers) -> Floats:
    """Return how far readings are off the section, or off how their neighbours are off it.

    The smaller of the two: a section too smooth for the ground is off for all neighbours alike.
    """
    if near.shape[1] == 0:
        return np.abs(residual)
    among = np.median(np.clip(residual[near], -CAPPED, CAPPED), axis=1)
    return np.asarray(np.minimum(np.abs(residual), np.abs(residual - among)))


def condemned(
    abmn: Integers, misfit: Floats, n: int, limit: float, most: int
) -> tuple[Booleans, Floats]:
    """Return bad electrodes and the median misfit of each when it was judged.

    Parameters
    ----------
    abmn : array of int, shape (n_data, 4)
    misfit : array, shape (n_data,)
        In standard deviations.
    n : int
        Number of electrodes.
    limit : float
        Median misfit beyond which an electrode is bad, if it is also `OTHERS` times the usual.
    most : int
        Electrodes that may be condemned.
    """
    bad, judged = np.zeros(n, dtype=np.bool_), np.full(n, np.nan)
    has = [(abmn == e).any(axis=1) for e in range(n)]
    left = np.ones(len(abmn), dtype=np.bool_)
    while True:
        own = [misfit[left & rows] for rows in has]
        median = np.array([np.median(m) if len(m) >= FEWEST else np.nan for m in own])
        judged = np.where(bad, judged, median)
        rest = np.where(bad | np.isnan(median), -np.inf, median)
        worst = int(np.argmax(rest))
        usual = float(np.median(rest[rest > -np.inf])) if (rest > -np.inf).any() else np.inf
        if not rest[worst] > max(limit, OTHERS * usual) or bad.sum() >= most:
            return bad, judged
        bad[worst] = True
        left &= ~has[worst]


def _judged(
    smooth: Smooth,
    data: Data,
    found: tuple[Integers, Booleans, Booleans],
    near: Integers,
) -> Electrical:
    order, bad, use = found
    used = smooth.prepared.used
    abmn, n = data.survey.abmn[used], len(data.survey.electrodes)
    predicted = smooth.predicted(order[abmn])
    if np.count_nonzero(use) >= FEWEST:
        final = scatter(smooth.observed[use], predicted[use], MOST)
        smooth = replace(smooth, scatter=final)
    residual = smooth.residual(order[abmn])
    stray = set_off(residual, near)
    _, misfit = condemned(abmn, stray, n, -np.inf, 0)
    clean = ~touching(abmn, bad)
    for e in np.flatnonzero(~bad):  # without those that stand with a bad one
        own = stray[clean & (abmn == e).any(axis=1)]
        misfit[e] = np.median(own) if len(own) >= FEWEST else np.nan
    moved = np.flatnonzero(order > np.arange(n))
    pairs = tuple((int(e), int(order[e])) for e in moved)
    plain, after = smooth.residual(abmn, at_most=GRAIN), smooth.residual(order[abmn], at_most=GRAIN)
    rows = [((abmn == e) | (abmn == f)).any(axis=1) for e, f in pairs]
    gain = [np.median(np.abs(plain[r])) / max(np.median(np.abs(after[r])), 1e-9) for r in rows]
    return Electrical(
        pairs, np.array(gain), bad, misfit, _spread(used, predicted),
        _spread(used, smooth.deviation(predicted)), _spread(used, residual), _spread(used, stray),
        smooth.scatter, _spread(used, smooth.factor(order[abmn])),
    )  # fmt: skip


def _spread(used: Booleans, values: Floats) -> Floats:
    found = np.full(len(used), np.nan)
    found[used] = values
    return found
