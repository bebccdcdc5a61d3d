"""A key a person: what is personal is never readable on the disk, and leaving is the key's death (R08, R24)."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from nhipcau.cli.people import person_disable, person_replace
from nhipcau.context import AppContext
from nhipcau.privacy.identifiers import new_id
from nhipcau.privacy.keys import KeyGone
from nhipcau.privacy.person_keys import BOOK, DEAD, PersonKeys, hashed
from nhipcau.privacy.sealing import Unreadable
from nhipcau.storage import schema
from nhipcau.storage.backup import back_up
from nhipcau.storage.people import roster_keys, tag_secrets
from nhipcau.storage.sealed_people import PersonDetails, add_people, depart, details_of
from nhipcau.storage.tables import departed, people, units
from tests.support.older import no_tables
from tests.support.people import details, id_of
from tests.support.world import World

pytestmark = pytest.mark.slow

# ------------------------------------------------------------------ the book


def test_keys_made_by_one_process_are_found_by_another(tmp_path: Path) -> None:
    one, other = PersonKeys(tmp_path), PersonKeys(tmp_path)
    one.make(["lan", "mùi"])
    assert other.find("lan") == one.find("lan") != one.find("mùi")
    other.make(["lan", "hòa"])
    assert one.find("hòa") == other.find("hòa")
    assert one.id == other.id == PersonKeys(tmp_path).id
    assert (tmp_path / BOOK).stat().st_mode & 0o077 == 0


def test_a_destroyed_key_is_on_the_disk_no_more_and_never_again(tmp_path: Path) -> None:
    one, other = PersonKeys(tmp_path), PersonKeys(tmp_path)
    one.make(["lan", "mùi"])
    key = one.find("lan")
    assert key in (tmp_path / BOOK).read_bytes()
    assert other.lives("lan")
    assert one.destroy(["lan"]) == 1
    assert key not in (tmp_path / BOOK).read_bytes()
    assert (tmp_path / DEAD).read_bytes() == hashed("lan")
    assert other.refresh()
    for book in (one, other, PersonKeys(tmp_path)):
        assert (book.lives("lan"), book.lives("mùi"), book.is_dead(hashed("lan"))) == (False, True, True)
        with pytest.raises(KeyGone):
            book.make(["hòa", "lan"])
    assert not one.lives("hòa")


def test_a_slot_cut_short_by_a_crash_is_written_over(tmp_path: Path) -> None:
    book = PersonKeys(tmp_path)
    book.make(["lan"])
    with (tmp_path / BOOK).open("ab") as file:
        file.write(b"half of a slot")
    again = PersonKeys(tmp_path)
    again.make(["mùi"])
    assert (tmp_path / BOOK).stat().st_size == 3 * 64
    assert PersonKeys(tmp_path).find("mùi") == again.find("mùi")
    assert PersonKeys(tmp_path).find("lan") == book.find("lan")


def test_a_death_that_a_crash_cut_short_is_finished_by_the_next(tmp_path: Path) -> None:
    """Listed as dead, but its slot not overwritten yet."""
    book = PersonKeys(tmp_path)
    book.make(["lan", "mùi"])
    key = book.find("lan")
    (tmp_path / DEAD).write_bytes(hashed("lan") + b"half")
    again = PersonKeys(tmp_path)
    assert (again.lives("lan"), again.lives("mùi")) == (False, True)
    again.destroy(["hòa"])
    assert key not in (tmp_path / BOOK).read_bytes()
    assert (tmp_path / DEAD).read_bytes() == hashed("lan") + hashed("hòa")


def test_a_damaged_slot_is_counted_and_harms_no_other(tmp_path: Path) -> None:
    PersonKeys(tmp_path).make(["lan", "mùi"])
    data = bytearray((tmp_path / BOOK).read_bytes())
    data[64 + 20] ^= 1
    (tmp_path / BOOK).write_bytes(data)
    book = PersonKeys(tmp_path)
    assert book.damaged == 1
    assert sorted([book.lives("lan"), book.lives("mùi")]) == [False, True]


# ------------------------------------------------------------------ people


async def _on_roster(world: World, name: str, **more: str) -> str:
    [(unit,)] = await world.rows(select(units.c.id).where(units.c.code == "X06040"))
    row = {"id": new_id("id"), "tag_secret": f"{name}-secret", "name": name, "unit_id": unit, **more}
    async with world.parts.database.writing() as connection:
        await add_people(connection, world.parts.sealer, [{**row, "role": "collaborator", "state": "invited"}])
    return str(row["id"])


def _files(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


async def test_nothing_personal_lies_readable_on_the_disk(world: World, tmp_path: Path) -> None:
    """R24: not the name, not the number, not the phone, while they are there and after."""
    about = {"code": "CTV-90817", "cell": "Xóm Lũng Vài", "contact": "0987600123"}
    id = await _on_roster(world, "Triệu Quầy Pham", **about)
    await back_up(world.parts.database, tmp_path / "copy.db")
    person = (await details(world))[id]
    assert (person.name, person.code, person.cell, person.contact) == ("Triệu Quầy Pham", *about.values())
    canaries = [word.encode() for word in ("Quầy Pham", "Pham-secret", *about.values())]
    assert [word for word in canaries if word in _files(tmp_path)] == []


@pytest.mark.parametrize("how", ["deletes", "removed", "disabled", "replaced"])
async def test_whoever_leaves_is_noise_in_every_copy(world: World, tmp_path: Path, how: str) -> None:
    lan = await world.joined("Hoàng Thị Lan")
    id = await id_of(world, "Hoàng Thị Lan")
    sealer = world.parts.sealer
    [(sealed,)] = await world.rows(select(people.c.sealed).where(people.c.id == id))
    await back_up(world.parts.database, tmp_path / "copy.db")
    key = sealer.people.find(id)
    assert key in (tmp_path / "keys" / BOOK).read_bytes()
    if how == "deletes":
        await lan.say("dừng")
        await lan.tap("Rời hẳn, xóa dữ liệu của tôi")
        await lan.tap("Xóa và rời hẳn")
    elif how == "removed":
        khoi = await world.joined("Khôi", role="coordinator")
        await khoi.say("mạng lưới")
        await khoi.tap(next(label for label in khoi.labels() if label.startswith("Hoàng Thị Lan")))
        await khoi.tap("Xóa khỏi mạng lưới")
        await khoi.tap("Xóa khỏi mạng lưới")
    elif how == "disabled":
        await person_disable(world.parts, id)
    else:
        await person_replace(world.parts, id, "Nông Thị Mùi")
    assert key not in _files(tmp_path)
    assert await world.rows(select(departed)) == [(hashed(id),)]
    assert await world.rows(select(people.c.sealed).where(people.c.id == id)) in ([], [(None,)])
    # what the backup holds of them is noise, here and for whoever has the keys of today
    assert details_of(sealer, id, sealed).name == ""
    with pytest.raises(Unreadable):
        sealer.report_tag(world.now.date(), "PA-1", details_of(sealer, id, sealed).tag_secret)
    with sqlite3.connect(tmp_path / "copy.db") as plain:
        assert plain.execute("SELECT sealed FROM people WHERE id = ?", [id]).fetchone() == (sealed,)
    plain.close()


async def test_a_key_that_a_crash_left_of_who_is_gone_dies_with_the_sweep(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program ended between the commit and the key's death."""
    await world.joined("Hoàng Thị Lan")
    id = await id_of(world, "Hoàng Thị Lan")
    with monkeypatch.context() as crash:
        crash.setattr(world.parts.sealer, "forget_people", lambda ids: None)
        await person_disable(world.parts, id)
    assert world.parts.sealer.people.lives(id)
    await world.clock.sweep()
    assert not world.parts.sealer.people.lives(id)


async def test_a_death_cut_short_in_the_book_is_finished_by_the_sweep(world: World, tmp_path: Path) -> None:
    """The program ended when the dead were listed and the key not yet overwritten."""
    await world.joined("Hoàng Thị Lan")
    id = await id_of(world, "Hoàng Thị Lan")
    book = tmp_path / "keys" / BOOK
    before, key = book.read_bytes(), world.parts.sealer.people.find(id)
    await person_disable(world.parts, id)
    book.write_bytes(before)
    assert key in book.read_bytes()
    await world.clock.sweep()
    assert key not in book.read_bytes()


async def test_what_was_rolled_back_destroys_nobodys_key(world: World) -> None:
    await world.joined("Hoàng Thị Lan")
    id = await id_of(world, "Hoàng Thị Lan")

    async def fails() -> None:
        async with world.committer.transaction() as context:
            await depart(context.connection, id)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fails()
    async with world.committer.transaction():
        pass
    assert world.parts.sealer.people.lives(id)
    assert await world.rows(select(func.count()).select_from(departed)) == [(0,)]


async def test_a_card_of_who_has_left_opens_nothing(world: World) -> None:
    id, code = await world.card("Hoàng Thị Lan")
    async with world.committer.transaction() as context:
        await context.connection.execute(people.update().where(people.c.id == id).values(state="left", sealed=None))
    phone = world.phone("thẻ nhặt được")
    await phone.say(f"/start {code}")
    if "Đồng ý" in phone.labels():
        await phone.tap("Đồng ý")
    assert await world.rows(select(people.c.state, people.c.sealed)) == [("left", None)]


async def test_everybodys_tag_secret_is_found_but_of_those_who_left(world: World) -> None:
    for name in ("Lan", "Mùi", "Hòa"):
        await world.card(name)
    await person_disable(world.parts, await id_of(world, "Mùi"))
    known = {person.tag_secret for person in (await details(world)).values() if person.name}
    async with world.parts.database.reading() as connection:
        assert {secret for _, secret, _ in await tag_secrets(connection, world.parts.sealer)} == known
    assert len(known) == 2


async def test_an_import_knows_who_left_by_the_number_alone(world: World) -> None:
    id = await _on_roster(world, "Hoàng Thị Lan", code="ctv 07")
    await person_disable(world.parts, id)
    [(lookup,)] = await world.rows(select(people.c.code_lookup))
    assert lookup == world.parts.sealer.code_lookup("CTV07")
    async with world.parts.database.reading() as connection:
        [(code, name, _, _)] = await roster_keys(connection, world.parts.sealer, ["CTV07", "CTV08"])
    assert (code, name) == ("CTV07", "")


# ------------------------------------------------------------------ an older database

#: The last version that kept names readable.
_BEFORE = "0015"
_OLD = [
    {"id": "lan", "name": "Hoàng Thị Lan", "mark": "mark-of-lan", "code": "CTV-90817", "state": "consented"},
    {"id": "mui", "name": "Nông Thị Mùi", "mark": "mark-of-mui", "code": "ctv-90817", "state": "invited"},
    {"id": "gone", "name": "Triệu Đã Rời", "mark": "mark-of-gone", "code": "CTV-90818", "state": "left"},
]


async def _older(parts: AppContext) -> None:
    """People of an installation of the version before, readable: two of them by two spellings of one number."""
    unit = "INSERT INTO units (id, code, name, kind, path) VALUES (1, 'T20', 'T', 'tỉnh', '/T20/')"
    values = "unit_id, role, language, cell, sealed_contact, id, name, mark, code, state"
    person = f"INSERT INTO people ({values}) VALUES (1, 'collaborator', 'vi', 'Xóm Lũng Vài', :contact, "
    async with parts.database.writing() as connection:
        await connection.run_sync(lambda c: schema.upgrade(c, to=_BEFORE))
        await connection.execute(text(unit))
        for row in _OLD:
            contact = parts.sealer.seal_lasting("0987600123", f"person:{row['id']}")
            await connection.execute(text(f"{person}:id, :name, :mark, :code, :state)"), {**row, "contact": contact})


@pytest.mark.parametrize("on", ["sqlite", "postgresql"])
async def test_an_older_database_ends_up_sealed(tmp_path: Path, on: str) -> None:
    async with no_tables(tmp_path, on_postgresql=on == "postgresql") as parts:
        await _older(parts)
        with pytest.raises(ValueError, match="key folder"):
            await schema.prepare(parts.database)
        assert await schema.prepare(parts.database, parts.sealer) == "upgraded"
        async with parts.database.reading() as connection:
            rows = {row.id: row for row in await connection.execute(select(people))}
    found = {id: details_of(parts.sealer, id, row.sealed) for id, row in rows.items()}
    place = ("Xóm Lũng Vài", "0987600123")
    assert found == {
        "lan": PersonDetails("Hoàng Thị Lan", "mark-of-lan", "CTV-90817", *place),
        "mui": PersonDetails("Nông Thị Mùi", "mark-of-mui", "ctv-90817", *place),
        "gone": PersonDetails(),
    }
    assert rows["gone"].sealed is None
    # the first of two spellings keeps the number
    assert [rows[id].code_lookup is None for id in ("gone", "lan", "mui")] == [False, False, True]
    if on == "sqlite":
        readable = [row[name] for row in _OLD for name in ("name", "mark", "code")] + ["Lũng Vài"]
        assert [word for word in readable if word.encode() in _files(tmp_path)] == []
