"""Asking back on an official answer: who gave it reads the question and who asks, and the reply is attached to it."""

from __future__ import annotations

import pytest

from nhipcau.handlers.buttons import AnswerAct, ManageAnswer, ReplyAboutAnswer
from nhipcau.storage.tables import answer_notes, audit, official_answers
from tests.support.cells import make_cells
from tests.support.requests import ask, csv_rows, read_all
from tests.support.world import Phone, World

pytestmark = pytest.mark.slow

FLOOD = {"title": "Mưa lũ đêm qua", "questions": [{"text": "Tình hình?"}]}


@pytest.fixture
async def answered(world: World) -> tuple[Phone, Phone, Phone]:
    """The commune's coordinator; who answered for Thôn Nà Sla; who sits in another cell."""
    cells = await make_cells(world, "X06040", "Thôn Nà Sla", "Thôn Nà Pai")
    boss = await world.joined("Khôi", role="coordinator")
    lan, mui = await world.joined("Lan", cells[0]), await world.joined("Mùi", cells[1])
    await ask(world, FLOOD, "rapid")
    await read_all([lan, mui])
    await lan.say("hai hộ tốc mái")
    await lan.tap("Gửi")
    return boss, lan, mui


async def ask_again(boss: Phone, words: str = "Có ai bị thương không?") -> None:
    await boss.say("tiến độ")
    await boss.tap("Xem câu trả lời")
    await boss.tap("Thôn Nà Sla")
    await boss.tap("Hỏi lại")
    await boss.say(words)


async def test_a_question_reaches_who_answered_and_its_reply_is_attached(
    world: World, answered: tuple[Phone, Phone, Phone]
) -> None:
    boss, lan, mui = answered
    await ask_again(boss)
    assert "Đã gửi câu hỏi tới 1 người của Thôn Nà Sla" in boss.last.text
    await lan.read()
    assert lan.last.text == (
        'Xã Thất Khê (Khôi) hỏi thêm về phần trả lời "Mưa lũ đêm qua" của Thôn Nà Sla:\n"Có ai bị thương không?"'
    )
    assert await mui.read() == []
    await lan.tap("Trả lời")
    await lan.say("không ai bị thương")
    assert "Đã ghi bổ sung vào phần trả lời của Thôn Nà Sla" in lan.last.text
    told = (await boss.read())[-1]
    assert told.text == 'Thôn Nà Sla bổ sung cho "Mưa lũ đêm qua":\n"không ai bị thương"'
    await boss.tap("Xem câu trả lời")
    assert boss.last.text.split("\n")[2:] == [
        '"hai hộ tốc mái"',
        '• 23/11 Xã Thất Khê hỏi: "Có ai bị thương không?"',
        '• 23/11 bổ sung: "không ai bị thương"',
    ]
    await boss.say("tiến độ")
    assert "– Thôn Nà Sla: hai hộ tốc mái · bổ sung: không ai bị thương" in boss.last.text
    rows = await csv_rows(world, "answers")
    assert [(r["unit"], r["q1"]) for r in rows] == [
        ("X06040-01", "hai hộ tốc mái"),
        ("X06040-01", "không ai bị thương"),
    ]
    assert "answer.question" in [row.kind for row in await world.rows(audit.select())]


async def test_words_typed_below_the_question_are_the_reply(world: World, answered: tuple[Phone, Phone, Phone]) -> None:
    boss, lan, _ = answered
    await ask_again(boss)
    await lan.read()
    await lan.say("một người xây xát, gọi 0912345678")
    notes = await world.rows(answer_notes.select().order_by(answer_notes.c.place))
    assert [(n.side, n.kind, n.text) for n in notes] == [
        ("office", "question", "Có ai bị thương không?"),
        ("unit", "reply", "một người xây xát, gọi [SĐT]"),
    ]


async def test_a_board_says_that_a_question_waits(world: World, answered: tuple[Phone, Phone, Phone]) -> None:
    boss, *_ = answered
    await ask_again(boss)
    await boss.say("tiến độ")
    assert "– Thôn Nà Sla: hai hộ tốc mái · đã hỏi lại" in boss.last.text


async def test_only_its_scope_asks_and_only_who_answered_replies(
    world: World, answered: tuple[Phone, Phone, Phone]
) -> None:
    boss, lan, mui = answered
    other = await world.joined("Chi", "X06184", "coordinator")
    id = (await world.rows(official_answers.select()))[0].id
    await other.press(ManageAnswer(id, AnswerAct.ASK))
    assert "Không thấy" in other.last.text
    await lan.press(ReplyAboutAnswer(id))
    assert "không còn chờ" in lan.last.text
    await ask_again(boss)
    await mui.press(ReplyAboutAnswer(id))
    assert "không còn chờ" in mui.last.text
    await mui.press(ManageAnswer(id))
    assert "hai hộ tốc mái" not in mui.last.text
    assert len(await world.rows(answer_notes.select())) == 1


async def test_leaving_the_question_asks_nobody(world: World, answered: tuple[Phone, Phone, Phone]) -> None:
    boss, lan, _ = answered
    await boss.say("tiến độ")
    await boss.tap("Xem câu trả lời")
    await boss.tap("Thôn Nà Sla")
    await boss.tap("Hỏi lại")
    await boss.say("hủy")
    assert '"hai hộ tốc mái"' in boss.last.text
    assert await lan.read() == []
    assert await world.rows(answer_notes.select()) == []


async def test_an_answer_on_behalf_with_nobody_there_is_said_so(
    world: World, answered: tuple[Phone, Phone, Phone]
) -> None:
    boss, _, mui = answered
    await boss.say("nhập hộ")
    await boss.tap("Mưa lũ đêm qua")
    await boss.tap("Thôn Nà Pai")
    await boss.say("một hộ ngập")
    await boss.tap("Gửi")
    await boss.say("tiến độ")
    await boss.tap("Xem câu trả lời")
    await boss.tap("Thôn Nà Pai")
    await boss.tap("Hỏi lại")
    assert "Chưa có ai của Thôn Nà Pai nhận được câu hỏi này" in boss.last.text
    assert await mui.read() == []
