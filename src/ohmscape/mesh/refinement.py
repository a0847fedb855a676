"""Delaunay refinement of a constrained triangulation down to a size law, and smoothing.

Kernels: they trust their input. Points go where the shortest edge of a triangle that is too
big or too sharp wants its third corner ("off-centres", Üngör 2009,
doi:10.1016/j.comgeo.2008.06.002) unless a segment is in the way; then the segment is halved
(Ruppert 1995, doi:10.1006/jagm.1995.1021). Nothing is refined for its shape below `FLAT` times
the size law: there, between segments nearly side by side or meeting at a small angle, triangles
may be flat, but their corners are put face to face so that no angle comes near 180 degrees.
"""

import numpy as np

from ohmscape.core.types import Booleans, Floats, Integers
from ohmscape.kernels import inner_kernel, kernel
from ohmscape.mesh.delaunay import (
    Net,
    centre,
    circle_holds,
    following,
    make_delaunay,
    place,
    turn,
    walk,
)

FLAT = 0.2  #: share of the size law below which only size counts, not shape
BLUNT = -0.85  #: cosine of the biggest angle of a flat triangle that is left alone
FULL = -2  #: answer when the net has no room left


@kernel
def size_at(law: Floats, x: float, y: float) -> float:
    """Return the wanted edge length: least size + growth * distance over the rows of a law.

    Parameters
    ----------
    law : array, shape (n, 6)
        x, y, size, growth, then the least size and the least growth of all; x increasing.
    x, y : float

    Returns
    -------
    float
    """
    right, end = 0, len(law)
    while right < end:
        middle = (right + end) // 2
        if law[middle, 0] < x:
            right = middle + 1
        else:
            end = middle
    best, left, end = np.inf, right - 1, len(law)
    while left >= 0 or right < end:  # outwards from x until no row can be the least
        to_left = x - law[left, 0] if left >= 0 else np.inf
        to_right = law[right, 0] - x if right < end else np.inf
        i = left if to_left < to_right else right
        dx, dy = law[i, 0] - x, law[i, 1] - y
        if law[i, 4] + law[i, 5] * abs(dx) >= best:
            break
        best = min(best, law[i, 2] + law[i, 3] * np.sqrt(dx * dx + dy * dy))
        if i == left:
            left -= 1
        else:
            right += 1
    return best


@kernel
def measure(law: Floats, ends: Floats, way: Floats, done: Floats) -> int:
    """Integrate 1 / size along the straight line x0, y0, x1, y1; return the number of steps.

    Fills `way` with places from 0 to 1 and `done` with the integral up to them.
    """
    dx, dy = ends[2] - ends[0], ends[3] - ends[1]
    length = np.sqrt(dx * dx + dy * dy)
    way[0] = done[0] = s = 0.0
    n = 0
    while s < length and n < len(way) - 1:
        here = size_at(law, ends[0] + dx * s / length, ends[1] + dy * s / length)
        step = 0.2 * here
        s = length if s + 1.01 * step >= length else s + step
        n += 1
        way[n] = s / length
        middle = 0.5 * (way[n - 1] + way[n])
        here = size_at(law, ends[0] + dx * middle, ends[1] + dy * middle)
        done[n] = done[n - 1] + (way[n] - way[n - 1]) * length / here
    return n


@inner_kernel
def _need(net: Net, law: Floats, rule: Floats, h: int) -> tuple[int, float, float]:
    """Tell what the triangle of h needs: a code, and a point.

    -1: nothing. -2: the off-centre, as it is too big or too sharp. Else, as it is flat and
    blunt: the half-edge at its greatest angle, and a point straight beyond its longest edge.
    """
    p, c, t = net.points, net.corner, h - h % 3
    x, y = centre(net, h)
    size = size_at(law, x, y)
    short = low = t
    short2, long2, product = np.inf, 0.0, 1.0
    for k in range(t, t + 3):
        v, w = c[following(k)], c[following(following(k))]
        side2 = (p[v, 0] - p[w, 0]) ** 2 + (p[v, 1] - p[w, 1]) ** 2
        product *= side2
        if side2 < short2:
            short, short2 = k, side2
        if side2 > long2:
            low, long2 = k, side2
    b, d = c[following(short)], c[following(following(short))]
    area2 = turn(p, b, d, p[c[short], 0], p[c[short], 1])
    radius = np.sqrt(product) / (2.0 * area2)
    longest, shortest = np.sqrt(long2), np.sqrt(short2)
    flat = shortest < FLAT * size or area2 < 0.3 * FLAT * size * longest
    big = radius > rule[0] * size and not (flat and longest < rule[2] * size)
    if big or (shortest < 2.0 * radius * rule[1] and not flat):
        side = min(max(size, 0.8 * shortest), 1.35 * shortest)
        reach = np.sqrt(min(radius * radius, side * side) - 0.25 * short2) / shortest
        x = 0.5 * (p[b, 0] + p[d, 0]) - reach * (p[d, 1] - p[b, 1])
        return -2, x, 0.5 * (p[b, 1] + p[d, 1]) + reach * (p[d, 0] - p[b, 0])
    middle2 = product / (long2 * short2)
    if flat and short2 + middle2 - long2 < 2.0 * BLUNT * np.sqrt(short2 * middle2):
        b, d = c[following(low)], c[following(following(low))]
        reach = area2 / long2 + 1.5 * FLAT * size / longest
        x = p[c[low], 0] + reach * (p[d, 1] - p[b, 1])
        return low, x, p[c[low], 1] - reach * (p[d, 0] - p[b, 0])
    return -1, x, y


@inner_kernel
def _encroached(net: Net, h: int, xy: tuple[float, float], seen: Integers, stack: Integers) -> int:
    """Return a half-edge of a segment that would have (x, y), in the triangle of h, in its circle.

    -1 if there is none.
    """
    p, c = net.points, net.corner
    x, y = xy
    seen[-1] += 1
    tick = seen[-1]
    seen[h // 3], stack[0], height = tick, h - h % 3, 1
    while height > 0:
        height -= 1
        t = stack[height]
        for k in range(t, t + 3):
            v, w = c[following(k)], c[following(following(k))]
            g = net.twin[k]
            if net.kind[k] != 0 or g < 0:
                if (p[v, 0] - x) * (p[w, 0] - x) + (p[v, 1] - y) * (p[w, 1] - y) < 0.0:
                    return k
            elif seen[g // 3] != tick:
                seen[g // 3] = tick
                if circle_holds(net, g, x, y):
                    stack[height] = g - g % 3
                    height += 1
    return -1


@inner_kernel
def _on_segment(net: Net, law: Floats, h: int, at: int) -> tuple[bool, float, float]:
    """Tell whether and where to cut the edge of h: face to face with point `at`, or, if -1, halved.

    Halves are never smaller than shape demands.
    """
    p, v, w = net.points, net.corner[following(h)], net.corner[following(following(h))]
    dx, dy = p[w, 0] - p[v, 0], p[w, 1] - p[v, 1]
    length2 = dx * dx + dy * dy
    share, least = 0.5, 0.0
    if at >= 0:
        gx, gy = p[at, 0] - p[v, 0], p[at, 1] - p[v, 1]
        share = (gx * dx + gy * dy) / length2
        least = max(0.5 * abs(gx * dy - gy * dx) / length2, 1e-7)
    x, y = p[v, 0] + share * dx, p[v, 1] + share * dy
    if at < 0:
        least = FLAT * size_at(law, x, y) / np.sqrt(length2)
    return min(share, 1.0 - share) >= least, x, y


@inner_kernel
def _queue_around(net: Net, point: int, queued: Booleans, queue: Integers, end: int) -> int:
    """Queue the triangles around a point that do not wait yet; return the new end."""
    room = len(queue)
    for back in range(2):
        start = h = net.home[point]
        while h >= 0:
            if not queued[h // 3]:
                queue[end % room], queued[h // 3] = h // 3, True
                end += 1
            b = following(h)
            g = net.twin[following(b)] if back else net.twin[b]
            h = g if g < 0 else following(following(g)) if back else following(g)
            if h == start:
                return end
    return end


@kernel
def refine(
    net: Net, law: Floats, rule: Floats, queued: Booleans, queue: Integers, stack: Integers
) -> int:
    """Refine until every triangle is small and well-shaped enough; 0, or FULL if out of room.

    `rule` holds the greatest circumradius over size, the sine of the smallest angle wanted and
    the greatest edge over size of a flat triangle.
    """
    seen = np.zeros(len(queue) + 1, dtype=np.int64)
    begin, end = 0, net.used[1] // 3
    for t in range(end):
        queue[t], queued[t] = t, True
    while begin < end:
        if net.used[0] + 2 > len(net.points) or net.used[1] + 6 > len(net.corner):
            return FULL
        t = queue[begin % len(queue)]
        begin += 1
        queued[t] = False
        code, x, y = _need(net, law, rule, 3 * t)
        if code == -1:
            continue
        at, go, h, a = -1, True, 3 * t, centre(net, 3 * t)
        if code >= 0:
            at = net.corner[code]
            h, a = code, (net.points[at, 0], net.points[at, 1])
            if net.kind[code] == 0 and net.twin[code] >= 0:
                h = walk(net, net.twin[code], a, (x, y))
            else:
                h = -2 - code
        else:
            h = walk(net, 3 * t, a, (x, y))
        if h == -1 or (code >= 0 and h >= 0):
            continue
        cut = -2 - h if h < 0 else _encroached(net, h, (x, y), seen, stack)
        if cut >= 0:
            go, x, y = _on_segment(net, law, cut, at)
            h = cut
        if go:
            point = place(net, h, cut >= 0, (x, y), stack)
            end = _queue_around(net, point, queued, queue, end)
    return 0


@inner_kernel
def _pull(net: Net, law: Floats, point: int) -> tuple[float, float, float]:
    """Return the least shape of the triangles around an inner point, and their middle.

    Shape is twice the area over the squared longest edge.
    """
    p, c = net.points, net.corner
    worst, total, x, y = np.inf, 0.0, 0.0, 0.0
    start = h = net.home[point]
    while True:
        t = h - h % 3
        at = centre(net, t)
        long2 = 0.0
        for k in range(t, t + 3):
            v, w = c[k], c[following(k)]
            long2 = max(long2, (p[v, 0] - p[w, 0]) ** 2 + (p[v, 1] - p[w, 1]) ** 2)
        area2 = turn(p, c[t], c[t + 1], p[c[t + 2], 0], p[c[t + 2], 1])
        weight = area2 / size_at(law, at[0], at[1]) ** 2
        worst, total = min(worst, area2 / long2), total + weight
        x, y = x + weight * at[0], y + weight * at[1]
        h = following(net.twin[following(h)])
        if h == start:
            return worst, x / total, y / total


@kernel
def smooth(net: Net, law: Floats, bound: Booleans, sweeps: int, stack: Integers) -> None:
    """Move unbound points to the middle of the triangles around, where none gets worse.

    The middle is the mean of the triangles' centres, weighted by area over the squared size law
    (Chen 2004, "Mesh smoothing schemes based on optimal Delaunay triangulations").
    """
    p = net.points
    for _ in range(sweeps):
        for point in range(net.used[0]):
            if bound[point]:
                continue
            before, x, y = _pull(net, law, point)
            x, p[point, 0] = p[point, 0], x
            y, p[point, 1] = p[point, 1], y
            if _pull(net, law, point)[0] < before:
                p[point, 0], p[point, 1] = x, y
        for i in range(net.used[1]):
            stack[i] = i
        make_delaunay(net, stack, net.used[1])
