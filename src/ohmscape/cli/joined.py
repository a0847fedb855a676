"""What the verbs share that put data together: their options, and what they print."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from ohmscape.cli.show import say

FileArgument = Annotated[
    Path, typer.Argument(metavar="FILE", help="Field file, as the instrument wrote it.")
]
OutOption = Annotated[
    Path,
    typer.Option(
        "--out", "-o", metavar="FILE", dir_okay=False, help="File to write. Beside it a table, "
        "[b]FILE.origin.csv[/b], says from which file and row each reading comes.",
    ),
]  # fmt: skip
FormatOption = Annotated[
    str | None,
    typer.Option(
        "--format", metavar="NAME", help="Format of FILE, see [b]ohmscape formats[/b]. "
        "Default: found from the content.",
    ),
]  # fmt: skip
ToOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="Format to write. Default: by the ending, e.g. [b].ohm[/b] bert."
    ),
]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print the record as JSON on stdout, and nothing else there.")
]
ToleranceOption = Annotated[
    float | None,
    typer.Option(
        metavar="M", help="Electrodes of different files no further apart, in m, are one. "
        "Default: a tenth of the spacing.",
    ),
]  # fmt: skip


def show_joined(record: Mapping[str, Any]) -> None:
    """Print what was written, what was done and what is not in the file."""
    say(f"{record['readings']} readings of {record['electrodes']} electrodes, {record['valid']} "
        f"valid: {record['out']} ({record['to']})")  # fmt: skip
    for text in record["done"]:
        say(f"  {text}")
    for warning in record["warnings"]:
        say(f"  note          {warning}")
    for note in record["lost"]:
        say(f"  not in it     {note}")
