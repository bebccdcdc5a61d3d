"""A poll with a question of every kind, and the tallies of crowds that answer it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from nhipcau.bot.forms.model import Form, Option, Question, QuestionKind
from nhipcau.model.tally import Tally, tally_of

LONG = "Chưa rõ, còn tuỳ mùa vụ và việc đồng áng của từng gia đình ạ"


def options(*labels: str) -> tuple[Option, ...]:
    return tuple(Option(str(n), label) for n, label in enumerate(labels, start=1))


FORM = Form(
    "f",
    "Đổi lịch tiếp dân",
    (
        Question("q1", QuestionKind.CHOICE, "Sáng thứ Bảy có thuận lợi hơn không?", options("Có", "Không", LONG)),
        Question("q2", QuestionKind.SEVERAL, "Cần hỗ trợ gì?", options("Chỗ ngồi", "Nước uống", "Phiên dịch")),
        Question("q3", QuestionKind.YESNO, "Có dự họp không?"),
        Question("q4", QuestionKind.SCALE, "Mức hài lòng?", low="kém", high="tốt"),
        Question("q5", QuestionKind.NUMBER, "Mấy cây số tới trụ sở?"),
        Question("q6", QuestionKind.DATE, "Hôm nào tiện?"),
        Question("q7", QuestionKind.TEXT, "Vì sao?"),
    ),
)

#: One person's answers; every question may be left out.
ANSWER: st.SearchStrategy[Mapping[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "q1": st.sampled_from("123"),
        "q2": st.lists(st.sampled_from("123"), min_size=1, unique=True).map(sorted),
        "q3": st.sampled_from(("yes", "no")),
        "q4": st.integers(1, 5),
        "q5": st.integers(0, 40),
        "q6": st.dates().map(lambda d: d.isoformat()),
        "q7": st.just("vì xa"),
    },
)
CROWD = st.lists(ANSWER, max_size=45)


def crowd(yes: int, no: int, unsure: int = 0, **more: Sequence[Any]) -> Tally:
    """So many chose each option of the first question; `more`: others' answers, one a person as far as they go."""
    answers: list[dict[str, Any]] = [
        {"q1": key} for key, n in zip("123", (yes, no, unsure), strict=True) for _ in range(n)
    ]
    for question, values in more.items():
        for answer, value in zip(answers, values, strict=False):
            answer[question] = value
    return tally_of(FORM, answers)


# ------------------------------------------------------------------ one question of every kind


@dataclass(frozen=True)
class Sample:
    """A question of one kind, and one answer to it given in every way there is."""

    #: As an office's file says it.
    file: Mapping[str, Any]
    #: Labels pressed one after another; none where nothing can be pressed.
    taps: Sequence[str]
    #: Messages typed instead: each is the whole answer.
    typed: Sequence[str]
    #: Typed, it is no answer.
    wrong: str
    value: Any
    words: str
    #: Another value, for crowds that do not agree.
    other: Any


#: A new kind has its line here, or the tests over every kind fail.
SAMPLES: Mapping[QuestionKind, Sample] = {
    QuestionKind.CHOICE: Sample({"choices": ["Sáng", "Chiều"]}, ["Chiều"], ["2", "chieu"], "77", "2", "Chiều", "1"),
    QuestionKind.SEVERAL: Sample(
        {"choices": ["Đường", "Điện", "Nước"]},
        ["Đường", "Nước", "Xong"],
        ["1 3", "nước, đường"],
        "77",
        ["1", "3"],
        "Đường, Nước",
        ["2"],
    ),
    QuestionKind.YESNO: Sample({}, ["Có"], ["1", "có ạ"], "77", "yes", "Có", "no"),
    QuestionKind.SCALE: Sample(
        {"min": 2, "low": "kém", "high": "tốt"}, ["5 – tốt"], ["5", "tốt"], "1", 5, "5 – tốt", 2
    ),
    QuestionKind.NUMBER: Sample({"min": 10}, [], ["20", "khoảng 20 hộ"], "1", 20, "20", 11),
    QuestionKind.DATE: Sample({}, [], ["5/12", "5/12/2026"], "31/2", "2026-12-05", "05/12/2026", "2026-12-24"),
    QuestionKind.TEXT: Sample({}, [], ["vì xa quá"], "…", "vì xa quá", "vì xa quá", "xa lắm"),
    QuestionKind.PHOTO: Sample({}, [], [], "1", ["a.jpg"], "1 ảnh", ["b.jpg", "c.jpg"]),
    QuestionKind.FILE: Sample({}, [], [], "1", {"file": "a.pdf", "title": "A.pdf"}, "Tệp: A.pdf", {"photo": "b.jpg"}),
}


def asked(kind: QuestionKind) -> dict[str, Any]:
    """The sample question as its file says it."""
    return {"text": "Xin cho biết?", "kind": str(kind), **SAMPLES[kind].file}
