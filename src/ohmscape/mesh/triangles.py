"""A graded mesh of triangles that follows surface, layers and contacts exactly."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ohmscape.core.types import Booleans, Floats, Integers
from ohmscape.errors import MeshError
from ohmscape.mesh.delaunay import Net, empty_net, insert, recover
from ohmscape.mesh.mesh import TRIANGLE, Mesh
from ohmscape.mesh.pslg import OUTER, SURFACE, Box, Lines, make_box, make_lines
from ohmscape.mesh.refinement import FLAT, measure, refine, size_at, smooth

SNAP = 1e-9  #: share of the line's length within which points are one
CLEARANCE = 0.5  #: greatest size at an electrode over its distance to a line it does not lie on
CURVE_GROWTH = 0.7  #: growth away from lines that were given in short pieces
ROUND_DOWN = 0.15  #: share of an edge that a line's number of edges is rounded down by
RADIUS = 0.72  #: greatest circumradius over size (an equilateral triangle has 0.577)
LONG = 1.6  #: greatest edge over size of flat triangles
SWEEPS = 3  #: of smoothing
MOST_POINTS = 2_000_000


def conforming_mesh(
    surface: ArrayLike,
    electrodes: ArrayLike,
    interfaces: Sequence[ArrayLike] = (),
    *,
    size_at_electrodes: ArrayLike,
    growth: float = 0.35,
    margin: float,
    min_angle: float = 26.0,
) -> Mesh:
    """Mesh the ground below a surface with triangles whose edges follow the interfaces.

    The wanted edge length is ``min(size_i + growth * distance to electrode i)``. The size at an
    electrode is at most half its distance to the nearest line that it does not lie on and at
    most its distance to the next electrode. Between lines nearly side by side, as seen from the
    electrodes, triangles are long and flat; everywhere else they are well-shaped.

    Parameters
    ----------
    surface : array, shape (n, 2)
        x, z in m of the top of the domain (ground or water level), x increasing. It goes on
        at the level of its ends to the sides of the domain.
    electrodes : array, shape (n_electrodes, 2)
        x, z in m, on or below the surface.
    interfaces : sequence of array, shape (n, 2)
        Polylines x, z in m; closed where the first point is the last. They may cross, touch,
        coincide and end anywhere; what lies above the surface or outside the domain is cut off.
    size_at_electrodes : float or array, shape (n_electrodes,)
        Edge length in m at the electrodes.
    growth : float
        Edge length per distance, in (0, 2].
    margin : float
        Distance in m from the middle of the electrodes to the sides, and from the lowest
        point of electrodes and surface to the bottom.
    min_angle : float
        Smallest angle in degrees wanted in triangles that are not flat, at most 32.

    Returns
    -------
    Mesh
        Quadratic triangles, corners before middles. Regions are what interfaces separate,
        numbered by their highest, then leftmost point; outer edges are sides and bottom.

    Raises
    ------
    MeshError
        Input that is no ground, or lines that cannot be followed.
    """
    top, places, lines = _check(surface, electrodes, interfaces)
    size = _check_numbers(size_at_electrodes, len(places), growth, margin, min_angle)
    extent = max(float(np.ptp(places, axis=0).max()), float(size.max()))
    scale = 2.0 ** np.ceil(np.log2(extent))  # a power of two, so that scaling is exact
    shift = scale * np.round(places.mean(axis=0) / scale)
    top, at, lines = (top - shift) / scale, (places - shift) / scale, [
        (line - shift) / scale for line in lines
    ]
    tolerance = max(SNAP * extent, 8 * np.spacing(np.abs(places).max())) / scale
    box = make_box(top, at, margin / scale)
    _refuse_in_air(box, at, tolerance)
    graph = make_lines(box, at, lines, tolerance)
    law = _size_law(graph, size / scale, growth, tolerance)
    net = _triangulate(_cut_by_size(graph, law), box)
    net = _refine(net, law, min_angle, graph.electrodes)
    return _quadratic(net, graph.electrodes, places, (shift, scale))


def _check(
    surface: ArrayLike, electrodes: ArrayLike, interfaces: Sequence[ArrayLike]
) -> tuple[Floats, Floats, list[Floats]]:
    """Return all input as arrays, or refuse it."""
    top, places = _points(surface, "surface", 1), _points(electrodes, "electrodes", 1)
    back = np.flatnonzero(np.diff(top[:, 0]) <= 0)
    if len(back):
        raise MeshError(
            "the surface overlaps itself",
            where=f"surface points {back[0] + 1} and {back[0] + 2}",
            mend="give points with increasing x",
        )
    return top, places, [_points(line, f"interface {i}", 2) for i, line in enumerate(interfaces)]


def _points(values: ArrayLike, name: str, least: int) -> Floats:
    points = np.array(values, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2 or len(points) < least:
        raise MeshError(
            f"an array of shape {points.shape} is no polyline",
            where=name,
            mend=f"give x, z in m of at least {least} point{'s' if least > 1 else ''}",
        )
    broken = np.flatnonzero(~np.isfinite(points).all(axis=1))
    if len(broken):
        raise MeshError(
            "a coordinate is not a number",
            where=f"{name}, point {broken[0] + 1}",
            mend="give finite x, z in m",
        )
    return points


def _check_numbers(
    size: ArrayLike, number: int, growth: float, margin: float, min_angle: float
) -> Floats:
    sizes = np.array(size, dtype=np.float64)
    if sizes.shape not in ((), (number,)):
        raise MeshError(f"sizes of shape {sizes.shape} for {number} electrodes")
    sizes = np.broadcast_to(sizes, (number,))
    wrong = {
        "size at electrodes": not (np.isfinite(sizes).all() and (sizes > 0).all()),
        "growth": not 0 < growth <= 2,
        "margin": not 0 < margin < np.inf,
        "smallest angle": not 0 <= min_angle <= 32,
    }
    for name, is_wrong in wrong.items():
        if is_wrong:
            raise MeshError(f"{name} is out of range", mend="see the docstring for ranges")
    return sizes


def _refuse_in_air(box: Box, electrodes: Floats, tolerance: float) -> None:
    ground = np.interp(electrodes[:, 0], box.surface[:, 0], box.surface[:, 1])
    air = np.flatnonzero(electrodes[:, 1] > ground + tolerance)
    if len(air):
        raise MeshError(
            "electrode above the surface",
            where=f"electrodes {(air[:5] + 1).tolist()}",
            mend="lower it to the surface or give a surface that holds it",
        )


def _size_law(graph: Lines, size: Floats, growth: float, tolerance: float) -> Floats:
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
    share = np.clip((gap * way).sum(axis=2) / (way**2).sum(axis=1), 0.0, 1.0)
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


def _cut_by_size(graph: Lines, law: Floats) -> Lines:
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
    return np.sort(found) / length


def _marks(
    law: Floats, start: Floats, way: Floats, span: tuple[float, float], work: tuple[Floats, Floats]
) -> Floats:
    """Return the begin of a span and the cuts in it, all from 0 to 1 along the piece."""
    ends = np.concatenate([start + span[0] * way, start + span[1] * way])
    n = measure(law, ends, *work)
    shares, done = work[0][: n + 1], work[1][: n + 1]
    number = max(1, int(np.ceil(done[n] - ROUND_DOWN)))
    cuts = np.interp(np.arange(number) * (done[n] / number), done, shares)
    return span[0] + cuts * (span[1] - span[0])


def _triangulate(lines: Lines, box: Box) -> Net:
    """Return the constrained Delaunay triangulation of the ground."""
    reach = 0.5 * (box.right - box.left)
    low, high = lines.points.min(axis=0) - reach, lines.points.max(axis=0) + reach
    net = empty_net(len(lines.points) + 4)
    net.points[:4] = [low, [high[0], low[1]], high, [low[0], high[1]]]
    net.corner[:6] = [0, 1, 2, 0, 2, 3]
    net.twin[[1, 5]] = 5, 1
    net.home[:4], net.count[:] = [0, 1, 2, 5], [4, 6]
    stack = np.zeros(24 * len(net.points), dtype=np.int64)
    placed = insert(net, lines.points, stack)
    if placed < len(lines.points):
        raise _lost(lines.points[placed])
    failed = recover(net, lines.pieces + [4, 4, 0], stack)
    if failed >= 0:
        raise _lost(lines.points[lines.pieces[failed, 0]])
    return _carve(net)


def _lost(place: Floats) -> MeshError:
    return MeshError(
        "lines too close to follow",
        where=f"near {place.tolist()} in units of the line's length",
        mend="move or merge lines that nearly touch there",
    )


def _parts(net: Net, walls: Booleans) -> Integers:
    """Return for each triangle the number of its part; walls (n_half_edges,) separate parts."""
    twin = net.twin[: net.count[1]]
    n, h = len(twin) // 3, np.flatnonzero(~walls & (twin >= 0))
    graph = coo_array((np.ones(len(h), dtype=np.int8), (h // 3, twin[h] // 3)), shape=(n, n))
    parts: Integers = connected_components(graph, directed=False)[1].astype(np.int64)
    return parts


def _carve(net: Net) -> Net:
    """Drop what lies outside surface and box, and the four points of the frame."""
    n_points, n = (int(i) for i in net.count)
    kind = net.kind[:n]
    part = _parts(net, (kind == SURFACE) | (kind == OUTER))
    inside = np.repeat(part != part[net.home[0] // 3], 3)
    number = np.append(np.where(inside, np.cumsum(inside) - 1, -1), -1)
    kept = int(inside.sum())
    ground = empty_net(max(4 * n_points, 4000))
    ground.count[:] = n_points - 4, kept
    ground.points[: n_points - 4] = net.points[4:n_points]
    ground.corner[:kept] = net.corner[:n][inside] - 4
    ground.twin[:kept] = number[net.twin[:n][inside]]
    ground.kind[:kept] = kind[inside]
    ground.home[ground.corner[:kept]] = np.arange(kept)
    return ground


def _refine(net: Net, law: Floats, min_angle: float, electrodes: Integers) -> Net:
    """Add points until size and shape are right, then smooth."""
    rule = np.array([RADIUS, np.sin(np.radians(min_angle)), LONG])
    while True:
        n = len(net.corner)
        work = np.zeros(n // 3, dtype=np.bool_), np.zeros(n // 3, dtype=np.int64)
        stack = np.zeros(2 * n, dtype=np.int64)
        if refine(net, law, rule, *work, stack) == 0:
            break
        if 2 * len(net.points) > MOST_POINTS:
            raise MeshError(
                f"the mesh needs more than {MOST_POINTS // 2} points",
                mend="make size_at_electrodes greater or draw interfaces with fewer points",
            )
        bigger = empty_net(2 * len(net.points))
        for old, new in zip(net, bigger, strict=True):
            new[: len(old)] = old
        net = bigger
    bound = np.zeros(len(net.points), dtype=np.bool_)
    walls = np.repeat((net.kind[: net.count[1]] != 0).reshape(-1, 3), 3, axis=0)
    ends = ~np.tile(np.eye(3, dtype=np.bool_), (len(walls) // 3, 1))
    bound[net.corner[: net.count[1]][(walls & ends).any(axis=1)]] = True
    bound[electrodes] = True
    smooth(net, law, bound, SWEEPS, stack)
    return net


def _quadratic(
    net: Net, electrodes: Integers, places: Floats, frame: tuple[Floats, float]
) -> Mesh:
    """Return the net as a mesh of quadratic triangles in the coordinates of the input."""
    n_points, n = (int(i) for i in net.count)
    corners, kind = net.corner[:n].reshape(-1, 3), net.kind[:n].reshape(-1, 3)
    points = net.points[:n_points] * frame[1] + frame[0]
    points[electrodes] = places
    ends = np.stack([corners, np.roll(corners, -1, axis=1)], axis=2).reshape(-1, 2)
    ends = np.sort(ends, axis=1)
    _, first, edge = np.unique(
        ends[:, 0] * n_points + ends[:, 1], return_index=True, return_inverse=True
    )
    middles = points[ends[first]].mean(axis=1)
    cells = np.hstack([corners, n_points + edge.reshape(-1, 3)])
    outer = np.roll(kind == OUTER, -2, axis=1)  # edge 0 1 lies opposite corner 2
    triangle, k = np.nonzero(outer)
    rim = np.column_stack(
        [cells[triangle, k], cells[triangle, k + 3], cells[triangle, (k + 1) % 3]]
    )
    return Mesh(
        np.vstack([points, middles]),
        TRIANGLE * np.arange(len(cells) + 1),
        cells.ravel(),
        _regions(points, corners, _parts(net, kind.ravel() != 0)),
        rim,
        electrodes,
    )


def _regions(points: Floats, corners: Integers, part: Integers) -> Integers:
    """Number the parts between interfaces by their highest, then leftmost point."""
    n = int(part.max()) + 1
    flat = np.repeat(part, 3)
    xz = points[corners.ravel()]
    order = np.lexsort([xz[:, 0], -xz[:, 1], flat])
    first = order[np.searchsorted(flat[order], np.arange(n))]
    mass = np.bincount(part, points[corners, 0].mean(axis=1), n) / np.bincount(part, minlength=n)
    rank = np.empty(n, dtype=np.int64)
    rank[np.lexsort([mass, xz[first, 0], -xz[first, 1]])] = np.arange(n)
    return rank[part]
