"""What is asked of a model besides fitting the data: to be smooth, blocky, or near a reference."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ohmscape.core.types import Floats, Integers
from ohmscape.mesh.parameters import Parameters

if TYPE_CHECKING:
    from scipy.sparse import csr_array

BLOCK_CONTRAST = 0.1  #: steps of ln(resistivity) above which the blocky norm counts linearly


@dataclass(frozen=True, eq=False)
class Regularization:
    """Weighted squares of differences between neighbours, and of the distance from a reference."""

    pairs: Integers  #: (n_pairs, 2)
    weight: Floats  #: (n_pairs,)
    reference: Floats  #: (n_parameters,)
    closeness: Floats  #: (n_parameters,) weight of the squared distance from the reference
    blocky: bool = False
    softening: Floats | None = None  #: (n_pairs,) factors of the blocky norm for one model

    @property
    def pair_weight(self) -> Floats:
        """Weights with the softening of the blocky norm, shape (n_pairs,)."""
        return self.weight if self.softening is None else self.weight * self.softening

    def value(self, model: Floats) -> float:
        """Return the roughness of a model, shape (n_parameters,)."""
        away = model - self.reference
        step = away[self.pairs[:, 0]] - away[self.pairs[:, 1]]
        return float(self.pair_weight @ step**2 + self.closeness @ away**2)

    def gradient(self, model: Floats) -> Floats:
        """Return half the gradient of `value`, shape (n_parameters,)."""
        away = model - self.reference
        i, j = self.pairs.T
        pull = self.pair_weight * (away[i] - away[j])
        n = len(model)
        return self.closeness * away + np.bincount(i, pull, n) - np.bincount(j, pull, n)

    def add_to(self, matrix: NDArray[Any], factor: float) -> None:
        """Add `factor` times half the Hessian of `value` to the lower half of a matrix."""
        i, j = self.pairs.T
        w = factor * self.pair_weight
        n = len(self.reference)
        diagonal = factor * self.closeness + np.bincount(i, w, n) + np.bincount(j, w, n)
        matrix[np.maximum(i, j), np.minimum(i, j)] -= w.astype(matrix.dtype)
        matrix[np.diag_indices(n)] += diagonal.astype(matrix.dtype)

    def matrix(self) -> "csr_array":
        """Return half the Hessian of `value`, sparse, shape (n_parameters, n_parameters)."""
        from scipy.sparse import coo_array  # not needed where the Hessian is dense

        n = len(self.reference)
        i, j = self.pairs.T
        w = self.pair_weight
        every = np.arange(n)
        rows = np.concatenate([i, j, i, j, every])
        columns = np.concatenate([j, i, i, j, every])
        values = np.concatenate([-w, -w, w, w, self.closeness])
        return coo_array((values, (rows, columns)), shape=(n, n)).tocsr()

    def trace(self) -> float:
        """Return the trace of half the Hessian of `value`."""
        return float(2.0 * self.pair_weight.sum() + self.closeness.sum())

    def reweighted(self, model: Floats) -> "Regularization":
        """Return the blocky norm's quadratic model at a model; the smooth norm as it is.

        Iteratively reweighted least squares for the sum of sqrt(step^2 + contrast^2)
        (Farquharson and Oldenburg, 1998, eq. 7), scaled so that flat models keep their weight.
        """
        if not self.blocky:
            return self
        step = (model - self.reference)[self.pairs]
        size = (step[:, 0] - step[:, 1]) / BLOCK_CONTRAST
        return replace(self, softening=1.0 / np.sqrt(1.0 + size**2))


def smoothness(
    parameters: Parameters,
    *,
    vertical_weight: float = 1.0,
    regions: Integers | None = None,
    reference: Floats | float | None = None,
    closeness: float | Floats = 0.0,
    blocky: bool = False,
) -> Regularization:
    """Return first-order smoothness over the neighbours of a parametrisation.

    Differences are weighted by shared length over distance, so that the sum approaches the
    integral of the squared gradient whatever the cells are like.

    Parameters
    ----------
    parameters : Parameters
    vertical_weight : float
        Weight of differences across horizontal edges; those across upright ones count 1.
    regions : array of int, shape (n_parameters,), optional
        Parameters of different regions are not held together.
    reference : float or array, shape (n_parameters,), optional
        Model, in ln(resistivity), whose differences are free, and from which `closeness` counts.
    closeness : float or array, shape (n_parameters,)
        Weight of the squared distance from the reference.
    blocky : bool
        Differences count linearly where they are large, so that edges may be sharp.
    """
    pairs, shared = parameters.neighbours, parameters.shared
    weight = shared[:, 1] + vertical_weight * shared[:, 0]
    if regions is not None:
        together = regions[pairs[:, 0]] == regions[pairs[:, 1]]
        pairs, weight = pairs[together], weight[together]
    n = len(parameters)
    base = np.zeros(n) if reference is None else np.broadcast_to(np.asarray(reference, float), n)
    share = parameters.areas / parameters.areas.mean()
    return Regularization(pairs, weight, base.copy(), closeness * share, blocky)
