"""Constrained Delaunay triangulation of points and segments by edge flips.

Kernels: they trust their input. Triangles are counter-clockwise; edge k of a triangle lies
opposite its corner k. Predicates work on differences of coordinates, so that a tiny feature
in a wide box is decided as surely as the box itself. Flips after Lawson (1977), recovery of
segments after Sloan (1993), doi:10.1016/0045-7949(93)90239-A.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from ohmscape.core.types import Floats, Integers

ROUNDING = 1e-14  #: relative size below which a predicate counts as zero
STEPS = 100_000  #: bound of walks, so that a broken net cannot hang


class Net(NamedTuple):
    """A triangulation with room to grow."""

    points: Floats  #: (room, 2)
    corners: Integers  #: (2 room, 3) point numbers, counter-clockwise
    across: Integers  #: (2 room, 3) triangle beyond each edge, -1 where there is none
    fixed: Integers  #: (2 room, 3) kind of the segment that an edge lies on, 0 if free
    home: Integers  #: (room,) a triangle at each point
    count: Integers  #: (2,) points and triangles in use


def empty_net(room: int) -> Net:
    """Return a net of no triangles with room for this many points."""
    return Net(
        np.zeros((room, 2)),
        np.full((2 * room, 3), -1, dtype=np.int64),
        np.full((2 * room, 3), -1, dtype=np.int64),
        np.zeros((2 * room, 3), dtype=np.int64),
        np.full(room, -1, dtype=np.int64),
        np.zeros(2, dtype=np.int64),
    )


@njit(cache=True)
def turn(ax: float, ay: float, bx: float, by: float, cx: float, cy: float) -> float:
    """Return twice the area of a, b, c, positive if counter-clockwise."""
    return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)


@njit(cache=True)
def in_circle(points: Floats, a: int, b: int, c: int, d: int) -> bool:
    """Tell whether d lies clearly inside the circle through a, b, c (counter-clockwise)."""
    ax, ay = points[a, 0] - points[d, 0], points[a, 1] - points[d, 1]
    bx, by = points[b, 0] - points[d, 0], points[b, 1] - points[d, 1]
    cx, cy = points[c, 0] - points[d, 0], points[c, 1] - points[d, 1]
    a2, b2, c2 = ax * ax + ay * ay, bx * bx + by * by, cx * cx + cy * cy
    value = a2 * (bx * cy - by * cx) + b2 * (cx * ay - cy * ax) + c2 * (ax * by - ay * bx)
    bound = a2 * (abs(bx * cy) + abs(by * cx)) + b2 * (abs(cx * ay) + abs(cy * ax))
    bound += c2 * (abs(ax * by) + abs(ay * bx))
    return value > ROUNDING * bound


@njit(cache=True)
def _write(net: Net, t: int, a: int, b: int, c: int) -> None:
    net.corners[t, 0], net.corners[t, 1], net.corners[t, 2] = a, b, c
    net.home[a] = net.home[b] = net.home[c] = t


@njit(cache=True)
def _join(net: Net, t: int, k: int, u: int, j: int, kind: int) -> None:
    """Make edge k of t and edge j of u one edge; u may be -1."""
    net.across[t, k], net.fixed[t, k] = u, kind
    if u >= 0:
        net.across[u, j], net.fixed[u, j] = t, kind


@njit(cache=True)
def mirror(net: Net, t: int, k: int) -> int:
    """Return the number that edge k of t has in the triangle beyond, -1 if there is none."""
    u = net.across[t, k]
    if u < 0:
        return -1
    b = net.corners[t, (k + 1) % 3]
    for j in range(3):
        if net.corners[u, (j + 2) % 3] == b:
            return j
    return -1


@njit(cache=True)
def _flip(net: Net, t: int, k: int) -> None:
    """Turn edge k of t in its quadrilateral a b d c: t becomes a b d, u becomes a d c."""
    u, j = net.across[t, k], mirror(net, t, k)
    a, b, c = net.corners[t, k], net.corners[t, (k + 1) % 3], net.corners[t, (k + 2) % 3]
    d = net.corners[u, j]
    bd, dc = (j + 1) % 3, (j + 2) % 3
    ca, ab = (k + 1) % 3, (k + 2) % 3
    n1, m1, f1 = net.across[u, bd], mirror(net, u, bd), net.fixed[u, bd]
    n2, m2, f2 = net.across[u, dc], mirror(net, u, dc), net.fixed[u, dc]
    n3, m3, f3 = net.across[t, ca], mirror(net, t, ca), net.fixed[t, ca]
    n4, m4, f4 = net.across[t, ab], mirror(net, t, ab), net.fixed[t, ab]
    _write(net, t, a, b, d)
    _write(net, u, a, d, c)
    _join(net, t, 0, n1, m1, f1)
    _join(net, t, 2, n4, m4, f4)
    _join(net, u, 0, n2, m2, f2)
    _join(net, u, 1, n3, m3, f3)
    _join(net, t, 1, u, 2, 0)


@njit(cache=True)
def _is_convex(net: Net, t: int, k: int, slack: float) -> bool:
    """Tell whether the quadrilateral around edge k of t may be cut the other way."""
    p, u = net.points, net.across[t, k]
    a, b, c = net.corners[t, k], net.corners[t, (k + 1) % 3], net.corners[t, (k + 2) % 3]
    d = net.corners[u, mirror(net, t, k)]
    one = turn(p[a, 0], p[a, 1], p[b, 0], p[b, 1], p[d, 0], p[d, 1])
    two = turn(p[a, 0], p[a, 1], p[d, 0], p[d, 1], p[c, 0], p[c, 1])
    return one > slack * (one + two) and two > slack * (one + two)


@njit(cache=True)
def make_delaunay(net: Net, stack: Integers, height: int) -> None:
    """Flip until the edges on the stack (3 t + k), and those they touch, are Delaunay."""
    while height > 0:
        height -= 1
        t, k = stack[height] // 3, stack[height] % 3
        u = net.across[t, k]
        if u < 0 or net.fixed[t, k] != 0:
            continue
        a, b, c = net.corners[t, k], net.corners[t, (k + 1) % 3], net.corners[t, (k + 2) % 3]
        d = net.corners[u, mirror(net, t, k)]
        if not in_circle(net.points, a, b, c, d) or not _is_convex(net, t, k, 0.0):
            continue
        _flip(net, t, k)
        if height + 4 > len(stack):  # cannot happen while every edge is stacked once
            return
        for edge in (3 * t, 3 * t + 2, 3 * u, 3 * u + 1):
            stack[height] = edge
            height += 1


@njit(cache=True)
def split_edge(net: Net, t: int, k: int, x: float, y: float, stack: Integers) -> int:
    """Put a point on edge k of t and restore the Delaunay property; return its number."""
    u, j, kind = net.across[t, k], mirror(net, t, k), net.fixed[t, k]
    a, b, c = net.corners[t, k], net.corners[t, (k + 1) % 3], net.corners[t, (k + 2) % 3]
    p, t2 = net.count[0], net.count[1]
    net.points[p, 0], net.points[p, 1] = x, y
    n, m, f = net.across[t, (k + 1) % 3], mirror(net, t, (k + 1) % 3), net.fixed[t, (k + 1) % 3]
    n0, m0, f0 = net.across[t, (k + 2) % 3], mirror(net, t, (k + 2) % 3), net.fixed[t, (k + 2) % 3]
    net.count[0] += 1
    net.count[1] += 1
    d, n1, m1, f1, n2, m2, f2 = -1, -1, -1, 0, -1, -1, 0
    if u >= 0:
        d, g, h = net.corners[u, j], (j + 1) % 3, (j + 2) % 3
        n1, m1, f1 = net.across[u, g], mirror(net, u, g), net.fixed[u, g]
        n2, m2, f2 = net.across[u, h], mirror(net, u, h), net.fixed[u, h]
    _write(net, t, a, b, p)
    _write(net, t2, a, p, c)
    _join(net, t, 2, n0, m0, f0)
    _join(net, t2, 1, n, m, f)
    _join(net, t, 1, t2, 2, 0)
    _join(net, t, 0, -1, -1, kind)
    _join(net, t2, 0, -1, -1, kind)
    stack[0], stack[1], height = 3 * t + 2, 3 * t2 + 1, 2
    if u >= 0:
        u2 = net.count[1]
        net.count[1] += 1
        _write(net, u, d, c, p)
        _write(net, u2, d, p, b)
        _join(net, u, 2, n2, m2, f2)
        _join(net, u2, 1, n1, m1, f1)
        _join(net, u, 1, u2, 2, 0)
        _join(net, t, 0, u2, 0, kind)
        _join(net, t2, 0, u, 0, kind)
        stack[2], stack[3], height = 3 * u + 2, 3 * u2 + 1, 4
    make_delaunay(net, stack, height)
    return p


@njit(cache=True)
def split_face(net: Net, t: int, x: float, y: float, stack: Integers) -> int:
    """Put a point inside t and restore the Delaunay property; return its number."""
    a, b, c = net.corners[t, 0], net.corners[t, 1], net.corners[t, 2]
    p, u, v = net.count[0], net.count[1], net.count[1] + 1
    net.points[p, 0], net.points[p, 1] = x, y
    n0, m0, f0 = net.across[t, 0], mirror(net, t, 0), net.fixed[t, 0]
    n1, m1, f1 = net.across[t, 1], mirror(net, t, 1), net.fixed[t, 1]
    net.count[0] += 1
    net.count[1] += 2
    _write(net, t, a, b, p)
    _write(net, u, b, c, p)
    _write(net, v, c, a, p)
    _join(net, u, 2, n0, m0, f0)
    _join(net, v, 2, n1, m1, f1)
    _join(net, t, 0, u, 1, 0)
    _join(net, u, 0, v, 1, 0)
    _join(net, v, 0, t, 1, 0)
    stack[0], stack[1], stack[2] = 3 * t + 2, 3 * u + 2, 3 * v + 2
    make_delaunay(net, stack, 3)
    return p


@njit(cache=True)
def walk(
    net: Net, t: int, k: int, sx: float, sy: float, x: float, y: float
) -> tuple[int, int]:
    """Go from s in t straight to (x, y), out through edge k first if k >= 0.

    Return the triangle there and -1, or the triangle and edge where a segment or the end of
    the net is in the way, or -1, -1 if lost.
    """
    p = net.points
    for _ in range(STEPS):
        if k < 0:
            for j in range(3):
                b, c = net.corners[t, (j + 1) % 3], net.corners[t, (j + 2) % 3]
                right = turn(sx, sy, x, y, p[b, 0], p[b, 1])
                left = turn(sx, sy, x, y, p[c, 0], p[c, 1])
                if right <= 0.0 <= left and right < left:
                    k = j
                    break
            if k < 0:
                return -1, -1
        b, c = net.corners[t, (k + 1) % 3], net.corners[t, (k + 2) % 3]
        if turn(p[b, 0], p[b, 1], p[c, 0], p[c, 1], x, y) >= 0.0:
            return t, -1
        if net.fixed[t, k] != 0 or net.across[t, k] < 0:
            return t, k
        t, k = net.across[t, k], -1
    return -1, -1


@njit(cache=True)
def insert(net: Net, xy: Floats, first: int, stack: Integers) -> int:
    """Insert all points, each within the net; return how many were placed."""
    t = first
    for i in range(len(xy)):
        x, y = xy[i, 0], xy[i, 1]
        a, b, c = net.corners[t, 0], net.corners[t, 1], net.corners[t, 2]
        p = net.points
        sx = (p[a, 0] + p[b, 0] + p[c, 0]) / 3.0
        sy = (p[a, 1] + p[b, 1] + p[c, 1]) / 3.0
        t, edge = walk(net, t, -1, sx, sy, x, y)
        if t < 0:
            return i
        for j in range(3):
            b, c = net.corners[t, (j + 1) % 3], net.corners[t, (j + 2) % 3]
            length2 = (p[b, 0] - p[c, 0]) ** 2 + (p[b, 1] - p[c, 1]) ** 2
            if turn(p[b, 0], p[b, 1], p[c, 0], p[c, 1], x, y) <= 1e-13 * length2:
                edge = j
        if edge >= 0:
            t = net.home[split_edge(net, t, edge, x, y, stack)]
        else:
            t = net.home[split_face(net, t, x, y, stack)]
    return len(xy)


@njit(cache=True)
def _toward(net: Net, u: int, v: int) -> tuple[int, int, bool]:
    """Return triangle and edge at u that is the edge u v (True) or that u v crosses first."""
    p = net.points
    t, back = net.home[u], False
    for _ in range(STEPS):
        k = 0
        while net.corners[t, k] != u:
            k += 1
        b, c = net.corners[t, (k + 1) % 3], net.corners[t, (k + 2) % 3]
        if b == v:
            return t, (k + 2) % 3, True
        if c == v:
            return t, (k + 1) % 3, True
        right = turn(p[u, 0], p[u, 1], p[v, 0], p[v, 1], p[b, 0], p[b, 1])
        left = turn(p[u, 0], p[u, 1], p[v, 0], p[v, 1], p[c, 0], p[c, 1])
        ahead = turn(p[b, 0], p[b, 1], p[c, 0], p[c, 1], p[v, 0], p[v, 1])
        if right <= 0.0 <= left and right < left and ahead < 0.0:
            return t, k, False
        after = net.across[t, (k + 2) % 3] if back else net.across[t, (k + 1) % 3]
        if after < 0 and not back:
            back = True
            after = net.home[u]
            k = 0
            while net.corners[after, k] != u:
                k += 1
            after = net.across[after, (k + 2) % 3]
        if after < 0:
            break
        t = after
    return -1, -1, False


@njit(cache=True)
def _flip_one(net: Net, t: int, k: int, u: int, v: int, seed: int) -> bool:
    """Flip one of the edges that u v crosses, if it can one that then no longer crosses."""
    p, chosen, choice, seen = net.points, -1, -1, 0
    for _ in range(STEPS):
        beyond, j = net.across[t, k], mirror(net, t, k)
        a, d = net.corners[t, k], net.corners[beyond, j]
        side = turn(p[u, 0], p[u, 1], p[v, 0], p[v, 1], p[d, 0], p[d, 1])
        if net.fixed[t, k] == 0 and _is_convex(net, t, k, 1e-12):
            side_a = turn(p[u, 0], p[u, 1], p[v, 0], p[v, 1], p[a, 0], p[a, 1])
            if a == u or d == v or side * side_a > 0.0:
                _flip(net, t, k)
                return True
            seen += 1
            if seed % seen == 0:
                chosen, choice = t, k
        if d == v:
            break
        # d left of u v: the way goes on through the edge right of d, which is d b
        t, k = beyond, (j + 1) % 3 if side > 0.0 else (j + 2) % 3
        # edges of `beyond` = (d, c, b): (j + 1) lies opposite c and joins b d
    if chosen >= 0:
        _flip(net, chosen, choice)
    return chosen >= 0


@njit(cache=True)
def recover(net: Net, segments: Integers) -> int:
    """Make each segment (from, to, kind) an edge of the net; return the first that failed.

    Segments meet only in points of the net. -1 means that all are there.
    """
    for s in range(len(segments)):
        u, v, kind = segments[s, 0], segments[s, 1], segments[s, 2]
        seed = 1
        for _ in range(10_000):
            t, k, there = _toward(net, u, v)
            if there:
                _join(net, t, k, net.across[t, k], mirror(net, t, k), kind)
                seed = 0
                break
            seed = (seed * 1103515245 + 12345) % 2147483648
            if t < 0 or not _flip_one(net, t, k, u, v, seed // 65536 + 1):
                return s
        if seed != 0:
            return s
    return -1
