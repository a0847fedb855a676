"""Boreholes drawn into a section: a strip for each, coloured by what was found."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch, Polygon

import ohmscape.viz.style as style
from ohmscape.core.types import Floats

WIDE = 0.011  #: of the section: width of a strip
#: pale, far from the colours of resistivities, told apart also in grey with the letters beside
COLOURS = (
    "#f2e2b6", "#9c9c9c", "#d9b38c", "#cfd8dc", "#b5c99a", "#e6b8c2", "#8d6e63", "#ffffff",
)  # fmt: skip


class DrawnPiece(Protocol):
    """An interval of a borehole in the section."""

    @property
    def places(self) -> Floats:
        """Along, z in m, from top to base, shape (n, 2)."""

    @property
    def lithology(self) -> str:
        """What was found."""


class Hole(Protocol):
    """A borehole in the section."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def pieces(self) -> Sequence[DrawnPiece]:
        """Its intervals."""


def draw_holes(axes: Axes, holes: Sequence[Hole]) -> None:
    """Draw boreholes as strips with a legend of their rocks.

    Parameters
    ----------
    axes : Axes
        Of a section: along the line and z in m.
    holes : sequence of Hole
    """
    rocks = list(dict.fromkeys(p.lithology for hole in holes for p in hole.pieces if p.lithology))
    colour = {rock: COLOURS[i % len(COLOURS)] for i, rock in enumerate(rocks)}
    low, high = axes.get_xlim()
    half = 0.5 * WIDE * (high - low)
    for hole in holes:
        for piece in hole.pieces:
            axes.add_patch(
                Polygon(
                    _strip(piece.places, half, 1.0 / float(axes.get_aspect())),
                    facecolor=colour.get(piece.lithology, "#ffffff"),
                    edgecolor=style.INK, linewidth=0.6, zorder=4,
                )
            )  # fmt: skip
        last = hole.pieces[-1].places[-1]
        axes.annotate(
            hole.name, last, xytext=(0, -3), textcoords="offset points", ha="center", va="top",
            fontsize=7.5, color=style.INK, zorder=6,
        )  # fmt: skip
    if rocks:
        axes.legend(
            handles=[Patch(facecolor=colour[r], edgecolor=style.INK, label=r) for r in rocks],
            loc="lower right", fontsize=7.5, framealpha=0.85, ncols=min(4, len(rocks)),
            handlelength=1.2, borderpad=0.4,
        )  # fmt: skip


def _strip(places: Floats, half: float, stretch: float) -> Floats:
    """Return the outline of a strip of equal width along a hole, in data coordinates."""
    way = np.gradient(places, axis=0) * [1.0, 1.0 / stretch]
    way /= np.hypot(*way.T)[:, None]
    side = np.column_stack([-way[:, 1], way[:, 0] * stretch]) * half
    return np.vstack([places + side, (places - side)[::-1]])
