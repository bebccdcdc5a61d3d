"""R16 The publication sheet of a closed poll, read back from its file by another way than it was written."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from nhipcau.bot.forms.model import Form, Question, QuestionKind
from nhipcau.bot.language.catalogue import texts
from nhipcau.bot.units.tree import Unit
from nhipcau.cli.publication import publication
from nhipcau.cli.runner import CommandFailed, WrongUse
from nhipcau.cli.units import cluster_set
from nhipcau.insight.condition_words import condition_words
from nhipcau.insight.poll_results import poll_result
from nhipcau.insight.publication import Columns, Published, Sheet, publication_sheet
from nhipcau.insight.publication_file import write_sheet
from nhipcau.insight.sampling_figures import margin_of_error, weighted_shares
from nhipcau.model.poll_groups import OTHERS, GroupCount
from nhipcau.model.request_kinds import RequestKind
from nhipcau.model.requests import Audience, Request, RequestContent, RequestState, SampleDraw, Stratum
from nhipcau.model.scope import Scope
from nhipcau.model.tally import tally_of
from nhipcau.storage import running_counts, tables
from nhipcau.storage.requests import read_requests
from nhipcau.storage.units import load_tree
from tests.support.docx_reading import Table, blocks_of, text_of
from tests.support.requests import answer_all, ask, crowd, end, yesno
from tests.support.sample_polls import CROWD, FORM
from tests.support.world import MORNING, World

pytestmark = pytest.mark.slow

T = texts("vi")
UNIT = Unit(1, "T20", "Tỉnh Lạng Sơn", "tỉnh", "/T20/")
CANARY = "CANARYWORDS"


async def sheet_of(world: World, id: str) -> bytes:
    file = world.parts.settings.data_dir / "phieu.docx"
    await publication(world.parts, id, file)
    return file.read_bytes()


def items_of(data: bytes) -> dict[str, str]:
    table = next(block for block in blocks_of(data) if isinstance(block, Table))
    return dict(table.rows[1:])  # type: ignore[arg-type]


def results_in(data: bytes) -> list[str]:
    """What the file says below "Kết quả", a line each, as the chat says it without its bars."""
    blocks = blocks_of(data)
    lines = []
    for block in blocks[blocks.index("Kết quả") + 1 :]:
        if isinstance(block, str):
            lines.append(block)
        else:
            lines += [f"{row[1]} {row[0]}" for row in block.rows[1:]]
    return lines


def as_shown(text: str) -> list[str]:
    return [re.sub(r"^[▓░]{10} ", "", line) for line in text.split("\n")]


# ------------------------------------------------------------------ on both databases


async def closed(world: World, id: str, answers: Sequence[Mapping[str, Any]], silent: int, audience: Any) -> None:
    """A poll that was closed with these answers, as rows; `silent`: so many were asked besides."""
    async with world.parts.database.writing() as connection:
        unit = (await load_tree(connection)).by_code["T20"]
        request = {"id": id, "kind": "poll", "unit_id": unit.id, "title": FORM.title, "form": FORM.to_json()}
        request |= {"state": "closed", "opens_at": MORNING, "closes_at": MORNING + timedelta(days=3)}
        await connection.execute(insert(tables.requests).values(**request, audience=json.dumps(audience)))
        asked = [{"request_id": id, "person_id": f"{id}-{n}", "unit_id": unit.id} for n in range(len(answers) + silent)]
        states = ["answered"] * len(answers) + ["reached"] * silent
        rows = [{**row, "state": state} for row, state in zip(asked, states, strict=True)]
        if rows:
            await connection.execute(insert(tables.participation), rows)
        given_rows = [
            {"id": f"{id}-{n}", "request_id": id, "version": 1, "answers": json.dumps(answer)}
            for n, answer in enumerate(answers)
        ]
        if given_rows:
            await connection.execute(insert(tables.poll_answers), given_rows)
        changes = running_counts.CountChanges()
        for answer in answers:
            running_counts.change(changes, id, FORM, answer, 1)
        await running_counts.apply_count_changes(connection, changes)


def people_like(chance: random.Random, number: int) -> list[dict[str, Any]]:
    """Their answers, every question skipped by some; what they wrote themselves must be in no file."""
    found = []
    for _ in range(number):
        answer: dict[str, Any] = {
            "q1": chance.choice("1112223"),
            "q2": sorted(chance.sample("123", chance.randrange(1, 3))),
            "q3": chance.choice(["yes", "yes", "no"]),
            "q4": chance.choice([1, 3, 3, 4, 5]),
            "q5": chance.randrange(30),
            "q6": f"2026-12-{chance.randrange(1, 29):02}",
            "q7": CANARY,
        }
        found.append({key: value for key, value in answer.items() if chance.random() < 0.85})
    return found


async def test_every_number_is_the_one_the_result_shows(office: World) -> None:
    """R14, R15, R16 Crowds of every size: below "Kết quả" stands what the poll's result says, line by line."""
    chance = random.Random(16)
    everybody = {"paths": ["/T20/"], "roles": ["collaborator"], "sample": None}
    for place, (number, silent) in enumerate(
        [(0, 9), (4, 30), (5, 0), (12, 30), (29, 1), (31, 40), (60, 5), (200, 99)]
    ):
        id, answers = f"p{place}", people_like(chance, number)
        await closed(office, id, answers, silent, everybody)
        data = await sheet_of(office, id)
        async with office.parts.database.reading() as connection:
            tree = await load_tree(connection)
            request = (await read_requests(connection, tree, [id]))[id]
            tally = await running_counts.tally(connection, Scope.office(), request)
        shown = poll_result(FORM.title, FORM, tally_of(FORM, answers), number + silent, T)
        assert results_in(data) == [*as_shown(shown)[1:], T("law.signature")], number
        assert results_in(data)[:-1] == as_shown(poll_result(FORM.title, FORM, tally, request.asked, T))[1:]
        items = items_of(data)
        assert items["Số người"] == f"Được hỏi: {number + silent}. Trả lời: {number}."
        assert items["Tỷ lệ trả lời"].split("\n")[0] == as_shown(shown)[1]
        assert ("%" in items["Tỷ lệ trả lời"]) is (number + silent >= 30)
        assert "không phải mẫu xác suất" in items["Cách chọn người"]
        assert items["Sai số do chọn mẫu"] == "Không nêu, vì không phải mẫu xác suất."
        assert items["Trọng số"] == "Không có trọng số."
        assert (items["Đơn vị hỏi"], items["Thời gian hỏi"]) == ("Tỉnh Lạng Sơn", "Từ 23/11/2026 đến 26/11/2026.")
        assert CANARY not in text_of(data)
        assert await sheet_of(office, id) == data
        wording = next(b for b in blocks_of(data)[5:] if isinstance(b, Table))
        assert [row[1] for row in wording.rows[1:]] == [question.text for question in FORM.questions]
        assert wording.rows[1][2] == "\n".join(["Chọn một:", *(f"– {o.label}" for o in FORM.questions[0].options)])


async def test_a_poll_asked_and_closed_in_the_chat_is_published(office: World) -> None:
    people = await crowd(office, 7)
    boss = await office.joined("Khôi", "X06040", "coordinator")
    id = await ask(office, yesno(intro="Xin ý kiến trước khi đổi lịch.", sealed=True))
    with pytest.raises(CommandFailed, match="chưa đóng"):
        await sheet_of(office, id)
    await answer_all(people, ["Có"] * 3 + ["Không"] * 3)
    await end(office, id)
    await boss.read()
    await boss.say("kết quả")
    data = await sheet_of(office, id)
    assert set(results_in(data)[:-1]) <= set(as_shown(boss.last.text))
    assert "Lời giới thiệu: Xin ý kiến trước khi đổi lịch." in blocks_of(data)
    items = items_of(data)
    assert "không tách theo nơi" in items["Cách hỏi"]
    assert items["Tổng thể"].startswith("Mọi cộng tác viên thuộc Xã Thất Khê")
    assert "trang web" in items["Cách hỏi"]
    assert "Người 1" not in text_of(data)


async def test_clusters_are_those_the_chat_shows(office: World) -> None:
    """R14, R19 And nothing is weighted below 30 answers."""
    await cluster_set(office.parts, "Cụm Bắc", ["X06040"])
    await cluster_set(office.parts, "Cụm Nam", ["X06001"])
    khoi = await office.joined("Khôi", "T20", "coordinator")
    north = await crowd(office, 10)
    south = [await office.joined(f"Nam {n}", "X06001") for n in range(13)]
    id = await ask(office, yesno(), unit="T20")
    await answer_all([*north, *south], ["Có", "Không"] * 11)
    await end(office, id)
    await khoi.read()
    await khoi.say("kết quả")
    await khoi.tap("Xem theo cụm")
    data = await sheet_of(office, id)
    rows = [block for block in blocks_of(data) if isinstance(block, Table)][-1].rows
    assert rows[0] == ("Cụm", "Trả lời", "Có", "Không")
    lines = [f"– {name}, {base} người: Có {yes}; Không {no}" for name, base, yes, no in rows[1:]]
    assert lines == khoi.last.text.splitlines()[1:3]
    assert items_of(data)["Số người"] == "Được hỏi: 23. Trả lời: 22."
    assert "%" not in "".join(results_in(data))
    assert items_of(data)["Trọng số"] == "Không có trọng số."


async def test_what_has_no_result_gets_one_sentence_and_no_file(world: World) -> None:
    await crowd(world, 6)
    file = world.parts.settings.data_dir / "phieu.docx"
    planned = await ask(world, yesno(), opens=world.now + timedelta(hours=2))
    rapid = await ask(world, {**yesno(), "title": "Nhanh"}, kind="rapid")
    stopped = await ask(world, yesno("Dừng?"))
    await end(world, stopped, stop=True)
    for id, kind, why in (
        (planned, CommandFailed, "chưa đóng"),
        (stopped, CommandFailed, "đã dừng"),
        (rapid, WrongUse, rapid),
        ("khong-co", WrongUse, "khong-co"),
    ):
        with pytest.raises(kind, match=why) as wrong:
            await sheet_of(world, id)
        assert str(wrong.value).count("\n") == 0
        assert not file.exists()
    assert [row for row in await world.rows(tables.audit.select()) if row.kind == "export.publication"] == []


# ------------------------------------------------------------------ samples, clusters


YES_NO = Form("p", "Hỏi", (Question("q1", QuestionKind.YESNO, "Có tiện không?"),))


def published(yes: int, no: int, asked: int, audience: Audience, **more: Any) -> Published:
    content = RequestContent(RequestKind.POLL, "Hỏi", "", YES_NO)
    closes = MORNING + timedelta(days=3)
    request = Request("p", UNIT, content, RequestState.CLOSED, MORNING, closes, asked)
    tally = tally_of(YES_NO, [{"q1": "yes"}] * yes + [{"q1": "no"}] * no)
    return Published(
        request, tally, audience=audience, units=[UNIT], apps=["Telegram"], **{"groups": (), "asked_in": {}} | more
    )


def read(sheet: Sheet) -> bytes:
    return write_sheet(sheet)


def sheet_for(poll: Published) -> bytes:

    return read(publication_sheet(poll, ZoneInfo("Asia/Ho_Chi_Minh"), T))


@pytest.mark.parametrize("by", [None, *Stratum])
def test_a_sample_says_how_it_was_drawn_and_how_far_it_may_err(by: Stratum | None) -> None:
    draw = SampleDraw(4711, 200, 1000, date(2026, 11, 20), by)
    audience = Audience(("/T20/",), sample=200, draw=draw)
    items = items_of(sheet_for(published(60, 40, 200, audience)))
    assert all(part in items["Cách chọn người"] for part in ("200", "1000", "4711", "20/11/2026"))
    assert "không phải mẫu xác suất của người dân" in items["Cách chọn người"]
    # 1.96 · √(0.25 / 100) · √(900 / 999)
    assert items["Sai số do chọn mẫu"].split("\n")[0] == "Câu 1: ± 9,3 điểm phần trăm (100 người trả lời)."
    few = items_of(sheet_for(published(15, 14, 200, audience)))
    assert few["Sai số do chọn mẫu"].startswith("Không nêu, vì không câu nào nêu tỷ lệ phần trăm")
    whole = Audience(("/T20/",), sample=200, draw=replace(draw, frame=200))
    assert "cả khung mẫu" in items_of(sheet_for(published(60, 40, 200, whole)))["Sai số do chọn mẫu"]
    unknown = items_of(sheet_for(published(60, 40, 200, Audience(("/T20/",), sample=200))))
    assert "không được ghi lại" in unknown["Cách chọn người"]
    assert unknown["Sai số do chọn mẫu"].startswith("Câu 1: ± 9,8 điểm")


def counts(**clusters: tuple[int, int]) -> list[GroupCount]:
    """Of the yes-no question: how many said yes and no in each cluster."""
    found = [GroupCount(name, "", "", sum(pair)) for name, pair in clusters.items()]
    for name, (yes, no) in clusters.items():
        cells = (("", yes + no), ("yes", yes), ("no", no))
        found += [GroupCount(name, "q1", option, number) for option, number in cells]
    return found


def test_weighted_stands_beside_unweighted_where_clusters_are_shown() -> None:
    groups = counts(Bắc=(20, 10), Nam=(10, 20))
    audience = Audience(("/T20/",))
    poll = published(30, 30, 130, audience, groups=groups, asked_in={"Bắc": 100, "Nam": 30})
    data = sheet_for(poll)
    tables_found = [block for block in blocks_of(data) if isinstance(block, Table)]
    # (100 · 20/30 + 30 · 10/30) / 130
    assert tables_found[2].rows == (
        ("Phương án", "Số người", "Có trọng số"),
        ("Có", "30 (50 %)", "59 %"),
        ("Không", "30 (50 %)", "41 %"),
    )
    assert tables_found[3].rows[1:] == (("Bắc", "30", "20", "10"), ("Nam", "30", "10", "20"))
    assert items_of(data)["Trọng số"].startswith('Cột "Số người" không có trọng số.')
    for other in (
        replace(poll, asked_in={"Bắc": 20, "Nam": 110}),
        replace(poll, asked_in={"Đông": 100, "Nam": 30}),
        published(12, 13, 130, audience, groups=counts(Bắc=(7, 6), Nam=(5, 7)), asked_in=poll.asked_in),
    ):
        rows = [block.rows[0] for block in blocks_of(sheet_for(other)) if isinstance(block, Table)]
        assert ("Phương án", "Số người") in rows
        assert items_of(sheet_for(other))["Trọng số"] == "Không có trọng số."


_PAIRS = st.dictionaries(
    st.sampled_from(["Bắc", "Nam", "Tây", OTHERS]),
    st.tuples(st.integers(5, 40), st.integers(5, 40)),
    min_size=2,
)


@given(_PAIRS, st.integers(1, 5))
def test_equal_rates_weigh_nothing_and_a_hidden_cell_hides(pairs: dict[str, tuple[int, int]], times: int) -> None:
    groups = counts(**pairs)
    asked = {name: times * sum(pair) for name, pair in pairs.items() if name != OTHERS}
    everybody = sum(map(sum, pairs.values()))
    shares = weighted_shares(groups, asked, times * everybody)
    assert shares["q1", "yes"] == pytest.approx(sum(yes for yes, _ in pairs.values()) / everybody)
    assert sum(shares.values()) == pytest.approx(1)
    hidden = [count for count in groups if (count.group, count.option) != (min(pairs), "yes")]
    assert set(weighted_shares(hidden, asked, times * everybody)) == {("q1", "no")}
    assert weighted_shares([], asked, 10) == {}


@given(st.integers(1, 500), st.integers(1, 500), st.integers(0, 3000))
def test_more_answers_err_less_and_everybody_not_at_all(one: int, more: int, beyond: int) -> None:
    frame = one + more + beyond
    assert margin_of_error(one + more, frame) < margin_of_error(one, frame) <= margin_of_error(one, None)
    assert margin_of_error(frame, frame) == pytest.approx(0) or frame == 1


@given(CROWD, st.integers(0, 60))
def test_a_sheet_of_any_crowd_adds_no_number_to_its_result(answers: list[dict[str, Any]], silent: int) -> None:
    content = RequestContent(RequestKind.POLL, FORM.title, "", FORM)
    closes = MORNING + timedelta(days=3)
    asked = len(answers) + silent
    request = Request("p", UNIT, content, RequestState.CLOSED, MORNING, closes, asked)
    tally = tally_of(FORM, answers)
    poll = Published(request, tally, (), Audience(("/T20/",)), [UNIT], {}, ["Telegram"])

    sheet = publication_sheet(poll, ZoneInfo("Asia/Ho_Chi_Minh"), T)
    told = set(re.findall(r"\d+", poll_result(FORM.title, FORM, tally, asked, T)))
    results = [block for block in sheet.blocks if isinstance(block, Columns)][2:]
    numbers = {number for table in results for row in table.rows for number in re.findall(r"\d+", " ".join(row))}
    assert numbers <= told


def test_conditions_are_said_in_words() -> None:
    when = 'answer(1) == "Có" and (answer(2) > 3 or "Nước" in answer(4))'
    assert condition_words(when, T) == 'câu 1 là "Có" và (câu 2 trên 3 hoặc câu 4 có chọn "Nước")'
