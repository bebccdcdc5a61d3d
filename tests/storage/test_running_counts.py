"""Running counts are what the rows say, whatever changes, on both databases; an older database is brought forward."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, text, update

from nhipcau.storage import schema
from nhipcau.storage.tables import (
    contacts,
    conversations,
    official_answers,
    participation,
    poll_answers,
    requests,
    units,
)
from tests.support.mixing import mixed
from tests.support.older import become_older, no_tables, readable_people, rows_of
from tests.support.requests import answer_all, ask, crowd, yesno
from tests.support.running_counts import current_counts, recount
from tests.support.world import World

_EVENING = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)
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
    doors = {row.person_id: row.id for row in await office.rows(select(contacts))}
    await become_older(
        office,
        "0001",
        {
            "people": await readable_people(office),
            # a conversation belonged to a door
            "conversations": [
                {**row, "contact_id": doors[row["person_id"]]} for row in await rows_of(office, conversations)
            ],
            # an answer lay open
            "poll_answers": [{**row, "answers": '{"q1": "yes"}'} for row in await rows_of(office, poll_answers)],
            "audit": [{"id": 1, "at": _EVENING, "actor": "office", "act": "roster.import", "subject": "300"}],
        },
    )
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


async def test_a_database_made_by_steps_counts_too(tmp_path: Path) -> None:
    async with no_tables(tmp_path, on_postgresql=False) as parts, parts.database.writing() as connection:
        await connection.run_sync(schema.upgrade)
        made = set(await connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")))
    assert len(made) == 11
