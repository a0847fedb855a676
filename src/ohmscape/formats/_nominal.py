"""The geometric factor that field software assumes: flat ground, nominal positions."""

import numpy as np

from ohmscape.arrays.geometry import SILENT, geometric_factor
from ohmscape.core import Booleans, Floats, Integers

STEEP = 5.0  #: rise over run between neighbours that only a borehole has
MOSTLY = 0.25  #: part of the neighbours that must be so steep


def in_boreholes(positions: Floats) -> bool:
    """Whether electrodes lie above each other, so that only true distances make sense.

    Parameters
    ----------
    positions : array, shape (n, 3)
        x, y, z in m, in the order of the file.
    """
    if len(positions) < 2:
        return False
    step = np.diff(positions, axis=0)
    run, rise = np.hypot(step[:, 0], step[:, 1]), np.abs(step[:, 2])
    return bool(np.mean((rise > 0.0) & (rise > STEEP * run)) >= MOSTLY)


def has_topography(positions: Floats) -> bool:
    """Whether electrodes on the ground differ in height."""
    return bool(np.ptp(positions[:, 2]) > 0.0) and not in_boreholes(positions)


def nominal_factor(
    positions: Floats, abmn: Integers, possible: Booleans, *, holes: bool | None = None
) -> Floats:
    """Return k in m for flat ground, NaN where a reading is impossible.

    `holes` says whether electrodes are in boreholes; left out, their places tell.

    Horizontal distances; in boreholes true distances and images in the surface, which is
    z = 0 if all electrodes lie below it, else the highest electrode.
    """
    k = np.full(len(abmn), np.nan)
    if not possible.any():
        return k
    if in_boreholes(positions) if holes is None else holes:
        places, surface = positions, max(float(positions[:, 2].max()), 0.0)
    else:
        places, surface = positions * [1.0, 1.0, 0.0], 0.0
    if len(places) ** 2 <= len(abmn):
        k[possible] = _factor_by_pairs(places, abmn[possible], surface)
        return k
    apart = possible & ~_touching(places, abmn)
    if apart.any():
        k[apart] = geometric_factor(places, abmn[apart], surface=surface)
    k[possible & ~apart] = np.inf
    return k


def _factor_by_pairs(places: Floats, abmn: Integers, surface: float) -> Floats:
    """Return the geometric factor of many readings between few electrodes.

    The inverse distances of all pairs come first, each once; else as `geometric_factor`.
    """
    n = len(places)
    image = places * [1.0, 1.0, -1.0] + [0.0, 0.0, 2.0 * surface]
    inverse = np.zeros((n + 1, n + 1))  # the last row and column stand for index -1, remote
    with np.errstate(divide="ignore", invalid="ignore"):
        for i in range(n):
            near = np.linalg.norm(places[i] - places, axis=1)
            far = np.linalg.norm(image[i] - places, axis=1)
            inverse[i, :n] = 1.0 / near + 1.0 / far
        a, b, m, n_ = np.ascontiguousarray(abmn.T)
        am, bm, an, bn = inverse[a, m], inverse[b, m], inverse[a, n_], inverse[b, n_]
        total = am + bm + an + bn
        signal = am - bm - an + bn
        silent = np.isinf(total) | (np.abs(signal) <= SILENT * total)
        return np.where(silent, np.inf, 4.0 * np.pi / signal)


def _touching(places: Floats, abmn: Integers) -> Booleans:
    """Mark readings of which a current and a potential electrode have no distance."""
    touching = np.zeros(len(abmn), dtype=np.bool_)
    for p in (0, 1):
        for q in (2, 3):
            both = (abmn[:, p] >= 0) & (abmn[:, q] >= 0)
            apart = np.any(places[abmn[:, p]] != places[abmn[:, q]], axis=1)
            touching |= both & ~apart
    return touching
