"""How well predicted readings meet measured ones, where there is no pseudosection to draw."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import ohmscape.viz.style as style
from ohmscape.core.types import Floats
from ohmscape.inversion.result import InversionResult

WIDE, TALL = 10.0, 4.4  #: inches
FAR = 4.0  #: standard deviations at which the histogram ends
OUTSIDE = 3.0  #: standard deviations beyond which a reading is drawn in the accent colour


def fit_figure(result: InversionResult, *, title: str = "") -> Figure:
    """Draw predicted over measured apparent resistivity, and the residuals' histogram."""
    used = result.prepared.used
    factor = result.geometric_factor[used]
    measured = factor * result.prepared.data.resistance[used]
    predicted = factor * result.predicted[used]
    residual = (result.prepared.data.resistance - result.predicted)[used]
    residual = residual / result.standard_deviation[used]
    with style.style():
        figure = style.new_figure(WIDE, TALL)
        left = style.add_axes(figure, 0.8, 0.6, 4.0, 2.9)
        _cross(left, measured, predicted, residual)
        right = style.add_axes(figure, 5.7, 0.6, 4.0, 2.9)
        _histogram(right, residual)
        far = float(np.mean(np.abs(residual) > OUTSIDE))
        facts = (
            f"{len(residual)} readings; {100 * far:.1f} % beyond {OUTSIDE:g} standard deviations"
        )
        style.heading(figure, title, facts, left=0.8)
    return figure


def _cross(axes: Axes, measured: Floats, predicted: Floats, residual: Floats) -> None:
    """Draw predicted over measured; readings of negative apparent resistivity are left out."""
    drawn = (measured > 0) & (predicted > 0)
    far = np.abs(residual) > OUTSIDE
    for which, colour in ((drawn & ~far, "#2c6e91"), (drawn & far, style.ACCENT)):
        axes.loglog(measured[which], predicted[which], ".", color=colour, markersize=2.2)
    ends = np.array([1.0, 10.0])
    if drawn.any():
        both = np.concatenate([measured[drawn], predicted[drawn]])
        ends = np.array([both.min() / 1.2, both.max() * 1.2])
    axes.plot(ends, ends, color=style.GREY, linewidth=0.8)
    axes.set_xlim(*ends)
    axes.set_ylim(*ends)
    for axis in (axes.xaxis, axes.yaxis):
        style.log_ticks(axis, *ends.tolist())
    axes.set_xlabel(f"measured apparent resistivity ({style.OHM_M})")
    axes.set_ylabel(f"predicted ({style.OHM_M})")
    hidden = int((~drawn).sum())
    if hidden:
        axes.set_title(f"{hidden} negative ones not drawn", size=8.0, loc="left", color=style.GREY)


def _histogram(axes: Axes, residual: Floats) -> None:
    """Draw how often residuals occur, beside the normal distribution."""
    edges = np.linspace(-FAR, FAR, 33)
    axes.hist(np.clip(residual, -FAR, FAR), edges.tolist(), color="#2c6e91", alpha=0.75)
    x = np.linspace(-FAR, FAR, 161)
    normal = np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi) * len(residual) * (edges[1] - edges[0])
    axes.plot(x, normal, color=style.INK, linewidth=1.0)
    axes.set_xlim(-FAR, FAR)
    axes.set_xlabel("measured less predicted, in standard deviations")
    axes.set_ylabel("readings")
    axes.set_title("line: normal distribution", size=8.0, loc="left", color=style.GREY)
