"""The summary of any form: one way on, shown first, and at most five choices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from nhipcau.bot.forms.builtin import builtin_form
from nhipcau.bot.forms.draft import SUMMARY, Draft, FormContext, FormEnd, Input
from nhipcau.bot.forms.engine import answer
from nhipcau.bot.forms.kinds import KINDS
from nhipcau.bot.forms.model import Form, Option, Question, QuestionKind
from nhipcau.bot.forms.question_screen import show
from nhipcau.bot.forms.summary_screen import MOST
from nhipcau.bot.language.catalogue import texts

T = texts("vi")
_REPORT = {
    **{"content": "đường hỏng", "topic": "GT", "area": "X1", "spread": "2", "mood": "buc_xuc", "urgency": "som"},
}


def _context(form: Form) -> FormContext:
    return FormContext(form=form, texts=T)


def _at_summary(answers: Mapping[str, object]) -> Draft:
    return Draft(form="report", nonce="n", at=SUMMARY, answers=dict(answers), trail=list(answers))


def _labels(context: FormContext, draft: Draft) -> list[str]:
    return [choice.label for choice in show(context, draft).choices]


def _poll(count: int) -> tuple[FormContext, Draft]:
    questions = tuple(Question(f"q{n}", QuestionKind.TEXT, f"Câu hỏi {n}?") for n in range(1, count + 1))
    draft = Draft(form="poll", nonce="n", at=SUMMARY, answers={q.id: "có" for q in questions})
    return _context(Form("p", "", questions)), draft


def _report() -> tuple[FormContext, Draft]:
    form = builtin_form("report", "vi")
    return replace(
        _context(form), options=lambda q, d: [Option("GT", "Giao thông"), Option("X1", "Xã A")]
    ), _at_summary(_REPORT)


@pytest.mark.parametrize("count", range(1, 13))
def test_a_summary_has_one_way_on_and_five_choices_at_most(count: int) -> None:
    context, draft = _poll(count)
    labels = _labels(context, draft)
    assert labels[0] == "Gửi"
    assert labels[-1] == "Hủy"
    assert len(labels) <= MOST
    assert any(label.startswith("Sửa") for label in labels)


def test_what_finds_no_room_stands_behind_add_and_edit() -> None:
    context, draft = _report()
    assert _labels(context, draft) == ["Gửi", "Thêm …", "Sửa …", "Hủy"]
    answer(context, draft, Input(text="sửa"))
    assert _labels(context, draft) == ["Sửa nội dung", "Sửa lĩnh vực", "Sửa địa bàn", "Sửa mức độ", "Lùi"]
    answer(context, draft, Input(text="lùi"))
    answer(context, draft, Input(text="thêm"))
    assert {"Thêm ảnh", "Thêm đề xuất"} < set(_labels(context, draft))
    answer(context, draft, Input(text="1"))
    assert draft.at == "place"


def test_one_more_optional_question_is_one_more_line_of_the_list() -> None:
    context, draft = _report()
    fewer = tuple(q for q in context.form.questions if q.id != "place")
    context = replace(context, form=replace(context.form, questions=fewer))
    before = len(_listed(context, draft, "thêm"))
    more = Question("place", QuestionKind.TEXT, "Ở thôn nào?", offered=True, short="nơi")
    wider = replace(context, form=replace(context.form, questions=(*context.form.questions, more)))
    context, draft = wider, _report()[1]
    assert _labels(context, draft) == ["Gửi", "Thêm …", "Sửa …", "Hủy"]
    assert len(_listed(context, draft, "thêm")) == before + 1
    _, draft = _report()
    answer(context, draft, Input(text="thêm nơi"))
    assert draft.at == "place"


def _listed(context: FormContext, draft: Draft, word: str) -> list[str]:
    answer(context, draft, Input(text=word))
    return [label for label in _labels(context, draft) if label.lower().startswith(word + " ")]


def test_a_long_list_has_pages_and_no_line_is_lost() -> None:
    context, draft = _poll(12)
    answer(context, draft, Input(text="Sửa …"))
    seen = []
    for _ in range(3):
        labels = _labels(context, draft)
        seen += [label for label in labels if label.startswith("Sửa ")]
        answer(context, draft, Input(text="xem thêm"))
    assert seen == [f"Sửa {n}" for n in range(1, 13)]


@pytest.mark.parametrize("typed", ["gửi", "gui", "Gửi ạ"])
def test_sending_is_typed_below_a_short_list_too(typed: str) -> None:
    context, draft = _report()
    answer(context, draft, Input(text="thêm"))
    assert answer(context, draft, Input(text=typed)).end is FormEnd.SENT


@pytest.mark.parametrize(("typed", "opened"), [("sửa lĩnh vực", "topic"), ("them de xuat", "proposal")])
def test_what_is_not_displayed_may_be_typed(typed: str, opened: str) -> None:
    context, draft = _report()
    answer(context, draft, Input(text=typed))
    assert draft.at == opened


def test_labels_of_one_screen_differ_in_their_first_two_words() -> None:
    for word in ("", "thêm", "sửa"):
        context, draft = _report()
        if word:
            answer(context, draft, Input(text=word))
        starts = [" ".join(label.split()[:2]) for label in _labels(context, draft)]
        assert len(starts) == len(set(starts))


def test_ends_of_a_scale_carry_their_words() -> None:
    question = Question("q", QuestionKind.SCALE, "Thế nào?", minimum=1, maximum=5, low="Rất kém", high="Rất tốt")
    labels = [option.label for option in KINDS[QuestionKind.SCALE].options(question, T)]
    assert labels == ["1 – Rất kém", "2", "3", "4", "5 – Rất tốt"]


@pytest.mark.parametrize(
    ("typed", "value"), [("1", 1), ("5", 5), ("3", 3), ("rất tốt", 5), ("rat kem", 1), ("số 4", 4)]
)
def test_a_scale_is_answered_by_its_number_or_word(typed: str, value: int) -> None:
    question = Question("q", QuestionKind.SCALE, "Thế nào?", minimum=1, maximum=5, low="Rất kém", high="Rất tốt")
    context = _context(Form("p", "", (question,)))
    draft = Draft(form="poll", nonce="n", at="q")
    answer(context, draft, Input(text=typed))
    assert draft.answers == {"q": value}
