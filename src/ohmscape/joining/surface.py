"""Heights of the ground on the map: along a line, and at places."""

import numpy as np

from ohmscape.core.data import Remark
from ohmscape.core.types import Floats
from ohmscape.errors import SurveyError
from ohmscape.joining.controls import Controls, Ground, MapPoints, Raster
from ohmscape.joining.profile import Profile, height_at, profile_of
from ohmscape.joining.raster import heights
from ohmscape.joining.track import Track, course_track, to_line, to_map

FINEST = 20_000  #: points at most at which a raster is looked at along a line
BESIDE = 0.5  #: part of the line's length that points of the ground may lie beside it


def profile_on_map(
    ground: Ground | None, controls: Controls, on_map: Track, chainage: Floats, crs: str | None
) -> Profile | None:
    """Return the ground along a line on the map, None if nothing says it.

    Parameters
    ----------
    ground : LinePoints, MapPoints or Raster, optional
    controls : Controls
        Their heights are taken where `ground` is left out.
    on_map : Track
        Of the line, from metres on the map.
    chainage : array, shape (n_electrodes,)
        About where the electrodes are, in metres on the map.
    crs : str, optional
        System of the map.

    Returns
    -------
    Profile or None
    """
    if isinstance(ground, MapPoints):
        return _beside(ground, on_map, float(np.ptp(chainage)))
    if isinstance(ground, Raster):
        ends = np.array([chainage.min(), chainage.max()])
        first = to_map(on_map, ends)
        _, cell = heights(ground.path, first, ["start of the line", "end of the line"], crs=crs)
        count = int(np.clip(2.0 * np.ptp(ends) / cell, 2, FINEST)) + 1
        s = np.unique(np.append(np.linspace(float(ends[0]), float(ends[1]), count), chainage))
        names = [f"{v:.1f} m along the line" for v in s]
        return profile_of(s, heights(ground.path, to_map(on_map, s), names, crs=crs)[0])
    if controls.z is None:
        return None
    order = np.argsort(controls.along, kind="stable")
    return profile_of(on_map.along, controls.z[order])


def heights_on_map(
    ground: Ground, xy: Floats, labels: list[str], crs: str | None = None
) -> tuple[Floats, tuple[Remark, ...]]:
    """Return the height of the ground at places on the map.

    Parameters
    ----------
    ground : MapPoints or Raster
    xy : array, shape (n, 2)
        m.
    labels : list of str
        What each place is called in errors.
    crs : str, optional
        System of `xy`.

    Returns
    -------
    z : array, shape (n,)
        m.
    remarks : tuple of Remark

    Raises
    ------
    FormatError, SurveyError
        A place where nothing says the height.
    """
    if isinstance(ground, Raster):
        z, cell = heights(ground.path, xy, labels, crs=crs)
        text = f"heights of {len(xy)} electrodes from {ground.path.name}, cells of {cell:.3g} m"
        return z, (Remark("kept", text, (), len(xy)),)
    if not isinstance(ground, MapPoints):
        raise SurveyError("distances along a line say nothing of places", mend="give x, y, z")
    return _between_points(ground, xy, labels)


def _beside(ground: MapPoints, on_map: Track, extent: float) -> Profile:
    """Return the profile of points on the map near a line, drawn onto it."""
    s, offset = to_line(on_map, ground.points[:, :2])
    near = np.abs(offset) <= BESIDE * extent
    if near.sum() < 2:
        raise SurveyError(
            f"{int(near.sum())} points of the topography lie near the line",
            mend="check that both are in one system of coordinates (--crs)",
        )
    order = np.lexsort((np.abs(offset[near]), s[near]))  # of points beside each other the nearest
    s, z = s[near][order], ground.points[near][order, 2]
    first = np.append(True, np.diff(s) > 0.0)
    return profile_of(s[first], z[first])


def _between_points(
    ground: MapPoints, xy: Floats, labels: list[str]
) -> tuple[Floats, tuple[Remark, ...]]:
    """Return heights at places on the map between scattered points, or along their line."""
    n = len(labels)
    try:
        track = course_track(np.column_stack([xy, np.zeros(n)]))
    except SurveyError:
        track = None
    if track is not None:
        profile = _beside(ground, track, float(np.hypot(*np.ptp(xy, axis=0))))
        told = Remark("kept", f"heights of {n} electrodes between {len(profile.z)} points", (), n)
        return height_at(profile, to_line(track, xy)[0]), (told,)
    from scipy.interpolate import LinearNDInterpolator

    z: Floats = LinearNDInterpolator(ground.points[:, :2], ground.points[:, 2])(xy)
    lost = np.flatnonzero(np.isnan(z))
    if len(lost):
        raise SurveyError(
            f"{', '.join(labels[i] for i in lost[:5])} outside of the points of the topography",
            mend="give points around all electrodes, or a raster",
        )
    text = f"heights of {n} electrodes between {len(ground.points)} points, linear in triangles"
    return z, (Remark("kept", text, (), n),)
