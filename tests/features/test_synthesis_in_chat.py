"""`tổng hợp` in the chat: the document of the last period, five lines and the chart, within the scope."""

from __future__ import annotations

from datetime import date

import pytest

from nhipcau.handlers.buttons import PagedList, ShowPage, ShowSynthesis
from tests.support.kept_syntheses import actor_of, check, data_of, drafted, fill, kept_now, signed
from tests.support.syntheses import CANARIES, Row, lines, put_reports
from tests.support.world import World

pytestmark = pytest.mark.slow

DAY = date(2026, 10, 14)


def report(mood: str = "buc_xuc", topic: str = "DN", area: str = "X06040") -> Row:
    return Row(DAY, area, topic, mood, 3, "new", "")


async def test_leaders_get_five_lines_chart_and_document(world: World) -> None:
    await put_reports(world, [report(), report(topic="GT"), report("phan_khoi", area="X06184")])
    boss = await world.joined("Ông Sếp", "T20", "leader")
    office = await actor_of(world, "office", "T20")
    kept = await signed(world, office, office, "T20")
    document, summary = (await boss.say("tổng hợp"))[-2:]
    assert (document.file, document.file_name) == (kept.file, "Tổng hợp tháng 10-2026, Tỉnh Lạng Sơn.docx")
    assert document.text == "Báo cáo tổng hợp tháng 10/2026, tỉnh Lạng Sơn: đã ký."
    said = summary.text.split("\n")
    assert len(said) == 5
    assert said[1] == "Phản ánh: 3 (kỳ trước 0, +3)."
    assert said[2] == "Tâm trạng: phấn khởi 1, bức xúc 2."
    assert said[4] == "Nơi nhiều nhất: Xã Thất Khê 2, Xã Đồng Đăng 1."
    assert '"mark":{"type":"bar"}' in summary.draw
    whole = [*lines(data_of(world, kept)), summary.text, summary.draw]
    assert [canary for canary in CANARIES if canary in "\n".join(whole)] == []


async def test_a_draft_says_what_waits_and_a_checked_one_where_it_is_signed(world: World) -> None:
    hanh = await world.joined("Chị Hạnh", "X06040", "coordinator")
    boss = await world.joined("Ông Sếp", "X06040", "leader")
    actor = await actor_of(world, "coordinator", "X06040")
    await drafted(world, actor, "X06040", "2026-09")
    kept = await drafted(world, actor, "X06040")
    document, summary = (await hanh.say("tổng hợp"))[-2:]
    assert document.file_name == "Tổng hợp tháng 10-2026, Xã Thất Khê (dự thảo).docx"
    assert "Còn 2 chỗ chưa có người viết." in summary.text
    await fill(world, actor, kept)
    now = await kept_now(world, kept.id)
    assert now is not None
    await check(world, actor, now)
    assert "để đọc và ký" in (await boss.say("tổng hợp"))[-1].text
    assert "để đọc và ký" not in (await hanh.say("tổng hợp"))[-1].text
    await hanh.tap("Số liệu của kỳ")
    assert "Tổng hợp tháng 10/2026" in hanh.last.text
    now = await kept_now(world, kept.id)
    assert now is not None
    assert (await hanh.tap("Báo cáo (Word)"))[-2].file == now.file


async def test_another_units_document_is_not_sent(world: World) -> None:
    other = await world.joined("Lý Thị Chi", "X06184", "leader")
    kept = await drafted(world, await actor_of(world, "office", "X06040"), "X06040")
    assert "xem tổng hợp kỳ nào" in (await other.say("tổng hợp"))[-1].text
    answered = await other.press(ShowSynthesis(kept.id))
    assert "không còn nữa" in answered[-1].text
    assert [message.file for message in answered] == [""]


async def test_those_above_open_what_was_signed_below(world: World) -> None:
    await put_reports(world, [report(), report(area="X06184")])
    boss = await world.joined("Ông Sếp", "T20", "leader")
    office = await actor_of(world, "office", "T20")
    assert "xem tổng hợp kỳ nào" in (await boss.say("tổng hợp"))[-1].text
    signed_ones = [await signed(world, office, office, unit) for unit in ("X06040", "X06184")]
    await drafted(world, office, "X06043")
    listed = (await boss.say("tổng hợp"))[-1]
    assert "đã ký 2 báo cáo tổng hợp" in listed.text
    assert boss.labels()[:2] == ["Xã Thất Khê, tháng 10/2026", "Xã Đồng Đăng, tháng 10/2026"]
    document = (await boss.tap("Xã Đồng Đăng, tháng 10/2026"))[-2]
    assert document.file == signed_ones[1].file
    await drafted(world, office, "T20")
    await boss.say("tổng hợp")
    assert "Bản cấp dưới đã ký" in boss.labels()
    await boss.tap("Bản cấp dưới đã ký")
    assert "Xã Thất Khê, tháng 10/2026" in boss.labels()
    # nobody reads those of a unit beside their own
    other = await world.joined("Lý Thị Chi", "X06184", "leader")
    await other.say("tổng hợp")
    assert "Bản cấp dưới đã ký" not in other.labels()
    await other.press(ShowPage(PagedList.SYNTHESES, 0))
    assert "Thất Khê" not in " ".join([other.last.text, *other.labels()])
