"""model.csv and data.csv: plain tables, the same bytes for the same result."""

import csv
import io
from collections.abc import Iterable, Sequence

import numpy as np

from ohmscape.arrays.ground import points
from ohmscape.core.data import Origin
from ohmscape.core.survey import REMOTE
from ohmscape.core.types import Floats
from ohmscape.inversion.result import InversionResult

MODEL_COLUMNS = (
    "cell", "along_m", "x_m", "y_m", "z_m", "depth_m", "along_min_m", "along_max_m", "z_min_m",
    "z_max_m", "area_m2", "resistivity_ohm_m", "log10_resistivity", "depth_of_investigation",
    "coverage",
)  # fmt: skip
DATA_COLUMNS = (
    "reading", "a", "b", "m", "n", "measured_ohm", "predicted_ohm",
    "apparent_resistivity_measured_ohm_m", "apparent_resistivity_predicted_ohm_m",
    "geometric_factor_m", "error_ohm", "error_percent", "residual_sigma", "used", "reason",
    "source_row",
)  # fmt: skip


def model_table(result: InversionResult) -> bytes:
    """Return model.csv: one row per parameter cell.

    Coordinates along the line and z of the centre, x, y of it on the map, depth below ground, the
    box around the cell, its area; resistivity, its log10, the index of depth of investigation
    (0 the data's, 1 the reference's), coverage in standard deviations per m^2.
    """
    group, line = result.parameters, result.prepared.setting.line
    low, high = _boxes(result)
    along, z = group.centres.T
    place = points(line, along, z)
    depth = np.interp(along, *line.surface.T) - z
    columns = [
        along, place[:, 0], place[:, 1], z, depth, low[:, 0], high[:, 0], low[:, 1], high[:, 1],
        group.areas,
    ]  # fmt: skip
    values = [
        result.resistivity, np.log10(result.resistivity), result.depth_of_investigation,
        result.coverage,
    ]  # fmt: skip
    rows = (
        [i + 1, *(_fixed(c[i]) for c in columns), *(_number(v[i]) for v in values)]
        for i in range(len(group))
    )
    return _table(MODEL_COLUMNS, rows)


def _boxes(result: InversionResult) -> tuple[Floats, Floats]:
    """Return the corners of the box around each parameter's cells in the core, (n, 2) each."""
    group = result.parameters
    corners = group.mesh.corners()
    counted = group.core & (group.of_cell >= 0)
    own = group.of_cell[counted]
    low, high = np.full((len(group), 2), np.inf), np.full((len(group), 2), -np.inf)
    np.minimum.at(low, own, corners[counted].min(axis=1))
    np.maximum.at(high, own, corners[counted].max(axis=1))
    return low, high


def data_table(result: InversionResult) -> bytes:
    """Return data.csv: one row per reading of the file, those not used with their reason.

    Apparent resistivities are those of the numeric geometric factor, which knows the topography.
    The residual is measured minus predicted in standard deviations.
    """
    data, prepared = result.prepared.data, result.prepared
    factor, deviation = result.geometric_factor, result.standard_deviation
    labels = [*data.survey.electrodes.labels, "remote"]
    assert REMOTE == -1
    with np.errstate(divide="ignore", invalid="ignore"):
        percent = 100.0 * deviation / np.abs(data.resistance)
    columns = [
        data.resistance, result.predicted, factor * data.resistance, factor * result.predicted,
        factor, deviation, percent, (data.resistance - result.predicted) / deviation,
    ]  # fmt: skip
    reasons = unused_reasons(result)
    origin = data.origin
    rows = (
        [
            i + 1,
            *(labels[e] for e in data.survey.abmn[i].tolist()),
            *(_number(c[i]) for c in columns),
            int(prepared.used[i]),
            reasons[i],
            "" if origin is None else _row(origin, i),
        ]
        for i in range(len(data))
    )
    return _table(DATA_COLUMNS, rows)


def _row(origin: Origin, reading: int) -> int | str:
    """Return the row of a reading in its file, after the file's name where there are several."""
    row = int(origin.rows[reading])
    return f"{origin.file_of(reading).path.name}:{row}" if origin.parts else row


def unused_reasons(result: InversionResult) -> tuple[str, ...]:
    """Return why each reading was not used, "" where it was."""
    data, used = result.prepared.data, result.prepared.used
    return tuple(
        "" if ok else reason or "left out of the inversion"
        for ok, reason in zip(used, data.reasons, strict=True)
    )


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8", "replace")


def _number(value: float) -> str:
    """Return seven digits, or nothing where there is no number."""
    return f"{value:.7g}" if np.isfinite(value) else ""


def _fixed(value: float) -> str:
    """Return a length to a tenth of a millimetre."""
    return f"{value + 0.0:.4f}" if np.isfinite(value) else ""
