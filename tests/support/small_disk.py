"""A disk that is full on command, without anything that a plain container lacks.

Where this machine lets us mount, a small tmpfs: what is written there fails with ENOSPC. And everywhere a limit on how
long any file of one process may grow (RLIMIT_FSIZE, set from outside while it runs): EFBIG, which SQLite calls an I/O
error.
"""

from __future__ import annotations

import errno
import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import Protocol

#: Bytes. SQLite copies its log of writes over at four megabytes: that and the database must fit before it is filled.
_SIZE = 8_000_000
_FOREVER = resource.RLIM_INFINITY


class SmallDisk(Protocol):
    def fill(self, pid: int, written: Path) -> None:
        """From now on the process of this id can't write on in this file."""

    def make_room(self, pid: int) -> None: ...


class Limit:
    """No file of that process may grow beyond a few bytes, its database's log included, which is emptied whenever
    nothing is written; with `log_too` not even what the service has to say."""

    def __init__(self, *, log_too: bool = False) -> None:
        self._log_too = log_too

    def fill(self, pid: int, written: Path) -> None:
        size = 1 if self._log_too else 4096
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, _FOREVER))

    def make_room(self, pid: int) -> None:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (_FOREVER, _FOREVER))


class Tmpfs:
    """A mounted disk whose last byte a file of ours takes."""

    def __init__(self, folder: Path) -> None:
        self._ballast = folder / "ballast"

    def fill(self, pid: int, written: Path) -> None:
        with self._ballast.open("ab", buffering=0) as file:
            for size in (65_536, 1):
                with suppress(OSError):
                    while file.write(bytes(size)):
                        pass

    def make_room(self, pid: int) -> None:
        self._ballast.unlink()


def may_mount() -> bool:
    """Whether this machine lets us mount a tmpfs (a container without more rights does not)."""
    folder = Path(mkdtemp(prefix="nhipcau-mount-"))
    try:
        with mounted(folder):
            return True
    except OSError:
        return False
    finally:
        folder.rmdir()


@contextmanager
def mounted(folder: Path) -> Iterator[Tmpfs]:
    """A tmpfs of a few megabytes at this folder. Raises OSError where that is not permitted."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "nhipcau-test", str(folder)]
    try:
        done = subprocess.run(mount, capture_output=True, check=False).returncode
    except FileNotFoundError:
        done = 1
    if done:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))
    try:
        yield Tmpfs(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], capture_output=True, check=True)
