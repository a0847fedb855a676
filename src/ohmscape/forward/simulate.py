"""What a survey would read over a given ground."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from ohmscape.arrays.course import on_a_line
from ohmscape.arrays.ground import points as to_points
from ohmscape.arrays.noise import ErrorModel, error_model
from ohmscape.core.data import Data, Remark, Terrain
from ohmscape.core.survey import Survey
from ohmscape.core.types import Floats, Integers
from ohmscape.core.water import Water
from ohmscape.errors import SimulationError
from ohmscape.forward.dc25d import Section
from ohmscape.forward.grounds import Ground, refuse_not_positive, values_at
from ohmscape.forward.readings import quadrupole
from ohmscape.forward.setting import Setting, grid_of, in_water, setting_of, triangles_of
from ohmscape.mesh.mesh import Mesh
from ohmscape.mesh.model import Model, sample_points
from ohmscape.mesh.refine import refine
from ohmscape.mesh.section import SectionOptions

WAVENUMBERS = 16
SAFETY = 2.0  #: of the difference between two meshes: corners of the ground converge slowly
SHARED = 1e-3  #: of a reading in three dimensions: what the outer faces of both meshes do
FLOOR = 1e-6  #: of a reading's largest pole potential, below which no error is claimed


def simulate(
    survey: Survey,
    resistivity: Ground,
    interfaces: Sequence[ArrayLike] = (),
    *,
    terrain: Terrain | None = None,
    water: Water | None = None,
    noise: ErrorModel | str | None = None,
    seed: int = 0,
    accuracy: float = 0.01,
) -> Data:
    """Return the readings of a survey.

    Electrodes on a line have a ground that does not change across the line. Others, and lines
    side by side, have one that changes in all three directions.

    Parameters
    ----------
    survey : Survey
        Electrodes on the surface, in boreholes and, on a line, under water.
    resistivity : float, callable or Model
        ohm m; a callable is given points, shape (n, 3): x, y, z in m.
    interfaces : sequence of array, shape (n, 2)
        Polylines along the line, x and z in m, where the resistivity jumps; the mesh follows them
        exactly. Those that go on should reach far outside. In three dimensions the mesh finds the
        jumps by itself: leave them out.
    terrain : Terrain, optional
        Ground points beyond the electrodes.
    water : Water, optional
        Known water above the ground.
    noise : ErrorModel or str, optional
        Normal noise to be added, for instance ``"3%+1mV"``.
    seed : int
        Of the noise.
    accuracy : float
        Largest relative error that is wanted; asked for in three dimensions, where it costs time.

    Returns
    -------
    Data
        With ``numerical_error`` per reading in ohm, estimated from a second mesh;
        with noise, ``standard_deviation`` as well.

    Raises
    ------
    SurveyError, MeshError, SimulationError
        Unusable readings, ground that cannot be meshed, resistivity that is not positive.

    Examples
    --------
    >>> from ohmscape import Electrodes
    >>> line = Electrodes([[x, 0.0, 0.0] for x in range(4)])
    >>> data = simulate(Survey(line, [[0, 3, 1, 2]]), 100.0)
    >>> round(float(data.resistance[0] * 2 * np.pi), 1)
    100.0
    """
    if not on_a_line(survey.electrodes.positions):
        if water is not None or len(interfaces):
            raise SimulationError(
                "water and interfaces are for electrodes on a line",
                mend="make them part of the resistivity function",
            )
        data = _in_volume(survey, resistivity, terrain, accuracy)
        return data if noise is None else _noisy(data, noise, seed)
    setting = setting_of(survey, terrain, water)
    plain = setting.line.flat and not setting.buried.any()  # elsewhere triangles are more exact
    if len(interfaces) or water is not None or not plain:
        mesh = triangles_of(setting, interfaces)
    else:
        mesh = grid_of(setting, SectionOptions()).mesh
    coarse = Section.of(mesh, setting.abmn, WAVENUMBERS)
    potential = coarse.potentials(1.0 / cell_resistivity(setting, mesh, resistivity))
    fine_mesh, _ = refine(mesh)  # asks for its own resistivity: a smooth ground is seen better
    fine = Section.of(fine_mesh, setting.abmn, WAVENUMBERS).potentials(
        1.0 / cell_resistivity(setting, fine_mesh, resistivity)
    )
    resistance = quadrupole(potential, setting.abmn)
    error = numerical_error(coarse, setting.abmn, potential, fine)
    data = Data(survey, resistance, numerical_error=error, terrain=terrain)
    data = replace(
        data, report=(_remark(data, len(mesh.nodes), f" with {WAVENUMBERS} wavenumbers"),)
    )
    return data if noise is None else _noisy(data, noise, seed)


def numerical_error(section: Section, abmn: Integers, coarse: Floats, fine: Floats) -> Floats:
    """Return the estimated error in ohm of readings on a mesh, shape (n_data,).

    Parameters
    ----------
    section : Section
        Of the mesh.
    abmn : array of int, shape (n_data, 4)
    coarse, fine : array, shape (n_electrodes, n_electrodes)
        Potentials on the mesh and on one with each cell cut into four.

    Notes
    -----
    The sum of three parts: the difference of the meshes, what the wavenumbers miss in a homogeneous
    ground at each distance, and rounding.
    """
    mesh_part = np.abs(quadrupole(coarse - fine, abmn))
    wave_part = np.abs(quadrupole(fine * section.wavenumber_error(), abmn))
    error: Floats = SAFETY * (mesh_part + wave_part) + rounding(fine, abmn)
    return error


def rounding(potential: Floats, abmn: Integers) -> Floats:
    """Return the error in ohm, shape (n_data,), that rounding of potentials leaves in readings."""
    padded = np.pad(np.abs(potential), ((0, 1), (0, 1)))
    a, b, m, n = abmn.T
    largest: Floats = np.maximum.reduce([padded[a, m], padded[a, n], padded[b, m], padded[b, n]])
    return FLOOR * largest


def _in_volume(
    survey: Survey, resistivity: Ground, terrain: Terrain | None, accuracy: float
) -> Data:
    """Return the readings of electrodes that are not on a line."""
    from ohmscape.forward.simulate3d import level_for, potentials
    from ohmscape.forward.volume_setting import volume_setting_of

    setting = volume_setting_of(survey, terrain)
    found = potentials(setting, resistivity, level_for(accuracy))
    resistance = quadrupole(found.potential, setting.abmn)
    other = quadrupole(found.coarser, setting.abmn)
    error = np.abs(resistance - other) + SHARED * np.abs(resistance)
    error += rounding(found.potential, setting.abmn)
    data = Data(survey, resistance, numerical_error=error, terrain=terrain)
    return replace(data, report=(_remark(data, found.n_nodes),))


def cell_resistivity(setting: Setting, mesh: Mesh, resistivity: Ground) -> Floats:
    """Return the resistivity of each cell in ohm m, shape (n_cells,).

    A cell takes the mean conductivity of four points inside it.
    """
    at = sample_points(mesh).reshape(-1, 2)
    if isinstance(resistivity, Model):
        values = resistivity(at)
    else:
        places = to_points(setting.line, at[:, 0], at[:, 1])
        values = values_at(resistivity, places)
    if setting.water is not None:
        values = np.where(in_water(setting, at), setting.water.resistivity, values)
    refuse_not_positive(values, at, "xz")
    mean: Floats = 1.0 / (1.0 / values).reshape(-1, 4).mean(axis=1)
    return mean


def _noisy(data: Data, noise: ErrorModel | str, seed: int) -> Data:
    """Return the data with normal noise added, and its standard deviation."""
    _, deviation = error_model(data, noise)
    drawn = np.random.default_rng(seed).standard_normal(len(data))
    return replace(
        data, resistance=data.resistance + deviation * drawn, standard_deviation=deviation
    )


def _remark(data: Data, n_nodes: int, how: str = "") -> Remark:
    assert data.numerical_error is not None
    relative = 100 * data.numerical_error / np.maximum(np.abs(data.resistance), 1e-300)
    return Remark(
        "checked",
        f"simulated on {n_nodes} nodes{how}; estimated error "
        f"{np.median(relative):.3g} % in the median, {relative.max():.3g} % at most",
        count=len(data),
    )
