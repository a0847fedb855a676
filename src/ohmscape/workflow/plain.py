"""Records as strict JSON: plain types only, no NaN, no infinity."""

import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np

DIGITS = 10  #: of numbers in records


def plain(value: Any) -> Any:
    """Return a value made of dicts, lists, strings, numbers, booleans and None only.

    What is not a finite number becomes None; numbers keep `DIGITS` digits.

    Examples
    --------
    >>> plain({"a": np.float64("nan"), "b": (1, np.int64(2)), "c": Path("x")})
    {'a': None, 'b': [1, 2], 'c': 'x'}
    """
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str | Path):
        return text(str(value))
    if isinstance(value, float | np.floating):
        return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None
    if isinstance(value, np.generic | np.ndarray):
        return plain(value.tolist())
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Enum):
        return plain(value.value)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    raise TypeError(f"{type(value).__name__} has no place in a record")


def text(value: str) -> str:
    """Return a text that can be written as UTF-8: bytes of file names that cannot are replaced."""
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def to_json(record: Mapping[str, Any]) -> str:
    """Return a record as strict JSON, readable by people."""
    return json.dumps(plain(record), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
