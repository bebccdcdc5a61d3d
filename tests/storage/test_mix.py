"""The nightly mix: order tells nothing, nothing is lost, and it may be interrupted or done again (R01, R18)."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Table, select

from nhipcau.bot.messaging.messages import Message
from nhipcau.scheduler.nightly_mix import NightlyMix, keep_log_short, night_of
from nhipcau.storage.mix import last_mix
from nhipcau.storage.outbox import BROADCAST, REPLY, NewDelivery, put
from nhipcau.storage.process_locks import LockTaken, only_one
from nhipcau.storage.tables import contacts, conversations, metadata, outbox, report_notes
from nhipcau.storage.talks import all_conversations
from tests.support.acts import acts
from tests.support.mixing import in_order, mixed
from tests.support.reports import answer, filed
from tests.support.requests import answer_all, ask, crowd, state_of, yesno
from tests.support.world import World

pytestmark = pytest.mark.slow

#: So many rows are in their former order by chance once in 40,320 times.
_PEOPLE = 8


async def _all_rows(world: World, but: tuple[Table, ...] = ()) -> dict[str, list[Any]]:
    """Every row of every table, sorted."""
    return {
        table.name: sorted(map(repr, await world.rows(select(table))))
        for table in metadata.sorted_tables
        if table not in but
    }


async def test_after_the_mix_order_tells_nothing_and_all_is_there(office: World) -> None:
    phones = await crowd(office, _PEOPLE)
    for number, phone in enumerate(phones):
        await filed(phone, f"đường liên thôn hỏng nặng đoạn số {number}")
    await ask(office, yesno())
    await answer_all(phones, ["Có"] * _PEOPLE)
    reports, people = await in_order(office, "reports", "text"), await in_order(office, "participation", "person_id")
    assert reports == sorted(reports)
    found = await mixed(office)
    assert found.tables["reports"] == found.tables["participation"] == _PEOPLE
    assert await in_order(office, "reports", "text") != reports
    assert await in_order(office, "participation", "person_id") != people
    assert sorted(await in_order(office, "reports", "text")) == reports
    # and they are their writers' as before
    await phones[3].say("của tôi")
    assert "đoạn số 3" in phones[3].last.text


async def test_a_second_mix_loses_nothing(office: World) -> None:
    khoi = await office.joined("Khôi", "X06184", "coordinator")
    lan = await office.joined("Lan", "X06184")
    code = await filed(lan, "giếng nước đục từ hôm qua")
    await answer(khoi, code, "Đang xử lý")
    await mixed(office)
    before = await _all_rows(office, (outbox,))
    await mixed(office)
    after = await _all_rows(office, (outbox,))
    assert {name for name in before if len(before[name]) != len(after[name])} == set()
    # what was said about a report goes with it
    for name in ("reports", "report_notes"):
        assert after[name] == before[name] != []


async def test_what_ends_before_the_morning_is_mixed_the_next_night(world: World) -> None:
    """Days of the mix are the office's own: there it is morning seven hours earlier than in UTC."""
    phones = await crowd(world, 3)
    world.now = world.now.replace(hour=19, minute=45)
    await mixed(world)
    id = await ask(world, {**yesno(), "deadline": "2h"}, "rapid")
    await answer_all(phones, ["Có"] * 3)
    await world.wait(hours=2)
    assert await state_of(world, id) == "closed"
    world.now += timedelta(days=1)
    assert (await mixed(world)).tables["participation"] == 3


async def test_waiting_messages_keep_their_order_in_a_contact_only(office: World) -> None:
    """L4: the k-th message is not that of the k-th contact any more."""
    phones = [await office.joined(name) for name in ("An", "Bình", "Chi", "Dung", "Em", "Giang", "Hạnh", "Kim")]
    doors = [row.id for row in await office.rows(select(contacts.c.id).order_by(contacts.c.id))]
    async with office.committer.transaction() as work:
        soon, later = office.now, office.now + timedelta(hours=24, minutes=7)
        sent = [NewDelivery(d, Message(f"{n}"), BROADCAST, soon, later, "notice") for d in doors for n in (1, 2, 3)]
        sent += [NewDelivery(doors[0], Message("4"), REPLY, soon, later)]
        await put(work.connection, office.parts.sealer, work.today, sent)
    before = await office.rows(select(outbox).order_by(outbox.c.id))
    await mixed(office)
    after = await office.rows(select(outbox).order_by(outbox.c.id))
    assert len(before) == len(after) == 25
    assert {row.id for row in before} & {row.id for row in after} == set()
    assert {row.sealed for row in before} & {row.sealed for row in after} == set()
    assert list(dict.fromkeys(row.contact_id for row in after)) != doors
    assert {moment.minute for row in after for moment in (row.due_at, row.expires_at)} == {0}
    # what is due stays due, and nobody who looks at the oldest thinks that the sender stands still
    assert {office.now - row.due_at < timedelta(hours=1) for row in after} == {True}
    await asyncio.gather(*(phone.read() for phone in phones))
    for phone in phones:
        assert [message.text for message in phone.messages if message.text in {"1", "2", "3"}] == ["1", "2", "3"]


async def test_a_message_under_way_is_left_to_its_sender(office: World) -> None:
    await office.joined("An")
    async with office.committer.transaction() as work:
        [door] = await work.connection.scalars(select(contacts.c.id))
        end = office.now + timedelta(hours=1)
        await put(
            work.connection, office.parts.sealer, work.today, [NewDelivery(door, Message("1"), REPLY, office.now, end)]
        )
        await work.connection.execute(outbox.update().values(claimed_until=end, attempts=1))
    [before] = await office.rows(select(outbox))
    await mixed(office)
    assert await office.rows(select(outbox)) == [before]


async def test_two_processes_do_not_mix_at_once(office: World) -> None:
    async with only_one(office.parts.database, "mix"):
        with pytest.raises(LockTaken):
            await mixed(office)
    await mixed(office)
    assert await last_mix(office.parts.database) == date(2026, 11, 23)


@pytest.mark.parametrize(
    ("local", "night"),
    [("23 02:29", 22), ("23 02:30", 23), ("23 09:00", 23), ("23 23:59", 23), ("24 00:01", 23)],
)
def test_a_night_is_mixed_from_half_past_two_on(local: str, night: int) -> None:
    zone = ZoneInfo("Asia/Ho_Chi_Minh")
    now = datetime.strptime(f"2026-11-{local}", "%Y-%m-%d %H:%M").replace(tzinfo=zone)
    assert night_of(now.astimezone(UTC), zone) == date(2026, 11, night)


async def test_the_service_mixes_once_a_night(world: World) -> None:
    nightly = NightlyMix(world.parts.database, world.parts.sealer, world.parts.settings, lambda: world.now)
    assert [await nightly.run_if_due() for _ in range(2)] == [True, False]
    # the next day before half past two, and after it
    world.now += timedelta(hours=17)
    assert not await nightly.run_if_due()
    world.now += timedelta(hours=1)
    assert [await nightly.run_if_due() for _ in range(2)] == [True, False]


async def test_pictures_get_new_inodes_and_keep_name_and_day(world: World) -> None:
    """L11: neither inode number nor birth tells when a picture came."""
    folder = world.parts.settings.photos
    folder.mkdir(parents=True, exist_ok=True)
    midnight = datetime(2026, 11, 23, tzinfo=UTC).timestamp()
    for number in range(_PEOPLE):
        path = folder / f"aaaabbbbccccddd{number}.jpg"
        path.write_bytes(f"{number}".encode())
        os.utime(path, (midnight, midnight))
    before = {path.name: path.stat() for path in folder.iterdir()}
    assert (await mixed(world)).files == _PEOPLE
    after = {path.name: path.stat() for path in folder.iterdir()}
    assert {name: state.st_mtime for name, state in after.items()} == dict.fromkeys(before, midnight)
    assert all(before[name].st_ctime_ns < after[name].st_ctime_ns for name in before)
    assert [(folder / name).read_text() for name in sorted(after)] == [f"{n}" for n in range(_PEOPLE)]
    born = sorted(after, key=lambda name: after[name].st_ctime_ns)
    assert born != sorted(after)


async def test_the_log_is_empty_soon_after_the_last_act(world: World) -> None:
    """L2, L3: copies of what was changed and deleted do not stay in SQLite's log."""
    log = Path(f"{world.parts.database.url.database}-wal")
    keeping = asyncio.create_task(keep_log_short(world.parts.database))
    await world.joined("An")
    assert log.stat().st_size > 0
    async with asyncio.timeout(20):
        while log.stat().st_size:
            await asyncio.sleep(0.1)
    keeping.cancel()


async def test_two_nights_do_not_tell_who_acted_in_between(office: World) -> None:
    """L5, L6: of contacts and conversations every row has changed, and none its length; no day stands in clear."""
    phones = [await office.joined(f"Người {n}", "X06184") for n in range(4)]
    khoi = await office.joined("Khôi", "X06184", "coordinator")
    code = await filed(phones[0], "giếng nước đục từ hôm qua")
    await mixed(office)
    before = await _person_rows(office)
    office.now += timedelta(days=1)
    # one reads an answer and replies, one asks for help, one writes half a report, one does nothing
    await answer(khoi, code, "Hỏi lại", "Giếng nào?")
    await phones[0].read()
    await phones[0].say("1")
    await phones[1].say("trợ giúp")
    await phones[2].say("đường vào bản lầy lội")
    await mixed(office)
    after = await _person_rows(office)
    assert before.keys() == after.keys()
    assert len(before) == 10
    assert [key for key in before if before[key] == after[key]] == []
    for table in ("contacts", "conversations"):
        assert len({len(sealed) for key, (sealed, _) in after.items() if key[0] == table}) == 1
    assert len({day for key, (_, day) in after.items() if key[0] == "conversations"}) == 1
    # and everything is as it was left
    await phones[0].say("giếng đầu thôn")
    assert len(await office.rows(select(report_notes).where(report_notes.c.kind == "reply"))) == 1
    assert (await phones[2].say("báo cáo"))[-1].choices


async def _person_rows(world: World) -> dict[tuple[str, object], tuple[bytes, object]]:
    """(table, id) → what is sealed, and the day in clear."""
    doors = await world.rows(select(contacts.c.id, contacts.c.last_act))
    talks = await world.rows(select(conversations))
    return {("contacts", row.id): (row.last_act, None) for row in doors} | {
        ("conversations", row.person_id): (row.sealed, row.day) for row in talks
    }


async def test_drafts_and_what_was_pushed_end_after_a_week(world: World) -> None:
    """R07: nightly sealing does not prolong the life of a draft, nor of the name of a report."""
    khoi = await world.joined("Khôi", "X06184", "coordinator")
    lan = await world.joined("Lan", "X06184")
    await answer(khoi, await filed(lan, "giếng nước đục từ hôm qua"), "Đang xử lý")
    await lan.read()
    await khoi.say("đường vào bản lầy lội")
    found = []
    for _ in range(9):
        await mixed(world)
        async with world.parts.database.reading() as connection:
            drafts = await all_conversations(connection, world.parts.sealer, world.now.date())
        shown = [act for act in await acts(world) if act.shown_on]
        found.append((sum(not talk.is_empty for talk in drafts) > 0, bool(shown)))
        world.now += timedelta(days=1)
    assert found == [(True, True)] * 8 + [(False, False)]
