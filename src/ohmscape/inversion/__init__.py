"""Misfit, regularisation, search and descent: from readings to a section."""

from ohmscape.inversion.gauss_newton import StopReason
from ohmscape.inversion.invert import invert, preview, reinvert
from ohmscape.inversion.options import InversionOptions, Region
from ohmscape.inversion.result import InversionResult

__all__ = [
    "InversionOptions",
    "InversionResult",
    "Region",
    "StopReason",
    "invert",
    "preview",
    "reinvert",
]
