"""Finding data sets by place, time, method, instrument, array, depth, quality, words and tags."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select, text
from sqlalchemy.sql.elements import TextClause

from ohmscape.centre import places
from ohmscape.centre.schema import ENTRY
from ohmscape.centre.words import words_of
from ohmscape.errors import CentreError

FEW = 4_000  #: hits of an index that are looked at one by one; more, and the newest are tried first
MOST = 1_000  #: rows of an answer

# each condition two ways: `few` begins at its index, `many` looks at one entry after the other
_PLACE = {
    "sqlite": {
        "hits": "SELECT number FROM entry_place WHERE west <= :east AND east >= :west "
        "AND south <= :north AND north >= :south",
        "few": "entry.number IN ({hits}) AND meets(entry.footprint, :place)",
        "many": "entry.west <= :east AND entry.east >= :west AND entry.south <= :north "
        "AND entry.north >= :south AND meets(entry.footprint, :place)",
    },
    "postgresql": {
        "hits": "SELECT number FROM entry WHERE "
        "ST_Intersects(place, ST_SetSRID(ST_GeomFromGeoJSON(:place), 4326))",
        "few": "entry.number = ANY (ARRAY({hits}))",
        "many": "ST_Intersects(entry.place, ST_SetSRID(ST_GeomFromGeoJSON(:place), 4326))",
    },
}
_WORDS = {
    "sqlite": {
        "hits": "SELECT rowid FROM entry_words WHERE entry_words MATCH :words",
        "few": "entry.number IN ({hits})",
        "many": "instr(' ' || entry.words || ' ', :word{n}_) > 0",
    },
    "postgresql": {
        "hits": "SELECT number FROM entry WHERE "
        "array_to_tsvector(string_to_array(words, ' ')) @@ CAST(:words AS tsquery)",
        "few": "entry.number = ANY (ARRAY({hits}))",
        "many": "array_to_tsvector(string_to_array(entry.words, ' ')) @@ CAST(:words AS tsquery)",
    },
}
_TAG = {
    "hits": "SELECT number FROM tag WHERE tag = :tag",
    "few": "entry.number IN ({hits})",
    "many": "EXISTS ({hits} AND tag.number = entry.number)",
}


@dataclass(frozen=True)
class Search:
    """What is wanted; all that is given must hold.

    Parameters
    ----------
    place : str
        GeoJSON geometry in WGS 84; `ohmscape.centre.places.box` makes one of a box.
    since, until : float
        s since 1970; measured at least in part between the two.
    method, instrument, electrode_array, verdict : str
    depth, quality : float
        At least; m, and share of readings that can be used.
    words : str
        All of them are there.
    tags : tuple of str
    states : tuple of str
    inside : tuple of str
        Ids of an organisation, project, site or campaign.
    before : int
        Goes on after the last ``number`` of an answer.
    limit : int
    """

    place: str = ""
    since: float | None = None
    until: float | None = None
    method: str = ""
    instrument: str = ""
    electrode_array: str = ""
    verdict: str = ""
    depth: float | None = None
    quality: float | None = None
    words: str = ""
    tags: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()
    before: int | None = None
    limit: int = 50


def search(connection: Connection, wanted: Search) -> list[Row[Any]]:
    """Return the entries of data sets, the newest first.

    Raises
    ------
    CentreError
        Something that cannot be searched for.
    """
    if not 1 <= wanted.limit <= MOST:
        raise CentreError(
            f"{wanted.limit} rows are asked for", mend=f"1 to {MOST}; go on with before"
        )
    query = select(ENTRY).where(*_plain(wanted))
    for condition in _indexed(connection, wanted):
        query = query.where(condition)
    query = query.order_by(ENTRY.c.number.desc()).limit(wanted.limit)
    return list(connection.execute(query).all())


def _plain(wanted: Search) -> Iterator[ColumnElement[bool]]:
    e = ENTRY.c
    for column, value in (
        (e.method, wanted.method), (e.instrument, wanted.instrument),
        (e.electrode_array, wanted.electrode_array), (e.verdict, wanted.verdict),
    ):  # fmt: skip
        if value:
            yield column == value
    if wanted.depth is not None:
        yield e.depth >= wanted.depth
    if wanted.quality is not None:
        yield e.quality >= wanted.quality
    if wanted.since is not None:
        yield e.ended >= wanted.since
    if wanted.until is not None:
        yield e.began <= wanted.until
    if wanted.states:
        yield e.state.in_(wanted.states)
    if wanted.before is not None:
        yield e.number < wanted.before
    columns = {"org": e.organisation_id, "project": e.project_id, "site": e.site_id,
               "campaign": e.campaign_id}  # fmt: skip
    for name in wanted.inside:
        kind = name.partition("-")[0]
        if kind not in columns:
            raise CentreError(f"{name!r} holds no data sets", mend=f"an id of {', '.join(columns)}")
        yield columns[kind] == name


def _indexed(connection: Connection, wanted: Search) -> Iterator[TextClause]:
    dialect = connection.dialect.name
    if wanted.place:
        place = places.checked(wanted.place)
        west, south, east, north = places.bounds(place)
        box = {"west": west, "south": south, "east": east, "north": north}
        values = {"place": place, **(box if dialect == "sqlite" else {})}
        yield _by(connection, _PLACE[dialect], values, "")
    if wanted.words:
        found = words_of(wanted.words).split()
        if not found:
            raise CentreError(f"{wanted.words!r} has no words", mend="give letters or digits")
        yield _by(connection, *_words(dialect, found), "")
    for i, tag in enumerate(wanted.tags):
        yield _by(connection, _TAG, {"tag": tag}, str(i))


def _words(dialect: str, found: list[str]) -> tuple[dict[str, str], dict[str, Any]]:
    """Return how to look for words, and the values: they are data, never part of a statement."""
    index = _WORDS[dialect]
    if dialect == "postgresql":
        return index, {"words": " & ".join(f"'{word}'" for word in found)}
    each = [index["many"].format(n=n) for n in range(len(found))]
    values = {f"word{n}_": f" {word} " for n, word in enumerate(found)}
    query = " AND ".join(f'"{word}"' for word in found)
    return {**index, "many": " AND ".join(each)}, {"words": query, **values}


def _by(
    connection: Connection, index: dict[str, str], values: dict[str, Any], suffix: str
) -> TextClause:
    """Return the condition that one index answers, in the way that is the quicker one."""
    hits = index["hits"]
    counted = text(f"SELECT count(*) FROM ({hits} LIMIT {FEW + 1}) AS found")
    some = connection.execute(counted, _used(values, hits)).scalar_one()
    statement = index["few" if some <= FEW else "many"].format(hits=hits)
    for name in values:
        statement = statement.replace(f":{name}", f":{name}{suffix}")
    given = {f"{name}{suffix}": value for name, value in values.items()}
    return text(f"({statement})").bindparams(**_used(given, statement))


def _used(values: dict[str, Any], statement: str) -> dict[str, Any]:
    return {name: value for name, value in values.items() if f":{name}" in statement}
