"""Lines of Res2DInv text: comments, separators, and a header taken line by line."""

import re
from collections.abc import Sequence

import numpy as np

from ohmscape.formats._source import Source, quote
from ohmscape.formats._text import number


def next_line(lines: Sequence[str], start: int) -> int:
    """Return the index of the next line that is not blank or a ``;`` comment."""
    for i in range(start, len(lines)):
        text = lines[i].lstrip()
        if text and not text.startswith(";"):
            return i
    return len(lines)


def title_at(lines: Sequence[str]) -> int:
    """Return the index of the title: the first line that is no comment, even if it is blank."""
    at = 0
    while at < len(lines) and lines[at].lstrip().startswith(";"):
        at += 1
    return at


def cells_of(line: str) -> list[str]:
    """Return the cells of a line; separators are commas, blanks and tabs."""
    return line.split(";", 1)[0].replace(",", " ").split()


def is_text(line: str) -> bool:
    """Whether a line begins with a word."""
    cells = cells_of(line)
    return bool(cells) and number(cells[0]) is None


class Lines:
    """The lines of a header, taken one after the other."""

    def __init__(self, source: Source, lines: Sequence[str], start: int) -> None:
        self._source = source
        self._lines = lines
        self.at = next_line(lines, start)

    def text(self) -> str:
        """Return the next line, "" after the last one, without taking it."""
        return self._lines[self.at].strip() if self.at < len(self._lines) else ""

    def second(self) -> str:
        """Return the line after the next one, "" if there is none."""
        at = next_line(self._lines, self.at + 1)
        return self._lines[at].strip() if at < len(self._lines) else ""

    def take(self, what: str) -> str:
        """Return the next line."""
        if self.at >= len(self._lines):
            raise self._source.fault(
                f"ends before {what}", line=len(self._lines), mend="restore the whole file"
            )
        text = self.text()
        self.at = next_line(self._lines, self.at + 1)
        return text

    def number(self, what: str) -> float:
        """Return the number in the next line."""
        line = self.at + 1
        text = self.take(what)
        cells = cells_of(text)
        value = number(re.sub(r"(?<=\d)[RLrl]$", "", cells[0])) if cells else None
        if value is None or not np.isfinite(value):
            raise self._source.fault(
                f"{what} expected, found {quote(text)}", line=line, mend="give the number"
            )
        if len(cells) > 1 and number(cells[1]) is not None:
            raise self._source.fault(
                f"{what} expected, found several numbers: {quote(text)}",
                line=line,
                mend="give one number; write a decimal comma as a point",
            )
        return value

    def whole(self, what: str, allowed: Sequence[int] = ()) -> int:
        """Return the whole number in the next line."""
        line, text = self.at + 1, self.text()
        value = self.number(what)
        if value != round(value) or abs(value) > 1e12 or (allowed and value not in allowed):
            these = f"one of {', '.join(str(a) for a in allowed)}" if allowed else "a whole number"
            raise self._source.fault(
                f"{what} cannot be {quote(text)}", line=line, mend=f"give {these}"
            )
        return int(value)
