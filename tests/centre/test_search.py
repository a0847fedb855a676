"""Search: both databases give what a loop over all data sets gives."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ohmscape.centre import places
from ohmscape.centre import search as searching
from ohmscape.centre.database import reading, writing
from ohmscape.centre.places import bounds, box, checked, geojson, meets, point
from ohmscape.centre.search import Search, search
from ohmscape.centre.words import words_of
from ohmscape.errors import CentreError
from tests.centre.generated import fill


@pytest.fixture
def full(centre):
    """300 data sets, and them as dicts with their tags."""
    with writing(centre.engine) as c:
        return centre, fill(c, 300, seed=5)


def found(centre, **wanted):
    with reading(centre.engine) as c:
        return [row.number for row in search(c, Search(limit=1000, **wanted))]


def expected(entries, test):
    return sorted((e["number"] for e in entries if test(e)), reverse=True)


POLYGON = geojson("Polygon", [(-150.0, -60.0), (160.0, -45.0), (30.0, 80.0), (-150.0, -60.0)])


@pytest.mark.parametrize("few", [0, 10_000], ids=["one by one", "index first"])
@pytest.mark.parametrize(("wanted", "test"), [
    ({}, lambda e: True),
    ({"place": box(-120, -50, 90, 60)}, lambda e: meets(e["footprint"], box(-120, -50, 90, 60))),
    ({"place": POLYGON}, lambda e: meets(e["footprint"], POLYGON)),
    ({"since": 1.5e9, "until": 1.6e9}, lambda e: e["ended"] >= 1.5e9 and e["began"] <= 1.6e9),
    ({"method": "IP"}, lambda e: e["method"] == "IP"),
    ({"instrument": "Syscal"}, lambda e: e["instrument"] == "Syscal"),
    ({"electrode_array": "wenner"}, lambda e: e["electrode_array"] == "wenner"),
    ({"depth": 30.0, "quality": 0.9}, lambda e: e["depth"] >= 30 and e["quality"] >= 0.9),
    ({"words": "Slag heap"}, lambda e: {"slag", "heap"} <= set(e["words"].split())),
    ({"words": "钢厂"}, lambda e: "钢厂" in e["words"].split()),
    ({"tags": ("cave",)}, lambda e: "cave" in e["tags"]),
    ({"tags": ("cave", "leak")}, lambda e: {"cave", "leak"} <= set(e["tags"])),
    ({"states": ("draft", "published")}, lambda e: e["state"] in ("draft", "published")),
    ({"place": box(-170, -70, 170, 80), "words": "slag", "method": "IP", "tags": ("cave",)},
     lambda e: meets(e["footprint"], box(-170, -70, 170, 80)) and "slag" in e["words"].split()
     and e["method"] == "IP" and "cave" in e["tags"]),
], ids=lambda v: "+".join(v) if isinstance(v, dict) else "")  # fmt: skip
def test_as_a_loop_over_all(full, monkeypatch, few, wanted, test):
    centre, entries = full
    monkeypatch.setattr(searching, "FEW", few)
    want = expected(entries, test)
    assert len(want) > 0
    assert found(centre, **wanted) == want


def test_inside_and_page_by_page(full):
    centre, entries = full
    for key in ("organisation_id", "project_id", "site_id", "campaign_id"):
        name = entries[0][key]
        assert found(centre, inside=(name,)) == expected(entries, lambda e: e[key] == name)  # noqa: B023
    got, before = [], None
    while True:
        with reading(centre.engine) as c:
            page = search(c, Search(limit=70, before=before))
        got += [row.number for row in page]
        if not page:
            break
        before = got[-1]
    assert got == expected(entries, lambda e: True)


@pytest.mark.parametrize(("wanted", "said"), [
    ({"place": "{}"}, "geometry"), ({"words": "..."}, "no words"), ({"limit": 0}, "rows"),
    ({"inside": ("run-1",)}, "holds no data sets"), ({"place": "x"}, "read"),
])  # fmt: skip
def test_what_cannot_be_searched_for(centre, wanted, said):
    with pytest.raises(CentreError, match=said), reading(centre.engine) as c:
        search(c, Search(**wanted))


def test_words_are_data_and_no_query(full):
    centre, _ = full
    for words in ('slag" OR "x', "slag' | 'x", "slag NEAR heap*", "a'); DROP TABLE entry; --"):
        found(centre, words=words)
        assert found(centre)


# Places


coordinate = st.tuples(st.integers(-8, 8).map(float), st.integers(-8, 8).map(float))


@settings(max_examples=300)
@given(st.lists(coordinate, min_size=1, max_size=4), st.tuples(coordinate, coordinate))
def test_meets_is_what_fine_sampling_says(points, corners):
    (x0, y0), (x1, y1) = corners
    if x0 == x1 or y0 == y1:
        return
    west, east, south, north = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
    line = geojson("LineString", points) if len(points) > 1 else point(*points[0])
    samples = points + [
        (a[0] + t / 997 * (b[0] - a[0]), a[1] + t / 997 * (b[1] - a[1]))
        for a, b in pairwise(points) for t in range(998)
    ]  # fmt: skip
    surely = any(west < x < east and south < y < north for x, y in samples)
    never = not any(west - 0.1 < x < east + 0.1 and south - 0.1 < y < north + 0.1
                    for x, y in samples)  # fmt: skip
    answer = meets(line, box(west, south, east, north))
    assert answer or not surely
    assert not (answer and never)
    assert answer == meets(box(west, south, east, north), line)


@pytest.mark.parametrize("bad", [
    "", "[]", "{}", '{"type":"Point"}', '{"type":"Point","coordinates":[200,0]}', "[" * 10_000,
    '{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1]]]}',
    '{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]],[[0,0],[1,0],[1,1],[0,0]]]}',
    '{"type":"Point","coordinates":[NaN,0]}', '{"type":"MultiPoint","coordinates":[[0,0]]}',
    '{"type":"LineString","coordinates":[[0,0]]}',
])  # fmt: skip
def test_geometries_that_are_refused(bad):
    with pytest.raises(CentreError):
        checked(bad)


def test_boxes():
    assert bounds(box(1, 2, 3, 4)) == (1, 2, 3, 4)
    with pytest.raises(CentreError, match="cut a box over 180"):
        box(170, 0, -170, 1)
    assert not meets(None, box(0, 0, 1, 1))
    assert places.checked(box(1, 2, 3, 4)) == box(1, 2, 3, 4)


def test_words():
    assert words_of("A_b", "ﬁ Ä") == "a b fi ä"
    assert len(words_of("x" * 1000)) == 60
