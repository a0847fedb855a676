"""Cutting tetrahedra where the resistivity jumps, so that each cell lies on one side.

A cell that straddles a boundary has no right conductivity of its own: its mean let potentials over
layers be wrong by tens of percent. Edges are cut where a function jumps along them, and cells are
bisected at the cuts, always at the first one in an order of all edges, so that neighbours agree.
The children are parts of the curved cell they came from, no matter how it is bent.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from ohmscape.core.types import Booleans, Floats, Integers
from ohmscape.mesh.tetrahedra import boundary
from ohmscape.mesh.volume import EDGES, VolumeMesh

JUMP = 0.01  #: change of ln(resistivity) at one place that counts as a jump
HALVINGS = 30  #: of the part of an edge that holds a jump
SPARED = 0.05  #: of an edge: jumps that are nearer to an end are taken to be there
ROUNDS = 3  #: of cutting; more than one where an edge crosses several boundaries

Resistivity = Callable[[Floats], ArrayLike]


def cut_at_jumps(mesh: VolumeMesh, resistivity: Resistivity) -> VolumeMesh:
    """Return a mesh whose cells do not straddle the jumps of a function.

    Parameters
    ----------
    mesh : VolumeMesh
    resistivity : callable
        ohm m, above 0, at points, shape (n, 3): x, y, z in m.
    """
    for _ in range(ROUNDS):
        ends, cut = _jumps(mesh, resistivity)
        if len(ends) == 0:
            break
        mesh = _bisected(mesh, ends, cut)
    return mesh


def _jumps(mesh: VolumeMesh, resistivity: Resistivity) -> tuple[Integers, Floats]:
    """Return edges with a jump, as lower and higher node (n, 2), and where on the way (n,)."""
    ends = mesh.cells[:, EDGES].reshape(-1, 2)
    middle, first = np.unique(mesh.cells[:, 4:].reshape(-1), return_index=True)
    ends = np.sort(ends[first], axis=1)
    log = np.log(np.asarray(resistivity(mesh.nodes), dtype=np.float64))
    steps = np.abs(np.stack([log[middle] - log[ends[:, 0]], log[ends[:, 1]] - log[middle]]))
    some = np.flatnonzero(steps.max(axis=0) > JUMP)
    ends, middle = ends[some], middle[some]
    second = steps[1, some] > steps[0, some]
    low, high = np.where(second, 0.5, 0.0), np.where(second, 1.0, 0.5)
    below = np.where(second, log[middle], log[ends[:, 0]])
    above = np.where(second, log[ends[:, 1]], log[middle])
    a, m, b = mesh.nodes[ends[:, 0]], mesh.nodes[middle], mesh.nodes[ends[:, 1]]
    for _ in range(HALVINGS):
        t = ((low + high) / 2.0)[:, None]
        places = (1 - t) * (1 - 2 * t) * a + 4 * t * (1 - t) * m + t * (2 * t - 1) * b
        here = np.log(np.asarray(resistivity(places), dtype=np.float64))
        later = np.abs(above - here) > np.abs(here - below)
        low, high = np.where(later, t[:, 0], low), np.where(later, high, t[:, 0])
        below, above = np.where(later, here, below), np.where(later, above, here)
    real = (np.abs(above - below) > JUMP) & (low > SPARED) & (high < 1.0 - SPARED)
    return ends[real], ((low + high) / 2.0)[real]


def _bisected(mesh: VolumeMesh, ends: Integers, cut: Floats) -> VolumeMesh:
    """Return the mesh with edges, lower node first, cut at these shares of their length."""
    n = len(mesh.nodes)
    base = n + len(ends)  # new nodes count too
    code = ends[:, 0] * base + ends[:, 1]
    order = np.argsort(code)
    code, cut = code[order], cut[order]
    corners, parent = mesh.cells[:, :4].copy(), np.arange(len(mesh))
    share = np.broadcast_to(np.eye(4), (len(mesh), 4, 4)).copy()  # of the parent's corners
    i, j = np.array(EDGES).T
    done: list[tuple[Integers, Integers, Floats]] = []
    while len(corners):
        pairs = np.sort(corners[:, np.array(EDGES)], axis=2)
        own = pairs[:, :, 0] * base + pairs[:, :, 1]
        at = np.minimum(np.searchsorted(code, own), len(code) - 1)
        at = np.where(code[at] == own, at, len(code))
        which = at.argmin(axis=1)
        rows = np.arange(len(corners))
        at = at[rows, which]
        whole = at == len(code)
        done.append((corners[whole], parent[whole], share[whole]))
        corners, parent, share, which, at = (
            part[~whole] for part in (corners, parent, share, which, at)
        )
        rows = np.arange(len(corners))
        one, other = i[which], j[which]
        along = np.where(corners[rows, one] < corners[rows, other], cut[at], 1.0 - cut[at])[:, None]
        new = (1.0 - along) * share[rows, one] + along * share[rows, other]
        halves = []
        for end in (one, other):
            half, half_share = corners.copy(), share.copy()
            half[rows, end], half_share[rows, end] = n + at, new
            halves.append((half, parent, half_share))
        corners, parent, share = (np.concatenate(part) for part in zip(*halves, strict=True))
    corners, parent, share = (np.concatenate(part) for part in zip(*done, strict=True))
    return _rebuilt(mesh, corners, parent, share)


def _rebuilt(mesh: VolumeMesh, corners: Integers, parent: Integers, share: Floats) -> VolumeMesh:
    """Return the mesh of children; node numbers from ``len(mesh.nodes)`` on are new corners."""
    n_old = mesh.n_corners
    used, first, inverse = np.unique(corners, return_index=True, return_inverse=True)
    corners = inverse.reshape(corners.shape)
    kept = int(np.searchsorted(used, n_old))
    places = _mapped(mesh, np.repeat(parent, 4)[first], share.reshape(-1, 4)[first])
    places[:kept] = mesh.nodes[used[:kept]]
    ends = np.sort(corners[:, np.array(EDGES)], axis=2).reshape(-1, 2)
    n = len(used)
    _, first, edge = np.unique(ends[:, 0] * n + ends[:, 1], return_index=True, return_inverse=True)
    halfway = share[:, np.array(EDGES)].mean(axis=2).reshape(-1, 4)[first]
    middles = _mapped(mesh, np.repeat(parent, 6)[first], halfway)
    cells = np.hstack([corners, n + edge.reshape(-1, 6)])
    faces, owner = boundary(cells)
    outer = _on_outer(mesh, faces, cells, owner, parent, share)
    return VolumeMesh(
        nodes=np.concatenate([places, middles]),
        cells=cells,
        region=mesh.region[parent],
        electrode_nodes=np.searchsorted(used, mesh.electrode_nodes),
        surface_faces=faces[~outer],
        outer_faces=faces[outer],
        outer_cells=owner[outer],
    )


def _mapped(mesh: VolumeMesh, cells: Integers, share: Floats) -> Floats:
    """Return the places in curved cells with these barycentric coordinates, both (n, ...)."""
    i, j = np.array(EDGES).T
    shapes = np.hstack([share * (2 * share - 1), 4 * share[:, i] * share[:, j]])
    places: Floats = np.einsum("ni,nia->na", shapes, mesh.nodes[mesh.cells[cells]])
    return places


def _on_outer(
    mesh: VolumeMesh,
    faces: Integers,
    cells: Integers,
    owner: Integers,
    parent: Integers,
    share: Floats,
) -> Booleans:
    """Return which faces of the children are parts of outer faces."""
    inside = (cells[owner, :4][:, :, None] == faces[:, None, :3]).any(axis=2)
    used = np.where(inside[:, :, None], share[owner], 0.0).sum(axis=1)
    opposite = used.argmin(axis=1)  # no corner of the face has a share of that one
    known = np.zeros((len(mesh), 4), dtype=np.bool_)
    at = (mesh.cells[mesh.outer_cells, :4][:, :, None] == mesh.outer_faces[:, None, :3]).any(axis=2)
    known[mesh.outer_cells, (~at).argmax(axis=1)] = True
    # a cell may have two outer faces: each row marks its own
    outer: Booleans = known[parent[owner], opposite]
    return outer
