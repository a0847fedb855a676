"""A folder holds the old set of files or the new one, whatever happens between."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ohmscape.errors import OhmscapeError
from ohmscape.workflow import folder as module
from ohmscape.workflow.folder import uninterrupted, write_folder

OLD = {"a.txt": b"old a", "b.txt": b"old b", "c.txt": b"old c"}
NEW = {"a.txt": b"new a", "b.txt": b"new b", "c.txt": b"new c"}


def content(place):
    return {path.name: path.read_bytes() for path in place.iterdir()}


def test_a_new_folder_appears_whole_with_its_parents(tmp_path):
    write_folder(tmp_path / "x" / "y", NEW)
    assert content(tmp_path / "x" / "y") == NEW
    assert [p.name for p in (tmp_path / "x").iterdir()] == ["y"]


def test_an_old_set_is_replaced_and_other_files_stay(tmp_path):
    write_folder(tmp_path / "r", OLD)
    (tmp_path / "r" / "notes.txt").write_bytes(b"mine")
    write_folder(tmp_path / "r", NEW)
    assert content(tmp_path / "r") == {**NEW, "notes.txt": b"mine"}


@pytest.mark.parametrize("fails_at", ["a.txt", "b.txt", "c.txt"])
@pytest.mark.parametrize("old", [True, False])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failure_while_writing_leaves_what_was(tmp_path, monkeypatch, fails_at, old, error):
    if old:
        write_folder(tmp_path / "r", OLD)
    real = module._write_file

    def write(path, data):
        if path.name == fails_at:
            path.write_bytes(data[:2])
            raise error
        real(path, data)

    monkeypatch.setattr(module, "_write_file", write)
    with pytest.raises((OhmscapeError, KeyboardInterrupt)):
        write_folder(tmp_path / "r", NEW)
    assert [p.name for p in tmp_path.iterdir()] == (["r"] if old else [])
    assert not old or content(tmp_path / "r") == OLD


@pytest.mark.parametrize("fails_at", ["a.txt", "b.txt", "c.txt"])
@pytest.mark.parametrize("links", [True, False], ids=["links", "no links"])
def test_a_failure_while_exchanging_puts_the_old_set_back(tmp_path, monkeypatch, fails_at, links):
    write_folder(tmp_path / "r", {k: v for k, v in OLD.items() if k != "b.txt"})
    before = content(tmp_path / "r")
    real = Path.replace

    def replace(self, target):
        if self.name == fails_at and self.parent.name.startswith(module.PREFIX):
            raise OSError(5, "Input/output error")
        return real(self, target)

    def no_link(self, target):
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "replace", replace)
    if not links:
        monkeypatch.setattr(Path, "hardlink_to", no_link)
    with pytest.raises(OhmscapeError, match="Input/output error"):
        write_folder(tmp_path / "r", NEW)
    assert content(tmp_path / "r") == before


def test_a_folder_that_cannot_be_made_is_a_clean_error(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OhmscapeError, match=r"file.*permissions"):
        write_folder(tmp_path / "file" / "r", NEW)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_an_interrupt_waits_until_the_exchange_is_over():
    reached = []
    with pytest.raises(KeyboardInterrupt), uninterrupted():
        os.kill(os.getpid(), signal.SIGINT)
        reached.append(True)
    assert reached
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_other_threads_may_write_too(tmp_path):
    thread = threading.Thread(target=write_folder, args=(tmp_path / "r", NEW))
    thread.start()
    thread.join()
    assert content(tmp_path / "r") == NEW


@pytest.mark.skipif(sys.platform == "win32", reason="kill of POSIX")
def test_killed_while_writing_the_old_set_is_whole(tmp_path):
    write_folder(tmp_path / "r", OLD)
    code = (
        "import os, signal, sys\nfrom pathlib import Path\n"
        "from ohmscape.workflow import folder\nreal = folder._write_file\n"
        "def write(path, data):\n"
        "    if path.name == 'b.txt': os.kill(os.getpid(), signal.SIGKILL)\n"
        "    real(path, data)\n"
        "folder._write_file = write\n"
        f"folder.write_folder(Path({str(tmp_path / 'r')!r}), {NEW!r})\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -signal.SIGKILL
    found = {p.name: p.read_bytes() for p in (tmp_path / "r").iterdir() if p.is_file()}
    assert found == OLD
