"""What the inversion asks of a simulation, whatever its physics."""

from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from ohmscape.core.types import Floats


class Response(Protocol):
    """What a simulation predicts for one model, with all that its derivative needs."""

    @property
    def data(self) -> Floats:
        """Predicted data, shape (n_data,)."""
        ...


R = TypeVar("R", bound=Response)


class Simulation(Protocol[R]):
    """Parameters in, data out, and the derivative of one by the other. Frozen."""

    @property
    def n_data(self) -> int:
        """Number of data."""
        ...

    @property
    def n_parameters(self) -> int:
        """Number of parameters."""
        ...

    def predict(self, parameters: Floats, reuse: R | None = None) -> R:
        """Return the response to parameters, shape (n_parameters,).

        `reuse` is an old response whose memory may be taken; it must not be used any more.
        """
        ...

    def jacobian(self, response: R, row_factor: Floats) -> NDArray[np.float32]:
        """Return d data / d parameters times `row_factor` (n_data,), shape (n_parameters, n_data).

        The array is overwritten by the next call.
        """
        ...

    def jvp(self, response: R, direction: Floats) -> Floats:
        """Return the Jacobian times a direction (n_parameters,), shape (n_data,)."""
        ...

    def vjp(self, response: R, weights: Floats) -> Floats:
        """Return the transposed Jacobian times weights (n_data,), shape (n_parameters,)."""
        ...
