"""The readings: measured, predicted and the misfit between them."""

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

import ohmscape.viz.style as style
from ohmscape.arrays.pseudosection import median_depths, mid_points
from ohmscape.core.types import Booleans, Floats
from ohmscape.inversion.result import InversionResult

CLIPPED = 3.0  #: standard deviations at the ends of the misfit's scale
WIDTH = 11.2  #: inches of a figure
LEFT, BAR = 0.85, 1.25  #: inches left of the panels, and right of them for colour bars


def pseudosection_figure(result: InversionResult, *, title: str = "") -> Figure:
    """Draw measured and predicted apparent resistivity and their misfit.

    Parameters
    ----------
    result : InversionResult
    title : str, optional
        The file's name if left out.

    Returns
    -------
    matplotlib.figure.Figure
        Over mid-point and median depth of investigation; where electrodes are buried, over the
        number of the reading.
    """
    with style.style():
        if result.prepared.setting.buried.any():
            return _by_number(result, title)
        return _by_place(result, title)


def residuals(result: InversionResult) -> Floats:
    """Return measured minus predicted in standard deviations, shape (n_data,), NaN if not used."""
    left = result.prepared.data.resistance - result.predicted
    return np.asarray(left / result.standard_deviation)


def _apparent(result: InversionResult) -> tuple[Floats, Floats, Floats]:
    """Return measured and predicted apparent resistivity and the misfit of the used readings."""
    used = result.prepared.used
    factor = result.geometric_factor[used]
    factor = np.where(np.isfinite(factor), factor, np.nan)
    measured = factor * result.prepared.data.resistance[used]
    return measured, factor * result.predicted[used], residuals(result)[used]


def _by_place(result: InversionResult, title: str) -> Figure:
    setting = result.prepared.setting
    measured, predicted, misfit = _apparent(result)
    x = mid_points(setting.places[:, 0], setting.abmn)
    depth = median_depths(setting.places[:, 0], np.zeros(len(setting.places)), setting.abmn)
    panel, gap, bottom, top = 1.75, 0.38, 0.55, 0.85
    figure = style.new_figure(WIDTH, top + 3 * panel + 2 * gap + bottom)
    norm = style.log_scale(np.concatenate([measured, predicted]))
    size = _marker(x, depth, WIDTH - LEFT - BAR, panel)
    sigma = Normalize(-CLIPPED, CLIPPED)
    for row, (name, values) in enumerate(
        (("measured", measured), ("predicted", predicted), ("misfit", misfit))
    ):
        y = bottom + (2 - row) * (panel + gap)
        axes = style.add_axes(figure, LEFT, y, WIDTH - LEFT - BAR, panel)
        scale = (
            ScalarMappable(sigma, style.MISFIT)
            if row == 2
            else ScalarMappable(norm, style.RESISTIVITY)
        )
        _points(axes, (x, depth), values, scale, size, signed=row == 2)
        _depth_axes(axes, x, depth, name)
        axes.tick_params(labelbottom=row == 2)
        if row == 1:
            tall = 2 * panel + gap
            _bar(figure, scale, (y, tall), f"apparent resistivity ({style.OHM_M})", norm)
        if row == 2:
            _bar(figure, scale, (y, panel), "misfit (standard deviations)")
    axes.set_xlabel("distance along the line (m)")
    _title(figure, result, title, int((~(measured > 0)).sum()))
    return figure


def _depth_axes(axes: Axes, x: Floats, depth: Floats, name: str) -> None:
    deepest = np.nanmax(depth) if np.isfinite(depth).any() else 1.0
    margin = 0.02 * max(float(np.ptp(x)), 1e-9)
    axes.set_xlim(x.min() - margin, x.max() + margin)
    axes.set_ylim(1.12 * deepest, 0.0)
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.set_ylabel("pseudo-depth (m)")
    axes.text(
        0.0,
        1.03,
        name,
        transform=axes.transAxes,
        fontsize=9.5,
        fontweight="bold",
        va="bottom",
        color=style.INK,
    )


def _points(
    axes: Axes,
    at: tuple[Floats, Floats],
    values: Floats,
    scale: ScalarMappable,
    size: float,
    *,
    signed: bool,
) -> None:
    """Draw readings as dots; those of negative apparent resistivity as crosses."""
    x, depth = at
    ok: Booleans = np.isfinite(values) & (signed | (values > 0.0))
    colours = scale.to_rgba(values[ok])
    edge = [(*mpl.colors.to_rgb(style.GREY), 0.35)] if signed else "none"
    axes.scatter(x[ok], depth[ok], s=size**2, c=colours, edgecolors=edge, linewidths=0.3)
    if not ok.all():
        axes.scatter(
            x[~ok], depth[~ok], s=0.6 * size**2, marker="x", c=style.ACCENT, linewidths=0.9
        )


def _marker(x: Floats, depth: Floats, width: float, height: float) -> float:
    """Return the diameter of dots in points at which they nearly touch."""
    places = np.unique(np.round(np.column_stack([x, depth]), 6), axis=0)
    n = max(len(places), 1)
    return float(np.clip(0.95 * 72.0 * np.sqrt(0.5 * width * height / n), 2.2, 8.0))


def _bar(
    figure: Figure,
    scale: ScalarMappable,
    place: tuple[float, float],
    label: str,
    norm: LogNorm | None = None,
) -> None:
    axes = style.add_axes(figure, WIDTH - BAR + 0.2, place[0], 0.15, place[1])
    bar = figure.colorbar(scale, cax=axes, extend="both")
    if norm is not None:
        style.log_ticks(axes.yaxis, *style.limits(norm))
    axes.tick_params(length=2.5, pad=2)
    bar.outline.set_linewidth(0.5)
    bar.set_label(label)


def _title(figure: Figure, result: InversionResult, title: str, negative: int) -> None:
    origin = result.prepared.data.origin
    name = title or (origin.path.name if origin is not None else "readings")
    facts = [
        f"{int(result.prepared.used.sum())} of {len(result.prepared.used)} readings",
        f"\N{GREEK SMALL LETTER CHI}\N{SUPERSCRIPT TWO} {result.chi2:.2f}",
        f"rrms {result.rrms_percent:.1f} %",
        f"error: {result.prepared.error}",
    ]
    if negative:
        facts.append(f"crosses: {negative} with negative apparent resistivity")
    style.heading(figure, name, "   \N{MIDDLE DOT}   ".join(facts), left=LEFT)


def _by_number(result: InversionResult, title: str) -> Figure:
    """Draw over the readings' numbers, and the misfit of each electrode."""
    used = result.prepared.used
    data, misfit = result.prepared.data, residuals(result)[used]
    number = np.flatnonzero(used) + 1
    figure = style.new_figure(WIDTH, 7.2)
    width = WIDTH - LEFT - 0.35
    size = float(np.clip(900.0 / max(len(number), 1), 0.8, 3.0))
    top = style.add_axes(figure, LEFT, 4.55, width, 1.8)
    measured, predicted = np.abs(data.resistance[used]), np.abs(result.predicted[used])
    top.semilogy(number, measured, "o", color="#2c6e91", markersize=size + 0.8, label="measured")
    top.semilogy(
        number, predicted, ".", color=style.ACCENT, markersize=size + 0.5, label="predicted"
    )
    low, high = np.percentile(np.concatenate([measured, predicted]), [1.0, 100.0])
    low, high = max(float(low), 1e-6 * float(high)), 1.6 * float(high)
    top.set_ylim(low, high)
    style.log_ticks(top.yaxis, low, high)
    top.legend(frameon=False, ncols=2, loc="lower right", bbox_to_anchor=(1.0, 1.0), fontsize=8.5)
    top.set_ylabel("|R| (\N{GREEK CAPITAL LETTER OMEGA})")
    middle = style.add_axes(figure, LEFT, 2.55, width, 1.6)
    middle.axhspan(-1.0, 1.0, color=style.PALE, alpha=0.6, linewidth=0)
    middle.plot(number, misfit, ".", color=style.INK, markersize=size + 0.8)
    reach = max(CLIPPED, 1.1 * float(np.abs(misfit).max()))
    middle.set_ylim(-reach, reach)
    middle.set_ylabel("misfit (\N{GREEK SMALL LETTER SIGMA})")
    middle.set_xlabel("number of the reading")
    for axes in (top, middle):
        axes.set_xlim(0, len(used) + 1)
    _by_electrode(style.add_axes(figure, LEFT, 0.55, width, 1.35), result, misfit)
    _title(figure, result, title, 0)
    return figure


def _by_electrode(axes: Axes, result: InversionResult, misfit: Floats) -> None:
    """Draw the root mean square misfit of the readings of each electrode."""
    abmn = result.prepared.setting.abmn
    n = len(result.prepared.setting.places)
    square = np.zeros(n + 1)  # REMOTE falls on the last
    count = np.zeros(n + 1)
    for column in abmn.T:
        np.add.at(square, column, misfit**2)
        np.add.at(count, column, 1.0)
    rms = np.sqrt(square[:n] / np.maximum(count[:n], 1.0))
    axes.bar(np.arange(1, n + 1), rms, color="#7d9db0", width=0.8)
    axes.axhline(1.0, color=style.GREY, linewidth=0.8, linestyle=(0, (4, 3)))
    axes.set_xlim(0.2, n + 0.8)
    axes.set_ylabel("rms misfit (\N{GREEK SMALL LETTER SIGMA})")
    axes.set_xlabel("electrode, from left to right and from below")
    axes.xaxis.set_major_locator(MaxNLocator(16, integer=True))
