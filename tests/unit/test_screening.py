"""Personal data is masked exactly, and nothing else is touched."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nhipcau.privacy.screening import MASKS, has_classification, screen
from nhipcau.privacy.screening_places import KnownPlaces
from tests.support import DATA

CASES = [
    line
    for line in (DATA / "screening_cases.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
#: Typed and masked: look-alike letters, digits of other shapes, unseen signs between digits.
_LOOKALIKES = [
    line.split("\t") for line in (DATA / "screening_lookalikes.tsv").read_text(encoding="utf-8").split("\n") if line
]
_SPAN = re.compile(r"<(\w+)\|([^>]*)>")
_SENTENCE = (
    "gọi anh Hùng 0912 345 678 ko ai sửa đường liên thôn bà Lan CCCD 020062000519 stk 19036000012345 tại QL1A Km18+300 "
    "1.200.000đ ngày 05/02/2026 nguyen.lan@gmail.com https://a.vn/x biển 12A-123.45 xã Hoàng Văn Thụ"
)
_WORDS = st.sampled_from(_SENTENCE.split())


@pytest.mark.parametrize("case", CASES)
def test_case(case: str) -> None:
    plain = unicodedata.normalize("NFC", _SPAN.sub(lambda m: m[2], case))
    masked = _SPAN.sub(lambda m: MASKS[m[1]], case)
    assert screen(plain).text == unicodedata.normalize("NFC", masked)


@pytest.mark.parametrize(("typed", "masked"), _LOOKALIKES)
def test_what_looks_like_personal_data_is_masked(typed: str, masked: str) -> None:
    assert screen(typed).text == unicodedata.normalize("NFC", masked)


@pytest.mark.parametrize(
    "place",
    [
        *("ngã ba Nà Sla", "ngã ba Đồng Đăng", "tổ ba Kỳ Lừa", "cụm ba Hồng Phong", "thứ ba Nà Sla họp chợ"),
        *("các cháu Nà Lốc", "chị em Nà Pàn", "anh em Dao Tiền", "nga ba Na Sla", "thứ năm Bản Ngà họp chợ"),
    ],
)
def test_a_place_behind_a_number_or_many_people_stays(place: str) -> None:
    for text in (place, f"Hôm nay {place} mất điện", f"{place}: đường hỏng, xin sửa"):
        assert screen(text).text == text


def test_the_offices_own_places_stay_but_not_neighbours_of_them() -> None:
    office = KnownPlaces(["Chi bộ thôn Hoàng Văn Sáng", "Xã Lộc Yên"])
    text = "hỏi chuyện Hoàng Văn Sáng thì mất nước"
    assert screen(text, office).text == text
    assert screen(text).text == "hỏi chuyện [HỌ TÊN] thì mất nước"
    assert screen("hỏi chuyện Hoàng Văn Sang thì rõ", office).text == "hỏi chuyện [HỌ TÊN] thì rõ"
    assert screen("ông Hoàng Văn Sáng lấn đường", office).text == "ông [HỌ TÊN] lấn đường"


@given(st.lists(_WORDS, max_size=25).map(" ".join) | st.text(max_size=200))
@settings(max_examples=150, deadline=None)
def test_spans_and_idempotence(text: str) -> None:
    result = screen(text)
    normal = unicodedata.normalize("NFC", text)
    rebuilt, at = "", 0
    for found in result.found:
        assert at <= found.start < found.end <= len(normal)
        rebuilt += normal[at : found.start] + MASKS[found.kind]
        at = found.end
    assert rebuilt + normal[at:] == result.text
    assert screen(result.text).text == result.text


@pytest.mark.parametrize("link", ["https://a.vn/", "www.a.vn/", "a.vn/", "a.ly/"])
def test_a_link_is_masked_to_its_end_however_long(link: str) -> None:
    assert screen(f"xem {link}{'x' * 1500} giúp").text == "xem [LIÊN KẾT] giúp"


@pytest.mark.parametrize("text", ["TÀI LIỆU MẬT không phổ biến", "văn bản TỐI MẬT"])
def test_secrecy_mark(text: str) -> None:
    assert has_classification(text)


@pytest.mark.parametrize("text", ["mật ong rừng", "quên mật khẩu", "đường xấu"])
def test_no_secrecy_mark(text: str) -> None:
    assert not has_classification(text)
