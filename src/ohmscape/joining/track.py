"""Line coordinates (distance, offset to the left) to and from map coordinates."""

from dataclasses import dataclass

import numpy as np

from ohmscape.arrays.course import course_of
from ohmscape.core.types import Floats, Integers
from ohmscape.errors import SurveyError


@dataclass(frozen=True, eq=False)
class Track:
    """A line on the map: straight legs between control points, stretched to their distances.

    The first leg goes on backwards and the last one forwards, unstretched.
    """

    along: Floats  #: (n,) line coordinate of each control point in m, strictly increasing
    xy: Floats  #: (n, 2) map coordinates in m

    @property
    def chainage(self) -> Floats:
        """Distance on the map from the first control point, shape (n,)."""
        steps = np.hypot(*np.diff(self.xy, axis=0).T)
        chainage: Floats = np.append(0.0, np.cumsum(steps))
        return chainage


def track_of(along: Floats, xy: Floats) -> Track:
    """Return the track through control points in any order.

    Parameters
    ----------
    along : array, shape (n,)
        Line coordinates in m.
    xy : array, shape (n, 2)
        Map coordinates in m.

    Raises
    ------
    SurveyError
        Fewer than two points, or two at one place.
    """
    order = np.argsort(along, kind="stable")
    track = Track(along[order], xy[order])
    if len(along) < 2:
        raise SurveyError("one control point", mend="give at least two, for example both ends")
    one = (np.diff(track.along) <= 0.0) | (np.diff(track.chainage) <= 0.0)
    if one.any():
        i = int(np.argmax(one))
        raise SurveyError(
            "two control points at one place",
            where=f"{track.along[i]:g} and {track.along[i + 1]:g} m along the line",
            mend="keep one of them, or correct its coordinates",
        )
    return track


def course_track(positions: Floats) -> Track:
    """Return the line on which electrodes lie, as `ohmscape.arrays.course` finds it.

    Parameters
    ----------
    positions : array, shape (n, 3)
        m.

    Raises
    ------
    SurveyError
        They do not lie on a line.
    """
    course = course_of(positions)
    along = np.append(course.start, course.start[-1] + 1.0)
    return Track(along, course.place(along))


def to_map(track: Track, along: Floats, offset: Floats | float = 0.0) -> Floats:
    """Return map coordinates of places given along a line.

    Parameters
    ----------
    track : Track
    along : array, shape (n,)
        Line coordinate in m.
    offset : float or array, shape (n,)
        Distance in m to the left of the line, seen in its direction.

    Returns
    -------
    array, shape (n, 2)
    """
    leg, unit, stretch = _legs(track, along)
    ahead = (along - track.along[leg]) * stretch
    left = np.column_stack([-unit[:, 1], unit[:, 0]])
    sideways = np.broadcast_to(np.asarray(offset, dtype=np.float64), along.shape)
    xy: Floats = track.xy[leg] + ahead[:, None] * unit + sideways[:, None] * left
    return xy


def to_line(track: Track, xy: Floats) -> tuple[Floats, Floats]:
    """Return line coordinates and offsets to the left of places on the map.

    Parameters
    ----------
    track : Track
    xy : array, shape (n, 2)

    Returns
    -------
    along, offset : array, shape (n,)
        Of the nearest place on the line.
    """
    along, offset = np.zeros(len(xy)), np.full(len(xy), np.inf)
    nearest = np.full(len(xy), np.inf)
    last = len(track.along) - 2
    for i, step in enumerate(np.diff(track.xy, axis=0)):
        length = float(np.hypot(*step))
        unit = step / length
        x, y = (xy - track.xy[i]).T
        ahead, left = x * unit[0] + y * unit[1], y * unit[0] - x * unit[1]
        low, high = (-np.inf if i == 0 else 0.0), (np.inf if i == last else length)
        foot = np.clip(ahead, low, high)
        away = np.hypot(ahead - foot, left)
        hit = away < nearest
        scale = (track.along[i + 1] - track.along[i]) / length
        own = track.along[i] + np.clip(foot, 0.0, length) * scale
        own = own + np.minimum(foot, 0.0) + np.maximum(foot - length, 0.0)
        along, offset = np.where(hit, own, along), np.where(hit, left, offset)
        nearest = np.where(hit, away, nearest)
    return along, offset


def leave_one_out(track: Track) -> Floats:
    """Return by how much, in m, the others miss each inner control point, shape (n - 2,).

    Each is compared with the straight line between its neighbours: so far off an electrode may
    be that has no control point of its own.
    """
    inner = range(1, len(track.along) - 1)
    missed = []
    for i in inner:
        others = Track(np.delete(track.along, i), np.delete(track.xy, i, axis=0))
        guess = to_map(others, track.along[i : i + 1])[0]
        missed.append(float(np.hypot(*(guess - track.xy[i]))))
    return np.array(missed)


def _legs(track: Track, along: Floats) -> tuple[Integers, Floats, Floats]:
    """Return of each place its leg, the unit vector of that and metres on the map per metre."""
    steps = np.diff(track.xy, axis=0)
    length = np.hypot(*steps.T)
    leg = np.clip(np.searchsorted(track.along, along, side="right") - 1, 0, len(steps) - 1)
    beyond = along > track.along[-1]
    outside = (along < track.along[0]) | beyond
    unit = (steps / length[:, None])[leg]
    stretch = np.where(outside, 1.0, (length / np.diff(track.along))[leg])
    return np.where(beyond, len(track.along) - 1, leg), unit, stretch
