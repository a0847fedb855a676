"""How long edges shall be: the size law of a section, and lines cut to it."""

from itertools import pairwise

import numpy as np

from ohmscape.core.types import Floats
from ohmscape.mesh.pslg import Lines
from ohmscape.mesh.refinement import FLAT, measure, size_at

CLEARANCE = 0.3  #: greatest size at an electrode over its distance to a line it does not lie on
CURVE_GROWTH = 0.7  #: growth away from lines that were given in short pieces
ROUND_DOWN = 0.15  #: share of an edge that a line's number of edges is rounded down by


def size_law(graph: Lines, size: Floats, growth: float, tolerance: float) -> Floats:
    """Return the law (`size_at`)."""
    at = graph.points[graph.electrodes]
    start, end = graph.points[graph.pieces[:, 0]], graph.points[graph.pieces[:, 1]]
    size = size.copy()
    for kind in np.unique(graph.pieces[:, 2]):
        own = graph.pieces[:, 2] == kind
        gap = _distance(at, start[own], end[own])
        size = np.where(gap > tolerance, np.minimum(size, CLEARANCE * gap), size)
    apart = np.hypot(*(at[:, None] - at).transpose(2, 0, 1))
    apart[apart <= tolerance] = np.inf
    size = np.minimum(size, apart.min(axis=1))
    law = _sort_law(np.column_stack([at, size, np.full(len(at), growth)]))
    fine = _fine_lines(graph)
    fine = fine[[size_at(law, *row[:2]) > row[2] for row in fine]]
    fine[:, 3] = max(growth, CURVE_GROWTH)
    return _sort_law(np.vstack([law[:, :4], fine]))


def _sort_law(rows: Floats) -> Floats:
    """Return rows x, z, size, growth as `size_at` wants them."""
    rows = rows[np.argsort(rows[:, 0], kind="stable")]
    return np.column_stack([rows, np.broadcast_to(rows[:, 2:].min(axis=0), (len(rows), 2))])


def _distance(at: Floats, start: Floats, end: Floats) -> Floats:
    """Return the distance of each point to the nearest of the pieces, shape (n_points,)."""
    way, gap = end - start, at[:, None] - start
    share: Floats = np.clip((gap * way).sum(axis=2) / (way**2).sum(axis=1), 0.0, 1.0)
    nearest: Floats = np.hypot(*(gap - share[..., None] * way).transpose(2, 0, 1)).min(axis=1)
    return nearest


def _fine_lines(graph: Lines) -> Floats:
    """Return rows x, z, length, 0 of points where lines go on in short pieces.

    The length is the second shortest of the pieces that meet there: one short piece among long
    ones only crosses a gap, and is no reason for small triangles.
    """
    ends = graph.pieces[:, :2]
    length = np.hypot(*(graph.points[ends[:, 1]] - graph.points[ends[:, 0]]).T)
    point, length = ends.T.ravel(), np.concatenate([length, length])
    order = np.lexsort([length, point])
    point, length = point[order], length[order]
    first = np.flatnonzero(np.concatenate([[True], point[1:] != point[:-1]]))
    second = np.minimum(first + 1, len(point) - 1)
    second = np.where(point[second] == point[first], second, first)
    rows = graph.points[point[first]]
    return np.column_stack([rows, length[second], np.zeros(len(rows))])


def cut_by_size(graph: Lines, law: Floats) -> Lines:
    """Cut the pieces to the lengths that the size law wants.

    Where pieces run nearly side by side their points are put face to face.
    """
    points, pieces = graph.points, []
    work = np.zeros(50_000), np.zeros(50_000)
    for a, b, kind in graph.pieces:
        start, way = points[a], points[b] - points[a]
        stops = _facing(points, start, way, law)
        marks = [_marks(law, start, way, span, work) for span in pairwise([0.0, *stops, 1.0])]
        share = np.concatenate(marks)[1:, None]
        chain = np.concatenate([[a], len(points) + np.arange(len(share)), [b]])
        points = np.vstack([points, start + share * way])
        pieces.append(np.column_stack([chain[:-1], chain[1:], np.full(len(chain) - 1, kind)]))
    return Lines(points, np.vstack(pieces), graph.electrodes)


def _facing(points: Floats, start: Floats, way: Floats, law: Floats) -> Floats:
    """Return where (0 to 1) a piece has points nearly beside it, as the size law sees it."""
    length = np.hypot(*way)
    along = (points - start) @ way / length
    off = np.abs((points - start) @ np.array([-way[1], way[0]])) / length
    near = (along > off) & (length - along > off) & (off > 0)
    near &= off < FLAT * (law[0, 4] + law[:, 3].max() * (np.hypot(*(points - start).T) + length))
    found: list[float] = []
    for i in np.flatnonzero(near)[np.argsort(off[near], kind="stable")]:
        size = size_at(law, *points[i])
        place = np.array([0.0, length, *found])
        if off[i] < FLAT * size and np.abs(place - along[i]).min() > 0.5 * FLAT * size:
            found.append(along[i])
    stops: Floats = np.sort(found) / length
    return stops


def _marks(
    law: Floats, start: Floats, way: Floats, span: tuple[float, float], work: tuple[Floats, Floats]
) -> Floats:
    """Return the begin of a span and the cuts in it, all from 0 to 1 along the piece."""
    ends = np.concatenate([start + span[0] * way, start + span[1] * way])
    n = measure(law, ends, *work)
    shares, done = work[0][: n + 1], work[1][: n + 1]
    number = max(1, int(np.ceil(done[n] - ROUND_DOWN)))
    cuts = np.interp(np.arange(number) * (done[n] / number), done, shares)
    marks: Floats = span[0] + cuts * (span[1] - span[0])
    return marks
