"""Runs, reruns, what is out of date, the way back to the byte; needs from question to verdict."""

import re

import pytest
from sqlalchemy import event, select

from ohmscape.centre import audit, runs
from ohmscape.centre.catalogue import located, organisation
from ohmscape.centre.database import reading, writing
from ohmscape.centre.datasets import set_state
from ohmscape.centre.ingest import ingest
from ohmscape.centre.needs import (
    add_need,
    answer_need,
    judge_need,
    needs,
    overview,
    state_of_need,
)
from ohmscape.centre.rerun import compared, rerun
from ohmscape.centre.runs import Input, Task, add_report, fetch_outputs, outputs_of, run, task_on
from ohmscape.centre.schema import LEASE, RUN, RUN_INPUT
from ohmscape.centre.steps import made, schema
from ohmscape.centre.trace import stale, trace
from ohmscape.errors import CentreError, DamageError
from ohmscape.workflow.steps import STEPS
from tests.centre.party import CAMPAIGN, ME, founded, line_file, offer
from tests.centre.test_objects import spoil

SITE = "slag/north works"


@pytest.fixture
def inverted(centre, tmp_path):
    """A centre with a line and its inversion."""
    founded(centre)
    path = line_file(tmp_path / "line 1.ohm")
    got = ingest(centre, ME, offer(path, CAMPAIGN))
    with reading(centre.engine) as c:
        task = task_on(c, "invert", got.version_id, {"error": "3%"})
    return centre, path, got, run(centre, ME, task)


def test_from_the_figure_to_the_byte_and_again(inverted, tmp_path):
    centre, path, got, run_id = inverted
    fetch_outputs(centre, run_id, tmp_path / "made")
    for name in ("section.png", "report.html", "model.csv"):
        told = trace(centre, str(tmp_path / "made" / "out" / name), reading_number=7)
        (one,) = told["runs"]
        assert one["run"] == run_id
        (source,) = one["inputs"]
        assert (source["filename"], source["sha256"]) == ("line 1.ohm", got.sha256)
        assert (source["version"], source["instrument_serial"]) == (got.version_id, "7")
        at = told["reading"]
        content = path.read_bytes()[at["first_byte"] : at["last_byte"] + 1].decode()
        assert content.rstrip() == at["text"]
        assert sorted(map(int, at["text"].split()[:4])) == [7, 8, 9, 10]  # dipole-dipole
    assert trace(centre, str(path))["versions"][0]["version"] == got.version_id
    assert trace(centre, run_id)["runs"][0]["parameters"] == '{"error":"3%"}'
    with pytest.raises(CentreError, match="nothing is known"):
        trace(centre, "0" * 64)
    with pytest.raises(CentreError, match="no run here has a reading 99999"):
        trace(centre, run_id, 99_999)

    again = rerun(centre, ME, run_id)
    assert again.same, again.differences
    assert again.reasons == ()
    with reading(centre.engine) as c:
        old, new = outputs_of(c, run_id), outputs_of(c, again.run_id)
        assert c.execute(select(LEASE)).all() == []
        assert audit.verify(c) == []
    assert old["out/model.csv"] == new["out/model.csv"]


def test_newer_and_withdrawn_versions_make_runs_stale(inverted):
    centre, path, got, run_id = inverted
    with reading(centre.engine) as c:
        assert stale(c) == {}
    newer = ingest(centre, ME, offer(line_file(path, 50.0), CAMPAIGN)).version_id
    with reading(centre.engine) as c:
        assert "version 2 of line 1.ohm is there, 1 was used" in stale(c)[run_id]
    with writing(centre.engine) as c:
        set_state(c, ME, newer, "withdrawn", "wrong line")
        assert stale(c) == {}
        set_state(c, ME, got.version_id, "withdrawn", "wrong, too")
        assert "withdrawn" in stale(c)[run_id]


def test_what_is_made_of_something_stale_is_stale(centre, tmp_path):
    founded(centre)
    path = line_file(tmp_path / "line.ohm")
    got = ingest(centre, ME, offer(path, CAMPAIGN))
    with reading(centre.engine) as c:
        first = run(centre, ME, task_on(c, "inspect", got.version_id, {}))
        site_id = located(c, SITE).id
    with reading(centre.engine) as c:
        record = outputs_of(c, first)["record.json"]
    made_of = Task(site_id, "simulate", {"electrodes": 8, "max_n": 1},
                   {"topography": Input(record, "ground.txt")})  # fmt: skip
    with pytest.raises(CentreError, match="simulate refused"):
        run(centre, ME, made_of)
    with writing(centre.engine) as c:  # as if it had been of use
        row = dict(c.execute(select(RUN).where(RUN.c.id == first)).one()._mapping)
        row |= {"id": "run-zzz", "step": "simulate"}
        c.execute(RUN.insert(), row)
        c.execute(RUN_INPUT.insert(), {"run_id": "run-zzz", "name": "topography", "sha256": record,
                                       "filename": "g", "version_id": None})  # fmt: skip
    ingest(centre, ME, offer(line_file(path, 50.0), CAMPAIGN))
    with reading(centre.engine) as c:
        assert set(stale(c)) == {first, "run-zzz"}
        assert first in stale(c)["run-zzz"]
    assert trace(centre, "run-zzz")["runs"][0]["inputs"][0]["runs"][0]["run"] == first


def test_a_damaged_input_is_no_run(inverted):
    centre, _, got, run_id = inverted
    spoil(centre.objects, got.sha256)
    with pytest.raises(DamageError):
        rerun(centre, ME, run_id)


@pytest.mark.parametrize(("old", "new", "numbers", "said"), [
    (b"x,y\n1.5,2\n", b"x,y\n1.5,3\n", True, "y, row 1.*'2' was, '3' is"),
    (b'{"chi2": 1.0, "seconds": 3}', b'{"chi2": 1.1, "seconds": 4}', True, "1 values, most chi2"),
    (b'{"chi2": 1.0, "seconds": 3}', b'{"chi2": 1.0, "seconds": 4}', None, ""),
    (b'{"a": [1, 2]}', b'{"a": [1]}', True, r"a\[1\]: 2 was, None"),
    (b"\x89PNG", b"\x89PNX", False, "elsewhere"),
])  # fmt: skip
def test_what_differs_is_said(old, new, numbers, said):
    name = "a.json" if old[:1] == b"{" else "a.png" if old[:1] == b"\x89" else "a.csv"
    found = compared(name, old, new)
    if numbers is None:
        assert found is None
    else:
        assert found.numbers is numbers
        assert re.search(said, found.what), found.what
    assert compared(name, old, old) is None


def test_reasons_of_a_difference(inverted, monkeypatch):
    centre, _, _, run_id = inverted
    lock = runs.environment_lock()
    monkeypatch.setattr(runs, "environment_lock", lambda: lock.replace(b"numpy==", b"numpy==9."))
    machine = runs.machine_record()
    monkeypatch.setattr(runs, "machine_record", lambda: {**machine, "processor": "Z80"})
    again = rerun(centre, ME, run_id)
    assert any("numpy==9." in r for r in again.reasons)
    assert any("is Z80" in r for r in again.reasons)


# Steps


@pytest.mark.parametrize("name", STEPS)
def test_every_step_has_a_schema(name):
    assert schema(name)["type"] == "object"


@pytest.mark.parametrize(("name", "parameters", "said"), [
    ("invrt", {}, "no step"), ("inspect", {"fil": "x"}, "no parameter 'fil'"),
    ("inspect", {}, "file"), ("demo", {"out": "x", "seed": "soon"}, "seed"),
])  # fmt: skip
def test_steps_are_checked(name, parameters, said):
    with pytest.raises(CentreError, match=said):
        made(name, parameters)


# Needs


def test_a_need_is_sent_back_and_then_accepted(inverted):
    centre, _, _, run_id = inverted
    with writing(centre.engine) as c:
        steel = organisation(c, "steel group").id
        need = add_need(c, ME, SITE, "Where are the caves?", until="2026-12-31", certainty="90 %")
        assert state_of_need(c, need) == "open"
        with pytest.raises(CentreError, match="no new answer"):
            judge_need(c, ME, need, "accepted", "fine")
        answer_need(c, ME, need, run_id, "see the section")
        assert state_of_need(c, need) == "answered"
        judge_need(c, ME, need, "returned", "two dimensions are not enough")
        assert state_of_need(c, need) == "returned"
        (base,) = overview(c, steel)
        assert (base.site, base.open_needs, base.datasets) == ("north works", 1, 1)
        assert base.last_run == run_id
        report = add_report(c, ME, run_id, "Caves under the works")
        answer_need(c, ME, need, report)
        assert state_of_need(c, need) == "answered"
        judge_need(c, ME, need, "accepted", "we drill there")
        assert [(n.state, n.site) for n in needs(c)] == [("accepted", "north works")]
        (base,) = overview(c, steel)
        assert (base.open_needs, base.last_report) == (0, report)
        for call, said in (
            (lambda: answer_need(c, ME, need, run_id), "accepted already"),
            (lambda: judge_need(c, ME, need, "returned", "no"), "no new answer"),
            (lambda: add_need(c, ME, SITE, "?", by="university"), "no part in the project"),
            (lambda: add_need(c, ME, SITE, " "), "no question"),
            (lambda: answer_need(c, ME, need, "site-1"), "accepted|answers nothing"),
            (lambda: add_report(c, ME, run_id, "x", "out/nothing"), "no 'out/nothing'"),
        ):
            with pytest.raises(CentreError, match=said):
                call()
        assert audit.verify(c) == []
    assert trace(centre, report)["runs"][0]["run"] == run_id


def test_all_bases_in_one_query(inverted):
    centre, *_ = inverted
    asked = []
    event.listen(centre.engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    with reading(centre.engine) as c:
        steel = organisation(c, "steel group").id
        before = len(asked)
        assert len(overview(c, steel)) == 1
        assert len(asked) == before + 1
