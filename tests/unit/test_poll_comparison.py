"""Two polls laid side by side: what is matched, what stays hidden, and the words for the difference."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace

import pytest
from hypothesis import given

from nhipcau.bot.forms.model import Form, Question, QuestionKind
from nhipcau.bot.language.catalogue import texts
from nhipcau.insight.poll_comparison import QuestionComparison, compare, compare_text
from nhipcau.insight.poll_results import Bar, poll_result
from nhipcau.model.tally import Tally, tally_of
from tests.support.sample_polls import CROWD, FORM, LONG, crowd, options

SAY = texts("vi")


def first(before: Tally, after: Tally) -> QuestionComparison:
    return compare(FORM, before, FORM, after, SAY)[0]


def notes_on(before: Tally, after: Tally) -> str:
    return compare_text("Đổi lịch", [first(before, after)], SAY)


def test_a_large_difference_is_hardly_chance() -> None:
    assert notes_on(crowd(65, 55), crowd(90, 30)).splitlines() == [
        "Trước và sau: Đổi lịch",
        "Sáng thứ Bảy có thuận lợi hơn không?",
        f"Trước (120 người): Có: 65 (54 %); Không: 55 (46 %); {LONG}: 0 (0 %)",
        f"Sau (120 người): Có: 90 (75 %); Không: 30 (25 %); {LONG}: 0 (0 %)",
        "Chênh lệch này khó là ngẫu nhiên (kiểm định khi bình phương, p < 0,05).",
        "Người trả lời là cộng tác viên, không phải mẫu xác suất. Chênh lệch không cho biết nguyên nhân.",
    ]


def test_small_differences_are_chance_and_small_groups_get_no_percent() -> None:
    text = notes_on(crowd(15, 5), crowd(6, 5))
    assert "Chênh lệch này nằm trong mức ngẫu nhiên (kiểm định chính xác Fisher)." in text
    assert "Trước (20 người): Có: 15; Không: 5" in text
    assert "%" not in text
    assert "Nhóm dưới 30 người chỉ nêu số đếm" in text


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        (crowd(2, 2), crowd(30, 20), "few"),
        (crowd(30, 20), crowd(2, 2), "few"),
        (crowd(10, 0), crowd(30, 20), "unanimous"),
        (crowd(30, 20), crowd(0, 7), "unanimous"),
    ],
)
def test_what_one_of_them_hides_is_not_compared(before: Tally, after: Tally, why: str) -> None:
    found = first(before, after)
    assert (found.why, found.pairs, found.significance, found.base_before, found.base_after) == (why, (), None, 0, 0)
    assert SAY(f"compare.why.{why}") in notes_on(before, after)


@given(CROWD, CROWD)
def test_nothing_is_compared_that_the_results_do_not_show(
    first: list[dict[str, object]], second: list[dict[str, object]]
) -> None:
    tallies = tally_of(FORM, first), tally_of(FORM, second)
    results = [poll_result(FORM.title, FORM, t, 45, SAY).splitlines() for t in tallies]
    for found in compare(FORM, tallies[0], FORM, tallies[1], SAY):
        for pair in found.pairs:
            for bar, result in zip((pair.before, pair.after), results, strict=True):
                assert bar.base >= 5
                assert is_told(bar, result)


def is_told(bar: Bar, result: list[str]) -> bool:
    """Whether the result has this very line, or a line for each of the options that are one here, and the sum of them
    is this number."""
    if any(line.endswith(f" {bar.value} {bar.label}") for line in result):
        return True
    options = bar.label.removesuffix(" (gộp lại)").split("; ")
    # another question may have an option of the same words
    told = [
        [int(n[1]) for n in (re.fullmatch(rf"\S+ (\d+)(?: \(.*\))? {re.escape(one)}", line) for line in result) if n]
        for one in options
    ]
    return len(options) > 1 and any(sum(numbers) == bar.count for numbers in itertools.product(*told))


def test_options_put_together_in_one_result_add_up_in_the_other() -> None:
    found = first(crowd(20, 0), crowd(5, 3, 2))
    assert [(pair.before.count, pair.after.count) for pair in found.pairs] == [(20, 5), (0, 5)]
    result = poll_result(FORM.title, FORM, crowd(20, 0), 45, SAY).splitlines()
    assert [is_told(pair.before, result) for pair in found.pairs] == [True, True]
    assert not is_told(replace(found.pairs[1].before, count=1), result)


def test_a_poll_compared_with_itself_differs_nowhere() -> None:
    once = crowd(20, 15, 5, q2=[["1"], ["1", "2"], ["3"]] * 12, q3=["yes", "no"] * 15, q4=[1, 2, 4] * 10)
    found = compare(FORM, once, FORM, once, SAY)
    assert [f.significance.p for f in found if f.significance] == [1, 1, 1]
    assert [p.significance.p for f in found for p in f.pairs if p.significance] == [1, 1, 1]


def test_questions_and_options_are_matched_by_their_words() -> None:
    again = Form(
        "g",
        "Lần sau",
        (
            Question("a", QuestionKind.TEXT, "Vì sao?"),
            Question("b", QuestionKind.CHOICE, "Sáng THỨ BẢY có thuận lợi hơn không", options("không", "Khác", "CÓ.")),
            Question("c", QuestionKind.CHOICE, "Câu mới?", options("Một", "Hai")),
            Question("d", QuestionKind.CHOICE, "Mức hài lòng?", options("1", "2")),
        ),
    )
    after = tally_of(again, [{"b": "1"}] * 30 + [{"b": "2"}] * 5 + [{"b": "3"}] * 40)
    once = replace(FORM, questions=FORM.questions[:7])
    found = {f.text: f for f in compare(once, crowd(40, 30, 6), again, after, SAY)}
    first = found["Sáng thứ Bảy có thuận lợi hơn không?"]
    assert [(p.label, p.before.count, p.after.count) for p in first.pairs] == [("Có", 40, 40), ("Không", 30, 30)]
    assert first.unmatched == (LONG, "Khác")
    assert first.significance is not None
    assert first.significance.p == 1
    assert {text: f.why for text, f in found.items()} == {
        first.text: "",
        "Cần hỗ trợ gì?": "only_before",
        "Có dự họp không?": "only_before",
        "Mức hài lòng?": "kind",
        "Mấy cây số tới trụ sở?": "only_before",
        "Hôm nào tiện?": "only_before",
        "Vì sao?": "few",
        "Câu mới?": "only_after",
    }
    assert f"Không so được phương án: {LONG}, Khác." in compare_text("x", [first], SAY)


def test_a_question_that_stands_twice_is_not_guessed() -> None:
    twice = replace(FORM, questions=(FORM.questions[0], replace(FORM.questions[0], id="q9")))
    assert compare(FORM, crowd(30, 20), twice, crowd(30, 20), SAY)[0].why == "twice"


def test_scales_of_other_ends_are_other_questions() -> None:
    wider = replace(FORM, questions=(replace(FORM.questions[3], maximum=10),))
    before = crowd(30, 0, q4=[1, 2, 3] * 10)
    assert [f.why for f in compare(FORM, before, wider, before, SAY) if f.text == "Mức hài lòng?"] == ["kind"]


def test_of_several_each_option_is_tested_and_holm_asks_more_of_each() -> None:
    before = crowd(60, 0, q2=[["1", "2"]] * 20 + [["2"]] * 20 + [["3"]] * 20)
    after = crowd(60, 0, q2=[["1", "2"]] * 45 + [["2"]] * 5 + [["3"]] * 10)
    found = compare(FORM, before, FORM, after, SAY)[1]
    assert found.significance is None
    text = compare_text("x", [found], SAY)
    assert "Khó là ngẫu nhiên: Chỗ ngồi (kiểm định khi bình phương, chỉnh theo Holm, p < 0,05)." in text


def test_numbers_and_days_stand_side_by_side_without_a_test() -> None:
    before, after = crowd(9, 0, q5=[2] * 9, q6=["2026-11-01"] * 9), crowd(9, 0, q5=[7] * 9, q6=["2026-12-01"] * 9)
    numbers, days = compare(FORM, before, FORM, after, SAY)[4:6]
    text = compare_text("x", [numbers, days], SAY)
    assert "Trước (9 người): ở giữa là 2\nSau (9 người): ở giữa là 7" in text
    assert "Sau (9 người): ở giữa là 01/12/2026" in text
    assert "ngẫu nhiên" not in text


def test_what_it_is_no_sample_of_is_said_once() -> None:
    both = crowd(30, 20, q3=["yes", "no"] * 25)
    text = compare_text("x", compare(FORM, both, FORM, both, SAY), SAY)
    assert text.count("không phải mẫu xác suất") == 1
