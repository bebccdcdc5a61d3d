"""Every page of the console over a million reports, ten thousand people and two hundred polls, beside its bare queries.

`python -m benchmarks.console 100000` measures over another number; `NHIPCAU_BENCH_URL` another database.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from sqlalchemy import event, insert, select
from starlette.applications import Starlette

from benchmarks.filled import fill
from benchmarks.people import office, settle
from benchmarks.table import Line, percentile, show
from nhipcau.bot.forms.model import Form
from nhipcau.console.all_pages import ALL_PAGES
from nhipcau.console.routes import console_routes
from nhipcau.console.visit import Console
from nhipcau.context import AppContext
from nhipcau.operations.commit import Committer
from nhipcau.privacy.identifiers import new_id
from nhipcau.storage import console_sessions
from nhipcau.storage.sealed_people import add_people
from nhipcau.storage.tables import reports, requests, units
from nhipcau.storage.units import load_tree

NUMBER, PEOPLE, POLLS = 1_000_000, 10_000, 200
_CALLS = 20
#: What a page may take on the server at p95, in milliseconds.
BOUND = 100
#: Role → pages it opens; {report} is a report's code.
_PAGES = {
    "coordinator": (
        *("", "/reports", "/reports?state=new", "/reports?topic=MT&area=X06184", "/reports?mood=buc_xuc&urgency=khan"),
        *("/reports/{report}", "/issues", "/requests", "/requests/new?kind=poll", "/requests/{request}"),
        *("/network", "/insight", "/syntheses"),
    ),
    "admin": ("", "/network", "/audit", "/settings"),
}


async def every_page(number: int = NUMBER) -> list[Line]:
    with TemporaryDirectory() as name:
        async with office(Path(name), os.environ.get("NHIPCAU_BENCH_URL", "")) as parts:
            await fill(parts, number)
            names = await _fill_rest(parts)
            return [await _line(parts, role, number, names) for role in _PAGES]


async def _fill_rest(parts: AppContext) -> dict[str, str]:
    async with parts.database.reading() as connection:
        codes = list(await connection.scalars(select(units.c.code).order_by(units.c.code)))
    share = PEOPLE // len(codes) + 1
    for n, code in enumerate(codes):
        await settle(parts, range(100_000 + n * share, 100_000 + (n + 1) * share), code)
    now = datetime.now(UTC)
    async with parts.database.writing() as connection:
        tree = await load_tree(connection)
        await connection.execute(insert(requests), [_poll(n, tree.by_code["T20"].id, now) for n in range(POLLS)])
        report = await connection.scalar(select(reports.c.code).limit(1))
    return {"report": str(report), "request": "p0000000"}


def _poll(number: int, unit: int, now: datetime) -> dict[str, Any]:
    id, opened = f"p{number:07}", now - timedelta(days=3 * number + 1)
    form = Form(id, f"Thăm dò {number}", ()).to_json()
    row = {"id": id, "kind": "rapid", "unit_id": unit, "title": f"Thăm dò {number}", "form": form}
    row |= {"audience": '{"paths": [], "roles": [], "sample": 0}', "state": "closed" if number > 3 else "open"}
    return {**row, "opens_at": opened, "closes_at": opened + timedelta(days=7)}


async def _line(parts: AppContext, role: str, number: int, names: dict[str, str]) -> Line:
    browser = await _signed_in(parts, role)
    worst, worst_page, bare = 0.0, "", 0.0
    for page in _PAGES[role]:
        taken, asked = await _measured(parts, browser, f"/console{page}".format(**names))
        print(f"{role} {page or '/'}: p95 {1000 * taken:.0f} ms, its queries {1000 * asked:.0f} ms", flush=True)
        if taken > worst:
            worst, worst_page, bare = taken, page or "/", asked
    what = f"the slowest of {len(_PAGES[role])} pages of the console, {role}, {number:,} reports (p95)"
    ours, peer = f"{1000 * worst:.0f} ms ({worst_page})", f"{1000 * bare:.0f} ms (its bare queries)"
    return Line(what, ours, peer, f"{worst / max(bare, 1e-6):.1f}x", f"under {BOUND} ms")


async def _signed_in(parts: AppContext, role: str) -> httpx.AsyncClient:
    id, token, now = new_id("id"), secrets.token_urlsafe(32), datetime.now(UTC)
    async with parts.database.writing() as connection:
        at = (await load_tree(connection)).by_code["T20"].id
        person = {"id": id, "tag_secret": new_id("id"), "name": "Người đo", "unit_id": at, "role": role}
        await add_people(connection, parts.sealer, [{**person, "state": "consented", "consented_at": now}])
        await console_sessions.begin(connection, new_id("id"), token, id, now, "?")
    console = Console(parts, Committer(parts.database, parts.sealer, parts.office), {})
    app = Starlette(routes=console_routes(console, ALL_PAGES))
    transport = httpx.ASGITransport(app=app)
    return httpx.AsyncClient(transport=transport, base_url=parts.settings.url, cookies={"nc-console": token})


async def _measured(parts: AppContext, browser: httpx.AsyncClient, path: str) -> tuple[float, float]:
    """Seconds of the page at p95, and of the statements it asks at p95."""
    pages, statements = [], []
    for n in range(_CALLS + 1):
        with _asking(parts) as asked:
            begun = time.perf_counter()
            answer = await browser.get(path)
            taken = time.perf_counter() - begun
        assert answer.status_code == 200, (path, answer.status_code)
        if n:  # the first reads templates and fills caches
            pages.append(taken)
            statements.append(sum(asked))
    return percentile(pages, 0.95), percentile(statements, 0.95)


@contextmanager
def _asking(parts: AppContext) -> Iterator[list[float]]:
    """Seconds of each statement that is sent meanwhile."""
    engine, found, begun = parts.database.engine.sync_engine, list[float](), list[float]()

    def before(*_: Any) -> None:
        begun.append(time.perf_counter())

    def after(*_: Any) -> None:
        found.append(time.perf_counter() - begun.pop())

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "after_cursor_execute", after)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", before)
        event.remove(engine, "after_cursor_execute", after)


if __name__ == "__main__":
    show(asyncio.run(every_page(int(sys.argv[1]) if len(sys.argv) > 1 else NUMBER)))
