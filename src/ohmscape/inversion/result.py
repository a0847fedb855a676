"""The answer of an inversion."""

from dataclasses import dataclass

import numpy as np

from ohmscape.core.types import Floats
from ohmscape.inversion.gauss_newton import Iteration, State, StopReason
from ohmscape.inversion.section_problem import SectionProblem
from ohmscape.inversion.setup import Prepared
from ohmscape.mesh.model import Model
from ohmscape.mesh.parameters import Parameters


@dataclass(frozen=True, eq=False)
class ForwardCheck:
    """The result judged on a mesh with each cell cut into four."""

    nodes: int
    chi2: float  #: of the model with the refined forward calculation
    error_percent: Floats  #: (n_used,) of predicted readings, that of wavenumbers included


@dataclass(frozen=True, eq=False)
class InversionResult:
    """A section with its misfit, its depth of investigation and its record."""

    prepared: Prepared
    state: State
    stop_reason: StopReason
    start_chi2: float
    resistivity: Floats  #: (n_parameters,) ohm m
    predicted: Floats  #: (n_data,) ohm, NaN for readings that were not used
    standard_deviation: Floats  #: (n_data,) ohm, NaN for readings that were not used
    depth_of_investigation: Floats  #: (n_parameters,) 0 the data's, 1 the reference's
    coverage: Floats  #: (n_parameters,) cumulative sensitivity per m^2
    check: ForwardCheck | None
    seconds: float
    warnings: tuple[str, ...] = ()

    @property
    def parameters(self) -> Parameters:
        """The grouping of cells to parameters."""
        return self.prepared.parameters

    @property
    def model(self) -> Model:
        """The section as resistivity per cell, fixed cells included."""
        simulation = self.prepared.simulation
        cells = simulation.parameters.to_cells(self.resistivity, simulation.fixed)
        return Model(simulation.parameters.mesh, cells)

    @property
    def is_volume(self) -> bool:
        """Whether the ground was taken as three-dimensional."""
        return not isinstance(self.prepared.posed, SectionProblem)

    @property
    def chi2(self) -> float:
        """Mean of squared residuals over their variances; the robust norm cuts large ones off."""
        return self.state.chi2

    @property
    def rrms_percent(self) -> float:
        """Root mean square of the residuals relative to the readings, in percent."""
        observed = self.prepared.problem.misfit.observed
        relative = (observed - self.state.response.data) / observed
        return float(100.0 * np.sqrt(np.mean(relative[observed != 0] ** 2)))

    @property
    def lam(self) -> float | None:
        """Strength of regularisation of the last step; None if the first model fitted."""
        return self.state.strength

    @property
    def iterations(self) -> tuple[Iteration, ...]:
        """What each step did."""
        return self.state.history

    @property
    def geometric_factor(self) -> Floats:
        """Geometric factor in m, (n_data,), numeric over topography; NaN for unused readings."""
        return _spread(self.prepared, self.prepared.factor)


def _spread(prepared: Prepared, values: Floats) -> Floats:
    """Return values of used readings in the order of all readings, NaN elsewhere."""
    out = np.full(len(prepared.used), np.nan)
    out[prepared.used] = values
    return out
