"""The linearised problem of one step, and its solution for any strength of regularisation."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack
from threadpoolctl import ThreadpoolController

from ohmscape.core.types import Floats
from ohmscape.errors import InversionError
from ohmscape.inversion.misfit import mean_square
from ohmscape.inversion.regularization import Regularization

Single = NDArray[np.float32]


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="gram")


@cache
def blas() -> ThreadpoolController:
    """Return the handle on the linear algebra libraries' threads.

    One thread each is fastest here: threads of theirs spin beside the compiled kernels' own and
    slow them by half.
    """
    return ThreadpoolController()


def gram(matrix: Single) -> Single:
    """Return ``matrix @ matrix.T`` in its lower half, by two threads."""
    n = len(matrix)
    h = n // 2
    out = np.empty((n, n), dtype=np.float32)
    lower_left = _pool().submit(np.matmul, matrix[h:], matrix[:h].T, out[h:, :h])
    out[:h, :h] = matrix[:h] @ matrix[:h].T
    out[h:, h:] = matrix[h:] @ matrix[h:].T
    lower_left.result()
    return out


@dataclass(frozen=True, eq=False)
class Linearized:
    """A model, its residuals in standard deviations, and how these change with the model."""

    model: Floats  #: (n_parameters,)
    residual: Floats  #: (n_data,) weighted, measured less predicted
    jacobian: Single  #: (n_parameters, n_data) weighted
    hessian: Single  #: (n_parameters, n_parameters) lower half of J J^T
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
        return cls(model, residual, jacobian, gram(jacobian), regularization, root)

    def step(self, strength: float) -> Floats:
        """Return the Gauss-Newton step for a strength of regularisation, shape (n_parameters,).

        Raises
        ------
        InversionError
            The normal equations are not positive definite.
        """
        right = (self.jacobian @ self.residual.astype(np.float32)).astype(np.float64)
        right -= strength * self.regularization.gradient(self.model)
        return self._solve(strength, self.regularization, right)

    def drawn_by(self, strength: float, closeness: Floats) -> Floats:
        """Return how far the solution follows a reference that is lifted by 1 everywhere.

        Parameters
        ----------
        strength : float
        closeness : array, shape (n_parameters,)
            Weight of the squared distance from that reference.
        """
        held = replace(self.regularization, closeness=closeness)
        return self._solve(strength, held, strength * closeness)

    def _solve(self, strength: float, regularization: Regularization, right: Floats) -> Floats:
        matrix = self.hessian.copy()
        regularization.add_to(matrix, strength)
        # Row-major lower is column-major upper: no copy.
        factor, info = lapack.spotrf(matrix.T, lower=0, clean=0, overwrite_a=1)
        if info == 0:
            solution, _ = lapack.spotrs(factor, right.astype(np.float32), lower=0)
            exact: Floats = solution.astype(np.float64)
            return exact
        return self._solve_exactly(strength, regularization, right)

    def _solve_exactly(
        self, strength: float, regularization: Regularization, right: Floats
    ) -> Floats:
        """Solve in double precision what single precision cannot: data of very unlike weights."""
        jacobian = self.jacobian.astype(np.float64)
        matrix = jacobian @ jacobian.T
        regularization.add_to(matrix, strength)
        factor, info = lapack.dpotrf(matrix.T, lower=0, clean=0, overwrite_a=1)
        if info != 0:
            raise InversionError(
                "normal equations are not positive definite",
                mend="raise lambda, or give a reference model with some closeness",
            )
        solution: Floats = lapack.dpotrs(factor, right, lower=0)[0]
        return solution

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
        return float(np.trace(self.hessian)) / max(self.regularization.trace(), 1e-300)
