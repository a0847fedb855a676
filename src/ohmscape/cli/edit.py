"""The verb edit: electrodes switched off, moved, renamed; cables plugged in wrongly."""

from typing import Annotated, Any

import typer

from ohmscape.cli.guard import guarded
from ohmscape.cli.joined import (
    FileArgument,
    ForceOption,
    FormatOption,
    JsonOption,
    OutOption,
    ToOption,
    show_joined,
)
from ohmscape.cli.show import show_json
from ohmscape.workflow.steps import Edit


def as_move(text: str) -> tuple[str, tuple[float, ...]]:
    """Read LABEL:X,Z or LABEL:X,Y,Z."""
    label, colon, rest = text.rpartition(":")
    try:
        place = tuple(float(part) for part in rest.split(","))
    except ValueError:
        place = ()
    if not (colon and label and len(place) in (2, 3) and all(abs(v) < 1e12 for v in place)):
        raise typer.BadParameter(f"expected LABEL:X,Z or LABEL:X,Y,Z in m, got {text!r}")
    return label, place


def as_names(text: str) -> tuple[str, str]:
    """Read OLD:NEW."""
    old, _, new = text.partition(":")
    if not (old.strip() and new.strip()):
        raise typer.BadParameter(f"expected two labels such as 7:8, got {text!r}")
    return old.strip(), new.strip()


def as_shift(text: str) -> tuple[int, str, str]:
    """Read BY or BY:FIRST-LAST."""
    by, colon, rest = text.partition(":")
    first, dash, last = rest.partition("-")
    try:
        steps = int(by)
    except ValueError:
        steps = 0
    if steps == 0 or (colon and not (first and dash and last)):
        raise typer.BadParameter(f"expected 1 or -1 or 1:25-48, got {text!r}")
    return steps, first.strip(), last.strip()


def as_range(text: str) -> tuple[str, str]:
    """Read all or FIRST-LAST."""
    first, dash, last = text.partition("-")
    if text.strip() == "all":
        return "", ""
    if not (first and dash and last):
        raise typer.BadParameter(f"expected all or 25-48, got {text!r}")
    return first.strip(), last.strip()


@guarded
def edit(
    file: FileArgument,
    out: OutOption,
    off: Annotated[
        str | None,
        typer.Option(
            metavar="LABELS", help="Electrodes to switch off, e.g. [b]7,13[/b]: their readings "
            "stay in the file, not valid, with the reason.",
        ),
    ] = None,
    move: Annotated[
        list[Any] | None,
        typer.Option(
            metavar="LABEL:X,Z", parser=as_move,
            help="Where an electrode really is, in m, [b]7:12.5,101.3[/b] or with y. May be "
            "repeated.",
        ),
    ] = None,
    rename: Annotated[
        list[Any] | None,
        typer.Option(metavar="OLD:NEW", parser=as_names, help="New label. May be repeated."),
    ] = None,
    swap: Annotated[
        list[Any] | None,
        typer.Option(
            metavar="LABEL:LABEL", parser=as_names,
            help="Two take-outs that were exchanged. May be repeated.",
        ),
    ] = None,
    shift: Annotated[
        list[Any] | None,
        typer.Option(
            metavar="BY[:FIRST-LAST]", parser=as_shift,
            help="Cable plugged in so many take-outs further on, all of it or a part, e.g. "
            "[b]1:25-48[/b]. May be repeated.",
        ),
    ] = None,
    turn: Annotated[
        list[Any] | None,
        typer.Option(
            metavar="all|FIRST-LAST", parser=as_range,
            help="Cable laid the other way round. May be repeated.",
        ),
    ] = None,
    format_: FormatOption = None,
    to: ToOption = None,
    force: ForceOption = False,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Mend what went wrong with electrodes and cables; no reading is dropped."""
    labels = tuple(part.strip() for part in (off or "").split(",") if part.strip())
    record = Edit(
        file, out, labels, tuple(move or ()), tuple(rename or ()), tuple(swap or ()),
        tuple(shift or ()), tuple(turn or ()), format_, to, force,
    ).run()  # fmt: skip
    show_json(record) if as_json else show_joined(record)
