"""The default mesh of a line: rows under the terrain, columns at the electrodes.

Columns are a quarter of the electrode spacing at the surface and are merged in pairs as depth
grows, so that cells are about as wide as they are high everywhere. Rows follow the terrain and
flatten with depth. Buried electrodes get rows and columns of their own.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ohmscape.core.types import Booleans, Floats, Integers
from ohmscape.errors import MeshError
from ohmscape.mesh.mesh import QUADRILATERAL, TRANSITION, Mesh

KINK = 0.25  #: of a row: how far off a straight edge its foot may be where columns are merged


@dataclass(frozen=True)
class SectionOptions:
    """How fine, how deep and how wide a section mesh is. Lengths are in electrode spacings."""

    cells_per_gap: int = 4  #: columns between two electrodes at the surface, even
    row_growth: float = 0.17  #: growth of row height per depth
    merge_growth: float = 0.40  #: growth of the allowed column width per distance to electrodes
    padding_growth: float = 2.2  #: ratio of one padding cell to the one before
    padding: float = 12.0  #: width of the padding, in lengths of the line


@dataclass(frozen=True, eq=False)
class SectionMesh:
    """A mesh, and where each of its cells lies in the grid of parameters.

    Parameter rows and columns are counted from the surface and from the left. Cells of the
    padding carry the row and column of their nearest cell inside.
    """

    mesh: Mesh
    row: Integers  #: (n_cells,) parameter row
    column: Integers  #: (n_cells,) number of the parameter column that the cell's left side is on
    core: Booleans  #: (n_cells,) False in the padding


def section_mesh(
    surface: Floats,
    electrodes: Floats,
    buried: Booleans,
    depth: float,
    options: SectionOptions | None = None,
) -> SectionMesh:
    """Return the mesh of a line.

    Parameters
    ----------
    surface : array, shape (n, 2)
        x, z of the ground surface in m, x increasing.
    electrodes : array, shape (n_electrodes, 2)
        x, z in m; those not buried lie on the surface.
    buried : array of bool, shape (n_electrodes,)
    depth : float
        Depth in m down to which parameters are wanted.
    options : SectionOptions, optional

    Raises
    ------
    MeshError
        Fewer than two different places, or electrodes too close to tell apart.
    """
    options = options or SectionOptions()
    frame = _Frame.of(surface, depth)
    columns, spacing = _columns(electrodes, options)
    electrode_depth = np.where(buried, frame.depth_of(electrodes), 0.0)
    rows, core_rows = _rows(electrode_depth, spacing, depth, options)
    along = electrodes[:, 0]
    kept = _kept_lines(frame, columns, rows, core_rows, (along, electrode_depth), options)
    return _assemble(frame, columns, rows, core_rows, kept, (electrodes, electrode_depth))


@dataclass(frozen=True, eq=False)
class _Frame:
    """Terrain-following coordinates: x, and a depth that is 0 at the surface."""

    surface: Floats
    level: float  #: mean elevation of the surface
    flat: float  #: depth from which on rows are level

    @classmethod
    def of(cls, surface: Floats, depth: float) -> "_Frame":
        x, z = surface.T
        width = x[-1] - x[0]
        level = float(np.trapezoid(z, x) / width) if width > 0 else float(z.mean())
        return cls(surface, level, 1.5 * max(4.0 * float(np.ptp(z)), depth))

    def elevation(self, x: Floats, depth: Floats | float) -> Floats:
        above = np.interp(x, *self.surface.T) - self.level
        place: Floats = self.level - depth + above * np.maximum(0.0, 1.0 - depth / self.flat)
        return place

    def depth_of(self, points: Floats) -> Floats:
        above = np.interp(points[:, 0], *self.surface.T) - self.level
        shallow = (above + self.level - points[:, 1]) / (1.0 + above / self.flat)
        deep = self.level - points[:, 1]
        return np.where(shallow < self.flat, shallow, deep)


@dataclass(frozen=True, eq=False)
class _Columns:
    """Vertical grid lines of the surface row."""

    x: Floats  #: (n_lines,)
    rank: Integers  #: (n_lines,) lines of low rank are dropped first as depth grows
    spacing: Floats  #: (n_lines,) electrode spacing around
    left: int  #: first line of the core
    right: int  #: last line of the core


def _columns(electrodes: Floats, options: SectionOptions) -> tuple[_Columns, float]:
    """Return the columns, and the smallest distance between two electrodes."""
    near = _nearest(electrodes)
    order = np.argsort(electrodes[:, 0], kind="stable")
    x, own = electrodes[order, 0], near[order]
    smallest = float(own.min())
    span = float(np.ptp(electrodes, axis=0).max())
    if not smallest > 1e-9 * span:
        raise MeshError("two electrodes share a place", mend="give each place one electrode")
    first = np.concatenate([[True], np.diff(x) > 1e-3 * smallest])
    fixed = x[first]
    step = np.minimum.reduceat(own, np.flatnonzero(first))
    gap = np.diff(fixed)
    ends = np.round(np.stack([step[:-1], step[1:]], axis=1) / gap[:, None], 9).tolist()
    lines, ranks, sizes = [fixed[:1]], [np.zeros(1, dtype=np.int64)], [step[:1]]
    for e, (left, right) in enumerate(ends):
        share, rank, halvings = _gap_lines(left, right, options.cells_per_gap // 2)
        lines += [fixed[e] + gap[e] * share, fixed[e + 1 : e + 2]]
        ranks += [rank, np.array([2 + halvings + _two_power(e + 1)])]
        sizes += [step[e] + share * (step[e + 1] - step[e]), step[e + 1 : e + 2]]
    pad = _padding(step[0] / 2, options.padding * span, options.padding_growth)
    end = _padding(step[-1] / 2, options.padding * span, options.padding_growth)
    inside = np.concatenate(lines)
    fence = np.iinfo(np.int64).max  # padding is never merged
    rank = np.concatenate([np.full(len(pad), fence), *ranks, np.full(len(end), fence)])
    rank[[len(pad), len(pad) + len(inside) - 1]] = fence
    return _Columns(
        x=np.concatenate([inside[0] - pad[::-1], inside, inside[-1] + end]),
        rank=rank,
        spacing=np.concatenate([np.full(len(pad), step[0]), *sizes, np.full(len(end), step[-1])]),
        left=len(pad),
        right=len(pad) + len(inside) - 1,
    ), smallest


def _nearest(points: Floats) -> Floats:
    """Return the distance of each point to its nearest other one."""
    if len(points) < 2:
        raise MeshError("a section needs at least two electrodes")
    gap = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    np.fill_diagonal(gap, np.inf)
    nearest: Floats = gap.min(axis=1)
    return nearest


def _two_power(n: int) -> int:
    """Return how often 2 divides n."""
    return (n & -n).bit_length() - 1


@lru_cache(maxsize=4096)
def _gap_lines(left: float, right: float, split: int) -> tuple[Floats, Integers, int]:
    """Return the columns between two electrodes whose spacings are `left` and `right` gaps.

    Returned are their places between 0 and 1, their ranks, and how often the number of
    parameter columns can be halved.
    """
    wide = graded(0.0, 1.0, left / 2, right / 2, 0.3)
    n = len(wide) - 1
    fine = (wide[:-1, None] + np.diff(wide)[:, None] * np.arange(split) / split).ravel()
    rank = np.zeros(n * split, dtype=np.int64)
    rank[split::split] = [1 + _two_power(j) for j in range(1, n)]
    return fine[1:], rank[1:], _two_power(n)


def graded(a: float, b: float, size_a: float, size_b: float, growth: float) -> Floats:
    """Return an even number of steps from a to b, of the given sizes at the ends."""
    t = np.linspace(0.0, b - a, 65)
    density = 1.0 / np.minimum(size_a + growth * t, size_b + growth * (b - a - t))
    count = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2 * np.diff(t))])
    n = max(2, 2 * int(np.ceil(count[-1] / 2 - 0.15)))
    steps = a + np.interp(np.linspace(0.0, count[-1], n + 1), count, t)
    steps[0], steps[-1] = a, b
    return steps


def _padding(size: float, distance: float, growth: float) -> Floats:
    """Return distances of padding lines, the last at least `distance` away."""
    n = int(np.ceil(np.log1p(distance / size * (growth - 1)) / np.log(growth)))
    return size * np.cumsum(growth ** np.arange(n))


def _rows(
    electrode_depth: Floats, spacing: float, depth: float, options: SectionOptions
) -> tuple[Floats, int]:
    """Return the depths of the row boundaries, and the number of rows that are not padding."""
    found = [0.0]
    for level in np.unique(electrode_depth):
        if level > found[-1] + (0.1 if len(found) > 1 else 0.15) * spacing:
            found.append(float(level))
    levels = np.array(found)
    fine = spacing / options.cells_per_gap
    size = np.full(len(levels), fine)  # twice this gives 10 % error between neighbours in a hole
    if not (electrode_depth <= 0.15 * spacing).any():
        size[0] = 4 * fine
    parts = [np.zeros(1)]
    for i in range(len(levels) - 1):
        parts.append(graded(levels[i], levels[i + 1], size[i], size[i + 1], 0.3)[1:])
    marks = list(np.concatenate(parts))
    start, h = marks[-1], float(size[-1])
    while marks[-1] < max(depth, start + 2 * spacing):
        marks.append(marks[-1] + h + options.row_growth * (marks[-1] - start))
    core = len(marks) - 1
    reach = options.padding * max(marks[-1], depth / 0.3)
    pad = _padding(1.5 * (marks[-1] - marks[-2]), reach, options.padding_growth)
    return np.concatenate([marks, marks[-1] + pad]), core


def _kept_lines(
    frame: _Frame,
    columns: _Columns,
    rows: Floats,
    core_rows: int,
    electrodes: tuple[Floats, Floats],
    options: SectionOptions,
) -> list[Integers]:
    """Return for each row the numbers of the grid lines that bound its cells."""
    electrode_x, electrode_depth = electrodes
    lines = np.arange(len(columns.x))
    kept = []
    deep = electrode_depth > 0
    for r in range(len(rows) - 1):
        if 0 < r < core_rows:
            x, rank = columns.x[lines], columns.rank[lines]
            distance = np.full(len(lines), rows[r])
            if deep.any():
                above = np.maximum(rows[r] - electrode_depth[deep], 0.0)  # dropped lines stay so
                away = np.hypot(x[:, None] - electrode_x[deep], above)
                distance = np.minimum(distance, away.min(axis=1))
            allowed = columns.spacing[lines] / options.cells_per_gap
            allowed = allowed + options.merge_growth * distance
            drop = np.zeros(len(lines), dtype=np.bool_)
            drop[1:-1] = (
                (rank[1:-1] <= rank[:-2])
                & (rank[1:-1] < rank[2:])
                & (x[2:] - x[:-2] <= 1.001 * allowed[1:-1])
                & (_kink(x, frame.elevation(x, rows[r + 1])) <= KINK * (rows[r + 1] - rows[r]))
            )
            if deep.any():
                on_line = electrode_depth >= rows[r] - 1e-9
                drop &= ~np.isin(lines, np.searchsorted(columns.x, electrode_x[on_line] - 1e-9))
            lines = lines[~drop]
        kept.append(lines)
    return kept


def _kink(x: Floats, z: Floats) -> Floats:
    """Return how far each inner point is off the line from the one before to the one after."""
    share = (x[1:-1] - x[:-2]) / (x[2:] - x[:-2])
    away: Floats = np.abs(z[1:-1] - z[:-2] - share * (z[2:] - z[:-2]))
    return away


@dataclass(frozen=True, eq=False)
class _Numbers:
    """Node numbers: those on the row boundaries first, then the middles of upright edges."""

    above: list[Integers]  #: (n_rows + 1) lines on each boundary: those of the row above it
    kept: list[Integers]  #: (n_rows) lines of each row
    boundary: Integers  #: (n_rows + 2,) first node of each boundary; corners and middles alternate
    upright: Integers  #: (n_rows + 1,) first middle of each row

    @classmethod
    def of(cls, kept: list[Integers]) -> "_Numbers":
        above = [kept[0], *kept]
        width = [2 * len(lines) - 1 for lines in above]
        boundary = np.concatenate([[0], np.cumsum(width)])
        upright = boundary[-1] + np.concatenate([[0], np.cumsum([len(lines) for lines in kept])])
        return cls(above, kept, boundary, upright)

    def outer_edges(self) -> Integers:
        """Return end, middle, end of the edges of the left, right and lower side."""
        first, last = self.boundary[:-1], self.boundary[1:] - 1
        left, right = self.upright[:-1], self.upright[1:] - 1
        foot = first[-1] + 2 * np.arange(len(self.kept[-1]) - 1)
        return np.concatenate(
            [
                np.stack([first[1:], left, first[:-1]], axis=1),
                np.stack([last[1:], right, last[:-1]], axis=1),
                np.stack([foot, foot + 1, foot + 2], axis=1),
            ]
        )


def _assemble(
    frame: _Frame,
    columns: _Columns,
    rows: Floats,
    core_rows: int,
    kept: list[Integers],
    electrodes: tuple[Floats, Floats],
) -> SectionMesh:
    """Return the mesh with its nodes numbered and its cells put together, row by row."""
    numbers = _Numbers.of(kept)
    corner_z = [
        frame.elevation(columns.x[lines], np.full(len(lines), depth))
        for lines, depth in zip(numbers.above, rows, strict=True)
    ]
    at = _give_way(numbers, columns.x, rows, corner_z, electrodes)
    nodes = _places(numbers, columns.x, corner_z)
    blocks, sizes = [], []
    for r, lines in enumerate(kept):
        foot = numbers.boundary[r + 1] + 2 * np.arange(len(lines))
        head = numbers.boundary[r] + 2 * np.searchsorted(numbers.above[r], lines)
        side = numbers.upright[r] + np.arange(len(lines))
        nodes[side] = (nodes[foot] + nodes[head]) / 2
        block, size = _row_of_cells(foot, head, side)
        blocks.append(block)
        sizes.append(size)
    size = np.concatenate(sizes)
    mesh = Mesh(
        nodes=nodes,
        cell_pointer=np.concatenate([[0], np.cumsum(size)]),
        cell_nodes=np.concatenate(blocks),
        region=np.zeros(len(size), dtype=np.int64),
        outer_edges=numbers.outer_edges(),
        electrode_nodes=at,
    )
    return SectionMesh(mesh, *_parameter_grid(columns, kept, core_rows))


def _give_way(
    numbers: _Numbers,
    x: Floats,
    rows: Floats,
    corner_z: list[Floats],
    electrodes: tuple[Floats, Floats],
) -> Integers:
    """Move the nearest corner to each buried electrode, and return the electrodes' nodes."""
    places, depths = electrodes
    at = np.empty(len(places), dtype=np.int64)
    row = np.abs(rows[:, None] - depths).argmin(axis=0)
    for e, b in enumerate(row.tolist()):
        i = int(np.abs(x[numbers.above[b]] - places[e, 0]).argmin())
        corner_z[b][i] = places[e, 1]
        at[e] = numbers.boundary[b] + 2 * i
    if len(np.unique(at)) != len(at):
        raise MeshError(
            "two electrodes are too close to each other for the mesh",
            mend="leave one of them out, or give both one place",
        )
    return at


def _places(numbers: _Numbers, x: Floats, corner_z: list[Floats]) -> Floats:
    """Return the places of all nodes; those of upright middles are still to be filled."""
    nodes = np.empty((numbers.upright[-1], 2))
    for b, lines in enumerate(numbers.above):
        own = np.stack([x[lines], corner_z[b]], axis=1)
        nodes[numbers.boundary[b] : numbers.boundary[b + 1] : 2] = own
        nodes[numbers.boundary[b] + 1 : numbers.boundary[b + 1] : 2] = (own[1:] + own[:-1]) / 2
    return nodes


def _parameter_grid(
    columns: _Columns, kept: list[Integers], core_rows: int
) -> tuple[Integers, Integers, Booleans]:
    """Return parameter row, parameter column and whether inside, for each cell."""
    row, column, core = [], [], []
    number = np.cumsum(columns.rank > 0) - 1  # lines of rank 0 part no parameters
    for r, lines in enumerate(kept):
        inside = (lines[:-1] >= columns.left) & (lines[1:] <= columns.right)
        own = number[lines[:-1]]
        row.append(np.full(len(lines) - 1, min(r, core_rows - 1)))
        column.append(np.clip(own, own[inside].min(), own[inside].max()))
        core.append(inside & (r < core_rows))
    return np.concatenate(row), np.concatenate(column), np.concatenate(core)


def _row_of_cells(foot: Integers, head: Integers, side: Integers) -> tuple[Integers, Integers]:
    """Return the nodes of a row's cells, one after the other, and how many each has."""
    wide = head[1:] - head[:-1] == 4
    size = np.where(wide, TRANSITION, QUADRILATERAL)
    start = np.concatenate([[0], np.cumsum(size)])
    out = np.empty(start[-1], dtype=np.int64)
    begin, left, right = start[:-1], slice(None, -1), slice(1, None)
    for slot, nodes in enumerate((foot[left], foot[right], head[right], head[left])):
        out[begin + slot] = nodes
    out[begin + 4] = foot[left] + 1
    out[begin + 5] = side[right]
    plain = begin[~wide]
    out[plain + 6] = head[left][~wide] + 1
    for slot, back in ((6, 3), (7, 2), (8, 1)):
        out[begin[wide] + slot] = head[left][wide] + back
    out[begin + size - 1] = side[left]
    return out, size
