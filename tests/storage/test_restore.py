"""A restore takes rows alone, and nobody comes back who has left (R08); keys are copied, checked, and told apart."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select, text

from nhipcau.context import WrongKey
from nhipcau.model.changes import DeletePerson
from nhipcau.operations.commit import apply
from nhipcau.privacy import key_copy
from nhipcau.privacy.key_copy import NoCopy, OtherKeysLive, WrongPassphrase, copy_state, load, save
from nhipcau.privacy.keys import DamagedKey, KeyRing
from nhipcau.privacy.person_keys import BOOK, PersonKeys, hashed
from nhipcau.privacy.sealing import Sealer
from nhipcau.storage import schema
from nhipcau.storage.backup import back_up
from nhipcau.storage.database import Database
from nhipcau.storage.restore import KeysMissing, Restored, restore_into
from nhipcau.storage.tables import contacts, conversations, departed, participation, people
from tests.support import postgres
from tests.support.mixing import mixed
from tests.support.people import details, id_of
from tests.support.requests import answer_all, ask, crowd, yesno
from tests.support.world import World, open_world

pytestmark = pytest.mark.slow

PASSPHRASE = "một câu dài để thử"
TODAY = date(2026, 11, 23)


@asynccontextmanager
async def restored(
    world: World, backup: Path, folder: Path, *, without_people: bool = False
) -> AsyncIterator[tuple[Restored, World]]:
    """The backup in a fresh file of the same installation; on PostgreSQL in the same database."""
    parts, is_sqlite = world.parts, world.parts.database.is_sqlite
    database = Database(f"sqlite+aiosqlite:///{folder}/again.db") if is_sqlite else parts.database
    try:
        done = await restore_into(
            backup, folder / "working.db", database, parts.sealer, world.now, without_people=without_people
        )
        again = World(replace(parts, database=database), world.now)
        again.events = world.events
        yield done, again
    finally:
        if is_sqlite:
            await database.close()


async def test_whoever_left_since_a_backup_does_not_come_back(office: World, tmp_path: Path) -> None:
    """R08: nor does their contact, their draft, or their name beside an answer; who had answered stays answered."""
    phones = await crowd(office, 6)
    await ask(office, yesno("Thuận không?"))
    await answer_all(phones[:5], ["Có"] * 5)
    await phones[0].say("báo cáo")
    gone = await id_of(office, "Người 1")
    await back_up(office.parts.database, tmp_path / "copy.db")
    async with office.committer.transaction() as context:
        await apply(context, [DeletePerson(gone)])
    async with restored(office, tmp_path / "copy.db", tmp_path) as (done, world):
        await _without_who_left(done, world, gone, phones[1].address)


async def _without_who_left(done: Restored, world: World, gone: str, answered: str) -> None:
    assert done == Restored(left=1, keyless=0)
    assert gone not in {row.id for row in await world.rows(select(people.c.id))}
    assert {person.name for person in (await details(world)).values()} == {f"Người {n}" for n in range(2, 7)}
    assert len(await world.rows(select(contacts))) == 5
    assert await world.rows(select(conversations).where(conversations.c.person_id == gone)) == []
    asked = await world.rows(select(participation.c.person_id, participation.c.state))
    assert [row.state for row in asked].count("answered") == 5
    assert gone not in {row.person_id for row in asked}
    assert hashed(gone) in {row.hashed_id for row in await world.rows(select(departed))}
    phone = world.phone(answered)
    await phone.say("việc")
    assert "Thuận không?" not in phone.last.text


async def test_a_restore_takes_rows_and_nothing_else_of_a_backup(office: World, tmp_path: Path) -> None:
    """A trigger that makes everybody an admin, a spy's table and a view stay behind."""
    await crowd(office, 2)
    await back_up(office.parts.database, tmp_path / "copy.db")
    evil = sqlite3.connect(tmp_path / "copy.db")
    evil.execute("CREATE TABLE spy (x)")
    evil.execute("CREATE VIEW names AS SELECT 1")
    for act in ("UPDATE", "INSERT", "DELETE"):
        evil.execute(f"CREATE TRIGGER e{act} AFTER {act} ON people BEGIN UPDATE people SET role = 'admin'; END")
    evil.commit()
    evil.close()
    async with restored(office, tmp_path / "copy.db", tmp_path) as (_, world):
        assert await schema.foreign_parts(world.parts.database) == []
        await world.joined("Người mới")
        assert {row.role for row in await world.rows(select(people.c.role))} == {"collaborator"}


async def test_a_foreign_trigger_stops_the_start_and_is_named(office: World) -> None:
    await schema.refuse_foreign_triggers(office.parts.database)
    async with office.parts.database.writing() as connection:
        if office.parts.database.is_sqlite:
            evil = "CREATE TRIGGER evil AFTER UPDATE ON people BEGIN UPDATE people SET role = 'admin'; END"
        else:
            evil = (
                "CREATE TRIGGER evil AFTER UPDATE ON people FOR EACH STATEMENT "
                "EXECUTE FUNCTION participation_counts_keep()"
            )
        await connection.execute(text(evil))
        await connection.execute(text("CREATE TABLE spy (x INTEGER)"))
    assert await schema.foreign_parts(office.parts.database) == ["table spy", "trigger evil"]
    with pytest.raises(schema.ForeignTrigger, match="trigger evil"):
        await schema.refuse_foreign_triggers(office.parts.database)


async def test_a_backup_without_its_keys_is_refused_or_brings_nobody(world: World, tmp_path: Path) -> None:
    await crowd(world, 3)
    await world.phone("người lạ").say("xin chào")
    await world.parts.check_keys()
    await back_up(world.parts.database, tmp_path / "copy.db")
    other = Sealer(KeyRing(tmp_path / "other keys"))
    with pytest.raises(KeysMissing):
        await restore_into(tmp_path / "copy.db", tmp_path / "working.db", world.parts.database, other, world.now)
    stranger = World(replace(world.parts, sealer=other), world.now)
    async with restored(stranger, tmp_path / "copy.db", tmp_path, without_people=True) as (done, again):
        assert done == Restored(left=0, keyless=3)
        for table in (people, contacts):
            assert await again.rows(select(table)) == []
        # the service starts with the new keys, and its nights go on
        await again.parts.check_keys()
        await mixed(again)


async def test_what_a_restore_kept_aside_ends_after_seven_days(world: World, tmp_path: Path) -> None:
    kept = [tmp_path / name for name in ("n.db.before-restore", "before-restore-2.db", "n.db.before-restore-2")]
    for path, days in zip(kept, (8, 8, 6), strict=True):
        path.write_bytes(b"x")
        os.utime(path, (time.time() - days * 86_400,) * 2)
    await world.clock.sweep()
    assert [path.exists() for path in kept] == [False, False, True]


# ------------------------------------------------------------------ a copy of the keys


def _ring(folder: Path) -> PersonKeys:
    ring = KeyRing(folder)
    for name in ("secret", "contacts", "audit", "month-2026-11", "poll-abc", "day-2026-11-23"):
        ring.get(name)
    people = PersonKeys(folder)
    people.make(["lan", "mùi", "hòa"])
    return people


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A passphrase is tried in a moment; else it takes 0.2 s on purpose."""
    monkeypatch.setitem(key_copy.SCRYPT, "n", 2**10)


@pytest.mark.usefixtures("quick")
def test_a_copy_of_the_keys_brings_the_lasting_ones_back_and_no_dead(tmp_path: Path) -> None:
    here, there, copy = tmp_path / "here", tmp_path / "there", tmp_path / "copy"
    people = _ring(here)
    people.destroy(["lan"])
    assert copy_state(here).day is None
    assert save(here, copy, PASSPHRASE, TODAY) == 2
    assert (copy_state(here).day, copy_state(here).people, copy_state(here).is_current) == (TODAY, 0, True)
    people.make(["én"])
    assert copy_state(here).people == 1
    key = people.find("mùi")
    assert not [part for part in (key, (here / "contacts.key").read_bytes()) if part in copy.read_bytes()]
    assert copy.stat().st_mode & 0o077 == 0
    # mùi leaves after the copy was made: where the list of the dead is, it holds
    people.destroy(["mùi"])
    assert load(here, copy, PASSPHRASE, TODAY) == 2
    assert [PersonKeys(here).lives(name) for name in ("lan", "mùi", "hòa", "én")] == [False, False, True, True]
    assert load(there, copy, PASSPHRASE, TODAY) == 2
    assert sorted(path.name for path in there.glob("*.key")) == ["audit.key", "contacts.key", "secret.key"]
    again = PersonKeys(there)
    assert [again.lives(name) for name in ("lan", "mùi", "hòa")] == [False, True, True]
    assert (again.id, again.find("hòa")) == (people.id, people.find("hòa"))


@pytest.mark.usefixtures("quick")
def test_a_wrong_passphrase_loads_nothing_and_living_keys_stay(tmp_path: Path) -> None:
    here, other, copy = tmp_path / "here", tmp_path / "other", tmp_path / "copy"
    _ring(here)
    save(here, copy, PASSPHRASE, TODAY)
    with pytest.raises(WrongPassphrase):
        load(tmp_path / "there", copy, PASSPHRASE + "!", TODAY)
    (tmp_path / "none").write_bytes(b"no copy of keys at all")
    with pytest.raises(NoCopy):
        load(tmp_path / "there", tmp_path / "none", PASSPHRASE, TODAY)
    _ring(other)
    before = {path.name: path.read_bytes() for path in other.iterdir()}
    with pytest.raises(OtherKeysLive) as living:
        load(other, copy, PASSPHRASE, TODAY)
    assert living.value.names == ["secret.key", "contacts.key", "audit.key", BOOK]
    assert {path.name: path.read_bytes() for path in other.iterdir()} == before
    assert load(other, copy, PASSPHRASE, TODAY, replace=True) == 3
    assert (other / "contacts.key").read_bytes() == (here / "contacts.key").read_bytes()


# ------------------------------------------------------------------ check values


@pytest.mark.parametrize("name", ["contacts", "people", "secret"])
async def test_another_lasting_key_stops_the_start(world: World, tmp_path: Path, name: str) -> None:
    await world.joined("Lan")
    await world.parts.check_keys()
    await world.parts.check_keys()
    file = "people.book" if name == "people" else f"{name}.key"
    kept = (tmp_path / "keys" / file).read_bytes()
    (tmp_path / "keys" / file).unlink()
    other = Sealer(KeyRing(tmp_path / "keys"))
    right, world.parts.sealer = world.parts.sealer, other
    with pytest.raises(WrongKey) as wrong:
        await world.parts.check_keys()
    assert wrong.value.name == name
    if name == "secret":
        await world.parts.accept_secret()
    else:
        (tmp_path / "keys" / file).write_bytes(kept)
        world.parts.sealer = Sealer(KeyRing(tmp_path / "keys"))
    await world.parts.check_keys()
    world.parts.sealer = right


async def test_a_damaged_month_key_stops_the_start_by_its_name(world: World, tmp_path: Path) -> None:
    world.parts.sealer.ring.get("month-2026-11")
    (tmp_path / "keys" / "month-2026-11.key").write_bytes(b"short")
    with pytest.raises(DamagedKey, match=r"month-2026-11\.key"):
        await world.parts.check_keys()


# ------------------------------------------------------------------ nothing readable on a server's disk


async def test_nothing_of_a_person_is_readable_on_the_servers_disk(tmp_path: Path) -> None:
    """R08, R24: neither in PostgreSQL's heap nor in its log, before they leave and after."""
    url = postgres.new_database()
    folder = postgres.data_folder()
    words = [word.encode() for word in ("Quầy Pham Canary", "CTV-7781990", "0987654001", "Xóm Canary Vài")]

    def seen() -> list[bytes]:
        files = [path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.stat().st_size]
        return [word for word in words if any(word in data for data in files)]

    async with open_world(tmp_path, database_url=url) as world:
        id, _ = await world.card("Quầy Pham Canary")
        async with world.committer.transaction() as context:
            from nhipcau.storage.sealed_people import change_people

            about = {"code": "CTV-7781990", "contact": "0987654001", "cell": "Xóm Canary Vài"}
            assert await change_people(context.connection, world.parts.sealer, id, about)
        assert (await details(world))[id].contact == "0987654001"
        [(sealed,)] = await world.rows(select(people.c.sealed))
        assert seen() == []
        # what lies there is found by such a search: the sealed bytes are
        words.append(bytes(sealed))
        async with world.parts.database.session() as connection:
            await connection.execute(text("CHECKPOINT"))
        assert seen() == [bytes(sealed)]
        words.pop()
        async with world.committer.transaction() as context:
            await apply(context, [DeletePerson(id)])
        assert seen() == []
        assert not world.parts.sealer.people.lives(id)
