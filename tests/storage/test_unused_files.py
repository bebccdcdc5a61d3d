"""The sweep deletes pictures and documents that nothing uses, and no others, whatever people do meanwhile."""

from __future__ import annotations

import os
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select

from nhipcau.model.conversation import Conversation, DraftKind, DraftName
from nhipcau.privacy.atomic_files import store_file
from nhipcau.storage import retention, talks
from nhipcau.storage.tables import contacts, conversations, report_photos
from nhipcau.storage.talks import StoredTalk, files_in_talks, open_talk, save_conversations
from tests.support.reports import filed
from tests.support.world import World


async def _draft(world: World, *pictures: str) -> None:
    """Everybody has half-written a report with these pictures."""
    for row in await world.rows(select(contacts.c.id, contacts.c.person_id)):
        talk = Conversation()
        talk.begin(DraftName(DraftKind.REPORT), "n", answers={"photos": [*pictures, f"{row.person_id}.jpg"]})
        async with world.parts.database.writing() as connection:
            await save_conversations(
                connection, world.parts.sealer, world.now.date(), {row.person_id: (row.id, talk, True)}
            )


async def _unused(world: World) -> list[str]:
    settings = world.parts.settings
    async with world.parts.database.reading() as connection:
        pictures, _ = await retention.unused_files(
            connection, world.parts.sealer, world.now.date(), settings.photos, settings.documents
        )
    return [path.name for path in pictures]


async def test_a_picture_on_its_way_from_draft_to_report_is_used(
    office: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    lan = await office.joined("Lan", "X06184")
    code = await filed(lan, "giếng nước đục từ hôm qua")
    long_ago = office.now.date() - timedelta(days=30)
    picture, other = (store_file(office.parts.settings.photos, b"picture", "jpg", long_ago) for _ in range(2))
    await _draft(office, picture)
    assert await _unused(office) == [other]

    async def file_first(*given: Any) -> set[str]:
        async with office.parts.database.writing() as connection:
            await connection.execute(delete(conversations))
            await connection.execute(insert(report_photos).values(name=picture, report_code=code, place=0))
        return await files_in_talks(*given)

    monkeypatch.setattr(retention, "files_in_talks", file_first)
    assert await _unused(office) == [other]


async def test_conversations_are_opened_in_slices_beside_the_loop(
    office: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("An", "Bình", "Chi", "Dung", "Em"):
        await office.joined(name)
    await _draft(office)
    threads: set[threading.Thread] = set()

    def noted(*given: Any) -> StoredTalk | None:
        threads.add(threading.current_thread())
        return open_talk(*given)

    monkeypatch.setattr(talks, "open_talk", noted)
    monkeypatch.setattr(talks, "TALKS_AT_ONCE", 2)
    async with office.parts.database.reading() as connection:
        found = await files_in_talks(connection, office.parts.sealer, office.now.date())
    assert found == {f"{row[0]}.jpg" for row in await office.rows(select(contacts.c.person_id))}
    assert threads
    assert threading.main_thread() not in threads


async def test_what_a_killed_writer_left_goes_after_an_hour(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = world.parts.settings
    folders = (settings.photos, settings.documents, settings.keys)
    for folder in folders:
        folder.mkdir(exist_ok=True)
        aside = folder / ".0123456789abcdef.jpg.01234567"
        aside.write_bytes(b"half")
        os.utime(aside, (0, 0))

    def left() -> list[Path]:
        return [path for folder in folders for path in folder.glob(".0*")]

    await world.clock.sweep()
    assert len(left()) == 3
    later = time.time() + 3601
    monkeypatch.setattr(time, "time", lambda: later)
    await world.clock.sweep()
    assert left() == []
