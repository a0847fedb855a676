"""What all figures share: type, colours, scales, sizes in inches."""

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from ohmscape._version import __version__
from ohmscape.core.types import Floats

DPI = 160
INK, GREY, PALE = "#1a1a1a", "#5f6468", "#d5d9dc"
ACCENT = "#b4232a"
RESISTIVITY = "viridis"  #: uniform in lightness, safe for the colour-blind
MISFIT = "RdBu_r"  #: uniform to both sides, safe for the colour-blind
OHM_M = "\N{GREEK CAPITAL LETTER OMEGA} m"
TITLE_LENGTH = 80  #: characters of a file name that a title shows

_STYLE = {
    "font.family": ["DejaVu Sans"],
    "font.size": 9.0,
    "text.usetex": False,
    "text.parse_math": False,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.7,
    "axes.labelsize": 9.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "savefig.facecolor": "white",
    "savefig.transparent": False,
}
_LOCK = threading.RLock()


@contextmanager
def style() -> Iterator[None]:
    """Draw in the house's style, whatever the user's matplotlibrc says."""
    with _LOCK, mpl.rc_context(_STYLE):  # type: ignore[arg-type]
        yield


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure of a size in inches that can be saved without pyplot."""
    figure = Figure(figsize=(width, height), dpi=DPI)
    FigureCanvasAgg(figure)
    return figure


def add_axes(figure: Figure, left: float, bottom: float, width: float, height: float) -> Axes:
    """Return axes at a place in inches from the lower left corner."""
    w, h = figure.get_size_inches()
    return figure.add_axes((left / w, bottom / h, width / w, height / h))


def png(figure: Figure) -> bytes:
    """Return the figure as a PNG file; the same figure gives the same bytes."""
    memory = io.BytesIO()
    with style():
        figure.savefig(
            memory,
            format="png",
            dpi=DPI,
            metadata={"Software": f"Ohmscape {__version__}"},
            pil_kwargs={"compress_level": 4},
        )
    return memory.getvalue()


def printable(text: str, length: int = TITLE_LENGTH) -> str:
    """Return a text that the font can show in one line, shortened in its middle."""
    known = get_font(findfont("DejaVu Sans")).get_charmap()
    shown = "".join(
        c if c.isprintable() and ord(c) in known else "\N{REPLACEMENT CHARACTER}" for c in text
    )
    if len(shown) <= length:
        return shown
    half = (length - 1) // 2
    return f"{shown[:half]}\N{HORIZONTAL ELLIPSIS}{shown[-half:]}"


def heading(figure: Figure, title: str, facts: str, *, left: float, top: float = 0.3) -> None:
    """Write a title and a line of facts, `top` inches below the upper edge."""
    w, h = figure.get_size_inches()
    room = int((w - left) / 0.098)
    figure.text(
        left / w,
        1.0 - top / h,
        printable(title, min(TITLE_LENGTH, room)),
        fontsize=12,
        fontweight="bold",
        color=INK,
        va="baseline",
        ha="left",
    )
    figure.text(left / w, 1.0 - (top + 0.22) / h, facts, fontsize=8.5, color=GREY, va="baseline")


def log_scale(values: Floats, *, at_least: float = 2.0) -> LogNorm:
    """Return a logarithmic scale for positive values, from 2 % to 98 % of them, on round ends.

    Parameters
    ----------
    values : array
        Those not positive or not finite do not count.
    at_least : float
        Smallest ratio of the scale's ends, so that noise does not fill it with colours.
    """
    good = values[np.isfinite(values) & (values > 0.0)]
    low, high = np.percentile(good, [2.0, 98.0]) if len(good) else (1.0, 10.0)
    if high < at_least * low:
        middle = np.sqrt(low * high)
        low, high = middle / np.sqrt(at_least), middle * np.sqrt(at_least)
    return LogNorm(_two_digits(low, np.floor), _two_digits(high, np.ceil))


def _two_digits(value: float, rounding: np.ufunc) -> float:
    size = 10.0 ** (np.floor(np.log10(value)) - 1.0)
    return float(f"{rounding(value / size + (1e-9 if rounding is np.floor else -1e-9)) * size:.6g}")


def round_ticks(low: float, high: float) -> list[float]:
    """Return 4 to 10 round numbers between two positive ones, for a logarithmic axis.

    Examples
    --------
    >>> round_ticks(8.0, 1200.0)
    [10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0]
    >>> round_ticks(90.0, 210.0)
    [90.0, 100.0, 120.0, 150.0, 200.0]
    """
    first, last = int(np.floor(np.log10(low))), int(np.ceil(np.log10(high)))
    decades = range(first, last + 1, 1 + (last - first) // 10)
    ticks: list[float] = []
    for steps in ((1.0,), (1.0, 3.0), (1.0, 2.0, 5.0), (1.0, 1.5, 2.0, 3.0, 5.0, 7.0),
                  (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0)):  # fmt: skip
        every = [float(f"{s * 10.0**d:.6g}") for d in decades for s in steps]
        found = [t for t in every if low * 0.9999 <= t <= high * 1.0001]
        if len(found) > 10:
            break
        ticks = found
        if len(ticks) >= 6:
            break
    if len(ticks) < 3:  # so narrow that steps may be equal
        raw = 10.0 ** np.floor(np.log10(0.5 * (high - low)))
        step = next(s * raw for s in (1.0, 2.0, 5.0, 10.0) if (high - low) / (s * raw) <= 8.0)
        count = np.arange(np.ceil(low / step - 1e-6), np.floor(high / step + 1e-6) + 1.0)
        return [float(f"{k * step:.6g}") for k in count]
    return ticks


def number(value: float) -> str:
    """Return a tick's number: 0.05, 3, 1500, 20 000."""
    text = f"{value:.6g}" if value < 1e4 else f"{value:,.0f}".replace(",", "\N{THIN SPACE}")
    return text if value < 1e7 else f"{value:.3g}"


def limits(scale: Normalize) -> tuple[float, float]:
    """Return the ends of a colour scale."""
    assert scale.vmin is not None
    assert scale.vmax is not None
    return float(np.min(scale.vmin)), float(np.max(scale.vmax))


def log_ticks(axis: mpl.axis.Axis, low: float, high: float) -> None:
    """Give a logarithmic axis round ticks in plain numbers."""
    axis.set_major_locator(FixedLocator(round_ticks(low, high)))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
