"""Polls and rapid requests over time: planned, opened late, reminded, prolonged; quiet hours; newcomers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nhipcau.handlers.buttons import AnswerRequest, BoardAct, ManageRequest
from nhipcau.storage.tables import outbox, requests
from tests.support.requests import answer_all, ask, crowd, prolong, read_all, state_of, states, yesno
from tests.support.world import MORNING, Phone, World, open_world

pytestmark = pytest.mark.slow


async def reminded(phones: list[Phone]) -> list[str]:
    """Who of them reads a reminder now."""
    return [p.address for p in phones if any(m.text.startswith("Còn ") for m in await p.read())]


# ------------------------------------------------------------------ reminders


@pytest.mark.slow
async def test_a_poll_reminds_only_the_silent_once_at_half_time(world: World) -> None:
    phones = await crowd(world, 6)
    await ask(world, yesno(close="8h"))
    await read_all(phones)
    await answer_all(phones, ["Có", "Không"])
    await world.wait(hours=3, minutes=59)
    assert await reminded(phones) == []
    await world.wait(minutes=1)
    assert await reminded(phones) == [p.address for p in phones[2:]]
    assert "Còn 4 giờ" in phones[2].last.text
    await world.wait(hours=3, minutes=30)
    assert await reminded(phones) == []


@pytest.mark.slow
async def test_a_rapid_request_reminds_at_half_and_at_nine_tenths(world: World) -> None:
    phones = await crowd(world, 3)
    await ask(world, yesno(deadline="10h"), "rapid")
    await read_all(phones)
    heard = []
    for _ in range(10):
        await world.wait(minutes=59)
        heard.append(await reminded(phones))
        await world.wait(minutes=1)
        heard.append(await reminded(phones))
    assert [n for n, who in enumerate(heard, start=1) if who] == [10, 18]
    assert heard[9] == heard[17] == [p.address for p in phones]


@pytest.mark.slow
async def test_who_answers_after_a_reminder_was_made_does_not_get_it(world: World) -> None:
    phones = await crowd(world, 2)
    id = await ask(world, yesno(deadline="10h"), "rapid")
    await read_all(phones)
    await world.wait(hours=5)
    waiting = await world.rows(outbox.select().filter_by(purpose="remind", request_id=id))
    assert len(waiting) == 2
    # the answer comes while the reminder already lies in the outbox
    await phones[0].press(AnswerRequest(id, "q1", "yes"))
    assert not [m for m in phones[0].messages if m.text.startswith("Còn ")]
    assert await reminded(phones) == [phones[1].address]


async def test_after_a_standstill_only_the_last_reminder_is_made(world: World) -> None:
    phones = await crowd(world, 2)
    await ask(world, yesno(deadline="10h"), "rapid")
    await read_all(phones)
    await world.wait(hours=9, minutes=30)
    assert sum(m.text.startswith("Còn ") for m in await phones[0].read()) == 1


@pytest.mark.slow
async def test_nobody_is_reminded_of_what_has_not_reached_them(world: World) -> None:
    phones = await crowd(world, 2)
    await ask(world, yesno(deadline="10h"), "rapid")
    await phones[0].read()
    await world.wait(hours=5)
    assert await reminded(phones) == [phones[0].address]


@pytest.mark.slow
async def test_an_unread_question_outlives_its_old_end_when_prolonged(world: World) -> None:
    phones = await crowd(world, 5)
    id = await ask(world, yesno(close="2h"))
    await prolong(world, id, MORNING + timedelta(hours=8))
    await world.wait(hours=4)
    assert "Có tiện không?" in " ".join(message.text for message in await phones[0].read())


@pytest.mark.slow
async def test_everybody_is_not_reminded_with_every_tap(world: World) -> None:
    phones = await crowd(world, 3)
    khoi = await world.joined("Nguyễn Văn Khôi", "X06040", "coordinator")
    id = await ask(world, yesno(deadline="20h"), "rapid")
    await read_all(phones)
    for minutes, expected in ((0, 3), (29, 0), (2, 3)):
        await world.wait(minutes=minutes, seconds=5)
        await khoi.press(ManageRequest(id, BoardAct.REMIND))
        await world.wait(seconds=5)
        assert len(await reminded(phones)) == expected, minutes


async def test_prolonging_moves_the_end_and_the_reminders(world: World) -> None:
    phones = await crowd(world, 2)
    id = await ask(world, yesno(deadline="10h"), "rapid")
    await read_all(phones)
    await world.wait(hours=5)
    assert len(await reminded(phones)) == 2
    await prolong(world, id, MORNING + timedelta(hours=20))
    await world.wait(hours=4)
    assert await reminded(phones) == []
    await world.wait(hours=1)
    assert len(await reminded(phones)) == 2
    await world.wait(hours=8)
    assert len(await reminded(phones)) == 2
    assert await state_of(world, id) == "open"
    await world.wait(hours=2)
    assert await state_of(world, id) == "closed"


# ------------------------------------------------------------------ quiet hours


@pytest.mark.slow
async def test_a_reminder_due_at_night_is_made_in_the_morning(world: World) -> None:
    phones = await crowd(world, 5)
    # half of it is 23:00
    await ask(world, yesno(close="28h"))
    await read_all(phones)
    await world.wait(hours=14, minutes=5)
    assert await reminded(phones) == []
    await world.wait(hours=7, minutes=54)
    assert await reminded(phones) == []
    await world.wait(minutes=2)
    assert len(await reminded(phones)) == 5
    assert "Còn 6 giờ" in phones[0].last.text


@pytest.mark.parametrize(("urgent", "asked"), [(True, 1), (False, 0)])
async def test_only_what_is_urgent_is_asked_and_reminded_at_night(tmp_path: Path, urgent: bool, asked: int) -> None:
    night = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
    async with open_world(tmp_path, now=night) as world:
        phones = await crowd(world, 1)
        await ask(world, yesno(deadline="4h", urgent=urgent), "rapid")
        assert len(await phones[0].read()) == asked
        await world.wait(hours=2)
        assert len(await reminded(phones)) == asked


# ------------------------------------------------------------------ opening later


async def test_a_planned_poll_opens_when_it_is_time(world: World) -> None:
    phones = await crowd(world, 5)
    id = await ask(world, yesno(), opens=MORNING + timedelta(hours=2))
    await world.wait(hours=1, minutes=59)
    assert (await state_of(world, id), await states(world, id), await phones[0].read()) == ("scheduled", [], [])
    await world.wait(minutes=1)
    assert (await state_of(world, id), await states(world, id)) == ("open", ["asked"] * 5)
    assert len(await phones[0].read()) == 1


async def test_fewer_than_five_at_opening_withdraw_it_and_its_asker_is_told(world: World) -> None:
    boss = await world.joined("Điều phối", role="coordinator")
    phones = await crowd(world, 5)
    id = await ask(world, yesno(), opens=MORNING + timedelta(hours=2))
    await phones[0].say("dừng")
    await phones[0].tap("Tạm nghỉ")
    await world.wait(hours=2)
    assert (await state_of(world, id), await states(world, id)) == ("stopped", [])
    assert "chỉ còn 4 người, ít hơn 5" in (await boss.read())[0].text
    assert await phones[1].read() == []
    assert not world.parts.sealer.has_poll_key(id)


async def test_ended_before_it_could_open_it_is_withdrawn_and_asker_told(world: World) -> None:
    boss = await world.joined("Điều phối", role="coordinator")
    phones = await crowd(world, 5)
    id = await ask(world, yesno(close="3h"), opens=MORNING + timedelta(hours=2))
    # the machine was off meanwhile
    await world.wait(hours=6)
    assert (await state_of(world, id), await states(world, id)) == ("stopped", [])
    assert "quá hạn trong lúc Nhịp Cầu tạm dừng" in (await boss.read())[0].text
    assert await phones[0].read() == []


# ------------------------------------------------------------------ who is asked


async def test_a_newcomer_is_asked_what_is_open_after_the_greeting(world: World) -> None:
    await crowd(world, 5)
    id = await ask(world, yesno())
    late = await world.joined("Người mới")
    elsewhere = await world.joined("Nơi khác", unit="X06001")
    assert "Đã tham gia" in late.last.text
    await world.wait(seconds=5)
    assert "Có tiện không?" in (await late.read())[0].text
    assert await elsewhere.read() == []
    await late.tap("Có")
    assert sorted(await states(world, id)) == ["answered"] + ["asked"] * 5


@pytest.mark.slow
async def test_a_newcomer_is_not_asked_a_sample(world: World) -> None:
    await crowd(world, 8)
    id = await ask(world, yesno(audience={"sample": 6}))
    assert len(await states(world, id)) == 6
    late = await world.joined("Người mới")
    await world.wait(seconds=5)
    assert await late.read() == []
    assert len(await states(world, id)) == 6


async def test_people_asked_are_those_of_the_units_and_roles_who_are_there(world: World) -> None:
    phones = await crowd(world, 5)
    await world.card("Chưa vào")
    await world.joined("Điều phối", role="coordinator")
    await world.joined("Nơi khác", unit="X06001")
    await phones[0].say("dừng")
    await phones[0].tap("Tạm nghỉ")
    default = await ask(world, yesno(), "rapid")
    wide = await ask(world, yesno(audience={"units": ["X06040", "Đoàn Kết"]}), "rapid")
    heads = await ask(world, yesno(audience={"roles": ["coordinator"]}), "rapid", unit="T20")
    assert [len(await states(world, id)) for id in (default, wide, heads)] == [4, 5, 1]


async def test_asking_writes_what_the_file_says(world: World) -> None:
    await crowd(world, 5)
    id = await ask(world, yesno(close="2026-11-25 17:00", sealed=True))
    row = (await world.rows(requests.select().filter_by(id=id)))[0]
    assert (row.sealed, row.urgent, row.asked_by) == (True, False, None)
    assert row.closes_at == datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
