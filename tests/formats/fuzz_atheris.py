"""Coverage-guided fuzzing of the readers with atheris (extra ``fuzz``; docs/fuzzing.md).

``python -m tests.formats.fuzz_atheris [--seconds 120] [--only FORMAT]`` lets atheris look for
inputs that reach new code of each reader, one process per format, and judges every one as
`tests.formats.fuzz.outcome` does. What it finds is written to ``fuzz-out/``.
"""

import argparse
import importlib
import subprocess
import sys
import tempfile
from pathlib import Path

from ohmscape import formats
from tests.formats.seeds import seeds_of

FOUND = Path("fuzz-out").absolute()


def chase(name: str, seconds: int) -> None:
    """Fuzz the reader of one format; does not return."""
    import atheris  # type: ignore[import-not-found,unused-ignore]

    for module in list(sys.modules):
        if module.startswith(("ohmscape.formats", "ohmscape.core")):
            del sys.modules[module]
    for module in ("ohmscape.formats", "tests.formats.seeds", "tests.formats.fuzz"):
        sys.modules.pop(module, None)
    with atheris.instrument_imports(include=["ohmscape.formats", "ohmscape.core"]):
        importlib.import_module("ohmscape.formats").formats()
    judge = importlib.import_module("tests.formats.fuzz")
    some = importlib.import_module("tests.formats.seeds").seeds_of(name)
    with tempfile.TemporaryDirectory() as folder:
        path, corpus = Path(folder) / "damaged.dat", Path(folder) / "corpus"
        corpus.mkdir()
        for i, seed in enumerate(some):
            judge.warm(seed, path)
            (corpus / str(i)).write_bytes(bytes([i]) + seed.content)

        def one(data: bytes) -> None:
            if len(data) > 1:
                judge.outcome(some[data[0] % len(some)], data[1:], path)

        atheris.Setup([sys.argv[0], str(corpus), f"-max_total_time={seconds}", "-max_len=30000",
                       "-rss_limit_mb=3000", "-verbosity=0", "-print_final_stats=1", "-timeout=20",
                       f"-artifact_prefix={FOUND}/{name}--"], one)  # fmt: skip
        atheris.Fuzz()


def main() -> int:
    """Fuzz all formats, one after another; return 1 if anything was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=120, help="for each format")
    parser.add_argument("--only", action="append", help="one format; may be repeated")
    parser.add_argument("--chase", help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.chase:
        chase(wanted.chase, wanted.seconds)
    FOUND.mkdir(exist_ok=True)
    bad = 0
    for name in wanted.only or [f.name for f in formats.formats()]:
        command = [sys.executable, "-m", "tests.formats.fuzz_atheris", "--chase", name,
                   "--seconds", str(wanted.seconds)]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        said = (done.stdout + done.stderr).splitlines()
        runs = next((s.split()[-1] for s in said if "number_of_executed_units" in s), "?")
        what = next((s for s in said if "AssertionError:" in s), "")
        bad += done.returncode != 0
        print(f"{name:<15} {len(seeds_of(name))} seeds, {runs} runs: "
              f"{what or ('ok' if done.returncode == 0 else ' | '.join(said[-6:]))}",
              flush=True)  # fmt: skip
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
