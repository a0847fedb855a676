"""What the data can and cannot say about a model."""

import numpy as np

from ohmscape.core.types import Floats
from ohmscape.inversion.normal import Linearized
from ohmscape.mesh.parameters import FIXED, Parameters

REACH = 0.1  #: of the section's depth: how far the reference models reach into the data's part
DOI_LIMIT = 0.2  #: index above which a parameter is rather the reference's than the data's


def depth_of_investigation(linear: Linearized, strength: float, group: Parameters) -> Floats:
    r"""Return how much of each parameter comes from a reference model, from 0 to 1.

    Two models are thought of that fit the data and stay near references ten times apart (Oldenburg
    and Li, 1999, eq. 7): the index is their difference over that of the references. Around the
    solution both follow from one linear problem. The distance from a reference counts as much as
    a slope of the same size over `REACH` of the section's depth. Parameters at the border stand for
    all the ground beyond, whose sum is better known than any part of it: they are given the
    index of their neighbours inside where that is higher.

    Parameters
    ----------
    linear : Linearized
        The problem around the solution.
    strength : float
        Its strength of regularisation.
    group : Parameters

    Returns
    -------
    array, shape (n_parameters,)
    """
    reach = REACH * float(np.ptp(group.centres[:, -1]))
    pull = group.areas / reach**2
    index = np.clip(linear.drawn_by(strength, pull), 0.0, 1.0)
    border = np.zeros(len(group), dtype=np.bool_)
    outside = ~group.core & (group.of_cell != FIXED)
    border[group.of_cell[outside]] = True
    i, j = np.concatenate([group.neighbours, group.neighbours[:, ::-1]]).T
    for _ in range(2):  # the second time for corners
        np.maximum.at(index, i[border[i]], index[j[border[i]]])
    return index


def coverage(linear: Linearized, group: Parameters) -> Floats:
    """Return the cumulative sensitivity per area in standard deviations per m^2, (n_parameters,).

    The sum over the readings of the absolute change, in standard deviations, for a unit change of
    ln(resistivity).
    """
    total: Floats = np.abs(linear.jacobian).sum(axis=1, dtype=np.float64)
    return total / np.maximum(group.areas, np.finfo(float).tiny)
