"""Rules that judge the shape of decays: fit, sign, noise; and what each gate is worth."""

from dataclasses import dataclass, replace

import numpy as np

from ohmscape.core.data import Data
from ohmscape.core.types import Floats
from ohmscape.quality.marks import Mark, mark, silent
from ohmscape.quality.rules import RuleSet

DECAY_RULES = ("decay_misfit", "decay_sign", "decay_noise")
RELAXATIONS = 7  #: relaxation times that a decay is made of
FEWEST = 4  #: gates by which a decay is judged
EARLY, LATE = 1.0, 3.0  #: shortest and longest relaxation over the first and last gate
AT_LEAST = 0.05  #: lowest weight of a gate


@dataclass(frozen=True, eq=False)
class Decays:
    """Decays of one sign fitted to measured ones."""

    time: Floats  #: (n_gates,) s, middle of each gate; its number where times are not known
    fitted: Floats  #: (n_data, n_gates) V/V, NaN where a decay has too few gates
    misfit: Floats  #: (n_data,) rms of the differences over that of the decay
    noise: Floats  #: (n_data,) V/V, rms of the differences
    sign: Floats  #: (n_data,) part of the gates whose sign is not that of the decay
    weight: Floats  #: (n_gates,) from 0 to 1, what a gate is worth against the best one


def fit_decays(data: Data) -> Decays | None:
    r"""Fit :math:`\pm \sum_k c_k e^{-t/\tau_k}`, c >= 0, to each decay; None where there are none.

    Notes
    -----
    A decay of any ground is such a sum, of the sign of the reading's chargeability (Tarasov and
    Titov, 2007, Geophysical Journal International 170; Nordsiek and Weller, 2008,
    Geophysics 73). It is found by non-negative least squares. How far gates are off, judged
    over a whole survey, says what each is worth (after Flores Orozco et al., 2018,
    Geophysics 83).
    """
    from scipy.optimize import nnls

    if data.decay is None:
        return None
    gates = data.decay.shape[1]
    time = np.arange(1.0, gates + 1.0)
    if data.gates is not None:
        time = data.gates.start + 0.5 * data.gates.width
    shortest = max(float(time.min()), 1e-6)
    tau = np.geomspace(EARLY * shortest, LATE * float(time.max()), RELAXATIONS)
    basis = np.column_stack([np.exp(-time[:, None] / tau), np.ones(gates)])
    fitted = np.full(data.decay.shape, np.nan)
    for row in np.flatnonzero(data.valid):
        there = np.isfinite(data.decay[row])
        if there.sum() >= FEWEST:
            sign = -1.0 if np.median(data.decay[row, there]) < 0.0 else 1.0
            part, _ = nnls(basis[there], sign * data.decay[row, there])
            fitted[row, there] = sign * (basis[there] @ part)
    return _judged(time, data.decay, fitted)


def _judged(time: Floats, decay: Floats, fitted: Floats) -> Decays:
    left = decay - fitted
    known = np.isfinite(left)
    count = np.maximum(known.sum(axis=1), 1)
    none = ~known.any(axis=1)
    noise = np.sqrt(np.where(known, left, 0.0) ** 2 @ np.ones(len(time)) / count)
    size = np.sqrt(np.where(known, decay, 0.0) ** 2 @ np.ones(len(time)) / count)
    side = np.where(np.nanmedian(np.where(known, decay, 0.0), axis=1) < 0.0, -1.0, 1.0)
    wrong = (np.where(known, decay, 0.0) * side[:, None] < 0.0).sum(axis=1) / count
    with np.errstate(divide="ignore", invalid="ignore"):
        misfit = np.where(size > 0.0, noise / size, 0.0)
    misfit, noise, sign = (np.where(none, np.nan, v) for v in (misfit, noise, wrong))
    return Decays(time, fitted, misfit, noise, sign, _weights(left))


def _weights(left: Floats) -> Floats:
    """Return the inverse variance of each gate over the usual one, cut off at 1."""
    spread = np.array([
        np.median(np.abs(column[np.isfinite(column)])) if np.isfinite(column).any() else np.inf
        for column in left.T
    ])  # fmt: skip
    known = spread[np.isfinite(spread)]
    usual = float(np.median(known)) if len(known) else 0.0
    if usual == 0.0:
        return np.ones(len(spread))
    weight: Floats = np.clip((usual / np.maximum(spread, usual)) ** 2, AT_LEAST, 1.0)
    return weight


def judge_decays(data: Data, decays: Decays | None, rules: RuleSet) -> tuple[Mark, ...]:
    """Return the marks of the rules of decays. They judge decays: resistances stay."""
    if decays is None:
        return tuple(
            silent(rule, len(data), rules.limits(rule), "the file has no decays")
            for rule in DECAY_RULES
        )
    values = dict(zip(DECAY_RULES, (decays.misfit, decays.sign, decays.noise), strict=True))
    found = [mark(rule, value, rules.limits(rule)) for rule, value in values.items()]
    # where the noise is small the shape does not matter: a decay of next to nothing fits anyhow
    quiet = rules.decay_noise.suspect
    if quiet is None:
        return tuple(found)
    small = decays.noise <= quiet
    return tuple(
        m if m.rule == "decay_noise" else
        replace(m, removed=m.removed & ~small, suspect=m.suspect | (m.removed & small))
        for m in found
    )  # fmt: skip
