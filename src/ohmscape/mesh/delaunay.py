"""Constrained Delaunay triangulation of points and segments by edge flips.

Kernels: they trust their input. A triangle is three half-edges 3 t, 3 t + 1, 3 t + 2, one for
each corner in counter-clockwise order; a half-edge stands for its corner and for the edge
opposite to it. Predicates work on differences of coordinates, so that a tiny feature in a wide
box is decided as surely as the box itself. Flips after Lawson (1977), recovery of segments
after Sloan (1993), doi:10.1016/0045-7949(93)90239-A.
"""

from typing import NamedTuple

import numpy as np

from ohmscape.core.types import Floats, Integers
from ohmscape.kernels import inner_kernel, kernel

ROUNDING = 1e-14  #: relative size below which a predicate counts as zero
ON_EDGE = 1e-13  #: relative distance from an edge within which a point lies on it
STEPS = 100_000  #: bound of walks, so that a broken net cannot hang


class Net(NamedTuple):
    """A triangulation with room to grow."""

    points: Floats  #: (room, 2)
    corner: Integers  #: (6 room,) point of each half-edge
    twin: Integers  #: (6 room,) the other half of the opposite edge, -1 where there is none
    kind: Integers  #: (6 room,) kind of the segment that the opposite edge lies on, 0 if free
    home: Integers  #: (room,) a half-edge whose corner the point is
    used: Integers  #: (2,) points and half-edges in use


def empty_net(room: int) -> Net:
    """Return a net of no triangles with room for this many points."""
    return Net(
        np.zeros((room, 2)),
        np.full(6 * room, -1, dtype=np.int64),
        np.full(6 * room, -1, dtype=np.int64),
        np.zeros(6 * room, dtype=np.int64),
        np.full(room, -1, dtype=np.int64),
        np.zeros(2, dtype=np.int64),
    )


@inner_kernel
def following(h: int) -> int:
    """Return the next half-edge of the triangle, counter-clockwise."""
    return h - 2 if h % 3 == 2 else h + 1


@inner_kernel
def turn(points: Floats, a: int, b: int, x: float, y: float) -> float:
    """Return twice the area of point a, point b and (x, y), positive if counter-clockwise."""
    ax, ay = points[a, 0], points[a, 1]
    twice: float = (points[b, 0] - ax) * (y - ay) - (points[b, 1] - ay) * (x - ax)
    return twice


@inner_kernel
def circle_holds(net: Net, h: int, x: float, y: float) -> bool:
    """Tell whether (x, y) lies clearly inside the circle through the triangle of h."""
    p, c, t = net.points, net.corner, h - h % 3
    ax, ay = p[c[t], 0] - x, p[c[t], 1] - y
    bx, by = p[c[t + 1], 0] - x, p[c[t + 1], 1] - y
    cx, cy = p[c[t + 2], 0] - x, p[c[t + 2], 1] - y
    a2, b2, c2 = ax * ax + ay * ay, bx * bx + by * by, cx * cx + cy * cy
    value = a2 * (bx * cy - by * cx) + b2 * (cx * ay - cy * ax) + c2 * (ax * by - ay * bx)
    bound = a2 * (abs(bx * cy) + abs(by * cx)) + b2 * (abs(cx * ay) + abs(cy * ax))
    bound += c2 * (abs(ax * by) + abs(ay * bx))
    inside: bool = value > ROUNDING * bound
    return inside


@inner_kernel
def link(net: Net, h: int, twin: int, kind: int) -> None:
    """Make two half-edges one edge; the second may be -1."""
    net.twin[h], net.kind[h] = twin, kind
    if twin >= 0:
        net.twin[twin], net.kind[twin] = h, kind


@inner_kernel
def may_flip(net: Net, h: int, slack: float) -> bool:
    """Tell whether the edge of h is free and its quadrilateral may be cut the other way."""
    g = net.twin[h]
    if g < 0 or net.kind[h] != 0:
        return False
    p, c = net.points, net.corner
    b = following(h)
    d = c[g]
    one = turn(p, c[h], c[b], p[d, 0], p[d, 1])
    two = -turn(p, c[h], c[following(b)], p[d, 0], p[d, 1])
    return min(one, two) > slack * (one + two)


@inner_kernel
def flip(net: Net, h: int) -> None:
    """Turn an edge: triangles a b c (h at a) and d c b become a b d and d c a."""
    g = net.twin[h]
    b, v = following(h), following(g)
    c, w = following(b), following(v)
    beyond_v, kind_v = net.twin[v], net.kind[v]
    net.home[net.corner[b]], net.home[net.corner[v]] = b, v
    net.corner[c], net.corner[w] = net.corner[g], net.corner[h]
    net.home[net.corner[g]], net.home[net.corner[h]] = g, h
    link(net, g, net.twin[b], net.kind[b])
    link(net, h, beyond_v, kind_v)
    link(net, b, v, 0 * h)


@inner_kernel
def make_delaunay(net: Net, stack: Integers, height: int) -> None:
    """Flip until the edges of the half-edges on the stack, and those they touch, are Delaunay."""
    while height > 0:
        height -= 1
        h = stack[height]
        if not may_flip(net, h, 0.0):
            continue
        g = net.twin[h]
        d = net.corner[g]
        if not circle_holds(net, h, net.points[d, 0], net.points[d, 1]):
            continue
        flip(net, h)
        if height + 4 > len(stack):  # cannot happen with the room that callers give
            return
        stack[height], stack[height + 1] = h, g
        stack[height + 2] = following(following(h))
        stack[height + 3] = following(following(g))
        height += 4


@inner_kernel
def place(net: Net, h: int, on_edge: bool, xy: tuple[float, float], stack: Integers) -> int:
    """Put a point on the edge of h, or into its triangle, and flip; return its number."""
    corner, twin, kind = net.corner, net.twin, net.kind
    point: int = net.used[0]
    n = net.used[1]
    net.points[point, 0], net.points[point, 1] = xy
    net.used[0] += 1
    b, g = following(h), twin[h]
    c = following(b)
    stack[0], stack[1], height = c, n + 2, 2
    if not on_edge:  # a b c becomes a b p, b c p, c a p
        m = n + 3
        corner[n], corner[n + 1], corner[n + 2] = corner[b], corner[c], point
        corner[m], corner[m + 1], corner[m + 2] = corner[c], corner[h], point
        link(net, n + 2, twin[h], kind[h])
        link(net, m + 2, twin[b], kind[b])
        link(net, h, n + 1, 0 * h)
        link(net, n, m + 1, 0 * h)
        link(net, m, b, 0 * h)
        stack[2], height = m + 2, 3
        net.home[corner[c]] = m
        net.used[1] += 6
    else:  # a b c becomes a b p, p c a
        corner[n], corner[n + 1], corner[n + 2] = corner[c], corner[h], point
        link(net, n + 2, twin[b], kind[b])
        link(net, b, n, 0 * h)
        net.home[corner[c]] = n
        net.used[1] += 3
        kind[n + 1], twin[n + 1] = kind[h], -1
    if on_edge and g >= 0:  # d c b becomes d p b, d c p
        m, v = n + 3, following(g)
        w = following(v)
        corner[m], corner[m + 1], corner[m + 2] = corner[g], corner[v], point
        link(net, m + 2, twin[w], kind[w])
        link(net, w, m + 1, 0 * h)
        link(net, n + 1, m, kind[h])
        net.home[corner[v]] = m + 1
        corner[v] = point
        stack[2], stack[3], height = v, m + 2, 4
        net.used[1] += 3
    corner[c] = point
    net.home[point] = c
    make_delaunay(net, stack, height)
    return point


@inner_kernel
def walk(net: Net, h: int, a: tuple[float, float], b: tuple[float, float]) -> int:
    """Go along the line from a to b, beginning in the triangle of h, which it meets.

    Return a half-edge of the triangle that holds b; or -2 less the half-edge whose edge, a
    segment or the end of the net, is in the way; or -1 if lost.
    """
    p, c = net.points, net.corner
    dx, dy = b[0] - a[0], b[1] - a[1]
    for _ in range(STEPS):
        t, out = h - h % 3, -1
        for k in range(t, t + 3):
            v = c[following(k)]
            w = c[following(following(k))]
            right = dx * (p[v, 1] - a[1]) - dy * (p[v, 0] - a[0])
            left = dx * (p[w, 1] - a[1]) - dy * (p[w, 0] - a[0])
            if right <= 0.0 <= left and right < left:
                out = k
        if out < 0:
            return -1
        v = following(out)
        if turn(p, c[v], c[following(v)], b[0], b[1]) >= 0.0:
            return out
        if net.kind[out] != 0 or net.twin[out] < 0:
            return -2 - out
        h = net.twin[out]
    return -1


@inner_kernel
def centre(net: Net, h: int) -> tuple[float, float]:
    """Return the mean of the corners of a triangle."""
    p, c, t = net.points, net.corner, h - h % 3
    x = (p[c[t], 0] + p[c[t + 1], 0] + p[c[t + 2], 0]) / 3.0
    return x, (p[c[t], 1] + p[c[t + 1], 1] + p[c[t + 2], 1]) / 3.0


@kernel
def insert(net: Net, xy: Floats, stack: Integers) -> int:
    """Insert all points, each within the net; return how many were placed."""
    h, p, c = net.home[0], net.points, net.corner
    for i in range(len(xy)):
        to = xy[i, 0], xy[i, 1]
        start, h = h, -1
        for corner in range(5):  # the middle of a needle may lie outside: begin at the frame then
            if h < 0:
                h = walk(net, start, centre(net, start), to)
                start = net.home[corner % 4]
        if h < 0:
            return i
        t, least = h - h % 3, np.inf
        for k in range(t, t + 3):
            v, w = c[following(k)], c[following(following(k))]
            length2 = (p[v, 0] - p[w, 0]) ** 2 + (p[v, 1] - p[w, 1]) ** 2
            off = turn(p, v, w, to[0], to[1]) / length2
            if off < least:
                h, least = k, off
        h = net.home[place(net, h, least <= ON_EDGE, to, stack)]
    return len(xy)


@inner_kernel
def _toward(net: Net, u: int, v: int) -> int:
    """Return the half-edge at u whose edge u v crosses first, -2 less that of edge u v, or -1."""
    p, c = net.points, net.corner
    x, y = p[v, 0], p[v, 1]
    h: int = net.home[u]
    for back in range(2):
        start = h
        for _ in range(STEPS):
            b = following(h)
            a = following(b)
            if c[b] == v or c[a] == v:
                return -2 - (a if c[b] == v else b)
            right, left = turn(p, u, c[b], x, y), turn(p, u, c[a], x, y)
            if right >= 0.0 >= left and right > left and turn(p, c[b], c[a], x, y) < 0.0:
                return h
            g = net.twin[a if back else b]
            if g < 0:
                break
            h = following(g) if not back else following(following(g))
            if h == start:
                return -1
        h = net.home[u]
    return -1


@inner_kernel
def _flip_one(net: Net, h: int, u: int, v: int, seed: int) -> bool:
    """Flip one of the edges that u v crosses, if there is one that then no longer crosses it.

    Otherwise flip one drawn by the seed.
    """
    p, c, chosen, seen = net.points, net.corner, -1, 0
    for _ in range(STEPS):
        g = net.twin[h]
        if g < 0:
            return False
        a, d = c[h], c[g]
        side = turn(p, u, v, p[d, 0], p[d, 1])
        if may_flip(net, h, 1e-12):
            if a == u or d == v or side * turn(p, u, v, p[a, 0], p[a, 1]) > 0.0:
                chosen = h
                break
            seen += 1
            if seed % seen == 0:
                chosen = h
        if d == v:
            break
        h = following(g) if side > 0.0 else following(following(g))
    if chosen >= 0:
        flip(net, chosen)
    return chosen >= 0


@kernel
def recover(net: Net, segments: Integers, stack: Integers) -> int:
    """Make each segment (from, to, kind) an edge of the net; return the first that failed.

    Segments meet only in points of the net. -1 means that all are there and that the free
    edges are Delaunay.
    """
    for s in range(len(segments)):
        u, v, seed = segments[s, 0], segments[s, 1], 1
        h = _toward(net, u, v)
        for _ in range(10_000):
            if h < 0:
                break
            seed = (seed * 1103515245 + 12345) % 2147483648
            if not _flip_one(net, h, u, v, seed // 65536 + 1):
                break
            h = _toward(net, u, v)
        if h >= -1:
            return s
        link(net, -2 - h, net.twin[-2 - h], segments[s, 2])
    for i in range(net.used[1]):
        stack[i] = i
    make_delaunay(net, stack, net.used[1])
    return -1
