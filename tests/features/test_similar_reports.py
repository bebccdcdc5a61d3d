"""Beside the report a coordinator has open stand up to three that may be about the same, of their scope alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nhipcau.handlers.buttons import ManageReport, MergeAct, MergeReports, OfficeAct
from tests.support.reports import filed, merged, step
from tests.support.world import World

pytestmark = pytest.mark.slow

HEAD = "Có thể cùng việc:"


async def test_alike_are_shown_opened_and_lead_to_their_issue(office: World) -> None:
    lan = await office.joined("Hoàng Thị Lan", "X06184")
    khoi = await office.joined("Nguyễn Văn Khôi", "X06184", "coordinator")
    first = await filed(lan, "đường liên thôn Nà Pai hỏng nặng, nhiều ổ gà")
    await filed(lan, "trường tiểu học thiếu sân chơi cho các cháu")
    await khoi.press(ManageReport(first, OfficeAct.SHOW))
    assert HEAD not in khoi.last.text
    issue = await merged(khoi, first, "Mặt bằng đi lại chưa tốt")
    second = await filed(lan, "duong lien thon na pai hong, o ga nhieu lam")
    await khoi.press(ManageReport(second, OfficeAct.SHOW))
    shown = khoi.last.text.split(HEAD)[1]
    assert (
        f'• "đường liên thôn Nà Pai hỏng nặng, nhiều…" (23/11, {first}) – xã Đồng Đăng, đã tiếp nhận ({issue})' in shown
    )
    assert "sân chơi" not in shown
    await khoi.press(MergeReports(second, MergeAct.MERGE))
    assert "Mặt bằng đi lại chưa tốt" in khoi.labels()
    await khoi.press(ManageReport(second, OfficeAct.SHOW))
    await step(khoi, "Xem báo cáo giống")
    await khoi.tap("đường liên thôn Nà Pai hỏng nặng, nhiều ổ gà")
    assert f"{first} · 23/11" in khoi.last.text


async def test_none_of_another_scope_withdrawn_or_long_past(office: World) -> None:
    lan = await office.joined("Hoàng Thị Lan", "X06184")
    khoi = await office.joined("Nguyễn Văn Khôi", "X06184", "coordinator")
    binh = await office.joined("Lê Thị Bình", "T20", "coordinator")
    words = "đường liên thôn hỏng nặng, nhiều ổ gà"
    elsewhere = await filed(lan, words, area="Xã Văn Lãng")
    here = await filed(lan, words)
    await khoi.press(ManageReport(here, OfficeAct.SHOW))
    assert HEAD not in khoi.last.text
    await binh.press(ManageReport(here, OfficeAct.SHOW))
    assert elsewhere in khoi.last.text + binh.last.text
    assert elsewhere not in khoi.last.text
    gone = await filed(lan, words + " lắm")
    await lan.say(gone)
    await lan.tap("Rút lại")
    await lan.tap("Rút lại")
    await khoi.press(ManageReport(here, OfficeAct.SHOW))
    assert gone not in khoi.last.text
    office.now += timedelta(days=61)
    later = await filed(lan, words + " quá")
    await khoi.press(ManageReport(later, OfficeAct.SHOW))
    assert HEAD not in khoi.last.text
