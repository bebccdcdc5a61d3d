"""`sample`, and a poll of the sample it drew: on each database."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from nhipcau.cli import requests as asking
from nhipcau.cli.runner import CommandFailed, WrongUse
from nhipcau.cli.sample import sample
from nhipcau.model.changes import DeletePerson
from nhipcau.model.request_kinds import RequestKind
from nhipcau.operations import requests as request_operations
from nhipcau.operations.commit import apply
from nhipcau.storage.audiences import audience_of
from nhipcau.storage.tables import audit, participation, people
from tests.support.requests import ask, crowd, read_all, state_of, yesno
from tests.support.world import World

pytestmark = pytest.mark.slow


async def drawn(world: World, capsys: pytest.CaptureFixture[str], size: int, **more: Any) -> dict[str, Any]:
    """What the command prints."""
    capsys.readouterr()
    await sample(world.parts, size, path_of(world), as_json=True, **more)
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def path_of(world: World) -> Path:
    return world.parts.settings.data_dir / "mau.json"


def people_of(world: World) -> list[str]:
    found: list[str] = json.loads(path_of(world).read_text(encoding="utf-8"))["people"]
    return found


async def poll(world: World, capsys: pytest.CaptureFixture[str], unit: str = "X06040", **audience: Any) -> str:
    """The id of a poll of a file's sample."""
    file = {**yesno(), "audience": {"sample_file": "mau.json", **audience}}
    path = world.parts.settings.data_dir / "hoi.yaml"
    path.write_text(json.dumps(file), encoding="utf-8")
    capsys.readouterr()
    await asking.ask(world.parts, RequestKind.POLL, path, unit, "now", "", as_json=True, dry_run=False)
    return str(json.loads(capsys.readouterr().out)["id"])


async def asked(world: World, id: str) -> set[str]:
    statement = select(participation.c.person_id).where(participation.c.request_id == id)
    return {row.person_id for row in await world.rows(statement)}


async def test_a_poll_goes_to_the_sample_drawn_and_says_how(office: World, capsys: pytest.CaptureFixture[str]) -> None:
    phones = await crowd(office, 12)
    printed = await drawn(office, capsys, 6, unit="X06040")
    assert (printed["size"], printed["frame"], printed["unit"], printed["strata"]) == (6, 12, "X06040", [])
    id = await poll(office, capsys)
    assert await asked(office, id) == set(people_of(office))
    async with office.parts.database.reading() as connection:
        audience = await audience_of(connection, id)
    assert audience.draw is not None
    assert (audience.draw.seed, audience.draw.size, audience.draw.frame) == (printed["seed"], 6, 12)
    assert audience.draw.by is None
    office.now = datetime.now(UTC) + timedelta(minutes=1)
    await read_all(phones)
    assert sum("Có tiện không?" in phone.last.text for phone in phones) == 6
    assert [row.number for row in await office.rows(select(audit).where(audit.c.kind == "sample.draw"))] == [6]


async def test_the_file_names_nobody_and_is_ours_alone(office: World, capsys: pytest.CaptureFixture[str]) -> None:
    await crowd(office, 6)
    await drawn(office, capsys, 5)
    text = path_of(office).read_text(encoding="utf-8")
    assert "Người" not in text
    assert path_of(office).stat().st_mode & 0o777 == 0o600
    ids = {row.id for row in await office.rows(select(people.c.id))}
    assert set(people_of(office)) < ids


async def test_a_seed_draws_the_same_again(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    await crowd(world, 12)
    first = await drawn(world, capsys, 5)
    before = people_of(world)
    await drawn(world, capsys, 5, seed=first["seed"])
    assert people_of(world) == before


async def test_strata_get_their_share(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    for unit, number in (("X06040", 6), ("X06184", 3), ("T20", 3)):
        for n in range(number):
            await world.joined(f"Người {unit} {n}", unit)
    printed = await drawn(world, capsys, 4, by="commune")
    assert printed["strata"] == [
        {"unit": None, "people": 3, "drawn": 1},
        {"unit": "X06040", "people": 6, "drawn": 2},
        {"unit": "X06184", "people": 3, "drawn": 1},
    ]
    printed = await drawn(world, capsys, 4, by="agency")
    assert printed["strata"] == [{"unit": None, "people": 9, "drawn": 3}, {"unit": "T20", "people": 3, "drawn": 1}]


async def test_what_does_not_fit_is_refused(office: World, capsys: pytest.CaptureFixture[str]) -> None:
    await crowd(office, 8)
    with pytest.raises(WrongUse, match="mới có 8 cộng tác viên đã tham gia, không rút được 9 người"):
        await drawn(office, capsys, 9, unit="X06040")
    await drawn(office, capsys, 6, unit="X06040")
    with pytest.raises(WrongUse, match="mẫu này rút ở Xã Thất Khê, không phải ở Xã Đồng Đăng"):
        await poll(office, capsys, unit="X06184")
    with pytest.raises(WrongUse, match="mẫu này rút ở Xã Thất Khê"):
        await poll(office, capsys, unit="T20", units=["T20"])
    with pytest.raises(WrongUse, match="mẫu này có 6 người, còn sample là 7"):
        await poll(office, capsys, sample=7)
    with pytest.raises(WrongUse, match="chỉ gồm cộng tác viên"):
        await poll(office, capsys, roles=["coordinator"])
    # people picked by hand are no random sample
    body = json.loads(path_of(office).read_text(encoding="utf-8"))
    body["people"][0] = "0" * 32
    path_of(office).write_text(json.dumps(body), encoding="utf-8")
    with pytest.raises(WrongUse, match="hoặc đã bị sửa"):
        await poll(office, capsys)
    path_of(office).unlink()
    with pytest.raises(CommandFailed, match=r"mau\.json"):
        await poll(office, capsys)
    assert await office.rows(select(participation.c.person_id)) == []


async def test_who_left_before_it_opens_leaves_no_id(office: World, capsys: pytest.CaptureFixture[str]) -> None:
    await crowd(office, 8)
    await drawn(office, capsys, 8, unit="X06040")
    settings = office.parts.settings
    path = settings.data_dir / "hoi.yaml"
    path.write_text(json.dumps({**yesno(), "audience": {"sample_file": "mau.json"}}), encoding="utf-8")
    await asking.ask(office.parts, RequestKind.POLL, path, "X06040", "2h", "", as_json=True, dry_run=False)
    id = json.loads(capsys.readouterr().out.splitlines()[-1])["id"]
    ids = await asked(office, id)
    assert len(ids) == 8
    gone = sorted(ids)[0]
    async with office.committer.transaction() as work:
        await apply(work, [DeletePerson(gone)])
    left = {row.id for row in await office.rows(select(people.c.id))}
    assert len(left) == 7
    assert len(await asked(office, id) & ids) == 7
    async with office.committer.transaction() as work:
        await request_operations.open_request(work, id)
    assert await state_of(office, id) == "open"
    assert await asked(office, id) == left


async def test_a_sample_drawn_at_the_opening_says_how_too(office: World) -> None:
    await crowd(office, 9)
    id = await ask(office, yesno(audience={"units": ["X06040"], "sample": 5}))
    async with office.parts.database.reading() as connection:
        draw = (await audience_of(connection, id)).draw
    assert draw is not None
    assert (draw.size, draw.frame, draw.day) == (5, 9, office.now.date())
    assert len(await asked(office, id)) == 5
