"""From data and options to a problem: which readings, which mesh, which parameters."""

from dataclasses import dataclass

import numpy as np

from ohmscape.arrays.geometry import geometric_factor
from ohmscape.arrays.noise import ErrorModel, error_model
from ohmscape.core.data import Data
from ohmscape.core.types import Booleans, Floats, Integers
from ohmscape.errors import InversionError
from ohmscape.forward.dc25d import Resistivity25D, Section
from ohmscape.forward.setting import Setting, grid_of, in_water, setting_of, triangles_of
from ohmscape.inversion.gauss_newton import Problem
from ohmscape.inversion.misfit import Misfit
from ohmscape.inversion.options import InversionOptions
from ohmscape.inversion.regularization import smoothness
from ohmscape.inversion.search import Discrepancy, Given
from ohmscape.inversion.transform import Transform
from ohmscape.mesh.mesh import Mesh
from ohmscape.mesh.model import locate
from ohmscape.mesh.parameters import FIXED, Parameters, parameters
from ohmscape.mesh.section import SectionMesh, SectionOptions


@dataclass(frozen=True, eq=False)
class Prepared:
    """A problem, its first model and where both come from."""

    data: Data
    options: InversionOptions
    used: Booleans  #: (n_data,) readings that are inverted
    error: ErrorModel
    setting: Setting
    factor: Floats  #: (n_used,) geometric factor in m
    problem: Problem
    first: Floats  #: (n_parameters,) first model, transformed

    @property
    def simulation(self) -> Resistivity25D:
        """The simulation of the problem."""
        simulation: Resistivity25D = self.problem.simulation  # type: ignore[assignment]
        return simulation


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
    setting = setting_of(data.survey[used], terrain, options.water)
    group, fixed, region = _parametrisation(setting, options)
    simulation = Resistivity25D.of(Section.of(group.mesh, setting.abmn), group, setting.abmn, fixed)
    factor = _factor(setting, simulation)
    misfit = Misfit.of(data.resistance[used], deviation[used], robust=options.robust)
    reference = None if options.reference is None else np.log(options.reference)
    transform = Transform(*options.bounds) if options.bounds else Transform()
    problem = Problem(
        simulation,
        misfit,
        smoothness(
            group,
            vertical_weight=options.vertical_weight,
            regions=region,
            reference=None
            if reference is None
            else transform.from_log(np.broadcast_to(reference, len(group))),
            closeness=options.closeness,
            blocky=options.blocky,
        ),
        transform,
        Discrepancy(options.target) if options.lam == "auto" else Given(float(options.lam)),
        target=options.target,
        max_iterations=options.max_iterations,
    )
    first = np.log(_start(options, misfit.observed * factor))
    first = transform.from_log(np.broadcast_to(first, len(group)).copy())
    return Prepared(data, options, used, error, setting, factor, problem, first)


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
