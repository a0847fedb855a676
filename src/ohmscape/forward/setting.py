"""From a survey to meshes of its section: terminals, ground, water and interfaces."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ohmscape.arrays.geometry import impossible
from ohmscape.arrays.ground import Line, line_of
from ohmscape.core.data import Terrain
from ohmscape.core.survey import REMOTE, Survey
from ohmscape.core.types import Booleans, Floats, Integers
from ohmscape.core.water import Water
from ohmscape.errors import SurveyError
from ohmscape.mesh.mesh import Mesh
from ohmscape.mesh.section import SectionMesh, SectionOptions, section_mesh

DEPTH = 0.3  #: depth of the parameters over the longest spread of a reading
MARGIN = 15.0  #: width of the margin around a triangle mesh over the length of the line
FINE = 0.15  #: edge of the triangles at an electrode over the distance to the next one
GROWTH = 0.22  #: of the edges of triangles per distance from electrodes


@dataclass(frozen=True, eq=False)
class Setting:
    """The electrodes that a survey uses, each place once, in their section."""

    line: Line
    places: Floats  #: (n_terminals, 2) along, z in m
    buried: Booleans  #: (n_terminals,)
    abmn: Integers  #: (n_data, 4) terminals, or `REMOTE`
    terminal_of: Integers  #: (n_electrodes,) terminal of each electrode, or -1 where not used
    water: Water | None = None

    @property
    def spread(self) -> float:
        """Longest extent in m of a reading, or of the line where readings have one electrode."""
        along = np.append(self.places[:, 0], np.nan)[self.abmn]
        deep = np.append(self.places[:, 1], np.nan)[self.abmn]
        extent = np.hypot(
            np.nanmax(along, axis=1) - np.nanmin(along, axis=1),
            np.nanmax(deep, axis=1) - np.nanmin(deep, axis=1),
        )
        return float(extent.max())

    @property
    def length(self) -> float:
        """Extent in m of the electrodes used."""
        return float(np.hypot(*np.ptp(self.places, axis=0)))


def setting_of(
    survey: Survey, terrain: Terrain | None = None, water: Water | None = None
) -> Setting:
    """Lay the section of a survey.

    Raises
    ------
    SurveyError
        No reading, readings that physics cannot use, or electrodes that do not lie on a line.
    """
    if len(survey) == 0:
        raise SurveyError("no reading", mend="give at least one row of abmn")
    bad, why = impossible(survey)
    if bad.any():
        rows = np.flatnonzero(bad)
        raise SurveyError(
            why[rows[0]], where=f"rows {rows[:5].tolist()}", mend="leave these rows out"
        )
    line = line_of(survey.electrodes, terrain)
    used = np.unique(survey.abmn)
    used = used[used != REMOTE]
    at = np.stack([line.along, line.elevation], axis=1)
    places, first, inverse = np.unique(at[used], axis=0, return_index=True, return_inverse=True)
    terminal_of = np.full(len(survey.electrodes), -1)
    terminal_of[used] = inverse.ravel()
    abmn = np.where(survey.abmn == REMOTE, REMOTE, terminal_of[survey.abmn])
    if water is not None and not (line.surface[:, 1] < water.level).any():
        raise SurveyError(
            "the water's level is below the ground everywhere", mend="raise the level"
        )
    return Setting(line, places, line.buried[used][first], abmn, terminal_of, water)


def grid_of(setting: Setting, options: SectionOptions, depth: float | None = None) -> SectionMesh:
    """Return the section mesh of a setting without water and interfaces.

    Parameters
    ----------
    setting : Setting
    options : SectionOptions
    depth : float, optional
        Of the parameters in m; from the longest reading if left out.
    """
    return section_mesh(
        setting.line.surface,
        setting.places,
        setting.buried,
        depth or DEPTH * setting.spread,
        options,
    )


def triangles_of(setting: Setting, interfaces: Sequence[ArrayLike]) -> Mesh:
    """Return a triangle mesh that follows the interfaces and the bed of the water."""
    from ohmscape.mesh.triangles import conforming_mesh  # loads parts of SciPy

    surface, lines = setting.line.surface, list(interfaces)
    margin = MARGIN * max(setting.length, setting.spread)
    if setting.water is not None:
        lines.append(_with_ends(surface, 2 * margin))
        surface = _flooded(surface, setting.water.level)
    gap = np.hypot(*(setting.places[:, None] - setting.places[None]).transpose(2, 0, 1))
    np.fill_diagonal(gap, np.inf)
    return conforming_mesh(
        surface,
        setting.places,
        lines,
        size_at_electrodes=FINE * gap.min(axis=1),
        growth=GROWTH,
        margin=margin,
    )


def in_water(setting: Setting, points: Floats) -> Booleans:
    """Return whether points, along and z in m, shape (n, 2), lie in the water."""
    if setting.water is None:
        return np.zeros(len(points), dtype=np.bool_)
    ground = np.interp(points[:, 0], *setting.line.surface.T)
    return (points[:, 1] > ground) & (points[:, 1] < setting.water.level)


def _with_ends(surface: Floats, margin: float) -> Floats:
    """Return the ground with level ends far outside."""
    ends = surface[[0, -1]] + [[-margin, 0.0], [margin, 0.0]]
    return np.concatenate([ends[:1], surface, ends[1:]])


def _flooded(surface: Floats, level: float) -> Floats:
    """Return the top of ground and water, with a corner at each shore."""
    x, z = surface.T
    crossing = np.flatnonzero((z[1:] - level) * (z[:-1] - level) < 0)
    share = (level - z[crossing]) / (z[crossing + 1] - z[crossing])
    shore = x[crossing] + share * (x[crossing + 1] - x[crossing])
    every = np.unique(np.concatenate([x, shore]))
    return np.stack([every, np.maximum(np.interp(every, x, z), level)], axis=1)
