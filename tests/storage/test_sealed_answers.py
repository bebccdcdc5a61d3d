"""Answers of an open poll can't be read without its key; at its end nothing ties one to a person (R01, R13, R18)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from nhipcau.model.request_changes import RecordPollAnswer
from nhipcau.operations.commit import apply
from nhipcau.privacy.keys import KeyRing
from nhipcau.privacy.sealing import poll_key
from nhipcau.storage.database import ChangedMeanwhile
from nhipcau.storage.tables import guards, metadata, participation, participation_counts, poll_answers, poll_counts
from tests.support.mixing import in_order, mixed
from tests.support.people import id_of
from tests.support.requests import answer_all, ask, crowd, end, read_all, stored, yesno
from tests.support.world import World

pytestmark = pytest.mark.slow

_PEOPLE = 8


async def _number(world: World, table: Any) -> int:
    return len(await world.rows(select(table)))


async def test_an_open_poll_is_read_by_nobody_without_its_key(office: World) -> None:
    """Different answers, one of them changed: nothing but the number of rows differs."""
    phones = await crowd(office, 6)
    questions = [
        {"text": "Có tiện không?", "kind": "yesno"},
        {"text": "Ý kiến khác?", "kind": "text", "optional": True},
    ]
    await ask(office, {"title": "Họp", "questions": questions})
    await read_all(phones)
    given = ["bà con bận mùa màng", "đề nghị chuyển sang sáng Chủ nhật cho các cháu nghỉ học"]
    for phone, words in zip(phones, [*given, "", "", "", ""], strict=True):
        await phone.tap("Có" if words else "Không")
        await (phone.say(words) if words else phone.tap("Bỏ qua"))
        await phone.tap("Gửi")
    await phones[2].tap("Sửa câu trả lời")
    for label in ("Có", "Bỏ qua", "Gửi"):
        await phones[2].tap(label)
    rows = await office.rows(select(poll_answers))
    assert ({row.answers for row in rows}, {len(row.sealed) for row in rows}) == ({""}, {12 + 512 + 16})
    # of the poll's answers nothing else is written down: neither counted, nor in another table
    assert await _number(office, poll_counts) == 0
    everything = repr([await office.rows(select(table)) for table in metadata.sorted_tables])
    assert not any(words in everything for words in given)
    await office.wait(days=3)
    lines = [json.loads(line) for line in await in_order(office, "poll_answers", "answers")]
    assert sorted(str(line.get("q2", "")) for line in lines) == ["", "", "", "", *sorted(given)]
    counts = {(row.question, row.option): row.number for row in await office.rows(select(poll_counts))}
    assert (counts["q1", "yes"], counts["q1", "no"], counts["q1", ""], counts["", ""]) == (3, 3, 6, 6)
    assert office.parts.sealer.ring.names("poll-") == []


async def test_answers_are_in_no_order_when_sealed_nor_at_the_end(office: World) -> None:
    """L1, L7, L8: neither order, band nor guard ties an answer to a person; how soon people answered stays counted."""
    phones = await crowd(office, _PEOPLE)
    id = await ask(office, {"title": "Họp", "sealed": True, "questions": [{"text": "Ý kiến?", "kind": "text"}]})
    await read_all(phones)
    known: set[str] = set()
    for number, phone in enumerate(phones):
        await phone.say(f"ý kiến thứ {number}")
        await phone.tap("Gửi")
        ids = {row.id for row in await office.rows(select(poll_answers))}
        # all earlier ones have new ids, so none can be told to be the new one
        assert (len(ids), ids & known) == (number + 1, set())
        known |= ids
    given = [f"ý kiến thứ {number}" for number in range(_PEOPLE)]
    rows = {row.id: row.sealed for row in await office.rows(select(poll_answers))}
    places = await in_order(office, "poll_answers", "id")
    order = [json.loads(office.parts.sealer.of_poll(id).open(rows[place]))["q1"] for place in places]
    assert sorted(order) == given != order
    asked, soon = await in_order(office, "participation", "person_id"), await _bands(office)
    assert soon == {("quarter", _PEOPLE)}
    await office.wait(days=3)
    order = [json.loads(line)["q1"] for line in await in_order(office, "poll_answers", "answers")]
    assert sorted(order) == given != order
    assert await in_order(office, "participation", "person_id") != asked
    assert {row.band for row in await office.rows(select(participation))} == {None}
    assert await _number(office, guards) == 0
    assert {(row.tag, row.sealed) for row in await office.rows(select(poll_answers))} == {(None, None)}
    await mixed(office)
    assert await _bands(office) == soon


async def _bands(world: World) -> set[tuple[str, int]]:
    return {(row.band, row.number) for row in await world.rows(select(participation_counts)) if row.number}


async def test_two_nights_tell_nothing_of_an_open_poll_but_how_many(office: World) -> None:
    """L6: every row has changed from one night to the next, whoever answered, and none its length."""
    phones = await crowd(office, 6)
    id = await ask(office, yesno())
    await answer_all(phones[:4], ["Có"] * 4)
    await mixed(office)
    before = await office.rows(select(poll_answers))
    await answer_all(phones[4:5], ["Không"])
    office.now = office.now.replace(day=office.now.day + 1)
    await mixed(office)
    after = await office.rows(select(poll_answers))
    assert (len(before), len(after)) == (4, 5)
    assert {(row.id, row.sealed) for row in before} & {(row.id, row.sealed) for row in after} == set()
    assert len({len(row.sealed) for row in (*before, *after)}) == 1
    assert sorted(given["q1"] for given in await stored(office, id)) == ["no", "yes", "yes", "yes", "yes"]


@pytest.mark.parametrize("sealed", [False, True])
async def test_a_damaged_answer_stops_neither_the_others_nor_the_mix(world: World, sealed: bool) -> None:
    phones = await crowd(world, 7)
    id = await ask(world, yesno(sealed=sealed))
    await answer_all(phones[:6], ["Có"] * 6)
    async with world.parts.database.writing() as connection:
        some = await connection.scalar(select(poll_answers.c.id).limit(1))
        await connection.execute(poll_answers.update().where(poll_answers.c.id == some).values(sealed=b"damaged" * 9))
    await mixed(world)
    await answer_all(phones[6:], ["Có"])
    await world.wait(days=3)
    assert [given["q1"] for given in await stored(world, id)] == ["yes"] * 6
    numbers = {(row.question, row.option): row.number for row in await world.rows(select(poll_counts))}
    assert numbers["q1", "yes"] == 6


async def test_an_answer_does_not_get_into_a_poll_that_is_over(world: World) -> None:
    """Not even before its key's death: its tag and its guard would stay."""
    phones = await crowd(world, 6)
    id = await ask(world, yesno())
    await answer_all(phones[:5], ["Có"] * 5)
    person, late = await id_of(world, "Người 6"), phones[5]
    answer = RecordPollAnswer("x", id, person, "secret", 1, 1, {"q1": "yes"}, sealed=False, band="late")
    await world.wait(days=3)
    world.parts.sealer.ring.get(poll_key(id))
    with pytest.raises(ChangedMeanwhile):
        async with world.committer.transaction() as context:
            await apply(context, [answer], {1: (late.channel, late.address)})
    assert (len(await stored(world, id)), await _number(world, guards)) == (5, 0)
    assert [row.state for row in await world.rows(select(participation))].count("answered") == 5


@pytest.mark.parametrize("act", ["close", "keyless"])
async def test_without_its_key_a_poll_has_no_result(world: World, act: str) -> None:
    phones = await crowd(world, 5)
    id = await ask(world, yesno())
    await answer_all(phones[:1], ["Có"])
    world.parts.sealer.forget(poll_key(id))
    await world.wait(**({"days": 3} if act == "close" else {"minutes": 1}))
    assert (await _number(world, poll_answers), await _number(world, poll_counts), await _number(world, guards)) == (
        0,
        0,
        0,
    )
    assert {row.band for row in await world.rows(select(participation))} == {None}
    waiting = [message.text for phone in phones for message in await phone.read()]
    assert not any("Kết quả" in words for words in waiting)


async def test_a_polls_key_is_read_once_for_many_answers(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    phones = await crowd(world, _PEOPLE)
    id = await ask(world, yesno())
    await answer_all(phones, ["Có"] * _PEOPLE)
    read: list[str] = []
    find = KeyRing.find

    def noted(ring: KeyRing, name: str) -> bytes:
        read.append(name)
        return find(ring, name)

    monkeypatch.setattr(KeyRing, "find", noted)
    assert (await mixed(world)).tables["poll_answers"] == _PEOPLE
    assert read.count(poll_key(id)) == 1
    read.clear()
    await end(world, id)
    assert read.count(poll_key(id)) == 1
    assert len(await stored(world, id)) == _PEOPLE
