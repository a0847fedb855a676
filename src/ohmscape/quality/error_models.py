"""Error models fitted to what was read again: by size, in bins, by electrode, and of the phase."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from ohmscape.arrays.designs import reciprocal_pairs
from ohmscape.arrays.noise import ENOUGH, ErrorModel, fit_reciprocals
from ohmscape.core.data import Data
from ohmscape.core.survey import REMOTE
from ohmscape.core.types import Booleans, Floats, Integers

PER_BIN, BINS = 20, 12  #: pairs in a bin at least, and bins at most
FAULT = 6.0  #: times the usual difference of its bin, beyond which a pair is a fault
RIDGE = 3.0  #: pairs' worth of belief that an electrode is as good as the others
WIDEST = 5.0  #: times better or worse than the others an electrode may be called
LOG_NORMAL = -0.635  #: mean of ln|x| of normal numbers: -(Euler's constant + ln 2) / 2
MEDIAN = 0.6745  #: median size of normal numbers


@dataclass(frozen=True, eq=False)
class Pairs:
    """Reciprocal readings: their rows, their size and how far they differ."""

    first: Integers  #: (n_pairs,)
    second: Integers
    size: Floats  #: ohm, mean of both |R|
    gap: Floats  #: ohm, size of the difference

    @property
    def scatter(self) -> Floats:
        """Differences as estimates of one reading's deviation: both readings are noisy."""
        return np.asarray(self.gap / np.sqrt(2.0))


@dataclass(frozen=True)
class IPErrorModel:
    """Standard deviation of a phase in rad or a chargeability in V/V, from |R| in ohm."""

    kind: Literal["power law", "parabola"]
    quantity: Literal["phase", "chargeability"]
    coefficients: tuple[float, ...]  #: power law: a, b of a |R|^b; parabola: a, b, c, see below
    pairs: int
    description: str

    def __call__(self, resistance: Floats) -> Floats:
        r"""Return deviations, shape of `resistance`.

        Notes
        -----
        Power law: :math:`a |R|^b` (Flores Orozco, Kemna and Zimmermann, 2012, Geophysics 77);
        parabola: :math:`\exp(a + b x + c x^2)`, :math:`x = \log_{10} |R|`, which stays positive.
        """
        size = np.maximum(np.abs(resistance), np.finfo(float).tiny)
        if self.kind == "power law":
            a, b = self.coefficients
            return np.asarray(a * size**b)
        a, b, c = self.coefficients
        x = np.log10(size)
        return np.asarray(np.exp(a + b * x + c * x**2))


def pairs_of(data: Data) -> Pairs:
    """Return the valid reciprocal pairs."""
    i, j, sign = reciprocal_pairs(data.survey.abmn)
    good = data.valid & np.isfinite(data.resistance)
    both = good[i] & good[j]
    i, j, sign = i[both], j[both], sign[both]
    one, other = data.resistance[i], sign * data.resistance[j]
    return Pairs(i, j, 0.5 * (np.abs(one) + np.abs(other)), np.abs(one - other))


def bins_of(size: Floats, scatter: Floats) -> tuple[Floats, Floats]:
    r"""Return mean size and root mean square scatter of bins of equal count, without faults.

    Parameters
    ----------
    size : array, shape (n,)
        By which bins are cut.
    scatter : array, shape (n,)
        Single estimates of a deviation, 0 or more.
    """
    order = np.argsort(size, kind="stable")
    parts = np.array_split(order, min(BINS, max(1, len(order) // PER_BIN)))
    level, spread = [], []
    for part in parts:
        usual = float(np.median(scatter[part])) / MEDIAN
        kept = part[scatter[part] <= FAULT * max(usual, np.finfo(float).tiny)]
        if len(kept):
            level.append(float(size[kept].mean()))
            spread.append(float(np.sqrt(np.mean(scatter[kept] ** 2))))
    return np.array(level), np.array(spread)


def linear_model(data: Data) -> ErrorModel | None:
    """Return a + b |R| fitted to reciprocal readings; None where there are too few."""
    return fit_reciprocals(data)[0]


def binned_model(data: Data) -> ErrorModel | None:
    """Return the scatter of reciprocal readings bin by bin, straight lines between in logarithms.

    None where there are fewer than `ENOUGH` pairs, or all agree. Beyond the first and last bin the
    relative error stays.
    """
    pairs = pairs_of(data)
    if len(pairs.size) < ENOUGH:
        return None
    level, spread = bins_of(pairs.size, pairs.scatter)
    keep = (level > 0.0) & (spread > 0.0)
    if not keep.any():
        return None
    table = tuple(zip(level[keep].tolist(), spread[keep].tolist(), strict=True))
    relative = float(np.median(spread[keep] / level[keep]))
    words = f"{len(table)} bins of {len(pairs.size)} reciprocal pairs, {relative:.2%} in the median"
    return ErrorModel("reciprocal", relative, pairs=len(pairs.size), description=words, bins=table)


def grouped_model(data: Data) -> ErrorModel | None:
    r"""Return a + b \|R\| times a factor for each of a reading's electrodes.

    None where there are too few reciprocal pairs.

    Notes
    -----
    After Tso et al. (2017, Journal of Applied Geophysics 146): the quality of contacts sets
    the error of all readings through them. The mean of the logarithm of a pair's difference over
    the one expected is the sum of its electrodes' logarithmic factors; these follow from linear
    least squares, drawn to 0 by `RIDGE`, with mean 0 over all pairs.
    """
    base = linear_model(data)
    if base is None:
        return None
    pairs = pairs_of(data)
    usual = base.relative * pairs.size + base.resistance_floor
    seen: Booleans = (pairs.gap > 0.0) & (usual > 0.0)
    if np.count_nonzero(seen) < ENOUGH:
        return None
    with np.errstate(divide="ignore"):
        log = np.log(np.where(seen, pairs.scatter / usual, 1.0))
    n = len(data.survey.electrodes)
    rows = data.survey.abmn[pairs.first]
    has = np.zeros((len(rows), n + 1))
    np.put_along_axis(has, np.where(rows == REMOTE, n, rows), 1.0, axis=1)
    has, log = has[seen, :n], np.maximum(log[seen] - LOG_NORMAL, -2.0)
    normal = has.T @ has + RIDGE * np.eye(n)
    part = np.linalg.solve(normal, has.T @ (log - log.mean()))
    factors = np.clip(np.exp(part - (has @ part).mean() / 4.0), 1.0 / WIDEST, WIDEST)
    worst = data.survey.electrodes.labels[int(np.argmax(factors))]
    words = (
        f"{base}, times factors of electrodes from {factors.min():.2g} to {factors.max():.2g} "
        f"(electrode {worst}), from {base.pairs} reciprocal pairs"
    )
    return replace(base, description=words, electrode_factors=tuple(factors.tolist()))


def ip_model(
    data: Data,
    quantity: Literal["phase", "chargeability"],
    kind: Literal["power law", "parabola"] = "power law",
) -> IPErrorModel | None:
    r"""Return how the error of phase or chargeability depends on \|R\|.

    None where there are fewer than `ENOUGH` reciprocal pairs with it.

    Parameters
    ----------
    data : Data
    quantity : {"phase", "chargeability"}
    kind : {"power law", "parabola"}

    Notes
    -----
    Fitted by least squares to the logarithms of the scatter in bins of equal count.
    """
    values = data.phase if quantity == "phase" else data.chargeability
    if values is None:
        return None
    pairs = pairs_of(data)
    gap = np.abs(values[pairs.first] - values[pairs.second])
    known = np.isfinite(gap)
    if known.sum() < ENOUGH:
        return None
    level, spread = bins_of(pairs.size[known], gap[known] / np.sqrt(2.0))
    keep = (level > 0.0) & (spread > 0.0)
    degree = 1 if kind == "power law" else 2
    if keep.sum() <= degree:
        return None
    fit = np.polynomial.polynomial.polyfit(np.log10(level[keep]), np.log(spread[keep]), degree)
    found = fit.tolist()
    if kind == "power law":
        found = [float(np.exp(found[0])), found[1] / np.log(10.0)]
    words = f"{kind} of {quantity} errors over |R|, fitted to {int(known.sum())} reciprocal pairs"
    return IPErrorModel(kind, quantity, tuple(found), int(known.sum()), words)
