"""Synthetic lines with known ground, for inversions."""

from functools import cache

import numpy as np

from ohmscape.arrays import designs
from ohmscape.core import Electrodes, Survey
from ohmscape.forward.simulate import simulate

N = 32
X = np.arange(float(N))
FLAT = np.column_stack([X, 0 * X, 0 * X])
ABMN = np.concatenate([designs.wenner(N), designs.dipole_dipole(N, 6, (1, 2, 3))])
LINE = Survey(Electrodes(FLAT), ABMN)
FAR = 1e4

BLOCK = np.array([[13.0, -1.0], [18.0, -1.0], [18.0, -4.0], [13.0, -4.0]])
MIDDLE = np.array([15.5, -2.5])


def in_block(x, z):
    return (x > 13.0) & (x < 18.0) & (z < -1.0) & (z > -4.0)


@cache
def block(rho, noise="2%", seed=3):
    """Return readings over a block of 5 m by 3 m, 1 m deep, in 100 ohm m."""
    return simulate(
        LINE, lambda p: np.where(in_block(p[:, 0], p[:, 2]), rho, 100.0),
        [np.vstack([BLOCK, BLOCK[:1]])], noise=noise, seed=seed,
    )  # fmt: skip


@cache
def layer(rho, depth=2.5, noise="1%", seed=4):
    """Return readings over 100 ohm m on another resistivity."""
    return simulate(
        LINE, lambda p: np.where(p[:, 2] > -depth, 100.0, rho),
        [np.array([[-FAR, -depth], [FAR, -depth]])], noise=noise, seed=seed,
    )  # fmt: skip
