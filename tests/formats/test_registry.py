"""Formats are found by evidence, with one winner; whatever is no field file is refused at once."""

import os
import time

import pytest

from ohmscape import formats
from ohmscape.errors import FormatError

BERT = "2# Number of electrodes\n#x z\n0 0\n1 0\n1# data\n#a b m n r\n1 0 2 0 5\n0\n"


def test_every_format_has_a_name_and_a_description():
    names = [f.name for f in formats.formats()]
    assert names == sorted(set(names))
    assert {"bert", "res2dinv", "syscal-bin", "syscal-text"} <= set(names)
    assert all(f.description for f in formats.formats())


def test_content_decides_not_the_name(written):
    path = written(BERT, "survey.bin")
    (best, evidence), *rest = formats.inspect(path)
    assert best.name == "bert"
    assert evidence.score > max(e.score for _, e in rest) + 0.3
    assert evidence.reasons
    assert formats.read(path).origin.format == "bert"


def test_a_named_format_is_used_and_an_unknown_one_refused(written):
    path = written("2\n0\n1\n1\n1 0 2 0 5\n")  # nothing but numbers: too little evidence
    with pytest.raises(FormatError, match=r"no format fits; nearest: .*format=") as caught:
        formats.read(path)
    assert len(str(caught.value)) < len(str(path)) + 500  # three guesses, not all
    assert len(formats.read(path, format="bert")) == 1
    with pytest.raises(FormatError, match=r"not known.*bert"):
        formats.read(path, format="bart")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(bytes(5000), "no format fits", id="zeros"),
        pytest.param(bytes(range(256)) * 40, "no format fits", id="binary junk"),
        pytest.param(b"hello world\n" * 9, "no format fits", id="prose"),
        pytest.param(b"7" * 300_000, "no format fits", id="one long line"),
        pytest.param(b"\n\n\n", "no format fits", id="blank"),
        pytest.param(b"#" * 70_000, "no format fits", id="only a comment"),
        pytest.param("x y z\n0 0 0\n".encode("utf-16"), "no format fits", id="utf-16"),
        pytest.param(b"\xff\xfe\x00", "no format fits", id="broken utf-16"),
        pytest.param(b"PK\x03\x04" + bytes(99), "no format fits", id="zip"),
    ],
)
def test_what_is_no_field_file_is_refused(written, content, message):
    path = written(content)
    with pytest.raises(FormatError, match=message) as caught:
        formats.read(path)
    assert str(path) in caught.value.where
    assert caught.value.mend


def test_what_is_no_file_is_refused(tmp_path):
    for path, message in (
        (tmp_path / "missing.dat", "no such file"),
        (tmp_path, "directory"),
        (tmp_path / "nul\0byte", "cannot be opened"),
        (tmp_path / "a" / "b", "no such file"),
    ):
        with pytest.raises(FormatError, match=message):
            formats.read(path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FormatError, match="not a regular file"):
        formats.read(tmp_path / "pipe")


@pytest.mark.parametrize("head", [b"", BERT.encode(), b"\x02\x00\x00\x80\x08"], ids=len)
def test_a_huge_file_is_refused_quickly(tmp_path, head):
    path = tmp_path / "huge.dat"
    with path.open("wb") as stream:
        stream.write(head)
        stream.truncate(1_100_000_000)  # sparse: takes no space
    start = time.perf_counter()
    with pytest.raises(FormatError, match=r"no format fits|MB; at most"):
        formats.read(path)
    assert time.perf_counter() - start < 2.0


def test_utf16_and_byte_order_mark_are_read(written):
    for encoding in ("utf-16", "utf-8-sig", "latin-1"):
        assert len(formats.read(written(BERT.encode(encoding)))) == 1
