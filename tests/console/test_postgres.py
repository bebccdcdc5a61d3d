"""Every page of the console for each role: on PostgreSQL the same as on SQLite."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from starlette.routing import compile_path

from nhipcau.console.all_pages import ALL_PAGES
from tests.support.console import Browser, signed_in
from tests.support.postgres import new_database
from tests.support.reports import filed, merged
from tests.support.requests import answer_all, ask, end, yesno
from tests.support.world import World, open_world

pytestmark = pytest.mark.slow

_ROLES = {"coordinator": "X06040", "leader": "T20", "admin": "T20"}
#: What is chance: tokens, secrets and their pictures, random names of things.
_CHANCE = re.compile(
    r'value="[^"]*\.[^"]*\.[^"]*"|value="[A-Z2-7]{32}"|(?:\b[A-Z2-7]{4}\b ?){8}|data:image/svg[^"]*'
    r'|data-\w+="[^"]*"|\b[0-9a-f]{12,}\b|\b[A-Z0-9]{10}\b|\b[a-z2-9]{8}\b'
)
#: Pages that other processes draw or write, that go on for long, or whose subject is not there.
_ELSEWHERE = {
    *("/photo/{name}", "/chart/trend.svg", "/requests/{id}/picture.jpg", "/requests/{id}/publication.docx"),
    *("/network/cards/print", "/requests/{id}/counts", "/requests/questions/{id}"),
    *("/syntheses/{synthesis}", "/syntheses/{synthesis}/document", "/syntheses/{synthesis}/pdf"),
}
#: Of one kind of page (two addresses with the same words) so many are looked at.
_OF_A_KIND = 2


async def fill(world: World) -> None:
    world.steady_ids = True
    phones = [await world.joined(name) for name in ("Bác Cộng", "Bác Trừ", "Bác Nhân", "Bác Chia", "Bác Lan")]
    texts = ("Cầu treo thôn Nà Lầu hỏng ván", "Mất nước sạch ba ngày nay", "Đèn đường tối om cả xóm")
    codes = [await filed(phones[0], text, area="Xã Thất Khê") for text in texts]
    khoi = await world.joined("Nông Văn Khôi", role="coordinator")
    await merged(khoi, codes[0], "Cầu treo xuống cấp ở nhiều thôn")
    closed = await ask(world, yesno("Có nên họp tối không?"))
    await answer_all(phones, ["Có"] * 5)
    await end(world, closed)
    await ask(world, yesno("Rét hại thế nào?", deadline="10h"), "rapid", unit="X06040")


def _page_at(address: str) -> str:
    """The path of its page; "-": none."""
    path = address.partition("?")[0].removeprefix("/console")
    return next((page.path for page in ALL_PAGES if page.show and compile_path(page.path)[0].fullmatch(path)), "-")


def _kind(address: str) -> str:
    """Its page, and what its query names."""
    return _page_at(address) + "?" + re.sub(r"=[^&]*", "", address.partition("?")[2])


def _plain(browser: Browser) -> list[str]:
    """The lines of the page without what is chance, as is the order of what happened on one day."""
    kind = browser.answer.headers.get("content-type", "").partition(";")[0]
    lines = browser.answer.text.splitlines() if kind in {"text/html", "text/csv"} else [kind]
    return [str(browser.status), *sorted(_CHANCE.sub("·", line) for line in lines)]


async def pages_of(world: World) -> dict[tuple[str, str], list[str]]:
    """Role and address → the page: each without a code, then those that their links lead to, by the links' words."""
    found: dict[tuple[str, str], list[str]] = {}
    for role, unit in _ROLES.items():
        browser = await signed_in(world, await world.joined(f"Người {role}", unit, role))
        waiting = [f"/console{page.path}" for page in ALL_PAGES if page.show and "{" not in page.path]
        seen, kinds = set[str](), Counter[str]()
        while waiting:
            address = waiting.pop(0)
            if address in seen or kinds[_kind(address)] >= _OF_A_KIND or _page_at(address) in {"-", *_ELSEWHERE}:
                continue
            seen.add(address)
            kinds[_kind(address)] += 1
            await browser.open(address)
            found[role, f"{_kind(address)} {kinds[_kind(address)]}"] = _plain(browser)
            if browser.answer.headers.get("content-type", "").startswith("text/html"):
                waiting += [href for _, href in sorted(browser.links().items()) if href.startswith("/console")]
    return found


async def test_each_page_is_the_same_on_both_databases(tmp_path: Path) -> None:
    looked = []
    for name, url in (("sqlite", f"sqlite+aiosqlite:///{tmp_path}/n.db"), ("postgres", new_database())):
        async with open_world(tmp_path / name, database_url=url) as world:
            await fill(world)
            looked.append(await pages_of(world))
    on_sqlite, on_postgres = looked
    assert on_postgres.keys() == on_sqlite.keys()
    # a line for each that differs
    differ = {key: set(page) ^ set(on_postgres[key]) for key, page in on_sqlite.items() if on_postgres[key] != page}
    assert differ == {}
    assert {page[0] for page in on_sqlite.values()} == {"200", "404"}
    good = {address.partition("?")[0] for (_, address), page in on_sqlite.items() if page[0] == "200"}
    assert {page.path for page in ALL_PAGES if page.show} - good == _ELSEWHERE
