"""The register of requests (R10), why people were exported (R24), the dossier and a breach (R27, R28)."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from msoffcrypto import OfficeFile  # type: ignore[import-untyped]
from openpyxl import load_workbook
from sqlalchemy import select

from nhipcau.bot.language.catalogue import texts
from nhipcau.bot.recurrence.working_days import read_calendar
from nhipcau.model.data_requests import DataRequest, RightKind, due_of, limits_of
from nhipcau.office.legal_documents import MEASURES, RISKS
from nhipcau.storage import schema
from nhipcau.storage.exposure import tables_by_kind
from nhipcau.storage.legal_records import last_dossier, months_later, record_dossier
from nhipcau.storage.tables import audit, metadata
from tests.support.processes import nhipcau
from tests.support.requests import exported
from tests.support.world import World

T = texts("vi")
CALENDAR = read_calendar("")
#: As the office's clock says.
TODAY = (datetime.now(UTC) + timedelta(hours=7)).date()


@pytest.mark.parametrize(
    ("kind", "with_others", "received", "answer_by", "done_by"),
    [
        # two working days, a weekend between; fifteen days end on a Saturday
        ("withdraw", False, "2026-11-27", "2026-12-01", "2026-12-14"),
        ("restrict", False, "2026-12-01", "2026-12-03", "2026-12-16"),
        ("object", True, "2026-12-01", "2026-12-03", "2026-12-21"),
        ("see", False, "2026-12-01", "2026-12-03", "2026-12-11"),
        ("copy", True, "2026-12-01", "2026-12-03", "2026-12-21"),
        ("correct", False, "2026-12-02", "2026-12-04", "2026-12-14"),
        ("delete", False, "2026-12-01", "2026-12-03", "2026-12-21"),
        # the Tết break of 2026, 14 to 22 February, is in both
        ("withdraw", False, "2026-02-13", "2026-02-24", "2026-03-02"),
        ("see", False, "2026-02-10", "2026-02-12", "2026-02-23"),
        # 30 April and 1 May
        ("see", False, "2026-04-29", "2026-05-05", "2026-05-11"),
    ],
)
def test_the_law_s_days_go_by_the_calendar(
    kind: str, with_others: bool, received: str, answer_by: str, done_by: str
) -> None:
    """R10: computed by hand from the calendar of days off."""
    request = DataRequest("YC-1", RightKind(kind), date.fromisoformat(received), with_others=with_others)
    limits = limits_of(request, CALENDAR)
    assert (limits.answer_by.isoformat(), limits.done_by.isoformat()) == (answer_by, done_by)
    assert due_of(request, CALENDAR) == limits.answer_by


def test_the_office_s_own_days_off_count_too() -> None:
    request = DataRequest("YC-1", RightKind.SEE, date(2026, 12, 1))
    own = read_calendar("02/12/2026,off,Ngày truyền thống\n05/12/2026,work,")
    assert limits_of(request, own).answer_by == date(2026, 12, 4)


def test_a_dossier_is_due_again_after_six_months() -> None:
    assert months_later(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert months_later(date(2026, 12, 1), 6) == date(2027, 6, 1)


def test_every_table_has_its_place_in_the_dossier() -> None:
    """R28: a new table makes the kind "other", so that it is named."""
    named = [table.name for tables in tables_by_kind().values() for table in tables]
    assert sorted(named) == sorted(metadata.tables)
    for kind in tables_by_kind():
        for part in ("kind", "purpose", "basis", "until"):
            assert T.has(f"law.{part}.{kind}"), (part, kind)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("office")
    nhipcau(folder, "unit", "add", "Tỉnh Lạng Sơn", "--code", "T20")
    nhipcau(folder, "unit", "add", "Xã Đồng Đăng", "--code", "X06184", "--parent", "T20")
    roster = folder / "roster.csv"
    rows = ["CTV-1,Hoàng Thị Lan,Xã Đồng Đăng", "CTV-2,Nông Văn Én,Xã Đồng Đăng"]
    roster.write_text("Mã CTV,Họ và tên,Đơn vị\n" + "\n".join(rows) + "\n", encoding="utf-8")
    nhipcau(folder, "roster", "import", str(roster))
    return folder


def register(office: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(nhipcau(office, "request-log", "list", "--json"))
    return found


@pytest.mark.slow
def test_a_request_is_entered_answered_and_done(office: Path) -> None:
    """R10: overdue first, then what is due next; the register names nobody, even where a clerk typed a name."""
    note = "CV 12, bà Hoàng Thị Lan 0912345678"
    late = (TODAY - timedelta(days=40)).isoformat()
    new = json.loads(nhipcau(office, "request-log", "add", "--kind", "delete", "--note", note, "--json"))
    assert new["note"] == "CV 12, bà [HỌ TÊN] [SĐT]"
    old = json.loads(nhipcau(office, "request-log", "add", "--kind", "withdraw", "--received", late, "--json"))
    assert [(row["id"], row["overdue"]) for row in register(office)] == [(old["id"], True), (new["id"], False)]
    checks = {c["check"]: c for c in json.loads(nhipcau(office, "doctor", "--json", status=1))}
    assert checks["requests"]["ok"] is False
    assert "1 yêu cầu về dữ liệu cá nhân quá hạn" in checks["requests"]["detail"]
    nhipcau(office, "request-log", "done", old["id"], "--answered")
    nhipcau(office, "request-log", "done", old["id"].lower())
    assert "không có yêu cầu nào đang mở" in nhipcau(office, "request-log", "done", old["id"], status=1)
    rows = {row["id"]: row for row in register(office)}
    assert rows[old["id"]]["done"] == rows[old["id"]]["answered"] == TODAY.isoformat()
    assert rows[new["id"]]["due"] == new["answer_by"]
    assert "--kind ăn: dùng một trong see, copy" in nhipcau(office, "request-log", "add", "--kind", "ăn", status=2)
    assert "chưa tới" in nhipcau(office, "request-log", "add", "--kind", "see", "--received", "2099-01-01", status=2)


@pytest.mark.slow
def test_exporting_people_asks_why_and_is_on_record(office: Path) -> None:
    """R24: without a reason it is done, said and entered so; a password encrypts the workbook."""
    nhipcau(office, "export", "people", "-o", "people.csv")
    reason = "Gửi bà Nguyễn Thị Hoa lập dự toán quý IV"
    lock = "mật khẩu dài"
    arguments = ("export", "people", "--format", "xlsx", "-o", "people.xlsx", "--reason", reason)
    nhipcau(office, *arguments, "--password-env", "NHIPCAU_LOCK", LOCK=lock)
    locked = OfficeFile(io.BytesIO((office / "people.xlsx").read_bytes()))
    assert locked.is_encrypted()
    locked.load_key(password="mật khẩu dài")
    opened = io.BytesIO()
    locked.decrypt(opened)
    names = [cell.value for row in load_workbook(opened).worksheets[0].iter_rows() for cell in row]
    assert "Hoàng Thị Lan" in names
    entries = sorted((row["note"], row["number"]) for row in register(office) if row["kind"] == "export")
    assert entries == [("Gửi bà [HỌ TÊN] lập dự toán quý IV", 2), ("không ghi lý do", 2)]
    for wrong in (
        ("--password-env", "NO_SUCH_VARIABLE"),
        ("--password-env", "NHIPCAU_LOCK", "--format", "csv"),
    ):
        nhipcau(office, "export", "people", "--format", "xlsx", "-o", "x", *wrong, status=2, LOCK=lock)
    nhipcau(office, "export", "people", "--format", "xlsx", "-o", "x", status=2, EXPORT_PASSWORD="ngắn")
    assert not (office / "x").exists()
    assert "chỉ dùng với" in nhipcau(office, "export", "reports", "--reason", "x", status=2)
    # refused before anything is on record
    lines = nhipcau(office, "audit", "list", "--json")
    nhipcau(office, "export", "people", "-o", "x", "--reason", "dài " * 100, status=2)
    assert nhipcau(office, "audit", "list", "--json") == lines


def words_of(path: Path) -> str:
    page = Document(str(path))
    cells = [cell.text for table in page.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in page.paragraphs), *cells])


@pytest.mark.slow
def test_the_dossier_says_what_the_installation_is(office: Path) -> None:
    """R28: apps, terms and counts are those of the settings and the database, not of a template."""
    # what can't be written is not on record: the first one has version 1, and the audit one line for each
    nhipcau(office, "dossier", "-o", "nowhere/one.docx", status=1)
    assert "law.dossier" not in nhipcau(office, "audit", "list", "--json")
    nhipcau(office, "dossier", "-o", "one.docx")
    plain = words_of(office / "one.docx")
    assert T("law.no_crossing") in plain
    assert T("law.crossing_title") not in plain
    assert "24 tháng" in plain

    def again() -> dict[str, Any]:
        found: dict[str, Any] = json.loads(
            nhipcau(
                office,
                *("dossier", "-o", "two.docx", "--json"),
                TELEGRAM_TOKEN="1:abc",
                REPORT_MONTHS="18",
                FOLLOW_UP_DAYS="45",
                AUDIT_MONTHS="9",
            )
        )
        return found

    body = again()
    # another app and other terms are another version; the same once more is not
    assert (body["version"], body["schema"]) == (2, schema.HEAD)
    assert again()["version"] == 2
    assert body["next_update"] == months_later(TODAY, 6).isoformat()
    found = words_of(office / "two.docx")
    assert T("law.crossing") in found
    assert T("law.crossing_title") in found
    terms = {"report_months": 18, "follow_up_days": 45, "audit_months": 9}
    for name in ("reports", "tags", "audit"):
        assert T(f"law.term.{name}", **terms) in found
    assert T("law.controller", office="Tỉnh Lạng Sơn", units=2, people=2) in found
    assert T("law.next_update", day=f"{months_later(TODAY, 6):%d/%m/%Y}") in found
    assert all(T(f"law.measure.{name}") in found for name in MEASURES)
    assert all(T(f"law.risk.{name}_left") in found for name in RISKS)
    tables = Document(str(office / "two.docx")).tables
    [apps] = [table for table in tables if table.rows[0].cells[0].text == T("law.column.app")]
    states = {row.cells[0].text: (row.cells[1].text, row.cells[2].text) for row in apps.rows[1:]}
    assert states["Telegram"] == (T("law.on"), T("law.abroad"))
    assert states["Zalo OA"][0] == T("law.off")
    [kinds] = [table for table in tables if table.rows[0].cells[0].text == T("law.column.kind")]
    held = {row.cells[0].text: row.cells[1].text for row in kinds.rows[1:]}
    assert held[T("law.kind.roster", tables="")] == "2"
    assert held[T("law.kind.reports", tables="")] == T("law.nobody")


@pytest.mark.slow
async def test_a_dossier_s_version_goes_with_the_schema(world: World) -> None:
    async with world.parts.database.writing() as connection:
        assert await last_dossier(connection) is None
        for shape, version in (({"schema": "0012"}, 1), ({"schema": "0012"}, 1), ({"schema": "0013"}, 2)):
            assert (await record_dossier(connection, date(2026, 12, 1), shape)).version == version


@pytest.mark.slow
def test_a_breach_starts_the_clock_of_72_hours(office: Path) -> None:
    """R27: what lies there, of how many people, and by when it has to be told; a second call does not start it anew."""
    first = json.loads(nhipcau(office, "breach", "--json"))
    noticed, by = (datetime.fromisoformat(first[key]) for key in ("noticed", "notify_by"))
    assert by - noticed == timedelta(hours=72)
    assert 71.9 <= first["hours_left"] <= 72
    assert (first["people"], first["since"], first["apps"]) == (2, None, ["web"])
    [roster] = [each for each in first["exposed"] if each["kind"] == "roster"]
    assert (roster["rows"], roster["people"]) == (2, 2)
    again = json.loads(nhipcau(office, "breach", "--since", "2026-11-29 08:30", "-o", "notice.docx", "--json"))
    assert (again["noticed"], again["since"]) == (first["noticed"], "2026-11-29T08:30:00+07:00")
    found = words_of(office / "notice.docx")
    assert f"{by:%H:%M %d/%m/%Y}" in found
    assert "Dữ liệu có thể đã lộ từ 08:30 29/11/2026." in found
    assert T("law.notice_people", n=2) in found
    assert found.count(T("law.to_fill")) >= 6
    assert not [name for name in ("Hoàng Thị Lan", "Nông Văn Én") if name in found]
    checks = {c["check"]: c for c in json.loads(nhipcau(office, "doctor", "--json", status=1))}
    assert f"{by:%H:%M %d/%m/%Y}" in checks["breach"]["detail"]
    nhipcau(office, "breach", "--end")
    assert "chưa tới" in nhipcau(office, "breach", "--since", "2099-01-01", status=2)
    nhipcau(office, "breach", "--end")


@pytest.mark.slow
async def test_an_export_of_people_stands_in_the_audit(world: World) -> None:
    await world.joined("Hoàng Thị Lan")
    await exported(world, "people", "csv")
    assert [row for row in await world.rows(select(audit)) if "export.people" in row]
