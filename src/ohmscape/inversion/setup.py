"""From data and options to a problem: which readings, which mesh, which parameters."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ohmscape.arrays.course import on_a_line
from ohmscape.arrays.noise import ErrorModel, error_model
from ohmscape.core.data import Data, Terrain
from ohmscape.core.survey import Survey
from ohmscape.core.types import Booleans, Floats
from ohmscape.errors import InversionError
from ohmscape.forward.dc25d import Resistivity25D
from ohmscape.forward.setting import Setting
from ohmscape.inversion.gauss_newton import Problem
from ohmscape.inversion.logs import log_reference
from ohmscape.inversion.misfit import Misfit
from ohmscape.inversion.options import InversionOptions
from ohmscape.inversion.regularization import smoothness
from ohmscape.inversion.search import Discrepancy, Given
from ohmscape.inversion.section_problem import SectionProblem, section_problem
from ohmscape.inversion.transform import Transform
from ohmscape.mesh.parameters import Parameters

if TYPE_CHECKING:
    from ohmscape.inversion.volume_problem import VolumeProblem


@dataclass(frozen=True, eq=False)
class Prepared:
    """A problem, its first model and where both come from."""

    data: Data
    options: InversionOptions
    used: Booleans  #: (n_data,) readings that are inverted
    error: ErrorModel
    posed: "SectionProblem | VolumeProblem"
    problem: Problem
    first: Floats  #: (n_parameters,) first model, transformed

    @property
    def factor(self) -> Floats:
        """Geometric factor in m, shape (n_used,)."""
        return self.posed.factor

    @property
    def parameters(self) -> Parameters:
        """The grouping of cells to parameters."""
        return self.posed.simulation.parameters

    @property
    def setting(self) -> Setting:
        """Electrodes and ground of a line."""
        return self._section().setting

    @property
    def simulation(self) -> Resistivity25D:
        """The simulation of a line."""
        return self._section().simulation

    @property
    def volume(self) -> "VolumeProblem":
        """What is special to three dimensions.

        Raises
        ------
        InversionError
            It is a line.
        """
        if isinstance(self.posed, SectionProblem):
            raise InversionError("electrodes lie on a line", mend="there is no volume to ask for")
        return self.posed

    def _section(self) -> SectionProblem:
        if not isinstance(self.posed, SectionProblem):
            raise InversionError("electrodes lie on no line", mend="ask for `volume`")
        return self.posed


def prepare(data: Data, options: InversionOptions) -> Prepared:
    """Return the problem that data and options pose.

    Raises
    ------
    SurveyError, MeshError
        Readings or ground that cannot be used.
    InversionError
        No valid reading, or a first model outside its limits.
    """
    error, deviation = error_model(data, options.error)
    used = data.valid & np.isfinite(data.resistance) & (deviation > 0)
    if not used.any():
        raise InversionError(
            f"none of {len(data)} readings is valid",
            mend="inspect the file: its report says why each was refused",
        )
    terrain = data.terrain if options.terrain is None else options.terrain
    posed = _posed(data.survey[used], terrain, options)
    group = posed.simulation.parameters
    misfit = Misfit.of(data.resistance[used], deviation[used], robust=options.robust)
    start = _start(options, misfit.observed * posed.factor)
    reference, closeness = _reference(options, posed, start)
    transform = Transform(*options.bounds) if options.bounds else Transform()
    problem = Problem(
        posed.simulation,
        misfit,
        smoothness(
            group,
            vertical_weight=options.vertical_weight,
            regions=posed.regions,
            reference=None
            if reference is None
            else transform.from_log(np.broadcast_to(reference, len(group))),
            closeness=closeness,
            blocky=options.blocky,
        ),
        transform,
        Discrepancy(options.target) if options.lam == "auto" else Given(float(options.lam)),
        target=options.target,
        max_iterations=options.max_iterations,
    )
    first = np.log(start)
    first = transform.from_log(np.broadcast_to(first, len(group)).copy())
    return Prepared(data, options, used, error, posed, problem, first)


def _posed(
    survey: Survey, terrain: Terrain | None, options: InversionOptions
) -> "SectionProblem | VolumeProblem":
    """Return the problem of a line, or of a volume where the electrodes do not lie on one."""
    if on_a_line(survey.electrodes.positions):
        return section_problem(survey, terrain, options)
    from ohmscape.inversion.volume_problem import volume_problem  # loads much that a line spares

    return volume_problem(survey, terrain, options)


def _reference(
    options: InversionOptions, posed: "SectionProblem | VolumeProblem", start: float | Floats
) -> tuple[Floats | None, float | Floats]:
    """Return the reference, ln(ohm m), and how near to it a model is to stay."""
    if options.logs:
        if not isinstance(posed, SectionProblem):
            raise InversionError("logs are known along lines only", mend="leave them out")
        background = float(np.exp(np.mean(np.log(start))))
        centres, spacing = posed.simulation.parameters.centres, posed.setting.line.spacing
        return log_reference(tuple(options.logs), centres, spacing, background)
    if options.reference is None:
        return None, options.closeness
    return np.log(options.reference), options.closeness


def _start(options: InversionOptions, apparent: Floats) -> float | Floats:
    """Return the first resistivity: given, or the median of the positive apparent ones."""
    if options.start is not None:
        if not np.all(np.asarray(options.start) > 0):
            raise InversionError("start is not above 0", mend="give ohm m")
        return options.start
    positive = apparent[np.isfinite(apparent) & (apparent > 0)]
    if len(positive) == 0:
        raise InversionError(
            "no reading has a positive apparent resistivity",
            mend="check the sign of the resistances: A and B, or M and N, may be swapped",
        )
    return float(np.median(positive))
