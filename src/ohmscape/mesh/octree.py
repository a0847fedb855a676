"""A flat box cut into cubes, small at given points and growing away from them.

Lengths are whole numbers of half the smallest cube, so that corners and middles of cubes are
whole numbers too and equality is exact. Neighbours, also those that share only an edge, differ
in size by a factor of 2 at most.
"""

from dataclasses import dataclass

import numpy as np

from ohmscape.core.types import Booleans, Floats, Integers
from ohmscape.errors import MeshError
from ohmscape.kernels import kernel

BITS = 21  #: of a coordinate
MOST_CUBES = 2_000_000  #: cubes above which no computer of today would use the mesh
CORNERS: Integers = np.array([[i, j, k] for k in (0, 1) for j in (0, 1) for i in (0, 1)])
AROUND: Integers = np.array(
    [
        [i, j, k]
        for k in (-1, 0, 1)
        for j in (-1, 0, 1)
        for i in (-1, 0, 1)
        if 1 <= abs(i) + abs(j) + abs(k) <= 2
    ]
)  #: directions to the 18 neighbours across faces and edges


@dataclass(frozen=True, eq=False)
class Octree:
    """Cubes that fill a box, in the order of their codes."""

    low: Integers  #: (n_cubes, 3) least corner
    size: Integers  #: (n_cubes,) length of an edge, a power of 2, at least 2
    shape: Integers  #: (3,) size of the box
    codes: Integers  #: (n_cubes,) Morton code of `low`, increasing

    def find(self, places: Integers) -> Integers:
        """Return the cube that holds each place, shape (n, 3), or -1 outside the box."""
        inside: Booleans = np.all((places >= 0) & (places < self.shape), axis=1)
        codes = morton(np.where(inside[:, None], places, 0))
        held = np.searchsorted(self.codes, codes, side="right")
        return np.where(inside, held - 1, -1)

    def middles(self) -> Integers:
        """Return the middle of each cube, shape (n_cubes, 3)."""
        middles: Integers = self.low + self.size[:, None] // 2
        return middles


def morton(places: Integers) -> Integers:
    """Return the bits of the three coordinates of each place, shape (n, 3), in turns."""
    code = np.zeros(len(places), dtype=np.int64)
    for axis in range(3):
        part = places[:, axis].astype(np.int64)
        for shift, mask in (
            (32, 0x1F00000000FFFF),
            (16, 0x1F0000FF0000FF),
            (8, 0x100F00F00F00F00F),
            (4, 0x10C30C30C30C30C3),
            (2, 0x1249249249249249),
        ):
            part = (part | (part << shift)) & mask
        code |= part << axis
    return code


def octree(roots: Integers, size: int, law: Floats) -> Octree:
    """Return the coarsest balanced octree whose cubes obey a size law.

    Parameters
    ----------
    roots : array of int, shape (3,)
        Number of largest cubes along each axis.
    size : int
        Edge of the largest cubes, a power of 2.
    law : array, shape (n, 6)
        Rows x, y, z, size, growth, reach: at distance r from this point a cube is at most as long
        as ``size + growth r (1 + r / reach)``. All lengths in the units of `size`.

    Raises
    ------
    MeshError
        More than `MOST_CUBES` cubes.
    """
    low = np.stack(np.meshgrid(*(np.arange(n) for n in roots), indexing="ij"), axis=-1)
    low, edge = low.reshape(-1, 3) * size, np.full(int(np.prod(roots)), size)
    small = np.zeros(len(edge), dtype=np.bool_)
    while not small.all():
        big = ~small
        allowed = np.empty(int(big.sum()))
        allowed_sizes(low[big].astype(np.float64), edge[big].astype(np.float64), law, allowed)
        cut = big.copy()
        cut[big] = (edge[big] > allowed) & (edge[big] > 2)
        small |= ~cut
        low, edge, small = _cut(low, edge, cut, small)
    return _balanced(low, edge, roots * size)


@kernel
def allowed_sizes(low: Floats, edge: Floats, law: Floats, allowed: Floats) -> None:
    """Set the greatest size that a law allows in each cube; rows as in `octree`."""
    for c in range(len(low)):
        least = np.inf
        for e in range(len(law)):
            square = 0.0
            for axis in range(3):
                below = low[c, axis] - law[e, axis]
                away = max(below, -below - edge[c], 0.0)
                square += away * away
            r = np.sqrt(square)
            least = min(least, law[e, 3] + law[e, 4] * r * (1.0 + r / law[e, 5]))
        allowed[c] = least


def _cut(
    low: Integers, edge: Integers, cut: Booleans, small: Booleans
) -> tuple[Integers, Integers, Booleans]:
    """Cut cubes into eight; return corners, sizes, and for each cube whether it is done."""
    half = edge[cut] // 2
    children = (low[cut][:, None] + CORNERS * half[:, None, None]).reshape(-1, 3)
    if len(low) + len(children) > MOST_CUBES:
        raise MeshError(
            f"the mesh needs more than {MOST_CUBES} cells",
            mend="join electrodes that are much closer to each other than the others",
        )
    return (
        np.concatenate([low[~cut], children]),
        np.concatenate([edge[~cut], np.repeat(half, 8)]),
        np.concatenate([small[~cut], np.zeros(len(children), dtype=np.bool_)]),
    )


def _balanced(low: Integers, edge: Integers, shape: Integers) -> Octree:
    """Cut cubes until neighbours differ by a factor of 2 at most."""
    while True:
        codes = morton(low)
        order = np.argsort(codes)
        tree = Octree(low[order], edge[order], shape, codes[order])
        low, edge = tree.low, tree.size
        cut = np.zeros(len(low), dtype=np.bool_)
        for way in AROUND:
            step = np.where(way > 0, edge[:, None], np.where(way < 0, -1, edge[:, None] // 2))
            held = tree.find(low + step)
            large = (held >= 0) & (edge[held] > 2 * edge)
            cut[held[large]] = True
        if not cut.any():
            return tree
        low, edge, _ = _cut(low, edge, cut, cut)
