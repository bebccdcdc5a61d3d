"""Rapid requests escalate: at half time those responsible for silent units are told, at three quarters the unit above;
each once, by official requests alone."""

from __future__ import annotations

from typing import Any

import pytest

from nhipcau.operations.notify import push
from nhipcau.storage.tables import requests
from tests.support.cells import make_cells
from tests.support.console import signed_in
from tests.support.people import change
from tests.support.requests import ask, prolong, read_all
from tests.support.world import Phone, World

pytestmark = pytest.mark.slow

RAPID: dict[str, Any] = {"title": "Tình hình mưa", "questions": [{"text": "Có thiệt hại gì?", "kind": "text"}]}
ASKED = {"audience": {"units": ["X06040"]}}
#: The beginning of the message.
SILENT = '"Tình hình mưa", chưa có trả lời: '


class Office:
    """A commune with two cells, one of which has somebody responsible; its coordinator, and the province's."""

    def __init__(self, world: World, **people: Phone) -> None:
        self.world, self.people = world, people

    def heard(self, name: str) -> list[str]:
        """What this person was told of silent units."""
        texts = (message.text for message in self.people[name].messages)
        return [text.partition(SILENT)[2].partition(". Bác")[0] for text in texts if SILENT in text]

    async def wait(self, **length: float) -> None:
        await self.world.wait(**length)
        await read_all(list(self.people.values()))


async def opened(world: World) -> Office:
    upper, lower = await make_cells(world, "X06040", "Thôn Nà Sla", "Thôn Bản Lầu")
    people = {"upper": await world.joined("Bác Trên", upper), "lower": await world.joined("Bác Dưới", lower)}
    people["chief"] = await world.joined("Trưởng thôn", upper, "coordinator")
    await change(world, "Trưởng thôn", responsible=True)
    people["commune"] = await world.joined("Chị Hạnh", "X06040", "coordinator")
    people["province"] = await world.joined("Cô Tỉnh", "T20", "coordinator")
    return Office(world, **people)


async def asked(world: World, kind: str = "rapid", **more: Any) -> tuple[Office, str]:
    office = await opened(world)
    id = await ask(world, {**RAPID, **ASKED, **more}, kind, unit="T20")
    await office.wait(seconds=1)
    return office, id


async def test_the_responsible_is_told_at_half_time_then_the_unit_above(world: World) -> None:
    office, id = await asked(world)
    await office.people["lower"].say("Không có gì")
    await office.wait(hours=11, minutes=50)
    assert not any(office.heard(name) for name in office.people)
    await office.wait(minutes=20)
    assert office.heard("chief") == ["Thôn Nà Sla"]
    assert office.heard("commune") == []
    await office.wait(hours=6)
    assert office.heard("commune") == ["Thôn Nà Sla (Trưởng thôn)"]
    await office.wait(hours=5)
    assert (len(office.heard("chief")), len(office.heard("commune")), office.heard("province")) == (1, 1, [])
    browser = await signed_in(world, office.people["province"])
    await browser.open(f"/console/requests/{id}")
    assert "Đã báo người phụ trách của 1 nơi chưa trả lời." in browser.text
    assert "Đã báo cấp trên của 1 nơi chưa trả lời." in browser.text


async def test_who_has_answered_meanwhile_is_not_named(world: World) -> None:
    office, id = await asked(world)
    for name in ("upper", "lower"):
        await office.people[name].say("Không có gì")
    await office.wait(hours=19)
    assert not any(office.heard(name) for name in office.people)
    assert [row.escalated for row in await world.rows(requests.select().filter_by(id=id))] == ["0,0"]
    browser = await signed_in(world, office.people["province"])
    assert "Đã báo" not in (await browser.open(f"/console/requests/{id}")).text


@pytest.mark.parametrize(
    ("kind", "more"),
    [("rapid", {"escalate": False}), ("poll", {"audience": {"roles": ["collaborator", "coordinator"]}})],
)
async def test_a_file_may_say_no_and_polls_never_do(world: World, kind: str, more: dict[str, Any]) -> None:
    """R14: who has not answered a poll is told to nobody."""
    office, id = await asked(world, kind, **more)
    await office.wait(hours=60 if kind == "poll" else 23)
    assert not any(office.heard(name) for name in office.people)
    found = await world.rows(requests.select().filter_by(id=id))
    assert [(row.state, row.escalated) for row in found] == [("open", "")]


async def test_quiet_hours_hold_what_is_not_urgent(world: World) -> None:
    office, _ = await asked(world, urgent=False)
    for _ in range(9):
        await office.wait(hours=2)
        assert not any(office.heard(name) for name in office.people)
    await office.wait(hours=4, minutes=5)
    assert (office.heard("chief"), len(office.heard("commune"))) == (["Thôn Nà Sla"], 1)


async def test_whoever_is_asked_is_reminded_and_not_told_as_well(world: World) -> None:
    office, _ = await asked(world, audience={"units": ["X06040"], "roles": ["collaborator", "coordinator"]})
    await office.wait(hours=12)
    assert office.heard("chief") == []
    assert any("Tình hình mưa" in message.text for message in office.people["chief"].messages)


async def test_a_failure_half_way_tells_nobody_twice(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    office, id = await asked(world)

    async def fails(*given: Any, **more: Any) -> int:
        await push(*given, **more)
        raise RuntimeError

    monkeypatch.setattr("nhipcau.operations.escalation.push", fails)
    await office.wait(hours=12)
    assert office.heard("chief") == []
    monkeypatch.undo()
    await office.wait(seconds=2)
    await office.wait(seconds=2)
    assert office.heard("chief") == ["Thôn Nà Sla"]
    await prolong(world, id, world.now.replace(year=2027))
    await office.wait(hours=2)
    assert len(office.heard("chief")) == 1


async def test_a_commune_hears_of_its_own_cells(world: World) -> None:
    office = await opened(world)
    await ask(world, RAPID, "rapid")
    await office.wait(seconds=1)
    await office.wait(hours=19)
    assert office.heard("commune") == ["Thôn Nà Sla (Trưởng thôn), Thôn Bản Lầu (Bác Dưới)"]
    assert office.heard("province") == []


async def test_the_composer_says_it_and_can_leave_it_out(world: World) -> None:
    office = await opened(world)
    browser = await signed_in(world, office.people["commune"])
    await browser.open("/console/requests/new?kind=rapid")
    assert "báo người phụ trách ở nửa thời hạn" in browser.text
    filled = {"title": "Tình hình mưa", "q1-text": "Có thiệt hại gì?", "q1-kind": "text", "unescalated": "yes"}
    await browser.press("Xem trước", **filled)
    await browser.press("Gửi")
    await world.wait(seconds=61)
    assert [row.escalates for row in await world.rows(requests.select())] == [False]
