"""Poll and request files: what they may say, and every fault named by its line and field."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from nhipcau.bot.forms.answer_matching import InvalidAnswer
from nhipcau.bot.forms.kinds import read_answer
from nhipcau.bot.forms.model import Question, QuestionKind
from nhipcau.bot.language.catalogue import texts
from nhipcau.model.people import Role
from nhipcau.model.request_kinds import RequestKind
from nhipcau.model.requests import UnitGroup
from nhipcau.office.request_file import RequestFile, read_request
from nhipcau.office.yaml_validation import InvalidFile

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
#: Two lines that are right, for files whose fault is elsewhere.
HEAD = "title: Giờ tiếp dân\nquestions:\n"
CHOICE = "  - text: Sáng hay chiều?\n    kind: choice\n    choices: [Sáng, Chiều]\n"


def read(folder: Path, text: str | bytes, kind: str = "poll") -> RequestFile:
    path = folder / "file.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_request(path, RequestKind(kind), NOW, ZONE)


def test_only_title_and_questions_are_required(tmp_path: Path) -> None:
    poll = read(tmp_path, HEAD + "  - text: Ý kiến khác?\n")
    assert (poll.title, poll.intro, poll.sealed, poll.urgent) == ("Giờ tiếp dân", "", False, False)
    assert (poll.duration, poll.closes_at, poll.roles, poll.sample) == (
        timedelta(days=3),
        None,
        ("collaborator",),
        None,
    )
    rapid = read(tmp_path, HEAD + "  - text: Tình hình?\n", "rapid")
    assert (rapid.urgent, rapid.duration) == (True, timedelta(hours=24))


def test_everything_a_file_may_say_is_read(tmp_path: Path) -> None:
    text = """
title: Giờ tiếp dân
intro: Xin ý kiến trước khi đổi lịch.
sealed: true
close: 2026-12-01 17:00
audience: {units: [X06040, Xã Đồng Đăng], roles: [collaborator, coordinator], sample: 200}
questions:
  - {text: "Chọn một?", kind: choice, choices: [Có, Không, "Có, nhưng khác giờ"]}
  - {text: "Chọn nhiều?", kind: several, choices: [Sáng, Chiều]}
  - {text: "Có không?", kind: yesno}
  - {text: "Mấy điểm?", kind: scale, min: 0, max: 9, low: kém, high: tốt}
  - {text: "Mấy điểm nữa?", kind: scale}
  - {text: "Bao nhiêu?", kind: number, min: -2.5, max: 10}
  - {text: "Ngày nào?", kind: date}
  - {text: "Vì sao?", optional: true, when: answer(1) == "Không" or ("Sáng" in answer(2) and answer(4) >= 3)}
"""
    spec = read(tmp_path, text)
    assert spec.closes_at == datetime(2026, 12, 1, 17, tzinfo=ZONE)
    assert (spec.sealed, spec.units, spec.sample) == (True, ("X06040", "Xã Đồng Đăng"), 200)
    assert [q.kind for q in spec.questions] == [
        "choice",
        "several",
        "yesno",
        "scale",
        "scale",
        "number",
        "date",
        "text",
    ]
    assert [o.label for o in spec.questions[0].options] == ["Có", "Không", "Có, nhưng khác giờ"]
    assert (spec.questions[3].minimum, spec.questions[3].maximum, spec.questions[3].low) == (0, 9, "kém")
    assert (spec.questions[4].minimum, spec.questions[4].maximum) == (1, 5)
    assert spec.questions[7].optional


def test_json_says_the_same_and_a_kind_may_be_guessed(tmp_path: Path) -> None:
    spec = read(tmp_path, '{"title": "A", "close": "90m", "questions": [{"text": "B?", "choices": ["C", "D"]}]}')
    assert spec.duration == timedelta(minutes=90)
    assert spec.questions[0].kind is QuestionKind.CHOICE
    with_mark = read(tmp_path, b"\xef\xbb\xbf" + (HEAD + CHOICE).encode())
    assert with_mark.title == "Giờ tiếp dân"


def test_one_file_may_serve_both(tmp_path: Path) -> None:
    text = "title: A\nclose: 2d\ndeadline: 6h\nquestions:\n  - text: B?\n"
    assert read(tmp_path, text).duration == timedelta(days=2)
    assert read(tmp_path, text, "rapid").duration == timedelta(hours=6)


def test_rapid_requests_take_pictures(tmp_path: Path) -> None:
    assert read(tmp_path, HEAD + '  - {text: "Ảnh?", kind: photo}\n', "rapid").questions[0].kind is QuestionKind.PHOTO


#: What is wrong, what of the file, then line, field and a word of the sentence.
WRONG: list[tuple[str, str, int, str, str]] = [
    ("empty file", "", 1, "", "must hold title"),
    ("a list", "- title: A\n", 1, "", "must hold title"),
    ("no YAML", "title: A\nquestions: [\n", 3, "", "not YAML"),
    ("tabs", "title: A\nquestions:\n\t- text: B\n", 3, "", "not YAML"),
    ("no title", "questions:\n" + CHOICE, 1, "title", "is missing"),
    ("empty title", "title: ''\nquestions:\n" + CHOICE, 1, "title", "is empty"),
    ("long title", f"title: {'a' * 121}\nquestions:\n" + CHOICE, 1, "title", "at most 120"),
    ("no questions", "intro: x\ntitle: A\n", 1, "questions", "is missing"),
    ("questions a word", "title: A\nquestions: B\n", 2, "questions", "must be a list"),
    ("no question", "title: A\nquestions: []\n", 2, "questions", "at least one"),
    ("21 questions", HEAD + "  - text: B\n" * 21, 3, "questions", "at most 20"),
    ("question a word", HEAD + "  - B\n", 3, "questions[1]", "must hold text"),
    ("unknown field", "title: A\nquestons:\n" + CHOICE, 2, "questons", "did you mean questions"),
    ("twice", "title: A\ntitle: B\nquestions:\n" + CHOICE, 2, "title", "twice"),
    ("unknown field of a question", HEAD + "  - text: B\n    choice: [C]\n", 4, "questions[1].choice", "mean choices"),
    ("no text", HEAD + "  - kind: yesno\n", 3, "questions[1].text", "is missing"),
    ("unknown kind", HEAD + "  - text: B\n    kind: chioce\n", 4, "questions[1].kind", "one of choice"),
    (
        "a file",
        HEAD + "  - text: B\n    kind: file\n",
        4,
        "questions[1].kind",
        "'file': one of",
    ),
    ("photo in a poll", HEAD + "  - text: B\n    kind: photo\n", 4, "questions[1].kind", "no pictures"),
    ("no choices", HEAD + "  - text: B\n    kind: several\n", 3, "questions[1].choices", "is missing"),
    ("one choice", HEAD + "  - text: B\n    choices: [C]\n", 4, "questions[1].choices", "from 2 to 10"),
    (
        "11 choices",
        HEAD + f"  - text: B\n    choices: {list('abcdefghijk')}\n",
        4,
        "questions[1].choices",
        "11 choices",
    ),
    (
        "long choice",
        HEAD + f"  - text: B\n    choices:\n      - C\n      - {'d' * 61}\n",
        6,
        "questions[1].choices",
        "at most 60",
    ),
    ("same choice", HEAD + "  - text: B\n    choices: [Có, CO]\n", 4, "questions[1].choices", "stands here twice"),
    ("a word that works", HEAD + "  - text: B\n    choices: [Hủy, C]\n", 4, "questions[1].choices", "always works"),
    ("the same with marks", HEAD + "  - text: B\n    choices: [C, huỷ.]\n", 4, "questions[1].choices", "always works"),
    (
        "a button of ours",
        HEAD + "  - text: B\n    choices: [C, Xong]\n",
        4,
        "questions[1].choices",
        "button of the bot",
    ),
    (
        "choices of a text",
        HEAD + "  - text: B\n    kind: text\n    choices: [C, D]\n",
        5,
        "questions[1].choices",
        "only for choice, several",
    ),
    ("optional a word", HEAD + "  - text: B\n    optional: maybe\n", 4, "questions[1].optional", "true or false"),
    ("min of a text", HEAD + "  - text: B\n    min: 1\n", 4, "questions[1].min", "only for scale, number"),
    ("low of a number", HEAD + "  - text: B\n    kind: number\n    low: x\n", 5, "questions[1].low", "only for scale"),
    ("min a word", HEAD + "  - text: B\n    kind: number\n    min: x\n", 5, "questions[1].min", "must be a number"),
    ("min above max", HEAD + "  - {text: B, kind: number, min: 5, max: 1}\n", 3, "questions[1]", "larger than max"),
    ("scale too long", HEAD + "  - {text: B, kind: scale, max: 100}\n", 3, "questions[1]", "at most 10"),
    ("scale of halves", HEAD + "  - {text: B, kind: scale, min: 0.5}\n", 3, "questions[1]", "whole steps"),
    ("first with when", HEAD + "  - {text: B, when: answer(1) == 'C'}\n", 3, "questions[1].when", "always asked"),
    ("when of later", HEAD + CHOICE + "  - text: B\n    when: answer(2) > 1\n", 7, "questions[2].when", "earlier"),
    ("no such label", HEAD + CHOICE + "  - {text: B, when: answer(1) == 'Trưa'}\n", 6, "questions[2].when", "Trưa"),
    ("not a number", HEAD + CHOICE + "  - {text: B, when: answer(1) > 3}\n", 6, "questions[2].when", "is no number"),
    ("in of one", HEAD + CHOICE + "  - {text: B, when: '\"Sáng\" in answer(1)'}\n", 6, "questions[2].when", "several"),
    ("code", HEAD + CHOICE + "  - text: B\n    when: __import__('os')\n", 7, "questions[2].when", "not understood"),
    (
        "more after it",
        HEAD + CHOICE + "  - text: B\n    when: answer(1) == 'Sáng' ''\n",
        7,
        "questions[2].when",
        "follows",
    ),
    # F22: once a traceback
    (
        "brackets without end",
        HEAD + CHOICE + f"  - text: B\n    when: {'(' * 200}\n",
        7,
        "questions[2].when",
        "20 brackets",
    ),
    (
        "a long condition",
        HEAD + CHOICE + f"  - text: B\n    when: {'x' * 3000}\n",
        7,
        "questions[2].when",
        "at most 2000",
    ),
    ("half a condition", HEAD + CHOICE + "  - text: B\n    when: answer(1) ==\n", 7, "questions[2].when", "missing"),
    ("bad end", "title: A\nclose: soon\nquestions:\n" + CHOICE, 2, "close", "90m, 24h, 3d"),
    ("no time at all", "title: A\nclose: 0d\nquestions:\n" + CHOICE, 2, "close", "90m, 24h, 3d"),
    ("past end", "title: A\nclose: 2026-11-23 08:59\nquestions:\n" + CHOICE, 2, "close", "is past"),
    ("sealed a word", "title: A\nsealed: x\nquestions:\n" + CHOICE, 2, "sealed", "true or false"),
    (
        "unknown role",
        "title: A\naudience: {roles: [boss]}\nquestions:\n" + CHOICE,
        2,
        "audience.roles",
        "one of collab",
    ),
    ("audience a word", "title: A\naudience: all\nquestions:\n" + CHOICE, 2, "audience", "must hold units"),
    ("sample of none", "title: A\naudience: {sample: 0}\nquestions:\n" + CHOICE, 2, "audience.sample", "at least 1"),
    ("sample of halves", "title: A\naudience: {sample: 2.5}\nquestions:\n" + CHOICE, 2, "audience.sample", "whole"),
    *(
        (
            f"audience by {key}",
            f"title: A\naudience: {{{key}: [x]}}\nquestions:\n" + CHOICE,
            2,
            f"audience.{key}",
            "kept",
        )
        for key in ("religion", "tôn_giáo", "dân tộc", "đảng viên", "health", "ethnicity", "tuổi", "số CCCD")
    ),
    ("unknown of audience", "title: A\naudience: {unit: X1}\nquestions:\n" + CHOICE, 2, "audience.unit", "mean units"),
]


@pytest.mark.parametrize(("text", "line", "field", "word"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG])
def test_a_fault_is_named_by_line_and_field(tmp_path: Path, text: str, line: int, field: str, word: str) -> None:
    with pytest.raises(InvalidFile) as wrong:
        read(tmp_path, text)
    said = [fault for fault in wrong.value.faults if (fault.line, fault.field) == (line, field)]
    assert said, str(wrong.value)
    assert word in said[0].why.say(texts("en"))
    assert said[0].say(texts("en")).startswith(f"line {line}")
    assert said[0].say(texts("vi")).startswith(f"dòng {line}")


def test_all_faults_are_said_at_once_in_the_order_of_lines(tmp_path: Path) -> None:
    text = "title: ''\nclose: soon\nquestions:\n  - text: B\n    kind: nothing\n"
    with pytest.raises(InvalidFile) as wrong:
        read(tmp_path, text)
    assert [(f.line, f.field) for f in wrong.value.faults] == [(1, "title"), (2, "close"), (5, "questions[1].kind")]
    assert len(str(wrong.value).split("\n")) == 3


def test_only_a_poll_is_sealed(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile, match="dòng 2, sealed: chỉ cuộc thăm dò"):
        read(tmp_path, "title: A\nsealed: true\nquestions:\n" + CHOICE, "rapid")


@pytest.mark.parametrize("content", [b"\xff\xfe\x00t", b"title: \xf4\nquestions: []", b"title: A\x00", b"[" * 1500])
def test_what_is_no_text_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(InvalidFile) as wrong:
        read(tmp_path, content)
    assert len(wrong.value.faults) == 1


def test_a_missing_or_huge_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile, match="không đọc được tệp"):
        read_request(tmp_path / "none.yaml", RequestKind.POLL, NOW, ZONE)
    with pytest.raises(InvalidFile, match="tối đa 200000"):
        read(tmp_path, "#" * 200_001)


@pytest.mark.parametrize("digits", [16, 100, 400])
def test_more_digits_than_anybody_means_are_no_number(digits: int) -> None:
    question = Question("q1", QuestionKind.NUMBER, "Bao nhiêu?")
    with pytest.raises(InvalidAnswer):
        read_answer(question, "9" * digits, [], None)


def test_a_duty_says_who_gives_one_answer(tmp_path: Path) -> None:
    text = HEAD + "  - text: Có gì mới?\nevery: week fri 16:00\n"
    assert read(tmp_path, text, "duty").each == "cell"
    assert read(tmp_path, text + "each: commune\n", "duty").each == "commune"
    with pytest.raises(InvalidFile, match="dòng 5, each: 'village': dùng một trong cell, commune"):
        read(tmp_path, text + "each: village\n", "duty")
    with pytest.raises(InvalidFile, match="dòng 5, each"):
        read(tmp_path, text + "each: cell\n", "rapid")


def test_an_audience_names_clusters_groups_and_the_responsible(tmp_path: Path) -> None:
    wanted = "audience: {clusters: [Cụm Bắc], group: agencies, responsible: true}\n"
    found = read(tmp_path, wanted + HEAD + CHOICE)
    assert (found.clusters, found.group, found.responsible) == (("Cụm Bắc",), UnitGroup.AGENCIES, True)
    assert found.roles == (Role.COLLABORATOR, Role.COORDINATOR)
    alone = read(tmp_path, "audience: {responsible: true, roles: [coordinator]}\n" + HEAD + CHOICE)
    assert alone.roles == (Role.COORDINATOR,)


@pytest.mark.parametrize("wrong", ["group: villages", "sample_file: mau.json, clusters: [Cụm Bắc]", "religion: x"])
def test_groups_that_are_none_are_named(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(InvalidFile) as refused:
        read(tmp_path, f"audience: {{{wrong}}}\n" + HEAD + CHOICE)
    assert refused.value.faults[0].field.startswith("audience")
