"""What any mesh must be, and section meshes to try it on. x, z in m."""

import numpy as np

from ohmscape.mesh.mesh import QUADRILATERAL, TRANSITION, TRIANGLE
from ohmscape.mesh.section import section_mesh

RINGS = {  # slots of a cell's nodes on the way around it: corner, middle, corner, middle, ...
    TRIANGLE: (0, 3, 1, 4, 2, 5),
    QUADRILATERAL: (0, 4, 1, 5, 2, 6, 3, 7),
    TRANSITION: (0, 4, 1, 5, 2, 6, 7, 8, 3, 9),
}


def rings(mesh):
    """Return, kind by kind, cells (n,) and the nodes around each (n, k): corner, middle, ..."""
    size = np.diff(mesh.cell_pointer)
    found = []
    for kind, slots in RINGS.items():
        cells = np.flatnonzero(size == kind)
        found.append((cells, mesh.cell_nodes[mesh.cell_pointer[cells][:, None] + np.array(slots)]))
    assert sum(len(cells) for cells, _ in found) == len(mesh)
    return found


def polygon_area(points):
    """Return the area of polygons, shape (..., n, 2), positive counter-clockwise."""
    x, z = np.moveaxis(np.asarray(points), -1, 0)
    return (x * np.roll(z, -1, axis=-1) - np.roll(x, -1, axis=-1) * z).sum(axis=-1) / 2


def areas(mesh):
    """Return the area of each cell by its outline, kinks included."""
    area = np.empty(len(mesh))
    for cells, ring in rings(mesh):
        area[cells] = polygon_area(mesh.nodes[ring] - mesh.nodes[ring[:, :1]])
    return area


def sides(mesh):
    """Return each side of each cell on its way around: end, middle, end; shape (n, 3)."""
    return np.concatenate([
        np.stack([ring[:, ::2], ring[:, 1::2], np.roll(ring[:, ::2], -1, axis=1)], axis=2)
        .reshape(-1, 3) for _, ring in rings(mesh)
    ])  # fmt: skip


def edges(mesh):
    """Return each edge (low end, middle, high end) once, and in how many cells it is."""
    a, middle, b = sides(mesh).T
    each = np.stack([np.minimum(a, b), middle, np.maximum(a, b)], axis=1)
    return np.unique(each, axis=0, return_counts=True)


def outline(mesh):
    """Return the corners around the whole mesh, shape (n, 2); fails if it is not one loop."""
    both = {(a, b) for a, _, b in sides(mesh).tolist()}
    free = [(a, b) for a, b in both if (b, a) not in both]
    after = dict(free)
    assert len(after) == len(free)  # no corner is passed twice
    way = [free[0][0]]
    while len(way) <= len(free) and after[way[-1]] != way[0]:
        way.append(after[way[-1]])
    assert len(way) == len(free)  # one loop, no hole
    return mesh.nodes[way]


def surface_of(mesh):
    """Return the corners of the edges that are neither shared nor outer by x, shape (n, 2)."""
    each, times = edges(mesh)
    free = each[(times == 1) & ~np.isin(each[:, 1], mesh.outer_edges[:, 1])]
    top = mesh.nodes[np.unique(free[:, [0, 2]])]
    return top[np.argsort(top[:, 0])]


def least_turn(mesh):
    """Return for each cell the least sine of its left turns; a kink above may turn right."""
    least = np.empty(len(mesh))
    for cells, ring in rings(mesh):
        corners = mesh.nodes[ring[:, ::2]]
        parts = [corners]
        if corners.shape[1] == 5:  # two quadrilaterals side by side
            foot = mesh.nodes[ring[:, 1:2]]
            parts = [np.concatenate([corners[:, :1], foot, corners[:, 3:]], axis=1),
                     np.concatenate([foot, corners[:, 1:4]], axis=1)]  # fmt: skip
        least[cells] = np.min([_turns(part).min(axis=1) for part in parts], axis=0)
    return least


def _turns(corners):
    after, before = np.roll(corners, -1, axis=1) - corners, corners - np.roll(corners, 1, axis=1)
    cross = before[..., 0] * after[..., 1] - before[..., 1] * after[..., 0]
    return cross / np.hypot(*np.moveaxis(before, -1, 0)) / np.hypot(*np.moveaxis(after, -1, 0))


def assert_sane(mesh, electrodes):
    """Check that cells are the right way round, tile one domain, and share whole edges."""
    assert np.isfinite(mesh.nodes).all()
    assert (least_turn(mesh) > 1e-3).all()
    each, times = edges(mesh)
    assert set(times.tolist()) <= {1, 2}
    assert len(np.unique(each[:, 1])) == len(each)  # a middle belongs to one edge: transitions fit
    assert len(np.unique(each[:, [0, 2]], axis=0)) == len(each)
    assert not np.intersect1d(each[:, 1], each[:, [0, 2]]).size
    middles = mesh.nodes[each[:, [0, 2]]].mean(axis=1)
    np.testing.assert_allclose(mesh.nodes[each[:, 1]], middles, rtol=1e-12, atol=1e-9)
    assert np.array_equal(np.unique(each), np.arange(len(mesh.nodes)))  # no node is left over
    around = outline(mesh)
    np.testing.assert_allclose(areas(mesh).sum(), polygon_area(around), rtol=1e-10)
    np.testing.assert_array_equal(mesh.nodes[mesh.electrode_nodes], electrodes)
    assert np.isin(mesh.electrode_nodes, each[:, [0, 2]]).all()
    assert_outer(mesh, each[times == 1])


def assert_outer(mesh, free):
    """Check that the outer edges lead from the left end of the surface below to the right end."""
    low, middle, high = mesh.outer_edges.T
    given = np.stack([np.minimum(low, high), middle, np.maximum(low, high)], axis=1)
    assert {tuple(e) for e in given.tolist()} <= {tuple(e) for e in free.tolist()}
    at, times = np.unique(np.concatenate([low, high]), return_counts=True)
    ends = at[times == 1]
    assert len(ends) == 2
    assert set(times.tolist()) == {1, 2}
    surface = np.setdiff1d(free[:, 1], middle)
    x = mesh.nodes[:, 0]
    assert sorted(x[ends]) == [x.min(), x.max()]
    assert (np.diff(np.sort(x[surface])) > 0).all()  # what is not outer is one surface
    top = free[np.isin(free[:, 1], surface)]
    assert np.isclose(np.abs(x[top[:, 0]] - x[top[:, 2]]).sum(), np.ptp(x))


def line(n=12, spacing=1.0, z=0.0):
    x = spacing * np.arange(n)
    return np.column_stack([x, np.broadcast_to(z, n)]).astype(float)


def borehole(x, depths):
    return np.array([[x, -d] for d in depths], dtype=float)


HILL = np.column_stack([np.linspace(-3, 14, 35), 1.5 * np.sin(np.linspace(-3, 14, 35) / 1.5)])
FLAT = np.array([[-1.0, 0.0], [12.0, 0.0]])
ON_HILL = np.column_stack([np.arange(12.0), np.interp(np.arange(12.0), *HILL.T)])
GRIDS = {  # surface, electrodes, buried
    "flat": (FLAT, line(), np.zeros(12, bool)),
    "hill": (HILL, ON_HILL, np.zeros(12, bool)),
    "two electrodes": (FLAT, line(2), np.zeros(2, bool)),
    "uneven": (FLAT, np.column_stack([[0, 1, 1.2, 4, 9, 9.5], np.zeros(6)]), np.zeros(6, bool)),
    "borehole": (
        FLAT, np.vstack([line(), borehole(5.5, [1, 2, 3, 4])]), np.arange(16) > 11,
    ),
    "borehole at an electrode of a hill": (
        HILL, np.vstack([ON_HILL, ON_HILL[5] + borehole(0, [1, 2.5, 3])]), np.arange(15) > 11,
    ),
    "two boreholes, nothing else": (
        FLAT, np.vstack([borehole(0, np.arange(1, 9)), borehole(5, np.arange(1, 9))]),
        np.ones(16, bool),
    ),
    "line below ground": (FLAT, line(z=-0.7), np.ones(12, bool)),
}  # fmt: skip


def grid(name, depth=3.0):
    """Return the section mesh of one of `GRIDS`."""
    return section_mesh(*GRIDS[name], depth)
