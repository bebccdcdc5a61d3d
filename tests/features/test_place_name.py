"""What was masked as a name and is a place: the sender types the place again, and the reader sees that they said so."""

from __future__ import annotations

import pytest

from tests.support.world import World

pytestmark = pytest.mark.slow

_TYPED = "xe tải chạy qua chợ ông Hùng Sơn làm bụi"


async def _masked(world: World, words: str = _TYPED):  # type: ignore[no-untyped-def]
    lan = await world.joined("Lan")
    await lan.say("báo cáo")
    await lan.say(words)
    assert "[HỌ TÊN]" in lan.last.text
    return lan


async def test_a_place_typed_again_is_kept_with_the_senders_word(world: World) -> None:
    lan = await _masked(world)
    await lan.tap("Đây là tên nơi")
    assert "Bác gõ lại tên nơi ấy" in lan.last.text
    await lan.say("Hùng Sơn")
    assert "chợ ông Hùng Sơn (người gửi nói đây là tên nơi) làm bụi" in lan.last.text
    assert "lĩnh vực nào" in lan.last.text


async def test_the_words_before_it_may_be_typed_with_it(world: World) -> None:
    lan = await _masked(world, "tắc ở ngã tư gặp Toản suốt buổi")
    await lan.tap("Đây là tên nơi")
    await lan.say("ngã tư Gặp Toản")
    assert "ở ngã tư gặp Toản (người gửi nói đây là tên nơi) suốt" in lan.last.text


async def test_the_choice_can_be_typed_as_a_word_or_a_number(world: World) -> None:
    lan = await _masked(world)
    number = [choice.label for choice in lan.last.choices].index("Đây là tên nơi") + 1
    for words in ("day la ten noi", str(number), f"{number}."):
        await lan.say(words)
        assert "Bác gõ lại tên nơi ấy" in lan.last.text
        await lan.tap("Để nguyên")


@pytest.mark.parametrize(
    ("typed", "answered"),
    [
        ("0912 000 345", "chỉ nhận tên nơi"),
        ("không chín một hai", "chỉ nhận tên nơi"),
        ("Nà Lốc 0912", "chỉ nhận tên nơi"),
        ("anh Tuấn", "Tên người thì tôi vẫn che"),
        ("xe tải chạy qua chợ Hùng Sơn làm bụi mù", "không cần cả câu"),
        ("TÀI LIỆU MẬT", "dấu hiệu tài liệu mật"),
    ],
)
async def test_only_a_places_name_is_taken(world: World, typed: str, answered: str) -> None:
    lan = await _masked(world)
    await lan.tap("Đây là tên nơi")
    await lan.say(typed)
    assert answered in lan.last.text
    await lan.say("Hùng Sơn")
    assert "Hùng Sơn (người gửi nói đây là tên nơi)" in lan.last.text


async def test_of_several_masked_names_the_sender_picks_one(world: World) -> None:
    lan = await _masked(world, "bà Hoa ở gần chợ ông Hùng Sơn kêu ồn")
    await lan.tap("Đây là tên nơi")
    assert lan.last.text == "Chỗ nào là tên nơi ạ?"
    await lan.tap("chợ ông [HỌ TÊN] kêu ồn")
    await lan.say("Hùng Sơn")
    assert "bà [HỌ TÊN] ở gần chợ ông Hùng Sơn (người gửi" in lan.last.text


@pytest.mark.parametrize("word", ["lùi", "hủy"])
async def test_leaving_it_keeps_the_mask_and_the_form(world: World, word: str) -> None:
    lan = await _masked(world)
    await lan.tap("Đây là tên nơi")
    await lan.say(word)
    assert "lĩnh vực nào" in lan.last.text
    await lan.tap("Giao thông, hạ tầng")
    assert "Ở xã, phường nào" in lan.last.text


async def test_without_a_masked_name_nothing_is_offered(world: World) -> None:
    lan = await world.joined("Lan")
    await lan.say("báo cáo")
    await lan.say("gọi 0912 000 345 không ai nghe")
    assert "[SĐT]" in lan.last.text
    assert "Đây là tên nơi" not in [choice.label for choice in lan.last.choices]
