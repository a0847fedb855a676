"""The verb place: a line on its ground and on the map."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

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
from ohmscape.workflow.steps import Place


class Distance(StrEnum):
    """What the distances of a file are."""

    HORIZONTAL = "horizontal"
    ALONG = "along"


@guarded
def place(
    file: FileArgument,
    out: OutOption,
    topography: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Heights: GeoTIFF (.tif) or ESRI ASCII grid (.asc), or a table "
            "with the columns distance,z, tape,z, electrode,z, x,y,z or lat,lon,z.",
        ),
    ] = None,
    gps: Annotated[
        Path | None,
        typer.Option(
            metavar="TABLE", help="Places of some electrodes: electrode (or distance) with x,y or "
            "lat,lon, and z if it is known. The others lie between them.",
        ),
    ] = None,
    crs: Annotated[
        str | None,
        typer.Option(
            metavar="CRS", help="Coordinate system of the map, projected, in metres, e.g. "
            "[b]EPSG:25832[/b]. Default: UTM for lat,lon, else that of the raster.",
        ),
    ] = None,
    distance: Annotated[
        Distance,
        typer.Option(help="What the file's distances are: horizontal, or taped along the ground."),
    ] = Distance.HORIZONTAL,
    local: Annotated[
        bool,
        typer.Option(
            "--local", help="The other way: from the map to distance along the line and offset."
        ),
    ] = False,
    format_: FormatOption = None,
    to: ToOption = None,
    force: ForceOption = False,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Give a line its topography, its place on the map, or both.

    Says how much shorter taped distances are on the map, how far distances of line and map differ,
    and by how much each control point would have been missed without it.
    """
    if local and topography is not None:
        raise typer.BadParameter("--local changes places only: leave --topography out")
    kind: Literal["horizontal", "along"] = "along" if distance is Distance.ALONG else "horizontal"
    record = Place(file, out, topography, gps, crs, kind, local, format_, to, force).run()
    show_json(record) if as_json else show_joined(record)
