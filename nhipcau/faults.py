"""An error as a log may name it: its kind and the line of ours it came from, never its words: they may hold content."""

from __future__ import annotations

import traceback
from pathlib import Path


def name_of(error: BaseException) -> dict[str, str]:
    """`{"error": …, "where": "reporting.py:120"}`."""
    ours = [f for f in traceback.extract_tb(error.__traceback__) if "nhipcau" in f.filename]
    where = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""
    return {"error": type(error).__name__, "where": where}
