"""The nightly mix, as the clock and `nhipcau mix` run it."""

from __future__ import annotations

from datetime import datetime

from nhipcau.context import AppContext
from nhipcau.scheduler.nightly_mix import folders
from nhipcau.storage.mix import mix


async def mix_now(parts: AppContext, now: datetime) -> None:
    await mix(parts.database, parts.sealer, now, parts.settings.zone, folders(parts.settings))
