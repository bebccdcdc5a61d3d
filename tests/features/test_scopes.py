"""Every button of an office, pressed by a coordinator of a sister commune who came by its data: refused, and nothing
changes. What a coordinator reads of others' answers ends at their own unit."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from nhipcau.bot.messaging.button import Button
from nhipcau.handlers.buttons import (
    AnswerOnBehalf,
    BoardAct,
    ChooseUnitOnBehalf,
    ManageIssue,
    ManageMember,
    ManageReport,
    ManageRequest,
    ManageRule,
    MemberAct,
    MergeAct,
    MergeReports,
    OfficeAct,
    RuleAct,
)
from nhipcau.storage import tables
from tests.support.people import id_of
from tests.support.reports import filed, merged
from tests.support.requests import answer_all, ask, crowd, end, lay_down, read_all, yesno
from tests.support.world import World

HERE, THERE = "X06184", "X06040"
_KEPT = (
    *(tables.requests, tables.rules, tables.reports, tables.report_notes, tables.issues, tables.issue_acts),
    *(tables.people, tables.invites, tables.official_answers, tables.poll_answers),
)


async def _rows(world: World) -> dict[str, list[Any]]:
    return {table.name: sorted(map(repr, await world.rows(select(table)))) for table in _KEPT}


@pytest.mark.slow
async def test_no_button_of_another_commune_shows_or_changes_anything(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan", HERE)
    khoi = await world.joined("Nguyễn Văn Khôi", HERE, "coordinator")
    far = await world.joined("Đinh Văn Xa", THERE, "coordinator")
    report, other = await filed(lan, "đường liên thôn hỏng"), await filed(lan, "cầu treo hỏng ván")
    issue = await merged(khoi, other, "Cầu treo hỏng ván nhiều ngày")
    rapid = await ask(world, yesno("Rét hại thế nào?", deadline="10h"), "rapid", unit=HERE)
    rule = await lay_down(world)
    lan_id = await id_of(world, "Hoàng Thị Lan")
    buttons: list[Button] = [
        *(ManageRequest(rapid, act) for act in BoardAct),
        *(ManageRule(rule, act) for act in RuleAct),
        *(ManageReport(report, act) for act in OfficeAct if act not in {OfficeAct.NEXT, OfficeAct.OPEN}),
        *(MergeReports(report, act, issue) for act in MergeAct),
        *(ManageIssue(issue, act) for act in OfficeAct),
        *(ManageMember(lan_id, act) for act in MemberAct),
        *(ChooseUnitOnBehalf(rapid), AnswerOnBehalf(rapid, HERE)),
    ]
    await far.read()
    before, shown = await _rows(world), len(far.messages)
    for button in buttons:
        await far.press(button)
    # nothing they were led to is carried out by going on either
    for words in ("Có", "1", "Gửi", "tôi xem rồi"):
        await far.say(words)
        await far.say("hủy")
    assert await _rows(world) == before
    words = " ".join(message.text for message in far.messages[shown:])
    secret = ("liên thôn", "Cầu treo", "Rét hại", "Hoàng Thị Lan")
    assert [each for each in secret if each in words] == []


async def test_answers_of_a_sister_commune_are_not_read(world: World) -> None:
    here, there = await world.joined("Hoàng Thị Lan", HERE), await world.joined("Nông Thị Mùi", THERE)
    khoi = await world.joined("Nguyễn Văn Khôi", HERE, "coordinator")
    file = {"title": "Rét hại", "questions": [{"text": "Đàn vật nuôi thế nào?", "kind": "text"}], "deadline": "10h"}
    id = await ask(world, file, "rapid", unit="T20")
    for phone, words in ((here, "ba con trâu yếu ở đây"), (there, "hai con bò chết bên kia")):
        await phone.read()
        await phone.say(words)
        if "Gửi" in phone.labels():
            await phone.tap("Gửi")
    await khoi.press(ManageRequest(id, BoardAct.RESULT))
    read = " ".join(message.text for message in khoi.messages)
    assert "trâu yếu" in read
    assert "bò chết" not in read


@pytest.mark.slow
async def test_the_summary_of_a_request_ends_at_ones_own_unit_too(world: World) -> None:
    here, there = await world.joined("Hoàng Thị Lan", HERE), await world.joined("Nông Thị Mùi", THERE)
    khoi = await world.joined("Nguyễn Văn Khôi", HERE, "coordinator")
    file = {"title": "Rét hại", "questions": [{"text": "Đàn vật nuôi thế nào?", "kind": "text"}], "deadline": "10h"}
    id = await ask(world, {**file, "audience": {"units": [HERE, THERE]}}, "rapid", unit=HERE)
    for phone, words in ((here, "ba con trâu yếu ở đây"), (there, "hai con bò chết bên kia")):
        await phone.read()
        await phone.say(words)
        if "Gửi" in phone.labels():
            await phone.tap("Gửi")
    await end(world, id)
    read = " ".join(message.text for message in await khoi.read())
    assert "trâu yếu" in read
    assert "bò chết" not in read


@pytest.mark.slow
async def test_who_has_paused_is_told_no_decision(world: World) -> None:
    phones = await crowd(world, 6, HERE)
    khoi = await world.joined("Nguyễn Văn Khôi", HERE, "coordinator")
    id = await ask(world, yesno(), unit=HERE)
    await answer_all(phones, ["Có"] * 6)
    await phones[0].say("dừng")
    await phones[0].tap("Tạm nghỉ")
    await end(world, id)
    await read_all(phones)
    await khoi.press(ManageRequest(id, BoardAct.DECIDE))
    await khoi.say("Từ tuần sau xã tiếp dân thêm sáng thứ Bảy.")
    await khoi.tap("Gửi")
    await world.wait(seconds=5)
    heard = [bool([m for m in await phone.read() if "sáng thứ Bảy" in m.text]) for phone in phones]
    assert heard == [False] + [True] * 5


@pytest.mark.slow
async def test_free_words_of_a_poll_are_for_the_unit_that_asked(world: World) -> None:
    phones = await crowd(world, 6, HERE)
    khoi = await world.joined("Nguyễn Văn Khôi", HERE, "coordinator")
    above = await world.joined("Trần Thị Hòa", "T20", "coordinator")
    id = await ask(world, {"title": "Giờ tiếp dân", "questions": [{"text": "Ý kiến?", "kind": "text"}]}, unit=HERE)
    await read_all(phones)
    for n, phone in enumerate(phones):
        await phone.say(f"xin mở cửa sớm hơn lần {n}")
        if "Gửi" in phone.labels():
            await phone.tap("Gửi")
    await end(world, id)
    for reader, reads in ((khoi, True), (above, False)):
        await reader.press(ManageRequest(id, BoardAct.RESULT))
        assert ("mở cửa sớm" in " ".join(message.text for message in reader.messages)) is reads
