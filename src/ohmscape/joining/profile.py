"""The ground along a line: horizontal distances and those that a tape on the ground measures."""

from dataclasses import dataclass

import numpy as np

from ohmscape.core.types import Floats
from ohmscape.errors import SurveyError


@dataclass(frozen=True, eq=False)
class Profile:
    """The ground as straight pieces between points; beyond them it goes on level."""

    distance: Floats  #: (n,) m, horizontal, strictly increasing
    z: Floats  #: (n,) m

    @property
    def tape(self) -> Floats:
        """Distance along the ground at each point, 0 where the horizontal one is, shape (n,)."""
        length = np.append(0.0, np.cumsum(np.hypot(np.diff(self.distance), np.diff(self.z))))
        start = float(_level(np.zeros(1), self.distance, length)[0])
        tape: Floats = length - start
        return tape


def profile_of(distance: Floats, z: Floats) -> Profile:
    """Return a profile of points in any order.

    Parameters
    ----------
    distance : array, shape (n,)
        m, horizontal.
    z : array, shape (n,)
        m.

    Raises
    ------
    SurveyError
        Two heights at one distance.
    """
    order = np.argsort(distance, kind="stable")
    s, height = distance[order], z[order]
    same = np.diff(s) <= 0.0
    twice = same & (np.diff(height) != 0.0)
    if twice.any():
        raise SurveyError(
            f"two heights at {s[1:][twice][0]:g} m", where="topography", mend="keep one of them"
        )
    keep = np.append(True, ~same)
    return Profile(s[keep], height[keep])


def profile_from_tape(tape: Floats, z: Floats) -> Profile:
    """Return a profile of points whose distances were measured along the ground.

    Parameters
    ----------
    tape : array, shape (n,)
        m, along the ground from point to point, in any order; horizontal and taped distance
        agree at the first point.
    z : array, shape (n,)
        m.

    Raises
    ------
    SurveyError
        A point higher above its neighbour than the tape between them is long.
    """
    order = np.argsort(tape, kind="stable")
    s, height = tape[order], z[order]
    step, rise = np.diff(s), np.diff(height)
    steep = np.abs(rise) > step
    if steep.any():
        i = int(np.argmax(steep))
        raise SurveyError(
            f"the ground rises by {abs(rise[i]):g} m on {step[i]:g} m of tape",
            where=f"between {s[i]:g} and {s[i + 1]:g} m",
            mend="check the heights, or name the column distance if it is horizontal",
        )
    flat = np.sqrt(step**2 - rise**2)
    return profile_of(s[0] + np.append(0.0, np.cumsum(flat)), height)


def height_at(profile: Profile, distance: Floats) -> Floats:
    """Return the height in m at horizontal distances, both (n,)."""
    height: Floats = np.interp(distance, profile.distance, profile.z)
    return height


def to_horizontal(profile: Profile, tape: Floats) -> Floats:
    """Return horizontal distances of distances along the ground, both (n,) in m.

    Exact for a ground of straight pieces. Both are 0 at the same place.
    """
    return _level(tape, profile.tape, profile.distance)


def to_tape(profile: Profile, distance: Floats) -> Floats:
    """Return distances along the ground of horizontal distances, both (n,) in m."""
    return _level(distance, profile.distance, profile.tape)


def _level(x: Floats, known: Floats, values: Floats) -> Floats:
    """Interpolate; beyond the ends go on with slope 1, as on level ground."""
    inside = np.interp(x, known, values)
    before, after = np.minimum(x - known[0], 0.0), np.maximum(x - known[-1], 0.0)
    out: Floats = inside + before + after
    return out
