"""Dates as instruments print them: day or month first, twelve or twenty-four hours."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from ohmscape.core import Floats

DATE = re.compile(
    r"([0-9]{1,4})([./-])([0-9]{1,2})[./-]([0-9]{1,4})[ T]+"
    r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?(?:[.][0-9]+)?[ ]*([AaPp][Mm])?"
)


def seconds_of(texts: Sequence[str]) -> tuple[Floats, str]:
    """Return seconds since 1970-01-01 and how the order of day and month was found.

    The instrument's own clock is taken as it is, without a time zone. All dates of a file are
    read in one order; where nothing tells day from month, they are NaN.

    Examples
    --------
    >>> seconds_of(["28/09/2017 11:53:41", "01/10/2017 00:00:00"])
    (array([1.50659962e+09, 1.50681600e+09]), 'day first: a first number is greater than 12')
    """
    once = dict.fromkeys(text.strip() for text in texts)
    parts = {text: DATE.fullmatch(text[:40]) for text in once}
    found = [match for match in parts.values() if match]
    order, why = _order(found)
    times = {text: _seconds(match, order) if match else np.nan for text, match in parts.items()}
    return np.array([times[text.strip()] for text in texts], dtype=np.float64), why


def _order(found: Sequence[re.Match[str]]) -> tuple[str, str]:
    if not found:
        return "", "no dates"
    if all(len(m[1]) == 4 for m in found):
        return "ymd", "year first"
    if any(int(m[1]) > 12 for m in found):
        return "dmy", "day first: a first number is greater than 12"
    if any(int(m[3]) > 12 for m in found):
        return "mdy", "month first: a second number is greater than 12"
    if all(m[2] == "." for m in found):
        return "dmy", "day first: points between the numbers"
    if any(m[8] for m in found):
        return "mdy", "month first: hours with AM and PM"
    return "", "nothing tells day from month"


def _seconds(match: re.Match[str], order: str) -> float:
    if not order:
        return np.nan
    numbers = dict(zip(order, (int(match[1]), int(match[3]), int(match[4])), strict=True))
    year = numbers["y"] + (2000 if numbers["y"] < 100 else 0)
    hour = int(match[5])
    if match[8]:
        hour = hour % 12 + (12 if match[8].lower() == "pm" else 0)
    try:
        when = datetime(
            year, numbers["m"], numbers["d"], hour, int(match[6]), int(match[7] or 0), tzinfo=UTC
        )
    except ValueError:
        return np.nan
    return when.timestamp()
