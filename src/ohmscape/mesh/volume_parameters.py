"""Which tetrahedra share one parameter: cubes that grow with the way to electrodes."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ohmscape.core.types import Booleans, Floats, Integers
from ohmscape.mesh.parameters import Parameters
from ohmscape.mesh.volume import FACES, VolumeMesh

BEYOND = 0.12  #: of the electrodes' extent: how far around them ground has parameters of its own


@dataclass(frozen=True)
class CubeOptions:
    """How large the cubes of parameters are."""

    edge: float = 0.7  #: at the electrodes, in median distances between neighbours
    growth: float = 0.25  #: of the edge per distance from the nearest electrode


def volume_parameters(
    mesh: VolumeMesh,
    electrodes: Floats,
    ground: Callable[[Floats], Floats],
    depth: float,
    options: CubeOptions | None = None,
) -> Parameters:
    """Return the grouping of a body's cells.

    Parameters
    ----------
    mesh : VolumeMesh
    electrodes : array, shape (n_electrodes, 3)
        m
    ground : function
        Elevation in m at places x, y, shape (n, 2).
    depth : float
        Below the ground, in m, down to which cells have parameters of their own; the others
        belong to the nearest of these.
    options : CubeOptions, optional
    """
    from scipy.spatial import KDTree  # takes longer to import than a small inversion

    options = options or CubeOptions()
    centres = mesh.centres()
    below = ground(np.ascontiguousarray(centres[:, :2])) - centres[:, 2]
    tree = KDTree(electrodes)
    gap = np.asarray(tree.query(electrodes, k=2)[0])[:, 1]
    away = np.asarray(tree.query(centres)[0])
    core = _core(centres, below, electrodes, depth)
    edge = options.edge * float(np.median(gap[gap > 0])) + options.growth * away
    level = np.round(np.log2(edge / edge.min())).astype(np.int64)
    cube = edge.min() * 2.0**level
    low = np.append(electrodes[:, :2].min(axis=0), 0.0)
    place = np.column_stack([centres[:, :2], below]) - low
    key = np.column_stack([level, np.floor(place / cube[:, None]).astype(np.int64)])
    _, own = np.unique(key[core], axis=0, return_inverse=True)
    of_cell = np.empty(len(mesh), dtype=np.int64)
    of_cell[core] = own.ravel()
    of_cell[~core] = of_cell[core][KDTree(centres[core]).query(centres[~core])[1]]
    return _grouped(mesh, of_cell, core, centres)


def _core(centres: Floats, below: Floats, electrodes: Floats, depth: float) -> Booleans:
    """Return which cells are near enough to have parameters of their own."""
    low, high = electrodes[:, :2].min(axis=0), electrodes[:, :2].max(axis=0)
    margin = max(BEYOND * float((high - low).max()), 0.3 * depth)
    beside = ((centres[:, :2] >= low - margin) & (centres[:, :2] <= high + margin)).all(axis=1)
    core: Booleans = beside & (below <= depth)
    return core


def _grouped(
    mesh: VolumeMesh, of_cell: Integers, core: Booleans, cell_centre: Floats
) -> Parameters:
    n = int(of_cell.max()) + 1
    volume = mesh.volumes()
    own, weight = of_cell[core], volume[core]
    size = np.bincount(own, weight, n).astype(np.float64)
    moment = [np.bincount(own, weight * cell_centre[core, i], n) for i in range(3)]
    centres = np.stack(moment, axis=1) / size[:, None]
    neighbours, shared = _neighbours(mesh, np.where(core, of_cell, -1), centres)
    order = np.argsort(of_cell, kind="stable")
    pointer = np.searchsorted(of_cell[order], np.arange(n + 1))
    return Parameters(mesh, of_cell, core, centres, size, neighbours, shared, pointer, order)


def _neighbours(mesh: VolumeMesh, of_cell: Integers, centres: Floats) -> tuple[Integers, Floats]:
    """Return pairs of parameters that share faces, and the shared area over their distance.

    The area is given as seen from above, and as seen from the side.
    """
    corners = np.sort(mesh.cells[:, [face[:3] for face in FACES]], axis=2).reshape(-1, 3)
    cell = np.repeat(np.arange(len(mesh)), len(FACES))
    order = np.lexsort(corners.T)
    corners, cell = corners[order], cell[order]
    twin = np.flatnonzero((corners[1:] == corners[:-1]).all(axis=1))
    corners, first, second = corners[twin], cell[twin], cell[twin + 1]
    p, q = of_cell[first], of_cell[second]
    differ = (p != q) & (p >= 0) & (q >= 0)
    corners, first, second, p, q = (x[differ] for x in (corners, first, second, p, q))
    a, b, c = mesh.nodes[corners].transpose(1, 0, 2)
    normal = np.cross(b - a, c - a) / 2.0
    middle = mesh.centres()
    ahead = ((middle[second] - middle[first]) * normal).sum(axis=1) > 0
    normal[ahead != (p < q)] *= -1.0  # from the lower to the higher number
    n = len(centres)
    code, inverse = np.unique(np.minimum(p, q) * n + np.maximum(p, q), return_inverse=True)
    pairs = np.stack([code // n, code % n], axis=1)
    # Faces of a cube of tetrahedra zigzag: their vectors are added up before they are measured.
    vector = np.stack([np.bincount(inverse, normal[:, i], len(code)) for i in range(3)], axis=1)
    vector = np.abs(vector)
    away = np.linalg.norm(centres[pairs[:, 0]] - centres[pairs[:, 1]], axis=1)
    shared = np.column_stack([vector[:, 2], np.hypot(vector[:, 0], vector[:, 1])])
    return pairs, shared / np.maximum(away, np.finfo(float).tiny)[:, None]
