"""Observation files of UBC-GIF's DCIP3D and DCIPoctree.

Source lines ``xA yA [zA] xB yB [zB] n``, receiver lines ``xM yM [zM] xN yN [zN] value [sd]``;
without z the electrodes stand on the ground. ``!`` begins a comment; ``IPTYPE=1`` or ``2`` marks
chargeabilities. Source: UBC-GIF's manuals of DCIP3D and DCIPoctree.
"""

from pathlib import Path

from ohmscape.core import Data, Remark
from ohmscape.formats._assemble import assemble
from ohmscape.formats._source import Evidence, Format, Source
from ohmscape.formats._text import head_lines, lines_of, looks_like_text
from ohmscape.formats._ubc import (
    content_of,
    drafted,
    is_chain,
    left_out,
    readings_of,
    source_lines,
    whole_content,
)
from ohmscape.formats._write import lines, save, usable

NAME = "ubc-dcip3d"
AXES = {5: "xy", 7: "xyz"}  #: cells of a source line -> coordinates of each electrode


def evidence(head: bytes, path: Path) -> Evidence:
    """Judge whether the head of a file is of this format."""
    del path
    if not looks_like_text(head):
        return Evidence(0.0, ("holds control characters",))
    content = content_of(head_lines(head))
    if isinstance(content, str) or not content.rows:
        return Evidence(0.0, ("holds other lines than numbers, comments with ! and IPTYPE",))
    if content.common:
        return Evidence(0.0, ("COMMON_CURRENT is of two dimensions",))
    width = len(content.rows[0].split())
    if width not in AXES or len(content.rows) < 2:
        return Evidence(0.0, ("first row is not A, B and a number of receivers",))
    if not is_chain(content.rows, width, whole_file=False):
        return Evidence(0.1, ("sources are not followed by as many rows as they announce",))
    score, reasons = 0.75, ["each source is followed by as many receivers as it announces"]
    if any(content.kinds) or content.comments:
        score, reasons = score + 0.15, [*reasons, "comments with ! or IPTYPE"]
    return Evidence(score, tuple(reasons))


def read(source: Source) -> Data:
    """Return the data of a file.

    Raises
    ------
    FormatError, SurveyError
        The file cannot be read; says where and how to mend it.
    """
    content = whole_content(source, lines_of(source))
    width = len(content.rows[0].split())
    if width not in AXES:
        raise source.fault(
            f"source line of {width} values where 5 (x y) or 7 (x y z) belong",
            line=content.lines[0],
            mend="give A, B and the number of receivers",
        )
    axes = AXES[width]
    readings = readings_of(source, content, width)
    remarks = [Remark("kept", f"{'general' if len(axes) == 3 else 'surface'} format")]
    return assemble(drafted(source, NAME, readings, axes, remarks))


def write(data: Data, path: Path) -> tuple[str, ...]:
    """Write a file in the general format; sources keep the order of the readings."""
    kept, notes = usable(data, path)
    rows, more = source_lines(kept, (0, 1, 2))
    save(path, lines(["! general format: x y z of A, B; M, N; V/A, its error"], rows))
    return (*notes, *more, *left_out(kept))


FORMAT = Format(NAME, "UBC-GIF DCIP3D and DCIPoctree observations", evidence, read, write=write,
                carries=("IP", "3-D", "topography"))  # fmt: skip
