"""What is special to three dimensions: the mesh of a body and its parameters."""

from dataclasses import dataclass, replace

import numpy as np

from ohmscape.arrays.geometry import geometric_factor
from ohmscape.core.data import Terrain
from ohmscape.core.survey import Survey
from ohmscape.core.types import Booleans, Floats, Integers
from ohmscape.errors import InversionError
from ohmscape.forward.dc3d import Resistivity3D, Resistivity3DResponse, Volume
from ohmscape.forward.readings import quadrupole
from ohmscape.forward.setting import DEPTH
from ohmscape.forward.volume_setting import VolumeSetting, volume_setting_of
from ohmscape.inversion.options import InversionOptions
from ohmscape.inversion.section_problem import Refined
from ohmscape.mesh.box import BoxOptions
from ohmscape.mesh.volume_cells import cells_at
from ohmscape.mesh.volume_parameters import volume_parameters

MANY = 250  #: electrodes above which a coarser mesh is taken, for the sake of time and memory
FINE = BoxOptions(cells_per_gap=1.5, growth=0.7)
COARSE = BoxOptions(cells_per_gap=1.0, growth=1.0)
FINER = {FINE: BoxOptions(cells_per_gap=3.0, growth=0.5), COARSE: FINE}
"""The mesh that a model is judged on, for each mesh that it may be sought on."""


@dataclass(frozen=True, eq=False)
class VolumeProblem:
    """A survey over a body of ground, ready to be simulated and inverted."""

    setting: VolumeSetting
    simulation: Resistivity3D
    factor: Floats  #: (n_data,) geometric factor in m
    depth: float  #: m below ground, of the parameters
    regions: Integers | None = None

    def refined(self, response: Resistivity3DResponse) -> Refined:
        """Calculate a response anew on a finer mesh."""
        mesh = self.setting.mesh(FINER[_fineness(self.setting)])
        cell = cells_at(self.simulation.section.mesh, mesh.centres())
        beyond = float(np.exp(np.mean(np.log(response.conductivity))))
        conductivity = np.where(cell < 0, beyond, response.conductivity[cell])
        data = quadrupole(Volume.of(mesh).potentials(conductivity), self.setting.abmn)
        return Refined(len(mesh.nodes), data, np.zeros_like(data))

    def only(self, keep: Booleans) -> "VolumeProblem":
        """Return the problem with these readings only; the mesh stays."""
        abmn = self.setting.abmn[keep]
        return replace(
            self,
            setting=replace(self.setting, abmn=abmn),
            simulation=replace(self.simulation, abmn=abmn),
            factor=self.factor[keep],
        )


def volume_problem(
    survey: Survey, terrain: Terrain | None, options: InversionOptions
) -> VolumeProblem:
    """Return the problem of a survey whose electrodes do not lie on a line.

    Raises
    ------
    SurveyError, MeshError, InversionError
        Readings, ground or options that cannot be used.
    """
    if len(options.interfaces) or len(options.regions) or options.water is not None:
        raise InversionError(
            "interfaces, regions and water are known along lines only",
            mend="leave them out, or invert line by line",
        )
    setting = volume_setting_of(survey, terrain)
    below = setting.ground(np.ascontiguousarray(setting.places[:, :2])) - setting.places[:, 2]
    depth = options.depth or max(DEPTH * setting.spread, 1.1 * float(below.max()))
    mesh = setting.mesh(_fineness(setting))
    group = volume_parameters(mesh, setting.places, setting.ground, depth)
    fixed = np.full(len(mesh), np.nan)
    simulation = Resistivity3D.of(Volume.of(mesh), group, setting.abmn, fixed)
    return VolumeProblem(setting, simulation, _factor(setting, simulation), depth)


def _fineness(setting: VolumeSetting) -> BoxOptions:
    return FINE if len(setting.places) <= MANY else COARSE


def _factor(setting: VolumeSetting, simulation: Resistivity3D) -> Floats:
    """Return geometric factors in m: in closed form on flat ground, numeric over topography."""
    if setting.flat:
        level = float(setting.ground(setting.places[:1, :2].copy())[0])
        places = setting.places.copy()
        places[:, 2] = np.minimum(places[:, 2], level)
        return geometric_factor(places, setting.abmn, surface=level)
    homogeneous = simulation.respond(np.ones(len(simulation.section.mesh))).data
    with np.errstate(divide="ignore"):
        factor: Floats = 1.0 / homogeneous
    return factor
