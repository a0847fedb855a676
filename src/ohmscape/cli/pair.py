"""The verb pair: a normal and a reciprocal file as one."""

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
from ohmscape.cli.show import say, show_json
from ohmscape.workflow.steps import Pair


@guarded
def pair(
    normal: Annotated[Path, typer.Argument(metavar="NORMAL", help="Field file.")],
    reciprocal: Annotated[
        Path,
        typer.Argument(metavar="RECIPROCAL", help="The same with A, B and M, N exchanged."),
    ],
    out: OutOption,
    average: Annotated[
        bool,
        typer.Option(
            "--average", help="One reading for each pair, the mean, with its error. Default: all "
            "readings of both, to which an inversion fits its error model.",
        ),
    ] = False,
    tolerance: ToleranceOption = None,
    to: ToOption = None,
    force: ForceOption = False,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Pair a normal and a reciprocal file, and say how far each pair disagrees.

    The pairs are in a table beside the file, [b]FILE.pairs.csv[/b].
    """
    record = Pair(normal, reciprocal, out, average, tolerance, to, force).run()
    if as_json:
        show_json(record)
        return
    show_joined(record)
    if record["error_model"]:
        say(f"  errors        {record['error_model']}")
    say(f"  pairs         {record['pairs_table']}")
