"""Whatever labels an office writes and people type: the choice recorded is the one that reads so, or none."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nhipcau.bot.forms.draft import Draft, FormContext, FormEnd, Input
from nhipcau.bot.forms.engine import answer
from nhipcau.bot.forms.kinds import KINDS
from nhipcau.bot.forms.model import Form, Option, Question, QuestionKind
from nhipcau.bot.language.catalogue import texts
from nhipcau.bot.language.command_words import read_command
from nhipcau.bot.language.label_numbers import line_marks
from nhipcau.bot.language.vietnamese import fold
from nhipcau.bot.messaging.channel import Limits
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.bot.messaging.render import render
from nhipcau.bot.recurrence.rules import VIETNAM
from nhipcau.model.request_kinds import RequestKind
from nhipcau.office.request_file import read_request
from tests.support import DATA
from tests.support.world import MORNING

pytestmark = pytest.mark.slow

SAY = texts("vi")
ASK, LEFT = "?", "a way out"
_WORDS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín", "mười", "mười một", "mười hai")


def recorded(question: Question, text: str, *, nothing: str = "", second: bool = True) -> str:
    """What these words leave behind: the labels recorded, "?" for asked again, or a way out. `second`: there is a
    question before it, so that "Lùi" stands below."""
    before = Question("before", QuestionKind.TEXT, "…")
    form = Form("poll", "…", (before, question) if second else (question,))
    context = FormContext(form, SAY, nothing=nothing)
    draft = Draft("poll", "n", at=question.id, trail=["before"] if second else [])
    if second:
        draft.answers["before"] = "có"
    step = answer(context, draft, Input(text=text))
    if question.id in draft.answers:
        value = draft.answers[question.id]
        kind = KINDS[question.kind]
        return LEFT if value is None else kind.words(question, value, kind.options(question, SAY), SAY)
    if step.end is FormEnd.NOTHING:
        return nothing
    return ASK if step.end is FormEnd.OPEN and draft.at == question.id else LEFT


def _choice(*labels: str, kind: QuestionKind = QuestionKind.CHOICE) -> Question:
    options = tuple(Option(str(n), label) for n, label in enumerate(labels, start=1))
    return Question("q", kind, "…", options, optional=True)


# ------------------------------------------------------------------ what was chosen wrongly


def _from_file(name: str, number: int) -> Question:
    kind = RequestKind.POLL if name.startswith("poll") else RequestKind.RAPID
    return read_request(DATA / name, kind, MORNING, VIETNAM).questions[number - 1]


@pytest.mark.parametrize("day", ["Thứ 2", "Thứ 3", "Thứ 4", "Thứ 5", "Thứ 6"])
@pytest.mark.parametrize("how", ["{}", "{} ạ", "dạ {}", "{} nhé em", "{}."])
def test_a_weekday_is_the_day_that_reads_so(day: str, how: str) -> None:
    question = _from_file("poll_weekdays.yaml", 2)
    for written in (day, day.upper(), fold(day)):
        assert recorded(question, how.format(written)) == day


def test_several_weekdays_are_the_days_that_read_so() -> None:
    question = _from_file("poll_weekdays.yaml", 3)
    for typed in ("thứ 2, thứ 4", "Thứ 2 và Thứ 4", "thu 2; thu 4", "2 4", "2, 4", "thứ hai, thứ tư", "thứ 4, thứ 2 ạ"):
        assert recorded(question, typed) == "Thứ 2, Thứ 4", typed
    assert recorded(question, "1 3") == ASK
    assert recorded(question, "7") == ASK


def test_a_bare_number_is_the_label_that_is_that_number() -> None:
    question = _from_file("rapid_numbers.yaml", 1)
    for label in ("0", "1", "2"):
        assert recorded(question, label, nothing="Không có gì", second=False) == label
    assert recorded(question, "3", nothing="Không có gì", second=False) == "3 trở lên"
    assert recorded(question, "4", nothing="Không có gì", second=False) == ASK
    assert recorded(_choice("0", "1", "2", "3"), "1") == "1"


def test_a_class_is_its_number_and_never_a_way_out() -> None:
    question = _from_file("rapid_numbers.yaml", 2)
    assert [recorded(question, str(n)) for n in range(5, 10)] == ["Lớp 5", "Lớp 6", "Lớp 7", "Lớp 8", "Lớp 9"]
    assert {recorded(question, str(n)) for n in (0, 1, 2, 3, 4, 10, 11, 12)} == {ASK}


def test_labels_in_another_order_are_not_taken_by_place() -> None:
    assert recorded(_choice("Câu 2", "Câu 1"), "Câu 2") == "Câu 2"
    assert recorded(_choice("Câu 2", "Câu 1"), "1") == "Câu 1"
    assert recorded(_choice("Câu 2", "Câu 1"), "cái thứ hai") == ASK
    assert recorded(_choice("Giải nhì", "Giải nhất"), "1") == "Giải nhất"
    assert recorded(_choice("Chưa có", "Một cháu", "Hai cháu"), "1") == "Một cháu"


def test_a_bound_or_a_range_is_not_meant_by_its_number() -> None:
    question = _choice("Dưới 18", "18–35", "36–60", "Trên 60")
    assert {recorded(question, typed) for typed in ("1", "2", "18", "35", "60", "4")} == {ASK}
    assert recorded(question, "dưới 18") == "Dưới 18"
    assert recorded(question, "36-60") == "36–60"


def test_digits_inside_a_label_keep_numbers_from_ways_out() -> None:
    question = _choice("Theo kỳ báo cáo", "Sớm, trong 1–2 ngày", "Khẩn, trong ngày")
    assert [recorded(question, n) for n in "123"] == ["Theo kỳ báo cáo", "Sớm, trong 1–2 ngày", "Khẩn, trong ngày"]
    assert {recorded(question, n) for n in "456"} == {ASK}


# ------------------------------------------------------------------ any labels, any words

_SERIES = st.sampled_from(
    [
        [f"Thứ {n}" for n in range(2, 8)],
        [f"Thứ {word}" for word in ("Hai", "Ba", "Tư", "Năm", "Sáu", "Bảy")],
        [f"Lớp {n}" for n in range(1, 13)],
        [f"Tháng {n}" for n in range(1, 13)],
        [f"Câu {n}" for n in range(1, 10)],
        [f"Thôn {n}" for n in range(1, 10)],
        [f"Tổ {n}" for n in range(1, 10)],
        [str(n) for n in range(10)],
        [f"{n} giờ" for n in range(1, 13)],
        [f"{n} ngày" for n in range(1, 13)],
        ["Hạng nhất", "Hạng nhì", "Hạng ba", "Hạng tư"],
        ["Một cháu", "Hai cháu", "Ba cháu", "Bốn cháu"],
        ["Có", "Không", "Chưa rõ"],
        ["Rất đồng tình", "Đồng tình", "Không đồng tình", "Rất không đồng tình"],
        ["Tốt", "Bình thường", "Kém"],
        ["Nguyễn Văn Nam", "Nguyễn Thị Năm", "Trần Văn Ba", "Lê Văn Tám"],
        ["Sáng", "Chiều", "Tối"],
        ["Phấn khởi", "Đồng tình", "Quan tâm", "Băn khoăn", "Bức xúc"],
    ]
)


@st.composite
def _questions(draw: st.DrawFn) -> list[str]:
    """Some labels of a series, in any order."""
    series = draw(_SERIES)
    return draw(st.permutations(series).map(lambda labels: labels[: draw(st.integers(2, min(6, len(series))))]))


_FRAMES = st.sampled_from(
    [
        "{}",
        "{} ạ",
        "dạ {}",
        "dạ {} ạ",
        "{} nhé",
        "{} nhé em",
        "em chọn {}",
        "tôi chọn {}",
        "{}.",
        "{}!",
        '"{}"',
        "{} em ạ",
    ]
)


def _number_of(label: str) -> int | None:
    """The number in a label of `_SERIES`, found in another way than the code does."""
    words = fold(label).split()
    ranks = {"nhat": 1, "nhi": 2}
    for word in words:
        if word.isdecimal():
            return int(word)
    if words[0] in {"thu", "hang"} or words[-1] == "chau":
        word = words[0] if words[-1] == "chau" else words[1]
        return ranks.get(word) or {**{fold(w): n for n, w in enumerate(_WORDS)}, "tu": 4}[word]
    return None


@settings(max_examples=300, deadline=None)
@given(_questions(), st.data())
def test_a_label_typed_is_that_label(labels: list[str], data: st.DataObject) -> None:
    label = data.draw(st.sampled_from(labels))
    written = data.draw(st.sampled_from([label, label.upper(), label.lower(), fold(label)]))
    said = data.draw(_FRAMES).format(written)
    assert recorded(_choice(*labels), said) in {label, ASK}
    assert recorded(_choice(*labels), label) == label


@settings(max_examples=300, deadline=None)
@given(_questions(), st.integers(0, 14), st.sampled_from(["digits", "words", "ordinal"]), _FRAMES)
def test_a_number_is_the_label_of_that_number(labels: list[str], number: int, how: str, frame: str) -> None:
    word = _WORDS[number] if number < len(_WORDS) else str(number)
    typed = frame.format({"digits": str(number), "words": word, "ordinal": f"cái thứ {word}"}[how])
    if read_command(typed)[0]:
        return
    held = {label: _number_of(label) for label in labels}
    found = recorded(_choice(*labels), typed)
    if any(n is not None for n in held.values()):
        reads_so = {label for label, n in held.items() if n == number}
        assert found in {ASK, *reads_so}, (labels, typed)
    elif found not in {ASK, LEFT}:
        assert found == labels[number - 1] or fold(word) in fold(found), (labels, typed)


@settings(max_examples=200, deadline=None)
@given(
    _questions(), st.data(), st.sampled_from(["không phải {}", "trừ {}", "đừng {}", "chưa {}", "hết {}", "{} hoặc {}"])
)
def test_what_is_denied_or_doubted_is_not_recorded(labels: list[str], data: st.DataObject, frame: str) -> None:
    one, other = data.draw(st.permutations(labels).map(lambda them: them[:2]))
    typed = frame.format(one, other)
    found = recorded(_choice(*labels), typed)
    assert (
        found == ASK or fold(found) == fold(typed) or (fold(typed).endswith(fold(found)) and "hong" in fold(found))
    ), typed


@settings(max_examples=150, deadline=None)
@given(_questions(), st.lists(st.integers(1, 12), min_size=2, max_size=3, unique=True))
def test_several_numbers_are_the_labels_of_them(labels: list[str], numbers: list[int]) -> None:
    found = recorded(_choice(*labels, kind=QuestionKind.SEVERAL), " ".join(map(str, numbers)))
    held = {label: _number_of(label) for label in labels}
    if found not in {ASK, LEFT} and any(n is not None for n in held.values()):
        assert {held[label] for label in found.split(", ")} == set(numbers)
    assert found != LEFT


@settings(max_examples=200, deadline=None)
@given(_questions())
def test_a_list_is_not_marked_by_other_numbers_than_it_holds(labels: list[str]) -> None:
    """Where an app has no buttons; what stands before a line means that line."""
    choices = (*(Choice(label, f"q:{n}") for n, label in enumerate(labels)), Choice("Hủy", "q:x", way=True))
    [shown] = render(Message("Chọn?", choices), Limits(text=2000, caption=1000, buttons=0))
    marks = line_marks([choice.label for choice in choices], {len(labels)})
    assert shown.text.splitlines()[1:] == [f"{m} {c.label}" for m, c in zip(marks, choices, strict=True)]
    held = [_number_of(label) for label in labels]
    holds = set(held) != {None} and held != list(range(1, len(labels) + 1))
    for label, mark in zip(labels, marks, strict=False):
        assert not holds or not mark[0].isdecimal()
        assert recorded(_choice(*labels), mark) == label
