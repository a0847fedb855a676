"""Ohmscape beside pyGIMLi: same data, same error model, in one run, in turns."""

import json
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.lines import Line
from benchmarks.party import Party, PartyError

CHOSEN = Path(__file__).with_name("peer_lambdas.json")
LAMBDAS = (20.0, 5.0, 100.0)  #: tried for each file by `tune`; 20 is the peer's default
CLOSE = 1.1  #: chi-squared below which both count as equal
PEER_PATIENCE = 900.0  #: s


def required(electrodes: int) -> float:
    """Return how many times faster than the peer `invert` has to be."""
    return 15.0 if electrodes < 38 else 30.0 if electrodes < 64 else 50.0


def peer_lambda(line: Line) -> float:
    """Return the lambda that `tune` found best for the peer; its default if not tuned."""
    chosen = json.loads(CHOSEN.read_text()) if CHOSEN.exists() else {}
    return float(chosen.get(line.name, {}).get("lam", LAMBDAS[0]))


def tune(line: Line) -> dict[str, Any]:
    """Find the lambda with which the peer is quickest among those that fit the data.

    Of runs whose chi-squared is below `CLOSE` the one with the fewest iterations (then with
    chi-squared closest to 1), else the one that fits best. Not timed in the comparison.
    """
    tried = []
    with Party("benchmarks.theirs", PEER_PATIENCE) as them:
        them("load", line.path)
        for lam in LAMBDAS:
            try:
                run = them("invert", line.path, lam)
            except PartyError as error:
                tried.append({"lam": lam, "failed": str(error)})
                continue
            tried.append({key: run[key] for key in ("lam", "chi2", "iterations", "seconds")})
    done = [run for run in tried if "chi2" in run]
    fitting = [run for run in done if run["chi2"] < CLOSE]
    # iterations, not seconds, so that a busy machine does not choose
    best = (
        min(fitting, key=lambda run: (run["iterations"], abs(run["chi2"] - 1.0)))
        if fitting
        else min(done, key=lambda run: run["chi2"])
    )
    chosen = json.loads(CHOSEN.read_text()) if CHOSEN.exists() else {}
    chosen[line.name] = {"lam": best["lam"], "tried": tried}
    CHOSEN.write_text(json.dumps(chosen, indent=1) + "\n")
    return chosen[line.name]


def compare(line: Line, repeats: int | None = None) -> dict[str, Any]:
    """Return medians of both parties on one line, and what is to be held against the figures."""
    n = min(line.repeats, repeats or line.repeats)
    n_peer = min(line.peer_repeats, repeats or line.peer_repeats)
    lam = peer_lambda(line)
    ours: list[dict[str, Any]] = []
    theirs: list[dict[str, Any]] = []
    reads: dict[str, list[float]] = {"ours": [], "theirs": []}
    with Party("benchmarks.ours") as us, Party("benchmarks.theirs", PEER_PATIENCE) as them:
        us("load", line.path)
        us("invert", line.path)  # loads compiled kernels
        them("load", line.path)  # imports, geometric factors over topography
        if n_peer > 1:
            them("invert", line.path, lam)
        for i in range(n):
            reads["ours"].append(us("load", line.path)["seconds"])
            ours.append(us("invert", line.path))
            if i < n_peer:
                reads["theirs"].append(them("load", line.path)["seconds"])
                theirs.append(them("invert", line.path, lam))
        memory = {"ours": us("peak_memory_mb"), "theirs": them("peak_memory_mb")}
        error = _forward_errors(us, them, line, lam, ours[-1])
    us_row, them_row = _median(ours), _median(theirs)
    ratio = them_row["seconds"] / us_row["seconds"]
    checks = {
        "speed": ratio >= required(line.electrodes),
        "readings": us_row["readings"] >= them_row["readings"],
        "parameters": us_row["parameters"] >= them_row["parameters"],
        "chi2": us_row["chi2_refined"] <= them_row["chi2"]
        or max(us_row["chi2_refined"], them_row["chi2"]) < CLOSE,
        "forward": all(error["ours"][key] <= error["theirs"][key] for key in error["judged"]),
    }
    return {
        "line": line.name,
        "electrodes": line.electrodes,
        "runs": [n, n_peer],
        "ours": us_row,
        "theirs": them_row,
        "read": {who: median(seconds) for who, seconds in reads.items()},
        "memory_mb": memory,
        "error": error,
        "ratio": ratio,
        "required": required(line.electrodes),
        "checks": checks,
    }


def _forward_errors(
    us: Party, them: Party, line: Line, lam: float, last: dict[str, Any]
) -> dict[str, Any]:
    """Return the forward error of both; two layers in closed form, or a refined calculation."""
    keys = ("error_median", "error_p95", "error_max")
    if line.flat:
        depth = us("layer_depth", line.path)
        own, other = (party("forward_error", line.path, depth) for party in (us, them))
        way = f"two layers, {depth:.2f} m"
    else:
        own = {key: last[key] for key in keys}
        other = them("refined_error", line.path, lam)
        way = "own final model, refined"
    return {"way": way, "ours": own, "theirs": other, "judged": ["error_median", "error_p95"]}


def _median(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the last run with the times of the median."""
    row = dict(runs[-1])
    for key in ("seconds", "cpu_seconds"):
        row[key] = median(run[key] for run in runs)
    row["all_seconds"] = [round(run["seconds"], 4) for run in runs]
    return row
