"""The question bank: kept from the composer, inserted, changed and deleted; units below ask what those above keep."""

from __future__ import annotations

import json

import pytest

from nhipcau.actions import question_bank as actions
from nhipcau.storage.tables import audit, question_bank, requests
from tests.support.console import Browser, signed_in
from tests.support.requests import ask, crowd, yesno
from tests.support.world import World

pytestmark = pytest.mark.slow

FIRST = {"title": "Giờ tiếp dân", "q1-text": "Sáng thứ Bảy có tiện không?", "q1-choices": "Có\nKhông\nChưa rõ"}
BANK = "/console/requests/questions"


async def composing(world: World, unit: str = "X06040", kind: str = "poll", name: str = "Chị Hạnh") -> Browser:
    browser = await signed_in(world, await world.joined(name, unit, "coordinator"))
    return await browser.open(f"/console/requests/new?kind={kind}")


def values_of(browser: Browser) -> dict[str, str]:
    return dict(browser.form_of("Xem trước")[0].form_values())


async def test_a_question_is_kept_and_asked_again(world: World) -> None:
    await crowd(world, 1)
    browser = await composing(world)
    await browser.press("Ghi câu 1 vào kho", **FIRST)
    assert "Đã ghi câu hỏi vào kho" in browser.notice
    assert values_of(browser)["q1-text"] == FIRST["q1-text"]
    await browser.press("Ghi câu 1 vào kho")
    kept = await world.rows(question_bank.select())
    assert [json.loads(row.body)["choices"] for row in kept] == [["Có", "Không", "Chưa rõ"]]
    assert "question.keep" in {row.kind for row in await world.rows(audit.select())}
    await browser.open("/console/requests/new?kind=rapid")
    await browser.press("Thêm câu đã chọn", title="Hỏi nhanh")
    assert values_of(browser)["questions"] == "1"
    assert values_of(browser)["q1-choices"] == FIRST["q1-choices"]
    await browser.press("Thêm câu đã chọn")
    assert values_of(browser)["q2-text"] == FIRST["q1-text"]
    await browser.press("Bỏ câu 2")
    await browser.press("Xem trước")
    await browser.press("Gửi")
    await world.wait(seconds=61)
    assert FIRST["q1-text"] in (await world.rows(requests.select()))[0].form


async def test_units_below_ask_what_those_above_keep_and_change_nothing(world: World) -> None:
    province = await composing(world, "T20", name="Cô Tỉnh")
    await province.press("Ghi câu 1 vào kho", **FIRST)
    id = (await world.rows(question_bank.select()))[0].id
    commune = await composing(world)
    assert FIRST["q1-text"] in commune.text
    await commune.open(BANK)
    assert "Tỉnh Lạng Sơn" in commune.text
    assert FIRST["q1-text"] not in commune.links()
    assert (await commune.open(f"{BANK}/{id}")).status == 404
    await commune.open("/console/requests/new?kind=poll")
    await commune.press("Ghi câu 1 vào kho", **{"q1-text": "Đường có tốt không?", "q1-kind": "yesno"})
    other = await composing(world, "X06001", name="Anh Minh")
    assert "Đường có tốt không?" not in other.text
    await province.open(BANK)
    assert "Đường có tốt không?" not in province.text


async def test_a_question_is_changed_and_deleted(world: World) -> None:
    browser = await composing(world)
    await browser.press("Ghi câu 1 vào kho", **FIRST)
    await browser.open(BANK)
    await browser.follow(FIRST["q1-text"])
    await browser.press("Lưu", **{"q1-choices": "Có"})
    assert "Lỗi:" in browser.page.find_class("wrong-field")[0].text_content()
    await browser.press("Lưu", **{"q1-choices": "Có\nKhông", "q1-text": "Sáng thứ Bảy có rảnh không?"})
    assert "Đã lưu câu hỏi" in browser.notice
    assert "Sáng thứ Bảy có rảnh không?" in browser.text
    await browser.follow("Sáng thứ Bảy")
    await browser.press("Xóa khỏi kho")
    assert "Kho chưa có câu hỏi nào" in browser.text
    assert not await world.rows(question_bank.select())


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"q2-text": "Bác theo đạo nào?", "q2-kind": "text"}, "tôn giáo"),
        ({"q2-text": "TÀI LIỆU MẬT: họp hay không?", "q2-kind": "text"}, "tài liệu mật"),
    ],
)
async def test_what_may_not_be_asked_is_not_kept(world: World, typed: dict[str, str], said: str) -> None:
    browser = await composing(world)
    await browser.press("Thêm câu hỏi", **FIRST)
    await browser.press("Ghi câu 2 vào kho", **typed)
    assert said in browser.notice
    assert values_of(browser)["q2-text"] == typed["q2-text"]
    assert not await world.rows(question_bank.select())


async def test_a_fault_stands_at_the_question_it_is_of(world: World) -> None:
    browser = await composing(world)
    await browser.press("Thêm câu hỏi", **FIRST)
    await browser.press("Ghi câu 2 vào kho", **{"q2-text": "Có không?", "q2-kind": "choice", "q2-choices": "Có"})
    assert [each.get("id") for each in browser.page.find_class("wrong-field")] == ["q2-choices-wrong"]


async def test_a_condition_stays_with_its_request_and_photos_out_of_polls(world: World) -> None:
    browser = await composing(world, kind="rapid")
    await browser.press("Thêm câu hỏi", **FIRST)
    second = {"q2-text": "Gửi ảnh giúp", "q2-kind": "photo", "q2-if": "1", "q2-is": "Không"}
    await browser.press("Ghi câu 2 vào kho", **second)
    assert "when" not in json.loads((await world.rows(question_bank.select()))[0].body)
    await browser.open("/console/requests/new?kind=poll")
    assert "Gửi ảnh giúp" not in browser.text


async def test_a_full_bank_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "MOST_QUESTIONS", 1)
    browser = await composing(world)
    await browser.press("Ghi câu 1 vào kho", **FIRST)
    await browser.press("Ghi câu 1 vào kho", **{"q1-text": "Chiều thì sao?"})
    assert "đã đủ 1 câu" in browser.notice
    await browser.press("Ghi câu 1 vào kho", **{"q1-text": FIRST["q1-text"], "q1-choices": "Được\nKhông"})
    assert [json.loads(row.body)["choices"][0] for row in await world.rows(question_bank.select())] == ["Được"]


@pytest.mark.parametrize("role", ["leader", "admin"])
async def test_only_coordinators_see_the_bank(world: World, role: str) -> None:
    browser = await signed_in(world, await world.joined("Ông Lực", "T20", role))
    assert (await browser.open(BANK)).status == 404


async def test_the_composer_begins_with_an_earlier_one_also_while_it_runs(world: World) -> None:
    await crowd(world, 5)
    await ask(world, yesno("Họp tối?"))
    browser = await composing(world)
    await browser.follow("Họp tối?")
    assert values_of(browser)["title"] == "Họp tối?"
