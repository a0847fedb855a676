"""Where the electrodes of Res2DInv's index arrays stand, x in m along the line."""

import numpy as np

from ohmscape.core import Floats, Remark
from ohmscape.formats._res2dinv_header import MIDDLE, Header

ON_GRID = 0.02  #: part of the spacing by which an electrode may miss the grid

#: code -> order along the line from the left, and the steps between them as (a, n a)
ORDER = {
    1: ("amnb", ((1, 0), (1, 0), (1, 0))),
    2: ("am", ((1, 0),)),
    3: ("bamn", ((1, 0), (0, 1), (1, 0))),
    4: ("bamn", ((1, 0), (1, 0), (1, 0))),
    5: ("ambn", ((1, 0), (1, 0), (1, 0))),
    6: ("amn", ((0, 1), (1, 0))),
    7: ("amnb", ((0, 1), (1, 0), (0, 1))),
}
WITH_N = (3, 6, 7)  #: arrays whose rows have a column n
EQUATORIAL = 8


def index_places(
    header: Header, x: Floats, a: Floats, n: Floats
) -> tuple[Floats, tuple[Remark, ...]]:
    """Return x, y, z of A, B, M, N, NaN where remote, shape (n_data, 4, 3).

    Parameters
    ----------
    header : Header
        Array code and meaning of `x`.
    x, a, n : array, shape (n_data,)
        Location and spacing in m, dipole separation; ``n < 0`` is a reverse pole-dipole.
    """
    first, remarks = _first(header, x, a, np.abs(n))
    places = np.full((len(x), 4, 3), np.nan)
    if header.code == EQUATORIAL:
        far = first + a
        for k, (at, across) in enumerate(
            [(first, 0.0), (first, header.breadth), (far, 0.0), (far, header.breadth)]
        ):
            places[:, k] = np.column_stack([at, np.full(len(x), across), np.zeros(len(x))])
        return places, remarks
    along = _along(header.code, first, a, np.abs(n))
    if header.code == 6:
        mirrored = 2.0 * first + (np.abs(n) + 1.0) * a
        along = {k: np.where(n < 0.0, mirrored - v, v) for k, v in along.items()}
    for name, values in along.items():
        places[:, "abmn".index(name)] = np.column_stack([values, 0.0 * values, 0.0 * values])
    return places, remarks


def _along(code: int, first: Floats, a: Floats, n: Floats) -> dict[str, Floats]:
    names, steps = ORDER[code]
    at, along = first, {names[0]: first}
    for name, (one, many) in zip(names[1:], steps, strict=True):
        at = at + (one + many * n) * a
        along[name] = at
    return along


def _first(header: Header, x: Floats, a: Floats, n: Floats) -> tuple[Floats, tuple[Remark, ...]]:
    """Return x of the leftmost electrode."""
    if header.location != MIDDLE:
        return x, ()
    if header.code == EQUATORIAL:
        return x - 0.5 * a, ()
    steps = ORDER[header.code][1]
    length = sum((one + many * n) * a for one, many in steps)
    if header.code != 6:
        return x - 0.5 * length, ()
    ways = {
        "the middle of the array": x - 0.5 * length,
        "halfway between C1 and the middle of P1 P2": x - 0.5 * (n + 0.5) * a,
        "P1": x - n * a,
    }
    fits = {way: _on_grid(first, a, n, header.spacing) for way, first in ways.items()}
    best = max(ways, key=lambda way: fits[way])
    text = f"mid-point of the pole-dipole array taken as {best}: electrodes stand on the grid so"
    return ways[best], (Remark("warning", text, (), len(x)),)


def _on_grid(first: Floats, a: Floats, n: Floats, spacing: float) -> float:
    """Return the part of the electrodes that share one grid."""
    along = np.concatenate(list(_along(6, first, a, n).values())) / spacing
    offset = along - along[0]
    return float(np.mean(np.abs(offset - np.round(offset)) < ON_GRID))
