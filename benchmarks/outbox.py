"""The outbox alone, beside a queue of the trade on the same PostgreSQL: put, claim, record as delivered; no network.

Ours are a broadcast's questions, so each also marks its person as reached; theirs are tasks that do nothing.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import delete

from benchmarks import peer_procrastinate
from benchmarks.filled import fill_outbox, fill_request
from benchmarks.people import office, settle
from benchmarks.table import Line, rates
from nhipcau.context import AppContext
from nhipcau.delivery.sender import MAX_UNDER_WAY
from nhipcau.storage import outbox
from nhipcau.storage.delivery_outcomes import DeliveryResults, record_outcomes
from nhipcau.storage.tables import requests
from nhipcau.storage.units import load_tree
from tests.support.postgres import new_database

ROWS = 3000
REPEATS = 3
_FIRST = 100_001


async def claim_and_mark() -> list[Line]:
    ours, peer = [], []
    mine, theirs = await asyncio.to_thread(lambda: (new_database(), new_database()))
    with TemporaryDirectory() as name:
        async with office(Path(name), mine) as parts, peer_procrastinate.opened(theirs) as app:
            doors = await settle(parts, range(_FIRST, _FIRST + ROWS))
            for _ in range(REPEATS):
                ours.append(await _rows_per_second(parts, doors))
                peer.append(await peer_procrastinate.rows_per_second(app, ROWS))
    what = f"outbox: {ROWS:,} put, claimed, delivered on PostgreSQL (rows/s; the peer procrastinate)"
    return [rates(what, ours, peer, "at least 1.0x")]


async def _rows_per_second(parts: AppContext, doors: list[str]) -> float:
    async with parts.database.writing() as connection:
        request = await fill_request(connection, await load_tree(connection), doors)
    begun = time.perf_counter()
    async with parts.database.writing() as connection:
        await fill_outbox(connection, parts, len(doors), request)
    sent = await _drain(parts)
    taken = time.perf_counter() - begun
    assert sent == len(doors)
    async with parts.database.writing() as connection:
        await connection.execute(delete(requests).where(requests.c.id == request))
    return sent / taken


async def _drain(parts: AppContext) -> int:
    """Rounds as the sender makes them (delivery/sender.py): one transaction records what was sent and takes more."""
    sent, outcomes = 0, DeliveryResults()
    while True:
        now = datetime.now(UTC)
        async with parts.database.writing() as connection:
            await record_outcomes(connection, parts.sealer, outcomes, now, now.date())
            claimed = await outbox.claim(connection, parts.sealer, "telegram", now, quiet=False, most=MAX_UNDER_WAY)
            unwanted = await outbox.unwanted(connection, claimed, now)
        if not claimed:
            return sent
        assert not unwanted
        outcomes = DeliveryResults(delivered=claimed)
        sent += len(claimed)
