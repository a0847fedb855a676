"""The verb merge: several files as one data set."""

from pathlib import Path
from typing import Annotated

import typer

from ohmscape.cli.guard import guarded
from ohmscape.cli.joined import (
    ForceOption,
    JsonOption,
    OutOption,
    ToleranceOption,
    ToOption,
    show_joined,
)
from ohmscape.cli.show import show_json
from ohmscape.workflow.steps import Merge


@guarded
def merge(
    out: OutOption,
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE]...", help="Field files, in the order of the line."),
    ] = None,
    lines: Annotated[
        Path | None,
        typer.Option(
            metavar="TABLE", help="Where lines lie on the map: a table with the columns "
            "file,x0,y0,azimuth (degrees from north) or file,x0,y0,x1,y1.",
        ),
    ] = None,
    step: Annotated[
        float | None,
        typer.Option(
            metavar="M", help="Roll-along whose files all begin at 0: m from one to the next."
        ),
    ] = None,
    tolerance: ToleranceOption = None,
    repeats: Annotated[
        bool,
        typer.Option(
            "--repeats", help="Allow files that measure the same arrays again. Default: refused, "
            "because a time-lapse is not one data set.",
        ),
    ] = False,
    to: ToOption = None,
    force: ForceOption = False,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Put several files together: a roll-along, or the lines of one survey.

    Electrodes at the same place are one; every reading keeps its file and row. Files with distances
    along their own lines are placed on the map by --lines first.
    """
    if not files and lines is None:
        raise typer.BadParameter("name files, or a table of them by --lines")
    if step is not None and lines is not None:
        raise typer.BadParameter("give --step or --lines, not both")
    record = Merge(tuple(files or ()), out, lines, step, tolerance, repeats, to, force).run()
    show_json(record) if as_json else show_joined(record)
