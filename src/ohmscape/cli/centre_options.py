"""What the verbs of the data centre share: where it is, who acts, and what they print."""

import getpass
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ohmscape.cli.show import say, show_json
from ohmscape.errors import OhmscapeError

if TYPE_CHECKING:
    from ohmscape.centre.centre import Centre

FAULTS = 5  #: exit code where something is not as it was written

CentreOption = Annotated[
    Path,
    typer.Option(
        "--centre", "-C", metavar="DIR", envvar="OHMSCAPE_CENTRE", file_okay=False,
        help="Folder of the centre. Default: the present one.",
    ),
]  # fmt: skip
AuthorOption = Annotated[
    str,
    typer.Option(
        "--author", metavar="NAME", envvar="OHMSCAPE_AUTHOR",
        help="Who does it, for the audit. Default: the user who is logged in.",
    ),
]  # fmt: skip
JsonOption = Annotated[bool, typer.Option("--json", help="Print the record as JSON on stdout.")]


@contextmanager
def opened(folder: Path, *, upgrade: bool = False) -> Iterator["Centre"]:
    """Return the centre of a folder, closed at the end."""
    needed()
    from ohmscape.centre.centre import open_centre

    centre = open_centre(folder, upgrade=upgrade)
    try:
        yield centre
    finally:
        centre.engine.dispose()


def needed() -> None:
    """Refuse where what the data centre needs is not installed."""
    try:
        import alembic
        import obstore
        import pydantic
        import sqlalchemy  # noqa: F401
    except ImportError as error:
        raise OhmscapeError(
            f"the data centre needs {error.name}", mend='pip install "ohmscape[centre]"'
        ) from error
    del alembic, obstore, pydantic


def author_of(told: str) -> str:
    """Return who acts."""
    return told or getpass.getuser()


def show_rows(rows: Iterable[Mapping[str, Any]], *, as_json: bool, name: str) -> None:
    """Print rows, one in a line or as JSON."""
    listed = [dict(row) for row in rows]
    if as_json:
        show_json({name: listed})
        return
    if not listed:
        say(f"no {name}")
        return
    shown = [{k: "" if v is None else str(v) for k, v in row.items()} for row in listed]
    widths = {key: max(len(key), *(len(row[key]) for row in shown)) for key in shown[0]}
    say("  ".join(f"{key:<{width}}" for key, width in widths.items()).rstrip())
    for row in shown:
        say("  ".join(f"{row[key]:<{width}}" for key, width in widths.items()).rstrip())
