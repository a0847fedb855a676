"""From a field file to a judgement of its readings, a cleaned copy, pictures and a report."""

import shlex
import tempfile
from collections import Counter
from dataclasses import fields
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from ohmscape import kernels
from ohmscape._version import __version__
from ohmscape.arrays.noise import error_model
from ohmscape.core.data import Data
from ohmscape.errors import OhmscapeError
from ohmscape.formats import read, write_bert
from ohmscape.quality.assess import Assessment, Removal, assess, reason
from ohmscape.quality.error_models import IPErrorModel, binned_model, grouped_model, ip_model
from ohmscape.quality.rules import RULES, UNIT, WHAT, RuleSet
from ohmscape.quality.verdict import verdict
from ohmscape.workflow.folder import write_folder
from ohmscape.workflow.inversion import COLD
from ohmscape.workflow.machine import versions
from ohmscape.workflow.plain import plain, to_json
from ohmscape.workflow.progress import Progress, Watch
from ohmscape.workflow.record import origin_record, reasons_record, report_record

if TYPE_CHECKING:
    from ohmscape.workflow.steps import Qc

CLEANED = "cleaned.ohm"


def check_file(step: "Qc", watch: Watch) -> dict[str, Any]:
    """Read, judge and write; return the record that is in qc.json."""
    began = perf_counter()
    watch(Progress("reading", str(step.file)))
    data = read(step.file, format=step.format)
    watch(
        Progress("compiling", COLD)
        if kernels.cold_kernels()
        else Progress("checking", f"{len(data)} readings")
    )
    keep = [number - 1 for number in step.keep]
    found = assess(data, step.rules, undo=step.undo, keep=keep)
    watch(Progress("writing", str(step.out)))
    return _write(found, step, began)


def _write(found: Assessment, step: "Qc", began: float) -> dict[str, Any]:
    from ohmscape.report.quality import render_quality

    title = step.file.name
    pictures = _pictures(found, title)
    files = {f"{name}.png": content for name, content in pictures.items()}
    copy, lost = _copy(found.cleaned)
    if copy:
        files[CLEANED] = copy
    record = plain({
        "title": title,
        **quality_record(found, step),
        "cleaned": {"file": CLEANED if copy else None, "not_in_it": lost},
        "seconds_total": perf_counter() - began,
    })  # fmt: skip
    complete: dict[str, Any] = record
    files["report.html"] = render_quality(complete, pictures).encode("utf-8")
    complete["outputs"] = {name: sha256(content).hexdigest() for name, content in files.items()}
    files["qc.json"] = to_json(complete).encode("utf-8")
    _refuse_own_input(step, files)
    write_folder(step.out, files)
    return complete


def _refuse_own_input(step: "Qc", files: dict[str, bytes]) -> None:
    """Refuse to write over the file that is judged: the original stays as it is."""
    source = step.file.resolve()
    if any((step.out / name).resolve() == source for name in files):
        raise OhmscapeError(
            "this would replace the file that is judged", where=str(step.file),
            mend="choose another folder with --out",
        )  # fmt: skip


def _pictures(found: Assessment, title: str) -> dict[str, bytes]:
    from ohmscape.viz.quality import electrodes_figure, quality_figure
    from ohmscape.viz.read_again import decays_figure, errors_figure, reciprocals_figure
    from ohmscape.viz.style import png

    drawn = {
        "quality": quality_figure(found, title=title),
        "electrodes": electrodes_figure(found, title=f"{title}: electrodes"),
        "reciprocals": reciprocals_figure(found, title=f"{title}: reciprocal errors"),
        "errors": errors_figure(found, title=f"{title}: error models"),
        "decays": decays_figure(found, title=f"{title}: decays"),
    }
    return {name: png(figure) for name, figure in drawn.items() if figure is not None}


def _copy(data: Data) -> tuple[bytes, list[str]]:
    """Return the cleaned readings as a file, and what is not in it; nothing if none is valid."""
    if not data.valid.any():
        return b"", ["all readings: none is valid"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / CLEANED
        lost = write_bert(data, path)
        return path.read_bytes(), list(lost)


def quality_record(found: Assessment, step: "Qc") -> dict[str, Any]:
    """Return the record of a judgement: verdict, rules with limits, each removal, error models."""
    judged = verdict(found)
    data, labels = found.data, found.data.survey.electrodes.labels
    by_rule = Counter(r.rule for r in found.removals)
    by_rule.update(r.rule for r in found.decay_removals)
    return {
        "ohmscape": __version__,
        "input": {
            **origin_record(data),
            "unusable": reasons_record(data.reasons),
            "report": report_record(data),
        },
        "verdict": {
            "word": judged.word,
            "sentence": judged.sentence,
            "reasons": [{"rule": r.rule, "what": r.what, "grave": r.grave} for r in judged.reasons],
        },
        "rule_set": rules_record(found.rules),
        "undone": list(found.undone),
        "kept": (np.flatnonzero(found.kept) + 1).tolist(),
        "readings": {
            "valid": int(data.valid.sum()),
            "removed": int(found.removed.sum()),
            "left": int(found.cleaned.valid.sum()),
            "decays_removed": len(found.decay_removals),
        },
        "rules": [
            {
                "rule": m.rule,
                "what": WHAT[m.rule],
                "unit": UNIT[m.rule],
                "suspect_limit": m.limits.suspect,
                "remove_limit": m.limits.remove,
                "judged": m.judged,
                "suspect": int(m.suspect.sum()),
                "beyond": int(m.removed.sum()),
                "removed": by_rule[m.rule],
                "undone": m.rule in found.undone,
                "note": m.note,
            }
            for m in found.marks
        ],
        "electrodes": _electrodes(found),
        "removals": [_removal(found, r, "reading") for r in found.removals]
        + [_removal(found, r, "decay") for r in found.decay_removals],
        "exchanged": [[labels[e], labels[f]] for e, f in found.mended],
        "error_models": _error_models(found),
        "gate_weights": None if found.decays is None else found.decays.weight,
        "versions": versions(),
        "reproduce": {"command": command(step), "python": python(step)},
    }


def rules_record(rules: RuleSet) -> dict[str, Any]:
    """Return a rule set with all its limits in SI units, relative ones as parts of 1."""
    return {
        "name": rules.name,
        "version": rules.version,
        "exchange": rules.exchange,
        "limits": {
            rule: {
                "suspect": rules.limits(rule).suspect,
                "remove": rules.limits(rule).remove,
                "unit": UNIT[rule],
            }
            for rule in RULES
        },
    }


def _electrodes(found: Assessment) -> dict[str, Any] | None:
    judged, labels = found.electrical, found.data.survey.electrodes.labels
    if judged is None:
        return None
    return {
        "bad": [
            {"electrode": labels[e], "misfit_sd": float(judged.misfit[e])}
            for e in np.flatnonzero(judged.bad)
        ],
        "exchanged": [
            {"take_outs": [labels[e], labels[f]], "times_better": float(gain)}
            for (e, f), gain in zip(judged.exchanged, judged.gain, strict=True)
        ],
        "misfit_sd": dict(zip(labels, judged.misfit.tolist(), strict=True)),
        "scatter_ohm": float(judged.scatter[0]),
        "scatter_relative": float(judged.scatter[1]),
    }


def _removal(found: Assessment, removal: Removal, what: str) -> dict[str, Any]:
    data = found.data
    labels = [*data.survey.electrodes.labels, "remote"]  # REMOTE = -1 is the last
    origin = data.origin
    return {
        "reading": removal.row + 1,
        "source_row": None if origin is None else int(origin.rows[removal.row]),
        "abmn": [labels[e] for e in data.survey.abmn[removal.row]],
        "removed": what,
        "rule": removal.rule,
        "value": removal.value,
        "limit": removal.limit,
        "unit": UNIT[removal.rule],
        "reason": reason(removal),
    }


def _error_models(found: Assessment) -> dict[str, Any]:
    data = found.cleaned
    if not data.valid.any():
        return {}
    binned, grouped = binned_model(data), grouped_model(data)
    ip: list[IPErrorModel | None] = [
        ip_model(data, "phase"), ip_model(data, "phase", "parabola"),
        ip_model(data, "chargeability"), ip_model(data, "chargeability", "parabola"),
    ]  # fmt: skip
    return {
        "used": error_model(data)[0],
        "binned": binned,
        "grouped": grouped,
        "ip": [model for model in ip if model is not None],
    }


def command(step: "Qc") -> str:
    """Return the command line of a step, defaults left out."""
    words = ["ohmscape", "qc", str(step.file), "--out", str(step.out)]
    plain_step = type(step)(step.file, step.out)
    if step.rules != plain_step.rules:
        words += ["--rules", step.rules]
    for rule in step.undo:
        words += ["--undo", rule]
    if step.keep:
        words += ["--keep", ",".join(map(str, step.keep))]
    if step.format is not None:
        words += ["--format", step.format]
    return shlex.join(words)


def python(step: "Qc") -> str:
    """Return the same in Python."""
    asked = {
        f.name: getattr(step, f.name)
        for f in fields(step)
        if f.name not in ("file", "out", "format") and getattr(step, f.name) != f.default
    }
    if "keep" in asked:
        asked["keep"] = tuple(number - 1 for number in step.keep)
    rest = "".join(
        f", {value!r}" if name == "rules" else f", {name}={value!r}"
        for name, value in asked.items()
    )
    form = "" if step.format is None else f", format={step.format!r}"
    return (
        "import ohmscape\nfrom ohmscape.quality import assess\n"
        f"found = assess(ohmscape.read({str(step.file)!r}{form}){rest})"
    )
