"""The report stands on its own, holds what it must, and lets nothing hostile through."""

import re
from html.parser import HTMLParser

import pytest

from ohmscape.report import render
from ohmscape.report.html import verdict
from ohmscape.workflow.plain import plain
from ohmscape.workflow.record import result_record
from tests.support.results import hill

HOSTILE = '<script>alert(1)</script><img src=x onerror="y">\'&.dat'
PICTURES = {"section": b"1", "pseudosection": b"2", "convergence": b"3"}
VOID = {"meta", "img", "br", "link", "input", "hr"}


class Reader(HTMLParser):
    """Collects tags and checks that they are closed in order."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.text = [], [], ""

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module")
def record():
    made = result_record(
        hill(), options={"lam": "auto", "blocky": False, "depth": None, "bounds": (1.0, 100.0)},
        reproduce={"command": f"ohmscape invert '{HOSTILE}'", "python": "import ohmscape"},
    )  # fmt: skip
    made["input"]["path"] = made["title"] = HOSTILE
    made["input"]["report"].append({"kind": "warning", "what": HOSTILE, "count": 1, "rows": [1]})
    return plain({**made, "seconds_total": 1.0, "peak_memory_mb": None})


@pytest.fixture(scope="module")
def page(record):
    return render(record, PICTURES)


@pytest.fixture(scope="module")
def reader(page):
    parsed = Reader()
    parsed.feed(page)
    parsed.close()
    return parsed


def test_it_is_well_formed(reader):
    assert reader.open == []


def test_hostile_names_stay_text(reader):
    assert HOSTILE in reader.text
    assert not [tag for tag, _ in reader.tags if tag == "script"]
    assert all(a.get("onerror") is None for _, a in reader.tags)


def test_nothing_is_loaded_from_elsewhere(page, reader):
    assert all(a["src"].startswith("data:image/png;base64,") for t, a in reader.tags if t == "img")
    assert not [t for t, _ in reader.tags if t in ("link", "iframe", "object", "embed")]
    assert "url(" not in page
    assert not re.search(r"https?://", page)
    assert "default-src 'none'" in page


def test_it_holds_what_the_issue_asks_for(reader, record):
    for part in (
        "Settings", "Error model", "Convergence", "How to get the same again", "SHA-256", "numpy",
        "tests, <b>say</b> so", record["error_model"]["description"],
        record["inversion"]["stop_reason"], "depth of investigation",
    ):  # fmt: skip
        assert part in reader.text
    rows = [t for t, _ in reader.tags if t == "tr"]
    assert len(rows) > 30
    assert reader.text.count("data's, 1 the background's") == 1


def test_each_picture_is_there(reader):
    assert len([t for t, _ in reader.tags if t == "img"]) == 3
    assert all(a["alt"] for t, a in reader.tags if t == "img")


def test_the_verdict_does_not_flatter(record):
    assert "explains" in verdict(record)
    failed = {**record, "inversion": {**record["inversion"], "converged": False, "chi2": 5.0}}
    assert "does not explain" in verdict(failed)
    given = {**record, "inversion": {**record["inversion"], "chi2": 5.0}}
    assert "explains" not in verdict(given)
