"""The nouns: frozen values over NumPy arrays."""

from ohmscape.core.data import Column, Data, Gates, Origin, Remark, Terrain
from ohmscape.core.survey import REMOTE, Electrodes, Survey
from ohmscape.core.types import Booleans, Complexes, Floats, Integers
from ohmscape.core.water import Water

__all__ = [
    "REMOTE",
    "Booleans",
    "Column",
    "Complexes",
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
