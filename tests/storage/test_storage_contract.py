"""What every database must keep: run on SQLite and on a real PostgreSQL, over and again by each later one."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, column, event, func, insert, select, table, update

from nhipcau.bot.messaging.events import Event, EventKind
from nhipcau.bot.messaging.messages import Message
from nhipcau.handlers.buttons import Consent, ConsentAct
from nhipcau.storage import inbound, outbox, schema
from nhipcau.storage.delivery_outcomes import DeliveryResults, RetryLater, record_outcomes
from nhipcau.storage.outbox import NewDelivery
from nhipcau.storage.tables import contacts, events, facts, invites, participation, people, units
from nhipcau.storage.tables import outbox as outbox_table
from tests.support.older import no_tables
from tests.support.world import World


async def test_ten_concurrent_load_decide_saves_lose_nothing(office: World) -> None:
    """Each reads a number, waits, and writes it plus one."""
    database = office.parts.database
    async with database.writing() as connection:
        await connection.execute(facts.insert().values(name="n", value="0"))

    async def add_one() -> None:
        async with database.writing() as connection:
            statement = select(facts.c.value).where(facts.c.name == "n")
            if not database.is_sqlite:
                statement = statement.with_for_update()
            found = int(await connection.scalar(statement) or 0)
            await asyncio.sleep(0.01)
            await connection.execute(update(facts).where(facts.c.name == "n").values(value=str(found + 1)))

    await asyncio.gather(*(add_one() for _ in range(10)))
    assert (await office.rows(select(facts.c.value)))[0][0] == "10"


_OTHER = """
import asyncio, sys
from pathlib import Path
from nhipcau.storage.database import Database
from sqlalchemy import select, update
from nhipcau.storage.tables import facts
async def main():
    database = Database(sys.argv[1])
    for _ in range(10):
        async with database.writing() as connection:
            statement = select(facts.c.value)
            if not database.is_sqlite:
                statement = statement.with_for_update()
            found = int(await connection.scalar(statement))
            await connection.execute(update(facts).values(value=str(found + 1)))
    await database.close()
asyncio.run(main())
"""


@pytest.mark.slow
async def test_two_processes_lose_nothing(office: World) -> None:
    database = office.parts.database
    async with database.writing() as connection:
        await connection.execute(facts.insert().values(name="n", value="0"))
    url = database.url.render_as_string(hide_password=False)
    others = [subprocess.Popen([sys.executable, "-c", _OTHER, url]) for _ in range(2)]
    for other in others:
        assert await asyncio.to_thread(other.wait, 60) == 0
    assert (await office.rows(select(facts.c.value)))[0][0] == "20"


async def test_a_redelivered_event_changes_nothing_and_says_nothing(office: World) -> None:
    code = await office.invite()
    phone = office.phone("a")
    event = Event("web", "once", "a", EventKind.TEXT, text=f"/start {code}")
    await office.dispatch.submit([event])
    assert len(await phone.read()) == 1
    await office.dispatch.submit([event, event])
    assert await phone.read() == []
    assert len(await office.rows(select(events).where(events.c.id == "once"))) == 1


#: Fifty given names.
_LETTERS = [first + second for first in ("Ma", "Ba", "Da", "La", "Na") for second in "bcdghklmnp"]


@pytest.mark.slow
async def test_claims_are_taken_back_by_one_statement(office: World) -> None:
    statements: list[str] = []

    def append(_: Any, __: Any, statement: str, *___: Any) -> None:
        statements.append(statement)

    event.listen(office.parts.database.engine.sync_engine, "before_cursor_execute", append)
    keys = [(channel, id) for channel in ("web", "telegram") for id in ("1", "2", "3")]
    async with office.parts.database.writing() as connection:
        assert await inbound.claim(connection, keys, office.now.date()) == set(keys)
        statements.clear()
        await inbound.unclaim(connection, keys[1:5])
        assert len(statements) == 1
        assert await inbound.claim(connection, keys, office.now.date()) == set(keys[1:5])


async def test_many_people_in_one_batch(office: World) -> None:
    """Fifty strangers at once, each in order; every answer reaches its own door."""
    code = await office.invite(uses=60)
    await office.dispatch.submit(
        [Event("web", f"s{n}", f"p{n}", EventKind.TEXT, text=f"/start {code}") for n in range(50)]
        + [Event("web", f"y{n}", f"p{n}", EventKind.TAP, data=Consent(ConsentAct.YES).pack()) for n in range(50)]
        + [Event("web", f"n{n}", f"p{n}", EventKind.TEXT, text=f"Lò {_LETTERS[n]}") for n in range(50)]
    )
    assert (await office.rows(select(func.count()).select_from(people)))[0][0] == 50
    for n in (0, 24, 49):
        phone = office.phone(f"p{n}")
        await phone.read()
        assert phone.last.text.startswith(f"Đã tham gia. Chào bác {_LETTERS[n]},")


async def test_the_last_use_of_a_card_is_spent_once(office: World) -> None:
    code = await office.invite(uses=1)
    for n in range(4):
        await office.dispatch.submit([Event("web", f"s{n}", f"p{n}", EventKind.TEXT, text=f"/start {code}")])
    await asyncio.gather(
        *(
            office.dispatch.submit([Event("web", f"y{n}", f"p{n}", EventKind.TAP, data=Consent(ConsentAct.YES).pack())])
            for n in range(4)
        )
    )
    assert (await office.rows(select(func.count()).select_from(people)))[0][0] == 1
    assert (await office.rows(select(invites.c.uses_left)))[0][0] == 0
    said = []
    for n in range(4):
        phone = office.phone(f"p{n}")
        await phone.read()
        said.append(phone.last.text)
    assert sum("không đúng hoặc đã hết hạn" in text for text in said) == 3


@pytest.mark.slow
async def test_deleting_a_person_leaves_counts_and_no_contact(office: World) -> None:
    phones = [await office.joined(f"Người {n}") for n in range(6)]
    boss = await office.joined("Khôi", role="coordinator")
    await boss.say("báo cáo nhanh")
    for text in ("Mưa lũ", "Thế nào?", "1", "1", "1", "Gửi"):
        await boss.say(text)
    await office.wait(seconds=1)
    await phones[0].read()
    await phones[0].tap("Không có gì")
    await phones[0].say("dừng")
    await phones[0].tap("Rời hẳn, xóa dữ liệu của tôi")
    await phones[0].tap("Xóa và rời hẳn")
    assert "Đã xóa dữ liệu" in phones[0].last.text
    assert len(await office.rows(select(people))) == 6
    assert len(await office.rows(select(contacts))) == 6
    assert len(await office.rows(select(participation))) == 6
    await boss.say("tiến độ")
    assert "Đã trả lời 1/6 (1 không có gì)" in boss.last.text


@pytest.mark.slow
async def test_schema_is_what_the_steps_make(tmp_path: Path, office: World) -> None:
    """The tables made at once and those made step by step are the same."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    at_once = MetaData()
    async with office.parts.database.reading() as connection:
        await connection.run_sync(at_once.reflect)
    async with no_tables(tmp_path, on_postgresql=not office.parts.database.is_sqlite) as parts:
        async with parts.database.writing() as connection:
            await connection.run_sync(schema.upgrade)
            differences = await connection.run_sync(lambda c: compare_metadata(MigrationContext.configure(c), at_once))
        assert [d for d in differences if "alembic_version" not in str(d)] == []
        assert await schema.version(parts.database) == schema.HEAD
        assert await schema.prepare(parts.database) == "current"


@pytest.mark.slow
async def test_units_of_an_older_database_become_cells(tmp_path: Path, office: World) -> None:
    """Those below a commune or an agency; what lies right below the root answers as an agency does."""
    old = [
        (1, "T20", "tỉnh", None, "/T20/"),
        (2, "X1", "xã", 1, "/T20/X1/"),
        (3, "X1-01", "chi bộ/thôn/khối", 2, "/T20/X1/X1-01/"),
        (4, "X1-02", "thôn", 2, "/T20/X1/X1-02/"),
        (5, "CBVP", "chi bộ", 1, "/T20/CBVP/"),
        (6, "TYT", "trạm y tế", 2, "/T20/X1/TYT/"),
    ]
    rows = [{"id": i, "code": c, "name": c, "kind": k, "parent_id": p, "path": path} for i, c, k, p, path in old]
    parts = no_tables(tmp_path, on_postgresql=not office.parts.database.is_sqlite)
    async with parts as made, made.database.writing() as connection:
        await connection.run_sync(lambda c: schema.upgrade(c, to="0004"))
        await connection.execute(insert(table("units", *map(column, rows[0]))), rows)
        await connection.run_sync(schema.upgrade)
        kinds = {row.code: row.kind for row in await connection.execute(select(units))}
    assert kinds == {
        **{"T20": "tỉnh", "X1": "xã", "CBVP": "chi bộ", "TYT": "trạm y tế"},
        **{"X1-01": "cell", "X1-02": "cell"},
    }


# ------------------------------------------------------------------ the outbox


async def _door(office: World) -> int:
    await office.joined("Lan")
    return int((await office.rows(select(contacts.c.id)))[0][0])


async def _put(office: World, door: int, *texts: str, lane: int = outbox.REPLY) -> None:
    purpose: outbox.Purpose = "reply" if lane == outbox.REPLY else "ask"
    ends = office.now + timedelta(hours=1)
    parcels = [NewDelivery(door, Message(t), lane, office.now, ends, purpose) for t in texts]
    async with office.parts.database.writing() as connection:
        await outbox.put(connection, office.parts.sealer, office.now.date(), parcels)


async def _claim(office: World, *, quiet: bool = False) -> list[outbox.ClaimedDelivery]:
    async with office.parts.database.writing() as connection:
        return await outbox.claim(connection, office.parts.sealer, "web", office.now, quiet=quiet, most=50)


async def _record(office: World, outcomes: DeliveryResults) -> None:
    async with office.parts.database.writing() as connection:
        await record_outcomes(connection, office.parts.sealer, outcomes, office.now, office.now.date())


async def test_order_is_kept_per_person(office: World) -> None:
    door = await _door(office)
    await _put(office, door, "đẩy", lane=outbox.BROADCAST)
    await _put(office, door, "một", "hai")
    seen = []
    while claimed := await _claim(office):
        assert len(claimed) == 1
        seen.append(claimed[0].message.text)
        assert await _claim(office) == []
        await _record(office, DeliveryResults(delivered=claimed))
    assert seen == ["một", "hai", "đẩy"]
    assert await office.rows(select(outbox_table)) == []


async def test_expired_lease_is_reclaimed_and_late_result_ignored(office: World) -> None:
    door = await _door(office)
    await _put(office, door, "một")
    first = await _claim(office)
    office.now += outbox.LEASE + timedelta(seconds=1)
    second = await _claim(office)
    assert [row.attempts for row in second] == [2]
    await _record(office, DeliveryResults(delivered=first))
    assert len(await office.rows(select(outbox_table))) == 1
    await _record(office, DeliveryResults(delivered=second))
    assert await office.rows(select(outbox_table)) == []


async def test_a_row_waits_for_its_next_try(office: World) -> None:
    door = await _door(office)
    await _put(office, door, "một", "hai")
    claimed = await _claim(office)
    later = office.now + timedelta(seconds=30)
    await _record(office, DeliveryResults(retries=[RetryLater(claimed[0], later, True, Message("phần còn lại"))]))
    assert await _claim(office) == []
    office.now = later
    claimed = await _claim(office)
    assert [(row.message.text, row.lost) for row in claimed] == [("phần còn lại", 1)]


async def test_held_rows_wait_while_it_is_quiet(office: World) -> None:
    door = await _door(office)
    held = NewDelivery(door, Message("nhắc"), outbox.REMINDER, office.now, office.now + timedelta(hours=9), held=True)
    async with office.parts.database.writing() as connection:
        await outbox.put(connection, office.parts.sealer, office.now.date(), [held])
    await _put(office, door, "trả lời")
    quiet = await _claim(office, quiet=True)
    assert [row.message.text for row in quiet] == ["trả lời"]
    await _record(office, DeliveryResults(delivered=quiet))
    assert await _claim(office, quiet=True) == []
    assert [row.message.text for row in await _claim(office)] == ["nhắc"]


async def test_a_closed_contact_is_marked_until_they_write(office: World) -> None:
    door = await _door(office)
    await _put(office, door, "một", lane=outbox.BROADCAST)
    claimed = await _claim(office)
    await _record(office, DeliveryResults(dropped=[(claimed[0], "unreachable")], blocked=claimed))
    assert [tuple(r) for r in await office.rows(select(contacts.c.reachable))] == [(False,)]
    assert [tuple(r) for r in await office.rows(select(people.c.state))] == [("unreachable",)]
    await office.phone("Lan").say("việc")
    assert [tuple(r) for r in await office.rows(select(contacts.c.reachable))] == [(True,)]
    assert [tuple(r) for r in await office.rows(select(people.c.state))] == [("consented",)]
