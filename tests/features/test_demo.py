"""The demonstration: a commune with a past, phones that open again anywhere, a console that is signed in."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from nhipcau.bot.language.catalogue import texts
from nhipcau.console.all_pages import ALL_PAGES
from nhipcau.console.routes import console_routes
from nhipcau.console.visit import Console
from nhipcau.context import build
from nhipcau.demo.after import find_rises, make_synthesis
from nhipcau.demo.office import fill
from nhipcau.demo.open_console import PATH, console_route
from nhipcau.demo.past import Past, past_words
from nhipcau.demo.people import SimulatedPhones
from nhipcau.demo.shared_phones import SharedPhones
from nhipcau.settings import Settings
from nhipcau.storage.tables import issues, outbox, people, poll_counts, reports, requests, signals, strands, syntheses
from tests.support.running_counts import current_counts, recount
from tests.support.world import World

_URL = "http://127.0.0.1:8080"


@pytest.mark.slow
async def test_the_commune_has_three_months_of_life(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/n.db"
    settings = Settings(_env_file=None, data_dir=tmp_path, database_url=url, quiet_hours="off", push_budget=0)
    parts = build(settings)
    sample = await fill(parts)
    phones = SimulatedPhones(texts("vi"), sample.answers, slowest=0)
    world = World(parts, datetime.now(UTC))
    try:
        await Past(parts, phones, sample).play()
        states = Counter(row.state for row in await world.rows(select(reports.c.state)))
        assert sum(states.values()) > 100
        assert min(states["new"], states["received"], states["in_progress"]) > 1
        days = [row.day for row in await world.rows(select(reports.c.day))]
        assert (max(days) - min(days)).days > 80
        asked = Counter((row.kind, row.state) for row in await world.rows(select(requests.c.kind, requests.c.state)))
        assert asked["poll", "open"] == asked["poll", "closed"] == 1
        assert (asked["duty", "closed"] > 0, asked["duty", "open"], asked["notice", "closed"]) == (True, 0, 1)
        assert len(await world.rows(select(poll_counts))) > 5
        found = await world.rows(select(issues.c.state))
        assert sorted(row.state for row in found) == ["done", "in_progress"]
        assert await world.rows(select(strands))
        # the visitor has both phones before them, unused, and nothing old comes to anybody
        assert Counter(row.state for row in await world.rows(select(people.c.state)))["invited"] == 2
        assert await world.rows(select(outbox)) == []
        async with parts.database.reading() as connection:
            assert await current_counts(connection) == await recount(connection)
        await find_rises(world.committer, settings)
        [rise] = await world.rows(select(signals))
        assert (rise.topic, rise.state) == (past_words()["rising"]["topic"], "new")
        await make_synthesis(world.committer, settings, sample.unit, past_words()["synthesis"]["other"])
        assert [row.state for row in await world.rows(select(syntheses.c.state))] == ["checked"]
    finally:
        await parts.database.close()


def _client(app: object) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=_URL, follow_redirects=True)  # type: ignore[arg-type]


async def test_a_phone_opened_in_another_browser_is_the_same_phone() -> None:
    async def page(request: Request) -> Response:
        return PlainTextResponse(request.cookies.get("nc", "nobody"))

    async def start(request: Request) -> Response:
        response = PlainTextResponse("")
        response.set_cookie("nc", f"session-{request.query_params['n']}", path="/c/AAAA")
        return response

    routes = [Route("/c/{code}", page), Route("/c/{code}/start", start, methods=["POST"])]
    shared = SharedPhones(Starlette(routes=routes), ["AAAA"])
    async with _client(shared) as first, _client(shared) as second:
        assert (await second.get("/c/AAAA")).text == "nobody"
        await first.post("/c/AAAA/start?n=1")
        assert [(await each.get("/c/AAAA")).text for each in (first, second)] == ["session-1"] * 2
        # a fresh session, as when somebody has agreed to take part
        await first.post("/c/AAAA/start?n=2")
        assert (await second.get("/c/AAAA")).text == "session-2"
        assert (await second.get("/c/BBBB")).text == "nobody"


async def test_the_console_is_signed_in_again_and_again(world: World) -> None:
    await world.joined("Anh Khác", "X06184", "coordinator")
    person, _ = await world.card("Nguyễn Văn Bình", "X06184", "coordinator")
    console = Console(world.parts, world.committer, world.parts.channels, now=lambda: world.now)
    app = Starlette(routes=[console_route(console, person), *console_routes(console, ALL_PAGES)])
    async with _client(app) as first, _client(app) as second:
        for browser in (first, first, second):
            answer = await browser.get(PATH)
            assert answer.url.path == "/console"
            assert "Nguyễn Văn Bình" in answer.text
