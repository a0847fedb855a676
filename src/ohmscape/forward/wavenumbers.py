r"""Wavenumbers and weights that bring the field of a point source back from the wavenumber domain.

In two and a half dimensions the potential is :math:`\varphi = \frac{1}{\pi} \int_0^\infty u\,dk`,
u the potential of a line source that varies as :math:`\cos k y`. The integral is taken as a sum
with wavenumbers and weights fitted so that :math:`\sum w_l K_0(k_l r) = 1/r`, its slope and its
curvature (Xu, Duan and Zhang, 2000, with derivatives added for the sake of dipoles). The fits for
many ratios of longest to shortest distance are a table beside this module.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from ohmscape.core.types import Floats
from ohmscape.errors import SimulationError
from ohmscape.forward.bessel import scaled_bessel

_TABLE = Path(__file__).with_name("wavenumbers.json")


@dataclass(frozen=True, eq=False)
class Wavenumbers:
    """A quadrature over wavenumbers for a range of distances."""

    k: Floats  #: (n,) 1/m
    weight: Floats  #: (n,) 1/m; potential = sum(weight * u) / 2 for u of a unit current
    error: Floats  #: (3,) largest relative error of 1/r, of its slope and of its curvature

    def error_at(self, r: Floats) -> Floats:
        """Return the relative error of 1/r at distances in m, shape (n,)."""
        z = r[:, None] * self.k
        k0 = np.exp(-z) * scaled_bessel(z)[0]
        error: Floats = r * (k0 @ self.weight) - 1.0
        return error


@cache
def _table() -> dict[str, list[dict[str, list[float] | float]]]:
    table: dict[str, list[dict[str, list[float] | float]]] = json.loads(_TABLE.read_text())
    return table


def wavenumbers(shortest: float, longest: float, count: int = 8) -> Wavenumbers:
    """Return the quadrature for distances from `shortest` to `longest`, in m.

    Parameters
    ----------
    shortest, longest : float
    count : int
        8 or 16.

    Raises
    ------
    SimulationError
        The distances span more than the table.
    """
    ratio = longest / shortest
    for entry in _table()[str(count)]:
        if entry["ratio"] >= ratio:  # type: ignore[operator]
            return Wavenumbers(
                np.array(entry["k"]) / shortest,
                np.array(entry["w"]) / shortest,
                np.array(entry["error"]),
            )
    raise SimulationError(
        f"electrode distances span a ratio of {ratio:.0f}",
        mend="split the survey, or leave out the shortest distances: the limit is 8192",
    )
