"""The command line: a thin skin over the steps of `ohmscape.workflow`.

Exit codes: 0 done, 2 usage, 3 bad input, 4 did not converge (results are written all the same),
130 interrupted.
"""

import signal
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from ohmscape._version import __version__
from ohmscape.cli import centre, centre_keep, centre_runs
from ohmscape.cli.convert import convert
from ohmscape.cli.edit import edit
from ohmscape.cli.guard import NOT_CONVERGED, guarded
from ohmscape.cli.mapping import map_columns
from ohmscape.cli.merge import merge
from ohmscape.cli.options import (
    as_block,
    as_bounds,
    as_error,
    as_lam,
    as_layer,
    as_positive,
)
from ohmscape.cli.pair import pair
from ohmscape.cli.place import place
from ohmscape.cli.qc import qc
from ohmscape.cli.show import (
    Teller,
    say,
    show_demo,
    show_evidence,
    show_formats,
    show_inspection,
    show_inversion,
    show_json,
)
from ohmscape.workflow.steps import Demo, Inspect, Invert, Simulate

app = typer.Typer(
    name="ohmscape",
    help="From a geo-electrical field file to a defensible section of the ground.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done, 2 usage, 3 bad input, 4 did not converge (results are written).",
)

FileArgument = Annotated[
    Path, typer.Argument(metavar="FILE", help="Field file, as the instrument wrote it.")
]
FormatOption = Annotated[
    str | None,
    typer.Option(
        "--format", metavar="NAME", help="Format of FILE, see [b]ohmscape formats[/b]. "
        "Default: found from the content.",
    ),
]  # fmt: skip
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print the record as JSON on stdout, and nothing else there.")
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")]


class ArrayName(StrEnum):
    """Arrays that can be simulated."""

    WENNER = "wenner"
    WENNER_BETA = "wenner-beta"
    WENNER_GAMMA = "wenner-gamma"
    SCHLUMBERGER = "schlumberger"
    DIPOLE_DIPOLE = "dipole-dipole"
    POLE_DIPOLE = "pole-dipole"
    POLE_POLE = "pole-pole"
    GRADIENT = "gradient"


@app.callback(invoke_without_command=True)
def ohmscape(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", is_eager=True)
    ] = False,
) -> None:
    """From a geo-electrical field file to a defensible section of the ground."""
    if version:
        say(f"ohmscape {__version__}")
        raise typer.Exit


@app.command()
@guarded
def invert(
    file: FileArgument,
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            "-o",
            metavar="DIR",
            file_okay=False,
            help="Folder for result.json, section.png, pseudosection.png, model.vtu, model.csv, "
            "data.csv and report.html. Written when all is done; an earlier result stays whole "
            "until then.",
        ),
    ],
    error: Annotated[
        str | None,
        typer.Option(
            metavar="ERROR",
            parser=as_error,
            help="Error of a reading: relative part, voltage and resistance floor, e.g. "
            "[b]3%+1mV[/b] or [b]2%+0.5mOhm[/b]. Default: the file's own errors, else fitted to "
            "reciprocal pairs, else 3 %.",
        ),
    ] = None,
    lam: Annotated[
        Any,
        typer.Option(
            metavar="auto|NUMBER",
            parser=as_lam,
            help="Strength of regularisation; [b]auto[/b] finds the one with chi-squared 1.",
        ),
    ] = "auto",
    robust: Annotated[bool, typer.Option("--robust", help="Outliers count less (Huber).")] = False,
    blocky: Annotated[
        bool, typer.Option("--blocky", help="Sharp boundaries instead of smooth ones.")
    ] = False,
    vertical_weight: Annotated[
        float,
        typer.Option(
            metavar="NUMBER",
            callback=as_positive,
            help="Weight of smoothness in depth against along the line; below 1 for layers.",
        ),
    ] = 1.0,
    depth: Annotated[
        float | None,
        typer.Option(
            metavar="M",
            callback=as_positive,
            help="Depth of the section in m. Default: 0.3 of the longest reading.",
        ),
    ] = None,
    bounds: Annotated[
        Any,
        typer.Option(
            metavar="LOW,HIGH",
            parser=as_bounds,
            help="Lowest and highest resistivity allowed, in ohm m, e.g. [b]1,10000[/b]. "
            "Default: none.",
        ),
    ] = None,
    water_level: Annotated[
        float | None,
        typer.Option(metavar="M", help="Elevation of a water surface above the ground, in m."),
    ] = None,
    water_resistivity: Annotated[
        float | None,
        typer.Option(metavar="OHM_M", callback=as_positive, help="Of that water, in ohm m."),
    ] = None,
    max_iterations: Annotated[int, typer.Option(metavar="N", min=1, help="Steps at most.")] = 20,
    boreholes: Annotated[
        Path | None,
        typer.Option(
            metavar="TABLE",
            help="Collars of boreholes, hole,x,z or hole,x,y,z; beside it "
            "[b]NAME.intervals.csv[/b] with hole,from,to,lithology,resistivity. Resistivities are "
            "a reference near the holes; all is drawn.",
        ),
    ] = None,
    interfaces: Annotated[
        Path | None,
        typer.Option(
            metavar="TABLE",
            help="Known interfaces, x,z or x,y,z and perhaps name: smoothness does not cross them.",
        ),
    ] = None,
    format_: FormatOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Invert a field file: section, misfit, depth of investigation, report.

    Exit code 4 if the section does not explain the readings to within their errors; the results
    are written all the same.
    """
    if (water_level is None) != (water_resistivity is None):
        raise typer.BadParameter("give --water-level and --water-resistivity together")
    step = Invert(
        file, out, format_, error, lam, robust, blocky, vertical_weight, depth, bounds,
        water_level, water_resistivity, max_iterations, boreholes, interfaces,
    )  # fmt: skip
    with Teller(quiet=quiet) as teller:
        record = step.run(teller)
    show_json(record) if as_json else show_inversion(record, out)
    if not record["inversion"]["converged"]:
        raise typer.Exit(NOT_CONVERGED)


@app.command()
@guarded
def inspect(
    file: FileArgument,
    format_: FormatOption = None,
    evidence: Annotated[
        bool,
        typer.Option("--evidence", help="Only what speaks for each format, also where none fits."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Say what is in a field file and what is wrong with it.

    Format with its evidence, electrodes, readings, valid ones, reasons why others are not, columns
    with units, ranges, error model and warnings.
    """
    record = Inspect(file, format_, evidence).run()
    if as_json:
        show_json(record)
    else:
        show_evidence(record) if evidence else show_inspection(record)


@app.command()
@guarded
def simulate(
    out: Annotated[
        Path,
        typer.Option(
            "--out", "-o", metavar="FILE", dir_okay=False,
            help="File to write, in BERT unified format.",
        ),
    ],
    ground: Annotated[
        Path | None,
        typer.Argument(
            metavar="[TOML]",
            help="File with any of the options below by name, e.g. [b]electrodes = 48[/b]; "
            "options on the command line go first.",
        ),
    ] = None,
    electrodes: Annotated[
        int | None, typer.Option(metavar="N", min=4, help="Number of electrodes. Default: 48.")
    ] = None,
    spacing: Annotated[
        float | None,
        typer.Option(
            metavar="M", callback=as_positive, help="Between electrodes, in m. Default: 1."
        ),
    ] = None,
    array: Annotated[
        ArrayName | None, typer.Option(help="Array. Default: dipole-dipole.")
    ] = None,
    max_n: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Longest distance in dipole lengths. Default: 8."),
    ] = None,
    reciprocals: Annotated[
        bool | None, typer.Option("--reciprocals", help="Each reading with its reciprocal.")
    ] = None,
    background: Annotated[
        float | None,
        typer.Option(
            metavar="OHM_M", callback=as_positive,
            help="Resistivity of the ground (below all layers) in ohm m. Default: 100.",
        ),
    ] = None,
    layer: Annotated[
        list[Any] | None,
        typer.Option(
            metavar="BASE:OHM_M", parser=as_layer,
            help="Layer from the one above down to a depth in m below ground, and its resistivity "
            "in ohm m, e.g. [b]5:30[/b]. From the top down; may be repeated.",
        ),
    ] = None,
    block: Annotated[
        list[Any] | None,
        typer.Option(
            metavar="X0,X1,Z0,Z1:OHM_M", parser=as_block,
            help="Block between two x and two elevations z in m (z up: below a flat ground they "
            "are negative), e.g. [b]20,30,-8,-4:1000[/b]. May be repeated.",
        ),
    ] = None,
    topography: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Text file with x and elevation z of the ground in m, one point "
            "in a line. Default: flat at 0.",
        ),
    ] = None,
    noise: Annotated[
        str | None,
        typer.Option(
            metavar="ERROR", parser=as_error, help="Normal noise to be added, e.g. "
            "[b]3%+0.1mV[/b] (at 100 mA). Default: none.",
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option(metavar="N", help="Of the noise. Default: 0.")] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:  # fmt: skip
    """Simulate the readings of a line over layers and blocks."""
    from ohmscape.workflow.simulation import from_toml

    told = {
        "electrodes": electrodes, "spacing": spacing, "array": array and array.value,
        "max_n": max_n, "reciprocals": reciprocals, "background": background,
        "layers": tuple(layer) if layer else None, "blocks": tuple(block) if block else None,
        "topography": topography, "noise": noise, "seed": seed,
    }  # fmt: skip
    options = {} if ground is None else from_toml(ground)
    options.update({name: value for name, value in told.items() if value is not None})
    with Teller(quiet=quiet) as teller:
        record = Simulate(out, **options).run(teller)
    if as_json:
        show_json(record)
    else:
        say(f"{record['readings']} readings of {record['electrodes']} electrodes: {out}")
        say(record["accuracy"])


@app.command()
@guarded
def demo(
    out: Annotated[
        Path,
        typer.Option("--out", "-o", metavar="DIR", file_okay=False, help="Folder for all results."),
    ] = Path("demo-out"),
    seed: Annotated[int, typer.Option(metavar="N", help="Of the noise.")] = 1,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Measure, invert and judge a known earth: a slag heap on a limestone with a cave."""
    with Teller(quiet=quiet) as teller:
        record = Demo(out, seed).run(teller)
    show_json(record) if as_json else show_demo(record, out)


@app.command()
@guarded
def formats(as_json: JsonOption = False) -> None:
    """List the formats: which are read, which are written, and what they carry."""
    from ohmscape.workflow.inspection import format_list

    known = format_list()
    show_json({"formats": known}) if as_json else show_formats(known)


app.command()(qc)
app.command()(convert)
app.command("map")(map_columns)
app.command()(merge)
app.command()(place)
app.command()(edit)
app.command()(pair)

for part in (centre, centre_runs, centre_keep):
    part.register(app)


def main() -> None:
    """Run the command line; the entry point of the package."""
    if sys.platform != "win32":
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    app()
