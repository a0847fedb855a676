"""The normal equations ``(J J^T + lambda W) x = b`` of one step, solved for any lambda.

J is kept as (n_parameters, n_data), weighted by the errors; W is that of the regularisation. Few
parameters: the dense matrix and its Cholesky factor. Many: conjugate gradients on products with J,
preconditioned by the sparse matrix ``lambda W + diag(J J^T)``.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack

from ohmscape.core.types import Floats
from ohmscape.errors import InversionError
from ohmscape.inversion.regularization import Regularization

Single = NDArray[np.float32]

DENSE = 3000  #: parameters up to which the dense matrix is faster
ACCURATE = 1e-3  #: of the first residual: what conjugate gradients leave
MOST = 150  #: iterations


class Equations(Protocol):
    """The matrix of one linear problem, without lambda."""

    def solve(self, strength: float, regularization: Regularization, right: Floats) -> Floats:
        """Return the solution for a strength of regularisation, shape (n_parameters,)."""
        ...

    def trace(self) -> float:
        """Return the trace of J J^T."""
        ...


def equations(jacobian: Single) -> Equations:
    """Return the equations of a Jacobian, shape (n_parameters, n_data), which is kept."""
    if len(jacobian) <= DENSE:
        return DenseEquations(jacobian, gram(jacobian))
    return IterativeEquations(jacobian, np.einsum("ij,ij->i", jacobian, jacobian, dtype=float))


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="equations")


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
class DenseEquations:
    """The matrix in single precision; in double where that is not enough."""

    jacobian: Single
    hessian: Single  #: (n_parameters, n_parameters) lower half of J J^T

    def trace(self) -> float:
        """Return the trace of J J^T."""
        return float(np.trace(self.hessian))

    def solve(self, strength: float, regularization: Regularization, right: Floats) -> Floats:
        """Return the solution, shape (n_parameters,).

        Raises
        ------
        InversionError
            The matrix is not positive definite.
        """
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
            raise _indefinite()
        solution: Floats = lapack.dpotrs(factor, right, lower=0)[0]
        return solution


@dataclass(frozen=True, eq=False)
class IterativeEquations:
    """Products with the Jacobian instead of the matrix."""

    jacobian: Single
    diagonal: Floats  #: (n_parameters,) of J J^T

    def trace(self) -> float:
        """Return the trace of J J^T."""
        return float(self.diagonal.sum())

    def solve(self, strength: float, regularization: Regularization, right: Floats) -> Floats:
        """Return the solution by conjugate gradients, shape (n_parameters,).

        After `MOST` iterations it is taken as it is: a step that goes down all the same.

        Raises
        ------
        InversionError
            The matrix is not positive definite.
        """
        from scipy.sparse.linalg import splu  # not needed for few parameters

        held = strength * regularization.matrix()
        nearby = held.copy()
        nearby.setdiag(nearby.diagonal() + self.diagonal)
        precondition = splu(nearby.tocsc(), "MMD_AT_PLUS_A", options={"SymmetricMode": True}).solve
        x, left = np.zeros_like(right), right.copy()
        towards = precondition(left)
        step, size = towards, float(left @ towards)
        goal = ACCURATE**2 * size
        for _ in range(MOST):
            if not size > goal:
                return x
            image = held @ step + self._product(step)
            bend = float(step @ image)
            if not bend > 0.0:
                raise _indefinite()
            length = size / bend
            x += length * step
            left -= length * image
            towards = precondition(left)
            before, size = size, float(left @ towards)
            step = towards + (size / before) * step
        return x

    def _product(self, x: Floats) -> Floats:
        """Return ``J J^T x``, the halves of the parameters in two threads."""
        x = x.astype(np.float32)
        h = len(x) // 2
        lower = _pool().submit(np.matmul, x[h:], self.jacobian[h:])
        change = x[:h] @ self.jacobian[:h]
        change += lower.result()
        lower = _pool().submit(np.matmul, self.jacobian[h:], change)
        upper = self.jacobian[:h] @ change
        return np.concatenate([upper, lower.result()]).astype(np.float64)


def _indefinite() -> InversionError:
    return InversionError(
        "normal equations are not positive definite",
        mend="raise lambda, or give a reference model with some closeness",
    )
