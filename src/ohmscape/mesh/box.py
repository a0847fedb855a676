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
FAR = 0.5  #: distance, in extents of the electrodes, over which the growth doubles


@dataclass(frozen=True)
class BoxOptions:
    """How fine and how wide a box is."""

    cells_per_gap: float = 2.0  #: cubes between an electrode and its nearest neighbour
    growth: float = 0.5  #: growth of a cube's edge per distance, near the electrodes
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
    own = frame.enter(places)
    sizes = near / options.cells_per_gap / frame.unit
    reach = FAR * float(np.ptp(places, axis=0).max()) / frame.unit
    law = np.column_stack([own, np.zeros((len(own), 3))])
    law[:, 3], law[:, 4], law[:, 5] = ROUNDED * sizes, ROUNDED * options.growth, reach
    nodes, cells = lattice(octree(frame.roots, frame.root, law))
    drawn, at = _drawn(nodes, own, frame.top, 0.5 * near / frame.unit)
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
    distance, _ = KDTree(places).query(places, k=2)
    depth = np.where(places[:, 2] < 0.0, -2.0 * places[:, 2], np.inf)
    nearest: Floats = np.minimum(distance[:, 1], depth)
    return nearest


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
        cube = float(np.median(near)) / options.cells_per_gap
        halvings = max(0, int(np.ceil(np.log2(np.median(near) / near.min()) - 0.5)))
        unit = cube / 2.0**halvings / 2.0
        extent = float(np.ptp(np.column_stack([xy, places[:, 2]]), axis=0).max())
        reach = options.padding * extent
        level = int(np.ceil(np.log2(reach / 2.0 / unit)))
        if level + 4 > BITS:
            raise MeshError(
                f"electrodes {near.min():.3g} m apart in a survey of {extent:.3g} m",
                mend="join electrodes that are much closer to each other than the others",
            )
        root = 2**level
        span = np.append(np.ptp(xy, axis=0) + 2.0 * reach, reach - places[:, 2].min())
        roots = np.ceil(span / (root * unit)).astype(np.int64)
        middle = (xy.min(axis=0) + xy.max(axis=0)) / 2.0
        start = middle - roots[:2] * (root * unit / 2.0)
        phase = np.angle(np.exp(1j * np.pi * (xy - start) / cube).sum(axis=0)) / (2.0 * np.pi)
        low = np.append(start + (phase - 0.5) * 2.0 * cube, -float(root * roots[2] * unit))
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
    _, near = KDTree(xy).query(xy, k=min(5, len(xy)))
    way = (xy[near[:, 1:]] - xy[:, None]).reshape(-1, 2)
    length = np.hypot(*way.T)
    way = way[length > 0.0, 0] + 1j * way[length > 0.0, 1]
    direction = ((way / np.abs(way)) ** 4 / np.abs(way)).sum() if len(way) else 1.0
    angle = float(np.angle(direction)) / 4.0
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[cos, sin], [-sin, cos]])


def _drawn(nodes: Integers, electrodes: Floats, top: int, reach: Floats) -> tuple[Floats, Integers]:
    """Return nodes drawn aside so that one lies on each electrode, and which ones.

    Around an electrode the way that a node is drawn falls to nothing over `reach`; these balls
    do not touch each other, nor those of buried electrodes the ground.
    """
    ground = nodes[:, 2] == top
    surface = electrodes[:, 2] > top - 1e-6
    at = np.empty(len(electrodes), dtype=np.int64)
    for which, allowed in ((surface, ground), (~surface, ~ground)):
        if which.any():
            candidates = np.flatnonzero(allowed)
            at[which] = candidates[KDTree(nodes[candidates]).query(electrodes[which])[1]]
    if len(np.unique(at)) < len(at):
        raise MeshError("two electrodes fell on one node", mend="raise cells_per_gap")
    way = electrodes - nodes[at]
    way[surface, 2] = 0.0
    drawn = nodes.astype(np.float64)
    tree = KDTree(drawn)
    for e, held in enumerate(tree.query_ball_point(drawn[at], reach)):
        distance = np.linalg.norm(drawn[held] - nodes[at[e]], axis=1)
        drawn[held] += (1.0 - distance / reach[e])[:, None] * way[e]
    return drawn, at


def _mesh(points: Floats, corners: Integers, at: Integers) -> VolumeMesh:
    """Return the quadratic mesh of tetrahedra below z = 0."""
    volume = np.linalg.det(points[corners[:, 1:]] - points[corners[:, :1]])
    if not (volume > 0).all():
        raise MeshError("electrodes lie too unevenly for the mesh", mend="raise cells_per_gap")
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
