"""Cells of a body grouped at random, for tests that need parameters but not their geometry."""

import numpy as np

from ohmscape.mesh.parameters import FIXED, Parameters


def random_groups(mesh, n, fixed=0, seed=0):
    """Return `n` groups of cells; the first `fixed` cells belong to none."""
    of_cell = np.random.default_rng(seed).integers(0, n, len(mesh))
    of_cell[:n] = np.arange(n)
    of_cell[n : n + fixed] = FIXED
    order = np.argsort(of_cell, kind="stable")
    pointer = np.searchsorted(of_cell[order], np.arange(n + 1))
    nothing = np.zeros((0, 2))
    return Parameters(
        mesh,
        of_cell,
        np.ones(len(mesh), dtype=bool),
        np.zeros((n, 3)),
        np.ones(n),
        nothing.astype(int),
        nothing,
        pointer - pointer[0],
        order[pointer[0] :],
    )
