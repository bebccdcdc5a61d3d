"""Running counts are what the rows say, whatever changes, on both databases; an older database is brought forward."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.context import build
from nhipcau.settings import Settings
from nhipcau.storage import schema
from nhipcau.storage.tables import official_answers, participation, poll_answers, requests, units
from tests.support.mixing import mixed
from tests.support.people import details, unsealed
from tests.support.requests import answer_all, ask, crowd, yesno
from tests.support.running_counts import current_counts, recount
from tests.support.world import World

_STATES = ("asked", "reached", "started", "answered", "undeliverable")


async def test_whatever_changes_the_counts_follow(office: World) -> None:
    await crowd(office, 5)
    id = await ask(office, yesno("Thuận không?"))
    chance = random.Random(7)
    async with office.parts.database.writing() as connection:
        unit_ids = list(await connection.scalars(select(units.c.id)))
        people = [
            {"request_id": id, "person_id": f"x{n}", "unit_id": chance.choice(unit_ids), "state": "asked"}
            for n in range(60)
        ]
        await connection.execute(insert(participation), people)
        for n in range(60):
            mine = participation.c.person_id == f"x{n}"
            for _ in range(3):
                values = {
                    "state": chance.choice(_STATES),
                    "reason": chance.choice([None, "refused", "expired"]),
                    "band": chance.choice([None, "late", "half"]),
                    "unit_id": chance.choice(unit_ids),
                }
                await connection.execute(update(participation).where(mine).values(**values))
        await connection.execute(update(participation).where(participation.c.person_id < "x3").values(state="reached"))
        await connection.execute(delete(participation).where(participation.c.person_id > "x5"))
        answer = {"request_id": id, "day": office.now.date(), "version": 1, "answers": "{}"}
        await connection.execute(
            insert(official_answers),
            [
                {
                    **answer,
                    "id": f"o{n}",
                    "unit_id": chance.choice(unit_ids),
                    "late": n % 3 == 0,
                    "nothing_to_report": n % 2 == 0,
                    "extra": n % 5 == 0,
                }
                for n in range(40)
            ],
        )
        await connection.execute(update(official_answers).where(official_answers.c.id < "o2").values(late=True))
        await connection.execute(delete(official_answers).where(official_answers.c.id > "o7"))
        assert await current_counts(connection) == await recount(connection)
        assert len((await current_counts(connection))["participation_counts"]) > 10
        await connection.execute(delete(requests))
        assert not any((await current_counts(connection)).values())


@pytest.mark.slow
async def test_an_office_of_the_first_version_is_counted_when_upgraded(office: World, tmp_path: Path) -> None:
    phones = await crowd(office, 6)
    id = await ask(office, yesno("Thuận không?"))
    await answer_all(phones, ["Có"] * 6)
    database = office.parts.database
    async with database.reading() as connection:
        before = await current_counts(connection)
    assert (before["participation_counts"], before["poll_counts"]) != ({}, {})
    # as the first version left it: names readable, no counts, no triggers, the index of then
    await unsealed(office, await details(office))
    async with database.writing() as connection:
        if not database.is_sqlite:
            for table, counted in (
                ("participation", "participation"),
                ("official_answers", "official"),
                ("reports", "report"),
            ):
                for act in ("insert", "update", "delete"):
                    await connection.execute(text(f"DROP TRIGGER {counted}_counts_{act} ON {table}"))
        else:
            for counted in ("participation", "official"):
                for act in ("insert", "update", "delete"):
                    await connection.execute(text(f"DROP TRIGGER {counted}_counts_{act}"))
            for name in ("insert", "delete", "state", "come", "gone"):
                await connection.execute(text(f"DROP TRIGGER report_counts_{name}"))
        for table in ("participation_counts", "official_counts", "poll_counts", "report_counts"):
            await connection.execute(text(f"DROP TABLE {table}"))
        for index in ("ix_reports_counted", "ix_official_answers_nothing"):
            await connection.execute(text(f"DROP INDEX {index}"))
        await connection.execute(text("CREATE INDEX ix_reports_area_id ON reports (area_id)"))
        await _without_the_round(connection)
        await _without_doors(connection)
        await connection.execute(text("ALTER TABLE people DROP COLUMN on_roster"))
        await connection.execute(text("ALTER TABLE reports ADD COLUMN practice BOOLEAN NOT NULL DEFAULT false"))
        await connection.execute(text("ALTER TABLE outbox DROP COLUMN lost"))
        await connection.execute(text("ALTER TABLE outbox ADD COLUMN maybe_sent BOOLEAN NOT NULL DEFAULT false"))
        await connection.execute(text("CREATE INDEX ix_outbox_due ON outbox (lane, due_at)"))
        await connection.execute(text("ALTER TABLE poll_answers DROP COLUMN sealed"))
        await connection.execute(text('UPDATE poll_answers SET answers = \'{"q1": "yes"}\''))
        await connection.execute(text("DROP INDEX ix_poll_answers_some"))
        await connection.execute(text("CREATE INDEX ix_poll_answers_request_id ON poll_answers (request_id)"))
        await connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    assert await schema.prepare(database, office.parts.sealer) == "upgraded"
    async with database.reading() as connection:
        assert await current_counts(connection) == before
    await phones[0].tap("Sửa câu trả lời")
    await phones[0].tap("Không")
    # nothing is counted before it closes, and then what was given in clear too
    async with database.reading() as connection:
        assert (await current_counts(connection))["poll_counts"] == {}
    await mixed(office)
    assert None not in [row.sealed for row in await office.rows(select(poll_answers))]
    await office.wait(days=3)
    async with database.reading() as connection:
        changed = (await current_counts(connection))["poll_counts"]
    assert (changed[id, "q1", "yes"], changed[id, "q1", "no"], changed[id, "q1", ""]) == (5, 1, 6)
    assert await schema.prepare(database, office.parts.sealer) == "current"
    line = text("SELECT who, kind, number, CAST(day AS TEXT) FROM audit")
    assert ("office", "roster.import", 300, "2026-11-21") in await office.rows(line)


async def _without_the_round(connection: AsyncConnection) -> None:
    """As before rules, issues and lessons, and what came after them."""
    for table in (
        "audit",
        "audit_days",
        "data_requests",
        "poll_groups",
        "signals",
        "answer_notes",
        "rules",
        "attention",
        "learned",
        "posted",
        "report_notes",
        "issue_acts",
        "supports",
        "issues",
    ):
        await connection.execute(text(f"DROP TABLE {table}"))
    for index in ("ix_requests_rule_id", "ix_reports_issue"):
        await connection.execute(text(f"DROP INDEX {index}"))
    gone = {
        "units": ("cluster",),
        "people": ("responsible", "withdrew_on"),
        "outbox": ("counted",),
        "official_answers": ("on_behalf",),
        "reports": ("confirmed", "place", "ask_again_on"),
        "requests": ("rule_id", "period", "repeats", "decision", "photo", "file", "file_name", "each", "withheld"),
    }
    for table, columns in gone.items():
        for column in columns:
            await connection.execute(text(f"ALTER TABLE {table} DROP COLUMN {column}"))
    moment = "DATETIME" if connection.dialect.name == "sqlite" else "TIMESTAMP WITH TIME ZONE"
    columns_of_then = f"at {moment} NOT NULL, actor VARCHAR(32), act VARCHAR(40), subject VARCHAR(80)"
    await connection.execute(text(f"CREATE TABLE audit (id INTEGER PRIMARY KEY, {columns_of_then})"))
    line = "INSERT INTO audit VALUES (1, '2026-11-20 18:30:00.000000+00:00', 'office', 'roster.import', '300')"
    await connection.execute(text(line.replace("+00:00", "") if moment == "DATETIME" else line))


async def _without_doors(connection: AsyncConnection) -> None:
    """As the second version left it: a conversation belonged to a door."""
    for statement in (
        "DROP INDEX ix_outbox_order",
        "ALTER TABLE outbox DROP COLUMN channel",
        "ALTER TABLE people DROP COLUMN chosen",
        "ALTER TABLE contacts DROP COLUMN last_act",
        "ALTER TABLE contacts ADD COLUMN last_on DATE NOT NULL DEFAULT '2026-11-23'",
        "ALTER TABLE contacts ADD COLUMN shown_request TEXT",
        "ALTER TABLE invites DROP COLUMN adds",
        'DROP TABLE "usage"',
        "CREATE TABLE old AS SELECT contacts.id AS contact_id, sealed, day, false AS writing FROM conversations"
        " JOIN contacts ON contacts.person_id = conversations.person_id",
        "DROP TABLE conversations",
        "ALTER TABLE old RENAME TO conversations",
    ):
        await connection.execute(text(statement))


async def test_a_database_made_by_steps_counts_too(tmp_path: Path) -> None:
    parts = build(Settings(_env_file=None, data_dir=tmp_path, database_url=f"sqlite+aiosqlite:///{tmp_path}/s.db"))
    async with parts.database.writing() as connection:
        await connection.run_sync(schema.upgrade)
        made = set(await connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")))
    await parts.database.close()
    assert len(made) == 11
