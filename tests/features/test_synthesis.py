"""A synthesis: each figure is what a plain recount gives, nothing in it is anybody's own words, and what is changed in
the file or in the database is found out."""

from __future__ import annotations

import re
import zipfile
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import pytest
from docx import Document
from docx.shared import Mm
from sqlalchemy import insert

from nhipcau.bot.language.periods import before, read_period
from nhipcau.bot.units.tree import AREA_KINDS
from nhipcau.insight.synthesis.chart import Picture, topic_chart
from nhipcau.insight.synthesis.figures import read_number
from nhipcau.insight.synthesis.reading import Difference, NoSynthesis, read_synthesis
from nhipcau.insight.synthesis.refreshing import refreshed
from nhipcau.model.synthesis import Layout
from nhipcau.operations.synthesis import Office, Refreshed, document_of, refresh
from nhipcau.storage import tables
from nhipcau.storage.units import load_tree
from tests.support.postgres import new_database
from tests.support.requests import answer_all, ask, crowd, end, read_all, yesno
from tests.support.syntheses import (
    CANARIES,
    SAY,
    Row,
    a_picture,
    bookmarks,
    compose,
    different,
    figures,
    lines,
    part,
    put_issue,
    put_reports,
    queries,
    random_rows,
    replaced,
    written,
)
from tests.support.world import UNITS, World, open_world

pytestmark = pytest.mark.slow

AREAS = [code for code, _, kind, _ in UNITS if kind in AREA_KINDS]
DAY = date(2026, 11, 10)
WATER = "Nước sinh hoạt thiếu vào buổi chiều"


def report(day: date = DAY, area: str = "X06040", mood: str = "buc_xuc", issue: str = "", state: str = "new") -> Row:
    return Row(day, area, "DN", mood, 3, state, issue)


# ------------------------------------------------------------------ recounts


def recounted(query: dict[str, Any], rows: list[Row], areas: list[str]) -> int:
    """What this query means, counted from all rows one by one."""

    def number(text: str) -> int:
        period = read_period(text, date(2027, 6, 1))
        assert period is not None
        those = [r for r in rows if period.first <= r.day <= period.last and r.state != "withdrawn" and r.area in areas]
        if query["counts"] == "units":
            reported = {r.area for r in those}
            return {"units": len(areas), "reported": len(reported), "nothing_new": 0}.get(
                query["key"], len(areas) - len(reported)
            )
        cut = query.get("cut", {})
        if query["counts"] == "issue":
            assert query["key"] == "areas"
            return len({r.area for r in those if r.issue in cut["issue"]})
        if query["counts"] == "issues":
            return len({r.issue for r in those} - {""})
        return sum(all(str(getattr(r, name)) in codes for name, codes in cut.items()) for r in those)

    return number(query["period"]) - (number(query["less"]) if "less" in query else 0)


PERIODS = ["2026-11", "2026-W46", "2026-Q4", "2026", "2026-12"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_every_figure_is_what_a_plain_recount_gives(tmp_path: Path, kind: str) -> None:
    url = new_database() if kind == "postgresql" else f"sqlite+aiosqlite:///{tmp_path}/n.db"
    random = Random(2026)
    async with open_world(tmp_path, database_url=url) as world:
        await put_issue(world, "VD-A", WATER, DAY)
        await put_issue(world, "VD-B", "Đường trục chính hỏng", DAY, owner="T20")
        rows: list[Row] = []
        for period in PERIODS:
            more = random_rows(random, random.randrange(40), AREAS, ["", "VD-A", "VD-B"])
            await put_reports(world, more, first=len(rows))
            rows += more
            for unit, inside in (("T20", AREAS), ("X06040", ["X06040"])):
                data = (await written(world, period, unit)).data
                check(queries(data), figures(data), rows, inside)
                assert await different(world, data) == []


def check(asked: dict[str, dict[str, Any]], found: dict[str, str], rows: list[Row], inside: list[str]) -> None:
    assert set(asked) == set(found)
    counted = [name for name, query in asked.items() if query["counts"] in {"reports", "units"}]
    counted += [name for name, query in asked.items() if query.get("key") == "areas"]
    assert len(counted) > 20
    for name in counted:
        expected, text = recounted(asked[name], rows, inside), found[name]
        if asked[name].get("key") == "words":
            assert text == in_words(expected)
        else:
            assert read_number(text) == expected, (name, asked[name])


def in_words(change: int) -> str:
    return "không đổi" if not change else f"{'tăng' if change > 0 else 'giảm'} {abs(change)}"


# ------------------------------------------------------------------ what stands in it


async def test_no_words_of_reports_are_in_the_file(world: World) -> None:
    await put_issue(world, "VD-A", WATER, DAY)
    await put_reports(world, [report(issue="VD-A"), report()])
    data = (await written(world, "2026-11")).data
    with zipfile.ZipFile(BytesIO(data)) as opened:
        everything = b"".join(opened.read(name) for name in opened.namelist())
    assert [canary for canary in CANARIES if canary.encode() in everything] == []
    assert WATER.encode() in everything


async def test_what_is_told_of_an_issue_is_counted_anew(world: World) -> None:
    await put_issue(world, "VD-A", WATER, DAY)
    await put_reports(world, [Row(DAY, "X06040", "DN", "buc_xuc", 2, "new", "VD-A")])
    data = (await written(world, "2026-11")).data
    said = next(line for line in lines(data) if line.startswith(f"- {WATER}"))
    bare = re.sub(r"\[[^]]*\]", "", said)
    assert "địa bàn: 1 nơi (Xã Thất Khê); lan truyền rộng nhất: một xóm, một nhóm;" in bare
    assert bare.endswith("1 phản ánh (kỳ trước 0, tăng 1).")
    named = {
        f"{q['counts']}.{q.get('key', '')}": name for name, q in queries(data).items() if "issue" in q.get("cut", {})
    }
    more = [Row(DAY, "X06184", "DN", "buc_xuc", 4, "new", "VD-A"), report(DAY - timedelta(days=30), issue="VD-A")]
    await put_reports(world, more, first=5)
    found = {each.reference: (each.written, each.now) for each in await different(world, data)}
    assert found[named["issue.areas"]] == (1, 2)
    assert found[named["issue.spread"]] == ("một xóm, một nhóm", "toàn xã, phường")
    assert set(named.values()) <= found.keys() | {named["reports.words"]}


async def test_an_issue_stands_where_most_of_its_reports_do(world: World) -> None:
    await put_issue(world, "VD-A", WATER, DAY)
    await put_reports(world, [report(issue="VD-A", mood="phan_khoi"), report(issue="VD-A"), report(issue="VD-A")])
    part_ii = (await compose(world, "2026-11")).parts[1]
    texts = [line.text for line in part_ii.lines]
    place = next(number for number, text in enumerate(texts) if WATER in text)
    assert "3. Bức xúc, kiến nghị kéo dài" in texts[:place]
    assert sum(WATER in text for text in texts) == 1


async def test_no_strand_of_opinion_is_left_out(world: World) -> None:
    await put_issue(world, "VD-A", WATER, DAY)
    await put_reports(world, [report(issue="VD-A")])
    assert "II.3" in (await compose(world, "2026-11")).open_parts
    strands = [("majority", "Mong có thêm giếng"), ("single", "Muốn dời chợ")]
    async with world.parts.database.writing() as connection:
        rows = [{"id": kind, "issue": "VD-A", "kind": kind, "text": words, "day": DAY} for kind, words in strands]
        await connection.execute(insert(tables.strands), rows)
    found = await compose(world, "2026-11")
    texts = [line.text for line in found.parts[1].lines]
    place = next(number for number, text in enumerate(texts) if WATER in text)
    assert texts[place + 1 : place + 3] == ["Đa số: Mong có thêm giếng.", "Cá biệt: Muốn dời chợ."]
    assert "II.3" not in found.open_parts
    assert "+ Cá biệt: Muốn dời chợ." in lines((await written(world, "2026-11")).data)


async def test_only_what_is_in_the_scope_counts(world: World) -> None:
    await put_issue(world, "VD-A", WATER, DAY, owner="T20")
    await put_issue(world, "VD-B", "Việc của xã khác", DAY, owner="X06043")
    await put_reports(
        world, [report(issue="VD-A"), report(issue="VD-A", area="X06043"), report(issue="VD-B", area="X06043")]
    )
    data = (await written(world, "2026-11", "X06040")).data
    text = "\n".join(lines(data))
    assert figures(data)["I.1"] == "1"
    assert WATER in text
    assert "Việc của xã khác" not in text
    assert "Xã Tràng Định" not in text


async def test_each_figure_is_followed_by_its_reference(world: World) -> None:
    await put_reports(world, [report()])
    text = "\n".join(lines((await written(world, "2026-11")).data))
    assert "Trong kỳ có 1[I.1] phản ánh (kỳ trước 0[I.2], tăng 1[I.3])." in text


@pytest.mark.parametrize("layout", list(Layout))
async def test_the_same_command_gives_the_same_bytes(world: World, layout: Layout) -> None:
    await put_reports(world, [report()])
    first, again = [(await written(world, "2026-11", layout=layout)).data for _ in range(2)]
    assert first == again
    page = Document(BytesIO(first))
    assert page.core_properties.created == page.core_properties.modified
    assert page.core_properties.created is not None
    assert page.core_properties.created.date() == date(2026, 11, 30)


@pytest.mark.parametrize("layout", list(Layout))
async def test_the_page_is_as_the_rules_want_it(world: World, layout: Layout) -> None:
    data = (await written(world, "2026-11", layout=layout)).data
    section = Document(BytesIO(data)).sections[0]
    sides = (section.page_width, section.page_height, section.left_margin, section.right_margin)
    width, height, left, right = (round((side or 0) / Mm(1)) for side in sides)
    assert (width, height, left, right) == (210, 297, 30, 15)
    assert [round((side or 0) / Mm(1)) for side in (section.top_margin, section.bottom_margin)] == [20, 20]
    assert b"PAGE" not in section.first_page_header.part.blob
    assert b"PAGE" in section.header.part.blob
    assert "DỰ THẢO" in section.first_page_header.paragraphs[0].text
    text = "\n".join(lines(data))
    assert ("ĐẢNG CỘNG SẢN VIỆT NAM" in text) == (layout is Layout.PARTY)
    assert ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in text) == (layout is Layout.STATE)


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("unit", ["T20", "X06040"])
async def test_a_period_without_data_or_with_one_report(world: World, number: int, unit: str) -> None:
    await put_reports(world, [report()] * number)
    found = await compose(world, "2026-11", unit)
    assert found.reports == number
    assert {"III", "IV"} <= set(found.open_parts)
    data = (await written(world, "2026-11", unit)).data
    assert figures(data)["I.1"] == str(number)
    assert ("không có phản ánh loại này" in "\n".join(lines(data)).lower()) is True
    assert await different(world, data) == []


async def test_what_became_of_the_period_before(world: World) -> None:
    october = DAY - timedelta(days=30)
    await put_issue(world, "VD-A", WATER, october, state="done")
    await put_reports(world, [report(october, state="done"), report(october, state="new")])
    part_v = "\n".join(line.text for line in (await compose(world, "2026-11")).parts[4].lines)
    assert f"{WATER}. Đến nay: đã giải quyết." in part_v
    found = figures((await written(world, "2026-11")).data)
    assert (found["V.1"], found["V.2"], found["V.3"]) == ("2", "1", "1")


async def test_statements_hold_nothing_a_document_can_not(world: World) -> None:
    await put_issue(world, "VD-A", "Đường\x0b hỏng {{ 7*7 }} <w:p> & \ue0f10\ue0f2 \uffff", DAY)
    await put_reports(world, [report(issue="VD-A")])
    data = (await written(world, "2026-11")).data
    assert "Đường hỏng {{ 7*7 }} <w:p> & 0." in "\n".join(lines(data))
    assert await different(world, data) == []


# ------------------------------------------------------------------ polls


@pytest.mark.parametrize("answers", [4, 6])
async def test_a_poll_is_shown_from_five_answers_on(world: World, answers: int) -> None:
    people = await crowd(world, 6)
    id = await ask(world, yesno("Họp tối thứ Bảy?"))
    await read_all(people)
    await answer_all(people[:answers], ["Có"] * (answers - 1) + ["Không"])
    await end(world, id)
    data = (await written(world, "2026-11")).data
    text = "\n".join(lines(data))
    assert "Họp tối thứ Bảy?" in text
    assert ("Chưa đủ 5 người trả lời" in text) == (answers < 5)
    assert ("không phải mẫu đại diện" in text) == (answers >= 5)
    if answers < 5:
        assert not [query for query in queries(data).values() if "question" in query.get("cut", {})]
    assert await different(world, data) == []


# ------------------------------------------------------------------ verify


async def a_file(world: World) -> bytes:
    await put_reports(world, [report(), report()])
    return (await written(world, "2026-11")).data


async def test_a_changed_number_is_found(world: World) -> None:
    data = await a_file(world)
    name = next(name for name in bookmarks(data) if name.startswith("F_I_1_"))
    page = part(data, "word/document.xml").decode()
    place = page.index(">2<", page.index(f'"{name}"'))
    changed = replaced(data, "word/document.xml", lambda _: (page[:place] + ">7<" + page[place + 3 :]).encode())
    assert await different(world, changed) == [Difference("I.1", 7, 2)]


async def test_a_number_that_changed_since_is_found(world: World) -> None:
    data = await a_file(world)
    await put_reports(world, [report()], first=10)
    found = {each.reference: each for each in await different(world, data)}
    assert found["I.1"] == Difference("I.1", 2, 3)
    assert found["I.3"] == Difference("I.3", "tăng 2", "tăng 3")


async def test_a_number_typed_over_its_place_is_found(world: World) -> None:
    data = await a_file(world)
    page = Document(BytesIO(data))
    line = next(p for p in page.paragraphs if p.text.startswith("Trong kỳ có"))
    line.text = "Trong kỳ có 9 phản ánh."
    out = BytesIO()
    page.save(out)
    found = await different(world, out.getvalue())
    assert [(each.reference, each.written) for each in found] == [("I.1", None), ("I.2", None), ("I.3", None)]


async def test_a_query_put_in_for_another_is_found(world: World) -> None:
    data = await a_file(world)

    def other(body: bytes) -> bytes:
        return body.replace(
            b'"counts":"reports","period":"2026-11","unit":"T20"}',
            b'"counts":"units","period":"2026-11","unit":"T20","key":"units"}',
            1,
        )

    assert "I.1" in {each.reference for each in await different(world, replaced(data, "customXml/item1.xml", other))}


async def test_a_file_saved_by_another_program_still_verifies(world: World) -> None:
    page = Document(BytesIO(await a_file(world)))
    page.add_paragraph("Một câu của người tổng hợp, có số 15.")
    out = BytesIO()
    page.save(out)
    assert await different(world, out.getvalue()) == []


@pytest.mark.parametrize("change", [lambda b: b"", lambda b: b"<figures", lambda b: b.replace(b'"cut"', b'"cat"', 1)])
async def test_a_file_without_its_queries_is_refused(world: World, change: Any) -> None:
    data = replaced(await a_file(world), "customXml/item1.xml", change)
    try:
        found = read_synthesis(data)
    except NoSynthesis:
        return
    # a query that counts more than was written
    assert found
    assert await different(world, data)


def test_other_files_are_refused() -> None:
    out = BytesIO()
    Document().save(out)
    for data in (b"", b"%PDF-1.7", out.getvalue()):
        with pytest.raises(NoSynthesis):
            read_synthesis(data)


async def test_the_period_before_is_of_the_same_kind(world: World) -> None:
    week = read_period("2026-W46", DAY)
    assert week is not None
    await put_reports(world, [report(), report(before(week).last)])
    found = figures((await written(world, "2026-W46")).data)
    assert (found["I.1"], found["I.2"], found["I.3"]) == ("1", "1", "không đổi")


async def test_a_tree_of_one_unit(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        async with world.parts.database.reading() as connection:
            assert (await load_tree(connection)).root is not None
        found = await compose(world, "2026-11", "X06040")
        assert found.above is not None
        assert found.above.code == "T20"


# ------------------------------------------------------------------ refresh


async def refreshed_of(world: World, data: bytes) -> Refreshed:
    found = read_synthesis(data)
    async with world.parts.database.reading() as connection:
        tree = await load_tree(connection)
        office = Office(connection, tree, date(2027, 6, 1), world.parts.settings.zone)
        return await refresh(office, data, found, tree.by_code[found.unit])


async def test_figures_are_refreshed_and_sentences_stay(world: World) -> None:
    page = Document(BytesIO(await a_file(world)))
    forecast = next(p for p in page.paragraphs if p.text.startswith("[Nhận định"))
    forecast.runs[0].text = "Mùa khô tới, việc thiếu nước sẽ còn."
    out = BytesIO()
    page.save(out)
    await put_issue(world, "VD-A", WATER, DAY)
    await put_reports(world, [report(issue="VD-A")], first=10)
    found = await refreshed_of(world, out.getvalue())
    text = "\n".join(lines(found.data))
    assert "Mùa khô tới, việc thiếu nước sẽ còn." in text
    assert "Trong kỳ có 3[I.1] phản ánh (kỳ trước 0[I.2], tăng 3[I.3])." in text
    assert found.changed > 5
    assert (found.gone, [issue.code for issue in found.new_issues]) == ((), ["VD-A"])
    assert await different(world, found.data) == []
    assert (await refreshed_of(world, found.data)).data == found.data


async def test_a_figure_without_its_place_is_told_when_refreshed(world: World) -> None:
    page = Document(BytesIO(await a_file(world)))
    next(p for p in page.paragraphs if p.text.startswith("Trong kỳ có")).text = "Trong kỳ có 9 phản ánh."
    out = BytesIO()
    page.save(out)
    found = await refreshed_of(world, out.getvalue())
    assert (found.changed, found.gone) == (0, ("I.1", "I.2", "I.3"))
    assert "Trong kỳ có 9 phản ánh." in lines(found.data)


async def test_the_chart_says_its_numbers_and_is_drawn_anew(world: World) -> None:
    await put_reports(world, [report(), report(mood="phan_khoi")])
    found = await compose(world, "2026-11")
    chart = topic_chart(found, SAY)
    assert chart is not None
    words = chart[1]
    assert words.endswith("Điện, nước sinh hoạt: phấn khởi, đồng tình 1, bức xúc, kiến nghị kéo dài 1.")
    data = document_of(found, Layout.STATE, SAY, picture=Picture(a_picture("red"), words)).data
    assert words in part(data, "word/document.xml").decode()
    assert part(data, "word/media/image1.png") == a_picture("red")
    assert await different(world, data) == []
    read = read_synthesis(data)
    after = refreshed(data, read, lambda query: "5", Picture(a_picture("blue"), "mới"))
    assert part(after, "word/media/image1.png") == a_picture("blue")
    assert 'descr="mới"' in part(after, "word/document.xml").decode()
    assert figures(after)["I.1"] == "5"


async def test_a_period_without_reports_has_no_chart(world: World) -> None:
    assert topic_chart(await compose(world, "2026-11"), SAY) is None
    assert "Biểu đồ" not in "\n".join(lines((await written(world, "2026-11")).data))
