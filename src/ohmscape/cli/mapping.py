"""The verb map: a dialogue that says what the columns of a delimited text are."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from ohmscape.cli.guard import guarded, one_line
from ohmscape.cli.show import say, show_json
from ohmscape.workflow.steps import MapColumns

NONE = "-"  #: the answer for a column that is not used, and for nothing at all
WIDE = 14  #: characters of a cell that are shown


@guarded
def map_columns(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Delimited text, of any meter.")],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="FILE.toml", dir_okay=False,
            help="Mapping to write. Default: NAME.columns.toml beside FILE, where every verb "
            "finds it.",
        ),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print the record as JSON on stdout; questions go to stderr."),
    ] = False,
) -> None:  # fmt: skip
    """Say what the columns of a delimited text are, in a dialogue, and save it for reuse.

    Shows the first rows and asks of each column what it holds and in which unit; Enter takes
    what is offered, - leaves the column out. Then the file is read by what was said.
    """
    entries = dialogue(file)
    target = out or file.with_name(f"{file.stem}.columns.toml")
    record = MapColumns(file, target, entries).run()
    if as_json:
        show_json(record)
        return
    say(f"{record['valid']} of {record['readings']} readings of {record['electrodes']} electrodes "
        "are valid")  # fmt: skip
    for warning in record["warnings"]:
        say(f"  note          {warning}")
    say(f"Saved: {target}")
    if out is None:
        say(f"It is found by itself, e.g. ohmscape inspect {file}")
    say(f"For another file of this meter: ohmscape inspect OTHER --format {target}")


def dialogue(file: Path) -> dict[str, Any]:
    """Ask what a text holds; return the entries of a mapping."""
    from ohmscape.formats import guess

    first = guess(file)
    delimiter = ask("Between the cells (, ; | tab blank)", first.delimiter)
    decimal = ask("Decimal mark (. or ,)", first.decimal)
    seen = guess(file, delimiter=delimiter, decimal=decimal)
    header_rows = int(ask("Lines before the first row", str(seen.header_rows), whole=True))
    _show(seen.names, seen.rows)
    columns = _columns(seen.names, seen.columns)
    entries: dict[str, Any] = {
        "delimiter": delimiter, "decimal": decimal, "header_rows": header_rows, "columns": columns,
    }  # fmt: skip
    return {**entries, **_geometry(set(columns)), **_gates(columns.get("decay"))}


def ask(question: str, offered: str = NONE, *, whole: bool = False) -> str:
    """Ask on stderr; return the answer, what is offered for none."""
    answer: str = typer.prompt(one_line(question), default=offered, err=True)
    while whole and not answer.strip().isdigit():
        answer = typer.prompt(f"{one_line(question)}, a whole number", default=offered, err=True)
    return answer.strip()


def numbers(question: str) -> list[float]:
    """Ask for numbers with blanks between them; return them, none for `NONE`."""
    while True:
        words = ask(question).replace(NONE + " ", NONE).split()
        if words == [NONE]:
            return []
        try:
            return [float(word) for word in words]
        except ValueError:
            typer.echo("numbers with blanks between them, or -", err=True)


def _show(names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    for j, name in enumerate(names):
        some = "  ".join((row[j] if j < len(row) else "")[:WIDE].ljust(WIDE) for row in rows)
        typer.echo(one_line(f"{j + 1:>3}  {name[:WIDE]:<{WIDE}}  {some}").rstrip(), err=True)
    from ohmscape.formats import UNITS

    typer.echo(f"What a column may hold: {' '.join(UNITS)}, or {NONE}", err=True)


def _columns(names: Sequence[str], offered: Sequence[tuple[str, str]]) -> dict[str, dict[str, Any]]:
    from ohmscape.formats import MANY

    found: dict[str, dict[str, Any]] = {}
    for j, (name, (quantity, unit)) in enumerate(zip(names, offered, strict=True)):
        free = quantity if quantity not in found or quantity in MANY else ""
        label = f"{j + 1:>3}  {name}"
        while True:
            said = ask(label, free or NONE)
            if said == NONE or (said not in found and _known(said)) or said in MANY:
                break
            typer.echo(f"{said!r} is not known, or named already", err=True)
        if said == NONE:
            continue
        if said in found:  # one more gate
            found[said]["column"].append(j + 1)
            continue
        entry: dict[str, Any] = {"column": [j + 1] if said in MANY else j + 1}
        found[said] = {**entry, **_unit(said, unit if said == quantity else "")}
    return found


def _known(quantity: str) -> bool:
    from ohmscape.formats import UNITS

    return quantity in UNITS


def _unit(quantity: str, offered: str) -> dict[str, str]:
    """Ask for a unit where there is a choice."""
    from ohmscape.formats import UNITS

    units = list(UNITS[quantity])
    if units == [""] or len(units) == 1:
        return {"unit": units[0]} if units[0] else {}
    while True:
        said = ask(f"     unit of {quantity} ({', '.join(units)})", offered or units[0])
        if said in units:
            return {"unit": said}
        typer.echo(f"one of {', '.join(units)}", err=True)


def _geometry(names: set[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "x" in names:
        found["array"] = ask("Array (wenner, schlumberger, dipole-dipole, pole-dipole ...)")
        found["location"] = ask("x is that of the first electrode or of the middle", "first")
        return found
    if names & {"a", "m"}:
        spacing = numbers("Distance of neighbouring electrodes in m (-: they are in elec.csv)")
        if spacing:
            found["spacing"] = spacing[0]
            found["first_number"] = int(ask("Number of the first electrode", "1", whole=True))
    if {"za", "zm"} & names:
        found["depth"] = ask("z is elevation or depth", "elevation") == "depth"
    remote = numbers("Numbers that mean 'at infinity', with blanks between (-: none)")
    return {**found, **({"remote": remote} if remote else {})}


def _gates(decay: dict[str, Any] | None) -> dict[str, Any]:
    if decay is None:
        return {}
    n = len(decay["column"])
    start = numbers(f"Start of the {n} gates in s, with blanks between (-: not known)")
    width = numbers(f"Width of the {n} gates in s") if start else []
    return {"gate_start": start, "gate_width": width} if start else {}
