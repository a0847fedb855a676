"""The verb qc: which readings to trust."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ohmscape.cli.guard import guarded
from ohmscape.cli.show import Teller, say, show_json
from ohmscape.workflow.steps import Qc


def as_rows(text: str) -> tuple[int, ...]:
    """Read numbers of readings, from 1: 3,7,10-14."""
    form = f"expected numbers of readings such as 3,7,10-14, got {text!r}"
    found: list[int] = []
    for part in text.split(","):
        low, dash, high = part.strip().partition("-")
        if not low.isdigit() or (dash and not high.isdigit()) or int(low) < 1:
            raise typer.BadParameter(form)
        found += range(int(low), int(high or low) + 1)
    return tuple(found)


@guarded
def qc(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Field file, as the instrument wrote it.")
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out", "-o", metavar="DIR", file_okay=False,
            help="Folder for qc.json, cleaned.ohm, pictures and report.html. FILE itself is not "
            "touched.",
        ),
    ],
    rules: Annotated[
        str,
        typer.Option(
            metavar="NAME|FILE.toml",
            help="Rule set: [b]standard[/b], [b]strict[/b], or a file of your own.",
        ),
    ] = "standard",
    undo: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RULE", help="Rule that judges, but is not to remove anything; may be repeated."
        ),
    ] = None,
    keep: Annotated[
        Any,
        typer.Option(
            metavar="ROWS", parser=as_rows,
            help="Readings, by number, that no rule is to remove, e.g. [b]3,7,10-14[/b].",
        ),
    ] = None,
    format_: Annotated[
        str | None,
        typer.Option(
            "--format", metavar="NAME", help="Format of FILE, see [b]ohmscape formats[/b]. "
            "Default: found from the content.",
        ),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print the record as JSON on stdout, and nothing else there."),
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")] = False,
) -> None:  # fmt: skip
    """Say which readings to trust: verdict, reasons, pictures and a cleaned copy.

    The verdict is good, usable with care or not usable; the exit code is 0 for each of them.
    """
    step = Qc(file, out, format_, rules, tuple(undo or ()), tuple(keep or ()))
    with Teller(quiet=quiet) as teller:
        record = step.run(teller)
    show_json(record) if as_json else _show(record, out)


def _show(record: dict[str, Any], out: Path) -> None:
    readings = record["readings"]
    say(record["verdict"]["sentence"])
    say(f"  readings      {readings['left']} of {readings['valid']} left, "
        f"{readings['removed']} removed")  # fmt: skip
    for one in record["rules"]:
        if one["removed"]:
            rule = one["rule"].replace("_", " ")
            undone = " (undone)" if one["undone"] else ""
            say(f"  {rule}: {one['removed']} removed: {one['what']}{undone}")
    for pair in record["exchanged"]:
        say(f"  put right     take-outs {pair[0]} and {pair[1]} were exchanged")
    if record["error_models"]:
        say(f"  errors        {record['error_models']['used']['description']}")
    rules = record["rule_set"]
    say(f"  rules         {rules['name']} {rules['version']}")
    say(f"  report        {out / 'report.html'}")
