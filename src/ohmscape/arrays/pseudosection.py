"""Where a reading is plotted: mid-point and median depth of investigation of any array."""

import numpy as np

from ohmscape.core.survey import REMOTE
from ohmscape.core.types import Floats, Integers

STEPS = 200  #: depths that are tried before the root is narrowed down
NARROWED = 60  #: halvings of the interval between two of them


def mid_points(along: Floats, abmn: Integers) -> Floats:
    """Return the coordinate along the line that stands for each reading, shape (n_data,).

    Parameters
    ----------
    along : array, shape (n_electrodes,)
        Coordinate of each electrode along the line in m.
    abmn : array of int, shape (n_data, 4)

    Notes
    -----
    Half-way between the middle of A, B and that of M, N. Where one pair lies inside the other
    (Schlumberger, gradient), the middle of the inner pair, where the array sees best. A remote
    electrode does not count.

    Examples
    --------
    >>> along = np.array([0.0, 1.0, 2.0, 3.0, 8.0])
    >>> mid_points(along, np.array([[1, 0, 2, 3], [0, 4, 1, 2], [0, -1, 1, 2]]))
    array([1.5 , 1.5 , 0.75])
    """
    x = np.append(along, np.nan)[abmn].reshape(-1, 2, 2)  # REMOTE = -1 falls on the NaN
    low, high = np.fmin(x[..., 0], x[..., 1]), np.fmax(x[..., 0], x[..., 1])
    middle = 0.5 * (low + high)
    inside = (low > low[:, ::-1]) & (high < high[:, ::-1])
    both = middle.mean(axis=1)
    nested = inside.any(axis=1)
    inner: Floats = np.where(inside[:, 0], middle[:, 0], middle[:, 1])
    return np.where(nested, inner, both)


def median_depths(distance: Floats, depth: Floats, abmn: Integers) -> Floats:
    r"""Return the depth above which half of a reading comes from, shape (n_data,).

    Parameters
    ----------
    distance : array, shape (n_electrodes,)
        Place of each electrode along the line in m.
    depth : array, shape (n_electrodes,)
        Of each electrode below the flat ground in m, 0 or more.
    abmn : array of int, shape (n_data, 4)

    Returns
    -------
    array, shape (n_data,)
        m below ground; NaN where an array sees no signal.

    Notes
    -----
    The share of a thin layer of a homogeneous half-space in the potential, integrated from the
    ground down to z, is for electrodes on the ground and r apart
    :math:`1/r - 1/\sqrt{r^2 + 4 z^2}` (Roy and Apparao, 1971, Geophysics 36; Edwards, 1977,
    Geophysics 42); see `share_above` for buried ones. The depth where the sum over AM, BM, AN, BN
    reaches half of its whole is found numerically, the shallowest if there are several.

    Examples
    --------
    >>> x = np.arange(4.0)
    >>> median_depths(x, np.zeros(4), np.array([[0, 3, 1, 2]])).round(3)  # Wenner: 0.519 a
    array([0.519])
    """
    p, q = abmn[:, [0, 1, 0, 1]], abmn[:, [2, 2, 3, 3]]  # AM BM AN BN
    there = (p != REMOTE) & (q != REMOTE)
    sign = np.where(there, [1.0, -1.0, -1.0, 1.0], 0.0)
    r = np.where(there, np.abs(distance[p] - distance[q]), 1.0)
    at_p, at_q = np.where(there, depth[p], 0.0), np.where(there, depth[q], 0.0)
    kind = np.round(np.hstack([sign, r, at_p, at_q]) / max(float(r.max(initial=0.0)), 1e-300), 12)
    _, first, kind_of = np.unique(kind, axis=0, return_index=True, return_inverse=True)
    depths = _halved(sign[first], r[first], at_p[first], at_q[first])
    spread: Floats = depths[kind_of.ravel()]
    return spread


def _halved(sign: Floats, r: Floats, at_p: Floats, at_q: Floats) -> Floats:
    """Return the depth above which half of a weighted sum of poles comes from, all (n, 4)."""
    reach = np.where(sign != 0.0, np.hypot(r, at_p + at_q), 0.0).max(axis=1)

    def share(z: Floats) -> Floats:
        above: Floats = (sign * share_above(z[:, None], r, at_p, at_q)).sum(axis=1)
        return above

    with np.errstate(divide="ignore", invalid="ignore"):
        whole = (sign * share_above(np.array(np.inf), r, at_p, at_q)).sum(axis=1)
        rungs = np.geomspace(1e-4, 1e2, STEPS)[:, None] * reach
        passed = np.array([share(z) / whole for z in rungs]) >= 0.5
        first = passed.argmax(axis=0)
        column = np.arange(len(sign))
        high = rungs[first, column]
        low = np.where(first > 0, rungs[np.maximum(first - 1, 0), column], 0.0)
        for _ in range(NARROWED):
            middle = 0.5 * (low + high)
            beyond = share(middle) / whole >= 0.5
            low, high = np.where(beyond, low, middle), np.where(beyond, middle, high)
    size = np.abs(sign * share_above(np.array(np.inf), r, at_p, at_q)).sum(axis=1)
    silent = np.abs(whole) <= 1e-12 * size
    return np.where(silent | ~passed.any(axis=0), np.nan, high)


def share_above(z: Floats, r: Floats, a: Floats, b: Floats) -> Floats:
    r"""Return what the ground above depth z adds to the potential of a pole, times 4 pi over rho I.

    Parameters
    ----------
    z : array
        m below the flat ground.
    r : array
        Horizontal distance of the two electrodes in m.
    a, b : array
        Their depths in m.

    Notes
    -----
    The sensitivity :math:`\int \nabla G_a \cdot \nabla G_b \, dx \, dy` of a thin layer has a
    closed form in each of the three layers that the two depths make. With a <= b and
    :math:`u(c) = 1/\sqrt{r^2 + c^2}`, twice its integral is

    - above a: u(a+b-2z) - u(a+b+2z), and then, added to the value at the layer's top,
    - from a to b: u(a+b) - u(2z+b-a) + u(3a+b) - u(2z+b+a),
    - below b: the sum over the four signs of u(2b±a±b) - u(2z±a±b).

    At z = infinity it is 1/\|PQ\| + 1/\|P'Q\|, P' the image of P in the surface.
    """
    a, b = np.minimum(a, b), np.maximum(a, b)

    def u(c: Floats) -> Floats:
        size = np.hypot(r, c)
        with np.errstate(divide="ignore"):
            inverse: Floats = 1.0 / size
        return inverse

    over, between, under = np.minimum(z, a), np.clip(z, a, b), np.maximum(z, b)
    with np.errstate(invalid="ignore"):
        top = np.where(over > 0.0, u(a + b - 2 * over) - u(a + b + 2 * over), 0.0)
        middle = sum(u(a + b + c) - u(2 * between + b - a + c) for c in (0.0, 2 * a))
        bottom = sum(
            u(2 * b + s * a + t * b) - u(2 * under + s * a + t * b)
            for s in (1.0, -1.0)
            for t in (1.0, -1.0)
        )
        middle = np.where(between > a, middle, 0.0)
        bottom = np.where(under > b, bottom, 0.0)
    total: Floats = 0.5 * (top + middle + bottom)
    return total
