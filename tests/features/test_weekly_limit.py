"""At most so many non-urgent pushes a person a week, whoever sends them; what is over waits, and comes as one."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nhipcau.bot.messaging.button import unpack
from nhipcau.bot.messaging.messages import Message
from nhipcau.handlers.buttons import AnswerRequest, AskedRequest
from nhipcau.model.requests import Audience
from nhipcau.model.scope import Scope
from nhipcau.storage import audiences, weekly_budget
from nhipcau.storage.delivery_outcomes import DeliveryResults, RetryLater, record_outcomes
from nhipcau.storage.outbox import LATER, claim, waiting
from nhipcau.storage.tables import attention as table
from nhipcau.storage.tables import outbox, participation, requests
from nhipcau.web.chat_backend import ChatBackend
from tests.support.linking import linked
from tests.support.requests import ask, end
from tests.support.world import Phone, World, open_world

pytestmark = pytest.mark.slow

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def rapid(title: str, **more: object) -> dict[str, object]:
    """A request that may wait: not urgent, open for long."""
    return {"title": title, "urgent": False, "deadline": "20d", "questions": [{"text": "Có gì mới?"}], **more}


async def test_the_third_waits_for_monday_and_says_so_beforehand(tmp_path: Path) -> None:
    async with open_world(tmp_path, push_budget=2) as world:
        lan, mui = await world.joined("Lan"), await world.joined("Mùi")
        for n in range(1, 3):
            await ask(world, rapid(f"Việc {n}"), "rapid")
        assert [len(await phone.read()) for phone in (lan, mui)] == [2, 2]
        async with world.parts.database.reading() as connection:
            today, sealer = world.now.astimezone(ZONE).date(), world.parts.sealer
            everybody = Audience(("/T20/",))
            found = await audiences.forecast_audience(
                connection, Scope.office(), sealer, everybody, world.now, today, 2
            )
        assert found.full == 2
        for n in range(3, 6):
            await ask(world, rapid(f"Việc {n}"), "rapid")
        assert [len(await phone.read()) for phone in (lan, mui)] == [0, 0]
        # what may wait stands under "việc" all the time
        await lan.say("việc")
        assert "Việc 5" in lan.last.text
        await world.wait(days=6, hours=20)
        assert await mui.read() == []
        await world.wait(hours=3)
        (digest,) = await mui.read()
        assert sorted(c.label for c in digest.choices) == ["Việc 3", "Việc 4", "Việc 5"]
        await lan.read()
        assert {row.state for row in await world.rows(participation.select())} == {"reached"}
        await mui.tap("Việc 4")
        assert "Việc 4" in mui.last.text


@pytest.mark.slow
async def test_urgent_matters_replies_and_results_are_not_held(tmp_path: Path) -> None:
    async with open_world(tmp_path, push_budget=1) as world:
        phones = [await world.joined(f"Người {n}") for n in range(6)]
        poll = {"title": "Họp?", "questions": [{"text": "Có tiện không?", "kind": "yesno"}]}
        id = await ask(world, poll)
        for phone in phones:
            await phone.read()
            await phone.tap("Có")
        await ask(world, rapid("Chưa gấp"), "rapid")
        await ask(world, rapid("Gấp", urgent=True), "rapid")
        await end(world, id)
        said = [message.text for message in await phones[0].read()]
        assert len(said) == 2
        assert any("KHẨN" in text for text in said)
        assert any("Kết quả" in text for text in said)


@pytest.mark.slow
async def test_what_ends_before_monday_is_said_to_be_not_delivered(tmp_path: Path) -> None:
    async with open_world(tmp_path, push_budget=1) as world:
        lan = await world.joined("Lan")
        await ask(world, rapid("Một"), "rapid")
        await lan.read()
        id = await ask(world, rapid("Hai", deadline="2d"), "rapid")
        await lan.read()
        await world.wait(days=3)
        await world.clock.sweep()
        (row,) = await world.rows(participation.select().filter_by(request_id=id))
        assert (row.state, row.reason) == ("undeliverable", "budget")
        assert await world.rows(outbox.select().filter_by(lane=LATER)) == []


@pytest.mark.slow
async def test_one_that_waited_comes_as_it_is(tmp_path: Path) -> None:
    async with open_world(tmp_path, push_budget=1) as world:
        lan = await world.joined("Lan")
        await ask(world, rapid("Một"), "rapid")
        await lan.read()
        await ask(world, rapid("Hai"), "rapid")
        await lan.read()
        await world.wait(days=7)
        (message,) = await lan.read()
        assert ("Hai" in message.text, [c.label for c in message.choices]) == (True, ["Không có gì"])


async def test_no_bound_counts_nothing(tmp_path: Path) -> None:
    async with open_world(tmp_path, push_budget=0) as world:
        lan = await world.joined("Lan")
        for n in range(8):
            await ask(world, rapid(f"Việc {n}"), "rapid")
        assert len(await lan.read()) == 8
        assert await world.rows(table.select()) == []


_ACTS = st.lists(
    st.tuples(st.sampled_from(["rapid", "poll", "duty", "wait", "read", "answer"]), st.integers(1, 60)),
    min_size=5,
    max_size=25,
)


@pytest.mark.slow
@settings(max_examples=12)
@given(_ACTS, st.integers(1, 4))
async def test_never_more_than_the_bound_in_any_week(acts: list[tuple[str, int]], budget: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with open_world(Path(folder), push_budget=budget) as world:
            phones = [await world.joined(f"Người {n}") for n in range(5)]
            got: Counter[tuple[str, str]] = Counter()
            for act, number in acts:
                await _do(world, act, number, phones)
                if act in {"read", "answer"}:
                    for phone in phones:
                        await _count(world, phone, got)
            assert max(got.values(), default=0) <= budget


async def _do(world: World, act: str, number: int, phones: list[Phone]) -> None:
    if act == "wait":
        await world.wait(hours=number)
    elif act == "answer":
        phone = phones[number % len(phones)]
        if phone.messages and phone.last.choices:
            await phone.press(phone.last.choices[0].data)
    elif act == "poll":
        await ask(world, {"title": f"P{number}", "close": "9d", "questions": [{"text": "Có?", "kind": "yesno"}]})
    elif act in {"rapid", "duty"}:
        await ask(world, rapid(f"Việc {number}", deadline=f"{number}d"), "rapid")


async def _count(world: World, phone: Phone, got: Counter[tuple[str, str]]) -> None:
    """What was handed out just now besides replies and results, by person and week."""
    week = weekly_budget.week_of(world.now.astimezone(ZONE).date())
    for message in await phone.read():
        if any(isinstance(unpack(choice.data), AnswerRequest | AskedRequest) for choice in message.choices):
            got[phone.address, week] += 1


async def test_weeks_long_over_are_forgotten(tmp_path: Path) -> None:
    async with open_world(tmp_path, push_budget=3) as world:
        lan = await world.joined("Lan")
        await ask(world, rapid("Một"), "rapid")
        await lan.read()
        assert [row.number for row in await world.rows(table.select())] == [1]
        world.now += timedelta(weeks=6)
        await world.clock.sweep()
        assert await world.rows(table.select()) == []


async def _fetch_at_once(world: World) -> list[int]:
    """One row, shown by several tabs of one phone at the same time: what its owner's week counts then."""
    await world.joined("Lan")
    desk = ChatBackend(world.parts, world.dispatch, now=lambda: world.now)
    await ask(world, rapid("Một"), "rapid")
    shown = await asyncio.gather(*(desk.fetch_waiting("Lan", []) for _ in range(4)))
    assert [len(rows) for rows in shown] == [1, 1, 1, 1]
    return [row.number for row in await world.rows(table.select())]


async def test_tabs_that_fetch_at_once_count_once(tmp_path: Path) -> None:
    async with open_world(tmp_path, push_budget=3) as world:
        assert await _fetch_at_once(world) == [1]


@pytest.mark.slow
async def test_tabs_that_fetch_at_once_count_once_on_postgres(tmp_path: Path) -> None:
    from tests.support.postgres import new_database

    async with open_world(tmp_path, push_budget=3, database_url=new_database()) as world:
        assert await _fetch_at_once(world) == [1]


async def test_a_digest_of_what_is_over_is_not_shown(tmp_path: Path) -> None:
    async with open_world(tmp_path, push_budget=1) as world:
        lan = await world.joined("Lan")
        await ask(world, rapid("Một"), "rapid")
        await lan.read()
        ids = [await ask(world, rapid(f"Việc {n}"), "rapid") for n in range(2)]
        await lan.read()
        await world.wait(days=7)
        # the digest lies there until this phone fetches it
        for id in ids:
            await end(world, id, stop=True)
        assert await lan.read() == []


async def test_whatever_waited_is_named_and_reached(tmp_path: Path) -> None:
    async with open_world(tmp_path, push_budget=2) as world:
        lan = await world.joined("Lan")
        for n in range(12):
            await ask(world, rapid(f"Việc {n}"), "rapid")
        await lan.read()
        await world.wait(days=7)
        # ten: eight in one, two in the other
        assert sorted(len(message.choices) for message in await lan.read()) == [2, 8]
        assert {row.state for row in await world.rows(participation.select())} == {"reached"}


async def test_a_digest_no_app_takes_leaves_requests_undelivered(tmp_path: Path) -> None:
    async with open_world(tmp_path, push_budget=1) as world:
        lan = await world.joined("Lan")
        for n in range(3):
            await ask(world, rapid(f"Việc {n}"), "rapid")
        await lan.read()
        await world.wait(days=7)
        parts, today = world.parts, world.now.astimezone(ZONE).date()
        async with parts.database.writing() as connection:
            (door,) = await connection.scalars(outbox.select().with_only_columns(outbox.c.contact_id))
            rows, _ = await waiting(connection, parts.sealer, door, world.now, quiet=False)
            lost = DeliveryResults(dropped=[(row, "blocked") for row in rows])
            await record_outcomes(connection, parts.sealer, lost, world.now, today)
        assert sorted(row.state for row in await world.rows(participation.select())) == [
            "reached",
            "undeliverable",
            "undeliverable",
        ]


async def test_a_digest_lives_as_long_as_what_it_names(tmp_path: Path) -> None:
    """Until the last of its requests closes, not the first: who fetches it later still reads it."""
    async with open_world(tmp_path, push_budget=1) as world:
        lan = await world.joined("Lan")
        await ask(world, rapid("Một"), "rapid")
        await lan.read()
        soon, late = [
            await ask(world, rapid(title, deadline=days), "rapid") for title, days in (("A", "8d"), ("B", "12d"))
        ]
        await lan.read()
        await world.wait(days=7)
        closes = {row.id: row.closes_at for row in await world.rows(requests.select())}
        (row,) = await world.rows(outbox.select())
        assert row.expires_at == max(closes[soon], closes[late]) == closes[late]
        await world.wait(days=2)
        (digest,) = await lan.read()
        assert sorted(choice.label for choice in digest.choices) == ["A", "B"]


async def test_what_goes_on_by_another_app_is_counted_once(tmp_path: Path) -> None:
    """The first app took its place in the week before it refused: the other one does not take a second."""
    async with open_world(tmp_path, push_budget=2) as world:
        lan = await world.joined("Lan")
        await linked(world, lan, "telegram")
        await lan.read()
        await ask(world, rapid("Một"), "rapid")
        parts, today = world.parts, world.now.astimezone(ZONE).date()
        async with parts.database.writing() as connection:
            claimed = await claim(connection, parts.sealer, "telegram", world.now, quiet=False, most=9)
            admitted = await weekly_budget.admit(connection, claimed, today, ZONE, 2)
            assert [row.person_id for row in admitted] != [None]
            refused = DeliveryResults(dropped=[(row, "blocked") for row in admitted], blocked=admitted)
            await record_outcomes(connection, parts.sealer, refused, world.now, today)
        assert ["Một" in message.text for message in await lan.read()] == [True]
        assert [row.number for row in await world.rows(table.select())] == [1]
        await ask(world, rapid("Hai"), "rapid")
        assert ["Hai" in message.text for message in await lan.read()] == [True]


async def test_a_sender_that_lost_its_lease_delays_nothing(tmp_path: Path) -> None:
    """Another sender has claimed the row meanwhile: the first one's "later" and its rest are not written over it."""
    async with open_world(tmp_path) as world:
        lan = await world.joined("Lan")
        await linked(world, lan, "telegram")
        await lan.read()
        await ask(world, rapid("Một"), "rapid")
        parts, today = world.parts, world.now.date()
        async with parts.database.writing() as connection:
            (first,) = await claim(connection, parts.sealer, "telegram", world.now, quiet=False, most=9)
            world.now += timedelta(hours=1)
            (second,) = await claim(connection, parts.sealer, "telegram", world.now, quiet=False, most=9)
            assert (first.id, first.attempts < second.attempts) == (second.id, True)
            (before,) = await connection.execute(outbox.select())
            late = RetryLater(first, world.now + timedelta(days=1), maybe_sent=True, rest=Message("nửa sau"))
            await record_outcomes(connection, parts.sealer, DeliveryResults(retries=[late]), world.now, today)
            (after,) = await connection.execute(outbox.select())
        assert after == before
        async with parts.database.writing() as connection:
            ours = RetryLater(second, world.now + timedelta(days=1))
            await record_outcomes(connection, parts.sealer, DeliveryResults(retries=[ours]), world.now, today)
            (after,) = await connection.execute(outbox.select())
        assert (after.claimed_until, after.due_at) == (None, world.now + timedelta(days=1))


async def test_a_reminder_that_waited_says_what_is_left_now(tmp_path: Path) -> None:
    async with open_world(tmp_path, push_budget=1) as world:
        lan = await world.joined("Lan")
        await ask(world, rapid("Một", deadline="8d"), "rapid")
        await lan.read()
        # half of it: Friday morning, and the week is used up
        await world.wait(days=4, hours=1)
        assert await lan.read() == []
        await world.wait(days=2, hours=23)
        (message,) = await lan.read()
        assert message.text.startswith("Còn 24 giờ")


async def test_who_has_paused_gets_nothing_that_lay_there(tmp_path: Path) -> None:
    async with open_world(tmp_path, push_budget=1) as world:
        lan = await world.joined("Lan")
        for n in range(2):
            await ask(world, rapid(f"Việc {n}"), "rapid")
        await lan.read()
        await lan.say("dừng")
        await lan.tap("Tạm nghỉ")
        await world.wait(days=7)
        assert await lan.read() == []
        # it is asked again when they are back
        await lan.say("/start")
        assert "Việc 1" in (await lan.read() or lan.messages)[-1].text
