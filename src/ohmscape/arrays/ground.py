"""From electrode positions to a vertical section: where the ground is and what is buried.

Coordinates of a section are along (m, along the line) and z (m, elevation, up).
"""

from dataclasses import dataclass

import numpy as np

from ohmscape.arrays.course import Course, course_of, spacing_of
from ohmscape.core.data import Terrain
from ohmscape.core.survey import Electrodes
from ohmscape.core.types import Booleans, Floats
from ohmscape.errors import SurveyError

MERGED = 1e-6  #: part of the extent below which two coordinates along the line are one
ON_GROUND = 0.02  #: part of the spacing that an electrode may lie off the ground and be on it
PLUMB = 0.05  #: how far a borehole strays from the vertical, per metre of depth
OPENING = np.radians(60.0)  #: mean rise to the horizons from which an electrode must be buried
OPENING_TOP = np.radians(30.0)  #: the same for the uppermost electrode of a borehole
OWN_GROUND = 0.05  #: part of the spacing around a surface electrode where terrain yields to it


@dataclass(frozen=True, eq=False)
class Line:
    """Electrodes and ground in the vertical section along a line.

    Electrodes that are not buried lie exactly on `surface`; buried ones lie below it.
    Beyond the ends of `surface` the ground goes on level.
    """

    along: Floats  #: (n_electrodes,) coordinate along the line in m
    elevation: Floats  #: (n_electrodes,) m, up
    buried: Booleans  #: (n_electrodes,)
    surface: Floats  #: (n, 2) along, z of the ground, n >= 2, strictly increasing in along
    course: Course  #: the line from above
    spacing: float  #: median distance in m to the nearest electrode

    @property
    def flat(self) -> bool:
        """Whether the ground is level (to a millionth of the extent)."""
        return bool(np.ptp(self.surface[:, 1]) <= MERGED * np.ptp(self.surface[:, 0]))

    @property
    def positions(self) -> Floats:
        """Electrodes in the section: along, 0, elevation in m, shape (n_electrodes, 3)."""
        return np.column_stack([self.along, np.zeros(len(self.along)), self.elevation])


def points(line: Line, along: Floats, z: Floats) -> Floats:
    """Map places of the section back to the ground.

    Parameters
    ----------
    line : Line
    along, z : array, shape (n,)
        Coordinate along the line and elevation in m.

    Returns
    -------
    array, shape (n, 3)
        x, y, z in m.
    """
    return np.column_stack([line.course.place(along), z])


def ground_at(line: Line, along: Floats) -> Floats:
    """Return the elevation of the ground in m at coordinates along the line, both (n,)."""
    height: Floats = np.interp(along, line.surface[:, 0], line.surface[:, 1])
    return height


def line_of(electrodes: Electrodes, terrain: Terrain | None = None) -> Line:
    r"""Lay a vertical section through electrodes and find out which of them are buried.

    Parameters
    ----------
    electrodes : Electrodes
        On the ground, in it, or both. Elevations, not depths: z is up.
    terrain : Terrain, optional
        Points of the ground between and beyond the electrodes.

    Returns
    -------
    Line

    Raises
    ------
    SurveyError
        The electrodes do not lie on a line, one hangs above the ground, or all are marked as
        buried and nothing says where the ground is.

    Notes
    -----
    Whether an electrode is buried is decided by the first rule that applies:

    1. *Marked*: ``electrodes.buried`` is believed.
    2. *Terrain given*: an electrode is buried where it lies below the terrain, joined by straight
       lines, by more than `ON_GROUND` of the spacing. Less than that is how levels scatter
       and how deep a stake is driven; it changes no reading by more than 0.1 %.
    3. *All at one level below 0*, or *nothing but boreholes, all below 0*: the ground is flat at
       z = 0, because depths below ground are then the only sense of such numbers. A
       borehole here is a place along the line that carries several electrodes.
    4. *Otherwise* the electrodes draw the ground themselves, and an electrode is buried

       a. below another one at the same place along the line, to `ON_GROUND` of the spacing or
          `PLUMB` of the height between them, because boreholes are never quite vertical, and
       b. where it would sit in a cleft: both horizons, made by the other electrodes, rise from
          it by more than 60 degrees in the mean (and by more than half of that each). For the
          uppermost electrode of a borehole half of this is enough. The open side of
          the outermost electrode is taken to be like its other side. A wall with a level place at
          its foot is ground: there one horizon is low.

    Rule 4 leaves doubt at inclined boreholes and deep clefts: mark such electrodes, or give
    terrain.

    The ground passes exactly through each electrode that is not buried. Terrain points
    are moved up or down by the difference between electrodes and terrain, interpolated from
    electrode to electrode, so that the two do not make a sawtooth where their levels differ;
    those closer to a surface electrode than `OWN_GROUND` of the spacing there are left out.

    Examples
    --------
    >>> line = line_of(Electrodes([[0, 0], [1, 0.5], [1, -2], [2, 0]]))  # x and z
    >>> line.buried
    array([False, False,  True, False])
    >>> line.surface
    array([[0. , 0. ],
           [1. , 0.5],
           [2. , 0. ]])
    """
    course = course_of(electrodes.positions)
    along, _ = course.project(electrodes.positions[:, :2])
    z = electrodes.positions[:, 2]
    spacing = spacing_of(electrodes.positions)
    extent = max(float(np.ptp(along)), float(np.ptp(z)), spacing)
    relief = None if terrain is None else _relief(terrain, course, MERGED * extent)

    level = None
    if electrodes.buried is not None:
        buried = np.array(electrodes.buried)
    elif relief is not None:
        buried = z < np.interp(along, *relief.T) - ON_GROUND * spacing
    else:
        buried, level = _guess(along, z, spacing, extent)

    if level is None and relief is None and buried.all():
        if (z > 0.0).any():
            raise SurveyError(
                "all electrodes are marked as buried and the ground is not known",
                mend="give terrain, or elevations below 0 for a flat ground at z = 0",
            )
        level = 0.0
    if relief is not None:
        floating = ~buried & (z > np.interp(along, *relief.T) + spacing)
        _refuse(electrodes, floating, "electrode hangs above the terrain")
    surface = _surface(along, z, buried, relief, level=level, extent=extent)
    ground = np.interp(along, *surface.T)
    floating = buried & (z > ground - MERGED * extent)
    _refuse(electrodes, floating, "buried electrode is not below the ground")
    return Line(along, np.where(buried, z, ground), buried, surface, course, spacing)


def _refuse(electrodes: Electrodes, bad: Booleans, what: str) -> None:
    if bad.any():
        names = ", ".join(electrodes.labels[i] for i in np.flatnonzero(bad)[:5])
        raise SurveyError(
            what,
            where=f"electrodes {names}",
            mend="give elevations (z up, not depths) of electrodes and terrain on one datum",
        )


def _relief(terrain: Terrain, course: Course, near: float) -> Floats:
    """Return the terrain as (n, 2) along, z; of points above each other the highest."""
    s, _ = course.project(terrain.points[:, :2])
    return _increasing(np.column_stack([s, terrain.points[:, 2]]), near)


def _increasing(vertices: Floats, near: float) -> Floats:
    """Sort along the line; of vertices closer together than `near` keep the highest."""
    ordered = vertices[np.argsort(vertices[:, 0], kind="stable")]
    kept = [ordered[0]]
    for vertex in ordered[1:]:
        if vertex[0] > kept[-1][0] + near:
            kept.append(vertex)
        elif vertex[1] > kept[-1][1]:
            kept[-1] = vertex
    return np.array(kept)


def _guess(
    along: Floats, z: Floats, spacing: float, extent: float
) -> tuple[Booleans, float | None]:
    """Apply rules 3 and 4 of `line_of`: buried electrodes, and the level of a flat ground."""
    near = max(MERGED * extent, ON_GROUND * spacing)
    drop = z[:, None] - z[None]  # of the second electrode below the first
    under = drop > ON_GROUND * spacing
    under &= np.abs(along[:, None] - along[None]) <= np.maximum(near, PLUMB * drop)
    buried: Booleans = np.any(under, axis=0)
    top: Booleans = np.any(under, axis=1)
    below_zero = bool((z <= 0.0).all())
    one_level = z.max() < 0.0 and np.ptp(z) <= MERGED * extent
    if below_zero and (top[~buried].all() or one_level):
        return z < -ON_GROUND * spacing, 0.0
    limit = OPENING - (OPENING - OPENING_TOP) * top
    while True:
        seen = np.flatnonzero(~buried)
        hidden = seen[_in_cleft(along[seen], z[seen], limit[seen])]
        if len(hidden) == 0:
            break
        buried[hidden] = True
    if below_zero and top[~buried].all():
        return z < -ON_GROUND * spacing, 0.0
    return buried, None


def _in_cleft(along: Floats, z: Floats, limit: Floats) -> Booleans:
    """Return which places see too little sky between the others."""
    if len(along) < 2:
        return np.zeros(len(along), dtype=np.bool_)
    ahead = along[None] - along[:, None]
    rise = np.arctan2(z[None] - z[:, None], np.abs(ahead))
    left = np.max(np.where(ahead < 0.0, rise, -np.inf), axis=1)
    right = np.max(np.where(ahead > 0.0, rise, -np.inf), axis=1)
    left, right = np.where(np.isinf(left), right, left), np.where(np.isinf(right), left, right)
    cleft: Booleans = (0.5 * (left + right) > limit) & (np.minimum(left, right) > 0.5 * limit)
    return cleft


def _surface(
    along: Floats,
    z: Floats,
    buried: Booleans,
    relief: Floats | None,
    *,
    level: float | None,
    extent: float,
) -> Floats:
    """Return the ground as (n, 2) along, z, from the first to the last electrode or further."""
    ends = np.array([along.min(), along.max()])
    near = MERGED * extent
    if ends[1] - ends[0] <= near:
        ends += [-0.5 * extent, 0.5 * extent]
    if level is not None:
        s = np.append(ends, along[~buried])
        return _increasing(np.column_stack([s, np.full(len(s), level)]), near)
    stakes = np.empty((0, 2))
    if not buried.all():
        stakes = _increasing(np.column_stack([along, z])[~buried], near)
    ground = stakes if relief is None else _joined(stakes, relief, near)
    outside = ends[(ends < ground[0, 0] - near) | (ends > ground[-1, 0] + near)]
    level_ends = np.column_stack([outside, np.interp(outside, *ground.T)])
    return _increasing(np.vstack([ground, level_ends]), near)


def _joined(stakes: Floats, relief: Floats, near: float) -> Floats:
    """Return terrain points lifted to the electrodes' level, and the electrodes among them."""
    if len(stakes) == 0:
        return relief
    s, height = relief.T
    lift = stakes[:, 1] - np.interp(stakes[:, 0], s, height)
    lifted = height + np.interp(s, stakes[:, 0], lift)
    gap = np.diff(stakes[:, 0]) if len(stakes) > 1 else np.array([20.0 * near])
    local = gap[np.clip(np.searchsorted(stakes[:, 0], s) - 1, 0, len(gap) - 1)]
    nearest = np.min(np.abs(s[:, None] - stakes[None, :, 0]), axis=1)
    free = nearest > np.maximum(OWN_GROUND * local, near)
    both = np.vstack([stakes, np.column_stack([s, lifted])[free]])
    ordered: Floats = both[np.argsort(both[:, 0], kind="stable")]
    return ordered
