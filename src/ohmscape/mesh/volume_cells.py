"""Which cell of a body of tetrahedra holds a point."""

import numpy as np

from ohmscape.core.types import Floats, Integers
from ohmscape.kernels import kernel
from ohmscape.mesh.volume import VolumeMesh

CANDIDATES = (4, 16, 64)  #: cells with the nearest centres that are asked, the few first
INSIDE = -1e-6  #: barycentric coordinate down to which a point counts as inside


def cells_at(mesh: VolumeMesh, points: Floats) -> Integers:
    """Return the cell that holds each point, shape (n, 3), -1 where none does.

    Edges are taken as straight.
    """
    from scipy.spatial import KDTree  # takes longer to import than a small inversion

    corners = mesh.corners()
    inverse = np.ascontiguousarray(np.linalg.inv(corners[:, 1:] - corners[:, :1]))
    tree = KDTree(corners.mean(axis=1))
    found = np.full(len(points), -1)
    for count in CANDIDATES:
        lost = np.flatnonzero(found < 0)
        if len(lost) == 0:
            break
        some = np.ascontiguousarray(points[lost])
        near = tree.query(some, k=min(count, len(mesh)))[1]
        near = near.reshape(len(some), -1)
        holder = np.empty(len(some), dtype=np.int64)
        _ask(some, near, np.ascontiguousarray(corners[:, 0]), inverse, INSIDE, holder)
        found[lost] = holder
    return found


@kernel
def _ask(
    points: Floats, near: Integers, origin: Floats, inverse: Floats, least: float, holder: Integers
) -> None:
    """Fill `holder` with the first of the near cells that holds each point."""
    for p in range(len(points)):
        holder[p] = -1
        for k in range(near.shape[1]):
            c = near[p, k]
            x = points[p, 0] - origin[c, 0]
            y = points[p, 1] - origin[c, 1]
            z = points[p, 2] - origin[c, 2]
            rest, low = 1.0, 1.0
            for i in range(3):
                share = x * inverse[c, 0, i] + y * inverse[c, 1, i] + z * inverse[c, 2, i]
                rest -= share
                low = min(low, share)
            if min(low, rest) >= least:
                holder[p] = c
                break
