"""A process that gives up what it does not need: memory, time, files, the network."""

import ctypes
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# Landlock, from linux/landlock.h: all rights to files that the kernel knows at each version of it
CREATE, ADD, RESTRICT = 444, 445, 446  #: numbers of the calls, the same on all processors
FILE_RIGHTS = {1: 0x1FFF, 2: 0x3FFF, 3: 0x7FFF, 4: 0x7FFF, 5: 0xFFFF}
READ = 0x4 | 0x8  #: read files, list folders
NET_RIGHTS = 0x3  #: bind and connect TCP, from version 4 on
NO_NEW_PRIVILEGES = 38


@dataclass(frozen=True)
class Limits:
    """What a process may use."""

    memory: int = 4 << 30  #: bytes of address space
    seconds: float = 120.0  #: of the processor, and twice that by the clock
    output: int = 1 << 30  #: bytes of a file it writes
    handles: int = 64  #: files open at once


class _Rules(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("net", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("handle", ctypes.c_int32))


def lock(limits: Limits, readable: Sequence[Path], writable: Sequence[Path]) -> bool:
    """Limit this process and its children for good; return whether files are out of reach, too.

    Memory, time and sizes hold on every POSIX system; files and network on Linux from 5.13 on.
    """
    if sys.platform == "win32":
        return False
    import resource

    seconds = max(1, int(limits.seconds))
    for what, most in (
        (resource.RLIMIT_AS, limits.memory), (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, limits.output), (resource.RLIMIT_NOFILE, limits.handles),
        (resource.RLIMIT_CORE, 0),
    ):  # fmt: skip
        resource.setrlimit(what, (most, most))
    return sys.platform == "linux" and _landlock(readable, writable)


def _landlock(readable: Sequence[Path], writable: Sequence[Path]) -> bool:
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    if version < 1:
        return False  # an older kernel, or switched off
    rights = FILE_RIGHTS[min(version, max(FILE_RIGHTS))]
    rules = _Rules(rights, NET_RIGHTS)
    size = ctypes.sizeof(rules) if version >= 4 else 8
    handle = libc.syscall(CREATE, ctypes.byref(rules), ctypes.c_size_t(size), ctypes.c_uint32(0))
    if handle < 0:
        raise OSError(ctypes.get_errno(), "landlock ruleset")
    for paths, allowed in ((readable, READ), (writable, rights)):
        for path in paths:
            if path.exists():
                _allow(libc, handle, path, allowed)
    if libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0) or libc.syscall(
        RESTRICT, ctypes.c_int(handle), ctypes.c_uint32(0)
    ):
        raise OSError(ctypes.get_errno(), "landlock restrict")
    os.close(handle)
    return True


def _allow(libc: ctypes.CDLL, handle: int, path: Path, allowed: int) -> None:
    beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
    rights = allowed if path.is_dir() else allowed & 0x6
    rule = _Beneath(rights, beneath)
    failed = libc.syscall(
        ADD, ctypes.c_int(handle), ctypes.c_int(1), ctypes.byref(rule), ctypes.c_uint32(0)
    )
    os.close(beneath)
    if failed:
        raise OSError(ctypes.get_errno(), f"landlock rule for {path}")
