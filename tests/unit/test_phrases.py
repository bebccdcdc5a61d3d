"""What reports say without names, numbers, masks and places; for any text at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhipcau.insight.phrases import parts_of, runs
from nhipcau.privacy.screening_places import EVERYWHERE, KnownPlaces


def words(text: str, places: KnownPlaces = EVERYWHERE) -> list[str]:
    return [" ".join(typed for _, typed in part) for part in parts_of(text, places)]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Nước đục quá. Bà con lo", ["nước đục quá", "bà con lo"]),
        ("nước đục\nSông cạn", ["nước đục", "sông cạn"]),
        ("gặp Lường Sẩu rồi về", ["gặp", "rồi về"]),
        ("Lường Sẩu đã về", ["đã về"]),
        ("thẻ BHYT chưa có", ["thẻ bhyt chưa có"]),
        ("gọi [HỌ TÊN] theo số [SĐT] gấp", ["gọi", "theo số", "gấp"]),
        ("từ 12/11 ở km18 hỏng", ["từ", "ở", "hỏng"]),
        ("đường ở đồng đăng hỏng", ["đường ở", "hỏng"]),
        ("o dong dang mat nuoc", ["o", "mat nuoc"]),
        ("thôn slam khuổi mất nước", ["thôn", "mất nước"]),
        ("MẤT NƯỚC RỒI", ["mất nước rồi"]),
    ],
)
def test_what_is_left_out_parts_the_rest(text: str, left: list[str]) -> None:
    assert words(text, KnownPlaces(["Xã Đồng Đăng"])) == left


@given(st.text(max_size=120) | st.text("ab Đđ.[]12\nÁn,", max_size=60))
def test_runs_are_letters_and_stand_in_one_part(text: str) -> None:
    parts = parts_of(text, EVERYWHERE)
    assert all(syllable.isalpha() for part in parts for syllable, _ in part)
    for length in (1, 2, 4):
        lines = [tuple(syllable for syllable, _ in part) for part in parts]
        for run in runs(parts, length):
            assert len(run) == length
            assert any(run == line[n : n + length] for line in lines for n in range(len(line)))
