"""Writes files whole or not at all, readable by our own user alone."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path

#: How a temporary file is called, and after how many seconds nobody writes it any more.
_ASIDE, _ABANDONED_SECONDS = re.compile(r"\..+\.(?:[0-9a-f]{8}){1,2}"), 3600.0


def store_file(folder: Path, data: bytes, ending: str, day: date) -> str:
    """Write a file under a random name and return that: `<16 hex>.<ending>`. Its time is the day's midnight, UTC."""
    name = f"{secrets.token_hex(8)}.{ending}"
    write_file(folder / name, data, day)
    return name


def write_file(path: Path, data: bytes, day: date | None = None) -> None:
    """Write or replace a file; of two concurrent writers one wins whole. `day`: the file's time is its midnight, UTC;
    None: now."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = _write_aside(path, data, day)
    try:
        aside.replace(path)
    finally:
        # nothing is left there but where it could not be moved
        aside.unlink(missing_ok=True)


def _write_aside(path: Path, data: bytes, day: date | None) -> Path:
    """A temporary file beside this one, synced."""
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if day is not None:
            midnight = _midnight(day)
            os.utime(aside, (midnight, midnight))
    except BaseException:
        # for example a full disk: leave nothing half-written behind
        aside.unlink(missing_ok=True)
        raise
    return aside


def delete_file(path: Path) -> None:
    """Delete a file, if it is there; no rewriting under way brings it back."""
    with suppress(FileNotFoundError), _locked(path.parent):
        path.unlink()


def rewrite_files(folder: Path, since: date) -> int:
    """Write the files of this day and later anew, in random order, each under its name and with its time: a new inode,
    so that neither its number nor its birth tells when the file came. Returns how many.

    A file's own time says of which day it is. The time of its last change would not do: rewriting sets it, so that
    every file would be written anew each night for ever.
    """
    if not folder.is_dir():
        return 0
    # a day earlier than anywhere on earth
    oldest = _midnight(max(since, date(1970, 1, 3)) - timedelta(days=1))
    young = [path for path in folder.iterdir() if not path.name.startswith(".") and _is_younger(path, oldest)]
    secrets.SystemRandom().shuffle(young)
    return sum(_rewrite(path) for path in young)


def _is_younger(path: Path, moment: float) -> bool:
    # false where it was deleted meanwhile
    with suppress(FileNotFoundError):
        return path.is_file() and path.stat().st_mtime >= moment
    return False


def _rewrite(path: Path) -> bool:
    """Write a file anew; False: it was deleted or replaced meanwhile, and what was read of it must not come back."""
    try:
        # open until the end, so that no other file gets its inode number
        with path.open("rb") as file:
            found = os.fstat(file.fileno())
            aside = _write_aside(path, file.read(), datetime.fromtimestamp(found.st_mtime, UTC).date())
            try:
                with _locked(path.parent):
                    if not os.path.samestat(found, path.stat()):
                        return False
                    aside.replace(path)
                    return True
            finally:
                aside.unlink(missing_ok=True)
    except FileNotFoundError:
        return False


def left_behind(folder: Path) -> list[Path]:
    """Temporary files whose writer was killed: they hold what was to be written, so they must be deleted."""
    if not folder.is_dir():
        return []
    oldest = time.time() - _ABANDONED_SECONDS
    found = []
    for path in folder.iterdir():
        with suppress(FileNotFoundError):
            # its own time may be a day's midnight
            if _ASIDE.fullmatch(path.name) and path.stat().st_ctime < oldest:
                found.append(path)
    return found


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Alone among those who delete files of this folder and write them anew, in all processes."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        # a network's file system may know no such locks
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _midnight(day: date) -> float:
    return datetime.combine(day, clock_time(), UTC).timestamp()
