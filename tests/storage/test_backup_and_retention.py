"""The restore drill on both databases, and what ends by itself, batch by batch, under a clock that tests set."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from nhipcau.context import build
from nhipcau.scheduler.due_work import DueWork
from nhipcau.settings import Settings
from nhipcau.storage import retention, schema
from nhipcau.storage.audit import AuditContext, record_audit
from nhipcau.storage.backup import CopyDiffers, back_up, read_back
from nhipcau.storage.tables import audit, events, outbox, participation, people, poll_answers, reports, units
from tests.support.people import details
from tests.support.postgres import empty_database
from tests.support.processes import nhipcau, running
from tests.support.requests import answer_all, ask, crowd, end, yesno
from tests.support.running_counts import current_counts, recount
from tests.support.world import World, open_world

pytestmark = pytest.mark.slow


@asynccontextmanager
async def again(folder: Path, url: str, now: World) -> AsyncIterator[World]:
    """The same installation on another database."""
    parts = build(Settings(_env_file=None, data_dir=folder, database_url=url))
    await schema.prepare(parts.database)
    try:
        world = World(parts, now.now)
        # phones go on counting: an event of an earlier number has been handled
        world.events = now.events
        yield world
    finally:
        await parts.database.close()


@pytest.mark.parametrize("into", ["sqlite", "postgresql"])
async def test_a_backup_of_either_database_brings_everything_back_in_either(
    office: World, tmp_path: Path, into: str
) -> None:
    phones = await crowd(office, 6)
    await ask(office, yesno("Thuận không?"))
    await answer_all(phones[:5], ["Có"] * 5)
    await phones[5].read()
    await phones[5].say("báo cáo")
    await phones[5].say("đường vào bản lầy lội hai tháng nay")
    for _ in range(5):
        await phones[5].tap(phones[5].labels()[0])
    url = office.parts.settings.database_url
    said = nhipcau(tmp_path, "backup", "copy.db", DATABASE_URL=url)
    assert "đã đọc lại và khớp" in said
    assert (tmp_path / "copy.db").stat().st_mode & 0o077 == 0
    other = empty_database() if into == "postgresql" else f"sqlite+aiosqlite:///{tmp_path}/other.db"
    nhipcau(tmp_path, "restore", "copy.db", DATABASE_URL=other)
    async with again(tmp_path, other, office) as restored:
        for table in (units, people, participation, poll_answers, reports, outbox):
            statement = select(func.count()).select_from(table)
            assert await restored.rows(statement) == await office.rows(statement), table.name
        async with restored.parts.database.reading() as connection:
            assert await current_counts(connection) == await recount(connection)
        # who had answered stays answered, and everybody goes on where they were
        answered, writing = (restored.phone(phone.address) for phone in (phones[0], phones[5]))
        await answered.say("việc")
        assert "Có tiện không?" not in answered.last.text
        await writing.say("việc")
        await writing.tap("Tiếp tục")
        await writing.tap(writing.labels()[0])
        assert "Đã ghi nhận báo cáo" in writing.last.text
        # numbers that the database gives go on: a newcomer takes nobody's place
        await restored.joined("Người mới")
        assert len(await restored.rows(select(people))) == 7


def test_a_restore_into_postgresql_keeps_the_old_unless_it_is_in_use(tmp_path: Path) -> None:
    url = empty_database()
    nhipcau(tmp_path, "unit", "add", "Tỉnh A", "--code", "A", DATABASE_URL=url)
    nhipcau(tmp_path, "backup", "a.db", DATABASE_URL=url)
    nhipcau(tmp_path, "unit", "add", "Xã B", "--code", "B", "--parent", "A", DATABASE_URL=url)
    with running(tmp_path, DATABASE_URL=url):
        assert "đang được dùng" in nhipcau(tmp_path, "restore", "a.db", status=1, DATABASE_URL=url)
    assert "before-restore.db" in nhipcau(tmp_path, "restore", "a.db", DATABASE_URL=url)
    assert "Xã B" not in nhipcau(tmp_path, "unit", "list", DATABASE_URL=url)
    # the table's own numbers go on
    nhipcau(tmp_path, "unit", "add", "Xã C", "--code", "C", "--parent", "A", DATABASE_URL=url)
    nhipcau(tmp_path, "restore", str(tmp_path / "before-restore.db"), DATABASE_URL=url)
    assert "Xã B" in nhipcau(tmp_path, "unit", "list", DATABASE_URL=url)


def _in_order(path: Path, table: str, column: str) -> list[str]:
    """A column of the copy as its rows lie there."""
    with sqlite3.connect(path) as plain:
        found = [row[0] for row in plain.execute(f"SELECT {column} FROM {table} ORDER BY rowid")]
    plain.close()
    return found


async def test_the_order_of_rows_in_a_copy_ties_nobody_to_an_answer(office: World, tmp_path: Path) -> None:
    phones = await crowd(office, 30)
    await ask(office, yesno("Thuận không?"))
    by_phone: list[str] = []
    copy = tmp_path / "copy.db"
    for phone in phones:
        await answer_all([phone], ["Có"])
        known = {row[0] for row in await office.rows(select(poll_answers.c.id))}
        by_phone += sorted(known.difference(by_phone))
    names = {id: person.name for id, person in (await details(office)).items()}
    asked = {f"Người {n}": n - 1 for n in range(1, 31)}
    await back_up(office.parts.database, copy)
    whose = [asked[names[id]] for id in _in_order(copy, "participation", "person_id")]
    answered = [by_phone.index(id) for id in _in_order(copy, "poll_answers", "id")]
    assert sorted(whose) == sorted(answered) == list(range(30))
    # by chance one of thirty stands in its place; ten do once in millions of copies
    for one, other in ((whose, answered), (whose, sorted(whose)), (answered, sorted(answered))):
        assert sum(a == b for a, b in zip(one, other, strict=True)) < 10


async def test_a_damaged_backup_is_found_by_reading_it(office: World, tmp_path: Path) -> None:
    await crowd(office, 5)
    copy = tmp_path / "copy.db"
    found = await back_up(office.parts.database, copy)
    assert found["people"] == 5
    with sqlite3.connect(copy) as plain:
        plain.execute("DELETE FROM units WHERE code = 'X06040'")
    plain.close()
    with pytest.raises(CopyDiffers):
        await read_back(copy)


# ------------------------------------------------------------------ what ends


async def test_what_has_ended_goes_in_batches_and_the_rest_stays(
    office: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 10)
    [lan, *_] = await crowd(office, 5)
    today = office.now.date()
    row = {
        "topic": "A1",
        "mood": "neutral",
        "spread": 1,
        "urgency": "normal",
        "text": "x",
        "state": "new",
        "month": "m",
    }
    async with office.parts.database.writing() as connection:
        unit = await connection.scalar(select(units.c.id).where(units.c.code == "X06040"))
        await connection.execute(
            insert(events),
            [{"channel": "telegram", "id": str(n), "day": today - timedelta(days=n % 30)} for n in range(90)],
        )
        await connection.execute(
            insert(reports),
            [
                {**row, "month": "m", "area_id": unit, "code": f"PA-{n}", "day": today - timedelta(days=40 * n)}
                for n in range(30)
            ],
        )
    for n in range(30):
        async with office.parts.database.writing() as connection:
            record_audit(AuditContext(connection, office.parts.sealer, today - timedelta(days=30 * n)), "backup.make")
    await DueWork(office.committer, office.parts.settings).sweep()
    oldest = {
        table.name: (await office.rows(select(func.min(column))))[0][0]
        for table, column in ((events, events.c.day), (reports, reports.c.day), (audit, audit.c.day))
    }
    assert oldest["events"] == today - timedelta(days=14)
    assert timedelta(days=700) < today - oldest["reports"] <= timedelta(days=761)
    assert timedelta(days=330) < today - oldest["audit"] <= timedelta(days=366)
    assert len(await office.rows(select(people))) == 5
    await lan.say("trợ giúp")
    assert "Bác nhắn một câu" in lan.last.text


def test_purge_says_what_had_ended(tmp_path: Path) -> None:
    nhipcau(tmp_path, "migrate")
    with sqlite3.connect(tmp_path / "n.db") as plain:
        plain.executemany("INSERT INTO events VALUES ('telegram', ?, '2020-01-01')", [(str(n),) for n in range(3000)])
    plain.close()
    assert nhipcau(tmp_path, "purge").startswith("Đã xóa những gì hết hạn (3000 dòng, 0 khóa, 0 ảnh, 0 tài liệu)")
    assert nhipcau(tmp_path, "purge").startswith("Đã xóa những gì hết hạn (0 dòng")


async def test_reading_stays_one_view_while_others_write(office: World, tmp_path: Path) -> None:
    """A backup is of one moment: what comes in while it is made is in none of its tables. So is the audit when it is
    verified, and what pictures are used."""
    await crowd(office, 5)
    async with office.parts.database.reading() as before:
        number = await before.scalar(select(func.count()).select_from(people))
        await office.joined("Người mới")
        assert await before.scalar(select(func.count()).select_from(people)) == number


@pytest.mark.parametrize("stop", [True, False], ids=["stopped", "closed"])
async def test_a_key_that_a_crash_left_goes_with_the_next_sweep(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: bool
) -> None:
    """The poll ended, and the program with it, before its key was destroyed."""
    async with open_world(tmp_path) as world:
        phones = await crowd(world, 5)
        id = await ask(world, yesno())
        await answer_all(phones, ["Có"] * 5)
        with monkeypatch.context() as crash:
            crash.setattr(world.parts.sealer, "forget", lambda name: None)
            await end(world, id, stop=stop)
        ring = world.parts.sealer.ring
        assert ring.names("poll-") == [f"poll-{id.lower()}"]
        # while it runs another one keeps its own
        other = await ask(world, yesno("Còn mở?"))
        await world.clock.sweep()
        assert ring.names("poll-") == [f"poll-{other.lower()}"]
