"""Kernels on disk: found again, compiled again when damaged or stale, or not kept at all."""

import importlib
import importlib.util
import sys
from pathlib import Path

import numba
import pytest
from numba.core.sigutils import normalize_signature

import ohmscape
from ohmscape import kernels
from ohmscape.forward import multifrontal, sensitivity
from tests.support.lines import block

if numba.config.DISABLE_JIT:
    pytest.skip("nothing is compiled", allow_module_level=True)

SOURCE = "def add(a, b):  # a kernel\n    return a + b\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A package folder with one kernel, and a cache of its own."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "cache"))
    place = tmp_path / "package"
    place.mkdir()
    (place / "kernels_of_test.py").write_text(SOURCE)
    yield place
    sys.modules.pop("kernels_of_test", None)


def load(folder):
    """Import the module anew and return its kernel, as a new process would see it."""
    kernels._stamp.cache_clear()
    path = folder / "kernels_of_test.py"
    spec = importlib.util.spec_from_file_location("kernels_of_test", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["kernels_of_test"] = module
    spec.loader.exec_module(module)
    return kernels.kernel(module.add)


def hits(kernel):
    """Call a kernel, check what it answers, and return how often it was found on disk."""
    assert kernel(2, 3) == 5
    return sum(kernel.stats.cache_hits.values())


def files(tmp_path, suffix):
    return list((tmp_path / "cache").rglob(f"*{suffix}"))


def test_the_second_start_finds_it(folder):
    assert hits(load(folder)) == 0
    assert hits(load(folder)) == 1


@pytest.mark.parametrize("suffix", [".nbi", ".nbc"])
@pytest.mark.parametrize("damage", ["empty", "cut", "flipped", "text"])
def test_a_damaged_file_is_compiled_again(folder, tmp_path, suffix, damage):
    hits(load(folder))
    (path,) = files(tmp_path, suffix)
    whole = path.read_bytes()
    half = len(whole) // 2
    path.write_bytes({
        "empty": b"", "cut": whole[:half], "text": b"not what it was",
        "flipped": whole[:half] + bytes([whole[half] ^ 0xFF]) + whole[half + 1 :],
    }[damage])  # fmt: skip
    assert hits(load(folder)) == 0
    assert hits(load(folder)) == 1, "not rebuilt"


def test_a_kernel_included_from_another_file_makes_it_stale(folder):
    hits(load(folder))
    (folder / "inner.py").write_text("# holds an inner kernel\n")
    assert hits(load(folder)) == 0
    (folder / "inner.py").write_text("# holds another inner kernel\n")
    assert hits(load(folder)) == 0
    (folder / "other.py").write_text("# nothing of the kind\n")
    assert hits(load(folder)) == 1


def test_numbas_own_files_are_left_alone(folder, tmp_path):
    own = numba.njit(cache=True)(load(folder).py_func)
    own(2, 3)
    assert hits(load(folder)) == 0
    again = numba.njit(cache=True)(load(folder).py_func)
    assert hits(again) == 1


def test_without_a_folder_that_can_be_written_it_still_runs(folder, monkeypatch):
    def refuse(*_):
        raise RuntimeError("cannot cache function: no locator available")

    monkeypatch.setattr("numba.core.caching.CacheImpl.__init__", refuse)
    assert hits(load(folder)) == 0


def test_cold_kernels_are_counted(folder):
    kernel = load(folder)
    sys.modules["ohmscape.kernels_of_test"] = sys.modules["kernels_of_test"]
    sys.modules["kernels_of_test"].add = kernel
    try:
        assert kernels.cold_kernels("kernels_of_test") == 1
        hits(kernel)
        assert kernels.cold_kernels("kernels_of_test") == 0
    finally:
        del sys.modules["ohmscape.kernels_of_test"]


def test_all_kernels_of_the_package_are_known():
    import ohmscape.inversion.invert
    import ohmscape.mesh.triangles  # noqa: F401 - loads them

    found = {Path(kernel.py_func.__code__.co_filename).stem for kernel in kernels._kernels()}
    assert {"multifrontal", "elements", "sensitivity", "delaunay"} <= found


def test_a_second_process_compiles_what_is_not_there(folder, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(numba.config.CACHE_DIR))
    monkeypatch.syspath_prepend(folder)
    decorated = f"from ohmscape.kernels import kernel\n\n@kernel\n{SOURCE}"
    (folder / "kernels_of_test.py").write_text(decorated)
    add = importlib.import_module("kernels_of_test").add
    assert kernels.compiled_beside({add: "i8, i8"})() == 0
    assert hits(add) == 1
    assert kernels.compiled_beside({add: "i8, i8"})() is None, "nothing is left to be done"


def test_where_no_process_may_be_started_nothing_is_begun(folder, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(1, "no process may be started")

    monkeypatch.setattr("subprocess.Popen", refuse)
    add = load(folder)
    assert kernels.compiled_beside({add: "i8, i8"})() is None
    assert hits(add) == 0


def test_the_types_named_for_a_second_process_are_those_that_are_used():
    """Wrong ones would be compiled in vain: the call itself would compile others."""
    ohmscape.invert(block(20.0), max_iterations=1)
    named = {**multifrontal.SIGNATURES, **sensitivity.SIGNATURES}
    assert len(named) == 3
    for kernel, types in named.items():
        assert normalize_signature(f"({types},)")[0] in kernel.signatures
