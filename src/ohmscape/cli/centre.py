"""`ohmscape init`, `add`, `ingest`, `search` and `state`: what goes into a centre and is found."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from ohmscape.cli.centre_options import (
    AuthorOption,
    CentreOption,
    JsonOption,
    author_of,
    needed,
    opened,
    show_rows,
)
from ohmscape.cli.guard import BAD_INPUT, guarded
from ohmscape.cli.show import say

COLUMNS = (
    "name", "state", "method", "electrode_array", "electrodes", "readings", "quality", "depth",
    "instrument", "version_id",
)  # fmt: skip


class Kind(StrEnum):
    """What can be added."""

    ORGANISATION = "organisation"
    PROJECT = "project"
    SITE = "site"
    CAMPAIGN = "campaign"


def _text(option: str, metavar: str, help_text: str) -> Any:
    return typer.Option(option, metavar=metavar, help=help_text)


@guarded
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the centre.")],
    database: Annotated[
        str,
        _text("--database", "URL", "postgresql://... with PostGIS. Default: SQLite in the folder."),
    ] = "",
    objects: Annotated[
        str, _text("--objects", "URL", "s3://bucket/prefix. Default: a folder in the folder.")
    ] = "",
    migrate: Annotated[
        bool, typer.Option("--migrate", help="Bring a centre that is there to this version.")
    ] = False,
) -> None:
    """Make a data centre in a folder, or bring one to this version."""
    if migrate:
        with opened(folder, upgrade=True) as centre:
            say(f"{centre.id} in {folder} is of this version")
        return
    needed()
    from ohmscape.centre.centre import init_centre

    centre = init_centre(folder, database=database, objects=objects)
    centre.engine.dispose()
    say(f"{centre.id} in {folder}")


@guarded
def add(
    kind: Annotated[Kind, typer.Argument(help="What to add.")],
    path: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="Name of an organisation or project; project/site; "
            "project/site/campaign.",
        ),
    ],
    organisation: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="Of a project: who shares it, the first one owns it; may be "
            "repeated. Of a site: whose ground it is.",
        ),
    ] = None,
    about: Annotated[
        list[str] | None,
        typer.Option(
            "--about", metavar="NAME=TEXT", help="Organisation: kind. Project: purpose. Site: crs, "
            "outline (GeoJSON). Campaign: purpose, geometry, instrument, instrument_serial, crew, "
            "began, ended. May be repeated.",
        ),
    ] = None,
    author: AuthorOption = "",
    centre: CentreOption = Path(),
) -> None:  # fmt: skip
    """Add an organisation, a project, a site or a campaign."""
    told = dict(pair(one) for one in about or [])
    who, names = author_of(author), organisation or []
    with opened(centre) as here:
        from ohmscape.centre import catalogue
        from ohmscape.centre.database import writing

        with writing(here.engine) as connection:
            if kind is Kind.ORGANISATION:
                new = catalogue.add_organisation(connection, who, path, **told)
            elif kind is Kind.PROJECT:
                new = catalogue.add_project(connection, who, path, names, **told)
            elif kind is Kind.SITE:
                new = catalogue.add_site(connection, who, path, *names[:1], **told)
            else:
                new = catalogue.add_campaign(connection, who, path, **told)
    say(new)


@guarded
def ingest(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Field files.")],
    into: Annotated[
        str, typer.Option("--into", metavar="PATH", help="Campaign: project/site/campaign.")
    ],
    name: Annotated[
        str, _text("--name", "NAME", "Of the data set. Default: the file's, without its ending.")
    ] = "",
    format_: Annotated[
        str | None, _text("--format", "NAME", "Format. Default: found from the content.")
    ] = None,
    footprint: Annotated[
        str,
        _text("--footprint", "GEOJSON", "Where it lies, WGS 84. Default: the site's outline."),
    ] = "",
    tag: Annotated[list[str] | None, typer.Option(metavar="TAG", help="May be repeated.")] = None,
    unjudged: Annotated[
        bool, typer.Option("--unjudged", help="Do not ask quality control for a verdict.")
    ] = False,
    author: AuthorOption = "",
    centre: CentreOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Take field files in: each becomes a version of a data set, or is kept as rejected.

    Exit code 3 if one was rejected.
    """
    if name and len(files) > 1:
        raise typer.BadParameter("--name goes with one file")
    with opened(centre) as here:
        from ohmscape.centre.ingest import Offer
        from ohmscape.centre.ingest import ingest as take_in

        about = (into, name, format_, footprint, tuple(tag or ()), not unjudged)
        got = [(path, take_in(here, author_of(author), Offer(path, *about))) for path in files]
    rows = [
        {"file": path.name, "became": one.version_id or one.rejected_id,
         "what": one.reason or ("new" if one.new else "was there"), "sha256": one.sha256}
        for path, one in got
    ]  # fmt: skip
    show_rows(rows, as_json=as_json, name="files")
    if any(one.reason for _, one in got):
        raise typer.Exit(BAD_INPUT)


@guarded
def search(
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[WORD...]", help="All of them are there.")
    ] = None,
    box: Annotated[
        str, _text("--box", "W,S,E,N", "Place in degrees, e.g. [b]117,39,118,40[/b].")
    ] = "",
    polygon: Annotated[str, _text("--polygon", "GEOJSON", "Place, WGS 84.")] = "",
    since: Annotated[str, _text("--since", "DATE", "Measured then or later, ISO 8601.")] = "",
    until: Annotated[str, _text("--until", "DATE", "Measured then or earlier.")] = "",
    method: Annotated[str, _text("--method", "NAME", "resistivity, IP, SIP or SP.")] = "",
    instrument: Annotated[str, _text("--instrument", "NAME", "As the campaign says.")] = "",
    array: Annotated[str, _text("--array", "NAME", "E.g. wenner, dipole-dipole, mixed.")] = "",
    depth: Annotated[
        float | None, typer.Option(metavar="M", help="Depth reached, at least.")
    ] = None,
    quality: Annotated[
        float | None, typer.Option(metavar="SHARE", help="Readings that can be used, 0 to 1.")
    ] = None,
    tag: Annotated[list[str] | None, typer.Option(metavar="TAG", help="May be repeated.")] = None,
    state: Annotated[
        list[str] | None, typer.Option(metavar="STATE", help="May be repeated: any of them.")
    ] = None,
    limit: Annotated[int, typer.Option(metavar="N", min=1, help="Rows at most.")] = 50,
    centre: CentreOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Find data sets, the newest first; all that is given must hold."""
    if box and polygon:
        raise typer.BadParameter("give --box or --polygon")
    with opened(centre) as here:
        from ohmscape.centre import places
        from ohmscape.centre.database import reading
        from ohmscape.centre.search import Search
        from ohmscape.centre.search import search as find

        place = places.box(*_corners(box)) if box else polygon
        wanted = Search(
            place, _seconds(since), _seconds(until), method, instrument, array, "", depth, quality,
            " ".join(words or ()), tuple(tag or ()), tuple(state or ()), limit=limit,
        )  # fmt: skip
        with reading(here.engine) as connection:
            found = [row._asdict() for row in find(connection, wanted)]
    rows = found if as_json else [{key: row[key] for key in COLUMNS} for row in found]
    show_rows(rows, as_json=as_json, name="data sets")


@guarded
def state(
    version: Annotated[str, typer.Argument(metavar="VERSION", help="Id of a version.")],
    becomes: Annotated[
        str, typer.Argument(metavar="STATE", help="reviewed, published or withdrawn.")
    ],
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why: it is kept with the change.")
    ],
    author: AuthorOption = "",
    centre: CentreOption = Path(),
) -> None:
    """Let a version become reviewed, published or withdrawn; what was stays on record."""
    with opened(centre) as here:
        from ohmscape.centre.database import writing
        from ohmscape.centre.datasets import NEXT, set_state

        if becomes not in NEXT:
            raise typer.BadParameter(f"{becomes!r} is no state")
        with writing(here.engine) as connection:
            set_state(connection, author_of(author), version, becomes, reason)
    say(f"{version} is {becomes}")


def pair(text: str) -> tuple[str, str]:
    """Read NAME=TEXT."""
    name, sign, value = text.partition("=")
    if not sign or not name.isidentifier():
        raise typer.BadParameter(f"expected NAME=TEXT, got {text!r}")
    return name, value


def _corners(text: str) -> tuple[float, float, float, float]:
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise typer.BadParameter(f"expected W,S,E,N, got {text!r}") from None
    return west, south, east, north


def _seconds(text: str) -> float | None:
    from datetime import UTC, datetime

    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"expected a date, got {text!r}") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def register(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    for verb in (init, add, ingest, search, state):
        app.command()(verb)
