"""What an inversion leaves in its folder."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import Any

from ohmscape.inversion.result import InversionResult
from ohmscape.workflow.folder import write_folder
from ohmscape.workflow.machine import peak_memory_mb
from ohmscape.workflow.plain import plain, to_json
from ohmscape.workflow.tables import data_table, model_table

FILES = (
    "model.csv", "data.csv", "model.vtu", "section.png", "pseudosection.png", "report.html",
    "result.json",
)  # fmt: skip


def write_outputs(
    result: InversionResult,
    folder: Path,
    record: Mapping[str, Any],
    *,
    began: float,
    known: tuple[Any, ...] = (),
    holes: tuple[Any, ...] = (),
) -> dict[str, Any]:
    """Write all outputs of an inversion, all or none.

    Parameters
    ----------
    result : InversionResult
    folder : Path
        Made if it is not there; other files in it stay.
    record : mapping
        What goes into result.json.
    began : float
        `time.perf_counter` at the start of the work, for ``seconds_total``.
    known : tuple of `ohmscape.viz.section.Known`
        Outlines of the true ground, to be drawn over the section.
    holes : tuple of `ohmscape.workflow.priors.DrawnHole`
        Boreholes, to be drawn into the section.

    Returns
    -------
    dict
        The record as written, with the SHA-256 of each other file in ``outputs``.

    Raises
    ------
    OhmscapeError
        The folder cannot be written.
    """
    from ohmscape.report import render

    title = title_of(record)
    pictures, model = (
        _volume(result, title) if result.is_volume else _section(result, title, known, holes)
    )
    shown = {f"{name}.png": content for name, content in pictures.items() if name != "convergence"}
    files = {**model, "data.csv": data_table(result), **shown}
    spent = {"seconds_total": perf_counter() - began, "peak_memory_mb": peak_memory_mb()}
    complete: dict[str, Any] = plain({"title": title, **record, **spent})
    files["report.html"] = render(complete, pictures).encode("utf-8")
    complete["outputs"] = {name: sha256(content).hexdigest() for name, content in files.items()}
    files["result.json"] = to_json(complete).encode("utf-8")
    write_folder(folder, files)
    return complete


def _section(
    result: InversionResult, title: str, known: tuple[Any, ...], holes: tuple[Any, ...]
) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Return the pictures of a section, and the files that hold its model."""
    from ohmscape.viz import convergence_figure, png, pseudosection_figure, section_figure
    from ohmscape.workflow.vtu import model_vtu

    pictures = {
        "section": png(section_figure(result, title=title, known=known, holes=holes)),
        "pseudosection": png(pseudosection_figure(result, title=title)),
        "convergence": png(convergence_figure(result)),
    }
    return pictures, {"model.csv": model_table(result), "model.vtu": model_vtu(result)}


def _volume(result: InversionResult, title: str) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Return the pictures of a body, and the files that hold its model."""
    from ohmscape.viz import convergence_figure, fit_figure, png, slices_figure
    from ohmscape.workflow.volume import body_of, body_table, body_vtu

    pictures = {
        "slices": png(slices_figure(body_of(result), title=title)),
        "fit": png(fit_figure(result, title=title)),
        "convergence": png(convergence_figure(result)),
    }
    return pictures, {"model.csv": body_table(result), "model.vtu": body_vtu(result)}


def title_of(record: Mapping[str, Any]) -> str:
    """Return what a result is called: as told, else by the name of its file."""
    told = record.get("title")
    path = record["input"]["path"]
    return str(told or (Path(path).name if path else "section"))
