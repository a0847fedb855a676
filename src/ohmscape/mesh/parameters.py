"""Which cells of a mesh share one parameter, and which parameters are neighbours."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ohmscape.core.types import Booleans, Floats, Integers
from ohmscape.mesh.mesh import QUADRILATERAL, TRANSITION, TRIANGLE, Mesh

FIXED = -1  #: parameter number of cells whose value is known

_EDGE_MIDDLES = {  # kind: (slots of edge middles, slots of the two ends)
    TRIANGLE: ((3, 0, 1), (4, 1, 2), (5, 2, 0)),
    QUADRILATERAL: ((4, 0, 1), (5, 1, 2), (6, 2, 3), (7, 3, 0)),
    TRANSITION: ((4, 0, 1), (5, 1, 2), (6, 2, 7), (8, 7, 3), (9, 3, 0)),
}


@dataclass(frozen=True, eq=False)
class Parameters:
    """Cells grouped to parameters.

    Cells of the padding belong to a parameter but do not count for its area, centre and
    neighbours.
    """

    mesh: Any  #: `Mesh` or `VolumeMesh`
    of_cell: Integers  #: (n_cells,) parameter of each cell, or `FIXED`
    core: Booleans  #: (n_cells,) False in the padding
    centres: Floats  #: (n_parameters, 2) x, z, or (n_parameters, 3) x, y, z in m
    areas: Floats  #: (n_parameters,) m^2, or volumes in m^3
    neighbours: Integers  #: (n_pairs, 2) parameters that share edges
    shared: Floats  #: (n_pairs, 2) shared length seen from above and from the side, over distance
    group_pointer: Integers  #: (n_parameters + 1,) where each parameter's cells begin
    group_cells: Integers  #: cells, parameter after parameter

    def __len__(self) -> int:
        return len(self.areas)

    def to_cells(self, values: Floats, fixed: Floats | float = np.nan) -> Floats:
        """Return one value per cell from one value per parameter; `fixed` fills the others."""
        base = np.broadcast_to(np.asarray(fixed, dtype=np.float64), self.of_cell.shape)
        known = self.of_cell == FIXED
        return np.where(known, base, values[np.where(known, 0, self.of_cell)])


def parameters(mesh: Mesh, key: Integers, core: Booleans) -> Parameters:
    """Return the grouping in which cells with one `key` share a parameter.

    Parameters
    ----------
    mesh : Mesh
    key : array of int, shape (n_cells,)
        Any number per group, in the order that the parameters are to have; negative for cells
        whose value is known.
    core : array of bool, shape (n_cells,)
        False for cells of the padding.
    """
    free = key >= 0
    kinds, packed = np.unique(key[free], return_inverse=True)
    of_cell = np.full(len(mesh), FIXED)
    of_cell[free] = packed
    n = len(kinds)
    cell_area, cell_centre = _areas(mesh)
    counted = free & core
    own = of_cell[counted]
    areas = np.bincount(own, cell_area[counted], n).astype(np.float64)
    centres = (
        np.stack(
            [np.bincount(own, (cell_area * cell_centre[:, i])[counted], n) for i in (0, 1)], axis=1
        )
        / np.maximum(areas, np.finfo(float).tiny)[:, None]
    )
    neighbours, shared = _neighbours(mesh, np.where(core, of_cell, FIXED), centres)
    order = np.argsort(of_cell, kind="stable")
    pointer = np.searchsorted(of_cell[order], np.arange(n + 1))
    return Parameters(
        mesh,
        of_cell,
        core,
        centres,
        areas,
        neighbours,
        shared,
        pointer - pointer[0],
        order[pointer[0] :],
    )


def _areas(mesh: Mesh) -> tuple[Floats, Floats]:
    """Return area and centre of each cell."""
    around = mesh.outlines()
    around = around - around[:, :1]  # far coordinates would cost digits
    after = np.roll(around, -1, axis=1)
    cross = around[..., 0] * after[..., 1] - after[..., 0] * around[..., 1]
    return cross.sum(axis=1) / 2, mesh.centres()


def _neighbours(mesh: Mesh, of_cell: Integers, centres: Floats) -> tuple[Integers, Floats]:
    """Return pairs of parameters that share edges, and the shared length over their distance."""
    size = np.diff(mesh.cell_pointer)
    middles, owners, edges = [], [], []
    for kind, sides in _EDGE_MIDDLES.items():
        cells = np.flatnonzero(size == kind)
        nodes = mesh.cell_nodes[mesh.cell_pointer[cells][:, None] + np.arange(kind)]
        for half, a, b in sides:
            middles.append(nodes[:, half])
            owners.append(of_cell[cells])
            edges.append(np.abs(mesh.nodes[nodes[:, b]] - mesh.nodes[nodes[:, a]]))
    middle, owner, edge = np.concatenate(middles), np.concatenate(owners), np.concatenate(edges)
    order = np.argsort(middle, kind="stable")
    middle, owner, edge = middle[order], owner[order], edge[order]
    first = np.flatnonzero(middle[1:] == middle[:-1])
    p, q = owner[first], owner[first + 1]
    differ = (p != q) & (p != FIXED) & (q != FIXED)
    first, p, q = first[differ], p[differ], q[differ]
    low, high = np.minimum(p, q), np.maximum(p, q)
    n = len(centres)
    code, inverse = np.unique(low * n + high, return_inverse=True)
    pairs = np.stack([code // max(n, 1), code % max(n, 1)], axis=1)
    length = np.stack([np.bincount(inverse, edge[first, i], len(code)) for i in (0, 1)], axis=1)
    away = np.hypot(*(centres[pairs[:, 0]] - centres[pairs[:, 1]]).T)
    return pairs, length / np.maximum(away, np.finfo(float).tiny)[:, None]
