"""How long things are kept (rule R23), under a clock that the tests set; what is taken back is gone at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from nhipcau.handlers.buttons import ManageReport, MyReport, MyReportAct, OfficeAct
from nhipcau.intake.transaction import Dispatcher
from nhipcau.storage import retention
from nhipcau.storage.reports import EMPTIED
from nhipcau.storage.tables import metadata, report_notes, report_photos, reports
from tests.support.requests import answer_all, ask, crowd, csv_rows, end, yesno
from tests.support.world import World

pytestmark = pytest.mark.slow

#: Every table that holds something of a request.
OF_REQUESTS = [
    *("requests", "participation", "guards", "poll_answers", "official_answers", "answer_notes"),
    *("participation_counts", "official_counts", "poll_counts"),
]
RAPID = {"title": "Mưa lũ", "questions": [{"text": "Có sạt lở không?", "kind": "yesno"}]}


async def counted(world: World) -> dict[str, int]:
    found = {}
    for name in OF_REQUESTS:
        [row] = await world.rows(select(func.count()).select_from(metadata.tables[name]))
        found[name] = row[0]
    return found


async def test_requests_and_their_answers_end_after_their_term(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """R23: poll answers, official answers, their texts and notes, participation and the requests themselves."""
    phones = await crowd(world, 6)
    khoi = await world.joined("Nguyễn Văn Khôi", role="coordinator")
    poll = await ask(world, yesno("Thuận không?"))
    await answer_all(phones, ["Có"] * 6)
    rapid = await ask(world, RAPID, "rapid")
    await answer_all(phones, ["Có"] * 6)
    await end(world, await ask(world, yesno("Bỏ?")), stop=True)
    for id in (poll, rapid):
        await end(world, id)
    before = await counted(world)
    assert min(before[name] for name in ("participation", "poll_answers", "official_answers", "poll_counts")) > 0
    # a batch of two at a time: long terms end in short transactions
    monkeypatch.setattr(retention, "BATCH", 2)
    world.now += timedelta(days=24 * 30)
    await world.clock.sweep()
    assert await counted(world) == before
    world.now += timedelta(days=45)
    await world.clock.sweep()
    assert await counted(world) == dict.fromkeys(OF_REQUESTS, 0)
    await khoi.say("kết quả")
    assert "Thuận" not in khoi.last.text


async def test_what_is_still_open_stays_whatever_its_age(world: World) -> None:
    phones = await crowd(world, 5)
    await ask(world, {**yesno("Còn mở?"), "close": "366d"})
    await answer_all(phones, ["Có"] * 5)
    world.parts.settings.report_months = 1
    world.now += timedelta(days=300)
    await world.clock.sweep()
    assert (await counted(world))["poll_answers"] == 5


async def test_a_withdrawn_report_says_nothing_any_more(world: World) -> None:
    """R23, F15: its words, pictures and tag are gone at once from database, inbox and export; that it was stays."""
    deleted: set[str] = set()

    async def forget(names: set[str]) -> None:
        deleted.update(names)

    world.dispatch = Dispatcher(world.committing(forget_files=forget))
    khoi = await world.joined("Nguyễn Văn Khôi", "X06184", "coordinator")
    lan = await world.joined("Hoàng Thị Lan", "X06184")
    await lan.say("báo cáo")
    await lan.say("quạ khoang đậu trên cột điện")
    for label in ("Giao thông, hạ tầng", "Xã Đồng Đăng", "Cả thôn, khối", "Băn khoăn", "Theo kỳ báo cáo"):
        await lan.tap(label)
    await lan.photo("aaaabbbbccccdddd.jpg")
    await lan.tap("Gửi")
    code = "PA-" + lan.last.text.split("PA-")[1][:7]
    await lan.press(MyReport(code, MyReportAct.WITHDRAW))
    assert "lời và ảnh bị xóa ngay" in lan.last.text
    await lan.tap("Rút lại")
    assert lan.last.text.startswith("Đã rút báo cáo")
    [row] = await world.rows(select(reports))
    for column, value in EMPTIED.items():
        assert getattr(row, column) == (value if isinstance(value, str | int | None) else None), column
    assert row.state == "withdrawn"
    assert await world.rows(select(report_notes)) == await world.rows(select(report_photos)) == []
    assert deleted == {"aaaabbbbccccdddd.jpg"}
    for table in metadata.tables.values():
        for found in await world.rows(select(table)):
            assert not [value for value in found if "quạ khoang" in str(value)], table.name
    [line] = await csv_rows(world, "reports")
    assert (line["code"], line["state"], line["text"], line["topic_label"]) == (code, "withdrawn", "", "")
    await khoi.say("hộp thư")
    assert "quạ khoang" not in khoi.last.text
    await khoi.press(ManageReport(code, OfficeAct.RECEIVED, "new"))
    assert khoi.last.text == "Người gửi đã rút báo cáo này."
    await lan.say("của tôi")
    assert code not in lan.last.text
    await lan.press(MyReport(code, MyReportAct.WITHDRAW_SURE))
    assert lan.last.text.startswith("Không tìm thấy báo cáo đó nữa.")
