"""What was deleted of a person is found neither in the database's file nor in its log, whoever deleted it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from nhipcau.bot.messaging.events import Event, EventKind
from nhipcau.cli.people import person_disable, person_relink, person_replace
from nhipcau.cli.requests import end
from nhipcau.model.changes import MakeInvite
from nhipcau.model.people import Role
from nhipcau.model.request_kinds import RequestKind
from nhipcau.privacy.identifiers import new_id
from nhipcau.storage.contacts import delete_contact
from nhipcau.storage.database import wipe_after_commit
from nhipcau.storage.invites import make_invites
from nhipcau.storage.tables import contacts, conversations, guards, outbox, poll_answers, units
from tests.support.people import id_of
from tests.support.requests import answer_all, ask, crowd, yesno
from tests.support.world import Phone, World

pytestmark = pytest.mark.slow


def _on_disk(world: World) -> bytes:
    file = Path(str(world.parts.database.url.database))
    return b"".join(path.read_bytes() for path in (file, file.with_name(file.name + "-wal")) if path.exists())


async def _written(world: World, name: str) -> tuple[Phone, str, list[bytes]]:
    """Somebody with a half-written report and a message that waits: their phone, their id, and what is sealed there."""
    phone = await world.joined(name)
    await phone.say("đường vào bản lầy lội hai tháng nay")
    await phone.tap("Gửi thành phản ánh")
    await world.dispatch.submit([Event(phone.channel, world.next_event(), phone.address, EventKind.TEXT, "trợ giúp")])
    sealed = [row[0] for table in (conversations, outbox) for row in await world.rows(select(table.c.sealed))]
    assert len(sealed) == 2
    assert all(part in _on_disk(world) for part in sealed)
    return phone, await id_of(world, name), sealed


@pytest.mark.parametrize("act", ["disable", "relink", "replace"])
async def test_a_command_that_drops_contacts_leaves_nothing_behind(world: World, act: str) -> None:
    _, id, sealed = await _written(world, "Lan")
    if act == "disable":
        await person_disable(world.parts, id)
    elif act == "relink":
        await person_relink(world.parts, id, as_json=False)
    else:
        await person_replace(world.parts, id, "Mùi", as_json=False)
    assert [part for part in sealed if part in _on_disk(world)] == []


async def test_a_new_phone_leaves_nothing_of_the_old_one_behind(world: World) -> None:
    _, id, sealed = await _written(world, "Lan")
    unit = (await world.rows(select(units.c.id).where(units.c.code == "X06040")))[0]
    async with world.parts.database.writing() as connection:
        row = MakeInvite(new_id("invite"), unit.id, Role.COLLABORATOR, id, 1, world.now + timedelta(days=1), "office")
        await make_invites(connection, [row], world.now.date())
    other = world.phone("điện thoại mới")
    await other.say(f"/start {row.code}")
    await other.tap("Đồng ý")
    assert [part for part in sealed if part in _on_disk(world)] == []


async def test_who_leaves_in_chat_leaves_nothing_behind(world: World) -> None:
    phone, _, sealed = await _written(world, "Lan")
    await phone.say("dừng")
    await phone.tap("Rời hẳn, xóa dữ liệu của tôi")
    await phone.tap("Xóa và rời hẳn")
    assert [part for part in sealed if part in _on_disk(world)] == []


@pytest.mark.parametrize("how", ["clock", "close", "stop"])
async def test_a_poll_that_is_over_leaves_no_tie_to_who_answered(world: World, how: str) -> None:
    phones = await crowd(world, 5)
    id = await ask(world, yesno())
    await answer_all(phones, ["Có"] * 5)
    ties = [row[0] for column in (guards.c.guard, poll_answers.c.tag) for row in await world.rows(select(column))]
    assert len(ties) == 10
    assert all(tie in _on_disk(world) for tie in ties)
    if how == "clock":
        await world.wait(days=3)
    else:
        await end(world.parts, RequestKind.POLL, id, stop=how == "stop", as_json=False)
    assert [tie for tie in ties if tie in _on_disk(world)] == []


async def test_what_was_rolled_back_asks_the_next_transaction_for_nothing(world: World) -> None:
    database = world.parts.database

    async def fails() -> None:
        async with database.writing() as connection:
            wipe_after_commit(connection)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fails()
    log = Path(str(database.url.database) + "-wal")
    await world.card("Lan")
    assert log.stat().st_size > 0
    async with database.writing() as connection:
        wipe_after_commit(connection)
    assert log.stat().st_size == 0


async def test_a_contact_given_up_leaves_nothing_that_waited_for_it(world: World) -> None:
    _, person, _ = await _written(world, "Lan")
    [waiting] = [row[0] for row in await world.rows(select(outbox.c.sealed))]
    [(contact,)] = await world.rows(select(contacts.c.id).where(contacts.c.person_id == person))
    async with world.parts.database.writing() as connection:
        await delete_contact(connection, contact)
    assert waiting not in _on_disk(world)


async def test_a_log_that_can_not_be_wiped_is_no_failed_commit(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    async def fails() -> None:
        seen.append("wipe")
        raise OSError("disk")

    monkeypatch.setattr(world.parts.database, "wipe", fails)
    async with world.committing().transaction(lambda: seen.append("committed")) as context:
        wipe_after_commit(context.connection)
    # the replies of the batch are handed over before the log is looked at
    assert seen == ["committed", "wipe"]
