"""Issues: made and taken apart by people, weighed in bands, answered once for all who stand behind them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from nhipcau.bot.language.similarity import ALIKE, most_similar, similarity
from nhipcau.bot.messaging.events import Event, EventKind
from nhipcau.handlers.buttons import ManageIssue, ManageReport, MergeAct, MergeReports, OfficeAct
from nhipcau.privacy.suppression import band_of
from nhipcau.storage.tables import issue_acts, issues, reports, supports
from tests.support import DATA
from tests.support.reports import answer, filed, merged, state, step, texts_on
from tests.support.world import Phone, World

pytestmark = pytest.mark.slow

ROAD = "đường liên thôn hỏng nặng, ổ gà nhiều"
STATEMENT = "Đường liên thôn nhiều ổ gà"
WORDS = "Tháng sau rải đá cả tuyến"


async def joins(phone: Phone) -> None:
    """The report ends in "Cũng vậy"."""
    await filed(phone, "đường liên thôn lắm ổ gà", also=STATEMENT)


# ------------------------------------------------------------------ similarity


def cases() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """(statement, report) about the same, and about something else of the same topic."""
    found: list[tuple[str, str, dict[str, list[str]]]] = []
    for line in (DATA / "likeness_cases.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("= "):
            topic, _, statement = line[2:].partition(" | ")
            found.append((topic, statement, {"+": [], "-": []}))
        elif line[:2] in {"+ ", "- "}:
            found[-1][2][line[0]].append(line[2:])
    same = [(statement, report) for _, statement, under in found for report in under["+"]]
    others = [
        (statement, report)
        for topic, statement, _ in found
        for its, theirs, under in found
        if its == topic
        for report in [*under["-"], *(under["+"] if theirs != statement else [])]
    ]
    return same, others


def test_the_bound_finds_nearly_all_and_little_else() -> None:
    same, others = cases()
    right = sum(similarity(*pair) >= ALIKE for pair in same)
    wrong = sum(similarity(*pair) >= ALIKE for pair in others)
    assert len(same) >= 50
    assert len(others) >= 150
    recall, precision = right / len(same), right / (right + wrong)
    assert recall >= 0.93, recall
    assert precision >= 0.93, precision


_SAYINGS = st.text(st.sampled_from("đường hỏng ổ gà nước mất rác chợ cầu treo 12 . , A"), max_size=60)


@given(_SAYINGS, st.lists(_SAYINGS, max_size=6))
def test_suggestions_are_few_alike_and_among_those_given(text: str, statements: list[str]) -> None:
    among = [(str(n), statement) for n, statement in enumerate(statements)]
    found = most_similar(text, among)
    scores = [similarity(text, statements[int(key)]) for key in found]
    assert len(found) == len(set(found)) <= 3
    assert scores == sorted(scores, reverse=True)
    assert all(score >= ALIKE for score in scores)
    assert all(similarity(text, s) == similarity(s, text) for s in statements)


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_a_band_tells_no_number_between_one_and_five_apart(one: int, other: int) -> None:
    assert (band_of(one) == band_of(other)) is (one == other or min(one, other) >= 5 or {one, other} <= {2, 3, 4})


# ------------------------------------------------------------------ merging and taking apart


async def test_a_merge_is_undone_within_thirty_days_and_its_history_stays(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan", "X06184")
    khoi = await world.joined("Nguyễn Văn Khôi", "X06184", "coordinator")
    code = await filed(lan, ROAD)
    issue = await merged(khoi, code, STATEMENT)
    world.now += timedelta(days=30)
    await khoi.press(ManageReport(code, OfficeAct.SHOW))
    await step(khoi, "Tách ra")
    assert khoi.last.text == f'Đã tách "{ROAD}" (23/11, {code}) khỏi {issue}.'
    await khoi.press(MergeReports(code, MergeAct.INTO, issue))
    world.now += timedelta(days=31)
    await khoi.press(ManageReport(code, OfficeAct.SHOW))
    await khoi.tap("Xử lý khác …")
    assert "Tách ra" not in khoi.labels()
    await khoi.press(MergeReports(code, MergeAct.SPLIT))
    assert khoi.last.text.startswith("Đã gộp quá 30 ngày nên không tách được nữa.")
    acts = await world.rows(select(issue_acts.c.day, issue_acts.c.act).order_by(issue_acts.c.day, issue_acts.c.act))
    assert [act for _, act in acts] == ["merge", "merge", "split"]
    assert (await world.rows(select(reports.c.issue)))[0][0] == issue


@pytest.mark.slow
async def test_who_merges_second_sees_that_it_is_merged(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan", "X06184")
    phones = [await world.joined(f"Cán bộ {n}", "X06184", "coordinator") for n in range(2)]
    code = await filed(lan, ROAD)
    for phone in phones:
        await phone.press(MergeReports(code, MergeAct.NEW))
        await phone.say(STATEMENT)
    await phones[0].tap("Gửi")
    await phones[1].tap("Gửi")
    assert phones[1].last.text.startswith("Báo cáo này đã thuộc vấn đề VD-")
    assert len(await world.rows(select(issues))) == 1
    assert [row.act for row in await world.rows(select(issue_acts))] == ["merge"]


@pytest.mark.slow
async def test_only_owners_and_those_above_change_an_issue_leaders_read(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan", "X06184")
    binh = await world.joined("Lê Thị Bình", "T20", "coordinator")
    khoi = await world.joined("Nguyễn Văn Khôi", "X06184", "coordinator")
    far = await world.joined("Cán bộ Xa", "X06001", "coordinator")
    chief = await world.joined("Lãnh đạo", "X06184", "leader")
    issue = await merged(binh, await filed(lan, ROAD), STATEMENT)
    for phone in (khoi, chief):
        await phone.say("vấn đề")
        await phone.say("1")
        assert STATEMENT in phone.last.text
        assert phone.labels() == ["Các vấn đề"]
    await khoi.press(ManageIssue(issue, OfficeAct.DONE, "open"))
    assert khoi.last.text.startswith("Vấn đề này do Tỉnh Lạng Sơn phụ trách.")
    await far.say("vấn đề")
    assert far.last.text.startswith("Chưa có vấn đề nào đang mở.")
    await far.press(ManageIssue(issue))
    assert far.last.text.startswith("Không thấy vấn đề này")
    await chief.press(MergeReports((await world.rows(select(reports.c.code)))[0][0], MergeAct.MERGE))
    assert chief.last.text.startswith("Việc này không thuộc vai trò của bác.")
    await lan.say("vấn đề")
    assert lan.last.text.startswith("Việc này không thuộc vai trò của bác.")
    assert ROAD not in " ".join(texts_on(chief))


@pytest.mark.slow
async def test_of_two_who_answer_an_issue_the_second_sees_it_as_it_is(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan", "X06184")
    khoi = await world.joined("Nguyễn Văn Khôi", "X06184", "coordinator")
    binh = await world.joined("Lê Thị Bình", "T20", "coordinator")
    issue = await merged(khoi, await filed(lan, ROAD), STATEMENT)
    await binh.press(ManageIssue(issue, OfficeAct.NOT_POSSIBLE, "open"))
    await binh.say("Chưa có kinh phí")
    await answer(khoi, issue, "Đang xử lý")
    await binh.tap("Gửi")
    assert binh.last.text.startswith("Vừa được đổi sang: đang xử lý.")
    await binh.press(ManageIssue(issue, OfficeAct.DONE, "open"))
    assert binh.last.text.startswith("Vừa được đổi sang: đang xử lý.")
    assert (await world.rows(select(issues.c.state)))[0][0] == "in_progress"


async def test_of_two_who_change_an_issue_at_once_one_is_told(world: World) -> None:
    """One batch holds both presses: neither decision saw the other, so the rows must."""
    lan = await world.joined("Hoàng Thị Lan", "X06184")
    phones = [await world.joined(f"Cán bộ {n}", "X06184", "coordinator") for n in range(2)]
    issue = await merged(phones[0], await filed(lan, ROAD), STATEMENT)
    await lan.read()
    pressed = ManageIssue(issue, OfficeAct.IN_PROGRESS, "open").pack()
    both = [Event("web", world.next_event(), phone.address, EventKind.TAP, data=pressed) for phone in phones]
    await world.dispatch.submit(both)
    heard = [(await phone.read())[-1].text for phone in phones]
    assert sum(words.startswith("Đã ghi:") for words in heard) == 1, heard
    assert sum(words.startswith("Vừa được đổi sang: đang xử lý.") for words in heard) == 1, heard
    assert len([m for m in await lan.read() if "đang xử lý" in m.text]) == 1


# ------------------------------------------------------------------ one answer for all


@pytest.mark.slow
async def test_each_person_hears_once_whatever_they_contributed(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan", "X06184")
    mui = await world.joined("Nông Thị Mùi", "X06184")
    aside = await world.joined("Người Ngoài", "X06184")
    khoi = await world.joined("Nguyễn Văn Khôi", "X06184", "coordinator")
    first, second = await filed(lan, ROAD), await filed(lan, "đường liên thôn toàn ổ gà")
    issue = await merged(khoi, first, STATEMENT)
    await khoi.press(MergeReports(second, MergeAct.INTO, issue))
    await joins(mui)
    await joins(lan)
    assert lan.last.text.startswith("Bác đã góp vào vấn đề này rồi")
    await lan.read()
    await answer(khoi, issue, "Đã giải quyết", WORDS)
    for phone in (lan, mui):
        assert len([m for m in await phone.read() if WORDS in m.text]) == 1
    assert await aside.read() == []
    assert [await state(world, code) for code in (first, second)] == ["done", "done"]
    row = (await world.rows(select(issues)))[0]
    assert (row.state, row.answer, row.answered) == ("done", WORDS, datetime(2026, 11, 23, tzinfo=UTC).date())
    assert "3" not in khoi.last.text.replace(issue, "")
    await mui.tap("Của tôi")
    await mui.say("1")
    assert WORDS in mui.last.text


@pytest.mark.slow
async def test_those_who_can_t_be_found_hear_through_their_area_once(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan", "X06184")
    mui = await world.joined("Nông Thị Mùi", "X06184")
    khoi = await world.joined("Nguyễn Văn Khôi", "X06184", "coordinator")
    issue = await merged(khoi, await filed(lan, ROAD), STATEMENT)
    await joins(mui)
    world.now = datetime(2027, 1, 30, 2, 0, tzinfo=UTC)
    await world.clock.sweep()
    assert [tag for (tag,) in await world.rows(select(supports.c.tag)) if tag] == []
    # of this month, and so still found
    tam = await world.joined("Vi Thị Tám", "X06184")
    await joins(tam)
    for phone in (lan, mui, tam):
        await phone.read()
    await answer(khoi, issue, "Trả lời", WORDS)
    heard = {phone.address: [m.text.split("\n")[0] for m in await phone.read()] for phone in (lan, mui, tam)}
    area = ["Trả lời về một phản ánh tại Xã Đồng Đăng:"]
    assert heard[lan.address] == heard[mui.address] == area
    assert heard[tam.address] == [f'Về vấn đề bác đã phản ánh: "{STATEMENT}". Xã Đồng Đăng: đã trả lời.']
    await mui.say("của tôi")
    assert mui.last.text.startswith("Chưa có báo cáo nào của bác.")


@pytest.mark.slow
async def test_an_issue_that_has_just_ended_lets_the_report_go_its_way(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan", "X06184")
    mui = await world.joined("Nông Thị Mùi", "X06184")
    khoi = await world.joined("Nguyễn Văn Khôi", "X06184", "coordinator")
    issue = await merged(khoi, await filed(lan, ROAD), STATEMENT)
    await mui.say("báo cáo")
    await mui.say("đường liên thôn lắm ổ gà")
    for label in ("Giao thông, hạ tầng", "Xã Đồng Đăng", "Cả thôn, khối", "Băn khoăn", "Theo kỳ báo cáo"):
        await mui.tap(label)
    await answer(khoi, issue, "Đã giải quyết", WORDS)
    await mui.tap(f"Cũng vậy: {STATEMENT}")
    assert mui.last.text.startswith("Vấn đề đó vừa có trả lời rồi.")
    assert not [label for label in mui.labels() if label.startswith("Cũng vậy")]
    await mui.tap("Gửi")
    assert "Đã ghi nhận báo cáo PA-" in mui.last.text
    assert await world.rows(select(supports)) == []


@pytest.mark.slow
async def test_an_old_list_merges_nothing_into_an_issue_that_has_ended(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan", "X06184")
    khoi = await world.joined("Nguyễn Văn Khôi", "X06184", "coordinator")
    issue = await merged(khoi, await filed(lan, ROAD), STATEMENT)
    code = await filed(lan, "đường liên thôn lắm ổ gà")
    await answer(khoi, issue, "Đã giải quyết", WORDS)
    await lan.read()
    await khoi.press(MergeReports(code, MergeAct.INTO, issue))
    assert khoi.last.text.startswith("Không thấy vấn đề này")
    assert await state(world, code) == "new"
    assert await lan.read() == []


async def test_an_issue_of_another_area_is_not_offered(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan", "X06184")
    mui = await world.joined("Nông Thị Mùi", "X06040")
    khoi = await world.joined("Nguyễn Văn Khôi", "X06184", "coordinator")
    await merged(khoi, await filed(lan, ROAD), STATEMENT)
    await filed(mui, ROAD, "Xã Thất Khê")
    assert not [c for m in mui.messages for c in m.choices if c.label.startswith("Cũng vậy")]


async def test_a_long_statement_is_a_label_of_sixty_characters(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan", "X06184")
    khoi = await world.joined("Nguyễn Văn Khôi", "X06184", "coordinator")
    await merged(khoi, await filed(lan, ROAD), "Đường liên thôn nhiều ổ gà, " + "mưa xuống là lầy " * 9)
    await lan.say("báo cáo")
    await lan.say(ROAD)
    for label in ("Giao thông, hạ tầng", "Xã Đồng Đăng", "Cả thôn, khối", "Băn khoăn", "Theo kỳ báo cáo"):
        await lan.tap(label)
    offered = [label for label in lan.labels() if label.startswith("Cũng vậy")]
    assert [40 < len(label) <= 60 for label in offered] == [True]


@pytest.mark.slow
async def test_issues_and_supports_end_with_the_reports_term(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan", "X06184")
    mui = await world.joined("Nông Thị Mùi", "X06184")
    khoi = await world.joined("Nguyễn Văn Khôi", "X06184", "coordinator")
    await merged(khoi, await filed(lan, ROAD), STATEMENT)
    await joins(mui)
    world.now += timedelta(days=366 * (world.parts.settings.report_months // 12 + 1))
    await world.clock.sweep()
    for table in (reports, issues, issue_acts, supports):
        assert await world.rows(select(table)) == [], table.name


async def test_a_support_ends_by_its_age_though_its_issue_goes_on(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan", "X06184")
    mui = await world.joined("Nông Thị Mùi", "X06184")
    khoi = await world.joined("Nguyễn Văn Khôi", "X06184", "coordinator")
    issue = await merged(khoi, await filed(lan, ROAD), STATEMENT)
    await joins(mui)
    async with world.parts.database.writing() as connection:
        # a later report keeps the issue
        later = world.now.date() + timedelta(days=700)
        await connection.execute(reports.update().values(day=later))
    world.now += timedelta(days=366 * (world.parts.settings.report_months // 12 + 1))
    await world.clock.sweep()
    assert [row.code for row in await world.rows(select(issues))] == [issue]
    assert await world.rows(select(supports)) == []
