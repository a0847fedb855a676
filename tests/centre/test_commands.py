"""The verbs of the data centre, one after the other, as people use them."""

import json

import pytest
from typer.testing import CliRunner

from ohmscape.cli.main import app
from tests.centre.party import line_file


@pytest.fixture
def call(tmp_path, monkeypatch):
    monkeypatch.setenv("OHMSCAPE_CENTRE", str(tmp_path / "centre"))
    monkeypatch.setenv("OHMSCAPE_AUTHOR", "tester")

    def run(*words, code=0):
        done = CliRunner().invoke(app, [str(w) for w in words])
        assert done.exit_code == code, done.output
        return done.output.strip()

    return run


def test_from_init_to_import(call, tmp_path):
    assert "here is no centre" in call("search", code=3)
    assert "centre-" in call("init", tmp_path / "centre")
    assert "of this version" in call("init", tmp_path / "centre", "--migrate")
    call("add", "organisation", "laboratory", "--about", "kind=research")
    call("add", "organisation", "steel")
    call("add", "project", "slag", "--organisation", "laboratory", "--organisation", "steel")
    call("add", "site", "slag/north", "--organisation", "steel", "--about", "crs=EPSG:32650")
    call("add", "campaign", "slag/north/2026", "--about", "instrument=Syscal")
    path, bad = line_file(tmp_path / "line 1.ohm"), tmp_path / "bad.bin"
    bad.write_bytes(b"\0\1\2" * 99)
    got = json.loads(
        call("ingest", path, bad, "--into", "slag/north/2026", "--unjudged", "--json", code=3)
    )
    version = got["files"][0]["became"]
    assert got["files"][1]["became"].startswith("rejected-")
    assert "line 1" in call("search", "line", "--array", "dipole-dipole", "--quality", "0.9")
    assert "no data sets" in call("search", "--method", "IP")
    assert "is reviewed" in call("state", version, "reviewed", "--reason", "fine")
    assert "cannot become draft" in call("state", version, "draft", "--reason", "x", code=3)
    run = call("run", "inspect", version, "--out", tmp_path / "made")
    assert "line 1.ohm (bert), version 1" in call("trace", tmp_path / "made" / "record.json")
    assert "the same numbers" in call("rerun", run)
    assert "no stale runs" in call("stale")
    need = call("needs", "put", "slag/north", "--question", "Does it leak?")
    call("needs", "answer", need, "--with", run)
    assert "is returned" in call("needs", "return", need, "--reason", "too coarse")
    assert "returned" in call("needs")
    assert "north" in call("needs", "overview", "steel")
    heads = tmp_path / "heads.json"
    heads.write_text(call("audit", "heads"))
    assert "whole" in call("audit", "verify", "--against", heads)
    assert "as it was written" in call("fsck")
    assert "0 objects" in call("gc", "--dry-run")
    call("backup", tmp_path / "backup")
    call("restore", tmp_path / "backup", tmp_path / "restored")
    assert "as it was written" in call("fsck", "-C", tmp_path / "restored")
    call("export", "slag", tmp_path / "bag")
    call("init", tmp_path / "other")
    assert "objects" in call("import", tmp_path / "bag", "-C", tmp_path / "other")
    assert "line 1" in call("search", "-C", tmp_path / "other")
    made = next((tmp_path / "centre" / "objects" / "sha256").glob("*/*"))
    made.chmod(0o644)
    made.write_bytes(made.read_bytes() + b"x")
    assert "faults" in call("fsck", "--quick", code=5)


@pytest.mark.parametrize("words", [
    ["needs", "dance"], ["audit", "dance"], ["search", "--box", "1,2"], ["search", "--since", "x"],
    ["state", "v", "dance", "--reason", "x"], ["add", "site", "a/b", "--about", "crs"],
    ["search", "--box", "1,2,3,4", "--polygon", "{}"],
])  # fmt: skip
def test_usage(call, tmp_path, words):
    call("init", tmp_path / "centre")
    call(*words, code=2)
