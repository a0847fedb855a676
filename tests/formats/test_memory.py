"""Reading takes at most ten times the file and 150 MB, damaged or not."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.read import MAKERS

pytestmark = pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="needs Linux")
FACTOR, ROOM = 10, 150  #: times the file, and MB


def memory_of(path: Path) -> tuple[float, int]:
    """Return MB that reading took in a process of its own, and readings."""
    command = [sys.executable, "-m", "benchmarks.read", "--file", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True,
                          cwd=Path(__file__).parents[2])  # fmt: skip
    found = json.loads(done.stdout)
    return found["memory"], found["n"]


@pytest.mark.parametrize(
    ("name", "n"), [("syscal-bin", 150_000), ("syscal-text", 60_000), ("bert", 300_000)]
)
def test_large_files(tmp_path, name, n):
    file, make = MAKERS[name]
    path = tmp_path / file
    path.write_bytes(make(n))
    memory, readings = memory_of(path)
    assert readings == n
    assert memory < FACTOR * path.stat().st_size / 1e6 + ROOM


def test_a_large_file_that_is_not_whole(tmp_path):
    """One cell without a value, and the rows are read cell by cell."""
    file, make = MAKERS["bert"]
    path = tmp_path / file
    content = make(200_000)
    at = content.rindex(b"0.0312")
    path.write_bytes(content[:at] + b"-" + content[at + 6 :])
    memory, readings = memory_of(path)
    assert readings == 200_000
    assert memory < FACTOR * path.stat().st_size / 1e6 + ROOM
