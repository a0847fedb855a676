"""What is special to a section: its mesh, its parameters, its interfaces and its water."""

from dataclasses import dataclass, replace

import numpy as np

from ohmscape.arrays.geometry import geometric_factor
from ohmscape.core.data import Terrain
from ohmscape.core.survey import Survey
from ohmscape.core.types import Booleans, Floats, Integers
from ohmscape.errors import InversionError
from ohmscape.forward.dc25d import (
    Resistivity25D,
    Resistivity25DResponse,
    Section,
    quadrupole,
)
from ohmscape.forward.setting import Setting, grid_of, in_water, setting_of, triangles_of
from ohmscape.inversion.options import InversionOptions
from ohmscape.mesh.mesh import Mesh
from ohmscape.mesh.model import locate
from ohmscape.mesh.parameters import FIXED, Parameters, parameters
from ohmscape.mesh.refine import refine
from ohmscape.mesh.section import SectionMesh, SectionOptions


@dataclass(frozen=True, eq=False)
class Refined:
    """Readings calculated once more, better."""

    nodes: int
    data: Floats  #: (n_data,) ohm
    missed: Floats  #: (n_data,) ohm, what may still be missing


@dataclass(frozen=True, eq=False)
class SectionProblem:
    """A line ready to be simulated and inverted."""

    setting: Setting
    simulation: Resistivity25D
    factor: Floats  #: (n_data,) geometric factor in m
    regions: Integers | None  #: (n_parameters,) region of each, where smoothness has borders

    def refined(self, response: Resistivity25DResponse) -> Refined:
        """Calculate a response anew on a mesh with each cell cut into four.

        What the wavenumbers miss is known from the homogeneous ground.
        """
        mesh, parent = refine(self.simulation.parameters.mesh)
        section = Section.of(mesh, self.setting.abmn)
        potential = section.potentials(response.conductivity[parent])
        missed = quadrupole(potential * section.wavenumber_error(), self.setting.abmn)
        return Refined(len(mesh.nodes), quadrupole(potential, self.setting.abmn), np.abs(missed))

    def only(self, keep: Booleans) -> "SectionProblem":
        """Return the problem with these readings only; the mesh stays."""
        abmn = self.setting.abmn[keep]
        return replace(
            self,
            setting=replace(self.setting, abmn=abmn),
            simulation=replace(self.simulation, abmn=abmn),
            factor=self.factor[keep],
        )


def section_problem(
    survey: Survey, terrain: Terrain | None, options: InversionOptions
) -> SectionProblem:
    """Return the problem of a survey along a line.

    Raises
    ------
    SurveyError, MeshError, InversionError
        Readings, ground or options that cannot be used.
    """
    setting = setting_of(survey, terrain, options.water)
    group, fixed, regions = _parametrisation(setting, options)
    section = Section.of(group.mesh, setting.abmn)
    simulation = Resistivity25D.of(section, group, setting.abmn, fixed)
    return SectionProblem(setting, simulation, _factor(setting, simulation), regions)


def _factor(setting: Setting, simulation: Resistivity25D) -> Floats:
    """Return geometric factors in m: in closed form on flat ground, numeric over topography."""
    line = setting.line
    if line.flat and setting.water is None:
        places = np.insert(setting.places, 1, 0.0, axis=1)
        level = float(line.surface[:, 1].max())
        places[:, 2] = np.minimum(places[:, 2], level)
        return geometric_factor(places, setting.abmn, surface=level)
    homogeneous = simulation.respond(np.ones(len(simulation.section.mesh))).data
    with np.errstate(divide="ignore"):
        factor: Floats = 1.0 / homogeneous
    return factor


def _parametrisation(
    setting: Setting, options: InversionOptions
) -> tuple[Parameters, Floats, Integers | None]:
    """Return parameters, the resistivity of fixed cells, and the region of each parameter."""
    grid = grid_of(setting, SectionOptions(), options.depth)
    key = _grid_key(grid)
    if not (len(options.interfaces) or len(options.regions) or options.water is not None):
        group = parameters(grid.mesh, key, grid.core)
        return group, np.full(len(grid.mesh), np.nan), None
    lines = [*options.interfaces, *(region.closed() for region in options.regions)]
    mesh = triangles_of(setting, lines)
    return _on_triangles(setting, options, mesh, grid, key)


def _grid_key(grid: SectionMesh) -> Integers:
    key: Integers = grid.row * (int(grid.column.max()) + 1) + grid.column
    return key


def _housed(own: Integers, core: Booleans, region: Integers, centres: Floats) -> Integers:
    """Give cells whose parameter lies all in the padding to that of the nearest core cell.

    Of their own region, if it has one: a parameter of no area would hang on nothing.
    """
    from scipy.spatial import KDTree  # takes longer to import than a small inversion

    housed = own.copy()
    host = core & (own != FIXED)
    lost = np.flatnonzero((own != FIXED) & ~np.isin(own, own[host]))
    for which in np.unique(region[lost]):
        mine = lost[region[lost] == which]
        hosts = np.flatnonzero(host & (region == which))
        hosts = hosts if len(hosts) else np.flatnonzero(host)
        _, nearest = KDTree(centres[hosts]).query(centres[mine])
        housed[mine] = own[hosts[nearest]]
    return housed


def _on_triangles(
    setting: Setting, options: InversionOptions, mesh: Mesh, grid: SectionMesh, key: Integers
) -> tuple[Parameters, Floats, Integers]:
    """Group triangles by the cells of the grid that they lie in and by their regions."""
    centres = mesh.centres()
    cell = locate(grid.mesh, centres)
    fixed = np.full(len(mesh), np.nan)
    for region in options.regions:
        if region.resistivity is not None:
            fixed[region.holds(centres)] = region.resistivity
    if setting.water is not None:
        fixed[in_water(setting, centres)] = setting.water.resistivity
    own = key[cell] * (mesh.region.max() + 1) + mesh.region
    own[np.isfinite(fixed)] = FIXED
    core = grid.core[cell]
    if (own[core] == FIXED).all():
        raise InversionError("every cell is fixed", mend="leave some of the ground free")
    group = parameters(mesh, _housed(own, core, mesh.region, centres), core)
    region_of = np.zeros(len(group), dtype=np.int64)
    free = group.of_cell != FIXED
    region_of[group.of_cell[free]] = mesh.region[free]
    return group, fixed, region_of
