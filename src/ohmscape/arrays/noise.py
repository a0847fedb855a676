"""Error models: how wrong a reading may be, and from where that is known."""

import re
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from ohmscape.arrays.designs import reciprocal_pairs
from ohmscape.arrays.error_shapes import by_bins, by_electrodes
from ohmscape.core.data import Data
from ohmscape.core.types import Booleans, Floats
from ohmscape.errors import SurveyError

DEFAULT = 0.03  #: relative error where nothing is known
PLACEMENT = 0.01  #: relative error below which no repetition goes: electrodes are never in place
CURRENT = 0.1  #: A, for a voltage floor where a file has no current
ENOUGH = 30  #: reciprocal pairs from which errors are fitted
FAULT = 0.2  #: relative difference, and
FAULT_TIMES = 10.0  #: multiple of the usual difference, beyond which a pair is a fault, not noise
PER_BIN = 20  #: pairs in a bin at least, and
BINS = 30  #: bins at most

VOLT = {"V": 1.0, "mV": 1e-3, "uV": 1e-6, "\u00b5V": 1e-6, "\u03bcV": 1e-6, "nV": 1e-9}
OHM = {"ohm": 1.0, "mohm": 1e-3, "uohm": 1e-6, "kohm": 1e3}
TERM = re.compile(r"\s*((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([^\d\s+.-]*)\s*")
HOW = "write for example 3%, 3%+1mV, 2%+0.5mOhm or 0.03+1e-4V"


@dataclass(frozen=True)
class ErrorModel:
    """Standard deviation of a reading: relative part + resistance floor + voltage floor.

    The parts add up: ``relative * |R| + resistance_floor + voltage_floor / I``.
    """

    kind: Literal["file", "reciprocal", "stated"]
    relative: float = 0.0  #: part of the resistance
    resistance_floor: float = 0.0  #: ohm
    voltage_floor: float = 0.0  #: V
    pairs: int = 0  #: reciprocal pairs that the model was fitted to
    description: str = ""  #: what was done and why, in words for the report
    bins: tuple[tuple[float, float], ...] = ()  #: size and deviation in ohm, in place of a line
    electrode_factors: tuple[float, ...] = ()  #: one per electrode, of a reading their product

    def __str__(self) -> str:
        parts = [f"{100 * self.relative:.3g} %"]
        if self.resistance_floor:
            parts.append(f"{1e3 * self.resistance_floor:.3g} mOhm")
        if self.voltage_floor:
            parts.append(f"{1e3 * self.voltage_floor:.3g} mV")
        return " + ".join(parts)


def parse_error(text: str) -> ErrorModel:
    """Read a stated error: ``3%``, ``3%+1mV``, ``2%+0.5mOhm``, ``0.03+1e-4V``.

    Parameters
    ----------
    text : str
        Terms joined by ``+``: a relative part (``%``, or a fraction below 1 without unit), a
        voltage floor (V, mV, uV), a resistance floor (Ohm, mOhm). Each at most once.

    Returns
    -------
    ErrorModel

    Raises
    ------
    SurveyError
        The text is not of this form, or the error is zero or 100 % and more.
    """
    found: dict[str, float] = {}
    at = 0
    while True:
        term = TERM.match(text, at)
        if term is None:
            raise SurveyError(f"error {text!r} is not understood", mend=HOW)
        name, value = _term(float(term[1]), term[2], text)
        if name in found:
            raise SurveyError(f"error {text!r} states its {name} twice", mend=HOW)
        found[name] = value
        at = term.end()
        if at == len(text):
            break
        if text[at] != "+":
            raise SurveyError(f"error {text!r} is not understood", mend=HOW)
        at += 1
    if not 0.0 < sum(found.values()) < np.inf:
        raise SurveyError(f"error {text!r} is not a positive number", mend=HOW)
    model = ErrorModel(
        "stated",
        relative=found.get("relative part", 0.0),
        voltage_floor=found.get("voltage floor", 0.0),
        resistance_floor=found.get("resistance floor", 0.0),
    )
    return replace(model, description=f"{model}, as stated")


def _term(value: float, unit: str, text: str) -> tuple[str, float]:
    if unit in ("%", ""):
        value = value / 100.0 if unit else value
        if value >= 1.0:
            raise SurveyError(
                f"error {text!r} is {100 * value:g} % of the reading",
                mend=f"{HOW}; without % it is a fraction",
            )
        return "relative part", value
    if unit in VOLT:
        return "voltage floor", VOLT[unit] * value
    ohm = unit.replace("\u03a9", "ohm").replace("\u2126", "ohm")  # Greek letter, ohm sign
    ohm = ohm[:-3] + "ohm" if ohm.lower().endswith("ohm") else ohm  # M is not m
    if ohm in OHM:
        return "resistance floor", OHM[ohm] * value
    raise SurveyError(f"error {text!r} has an unknown unit {unit!r}", mend=HOW)


def error_model(data: Data, stated: ErrorModel | str | None = None) -> tuple[ErrorModel, Floats]:
    """Find the best known errors of readings: stated, of the file, fitted, or assumed.

    Parameters
    ----------
    data : Data
        Only valid readings are looked at; all are given an error.
    stated : ErrorModel or str, optional
        The user's word; it goes before everything else.

    Returns
    -------
    model : ErrorModel
        Which errors were used, with a description for the report.
    standard_deviation : array, shape (n_data,)
        ohm, positive; NaN where a reading has no resistance.

    Notes
    -----
    The first of these that applies:

    1. `stated`.
    2. The file's own errors, but not less than `PLACEMENT` of the reading: instruments state how
       well a reading repeats. Zero, negative and missing ones are filled with the default. Should
       half of them exceed 100 % of the reading, none is believed.
    3. A fit to reciprocal pairs (`fit_reciprocals`) where there are `ENOUGH` of them.
    4. `DEFAULT` of the reading.

    A voltage floor is divided by the current of the reading; where the file has none,
    by the median current of the others, or by `CURRENT`.
    """
    if stated is not None:
        model = parse_error(stated) if isinstance(stated, str) else stated
        return _applied(model, data)
    size = np.abs(data.resistance)
    own = data.standard_deviation
    why_not = "the file states no errors"
    if own is not None:
        usable: Booleans = np.isfinite(own) & (own > 0.0)
        judged = usable & data.valid & (size > 0.0)
        ratio = own[judged] / size[judged]
        if len(ratio) and np.median(ratio) <= 1.0:
            return _filled(data, own, usable, ratio)
        why_not = (
            "the errors in the file are zero, negative or missing"
            if len(ratio) == 0
            else f"the errors in the file are not believable (median {np.median(ratio):.0%})"
        )
    fitted, pairs = fit_reciprocals(data)
    if fitted is not None:
        return _applied(replace(fitted, description=f"{fitted.description}; {why_not}"), data)
    model = ErrorModel("stated", relative=DEFAULT)
    words = f"{model} of each reading is assumed: {why_not} and there are {pairs} reciprocal pairs"
    if pairs >= ENOUGH:
        words += ", which agree to the last digit"
    return _applied(replace(model, description=words), data)


def fit_reciprocals(data: Data) -> tuple[ErrorModel | None, int]:
    r"""Fit ``a + b |R|`` to the differences of valid reciprocal readings.

    Parameters
    ----------
    data : Data

    Returns
    -------
    model : ErrorModel or None
        None where fewer than `ENOUGH` pairs are there, or all agree exactly.
    pairs : int
        Number of pairs found.

    Notes
    -----
    Pairs are sorted by the mean of their \|R\| and cut into bins of equal count (Koestel et al.,
    2008, Water Resources Research 44). In each, ``sqrt(mean(d**2) / 2)`` estimates the
    standard deviation of one reading from the differences d of two: division by 2, because both
    are noisy. The line goes through the bins by least squares of *relative* misfits, since a
    bin's estimate is uncertain in proportion to its size, reweighted against stray bins
    (Huber) and with a, b >= 0. Without that weight the floor is that of the largest
    resistances: on pyGIMLi's reciprocal.ohm, 1 % + 0.8 milliohm for readings of 2 milliohm that
    repeat to 0.2.

    Pairs that differ by more than `FAULT` of the reading and `FAULT_TIMES` the usual difference
    of their bin are faults (a bad contact, a broken wire) and left out.
    """
    i, j, sign = reciprocal_pairs(data.survey.abmn)
    good = data.valid & np.isfinite(data.resistance)
    both = good[i] & good[j]
    forward, backward = data.resistance[i[both]], (sign * data.resistance[j])[both]
    pairs = len(forward)
    if pairs < ENOUGH:
        return None, pairs
    size, gap = 0.5 * np.abs(forward + backward), np.abs(forward - backward)
    order = np.argsort(size, kind="stable")
    bins = np.array_split(order, min(BINS, max(3, pairs // PER_BIN)))
    kept = [b[(gap[b] <= FAULT * size[b]) | (gap[b] <= _usual(gap[b]))] for b in bins]
    kept = [b for b in kept if len(b)]
    level = np.array([size[b].mean() for b in kept])
    spread = np.array([np.sqrt(np.mean(gap[b] ** 2) / 2.0) for b in kept])
    if not (spread > 1e-9 * level).any():
        return None, pairs
    a, b = spread_line(level, spread)
    faults = pairs - sum(map(len, kept))
    model = ErrorModel("reciprocal", relative=b, resistance_floor=a, pairs=pairs)
    words = f"{model}, fitted to {pairs} reciprocal pairs"
    if faults:
        words += f" ({faults} that differ grossly left out)"
    return replace(model, description=words), pairs


def _usual(gap: Floats) -> float:
    return FAULT_TIMES * 1.4826 * float(np.median(gap))


def spread_line(level: Floats, spread: Floats) -> tuple[float, float]:
    """Return a, b >= 0 of ``a + b level`` through spreads of bins, robust and relative."""
    line = np.array([np.median(spread), 0.0])
    least = 1e-3 * spread.max()
    weight = np.ones(len(level))
    for _ in range(30):
        scale = np.maximum(line[0] + line[1] * level, least)
        w = np.sqrt(weight) / scale
        line = _not_negative(w, w * level, w * spread)
        misfit = (line[0] + line[1] * level - spread) / np.maximum(line[0] + line[1] * level, least)
        huber = 1.345 * 1.4826 * max(float(np.median(np.abs(misfit))), 1e-6)
        weight = np.minimum(1.0, huber / np.maximum(np.abs(misfit), 1e-12))
    return float(line[0]), float(line[1])


def _not_negative(p: Floats, q: Floats, y: Floats) -> Floats:
    """Solve ``a p + b q = y`` by least squares with a, b >= 0."""
    pp, pq, qq, py, qy = p @ p, p @ q, q @ q, p @ y, q @ y
    singular = pp * qq - pq * pq
    if singular > 1e-12 * pp * qq:
        both = np.array([qq * py - pq * qy, pp * qy - pq * py]) / singular
        if (both >= 0.0).all():
            return both
    only_a, only_b = np.array([py / pp, 0.0]), np.array([0.0, qy / qq if qq > 0.0 else 0.0])
    misfit_a, misfit_b = (float(np.sum((s[0] * p + s[1] * q - y) ** 2)) for s in (only_a, only_b))
    return only_a if misfit_a <= misfit_b else only_b


def _filled(data: Data, own: Floats, usable: Booleans, ratio: Floats) -> tuple[ErrorModel, Floats]:
    """Keep the file's errors and fill the others with the default."""
    words = f"errors of the file (median {np.median(ratio):.2%} of the reading)"
    _, default = _applied(ErrorModel("stated", relative=DEFAULT), data)
    filled = int(np.count_nonzero(data.valid & ~usable))
    if filled:
        words += f"; {filled} missing, zero or negative ones filled with {DEFAULT:.0%}"
    high = int(np.count_nonzero(ratio > 1.0))
    if high:
        words += f"; {high} exceed 100 %"
    low = int(np.count_nonzero(ratio < PLACEMENT))
    if low:
        words += (
            f"; {low} below {PLACEMENT:.0%} raised to that: how well a reading repeats says "
            "nothing of where its electrodes stood"
        )
    raised = np.maximum(own, PLACEMENT * np.abs(data.resistance))
    relative = max(float(np.median(ratio)), PLACEMENT)
    model = ErrorModel("file", relative=relative, description=words)
    return model, np.where(usable, raised, default)


def _applied(model: ErrorModel, data: Data) -> tuple[ErrorModel, Floats]:
    """Return the model, its description completed, and the standard deviations."""
    size = np.abs(data.resistance)
    line = model.relative * size + model.resistance_floor
    deviation = by_bins(size, model.bins) if model.bins else line
    if model.electrode_factors:
        deviation = deviation * by_electrodes(data.survey.abmn, model.electrode_factors)
    if model.voltage_floor:
        known = np.zeros(len(data), dtype=np.bool_)
        current = np.full(len(data), CURRENT)
        if data.current is not None:
            known = np.isfinite(data.current) & (data.current != 0.0)
        if data.current is not None and known.any():
            current[:] = np.median(np.abs(data.current[known]))
            current[known] = np.abs(data.current[known])
        if not known.all():
            used = f"{1e3 * current[~known][0]:.3g} mA for {np.count_nonzero(~known)} readings"
            words = f"{model.description or model}; current not in the file, taken as {used}"
            model = replace(model, description=words)
        deviation = deviation + model.voltage_floor / current
    silent = deviation == 0.0  # R is 0: as sure as the smallest reading, not infinitely
    if silent.any():
        heard = deviation[np.isfinite(deviation) & ~silent]
        deviation[silent] = heard.min() if len(heard) else model.relative or 1.0
    return model, deviation
