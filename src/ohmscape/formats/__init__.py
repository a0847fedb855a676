"""Instrument and exchange formats, one file each.

A module of this package that offers a `FORMAT` is a format; nothing else has to be registered.
"""

from ohmscape.formats._bert_write import write_bert
from ohmscape.formats._guess import Guess, guess
from ohmscape.formats._mapping import (
    MANY,
    UNITS,
    Cell,
    Mapping,
    load_mapping,
    mapping_of,
    write_mapping,
)
from ohmscape.formats._registry import formats, inspect, read
from ohmscape.formats._source import Evidence, Format
from ohmscape.formats._writing import by_ending, writable, write

__all__ = [
    "MANY",
    "UNITS",
    "Cell",
    "Evidence",
    "Format",
    "Guess",
    "Mapping",
    "by_ending",
    "formats",
    "guess",
    "inspect",
    "load_mapping",
    "mapping_of",
    "read",
    "writable",
    "write",
    "write_bert",
    "write_mapping",
]
