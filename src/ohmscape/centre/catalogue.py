"""Organisations, projects, sites and campaigns: making them, finding them by name."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Table, insert, select

from ohmscape.centre import places
from ohmscape.centre.audit import begin_chain, note
from ohmscape.centre.ids import new_id, now
from ohmscape.centre.schema import CAMPAIGN, DATASET, MEMBER, ORGANISATION, PROJECT, SITE
from ohmscape.errors import CentreError

LONGEST = 200  #: characters of a name
#: what a path like project/site/campaign/dataset goes through, and what holds each part
PATH = ((PROJECT, ""), (SITE, "project_id"), (CAMPAIGN, "site_id"), (DATASET, "campaign_id"))


def add_organisation(connection: Connection, author: str, name: str, kind: str = "") -> str:
    """Make an organisation and begin its audit; return its id."""
    row = {"id": new_id("org"), "name": good_name(name), "kind": kind, "at": now()}
    connection.execute(insert(ORGANISATION), row)
    begin_chain(connection, row["id"])
    note(connection, row["id"], author, "organisation added", row["id"], **row)
    return row["id"]


def add_project(
    connection: Connection, author: str, name: str, organisations: Sequence[str], purpose: str = ""
) -> str:
    """Make a project of one or several organisations; return its id.

    Parameters
    ----------
    connection : Connection
    author : str
    name : str
    organisations : sequence of str
        Their names or ids; the first one owns it, the others may edit.
    purpose : str
    """
    members = [organisation(connection, one).id for one in organisations]
    if not members:
        raise CentreError("a project needs an organisation", mend="name one")
    row = {"id": new_id("project"), "name": good_name(name), "purpose": purpose, "at": now()}
    connection.execute(insert(PROJECT), row)
    for place, member in enumerate(dict.fromkeys(members)):
        role = "owner" if place == 0 else "editor"
        share(connection, author, row["id"], member, role)
    note(connection, members[0], author, "project added", row["id"], **row)
    return row["id"]


def share(
    connection: Connection, author: str, project_id: str, organisation_id: str, role: str
) -> None:
    """Let an organisation into a project."""
    row = {
        "project_id": project_id, "organisation_id": organisation_id, "role": role, "at": now(),
    }  # fmt: skip
    connection.execute(insert(MEMBER), row)
    note(connection, organisation_id, author, "project shared", project_id, **row)


def add_site(
    connection: Connection,
    author: str,
    path: str,
    organisation_name: str = "",
    *,
    crs: str = "",
    outline: str = "",
) -> str:
    """Make a site; return its id.

    Parameters
    ----------
    connection : Connection
    author : str
    path : str
        project/site.
    organisation_name : str
        Whose ground it is; a member of the project. Its owner if left out.
    crs : str
        Of coordinates in files, e.g. EPSG:32650.
    outline : str
        GeoJSON geometry, WGS 84.
    """
    above, name = _split(path, 2)
    project = located(connection, above)
    members = connection.execute(
        select(MEMBER, ORGANISATION.c.name)
        .join(ORGANISATION)
        .where(MEMBER.c.project_id == project.id)
    ).all()
    wanted = organisation_name or next(m.name for m in members if m.role == "owner")
    whose = organisation(connection, wanted)
    if whose.id not in {m.organisation_id for m in members}:
        raise CentreError(
            f"{whose.name} has no part in the project", where=project.name, mend="share it first"
        )
    row = {
        "id": new_id("site"), "project_id": project.id, "organisation_id": whose.id,
        "name": good_name(name), "crs": crs, "at": now(),
        "outline": places.checked(outline) if outline else None,
    }  # fmt: skip
    connection.execute(insert(SITE), row)
    note(connection, whose.id, author, "site added", row["id"], **row)
    return str(row["id"])


def add_campaign(connection: Connection, author: str, path: str, **about: str) -> str:
    """Make a campaign; return its id.

    Parameters
    ----------
    connection : Connection
    author : str
    path : str
        project/site/campaign.
    **about : str
        Any of purpose, geometry, instrument, instrument_serial, crew, began, ended.
    """
    above, name = _split(path, 3)
    site = located(connection, above)
    known = ("purpose", "geometry", "instrument", "instrument_serial", "crew", "began", "ended")
    if unknown := set(about) - set(known):
        raise CentreError(f"a campaign has no {sorted(unknown)[0]}", mend=f"one of {known}")
    row: dict[str, Any] = {
        **dict.fromkeys(known[:5], ""), **about,
        "id": new_id("campaign"), "site_id": site.id, "name": good_name(name), "at": now(),
    }  # fmt: skip
    connection.execute(insert(CAMPAIGN), row)
    note(connection, site.organisation_id, author, "campaign added", row["id"], **row)
    return str(row["id"])


def organisation(connection: Connection, name: str) -> Row[Any]:
    """Return an organisation by name or id."""
    return _one(connection, ORGANISATION, name, ())


def located(connection: Connection, path: str) -> Row[Any]:
    """Return the project, site, campaign or data set at a path.

    Parameters
    ----------
    connection : Connection
    path : str
        project/site/campaign/dataset, or its first parts.

    Raises
    ------
    CentreError
        Nothing there; names what is.
    """
    parts = path.split("/")
    if not 1 <= len(parts) <= len(PATH):
        raise CentreError(f"{path!r} is no path", mend="project/site/campaign/dataset")
    row: Row[Any] | None = None
    for part, (table, holder) in zip(parts, PATH, strict=False):
        inside = () if row is None else (table.c[holder] == row.id,)
        row = _one(connection, table, part, inside)
    assert row is not None
    return row


def by_id(connection: Connection, table: Table, name: str) -> Row[Any]:
    """Return a row by its id.

    Raises
    ------
    CentreError
        There is none.
    """
    found = connection.execute(select(table).where(table.c.id == name)).one_or_none()
    if found is None:
        raise CentreError(f"there is no {table.name} {name!r}", mend="check the name")
    return found


def good_name(name: str) -> str:
    """Return a name if people and paths can use it.

    Raises
    ------
    CentreError
        Empty, too long, with slashes, signs that do not print, or spaces at its ends.
    """
    if (
        not 0 < len(name) <= LONGEST
        or not name.isprintable()
        or "/" in name
        or name != name.strip()
    ):
        raise CentreError(
            f"{name[:80]!r} is no name",
            mend=f"1 to {LONGEST} signs that print, no slash, no space at the ends",
        )
    return name


def _split(path: str, parts: int) -> tuple[str, str]:
    if path.count("/") != parts - 1:
        raise CentreError(
            f"{path!r} has not {parts} parts",
            mend="/".join(("project", "site", "campaign", "dataset")[:parts]),
        )
    above, _, name = path.rpartition("/")
    return above, name


def _one(connection: Connection, table: Table, name: str, inside: tuple[Any, ...]) -> Row[Any]:
    named = (table.c.name == name) | (table.c.id == name)
    found = connection.execute(select(table).where(named, *inside)).one_or_none()
    if found is None:
        some = connection.execute(select(table.c.name).where(*inside).limit(5)).scalars().all()
        mend = f"there are {', '.join(some)}" if some else "there is none yet"
        raise CentreError(f"there is no {table.name} {name[:80]!r}", mend=mend)
    return found
