"""Potentials of point electrodes in grounds that have closed forms. x, y, z in m, z up.

Each ground is a function that returns ``G``, shape (n, n): ``G[i, j]`` is the potential in V at
electrode j for a current of 1 A into electrode i, against infinity. The diagonal is infinite. All
are exact but for rounding and for series and quadratures carried to about 1e-12.
"""

import numpy as np
from scipy.special import hankel1

from ohmscape.core import REMOTE

SMALL = 1e-14  #: weight at which an image series ends
TERMS = 200_000  #: images at most
CHUNK = 2_000_000  #: pairs times images at a time


def quadrupole(G, abmn):
    """Return ``(V_M - V_N) / I`` in ohm of readings, shape (n_data,); `REMOTE` adds nothing."""
    a, b, m, n = np.asarray(abmn).T

    def pole(p, q):
        return np.where((p == REMOTE) | (q == REMOTE), 0.0, G[p, q])

    return pole(a, m) - pole(b, m) - pole(a, n) + pole(b, n)


def half_space(positions, rho, surface=0.0):
    """Ground of one resistivity in ohm m below a flat surface; electrodes on it or buried."""
    x, y, z = _differences(positions)
    mirrored = _sums(positions[:, 2] - surface)
    with np.errstate(divide="ignore"):
        return rho / (4 * np.pi) * (1 / _length(x, y, z) + 1 / _length(x, y, mirrored))


def two_layers(positions, rho, thickness, surface=0.0):
    """Layer over a half-space: ``rho`` (2,) in ohm m; electrodes anywhere at or below the surface.

    Image series of a slab between air and the lower half-space; for electrodes at the surface
    ``V = rho_1 I / (2 pi) [1/r + 2 sum q^n / sqrt(r^2 + (2 n h)^2)]``.
    """
    x, y, _ = _differences(positions)
    depth = surface - positions[:, 2]
    across = x**2 + y**2
    return _slab(depth, across, (0.0, thickness), (np.inf, *rho))


def layers(positions, rho, thickness):
    """Horizontal layers, ``rho`` (n,) in ohm m, ``thickness`` (n - 1,) in m; electrodes at the top.

    ``V = I / (2 pi) int T(l) J0(l r) dl`` with ``T`` from the bottom up:
    ``T_i = (T_{i+1} + rho_i tanh(l h_i)) / (1 + T_{i+1} tanh(l h_i) / rho_i)`` (Koefoed, 1979).

    J0 is the real part of the Hankel function, T has no singularity off the imaginary axis, so the
    path is turned by 45 degrees, where the integrand decays instead of oscillating. With
    ``l = exp(t)`` the trapezoidal rule converges exponentially at any r and any thickness.
    """
    x, y, _ = _differences(positions)
    distance, back = np.unique(np.round(_length(x, y), 10), return_inverse=True)  # few differ
    potential = np.full(len(distance), np.inf)
    some = distance > 0
    r = distance[some]
    step = 0.1
    t = np.arange(np.log(1e-16 / r.max(initial=1.0)), np.log(60.0 / r.min(initial=1.0)), step)
    wave = np.exp(t) * np.exp(0.25j * np.pi)
    kernel = np.full(len(wave), rho[-1], dtype=complex)
    for rho_i, h in zip(rho[-2::-1], thickness[::-1], strict=True):
        damped = np.exp(-2 * wave * h)
        tanh = (1 - damped) / (1 + damped)
        kernel = (kernel + rho_i * tanh) / (1 + kernel * tanh / rho_i)
    bessel = hankel1(0, wave[None] * r[:, None])
    potential[some] = (bessel @ (kernel * wave)).real * step / (2 * np.pi)
    return potential[back].reshape(x.shape)


def contact(positions, rho, x0=0.0, surface=0.0):
    """Vertical contact at ``x0``: ``rho`` (2,) in ohm m to the left and right of it.

    Electrodes anywhere, also exactly on the contact, at or below the surface.
    """
    left = positions[:, 0] <= x0
    own = np.where(left, *rho)
    other = np.where(left, *rho[::-1])
    q = (other - own) / (other + own)
    x, y, z = _differences(positions)
    mirrored = _sums(positions[:, 0] - x0)
    total = 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        for depth in (z, _sums(positions[:, 2] - surface)):
            direct = 1 / _length(x, y, depth)
            away = _length(np.where(left[:, None] == left[None], mirrored, x), y, depth)
            image = np.divide(q[:, None], away)
            total = total + np.where(np.isinf(direct), np.inf, direct + image)
    return own[:, None] * total / (4 * np.pi)


def dyke(positions, rho, x1, x2, surface=0.0):
    """Vertical dyke from ``x1`` to ``x2``: ``rho`` (3,) in ohm m of left host, dyke, right host.

    Electrodes in all three zones and on the contacts, at or below the surface. Image series;
    48 electrodes take 0.2 s at contrasts of 100, 1 s at 1000, 10 s at 1e4 on both sides.
    """
    _, y, z = _differences(positions)
    x = positions[:, 0]
    G = _slab(x, y**2 + z**2, (x1, x2), rho)
    return G + _slab(x, y**2 + _sums(positions[:, 2] - surface) ** 2, (x1, x2), rho)


def ridge(positions, rho, crest=(0.0, 0.0)):
    """Ground of one resistivity under a ridge of 90 degrees, ``z < z_crest - |x - x_crest|``.

    Its faces are perpendicular, so three images make both of them tight.
    """
    x, z = positions[:, 0] - crest[0], positions[:, 2] - crest[1]
    _, y, _ = _differences(positions)
    total = 0.0
    with np.errstate(divide="ignore"):
        for image_x, image_z in ((x, z), (-z, -x), (z, x), (-x, -z)):
            dx, dz = image_x[:, None] - x[None], image_z[:, None] - z[None]
            total = total + 1 / _length(dx, y, dz)
    return rho / (4 * np.pi) * total


def _differences(positions):
    return np.moveaxis(positions[:, None] - positions[None], -1, 0)


def _sums(u):
    return u[:, None] + u[None]


def _length(*components):
    return np.sqrt(sum(c**2 for c in components))


def _reflection(own, other):
    """Return the weight of the image that a plane with another ground behind it makes."""
    return 1.0 if np.isinf(other) else (other - own) / (other + own)


def _slab(u, across, edges, rho):
    """Potential in a whole space of three zones divided by two parallel planes.

    Parameters
    ----------
    u : array, shape (n,)
        Coordinate of electrodes across the planes.
    across : array, shape (n, n)
        Squared distance between electrodes parallel to the planes.
    edges : two floats
        Coordinates of the planes; electrodes on them belong to the zone between.
    rho : three floats
        Resistivity before, between and after the planes; infinite is air.
    """
    begin, end = edges
    source, receiver = np.broadcast_arrays(u[:, None], u[None])
    pairs = np.column_stack([a.ravel() for a in (source, receiver, across)])
    _, first, back = np.unique(np.round(pairs, 10), axis=0, return_index=True, return_inverse=True)
    unique = pairs[first]
    s, t, w = unique.T
    total = np.full(len(unique), np.inf)
    apart = (s != t) | (w > 0)
    for zone in (s < begin, (s >= begin) & (s <= end)):
        total[zone & apart] = _images(*unique[zone & apart].T, edges, rho)
    after = (s > end) & apart  # the same, seen from the other side
    total[after] = _images(-s[after], -t[after], w[after], (-end, -begin), rho[::-1])
    return total[back].reshape(across.shape)


def _images(s, t, w, edges, rho):
    """Sum the images of sources that lie all before the slab, or all in it."""
    if len(s) == 0:
        return np.empty(0)
    begin, end = edges
    before, between, after = t < begin, (t >= begin) & (t <= end), t > end
    k_before, k_after = _reflection(rho[1], rho[0]), _reflection(rho[1], rho[2])
    around = k_before * k_after  # weight of once to and fro
    if abs(around) >= 1:
        raise ValueError("the image series of a slab between insulators does not converge")
    terms = 1 if around == 0 else 1 + int(np.log(SMALL) / np.log(abs(around)))
    if terms > TERMS:
        raise ValueError(f"{terms} images: contrast too high")
    inside = s[0] >= begin
    own = rho[1] if inside else rho[0]
    into = 1.0 if inside else 1 + _reflection(rho[0], rho[1])
    total = np.zeros(len(s))

    def add(rows, place, weight):
        each = weight / np.sqrt((t[rows][:, None] - place) ** 2 + w[rows][:, None])
        total[rows] += each.sum(axis=1)

    size = max(1, CHUNK // len(s))
    for first in range(0, terms, size):
        m = np.arange(first, min(first + size, terms))
        power, shift = into * around**m, 2 * (end - begin) * m
        later, more = m > 0, s[:, None]
        if not inside:
            add(between, more[between] - shift, power)
            add(between, 2 * end - more[between] + shift, k_after * power)
            add(after, more[after] - shift, (1 + k_after) * power)
            back = (1 + k_before) * k_after * power
            add(before, 2 * end - more[before] + shift, back)
            continue
        add(between, more[between] - shift, power)
        add(between, (more[between] + shift)[:, later], power[later])
        add(between, 2 * end - more[between] + shift, k_after * power)
        add(between, 2 * begin - more[between] - shift, k_before * power)
        add(after, more[after] - shift, (1 + k_after) * power)
        add(after, 2 * begin - more[after] - shift, (1 + k_after) * k_before * power)
        add(before, more[before] + shift, (1 + k_before) * power)
        add(before, 2 * end - more[before] + shift, (1 + k_before) * k_after * power)
    if not inside:
        add(before, s[before][:, None], np.ones(1))
        mirror = _reflection(rho[0], rho[1]) * np.ones(1)
        add(before, 2 * begin - s[before][:, None], mirror)
    return own * total / (4 * np.pi)
