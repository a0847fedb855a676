"""The verb `ohmscape convert`."""

from pathlib import Path
from typing import Annotated

import typer

from ohmscape.cli.guard import guarded
from ohmscape.cli.show import say, show_json
from ohmscape.workflow.steps import Convert


@guarded
def convert(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Field file, as the instrument wrote it.")
    ],
    out: Annotated[
        Path, typer.Argument(metavar="OUT", dir_okay=False, help="File to write, whole or not.")
    ],
    format_: Annotated[
        str | None,
        typer.Option(
            "--format", metavar="NAME", help="Format of FILE, see [b]ohmscape formats[/b]. "
            "Default: found from the content.",
        ),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Format of OUT. Default: by its ending, e.g. [b].ohm[/b] bert, "
            "[b].gpkg[/b] geopackage, [b].parquet[/b] parquet, [b].nc[/b] gs.",
        ),
    ] = None,
    epsg: Annotated[
        int | None,
        typer.Option(
            metavar="CODE", min=1, help="Coordinate system of the places, a projected one in "
            "metres, e.g. 25832. Default: local coordinates.",
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace OUT if it is there.")
    ] = False,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print the record as JSON on stdout, and nothing else there."),
    ] = False,
) -> None:  # fmt: skip
    """Write a field file in another format, and say what that format cannot carry."""
    record = Convert(file, out, format_, to, epsg, force).run()
    if as_json:
        show_json(record)
        return
    say(f"{record['readings']} readings of {record['electrodes']} electrodes: "
        f"{record['path']} ({record['format']}) to {record['out']} ({record['to']})")  # fmt: skip
    for note in record["lost"]:
        say(f"  not in it     {note}")
