"""Which readings and electrodes are good: pseudosection with marks, misfit of each electrode."""

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

import ohmscape.viz.style as style
from ohmscape.arrays.ground import line_of
from ohmscape.arrays.pseudosection import median_depths, mid_points
from ohmscape.core.types import Floats
from ohmscape.quality.assess import Assessment
from ohmscape.quality.verdict import verdict

WIDTH = 11.2  #: inches of a figure
LEFT, BAR = 0.85, 1.25  #: inches left of the panels, and right of them for colour bars
BAD, FINE, MENDED = style.ACCENT, "#7d9db0", "#c2803a"
#: rule -> marker and colour of a removed reading
SIGNS = {
    "contact_resistance": ("s", "#8c6d31"), "current": ("v", "#8c6d31"),
    "voltage": ("^", "#8c6d31"), "stack_deviation": ("D", "#8c6d31"),
    "geometric_factor": ("p", "#8c6d31"), "exchanged_electrodes": ("P", MENDED),
    "bad_electrode": ("x", BAD), "stray": ("+", "#111111"), "polarity": ("_", "#111111"),
    "reciprocal_error": ("1", "#6a3d9a"), "repeat_error": ("2", "#6a3d9a"),
}  # fmt: skip
OTHER = ("o", style.GREY)


def quality_figure(found: Assessment, *, title: str = "") -> Figure:
    """Draw the readings, those removed marked by the rule that did it.

    Parameters
    ----------
    found : Assessment
    title : str, optional
        The file's name if left out.

    Returns
    -------
    matplotlib.figure.Figure
        Over mid-point and median depth of investigation; over the number of the reading where the
        readings fit no line.
    """
    with style.style():
        figure = style.new_figure(WIDTH, 4.3)
        axes = style.add_axes(figure, LEFT, 0.95, WIDTH - LEFT - BAR, 2.4)
        if found.electrical is None:
            _by_number(axes, found)
        else:
            _by_place(figure, axes, found)
        _legend(axes)
        removed = int(found.removed.sum())
        facts = [
            verdict(found).word, f"{removed} of {int(found.data.valid.sum())} readings removed",
            f"rules: {found.rules.name} {found.rules.version}",
        ]  # fmt: skip
        style.heading(figure, _name(found, title), "   \N{MIDDLE DOT}   ".join(facts), left=LEFT)
        return figure


def electrodes_figure(found: Assessment, *, title: str = "") -> Figure | None:
    """Draw the median misfit of each electrode's readings; None where no section was fitted."""
    judged = found.electrical
    if judged is None:
        return None
    with style.style():
        figure = style.new_figure(WIDTH, 3.2)
        axes = style.add_axes(figure, LEFT, 0.55, WIDTH - LEFT - 0.75, 1.75)
        n = len(judged.misfit)
        pair = {e for both in judged.exchanged for e in both}
        colour = [BAD if judged.bad[e] else MENDED if e in pair else FINE for e in range(n)]
        height = np.nan_to_num(judged.misfit)
        limits = found.rules.bad_electrode
        drawn = [v for v in (limits.remove, limits.suspect) if v is not None]
        top = 1.35 * max([*drawn, *height[~judged.bad]])
        axes.bar(np.arange(1, n + 1), np.minimum(height, top), color=colour, width=0.8)
        for limit, word in ((limits.suspect, "suspect"), (limits.remove, "bad")):
            if limit is not None:
                axes.axhline(limit, color=style.GREY, linewidth=0.8, linestyle=(0, (4, 3)))
                axes.text(1.0, limit, f" {word}", transform=axes.get_yaxis_transform(),
                          va="center", fontsize=8, color=style.GREY)  # fmt: skip
        _named_bars(axes, found, height, top)
        axes.set_xlim(0.2, n + 0.8)
        axes.set_ylim(0.0, top)
        axes.set_ylabel("median misfit (\N{GREEK SMALL LETTER SIGMA})")
        axes.set_xlabel("electrode, by number in the file")
        axes.xaxis.set_major_locator(MaxNLocator(16, integer=True))
        facts = (
            f"{int(judged.bad.sum())} bad (red), exchanged pairs: {len(judged.exchanged)} (orange)"
            f"   \N{MIDDLE DOT}   scatter of a good reading: {100 * judged.scatter[1]:.1f} % + "
            f"{1e3 * judged.scatter[0]:.2g} m\N{GREEK CAPITAL LETTER OMEGA}"
        )
        style.heading(figure, _name(found, title), facts, left=LEFT)
        return figure


def _named_bars(axes: Axes, found: Assessment, height: Floats, top: float) -> None:
    """Write the numbers of bars that are cut off, and which electrodes are exchanged."""
    judged = found.electrical
    assert judged is not None
    for e in np.flatnonzero(height > top).tolist():
        axes.text(e + 1, 1.01 * top, f"{height[e]:.0f}", ha="center", va="bottom", fontsize=8,
                  color=BAD)  # fmt: skip
    for e, f in judged.exchanged:
        y = max(height[e], height[f]) + 0.06 * top
        axes.annotate("", (e + 1, y), (f + 1, y),
                      arrowprops={"arrowstyle": "<->", "color": MENDED})  # fmt: skip


def _by_place(figure: Figure, axes: Axes, found: Assessment) -> None:
    """Draw over mid-point and pseudo-depth."""
    data = found.cleaned
    assert found.electrical is not None
    along = line_of(data.survey.electrodes, data.terrain).along
    x = mid_points(along, data.survey.abmn)
    depth = median_depths(along, np.zeros(len(along)), data.survey.abmn)
    apparent = found.electrical.factor * data.resistance
    kept = data.valid & np.isfinite(apparent)
    scale = ScalarMappable(style.log_scale(apparent[kept]), style.RESISTIVITY)
    size = float(np.clip(0.9 * 72.0 * np.sqrt(8.0 / max(len(x), 1)), 3.0, 8.0))
    plus = kept & (apparent > 0.0)
    axes.scatter(x[plus], depth[plus], s=size**2, c=scale.to_rgba(apparent[plus]), linewidths=0)
    minus = kept & ~plus
    axes.scatter(x[minus], depth[minus], s=size**2, facecolors="none", edgecolors=style.INK,
                 linewidths=0.7, label=_counted("kept, negative", minus))  # fmt: skip
    _removed(axes, found, x, depth, size)
    margin = 0.02 * max(float(np.ptp(along)), 1e-9)
    axes.set_xlim(along.min() - margin, along.max() + margin)
    axes.set_ylim(1.12 * float(np.nanmax(depth)), 0.0)
    axes.set_xlabel("distance along the line (m)")
    axes.set_ylabel("pseudo-depth (m)")
    bar_axes = style.add_axes(figure, WIDTH - BAR + 0.2, 0.95, 0.15, 2.4)
    bar = figure.colorbar(scale, cax=bar_axes, extend="both")
    assert isinstance(scale.norm, mpl.colors.Normalize)
    style.log_ticks(bar_axes.yaxis, *style.limits(scale.norm))
    bar.outline.set_linewidth(0.5)
    bar.set_label(f"apparent resistivity ({style.OHM_M})")


def _by_number(axes: Axes, found: Assessment) -> None:
    """Draw the size of resistances over the readings' numbers."""
    data = found.cleaned
    number = np.arange(1.0, len(data) + 1.0)
    size = np.where(data.resistance != 0.0, np.abs(data.resistance), np.nan)
    axes.semilogy(number[data.valid], size[data.valid], ".", color=FINE, markersize=3)
    _removed(axes, found, number, size, 5.0)
    axes.set_xlabel("number of the reading")
    axes.set_ylabel("|R| (\N{GREEK CAPITAL LETTER OMEGA})")


def _removed(axes: Axes, found: Assessment, x: Floats, y: Floats, size: float) -> None:
    """Mark removed readings by rule."""
    rows: dict[str, list[int]] = {}
    for removal in found.removals:
        rows.setdefault(removal.rule, []).append(removal.row)
    for rule, which in rows.items():
        marker, colour = SIGNS.get(rule, OTHER)
        axes.scatter(x[which], y[which], s=(0.9 * size) ** 2, marker=marker, c=colour,
                     linewidths=1.0, label=f"{rule.replace('_', ' ')} ({len(which)})")  # fmt: skip
    unusable = ~found.data.valid
    axes.scatter(x[unusable], y[unusable], s=(0.5 * size) ** 2, marker="o", c=style.PALE,
                 label=_counted("not valid in the file", unusable))  # fmt: skip


def _counted(words: str, which: np.ndarray) -> str:
    """Return a legend's text; matplotlib leaves out what begins with an underscore."""
    return f"{words} ({int(which.sum())})" if which.any() else "_"


def _legend(axes: Axes) -> None:
    if any(not str(h.get_label()).startswith("_") for h in axes.collections):
        axes.legend(frameon=False, ncols=6, loc="upper left", bbox_to_anchor=(-0.01, -0.2),
                    fontsize=8.5, handletextpad=0.3, columnspacing=1.4)  # fmt: skip


def _name(found: Assessment, title: str) -> str:
    origin = found.data.origin
    return title or (origin.path.name if origin is not None else "readings")
