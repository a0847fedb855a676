"""The lines that a mesh must follow: points and straight pieces that meet only in points.

Surface, box and interfaces are cut at each other, points nearer than a tolerance become one,
what lies above the ground or outside the box is dropped.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from ohmscape.core.types import Floats, Integers
from ohmscape.errors import MeshError

SURFACE, OUTER = 1, 2  #: kinds of pieces; where pieces coincide the lowest stays
INTERFACE = 3  #: kind of the pieces of the first interface; 4 is the second, and so on
ROUNDS = 30  #: bound of the rounds of snapping and cutting


@dataclass(frozen=True, eq=False)
class Lines:
    """A planar straight-line graph."""

    points: Floats  #: (n_points, 2) x, z; the electrodes' own come first
    pieces: Integers  #: (n_pieces, 3) from, to, kind
    electrodes: Integers  #: (n_electrodes,) point of each electrode


@dataclass(frozen=True, eq=False)
class Frame:
    """Coordinates near zero and of unit size, in which meshing is robust."""

    shift: Floats  #: (2,) m
    scale: float  #: m, a power of two, so that scaling is exact

    @classmethod
    def around(cls, points: Floats, extent: float) -> "Frame":
        """Return the frame for these points, extent being the greatest length that matters."""
        scale = 2.0 ** float(np.ceil(np.log2(extent)))
        return cls(scale * np.round(points.mean(axis=0) / scale), scale)

    def enter(self, points: Floats) -> Floats:
        """Return points in m in this frame."""
        inside: Floats = (points - self.shift) / self.scale
        return inside

    def leave(self, points: Floats) -> Floats:
        """Return points in this frame in m."""
        outside: Floats = points * self.scale + self.shift
        return outside

    def name(self, point: Floats) -> str:
        """Return a place in words."""
        x, z = self.leave(point)
        return f"near x = {x:.6g} m, z = {z:.6g} m"


@dataclass(frozen=True, eq=False)
class Box:
    """The domain: below a surface that spans it, between left and right, above bottom."""

    surface: Floats  #: (n, 2) from left to right
    left: float
    right: float
    bottom: float


def make_box(surface: Floats, electrodes: Floats, margin: float) -> Box:
    """Return the domain around the electrodes; the surface goes on at the level of its ends."""
    centre = 0.5 * (electrodes[:, 0].min() + electrodes[:, 0].max())
    left, right = centre - margin, centre + margin
    inside = surface[(surface[:, 0] > left) & (surface[:, 0] < right)]
    ends = np.interp([left, right], surface[:, 0], surface[:, 1])
    top = np.vstack([[left, ends[0]], inside, [right, ends[1]]])
    lowest = min(top[:, 1].min(), electrodes[:, 1].min())
    return Box(top, left, right, lowest - margin)


def make_lines(
    box: Box, electrodes: Floats, interfaces: Sequence[Floats], tolerance: float, frame: Frame
) -> Lines:
    """Cut surface, box and interfaces into pieces that meet only in points.

    Parameters
    ----------
    box : Box
    electrodes : array, shape (n_electrodes, 2)
    interfaces : sequence of array, shape (n, 2)
    tolerance : float
        Points nearer than this become one: an electrode's if there is one, else the surface's.
    frame : Frame
        In which all this is given.

    Returns
    -------
    Lines

    Raises
    ------
    MeshError
        See `untangle`.
    """
    top = box.surface
    corners = np.array([[box.left, box.bottom], [box.right, box.bottom]])
    n, m = len(electrodes), len(electrodes) + len(top)
    chain = np.arange(n, m)
    rim = np.array([[n, m], [m, m + 1], [m + 1, m - 1]])
    inner, number = _clip(interfaces, box)
    loose = m + 2 + np.arange(2 * len(inner)).reshape(-1, 2)
    points = np.vstack([electrodes, top, corners, inner.reshape(-1, 2)])
    pieces = np.vstack(
        [
            np.column_stack([chain[:-1], chain[1:], np.full(m - n - 1, SURFACE)]),
            np.column_stack([rim, np.full(3, OUTER)]),
            np.column_stack([loose, INTERFACE + number]),
        ]
    ).astype(np.int64)
    graph = untangle(Lines(points, pieces, np.arange(n)), tolerance, frame)
    return _compact(replace(graph, pieces=_below(graph, top, tolerance)))


def untangle(lines: Lines, tolerance: float, frame: Frame) -> Lines:
    """Join points and cut pieces until pieces meet only in points.

    Raises
    ------
    MeshError
        Lines so entangled within the tolerance that cutting them does not end.
    """
    points, pieces, at = lines.points, lines.pieces, lines.electrodes
    for _ in range(ROUNDS):
        merged = _merge(points, tolerance)
        at, pieces = merged[at], _tidy(merged[pieces[:, :2]], pieces[:, 2])
        used = np.unique(np.concatenate([at, pieces[:, :2].ravel()]))
        cut = _cut(points, pieces, used, tolerance)
        if cut is None:
            return _compact(Lines(points, pieces, at))
        points, pieces = cut
    raise MeshError(
        "surface and interfaces cross without end",
        where=frame.name(points[-1]),
        mend="draw lines that nearly coincide as one",
    )


def _clip(interfaces: Sequence[Floats], box: Box) -> tuple[Floats, Integers]:
    """Return the straight pieces within the box, shape (n, 2, 2), and whose each is."""
    steps = [np.stack([line[:-1], line[1:]], axis=1) for line in interfaces]
    pieces = np.concatenate([*steps, np.zeros((0, 2, 2))])
    number = np.repeat(np.arange(len(steps)), [len(step) for step in steps])
    for axis, sign, wall in ((0, 1.0, box.left), (0, -1.0, box.right), (1, 1.0, box.bottom)):
        depth = sign * (pieces[:, :, axis] - wall)
        inside = (depth >= 0).any(axis=1)
        pieces, number, depth = pieces[inside], number[inside], depth[inside]
        for end in (0, 1):
            out = depth[:, end] < 0
            share = depth[out, end] / (depth[out, end] - depth[out, 1 - end])
            way = pieces[out, 1 - end] - pieces[out, end]
            pieces[out, end] += share[:, None] * way
            pieces[out, end, axis] = wall
    return pieces, number


def _merge(points: Floats, tolerance: float) -> Integers:
    """Return for each point the first of those that it is one with."""
    pairs = cKDTree(points).query_pairs(tolerance, output_type="ndarray")
    if len(pairs) == 0:
        return np.arange(len(points))
    links = coo_array((np.ones(len(pairs)), pairs.T), shape=(len(points), len(points)))
    groups = connected_components(links, directed=False)[1]
    _, first, inverse = np.unique(groups, return_index=True, return_inverse=True)
    leaders: Integers = first[inverse].astype(np.int64)
    return leaders


def _tidy(ends: Integers, kind: Integers) -> Integers:
    """Drop pieces of no length; of those that coincide keep the lowest kind."""
    pieces = np.column_stack([ends.min(axis=1), ends.max(axis=1), kind])
    pieces = np.unique(pieces[pieces[:, 0] != pieces[:, 1]], axis=0)
    new = np.ones(len(pieces), dtype=np.bool_)
    new[1:] = (pieces[1:, :2] != pieces[:-1, :2]).any(axis=1)
    kept: Integers = pieces[new]
    return kept


def _spans(low: Floats, high: Floats, at: Floats) -> tuple[Integers, Integers]:
    """Return all pairs of a span [low, high] and a number of `at` inside it."""
    order = np.argsort(at, kind="stable")
    first = np.searchsorted(at[order], low, side="left")
    number = np.searchsorted(at[order], high, side="right") - first
    span = np.repeat(np.arange(len(low)), number)
    step = np.arange(len(span)) - np.repeat(np.cumsum(number) - number, number)
    return span, order[first[span] + step]


def _cut(
    points: Floats, pieces: Integers, used: Integers, tolerance: float
) -> tuple[Floats, Integers] | None:
    """Cut pieces at used points on them and where they cross; None if there is nothing to cut."""
    start, way = points[pieces[:, 0]], points[pieces[:, 1]] - points[pieces[:, 0]]
    low = np.minimum(start[:, 0], start[:, 0] + way[:, 0]) - tolerance
    high = np.maximum(start[:, 0], start[:, 0] + way[:, 0]) + tolerance
    piece, point = _spans(low, high, points[used, 0])
    point = used[point]
    from_start = points[point] - start[piece]
    length = np.hypot(*way[piece].T)
    along = (from_start * way[piece]).sum(axis=1) / length
    off = np.abs(_cross(way[piece], from_start)) / length
    hit = (off <= tolerance) & (along > 0) & (along < length)
    hit &= (pieces[piece, 0] != point) & (pieces[piece, 1] != point)
    if hit.any():
        return points, _chain(pieces, piece[hit], point[hit], along[hit])
    one, other, share = _crossings(start, way, pieces, (low, high))
    if len(one) == 0:
        return None
    new = len(points) + np.arange(len(one))
    where = start[one] + share[0][:, None] * way[one]
    for straight in (one, other):  # exact on upright and level lines
        for axis in (0, 1):
            exact = way[straight, axis] == 0.0
            where[exact, axis] = start[straight[exact], axis]
    both = np.concatenate([one, other]), np.concatenate([new, new]), np.concatenate(share)
    return np.vstack([points, where]), _chain(pieces, *both)


def _cross(a: Floats, b: Floats) -> Floats:
    product: Floats = a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
    return product


def _crossings(
    start: Floats, way: Floats, pieces: Integers, spans: tuple[Floats, Floats]
) -> tuple[Integers, Integers, tuple[Floats, Floats]]:
    """Return the pairs of pieces that cross between their ends and where on each (0 to 1)."""
    low, high = spans
    one, other = _spans(low, high, low)  # the other begins within the span of the one
    apart = (one != other) & (np.maximum(pieces[one, 2], pieces[other, 2]) >= INTERFACE)
    apart &= ~(pieces[one, :2, None] == pieces[other, None, :2]).any(axis=(1, 2))
    one, other = one[apart], other[apart]
    gap, spin = start[other] - start[one], _cross(way[one], way[other])
    with np.errstate(divide="ignore", invalid="ignore"):
        s, t = _cross(gap, way[other]) / spin, _cross(gap, way[one]) / spin
    hit = (spin != 0) & (s > 0) & (s < 1) & (t > 0) & (t < 1)
    one, other, s, t = one[hit], other[hit], s[hit], t[hit]
    _, first = np.unique(np.sort(np.column_stack([one, other]), axis=1), axis=0, return_index=True)
    return one[first], other[first], (s[first], t[first])


def _chain(pieces: Integers, piece: Integers, point: Integers, along: Floats) -> Integers:
    """Cut each piece at its points, in their order along it."""
    order = np.lexsort([along, piece])
    piece, point = piece[order], point[order]
    last = np.ones(len(piece), dtype=np.bool_)
    last[:-1] = piece[1:] != piece[:-1]
    begin = np.concatenate([[pieces[piece[0], 0]], np.where(last, -1, point)[:-1]])
    fresh = np.concatenate([[True], last[:-1]])
    begin[fresh] = pieces[piece[fresh], 0]
    left = np.column_stack([begin, point, pieces[piece, 2]])
    right = np.column_stack([point[last], pieces[piece[last], 1], pieces[piece[last], 2]])
    whole = np.delete(pieces, np.unique(piece), axis=0)
    return np.vstack([whole, left, right])


def _below(lines: Lines, top: Floats, tolerance: float) -> Integers:
    """Drop interfaces above the ground."""
    middle = lines.points[lines.pieces[:, :2]].mean(axis=1)
    ground = np.interp(middle[:, 0], top[:, 0], top[:, 1])
    inside = (lines.pieces[:, 2] < INTERFACE) | (middle[:, 1] <= ground + tolerance)
    kept: Integers = lines.pieces[inside]
    return kept


def _compact(lines: Lines) -> Lines:
    """Drop unused points and number the others anew."""
    pieces, at = lines.pieces, lines.electrodes
    used = np.unique(np.concatenate([at, pieces[:, :2].ravel()]))
    number = np.full(len(lines.points), -1, dtype=np.int64)
    number[used] = np.arange(len(used))
    renamed = np.column_stack([number[pieces[:, :2]], pieces[:, 2]])
    return Lines(lines.points[used], renamed, number[at])
