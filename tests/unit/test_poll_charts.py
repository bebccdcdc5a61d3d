"""Pictures before they are drawn: the same facts as the text, readable on a phone, nothing cut."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhipcau.bot.language.catalogue import texts
from nhipcau.bot.units.tree import Unit
from nhipcau.insight.chart_page import INNER, MARGIN, SIZE, WIDTH, width_of, wrap
from nhipcau.insight.poll_charts import CannotDraw, board_chart, compare_chart, result_chart, table_picture
from nhipcau.insight.poll_comparison import compare, compare_text
from nhipcau.insight.poll_results import Bar, poll_result, publishable_result
from nhipcau.model.counts import BoardRow
from nhipcau.model.tally import Tally, tally_of
from tests.support.charts import Spec, bars, letters, words
from tests.support.sample_polls import CROWD, FORM, LONG, crowd

SAY = texts("vi")


def picture_of(answers: list[dict[str, Any]]) -> Spec:
    result = publishable_result(FORM.title, FORM, tally_of(FORM, answers), 45, SAY)
    return result_chart(result.title, result.base_line, result.questions, result.notes)


@given(CROWD)
def test_a_result_says_as_a_picture_what_it_says_as_text(answers: list[dict[str, Any]]) -> None:
    text = poll_result(FORM.title, FORM, tally_of(FORM, answers), 45, SAY)
    spec = picture_of(answers)
    assert sorted(words(spec)) == sorted(re.sub("[▓░]", "", text).split())
    # nor does the data behind it tell what the words do not
    told = {number for word in words(spec) for number in re.findall(r"\d+", word)}
    assert {str(row["count"]) for row in bars(spec)} <= told


@given(CROWD)
def test_a_bar_is_as_long_as_its_share(answers: list[dict[str, Any]]) -> None:
    drawn = bars(picture_of(answers))
    lines = [line for q in publishable_result("", FORM, tally_of(FORM, answers), 45, SAY).questions for line in q.lines]
    assert [(row["label"], row["count"]) for row in drawn] == [(b.label, b.count) for b in lines if isinstance(b, Bar)]
    whole = {(row["x2"] - row["x"]) / row["count"] * row["base"] for row in drawn if row["count"]}
    assert max(whole, default=0) - min(whole, default=0) < 1e-6


def test_free_words_are_never_in_a_picture() -> None:
    assert "xa" not in words(picture_of([{"q1": "1", "q7": "vì xa"}, {"q1": "2"}] * 20))
    assert "20 ý kiến viết" in " ".join(words(picture_of([{"q1": "1", "q7": "vì xa"}, {"q1": "2"}] * 20)))


def test_a_comparison_says_as_a_picture_what_it_says_as_text() -> None:
    before = crowd(40, 30, 5, q2=[["1"], ["2", "3"]] * 30, q5=[3, 4, 5] * 5, q3=["yes"] * 8)
    after = crowd(20, 4, 1, q2=[["1"], ["3"]] * 10, q5=[7] * 9)
    compared = compare(FORM, before, FORM, after, SAY)
    text, spec = compare_text(FORM.title, compared, SAY), compare_chart(FORM.title, compared, SAY)
    numbers = re.compile(r"\d+")
    assert set(numbers.findall(" ".join(words(spec)))) == set(numbers.findall(text))
    for sentence in text.splitlines():
        if "ngẫu nhiên" in sentence or "Không so" in sentence or "mẫu" in sentence:
            assert sentence in " ".join(words(spec))
    assert {row["when"] for row in bars(spec)} == {"before", "after"}


def row(n: int, answered: int = 1, started: int = 1, undeliverable: int = 1, asked: int = 7) -> BoardRow:
    unit = Unit(n, f"X{n}", f"Xã Số {n}", "commune", f"/1/{n}/")
    return BoardRow(unit, asked, asked, started, answered, 0, 0, undeliverable)


def test_a_board_begins_with_who_answered_least_and_counts_the_rest() -> None:
    rows = [row(n, answered=n % 5) for n in range(23)]
    spec = board_chart("Ngập ở đâu?", "Đã trả lời 40/161", rows, ["Lúc 14:05."], SAY)
    named = list(dict.fromkeys(b["unit"] for b in bars(spec)))
    assert len(named) == 20
    shares = [
        next((b["count"] for b in bars(spec) if b["unit"] == name and b["part"] == "answered"), 0) for name in named
    ]
    assert shares == sorted(shares)
    assert "… và 3 đơn vị khác" in " ".join(words(spec))


@given(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
def test_the_parts_of_a_unit_fill_its_bar_and_are_told_in_words(a: int, s: int, w: int, u: int) -> None:
    asked = a + s + w + u
    spec = board_chart("Ngập?", "", [row(1, a, s, u, asked)], [], SAY)
    assert sum(b["count"] for b in bars(spec)) == asked
    assert sum(b["x2"] - b["x"] for b in bars(spec)) == pytest.approx(INNER if asked else 0)
    said = " ".join(words(spec)).partition("Xã Số 1")[2]
    for n, words_of in ((s, "đang viết"), (w, "chưa"), (u, "không gửi được")):
        assert (f"{words_of} {n}" in said) == bool(n)
    assert (f"{a}/{asked}" in words(spec)) == bool(asked)


def test_a_table_keeps_all_it_is_given() -> None:
    header = ["Đơn vị", "Phản ánh", "Đúng hạn", "Quá hạn", "Đã trả lời", "Tỷ lệ"]
    rows = [[f"Xã Hoàng Văn Thụ {n}", str(n * 17), str(n), str(n % 4), "0", f"{n * 3} %"] for n in range(30)]
    spec = table_picture("Tháng 11", header, rows, ["Hết."])
    assert sorted(words(spec)) == sorted(" ".join(["Tháng 11", *header, *(c for r in rows for c in r), "Hết."]).split())
    assert {r["align"] for r in letters(spec) if r["text"].endswith("%")} == {"right"}


@pytest.mark.parametrize(("columns", "rows"), [(7, 1), (0, 0), (2, 31)])
def test_a_table_too_large_for_a_phone_is_not_begun(columns: int, rows: int) -> None:
    with pytest.raises(CannotDraw):
        table_picture("x", ["a"] * columns, [["1"] * columns] * rows)


def test_rows_of_another_length_are_no_table() -> None:
    with pytest.raises(CannotDraw):
        table_picture("x", ["a", "b"], [["1"]])


def test_numbers_of_a_whole_province_stand_clear_of_the_bars() -> None:
    result = publishable_result(
        "x", FORM, Tally({("", ""): 10_000, ("", "given"): 10_000, ("q1", ""): 10_000, ("q1", "1"): 10_000}), 1, SAY
    )
    spec = result_chart(result.title, result.base_line, result.questions)
    whole = next(at for at in letters(spec) if at["text"] == "10000 (100 %)")
    assert whole["x"] - width_of(whole["text"], SIZE, bold=True) > max(row["x2"] for row in bars(spec))


ALL = {
    "result": picture_of([{"q1": "13"[n % 2], "q2": ["1"], "q4": n % 5 + 1} for n in range(40)]),
    "small": picture_of([{"q1": "1", "q3": "yes"}] * 8),
    "nothing": picture_of([]),
    "board": board_chart("Ngập?", "Đã trả lời", [row(n) for n in range(22)], ["Xong."], SAY),
    "table": table_picture("T", ["Đơn vị", LONG, "Số"], [[LONG, "không" * 40, "1.234.567"]] * 3),
    "compare": compare_chart("x", compare(FORM, crowd(40, 30, 5), FORM, crowd(9, 8, 7), SAY), SAY),
}


@pytest.mark.parametrize("name", ALL)
def test_everything_stands_inside_the_picture_in_large_letters(name: str) -> None:
    spec = ALL[name]
    assert json.loads(json.dumps(spec)) == spec
    for at in letters(spec):
        assert at["size"] >= SIZE
        wide = width_of(at["text"], at["size"], at["bold"])
        left = at["x"] - (wide if at["align"] == "right" else 0)
        assert left >= MARGIN - 1
        assert left + wide <= WIDTH - MARGIN + 1
        assert 0 < at["y"] < spec["height"]
    for box in spec["layer"][0]["data"]["values"]:
        assert MARGIN - 1e-6 <= box["x"] <= box["x2"] <= WIDTH - MARGIN + 1e-6


@given(st.text("aơ ữWi1,", max_size=200), st.sampled_from((120, 300, INNER)))
def test_wrapping_loses_no_letter_and_no_line_is_too_wide(text: str, width: int) -> None:
    lines = wrap(text, width, SIZE)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(width_of(line, SIZE) <= width for line in lines)
    assert all(word in " ".join(lines).split() for word in text.split() if width_of(word, SIZE) <= width)
