"""The linearised problem of one step, and its solution for any strength of regularisation."""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from threadpoolctl import ThreadpoolController

from ohmscape.core.types import Floats
from ohmscape.inversion.equations import Equations, Single, equations
from ohmscape.inversion.misfit import mean_square
from ohmscape.inversion.regularization import Regularization


@cache
def blas() -> ThreadpoolController:
    """Return the handle on the linear algebra libraries' threads.

    One thread each is fastest here: threads of theirs spin beside the compiled kernels' own and
    slow them by half.
    """
    return ThreadpoolController()


@dataclass(frozen=True, eq=False)
class Linearized:
    """A model, its residuals in standard deviations, and how these change with the model."""

    model: Floats  #: (n_parameters,)
    residual: Floats  #: (n_data,) weighted, measured less predicted
    jacobian: Single  #: (n_parameters, n_data) weighted
    equations: Equations
    pull: Floats  #: (n_parameters,) J times the residuals
    regularization: Regularization
    root: Floats | None = None  #: (n_data,) roots of the robust norm's weights

    @classmethod
    def of(
        cls,
        model: Floats,
        residual: Floats,
        jacobian: Single,
        regularization: Regularization,
        root: Floats | None = None,
    ) -> "Linearized":
        """Linearise; the Jacobian is kept, not copied."""
        pull = (jacobian @ residual.astype(np.float32)).astype(np.float64)
        return cls(model, residual, jacobian, equations(jacobian), pull, regularization, root)

    def step(self, strength: float) -> Floats:
        """Return the Gauss-Newton step for a strength of regularisation, shape (n_parameters,).

        Raises
        ------
        InversionError
            The normal equations are not positive definite.
        """
        right = self.pull - strength * self.regularization.gradient(self.model)
        return self.equations.solve(strength, self.regularization, right)

    def drawn_by(self, strength: float, closeness: Floats) -> Floats:
        """Return how far the solution follows a reference that is lifted by 1 everywhere.

        Parameters
        ----------
        strength : float
        closeness : array, shape (n_parameters,)
            Weight of the squared distance from that reference.
        """
        held = replace(self.regularization, closeness=closeness)
        return self.equations.solve(strength, held, strength * closeness)

    def residual_after(self, step: Floats) -> Floats:
        """Return the residuals that a step would leave if the problem were linear."""
        change = step.astype(np.float32) @ self.jacobian
        return self.residual - change

    def chi2_after(self, step: Floats) -> float:
        """Return the chi-squared that a step would leave if the problem were linear."""
        left = self.residual_after(step)
        if self.root is None:
            return mean_square(left, robust=False)
        return mean_square(left / self.root, robust=True)

    def balance(self) -> float:
        """Return the strength at which data and regularisation have equal traces."""
        return self.equations.trace() / max(self.regularization.trace(), 1e-300)
