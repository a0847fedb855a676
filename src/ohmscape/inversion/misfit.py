r"""How far predicted data are from measured ones.

Differences are taken after :math:`t(R) = \operatorname{arsinh}(R / 2 s)`, s a fraction of the
standard deviation's size: for data well above their noise this is the logarithm, for small ones
it is linear, and it passes through zero, so that data of both signs are fitted alike.
"""

from dataclasses import dataclass, replace

import numpy as np

from ohmscape.core.types import Floats

HUBER = 1.5  #: residuals beyond this many standard deviations count linearly in the robust norm
CUT = 0.7785  #: mean of the squares of normal numbers cut off at `HUBER`
MEDIAN = 0.6745  #: median size of normal numbers


@dataclass(frozen=True, eq=False)
class Misfit:
    """Measured data with their standard deviations and weights."""

    observed: Floats  #: (n_data,) signed
    standard_deviation: Floats  #: (n_data,) positive
    weight: Floats  #: (n_data,) 1, or less for outliers of the robust norm
    robust: bool = False

    @classmethod
    def of(cls, observed: Floats, standard_deviation: Floats, *, robust: bool = False) -> "Misfit":
        """Return the misfit with equal weights."""
        return cls(observed, standard_deviation, np.ones(len(observed)), robust)

    def slope(self, data: Floats) -> Floats:
        """Return dt/dR at `data`, over the standard deviation of t at the measured data."""
        s = 2.0 * self.standard_deviation
        at_observed = 1.0 / np.hypot(self.observed, s)
        slope: Floats = 1.0 / np.hypot(data, s) / (self.standard_deviation * at_observed)
        return slope

    def residual(self, data: Floats) -> Floats:
        """Return t(measured) - t(predicted) in standard deviations."""
        s = 2.0 * self.standard_deviation
        scale = np.hypot(self.observed, s) / self.standard_deviation
        residual: Floats = (np.arcsinh(self.observed / s) - np.arcsinh(data / s)) * scale
        return residual

    def chi2(self, data: Floats) -> float:
        """Return the `mean_square` of residuals in standard deviations, without t."""
        residual = (self.observed - data) / self.standard_deviation
        return mean_square(residual, robust=self.robust)

    def objective(self, data: Floats) -> float:
        """Return the weighted sum of squares of `residual`."""
        return float(self.weight @ self.residual(data) ** 2)

    def reweighted(self, data: Floats) -> "Misfit":
        """Return the misfit with weights of the robust norm (Huber, 1964) for these residuals."""
        if not self.robust:
            return self
        size = np.abs(self.residual(data))
        return replace(self, weight=np.minimum(1.0, HUBER / np.maximum(size, HUBER)))


def mean_square(residual: Floats, *, robust: bool) -> float:
    """Return the mean of squared residuals; where robust, with large ones cut off.

    They are cut off at `HUBER` times 1, or times their median size where that is more, and the
    mean is scaled to be 1 for normal residuals, so that a few outliers hardly count.
    """
    if not robust:
        return float(residual @ residual) / len(residual)
    size = np.abs(residual)
    limit = HUBER * max(1.0, float(np.median(size)) / MEDIAN)
    return float(np.mean(np.minimum(size, limit) ** 2)) / CUT
