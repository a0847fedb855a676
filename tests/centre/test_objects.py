"""Stores of objects: what goes in comes out, once, checked; damage is found and mended."""

import hashlib
import subprocess
import sys
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ohmscape.centre.bucket import bucket_at
from ohmscape.centre.local import PART, LocalObjects
from ohmscape.centre.objects import key_of
from ohmscape.errors import CentreError, DamageError

CONTENT = b"line 1\n" * 1000
NAME = hashlib.sha256(CONTENT).hexdigest()


def spoil(objects, name):
    """Flip one bit of an object behind the store's back."""
    if isinstance(objects, LocalObjects):
        path = objects.root / key_of(name)
        path.chmod(0o644)
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
        return
    import obstore

    content = bytearray(objects.read(name))
    content[len(content) // 2] ^= 1
    obstore.put(objects.store, key_of(name), bytes(content))


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
def test_round_trip(objects, content):
    stored = objects.put(content)
    assert stored.sha256 == hashlib.sha256(content).hexdigest()
    assert stored.size == len(content)
    assert objects.read(stored.sha256) == content


def test_files_and_bytes_are_one_object(objects, tmp_path):
    source, copy = tmp_path / "source", tmp_path / "copy"
    source.write_bytes(CONTENT)
    assert objects.put(source) == objects.put(CONTENT)
    assert [one.sha256 for one in objects.listed()] == [NAME]
    assert [one.size for one in objects.listed()] == [len(CONTENT)]
    objects.fetch(NAME, copy)
    assert copy.read_bytes() == CONTENT


def test_what_is_not_there(objects, tmp_path):
    assert not objects.has(NAME)
    with pytest.raises(DamageError, match=f"{NAME}: object is missing .*backup"):
        objects.read(NAME)
    with pytest.raises(DamageError, match="missing"):
        objects.fetch(NAME, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
    objects.remove(NAME)  # twice is as good as once
    with pytest.raises(CentreError, match="cannot be stored"):
        objects.put(tmp_path / "no such file")


@pytest.mark.parametrize("name", ["../../etc/passwd", NAME.upper(), NAME[:-1], NAME + "\n", ""])
def test_only_hashes_are_names(objects, name):
    for call in (objects.read, objects.has, objects.remove):
        with pytest.raises(CentreError, match="names no object"):
            call(name)


def test_a_flipped_bit_is_found_and_mended_by_the_same_bytes(objects, tmp_path):
    objects.put(CONTENT)
    spoil(objects, NAME)
    with pytest.raises(DamageError, match="damaged"):
        objects.read(NAME)
    with pytest.raises(DamageError, match="damaged"):
        objects.fetch(NAME, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
    objects.put(CONTENT)
    assert objects.read(NAME) == CONTENT


def test_many_writers_of_the_same_bytes(objects, many_threads):
    assert {one.sha256 for one in many_threads(lambda _: objects.put(CONTENT))} == {NAME}
    assert objects.read(NAME) == CONTENT
    assert len(list(objects.listed())) == 1


def test_removed_is_gone(objects):
    objects.put(CONTENT)
    objects.remove(NAME)
    assert not objects.has(NAME)
    assert list(objects.listed()) == []


WRITER = """
import sys
from pathlib import Path
from ohmscape.centre.local import LocalObjects
store = LocalObjects(Path(sys.argv[1]))
for number in range(10**6):
    stored = store.put(f"{sys.argv[2]} {number}".encode() * 5000)
    print(stored.sha256, flush=True)
"""


def test_killed_while_writing_what_was_acknowledged_is_whole(tmp_path):
    store = LocalObjects(tmp_path)
    acknowledged = []
    for turn in range(3):
        child = subprocess.Popen(
            [sys.executable, "-c", WRITER, tmp_path, str(turn)], stdout=subprocess.PIPE, text=True
        )
        acknowledged += [child.stdout.readline().strip() for _ in range(5 + 7 * turn)]
        child.kill()
        acknowledged += [line.strip() for line in child.stdout if line.endswith("\n")]
        child.wait()
        child.stdout.close()
    for name in acknowledged:
        store.read(name)
    for one in store.listed():
        store.read(one.sha256)  # nothing half-written has a name


def test_sweep_takes_what_is_old_only(tmp_path):
    store = LocalObjects(tmp_path)
    store.put(CONTENT)
    left = tmp_path / PART / "left"
    left.write_bytes(b"half")
    assert store.sweep(3600.0) == 0
    assert left.exists()
    time.sleep(0.05)
    assert store.sweep(0.01) == 1
    assert not left.exists()
    assert store.read(NAME) == CONTENT


def test_only_known_kinds_of_store():
    with pytest.raises(CentreError, match="s3://"):
        bucket_at("ftp://somewhere")
