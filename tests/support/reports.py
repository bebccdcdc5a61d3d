"""Reports and what becomes of them in a world: filed, answered, merged, each in one line of a test."""

from __future__ import annotations

from sqlalchemy import select

from nhipcau.handlers.buttons import ManageIssue, ManageReport, MergeAct, MergeReports, OfficeAct
from nhipcau.storage.tables import reports
from tests.support.people import change
from tests.support.world import Phone, World


async def filed(phone: Phone, text: str, area: str = "Xã Đồng Đăng", also: str = "") -> str:
    """The code of a report about this; `also`: it ends in standing behind this issue instead, without a code."""
    await phone.say("báo cáo")
    await phone.say(text)
    for label in ("Giao thông, hạ tầng", area, "Cả thôn, khối", "Băn khoăn", "Theo kỳ báo cáo"):
        await (phone.tap(label) if label in phone.labels() else phone.say(label))
    if also:
        await phone.tap(f"Cũng vậy: {also}")
        return ""
    await phone.tap("Gửi")
    assert "Đã ghi nhận báo cáo PA-" in phone.last.text, phone.last.text
    return "PA-" + phone.last.text.split("PA-")[1][:7]


async def answer(khoi: Phone, code: str, label: str, words: str = "") -> str:
    """What the coordinator reads after saying this about the report."""
    await khoi.press(ManageIssue(code) if code.startswith("VD-") else ManageReport(code, OfficeAct.SHOW))
    await step(khoi, label)
    if words:
        await khoi.say(words)
        await khoi.tap("Gửi")
    assert "Đã ghi:" in khoi.last.text, khoi.last.text
    return khoi.last.text


async def step(khoi: Phone, label: str) -> None:
    """Take this step with the report displayed, also where it stands behind "Xử lý khác …"."""
    for way in ("Xử lý khác …", "Xem thêm"):
        if label not in khoi.labels() and way in khoi.labels():
            await khoi.tap(way)
    await khoi.tap(label)


async def merged(khoi: Phone, code: str, statement: str) -> str:
    """The code of a new issue made of this report."""
    await khoi.press(MergeReports(code, MergeAct.NEW))
    await khoi.say(statement)
    await khoi.tap("Gửi")
    assert "Đã lập vấn đề VD-" in khoi.last.text, khoi.last.text
    return "VD-" + khoi.last.text.split("VD-")[1][:7]


async def state(world: World, code: str) -> str:
    return str((await world.rows(select(reports.c.state).where(reports.c.code == code)))[0][0])


async def set_person(world: World, name: str, **values: str) -> None:
    await change(world, name, **values)


def texts_on(phone: Phone) -> list[str]:
    return [message.text for message in phone.messages]
