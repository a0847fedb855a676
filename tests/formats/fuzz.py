"""Every damaged file ends in data that keep their promises, or in an error that says what to do.

``python -m tests.formats.fuzz [mutations] [--only FORMAT]`` is ``make fuzz``: as many damaged
files of each format, on all cores. What it finds is written to ``fuzz-out/``, with the number by
which ``mutant`` makes it again.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from ohmscape import formats
from ohmscape.errors import FormatError, SurveyError
from tests.formats.mutate import mutate
from tests.formats.promises import promises
from tests.formats.seeds import Seed, seeds, seeds_of

HANG = 60  #: s by the wall clock after which a reader is interrupted: machines are busy
SECONDS, SECONDS_PER_MB = 1.0, 2.0  #: of CPU time that reading may take
SNIFFED = 8  #: one of so many files is read without the name of its format
ALLOWED = (FormatError, SurveyError)
#: what no reader of a stranger's file has reason to do (events of `sys.addaudithook`)
FORBIDDEN = frozenset({
    "compile", "exec", "code.__new__", "ctypes.dlopen", "os.exec", "os.fork", "os.posix_spawn",
    "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.spawn", "os.startfile", "os.symlink",
    "os.system", "pickle.find_class", "shutil.rmtree", "socket.__new__", "socket.connect",
    "sqlite3.enable_load_extension", "sqlite3.load_extension", "subprocess.Popen",
    "urllib.Request",
})  # fmt: skip
_watching: list[bool] = []
_hooked: list[bool] = []


def mutant(seed: Seed, number: int) -> bytes:
    """Return damaged file `number` of a seed, always the same."""
    dice = random.Random(f"{seed.name} {number}")
    other = dice.choice(seeds_of(seed.format) if dice.random() < 0.7 else seeds())
    return mutate(seed.content, dice, other.content)


def outcome(seed: Seed, content: bytes, path: Path, *, named: bool = True) -> str:
    """Return "data", or the name of the error in which reading a damaged file ends.

    Raises
    ------
    AssertionError
        Anything else came out of the reader; the words say what.
    """
    path.write_bytes(content)
    options: dict[str, Any] = {**seed.options, "format": seed.format if named else None}
    begin = time.process_time()
    try:
        with _watched():
            data = formats.read(path, **options)
    except ALLOWED as error:
        if not error.mend:
            raise AssertionError(f"an error without a way out: {error}") from error
        if len(str(error)) > 1000:
            raise AssertionError(f"an error of {len(str(error))} characters") from error
        found = type(error).__name__
    except Exception as error:
        raise AssertionError(f"{type(error).__name__}: {error}") from error
    else:
        for broken in promises(data):
            raise AssertionError(broken)
        found = "data"
    took = time.process_time() - begin
    if took > SECONDS + SECONDS_PER_MB * len(content) / 1e6:
        raise AssertionError(f"{took:.1f} s for {len(content)} bytes")
    return found


@contextmanager
def _watched() -> Iterator[None]:
    """Interrupt what hangs, and refuse what no reader has reason to do."""
    if not _hooked:
        sys.addaudithook(_audit)
        _hooked.append(True)
    before = signal.signal(signal.SIGALRM, _hangs)
    signal.alarm(HANG)
    _watching.append(True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            yield
    finally:
        _watching.pop()
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _hangs(_: int, frame: FrameType | None) -> None:
    raise TimeoutError(f"nothing after {HANG} s in {frame and frame.f_code.co_name}")


def _audit(event: str, arguments: tuple[object, ...]) -> None:
    if not _watching:
        return
    writes = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wxa+")
    if (event in FORBIDDEN or writes) and not _imports(event, arguments):
        raise RuntimeError(f"a reader did {event} {arguments!r}"[:200])


def _imports(event: str, arguments: tuple[object, ...]) -> bool:
    """Whether this is a module of an installed library, loaded when first used."""
    place = {"exec": lambda: getattr(arguments[0], "co_filename", ""),
             "compile": lambda: arguments[1]}.get(event, str)()  # fmt: skip
    return isinstance(place, str) and place.startswith((sys.prefix, sys.base_prefix))


def warm(seed: Seed, path: Path) -> str:
    """Read a seed itself: libraries are imported before anything is watched."""
    path.write_bytes(seed.content)
    np.random.default_rng(0)  # makes a class when first used
    try:
        formats.read(path, format=seed.format, **seed.options)
    except ALLOWED as error:
        return type(error).__name__
    return "data"


def fuzz(name: str, numbers: range, path: Path) -> tuple[Counter[str], list[tuple[str, int, str]]]:
    """Read damaged files of a format: how they end, and what went wrong."""
    ends: Counter[str] = Counter()
    wrong = []
    some = seeds_of(name)
    for seed in some:
        warm(seed, path)
    for number in numbers:
        seed = some[number % len(some)]
        content = mutant(seed, number)
        try:
            ends[outcome(seed, content, path, named=bool(number % SNIFFED))] += 1
        except AssertionError as error:
            wrong.append((seed.name, number, str(error)))
    return ends, wrong


def scratch() -> tempfile.TemporaryDirectory[str]:
    """Return a folder in memory where there is one: writing takes a fifth of the time else."""
    memory = Path("/dev/shm")
    return tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None)


def _part(job: tuple[str, range]) -> tuple[str, Counter[str], list[tuple[str, int, str]]]:
    with scratch() as folder:
        return job[0], *fuzz(job[0], job[1], Path(folder) / "damaged.dat")


def main() -> int:
    """Fuzz all formats; return 1 if anything was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mutations", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--only", action="append", help="one format; may be repeated")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    wanted = parser.parse_args()
    names = wanted.only or [f.name for f in formats.formats()]
    step = 2_000
    jobs = [(name, range(i, min(i + step, wanted.mutations)))
            for name in names for i in range(0, wanted.mutations, step)]  # fmt: skip
    total: dict[str, Counter[str]] = {name: Counter() for name in names}
    found = 0
    begin = time.perf_counter()
    with ProcessPoolExecutor(wanted.jobs) as pool:
        for name, ends, wrong in pool.map(_part, jobs):
            total[name] += ends
            for seed, number, what in wrong:
                found += 1
                _keep(seed, number)
                print(f"{name}: {seed} {number}: {what}", flush=True)
    for name, ends in total.items():
        counts = ", ".join(f"{count} {end}" for end, count in sorted(ends.items()))
        print(f"{name:<15} {counts}")
    print(f"{found} found, {time.perf_counter() - begin:.0f} s")
    return int(found > 0)


def _keep(name: str, number: int) -> None:
    folder = Path("fuzz-out")
    folder.mkdir(exist_ok=True)
    seed = next(seed for seed in seeds() if seed.name == name)
    (folder / f"{name.replace(' ', '-')}-{number}").write_bytes(mutant(seed, number))


if __name__ == "__main__":
    sys.exit(main())
