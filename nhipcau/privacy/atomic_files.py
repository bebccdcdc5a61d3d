"""Writes files whole or not at all, readable by our own user alone."""

from __future__ import annotations

import os
import secrets
from datetime import UTC, date, datetime, time
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
