"""Words that search looks for, cut the same way for every database."""

import re
import unicodedata

WORD = re.compile(r"\w+")
UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")  #: scripts without spaces
LONGEST = 60  #: characters of a word
MOST = 2_000  #: words of one data set


def words_of(*texts: str) -> str:
    """Return the words of texts in lower case, each once, in order, with spaces between.

    Chinese and Japanese are cut into single signs and pairs, so that any part is found.

    Examples
    --------
    >>> words_of("Slag heap 3, line-07", "slag")
    'slag heap 3 line 07'
    >>> words_of("钢厂 A")
    '钢 厂 钢厂 a'
    """
    found: dict[str, None] = {}
    for text in texts:
        for word in WORD.findall(unicodedata.normalize("NFKC", text).casefold().replace("_", " ")):
            for part in _parts(word):
                found.setdefault(part[:LONGEST])
    return " ".join(list(found)[:MOST])


def _parts(word: str) -> list[str]:
    parts, last = [], 0
    for run in UNSPACED.finditer(word):
        parts += [word[last : run.start()], *run.group()]
        parts += [run.group()[i : i + 2] for i in range(len(run.group()) - 1)]
        last = run.end()
    return [part for part in (*parts, word[last:]) if part]
