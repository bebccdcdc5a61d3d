"""A file of ours put in place whole or not at all, and nobody else's to read."""

from __future__ import annotations

import os
import secrets
from datetime import UTC, date, datetime, time
from pathlib import Path


def put(folder: Path, data: bytes, ending: str, day: date) -> str:
    """Under a random name, which it returns: `<16 hex>.<ending>`. Its time is the midnight (UTC) of the day."""
    name = f"{secrets.token_hex(8)}.{ending}"
    put_as(folder / name, data, day)
    return name


def put_as(path: Path, data: bytes, day: date | None = None) -> None:
    """Under this name, in place of what stood there; two who put it at once leave one of the two whole. `day`: its
    time; None: now."""
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
        # a full disk: nothing half is left behind
        aside.unlink(missing_ok=True)
        raise
