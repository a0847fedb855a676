"""Taking files in: versions, rejects, the bars around the reader, and a kill at any moment."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from ohmscape.centre import audit
from ohmscape.centre.centre import open_centre
from ohmscape.centre.database import reading, writing
from ohmscape.centre.datasets import set_state, state_of
from ohmscape.centre.facts import checked_facts
from ohmscape.centre.ingest import Offer, ingest, safe_filename
from ohmscape.centre.jail import Limits
from ohmscape.centre.schema import ENTRY, LEASE, OBJECT, REJECTED, STATE, VERSION
from ohmscape.errors import CentreError
from tests.centre.party import CAMPAIGN, ME, founded, line_file, offer


def count(centre, table):
    with reading(centre.engine) as c:
        return c.execute(select(func.count()).select_from(table)).scalar_one()


def rows(centre, table):
    with reading(centre.engine) as c:
        return c.execute(select(table)).all()


def test_a_file_becomes_a_version(centre, tmp_path):
    founded(centre)
    path = line_file(tmp_path / "line 1.ohm")
    got = ingest(centre, ME, Offer(path, CAMPAIGN, tags=("cave", "east")))
    assert got.new and not got.reason
    assert centre.objects.read(got.sha256) == path.read_bytes()
    (version,) = rows(centre, VERSION)
    record = json.loads(centre.objects.read(version.record_sha256))
    assert (version.filename, version.ordinal, version.author) == ("line 1.ohm", 1, ME)
    assert record["sha256"] == got.sha256
    assert record["path"] == "line 1.ohm"
    assert record["files_locked"] == sys.platform.startswith("linux")
    (entry,) = rows(centre, ENTRY)
    assert (entry.name, entry.state, entry.method) == ("line 1", "draft", "resistivity")
    assert (entry.electrode_array, entry.electrodes) == ("dipole-dipole", 12)
    assert entry.readings == 30
    assert entry.quality == 1.0
    assert 0.5 < entry.depth < 3.0
    assert (entry.west, entry.north) == (117.0, 39.1)  # of the site
    assert "cave" in entry.words.split()
    assert rows(centre, LEASE) == []


def test_the_same_bytes_twice_are_one_object_and_one_version(centre, tmp_path):
    founded(centre)
    path = line_file(tmp_path / "line.ohm")
    first = ingest(centre, ME, offer(path, CAMPAIGN))
    objects = count(centre, OBJECT)
    again = ingest(centre, ME, offer(path, CAMPAIGN))
    assert replace(again, new=True) == first
    assert not again.new
    other = ingest(centre, ME, offer(path, CAMPAIGN, name="other"))
    assert other.version_id != first.version_id
    assert count(centre, OBJECT) == objects == len(list(centre.objects.listed()))
    line_file(path, value=50.0)
    newer = ingest(centre, ME, offer(path, CAMPAIGN))
    assert newer.dataset_id == first.dataset_id
    assert [v.ordinal for v in rows(centre, VERSION)].count(2) == 1
    shown = {e.name: e.version_id for e in rows(centre, ENTRY)}
    assert shown == {"line": newer.version_id, "other": other.version_id}


def test_states_go_forward_and_withdrawn_gives_way(centre, tmp_path):
    founded(centre)
    path = line_file(tmp_path / "line.ohm")
    first = ingest(centre, ME, offer(path, CAMPAIGN)).version_id
    second = ingest(centre, ME, offer(line_file(path, 50.0), CAMPAIGN)).version_id
    for version, state, said in ((first, "published", "reviewed or withdrawn"),
                                 (first, "draft", "cannot become draft")):  # fmt: skip
        with pytest.raises(CentreError, match=said), writing(centre.engine) as c:
            set_state(c, ME, version, state, "because")
    with pytest.raises(CentreError, match="no reason"), writing(centre.engine) as c:
        set_state(c, ME, first, "reviewed", " ")
    with writing(centre.engine) as c:
        for state in ("reviewed", "published"):
            set_state(c, ME, first, state, "checked")
        set_state(c, ME, second, "withdrawn", "wrong cable")
        assert state_of(c, second).reason == "wrong cable"
    (entry,) = rows(centre, ENTRY)
    assert (entry.version_id, entry.state) == (first, "published")
    assert count(centre, STATE) == 5  # nothing is overwritten
    with reading(centre.engine) as c:
        assert audit.verify(c) == []


def test_a_bad_file_is_kept_with_its_reason(centre, tmp_path):
    founded(centre)
    path = tmp_path / "holiday.jpg"
    path.write_bytes(b"\xff\xd8\xff\xe0 no geophysics" * 99)
    got = ingest(centre, ME, offer(path, CAMPAIGN))
    assert got.version_id == ""
    assert str(tmp_path) not in got.reason
    (row,) = rows(centre, REJECTED)
    assert (row.reason, row.filename, row.id) == (got.reason, "holiday.jpg", got.rejected_id)
    assert "no format fits" in row.reason
    assert centre.objects.read(row.raw_sha256) == path.read_bytes()
    assert rows(centre, VERSION) == rows(centre, LEASE) == []


def test_real_files(centre, field_data):
    founded(centre)
    for path in ("syscal", "res2dinv", "sting"):
        some = next(p for p in sorted((field_data / path).rglob("*")) if p.suffix in
                    (".dat", ".stg", ".csv", ".bin", ".txt"))  # fmt: skip
        got = ingest(centre, ME, offer(some, CAMPAIGN, name=path))
        assert got.version_id, got.reason
    assert {e.electrode_array for e in rows(centre, ENTRY)} - {""}


@pytest.mark.parametrize("name", [
    "..", ".hidden", "a\\b.dat", "\\\\server\\share", "C:line.dat", "a\0b", "x" * 300, "钢" * 90,
    "gpj.\u202edat", "=cmd()", "@x", "-rf", "a\nb", "con|b", "", "tail ", "a/b", "~root",
])  # fmt: skip
def test_names_of_files_that_are_refused(name):
    with pytest.raises(CentreError, match="no name"):
        safe_filename(name)


@pytest.mark.parametrize("name", ["line 1.dat", "Profil-07_Süd.stg", "剖面1.dat", "a" * 200])
def test_names_of_files_that_are_taken(name):
    assert safe_filename(name) == name


def test_only_regular_files_are_taken(centre, tmp_path):
    founded(centre)
    link, pipe = tmp_path / "link.dat", tmp_path / "pipe.dat"
    link.symlink_to("/etc/passwd")
    os.mkfifo(pipe)
    for path in (link, pipe, tmp_path, tmp_path / "nothing.dat"):
        with pytest.raises(CentreError, match=r"no file|cannot be read"):
            ingest(centre, ME, offer(path, CAMPAIGN))
    with pytest.raises(CentreError, match="no campaign 'nowhere'"):
        ingest(centre, ME, offer(line_file(tmp_path / "a.ohm"), "slag/north works/nowhere"))
    assert count(centre, OBJECT) == 0


# Bars


def test_memory_is_limited(centre, tmp_path):
    founded(centre)
    got = ingest(centre, ME, offer(line_file(tmp_path / "a.ohm"), CAMPAIGN), Limits(memory=1 << 28))
    assert got.reason
    assert count(centre, REJECTED) == 1


JAIL = """
import sys, socket
from pathlib import Path
from ohmscape.centre.jail import Limits, lock
sys.path[:0] = []
here, out = Path(sys.argv[1]), Path(sys.argv[2])
assert lock(Limits(seconds=1.0, memory=1 << 30, output=1 << 20), [here], [out])
(out / "good").write_text((here / "file").read_text())
def refused(what):
    try:
        what()
    except (OSError, MemoryError) as error:
        return type(error).__name__
    return "DONE"
print([refused(w) for w in (
    lambda: Path("/etc/passwd").read_text(),
    lambda: (here / "new").write_text("x"),
    lambda: list(Path("/root" if Path("/root").exists() else "/home").iterdir()),
    lambda: (out / "link").symlink_to("/etc/passwd") or (out / "link").read_text(),
    lambda: (out / "big").write_bytes(bytes(1 << 21)),
    lambda: bytearray(1 << 31),
    lambda: socket.create_connection(("127.0.0.1", int(sys.argv[3])), timeout=1),
)], flush=True)
while True:
    pass
"""


@pytest.mark.skipif(sys.platform != "linux", reason="Landlock is Linux's")
def test_behind_bars(tmp_path):
    import socket

    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "in" / "file").write_text("readings")
    with socket.create_server(("127.0.0.1", 0)) as server:
        done = subprocess.run(
            [sys.executable, "-c", JAIL, tmp_path / "in", tmp_path / "out",
             str(server.getsockname()[1])],
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
    assert done.stdout.strip() == str(["PermissionError"] * 4 + ["OSError", "MemoryError",
                                                                 "PermissionError"])  # fmt: skip
    assert (tmp_path / "out" / "good").read_text() == "readings"
    assert -done.returncode in (signal.SIGXCPU, signal.SIGKILL)  # time is over


@pytest.mark.parametrize("told", [
    {}, {"format": 1}, [], None, {"format": "x" * 101, "method": "", "electrode_array": "",
     "electrodes": 1, "readings": 1, "quality": 1.0},
    {"format": "x", "method": "", "electrode_array": "", "electrodes": -1, "readings": 1,
     "quality": 1.0},
    {"format": "x", "method": "", "electrode_array": "", "electrodes": 1, "readings": 1,
     "quality": float("nan")},
])  # fmt: skip
def test_facts_of_a_broken_child_are_not_believed(told):
    with pytest.raises(CentreError, match="facts cannot be"):
        checked_facts(told)


# Killed


INGESTER = """
import sys
from pathlib import Path
from ohmscape.centre.centre import open_centre
from ohmscape.centre.ingest import ingest
from tests.centre.party import CAMPAIGN, ME, line_file, offer
centre, folder = open_centre(Path(sys.argv[1])), Path(sys.argv[2])
for number in range(10**6):
    path = line_file(folder / f"{sys.argv[3]}-{number}.ohm", 10.0 + number)
    print(ingest(centre, ME, offer(path, CAMPAIGN)).version_id, flush=True)
"""


def test_killed_while_ingesting_nothing_acknowledged_is_lost(new_centre, tmp_path):
    """`make torture` does this more often; here at a few moments of a first and a second file."""
    centre = founded(new_centre())
    acknowledged = []
    turns = int(os.environ.get("OHMSCAPE_KILLS", "4"))
    for turn in range(turns):
        child = subprocess.Popen(
            [sys.executable, "-c", INGESTER, centre.folder, tmp_path, str(turn)],
            stdout=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        acknowledged.append(child.stdout.readline().strip())
        time.sleep(2.5 * (turn + 0.5) / turns)
        os.killpg(child.pid, signal.SIGKILL)
        acknowledged += [line.strip() for line in child.stdout if line.endswith("\n")]
        child.wait()
        child.stdout.close()
    again = open_centre(centre.folder)
    versions = {v.id: v for v in rows(again, VERSION)}
    assert set(acknowledged) <= set(versions)
    assert len(versions) <= len(acknowledged) + turns  # told, or just about to be
    for version in versions.values():
        assert json.loads(again.objects.read(version.record_sha256))["sha256"] == version.raw_sha256
        again.objects.read(version.raw_sha256)
    assert {e.version_id for e in rows(again, ENTRY)} == set(versions)
    assert {s.version_id for s in rows(again, STATE)} == set(versions)
    with reading(again.engine) as c:
        assert audit.verify(c) == []
    again.engine.dispose()
