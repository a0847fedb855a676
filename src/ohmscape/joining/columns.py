"""Columns of several data sets one below the other: gates and frequencies are those of all."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ohmscape.core.data import DECAYS, PER_READING, SPECTRA, Data, Gates
from ohmscape.core.types import Floats, Integers
from ohmscape.errors import SurveyError

SAME = 9  #: decimals of s or digits of Hz to which gates and frequencies are the same


def columns_joined(parts: Sequence[Data]) -> dict[str, object]:
    """Return the fields of `Data` that have a value per reading, and their gates and frequencies.

    Parameters
    ----------
    parts : sequence of Data

    Returns
    -------
    dict
        By field; those that no part has are left out.

    Raises
    ------
    SurveyError
        Decays without gate times that do not have the same number of gates.
    """
    gates, decay_at = _gates(parts)
    frequencies, spectrum_at = _frequencies(parts)
    joined: dict[str, object] = {"gates": gates, "frequencies": frequencies}
    for name in PER_READING:
        values = [getattr(part, name) for part in parts]
        if all(v is None for v in values):
            continue
        if name in DECAYS:
            values = _spread(values, decay_at)
        elif name in SPECTRA:
            values = _spread(values, spectrum_at)
        joined[name] = _stacked(values, [len(part) for part in parts])
    return joined


def _stacked(values: Sequence[NDArray[Any] | None], size: Sequence[int]) -> NDArray[Any]:
    """Return arrays one below the other, NaN for parts that have none."""
    known = next(v for v in values if v is not None)
    return np.concatenate(
        [
            np.full((n, *known.shape[1:]), np.nan, dtype=known.dtype) if v is None else v
            for v, n in zip(values, size, strict=True)
        ]
    )


def _spread(
    values: Sequence[NDArray[Any] | None], at: Sequence[Integers | None]
) -> list[NDArray[Any] | None]:
    """Move columns to where they are among those of all parts; NaN in the others."""
    width = 1 + max(int(index.max(initial=-1)) for index in at if index is not None)
    out: list[NDArray[Any] | None] = []
    for own, index in zip(values, at, strict=True):
        if own is None or index is None:
            out.append(None)
            continue
        wide = np.full((len(own), width), np.nan, dtype=own.dtype)
        wide[:, index] = own
        out.append(wide)
    return out


def _gates(parts: Sequence[Data]) -> tuple[Gates | None, list[Integers | None]]:
    """Return the gates of all parts and, of each, where its own are among them."""
    widths = [_width(part) for part in parts]
    timed = [part.gates for part in parts if part.gates is not None]
    known = {w for w in widths if w is not None}
    if not timed:
        if len(known) > 1:
            raise SurveyError(
                f"decays of {sorted(known)} gates without their times cannot stand in one table",
                mend="merge files with the same gates, or export them with their times",
            )
        return None, [None if w is None else np.arange(w) for w in widths]
    untimed = [w for part, w in zip(parts, widths, strict=True) if part.gates is None and w]
    if untimed:
        raise SurveyError(
            "some files state the times of their gates and others do not",
            mend="export all of them with the times of the gates",
        )
    every: list[Floats] = [
        np.round(np.column_stack([g.start, g.width]), SAME).astype(np.float64) for g in timed
    ]
    union, at = np.unique(np.concatenate(every), axis=0, return_inverse=True)
    own = iter(np.split(at.ravel(), np.cumsum([len(e) for e in every])[:-1]))
    index = [None if part.gates is None else next(own).astype(np.int64) for part in parts]
    return Gates(union[:, 0], union[:, 1]), index


def _width(part: Data) -> int | None:
    if part.gates is not None:
        return len(part.gates.start)
    decay = next((getattr(part, name) for name in DECAYS if getattr(part, name) is not None), None)
    return None if decay is None else int(decay.shape[1])


def _frequencies(parts: Sequence[Data]) -> tuple[Floats | None, list[Integers | None]]:
    """Return the frequencies of all parts and, of each, where its own are among them."""
    known = [part.frequencies for part in parts if part.frequencies is not None]
    if not known:
        return None, [None] * len(parts)
    union = np.unique(np.concatenate([_digits(f) for f in known]))
    index = [
        None if part.frequencies is None else np.searchsorted(union, _digits(part.frequencies))
        for part in parts
    ]
    return union, index


def _digits(frequencies: Floats) -> Floats:
    return np.array([float(f"{f:.{SAME}g}") for f in frequencies])
