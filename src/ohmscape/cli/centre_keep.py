"""`ohmscape audit`, `fsck`, `gc`, `backup`, `restore`, `export` and `import`: keeping it whole."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from ohmscape.cli.centre_options import (
    FAULTS,
    AuthorOption,
    CentreOption,
    JsonOption,
    author_of,
    needed,
    opened,
)
from ohmscape.cli.guard import guarded
from ohmscape.cli.show import say, show_json
from ohmscape.errors import OhmscapeError


@guarded
def audit(
    action: Annotated[
        str, typer.Argument(metavar="[ACTION]", help="verify, or heads.")
    ] = "verify",
    against: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Heads that were kept elsewhere: what finds an audit that was "
            "made anew as a whole.",
        ),
    ] = None,
    centre: CentreOption = Path(),
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Verify who did what: find any row that was altered, deleted or put elsewhere.

    [b]audit heads[/b] prints the last hash of each organisation, to be kept outside the centre.
    Exit code 5 if there is a fault.
    """
    if action not in ("verify", "heads"):
        raise typer.BadParameter(f"{action!r} is no action")
    with opened(centre) as here:
        from ohmscape.centre.audit import heads, verify
        from ohmscape.centre.database import reading

        with reading(here.engine) as connection:
            if action == "heads":
                show_json(heads(connection))
                return
            found = verify(connection, _heads(against))
    _show_faults(found, as_json=as_json, good="the audit is whole")


@guarded
def fsck(
    quick: Annotated[
        bool, typer.Option("--quick", help="Do not read the objects, look at their sizes.")
    ] = False,
    centre: CentreOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Look at everything in a centre, each byte, reference and row; nothing is changed.

    Exit code 5 if there is a fault.
    """
    with opened(centre) as here:
        from ohmscape.centre.fsck import check

        found = check(here, quick=quick)
    _show_faults(found, as_json=as_json, good="all is as it was written")


@guarded
def gc(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    centre: CentreOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Remove objects of writers that were interrupted: what nothing refers to."""
    with opened(centre) as here:
        from ohmscape.centre.gc import collect

        done = collect(here, dry=dry_run)
    if as_json:
        show_json({"objects": [one.sha256 for one in done.objects], "bytes": done.size})
        return
    verb = "would be removed" if dry_run else "removed"
    say(f"{len(done.objects)} objects, {done.size} bytes, {verb}; {done.unfinished} unfinished")


@guarded
def backup(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="New folder for the backup.")],
    centre: CentreOption = Path(),
) -> None:
    """Write all of a centre into a folder, while others go on writing; see [b]restore[/b]."""
    _export(centre, folder, "")


@guarded
def restore(
    folder: Annotated[Path, typer.Argument(metavar="BACKUP", help="Folder of a backup.")],
    target: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the new centre.")],
    database: Annotated[
        str, typer.Option(metavar="URL", help="postgresql://... Default: SQLite in the folder.")
    ] = "",
    objects: Annotated[
        str, typer.Option(metavar="URL", help="s3://... Default: a folder in the folder.")
    ] = "",
) -> None:
    """Make a new centre of a backup, with the same ids and hashes."""
    needed()
    from ohmscape.centre.imports import restore as bring_back

    centre = bring_back(folder, target, database=database, objects=objects)
    centre.engine.dispose()
    say(f"{centre.id} in {target}")


@guarded
def export(
    project: Annotated[str, typer.Argument(metavar="PROJECT", help="Name or id of a project.")],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="New folder for it.")],
    centre: CentreOption = Path(),
) -> None:
    """Write a project into one folder that others can open: BagIt, RO-Crate and PROV.

    Whoever gets it verifies it with plain Python: [b]python verify.py[/b] in the folder.
    """
    _export(centre, folder, project)


@guarded
def import_(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of an export.")],
    author: AuthorOption = "",
    centre: CentreOption = Path(),
) -> None:
    """Take an exported project into a centre, all or nothing, with the same hashes."""
    with opened(centre) as here:
        from ohmscape.centre.imports import import_export

        got = import_export(here, author_of(author), folder)
    say(f"{got.rows} rows and {got.objects} objects")


def _export(centre: Path, folder: Path, project: str) -> None:
    with opened(centre) as here:
        from ohmscape.centre.export import export as write

        done = write(here, folder, project)
    say(f"{done.rows} rows and {done.objects} objects, {done.size} bytes: {done.folder}")


def _heads(path: Path | None) -> dict[str, Any] | None:
    if path is None:
        return None
    try:
        told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        for row in told.values():
            int(row["ordinal"]), str(row["hash"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        mend = "give what `ohmscape audit heads` printed"
        raise OhmscapeError("no heads of an audit", where=str(path), mend=mend) from error
    return told


def _show_faults(found: list[Any], *, as_json: bool, good: str) -> None:
    if as_json:
        show_json({"faults": [{"where": one.where, "what": one.what} for one in found]})
    else:
        for one in found:
            say(f"{one.where}: {one.what}")
        say(f"{len(found)} faults" if found else good)
    if found:
        raise typer.Exit(FAULTS)


def register(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    for verb in (audit, fsck, gc, backup, restore, export):
        app.command()(verb)
    app.command("import")(import_)
