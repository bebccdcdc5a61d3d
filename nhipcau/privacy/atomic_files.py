"""Writes files whole or not at all, readable by our own user alone."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path


def store_file(folder: Path, data: bytes, ending: str, day: date) -> str:
    """Write a file under a random name and return that: `<16 hex>.<ending>`. Its time is the day's midnight, UTC."""
    name = f"{secrets.token_hex(8)}.{ending}"
    write_file(folder / name, data, day)
    return name


def write_file(path: Path, data: bytes, day: date | None = None) -> None:
    """Write or replace a file; of two concurrent writers one wins whole. `day`: the file's time is its midnight, UTC;
    None: now."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if day is not None:
            midnight = datetime.combine(day, time(), UTC).timestamp()
            os.utime(aside, (midnight, midnight))
        aside.replace(path)
    except OSError:
        # for example a full disk: leave nothing half-written behind
        aside.unlink(missing_ok=True)
        raise


def rewrite_files(folder: Path, since: date) -> int:
    """Write the files made or changed on this day or later anew, in random order, each under its name and with its
    time: a new inode, so that neither its number nor its birth tells when the file came. Returns how many."""
    if not folder.is_dir():
        return 0
    # a day earlier than anywhere on earth
    oldest = (datetime.combine(max(since, date(1970, 1, 3)), time(), UTC) - timedelta(days=1)).timestamp()
    paths = [path for path in folder.iterdir() if not path.name.startswith(".")]
    young = [path for path in paths if path.is_file() and path.stat().st_ctime >= oldest]
    secrets.SystemRandom().shuffle(young)
    for path in young:
        # deleted meanwhile
        with suppress(FileNotFoundError):
            day = datetime.fromtimestamp(path.stat().st_mtime, UTC).date()
            write_file(path, path.read_bytes(), day)
    return len(young)
