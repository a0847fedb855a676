"""From one file format to another, and what is lost on the way."""

import hashlib
from typing import TYPE_CHECKING, Any

from ohmscape._version import __version__
from ohmscape.errors import FormatError
from ohmscape.formats import by_ending, read, writable, write
from ohmscape.workflow.record import origin_record, report_record

if TYPE_CHECKING:
    from ohmscape.workflow.steps import Convert


def convert_file(step: "Convert") -> dict[str, Any]:
    """Read one file and write another; return what was written and what is not in it.

    Parameters
    ----------
    step : Convert

    Raises
    ------
    FormatError, SurveyError
        The file cannot be read or written, or one is there that must not be replaced.
    """
    out = step.out
    to = step.to or by_ending(out).name  # before the work of reading
    if to not in {known.name for known in writable()}:
        names = ", ".join(known.name for known in writable())
        raise FormatError(f"format {to!r} is not written", mend=f"one of {names}")
    if out.exists() and out.samefile(step.file):
        raise FormatError("this is the file that is read", where=str(out), mend="name another")
    if out.exists() and not step.force:
        raise FormatError("is there already", where=str(out), mend="name another, or use --force")
    data = read(step.file, format=step.format)
    lost = write(data, out, format=to, epsg=step.epsg)
    return {
        "ohmscape": __version__,
        **origin_record(data),
        "out": str(out),
        "to": to,
        "epsg": step.epsg,
        "out_sha256": hashlib.sha256(out.read_bytes()).hexdigest(),
        "lost": list(lost),
        "warnings": [r.what for r in data.report if r.kind == "warning"],
        "report": report_record(data),
    }
