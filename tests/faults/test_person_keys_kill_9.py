"""kill -9 around a person's key: between its making and the commit, and between the commit of leaving and its death."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from nhipcau.context import build
from nhipcau.model.changes import DeletePerson
from nhipcau.operations.commit import apply
from nhipcau.privacy.keys import KeyRing
from nhipcau.privacy.person_keys import PersonKeys, hashed
from nhipcau.privacy.sealing import Sealer
from nhipcau.settings import Settings
from nhipcau.storage.sealed_people import add_people
from nhipcau.storage.tables import departed, people
from tests.support.people import details, id_of
from tests.support.postgres import new_database
from tests.support.world import open_world

pytestmark = pytest.mark.slow


def _dies(folder: Path, url: str, leaver: str) -> None:
    """A process that joins somebody, or lets `leaver` leave, and is killed in the middle."""
    asyncio.run(_die(folder, url, leaver))


async def _die(folder: Path, url: str, leaver: str) -> None:
    parts = build(Settings(_env_file=None, data_dir=folder, database_url=url))
    if leaver:
        parts.sealer = _Killed(KeyRing(parts.settings.keys))
    async with parts.transaction() as context:
        if leaver:
            await apply(context, [DeletePerson(leaver)])
        else:
            row = {"id": "newcomer", "tag_secret": "s", "name": "Người mới", "unit_id": 1, "state": "invited"}
            await add_people(context.connection, parts.sealer, [{**row, "role": "collaborator"}])
            os.kill(os.getpid(), signal.SIGKILL)


class _Killed(Sealer):
    def forget_people(self, person_ids: Any) -> int:
        os.kill(os.getpid(), signal.SIGKILL)
        return 0


@pytest.mark.parametrize("on", ["sqlite", "postgresql"])
async def test_a_kill_around_a_persons_key_harms_nobody(tmp_path: Path, on: str) -> None:
    url = new_database() if on == "postgresql" else f"sqlite+aiosqlite:///{tmp_path}/n.db"
    async with open_world(tmp_path, database_url=url) as world:
        await world.joined("Hoàng Thị Lan")
        await world.joined("Nông Thị Mùi")
        lan = await id_of(world, "Hoàng Thị Lan")
        for leaver in ("", lan):
            process = multiprocessing.get_context("forkserver").Process(target=_dies, args=(tmp_path, url, leaver))
            process.start()
            await asyncio.to_thread(process.join, 60)
            assert process.exitcode == -signal.SIGKILL
        # whoever had not joined has a key that seals nothing; who left is gone, and only the key lives still
        assert {person.name for person in (await details(world)).values()} == {"Nông Thị Mùi"}
        book = PersonKeys(tmp_path / "keys")
        assert (book.lives("newcomer"), book.lives(lan), book.damaged) == (True, True, 0)
        assert await world.rows(select(departed)) == [(hashed(lan),)]
        await world.clock.sweep()
        assert not PersonKeys(tmp_path / "keys").lives(lan)
        # and everything goes on
        await world.joined("Người mới")
        assert len(await world.rows(select(people))) == 2
