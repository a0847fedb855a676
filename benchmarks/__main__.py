"""Run the benchmark: ``python -m benchmarks [--quick] [--tune] [--only PART ...]``."""

import argparse
import json
import sys
import time
from collections.abc import Callable
from typing import Any

from benchmarks import compare, growth, interactive, page, processes
from benchmarks.lines import MADE, Line, field_lines, made_lines
from benchmarks.machine import BUSY, Watch, clean_environment, describe, is_installed
from benchmarks.party import Party, PartyError

PARTS = ("compare", "whole", "interactive", "growth", "stages")


def main() -> int:
    """Measure, print, and rewrite docs/performance.md; return 0, or 1 if a part failed."""
    asked = _arguments()
    unset = clean_environment()
    if unset:
        print(f"unset for all parties: {unset}")
    if not is_installed("pygimli"):
        print("pyGIMLi is missing: pip install 'ohmscape[peers]'", file=sys.stderr)
        return 2
    watch = Watch()
    if watch.load > BUSY:
        print(f"load average {watch.load:.2f} > {BUSY}: the machine is busy", file=sys.stderr)
        if asked.strict:
            return 3
    MADE.mkdir(parents=True, exist_ok=True)
    lines = field_lines()[:2] if asked.quick else [*field_lines(), *made_lines()]
    if asked.lines:
        lines = [line for line in lines if line.name in asked.lines]
    if asked.tune:
        for line in lines:
            print(line.name, json.dumps(compare.tune(line)))
        return 0
    found: dict[str, Any] = {"quick": asked.quick, "machine": describe(), "failures": []}
    for part in asked.only or PARTS:
        _measure(part, found, lines, asked)
    found["watch"] = watch.report()
    (MADE / "found.json").write_text(json.dumps(found, indent=1))
    print(page.body(found))
    if not asked.dry:
        page.write(found)
    return 1 if found["failures"] else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two short lines, about two minutes")
    parser.add_argument("--strict", action="store_true", help="refuse to run on a busy machine")
    parser.add_argument("--tune", action="store_true", help="only find the peer's best lambda")
    parser.add_argument("--dry", action="store_true", help="leave docs/performance.md alone")
    parser.add_argument("--repeats", type=int, help="at most as many timed runs each")
    parser.add_argument("--only", nargs="+", choices=PARTS, help="only these parts")
    parser.add_argument("--lines", nargs="+", help="only these lines, e.g. gallery made-48")
    return parser.parse_args()


def _measure(
    part: str, found: dict[str, Any], lines: list[Line], asked: argparse.Namespace
) -> None:
    """Put one part into what was found; a part that fails is named, and the others go on."""
    repeats = asked.repeats or (3 if asked.quick else None)

    def each(one: Callable[[Line], Any], some: list[Line]) -> list[Any]:
        done = []
        for line in some:
            began = time.perf_counter()
            try:
                done.append(one(line))
            except (PartyError, RuntimeError) as error:
                found["failures"].append(f"{part}, {line.name}: {_brief(error)}")
            seconds = time.perf_counter() - began
            print(f"{part}: {line.name}, {seconds:.0f} s", file=sys.stderr)
        return done

    field = [line for line in lines if not line.name.startswith("made")]
    try:
        if part == "compare":
            found[part] = each(lambda line: compare.compare(line, repeats), lines)
        elif part == "whole":
            times = repeats or 5
            found["bare"] = processes.bare_start(times)
            found["cold"] = processes.cold(field_lines()[0], 1 if asked.quick else 2)
            some = field[:1] if asked.quick else field
            found[part] = each(lambda line: processes.whole(line, times), some)
            if not found[part]:
                del found[part]
        elif part == "interactive":
            found[part] = interactive.measure(8 if asked.quick else 24)
        elif part == "growth":
            found[part] = growth.grow(asked.quick)
            growth.draw(found[part], MADE / growth.PICTURE.name if asked.dry else growth.PICTURE)
        else:
            found[part] = {}
            for line in field if asked.quick else [field_lines()[0], field_lines()[2]]:
                with Party("benchmarks.stages") as party:
                    found[part][line.name] = party("profile", line.path)
    except (PartyError, RuntimeError) as error:
        found.pop(part, None)
        found["failures"].append(f"{part}: {_brief(error)}")
    print(f"{part}: done", file=sys.stderr)


def _brief(error: Exception) -> str:
    """Return the last line of what an error says."""
    return str(error).strip().splitlines()[-1]


if __name__ == "__main__":
    sys.exit(main())
