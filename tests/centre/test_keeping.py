"""Keeping it whole: fsck, gc, backup and restore, export and import."""

import hashlib
import json
import random
import subprocess
import sys
import threading

import pytest
from sqlalchemy import select, text

from ohmscape.centre import audit, gc
from ohmscape.centre.catalogue import add_organisation, add_project, located
from ohmscape.centre.database import reading, writing
from ohmscape.centre.datasets import set_state
from ohmscape.centre.export import VERIFY, export
from ohmscape.centre.fsck import check
from ohmscape.centre.gc import REFERENCES, collect
from ohmscape.centre.imports import import_export, restore
from ohmscape.centre.ingest import ingest
from ohmscape.centre.needs import add_need, answer_need, judge_need
from ohmscape.centre.rows import give_back, hold, register
from ohmscape.centre.runs import add_report, run, task_on
from ohmscape.centre.schema import METADATA, OBJECT, VERSION
from ohmscape.centre.search import Search, search
from ohmscape.errors import CentreError, DamageError
from tests.centre.party import CAMPAIGN, ME, founded, line_file, offer
from tests.centre.test_objects import spoil


@pytest.fixture
def busy(centre, tmp_path):
    """A centre where something of each kind has happened."""
    founded(centre)
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / "line 1.ohm"
    ingest(centre, ME, offer(line_file(path), CAMPAIGN))
    got = ingest(centre, ME, offer(line_file(path, 70.0), CAMPAIGN, tags=("cave",)))
    bad = tmp_path / "in" / "bad.bin"
    bad.write_bytes(bytes(range(256)) * 9)
    assert ingest(centre, ME, offer(bad, CAMPAIGN)).rejected_id
    with reading(centre.engine) as c:
        task = task_on(c, "inspect", got.version_id, {})
    run_id = run(centre, ME, task)
    with writing(centre.engine) as c:
        set_state(c, ME, got.version_id, "reviewed", "fine")
        report = add_report(c, ME, run_id, "What is in it", "record.json")
        need = add_need(c, ME, "slag/north works", "What is in it?")
        answer_need(c, ME, need, report)
        judge_need(c, ME, need, "accepted", "clear")
    return centre


def everything(centre):
    """Return all rows but those made anew, and all objects."""
    with reading(centre.engine) as c:
        rows = {
            table.name: sorted(
                json.dumps({k: v for k, v in r._mapping.items() if k != "number"})
                for r in c.execute(select(table))
            )
            for table in METADATA.sorted_tables
            if table.name != "lease"
        }  # fmt: skip
    return rows, {one.sha256: one.size for one in centre.objects.listed()}


def test_all_is_well(busy):
    assert check(busy) == []
    assert collect(busy, dry=True).objects == ()


def test_every_damage_is_found(busy):
    with reading(busy.engine) as c:
        version = c.execute(select(VERSION)).first()
        objects = c.execute(select(OBJECT.c.sha256)).scalars().all()
    for name in objects:
        good = busy.objects.read(name)
        spoil(busy.objects, name)
        assert [f.where for f in check(busy)] == [f"object {name}"]
        busy.objects.remove(name)
        assert [(f.where, f.what) for f in check(busy, quick=True)] == [
            (f"object {name}", "is missing")
        ]
        busy.objects.put(good)
    assert check(busy) == []
    off = (
        ("DROP TRIGGER {0}_no_update", "DROP TRIGGER {0}_no_delete")
        if busy.engine.dialect.name == "sqlite"
        else ("ALTER TABLE {0} DISABLE TRIGGER ALL",)
    )
    for table, statement, said in (  # a version that is changed makes its entry wrong as well
        ("", "UPDATE entry SET quality = 0.123", "is not what the catalogue holds"),
        ("version", f"UPDATE version SET filename = 'x' WHERE id = '{version.id}'", "is not what"),
        ("run_output", "UPDATE run_output SET name = 'x'", "other outputs"),
        ("state", "UPDATE state SET state = 'draft' WHERE state = 'reviewed'", "was reviewed"),
        ("", "UPDATE object SET size = size + 1", "bytes instead of"),
        ("audit", "DELETE FROM audit WHERE action = 'version added'", "missing"),
    ):
        with writing(busy.engine) as c:
            for one in off if table else ():
                c.execute(text(one.format(table)))
        before = {(f.where, f.what) for f in check(busy, quick=True)}
        with writing(busy.engine) as c:
            c.execute(text(statement))
        new = {(f.where, f.what) for f in check(busy, quick=True)} - before
        assert any(said in what for _, what in new), (statement, new)


def test_gc_takes_only_what_nobody_needs(busy):
    orphan = busy.objects.put(b"left by a writer that was killed")
    held = hold(busy, [busy.objects.put(b"about to be referred to").sha256])
    rows, objects = everything(busy)
    assert [o.sha256 for o in collect(busy, dry=True).objects] == [orphan.sha256]
    assert busy.objects.has(orphan.sha256)
    assert collect(busy).size == orphan.size
    del objects[orphan.sha256]
    assert everything(busy) == (rows, objects)
    assert len(collect(busy, lease_seconds=0.0).objects) == 1  # its writer is dead
    assert held
    assert check(busy) == []


def test_gc_knows_every_column_that_refers_to_an_object():
    assert {str(column) for column in REFERENCES} == {
        "version.raw_sha256", "version.record_sha256", "version.readings_sha256",
        "rejected.raw_sha256", "run.lock_sha256", "run_input.sha256", "run_output.sha256",
        "report.sha256",
    }  # fmt: skip


def test_gc_while_others_write(busy, monkeypatch):
    """The same bytes are put and referred to again and again while all that is free is removed."""
    monkeypatch.setattr(gc, "BATCH", 1)
    stop, faults = threading.Event(), []

    def collector():
        while not stop.is_set():
            collect(busy)

    thread = threading.Thread(target=collector)
    thread.start()
    for turn in range(25):
        content = b"%d" % (turn % 5)
        name = hashlib.sha256(content).hexdigest()
        lease = hold(busy, [name])
        stored = busy.objects.put(content)
        with writing(busy.engine) as c:
            register(c, [stored])
            if not busy.objects.has(name):
                faults.append(turn)
            give_back(c, lease)
    stop.set()
    thread.join()
    assert faults == []
    assert check(busy, quick=True) == []


# Backup and restore


def test_backup_while_writing_restored_elsewhere(busy, tmp_path, new_centre):
    stop, fails = threading.Event(), []

    def writer():
        number = 0
        while not stop.is_set():
            number += 1
            with writing(busy.engine) as c:
                add_organisation(c, ME, f"organisation {number}")

    thread = threading.Thread(target=writer)
    thread.start()
    try:
        export(busy, tmp_path / "backup")
    finally:
        stop.set()
        thread.join()
    assert fails == []
    url = ""
    if busy.engine.dialect.name == "postgresql":
        url = new_centre("other").engine.url.render_as_string(hide_password=False)
    again = restore(tmp_path / "backup", tmp_path / "restored", database=url)
    try:
        assert check(again) == []
        assert everything(again)[1] == everything(busy)[1]
        with reading(busy.engine) as c:
            here = audit.heads(c)
        with reading(again.engine) as c:
            there = audit.heads(c)
            assert [r.name for r in search(c, Search(words="line", tags=("cave",)))] == ["line 1"]
        assert there.items() <= here.items()
        with pytest.raises(CentreError, match="not empty"):
            import_export(again, ME, tmp_path / "backup")
    finally:
        again.engine.dispose()


def test_restored_centre_is_the_same(busy, tmp_path):
    export(busy, tmp_path / "backup")
    again = restore(tmp_path / "backup", tmp_path / "restored")  # SQLite, whatever it was before
    old, new = everything(busy), everything(again)
    again.engine.dispose()
    assert old[1] == new[1]
    assert {k: v for k, v in old[0].items() if k != "object"} == {
        k: v for k, v in new[0].items() if k != "object"
    }


def test_a_folder_that_is_there_is_not_touched(busy, tmp_path):
    with pytest.raises(CentreError, match="there already"):
        export(busy, tmp_path)
    assert not list(tmp_path.glob(".ohmscape-*"))


# Export and import


def test_a_project_goes_to_another_centre(busy, new_centre, tmp_path):
    with writing(busy.engine) as c:
        add_project(c, ME, "secret", ["university"])
    told = export(busy, tmp_path / "bag", "slag")
    catalogue = tmp_path / "bag" / "data" / "catalogue"
    said = "".join(path.read_text() for path in catalogue.iterdir())
    assert "secret" not in said
    assert "university" not in said
    other = new_centre("other")
    with writing(other.engine) as c:
        add_organisation(c, ME, "someone else")
    got = import_export(other, ME, tmp_path / "bag")
    assert got.objects == told.objects
    assert check(other) == []
    for one in busy.objects.listed():
        assert other.objects.read(one.sha256) == busy.objects.read(one.sha256)
    with reading(other.engine) as c:
        assert located(c, "slag/north works/2026-05/line 1")
        assert len(search(c, Search(words="line"))) == 1
    assert import_export(other, ME, tmp_path / "bag").rows == 0  # twice is as good as once
    assert check(other) == []
    export(other, tmp_path / "back", "slag")
    for name in ("version", "run", "run_output", "need", "verdict", "object"):
        both = [sorted(json.loads(line).get("id", json.loads(line).get("sha256"))
                       for line in (tmp_path / bag / "data" / "catalogue" / f"{name}.jsonl")
                       .read_text().splitlines()) for bag in ("bag", "back")]  # fmt: skip
        assert both[0] == both[1]


def plain(folder):
    """Verify an export as a stranger would, without anything of ours."""
    return subprocess.run(
        [sys.executable, "-I", "-S", folder / "verify.py"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_strangers_can_verify_it(busy, tmp_path):
    bag = tmp_path / "bag"
    export(busy, bag)
    assert (plain(bag).returncode, plain(bag).stdout) == (0, "whole\n")
    assert sum(bool(line.strip()) for line in VERIFY.read_text().splitlines()) <= 50
    crate = json.loads((bag / "data" / "ro-crate-metadata.json").read_text())
    names = {one["@id"]: one.get("name") for one in crate["@graph"]}
    assert "line 1.ohm" in names.values()
    for part in next(one for one in crate["@graph"] if one["@id"] == "./")["hasPart"]:
        assert (bag / "data" / part["@id"]).is_file()
    prov = json.loads((bag / "data" / "prov.json").read_text())
    for edge in (*prov["used"].values(), *prov["wasGeneratedBy"].values()):
        assert edge["prov:entity"] in prov["entity"]
        assert edge["prov:activity"] in prov["activity"]


def test_any_flipped_bit_missing_or_new_file_is_found(busy, tmp_path):
    bag, chance = tmp_path / "bag", random.Random(3)
    export(busy, bag)
    for path in sorted(p for p in bag.rglob("*") if p.is_file() and p.stat().st_size):
        if path.name in ("verify.py", "tagmanifest-sha256.txt"):
            continue  # the judge itself; its own hashes are in no other list
        good = path.read_bytes()
        bad = bytearray(good)
        bad[chance.randrange(len(bad))] ^= 1 << chance.randrange(8)
        path.write_bytes(bad)
        assert plain(bag).returncode != 0, path
        path.unlink()
        assert plain(bag).returncode != 0, path
        path.write_bytes(good)
    (bag / "data" / "more").write_text("x")
    assert "not listed: data/more" in plain(bag).stdout
    with pytest.raises(DamageError, match="not listed"):
        restore(bag, tmp_path / "never")
    (bag / "data" / "more").unlink()
    (bag / "data" / "link").symlink_to("/etc/passwd")
    with pytest.raises(DamageError, match="links"):
        restore(bag, tmp_path / "never")
    assert not (tmp_path / "never").exists()


def test_other_content_under_the_same_id_is_refused(busy, new_centre, tmp_path):
    export(busy, tmp_path / "bag", "slag")
    other = new_centre("other")
    import_export(other, ME, tmp_path / "bag")
    with writing(other.engine) as c:
        c.execute(text("UPDATE campaign SET crew = 'somebody'"))
    with pytest.raises(CentreError, match=r"campaign .* with other content"):
        import_export(other, ME, tmp_path / "bag")
    with pytest.raises(CentreError, match="one project"):
        restore(tmp_path / "bag", tmp_path / "never")
    with pytest.raises(CentreError, match="no export"):
        import_export(other, ME, tmp_path)
