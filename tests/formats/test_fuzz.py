"""Damaged files of every format end in data that keep their promises, or in a clear error.

`OHMSCAPE_MUTATIONS` says how many of each format: 300 by default, 10,000 in the complete run,
a million by ``make fuzz`` (docs/fuzzing.md). Every one is made again from its seed and number.
"""

import os
import pickle
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest

from ohmscape import formats
from ohmscape.core import Data, Electrodes, Survey
from ohmscape.errors import FormatError
from ohmscape.formats import Evidence, Format, _registry
from tests.formats import fuzz
from tests.formats.mutate import mutate
from tests.formats.seeds import Seed, seeds, seeds_of

MUTATIONS = int(os.environ.get("OHMSCAPE_MUTATIONS", "300"))
NAMES = [f.name for f in formats.formats()]
#: each file that was found to break a reader, once
FOUND = sorted((Path(__file__).parent / "found").glob("*"))


@pytest.mark.parametrize("name", NAMES)
def test_every_format_has_seeds_that_are_whole(tmp_path, name):
    assert seeds_of(name), "give it a seed in tests/formats/seeds.py, or a writer"
    for seed in seeds_of(name):
        path = tmp_path / "seed"
        fuzz.warm(seed, path)
        assert fuzz.outcome(seed, seed.content, path) == ("FormatError" if seed.refused else "data")
        if seed.claimed and name != "columns":  # needs a mapping beside it
            assert formats.inspect(path)[0][0].name == name


@pytest.mark.parametrize("name", NAMES)
def test_damaged_files(name):
    with fuzz.scratch() as folder:
        ends, wrong = fuzz.fuzz(name, range(MUTATIONS), Path(folder) / "damaged.dat")
    assert not wrong, "\n".join(f"{seed} {number}: {what}" for seed, number, what in wrong[:20])
    refused = all(seed.refused for seed in seeds_of(name))
    assert (ends["data"] == 0) == refused  # damage is neither always nor never fatal
    assert ends.total() == MUTATIONS > ends["data"]


def test_mutants_are_the_same_again_and_differ():
    seed = seeds_of("bert")[0]
    made = [fuzz.mutant(seed, i) for i in range(200)]
    assert made == [fuzz.mutant(seed, i) for i in range(200)]
    assert len(set(made)) > 150
    assert sum(seed.content == one for one in made) < 20


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.name)
def test_files_that_broke_a_reader_once(tmp_path, path):
    """Named FORMAT--what: read by that reader and by whichever is found."""
    name = path.name.split("--")[0]
    for seed in seeds_of(name):
        fuzz.warm(seed, tmp_path / "whole.dat")
        for named in (True, False):
            fuzz.outcome(seed, path.read_bytes(), tmp_path / "found.dat", named=named)


ABMN = np.array([[0, 3, 1, 2]])
LINE = Survey(Electrodes([[0.0, 0], [1, 0], [2, 0], [3, 0]]), ABMN)


def _executes(_):
    subprocess.run(["true"], check=True)


def _unpickles(_):
    pickle.loads(b"cos\nsystem\n.")


def _writes(source):
    source.path.with_name("left.behind").write_text("x")


def _hangs(_):
    time.sleep(30)


def _crashes(_):
    return {}["missing"]


def _warns(_):
    return np.ones(1) / np.zeros(1)


def _gives_no_way_out(source):
    raise FormatError("bad", where=str(source.path))


def _claims_nan_is_valid(_):
    return Data(LINE, np.array([np.nan]), valid=np.array([True]), reasons=("",))


def _states_infinity(_):
    return Data(LINE, np.array([1.0]), current=np.array([np.inf]))


@pytest.mark.parametrize(
    ("reader", "says"),
    [
        (_executes, "subprocess.Popen"), (_unpickles, "pickle.find_class"), (_writes, "open"),
        (_hangs, "TimeoutError"), (_crashes, "KeyError"), (_warns, "RuntimeWarning"),
        (_gives_no_way_out, "without a way out"), (_claims_nan_is_valid, "without resistance"),
        (_states_infinity, "current is infinite"),
    ],
)  # fmt: skip
def test_the_harness_sees_what_a_bad_reader_does(tmp_path, monkeypatch, reader, says):
    bad = Format("bad", "breaks its promises", lambda head, path: Evidence(1.0), reader)
    monkeypatch.setattr(_registry, "formats", lambda: (bad,))
    monkeypatch.setattr(fuzz, "HANG", 1)
    with pytest.raises(AssertionError, match=says):
        fuzz.outcome(Seed("bad", "bad", b"x"), b"x", tmp_path / "x.dat")


def test_damage_is_fast_and_never_large():
    import random

    content = max((seed.content for seed in seeds()), key=len)
    begin = time.process_time()
    sizes = [len(mutate(content, random.Random(i), content)) for i in range(500)]
    assert (time.process_time() - begin) / 500 < 5e-3
    assert 0 < min(sizes) <= max(sizes) <= max(40_000, 2 * len(content))
