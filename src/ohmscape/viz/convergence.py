"""How an inversion came to its result."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

import ohmscape.viz.style as style
from ohmscape.inversion.result import InversionResult


def convergence_figure(result: InversionResult) -> Figure:
    """Draw chi-squared and lambda over the iterations."""
    steps = result.iterations
    chi2 = np.array([result.start_chi2, *(step.chi2 for step in steps)])
    with style.style():
        figure = style.new_figure(5.0, 2.4)
        axes = style.add_axes(figure, 0.75, 0.5, 3.5, 1.75)
        axes.axhline(
            result.prepared.options.target, color=style.GREY, linewidth=0.8, linestyle=(0, (4, 3))
        )
        axes.semilogy(
            np.arange(len(chi2)), chi2, "o-", color="#2c6e91", markersize=4, linewidth=1.4
        )
        low = min(chi2.min(), result.prepared.options.target)
        axes.set_ylim(0.7 * low, 1.5 * chi2.max())
        style.log_ticks(axes.yaxis, *axes.get_ylim())
        axes.set_xlabel("iteration")
        axes.set_ylabel("\N{GREEK SMALL LETTER CHI}\N{SUPERSCRIPT TWO}", color="#2c6e91")
        axes.xaxis.set_major_locator(MaxNLocator(10, integer=True, min_n_ticks=1))
        if steps:
            right = axes.twinx()
            right.semilogy(
                np.arange(1, len(chi2)),
                [s.strength for s in steps],
                "s-",
                color="#c2803a",
                markersize=3,
                linewidth=1.0,
            )
            strengths = [s.strength for s in steps]
            right.set_ylim(0.7 * min(strengths), 1.5 * max(strengths))
            style.log_ticks(right.yaxis, *right.get_ylim())
            right.spines["right"].set_visible(True)
            right.set_ylabel("\N{GREEK SMALL LETTER LAMDA}", color="#c2803a")
    return figure
