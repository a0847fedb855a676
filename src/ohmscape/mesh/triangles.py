"""A graded mesh of triangles that follows surface, layers and contacts exactly."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ohmscape.core.types import Booleans, Floats, Integers
from ohmscape.errors import MeshError
from ohmscape.mesh.delaunay import Net, empty_net, insert, recover
from ohmscape.mesh.mesh import TRIANGLE, Mesh
from ohmscape.mesh.pslg import OUTER, SURFACE, Box, Frame, Lines, make_box, make_lines, untangle
from ohmscape.mesh.refinement import refine, smooth
from ohmscape.mesh.sizes import cut_by_size, size_law

SNAP = 1e-9  #: share of the line's length within which points are one
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
    electrode is at most 0.3 of its distance to the nearest line that it does not lie on and at
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
    frame = Frame.around(places, extent)
    tolerance = max(SNAP * extent, 8 * np.spacing(np.abs(places).max())) / frame.scale
    top, at, *lines = (frame.enter(line) for line in (top, places, *lines))
    box = make_box(top, at, margin / frame.scale)
    _refuse_outside(box, at, tolerance)
    graph = make_lines(box, at, lines, tolerance, frame)
    law = size_law(graph, size / frame.scale, growth, tolerance)
    graph = untangle(cut_by_size(graph, law), tolerance, frame)
    net, number = _carve(_triangulate(graph, box, frame))
    nodes = number[graph.electrodes]
    if (nodes < 0).any():
        raise _lost(frame.name(graph.points[graph.electrodes[nodes < 0][0]]))
    return _quadratic(_refine(net, law, min_angle, nodes), nodes, places, frame)


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


def _refuse_outside(box: Box, electrodes: Floats, tolerance: float) -> None:
    if not box.left + tolerance < electrodes[:, 0].min():
        raise MeshError(
            "the mesh ends before the electrodes do",
            where="margin",
            mend="take 5 to 10 times the length of the line",
        )
    ground = np.interp(electrodes[:, 0], box.surface[:, 0], box.surface[:, 1])
    air = np.flatnonzero(electrodes[:, 1] > ground + tolerance)
    if len(air):
        raise MeshError(
            "electrode above the surface",
            where=f"electrodes {(air[:5] + 1).tolist()}",
            mend="lower it to the surface or give a surface that holds it",
        )


def _triangulate(lines: Lines, box: Box, frame: Frame) -> Net:
    """Return the constrained Delaunay triangulation of the lines, four points around them first."""
    reach = 0.5 * (box.right - box.left)
    low, high = lines.points.min(axis=0) - reach, lines.points.max(axis=0) + reach
    net = empty_net(len(lines.points) + 4)
    net.points[:4] = [low, [high[0], low[1]], high, [low[0], high[1]]]
    net.corner[:6] = [0, 1, 2, 0, 2, 3]
    net.twin[[1, 5]] = 5, 1
    net.home[:4], net.used[:] = [0, 1, 2, 5], [4, 6]
    stack = np.zeros(24 * len(net.points), dtype=np.int64)
    placed = insert(net, lines.points, stack)
    if placed < len(lines.points):
        raise _lost(frame.name(lines.points[placed]))
    behind_frame = lines.pieces + np.array([4, 4, 0])
    failed = recover(net, behind_frame, stack)
    if failed >= 0:
        raise _lost(frame.name(lines.points[lines.pieces[failed, 0]]))
    return net


def _lost(where: str) -> MeshError:
    return MeshError(
        "lines too close to follow", where=where, mend="move or merge lines that nearly touch there"
    )


def _parts(net: Net, walls: Booleans) -> Integers:
    """Return for each triangle the number of its part; walls (n_half_edges,) separate parts."""
    twin = net.twin[: net.used[1]]
    n, h = len(twin) // 3, np.flatnonzero(~walls & (twin >= 0))
    graph = coo_array((np.ones(len(h), dtype=np.int8), (h // 3, twin[h] // 3)), shape=(n, n))
    parts: Integers = connected_components(graph, directed=False)[1].astype(np.int64)
    return parts


def _carve(net: Net) -> tuple[Net, Integers]:
    """Drop what lies outside surface and box; return also where each line's point went, or -1."""
    n_points, n = (int(i) for i in net.used)
    kind = net.kind[:n]
    part = _parts(net, (kind == SURFACE) | (kind == OUTER))
    inside = np.repeat(part != part[net.home[0] // 3], 3)
    corner = net.corner[:n][inside]
    point = np.unique(corner)
    number = np.full(n_points, -1, dtype=np.int64)
    number[point] = np.arange(len(point))
    half = np.append(np.where(inside, np.cumsum(inside) - 1, -1), -1)
    kept = len(corner)
    ground = empty_net(max(4 * n_points, 4000))
    ground.used[:] = len(point), kept
    ground.points[: len(point)] = net.points[point]
    ground.corner[:kept] = number[corner]
    ground.twin[:kept] = half[net.twin[:n][inside]]
    ground.kind[:kept] = kind[inside]
    ground.home[ground.corner[:kept]] = np.arange(kept)
    return ground, number[4:]


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
    walls = np.repeat((net.kind[: net.used[1]] != 0).reshape(-1, 3), 3, axis=0)
    ends = ~np.tile(np.eye(3, dtype=np.bool_), (len(walls) // 3, 1))
    bound[net.corner[: net.used[1]][(walls & ends).any(axis=1)]] = True
    bound[electrodes] = True
    smooth(net, law, bound, SWEEPS, stack)
    return net


def _quadratic(net: Net, electrodes: Integers, places: Floats, frame: Frame) -> Mesh:
    """Return the net as a mesh of quadratic triangles in the coordinates of the input."""
    n_points, n = (int(i) for i in net.used)
    corners, kind = net.corner[:n].reshape(-1, 3), net.kind[:n].reshape(-1, 3)
    points = frame.leave(net.points[:n_points])
    points[electrodes] = places
    _refuse_inverted(points[corners])
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


def _refuse_inverted(corners: Floats) -> None:
    """Refuse triangles that are none in the coordinates of the input, for want of digits."""
    one, other = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    wrong = np.flatnonzero(one[:, 0] * other[:, 1] <= one[:, 1] * other[:, 0])
    if len(wrong):
        x, z = corners[wrong[0], 0]
        raise _lost(f"near x = {x:.6g} m, z = {z:.6g} m")


def _regions(points: Floats, corners: Integers, part: Integers) -> Integers:
    """Return the numbers of the parts, from the highest, then leftmost one on."""
    n = int(part.max()) + 1
    flat = np.repeat(part, 3)
    xz = points[corners.ravel()]
    order = np.lexsort([xz[:, 0], -xz[:, 1], flat])
    first = order[np.searchsorted(flat[order], np.arange(n))]
    mass = np.bincount(part, points[corners, 0].mean(axis=1), n) / np.bincount(part, minlength=n)
    rank = np.empty(n, dtype=np.int64)
    rank[np.lexsort([mass, xz[first, 0], -xz[first, 1]])] = np.arange(n)
    return rank[part]
