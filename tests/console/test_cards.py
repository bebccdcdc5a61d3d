"""Cards at the console: new ones are announced before they are made, printing uses nothing up."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from nhipcau.bot.channels.registry import make_links
from nhipcau.storage.tables import audit, invites
from tests.support.console import Browser, signed_in
from tests.support.people import many
from tests.support.world import World

pytestmark = pytest.mark.slow


async def opened(world: World, role: str = "coordinator", unit: str = "X06040") -> Browser:
    settings = world.parts.settings
    # what a running service knows
    world.parts.links = lambda code: make_links(settings, settings.url, code, {})  # type: ignore[method-assign]
    browser = await signed_in(world, await world.joined(f"Người {role}", unit, role))
    return await browser.open("/console/network/cards")


async def codes(world: World) -> set[str]:
    return {row.code for row in await world.rows(select(invites)) if row.uses_left and not row.revoked}


async def test_new_cards_are_announced_made_once_and_printed_often(world: World) -> None:
    await many(world, 3)
    _, kept = await world.card("Nông Văn Khôi")
    browser = await opened(world)
    assert browser.heading == "Mạng lưới"
    assert "3 người chưa có thẻ" in browser.text
    sent = browser.filled("Làm 3 thẻ mới", {})
    for _ in range(2):
        await browser.send(*sent)
        assert "4 người có thẻ còn dùng được" in browser.text
        assert len(await codes(world)) == 4
    assert kept in await codes(world)
    assert not [button for button in browser.buttons() if button.startswith("Làm")]
    [link] = [href for label, href in browser.links().items() if label == "In thẻ (PDF)"]
    await browser.open(link)
    assert browser.answer.content.startswith(b"%PDF")
    assert len(await codes(world)) == 4
    assert [row.number for row in await world.rows(audit.select()) if row.kind == "invite.roster"] == [4]


async def test_nobody_prints_cards_of_colleagues_or_of_other_units(world: World) -> None:
    await world.card("Anh Minh", role="coordinator")
    await world.card("Bác Xa", unit="X06043")
    browser = await opened(world)
    assert "Không còn ai chờ thẻ" in browser.text
    for address in ("/console/network/cards?unit=X06043", "/console/network/cards/print?unit=X06043"):
        assert (await browser.open(address)).status == 404
    assert (await browser.open("/console/network/cards/print")).status == 404
    admin = await opened(world, "admin", "T20")
    assert "2 người có thẻ còn dùng được" in admin.text
    await admin.open("/console/network/cards?unit=X06043&app=nope")
    assert "1 người có thẻ còn dùng được" in admin.text
    leader = await opened(world, "leader", "T20")
    assert leader.status == 404
