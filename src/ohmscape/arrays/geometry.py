"""Geometric factors of four-electrode arrays. Right-handed x, y, z in m, z up."""

import numpy as np

from ohmscape.core.survey import REMOTE, Survey
from ohmscape.core.types import Booleans, Floats, Integers
from ohmscape.errors import SurveyError

SILENT = 8.0 * np.finfo(np.float64).eps  #: terms that cancel this far are rounding, not signal
SAME_PLACE = 1e-9  #: part of the spread's extent below which two electrodes share a place


def geometric_factor(positions: Floats, abmn: Integers, *, surface: float = 0.0) -> Floats:
    r"""Return k in ``rho_a = k * R`` for a half-space below a flat surface.

    Parameters
    ----------
    positions : array, shape (n_electrodes, 3)
        x, y, z of each electrode in m, at or below the surface.
    abmn : array of int, shape (n_data, 4)
        Rows of `positions` for A, B (current), M, N (potential), or `REMOTE`.
    surface : float
        Elevation of the ground surface in m.

    Returns
    -------
    array, shape (n_data,)
        Signed factor in m; infinite where the array sees no signal.

    Raises
    ------
    SurveyError
        Unknown electrode, electrode above ground, or A or B placed on M or N.

    Notes
    -----
    :math:`k = 4\pi / [g_{AM} - g_{BM} - g_{AN} + g_{BN}]` with
    :math:`g_{PQ} = 1/|PQ| + 1/|P'Q|`, P' the image of P in the surface
    (Binley and Slater, 2020, eq. 4.9).

    Examples
    --------
    >>> line = np.array([[0.0, 0, 0], [2, 0, 0], [4, 0, 0], [6, 0, 0]])
    >>> geometric_factor(line, np.array([[0, 3, 1, 2]])).round(3)  # Wenner: 2 pi a
    array([12.566])
    """
    unknown = np.any((abmn < REMOTE) | (abmn >= len(positions)), axis=1)
    _refuse(unknown, "unknown electrode in abmn", "count from 0; REMOTE is -1")
    _refuse(positions[:, 2] > surface, "electrode above ground", "set surface")
    image = positions * [1.0, 1.0, -1.0] + [0.0, 0.0, 2.0 * surface]

    def g(p: Integers, q: Integers) -> Floats:
        finite = (p != REMOTE) & (q != REMOTE)
        r = np.linalg.norm(positions[p] - positions[q], axis=1)
        r_image = np.linalg.norm(image[p] - positions[q], axis=1)
        _refuse(finite & (r == 0.0), "current and potential share a place", "drop row")
        return np.where(finite, 1.0 / r + 1.0 / r_image, 0.0)

    a, b, m, n = abmn.T
    with np.errstate(divide="ignore"):  # REMOTE pairs and silent arrays
        am, bm, an, bn = g(a, m), g(b, m), g(a, n), g(b, n)
        signal = am - bm - an + bn
        silent = np.abs(signal) <= SILENT * (am + bm + an + bn)
        return np.where(silent, np.inf, 4.0 * np.pi / signal)


def impossible(survey: Survey) -> tuple[Booleans, tuple[str, ...]]:
    """Name the readings that no ground can answer, whatever their value.

    Parameters
    ----------
    survey : Survey

    Returns
    -------
    mask : array of bool, shape (n_data,)
        True where a reading must not be used.
    reasons : tuple of str, length n_data
        Why, in the order of the rows; "" where the reading is possible. Callers pass them on:
        ``valid=False`` with this reason.

    Notes
    -----
    Electrodes share a place when they are the same or lie closer together than `SAME_PLACE`
    of the spread's extent: files list an electrode twice where two cables meet.
    """
    positions, abmn = survey.electrodes.positions, survey.abmn
    near = SAME_PLACE * float(np.linalg.norm(np.ptp(positions, axis=0)))

    def together(p: Integers, q: Integers) -> Booleans:
        apart = np.linalg.norm(positions[p] - positions[q], axis=1)
        same: Booleans = (p != REMOTE) & (q != REMOTE) & ((p == q) | (apart <= near))
        return same

    a, b, m, n = abmn.T
    faults = [
        ((a == REMOTE) & (b == REMOTE), "both current electrodes are remote"),
        ((m == REMOTE) & (n == REMOTE), "both potential electrodes are remote"),
        (together(a, b), "A and B share a place"),
        (together(m, n), "M and N share a place"),
        (together(a, m), "A and M share a place"),
        (together(a, n), "A and N share a place"),
        (together(b, m), "B and M share a place"),
        (together(b, n), "B and N share a place"),
    ]
    words = [""] * len(survey)
    for rows, what in faults:
        for i in np.flatnonzero(rows):
            words[i] = f"{words[i]}; {what}" if words[i] else what
    mask: Booleans = np.any([rows for rows, _ in faults], axis=0)
    return mask, tuple(words)


def _refuse(bad: Booleans, what: str, mend: str) -> None:
    if bad.any():
        raise SurveyError(what, where=f"rows {np.flatnonzero(bad)[:5]}", mend=mend)
