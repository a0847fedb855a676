"""How well readings repeat: reciprocal errors, error models, decays."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

import ohmscape.viz.style as style
from ohmscape.arrays.noise import error_model
from ohmscape.core.types import Booleans, Floats
from ohmscape.quality.assess import Assessment
from ohmscape.quality.decays import DECAY_RULES, Decays
from ohmscape.quality.error_models import (
    Pairs,
    binned_model,
    bins_of,
    grouped_model,
    linear_model,
    pairs_of,
)

WIDTH, LEFT = 11.2, 0.85  #: inches of a figure, and left of its panels
FINE, LINE = "#7d9db0", "#2c6e91"
SHOWN = 60  #: decays that are drawn at most
SIZE = "|R| (\N{GREEK CAPITAL LETTER OMEGA})"


def reciprocals_figure(found: Assessment, *, title: str = "") -> Figure | None:
    """Draw the relative difference of reciprocal readings over their size; None without them."""
    pairs = pairs_of(found.data)
    if len(pairs.size) == 0:
        return None
    with style.style():
        figure = style.new_figure(WIDTH, 3.6)
        axes = style.add_axes(figure, LEFT, 0.6, WIDTH - LEFT - 0.9, 2.2)
        relative = 100.0 * pairs.gap / np.maximum(pairs.size, np.finfo(float).tiny)
        shown = np.maximum(relative, 1e-3)
        gone = found.removed[pairs.first] | found.removed[pairs.second]
        axes.loglog(pairs.size[~gone], shown[~gone], ".", color=FINE, markersize=4, label="kept")
        axes.loglog(pairs.size[gone], shown[gone], "x", color=style.ACCENT, markersize=4,
                    label=f"one or both removed ({int(gone.sum())})")  # fmt: skip
        limits = found.rules.reciprocal_error
        for limit, word in ((limits.suspect, "suspect"), (limits.remove, "limit")):
            if limit is not None:
                axes.axhline(100.0 * limit, color=style.GREY, linewidth=0.8, linestyle=(0, (4, 3)))
                axes.text(1.0, 100.0 * limit, f" {word}", transform=axes.get_yaxis_transform(),
                          va="center", fontsize=8, color=style.GREY)  # fmt: skip
        _log_axes(axes, pairs.size, shown)
        axes.set_xlabel(SIZE)
        axes.set_ylabel("reciprocal error (%)")
        axes.legend(frameon=False, fontsize=8.5, loc="lower right", bbox_to_anchor=(1.0, 1.0),
                    ncols=2)  # fmt: skip
        facts = f"{len(relative)} pairs   \N{MIDDLE DOT}   median {np.median(relative):.2g} %"
        style.heading(figure, title or "Reciprocal errors", facts, left=LEFT)
        return figure


def errors_figure(found: Assessment, *, title: str = "") -> Figure | None:
    """Draw the error models of the cleaned readings over their scatter; None without reciprocals.

    Left by size: single pairs, bins, a + b|R|. Right the factor of each electrode.
    """
    data = found.cleaned
    pairs, binned = pairs_of(data), binned_model(data)
    if binned is None:
        return None
    with style.style():
        figure = style.new_figure(WIDTH, 3.6)
        axes = style.add_axes(figure, LEFT, 0.6, 5.0, 2.2)
        _by_size(axes, pairs, data)
        right = style.add_axes(figure, 6.8, 0.6, WIDTH - 6.8 - 0.3, 2.2)
        grouped = grouped_model(data)
        if grouped is not None:
            factors = np.array(grouped.electrode_factors)
            number = np.arange(1, len(factors) + 1)
            right.bar(number, factors - 1.0, bottom=1.0, color=FINE, width=0.8)
            right.set_yscale("log")
            reach = 1.1 * max(2.0, float(factors.max()), float(1.0 / factors.min()))
            right.set_ylim(1.0 / reach, reach)
            style.log_ticks(right.yaxis, 1.0 / reach, reach)
            right.axhline(1.0, color=style.GREY, linewidth=0.8)
        right.set_xlabel("electrode, by number in the file")
        right.set_ylabel("factor of the error")
        right.xaxis.set_major_locator(MaxNLocator(10, integer=True))
        words = error_model(data)[0].description
        style.heading(figure, title or "Error models", style.printable(words, 130), left=LEFT)
        return figure


def _by_size(axes: Axes, pairs: Pairs, data: object) -> None:
    """Draw single estimates of a deviation, their bins and the straight line."""
    from ohmscape.core.data import Data

    assert isinstance(data, Data)
    shown = np.maximum(pairs.scatter, 1e-4 * np.median(pairs.scatter[pairs.scatter > 0.0]))
    axes.loglog(pairs.size, shown, ".", color=style.PALE, markersize=3, label="pairs")
    level, spread = bins_of(pairs.size, pairs.scatter)
    axes.loglog(level, spread, "o-", color=LINE, markersize=4, linewidth=1.0, label="bins")
    model = linear_model(data)
    if model is not None:
        x = np.geomspace(pairs.size[pairs.size > 0].min(), pairs.size.max(), 100)
        axes.loglog(x, model.resistance_floor + model.relative * x, color=style.ACCENT,
                    linewidth=1.2, label=str(model))  # fmt: skip
    _log_axes(axes, pairs.size, shown)
    axes.set_xlabel(SIZE)
    axes.set_ylabel("error (\N{GREEK CAPITAL LETTER OMEGA})")
    axes.legend(frameon=False, fontsize=8.5, loc="upper left")


def _log_axes(axes: Axes, x: Floats, y: Floats) -> None:
    """Limit logarithmic axes to nearly all values, with ticks in plain numbers."""
    for axis, values, set_limits in (
        (axes.xaxis, x, axes.set_xlim),
        (axes.yaxis, y, axes.set_ylim),
    ):
        good = values[np.isfinite(values) & (values > 0.0)]
        low, high = np.percentile(good, [1.5, 100.0])
        low, high = 0.7 * float(low), 1.5 * float(high)
        set_limits(low, high)
        style.log_ticks(axis, low, high)


def decays_figure(found: Assessment, *, title: str = "") -> Figure | None:
    """Draw decays, those removed in red, and what each gate is worth; None without decays."""
    decays, data = found.decays, found.data
    if decays is None or data.decay is None:
        return None
    gone = np.zeros(len(data), dtype=np.bool_)
    gone[[r.row for r in found.decay_removals]] = True
    with style.style():
        figure = style.new_figure(WIDTH, 3.6)
        axes = style.add_axes(figure, LEFT, 0.6, 6.2, 2.2)
        _curves(axes, decays, data.decay, gone)
        right = style.add_axes(figure, 8.0, 0.6, WIDTH - 8.0 - 0.3, 2.2)
        number = np.arange(1, len(decays.weight) + 1)
        right.bar(number, decays.weight, color=FINE, width=0.8)
        right.set_ylim(0.0, 1.05)
        right.set_xlabel("gate")
        right.set_ylabel("weight")
        right.xaxis.set_major_locator(MaxNLocator(10, integer=True))
        judged = np.isfinite(decays.misfit)
        facts = [
            f"{int(judged.sum())} decays, {int(gone.sum())} removed",
            f"misfit {100 * np.nanmedian(decays.misfit):.2g} % in the median",
            *(f"{r.replace('_', ' ')}: {int(found.mark(r).removed.sum())}" for r in DECAY_RULES),
        ]
        words = "   \N{MIDDLE DOT}   ".join(facts)
        style.heading(figure, title or "Decays", words, left=LEFT)
        return figure


def _curves(axes: Axes, decays: Decays, decay: Floats, gone: Booleans) -> None:
    """Draw some good decays as lines, and some that were removed."""
    known = np.isfinite(decays.misfit)
    times = 1e3 * decays.time
    for rows, colour, word in (
        (np.flatnonzero(known & gone), "#e0a3a6", "removed"),
        (np.flatnonzero(known & ~gone), LINE, "kept"),
    ):
        some = rows[:: max(1, len(rows) // SHOWN)]
        for k, row in enumerate(some):
            axes.plot(times, 1e3 * decay[row], color=colour, linewidth=0.6,
                      label=word if k == 0 else None)  # fmt: skip
    drawn = 1e3 * decay[known]
    low, high = np.nanpercentile(drawn, [1.0, 99.0]) if known.any() else (0.0, 1.0)
    room = 0.1 * max(float(high - low), 1e-9)
    axes.set_ylim(low - room, high + room)
    axes.axhline(0.0, color=style.GREY, linewidth=0.6)
    axes.set_xlabel("time after switching off (ms)")
    axes.set_ylabel("chargeability (mV/V)")
    axes.legend(frameon=False, fontsize=8.5, loc="upper right")
