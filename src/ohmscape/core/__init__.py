"""The nouns: frozen values over NumPy arrays."""

from ohmscape.core.data import Column, Data, Gates, Origin, Remark, Terrain
from ohmscape.core.survey import REMOTE, Electrodes, Survey
from ohmscape.core.types import Booleans, Floats, Integers
from ohmscape.core.water import Water

__all__ = [
    "REMOTE",
    "Booleans",
    "Column",
    "Data",
    "Electrodes",
    "Floats",
    "Gates",
    "Integers",
    "Origin",
    "Remark",
    "Survey",
    "Terrain",
    "Water",
]
