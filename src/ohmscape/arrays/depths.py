"""Which electrodes of a survey in three dimensions are buried, and what draws the ground."""

from dataclasses import dataclass

import numpy as np

from ohmscape.arrays.course import spacing_of
from ohmscape.arrays.ground import MERGED, ON_GROUND, PLUMB
from ohmscape.core.data import Terrain
from ohmscape.core.survey import Electrodes
from ohmscape.core.types import Booleans, Floats
from ohmscape.errors import SurveyError

NEIGHBOURS = 4  #: terrain points whose mean height an electrode is compared with


@dataclass(frozen=True, eq=False)
class Depths:
    """What is known of the ground before a mesh is made."""

    buried: Booleans  #: (n_electrodes,)
    stakes: Floats  #: (n, 3) x, y, z in m of places on the ground: electrodes, or a flat level
    terrain: Floats | None  #: (n_points, 3) further points of the ground


def depths_of(electrodes: Electrodes, terrain: Terrain | None = None) -> Depths:
    """Tell electrodes on the ground from buried ones.

    Parameters
    ----------
    electrodes : Electrodes
    terrain : Terrain, optional
        Points of the ground.

    Raises
    ------
    SurveyError
        All electrodes are marked as buried and nothing says where the ground is.

    Notes
    -----
    The rules are those of `ohmscape.arrays.ground.line_of` as far as they have a sense without a
    line; the first that applies decides. *Marked* electrodes are believed. With *terrain* an
    electrode is buried where it lies below the nearest points by more than `ON_GROUND` of the
    spacing. *All at one level below 0*, or *nothing but boreholes below 0*: the ground is flat at
    z = 0. *Otherwise* the electrodes draw the ground, and one that lies under another is buried.
    """
    places = electrodes.positions
    z = places[:, 2]
    spacing = spacing_of(places)
    extent = float(np.ptp(places, axis=0).max())
    points = None if terrain is None else terrain.points
    level = None
    if electrodes.buried is not None:
        buried = np.array(electrodes.buried)
        if buried.all() and points is None:
            if (z > 0.0).any():
                raise SurveyError(
                    "all electrodes are marked as buried and the ground is not known",
                    mend="give terrain, or elevations below 0 for a flat ground at z = 0",
                )
            level = 0.0
    elif points is not None:
        buried = z < _nearby(points, places) - ON_GROUND * spacing
    else:
        drop = z[:, None] - z
        aside = np.hypot(*(places[:, None, :2] - places[None, :, :2]).transpose(2, 0, 1))
        near = max(MERGED * extent, ON_GROUND * spacing)
        under = (drop > ON_GROUND * spacing) & (aside <= np.maximum(near, PLUMB * drop))
        buried, top = under.any(axis=0), under.any(axis=1)
        one_level = z.max() < 0.0 and np.ptp(z) <= MERGED * extent
        if (z <= 0.0).all() and (top[~buried].all() or one_level):
            buried, level = z < -ON_GROUND * spacing, 0.0
    stakes = places[~buried]
    if level is not None:
        stakes = np.array([[*places[:, :2].mean(axis=0), level]])
    return Depths(buried, stakes, points)


def _nearby(points: Floats, places: Floats) -> Floats:
    """Return the mean height of the points nearest to each place, weighted by 1 / distance^2."""
    from scipy.spatial import KDTree  # takes long to import, and few surveys need it

    count = min(NEIGHBOURS, len(points))
    found = KDTree(points[:, :2]).query(places[:, :2], k=count)
    distance, which = (np.asarray(part).reshape(-1, count) for part in found)
    weight = 1.0 / np.maximum(distance, 1e-9 * max(float(distance.max()), 1e-300)) ** 2
    mean: Floats = (weight * points[which, 2]).sum(axis=1) / weight.sum(axis=1)
    return mean
