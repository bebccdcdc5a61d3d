"""A unit's answer typed in by its coordinator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from nhipcau.handlers.buttons import ChooseUnitOnBehalf
from nhipcau.handlers.requests.answer_request import LATE_TERM
from nhipcau.model.queries import RequestsOf
from nhipcau.model.requests import Request
from nhipcau.operations import requests
from nhipcau.operations.operation_context import OperationContext
from nhipcau.storage.registry import ANSWERERS, QueryContext
from nhipcau.storage.tables import official_answers
from tests.support.requests import ask, yesno
from tests.support.world import World


async def test_an_answer_past_the_end_is_late_and_a_week_later_not_asked(world: World) -> None:
    await world.joined("Hoàng Thị Lan", "X06184")
    khoi = await world.joined("Nguyễn Văn Khôi", "X06184", "coordinator")
    id = await ask(world, yesno(deadline="2h"), "rapid", unit="X06184")
    await world.wait(hours=3)
    await khoi.press(ChooseUnitOnBehalf(id))
    await khoi.tap("Có")
    await khoi.tap("Gửi")
    assert [row.late for row in await world.rows(official_answers.select())] == [True]
    world.now += LATE_TERM
    await khoi.press(ChooseUnitOnBehalf(id))
    assert "Có" not in khoi.labels()


async def test_an_answer_that_meets_the_stop_is_not_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.joined("Hoàng Thị Lan", "X06184")
    khoi = await world.joined("Nguyễn Văn Khôi", "X06184", "coordinator")
    id = await ask(world, yesno(deadline="10h"), "rapid", unit="X06184")
    await khoi.say("nhập hộ")
    await khoi.press(ChooseUnitOnBehalf(id))
    await khoi.tap("Có")
    # what was read before the stop was committed, as on PostgreSQL beside it
    seen: dict[Any, list[Request]] = {}
    read = ANSWERERS[RequestsOf]

    async def read_once(at: QueryContext, needs: Sequence[Any]) -> dict[Any, list[Request]]:
        seen.update(await read(at, [need for need in needs if need not in seen]))
        return seen

    monkeypatch.setitem(ANSWERERS, RequestsOf, read_once)
    await khoi.say("xin chào")
    async with world.parts.database.writing() as connection:
        office = await world.parts.office(connection)
        await requests.stop(OperationContext(connection, world.parts.sealer, office, world.now), id)
    await khoi.tap("Gửi")
    assert [[request.id for request in found] for found in seen.values()] == [[id]]
    assert "Đã ghi" not in khoi.last.text
    assert await world.rows(official_answers.select()) == []
