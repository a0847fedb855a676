"""Resistivity as users give it - a number, a function of places, a model - and its values."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from ohmscape.core.types import Floats
from ohmscape.errors import SimulationError
from ohmscape.mesh.model import Model

Ground = float | Callable[[Floats], ArrayLike] | Model


def values_at(ground: Ground, places: Floats) -> Floats:
    """Return the resistivity in ohm m at places, shape (n, 3), as given: not checked for sign.

    Raises
    ------
    SimulationError
        A function does not give one value per place.
    """
    if not callable(ground):
        return np.full(len(places), float(ground))
    values = np.asarray(ground(places), dtype=np.float64)
    if values.shape != (len(places),):
        raise SimulationError(
            f"the resistivity function gives shape {values.shape} for {len(places)} points",
            mend="return one value in ohm m per point",
        )
    return values


def refuse_not_positive(values: Floats, places: Floats, axes: str) -> None:
    """Refuse resistivities in ohm m that are not finite and above 0.

    Parameters
    ----------
    values : array, shape (n,)
    places : array, shape (n, len(axes))
        m
    axes : str
        Names of the columns of `places`.

    Raises
    ------
    SimulationError
        There is one; names the first place.
    """
    bad = np.flatnonzero(~(np.isfinite(values) & (values > 0)))
    if len(bad):
        where = zip(axes, places[bad[0]], strict=True)
        raise SimulationError(
            "resistivity is not positive",
            where=", ".join(f"{axis} {at:.6g} m" for axis, at in where),
            mend="give ohm m above 0 everywhere, also far outside the line",
        )
