"""A flat box of tetrahedra around electrodes: fine at them, coarse far away.

The cubes of an octree are cut into tetrahedra, and the ground around each electrode is then drawn
a little aside, so that the nearest node comes to lie on it.
"""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import KDTree

from ohmscape.core.types import Booleans, Floats, Integers
from ohmscape.errors import MeshError
from ohmscape.mesh.octree import BITS, octree
from ohmscape.mesh.tetrahedra import boundary, lattice, quadratic
from ohmscape.mesh.volume import VolumeMesh

SAME = 1e-9  #: part of the extent within which two electrodes share a node
ROUNDED = 2.0**0.5  #: cubes may be this much longer than asked for: sizes only come in halves
LEFT = 0.15  #: part of its volume that a cell keeps at least where nodes are drawn aside
SPARE = 3  #: times that cubes are halved at electrodes that no node is near enough to
FAR = 0.2  #: distance, in extents of the electrodes, over which the growth doubles


@dataclass(frozen=True)
class BoxOptions:
    """How fine and how wide a box is."""

    cells_per_gap: float = 1.4  #: cubes between an electrode and its nearest neighbour
    growth: float = 0.7  #: growth of a cube's edge per distance, near the electrodes
    padding: float = 6.0  #: distance of the outer boundary, in extents of the electrodes


def box_mesh(
    electrodes: Floats, buried: Booleans | None = None, options: BoxOptions | None = None
) -> VolumeMesh:
    """Return a mesh of the half-space below z = 0 with electrodes as nodes.

    Parameters
    ----------
    electrodes : array, shape (n_electrodes, 3)
        x, y, z in m; z is 0 for those on the ground. Electrodes in one place share a node.
    buried : array of bool, shape (n_electrodes,), optional
        By default those below 0.
    options : BoxOptions, optional

    Raises
    ------
    MeshError
        Fewer than two places, electrodes above ground or too close to tell apart.
    """
    options = options or BoxOptions()
    places, place_of = _places(np.asarray(electrodes, dtype=np.float64), buried)
    near = _nearest(places)
    frame = _Frame.of(places, near, options)
    own, free = frame.enter(places), 0.5 * near / frame.unit
    far = FAR * float(np.ptp(places, axis=0).max()) / frame.unit
    size = ROUNDED * near / options.cells_per_gap / frame.unit
    for _ in range(SPARE + 1):
        rest = np.broadcast_to([ROUNDED * options.growth, far], (len(own), 2))
        nodes, cells = lattice(octree(frame.roots, frame.root, np.column_stack([own, size, rest])))
        at = _nodes_at(nodes, own, frame.top)
        drawn = _drawn(nodes, own, at, free, frame.top)
        strained = _strained(nodes, drawn, cells, own, at)
        if not strained.any():
            break
        size = np.where(strained, size / 2.0, size)
    else:
        raise _uneven(near)
    points = frame.leave(drawn)
    points[at] = places
    points[nodes[:, 2] == frame.top, 2] = 0.0
    return _mesh(points, cells, at[place_of])


def _places(electrodes: Floats, buried: Booleans | None) -> tuple[Floats, Integers]:
    """Return the different places of electrodes, and which of them each electrode has."""
    below = electrodes[:, 2] < 0.0 if buried is None else np.asarray(buried, dtype=np.bool_)
    air = np.flatnonzero(np.where(below, electrodes[:, 2] >= 0.0, electrodes[:, 2] != 0.0))
    if len(air):
        raise MeshError(
            "electrode above the ground, or marked as buried and not below it",
            where=f"electrodes {(air[:5] + 1).tolist()}",
            mend="z is 0 on the ground and negative below",
        )
    extent = float(np.ptp(electrodes, axis=0).max())
    pairs = KDTree(electrodes).query_pairs(SAME * extent, output_type="ndarray")
    first = np.arange(len(electrodes))
    for i, j in pairs[np.lexsort(pairs.T[::-1])]:
        first[j] = min(first[j], first[i])
    kept, place_of = np.unique(first, return_inverse=True)
    if len(kept) < 2:
        raise MeshError("a mesh needs electrodes in at least two places")
    return electrodes[kept], place_of


def _nearest(places: Floats) -> Floats:
    """Return the distance of each place to the nearest other one, or to its image in the air."""
    distance = np.asarray(KDTree(places).query(places, k=2)[0])
    depth = np.where(places[:, 2] < 0.0, -2.0 * places[:, 2], np.inf)
    nearest: Floats = np.minimum(distance[:, 1], depth)
    return nearest


def _uneven(near: Floats) -> MeshError:
    return MeshError(
        f"electrodes {near.min():.3g} m apart where others are {np.median(near):.3g} m apart",
        mend="join electrodes that are much closer to each other than the others",
    )


@dataclass(frozen=True, eq=False)
class _Frame:
    """Coordinates of the octree: turned with the electrodes, in halves of the smallest cube."""

    unit: float  #: m
    turn: Floats  #: (2, 2) from x, y to the frame
    low: Floats  #: (3,) in m, turned: where the frame is 0
    root: int  #: edge of the largest cubes
    roots: Integers  #: (3,) how many

    @property
    def top(self) -> int:
        """Height of the ground."""
        return int(self.root * self.roots[2])

    @classmethod
    def of(cls, places: Floats, near: Floats, options: BoxOptions) -> "_Frame":
        turn = _turn(places)
        xy = places[:, :2] @ turn.T
        gap = float(np.median(near))
        finest = near.min() / max(1.0, options.cells_per_gap) / 2.0**SPARE
        extent = float(np.ptp(np.column_stack([xy, places[:, 2]]), axis=0).max())
        reach = options.padding * extent
        halvings = max(0, int(np.ceil(np.log2(gap / finest))))
        halvings = min(halvings, int(BITS - 5 - np.ceil(np.log2(reach / gap))))
        unit = gap / 2.0**halvings / 2.0
        root = 2 ** int(np.ceil(np.log2(reach / 2.0 / unit)))
        span = np.append(np.ptp(xy, axis=0) + 2.0 * reach, reach - places[:, 2].min())
        roots = np.ceil(span / (root * unit)).astype(np.int64)
        middle = (xy.min(axis=0) + xy.max(axis=0)) / 2.0
        start = middle - roots[:2] * (root * unit / 2.0)
        phase = np.angle(np.exp(2j * np.pi * (xy - start) / gap).sum(axis=0)) / (2.0 * np.pi)
        low = np.append(start + (phase - 0.5) * gap, -float(root * roots[2] * unit))
        return cls(unit, turn, low, root, roots)

    def enter(self, places: Floats) -> Floats:
        turned = np.column_stack([places[:, :2] @ self.turn.T, places[:, 2]])
        inside: Floats = (turned - self.low) / self.unit
        return inside

    def leave(self, inside: Floats) -> Floats:
        turned = inside * self.unit + self.low
        return np.column_stack([turned[:, :2] @ self.turn, turned[:, 2]])


def _turn(places: Floats) -> Floats:
    """Return the rotation (2, 2) that lays the ways between neighbours along the axes."""
    xy = places[:, :2]
    near = np.asarray(KDTree(xy).query(xy, k=min(5, len(xy)))[1])
    way = (xy[near[:, 1:]] - xy[:, None]).reshape(-1, 2)
    length = np.hypot(*way.T)
    way = way[length > 0.0, 0] + 1j * way[length > 0.0, 1]
    direction = ((way / np.abs(way)) ** 4 / np.abs(way)).sum() if len(way) else 1.0
    angle = float(np.angle(direction)) / 4.0
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[cos, sin], [-sin, cos]])


def _nodes_at(nodes: Integers, electrodes: Floats, top: int) -> Integers:
    """Return the nearest node to each electrode: on the ground for those that lie on it."""
    ground = nodes[:, 2] == top
    surface = electrodes[:, 2] > top - 1e-6
    at = np.empty(len(electrodes), dtype=np.int64)
    for which, allowed in ((surface, ground), (~surface, ~ground)):
        if which.any():
            candidates = np.flatnonzero(allowed)
            at[which] = candidates[KDTree(nodes[candidates]).query(electrodes[which])[1]]
    return at


def _drawn(nodes: Integers, electrodes: Floats, at: Integers, free: Floats, top: int) -> Floats:
    """Return nodes drawn aside so that those of electrodes lie on them.

    The way that a node is drawn falls to nothing over the distance `free` from the electrode's
    node, or over less if that node is buried and nearer to the ground.
    """
    way = electrodes - nodes[at]
    depth = (top - nodes[at, 2]).astype(np.float64)
    free = np.where(depth > 0.0, np.minimum(free, depth), free)
    drawn = nodes.astype(np.float64)
    tree = KDTree(drawn)
    for e, held in enumerate(tree.query_ball_point(drawn[at], free)):
        distance = np.linalg.norm(nodes[held] - nodes[at[e]], axis=1)
        drawn[held] += (1.0 - distance / free[e])[:, None] * way[e]
    return drawn


def _strained(
    nodes: Integers, drawn: Floats, cells: Integers, electrodes: Floats, at: Integers
) -> Booleans:
    """Return which electrodes have no node of their own, or draw cells flat."""
    moved = (drawn[cells] != nodes[cells]).any(axis=(1, 2))
    before, after = (
        np.linalg.det(p[:, 1:] - p[:, :1])
        for p in (nodes[cells[moved]].astype(np.float64), drawn[cells[moved]])
    )
    strained = np.bincount(at, minlength=len(nodes))[at] > 1
    strained |= np.linalg.norm(drawn[at] - electrodes, axis=1) > 1e-6
    flat = after < LEFT * before
    if flat.any():
        middles = drawn[cells[moved][flat]].mean(axis=1)
        strained[np.asarray(KDTree(electrodes).query(middles)[1])] = True
    return strained


def _mesh(points: Floats, corners: Integers, at: Integers) -> VolumeMesh:
    """Return the quadratic mesh of tetrahedra below z = 0."""
    nodes, cells = quadratic(points, corners)
    faces, owner = boundary(cells)
    surface = (nodes[faces, 2] == 0.0).all(axis=1)
    return VolumeMesh(
        nodes=nodes,
        cells=cells,
        region=np.zeros(len(cells), dtype=np.int64),
        electrode_nodes=at,
        surface_faces=faces[surface],
        outer_faces=faces[~surface],
        outer_cells=owner[~surface],
    )
