"""The child process that reads a stranger's file: ``python -m ohmscape.centre.parse``.

Its arguments are one JSON object: file, out, format, judge, limits. It writes into the folder
``out`` either readings.parquet, record.json and facts.json, or refused.json; then, if that is
asked for and there is time, verdict.json, what quality control says.
"""

import importlib
import json
import os
import sys
import sysconfig
from contextlib import suppress
from dataclasses import asdict
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Any

import numba

from ohmscape.centre.facts import facts_of
from ohmscape.centre.jail import Limits, lock
from ohmscape.core.data import Data
from ohmscape.errors import OhmscapeError
from ohmscape.formats import read, writable, write
from ohmscape.workflow.inspection import inspection
from ohmscape.workflow.plain import plain, to_json


def parse(told: dict[str, Any]) -> None:
    """Lock this process up, read the file, and write what was found."""
    file, out = Path(told["file"]), Path(told["out"])
    kinds = {known.name for known in writable()}  # loads all formats before the door is shut
    _ready()
    locked = lock(Limits(**told["limits"]), [file.parent, *_libraries()], [out, Path("/dev/null")])
    try:
        record = inspection(file, told["format"])
        data = read(file, format=told["format"])
        facts = facts_of(data)
        lost = write(data, out / "readings.parquet", format="parquet") if "parquet" in kinds else ()
    except OhmscapeError as error:
        said = str(error).replace(str(file.parent) + "/", "")
        _write(out / "refused.json", {"reason": said})
        return
    record["path"] = file.name
    _write(out / "record.json", {**record, "not_in_readings": list(lost), "files_locked": locked})
    _write(out / "facts.json", asdict(facts))  # from here on the file is read
    if told["judge"]:
        _write(out / "verdict.json", judged(data))


def judged(data: Data) -> dict[str, Any]:
    """Return the verdict of quality control: a word, "" if it cannot judge, and why.

    The one place where the centre asks `ohmscape.quality`.
    """
    try:
        from ohmscape.quality import assess, verdict

        found = verdict(assess(data))
    except (OhmscapeError, ImportError, OSError, RuntimeError) as error:
        return {"word": "", "sentence": f"not judged: {error}"}
    return {"word": found.word, "sentence": found.sentence}


def _ready() -> None:
    """Load what is otherwise loaded when it is first used, when files are out of reach."""
    for name in ("pyarrow.parquet", "ohmscape.quality"):
        with suppress(ImportError):
            importlib.import_module(name)
    resource_tracker.ensure_running()  # Numba's threads need semaphores, and those their keeper
    numba.get_num_threads()


def _libraries() -> list[Path]:
    """Return the folders of Python and of what it is linked to."""
    import ohmscape

    own = Path(ohmscape.__file__).parent
    paths = [*sysconfig.get_paths().values(), sys.prefix, sys.base_prefix, str(own)]
    paths += [os.environ["NUMBA_CACHE_DIR"]] if "NUMBA_CACHE_DIR" in os.environ else []
    return [
        Path(path)
        for path in dict.fromkeys([*paths, "/usr/lib", "/usr/share/zoneinfo", "/proc/self"])
    ]


def _write(path: Path, record: dict[str, Any]) -> None:
    path.write_text(to_json(plain(record)), encoding="utf-8")


if __name__ == "__main__":
    parse(json.loads(sys.argv[1]))
