"""Ohmscape: from a field file to a defensible section of the ground.

>>> import ohmscape
>>> result = ohmscape.invert(ohmscape.read("line.ohm"))  # doctest: +SKIP

What is offered here is loaded when it is first asked for, so that ``import ohmscape`` is quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from ohmscape._version import __version__

if TYPE_CHECKING:
    from ohmscape.arrays.ground import line_of
    from ohmscape.arrays.noise import ErrorModel, error_model
    from ohmscape.core.data import Data, Terrain
    from ohmscape.core.survey import REMOTE, Electrodes, Survey
    from ohmscape.core.water import Water
    from ohmscape.errors import (
        FormatError,
        InversionError,
        MeshError,
        OhmscapeError,
        SimulationError,
        SurveyError,
    )
    from ohmscape.formats import inspect, read, write, write_bert
    from ohmscape.forward.simulate import simulate
    from ohmscape.inversion.gauss_newton import StopReason
    from ohmscape.inversion.invert import invert, preview, reinvert
    from ohmscape.inversion.options import InversionOptions, Region
    from ohmscape.inversion.result import InversionResult
    from ohmscape.mesh.model import Model

_HOME = {
    "REMOTE": "core.survey",
    "Data": "core.data",
    "Electrodes": "core.survey",
    "ErrorModel": "arrays.noise",
    "FormatError": "errors",
    "InversionError": "errors",
    "InversionOptions": "inversion.options",
    "InversionResult": "inversion.result",
    "MeshError": "errors",
    "Model": "mesh.model",
    "OhmscapeError": "errors",
    "Region": "inversion.options",
    "SimulationError": "errors",
    "StopReason": "inversion.gauss_newton",
    "Survey": "core.survey",
    "SurveyError": "errors",
    "Terrain": "core.data",
    "Water": "core.water",
    "error_model": "arrays.noise",
    "inspect": "formats",
    "invert": "inversion.invert",
    "line_of": "arrays.ground",
    "preview": "inversion.invert",
    "read": "formats",
    "reinvert": "inversion.invert",
    "simulate": "forward.simulate",
    "write": "formats",
    "write_bert": "formats",
}

__all__ = [
    "REMOTE",
    "Data",
    "Electrodes",
    "ErrorModel",
    "FormatError",
    "InversionError",
    "InversionOptions",
    "InversionResult",
    "MeshError",
    "Model",
    "OhmscapeError",
    "Region",
    "SimulationError",
    "StopReason",
    "Survey",
    "SurveyError",
    "Terrain",
    "Water",
    "__version__",
    "error_model",
    "inspect",
    "invert",
    "line_of",
    "preview",
    "read",
    "reinvert",
    "simulate",
    "write",
    "write_bert",
]


def __getattr__(name: str) -> object:
    """Load what is asked for."""
    if name in _HOME:
        return getattr(import_module(f"ohmscape.{_HOME[name]}"), name)
    raise AttributeError(f"module 'ohmscape' has no attribute {name!r}")


def __dir__() -> list[str]:
    """List what is offered."""
    return sorted(__all__)
