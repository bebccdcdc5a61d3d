"""What becomes of polls and rapid requests: asked, answered in every kind, changed, sealed, stopped, closed."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from nhipcau.handlers.buttons import AnswerRequest, AskedAct, AskedRequest, ManageAnswer
from nhipcau.model.changes import MakeInvite
from nhipcau.privacy.identifiers import new_id
from nhipcau.privacy.sealing import poll_key
from nhipcau.storage import invites
from nhipcau.storage.tables import guards, official_answers, participation, people, poll_answers, requests
from tests.support.people import id_of
from tests.support.requests import answer_all, ask, crowd, end, read_all, state_of, states, stored, yesno
from tests.support.world import Phone, World

RECEIPT = "Đã ghi nhận câu trả lời"


async def tags(world: World, id: str) -> list[bytes | None]:
    return [row.tag for row in await world.rows(poll_answers.select().filter_by(request_id=id))]


async def join_on_another_app(world: World, first: Phone, address: str) -> Phone:
    """A second door of the same person, as a second app of theirs."""
    person = (await world.rows(people.select().filter_by(id=await id_of(world, first.address))))[0]
    code = new_id("invite")
    row = MakeInvite(code, person.unit_id, person.role, person.id, 1, world.now + timedelta(days=1), "office")
    async with world.parts.database.writing() as connection:
        await invites.make_invites(connection, [row], world.now.date())
    phone = world.phone(address, channel="telegram")
    await phone.say(f"/start {code}")
    await phone.tap("Đồng ý")
    return phone


# ------------------------------------------------------------------ every kind of question

EVERY_KIND = {
    "title": "Hỏi đủ kiểu",
    "intro": "Xin ý kiến trước khi đổi lịch.",
    "questions": [
        {"text": "Giờ nào tiện?", "kind": "choice", "choices": ["Sáng", "Chiều", "Chưa rõ"]},
        {"text": "Cần việc gì?", "kind": "several", "choices": ["Đường", "Điện", "Nước"]},
        {"text": "Đã họp chưa?", "kind": "yesno", "when": '"Nước" in answer(2)'},
        {"text": "Mấy điểm?", "kind": "scale", "min": 0, "max": 4, "low": "kém", "high": "tốt"},
        {"text": "Mấy hộ?", "kind": "number", "min": 0, "max": 500, "when": "answer(4) < 1"},
        {"text": "Ngày nào?", "kind": "date"},
        {"text": "Vì sao tối?", "kind": "text", "when": 'answer(1) == "Chưa rõ"'},
        {"text": "Ý kiến khác?", "kind": "text", "optional": True},
    ],
}


@pytest.mark.slow
async def test_every_kind_of_question_is_answered_by_taps_and_by_words(world: World) -> None:
    phones = await crowd(world, 5)
    id = await ask(world, EVERY_KIND)
    await read_all(phones)
    tapping, typing = phones[0], phones[1]
    assert [tapping.labels(), "Hỏi đủ kiểu" in tapping.last.text] == [["Sáng", "Chiều", "Chưa rõ", "Bỏ qua"], True]
    await tapping.tap("Chiều")
    await tapping.tap("Nước")
    assert tapping.labels()[:4] == ["Đường", "Điện", "✓ Nước", "Xong"]
    await tapping.tap("Đường")
    await tapping.tap("✓ Nước")
    await tapping.tap("Nước")
    await tapping.tap("Xong")
    await tapping.tap("Có")
    assert tapping.labels()[:5] == ["0 – kém", "1", "2", "3", "4 – tốt"]
    await tapping.tap("0 – kém")
    await tapping.say("1.000")
    assert "500" in tapping.last.text
    await tapping.say("khoảng 20 hộ")
    await tapping.say("31/02")
    assert "Ngày nào?" in tapping.last.text
    await tapping.say("5/12")
    await tapping.tap("Bỏ qua")
    assert "1. Giờ nào tiện? → Chiều" in tapping.last.text
    await tapping.tap("Gửi")
    assert RECEIPT in tapping.last.text
    for words in ("chua ro", "1 2", "4", "5/12/2026", "bà con bận, gọi anh Hùng 0912 345 678", "bỏ qua", "gửi"):
        await typing.say(words)
    assert RECEIPT in typing.last.text
    by_first = {answer["q1"]: answer for answer in await stored(world, id)}
    assert by_first["2"] == {"q1": "2", "q2": ["1", "3"], "q3": "yes", "q4": 0, "q5": 20, "q6": "2026-12-05"}
    text = by_first["3"].pop("q7")
    assert by_first["3"] == {"q1": "3", "q2": ["1", "2"], "q4": 4, "q6": "2026-12-05"}
    assert text.startswith("bà con bận")
    assert "0912" not in text


@pytest.mark.slow
async def test_poll_questions_may_be_skipped_rapid_ones_only_where_said(world: World) -> None:
    phones = await crowd(world, 5)
    poll = await ask(world, EVERY_KIND)
    await read_all(phones[:1])
    for _ in range(5):
        await phones[0].tap("Bỏ qua")
    await phones[0].tap("Gửi")
    assert RECEIPT in phones[0].last.text
    assert await stored(world, poll) == [{}]
    questions = [{"text": "Mấy hộ?", "kind": "number"}, {"text": "Gì nữa?", "kind": "text", "optional": True}]
    await ask(world, {"title": "Mưa lũ", "questions": questions}, "rapid")
    await phones[1].read()
    assert phones[1].labels() == ["Không có gì"]
    await phones[1].say("12")
    assert "Bỏ qua" in phones[1].labels()


# ------------------------------------------------------------------ who can tell whose answer it was


@pytest.mark.slow
async def test_an_unsealed_answer_is_replaced_whole(world: World) -> None:
    phones = await crowd(world, 5)
    two = {"title": "Hai câu", "questions": [{"text": "A?", "kind": "yesno"}, {"text": "B?", "kind": "yesno"}]}
    id = await ask(world, two)
    await read_all(phones)
    for label in ("Có", "Có", "Gửi"):
        await phones[0].tap(label)
    await phones[0].tap("Sửa câu trả lời")
    await phones[0].tap("Không")
    # it stands until the new one is sent
    assert await stored(world, id) == [{"q1": "yes", "q2": "yes"}]
    await phones[0].tap("Bỏ qua")
    await phones[0].tap("Gửi")
    assert await stored(world, id) == [{"q1": "no"}]
    assert (await states(world, id)).count("answered") == 1
    assert None not in await tags(world, id)


async def test_a_sealed_answer_has_no_tag_and_stays(world: World) -> None:
    phones = await crowd(world, 5)
    id = await ask(world, yesno(sealed=True))
    await phones[0].read()
    assert "phiếu kín" in phones[0].last.text
    question = phones[0].last
    await phones[0].tap("Có")
    assert "Phiếu kín nên không sửa lại được" in phones[0].last.text
    assert "Sửa câu trả lời" not in phones[0].labels()
    await phones[0].press(question.choices[1].data)
    await phones[0].press(AskedRequest(id, AskedAct.EDIT))
    assert "Phiếu kín" in phones[0].last.text
    assert await stored(world, id) == [{"q1": "yes"}]
    assert await tags(world, id) == [None]


@pytest.mark.parametrize("sealed", [True, False])
async def test_two_apps_of_one_person_count_once(world: World, sealed: bool) -> None:
    phones = await crowd(world, 5)
    second = await join_on_another_app(world, phones[0], "hai")
    id = await ask(world, yesno(sealed=sealed))
    assert len(await states(world, id)) == 5
    # the question went to the latest door; the first one still opens it from its list
    for phone in (phones[0], second):
        await phone.say("việc")
    await second.press(AnswerRequest(id, "q1", "yes"))
    await phones[0].press(AnswerRequest(id, "q1", "no"))
    assert await stored(world, id) == [{"q1": "yes"}]
    assert (await states(world, id)).count("answered") == 1


@pytest.mark.slow
async def test_leaving_and_joining_again_is_no_second_answer(world: World) -> None:
    phones = await crowd(world, 6)
    id = await ask(world, yesno(sealed=True))
    await answer_all(phones[:1], ["Có"])
    await phones[0].say("riêng tư")
    await phones[0].tap("Xóa dữ liệu của tôi")
    await phones[0].tap("Xóa và rời hẳn")
    await phones[0].say(f"/start {await world.invite()}")
    await phones[0].tap("Đồng ý")
    await phones[0].tap("Để sau")
    await world.wait(seconds=5)
    await phones[0].read()
    await phones[0].press(AnswerRequest(id, "q1", "no"))
    assert "mỗi người chỉ tính một lần" in phones[0].last.text
    assert await stored(world, id) == [{"q1": "yes"}]


def test_participation_keeps_no_clock() -> None:
    kept = {column.name: str(column.type) for column in participation.columns}
    assert not [name for name, kind in kept.items() if "DATE" in kind.upper() or "TIME" in kind.upper()], kept
    assert not [c for c in poll_answers.columns if c.name in {"day", "at", "person_id", "unit_id", "contact_id"}]


@pytest.mark.slow
async def test_an_answer_leaves_only_how_much_of_the_time_was_used(world: World) -> None:
    phones = await crowd(world, 5)
    id = await ask(world, yesno(close="100h"))
    for hours, phone in ((24, phones[0]), (24, phones[1]), (24, phones[2])):
        await world.wait(hours=hours)
        await answer_all([phone], ["Có"])
    rows = await world.rows(participation.select().filter_by(request_id=id, state="answered"))
    assert sorted(row.band for row in rows) == ["half", "in_time", "quarter"]


# ------------------------------------------------------------------ the end


@pytest.mark.slow
@pytest.mark.parametrize("how", ["due", "by hand"])
async def test_closing_destroys_the_key_and_empties_tags_and_guards(world: World, how: str) -> None:
    phones = await crowd(world, 5)
    id = await ask(world, yesno())
    await answer_all(phones, ["Có", "Không", "Có", "Không", "Có"])
    assert world.parts.sealer.has_poll_key(id)
    assert len(await world.rows(guards.select())) == 5
    if how == "due":
        await world.wait(days=3)
    else:
        await end(world, id)
    assert await state_of(world, id) == "closed"
    assert world.parts.sealer.ring.names(poll_key(id)) == []
    assert (await tags(world, id), await world.rows(guards.select())) == ([None] * 5, [])
    await phones[0].read()
    await phones[0].press(AskedRequest(id, AskedAct.EDIT))
    assert "đã đóng" in phones[0].last.text
    assert not world.parts.sealer.has_poll_key(id)


@pytest.mark.slow
async def test_stopping_deletes_answers_and_the_key_and_tells_no_result(world: World) -> None:
    phones = await crowd(world, 6)
    id = await ask(world, yesno())
    await answer_all(phones, ["Có"] * 5)
    await end(world, id, stop=True)
    assert await stored(world, id) == []
    assert not world.parts.sealer.has_poll_key(id)
    # who had not fetched the question never sees it; who has it open reads that it has stopped
    assert await phones[5].read() == []
    assert await phones[0].read() == []
    await phones[0].press(AnswerRequest(id, "q1", "no"))
    assert "Cuộc thăm dò đã dừng" in phones[0].last.text
    assert await stored(world, id) == []


async def test_stopping_a_rapid_request_deletes_its_answers_too(world: World) -> None:
    phones = await crowd(world, 2)
    id = await ask(world, yesno(), "rapid")
    await answer_all(phones, ["Có"])
    await end(world, id, stop=True)
    assert await world.rows(official_answers.select().filter_by(request_id=id)) == []


async def test_who_asked_and_answered_hears_the_result_once(world: World) -> None:
    phones = await crowd(world, 5)
    khoi = await world.joined("Khôi", role="coordinator")
    id = await ask(world, yesno(audience={"roles": ["collaborator", "coordinator"]}))
    person = await id_of(world, "Khôi")
    async with world.parts.database.writing() as connection:
        await connection.execute(requests.update().where(requests.c.id == id).values(asked_by=person))
    await answer_all([*phones, khoi], ["Có", "Không", "Có", "Không", "Có", "Có"])
    await end(world, id)
    (told,) = await khoi.read()
    assert told.text.startswith("Đã đóng")
    (result,) = await phones[0].read()
    assert result.text.startswith("Kết quả")


async def test_a_rapid_answer_after_the_end_is_marked_late(world: World) -> None:
    phones = await crowd(world, 3)
    id = await ask(world, yesno(deadline="2h"), "rapid")
    await read_all(phones)
    await phones[0].tap("Không có gì")
    await world.wait(hours=3)
    assert await state_of(world, id) == "closed"
    await phones[1].tap("Có")
    assert "ghi là trả lời muộn" in phones[1].last.text
    rows = await world.rows(official_answers.select().filter_by(request_id=id))
    assert sorted((row.late, row.nothing_to_report, row.extra) for row in rows) == [
        (False, True, False),
        (True, False, False),
    ]
    await phones[0].press(AskedRequest(id, AskedAct.MORE))
    assert "đã đóng" in phones[0].last.text


async def test_a_supplement_is_one_more_answer_and_no_more_people(world: World) -> None:
    phones = await crowd(world, 2)
    id = await ask(world, yesno(), "rapid")
    await answer_all(phones[:1], ["Không có gì"])
    await phones[0].tap("Bổ sung")
    await phones[0].tap("Có")
    rows = await world.rows(official_answers.select().filter_by(request_id=id))
    assert sorted((row.extra, row.nothing_to_report) for row in rows) == [(False, True), (True, False)]
    assert await states(world, id) == ["answered", "asked"]
    assert (await world.rows(requests.select().filter_by(id=id)))[0].state == "open"


# ------------------------------------------------------------------ words and pictures of one answer


async def test_a_picture_and_words_are_one_answer_to_a_unit(world: World) -> None:
    lan = await world.joined("lan")
    tu = await world.joined("tu", role="coordinator")
    id = await ask(world, {"title": "Mưa đêm qua", "questions": [{"text": "Tình hình?", "kind": "text"}]}, kind="rapid")
    await lan.read()
    await lan.photo("aaaabbbbccccdddd.jpg")
    assert "Tình hình?" in lan.last.text
    await lan.say("đường vào bản ngập nửa mét")
    await lan.photo("bbbbccccddddeeee.jpg")
    await lan.photo("ccccddddeeeeffff.jpg")
    assert "Đã đủ 2 ảnh" in lan.last.text
    await lan.tap("Gửi")
    assert "Đã ghi nhận báo cáo nhanh" in lan.last.text
    [row] = await world.rows(official_answers.select().filter_by(request_id=id))
    assert json.loads(row.answers) == {
        "q1": "đường vào bản ngập nửa mét",
        "photos": ["aaaabbbbccccdddd.jpg", "bbbbccccddddeeee.jpg"],
    }
    await tu.press(ManageAnswer(row.id))
    assert [m.photo for m in tu.messages[-3:-1]] == ["aaaabbbbccccdddd.jpg", "bbbbccccddddeeee.jpg"]
    assert "ngập nửa mét" in tu.last.text


async def test_a_poll_takes_no_picture_beside_words(world: World) -> None:
    phones = await crowd(world, 5)
    await ask(world, {"title": "Góp ý", "questions": [{"text": "Ý kiến?", "kind": "text"}]})
    await phones[0].read()
    await phones[0].photo()
    assert "chưa nhận ảnh" in phones[0].last.text
