"""Damage to files, seeded and fast: what transfers, editors, other locales and strangers do."""

import random
import re
import struct

WORD = re.compile(rb"[^\s,;|]+")
NUMBER = re.compile(rb"[+-]?[0-9]+(?:[.,][0-9]*)?(?:[eEdD][+-]?[0-9]+)?")
NUMBERS = [b"1e400", b"-5", b"999999999", b"nan", b"inf", b"-inf", b"1,5", b"0", b"-0", b"1_0",
           b"99999.99", b"1e308", b"-1e-308", b"1e-400", b"2147483648", b"9223372036854775808",
           b"-1", b"1.5", b"0x10", b"1e9", b"1e154", b"1" * 400, b"9" * 5000,
           b"\xd9\xa3"]  # fmt: skip
ODD = [b"#", b"\0", b"\xff\xfe", b";", b"-", b"*", b"\t", b"\n", b"\r\n\r\n", b" ", b"x", b"\x85",
       b"\x0c", b'"', b"'", b"\x1a", b"\xef\xbb\xbf", b"/", b"%", b"!", b"\r", b"\xe2\x80\xa8",
       b"\xb5", b"\xb0", b"=", b":", b",", b"()", b"--", *NUMBERS]  # fmt: skip
SEPARATORS = [b",", b";", b"\t", b" ", b"|", b".", b"\n", b"\r\n", b":", b"="]
WORDS = [struct.pack(f, v) for f, values in (
    ("<f", (float("nan"), float("inf"), -1e38, 0.0, 1e-45, 99999.99)),
    ("<d", (float("nan"), float("-inf"), 1e308, -1.0)),
    ("<h", (-1, 0, 4, 32767)), ("<i", (-1, 0, 2**31 - 1)), (">H", (65535, 1)),
) for v in values]  # fmt: skip
LARGEST = 40_000  #: bytes of a damaged file, unless the whole one is large: milliseconds to read


def mutate(content: bytes, dice: random.Random, other: bytes = b"") -> bytes:
    """Return a file with one to four kinds of damage; `other` is spliced in at times."""
    most = max(LARGEST, 2 * len(content))
    for _ in range(dice.choice((1, 1, 1, 2, 2, 3, 4))):
        content = dice.choice(KINDS)(content, dice, other) or b"\n"
    return content[:most]


def _truncated(content: bytes, dice: random.Random, _: bytes) -> bytes:
    return content[: dice.randrange(len(content))]


def _flipped(content: bytes, dice: random.Random, _: bytes) -> bytes:
    data = bytearray(content)
    for _ in range(dice.choice((1, 1, 1, 3, 20))):
        data[_place(data, dice)] ^= 1 << dice.randrange(8)
    return bytes(data)


def _typed(content: bytes, dice: random.Random, _: bytes) -> bytes:
    """Other printable characters."""
    data = bytearray(content)
    for _ in range(dice.choice((1, 1, 2, 5))):
        data[_place(data, dice)] = dice.randrange(32, 127)
    return bytes(data)


def _odd(content: bytes, dice: random.Random, _: bytes) -> bytes:
    at = _place(content, dice)
    return content[:at] + dice.choice(ODD) + content[at + dice.randrange(6) :]


def _number(content: bytes, dice: random.Random, _: bytes) -> bytes:
    found = NUMBER.search(content, _place(content, dice))
    if found is None:
        return content
    old = found.group()
    new = dice.choice((dice.choice(NUMBERS), b"-" + old, old + b"0000000", old.replace(b".", b","),
                       old[:-1], old + old, b"", str(dice.randrange(12)).encode()))  # fmt: skip
    return content[: found.start()] + new + content[found.end() :]


def _word(content: bytes, dice: random.Random, _: bytes) -> bytes:
    """One word in the place of another."""
    one = WORD.search(content, _place(content, dice))
    two = WORD.search(content, _place(content, dice))
    if one is None or two is None:
        return content
    return content[: one.start()] + two.group() + content[one.end() :]


def _lines(content: bytes, dice: random.Random, _: bytes) -> bytes:
    """Lines dropped, doubled, moved, joined."""
    lines = content.split(b"\n")
    at = dice.randrange(len(lines))
    match dice.randrange(5):
        case 0:
            del lines[at : at + dice.choice((1, 1, 1, 2, 5))]
        case 1:
            lines[at:at] = [lines[at]] * dice.choice((1, 1, 2, 30))
        case 2:
            lines.insert(dice.randrange(len(lines)), lines.pop(at))
        case 3:
            lines[at : at + 2] = [b"".join(lines[at : at + 2])]
        case _:
            lines[at] = b" ".join(dice.sample(cells := lines[at].split(), len(cells)))
    return b"\n".join(lines)


def _separators(content: bytes, dice: random.Random, _: bytes) -> bytes:
    old, new = dice.sample(SEPARATORS, 2)
    return content.replace(old, new, dice.choice((1, 3, -1)))


def _repeated(content: bytes, dice: random.Random, _: bytes) -> bytes:
    at = _place(content, dice)
    piece = content[at : at + dice.choice((1, 4, 30))]
    return content[:at] + piece * dice.choice((2, 3, 100)) + content[at:]


def _spliced(content: bytes, dice: random.Random, other: bytes) -> bytes:
    """The head of one file and the tail of another."""
    other = other or content
    return content[: _place(content, dice)] + other[_place(other, dice) :]


def _binary(content: bytes, dice: random.Random, _: bytes) -> bytes:
    new, at = dice.choice(WORDS), _place(content, dice)
    return content[:at] + new + content[at + len(new) :]


def _encoded(content: bytes, dice: random.Random, _: bytes) -> bytes:
    match dice.randrange(6):
        case 0:
            return content.decode("latin-1").encode("utf-16")
        case 1:
            return b"\xef\xbb\xbf" + content
        case 2:
            return content.upper()
        case 3:
            return content.lower()
        case 4:
            return content.replace(b"\n", b"\r\n")
        case _:
            return content.decode("latin-1").encode("utf-8")


def _place(content: bytes | bytearray, dice: random.Random) -> int:
    """Return a place: half of them where headers are."""
    most = len(content)
    return dice.randrange(min(most, 200) if dice.random() < 0.4 else most)


KINDS = (_truncated, _flipped, _typed, _typed, _odd, _odd, _number, _number, _number, _word, _word,
         _lines, _lines, _separators, _repeated, _spliced, _binary, _encoded)  # fmt: skip
