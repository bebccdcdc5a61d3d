"""R25 The audit: any edit, deletion, addition and move is found, although a day keeps no order of its lines."""

from __future__ import annotations

import asyncio
import itertools
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, delete, insert, select, text, update
from sqlalchemy.exc import OperationalError

from nhipcau.model.people import Role
from nhipcau.model.queries import PersonalData
from nhipcau.model.scope import OFFICE
from nhipcau.privacy.audit_chain import Break
from nhipcau.scheduler.due_work import DueWork
from nhipcau.storage import run_queries
from nhipcau.storage.audit import cut_off, entries, forget_head, keep_head, record_audit, record_refusals, verify
from nhipcau.storage.database import ChangedMeanwhile, Connection
from nhipcau.storage.registry import QueryContext
from nhipcau.storage.tables import audit, audit_days
from nhipcau.storage.units import load_tree
from tests.support.postgres import new_database
from tests.support.world import World, open_world

pytestmark = pytest.mark.slow

KHOI, LIEN = "a" * 32, "b" * 32


@pytest.fixture
async def office(world: World) -> World:
    await work_for_days(world)
    return world


async def work_for_days(world: World) -> None:
    """Acts of two coordinators on three days and of the office on the fourth: 7 lines."""
    for _ in range(3):
        await act(world, ("report.answer", KHOI, 1), ("report.answer", KHOI, 2))
        await act(world, ("report.answer", LIEN, 1))
        world.now += timedelta(days=1)
    await act(world, ("key.destroy", OFFICE, 4))


async def act(world: World, *acts: tuple[str, str, int]) -> None:
    """One transaction with these acts: kind, actor, number."""
    async with world.committer.transaction() as context:
        for kind, actor, number in acts:
            record_audit(context, kind, actor, number)


async def verified(world: World) -> Break | tuple[int, int]:
    async with world.parts.database.reading() as connection:
        return await verify(connection, world.parts.sealer)


async def after(world: World, *statements: Any) -> Break | tuple[int, int]:
    """What verifying says once somebody has run these statements; they are undone then."""
    async with world.parts.database.engine.connect() as connection, connection.begin() as transaction:
        for statement in statements:
            await connection.execute(statement)
        found = await verify(connection, world.parts.sealer)
        await transaction.rollback()
    return found


async def lines_of(world: World) -> list[Any]:
    return await world.rows(select(audit).order_by(audit.c.day, audit.c.number, audit.c.who))


def as_dict(table: Table, row: Any) -> dict[str, Any]:
    return dict(zip(table.columns.keys(), row, strict=True))


async def test_acts_of_a_transaction_are_one_line_a_kind(office: World) -> None:
    async with office.parts.database.reading() as connection:
        found = await entries(connection)
        assert len(await entries(connection, since=found[-1].day)) == 1
        assert {each.kind for each in await entries(connection, kind="report")} == {"report.answer"}
        assert await entries(connection, kind="rep") == []
    assert sorted(each.number for each in found) == [1, 1, 1, 3, 3, 3, 4]
    handles = {each.who for each in found} - {OFFICE}
    assert len(handles) == 2
    assert not any(id[:8] in "".join(handles) for id in (KHOI, LIEN))
    assert await verified(office) == (7, 4)


async def test_every_cell_that_is_edited_is_found(office: World) -> None:
    values = {"day": date(2020, 1, 1), "who": "somebody", "kind": "person.remove", "number": 9, "seal": bytes(32)}
    for line, (column, value) in itertools.product(await lines_of(office), values.items()):
        found = await after(office, update(audit).where(audit.c.id == line.id).values({column: value}))
        assert isinstance(found, Break), (line, column)
        assert found.what == "edited"
        assert found.day == (value if column == "day" else line.day)
    for day, column in itertools.product(
        await office.rows(select(audit_days)), ("nonce", "lines", "total", "seal", "day")
    ):
        other = {"nonce": b"n" * 16, "lines": 9, "total": b"t" * 32, "seal": b"s" * 32, "day": date(2020, 1, 1)}[column]
        found = await after(office, update(audit_days).where(audit_days.c.day == day.day).values({column: other}))
        assert isinstance(found, Break), (day, column)
        assert found.what in {"chain", "no_day"}
    first = await office.rows(select(audit_days).order_by(audit_days.c.day).limit(1))
    no_lines = update(audit_days).where(audit_days.c.day == first[0].day).values(lines=None)
    assert isinstance(await after(office, no_lines), Break)


async def test_every_line_that_is_deleted_or_added_is_found(office: World) -> None:
    for line in await lines_of(office):
        assert await after(office, delete(audit).where(audit.c.id == line.id)) == Break("missing", line.day, number=1)
        copied = {**as_dict(audit, line), "id": "c" * 32}
        found = await after(office, insert(audit).values(**copied))
        assert isinstance(found, Break)
        assert (found.what, found.day) == ("edited", line.day)
        # and with the number of the day's lines made to fit
        fitting = update(audit_days).where(audit_days.c.day == line.day).values(lines=audit_days.c.lines - 1)
        assert await after(office, delete(audit).where(audit.c.id == line.id), fitting) == Break("chain", line.day)


async def test_lines_that_are_moved_or_swapped_are_found(office: World) -> None:
    first, *_, last = await lines_of(office)
    moved = update(audit).where(audit.c.id == first.id).values(day=last.day)
    assert isinstance(await after(office, moved), Break)
    swap = [
        update(audit).where(audit.c.id == a.id).values(who=b.who, number=b.number, kind=b.kind)
        for a, b in ((first, last), (last, first))
    ]
    found = await after(office, *swap)
    assert isinstance(found, Break)
    assert (found.what, found.day) == ("edited", first.day)


async def test_a_day_that_is_deleted_is_found(office: World) -> None:
    """Anywhere but at the end of all; there by what stands beside the keys."""
    days = [row.day for row in await office.rows(select(audit_days.c.day).order_by(audit_days.c.day))]
    async with office.parts.database.reading() as connection:
        await keep_head(connection, office.parts.sealer)
    for day in days:
        found = await after(office, *(delete(table).where(table.c.day == day) for table in (audit, audit_days)))
        following = next((each for each in days if each > day), None)
        assert found == (Break("chain", following) if following else Break("rolled_back", day))
        assert await after(office, delete(audit_days).where(audit_days.c.day == day)) == Break(
            "no_day", day, number=1 if following is None else 2
        )
    assert await after(office, delete(audit), delete(audit_days)) == Break("rolled_back", days[-1])


async def test_a_head_written_meanwhile_is_no_fault(office: World) -> None:
    """Another process acts and sweeps while the lines are read: its head tells of some that are not in this view."""

    class Meanwhile:
        def __init__(self, connection: Connection) -> None:
            self.connection = connection

        async def execute(self, statement: Any) -> Any:
            found = await self.connection.execute(statement)
            if await verified(office) == (7, 4):
                office.now += timedelta(days=1)
                await act(office, ("report.answer", LIEN, 1))
                async with office.parts.database.reading() as later:
                    await keep_head(later, office.parts.sealer)
            return found

    async with office.parts.database.reading() as connection:
        view: Any = Meanwhile(connection)
        assert await verify(view, office.parts.sealer) == (7, 4)
    assert await verified(office) == (8, 5)


async def test_yesterdays_table_put_back_is_found(office: World) -> None:
    """Found after further acts too, and even when as many lines were written on that day again."""
    kept = {t: [as_dict(t, row) for row in await office.rows(select(t))] for t in (audit, audit_days)}
    office.now += timedelta(days=1)
    await act(office, ("report.answer", LIEN, 1))
    today = office.now.astimezone(office.parts.settings.zone).date()
    await DueWork(office.committer, office.parts.settings).sweep()
    async with office.parts.database.writing() as connection:
        for table, rows in kept.items():
            await connection.execute(delete(table))
            await connection.execute(insert(table), rows)
    assert await verified(office) == Break("rolled_back", today)
    for number in (1, 2):
        await act(office, ("report.answer", KHOI, number))
    await DueWork(office.committer, office.parts.settings).sweep()
    assert await verified(office) == Break("rolled_back", today)
    # the office itself has restored a backup
    forget_head(office.parts.sealer)
    assert await verified(office) == (9, 5)


async def test_what_has_reached_its_term_is_cut_off(office: World) -> None:
    """R23 The chain goes on from a sealed stub; nobody without the key can move it."""
    days = [row.day for row in await office.rows(select(audit_days.c.day).order_by(audit_days.c.day))]
    for kept_from, lines in ((days[1], 5), (days[1], 5), (days[3], 1)):
        async with office.parts.database.writing() as connection:
            await cut_off(connection, office.parts.sealer, kept_from)
        assert await verified(office) == (lines, lines // 2 + 1)
    stub = select(audit_days).where(audit_days.c.lines.is_(None))
    assert [row.day for row in await office.rows(stub)] == [days[2]]
    assert isinstance(await after(office, delete(audit_days).where(audit_days.c.lines.is_(None))), Break)
    forged = update(audit_days).where(audit_days.c.day == days[3]).values(lines=None)
    assert isinstance(
        await after(office, forged, delete(audit), delete(audit_days).where(audit_days.c.day != days[3])), Break
    )
    # a clock set back behind the cut writes on the first day kept
    office.now -= timedelta(days=300)
    await act(office, ("report.answer", KHOI, 1))
    assert await verified(office) == (2, 1)


async def test_an_earlier_day_goes_on_when_the_clock_is_set_back(office: World) -> None:
    office.now -= timedelta(days=2)
    await act(office, ("report.answer", KHOI, 1))
    office.now -= timedelta(days=30)
    await act(office, ("report.answer", KHOI, 1))
    assert await verified(office) == (9, 5)


async def test_what_is_rolled_back_leaves_no_line(office: World) -> None:
    async def fail() -> None:
        async with office.committer.transaction() as context:
            record_audit(context, "person.remove", KHOI)
            raise ChangedMeanwhile

    with pytest.raises(ChangedMeanwhile):
        await fail()
    await act(office, ("report.answer", KHOI, 1))
    assert await verified(office) == (8, 4)
    assert not await office.rows(select(audit).where(audit.c.kind == "person.remove"))


async def test_refusals_tell_nobody_apart(office: World) -> None:
    async with office.committer.transaction() as context:
        record_refusals(context, codes=150, rights=2)
        record_refusals(context)
    rows = await office.rows(select(audit.c.who, audit.c.kind, audit.c.number).where(audit.c.who == ""))
    assert sorted(tuple(row) for row in rows) == [("", "refused.code", 150), ("", "refused.right", 2)]


async def test_postgresql_loses_no_line_of_many_at_once(tmp_path: Path) -> None:
    """Transactions that run at the same time write the same day; what is done to it is found there too."""
    async with open_world(tmp_path, database_url=new_database()) as office:
        await work_for_days(office)
        acts = (act(office, ("report.answer", f"{n:032}", 1), ("issue.open", KHOI, 1)) for n in range(24))
        await asyncio.gather(*acts)
        assert await verified(office) == (7 + 48, 4)
        await DueWork(office.committer, office.parts.settings).sweep()
        async with office.parts.database.writing() as connection:
            await cut_off(connection, office.parts.sealer, office.now.date() - timedelta(days=1))
        assert await verified(office) == (2 + 49, 2)
        for line in (await lines_of(office))[::10]:
            gone = delete(audit).where(audit.c.id == line.id)
            assert await after(office, gone) == Break("missing", line.day, number=1)
        found = await after(office, update(audit).values(number=5))
        assert isinstance(found, Break)
        assert found.what == "edited"
        days = delete(audit_days).where(audit_days.c.day >= office.now.date())
        assert isinstance(await after(office, days, delete(audit).where(audit.c.day >= office.now.date())), Break)


async def test_a_day_keeps_no_order_of_its_lines(world: World) -> None:
    """The table lies by random ids, and has no counter."""
    await act(world, ("report.answer", KHOI, 1))
    with pytest.raises(OperationalError, match="rowid"):
        await world.rows(text("SELECT rowid FROM audit"))
    assert set(audit.columns.keys()) == {"id", "day", "who", "kind", "number", "seal"}


async def test_people_see_how_many_lines_tell_of_them(world: World) -> None:
    khoi = await world.joined("khoi", role="coordinator")
    (person,) = await world.rows(text("SELECT id FROM people"))
    await khoi.say("Mạng lưới")
    await act(world, ("report.answer", person.id, 1), ("issue.open", person.id, 1))
    need = PersonalData(person.id)
    async with world.parts.database.reading() as connection:
        tree = await load_tree(connection)
        at = QueryContext(connection, world.parts.sealer, tree, world.now, {}, world.parts.settings.zone)
        held = (await run_queries.answer(at, [need]))[need]
    assert isinstance(held, dict)
    assert held["acts"] == 2
    assert held["role"] == Role.COORDINATOR


async def test_lines_of_an_earlier_version_are_sealed(world: World) -> None:
    """As its migration leaves them: with the person's id, and no seal."""
    line = {"id": "c" * 32, "day": date(2026, 11, 21), "who": KHOI, "kind": "report.answer", "number": 2}
    other = {"id": "d" * 32, "day": date(2026, 11, 22), "who": OFFICE, "kind": "roster.import", "number": 300}
    async with world.parts.database.writing() as connection:
        await connection.execute(insert(audit), [line, other])
    await act(world, ("report.answer", KHOI, 1))
    assert await verified(world) == (3, 3)
    async with world.parts.database.reading() as connection:
        found = [(each.day, each.kind, each.number) for each in await entries(connection)]
        who = {each.who for each in await entries(connection, kind="report")}
    assert found[:2] == [(each["day"], each["kind"], each["number"]) for each in (line, other)]
    assert len(who) == 1
    assert KHOI not in who
    # once sealed, a line without a seal is no earlier one
    assert isinstance(await after(world, update(audit).values(seal=None)), Break)
