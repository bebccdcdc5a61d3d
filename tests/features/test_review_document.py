"""A review as a document: its figures are those of the review, each is counted anew, and what is changed is found."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from docx import Document
from sqlalchemy import update

from nhipcau.bot.language.periods import read_period
from nhipcau.insight.synthesis.chart import Picture, unit_chart
from nhipcau.insight.synthesis.figures import read_number
from nhipcau.insight.synthesis.reading import Difference, read_synthesis
from nhipcau.insight.synthesis.refreshing import picture_in
from nhipcau.insight.synthesis.review_document import DUTY_COLUMNS, REPORT_COLUMNS, ReviewDocument
from nhipcau.insight.synthesis.review_template import REVIEW_FIELDS, review_template_of
from nhipcau.insight.synthesis.template_fields import check_template
from nhipcau.model.reviews import Review, ReviewFigures
from nhipcau.model.scope import Scope
from nhipcau.model.synthesis import Layout
from nhipcau.operations.synthesis import Office, refresh, review_document_of, review_file_of
from nhipcau.storage import tables
from nhipcau.storage.review_figures import review_of
from nhipcau.storage.units import load_tree
from tests.support.requests import answer_all, ask, crowd, end, read_all, yesno
from tests.support.syntheses import (
    CANARIES,
    SAY,
    Row,
    a_picture,
    bookmarks,
    different,
    figures,
    lines,
    part,
    put_issue,
    put_reports,
    queries,
    replaced,
)
from tests.support.world import World

pytestmark = pytest.mark.slow

DAY = date(2026, 11, 10)
LATER = date(2027, 6, 1)


def report(day: date = DAY, area: str = "X06040", state: str = "new") -> Row:
    return Row(day, area, "DN", "buc_xuc", 3, state, "")


async def composed(world: World, period: str, unit: str = "T20", today: date = LATER) -> ReviewDocument:
    found = read_period(period, today)
    assert found is not None
    async with world.parts.database.reading() as connection:
        tree = await load_tree(connection)
        office = Office(connection, tree, today, world.parts.settings.zone)
        return await review_document_of(office, tree.by_code[unit], found, SAY)


async def written(world: World, period: str = "2026-11", unit: str = "T20", layout: Layout = Layout.STATE) -> bytes:
    return review_file_of(await composed(world, period, unit), layout, SAY).data


async def reviewed(world: World, period: str, unit: str = "T20") -> Review:
    found = read_period(period, LATER)
    assert found is not None
    async with world.parts.database.reading() as connection:
        tree = await load_tree(connection)
        zone = world.parts.settings.zone
        return await review_of(connection, Scope.office(tree.by_code[unit]), tree, found, LATER, zone)


async def a_full_period(world: World) -> None:
    """Reports of two months from two communes, an issue, a poll that six answered."""
    october = DAY - timedelta(days=30)
    await put_issue(world, "VD-A", "Nước sinh hoạt thiếu", DAY, state="done")
    rows = [report(), report(state="done"), report(area="X06043", state="withdrawn"), report(area="X06043")]
    await put_reports(world, [*rows, report(october), report(october, state="passed_on")])
    people = await crowd(world, 6)
    id = await ask(world, yesno("Họp tối thứ Bảy?"))
    await read_all(people)
    await answer_all(people, ["Có"] * 6)
    await end(world, id)


@pytest.mark.parametrize("unit", ["T20", "X06040"])
async def test_every_figure_is_that_of_the_review(world: World, unit: str) -> None:
    await a_full_period(world)
    now, before = await reviewed(world, "2026-11", unit), await reviewed(world, "2026-10", unit)
    data = await written(world, unit=unit)
    found = {name: read_number(text) for name, text in figures(data).items()}
    keys = list(ReviewFigures.__dataclass_fields__)
    for place, key in enumerate(keys, start=1):
        assert found[f"PL1.{place}a"] == getattr(now.total, key), key
        if key not in ("collaborators", "joined"):
            assert found[f"PL1.{place}b"] == getattr(before.total, key), key
        if f"PL1.{place}c" in found:
            assert found[f"PL1.{place}c"] == getattr(now.total, key) - getattr(before.total, key), key
    for table, columns in (("PL2", DUTY_COLUMNS), ("PL3", REPORT_COLUMNS)):
        rows = [*(row.figures for row in now.rows), now.total]
        for place, row in enumerate(rows, start=1):
            for column, key in enumerate(columns):
                assert found[f"{table}.{place}{chr(ord('a') + column)}"] == getattr(row, key), (table, place, key)
    assert set(queries(data)) == set(found)
    assert now.total.reports >= before.total.reports > 0
    assert await different(world, data) == []


async def test_sentences_say_the_figures_with_the_period_before(world: World) -> None:
    await a_full_period(world)
    text = "\n".join(lines(await written(world)))
    assert "Nhận 3[II.4.1] phản ánh (kỳ trước 2[II.4.2], tăng 1[II.4.3])" in text
    assert "Chưa trả lời phản ánh nhiều nhất: Xã Thất Khê: 1[" in text
    assert "Mở 1[II.5.1] vấn đề" in text
    assert "Trả lời trong một phần tư thời hạn 6[" in text


async def test_the_chart_shows_the_units_and_says_their_numbers(world: World) -> None:
    await a_full_period(world)
    found = await composed(world, "2026-11")
    spec, words = unit_chart(found, SAY) or ({}, "")
    assert words.startswith("Biểu đồ phản ánh theo đơn vị, tháng 11 năm 2026. Xã Thất Khê: đã trả lời ")
    by_unit = {row.unit.name: row.figures for row in found.review.rows if row.figures.reports}
    drawn = dict.fromkeys(by_unit, 0)
    for value in spec["data"]["values"]:
        drawn[value["topic"]] += value["n"]
    assert drawn == {name: of.reports for name, of in by_unit.items()}
    picture = Picture(a_picture("red"), words)
    data = review_file_of(found, Layout.STATE, SAY, None, picture).data
    assert len(Document(BytesIO(data)).inline_shapes) == 1
    kept = picture_in(data)
    assert kept is not None
    assert kept.words == words
    assert await different(world, data) == []
    empty = await composed(world, "2026-09")
    assert unit_chart(empty, SAY) is None
    assert "Biểu đồ" not in "\n".join(lines(review_file_of(empty, Layout.STATE, SAY).data))


async def test_how_soon_few_answered_is_not_told(world: World) -> None:
    people = await crowd(world, 6)
    id = await ask(world, yesno("Họp tối thứ Bảy?"))
    await read_all(people)
    await answer_all(people[:4], ["Có"] * 4)
    await end(world, id)
    data = await written(world)
    places = {key: place for place, key in enumerate(ReviewFigures.__dataclass_fields__, start=1)}
    assert figures(data)[f"PL1.{places['polls_quarter']}a"] == "<5"
    assert "một phần tư thời hạn" not in "\n".join(p.text for p in Document(BytesIO(data)).paragraphs)
    assert await different(world, data) == []


async def test_what_waits_for_a_person_is_marked(world: World) -> None:
    found = await composed(world, "2026-11")
    assert found.open_parts == ("I", "II", "III.1", "III.2", "III.3", "IV", "V")
    text = "\n".join(lines(await written(world)))
    assert text.count("cần người viết]") == len(found.open_parts)
    assert "DỰ THẢO" in text


@pytest.mark.parametrize(
    ("period", "today", "title"),
    [("2026", LATER, "Tổng kết"), ("2026", DAY, "Sơ kết"), ("2026-Q4", LATER, "Sơ kết"), ("2026-11", LATER, "Sơ kết")],
)
async def test_a_year_that_is_over_has_a_final_review(world: World, period: str, today: date, title: str) -> None:
    found = await composed(world, period, today=today)
    page = Document(BytesIO(review_file_of(found, Layout.STATE, SAY).data))
    assert page.core_properties.title.startswith(title)
    unfinished = [line.text for line in found.parts[0].lines if "chưa kết thúc" in line.text]
    assert bool(unfinished) == (today == DAY)


@pytest.mark.parametrize("layout", list(Layout))
async def test_the_same_command_gives_the_same_bytes_in_each_layout(world: World, layout: Layout) -> None:
    await put_reports(world, [report()])
    first, again = [await written(world, layout=layout) for _ in range(2)]
    assert first == again
    text = "\n".join(lines(first))
    assert ("ĐẢNG CỘNG SẢN VIỆT NAM" in text) == (layout is Layout.PARTY)
    assert [canary for canary in CANARIES if canary in text] == []
    assert [len(table.columns) for table in Document(BytesIO(first)).tables[-3:]] == [5, 11, 11]
    check_template(review_template_of(layout), REVIEW_FIELDS)


async def test_what_changed_since_or_was_changed_is_found(world: World) -> None:
    await put_reports(world, [report(), report()])
    data = await written(world)
    name = next(name for name in bookmarks(data) if name.startswith("F_II_4_1_"))
    page = part(data, "word/document.xml").decode()
    place = page.index(">2<", page.index(f'"{name}"'))
    changed = replaced(data, "word/document.xml", lambda _: (page[:place] + ">7<" + page[place + 3 :]).encode())
    assert await different(world, changed) == [Difference("II.4.1", 7, 2)]
    await put_reports(world, [report()], first=10)
    assert Difference("II.4.1", 2, 3) in await different(world, data)


@pytest.mark.parametrize(
    ("there", "instead"),
    [
        ('"kind":"review"', '"kind":"synthesis"'),
        ('"key":"reports"', '"key":"__class__"'),
        ('"cut":{"unit":["X06040"]}', '"cut":{"unit":["X06040","X06043"]}'),
        ('"cut":{"unit":["X06040"]}', '"cut":{"unit":["X99999"]}'),
        ('"cut":{"unit":["X06040"]}', '"cut":{"sign":["silent"]}'),
    ],
)
async def test_no_query_of_a_stranger_counts_anything_else(world: World, there: str, instead: str) -> None:
    await put_reports(world, [report()])

    def other(body: bytes) -> bytes:
        assert there.encode() in body
        return body.replace(there.encode(), instead.encode())

    assert await different(world, replaced(await written(world), "customXml/item1.xml", other))


async def test_a_draft_keeps_its_sentences_when_it_is_counted_anew(world: World) -> None:
    await put_reports(world, [report()])
    page = Document(BytesIO(await written(world)))
    page.add_paragraph("Một câu của người tổng kết.")
    out = BytesIO()
    page.save(out)
    async with world.parts.database.writing() as connection:
        await connection.execute(update(tables.reports).values(state="done"))
    found = read_synthesis(out.getvalue())
    async with world.parts.database.reading() as connection:
        tree = await load_tree(connection)
        office = Office(connection, tree, LATER, world.parts.settings.zone)
        done: Any = await refresh(office, out.getvalue(), found, tree.by_code["T20"])
    assert (done.gone, done.new_issues) == ((), ())
    assert done.changed > 0
    assert "Một câu của người tổng kết." in lines(done.data)
    assert await different(world, done.data) == []
