"""An error as a log may name it: its kind and the line of ours it came from, never its words: they may hold content."""

from __future__ import annotations

import time
import traceback
from pathlib import Path

#: Seconds after which a trouble that lasts is said once more.
_AGAIN = 60.0


def name_of(error: BaseException) -> dict[str, str]:
    """`{"error": …, "where": "reporting.py:120"}`."""
    ours = [f for f in traceback.extract_tb(error.__traceback__) if "nhipcau" in f.filename]
    where = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""
    return {"error": type(error).__name__, "where": where}


class RepeatedErrorFilter:
    """A loop in trouble says so once a minute, not at every try."""

    def __init__(self) -> None:
        self._said: dict[str, float] = {}

    def is_news(self, error: BaseException) -> bool:
        """Whether this kind of error was not said lately; then it counts as said."""
        kind, now = type(error).__name__, time.monotonic()
        if now - self._said.get(kind, float("-inf")) < _AGAIN:
            return False
        self._said[kind] = now
        return True
