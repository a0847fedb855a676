"""A line put on the map and on the ground: from what the crew taped to x, y, z."""

from dataclasses import dataclass, replace

import numpy as np

from ohmscape.arrays.course import course_of, spacing_of
from ohmscape.arrays.ground import ground_at, line_of
from ohmscape.core.data import Data, Remark, Terrain
from ohmscape.core.survey import Electrodes, Survey
from ohmscape.core.types import Floats
from ohmscape.errors import SurveyError
from ohmscape.joining.controls import Controls, Ground, LinePoints
from ohmscape.joining.profile import (
    Profile,
    height_at,
    profile_from_tape,
    profile_of,
    to_horizontal,
    to_tape,
)
from ohmscape.joining.surface import heights_on_map, profile_on_map
from ohmscape.joining.track import Track, course_track, leave_one_out, to_line, to_map, track_of

STRETCHED = 0.02  #: relative difference of the line's own distances and the map worth a warning
FINE = 0.25  #: part of the spacing at which the ground between electrodes is kept


@dataclass(frozen=True, eq=False)
class _Laid:
    """A line on the map: where its electrodes are and the ground along it."""

    xy: Floats  #: (n_electrodes, 2) m
    chainage: Floats  #: (n_electrodes,) coordinate of `profile`
    profile: Profile | None
    track: Track | None  #: from chainage to the map
    said: tuple[Remark, ...] = ()


def place(
    data: Data,
    *,
    controls: Controls | None = None,
    ground: Ground | None = None,
    along: bool = False,
    crs: str | None = None,
) -> Data:
    """Return data whose electrodes have their place on the map, their height, or both.

    Parameters
    ----------
    data : Data
        x is the distance along the line and y the offset to its left. Without `controls`, x and y
        may be map coordinates.
    controls : Controls, optional
        Places of some electrodes or distances; the others lie between them, beyond the first
        and last one straight on.
    ground : LinePoints, MapPoints or Raster, optional
        Left out, the heights of `controls` are taken, if they have any.
    along : bool
        The file's distances were taped along the ground; else they are horizontal.
    crs : str, optional
        System of the map's coordinates, if they are not those of the raster.

    Returns
    -------
    Data
        Buried electrodes keep their depth below the ground. The ground between electrodes is
        kept as terrain.

    Raises
    ------
    FormatError, SurveyError
        Taped distances without a ground, places outside of a raster, control points at one
        place.

    Notes
    -----
    Taped distances become horizontal ones exactly for a ground of straight pieces
    (`ohmscape.joining.profile`). Between two control points the line's own distances are stretched
    to those of the map; by how much, and by how much each control point would have been missed
    without it, is in the report: that is how far off electrodes without a GPS may be.
    """
    if controls is None and ground is None:
        raise SurveyError("nothing to place by", mend="give --gps, --topography or both")
    positions = data.survey.electrodes.positions
    depth = _depths(data)
    if controls is not None and crs is None:
        crs = controls.crs
    if isinstance(ground, LinePoints):
        laid = _by_line(data, ground, controls, along=along)
    elif controls is not None:
        laid = _by_map(data, ground, controls, along=along, crs=crs)
    else:
        laid = _as_it_lies(data, along=along)
    z, said = _heights(data, laid, ground, crs)
    electrodes = data.survey.electrodes
    new = np.column_stack([laid.xy, positions[:, 2] if z is None else z - depth])
    survey = Survey(Electrodes(new, electrodes.labels, electrodes.buried), data.survey.abmn)
    terrain = _terrain(laid, spacing_of(new)) or data.terrain
    report = (*data.report, *laid.said, *_told(controls), *said)
    return replace(data, survey=survey, terrain=terrain, report=report)


def localised(data: Data, controls: Controls | None = None) -> Data:
    """Return data in line coordinates: x the distance along the line, y the offset to its left.

    Parameters
    ----------
    data : Data
        In map coordinates.
    controls : Controls, optional
        What the distances are at some places; the line through the electrodes if left out.

    Returns
    -------
    Data
    """
    electrodes = data.survey.electrodes
    if controls is None:
        track = course_track(electrodes.positions)
    else:
        track = track_of(controls.along, controls.xy)

    def local(points: Floats) -> Floats:
        return np.column_stack([*to_line(track, points[:, :2]), points[:, 2]])

    new = Electrodes(local(electrodes.positions), electrodes.labels, electrodes.buried)
    terrain = data.terrain and Terrain(local(data.terrain.points))
    told = Remark("kept", "electrodes in line coordinates: distance, offset to the left")
    return replace(
        data,
        survey=Survey(new, data.survey.abmn),
        terrain=terrain,
        report=(*data.report, told),
    )


def _depths(data: Data) -> Floats:
    """Return how deep each electrode lies below the ground in m, 0 for those on it."""
    electrodes = data.survey.electrodes
    try:
        line = line_of(electrodes, data.terrain)
    except SurveyError:
        if electrodes.buried is not None and electrodes.buried.any():
            raise
        return np.zeros(len(electrodes))  # a survey of an area, all on the ground
    depth: Floats = np.where(line.buried, ground_at(line, line.along) - line.elevation, 0.0)
    return depth


def _by_line(data: Data, ground: LinePoints, controls: Controls | None, *, along: bool) -> _Laid:
    """Lay a line whose ground is known at its own distances."""
    profile = (profile_from_tape if ground.taped else profile_of)(ground.distance, ground.z)
    positions = data.survey.electrodes.positions
    on_axis = controls is not None or np.ptp(positions[:, 1]) == 0.0
    if not on_axis and along:
        raise _no_tape()
    own = positions[:, 0] if on_axis else course_of(positions).project(positions[:, :2])[0]
    h = to_horizontal(profile, own) if along else own
    said = _shortened(own, h) if along else ()
    if controls is None:
        xy = np.column_stack([h, positions[:, 1]]) if on_axis else positions[:, :2]
        y = positions[0, 1]
        axis = Track(np.array([0.0, 1.0]), np.array([[0.0, y], [1.0, y]]))
        track = axis if on_axis else course_track(positions)
        return _Laid(xy, h, profile, track, said)
    known = to_horizontal(profile, controls.along) if along else controls.along
    track = track_of(known, controls.xy)
    return _Laid(to_map(track, h, positions[:, 1]), h, profile, track, said)


def _no_tape() -> SurveyError:
    return SurveyError(
        "distances along the ground need a line in its own coordinates and its ground",
        mend="give --gps with --topography, or --distance horizontal if x and y are of the map",
    )


def _by_map(
    data: Data, ground: Ground | None, controls: Controls, *, along: bool, crs: str | None
) -> _Laid:
    """Lay a line by control points; its ground, if any, is known on the map."""
    positions = data.survey.electrodes.positions
    own, offset = positions[:, 0], positions[:, 1]
    plain = track_of(controls.along, controls.xy)
    on_map = Track(plain.chainage, plain.xy)  # from metres on the map
    flat = _level_chainage(plain, own)
    profile = profile_on_map(ground, controls, on_map, flat, crs)
    if not along:
        return _Laid(to_map(plain, own, offset), flat, profile, on_map)
    if profile is None:
        raise _no_tape()
    taped = Track(plain.along, _on_axis(to_tape(profile, plain.chainage)))
    chainage = to_horizontal(profile, to_map(taped, own)[:, 0])
    said = _shortened(own, chainage)
    return _Laid(to_map(on_map, chainage, offset), chainage, profile, on_map, said)


def _on_axis(x: Floats) -> Floats:
    return np.column_stack([x, np.zeros(len(x))])


def _level_chainage(track: Track, own: Floats) -> Floats:
    """Return metres on the map from the first control point of the line's own distances."""
    straight = Track(track.along, _on_axis(track.chainage))
    return to_map(straight, own)[:, 0]


def _as_it_lies(data: Data, *, along: bool) -> _Laid:
    """Return electrodes that are on the map already."""
    if along:
        raise _no_tape()
    positions = data.survey.electrodes.positions
    return _Laid(positions[:, :2].copy(), np.zeros(len(positions)), None, None)


def _heights(
    data: Data, laid: _Laid, ground: Ground | None, crs: str | None
) -> tuple[Floats | None, tuple[Remark, ...]]:
    """Return the height of the ground at each electrode, None if nothing says it."""
    labels = [f"electrode {label}" for label in data.survey.electrodes.labels]
    n = len(labels)
    if laid.profile is None:
        return (None, ()) if ground is None else heights_on_map(ground, laid.xy, labels, crs)
    s = laid.profile.distance
    beyond = (laid.chainage < s[0] - 1e-6) | (laid.chainage > s[-1] + 1e-6)
    said = [Remark("kept", f"heights of {n} electrodes between {len(s)} points", (), n)]
    if beyond.any():
        which = np.flatnonzero(beyond)
        names = ", ".join(labels[i] for i in which[:5])
        text = f"{len(which)} electrodes lie beyond the topography, taken as level: {names}"
        said.append(Remark("warning", text, (), len(which)))
    return height_at(laid.profile, laid.chainage), tuple(said)


def _terrain(laid: _Laid, spacing: float) -> Terrain | None:
    """Return the ground from the first to the last electrode, no finer than it matters."""
    if laid.profile is None or laid.track is None:
        return None
    s = laid.profile.distance
    low, high = laid.chainage.min(), laid.chainage.max()
    s = s[(s >= low) & (s <= high)]
    if len(s) > 2:
        cell = np.floor((s - s[0]) / (FINE * spacing))
        s = s[np.append(True, np.diff(cell) > 0)]
    s = np.unique(np.append(s, laid.chainage))  # or an electrode would seem to be buried
    if len(s) < 2:
        return None
    xy = to_map(laid.track, s)
    return Terrain(np.column_stack([xy, height_at(laid.profile, s)]))


def _shortened(own: Floats, horizontal: Floats) -> tuple[Remark, ...]:
    less = float(np.ptp(own) - np.ptp(horizontal))
    text = f"{np.ptp(own):.2f} m along the ground are {np.ptp(horizontal):.2f} m, {less:.2f} less"
    return (Remark("kept", text, (), len(own)),)


def _told(controls: Controls | None) -> tuple[Remark, ...]:
    """Return what control points say about themselves."""
    if controls is None:
        return ()
    track = track_of(controls.along, controls.xy)
    n = len(track.along)
    system = f" in {controls.crs}" if controls.crs else ""
    said = [Remark("kept", f"line placed by {n} control points{system}", (), n)]
    said += [Remark("warning", note) for note in controls.notes]
    own, real = np.diff(track.along), np.diff(track.chainage)
    worst = int(np.argmax(np.abs(real / own - 1.0)))
    text = (
        f"between control points at {track.along[worst]:g} and {track.along[worst + 1]:g} m the "
        f"map has {real[worst]:.2f} m ({real[worst] / own[worst] - 1.0:+.2%})"
    )
    kind = "warning" if abs(real[worst] / own[worst] - 1.0) > STRETCHED else "checked"
    said.append(Remark(kind, text))
    missed = leave_one_out(track)
    if len(missed) == 0:
        text = "two control points only: how far off the electrodes between are is not known"
        return (*said, Remark("warning", text))
    order = np.argsort(controls.along, kind="stable")[1:-1]
    name = controls.names[order[int(np.argmax(missed))]]
    text = (
        f"without it, a control point is missed by {np.sqrt(np.mean(missed**2)):.2f} m (rms of "
        f"{len(missed)}), at most by {missed.max():.2f} m ({name})"
    )
    return (*said, Remark("checked", text, (), len(missed)))
