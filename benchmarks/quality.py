"""What the rules of `ohmscape qc` find in 200 spoilt surveys, beside the plain threshold.

``python -m benchmarks.quality [--count N] [--first N] [--write]``
"""

import argparse
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
from scipy.spatial import Delaunay
from tests.quality.faults import Case, case

import ohmscape
from ohmscape.arrays.designs import reciprocal_pairs
from ohmscape.arrays.pseudosection import median_depths, mid_points
from ohmscape.arrays.quality import touching
from ohmscape.core.data import Data
from ohmscape.core.types import Booleans, Floats
from ohmscape.errors import OhmscapeError
from ohmscape.inversion.result import InversionResult
from ohmscape.quality import assess

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "quality.md"
PLAIN = 0.10  #: reciprocal error of the plain threshold
HALF = 0.5  #: part of an electrode's pairs beyond it that makes it bad
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


@dataclass(frozen=True)
class Score:
    """What one method did to one survey."""

    found: int  #: bad electrodes that were found
    false: int  #: good ones that were called bad
    missed: int
    removed_good: int
    good: int
    left_bad: int  #: spoilt readings that stayed
    spoilt: int
    error: float  #: rms of ln(model / truth), NaN where it cannot be inverted


@dataclass(frozen=True)
class Run:
    """One survey by all methods."""

    seed: int
    reciprocals: bool
    kinds: tuple[str, ...]
    clean: float  #: model error from the data without faults
    oracle: float  #: ... without all that is spoilt, as if all were known
    rules: Score
    plain: Score
    untouched: float  #: model error from the data with faults
    seconds: float  #: of the judgement


def run(seed: int) -> Run:
    """Judge one survey by the rules and by the plain threshold."""
    one = case(seed)
    began = perf_counter()
    judged = assess(one.data)
    seconds = perf_counter() - began
    section = judged.electrical
    bad = set() if section is None else {int(e) for e in np.flatnonzero(section.bad)}
    bad |= {e for pair in judged.mended for e in pair}
    clean = inverted(one.clean)
    assert clean is not None
    at = clean.parameters.centres
    weight = clean.parameters.areas * seen(one.data, at)
    places = np.column_stack([at[:, 0], 0.0 * at[:, 0], at[:, 1]])
    truth = np.log(one.ground.resistivity(places))

    def error(data: Data) -> float:
        result = clean if data is one.clean else inverted(data)
        if result is None:
            return float("nan")
        off = np.log(result.model(at)) - truth
        return float(np.sqrt(weight @ off**2 / weight.sum()))

    put_right = touched_by_mending(one, judged.mended)
    removed, electrodes = plain(one.data)
    return Run(
        seed, one.reciprocals, one.kinds, error(one.clean),
        error(one.data.without(one.spoilt, "spoilt")),
        _score(one, bad, judged.removed, one.spoilt & ~put_right, error(judged.cleaned)),
        _score(one, electrodes, removed, one.spoilt, error(one.data.without(removed, "plain"))),
        error(one.data), seconds,
    )  # fmt: skip


def seen(data: Data, at: Floats) -> Booleans:
    """Return which places x, z lie above the median depths of investigation of the readings."""
    along = data.survey.electrodes.positions[:, 0]
    x, deep = mid_points(along, data.survey.abmn), 0.0 * along
    depth = median_depths(along, deep, data.survey.abmn)
    corners = np.concatenate([np.column_stack([x, -depth]), np.column_stack([along, deep])])
    inside: Booleans = Delaunay(corners).find_simplex(at) >= 0
    return inside


def touched_by_mending(one: Case, mended: tuple[tuple[int, int], ...]) -> Booleans:
    """Return readings whose only fault is an exchange that was put right."""
    n = len(one.data.survey.electrodes)
    right, wrong = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    right[[e for pair in mended if pair in one.swapped for e in pair]] = True
    wrong[sorted(one.bad - set(np.flatnonzero(right).tolist()))] = True
    abmn = one.data.survey.abmn
    return touching(abmn, right) & ~touching(abmn, wrong) & ~one.stray


def plain(data: Data) -> tuple[Booleans, set[int]]:
    """Return what a threshold of reciprocal errors removes, and which electrodes it calls bad."""
    i, j, sign = reciprocal_pairs(data.survey.abmn)
    one, other = data.resistance[i], sign * data.resistance[j]
    over = np.abs(one - other) > PLAIN * 0.5 * (np.abs(one) + np.abs(other))
    removed = np.zeros(len(data), dtype=bool)
    removed[i[over]] = removed[j[over]] = True
    abmn = data.survey.abmn[i]
    has = [(abmn == e).any(axis=1) for e in range(len(data.survey.electrodes))]
    return removed, {e for e, rows in enumerate(has) if rows.any() and over[rows].mean() > HALF}


def inverted(data: Data) -> InversionResult | None:
    """Invert with all defaults; None where that cannot be done."""
    try:
        return ohmscape.invert(data, check=False)
    except OhmscapeError:
        return None


def _score(one: Case, found: set[int], removed: Booleans, spoilt: Booleans, error: float) -> Score:
    good = ~one.spoilt
    return Score(
        len(found & one.bad), len(found - one.bad), len(one.bad - found),
        int((removed & good).sum()), int(good.sum()),
        int((spoilt & ~removed).sum()), int(one.spoilt.sum()), error,
    )  # fmt: skip


def table(runs: list[Run]) -> str:
    """Return the table of the documentation page."""
    lines = [
        "| | rules | rules, with reciprocals | plain threshold, with reciprocals |",
        "|---|---|---|---|",
    ]
    paired = [r for r in runs if r.reciprocals]
    columns = [(runs, "rules"), (paired, "rules"), (paired, "plain")]
    for name, form in ROWS:
        lines.append(f"| {name} | {' | '.join(form(some, which) for some, which in columns)} |")
    return "\n".join(lines)


def _scores(runs: list[Run], which: str) -> list[Score]:
    return [getattr(r, which) for r in runs]


def _f1(runs: list[Run], which: str) -> str:
    found, false, missed = (
        sum(getattr(s, name) for s in _scores(runs, which)) for name in ("found", "false", "missed")
    )
    return f"{2 * found / max(2 * found + false + missed, 1):.3f} ({found}, {false}, {missed})"


def _ratios(runs: list[Run], which: str) -> Floats:
    found = np.array([s.error for s in _scores(runs, which)])
    return found / np.array([r.clean for r in runs])


def _within(runs: list[Run], which: str) -> str:
    ratio = np.nan_to_num(_ratios(runs, which), nan=np.inf)
    return f"{100 * np.mean(ratio <= 1.10):.0f} %"


def _ratio(runs: list[Run], which: str) -> str:
    ratio = _ratios(runs, which)
    low, middle, high = np.nanpercentile(ratio, [50, 90, 100])
    failed = int(np.isnan(ratio).sum())
    return f"{low:.3f}, {middle:.2f}, {high:.2f}" + (f"; {failed} not invertible" if failed else "")


def _sum(name: str, over: str):
    def form(runs: list[Run], which: str) -> str:
        part, whole = (sum(getattr(s, n) for s in _scores(runs, which)) for n in (name, over))
        return f"{100 * part / max(whole, 1):.2f} %"

    return form


def _plainly(kind: str):
    def form(runs: list[Run], which: str) -> str:
        ratio = np.array([getattr(r, kind) / r.clean for r in runs])
        low, middle, high = np.nanpercentile(ratio, [50, 90, 100])
        return f"{low:.3f}, {middle:.2f}, {high:.2f}"

    return form


def _means(runs: list[Run], which: str) -> str:
    after = np.array([s.error for s in _scores(runs, which)])
    there = np.isfinite(after)
    clean = np.array([r.clean for r in runs])[there].mean()
    return f"{after[there].mean() / clean:.3f} ({after[there].mean():.2f} to {clean:.2f})"


ROWS = (
    ("surveys", lambda runs, which: str(len(runs))),
    ("bad electrodes: F1 (found, false, missed)", _f1),
    ("good readings removed", _sum("removed_good", "good")),
    ("spoilt readings left", _sum("left_bad", "spoilt")),
    ("mean model error over that of the clean data", _means),
    ("ratio survey by survey: median, 90 %, largest", _ratio),
    ("surveys within 10 % of the clean data", _within),
    ("the same ratio if all faults were known", _plainly("oracle")),
    ("the same ratio with nothing removed", _plainly("untouched")),
)


def main() -> None:
    """Run all and print the table; with --write put it into the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--write", action="store_true", help="put the table into docs/quality.md")
    parser.add_argument("--json", type=Path, help="also write every run there")
    asked = parser.parse_args()
    runs = []
    for seed in range(asked.first, asked.first + asked.count):
        runs.append(run(seed))
        done = runs[-1]
        ratio = done.rules.error / done.clean
        sys.stderr.write(
            f"{seed} {done.kinds} missed {done.rules.missed} false {done.rules.false} "
            f"removed {done.rules.removed_good}/{done.rules.good} ratio {ratio:.3f} "
            f"oracle {done.oracle / done.clean:.3f} {done.seconds:.1f} s\n"
        )
        if asked.json:
            asked.json.write_text(json.dumps([_flat(r) for r in runs]), encoding="utf-8")
    text = table(runs)
    seconds = np.median([r.seconds for r in runs])
    print(text)
    print(f"median {seconds:.2f} s per survey")
    if asked.write:
        page = PAGE.read_text(encoding="utf-8")
        block = f"{BEGIN}\n\n{text}\n\n{END}"
        page = re.sub(f"{BEGIN}.*?{END}", lambda _: block, page, flags=re.DOTALL)
        PAGE.write_text(page, encoding="utf-8")


def _flat(one: Run) -> dict[str, object]:
    return {
        "seed": one.seed, "kinds": one.kinds, "clean": one.clean, "oracle": one.oracle,
        "untouched": one.untouched, "rules": vars(one.rules), "plain": vars(one.plain),
    }  # fmt: skip


if __name__ == "__main__":
    main()
