"""Documents that stand on their own."""

from ohmscape.report.html import render

__all__ = ["render"]
