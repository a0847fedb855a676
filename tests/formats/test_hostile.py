"""Damaged files end in data or in an error that names place and mend; never in anything else."""

import random

import numpy as np
import pytest

from ohmscape import formats
from ohmscape.errors import OhmscapeError
from tests.formats.test_bert import OFFICIAL
from tests.formats.test_res2dinv import ERRORS, GENERAL, res2dinv
from tests.formats.test_syscal import NEW, record, syscal

ODD = [b"1e400", b"-5", b"999999999", b"nan", b"inf", b"1,5", b"#", b"\0", b"\xff\xfe", b";",
       b"0", b"-", b"*", b"\t", b"\n", b"\r\n\r\n", b" ", b"1_0", b"x", b"99999.99", b"\x85",
       b"\x0c", b'"', b"\x1a", b"\xef\xbb\xbf", b"1" * 400, b"9" * 5000]  # fmt: skip
MUTATIONS = 300


def rows(n, form):
    return [form.format(i, i + 1, i + 2, i + 3, 0.5 * i + 1) for i in range(1, n)]


SAMPLES = {
    "bert": OFFICIAL.encode() + b"2\n0 1\n5 2\n",
    "res2dinv": res2dinv(
        rows(30, "4 {0} 0 {3} 0 {1} 0 {2} 0 {4} 0.1 3 0.2"), GENERAL, 2, head=["0"],
        ip=("Chargeability", "mV/V", "0.1,1.0", *ERRORS), tail=("2", "2", "0 0", "40 9", "1", "0"),
    ).encode(),
    "res2dinv index": res2dinv(rows(30, "{0} 2 {1} {4}"), "6", 1).encode(),
    "syscal-text": "\n".join([NEW, *rows(30, "W,{0},{3},{1},{2},{4},1,2,3,{4},50.0")]).encode(),
    "syscal-bin": syscal([record((i, i + 3, i + 1, i + 2), more=i % 4) for i in range(20)]),
}  # fmt: skip


def damage(content: bytes, dice: random.Random) -> bytes:
    data = bytearray(content)
    lines = content.split(b"\n")
    near = dice.randrange(min(len(data), 300)) if dice.random() < 0.5 else dice.randrange(len(data))
    match dice.randrange(6):
        case 0:
            return content[: dice.randrange(len(data))]
        case 1:
            for _ in range(dice.choice([1, 1, 3, 20, 300])):
                data[dice.randrange(len(data))] = dice.randrange(256)
        case 2:
            data[near : near + dice.randrange(6)] = dice.choice(ODD)
        case 3:
            at = dice.randrange(len(lines))
            return b"\n".join(lines[:at] + lines[at + dice.choice([1, 1, 5]) :])
        case 4:
            lines.insert(dice.randrange(len(lines)), dice.choice(lines))
            return b"\n".join(lines)
        case _:
            at = dice.randrange(len(lines))
            cells = lines[at].split() or [b""]
            cells[dice.randrange(len(cells))] = dice.choice(ODD)
            lines[at] = b" ".join(cells)
            return b"\n".join(lines)
    return bytes(data)


@pytest.mark.parametrize("name", SAMPLES)
def test_damaged_files(tmp_path, name):
    dice = random.Random(name)
    path = tmp_path / "damaged.dat"
    read = 0
    for _ in range(MUTATIONS):
        path.write_bytes(damage(SAMPLES[name], dice))
        try:
            data = formats.read(path)
        except OhmscapeError as error:
            assert error.mend or error.where
            continue
        read += 1
        assert np.isfinite(data.resistance[data.valid]).all()
        assert all(bool(reason) != ok for reason, ok in zip(data.reasons, data.valid, strict=True))
    assert 0 < read < MUTATIONS


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_themselves_are_whole(written, name):
    data = formats.read(written(SAMPLES[name]))
    assert data.origin.format == name.split()[0]
    assert data.valid.all()


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("wrong", [f.name for f in formats.formats()])
def test_a_reader_forced_on_another_format_refuses(written, name, wrong):
    if name.startswith(wrong):
        return
    with pytest.raises(OhmscapeError):
        formats.read(written(SAMPLES[name]), format=wrong)


def test_a_row_of_a_million_values_does_not_fill_the_memory(written):
    text = OFFICIAL.replace("-0.5305165 99.9", "1 " * 1_000_000 + "99.9")
    with pytest.raises(OhmscapeError, match="line 12"):
        formats.read(written(text))
