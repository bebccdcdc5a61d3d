"""Words of danger to life: the numbers first and a report by one tap, whatever was asked before (rules C32, R34)."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

import pytest

from nhipcau.storage.tables import official_answers, people, poll_answers, reports
from tests.support.people import details
from tests.support.requests import ask, crowd, yesno
from tests.support.world import Phone, World

CRY = "nước lũ lên nhanh, nhà tôi ngập tới mái, cứu với"
NUMBERS = ("112", "113", "114", "115")


async def _nothing_open(world: World, lan: Phone) -> None:
    await lan.say("menu")


async def _writing_a_report(world: World, lan: Phone) -> None:
    await lan.say("báo cáo")


async def _choosing_a_topic(world: World, lan: Phone) -> None:
    await lan.say("báo cáo")
    await lan.say("đường liên thôn hỏng từ tháng trước")


async def _below_a_poll(world: World, lan: Phone) -> None:
    await crowd(world, 5)
    await ask(world, yesno())
    await lan.read()


async def _below_a_rapid_request(world: World, lan: Phone) -> None:
    await ask(world, {"title": "Mưa đêm qua", "questions": [{"text": "Tình hình?", "kind": "text"}]}, kind="rapid")
    await lan.read()


STATES: list[Callable[[World, Phone], Awaitable[None]]] = [
    _nothing_open,
    _writing_a_report,
    _choosing_a_topic,
    _below_a_poll,
    _below_a_rapid_request,
]


@pytest.mark.parametrize("before", STATES)
async def test_a_cry_for_help_is_sent_by_one_tap(
    world: World, before: Callable[[World, Phone], Awaitable[None]]
) -> None:
    lan = await world.joined("lan", "X06040")
    tu = await world.joined("tu", "X06040", "coordinator")
    await before(world, lan)
    [said] = await lan.say(CRY)
    assert all(number in said.text.splitlines()[0] for number in NUMBERS)
    assert lan.labels()[:2] == ["Gửi khẩn ngay", "Kể thêm"]
    await lan.tap("Gửi khẩn ngay")
    assert "Đã ghi nhận báo cáo" in lan.last.text
    [row] = await world.rows(reports.select().filter_by(urgency="khan"))
    assert (row.text, row.mood, row.spread, row.topic) == (CRY, "", 0, "TT")
    assert "KHẨN" in (await tu.read())[-1].text
    await tu.tap("Xem báo cáo")
    assert CRY in tu.last.text
    assert await world.rows(poll_answers.select()) == await world.rows(official_answers.select()) == []


@pytest.mark.parametrize("label", ["Cháy rừng", "chay rung"])
async def test_a_choice_that_names_a_danger_is_an_answer(world: World, label: str) -> None:
    lan = await world.joined("lan", "X06040")
    await crowd(world, 5)
    await ask(
        world, {"title": "Lo nhất", "questions": [{"text": "Lo gì?", "kind": "choice", "choices": ["Cháy rừng", "Lũ"]}]}
    )
    await lan.read()
    await lan.say(label)
    assert "Đã ghi nhận câu trả lời" in lan.last.text


async def test_the_words_still_answer_what_was_asked(world: World) -> None:
    lan = await world.joined("lan", "X06040")
    await _below_a_rapid_request(world, lan)
    await lan.say(CRY)
    await lan.tap("Trả lời câu đang hỏi")
    assert CRY in lan.last.text
    await lan.tap("Gửi")
    assert "Đã ghi nhận báo cáo nhanh" in lan.last.text
    assert await world.rows(reports.select()) == []


async def test_pictures_go_with_the_words_that_answer(world: World) -> None:
    lan = await world.joined("lan", "X06040")
    await _below_a_rapid_request(world, lan)
    await lan.photo("aaaabbbbccccdddd.jpg", caption=CRY)
    await lan.photo("bbbbccccddddeeee.jpg")
    await lan.tap("Trả lời câu đang hỏi")
    await lan.tap("Gửi")
    [row] = await world.rows(official_answers.select())
    assert json.loads(row.answers) == {"q1": CRY, "photos": ["aaaabbbbccccdddd.jpg", "bbbbccccddddeeee.jpg"]}


async def test_no_to_sending_urgently_leaves_the_answer(world: World) -> None:
    lan = await world.joined("lan", "X06040")
    await _below_a_rapid_request(world, lan)
    await lan.say(CRY)
    await lan.say("không")
    assert CRY in lan.last.text
    assert lan.labels()[0] == "Gửi"
    assert await world.rows(reports.select()) == []


@pytest.mark.parametrize("then", ["Gửi khẩn ngay", "Không gửi"])
async def test_words_kept_before_the_cry_still_wait(world: World, then: str) -> None:
    lan = await world.joined("lan", "X06040")
    await lan.say("đường liên thôn hỏng từ tháng trước")
    await lan.say(CRY)
    await lan.tap(then)
    await lan.say("menu")
    await lan.tap("Gửi câu đang chờ")
    assert "đường liên thôn hỏng" in lan.last.text
    assert CRY not in lan.last.text


async def test_telling_more_goes_through_the_questions(world: World) -> None:
    lan = await world.joined("lan", "X06040")
    await lan.say(CRY)
    await lan.say("ở thôn Nà Sla")
    assert "ở thôn Nà Sla" in lan.last.text
    await lan.tap("Kể thêm")
    assert "lĩnh vực" in lan.last.text
    assert await world.rows(reports.select()) == []


async def test_words_beside_an_unfinished_report_are_added_to_it(world: World) -> None:
    lan = await world.joined("lan", "X06040")
    await _choosing_a_topic(world, lan)
    await lan.say(CRY)
    await lan.tap("Kể thêm")
    assert "lĩnh vực" in lan.last.text
    for label in ("Thiên tai, thời tiết", "Xã Thất Khê"):
        await lan.say(label)
    while "Gửi" not in lan.labels():
        await lan.say("1")
    await lan.tap("Gửi")
    [row] = await world.rows(reports.select())
    assert row.text == f"đường liên thôn hỏng từ tháng trước\n{CRY}"
    assert row.urgency == "khan"


async def test_a_picture_goes_along_and_nothing_is_sent_unasked(world: World) -> None:
    lan = await world.joined("lan", "X06040")
    await lan.photo("aaaabbbbccccdddd.jpg", caption=CRY)
    assert "Gửi khẩn ngay" in lan.labels()
    await lan.tap("Không gửi")
    assert await world.rows(reports.select()) == []
    await lan.say(CRY)
    await lan.tap("Gửi khẩn ngay")
    code = (await world.rows(reports.select()))[0].code
    await lan.tap("Kể thêm")
    await lan.say("có thêm hai người trên mái")
    [row] = await world.rows(reports.select())
    assert "hai người trên mái" in row.text
    assert row.code == code


async def test_somebody_who_has_not_joined_reads_the_numbers(world: World) -> None:
    code = await world.invite("X06040")
    stranger = world.phone("stranger")
    [said] = await stranger.say(CRY)
    assert all(number in said.text.splitlines()[0] for number in NUMBERS)
    await stranger.say(f"/start {code}")
    [said] = await stranger.say(CRY)
    assert "Gửi khẩn ngay" not in stranger.labels()
    assert "115" in said.text
    assert await world.rows(people.select()) == []


async def test_at_the_question_for_a_name_it_is_no_name(world: World) -> None:
    code = await world.invite("X06040")
    lan = world.phone("lan")
    await lan.say(f"/start {code}")
    await lan.tap("Đồng ý")
    await lan.say("cháy nhà rồi")
    assert lan.labels()[0] == "Gửi khẩn ngay"
    await lan.tap("Gửi khẩn ngay")
    assert "Đã ghi nhận báo cáo" in lan.last.text
    assert [person.name for person in (await details(world)).values()] == [""]


async def test_what_a_coordinator_composes_is_no_cry_for_help(world: World) -> None:
    tu = await world.joined("tu", "X06040", "coordinator")
    await tu.say("báo cáo nhanh")
    await tu.say("Mưa lũ đêm qua: thôn nào bị cô lập, sạt lở?")
    assert "Gửi khẩn ngay" not in tu.labels()
