"""From the places that each row names to a list of electrodes and indices into it."""

import numpy as np

from ohmscape.core import REMOTE, Floats, Integers

MICRON = 1e-6  #: m; places that agree to this are one


def array_codes(abmn: Integers) -> Integers:
    """Return one number per row, the same where A, B, M, N are the same."""
    code = abmn[:, 0].copy()
    for column in abmn[:, 1:].T:
        if code.size and code.max() > 2**40:  # keep codes small, so that the next step fits
            code = np.unique(code, return_inverse=True)[1].astype(np.int64)
        code = code * (int(abmn.max(initial=0)) + 2) + column
    return code


def number_places(places: Floats) -> tuple[Floats, Integers]:
    """Return electrodes sorted by x, y, z and the index of each place among them.

    Parameters
    ----------
    places : array, shape (n_data, 4, 3)
        x, y, z in m of A, B, M, N; NaN where remote.

    Returns
    -------
    positions : array, shape (n_electrodes, 3)
    abmn : array of int, shape (n_data, 4)
    """
    flat = places.reshape(-1, 3)
    near = np.isfinite(flat).all(axis=1)
    here = np.round(flat[near] / MICRON) * MICRON
    code = np.zeros(len(here), dtype=np.int64)
    for axis in range(3):
        levels, index = np.unique(here[:, axis], return_inverse=True)
        if axis:  # keep codes small, so that three axes of any length fit
            code = np.unique(code, return_inverse=True)[1].astype(np.int64)
        code = code * len(levels) + index
    _, first, index = np.unique(code, return_index=True, return_inverse=True)
    abmn = np.full(len(flat), REMOTE, dtype=np.int64)
    abmn[near] = index
    return np.round(here[first], 6), abmn.reshape(-1, 4)
