"""`/healthz`, `/readyz`, `/metrics`: is it alive, can it work, how is it doing."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from sqlalchemy import func, select, text
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from nhipcau.bot.channel import Channel
from nhipcau.storage.db import Database
from nhipcau.storage.tables import outbox, requests

#: A loop that has not beaten for this long is stuck.
STUCK = 60.0

Beats = Callable[[], Mapping[str, float]]


def health_routes(database: Database, channels: Mapping[str, Channel], beats: Beats) -> list[BaseRoute]:
    """`beats`: monotonic seconds of each loop's last beat."""

    async def healthz(request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(request: Request) -> Response:
        loops = {name: round(time.monotonic() - beat, 1) for name, beat in beats().items()}
        answers = await _database_answers(database)
        states = {name: channel.status() for name, channel in sorted(channels.items())}
        ready = answers and all(age < STUCK for age in loops.values())
        body = {
            "ready": ready,
            "database": answers,
            "loops": loops,
            "channels": {name: {"ok": state.ok, "detail": state.detail} for name, state in states.items()},
        }
        return JSONResponse(body, status_code=200 if ready else 503)

    async def metrics(request: Request) -> Response:
        return PlainTextResponse(await _metrics(database, channels, beats()), media_type="text/plain; version=0.0.4")

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]


async def _database_answers(database: Database) -> bool:
    try:
        async with database.reading() as connection:
            await connection.execute(text("SELECT 1"))
        return database.is_in_place()
    except Exception:  # whatever it is, the answer is no
        return False


async def _metrics(database: Database, channels: Mapping[str, Channel], beats: Mapping[str, float]) -> str:
    registry = CollectorRegistry()
    waiting = Gauge("nhipcau_outbox_waiting", "Messages waiting to be delivered", ["lane"], registry=registry)
    asked = Gauge(
        "nhipcau_requests", "Polls and rapid requests by kind and state", ["kind", "state"], registry=registry
    )
    up = Gauge("nhipcau_channel_up", "1 where the channel works", ["channel"], registry=registry)
    age = Gauge("nhipcau_loop_age_seconds", "Seconds since a loop's last beat", ["loop"], registry=registry)
    async with database.reading() as connection:
        for lane, count in await connection.execute(select(outbox.c.lane, func.count()).group_by(outbox.c.lane)):
            waiting.labels(str(lane)).set(count)
        kinds = select(requests.c.kind, requests.c.state, func.count()).group_by(requests.c.kind, requests.c.state)
        for kind, state, count in await connection.execute(kinds):
            asked.labels(kind, state).set(count)
    for name, channel in channels.items():
        up.labels(name).set(1 if channel.status().ok else 0)
    for name, beat in beats.items():
        age.labels(name).set(time.monotonic() - beat)
    return generate_latest(registry).decode()
