"""Standard arrays over electrodes in a row, and which readings are each other's reciprocal.

Every builder returns ``abmn``, shape (n_data, 4): electrode numbers 0 to n - 1 in a row, equally
spaced, or `REMOTE`. A and B, M and N come in the order that makes the geometric factor positive.
Lengths and distances count electrode spacings.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from ohmscape.core.survey import REMOTE
from ohmscape.core.types import Booleans, Floats, Integers


def wenner(n: int) -> Integers:
    """Return all Wenner (alpha) readings A M N B of ``n`` electrodes."""
    return _slide(((0, 3 * a, a, 2 * a) for a in range(1, n)), n)


def wenner_beta(n: int) -> Integers:
    """Return all Wenner-beta readings B A M N of ``n`` electrodes."""
    return _slide(((a, 0, 2 * a, 3 * a) for a in range(1, n)), n)


def wenner_gamma(n: int) -> Integers:
    """Return all Wenner-gamma readings A M B N of ``n`` electrodes."""
    return _slide(((0, 2 * a, a, 3 * a) for a in range(1, n)), n)


def schlumberger(n: int, max_n: int = 8, lengths: Sequence[int] = (1, 2, 3, 4)) -> Integers:
    """Return Wenner-Schlumberger readings A M N B of ``n`` electrodes.

    Parameters
    ----------
    n : int
        Number of electrodes.
    max_n : int
        Greatest distance AM = NB, in lengths MN.
    lengths : sequence of int
        Lengths of MN.
    """
    pattern = (
        (0, (2 * k + 1) * a, k * a, (k + 1) * a) for a in lengths for k in range(1, max_n + 1)
    )
    return _slide(pattern, n)


def dipole_dipole(n: int, max_n: int = 8, lengths: Sequence[int] = (1, 2, 3, 4)) -> Integers:
    """Return dipole-dipole readings B A M N of ``n`` electrodes.

    Parameters
    ----------
    n : int
        Number of electrodes.
    max_n : int
        Greatest distance AM, in lengths of a dipole.
    lengths : sequence of int
        Lengths AB = MN.
    """
    pattern = ((a, 0, (k + 1) * a, (k + 2) * a) for a in lengths for k in range(1, max_n + 1))
    return _slide(pattern, n)


def pole_dipole(
    n: int, max_n: int = 8, lengths: Sequence[int] = (1, 2, 3, 4), *, reverse: bool = False
) -> Integers:
    """Return pole-dipole readings of ``n`` electrodes, B remote.

    Parameters
    ----------
    n : int
        Number of electrodes.
    max_n : int
        Greatest distance AM, in lengths MN.
    lengths : sequence of int
        Lengths of MN.
    reverse : bool
        A after M and N (N M A) instead of before them (A M N).
    """
    pattern = ((0, REMOTE, k * a, (k + 1) * a) for a in lengths for k in range(1, max_n + 1))
    rows = _slide(pattern, n)
    return np.where(rows == REMOTE, REMOTE, n - 1 - rows) if reverse else rows


def pole_pole(n: int) -> Integers:
    """Return all pole-pole readings A M of ``n`` electrodes, B and N remote."""
    return _slide(((0, REMOTE, k, REMOTE) for k in range(1, n)), n)


def gradient(n: int, separation: int = 8, lengths: Sequence[int] = (1, 2, 3, 4)) -> Integers:
    """Return multiple-gradient readings A M N B of ``n`` electrodes.

    Parameters
    ----------
    n : int
        Number of electrodes.
    separation : int
        Number s of potential dipoles between A and B; AB = s + 2 lengths of MN.
    lengths : sequence of int
        Lengths of MN.

    Notes
    -----
    After Dahlin and Zhou (2006), Near Surface Geophysics 4, 113-123.
    """
    pattern = (
        (0, (separation + 2) * a, k * a, (k + 1) * a)
        for a in lengths
        for k in range(1, separation + 1)
    )
    return _slide(pattern, n)


def reciprocal(abmn: Integers) -> Integers:
    """Return the readings with current and potential electrodes exchanged, shape (n_data, 4)."""
    return abmn[:, [2, 3, 0, 1]]


def reciprocal_pairs(abmn: Integers) -> tuple[Integers, Integers, Floats]:
    """Find readings that must agree because current and potential are exchanged.

    Parameters
    ----------
    abmn : array of int, shape (n_data, 4)

    Returns
    -------
    i, j : array of int, shape (n_pairs,)
        Rows of `abmn`, ``i < j``, in the order of `i`. No row is in more than one pair: where a
        reading or its reciprocal was repeated, the first goes with the first, the second with
        the second, and what is left over stays alone. So each pair is a measurement of its own.
    sign : array, shape (n_pairs,)
        1 or -1: without noise, ``R[i] == sign * R[j]``.

    Examples
    --------
    >>> abmn = np.array([[0, 1, 2, 3], [1, 2, 3, 4], [3, 2, 0, 1]])
    >>> reciprocal_pairs(abmn)
    (array([0]), array([2]), array([-1.]))
    """
    current, potential = np.sort(abmn[:, :2], axis=1), np.sort(abmn[:, 2:], axis=1)
    flips = (abmn[:, 0] > abmn[:, 1]) ^ (abmn[:, 2] > abmn[:, 3])
    lines = np.concatenate([current, potential])
    width = int(lines.max(initial=0)) + 2
    _, number = np.unique((lines[:, 0] + 1) * width + lines[:, 1] + 1, return_inverse=True)
    p, q = np.split(number, 2)
    _, group = np.unique(
        np.minimum(p, q) * (2 * len(abmn) + 1) + np.maximum(p, q), return_inverse=True
    )
    first = np.flatnonzero(p < q)
    second = np.flatnonzero(p > q)
    _, i, j = np.intersect1d(
        group[first] * (len(abmn) + 1) + _occurrence(group[first]),
        group[second] * (len(abmn) + 1) + _occurrence(group[second]),
        assume_unique=True,
        return_indices=True,
    )
    i, j = first[i], second[j]
    i, j = np.minimum(i, j), np.maximum(i, j)
    order = np.argsort(i)
    i, j = i[order], j[order]
    return i, j, np.where(flips[i] ^ flips[j], -1.0, 1.0)


def _occurrence(group: Integers) -> Integers:
    """Return for each element how many equal ones come before it."""
    order = np.argsort(group, kind="stable")
    ordered = group[order]
    new: Booleans = np.ones(len(group), dtype=np.bool_)
    new[1:] = ordered[1:] != ordered[:-1]
    begin = np.flatnonzero(new)
    count = np.empty(len(group), dtype=np.int64)
    count[order] = np.arange(len(group)) - begin[np.cumsum(new) - 1]
    return count


def _slide(pattern: Iterable[tuple[int, int, int, int]], n: int) -> Integers:
    """Move each pattern from the first electrode along the row as far as it fits."""
    rows = [np.empty((0, 4), dtype=np.int64)]
    for one in pattern:
        shift = np.arange(n - max(one))[:, None]
        offsets = np.array(one, dtype=np.int64)
        rows.append(np.where(offsets == REMOTE, REMOTE, offsets + shift))
    return np.concatenate(rows)
