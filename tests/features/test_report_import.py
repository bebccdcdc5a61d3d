"""`import reports` into an office, on each database: what is stored, what comes twice, and what becomes of it."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from nhipcau.cli.imports import import_reports
from nhipcau.cli.runner import CommandFailed
from nhipcau.handlers.buttons import ManageReport, OfficeAct
from nhipcau.storage.tables import audit, outbox, reports
from tests.support.reports import answer, filed
from tests.support.requests import exported
from tests.support.world import World

pytestmark = pytest.mark.slow

ROAD = "Đường vào bản bị sạt không đi được"
TODAY = datetime.now(UTC).date()
LONG_AGO = TODAY - timedelta(days=400)


def lines_of(number: int, day: date = LONG_AGO, **more: Any) -> list[dict[str, Any]]:
    row = {"day": day.isoformat(), "area": "X06184", **more}
    return [{**row, "text": f"{ROAD} {n}"} for n in range(number)]


def written(world: World, rows: Sequence[dict[str, Any]]) -> Path:
    path = world.parts.settings.data_dir / "phan-anh.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


async def brought(
    world: World, rows: Sequence[dict[str, Any]] | Path, capsys: pytest.CaptureFixture[str], **more: Any
) -> dict[str, Any]:
    """What the command prints."""
    capsys.readouterr()
    path = rows if isinstance(rows, Path) else written(world, rows)
    await import_reports(world.parts, path, as_json=True, **more)
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


async def number(world: World) -> int:
    return int((await world.rows(select(func.count()).select_from(reports)))[0][0])


async def test_the_same_file_twice_adds_nothing(office: World, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [*lines_of(30), *lines_of(3)]
    assert (await brought(office, rows, capsys, dry_run=True))["added"] == 33
    assert await number(office) == 0
    done = await brought(office, rows, capsys)
    assert (done["added"], done["known"], done["guessed"]) == (33, 0, 33)
    # of what stands twice in a file both are reports
    assert (await brought(office, rows, capsys))["added"] == 0
    assert (await brought(office, [*rows, *lines_of(1)], capsys))["added"] == 1
    assert await number(office) == 34
    kinds = [row.number for row in await office.rows(select(audit).where(audit.c.kind == "report.import"))]
    assert sorted(kinds) == [0, 1, 33]


async def test_an_import_has_no_tag_and_alerts_nobody(office: World, capsys: pytest.CaptureFixture[str]) -> None:
    await office.joined("Khôi", "X06184", "coordinator")
    waiting = await office.rows(select(outbox.c.id))
    await brought(office, lines_of(5, TODAY, urgency="khan", place="chợ"), capsys)
    assert await office.rows(select(outbox.c.id)) == waiting
    (row,) = {
        row[1:] for row in await office.rows(select(reports.c.code, reports.c.tag, reports.c.source, reports.c.state))
    }
    assert row == (None, "nhap_ho", "new")
    # no key of a month is made for what carries no tag
    assert not [name for name in office.parts.sealer.ring.names("month-") if name]


async def test_one_wrong_row_and_nothing_is_imported(office: World, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [*lines_of(3), {"day": "2020-01-01", "area": "X06184", "text": ROAD}]
    with pytest.raises(CommandFailed) as refused:
        await brought(office, rows, capsys)
    assert str(refused.value).splitlines()[-1] == "Chưa nhập gì: cần sửa 1 dòng, 3 dòng đã đúng."
    assert str(refused.value).startswith("Dòng 4: ngày '2020-01-01' đã quá 24 tháng")
    printed = json.loads(capsys.readouterr().out)
    assert (printed["added"], printed["problems"][0]["row"]) == (0, 4)
    assert await number(office) == 0


@pytest.mark.parametrize("form", ["csv", "xlsx", "jsonl"])
async def test_an_export_is_read_again(world: World, capsys: pytest.CaptureFixture[str], form: str) -> None:
    more: dict[str, Any] = {
        "topic": "GT",
        "mood": "buc_xuc",
        "spread": 4,
        "groups": ["nong_dan", "can_bo"],
        "source": "hop",
    }
    await brought(world, lines_of(4, place="chợ", proposal="=sửa sớm", state="done", **more), capsys)
    path = await exported(world, "reports", form, unit="X06184")
    columns = [column for column in reports.columns if column.name != "code"]
    before = sorted(map(tuple, await world.rows(select(*columns))), key=str)
    assert (await brought(world, path, capsys))["added"] == 0
    async with world.parts.database.writing() as connection:
        await connection.execute(reports.delete())
    assert (await brought(world, path, capsys))["added"] == 4
    assert sorted(map(tuple, await world.rows(select(*columns))), key=str) == before


async def test_withdrawn_words_do_not_come_back(office: World, capsys: pytest.CaptureFixture[str]) -> None:
    lan = await office.joined("Lan", "X06184")
    code = await filed(lan, "Mất nước ba ngày")
    async with office.parts.database.writing() as connection:
        await connection.execute(reports.update().values(day=TODAY))
    path = await exported(office, "reports", "jsonl")
    async with office.parts.database.writing() as connection:
        await connection.execute(reports.update().values(text="", state="withdrawn"))
    assert (await brought(office, path, capsys))["known"] == 1
    assert [row.code for row in await office.rows(select(reports.c.code))] == [code]


async def test_two_exports_put_together_add_each_report_once(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{**row, "code": f"PA-AAAAAA{n}"} for n, row in enumerate(lines_of(3))]
    for added, known in ((3, 3), (0, 6)):
        done = await brought(world, [*rows, *rows], capsys)
        assert (done["added"], done["known"]) == (added, known)


async def test_an_answer_goes_to_the_area(office: World, capsys: pytest.CaptureFixture[str]) -> None:
    khoi = await office.joined("Khôi", "X06184", "coordinator")
    lan, hoa = await office.joined("Lan", "X06184"), await office.joined("Hoa", "X06040")
    await brought(office, lines_of(1), capsys)
    (row,) = await office.rows(select(reports.c.code))
    await khoi.press(ManageReport(row.code, OfficeAct.SHOW))
    await answer(khoi, row.code, "Trả lời", "Xã đã sửa đường.")
    await lan.read()
    await hoa.read()
    assert "Xã đã sửa đường." in lan.last.text
    assert "Xã đã sửa đường." not in hoa.last.text


async def test_old_reports_come_after_those_somebody_waits_for(
    office: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """Thousands of earlier reports do not hide what came today."""
    khoi, lan = await office.joined("Khôi", "X06184", "coordinator"), await office.joined("Lan", "X06184")
    await brought(office, lines_of(600, urgency="khan"), capsys)
    await filed(lan, "Mất nước ba ngày")
    await khoi.say("hộp thư")
    assert "Mất nước ba ngày" in khoi.last.text
    assert "1/601" in khoi.last.text
    await khoi.tap("Báo cáo tiếp")
    assert ROAD in khoi.last.text


async def test_the_order_of_the_file_is_nowhere(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    await brought(world, lines_of(400, TODAY), capsys)
    rows = await world.rows(select(reports.c.text))
    places = [int(row.text.rsplit(" ", 1)[1]) for row in rows]
    follow = sum(later == earlier + 1 for earlier, later in itertools.pairwise(places))
    assert follow < 10


async def test_codes_are_never_given_twice(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    done = await brought(world, lines_of(3000), capsys)
    assert done["added"] == len({row.code for row in await world.rows(select(reports.c.code))}) == 3000
