"""Which part of a section is drawn."""

from dataclasses import dataclass

import numpy as np

from ohmscape.core.types import Booleans, Floats
from ohmscape.forward.setting import DEPTH
from ohmscape.inversion.result import InversionResult
from ohmscape.mesh.mesh import TRIANGLE
from ohmscape.viz.outlines import polygons


@dataclass(frozen=True, eq=False)
class Window:
    """Cells that are drawn, and the outline that they are cut to."""

    cells: Booleans  #: (n_cells,)
    corners: Floats  #: (n_drawn, 5, 2) x, z in m
    outline: Floats  #: (n, 2) x, z in m
    low: Floats  #: (2,) smallest x, z drawn
    high: Floats  #: (2,)
    ground: Floats  #: (n, 2) x, z of the ground within it


def window_of(result: InversionResult) -> Window:
    """Return the part of a section that has parameters of its own, water above it included.

    Cells of a grid end where the parameters end. Triangles do not, so they are cut there.
    """
    mesh, setting = result.parameters.mesh, result.prepared.setting
    core = result.parameters.core
    corners, _ = polygons(mesh, core)
    x = mesh.nodes[corners, 0]
    left, right = float(x.min()), float(x.max())
    triangles = bool((np.diff(mesh.cell_pointer) == TRIANGLE).any())
    if triangles and not setting.buried.all():
        left, right = (float(f(setting.places[~setting.buried, 0])) for f in (np.min, np.max))
    ground = _between(setting.line.surface, left, right)
    top = ground.copy()
    if setting.water is not None:
        top = _between(_wet(setting.line.surface, setting.water.level), left, right)
    if triangles:
        bottom = ground[::-1] - [0.0, _depth(result)]
        cells = _touching(mesh.nodes[polygons(mesh)[0]], left, right, float(bottom[:, 1].min()))
    else:
        low = float(mesh.nodes[corners, 1].min())
        bottom = np.array([[right, low], [left, low]])
        cells = core
    outline = np.vstack([top, bottom])
    drawn = mesh.nodes[polygons(mesh, cells)[0]]
    return Window(cells, drawn, outline, outline.min(axis=0), outline.max(axis=0), ground)


def _between(surface: Floats, left: float, right: float) -> Floats:
    inner = surface[(surface[:, 0] > left) & (surface[:, 0] < right)]
    ends = np.interp([left, right], *surface.T)
    return np.vstack([[left, ends[0]], inner, [right, ends[1]]])


def _wet(surface: Floats, level: float) -> Floats:
    """Return the top of ground and water."""
    x, z = surface.T
    cross = np.flatnonzero((z[1:] - level) * (z[:-1] - level) < 0.0)
    share = (level - z[cross]) / (z[cross + 1] - z[cross])
    every = np.unique(np.concatenate([x, x[cross] + share * (x[cross + 1] - x[cross])]))
    return np.column_stack([every, np.maximum(np.interp(every, x, z), level)])


def _depth(result: InversionResult) -> float:
    """Return the depth of the parameters below ground in m."""
    setting = result.prepared.setting
    below = np.interp(setting.places[:, 0], *setting.line.surface.T) - setting.places[:, 1]
    wanted = result.prepared.options.depth or DEPTH * setting.spread
    return max(wanted, 1.1 * float(below.max()))


def _touching(corners: Floats, left: float, right: float, bottom: float) -> Booleans:
    x, z = corners[..., 0], corners[..., 1]
    near: Booleans = (x.max(axis=1) > left) & (x.min(axis=1) < right) & (z.max(axis=1) > bottom)
    return near
