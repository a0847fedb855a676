"""A body of ground in cuts: maps at some depths below ground, and two upright sections."""

from collections.abc import Callable
from dataclasses import dataclass

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

import ohmscape.viz.style as style
from ohmscape.core.types import Floats
from ohmscape.mesh.volume import VolumeMesh
from ohmscape.mesh.volume_cells import cells_at

ACROSS = 140  #: places along the longer side of a map
WIDE = 10.0  #: inches
LEFT, RIGHT, TOP, BOTTOM = 0.75, 0.3, 0.95, 1.3  #: inches around all axes
GAP = 0.55  #: inches between axes
MARGIN = 0.08  #: of the survey's extent around the electrodes
PALEST = 0.85  #: share of white where the index of investigation is 1
MAPS = 6
KNOWN = 0.5  #: index of investigation up to which a cell counts for the colours


@dataclass(frozen=True, eq=False)
class Body:
    """What is drawn: resistivity in the cells of a mesh, and where electrodes and ground are."""

    mesh: VolumeMesh
    resistivity: Floats  #: (n_cells,) ohm m
    investigation: Floats  #: (n_cells,) index of the depth of investigation, 0 the data's
    electrodes: Floats  #: (n_electrodes, 3) m
    ground: Callable[[Floats], Floats]  #: elevation in m at places x, y, shape (n, 2)
    depth: float  #: m, of the deepest map


def slices_figure(body: Body, *, title: str = "", facts: str = "") -> Figure:
    """Draw maps at depths below ground and two sections through the middle of the survey.

    Pale colours are where the readings say little. Dots are electrodes.
    """
    low, high = _window(body)
    span = high - low
    across = (WIDE - LEFT - RIGHT - 2 * GAP) / 3
    half = (WIDE - LEFT - RIGHT - GAP) / 2
    tall = float(np.clip(across * span[1] / span[0], 0.6, 3.4))
    cut = float(np.clip(half * 1.2 * body.depth / max(span), 0.8, 2.4))
    height = TOP + 2 * (tall + GAP) + cut + BOTTOM
    with style.style():
        figure = style.new_figure(WIDE, height)
        norm = style.log_scale(body.resistivity[body.investigation < KNOWN])
        for i, depth in enumerate(_depths(body)):
            left = LEFT + (i % 3) * (across + GAP)
            bottom = height - TOP - tall - (i // 3) * (tall + GAP)
            axes = style.add_axes(figure, left, bottom, across, tall)
            _map(axes, body, depth, low, high, norm)
            axes.set_ylabel("y (m)" if i % 3 == 0 else "")
        for axis in (0, 1):
            axes = style.add_axes(figure, LEFT + axis * (half + GAP), BOTTOM, half, cut)
            _upright(axes, body, axis, low, high, norm)
        _colour_bar(figure, norm)
        style.heading(figure, title, facts, left=LEFT)
    return figure


def _colour_bar(figure: Figure, norm: LogNorm) -> None:
    axes = style.add_axes(figure, LEFT, 0.46, 4.2, 0.15)
    scale = ScalarMappable(norm=norm, cmap=style.RESISTIVITY)
    bar = figure.colorbar(scale, cax=axes, orientation="horizontal", extend="both")
    style.log_ticks(axes.xaxis, *style.limits(norm))
    axes.tick_params(length=2.5, pad=2)
    bar.outline.set_linewidth(0.5)
    bar.set_label(f"resistivity ({style.OHM_M})", labelpad=2)
    width, height = figure.get_size_inches()
    figure.text(
        (LEFT + 4.65) / width,
        0.46 / height,
        "dots: electrodes\npaler: the readings say less and less",
        fontsize=8.0,
        color=style.GREY,
        va="bottom",
        linespacing=1.4,
    )


def _window(body: Body) -> tuple[Floats, Floats]:
    """Return the corners of the map: electrodes and some ground around them."""
    xy = body.electrodes[:, :2]
    margin = max(MARGIN * float(np.ptp(xy, axis=0).max()), 1e-9)
    low, high = xy.min(axis=0) - margin, xy.max(axis=0) + margin
    thin = 0.15 * float((high - low).max())
    middle, half = (low + high) / 2, np.maximum((high - low) / 2, thin)
    return middle - half, middle + half


def _depths(body: Body) -> Floats:
    """Return the depths of the maps in m, closer to each other near the ground."""
    depths: Floats = body.depth * ((np.arange(MAPS) + 0.5) / MAPS) ** 1.5
    return depths


def _map(axes: Axes, body: Body, depth: float, low: Floats, high: Floats, norm: LogNorm) -> None:
    step = float((high - low).max()) / ACROSS
    x, y = (np.arange(low[i] + step / 2, high[i], step) for i in (0, 1))
    xy = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    points = np.column_stack([xy, body.ground(np.ascontiguousarray(xy)) - depth])
    image = _colours(body, points, norm).reshape(len(y), len(x), 4)
    edges = (low[0], low[0] + step * len(x), low[1], low[1] + step * len(y))
    axes.imshow(image, origin="lower", extent=edges, interpolation="nearest", aspect="equal")
    axes.plot(*body.electrodes[:, :2].T, ".", color=style.INK, markersize=1.6)
    axes.set_title(f"{depth:.2g} m below ground", size=8.5, loc="left")
    axes.locator_params(nbins=4)
    axes.set_xlim(low[0], high[0])
    axes.set_ylim(low[1], high[1])


def _upright(axes: Axes, body: Body, axis: int, low: Floats, high: Floats, norm: LogNorm) -> None:
    """Draw the section along x (axis 0) or y through the middle of the electrodes."""
    other = 1 - axis
    at = float(np.median(body.electrodes[:, other]))
    along = np.linspace(low[axis], high[axis], ACROSS)
    places = np.empty((ACROSS, 2))
    places[:, axis], places[:, other] = along, at
    top = body.ground(places)
    z = np.linspace(top.min() - body.depth, top.max(), ACROSS // 2)
    points = np.empty((len(z), ACROSS, 3))
    points[..., :2], points[..., 2] = places, z[:, None]
    flat = points.reshape(-1, 3)
    image = _colours(body, flat, norm).reshape(len(z), ACROSS, 4)
    image[z[:, None] > top] = 0.0
    edges = (along[0], along[-1], z[0], z[-1])
    axes.imshow(image, origin="lower", extent=edges, interpolation="nearest", aspect="auto")
    axes.plot(along, top, color=style.INK, linewidth=0.8)
    names = "xy"
    near = np.abs(body.electrodes[:, other] - at) < 0.05 * float((high - low).max())
    axes.plot(*body.electrodes[near][:, [axis, 2]].T, ".", color=style.INK, markersize=2.5)
    axes.set_title(f"section at {names[other]} = {at:.5g} m", size=8.5, loc="left")
    axes.set_xlabel(f"{names[axis]} (m)")
    axes.set_ylabel("elevation (m)" if axis == 0 else "")


def _colours(body: Body, points: Floats, norm: LogNorm) -> Floats:
    """Return the colour of each point, transparent outside the mesh, pale where little is known."""
    cell = cells_at(body.mesh, points)
    colour: Floats = np.asarray(mpl.colormaps[style.RESISTIVITY](norm(body.resistivity[cell])))
    pale = PALEST * np.clip(body.investigation[cell], 0.0, 1.0)[:, None]
    colour[:, :3] += pale * (1.0 - colour[:, :3])
    colour[cell < 0] = 0.0
    return colour
