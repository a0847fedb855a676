"""Rules that judge by what was read again: reciprocals, repetitions, drift, gaps in time."""

from dataclasses import replace

import numpy as np

from ohmscape.arrays.designs import reciprocal_pairs
from ohmscape.core.data import Data
from ohmscape.core.types import Booleans, Floats, Integers
from ohmscape.quality.marks import Mark, mark, silent
from ohmscape.quality.rules import Limits

TINY = np.finfo(float).tiny
NEARER = 1.5  #: standard deviations by which a section must explain one reading of a pair better
CLEAR = 3.0  #: standard errors that a drift must exceed
APART = 3.0  #: standard deviations of a pair's difference that are usual
FEWEST = 8  #: pairs from which a drift is estimated


def reciprocal_error(
    data: Data, usual: Floats, stray: Floats, trusted: float | None, limits: Limits
) -> Mark:
    r"""Judge readings by \|R1 - R2\| over the mean of \|R1\| and \|R2\| of reciprocal readings.

    Parameters
    ----------
    data : Data
    usual : array, shape (n_data,)
        Standard deviation in ohm that readings of this size have here: a pair that differs by less
        than `APART` of its own is only suspect. 0 where not known.
    stray : array, shape (n_data,)
        How far readings are off a smooth section in standard deviations, NaN where not known.
    trusted : float or None
        A reading of a bad pair that is less stray than this stays, if the other one is not, or is
        more stray by `NEARER`.
    limits : Limits
    """
    first, second, sign = reciprocal_pairs(data.survey.abmn)
    both = data.valid[first] & data.valid[second]
    i, j, sign = first[both], second[both], sign[both]
    if len(i) == 0:
        return silent("reciprocal_error", len(data), limits, "there are no reciprocal readings")
    one, other = data.resistance[i], sign * data.resistance[j]
    size = np.maximum(0.5 * (np.abs(one) + np.abs(other)), TINY)
    value = np.full(len(data), np.nan)
    value[i] = value[j] = np.abs(one - other) / size
    plain = mark("reciprocal_error", value, limits, f"{len(i)} pairs")
    clear = np.zeros(len(data), dtype=np.bool_)
    clear[i] = clear[j] = np.abs(one - other) > APART * np.hypot(usual[i], usual[j])
    found = replace(
        plain, removed=plain.removed & clear, suspect=plain.suspect | (plain.removed & ~clear)
    )
    return _pardoned(found, [np.array(p) for p in zip(i, j, strict=True)], stray, trusted)


def repeat_error(data: Data, stray: Floats, trusted: float | None, limits: Limits) -> Mark:
    """Judge readings by how far they are off the median of all that repeat them.

    Of two, by their difference over their mean; see `reciprocal_error` for `stray` and `trusted`.
    """
    groups, turned = _repeated(data)
    value = np.full(len(data), np.nan)
    for rows in groups:
        read = turned[rows] * data.resistance[rows]
        middle = float(np.median(read))
        value[rows] = np.abs(read - middle) / max(abs(middle), TINY) * (2 if len(rows) == 2 else 1)
    if not groups:
        return silent("repeat_error", len(data), limits, "no reading was repeated")
    found = mark("repeat_error", value, limits, f"{len(groups)} readings repeated")
    return _pardoned(found, [g for g in groups if len(g) == 2], stray, trusted)


def drift(data: Data, usable: Booleans, limits: Limits) -> Mark:
    r"""Judge a survey by how what is read again changes with time.

    Notes
    -----
    The slope is the median of differences over time, ln(R2 / R1) / (t2 - t1), each with the weight
    \|t2 - t1\|, over repeated and reciprocal readings; the value, the same for all readings, is its
    change over the whole survey. It counts where it exceeds `CLEAR` standard errors. Where a
    file has no times, readings are taken to follow each other evenly.
    """
    i, j, sign = reciprocal_pairs(data.survey.abmn)
    groups, turned = _repeated(data)
    more = np.array([g[[0, k]] for g in groups for k in range(1, len(g))], dtype=np.int64)
    more = more.reshape(-1, 2)
    i, j = np.concatenate([i, more[:, 0]]), np.concatenate([j, more[:, 1]])
    sign = np.concatenate([sign, turned[more[:, 0]] * turned[more[:, 1]]])
    ratio = (
        sign * data.resistance[j] / np.where(data.resistance[i] == 0, np.nan, data.resistance[i])
    )
    good = usable[i] & usable[j] & (ratio > 0.0)
    time, timed = _times(data)
    apart = time[j] - time[i]
    good &= np.isfinite(apart) & (apart != 0.0)
    if np.count_nonzero(good) < FEWEST:
        note = f"fewer than {FEWEST} readings were read again"
        return silent("drift", len(data), limits, note)
    change, apart = np.log(ratio[good]), apart[good]
    slope = _weighted_median(change / apart, np.abs(apart))
    left = change - slope * apart
    error = 1.2533 * 1.4826 * float(np.median(np.abs(left))) / float(np.sqrt(apart @ apart))
    span = float(np.nanmax(time) - np.nanmin(time))
    total, unsure = abs(slope) * span, CLEAR * error * span
    value = np.full(len(data), total if total > unsure else 0.0)
    found = mark("drift", np.where(usable, value, np.nan), limits)
    words = f"{100 * slope * span:+.2g} % over the survey, known to {100 * unsure / CLEAR:.1g} %"
    words += "" if timed else "; by the order of the readings, the file has no times"
    return replace(found, note=words)


def time_gap(data: Data, limits: Limits) -> Mark:
    """Judge readings by the time in s since the one before: what lies between may have changed."""
    if data.time is None or not np.isfinite(data.time).any():
        return silent("time_gap", len(data), limits, "the file has no times")
    order = np.argsort(data.time, kind="stable")  # what is NaN comes last
    value = np.full(len(data), np.nan)
    value[order[1:]] = np.diff(data.time[order])
    found = mark("time_gap", value, limits)
    gaps = int((found.suspect | found.removed).sum())
    back = int((np.diff(data.time[np.isfinite(data.time)]) < 0.0).sum())
    words = f"{gaps} gaps" + (f"; time runs backwards {back} times" if back else "")
    return replace(found, note=words)


def _times(data: Data) -> tuple[Floats, bool]:
    if data.time is not None and np.isfinite(data.time).sum() > 1 and np.nanstd(data.time) > 0.0:
        return data.time, True
    return np.arange(len(data), dtype=np.float64), False


def _repeated(data: Data) -> tuple[list[Integers], Floats]:
    """Return rows of equal readings, two or more in a group, and the sign that makes them so."""
    pairs = data.survey.abmn.reshape(-1, 2, 2)
    turned = (pairs[..., 0] > pairs[..., 1]).sum(axis=1) % 2 == 1
    _, group = np.unique(np.sort(pairs, axis=2).reshape(-1, 4), axis=0, return_inverse=True)
    rows = np.flatnonzero(data.valid)
    rows = rows[np.argsort(group.ravel()[rows], kind="stable")]
    cuts = np.flatnonzero(np.diff(group.ravel()[rows])) + 1
    groups = [g for g in np.split(rows, cuts) if len(g) > 1]
    return groups, np.where(turned, -1.0, 1.0)


def _pardoned(found: Mark, pairs: list[Integers], stray: Floats, trusted: float | None) -> Mark:
    """Keep the one reading of a bad pair that a smooth section explains clearly better."""
    if trusted is None:
        return found
    removed, suspect = found.removed.copy(), found.suspect.copy()
    for pair in pairs:
        fits = stray[pair] <= trusted
        if fits.all():  # both: the nearer one, if it is so by far
            far, near = float(stray[pair].max()), float(stray[pair].min())
            fits = (stray[pair] == near) & (far > near + NEARER)
        if removed[pair].all() and fits.any():
            removed[pair[fits]] = False
            suspect[pair[fits]] = True
    return replace(found, removed=removed, suspect=suspect)


def _weighted_median(values: Floats, weight: Floats) -> float:
    order = np.argsort(values)
    total = np.cumsum(weight[order])
    return float(values[order][np.searchsorted(total, 0.5 * total[-1])])
