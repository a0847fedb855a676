"""Neighbouring take-outs of a cable that are exchanged: found by exchanging them back."""

from collections.abc import Iterable

import numpy as np

from ohmscape.arrays.quality import touching
from ohmscape.core.survey import REMOTE
from ohmscape.core.types import Booleans, Floats, Integers
from ohmscape.quality.smooth import Smooth, fit_again

FEWEST = 5  #: readings by which an exchange is judged
GRAIN = 0.05  #: relative misfit above which misfits are told apart, however large the scatter
CAPPED = 20.0  #: misfits beyond which they do not differ
PAYS = 0.5  #: mean fall of ln(1 + misfit^2) over the readings that an exchange changes
WORTH = 1.5  #: median misfit of these readings below which there is nothing to mend
HALVED = 0.5  #: median misfit of these readings after an exchange with its own fit, over before
GOOD = 2.0  #: median misfit, after that, of a pair that is good


def order_of(n: int, pairs: Iterable[tuple[int, int]]) -> Integers:
    """Return which electrode a take-out is connected to, shape (n,), for exchanged pairs."""
    order = np.arange(n)
    for e, f in pairs:
        order[[e, f]] = order[[f, e]]
    return order


def exchanges(smooth: Smooth, abmn: Integers, order: Integers) -> Integers:
    """Return the order of electrodes after the exchanges that pay, the best first.

    Parameters
    ----------
    smooth : Smooth
    abmn : array of int, shape (n_used, 4)
        Take-outs of the readings.
    order : array of int, shape (n_electrodes,)
        Electrodes that take-outs are thought to be connected to.

    Notes
    -----
    Exchanging a pair that is exchanged already puts it back. Of two pairs that
    share or touch an electrode only the better one is exchanged; the next round sees the rest.
    """
    found = order.copy()
    used = np.unique(abmn[abmn != REMOTE])
    pairs = [(int(e), int(e) + 1) for e in used[np.isin(used + 1, used)]]
    taken: set[int] = set()
    for gain, (e, f) in sorted(((_gain(smooth, abmn, order, p), p) for p in pairs), reverse=True):
        if gain > 0.0 and e not in taken and f not in taken:
            found[[e, f]] = found[[f, e]]
            taken |= {e - 1, e, f, f + 1}
    return found


def _gain(smooth: Smooth, abmn: Integers, order: Integers, pair: tuple[int, int]) -> float:
    """Return by how much an exchange lowers the misfit of the readings that it changes."""
    trial = order.copy()
    trial[list(pair)] = order[list(reversed(pair))]
    rows = ((abmn == pair[0]) | (abmn == pair[1])).any(axis=1)
    if np.count_nonzero(rows) < FEWEST:
        return 0.0
    before, after = _size(smooth, order[abmn])[rows], _size(smooth, trial[abmn])[rows]
    fall = np.log1p(before**2) - np.log1p(after**2)
    if np.median(before) < WORTH or fall.mean() < PAYS:
        return 0.0
    return float(fall.sum())


def _size(smooth: Smooth, abmn: Integers) -> Floats:
    """Return the size of misfits by a scatter that bad readings cannot widen."""
    return np.asarray(np.minimum(np.abs(smooth.residual(abmn, at_most=GRAIN)), CAPPED))


def confirmed(
    smooth: Smooth, abmn: Integers, order: Integers, bad: Booleans, use: Booleans
) -> tuple[Smooth, Integers, Booleans, Booleans]:
    """Try each bad electrode as one of an exchanged pair, with a fit for each trial.

    A section can bend so far as to hide one of two exchanged electrodes; the other then looks dead.

    Returns
    -------
    smooth, order, bad, use
        With the exchanges that made both electrodes good.
    """
    for e in np.flatnonzero(bad):
        if not bad[e]:  # the other one of a pair that was found
            continue
        tried = [
            trial
            for pair in ((int(e) - 1, int(e)), (int(e), int(e) + 1))
            if (trial := _tried(smooth, abmn, (order, bad, use), pair)) is not None
        ]
        if tried:
            _, smooth, order, bad, use = min(tried, key=lambda trial: trial[0])
    return smooth, order, bad, use


def _tried(
    smooth: Smooth,
    abmn: Integers,
    before: tuple[Integers, Booleans, Booleans],
    pair: tuple[int, int],
) -> tuple[float, Smooth, Integers, Booleans, Booleans] | None:
    """Return the median misfit of a pair's readings and all else after an exchange that pays."""
    order, bad, use = before
    free = pair[0] >= 0 and pair[1] < len(bad) and (order[list(pair)] == pair).all()
    if not free:
        return None
    trial, rest = order.copy(), bad.copy()
    trial[list(pair)], rest[list(pair)] = pair[::-1], False
    rows = ((abmn == pair[0]) | (abmn == pair[1])).any(axis=1) & ~touching(abmn, rest)
    if np.count_nonzero(rows) < FEWEST:
        return None
    again = fit_again(smooth, trial[abmn], use | rows)
    was = float(np.median(_size(smooth, order[abmn])[rows]))
    now = float(np.median(_size(again, trial[abmn])[rows]))
    if now >= min(GOOD, HALVED * was):
        return None
    return now, again, trial, rest, use | rows
