"""An answer of the office and its unnamed reporter: found by the tag, by nobody else, and never by name."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from nhipcau.bot.messaging.events import Event, EventKind
from nhipcau.context import build
from nhipcau.handlers.buttons import (
    ManageReport,
    MergeAct,
    MergeReports,
    MyReport,
    MyReportAct,
    OfficeAct,
    ReplyAct,
    ReplyToOffice,
)
from nhipcau.handlers.reports.compose_feedback import last_answer_day
from nhipcau.intake.transaction import Dispatcher
from nhipcau.privacy.sealing import month_key
from nhipcau.storage.retention import month_is_over
from nhipcau.storage.tables import audit, metadata, outbox, people, report_notes, reports
from tests.support.acts import acts
from tests.support.reports import answer, filed, set_person, state, texts_on
from tests.support.world import Phone, World

pytestmark = pytest.mark.slow

LAN, KHOI = "Hoàng Thị Lan", "Nguyễn Văn Khôi"
WORDS = "Đã san lấp xong hôm qua"


@pytest.fixture
async def case(world: World) -> tuple[Phone, Phone, str]:
    """A reporter, a coordinator, and the report between them."""
    lan = await world.joined(LAN, "X06184")
    khoi = await world.joined(KHOI, "X06184", "coordinator")
    return lan, khoi, await filed(lan, "đường liên thôn hỏng nặng")


async def notes(world: World) -> list[tuple[str, str, str]]:
    rows = await world.rows(select(report_notes).order_by(report_notes.c.place))
    return [(row.side, row.kind, row.text) for row in rows]


# ------------------------------------------------------------------ whom it finds


@pytest.mark.slow
async def test_feedback_of_a_destroyed_key_goes_to_the_area_and_is_answered(
    world: World, case: tuple[Phone, Phone, str]
) -> None:
    lan, khoi, code = case
    mui = await world.joined("Nông Thị Mùi", "X06184")
    far = await world.joined("Người Xa", "X06001")
    world.now = datetime(2027, 1, 30, 2, 0, tzinfo=UTC)
    await world.clock.sweep()
    await khoi.press(ManageReport(code, OfficeAct.QUESTION, "new"))
    assert "Lời này sẽ tới mọi cộng tác viên ở Xã Đồng Đăng" in khoi.last.text
    await khoi.say("Đường nào hỏng?")
    assert "Cộng tác viên ở Xã Đồng Đăng sẽ đọc:" in khoi.last.text
    await khoi.tap("Gửi")
    for phone in (lan, mui):
        assert (await phone.read())[-1].text.startswith("Hỏi thêm về một phản ánh tại Xã Đồng Đăng:")
        assert code not in phone.last.text
    assert await far.read() == []
    await mui.say("đường vào bản Khuổi Mươi")
    assert mui.last.text == "Đã chuyển câu trả lời, không kèm tên bác."
    assert (await khoi.read())[-1].text == (
        f'Có cộng tác viên của địa bàn trả lời về "đường liên thôn hỏng nặng" (23/11, {code}).'
    )
    assert (await notes(world))[-1] == ("area", "reply", "đường vào bản Khuổi Mươi")
    # whoever has no such question at hand, or serves elsewhere, can't write to it
    await far.press(ReplyToOffice(code, ReplyAct.AREA))
    assert far.last.text.startswith("Không tìm thấy báo cáo đó nữa.")
    await mui.press(ReplyToOffice(code, ReplyAct.REPLY))
    assert mui.last.text.startswith("Không tìm thấy báo cáo đó nữa.")


async def test_words_previewed_for_one_reporter_are_not_told_to_the_area(
    world: World, case: tuple[Phone, Phone, str]
) -> None:
    """The way back closes between the preview and "Gửi": the preview comes again, and says who would read it now."""
    lan, khoi, code = case
    world.now = datetime(2027, 1, 29, 2, 0, tzinfo=UTC)
    await khoi.press(ManageReport(code, OfficeAct.QUESTION, "new"))
    await khoi.say("Đường nào hỏng?")
    assert "Cộng tác viên ở Xã Đồng Đăng sẽ đọc:" not in khoi.last.text
    world.now = datetime(2027, 1, 30, 2, 0, tzinfo=UTC)
    await world.clock.sweep()
    await khoi.press(next(c.data for c in khoi.last.choices if c.label == "Gửi"))
    if "Tiếp tục" in khoi.labels():
        await khoi.tap("Tiếp tục")
        await khoi.tap("Gửi")
    assert "Cộng tác viên ở Xã Đồng Đăng sẽ đọc:" in khoi.last.text
    assert [note for note in await notes(world) if note[1] == "question"] == []
    assert await lan.read() == []


async def test_an_answer_to_somebody_replaced_is_told_to_nobody(world: World, case: tuple[Phone, Phone, str]) -> None:
    _, khoi, code = case
    mui = await world.joined("Nông Thị Mùi", "X06184")
    await set_person(world, LAN, state="left")
    await answer(khoi, code, "Đã giải quyết", WORDS)
    assert await mui.read() == []


@pytest.mark.slow
async def test_who_left_is_not_found_and_the_office_reads_the_same(
    world: World, case: tuple[Phone, Phone, str]
) -> None:
    lan, khoi, code = case
    mui = await world.joined("Nông Thị Mùi", "X06184")
    other = await filed(mui, "đường liên thôn hỏng nặng")
    await lan.say("xóa dữ liệu của tôi")
    await lan.tap("Xóa và rời hẳn")
    gone = await answer(khoi, code, "Đã giải quyết", WORDS)
    here = await answer(khoi, other, "Đã giải quyết", WORDS)
    assert gone.replace(code, "") == here.replace(other, "")
    heard = [message.text for message in await mui.read()]
    named = f'"đường liên thôn hỏng nặng" (23/11, {other})'
    assert heard == [
        f'Xã Đồng Đăng cho biết báo cáo {named} đã giải quyết:\n"{WORDS}"\nĐã ổn chưa?',
    ]
    assert await lan.read() == []


@pytest.mark.slow
async def test_a_standard_sentence_that_finds_nobody_is_told_to_nobody(
    world: World, case: tuple[Phone, Phone, str]
) -> None:
    lan, khoi, code = case
    mui = await world.joined("Nông Thị Mùi", "X06184")
    await lan.say("xóa dữ liệu của tôi")
    await lan.tap("Xóa và rời hẳn")
    assert (
        await answer(khoi, code, "Tiếp nhận") == f'Đã ghi: "đường liên thôn hỏng nặng" (23/11, {code}) – đã tiếp nhận.'
    )
    assert await mui.read() == []


async def test_a_card_on_a_new_phone_is_not_the_reporter(world: World, case: tuple[Phone, Phone, str]) -> None:
    _, khoi, code = case
    await khoi.say("mạng lưới")
    await khoi.tap(f"{LAN} – đã tham gia")
    await khoi.tap("Thẻ mới")
    card = khoi.last.text.split("Mã: ")[1].split("\n")[0]
    thief = world.phone("thief")
    await thief.say(f"/start {card}")
    await thief.tap("Đồng ý")
    await answer(khoi, code, "Trả lời", WORDS)
    assert await thief.read() == []
    assert not any(code in words for words in texts_on(thief))


async def test_who_paused_is_left_alone_and_finds_it_later(world: World, case: tuple[Phone, Phone, str]) -> None:
    lan, khoi, code = case
    mui = await world.joined("Nông Thị Mùi", "X06184")
    await lan.say("dừng")
    await lan.tap("Tạm nghỉ")
    await answer(khoi, code, "Trả lời", WORDS)
    assert [await lan.read(), await mui.read()] == [[], []]
    await lan.say("/start")
    await lan.say("của tôi")
    await lan.say("1")
    assert f'đã trả lời: "{WORDS}"' in lan.last.text


async def test_an_answer_waits_for_the_morning(world: World, case: tuple[Phone, Phone, str]) -> None:
    lan, khoi, code = case
    world.now = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
    await answer(khoi, code, "Trả lời", WORDS)
    assert await lan.read() == []
    world.now += timedelta(hours=10)
    assert WORDS in (await lan.read())[-1].text


@given(st.dates(date(2024, 1, 1), date(2030, 12, 31)), st.integers(0, 180))
def test_the_day_said_is_the_last_on_which_the_key_lives(day: date, follow_up: int) -> None:
    last = last_answer_day(day, follow_up)
    assert not month_is_over(month_key(day), last, follow_up)
    assert month_is_over(month_key(day), last + timedelta(days=1), follow_up)


# ------------------------------------------------------------------ nobody learns who the other is


async def talk(world: World, lan: Phone, khoi: Phone, code: str) -> None:
    """A whole conversation about one report."""
    await answer(khoi, code, "Xác minh")
    await answer(khoi, code, "Hỏi lại", "Đoạn nào hỏng?")
    await lan.read()
    await lan.say("đoạn gần cầu")
    await khoi.read()
    await answer(khoi, code, "Đã giải quyết", WORDS)
    await lan.read()
    await lan.tap("Chưa ổn")
    await lan.say("còn một đoạn")
    await khoi.read()
    await answer(khoi, code, "Không làm được", "Chưa có kinh phí")
    await lan.read()
    await lan.tap("Của tôi")


@pytest.mark.slow
async def test_no_phone_hears_the_others_name(world: World, case: tuple[Phone, Phone, str]) -> None:
    lan, khoi, code = case
    await talk(world, lan, khoi, code)
    greeting = len("Đã tham gia")
    theirs = [words for words in texts_on(khoi) if words[:greeting] != "Đã tham gia"]
    mine = [words for words in texts_on(lan) if words[:greeting] != "Đã tham gia"]
    assert len(theirs) > 8
    assert len(mine) > 8
    assert not [words for words in theirs if "Lan" in words.split() or LAN in words]
    assert not [words for words in mine if KHOI in words or "Khôi" in words]
    assert [kind for _, kind, _ in await notes(world)] == [
        *("verifying", "question", "reply", "done", "no", "reply", "not_possible"),
    ]


@pytest.mark.slow
async def test_no_row_and_no_moment_says_whose_report_was_answered(
    world: World, case: tuple[Phone, Phone, str]
) -> None:
    """While an answer waits, when its choices stand last in the chat, and after."""
    lan, khoi, code = case
    world.now += timedelta(minutes=17, seconds=5)
    ids = [str(row[0]) for row in await world.rows(select(people.c.id))]

    async def look() -> None:
        for table in metadata.sorted_tables:
            for row in await world.rows(select(table)):
                line = " ".join(str(value) for value in row)
                is_of_person = any(id in line for id in ids) or table.name in {"contacts", "outbox"}
                assert not (is_of_person and code in line), table.name
                assert code not in line or table is not audit

    await answer(khoi, code, "Hỏi lại", "Đoạn nào hỏng?")
    await look()
    assert await world.rows(select(audit.c.id).where(audit.c.kind == "report.question"))
    waiting = await world.rows(select(outbox))
    assert len(waiting) == 1
    # whole hours, where the audit has days only
    assert not any(moment.minute or moment.second for moment in (waiting[0].due_at, waiting[0].expires_at))
    await lan.read()
    await look()
    kept = [act for act in await acts(world) if act.shown]
    assert [(act.shown[:3], act.shown_on) for act in kept] == [("-[[", world.now.date())]
    # what stands last is known all the same: a number presses it
    await lan.say("1")
    assert lan.last.text == "Bác trả lời giúp một câu. Xin đừng ghi tên người."
    await lan.say("đoạn gần cầu")
    await look()


async def test_nobody_else_confirms_or_replies(world: World, case: tuple[Phone, Phone, str]) -> None:
    _, khoi, code = case
    mui = await world.joined("Nông Thị Mùi", "X06184")
    await answer(khoi, code, "Đã giải quyết", WORDS)
    for act in (ReplyAct.YES, ReplyAct.NO, ReplyAct.REPLY):
        for phone in (mui, khoi):
            await phone.press(ReplyToOffice(code, act))
            assert phone.last.text.startswith("Không tìm thấy báo cáo đó nữa.")
    assert [kind for _, kind, _ in await notes(world)] == ["done"]
    assert await state(world, code) == "done"


async def test_words_of_a_form_stay_in_the_form(world: World, case: tuple[Phone, Phone, str]) -> None:
    """What goes to the office can't be taken back: below a question too, a half-written report takes its own words."""
    lan, khoi, code = case
    await lan.say("báo cáo")
    await answer(khoi, code, "Hỏi lại", "Đoạn nào hỏng?")
    await lan.read()
    await lan.say("chợ nhiều rác quá")
    assert "lĩnh vực nào" in lan.last.text
    assert [kind for _, kind, _ in await notes(world)] == ["question"]


async def test_what_is_masked_is_masked_in_both_directions(world: World, case: tuple[Phone, Phone, str]) -> None:
    lan, khoi, code = case
    await answer(khoi, code, "Hỏi lại", "Gọi 0912 345 678 được không?")
    await lan.read()
    await lan.tap("Trả lời")
    await lan.say("MẬT: số 12/BC")
    await lan.say("hỏi ông Giàng A Páo, 0912345678")
    kept = " ".join(words for _, _, words in await notes(world))
    assert "[SĐT]" in kept
    assert not [word for word in ("0912", "Páo", "12/BC") if word in kept]


# ------------------------------------------------------------------ two coordinators, and one who goes


@pytest.mark.slow
async def test_of_two_coordinators_at_once_one_is_told_what_the_other_did(office: World) -> None:
    lan = await office.joined(LAN, "X06184")
    phones = [await office.joined(f"Cán bộ {n}", "X06184", "coordinator") for n in range(2)]
    parts = build(office.parts.settings)
    beside = Dispatcher(office.committer)
    try:
        for in_one_batch in (True, False):
            code = await filed(lan, "đường liên thôn hỏng nặng")
            taps = [
                Event(
                    "web",
                    office.next_event(),
                    phone.address,
                    EventKind.TAP,
                    data=ManageReport(code, OfficeAct(verb), "new").pack(),
                )
                for phone, verb in zip(phones, ("received", "verifying"), strict=True)
            ]
            if in_one_batch:
                await office.dispatch.submit(taps)
            else:
                await asyncio.gather(office.dispatch.submit(taps[:1]), beside.submit(taps[1:]))
            heard = [(await phone.read())[-1].text for phone in phones]
            assert sum(words.startswith("Đã ghi: ") for words in heard) == 1, heard
            assert sum(words.startswith("Vừa được đổi sang: ") for words in heard) == 1, heard
            assert len([kind for _, kind, _ in await notes(office)]) == (1 if in_one_batch else 2)
            assert len([m for m in await lan.read() if code in m.text]) == 1
    finally:
        await parts.database.close()


async def test_buttons_from_before_still_work(world: World, case: tuple[Phone, Phone, str]) -> None:
    _, khoi, code = case
    await khoi.press(ManageReport(code, OfficeAct.RECEIVED))
    assert khoi.last.text.endswith(f"(23/11, {code}) – đã tiếp nhận.")
    await khoi.press(ManageReport(code, OfficeAct.DONE))
    assert "Đã làm được gì?" in khoi.last.text


async def test_words_are_kept_when_somebody_else_was_quicker(world: World, case: tuple[Phone, Phone, str]) -> None:
    lan, khoi, code = case
    binh = await world.joined("Lê Thị Bình", "T20", "coordinator")
    await khoi.press(ManageReport(code, OfficeAct.NOT_POSSIBLE, "new"))
    await khoi.say("Chưa có kinh phí")
    await answer(binh, code, "Đang xử lý")
    await khoi.tap("Gửi")
    assert khoi.last.text.startswith("Vừa được đổi sang: đang xử lý.")
    assert (await state(world, code)) == "in_progress"
    await khoi.tap("Xem lại lời đang viết")
    await khoi.tap("Gửi")
    assert (await state(world, code)) == "not_possible"
    assert "Chưa có kinh phí" in (await lan.read())[-1].text
    # the same said twice is said once
    await binh.press(ManageReport(code, OfficeAct.NOT_POSSIBLE, "in_progress"))
    assert binh.last.text.startswith("Báo cáo này đang ở tình trạng")


async def test_who_coordinates_no_more_sends_no_more(world: World, case: tuple[Phone, Phone, str]) -> None:
    lan, khoi, code = case
    await khoi.press(ManageReport(code, OfficeAct.DONE, "new"))
    await khoi.say(WORDS)
    await set_person(world, KHOI, role="collaborator")
    await khoi.tap("Gửi")
    assert khoi.last.text.startswith("Việc này không thuộc vai trò của bác.")
    assert (await state(world, code), await notes(world), await lan.read()) == ("new", [], [])


async def test_a_coordinator_of_another_commune_says_nothing(world: World, case: tuple[Phone, Phone, str]) -> None:
    _, _, code = case
    far = await world.joined("Cán bộ Xa", "X06001", "coordinator")
    for data in (
        ManageReport(code, OfficeAct.DONE, "new"),
        ManageReport(code, OfficeAct.ANSWER),
        MergeReports(code, MergeAct.MERGE),
        MergeReports(code, MergeAct.NEW),
        MergeReports(code, MergeAct.SPLIT),
    ):
        await far.press(data)
        assert far.last.text.startswith("Không thấy báo cáo này trong địa bàn của bác."), data


async def test_a_new_half_written_answer_asks_what_becomes_of_the_other(
    world: World, case: tuple[Phone, Phone, str]
) -> None:
    lan, khoi, code = case
    other = await filed(lan, "cầu treo hỏng ván")
    await khoi.press(ManageReport(code, OfficeAct.DONE, "new"))
    await khoi.say(WORDS)
    await khoi.press(ManageReport(other, OfficeAct.ANSWER, "new"))
    assert khoi.labels() == ["Tiếp tục", "Bỏ"]
    await khoi.tap("Tiếp tục")
    await khoi.tap("Gửi")
    assert (await state(world, code), await state(world, other)) == ("done", "new")


async def test_a_withdrawn_report_takes_no_words(world: World, case: tuple[Phone, Phone, str]) -> None:
    lan, khoi, code = case
    await khoi.press(ManageReport(code, OfficeAct.DONE, "new"))
    await khoi.say(WORDS)
    await lan.press(MyReport(code, MyReportAct.WITHDRAW_SURE))
    await khoi.tap("Gửi")
    assert khoi.last.text.startswith("Người gửi đã rút báo cáo này.")
    assert await notes(world) == []


# ------------------------------------------------------------------ all or nothing


async def test_an_answer_that_can_t_be_put_on_its_way_changes_nothing(
    world: World, case: tuple[Phone, Phone, str]
) -> None:
    """State, note and message are one transaction: as after a kill between any two of them."""
    lan, khoi, code = case
    await khoi.press(ManageReport(code, OfficeAct.DONE, "new"))
    await khoi.say(WORDS)
    on_its_way = "CREATE TRIGGER refuse BEFORE INSERT ON outbox WHEN NEW.purpose = 'notice'"
    async with world.parts.database.writing() as connection:
        await connection.execute(text(f"{on_its_way} BEGIN SELECT RAISE(ABORT, 'no'); END"))
    await khoi.tap("Gửi")
    assert "trục trặc" in khoi.last.text
    assert (await state(world, code), await notes(world)) == ("new", [])
    assert await world.rows(select(audit.c.id).where(audit.c.kind == "report.done")) == []
    async with world.parts.database.writing() as connection:
        await connection.execute(text("DROP TRIGGER refuse"))
    # nothing was lost: the words lie where they were
    await khoi.tap("Gửi")
    assert WORDS in (await lan.read())[-1].text
    assert [kind for _, kind, _ in await notes(world)] == ["done"]


@pytest.mark.slow
async def test_notes_end_with_their_report(world: World, case: tuple[Phone, Phone, str]) -> None:
    lan, khoi, code = case
    await talk(world, lan, khoi, code)
    world.now += timedelta(days=366 * (world.parts.settings.report_months // 12 + 1))
    await world.clock.sweep()
    assert await world.rows(select(reports)) == []
    assert await notes(world) == []
