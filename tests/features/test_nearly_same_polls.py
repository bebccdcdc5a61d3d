"""Two polls of nearly the same people, from asking to the export, on both sides of the difference."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from nhipcau.model.queries import AskedBefore
from nhipcau.model.requests import Audience
from nhipcau.model.scope import Scope
from nhipcau.storage.registry import QueryContext
from nhipcau.storage.requests import read_requests
from nhipcau.storage.run_queries import answer
from tests.support.requests import answer_all, ask, crowd, csv_rows, end, yesno
from tests.support.world import World

pytestmark = pytest.mark.slow


async def test_who_was_added_is_not_told_by_the_difference(world: World) -> None:
    """Rule R14: nine, then ten people; without this the tenth answer is one subtraction away."""
    phones = await crowd(world, 11)
    khoi = await world.joined("Khôi", role="coordinator")
    first = await ask(world, yesno())
    await answer_all(phones[:10], ["Có", "Không"] * 5)
    await end(world, first)
    for phone in phones:
        await phone.read()
    second = await ask(world, yesno("Họp tối thứ Bảy? Hỏi lại"))
    await answer_all(phones, ["Có", "Không"] * 5 + ["Không"])
    await end(world, second)
    told = (await phones[0].read())[-1].text
    assert "Không công bố riêng" in told
    assert "▓" not in told
    assert len(await csv_rows(world, "answers", poll=first)) == 10
    assert await csv_rows(world, "answers", poll=second) == []
    await khoi.say("kết quả")
    await khoi.tap("Họp tối thứ Bảy? Hỏi lại")
    assert "Không công bố riêng" in khoi.last.text
    assert "▓" not in khoi.last.text


async def test_composing_says_that_nearly_the_same_people_were_asked(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    phones = await crowd(world, 6)
    khoi = await world.joined("Khôi", role="coordinator")
    first = await ask(world, yesno())
    await answer_all(phones, ["Có", "Không"] * 3)
    await end(world, first)

    async def preview() -> str:
        await khoi.say("thăm dò")
        for words in ("Có tiện không?", "Có / Không", "1", "1", "1 ngày"):
            await khoi.say(words)
        text = khoi.last.text
        await khoi.say("hủy")
        return text

    assert "Lưu ý" not in await preview()
    await world.joined("Người mới", "X06040")
    assert "một phần những người này" in await preview()


async def test_nobody_is_warned_of_what_will_be_shown(world: World) -> None:
    """A poll that says it repeats the other, or opens four weeks later, is shown where five people were exchanged."""
    phones = await crowd(world, 6)
    first = await ask(world, yesno())
    await answer_all(phones, ["Có", "Không"] * 3)
    await end(world, first)
    for n in range(7, 12):
        await world.joined(f"Người {n}", "X06040")
    async with world.parts.database.reading() as connection:
        tree = (await world.parts.office(connection)).tree
        form = (await read_requests(connection, tree, [first]))[first].form
        at = QueryContext(connection, world.parts.sealer, tree, world.now, {}, world.parts.settings.zone)
        now = AskedBefore(Scope.office(), Audience((tree.by_code["X06040"].path,)), form, world.now)
        repeated, later = replace(now, repeats=first), replace(now, opens_at=world.now + timedelta(days=29))
        assert await answer(at, [now, repeated, later]) == {now: True, repeated: False, later: False}
