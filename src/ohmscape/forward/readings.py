"""From potentials of electrodes to what instruments read."""

import numpy as np

from ohmscape.core.types import Floats, Integers


def quadrupole(potential: Floats, abmn: Integers) -> Floats:
    """Return V_M - V_N for 1 A from A to B, shape (n_data,), from potentials of pairs in V/A."""
    padded = np.pad(potential, ((0, 1), (0, 1)))  # REMOTE = -1 falls on the zeros
    a, b, m, n = abmn.T
    resistance: Floats = padded[a, m] - padded[a, n] - padded[b, m] + padded[b, n]
    return resistance
