"""Delaunay refinement of a constrained triangulation down to a size law, and smoothing.

Kernels: they trust their input. Points go where the shortest edge of a triangle that is too
big or too sharp wants its third corner ("off-centres", Üngör 2009,
doi:10.1016/j.comgeo.2008.06.002) unless a segment is in the way; then the segment is halved
(Ruppert 1995, doi:10.1006/jagm.1995.1021). Nothing is refined for its shape below `FLAT` times
the size law: there, between segments nearly side by side or meeting at a small angle, triangles
may be flat, but their corners are put face to face so that no angle comes near 180 degrees.
"""

import numpy as np
from numba import njit

from ohmscape.core.types import Booleans, Floats, Integers
from ohmscape.mesh.delaunay import Net, make_delaunay, split_edge, split_face, turn, walk

FLAT = 0.2  #: share of the size law below which only size counts, not shape
BLUNT = -0.85  #: cosine of the biggest angle of a flat triangle that is left alone
FULL = -2  #: answer when the net has no room left


@njit(cache=True)
def size_at(law: Floats, x: float, y: float) -> float:
    """Return the wanted edge length: min of size + growth * distance over rows x, y, size, growth.

    Parameters
    ----------
    law : array, shape (n, 4)
    x, y : float

    Returns
    -------
    float
    """
    best = np.inf
    for i in range(len(law)):
        dx, dy = law[i, 0] - x, law[i, 1] - y
        best = min(best, law[i, 2] + law[i, 3] * np.sqrt(dx * dx + dy * dy))
    return best


@njit(cache=True)
def stations(law: Floats, ends: Floats, room: int) -> Floats:
    """Return where between 0 and 1 to cut the straight line x0, y0, x1, y1 by the size law."""
    dx, dy = ends[2] - ends[0], ends[3] - ends[1]
    length = np.sqrt(dx * dx + dy * dy)
    way, done = np.zeros(room), np.zeros(room)
    n, s = 0, 0.0
    while s < length and n < room - 1:
        here = size_at(law, ends[0] + dx * s / length, ends[1] + dy * s / length)
        step = min(0.2 * here, length - s)
        middle = (s + 0.5 * step) / length
        rate = 1.0 / size_at(law, ends[0] + dx * middle, ends[1] + dy * middle)
        s = length if step >= length - s else s + step
        n += 1
        way[n], done[n] = s / length, done[n - 1] + step * rate
    pieces = max(1, int(np.ceil(done[n] - 0.15)))
    return np.interp(np.arange(1, pieces) * done[n] / pieces, done[: n + 1], way[: n + 1])


@njit(cache=True)
def _split_segment(
    net: Net, t: int, k: int, x: float, y: float, stack: Integers
) -> int:
    """Put the point of an edge that is nearest to (x, y) on it, if well between its ends."""
    p, b, c = net.points, net.corners[t, (k + 1) % 3], net.corners[t, (k + 2) % 3]
    dx, dy = p[c, 0] - p[b, 0], p[c, 1] - p[b, 1]
    length = np.sqrt(dx * dx + dy * dy)
    along = ((x - p[b, 0]) * dx + (y - p[b, 1]) * dy) / (length * length)
    off = abs((x - p[b, 0]) * dy - (y - p[b, 1]) * dx) / length
    if min(along, 1.0 - along) * length <= max(0.5 * off, 1e-7 * length):
        return -1
    return split_edge(net, t, k, p[b, 0] + along * dx, p[b, 1] + along * dy, stack)


@njit(cache=True)
def _halve_segment(net: Net, law: Floats, t: int, k: int, stack: Integers) -> int:
    """Put the middle of an edge on it, if its halves are not smaller than shape demands."""
    p, b, c = net.points, net.corners[t, (k + 1) % 3], net.corners[t, (k + 2) % 3]
    x, y = 0.5 * (p[b, 0] + p[c, 0]), 0.5 * (p[b, 1] + p[c, 1])
    length = np.sqrt((p[b, 0] - p[c, 0]) ** 2 + (p[b, 1] - p[c, 1]) ** 2)
    if length < 2.0 * FLAT * size_at(law, x, y):
        return -1
    return split_edge(net, t, k, x, y, stack)


@njit(cache=True)
def _segment_encroached(
    net: Net, t: int, x: float, y: float, seen: Integers, stack: Integers
) -> tuple[int, int]:
    """Return triangle and edge of a segment that would have (x, y), in t, in its circle."""
    p = net.points
    seen[-1] += 1
    tick = seen[-1]
    seen[t], stack[0], height = tick, t, 1
    while height > 0:
        height -= 1
        t = stack[height]
        for k in range(3):
            b, c = net.corners[t, (k + 1) % 3], net.corners[t, (k + 2) % 3]
            u = net.across[t, k]
            if net.fixed[t, k] != 0 or u < 0:
                bx, by, cx, cy = p[b, 0] - x, p[b, 1] - y, p[c, 0] - x, p[c, 1] - y
                if bx * cx + by * cy < 0.0:
                    return t, k
            elif seen[u] != tick:
                seen[u] = tick
                if _circle_holds(net, u, x, y):
                    stack[height] = u
                    height += 1
    return -1, -1


@njit(cache=True)
def _circle_holds(net: Net, t: int, x: float, y: float) -> bool:
    p = net.points
    a, b, c = net.corners[t, 0], net.corners[t, 1], net.corners[t, 2]
    ax, ay, bx, by = p[a, 0] - x, p[a, 1] - y, p[b, 0] - x, p[b, 1] - y
    cx, cy = p[c, 0] - x, p[c, 1] - y
    value = (ax * ax + ay * ay) * (bx * cy - by * cx)
    value += (bx * bx + by * by) * (cx * ay - cy * ax)
    return value + (cx * cx + cy * cy) * (ax * by - ay * bx) > 0.0


@njit(cache=True)
def _wanted(
    net: Net, law: Floats, t: int, rule: Floats
) -> tuple[int, float, float]:
    """Tell what triangle t needs, and the point for it.

    Return 1 and the off-centre if too big or too sharp; 2 and a point beyond its longest edge
    if flat and blunt, with which corner (code 2 + corner); 0 if it is good.
    """
    p, h = net.points, 0.0
    side = np.empty(3)
    x = y = 0.0
    for k in range(3):
        b, c = net.corners[t, (k + 1) % 3], net.corners[t, (k + 2) % 3]
        side[k] = np.sqrt((p[b, 0] - p[c, 0]) ** 2 + (p[b, 1] - p[c, 1]) ** 2)
        x, y = x + p[b, 0] / 3.0, y + p[b, 1] / 3.0
    h = size_at(law, x, y)
    i, j = np.argmin(side), np.argmax(side)
    a, b, c = net.corners[t, i], net.corners[t, (i + 1) % 3], net.corners[t, (i + 2) % 3]
    area = 0.5 * turn(p[a, 0], p[a, 1], p[b, 0], p[b, 1], p[c, 0], p[c, 1])
    radius = side[0] * side[1] * side[2] / (4.0 * max(area, 1e-300))
    short = side[i]
    height_j = 2.0 * area / side[j]
    flat = short < FLAT * h or height_j < 0.3 * FLAT * h
    big = radius > rule[0] * h and not (flat and side[j] < rule[2] * h)
    if big or (short < 2.0 * radius * rule[1] and not flat):
        bx, by = p[b, 0] - p[a, 0], p[b, 1] - p[a, 1]
        cx, cy = p[c, 0] - p[a, 0], p[c, 1] - p[a, 1]
        mx, my = 0.5 * (p[b, 0] + p[c, 0]), 0.5 * (p[b, 1] + p[c, 1])
        reach = np.sqrt(max(radius * radius - 0.25 * short * short, 0.0))
        if bx * cx + by * cy < 0.0:
            reach = -reach
        edge = min(max(h, 0.8 * short), 1.35 * short)
        reach = min(reach, np.sqrt(edge * edge - 0.25 * short * short))
        nx, ny = -(p[c, 1] - p[b, 1]) / short, (p[c, 0] - p[b, 0]) / short
        return 1, mx + reach * nx, my + reach * ny
    k1, k2 = (j + 1) % 3, (j + 2) % 3
    cosine = (side[k1] ** 2 + side[k2] ** 2 - side[j] ** 2) / (2.0 * side[k1] * side[k2])
    if flat and cosine < BLUNT:
        a, b, c = net.corners[t, j], net.corners[t, k1], net.corners[t, k2]
        reach = height_j + 1.5 * FLAT * h
        nx, ny = (p[c, 1] - p[b, 1]) / side[j], -(p[c, 0] - p[b, 0]) / side[j]
        return 2 + j, p[a, 0] + reach * nx, p[a, 1] + reach * ny
    return 0, 0.0, 0.0


@njit(cache=True)
def _improve(
    net: Net, law: Floats, t: int, rule: Floats, seen: Integers, stack: Integers
) -> int:
    """Place one point for triangle t; return it, or -1 if none is needed or possible."""
    need, x, y = _wanted(net, law, t, rule)
    if need == 0:
        return -1
    p = net.points
    if need >= 2:
        a = net.corners[t, need - 2]
        u, edge = walk(net, t, need - 2, p[a, 0], p[a, 1], x, y)
        if u < 0 or edge < 0:
            return -1
        return _split_segment(net, u, edge, p[a, 0], p[a, 1], stack)
    a, b, c = net.corners[t, 0], net.corners[t, 1], net.corners[t, 2]
    sx, sy = (p[a, 0] + p[b, 0] + p[c, 0]) / 3.0, (p[a, 1] + p[b, 1] + p[c, 1]) / 3.0
    u, edge = walk(net, t, -1, sx, sy, x, y)
    if u < 0:
        return -1
    if edge >= 0:
        return _halve_segment(net, law, u, edge, stack)
    v, edge = _segment_encroached(net, u, x, y, seen, stack)
    if v >= 0:
        return _halve_segment(net, law, v, edge, stack)
    return split_face(net, u, x, y, stack)


@njit(cache=True)
def refine(
    net: Net, law: Floats, rule: Floats, queued: Booleans, queue: Integers, stack: Integers
) -> int:
    """Refine until every triangle is small and well-shaped enough; 0, or FULL if out of room.

    `rule` holds the greatest circumradius over size, the sine of the smallest angle wanted and
    the greatest edge over size of a flat triangle.
    """
    seen = np.zeros(len(net.corners) + 1, dtype=np.int64)
    head, waiting, room = 0, net.count[1], len(queue)
    for t in range(waiting):
        queue[t], queued[t] = t, True
    while waiting > 0:
        if net.count[0] + 2 > len(net.points) or net.count[1] + 4 > len(net.corners):
            return FULL
        t = queue[head]
        head, waiting = (head + 1) % room, waiting - 1
        queued[t] = False
        point = _improve(net, law, t, rule, seen, stack)
        if point < 0:
            continue
        for back in range(2):
            start = u = net.home[point]
            while u >= 0:
                if not queued[u]:
                    queue[(head + waiting) % room] = u
                    queued[u], waiting = True, waiting + 1
                k = 0
                while net.corners[u, k] != point:
                    k += 1
                u = net.across[u, (k + 1 + back) % 3]
                if u == start:
                    break
            if u == start:
                break
    return 0


@njit(cache=True)
def _worst_shape(net: Net, point: int, around: Integers, n: int) -> float:
    """Return the least area over squared longest edge of the triangles around a point."""
    p, worst = net.points, np.inf
    for i in range(n):
        a, b = net.corners[around[i], 0], net.corners[around[i], 1]
        c = net.corners[around[i], 2]
        long2 = max(
            (p[a, 0] - p[b, 0]) ** 2 + (p[a, 1] - p[b, 1]) ** 2,
            (p[b, 0] - p[c, 0]) ** 2 + (p[b, 1] - p[c, 1]) ** 2,
            (p[c, 0] - p[a, 0]) ** 2 + (p[c, 1] - p[a, 1]) ** 2,
        )
        area = turn(p[a, 0], p[a, 1], p[b, 0], p[b, 1], p[c, 0], p[c, 1])
        worst = min(worst, area / long2)
    return worst


@njit(cache=True)
def smooth(net: Net, law: Floats, bound: Booleans, sweeps: int, stack: Integers) -> None:
    """Move unbound points to the middle of their cells, where no triangle gets worse.

    The middle is the mean of the centres of the triangles around, weighted by area over the
    squared size law (Chen 2004, "Mesh smoothing schemes based on optimal Delaunay
    triangulations").
    """
    p, around = net.points, np.empty(64, dtype=np.int64)
    for _ in range(sweeps):
        for point in range(net.count[0]):
            if bound[point]:
                continue
            start = t = net.home[point]
            n, x, y, total = 0, 0.0, 0.0, 0.0
            while n < 64:
                a, b, c = net.corners[t, 0], net.corners[t, 1], net.corners[t, 2]
                cx = (p[a, 0] + p[b, 0] + p[c, 0]) / 3.0
                cy = (p[a, 1] + p[b, 1] + p[c, 1]) / 3.0
                weight = turn(p[a, 0], p[a, 1], p[b, 0], p[b, 1], p[c, 0], p[c, 1])
                weight /= size_at(law, cx, cy) ** 2
                x, y, total = x + weight * cx, y + weight * cy, total + weight
                around[n] = t
                n += 1
                k = 0
                while net.corners[t, k] != point:
                    k += 1
                t = net.across[t, (k + 1) % 3]
                if t == start:
                    break
            if n == 64:
                continue
            before = _worst_shape(net, point, around, n)
            was_x, was_y = p[point, 0], p[point, 1]
            p[point, 0], p[point, 1] = x / total, y / total
            if _worst_shape(net, point, around, n) < before:
                p[point, 0], p[point, 1] = was_x, was_y
        height = 3 * net.count[1]
        for i in range(height):
            stack[i] = i
        make_delaunay(net, stack, height)
