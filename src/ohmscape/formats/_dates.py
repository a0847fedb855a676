"""Dates as instruments print them: day or month first, twelve or twenty-four hours."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from ohmscape.core import Floats, Integers

DATE = re.compile(
    r"([0-9]{1,4})([./-])([0-9]{1,2})[./-]([0-9]{1,4})[ T]+"
    r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})([.][0-9]{1,9})?)?[ ]*([AaPp][Mm])?"
)
MANY = 500  #: dates from which on it pays to read them all at once
DAY = 86400.0


def seconds_of(texts: Sequence[str]) -> tuple[Floats, str]:
    """Return seconds since 1970-01-01 and how the order of day and month was found.

    The instrument's own clock is taken as it is, without a time zone. All dates of a file are
    read in one order; where nothing tells day from month, they are NaN.

    Examples
    --------
    >>> seconds_of(["28/09/2017 11:53:41", "01/10/2017 00:00:00"])
    (array([1.50659962e+09, 1.50681600e+09]), 'day first: a first number is greater than 12')
    """
    once = list(dict.fromkeys(texts))
    parts = [DATE.fullmatch(text.strip()[:40]) for text in once[:MANY]]
    if len(once) > MANY:
        found = _all_alike(once, parts[0])
        if found is not None:
            times = dict(zip(once, found[0].tolist(), strict=True))
            return np.array([times[text] for text in texts], dtype=np.float64), found[1]
        parts += [DATE.fullmatch(text.strip()[:40]) for text in once[MANY:]]
    order, why = _order([match for match in parts if match])
    seconds = [_seconds(match, order) if match else np.nan for match in parts]
    times = dict(zip(once, seconds, strict=True))
    return np.array([times[text] for text in texts], dtype=np.float64), why


def _all_alike(texts: Sequence[str], first: re.Match[str] | None) -> tuple[Floats, str] | None:
    """Return the times of texts that all have their digits where the first has them."""
    if first is None or first[9] or not texts[0].isascii() or texts[0] != texts[0].strip():
        return None
    try:
        letters = np.array([text.encode("ascii") for text in texts])
    except UnicodeEncodeError:
        return None
    width = letters.dtype.itemsize
    table = letters.view(np.uint8).reshape(len(texts), width)
    digits = (table >= ord("0")) & (table <= ord("9"))
    if width != len(texts[0]) or not np.all(digits == digits[0]):
        return None
    if not np.all(table[:, ~digits[0]] == table[0, ~digits[0]]):
        return None

    def number(group: int) -> Integers:
        start, end = first.span(group)
        powers = 10 ** np.arange(end - start - 1, -1, -1, dtype=np.int64)
        return (table[:, start:end].astype(np.int64) - ord("0")) @ powers

    dates = [number(group) for group in (1, 3, 4)]
    clock = [number(group) if first[group] else np.zeros_like(dates[0]) for group in (5, 6, 7)]
    order, why = _order_of(
        year_first=first.end(1) - first.start(1) == 4,
        greatest=int(dates[0].max()),
        second=int(dates[1].max()),
        points=first[2] == ".",
        noon=False,
    )
    if not order:
        return np.full(len(texts), np.nan), why
    named = dict(zip(order, dates, strict=True))
    year, month, day = named["y"], named["m"], named["d"]
    year = np.where(year < 100, year + 2000, year)
    good = (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1)
    good &= (clock[0] < 24) & (clock[1] < 60) & (clock[2] < 60)
    months = (np.where(good, (year - 1970) * 12 + month - 1, 0)).astype("datetime64[M]")
    days = months.astype("datetime64[D]")
    good &= day <= ((months + np.timedelta64(1, "M")).astype("datetime64[D]") - days).astype(
        np.int64
    )
    seconds = (days.astype(np.int64) + day - 1) * DAY
    seconds += clock[0] * 3600.0 + clock[1] * 60.0 + clock[2]
    if first[8]:
        start, end = first.span(8)
        powers = 10 ** np.arange(end - start - 2, -1, -1, dtype=np.int64)
        part = (table[:, start + 1 : end].astype(np.int64) - ord("0")) @ powers
        seconds += part / 10.0 ** (end - start - 1)
    return np.where(good, seconds, np.nan), why


def _order(found: Sequence[re.Match[str]]) -> tuple[str, str]:
    if not found:
        return "", "no dates"
    return _order_of(
        year_first=all(len(m[1]) == 4 for m in found),
        greatest=max(int(m[1]) for m in found),
        second=max(int(m[3]) for m in found),
        points=all(m[2] == "." for m in found),
        noon=any(m[9] for m in found),
    )


def _order_of(
    *, year_first: bool, greatest: int, second: int, points: bool, noon: bool
) -> tuple[str, str]:
    if year_first:
        return "ymd", "year first"
    if greatest > 12:
        return "dmy", "day first: a first number is greater than 12"
    if second > 12:
        return "mdy", "month first: a second number is greater than 12"
    if points:
        return "dmy", "day first: points between the numbers"
    if noon:
        return "mdy", "month first: hours with AM and PM"
    return "", "nothing tells day from month"


def _seconds(match: re.Match[str], order: str) -> float:
    if not order:
        return np.nan
    numbers = dict(zip(order, (int(match[1]), int(match[3]), int(match[4])), strict=True))
    year = numbers["y"] + (2000 if numbers["y"] < 100 else 0)
    hour = int(match[5])
    if match[9]:
        hour = hour % 12 + (12 if match[9].lower() == "pm" else 0)
    try:
        when = datetime(
            year, numbers["m"], numbers["d"], hour, int(match[6]), int(match[7] or 0), tzinfo=UTC
        )
    except ValueError:
        return np.nan
    return when.timestamp() + float(match[8] or 0.0)
