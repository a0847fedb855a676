"""The height of the ground anywhere, from electrodes, points or a grid of heights.

Between points the ground is a sum of hyperboloids, one on each point (multiquadrics: Hardy, 1971,
doi:10.1029/JB076i008p01905). Far from its point such a hyperboloid is a cone: the ground
behaves as if stretched, and overshoots little where a spline would swing. Near the point it is
rounded, so that the ground has a tangent plane at an electrode. The weights add up to nothing, so
that far away the ground neither rises nor falls without end. It needs no net of triangles:
points may lie on one line, or very unevenly.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve
from scipy.spatial import KDTree

from ohmscape.core.types import Floats
from ohmscape.errors import MeshError
from ohmscape.kernels import kernel

ROUNDING = 0.5  #: radius of a rounded tip, in distances to the nearest point
SAME = 1e-6  #: part of the extent within which two points are one
MOST_POINTS = 1500  #: points of terrain above which their means over a grid are taken


@dataclass(frozen=True, eq=False)
class Stretched:
    """A surface through points: ``level - sum_i weight_i sqrt(|x - at_i|^2 + rounding_i^2)``."""

    at: Floats  #: (n, 2) x, y in m
    rounding: Floats  #: (n,) m
    weight: Floats  #: (n,)
    level: float  #: m

    def __call__(self, xy: Floats) -> Floats:
        """Return the height in m at places, shape (n, 2)."""
        height = np.full(len(xy), self.level)
        add_hyperboloids(np.ascontiguousarray(xy), self.at, self.rounding, self.weight, height)
        return height


@dataclass(frozen=True, eq=False)
class Dem:
    """Heights on a regular grid, as a quadratic spline that stays between its neighbours.

    Heights are taken as weights of B-splines, and not met exactly: a height of such a
    grid is the mean over a cell. Outside, the ground goes on as at the edge.
    """

    x: Floats  #: (n_x,) evenly increasing, m
    y: Floats  #: (n_y,) evenly increasing, m
    z: Floats  #: (n_y, n_x) m

    def __call__(self, xy: Floats) -> Floats:
        """Return the height in m at places, shape (n, 2)."""
        column, across = _splines(self.x, xy[:, 0])
        row, along = _splines(self.y, xy[:, 1])
        height: Floats = np.einsum(
            "ni,nj,nij->n", along, across, self.z[row[:, :, None], column[:, None, :]]
        )
        return height


@dataclass(frozen=True, eq=False)
class Relief:
    """The ground: what is known of it apart from electrodes, moved so that it meets those."""

    base: Stretched | Dem | None
    rest: Stretched

    def __call__(self, xy: Floats) -> Floats:
        """Return the height in m at places, shape (n, 2)."""
        return self.rest(xy) if self.base is None else self.base(xy) + self.rest(xy)


def relief(electrodes: Floats, terrain: Floats | Dem | None = None) -> Relief:
    """Return the ground through electrodes and, between and beyond them, terrain.

    Parameters
    ----------
    electrodes : array, shape (n, 3)
        x, y, z in m of those on the ground; the ground meets them exactly.
    terrain : array, shape (n_points, 3), or Dem, optional
        Points of the ground, or a grid of heights. Where its level differs from that of the
        electrodes it is moved, smoothly between them.

    Raises
    ------
    MeshError
        Neither electrodes nor terrain, or two heights at one place.
    """
    points = np.asarray(electrodes, dtype=np.float64)
    base = terrain if terrain is None or isinstance(terrain, Dem) else _of_points(terrain)
    if len(points) == 0:
        if base is None:
            raise MeshError("nothing says where the ground is", mend="give terrain")
        return Relief(base, Stretched(np.zeros((1, 2)), np.ones(1), np.zeros(1), 0.0))
    if base is None:
        return Relief(None, _through(points))
    return Relief(base, _through(np.column_stack([points[:, :2], points[:, 2] - base(points)])))


@kernel
def add_hyperboloids(
    xy: Floats, at: Floats, rounding: Floats, weight: Floats, height: Floats
) -> None:
    """Subtract from each height the sum in `Stretched`."""
    for p in range(len(xy)):
        total = 0.0
        for i in range(len(at)):
            dx, dy = xy[p, 0] - at[i, 0], xy[p, 1] - at[i, 1]
            total += weight[i] * np.sqrt(dx * dx + dy * dy + rounding[i] * rounding[i])
        height[p] -= total


def _of_points(terrain: Floats) -> Stretched:
    """Return the surface through points, or through their means if there are too many."""
    points = np.asarray(terrain, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 3 or not len(points) or not np.isfinite(points).all():
        raise MeshError("terrain is no list of points", mend="give finite x, y, z in m")
    if len(points) > MOST_POINTS:
        low, span = points[:, :2].min(axis=0), np.ptp(points[:, :2], axis=0)
        side = float(np.sqrt(max(span.prod(), 1e-6 * span.max() ** 2) / MOST_POINTS))
        cell = ((points[:, :2] - low) / side).astype(np.int64)
        _, group, count = np.unique(cell, axis=0, return_inverse=True, return_counts=True)
        sums = [np.bincount(group.ravel(), points[:, i]) for i in range(3)]
        points = np.stack(sums, axis=1) / count[:, None]
    return _through(points)


def _through(points: Floats) -> Stretched:
    """Return the surface through points, shape (n, 3)."""
    at, z = _apart(points)
    if len(at) == 1:
        return Stretched(at, np.ones(1), np.zeros(1), float(z[0]))
    near = np.asarray(KDTree(at).query(at, k=2)[0])[:, 1]
    rounding = ROUNDING * near
    n, level = len(at), float(z.mean())
    squares = ((at[:, None] - at) ** 2).sum(axis=2)
    scale = float(np.sqrt(squares.max()))
    matrix = np.zeros((n + 1, n + 1))
    matrix[:n, :n] = -np.sqrt(squares + rounding**2) / scale
    matrix[n, :n] = matrix[:n, n] = 1.0
    answer = solve(matrix, np.append(z - level, 0.0))
    return Stretched(at, rounding, answer[:n] / scale, level + float(answer[n]))


def _apart(points: Floats) -> tuple[Floats, Floats]:
    """Return the places of points, each once, and their heights."""
    extent = float(np.ptp(points[:, :2], axis=0).max())
    pairs = KDTree(points[:, :2]).query_pairs(SAME * extent, output_type="ndarray")
    differ = np.abs(points[pairs[:, 0], 2] - points[pairs[:, 1], 2]) > 1e-3 * extent
    if differ.any():
        x, y, z = points[pairs[differ][0, 0]]
        raise MeshError(
            "the ground has two heights at one place",
            where=f"x = {x:.6g} m, y = {y:.6g} m, z = {z:.6g} m",
            mend="mark the lower electrode as buried",
        )
    kept = np.setdiff1d(np.arange(len(points)), pairs.max(axis=1, initial=-1))
    return np.ascontiguousarray(points[kept, :2]), points[kept, 2]


def _splines(knots: Floats, x: Floats) -> tuple[Floats, Floats]:
    """Return which three heights count at x, and how much, both (n, 3)."""
    step = (knots[-1] - knots[0]) / (len(knots) - 1)
    place = np.clip((x - knots[0]) / step, 0.0, len(knots) - 1.0)
    middle = np.round(place)
    t = place - middle
    share = np.stack([(0.5 - t) ** 2 / 2.0, 0.75 - t**2, (0.5 + t) ** 2 / 2.0], axis=1)
    which = np.clip(middle.astype(np.int64)[:, None] + [-1, 0, 1], 0, len(knots) - 1)
    return which, share
