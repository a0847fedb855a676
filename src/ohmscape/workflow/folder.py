"""Writing a set of files so that a folder holds the old set or the new one, nothing between."""

import os
import secrets
import shutil
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from ohmscape.errors import OhmscapeError

PREFIX = ".ohmscape-"  #: of the names of unfinished folders


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Put files into a folder, all or none.

    The files are complete on disk before the first one of an earlier set is touched. A folder that
    is not there yet appears at once with all files. In one that is there, only files of these names
    are replaced, the last of `files` at the end; should one of them fail, those replaced so far are
    put back. An interrupt from the keyboard waits until the exchange is over.

    Parameters
    ----------
    folder : Path
    files : mapping
        Names and contents.

    Raises
    ------
    OhmscapeError
        The folder cannot be written.
    """
    try:
        _write(folder, files)
    except OSError as error:
        raise OhmscapeError(
            f"results cannot be written: {error.strerror or error}",
            where=str(folder),
            mend="check the folder's permissions and the space on the disk",
        ) from error


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    new = not folder.exists()
    folder.parent.mkdir(parents=True, exist_ok=True)
    stage = (folder.parent if new else folder) / f"{PREFIX}{secrets.token_hex(6)}"
    stage.mkdir()
    try:
        for name, content in files.items():
            _write_file(stage / name, content)
        with uninterrupted():
            if new:
                stage.rename(folder)
            else:
                _exchange(stage, folder, tuple(files))
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _write_file(path: Path, content: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _exchange(stage: Path, folder: Path, names: tuple[str, ...]) -> None:
    """Replace files by those of the stage; on failure put the old ones back."""
    old = stage / "old"
    old.mkdir()
    done: list[str] = []
    try:
        for name in names:
            if (folder / name).exists():
                _keep(folder / name, old / name)
            done.append(name)
            (stage / name).replace(folder / name)
    except OSError:
        for name in done:
            if (old / name).exists():
                (old / name).replace(folder / name)
            else:
                (folder / name).unlink(missing_ok=True)
        raise


def _keep(path: Path, copy: Path) -> None:
    try:
        copy.hardlink_to(path)
    except OSError:  # not every file system has links
        shutil.copy2(path, copy)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold an interrupt from the keyboard back until the end (in the main thread)."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[tuple[int, FrameType | None]] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: came.append((number, frame)))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if came and callable(before):
            before(*came[0])
