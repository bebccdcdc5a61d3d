"""`/healthz` (is the process alive), `/readyz` (can it work), `/metrics`."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from nhipcau.bot.messaging.channel import Channel
from nhipcau.delivery.channel_throttle import ChannelThrottle
from nhipcau.metrics import LANES, REGISTRY
from nhipcau.storage import contact_routes, outbox_upkeep, requests
from nhipcau.storage.database import Database
from nhipcau.web.guard import ForThisMachine

#: Seconds: a loop that has not run for this long is stuck.
STUCK = 60.0

Beats = Callable[[], Mapping[str, float]]


def health_routes(
    database: Database,
    channels: Mapping[str, Channel],
    beats: Beats,
    throttles: Callable[[], Mapping[str, ChannelThrottle]],
) -> list[BaseRoute]:
    """`beats`: when each loop last ran (monotonic seconds); `throttles`: of the channels this process sends to."""

    async def healthz(request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(request: Request) -> Response:
        loops = {name: round(time.monotonic() - beat, 1) for name, beat in beats().items()}
        answers = await database.answers()
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
        return PlainTextResponse(
            await _metrics(database, channels, beats(), throttles()), media_type="text/plain; version=0.0.4"
        )

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]


def only_from_here(routes: Sequence[BaseRoute]) -> list[BaseRoute]:
    """The same routes on the address that phones use: what runs here is shown to programs of this machine alone, that
    it lives to anybody."""
    return [
        Route(each.path, ForThisMachine(each.app)) if isinstance(each, Route) and each.path != "/healthz" else each
        for each in routes
    ]


async def _metrics(
    database: Database,
    channels: Mapping[str, Channel],
    beats: Mapping[str, float],
    throttles: Mapping[str, ChannelThrottle],
) -> str:
    registry = CollectorRegistry()

    def gauge(name: str, words: str, *labels: str) -> Gauge:
        return Gauge(f"nhipcau_{name}", words, labels, registry=registry)

    waiting = gauge("outbox_waiting", "Messages waiting to be delivered", "lane")
    oldest = gauge("outbox_oldest_seconds", "Seconds the oldest message that may go out has been due", "lane")
    asked = gauge("requests", "Polls and rapid requests by kind and state", "kind", "state")
    up = gauge("channel_up", "1 where the channel works", "channel")
    age = gauge("loop_age_seconds", "Seconds since a loop's last beat", "loop")
    rate = gauge("pace", "Messages a second a channel is given now (+Inf: no limit)", "channel")
    held = gauge("channel_held_seconds", "Seconds a channel still has to wait", "channel")
    used = gauge("plan_used", "Messages of this month (UTC) an app with a plan has taken", "channel")
    answers = gauge("database_up", "1 where the database answers")
    now = datetime.now(UTC)
    try:
        async with database.reading() as connection:
            for lane, count in (await outbox_upkeep.count_by_lane(connection)).items():
                waiting.labels(LANES[lane]).set(count)
            for lane, due in (await outbox_upkeep.oldest_due(connection, now)).items():
                oldest.labels(LANES[lane]).set((now - due).total_seconds())
            for (kind, state), count in (await requests.count_by_state(connection)).items():
                asked.labels(kind, state).set(count)
            for name, count in (await contact_routes.sent_in(connection, now.date())).items():
                used.labels(name).set(count)
        answers.set(1)
    except Exception:  # whatever it is: the metrics that need no database are wanted all the more
        answers.set(0)
    for name, channel in channels.items():
        up.labels(name).set(1 if channel.status().ok else 0)
    for name, beat in beats.items():
        age.labels(name).set(time.monotonic() - beat)
    for name, each in throttles.items():
        rate.labels(name).set(each.limiter.rate)
        held.labels(name).set(each.wait())
    return (generate_latest(registry) + generate_latest(REGISTRY)).decode()
