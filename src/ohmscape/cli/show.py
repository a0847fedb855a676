"""What the command line prints: results on stdout, progress on stderr."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import typer

from ohmscape.cli.guard import one_line
from ohmscape.workflow.progress import Progress

RANGES = 8  #: of row numbers that a line shows
STEPS = 100.0  #: of the progress bar


def say(text: str = "") -> None:
    """Print a line on stdout."""
    typer.echo(one_line(text))


def show_json(record: Mapping[str, Any]) -> None:
    """Print a record as strict JSON on stdout."""
    from ohmscape.workflow.plain import to_json

    typer.echo(to_json(record), nl=False)


class Teller:
    """Tells the progress of a step on stderr: a bar on a terminal, else a line per message."""

    def __init__(self, *, quiet: bool) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bar

        self._quiet = quiet
        console = Console(stderr=True, highlight=False)
        self._lively = console.is_terminal and not quiet
        text = TextColumn("{task.description}", markup=False)
        columns = (SpinnerColumn(), text, BarColumn(24), TimeElapsedColumn())
        self._bar = Bar(*columns, console=console, transient=True, disable=not self._lively)
        self._task = self._bar.add_task("", total=None)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._bar.stop()

    def __call__(self, progress: Progress) -> None:
        """Tell a message."""
        words = one_line(in_words(progress))
        if self._lively:
            done = share_done(progress)
            self._bar.update(
                self._task,
                description=words,
                total=None if done is None else STEPS,
                completed=None if done is None else STEPS * done,
            )
        elif not self._quiet:
            typer.echo(words, err=True)


def in_words(progress: Progress) -> str:
    """Return a message as a line of text."""
    if progress.stage == "iteration" and progress.chi2 is not None and progress.lam is not None:
        return (
            f"iteration {progress.iteration}: chi-squared {progress.chi2:.3g}, "
            f"lambda {progress.lam:.3g}"
        )
    return (
        f"{progress.stage} {progress.text}".strip()
        if progress.stage != "compiling"
        else (progress.text)
    )


def share_done(progress: Progress) -> float | None:
    """Return how far an inversion is, 0 to 1, from its chi-squared; None if not known."""
    if progress.chi2 is None or not progress.chi2 > 0.0:
        return None
    left = max(math.log(progress.chi2 / progress.target), 0.0)
    return 1.0 / (1.0 + left)


def show_inversion(record: Mapping[str, Any], out: Path) -> None:
    """Print what an inversion came to and where its results are."""
    from ohmscape.report.html import quantity, verdict

    inversion, model, doi = record["inversion"], record["model"], record["depth_of_investigation"]
    say(verdict(record))
    low, high = quantity(model["resistivity_min"]), quantity(model["resistivity_max"], "ohm m")
    say(f"  resistivity   {low} to {high} in {model['cells']} cells")
    carried = doi["depth_m"].get("median")
    say(f"  investigated  to {quantity(carried, 'm', 2)} below ground in the median")
    say(f"  misfit        rrms {quantity(inversion['rrms_percent'], '%')}, lambda "
        f"{quantity(inversion['lambda'])}, {len(inversion['iterations'])} iterations")  # fmt: skip
    say(f"  errors        {record['error_model']['description']}")
    forward = record["forward"]["error_percent_median"]
    if forward is not None:
        say(f"  calculation   wrong by {quantity(forward, '%', 2)} in the median")
    for warning in record["warnings"]:
        say(f"  note          {warning}")
    say(f"  report        {out / 'report.html'}")


def show_evidence(record: Mapping[str, Any]) -> None:
    """Print what speaks for each format."""
    say(f"{record['path']}")
    for one in record["evidence"]:
        say(f"  {one['format']:<15} {one['score']:.2f}  {', '.join(one['reasons'])}".rstrip())


def show_inspection(record: Mapping[str, Any]) -> None:
    """Print what is in a file."""
    say(f"{record['path']}")
    best = next((e for e in record["evidence"] if e["format"] == record["format"]), None)
    why = f" ({', '.join(best['reasons'])})" if best else ""
    say(f"  format        {record['format']}{why}")
    say(f"  electrodes    {record['electrodes']}{_line(record['line'])}")
    say(f"  readings      {record['readings']}, {record['valid']} valid, "
        f"{record['reciprocal_pairs']} reciprocal pairs")  # fmt: skip
    for one in record["reasons"]:
        say(f"    not valid   {one['count']} x {one['reason']}")
    say(f"  errors        {record['error_model']}")
    for column in record["columns"]:
        unit = f" in {column['unit']}" if column["unit"] else ""
        use = column["name"] or "not used"
        note = f" ({column['note']})" if column["note"] else ""
        say(f"  column {column['index']:>3}    {column['token']}: {use}{unit}{note}")
    for name, one in record["ranges"].items():
        say(f"  {name.replace('_', ' ')}: {one['min']:.4g} to {one['max']:.4g}, median "
            f"{one['median']:.4g} {one['unit']}".rstrip())  # fmt: skip
    for one in record["report"]:
        rows = f" (rows {row_ranges(one['rows'])})" if one["rows"] else ""
        say(f"  {one['kind']:<12}  {one['what']}{rows}")


def row_ranges(rows: Sequence[int]) -> str:
    """Return row numbers as ranges, the first `RANGES` of them.

    Examples
    --------
    >>> row_ranges([3, 4, 5, 9, 12, 13])
    '3-5, 9, 12-13'
    """
    ranges: list[list[int]] = []
    for row in rows:
        if ranges and row == ranges[-1][1] + 1:
            ranges[-1][1] = row
        else:
            ranges.append([row, row])
    words = [f"{a}-{b}" if b > a else f"{a}" for a, b in ranges[:RANGES]]
    if len(ranges) > RANGES:
        words.append(f"... {ranges[-1][1]}, all by --json")
    return ", ".join(words)


def _line(line: Mapping[str, Any]) -> str:
    if "problem" in line:
        return f" ({line['problem']})"
    buried = f", {line['buried']} buried" if line["buried"] else ""
    return f" over {line['length_m']:.4g} m, {line['spacing_m']:.4g} m apart{buried}"


def show_formats(known: Sequence[Mapping[str, Any]]) -> None:
    """Print a table of formats: read, written, and what they carry."""
    width = max(len(one["format"]) for one in known)
    marks = ("read", "write", "IP", "3-D", "topography")
    say(f"{'':<{width}}  {'  '.join(marks)}")
    for one in known:
        has = {"read": one["read"], "write": one["write"]} | {
            m: m in one["carries"] for m in marks[2:]
        }
        cells = "  ".join(f"{'x' if has[mark] else '-':<{len(mark)}}" for mark in marks)
        ends = f" ({', '.join(one['endings'])})" if one["endings"] else ""
        say(f"{one['format']:<{width}}  {cells}  {one['description']}{ends}")


def show_demo(record: Mapping[str, Any], out: Path) -> None:
    """Print what the demo found and how far that is from the truth."""
    for line in record["story"]:
        say(line)
    say(f"Pictures and report: {out / 'report.html'}")
