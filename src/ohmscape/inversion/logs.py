"""Resistivities known from boreholes, as a reference near them."""

from dataclasses import dataclass

import numpy as np

from ohmscape.core.types import Floats
from ohmscape.errors import InversionError

REACH = 3.0  #: times the electrode spacing to the side, where nothing is said
LEAST = 1e-3  #: weight below which a log says nothing


@dataclass(frozen=True, eq=False)
class Log:
    """Resistivities measured along a borehole.

    Parameters
    ----------
    places : array, shape (n, 2)
        Coordinate along the line and z in m.
    resistivity : array, shape (n,)
        ohm m.
    reach : float, optional
        m to the side over which its word fades to a third; `REACH` spacings if left out.
    closeness : float
        Weight of the distance from it in the hole itself, as `InversionOptions.closeness`.

    Raises
    ------
    InversionError
        A resistivity that is not above 0, or arrays of different lengths.
    """

    places: Floats
    resistivity: Floats
    reach: float | None = None
    closeness: float = 1.0

    def __post_init__(self) -> None:
        if len(self.places) != len(self.resistivity) or len(self.places) == 0:
            raise InversionError("a log needs one resistivity for each place")
        if not (np.asarray(self.resistivity) > 0.0).all():
            raise InversionError("resistivity of a log is not above 0", mend="give ohm m")


def log_reference(
    logs: tuple[Log, ...], centres: Floats, spacing: float, background: float
) -> tuple[Floats, Floats]:
    r"""Return a reference that is the logs' near them, and how near a model is to stay to it.

    Parameters
    ----------
    logs : tuple of Log
    centres : array, shape (n_parameters, 2)
        Along, z in m.
    spacing : float
        Of the electrodes in m.
    background : float
        Resistivity far from all logs in ohm m.

    Returns
    -------
    reference : array, shape (n_parameters,)
        ln(ohm m).
    closeness : array, shape (n_parameters,)

    Notes
    -----
    A log weighs :math:`w = \exp(-(d/r)^2)` at the distance d to its nearest place, of which the
    part in depth counts ten times: layers go on to the side, and nothing is known below a
    hole. The reference is the mean of the logs' and the background's logarithms with the weights
    w and :math:`1 - \max w`.
    """
    total = np.zeros(len(centres))
    best, summed, near = np.zeros(len(centres)), np.zeros(len(centres)), np.zeros(len(centres))
    for log in logs:
        reach = log.reach or REACH * spacing
        away = centres[:, None, :] - np.asarray(log.places)[None]
        squared = away[..., 0] ** 2 + (10.0 * away[..., 1]) ** 2
        nearest = np.argmin(squared, axis=1)
        weight = np.exp(-squared[np.arange(len(centres)), nearest] / reach**2)
        weight = np.where(weight < LEAST, 0.0, weight)
        total += weight
        summed += weight * np.log(np.asarray(log.resistivity))[nearest]
        near = np.maximum(near, log.closeness * weight)
        best = np.maximum(best, weight)
    rest = 1.0 - best
    reference: Floats = (summed + rest * np.log(background)) / (total + rest)
    return reference, near
