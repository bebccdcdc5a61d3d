"""What a report is called wherever it is named."""

from __future__ import annotations

from datetime import date

import pytest

from nhipcau.model.report_title import named, title_of


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Mất nước", "Mất nước"),
        ("đường liên thôn hỏng nặng hai tháng nay không ai sửa", "đường liên thôn hỏng nặng hai tháng nay…"),
        ("hai\ndòng  và khoảng trống", "hai dòng và khoảng trống"),
        # a mask is whole or left out
        ("con đường trước nhà ông ấy thuộc về [HỌ TÊN] và hàng xóm", "con đường trước nhà ông ấy thuộc về…"),
        ("gọi [SĐT] để hỏi về con đường hỏng này nhé bà con", "gọi [SĐT] để hỏi về con đường hỏng này…"),
        ("x" * 60, "x" * 39 + "…"),
        ("mất điện, mất nước cả thôn từ hôm qua, – không ai nói gì", "mất điện, mất nước cả thôn từ hôm qua…"),
    ],
)
def test_a_title_is_the_first_words_cut_at_a_word(text: str, title: str) -> None:
    assert title_of(text) == title
    assert len(title_of(text)) <= 40


@pytest.mark.parametrize("most", range(1, 45))
def test_a_title_never_splits_a_mask(most: int) -> None:
    title = title_of("anh [HỌ TÊN] ở [ĐỊA CHỈ] gọi [SĐT] báo mất nước", most)
    assert title.count("[") == title.count("]")
    assert len(title) <= most


def test_a_report_is_named_by_words_day_and_code() -> None:
    assert named("Mất nước ba ngày", date(2026, 11, 23), "PA-7K3FQ2M") == '"Mất nước ba ngày" (23/11, PA-7K3FQ2M)'
