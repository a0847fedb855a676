"""The course of a line of electrodes over the ground, seen from above. x, y in m."""

from dataclasses import dataclass

import numpy as np

from ohmscape.core.types import Booleans, Floats, Integers
from ohmscape.errors import SurveyError

STRAIGHT = 0.01  #: part of a line's length that electrodes may lie beside it,
BESIDE = 0.25  #: or part of the spacing, whichever is more
TRUE = 0.02  #: relative error of distances along the line up to which it stands for the ground
AXIS = 1e-4  #: relative error of distances that is worth keeping the file's own x or y
ROUGH = 0.25  #: the same where positions scatter about a straight line (hand-held GPS)
SAMPLE = 200  #: electrodes among which all distances are compared; neighbours always are


@dataclass(frozen=True, eq=False)
class Course:
    """A line from above: straight legs, one after the other; one leg where it is straight.

    The first leg goes on backwards and the last one forwards without end.
    """

    start: Floats  #: (n_legs,) coordinate along the line in m where each leg begins
    origin: Floats  #: (n_legs, 2) x, y in m of that place
    direction: Floats  #: (n_legs, 2) unit vector of the leg
    deviation: float = 0.0  #: greatest distance in m of an electrode from the line
    distortion: float = 0.0  #: greatest relative error of a distance between two electrodes

    def place(self, along: Floats) -> Floats:
        """Return x, y in m, shape (n, 2), of coordinates along the line, shape (n,)."""
        leg = np.searchsorted(self.start[1:], along, side="right")
        ahead = (along - self.start[leg])[:, None]
        place: Floats = self.origin[leg] + ahead * self.direction[leg]
        return place

    def project(self, xy: Floats) -> tuple[Floats, Floats]:
        """Return the coordinate along the line and the distance from it, both (n,) in m."""
        along = np.empty(len(xy))
        beside = np.full(len(xy), np.inf)
        end = np.append(self.start[1:], np.inf)
        begin = np.append(-np.inf, self.start[1:])
        for i, (start, origin, (dx, dy)) in enumerate(
            zip(self.start, self.origin, self.direction, strict=True)
        ):
            x, y = (xy - origin).T
            s = np.clip(start + x * dx + y * dy, begin[i], end[i])
            off = np.hypot(x - (s - start) * dx, y - (s - start) * dy)
            nearer = off < beside
            along[nearer], beside[nearer] = s[nearer], off[nearer]
        return along, beside


def spacing_of(positions: Floats) -> float:
    """Return the median distance in m from an electrode to its nearest neighbour.

    Electrodes listed twice count once; a single electrode has spacing 1.
    """
    places = np.unique(positions, axis=0)
    if len(places) < 2:
        return 1.0
    some = _some(len(places))
    # no tree: importing SciPy's takes longer than this
    square = np.sum((places[some, None] - places[None]) ** 2, axis=-1)
    square[np.arange(len(some)), some] = np.inf
    return float(np.sqrt(np.median(square.min(axis=1))))


def course_of(positions: Floats) -> Course:
    """Find the line on which electrodes lie.

    Tried in this order, the first that fits is taken:

    1. the x axis (coordinate along the line = x, unchanged), then the y axis (= y), where they
       tell distances as well as 2. does, to `AXIS`;
    2. the straight line of least squares: coordinate 0 at its first electrode, growing with
       the electrodes' order;
    3. a bent line from electrode to electrode: coordinate 0 at the first, then the way walked;
    4. the straight line again, where positions scatter about it as those of a hand-held GPS do.

    A straight line fits where no electrode is further beside it than `STRAIGHT` of its length
    or `BESIDE` of the spacing. Both kinds must give distances between electrodes that are true
    to `TRUE`, because distances are what the physics sees: a road's slow bend passes, a zigzag
    or two parallel lines do not. The scatter of 4. may falsify them up to `ROUGH`;
    `Course.distortion` says by how much, for the report.

    Parameters
    ----------
    positions : array, shape (n_electrodes, 3)
        x, y, z in m, in the order of the cable.

    Returns
    -------
    Course

    Raises
    ------
    SurveyError
        The electrodes do not lie on a line.
    """
    course, fits = _best(positions)
    if fits:
        return course
    raise SurveyError(
        "electrodes do not lie on a line: 3-D survey",
        where=f"up to {course.deviation:.3g} m beside the best line",
        mend="give the electrodes of one line, in the order of the cable",
    )


def on_a_line(positions: Floats) -> bool:
    """Return whether `course_of` finds a line through electrodes, shape (n_electrodes, 3)."""
    return _best(positions)[1]


def _best(positions: Floats) -> tuple[Course, bool]:
    """Return the line that fits best, and whether it fits."""
    xy = positions[:, :2]
    if (xy[:, 1] == xy[0, 1]).all() and np.ptp(xy[:, 0]) > 0.0:  # most files, without search
        return _leg(np.array([0.0, xy[0, 1]]), np.array([1.0, 0.0])), True
    spacing = spacing_of(positions)
    allowed = max(STRAIGHT * float(np.linalg.norm(np.ptp(positions, axis=0))), BESIDE * spacing)
    middle = xy.mean(axis=0)
    fitted = _fitted(xy, middle)
    straight = [
        _rated(_leg(np.array([0.0, middle[1]]), np.array([1.0, 0.0])), positions),
        _rated(_leg(np.array([middle[0], 0.0]), np.array([0.0, 1.0])), positions),
        _rated(fitted, positions),
    ]
    limit = min(TRUE, straight[-1].distortion + AXIS)
    for course in straight:
        if course.deviation <= allowed and course.distortion <= limit:
            return course, True
    bent = _rated(_bent(xy, fitted, 0.02 * spacing), positions)
    if bent.distortion <= TRUE:
        return bent, True
    best = straight[-1]
    return best, best.deviation <= allowed and best.distortion <= ROUGH


def _leg(origin: Floats, direction: Floats) -> Course:
    return Course(np.zeros(1), origin[None], direction[None])


def _fitted(xy: Floats, middle: Floats) -> Course:
    """Return the straight line of least squares from its first electrode on."""
    _, _, axes = np.linalg.svd(xy - middle, full_matrices=False)
    direction: Floats = axes[0]
    s = (xy - middle) @ direction
    if np.dot(np.arange(len(s)) - 0.5 * (len(s) - 1), s) < 0.0:
        s, direction = -s, -direction
    return _leg(middle + s.min() * direction, direction)


def _bent(xy: Floats, straight: Course, near: float) -> Course:
    """Return the way from electrode to electrode in their order along the straight line."""
    order = np.argsort(straight.project(xy)[0], kind="stable")
    way = [xy[order[0]]]
    for i in order[1:]:
        if np.linalg.norm(xy[i] - way[-1]) > near:  # electrodes of one borehole are one place
            way.append(xy[i])
    if len(way) < 3:
        return straight
    knots = np.array(way)
    step = np.diff(knots, axis=0)
    length = np.linalg.norm(step, axis=1)
    start = np.append(0.0, np.cumsum(length)[:-1])
    return Course(start, knots[:-1], step / length[:, None])


def _rated(course: Course, positions: Floats) -> Course:
    """Return the course with its deviation from these electrodes and its distortion."""
    along, beside = course.project(positions[:, :2])
    order = np.argsort(along, kind="stable")
    some = order[_some(len(order))]
    worst = max(
        _distortion(positions, along, some[:, None], some[None]),
        _distortion(positions, along, order[1:], order[:-1]),
    )
    return Course(course.start, course.origin, course.direction, float(beside.max()), worst)


def _some(n: int) -> Integers:
    """Return at most `SAMPLE` of the numbers 0 to n - 1, evenly."""
    return np.linspace(0, n - 1, min(n, SAMPLE)).astype(np.int64)


def _distortion(positions: Floats, along: Floats, p: Integers, q: Integers) -> float:
    x, y, z = np.moveaxis(positions[p] - positions[q], -1, 0)
    true = np.sqrt(x * x + y * y + z * z)
    apart: Booleans = true > 0.0
    if not apart.any():
        return 0.0
    drawn = np.hypot(along[p] - along[q], z)
    return float(np.max(np.abs(drawn[apart] / true[apart] - 1.0)))
