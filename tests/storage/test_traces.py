"""What stays on the disk of somebody: nothing that tells an answer from other messages, nothing once they have left."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from nhipcau.bot.messaging.messages import Message
from nhipcau.operations import requests as request_operations
from nhipcau.operations.notify import notify
from nhipcau.storage.people import find_people
from nhipcau.storage.tables import attention, contacts, outbox, people, posted, requests, rules
from tests.support.mixing import mixed
from tests.support.people import details, id_of
from tests.support.reports import answer, filed
from tests.support.requests import ask, yesno
from tests.support.world import World

pytestmark = pytest.mark.slow


async def test_a_contacts_row_does_not_tell_an_answer_from_other_messages(world: World) -> None:
    lan = await world.joined("Lan", "X06184")
    mui = await world.joined("Mùi", "X06184")
    hoa = await world.joined("Hòa", "X06184")
    khoi = await world.joined("Khôi", "X06184", "coordinator")
    first = await filed(lan, "đường liên thôn hỏng nặng")
    second = await filed(mui, "giếng nước đục từ hôm qua")
    await answer(khoi, first, "Đã giải quyết", "Đã san lấp xong hôm qua")
    await answer(khoi, second, "Đang xử lý")
    async with world.committer.transaction() as work:
        found = await find_people(work.connection, work.sealer, work.office.tree, [await id_of(world, "Hòa")])
        await notify(work, list(found.values()), lambda _: Message("Tin chung của xã."))
    for phone in (lan, mui, hoa):
        await phone.read()
    known = await details(world)
    shown = await world.rows(select(contacts.c.person_id, contacts.c.last_act))
    kept = {row.person_id: row.last_act for row in shown if known[row.person_id].name != "Khôi"}
    assert len(kept) == len(set(kept.values())) == 3
    assert len({len(words) for words in kept.values()}) == 1, kept
    # nor the day of the last act, nor which request it was about
    assert not any(b"2026" in words for words in kept.values())
    # and they are known all the same
    await lan.say("1")
    assert "Cảm ơn bác" in lan.last.text, lan.last.text


async def test_the_length_of_a_waiting_answer_tells_no_report(world: World) -> None:
    """R01 The note stands in clear beside the report: as long as the answer that waits for its reporter."""
    khoi = await world.joined("Khôi", "X06184", "coordinator")
    words = ("Đã thau giếng", "Đội của xã đã thau giếng và thay bơm; bác nhắn bà con hai hôm nữa hãy lấy nước ăn")
    for number, text in enumerate(words):
        phone = await world.joined(f"Người {number}", "X06184")
        await answer(khoi, await filed(phone, f"giếng nước đục từ hôm qua, xóm {number}"), "Đã giải quyết", text)
    lengths = {len(row.sealed) for row in await world.rows(select(outbox)) if row.purpose == "notice"}
    assert len(lengths) == 1, lengths
    await mixed(world)
    assert {len(row.sealed) for row in await world.rows(select(outbox))} == lengths


async def _notice(world: World, asked_by: str | None = None) -> str:
    """Official information of the commune with a picture and a document, as if it had gone out just now."""
    id = await ask(world, yesno("Lịch tiêm"), kind="rapid", unit="X06184")
    along = {"photo": "aaaabbbbccccdddd.jpg", "file": "aaaabbbbccccdddd.pdf", "file_name": "Lịch.pdf"}
    async with world.parts.database.writing() as connection:
        notice = requests.update().where(requests.c.id == id)
        await connection.execute(notice.values(kind="notice", asked_by=asked_by, **along))
    return id


async def _stands(world: World, key: str) -> None:
    """Everybody has this message."""
    doors = [row[0] for row in await world.rows(select(contacts.c.id))]
    async with world.parts.database.writing() as connection:
        rows = [{"key": key, "contact_id": door, "ref": "77", "changed_at": world.now} for door in doors]
        await connection.execute(posted.insert(), rows)


async def test_what_was_taken_back_names_no_file_and_forgets_its_places(world: World) -> None:
    await world.joined("Lan", "X06184")
    kept, gone = await _notice(world), await _notice(world)
    await _stands(world, f"notice:{kept}")
    await _stands(world, f"notice:{gone}")
    async with world.committer.transaction() as work:
        await request_operations.stop(work, gone)
    await world.clock.sweep()
    files = {row.id: (row.photo, row.file, row.file_name) for row in await world.rows(select(requests))}
    assert files[gone] == ("", "", "")
    assert files[kept] == ("aaaabbbbccccdddd.jpg", "aaaabbbbccccdddd.pdf", "Lịch.pdf")
    assert [row.key for row in await world.rows(select(posted))] == [f"notice:{kept}"]


async def test_who_leaves_takes_along_whatever_names_them(world: World) -> None:
    khoi = await world.joined("Khôi", "X06184", "coordinator")
    id = await id_of(world, "Khôi")
    notice = await _notice(world, asked_by=id)
    await _stands(world, f"notice:{notice}")
    await _stands(world, f"board:{notice}")
    async with world.parts.database.writing() as connection:
        await connection.execute(attention.insert().values(person_id=id, week="2026-W48", number=2))
    await khoi.say("riêng tư")
    for line in (
        "Tin đã nhận trong tuần này và bốn tuần trước: 2",
        "Tin đã gửi còn sửa được: 2",
        "Ngày nhắn gần nhất: 23/11/2026",
        "Cuộc đã hỏi cho đơn vị: 1",
    ):
        assert line in khoi.last.text
    await khoi.say("dừng")
    await khoi.tap("Rời hẳn, xóa dữ liệu của tôi")
    await khoi.tap("Xóa và rời hẳn")
    for table in (people, attention, posted):
        assert await world.rows(select(table)) == [], table.name
    assert [row.asked_by for row in await world.rows(select(requests))] == [None]
    assert await world.rows(select(rules.c.id).where(rules.c.asked_by == id)) == []
