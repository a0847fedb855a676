"""docs/performance.md: the text between its markers is what was measured last."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks import growth, interactive, stages
from benchmarks.lines import ROOT
from benchmarks.machine import BUSY

PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


def write(found: Mapping[str, Any], page: Path = PAGE) -> None:
    """Put what was found between the markers of the page."""
    text = page.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN, 1)
    _, after = rest.split(END, 1)
    page.write_text(f"{before}{BEGIN}\n\n{body(found)}\n\n{END}{after}", encoding="utf-8")


def body(found: Mapping[str, Any]) -> str:
    """Return what was found as Markdown."""
    parts = [_machine(found)]
    for name, part in (
        ("compare", _compared),
        ("whole", _whole),
        ("interactive", _interactive),
        ("growth", _growth),
        ("stages", _stages),
    ):
        if name in found:
            parts.append(part(found))
    return "\n\n".join(parts)


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _mark(ok: bool) -> str:
    return "pass" if ok else "**FAIL**"


def _time(seconds: float) -> str:
    return f"{1e3 * seconds:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"


def _machine(found: Mapping[str, Any]) -> str:
    watch = found["watch"]
    lines = [
        f"- {found['machine']['date']}, {'quick run' if found['quick'] else 'full run'}, "
        f"{watch['minutes']:.1f} minutes",
        f"- {found['machine']['machine']}",
        f"- {found['machine']['versions']}",
        f"- load average {watch['load_before']:.2f} before and {watch['load_after']:.2f} after "
        f"(its own work counts afterwards); others used {watch['cores_of_others']:.2f} cores "
        "meanwhile",
    ]
    if max(watch["load_before"], watch["cores_of_others"]) > BUSY:
        lines.append("- **The machine was busy: these figures are not to be relied on.**")
    lines += [f"- **Not measured:** {what}" for what in found.get("failures", ())]
    return "## Measured\n\n" + "\n".join(lines)


def _compared(found: Mapping[str, Any]) -> str:
    speed, quality = [], []
    for row in found["compare"]:
        us, them, ok = row["ours"], row["theirs"], row["checks"]
        error = row["error"]
        speed.append(
            [
                f"{row['line']}",
                f"{row['electrodes']} / {us['readings']}",
                _time(us["seconds"]),
                _time(them["seconds"]),
                f"{row['ratio']:.1f}",
                f"{row['required']:.0f}",
                _mark(ok["speed"]),
                f"{us['iterations']} / {them['iterations']}",
                f"{them['lam']:g}",
                f"{row['runs'][0]} / {row['runs'][1]}",
                f"{_time(row['read']['ours'])} / {_time(row['read']['theirs'])}",
                f"{row['memory_mb']['ours']:.0f} / {row['memory_mb']['theirs']:.0f}",
            ]
        )
        quality.append(
            [
                row["line"],
                f"{us['readings']} / {them['readings']} {_mark(ok['readings'])}",
                f"{us['parameters']} / {them['parameters']} {_mark(ok['parameters'])}",
                f"{us['nodes']} / {them['nodes']}",
                f"{us['chi2_refined']:.3f} ({us['chi2']:.3f}) / {them['chi2']:.3f} "
                f"{_mark(ok['chi2'])}",
                f"{_errors(error['ours'])} / {_errors(error['theirs'])} {_mark(ok['forward'])}",
                error["way"],
            ]
        )
    return "\n\n".join(
        [
            "### `ohmscape.invert` beside pyGIMLi",
            _table(
                [
                    "line", "electrodes / readings", "Ohmscape", "pyGIMLi", "times faster",
                    "required", "", "iterations", "its lambda", "runs", "reading the file",
                    "peak MB",
                ],
                speed,
            ),
            "Is the comparison fair? Each cell is Ohmscape / pyGIMLi.",
            _table(
                [
                    "line", "readings", "parameters", "forward nodes",
                    "chi-squared, refined (own)", "forward error %: median, 95th percentile, worst",
                    "found with",
                ],
                quality,
            ),
        ]
    )  # fmt: skip


def _errors(error: Mapping[str, float]) -> str:
    return ", ".join(f"{error[key]:.2g}" for key in ("error_median", "error_p95", "error_max"))


def _whole(found: Mapping[str, Any]) -> str:
    rows = [
        [
            row["line"],
            _time(row["ours"]),
            _time(row["theirs"]),
            f"{row['ratio']:.1f}",
            _mark(row["ratio"] >= 5),
            "failed or absent" if row["command"] is None else _time(row["command"]),
            f"{row['memory_mb']:.0f} / {row['peer_memory_mb']:.0f}",
            f"{row['runs'][0]} / {row['runs'][1]}",
        ]
        for row in found["whole"]
    ]
    bare, cold = found["bare"], found["cold"]
    ready = found["whole"][0]["ours"]
    other = [
        ["`import ohmscape`", _time(bare["import"]), "0.3 s", _mark(bare["import"] <= 0.3)],
        ["new process, warm cache, gallery done", _time(ready), "1 s", _mark(ready <= 1.0)],
        ["new process, no compiled kernels, gallery done", _time(cold), "15 s", _mark(cold <= 15)],
    ]
    bedrock = [r for r in found.get("compare", ()) if r["line"] == "bedrock"]
    for row in bedrock:
        t = row["ours"]["seconds"]
        other.append(["bedrock.dat, `invert`", _time(t), "0.25 s", _mark(t <= 0.25)])
    peaks = {row["line"]: row["memory_mb"] for row in found["whole"]}
    peaks |= {row["line"]: row["memory_mb"]["ours"] for row in found.get("compare", ())}
    if peaks:
        name = max(peaks, key=lambda line: peaks[line])
        other.append(
            [f"peak memory ({name})", f"{peaks[name]:.0f} MB", "400 MB", _mark(peaks[name] < 400)]
        )
    return "\n\n".join(
        [
            "### Whole processes",
            "A new Python that reads the file and inverts it, kernels compiled before.",
            _table(
                ["line", "Ohmscape", "pyGIMLi", "times faster", "5 required", "`ohmscape invert`",
                 "peak MB", "runs"],
                rows,
            ),
            _table(["what", "measured", "limit", ""], other),
        ]
    )  # fmt: skip


def _interactive(found: Mapping[str, Any]) -> str:
    rows = []
    for name, row in found["interactive"].items():
        limit = interactive.LIMITS[name]
        failed = f"; {len(row['failed'])} failed: {row['failed'][0]}" if row["failed"] else ""
        rows.append(
            [
                interactive.WORDS[name] + failed,
                _time(row["seconds"]),
                _time(row["longest"]),
                _time(limit),
                _mark(row["seconds"] <= limit and not row["failed"]),
            ]
        )
    some = next(iter(found["interactive"].values()))
    return "\n\n".join(
        [
            "### Interactive",
            f"64 electrodes, {some['readings']} readings, {some['parameters']} parameters.",
            _table(["asked for", "median", "longest", "limit", ""], rows),
        ]
    )


def _growth(found: Mapping[str, Any]) -> str:
    parts = ["### Growth", f"![Growth of time and memory](images/{growth.PICTURE.name})"]
    for over, rows in found["growth"].items():
        exponents = ", ".join(
            f"{word} ~ {over}^{growth.slope(rows, over, of):.2f}"
            for word, of in (("seconds", "seconds"), ("memory", "memory_mb"))
        )
        parts.append(f"Over {over}, upper half: {exponents}.")
        parts.append(
            _table(
                ["electrodes", "readings", "parameters", "nodes", "iterations", "`invert`",
                 "peak MB", "chi-squared, refined"],
                [
                    [
                        f"{r['electrodes']}", f"{r['readings']}", f"{r['parameters']}",
                        f"{r['nodes']}", f"{r['iterations']}", _time(r["seconds"]),
                        f"{r['memory_mb']:.0f}", f"{r['chi2']:.2f}",
                    ]
                    for r in rows
                ],
            )
        )  # fmt: skip
    return "\n\n".join(parts)


def _stages(found: Mapping[str, Any]) -> str:
    parts = [
        "### Where the time goes",
        "Each stage without those it calls, in the quickest of 15 runs; processor time above wall "
        "time means that both cores worked. Clocks add some 2 %.",
    ]
    for name, profile in found["stages"].items():
        parts += [f"#### {name}", stages.table(profile)]
    return "\n\n".join(parts)
