"""From a survey in three dimensions to the mesh of its ground."""

from dataclasses import dataclass

import numpy as np

from ohmscape.arrays.depths import Depths, depths_of
from ohmscape.arrays.geometry import impossible
from ohmscape.core.data import Terrain
from ohmscape.core.survey import REMOTE, Survey
from ohmscape.core.types import Booleans, Floats, Integers
from ohmscape.errors import SurveyError
from ohmscape.mesh.box import BoxOptions
from ohmscape.mesh.curved import ground_mesh
from ohmscape.mesh.relief import Relief, relief
from ohmscape.mesh.volume import VolumeMesh


@dataclass(frozen=True, eq=False)
class VolumeSetting:
    """The electrodes that a survey uses, each place once, in their ground."""

    places: Floats  #: (n_terminals, 3) x, y, z in m; those on the ground lie exactly on it
    buried: Booleans  #: (n_terminals,)
    ground: Relief  #: elevation in m at places x, y
    abmn: Integers  #: (n_data, 4) terminals, or `REMOTE`
    terminal_of: Integers  #: (n_electrodes,) terminal of each electrode, or -1 where not used

    @property
    def flat(self) -> bool:
        """Whether the ground is level, to a millionth of the survey's extent."""
        height = self.ground(np.ascontiguousarray(self.places[:, :2]))
        on_ground = np.append(self.places[~self.buried, 2], height)
        return bool(np.ptp(on_ground) <= 1e-6 * self.extent)

    @property
    def extent(self) -> float:
        """Longest side in m of the box around the electrodes."""
        return float(np.ptp(self.places, axis=0).max())

    @property
    def spread(self) -> float:
        """Longest extent in m of a reading, remote electrodes left out."""
        padded = np.append(self.places, np.full((1, 3), np.nan), axis=0)[self.abmn]
        reach = np.nanmax(padded, axis=1) - np.nanmin(padded, axis=1)
        return float(np.sqrt((reach**2).sum(axis=1)).max())

    def mesh(self, options: BoxOptions | None = None) -> VolumeMesh:
        """Return a mesh of the ground with the electrodes as nodes."""
        return ground_mesh(self.places, self.buried, self.ground, options)


def volume_setting_of(survey: Survey, terrain: Terrain | None = None) -> VolumeSetting:
    """Lay the ground of a survey.

    Raises
    ------
    SurveyError
        No reading, or readings that physics cannot use.
    MeshError
        Ground with two heights at one place.
    """
    if len(survey) == 0:
        raise SurveyError("no reading", mend="give at least one row of abmn")
    bad, why = impossible(survey)
    if bad.any():
        rows = np.flatnonzero(bad)
        raise SurveyError(
            why[rows[0]], where=f"rows {rows[:5].tolist()}", mend="leave these rows out"
        )
    depths: Depths = depths_of(survey.electrodes, terrain)
    used = np.unique(survey.abmn)
    used = used[used != REMOTE]
    places, first, inverse = np.unique(
        survey.electrodes.positions[used], axis=0, return_index=True, return_inverse=True
    )
    terminal_of = np.full(len(survey.electrodes), -1)
    terminal_of[used] = inverse.ravel()
    return VolumeSetting(
        places=places,
        buried=depths.buried[used][first],
        ground=relief(depths.stakes, depths.terrain),
        abmn=np.where(survey.abmn == REMOTE, REMOTE, terminal_of[survey.abmn]),
        terminal_of=terminal_of,
    )
