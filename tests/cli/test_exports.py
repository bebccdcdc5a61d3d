"""What leaves the office: the rules of k for results and rows, and the columns of every export."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import insert, select

from nhipcau.bot.language.catalogue import texts
from nhipcau.insight.poll_results import poll_result
from nhipcau.model.requests import Request, RequestState
from nhipcau.model.tally import tally_of
from nhipcau.office.export_book import column_title
from nhipcau.office.export_tables import answer_table
from nhipcau.storage import requests as stored
from nhipcau.storage.tables import issues, people, reports, units
from nhipcau.storage.units import load_tree
from tests.support.requests import answer_all, ask, crowd, csv_rows, end, exported, yesno
from tests.support.world import World

pytestmark = pytest.mark.slow

FOUR = {
    "title": "Bốn câu",
    "questions": [
        {"text": "Giờ?", "choices": ["Sáng", "Chiều"]},
        {"text": "Tiện?", "kind": "yesno"},
        {"text": "Vì sao?", "kind": "text"},
        {"text": "Gì nữa?", "kind": "text"},
    ],
}


@pytest.fixture
async def poll(world: World) -> Request:
    """A closed poll of four questions as the store gives it; its answers are the test's."""
    await crowd(world, 5)
    id = await ask(world, FOUR)
    await end(world, id)
    async with world.parts.database.reading() as connection:
        return (await stored.read_requests(connection, await load_tree(connection), [id]))[id]


def rows_of(poll: Request, answers: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return answer_table([poll], {poll.id: answers}, texts("vi"), {poll.id: tally_of(poll.form, answers)}).rows


def result_of(poll: Request, answers: Sequence[dict[str, Any]]) -> str:
    return poll_result(poll.title, poll.form, tally_of(poll.form, answers), len(answers), texts("vi"), texts=True)


def person(n: int) -> dict[str, Any]:
    """Half choose 1, yes; half 2, no; each writes two texts of their own."""
    return {"q1": "12"[n % 2], "q2": ("yes", "no")[n % 2], "q3": f"vì {n}", "q4": f"nữa {n}"}


# ------------------------------------------------------------------ rules of k


@pytest.mark.slow
async def test_fewer_than_five_people_show_nothing(poll: Request) -> None:
    assert rows_of(poll, [person(n) for n in range(4)]) == []
    assert "Chưa đủ 5 người trả lời" in result_of(poll, [person(n) for n in range(4)])
    assert "vì 1" not in result_of(poll, [person(n) for n in range(4)])
    assert len(rows_of(poll, [person(n) for n in range(5)])) == 5


async def test_five_who_skip_everything_show_nothing(poll: Request) -> None:
    assert rows_of(poll, [{}] * 5) == []
    assert "Chưa đủ 5" in result_of(poll, [{}] * 5)


@pytest.mark.parametrize("number", [10, 40])
async def test_a_question_answered_by_fewer_than_five_is_empty(poll: Request, number: int) -> None:
    answers = [person(n) for n in range(number)]
    for answer in answers[4:]:
        del answer["q2"], answer["q4"]
    rows = rows_of(poll, answers)
    assert {(row["q2"], row["q2_label"], row["q4"]) for row in rows} == {(None, None, None)}
    assert Counter(row["q1"] for row in rows) == {"1": number // 2, "2": number // 2}
    assert "nữa" not in result_of(poll, answers).replace("Gì nữa?", "")


@pytest.mark.slow
@pytest.mark.parametrize(("number", "shown"), [(5, False), (19, False), (20, True)])
async def test_unanimity_below_twenty_is_no_row_and_no_count(poll: Request, number: int, shown: bool) -> None:
    answers = [{**person(n), "q1": "1"} for n in range(number)]
    assert ({row["q1"] for row in rows_of(poll, answers)} == {"1"}) is shown
    assert ("Hầu hết chọn: Sáng" in result_of(poll, answers)) is not shown
    assert (f"{number} Sáng" in result_of(poll, answers)) is shown


async def test_several_choices_that_all_of_few_made_are_unanimous_too(world: World) -> None:
    await crowd(world, 5)
    question = {"text": "Cần gì?", "kind": "several", "choices": ["Đường", "Điện"]}
    id = await ask(world, {"title": "Cần gì", "questions": [question]})
    async with world.parts.database.reading() as connection:
        request = (await stored.read_requests(connection, await load_tree(connection), [id]))[id]
    answers = [{"q1": ["1"]}] * 6
    assert rows_of(replace(request, state=RequestState.CLOSED), answers) == []
    assert "6 Đường" not in result_of(request, answers)


def pairs(poll: Request, answers: Sequence[dict[str, Any]], first: str, second: str, times: int) -> list[Counter[Any]]:
    """How often each combination of two columns comes, one count an export."""
    return [Counter((row[first], row[second]) for row in rows_of(poll, answers)) for _ in range(times)]


@pytest.mark.slow
@pytest.mark.parametrize("number", [18, 24])
async def test_repeating_the_export_tells_no_combination(poll: Request, number: int) -> None:
    """Rule R14: what is known of somebody at one question tells nothing of them at another, however many answered."""
    answers = [person(n) for n in range(number)]
    counts = pairs(poll, answers, "q1", "q2", 300)
    # in truth everybody who chose 1 said yes; by chance it is half of them, and never a sure thing
    together = [count["1", "yes"] for count in counts]
    assert number / 4 - 0.5 < sum(together) / len(together) < number / 4 + 0.5
    assert len(set(together)) > 3
    truth = {(answer["q3"], answer["q4"]) for answer in answers}
    kept = [sum(1 for row in rows_of(poll, answers) if (row["q3"], row["q4"]) in truth) for _ in range(60)]
    assert sum(kept) / len(kept) < 2
    for question in ("q1", "q3"):
        assert Counter(row[question] for row in rows_of(poll, answers)) == Counter(a[question] for a in answers)
    assert set(rows_of(poll, answers)[0]) == {
        *("poll", "version", "group"),
        *(f"q{n}{label}" for n in range(1, 5) for label in ("", "_label")),
    }


async def test_what_too_few_chose_is_left_empty_and_no_difference_tells_it(poll: Request) -> None:
    """Rule R14."""
    answers = [{"q1": "1" if n else "2", "q2": ("yes", "no")[n % 2]} for n in range(20)]
    rows = rows_of(poll, answers)
    assert {row["q1"] for row in rows} == {None}
    assert Counter(row["q2"] for row in rows) == {"yes": 10, "no": 10}
    assert "Hầu hết chọn: Sáng" in result_of(poll, answers)


async def test_texts_are_shown_in_no_order_people_have_in_common(poll: Request) -> None:
    answers = [{"q3": f"vì {chr(100 - n)}", "q4": f"nữa {chr(97 + n)}"} for n in range(5)]
    shown = result_of(poll, answers)
    assert shown.index("vì `") < shown.index("vì d")
    assert shown.index("nữa a") < shown.index("nữa e")


# ------------------------------------------------------------------ through the store and the file


@pytest.mark.slow
async def test_a_poll_can_be_exported_only_after_closing(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    phones = await crowd(world, 10)
    id = await ask(world, yesno())
    await answer_all(phones, ["Có", "Không"] * 5)
    assert await csv_rows(world, "answers", poll=id) == []
    assert capsys.readouterr().err == f"{id}: chưa đóng nên chưa có câu trả lời để xuất.\n"
    await end(world, id)
    rows = await csv_rows(world, "answers", poll=id)
    assert Counter((row["q1"], row["q1_label"]) for row in rows) == {("yes", "Có"): 5, ("no", "Không"): 5}
    assert list(rows[0]) == ["poll", "version", "group", "q1", "q1_label"]
    assert {(row["poll"], row["version"], row["group"]) for row in rows} == {(id, "1", "")}
    assert capsys.readouterr().err == ""


@pytest.mark.slow
async def test_fewer_than_five_leave_a_header_and_one_line_why(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    phones = await crowd(world, 6)
    id = await ask(world, yesno())
    await answer_all(phones, ["Có", "Không", "Có", "Không"])
    await end(world, id)
    path = await exported(world, "answers", poll=id)
    assert path.read_bytes() == b"\xef\xbb\xbfpoll,version,group,q1,q1_label\r\n"
    why = capsys.readouterr().err
    assert "chưa đủ 5 người" in why
    assert why.count("\n") == 1
    assert (await exported(world, "answers", "jsonl", poll=id)).read_bytes() == b""
    assert "Chưa đủ 5 người trả lời nên không công bố" in (await phones[0].read())[0].text


REPORT = ["code", "day", "topic", "area", "place", "mood", "spread", "urgency", "groups", "source"]
COUNTED = ["asked", "reached", "started", "answered", "nothing_to_report", "late", "unreachable"]
#: As README.md and the exports promise them: jsonl has these; csv and xlsx also a label beside each code.
COLUMNS = {
    "reports": [*REPORT, "text", "proposal", "state", "issue", "practice", "photos"],
    "answers": ["poll", "version", "group", "unit", "day", "late", "q1", "q2"],
    "requests": ["id", "kind", "title", "unit", *COUNTED],
    "people": ["id", "name", "unit", "role", "channels", "state", "consented_on"],
    "issues": ["code", "statement", "topic", "areas", "reports", "state", "owner", "opened", "answered"],
}
FORMULA = '=HYPERLINK("http://x")'
EVIL = ["=1+1", "+84 gọi", "-Mưa lũ", "@lan"]


async def full_office(world: World) -> str:
    """A report full of formulas, people of two units, a rapid request that both answered; its id."""
    here, there = await crowd(world, 2), await world.joined("@lan", "X06001")
    questions = [{"text": "Có sạt lở không?", "kind": "yesno"}, {"text": "Ở đâu?", "kind": "text"}]
    file = {"title": "-Mưa lũ", "audience": {"units": ["X06040", "X06001"]}, "questions": questions}
    id = await ask(world, file, "rapid", unit="T20")
    await answer_all(here[:1], ["Không có gì"])
    await there.read()
    await there.tap("Có")
    await there.say("=1+1")
    await there.tap("Gửi")
    area = (await world.rows(units.select().filter_by(code="X06040")))[0].id
    row = {"code": "PA-2345678", "day": world.now.date(), "topic": "GT", "area_id": area, "mood": "ban_khoan"}
    row |= {"spread": 2, "urgency": "som", "groups": "", "source": "hop", "state": "new", "issue": "VD-2345678"}
    row |= {"text": FORMULA, "proposal": "+84 gọi", "month": "month-2026-11"}
    async with world.parts.database.writing() as connection:
        await connection.execute(insert(reports).values(**row))
        issue = {"code": "VD-2345678", "statement": "-Đường hỏng", "topic": "GT", "owner_unit_id": area}
        await connection.execute(insert(issues).values(**issue, state="open", opened=world.now.date()))
    return id


def sheet(path: Path, place: int = 0) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in load_workbook(path).worksheets[place].iter_rows()]


@pytest.mark.slow
async def test_every_export_has_the_promised_columns_in_every_format(world: World) -> None:
    await full_office(world)
    for what, columns in COLUMNS.items():
        lines = (await exported(world, what, "jsonl")).read_text(encoding="utf-8").splitlines()
        assert [list(json.loads(line)) for line in lines] == [columns] * len(lines)
        data = (await exported(world, what)).read_bytes()
        assert data.startswith(b"\xef\xbb\xbf")
        header, *rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
        assert [name for name in header if not name.endswith("_label")] == columns
        assert all(header[n - 1] == name.removesuffix("_label") for n, name in enumerate(header) if "_label" in name)
        titles, *cells = sheet(await exported(world, what, "xlsx"))
        assert len(cells) == len(rows) == len(lines) > 0
        explained = sheet(await exported(world, what, "xlsx"), 1)[1:]
        assert set(titles) == {row[0] for row in explained}
        assert {row[1] for row in explained} == set(header)
        # every column has a title of its own in every language
        assert len(set(titles)) == len(titles)
        plain = {name.removesuffix("_label") for name in header}
        assert [name for name in plain if column_title(what, name, texts("vi")) == name] == []


async def test_cells_that_would_be_formulas_are_harmless(world: World) -> None:
    await full_office(world)
    seen: set[str] = set()
    in_sheets: set[str] = set()
    for what in COLUMNS:
        cells = [cell for row in await csv_rows(world, what) for cell in row.values()]
        assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []
        seen.update(cells)
        for row in load_workbook(await exported(world, what, "xlsx")).worksheets[0].iter_rows():
            assert all(cell.data_type != "f" for cell in row)
            in_sheets.update(cell.value for cell in row if isinstance(cell.value, str))
    assert {"'" + cell for cell in [FORMULA, *EVIL]} <= seen
    # a sheet's cell says itself that it is text
    assert {FORMULA, *EVIL} <= in_sheets
    # programs read them as they are
    assert FORMULA in json.loads((await exported(world, "reports", "jsonl")).read_text(encoding="utf-8"))["text"]


async def test_unit_means_the_unit_of_the_rows(world: World) -> None:
    id = await full_office(world)

    async def of(what: str, unit: str, column: str) -> list[str]:
        return sorted(row[column] for row in await csv_rows(world, what, unit=unit))

    assert await of("reports", "X06040", "code") == ["PA-2345678"]
    assert await of("reports", "X06001", "code") == []
    # asked by the province, of whom the communes are: each sees its own row
    assert await of("requests", "X06001", "unit") == ["X06001"]
    assert await of("requests", "", "unit") == ["X06001", "X06040"]
    assert await of("answers", "X06001", "unit") == ["X06001"]
    assert await of("answers", "Xã Thất Khê", "unit") == ["X06040"]
    assert await of("people", "X06001", "unit") == ["X06001"]
    assert await of("issues", "X06040", "areas") == ["X06040"]
    assert await of("issues", "X06001", "code") == []
    assert len(await csv_rows(world, "answers", poll=id)) == 2


@pytest.mark.slow
async def test_requests_count_persons_by_unit(world: World) -> None:
    id = await full_office(world)
    rows = {row["unit"]: row for row in await csv_rows(world, "requests", poll=id)}
    counted = {unit: [row[name] for name in COUNTED] for unit, row in rows.items()}
    # one of two at X06040 read it and had nothing to report; the other has not fetched it
    assert counted == {"X06040": ["2", "1", "1", "1", "1", "0", "0"], "X06001": ["1", "1", "1", "1", "0", "0", "0"]}
    answers = {row["unit"]: row for row in await csv_rows(world, "answers", poll=id)}
    assert (answers["X06040"]["q1"], answers["X06040"]["q1_label"]) == ("none", "Không có gì")
    assert (answers["X06001"]["q1"], answers["X06001"]["day"], answers["X06001"]["late"]) == ("yes", "2026-11-23", "0")


async def test_people_and_content_never_share_a_file(world: World) -> None:
    await full_office(world)
    for what in ("reports", "answers", "requests", "issues"):
        text = (await exported(world, what, "jsonl")).read_text(encoding="utf-8")
        assert "Người 1" not in text
        assert not [id for (id,) in await world.rows(select(people.c.id)) if id in text]
    assert FORMULA not in (await exported(world, "people", "jsonl")).read_text(encoding="utf-8")
