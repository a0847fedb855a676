"""Rules that judge by a smooth section: exchanged and bad electrodes, strays, polarity."""

import numpy as np

from ohmscape.arrays.quality import touching
from ohmscape.core.data import Data
from ohmscape.quality.electrodes import Electrical
from ohmscape.quality.marks import Mark, mark
from ohmscape.quality.rules import Limits


def exchanged(rule: str, data: Data, found: Electrical, *, remove: bool) -> Mark:
    """Mark readings of exchanged take-outs by how many times smaller putting them right is."""
    value, hit = np.full(len(data), np.nan), np.zeros(len(data), dtype=np.bool_)
    names = []
    labels = data.survey.electrodes.labels
    for pair, gain in zip(found.exchanged, found.gain, strict=True):
        rows = np.isin(data.survey.abmn, pair).any(axis=1) & np.isfinite(found.residual)
        value[rows], hit = gain, hit | rows
        names.append(f"{labels[pair[0]]} and {labels[pair[1]]}")
    none = np.zeros(len(data), dtype=np.bool_)
    removed, suspect = (hit, none) if remove else (none, hit)
    note = f"exchanged: {', '.join(names)}" if names else ""
    return Mark(rule, Limits(), value, removed, suspect, note)


def bad_electrode(data: Data, found: Electrical, limits: Limits) -> Mark:
    """Judge readings by the worst of their electrodes, in median misfit."""
    misfit = np.append(np.nan_to_num(found.misfit, nan=0.0), 0.0)  # REMOTE = -1 falls on the last
    value = np.where(np.isfinite(found.residual), misfit[data.survey.abmn].max(axis=1), np.nan)
    judged = np.isfinite(value)
    removed = touching(data.survey.abmn, found.bad) & judged
    suspect = mark("bad_electrode", value, limits).suspect & ~removed
    labels = data.survey.electrodes.labels
    names = ", ".join(labels[e] for e in np.flatnonzero(found.bad))
    return Mark("bad_electrode", limits, value, removed, suspect, names and f"electrodes {names}")


def stray(found: Electrical, limits: Limits) -> Mark:
    """Judge readings by how far they stand off the section and their neighbours, in sd."""
    return mark("stray", found.stray, limits)


def polarity(data: Data, found: Electrical, limits: Limits) -> Mark:
    """Judge readings whose sign the section contradicts, by how sure it is of its own, in sd."""
    sure = np.abs(found.predicted) / found.deviation
    with np.errstate(invalid="ignore"):
        turned = np.sign(data.resistance) * np.sign(found.predicted) < 0.0
        # a section too smooth for the ground turns the sign of all neighbours alike
        turned &= found.stray > 1.0
    return mark("polarity", np.where(turned, sure, np.nan), limits)
