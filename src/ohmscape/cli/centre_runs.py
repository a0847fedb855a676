"""`ohmscape run`, `rerun`, `trace`, `stale` and `needs`: what is computed, asked and answered."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from ohmscape.cli.centre import pair
from ohmscape.cli.centre_options import (
    AuthorOption,
    CentreOption,
    JsonOption,
    author_of,
    opened,
    show_rows,
)
from ohmscape.cli.guard import NOT_CONVERGED, guarded
from ohmscape.cli.show import say, show_json


@guarded
def run(
    step: Annotated[str, typer.Argument(metavar="STEP", help="E.g. inspect, invert.")],
    version: Annotated[str, typer.Argument(metavar="VERSION", help="Id of a version.")],
    parameter: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUE", help="Parameter of the step, as JSON or text, e.g. "
            "[b]error=3%[/b]. May be repeated.",
        ),
    ] = None,
    report: Annotated[
        str, typer.Option(metavar="TITLE", help="Make a report of its report.html.")
    ] = "",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help="Copy what it made there.")
    ] = None,
    author: AuthorOption = "",
    centre: CentreOption = Path(),
) -> None:  # fmt: skip
    """Run a step on a version, and put it on record with all that is needed to do it again."""
    parameters = {name: _value(text) for name, text in map(pair, parameter or [])}
    who = author_of(author)
    with opened(centre) as here:
        from ohmscape.centre import runs
        from ohmscape.centre.database import reading, writing

        with reading(here.engine) as connection:
            task = runs.task_on(connection, step, version, parameters)
        run_id = runs.run(here, who, task)
        say(run_id)
        if report:
            with writing(here.engine) as connection:
                say(runs.add_report(connection, who, run_id, report))
        if out is not None:
            runs.fetch_outputs(here, run_id, out)


@guarded
def rerun(
    run_id: Annotated[str, typer.Argument(metavar="RUN", help="Id of a run.")],
    author: AuthorOption = "",
    centre: CentreOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Do a run again: the same numbers, or what differs and why.

    Exit code 4 if a number differs.
    """
    with opened(centre) as here:
        from dataclasses import asdict

        from ohmscape.centre.rerun import rerun as do_again

        again = do_again(here, author_of(author), run_id)
    if as_json:
        show_json(asdict(again))
    else:
        say(f"{again.run_id}: {'the same numbers' if again.same else 'other numbers'}")
        for one in again.differences:
            say(f"  {one.name}: {one.what}")
        for reason in again.reasons:
            say(f"  because perhaps: {reason}")
    if not again.same:
        raise typer.Exit(NOT_CONVERGED)


@guarded
def trace(
    thing: Annotated[
        str,
        typer.Argument(metavar="THING", help="A file, its hash, or the id of a report or run."),
    ],
    reading: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Number of a reading: its row and bytes, too."),
    ] = None,
    centre: CentreOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Walk back from a figure or a report to the instrument's file, row and byte."""
    with opened(centre) as here:
        from ohmscape.centre.trace import trace as walk_back

        told = walk_back(here, thing, reading)
    if as_json:
        show_json(told)
        return
    for one in told["runs"]:
        _show_run(one, "")
    for one in told["versions"]:
        _show_version(one, "")
    if "reading" in told:
        at = told["reading"]
        say(f"reading {reading}: {at['file']}, row {at['row']}, bytes {at['first_byte']} to "
            f"{at['last_byte']}: {at['text']}")  # fmt: skip


@guarded
def stale(centre: CentreOption = Path(), as_json: JsonOption = False) -> None:
    """List the runs whose inputs are out of date, with the reason."""
    with opened(centre) as here:
        from ohmscape.centre.database import reading as reading_
        from ohmscape.centre.trace import stale as out_of_date

        with reading_(here.engine) as connection:
            found = out_of_date(connection)
    rows = [{"run": run_id, "reason": why} for run_id, why in found.items()]
    show_rows(rows, as_json=as_json, name="stale runs")


@guarded
def needs(
    action: Annotated[
        str,
        typer.Argument(metavar="[ACTION]", help="list, put, answer, accept, return or overview."),
    ] = "list",
    what: Annotated[
        str,
        typer.Argument(
            metavar="[WHAT]", help="put: project/site. answer, accept, return: id of a need. "
            "overview: an organisation.",
        ),
    ] = "",
    question: Annotated[str, typer.Option(metavar="TEXT", help="What is to be known.")] = "",
    by: Annotated[
        str, typer.Option(metavar="ORGANISATION", help="Who asks. Default: the site's own.")
    ] = "",
    until: Annotated[str, typer.Option(metavar="DATE", help="By when the answer is needed.")] = "",
    certainty: Annotated[str, typer.Option(metavar="TEXT", help="How sure it must be.")] = "",
    subject: Annotated[
        str, typer.Option("--with", metavar="ID", help="Campaign, run or report that answers.")
    ] = "",
    reason: Annotated[
        str, typer.Option(metavar="TEXT", help="Why it is accepted or sent back; a remark.")
    ] = "",
    author: AuthorOption = "",
    centre: CentreOption = Path(),
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Put a question about a site, answer it, accept the answer or send it back."""
    who = author_of(author)
    with opened(centre) as here:
        from ohmscape.centre import needs as asked
        from ohmscape.centre.catalogue import organisation
        from ohmscape.centre.database import reading as reading_
        from ohmscape.centre.database import writing

        if action in ("list", "overview"):
            with reading_(here.engine) as c:
                rows = (
                    asked.needs(c) if action == "list"
                    else asked.overview(c, organisation(c, what).id)
                )  # fmt: skip
            show_rows([row._asdict() for row in rows], as_json=as_json, name="needs")
            return
        with writing(here.engine) as c:
            if action == "put":
                say(asked.add_need(c, who, what, question, by=by, until=until,
                                   certainty=certainty))  # fmt: skip
            elif action == "answer":
                say(asked.answer_need(c, who, what, subject, reason))
            elif action in ("accept", "return"):
                asked.judge_need(c, who, what, f"{action}ed", reason)
                say(f"{what} is {action}ed")
            else:
                raise typer.BadParameter(f"{action!r} is no action")


def _value(text: str) -> Any:
    """Return a value of JSON, or the text itself."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _show_run(told: dict[str, Any], margin: str) -> None:
    say(f"{margin}{told['run']}: {told['step']} {told['parameters']} by {told['author']}, "
        f"{told['began']}, Ohmscape {told['ohmscape']}")  # fmt: skip
    for one in told["inputs"]:
        if "version" in one:
            _show_version(one, margin + "  ")
        for before in one.get("runs", ()):
            _show_run(before, margin + "  ")


def _show_version(told: dict[str, Any], margin: str) -> None:
    say(f"{margin}{told['filename']} ({told['format']}), version {told['ordinal']} of "
        f"{told['dataset']}, {told['state']}: {told['site']}, campaign {told['campaign']}, "
        f"{told['instrument']} {told['instrument_serial']}".rstrip())  # fmt: skip
    say(f"{margin}SHA-256 {told['sha256']}, taken in by {told['author']}, {told['at']}")


def register(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    for verb in (run, rerun, trace, stale, needs):
        app.command()(verb)
