"""What is pointed out of a question, and what is left alone."""

from __future__ import annotations

import pytest

from nhipcau.actions.question_advice import Advice, Hint, advise
from nhipcau.bot.forms.model import Form, Question, QuestionKind


def hints(*texts: str) -> list[Hint]:
    return advise(Form("x", "x", tuple(Question(f"q{n}", QuestionKind.TEXT, text) for n, text in enumerate(texts))))


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("Đường có tốt không? Điện có ổn không?", Advice.TWO_THINGS),
        ("Bác có hài lòng về đường và có muốn mở chợ không?", Advice.TWO_THINGS),
        ("Bác biết lịch tiêm từ đâu và thấy thế nào?", Advice.TWO_THINGS),
        ("Chợ mới rất tiện, có phải không?", Advice.LEADING),
        ("Bác có đồng ý rằng nên mở chợ?", Advice.LEADING),
        ("Như chúng ta đã biết, đường hỏng. Bác thấy sao?", Advice.LEADING),
        ("Số điện thoại của bác là gì?", Advice.PERSONAL),
        ("Bác cho biết họ và tên?", Advice.PERSONAL),
        ("Địa chỉ nhà bác ở đâu?", Advice.PERSONAL),
        (" ".join(["việc"] * 31) + "?", Advice.LONG),
    ],
)
def test_what_makes_a_question_hard_is_pointed_out(text: str, advice: Advice) -> None:
    assert Hint(advice, 1) in hints(text)


@pytest.mark.parametrize(
    "text",
    [
        "Sáng thứ Bảy có tiện không?",
        "Bác thấy đường và cầu thế nào?",
        "Xã nên ưu tiên việc nào trước?",
        "Ở thôn mình có bao nhiêu hộ thiếu nước?",
        "Trụ sở thôn và xã cách nhà bác bao xa?",
        "Tiếp dân vào sáng thứ Bảy có thuận lợi hơn không?",
        "Vì sao?",
    ],
)
def test_plain_questions_are_left_alone(text: str) -> None:
    assert hints(text) == []


def test_the_hint_names_its_question_and_many_are_said_once() -> None:
    assert hints("Vì sao?", "Họ và tên?") == [Hint(Advice.PERSONAL, 2)]
    assert hints(*["Vì sao?"] * 6) == [Hint(Advice.MANY)]
