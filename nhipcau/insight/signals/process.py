"""Computes signals in a process of its own: what computes would stay in the service's memory for good."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from pydantic import TypeAdapter

from nhipcau.model.signals import Rise

#: Days of counts that a look needs: half a year of looks, each with half a year before it, and a year for the season.
DAYS = 7 * (26 + 26 + 2 + 54)
#: Seconds it may take.
_LIMIT = 120.0
#: Environment variables passed to the process: no setting, no token.
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT")
_RISES = TypeAdapter(list[Rise])


class NotComputed(Exception):
    """The process failed or took too long; its text says which, without content."""


async def compute(
    rows: Sequence[tuple[date, str, str, int]], last: date, topics: Sequence[str], areas: Mapping[str, str], root: str
) -> list[Rise]:
    """As `rises.rises`, of counts up to this day. `rows`: day, topic, area, reports. `areas`: code → cluster."""
    given = {
        "first": (last - timedelta(days=DAYS - 1)).isoformat(),
        "last": last.isoformat(),
        "rows": [(day.isoformat(), topic, area, number) for day, topic, area, number in rows],
        "topics": list(topics),
        "areas": dict(areas),
        "root": root,
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "nhipcau.insight.signals.worker"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
    )
    try:
        async with asyncio.timeout(_LIMIT):
            body, _ = await process.communicate(json.dumps(given).encode())
    except TimeoutError:
        raise NotComputed("slow") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise NotComputed(f"status {process.returncode}")
    return _RISES.validate_json(body)
