"""Filing a report: another one after it, one of very few words, and what its receipt says."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from nhipcau.bot.language.catalogue import texts
from nhipcau.storage.tables import reports
from tests.support.reports import filed
from tests.support.world import Phone, World

pytestmark = pytest.mark.slow

_ASKED = texts("vi")("report.tell_more")


async def _at_summary(lan: Phone, text: str) -> None:
    await lan.say("báo cáo")
    await lan.say(text)
    for words in ("giao thông", "đồng đăng", "2", "băn khoăn", "1"):
        await lan.say(words)
    assert lan.labels()[0] == "Gửi"


async def _texts(world: World) -> list[str]:
    return [row.text for row in await world.rows(select(reports.c.text))]


async def test_another_report_asks_its_topic_anew_and_keeps_the_area(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan", "X06184")
    await filed(lan, "đường liên thôn hỏng nặng hai tháng nay")
    await lan.tap("Báo thêm việc khác")
    await lan.say("lợn chết hàng loạt từ hôm qua, nghi dịch tả")
    assert "lĩnh vực nào" in lan.last.text
    assert lan.labels()[0] == "Nông, lâm nghiệp"
    await lan.tap("Nông, lâm nghiệp")
    # the area was kept: the next question is about something else
    assert "xã, phường nào" not in lan.last.text
    for words in ("2", "băn khoăn", "1", "gửi"):
        await lan.say(words)
    rows = await world.rows(select(reports.c.topic, reports.c.area_id))
    assert sorted(row.topic for row in rows) == ["GT", "NN"]
    assert len({row.area_id for row in rows}) == 1


async def test_a_receipt_says_topic_area_and_mood(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan", "X06184")
    await filed(lan, "đường liên thôn hỏng nặng hai tháng nay")
    assert "Đã ghi nhận báo cáo PA-" in lan.last.text
    assert "Giao thông, hạ tầng – Xã Đồng Đăng – băn khoăn." in lan.last.text


@pytest.mark.parametrize("words", ["Mất nước", "Đường hỏng", "duong hong nang qua", "mất điện!!"])
async def test_very_few_words_are_asked_once_where_and_since_when(world: World, words: str) -> None:
    lan = await world.joined("Hoàng Thị Lan", "X06184")
    await _at_summary(lan, words)
    assert _ASKED in lan.last.text
    await lan.say("thôn Nà Han, từ hôm kia, gọi 0912 345 678")
    assert _ASKED not in lan.last.text
    assert lan.labels()[0] == "Gửi"
    # what is typed now is no answer to anything
    await lan.say("còn nữa thì để sau vậy")
    assert "Bản này chưa gửi" in lan.last.text
    await lan.tap("Gửi")
    assert await _texts(world) == [f"{words.rstrip('!')}, thôn Nà Han, từ hôm kia, gọi [SĐT]"]


async def test_very_few_words_may_be_sent_as_they_are(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan", "X06184")
    await _at_summary(lan, "Mất nước")
    await lan.say("gửi luôn")
    assert "Đã ghi nhận báo cáo PA-" in lan.last.text
    assert await _texts(world) == ["Mất nước"]


async def test_the_question_for_more_goes_with_any_other_act(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan", "X06184")
    await _at_summary(lan, "Mất nước")
    await lan.tap("Thêm …")
    await lan.tap("Lùi")
    assert _ASKED not in lan.last.text


async def test_enough_words_are_not_asked_for_more(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan", "X06184")
    await _at_summary(lan, "mất nước ở thôn Nà Han ba ngày nay")
    assert _ASKED not in lan.last.text


async def test_lists_name_reports_by_their_first_words(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan", "X06184")
    code = await filed(lan, "đường liên thôn hỏng nặng hai tháng nay không ai sửa")
    again = await filed(lan, "đường liên thôn hỏng nặng hai tháng nay không ai sửa, nhắc lại")
    other = await filed(lan, "cầu treo hỏng ván ở đầu bản")
    await lan.say("của tôi")
    assert f'• "cầu treo hỏng ván ở đầu bản" (23/11, {other}) – mới gửi' in lan.last.text
    title = "đường liên thôn hỏng nặng hai tháng nay…"
    assert {f"{title} · {code}", f"{title} · {again}", "cầu treo hỏng ván ở đầu bản"} == set(lan.labels())
    await lan.tap(f"{title} · {again}")
    assert "nhắc lại" in lan.last.text
