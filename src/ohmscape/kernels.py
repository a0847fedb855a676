"""The compiled kernels that Numba keeps on disk: whether they are there, and whole.

Numba itself unpickles whatever it finds in its cache: a file cut short by a full disk stops the
program, and one changed in the middle may run. Here each file carries a checksum; what does not
match is compiled again. What has changed in a source file that other kernels include is noticed
too, and where no folder can be written to, kernels are compiled without being kept.
"""

import hashlib
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import numba
from numba.core.caching import IndexDataCacheFile
from numba.core.dispatcher import Dispatcher
from numba.core.sigutils import normalize_signature

from ohmscape._version import __version__

Kernel = TypeVar("Kernel", bound=Callable[..., Any])

DIGEST = 32  #: bytes of a checksum


_Files: Any = IndexDataCacheFile  # Numba is typed in part only
_normalized: Any = normalize_signature


class _DamagedError(OSError):
    """A file of the cache is not what was written; Numba takes an OSError as "not there"."""


class CheckedFiles(_Files):  # type: ignore[misc]
    """The files of one kernel, each with a checksum in front."""

    def _dump(self, obj: Any) -> bytes:
        raw: bytes = super()._dump(obj)
        return hashlib.sha256(raw).digest() + raw

    def _load_index(self) -> dict[Any, Any]:
        try:
            with Path(self._index_path).open("rb") as stream:
                kept = _loaded(stream.read())
        except OSError:
            return {}
        stamp, version, overloads = kept
        fresh = stamp == self._source_stamp and version == self._version
        return dict(overloads) if fresh else {}

    def _save_index(self, overloads: dict[Any, Any]) -> None:
        with self._open_for_write(self._index_path) as stream:
            stream.write(self._dump((self._source_stamp, self._version, overloads)))

    def _load_data(self, name: str) -> Any:
        return _loaded(Path(self._data_path(name)).read_bytes())


def _loaded(content: bytes) -> Any:
    """Return what was dumped, once it is known to be what was written."""
    import pickle

    raw = content[DIGEST:]
    if hashlib.sha256(raw).digest() != content[:DIGEST]:
        raise _DamagedError("checksum")
    return pickle.loads(raw)


def kernel(function: Kernel) -> Kernel:
    """Compile a function that Python calls; it releases the lock, its code is kept on disk.

    Array arguments must be C-ordered and writeable, so that one specialisation serves all calls.
    Where Numba finds no folder that can be written to, the code is not kept.
    """
    njit: Any = numba.njit
    options = {"error_model": "numpy", "nogil": True}
    try:
        compiled: Kernel = njit(cache=True, **options)(function)
    except RuntimeError:  # no folder for the cache
        fresh: Kernel = njit(**options)(function)
        return fresh
    check(compiled)
    return compiled


def inner_kernel(function: Kernel) -> Kernel:
    """Compile a function that only other kernels call, and that becomes part of them.

    It has no wrapper for Python and no file of its own, which makes the first start faster.
    """
    njit: Any = numba.njit
    inside: Kernel = njit(error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)(
        function
    )
    return inside


def summing_kernel(function: Kernel) -> Kernel:
    """Compile an `inner_kernel` whose sums may be taken in any order, several at a time."""
    njit: Any = numba.njit
    options = {"error_model": "numpy", "fastmath": {"reassoc", "contract", "nsz"}}
    inside: Kernel = njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, **options)(function)
    return inside


def check(dispatcher: Any) -> None:
    """Give the cache of a kernel checksums, and a stamp of all sources that it may include."""
    kept = getattr(dispatcher, "_cache", None)
    files = getattr(kept, "_cache_file", None)
    if kept is None or files is None or isinstance(files, CheckedFiles):
        return  # plain Python (NUMBA_DISABLE_JIT), or a Numba that keeps it elsewhere
    own = Path(sys.modules[dispatcher.py_func.__module__].__file__ or "")
    base = files._index_name.removesuffix(".nbi") + ".checked"
    kept._cache_file = CheckedFiles(
        files._cache_path, base, (files._source_stamp, _stamp(own.parent))
    )


@cache
def _stamp(folder: Path) -> str:
    """Return a hash of the sources in a folder that hold kernels, and of the version."""
    total = hashlib.sha256(__version__.encode())
    for source in sorted(folder.glob("*.py")):
        content = source.read_bytes()
        if b"kernel" in content:
            total.update(hashlib.sha256(content).digest())
    return total.hexdigest()


def cold_kernels(package: str = "ohmscape.forward") -> int:
    """Return how many kernels of a package's loaded modules have nothing on disk.

    They will be compiled when they are first called.
    """
    return sum(
        not kernel._cache._cache_file._load_index()
        for kernel in _kernels()
        if kernel.py_func.__module__.startswith(package)
    )


def compiled_beside(signatures: Mapping[Any, str]) -> Callable[[], Any]:
    """Compile kernels that have nothing on disk in a second process; the result waits for its end.

    Numba compiles one kernel at a time in a process, so that a second one halves a cold start.
    What it compiles comes back through the cache. Where that cannot be, nothing is begun, and the
    kernels are compiled when they are called, as ever.

    Parameters
    ----------
    signatures : mapping from kernel to str
        Types of the arguments as Numba writes them: ``"i8, f8[::1]"``.
    """
    words: list[str] = []
    for kernel, types in signatures.items():
        files = getattr(getattr(kernel, "_cache", None), "_cache_file", None)
        if files is not None and not kernel.signatures and not files._load_index():
            words += [kernel.py_func.__module__, kernel.py_func.__name__, types]
    if not words or not sys.executable or getattr(sys, "frozen", False):
        return lambda: None
    code = f"from {__name__} import compile_named; compile_named()"
    quiet = subprocess.DEVNULL
    command = [sys.executable, "-c", code, *words]
    try:
        return subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet).wait
    except OSError:  # behind bars no process may be started
        return lambda: None


def compile_named() -> None:
    """Compile the kernels that the command line names: module, kernel, types, and so on."""
    words = iter(sys.argv[1:])
    for module, name, types in zip(words, words, words, strict=True):
        kernel = getattr(import_module(module), name)
        kernel.compile(_normalized(f"({types},)")[0])


def _kernels() -> list[Any]:
    """Return the kernels of the loaded modules of Ohmscape whose code is kept on disk."""
    found: dict[int, Any] = {}
    for name, module in list(sys.modules.items()):
        if name.startswith("ohmscape."):
            for value in vars(module).values():
                kept = getattr(value, "_cache", None) if isinstance(value, Dispatcher) else None
                if hasattr(kept, "_cache_file"):
                    found[id(value)] = value
    return list(found.values())
