"""A file of ours put in place whole: under a random name, with no more of a time than its day."""

from __future__ import annotations

import os
import secrets
from datetime import UTC, date, datetime, time
from pathlib import Path


def put(folder: Path, data: bytes, ending: str, day: date) -> str:
    """Returns the name, `<16 hex>.<ending>`. File times are the day's midnight, UTC."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"{secrets.token_hex(8)}.{ending}"
    aside = folder / f".{name}"
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    midnight = datetime.combine(day, time(), UTC).timestamp()
    os.utime(aside, (midnight, midnight))
    aside.rename(folder / name)
    return name
