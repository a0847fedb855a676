"""Data sets and their versions, which are only ever added to, and the entry that search finds."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from ohmscape.centre import places
from ohmscape.centre.audit import canonical, note
from ohmscape.centre.catalogue import by_id, good_name
from ohmscape.centre.facts import Facts
from ohmscape.centre.ids import new_id, now
from ohmscape.centre.objects import Stored
from ohmscape.centre.rows import register
from ohmscape.centre.schema import (
    CAMPAIGN,
    DATASET,
    ENTRY,
    SITE,
    STATE,
    TAG,
    VERSION,
)
from ohmscape.centre.words import words_of
from ohmscape.errors import CentreError

#: what a version may become
NEXT = {
    "draft": ("reviewed", "withdrawn"),
    "reviewed": ("published", "withdrawn"),
    "published": ("withdrawn",),
    "withdrawn": (),
}


@dataclass(frozen=True)
class Parsed:
    """A file that was read: its objects and what was found."""

    filename: str
    raw: Stored
    record: Stored
    readings: Stored | None
    facts: Facts
    footprint: str | None = None  #: GeoJSON, WGS 84
    verdict: str = ""


def add_version(
    connection: Connection, author: str, campaign_id: str, name: str, parsed: Parsed
) -> str:
    """Add a version, a draft, to a data set, which is made if it is not there; return its id."""
    campaign = connection.execute(
        select(CAMPAIGN).where(CAMPAIGN.c.id == campaign_id).with_for_update()
    ).one()
    dataset = _dataset(connection, author, campaign, name)
    last = connection.execute(
        select(func.max(VERSION.c.ordinal)).where(VERSION.c.dataset_id == dataset.id)
    ).scalar_one()
    register(connection, [o for o in (parsed.raw, parsed.record, parsed.readings) if o])
    row = {
        "id": new_id("version"), "dataset_id": dataset.id, "ordinal": (last or 0) + 1,
        "filename": parsed.filename, "raw_sha256": parsed.raw.sha256,
        "record_sha256": parsed.record.sha256,
        "readings_sha256": parsed.readings.sha256 if parsed.readings else None,
        "format": parsed.facts.format, "facts": canonical(asdict(parsed.facts)),
        "footprint": parsed.footprint, "verdict": parsed.verdict, "author": author, "at": now(),
    }  # fmt: skip
    connection.execute(insert(VERSION), row)
    note(connection, site_of(connection, dataset.id).organisation_id, author, "version added",
         row["id"], **row)  # fmt: skip
    _state(connection, author, row["id"], 1, "draft", "ingested")
    index(connection, dataset.id)
    return str(row["id"])


def set_state(
    connection: Connection, author: str, version_id: str, state: str, reason: str
) -> None:
    """Let a version become reviewed, published or withdrawn.

    Raises
    ------
    CentreError
        It cannot become that from what it is, or no reason is given.
    """
    version = by_id(connection, VERSION, version_id)
    site = site_of(connection, version.dataset_id, lock=True)
    present = state_of(connection, version_id)
    if state not in NEXT[present.state]:
        mend = f"it can become {' or '.join(NEXT[present.state]) or 'nothing else'}"
        raise CentreError(f"a {present.state} version cannot become {state}", mend=mend)
    if not reason.strip():
        raise CentreError("no reason is given", mend="say why, for those who come later")
    _state(connection, author, version_id, present.ordinal + 1, state, reason)
    note(connection, site.organisation_id, author, f"version {state}", version_id, reason=reason)
    index(connection, version.dataset_id)


def state_of(connection: Connection, version_id: str) -> Row[Any]:
    """Return the present state of a version: state, reason, author, at."""
    return connection.execute(
        select(STATE).where(STATE.c.version_id == version_id).order_by(STATE.c.ordinal.desc())
    ).first()  # type: ignore[return-value]  # each version has at least its first


def tag(connection: Connection, author: str, dataset_id: str, tags: Sequence[str]) -> None:
    """Give a data set tags, besides those that it has."""
    dataset = by_id(connection, DATASET, dataset_id)
    have = set(
        connection.execute(select(TAG.c.tag).where(TAG.c.number == dataset.number)).scalars()
    )
    new = [good_name(one) for one in dict.fromkeys(tags) if one not in have]
    if new:
        connection.execute(insert(TAG), [{"number": dataset.number, "tag": one} for one in new])
        site = site_of(connection, dataset_id)
        note(connection, site.organisation_id, author, "tagged", dataset_id, tags=new)
        index(connection, dataset_id)


def current(connection: Connection, dataset_id: str) -> Row[Any]:
    """Return the version that stands for a data set: the last that is not withdrawn, else the last.

    Raises
    ------
    CentreError
        There is no version.
    """
    versions = connection.execute(
        select(VERSION).where(VERSION.c.dataset_id == dataset_id).order_by(VERSION.c.ordinal.desc())
    ).all()
    if not versions:
        raise CentreError("data set has no version", where=dataset_id)
    good = (v for v in versions if state_of(connection, v.id).state != "withdrawn")
    return next(good, versions[0])


def site_of(connection: Connection, dataset_id: str, *, lock: bool = False) -> Row[Any]:
    """Return the site of a data set; with `lock` others that do so wait."""
    query = (
        select(SITE)
        .join(CAMPAIGN, CAMPAIGN.c.site_id == SITE.c.id)
        .join(DATASET, DATASET.c.campaign_id == CAMPAIGN.c.id)
        .where(DATASET.c.id == dataset_id)
    )
    return connection.execute(query.with_for_update() if lock else query).one()


def index(connection: Connection, dataset_id: str) -> None:
    """Make the entry of a data set anew."""
    row = entry_of(connection, dataset_id)
    connection.execute(delete(ENTRY).where(ENTRY.c.number == row["number"]))
    connection.execute(insert(ENTRY), row)


def entry_of(connection: Connection, dataset_id: str) -> dict[str, Any]:
    """Return what the entry of a data set must be."""
    dataset = by_id(connection, DATASET, dataset_id)
    campaign = by_id(connection, CAMPAIGN, dataset.campaign_id)
    site, version = by_id(connection, SITE, campaign.site_id), current(connection, dataset_id)
    facts = json.loads(version.facts)
    tags = connection.execute(select(TAG.c.tag).where(TAG.c.number == dataset.number)).scalars()
    place = version.footprint or site.outline
    west, south, east, north = places.bounds(place) if place else (None,) * 4
    instrument = campaign.instrument or version.format
    said = (dataset.name, version.filename, site.name, campaign.name, campaign.purpose, instrument,
            facts["method"], facts["electrode_array"], *sorted(tags))  # fmt: skip
    return {
        "number": dataset.number, "version_id": version.id,
        "organisation_id": site.organisation_id, "project_id": site.project_id,
        "site_id": site.id, "campaign_id": campaign.id, "name": dataset.name,
        "state": state_of(connection, version.id).state, "method": facts["method"],
        "instrument": instrument, "electrode_array": facts["electrode_array"],
        "electrodes": facts["electrodes"], "readings": facts["readings"],
        "quality": facts["quality"], "verdict": version.verdict, "depth": facts["depth"],
        "began": facts["began"], "ended": facts["ended"], "footprint": place,
        "west": west, "south": south, "east": east, "north": north, "words": words_of(*said),
    }  # fmt: skip


def _dataset(connection: Connection, author: str, campaign: Row[Any], name: str) -> Row[Any]:
    mine = (DATASET.c.campaign_id == campaign.id) & (DATASET.c.name == name)
    found = connection.execute(select(DATASET).where(mine)).one_or_none()
    if found is not None:
        return found
    row = {
        "id": new_id("dataset"),
        "campaign_id": campaign.id,
        "name": good_name(name),
        "at": now(),
    }
    connection.execute(insert(DATASET), row)
    site = by_id(connection, SITE, campaign.site_id)
    note(connection, site.organisation_id, author, "data set added", row["id"], **row)
    return connection.execute(select(DATASET).where(mine)).one()


def _state(
    connection: Connection, author: str, version_id: str, ordinal: int, state: str, reason: str
) -> None:
    row = {"version_id": version_id, "ordinal": ordinal, "state": state, "reason": reason,
           "author": author, "at": now()}  # fmt: skip
    connection.execute(insert(STATE), row)
