"""The section: resistivity in the ground, as far as the readings carry it."""

from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import PolyCollection
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Polygon
from matplotlib.path import Path as Outline
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import ScaledTranslation
from matplotlib.tri import TriAnalyzer, Triangulation

import ohmscape.viz.style as style
from ohmscape.core.types import Booleans, Floats
from ohmscape.inversion.appraisal import DOI_LIMIT
from ohmscape.inversion.result import InversionResult
from ohmscape.mesh.parameters import FIXED
from ohmscape.viz.wells import Hole, draw_holes
from ohmscape.viz.window import Window, window_of

WIDE, TALL = 10.0, 6.2  #: inches of the drawn section at most
LEFT, RIGHT, TOP, BOTTOM = 0.85, 0.35, 0.78, 1.25  #: inches around it
NARROW = 7.2  #: inches of a figure at least
FLAT = 0.9  #: inches that a section is high at least; flatter ones are exaggerated
PALEST = 0.85  #: share of white where the index of investigation is 1
WATER = "#cfe6f5"


@dataclass(frozen=True, eq=False)
class Known:
    """Something of the true ground to be drawn over a section."""

    outline: Floats  #: (n, 2) x, z in m
    closed: bool
    label: str


def section_figure(
    result: InversionResult,
    *,
    title: str = "",
    known: tuple[Known, ...] = (),
    holes: Sequence[Hole] = (),
) -> Figure:
    """Draw the resistivity of a section with ground, electrodes and depth of investigation.

    Parameters
    ----------
    result : InversionResult
    title : str, optional
        The file's name if left out.
    known : tuple of Known
        Outlines to be drawn over it.
    holes : sequence of `ohmscape.viz.wells.Hole`
        Boreholes to be drawn into it.

    Returns
    -------
    matplotlib.figure.Figure
        In true aspect, unless it says otherwise.
    """
    with style.style():
        window = window_of(result)
        stretch = _exaggeration(window)
        figure, axes = _frame(window, stretch)
        norm = _norm(result, window)
        _cells(axes, result, window, norm)
        _investigated(axes, result)
        _ground(axes, result, window)
        _electrodes(axes, result)
        for one in known:
            _known(axes, one)
        if holes:
            draw_holes(axes, holes)
        _labels(figure, axes, result, title, stretch)
        _colour_bar(figure, norm)
    return figure


def _exaggeration(window: Window) -> int:
    """Return how many times heights are exaggerated so that a section is not a hair."""
    width, height = window.high - window.low
    natural = WIDE * height / width
    return 1 if natural >= 0.5 * FLAT else int(np.ceil(FLAT / natural))


def _frame(window: Window, stretch: int) -> tuple[Figure, Axes]:
    width, height = window.high - window.low
    inches_wide = min(WIDE, TALL * width / (height * stretch))
    inches_high = inches_wide * height * stretch / width
    total = max(NARROW, LEFT + inches_wide + RIGHT)
    figure = style.new_figure(total, TOP + inches_high + BOTTOM)
    start = LEFT if inches_wide > 0.75 * (total - LEFT) else 0.5 * (total + LEFT - inches_wide)
    axes = style.add_axes(figure, start, BOTTOM, inches_wide, inches_high)
    axes.set_xlim(window.low[0], window.high[0])
    axes.set_ylim(window.low[1], window.high[1])
    axes.set_aspect(stretch, adjustable="box", anchor="SW")
    axes.xaxis.set_major_locator(MaxNLocator(max(3, int(inches_wide / 0.8)), steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_locator(MaxNLocator(max(2, int(inches_high / 0.4)), steps=[1, 2, 5, 10]))
    axes.set_xlabel("distance along the line (m)")
    axes.set_ylabel("elevation z (m)")
    return figure, axes


def _norm(result: InversionResult, window: Window) -> LogNorm:
    """Return the colour scale: of what the data support, known regions included, water not."""
    believed = result.depth_of_investigation < 0.5
    values = result.resistivity[believed] if believed.sum() > 10 else result.resistivity
    fixed = result.prepared.simulation.fixed[window.cells & ~_water(result)]
    return style.log_scale(np.concatenate([values, np.unique(fixed[np.isfinite(fixed)])]))


def _water(result: InversionResult) -> Booleans:
    """Return which cells are water."""
    setting, group = result.prepared.setting, result.parameters
    if setting.water is None:
        return np.zeros(len(group.mesh), dtype=np.bool_)
    x, z = group.mesh.centres().T
    ground = np.interp(x, *setting.line.surface.T)
    wet: Booleans = (group.of_cell == FIXED) & (z > ground) & (z < setting.water.level)
    return wet


def _cells(axes: Axes, result: InversionResult, window: Window, norm: LogNorm) -> None:
    """Draw the cells, paler where they are rather the reference's than the data's."""
    group, cells = result.parameters, window.cells
    colours = mpl.colormaps[style.RESISTIVITY](norm(result.model.resistivity[cells]))[:, :3]
    index = group.to_cells(result.depth_of_investigation, 0.0)[cells]
    white = PALEST * np.clip((index - DOI_LIMIT) / (1.0 - DOI_LIMIT), 0.0, 1.0) ** 0.7
    colours = colours + (1.0 - colours) * white[:, None]
    colours[_water(result)[cells]] = mpl.colors.to_rgb(WATER)
    axes.add_collection(
        PolyCollection(
            list(window.corners), facecolors=colours, edgecolors=colours, linewidths=0.4
        ),
        autolim=False,
    )


def _investigated(axes: Axes, result: InversionResult) -> None:
    """Draw the line where the index of investigation reaches its limit."""
    group, index = result.parameters, _smoothed(result)
    counted = group.areas > 0.0
    if counted.sum() < 3 or not index[counted].min() < DOI_LIMIT < index[counted].max():
        return
    x, z = group.centres[counted].T
    try:
        triangles = Triangulation(x, z)
    except (RuntimeError, ValueError):  # all centres on one line
        return
    with np.errstate(invalid="ignore"):  # rounding under a root, of triangles without area
        triangles.set_mask(TriAnalyzer(triangles).get_flat_tri_mask(0.005))
    axes.tricontour(
        triangles,
        index[counted],
        levels=[DOI_LIMIT],
        colors=[style.INK],
        linewidths=0.9,
        linestyles=[(0, (5, 2.5))],
    )


def _smoothed(result: InversionResult) -> Floats:
    """Return the index of investigation, each the mean of its own and of its neighbours' mean.

    The line is a guide to the eye and is to have no islands of single cells.
    """
    index, (p, q) = result.depth_of_investigation, result.parameters.neighbours.T
    n = len(index)
    count = np.bincount(p, minlength=n) + np.bincount(q, minlength=n)
    total = np.bincount(p, index[q], n) + np.bincount(q, index[p], n)
    smooth: Floats = np.where(count > 0, 0.5 * (index + total / np.maximum(count, 1)), index)
    return smooth


def _ground(axes: Axes, result: InversionResult, window: Window) -> None:
    """Cut what was drawn to the window; draw the ground and the level of water."""
    clip = PathPatch(Outline(window.outline), transform=axes.transData)
    for collection in axes.collections:
        collection.set_clip_path(clip)
    axes.plot(
        *window.ground.T, color=style.INK, linewidth=0.8, clip_on=False, solid_capstyle="butt"
    )
    water = result.prepared.setting.water
    if water is not None:
        x, top = window.outline[: -len(window.ground)].T
        level = np.where(top <= water.level + 1e-9, water.level, np.nan)
        axes.plot(x, level, color="#3a7ca5", linewidth=0.8, clip_on=False)
        deepest = int(np.argmin(window.ground[:, 1]))
        axes.annotate(
            f"water, {style.number(water.resistivity)} \N{GREEK CAPITAL LETTER OMEGA} m",
            (window.ground[deepest, 0], water.level),
            xytext=(0, -3),
            textcoords="offset points",
            ha="center",
            va="top",
            fontsize=8.0,
            color="#24607f",
        )


def _electrodes(axes: Axes, result: InversionResult) -> None:
    setting = result.prepared.setting
    spread = 72.0 * WIDE / max(len(setting.places), 1)
    size = float(np.clip(0.55 * spread, 1.6, 4.0))
    up = ScaledTranslation(0.0, (0.5 * size + 0.8) / 72.0, axes.figure.dpi_scale_trans)
    for buried, marker, move in ((False, "v", True), (True, "o", False)):
        places = setting.places[setting.buried == buried]
        axes.plot(
            *places.T,
            marker,
            color="white" if buried else style.INK,
            markersize=size,
            markeredgecolor=style.INK,
            markeredgewidth=0.5,
            clip_on=False,
            zorder=5,
            transform=axes.transData + up if move else axes.transData,
        )


def _known(axes: Axes, known: Known) -> None:
    axes.add_patch(
        Polygon(
            known.outline, closed=known.closed, fill=False, edgecolor=style.ACCENT, linewidth=1.3
        )
    )
    if known.closed:
        at, move, align = known.outline[np.argmax(known.outline[:, 0])], (4, 0), ("left", "center")
    else:
        at, move, align = known.outline[[0, -1]].mean(axis=0), (0, -3), ("center", "top")
    axes.annotate(
        known.label,
        at,
        xytext=move,
        textcoords="offset points",
        color=style.ACCENT,
        fontsize=8.0,
        ha=align[0],
        va=align[1],
    )


def _labels(figure: Figure, axes: Axes, result: InversionResult, title: str, stretch: int) -> None:
    origin = result.prepared.data.origin
    name = title or (origin.path.name if origin is not None else "section")
    facts = [
        f"\N{GREEK SMALL LETTER CHI}\N{SUPERSCRIPT TWO} {result.chi2:.2f}",
        f"rrms {result.rrms_percent:.1f} %",
        "no step" if result.lam is None else f"\N{GREEK SMALL LETTER LAMDA} {result.lam:.3g}",
        f"{int(result.prepared.used.sum())} of {len(result.prepared.used)} readings",
    ]
    if not result.stop_reason.success:
        facts.append("NOT FITTED")
    if stretch > 1:
        facts.append(f"heights {stretch} times exaggerated")
    style.heading(figure, name, "   \N{MIDDLE DOT}   ".join(facts), left=LEFT)


def _colour_bar(figure: Figure, norm: LogNorm) -> None:
    """Draw the colour bar below on the left, and what is pale and dashed on the right."""
    width = figure.get_size_inches()[0]
    long = min(4.6, 0.45 * width)
    axes = style.add_axes(figure, LEFT, 0.46, long, 0.15)
    scale = ScalarMappable(norm=norm, cmap=style.RESISTIVITY)
    bar = figure.colorbar(scale, cax=axes, orientation="horizontal", extend="both")
    style.log_ticks(axes.xaxis, *style.limits(norm))
    axes.tick_params(length=2.5, pad=2)
    bar.outline.set_linewidth(0.5)
    bar.set_label("resistivity (\N{GREEK CAPITAL LETTER OMEGA} m)", labelpad=2)
    note = (
        f"dashed: depth of investigation (index {DOI_LIMIT:g})\n"
        "paler: the readings say less and less"
    )
    figure.text(
        (LEFT + long + 0.45) / width,
        0.46 / figure.get_size_inches()[1],
        note,
        fontsize=8.0,
        color=style.GREY,
        va="bottom",
        linespacing=1.4,
    )
