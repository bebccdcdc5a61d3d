"""How errors are logged: by type and our line of code, never by their text, which may hold what a person wrote."""

from __future__ import annotations

import time
import traceback
from pathlib import Path

#: Seconds after which a repeated error is logged once more.
_AGAIN = 60.0


def name_of(error: BaseException) -> dict[str, str]:
    """The fields to log: `{"error": "KeyError", "where": "sender.py:120"}`."""
    ours = [f for f in traceback.extract_tb(error.__traceback__) if "nhipcau" in f.filename]
    where = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""
    return {"error": type(error).__name__, "where": where}


class RepeatedErrorFilter:
    """Lets a failing loop log each type of error once a minute, not at every try."""

    def __init__(self) -> None:
        self._logged_at: dict[str, float] = {}

    def should_log(self, error: BaseException) -> bool:
        """Whether this type of error was not logged in the last minute; then it counts as logged."""
        kind, now = type(error).__name__, time.monotonic()
        if now - self._logged_at.get(kind, float("-inf")) < _AGAIN:
            return False
        self._logged_at[kind] = now
        return True
