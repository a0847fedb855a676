"""Topography of Res2DInv files: the list after the readings, and electrodes raised onto it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ohmscape.core import Booleans, Floats, Remark
from ohmscape.formats._res2dinv_lines import cells_of, is_text, next_line
from ohmscape.formats._source import Source, quote
from ohmscape.formats._text import number, table

HORIZONTAL, ALONG = 1, 2  #: what distances of the list are


@dataclass(frozen=True, eq=False)
class Ground:
    """The ground as a polyline: `x` true horizontal, `s` along the surface, `z` up, all in m."""

    x: Floats
    s: Floats
    z: Floats
    kind: int

    def at_x(self, x: Floats) -> tuple[Floats, Floats]:
        """Return x, z of places at true horizontal distances; level beyond the ends."""
        return x, np.interp(x, self.x, self.z)

    def at_s(self, s: Floats) -> tuple[Floats, Floats]:
        """Return x, z of places at distances along the surface; level beyond the ends."""
        inside = np.interp(s, self.s, self.x)
        before, after = np.minimum(s - self.s[0], 0.0), np.maximum(s - self.s[-1], 0.0)
        return inside + before + after, np.interp(s, self.s, self.z)

    def beyond(self, at: Floats, along: bool) -> Booleans:
        """Return which places lie outside the list."""
        known = self.s if along else self.x
        slack = 1e-6 * max(float(np.ptp(known)), 1.0)
        outside: Booleans = (at < known[0] - slack) | (at > known[-1] + slack)
        return outside


def polyline(distance: Floats, z: Floats, kind: int) -> Ground | None:
    """Return the ground through points, None if a rise is longer than its way."""
    order = np.argsort(distance, kind="stable")
    distance, z = distance[order], z[order]
    step, rise = np.diff(distance), np.diff(z)
    if kind == ALONG:
        if np.any(np.abs(rise) > step):
            return None
        x = distance[0] + np.concatenate([[0.0], np.cumsum(np.sqrt(step**2 - rise**2))])
        return Ground(x, distance, z, kind)
    s = distance[0] + np.concatenate([[0.0], np.cumsum(np.hypot(step, rise))])
    return Ground(distance, s, z, kind)


def tail_of(
    source: Source, lines: Sequence[str], start: int, row_cells: int
) -> tuple[Ground | None, list[Remark]]:
    """Return the topography after the readings, None if there is none.

    Raises
    ------
    FormatError
        More readings than announced, or a list that cannot be read.
    """
    at = next_line(lines, start)
    if at < len(lines) and lines[at].strip().lower().startswith("topography"):
        at = next_line(lines, at + 1)
    if at >= len(lines):
        return None, []
    flag = _flag(source, lines, at, row_cells)
    if flag is None or flag == 0:
        return None, _rest(source, lines, at if flag is None else at + 1)
    at = next_line(lines, at + 1)
    count = _count(source, lines, at)
    rows, numbers = [], []
    for _ in range(count):
        at = next_line(lines, at + 1)
        if at >= len(lines) or is_text(lines[at]):
            break
        rows.append(" ".join(cells_of(lines[at])))
        numbers.append(at + 1)
    if len(rows) < count:
        raise source.fault(
            f"{count} topography points announced, the file holds {len(rows)}",
            line=min(at + 1, len(lines)),
            mend="restore the file or correct the count",
        )
    points = table(source, rows, numbers)
    short = np.flatnonzero((points.cells != 2) & (points.cells != 3))
    broken = np.flatnonzero(~np.isfinite(points.values[:, :2]).all(axis=1))
    wrong = [*short.tolist(), *broken.tolist()]
    if wrong or points.values.shape[1] < 2:
        line = numbers[wrong[0]] if wrong else numbers[0]
        raise source.fault("topography point is not x z", line=line, mend="give both numbers")
    ground = polyline(points.values[:, 0], points.values[:, 1], flag)
    if ground is None:
        raise source.fault(
            "topography rises more than the distance along the ground (flag 2)",
            line=numbers[0],
            mend="if these are true horizontal distances, set the flag to 1",
        )
    word = "true horizontal distances" if flag == HORIZONTAL else "distances along the ground"
    remarks = [Remark("kept", f"{count} topography points at {word}", (), count)]
    return ground, [*remarks, *_rest(source, lines, at + 1)]


def _flag(source: Source, lines: Sequence[str], at: int, row_cells: int) -> int | None:
    """Return the topography flag, None if a word or nothing but zeros stands there."""
    cells = cells_of(lines[at])
    if is_text(lines[at]):
        return None
    values = [number(cell) for cell in cells]
    if all(v == 0.0 for v in values):
        return 0
    if len(cells) > 1:
        what = "more readings than the count announces"
        if len(cells) < row_cells:
            what = f"topography flag expected, found {quote(lines[at])}"
        raise source.fault(what, line=at + 1, mend="restore the file or correct the count")
    if values[0] not in (1.0, 2.0):
        raise source.fault(
            f"topography flag cannot be {quote(cells[0])}",
            line=at + 1,
            mend="0 none, 1 true horizontal distances, 2 distances along the ground",
        )
    return int(values[0])


def _count(source: Source, lines: Sequence[str], at: int) -> int:
    cells = cells_of(lines[at]) if at < len(lines) else []
    value = number(cells[0]) if cells else None
    if value is None or not 1 <= value <= len(lines) or value != round(value) or len(cells) > 1:
        raise source.fault(
            "number of topography points expected",
            line=min(at + 1, len(lines)),
            mend="restore the file or correct the number",
        )
    return int(value)


def _rest(source: Source, lines: Sequence[str], start: int) -> list[Remark]:
    """Look at what follows: zeros and single numbers are usual, words are not used."""
    at = next_line(lines, start)
    while at < len(lines):
        if is_text(lines[at]):
            text = f"from line {at + 1} on ({quote(lines[at].strip())}) the file is not used"
            return [Remark("warning", text, (at + 1,), len(lines) - at)]
        values = [number(cell) for cell in cells_of(lines[at])]
        if len(values) > 1 and any(v != 0.0 for v in values):
            raise source.fault(
                f"unexpected row {quote(lines[at].strip())} after the end of the lists",
                line=at + 1,
                mend="restore the file or correct the counts",
            )
        at = next_line(lines, at + 1)
    return []
