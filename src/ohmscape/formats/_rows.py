"""Rows that repeat an earlier one, and rows that no ground can answer."""

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ohmscape.arrays.geometry import SAME_PLACE, impossible
from ohmscape.core import Booleans, Floats, Integers, Survey

Fault = tuple[Booleans, str]  #: rows that must not be used, and why


def absurdities(survey: Survey) -> tuple[Booleans, list[Fault]]:
    """Return which readings no ground can answer, and why, as `impossible` finds them.

    Where all electrodes have places of their own, only rows that name one twice are looked at.
    """
    absurd = np.zeros(len(survey), dtype=np.bool_)
    a, b, m, n = np.ascontiguousarray(survey.abmn.T)
    twice = (a == b) | (m == n) | (a == m) | (a == n) | (b == m) | (b == n)
    if _may_share_places(survey.electrodes.positions):
        twice[:] = True
    rows = np.flatnonzero(twice)
    if not len(rows):
        return absurd, []
    absurd[rows], why = impossible(survey[rows])
    faults: dict[str, Booleans] = {}
    for i, text in zip(rows.tolist(), why, strict=True):
        if text:
            faults.setdefault(text, np.zeros(len(survey), dtype=np.bool_))[i] = True
    return absurd, [(faults[text], text) for text in sorted(faults)]


def _may_share_places(positions: Floats) -> bool:
    """Whether two electrodes might share a place; False only if none do.

    What shares a place also shares its shadow on any line.
    """
    near = SAME_PLACE * float(np.linalg.norm(np.ptp(positions, axis=0)))
    line = np.array([0.723, 0.541, 0.43])  # no grid has rows across it
    shadow = np.sort((positions - positions[0]) @ line)
    return bool(np.any(np.diff(shadow) <= 2.0 * near))


def repeats_of(keys: Sequence[Hashable] | NDArray[Any]) -> tuple[Booleans, Integers]:
    """Return which rows repeat an earlier one in all they hold, and which one.

    Parameters
    ----------
    keys : sequence of hashable, or array, shape (n, any)
        One key or row per reading; rows of an array are compared byte by byte.
    """
    first = np.arange(len(keys), dtype=np.int64)
    if isinstance(keys, np.ndarray):
        suspects = _suspects(keys)
        texts: list[Hashable] = [keys[i].tobytes() for i in suspects]
    else:
        suspects, texts = first.copy(), list(keys)
        if len(set(texts)) == len(texts):
            return np.zeros(len(first), dtype=np.bool_), first
    seen: dict[Hashable, int] = {}
    for i, key in zip(suspects.tolist(), texts, strict=True):
        first[i] = seen.setdefault(key, i)
    return first != np.arange(len(first)), first


def _suspects(rows: NDArray[Any]) -> Integers:
    """Return the rows whose checksum is that of another row, too."""
    if not rows.size:
        return np.arange(len(rows))
    raw = np.ascontiguousarray(rows).view(np.uint8).reshape(len(rows), -1)
    spare = -raw.shape[1] % 8
    if spare:
        raw = np.pad(raw, ((0, 0), (0, spare)))
    words = raw.view(np.uint64)
    for count in (4, 12):  # a few words of each row tell most rows apart
        some = _same_checksum(words[:, :: max(1, words.shape[1] // count)])
        if len(some) <= len(rows) // 20:
            return some
    return _same_checksum(words)


def _same_checksum(words: NDArray[np.uint64]) -> Integers:
    dice = np.random.default_rng(8)
    odd = dice.integers(1, 2**63, words.shape[1], dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    total = words @ odd
    order = np.sort(total)
    twice = order[1:][order[1:] == order[:-1]]
    return np.flatnonzero(np.isin(total, twice)) if len(twice) else np.zeros(0, dtype=np.int64)
