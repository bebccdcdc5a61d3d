"""`nhipcau review` and `nhipcau person replace` by real processes."""

from __future__ import annotations

import csv
import json
from dataclasses import astuple, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from openpyxl import load_workbook

from nhipcau.bot.language.periods import month_of
from nhipcau.model.reviews import ReviewFigures
from nhipcau.privacy.keys import KeyRing
from nhipcau.privacy.sealing import Sealer
from nhipcau.storage.sealed_people import PersonDetails, details_of
from tests.support.plain_rows import put, rows_of
from tests.support.processes import nhipcau

pytestmark = pytest.mark.slow

#: As the office's clock says.
TODAY = (datetime.now(UTC) + timedelta(hours=7)).date()
MONTH = month_of(TODAY).text
CODES = [field.name for field in fields(ReviewFigures)]
_REPORT = {
    **{"topic": "GT", "mood": "quan_tam", "spread": 1, "urgency": "thuong", "groups": "", "source": "", "text": "x"},
    **{"proposal": "", "issue": "", "confirmed": "", "month": "m", "state": "new"},
}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A province with one collaborator in Thất Khê, two reports from there and one from Đoàn Kết."""
    folder = tmp_path_factory.mktemp("office")
    nhipcau(folder, "init", "--province", "Lạng Sơn")
    ids = dict(rows_of(folder, "SELECT code, id FROM units"))
    sealer = Sealer(KeyRing(folder / "keys"))
    sealer.people.make(["p1"])
    sealed = sealer.seal_person("p1", astuple(PersonDetails("Hoàng Thị Lan", "m1", cell="Thôn Một")))
    person = {"id": "p1", "sealed": sealed, "unit_id": ids["X06040"], "state": "consented"}
    put(folder, "people", **person, role="collaborator", language="vi", responsible=True)
    for n, (unit, more) in enumerate([("X06040", {}), ("X06040", {"state": "done"}), ("X06001", {})]):
        put(folder, "reports", **{**_REPORT, "code": f"PA-{n}", "day": str(TODAY), "area_id": ids[unit], **more})
    return folder


def body(office: Path, *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(nhipcau(office, "review", "--period", MONTH, *arguments, "--json"))
    return found


def test_the_json_has_totals_and_a_row_a_unit(office: Path) -> None:
    found = body(office)
    assert (found["period"], found["unit"]) == (MONTH, "T20")
    assert found["until"] == TODAY.isoformat()
    assert list(found["total"]) == CODES
    total = found["total"]
    assert (total["reports"], total["reports_answered"], total["reports_done"], total["collaborators"]) == (3, 1, 1, 1)
    rows = {row["unit"]: row for row in found["units"]}
    assert len(rows) == 65
    assert (rows["X06040"]["reports"], rows["X06040"]["sign"]) == (2, "news")
    assert (rows["X06001"]["reports"], rows["X06001"]["sign"]) == (1, "empty")
    one = body(office, "--unit", "Thất Khê")
    assert [row["unit"] for row in one["units"]] == ["X06040"]
    assert one["total"] == {key: rows["X06040"][key] for key in CODES}
    # the same as what stands in the files
    assert "Tổng hợp" in nhipcau(office, "review", "--period", MONTH)


def test_every_format_says_the_same(office: Path, tmp_path: Path) -> None:
    files = {form: tmp_path / f"review.{form}" for form in ("text", "csv", "xlsx", "jsonl")}
    for form, file in files.items():
        assert nhipcau(office, "review", "--period", MONTH, "--format", form, "-o", str(file)) == ""
    lines = [json.loads(line) for line in files["jsonl"].read_text(encoding="utf-8").splitlines()]
    assert lines == body(office)["units"]
    with files["csv"].open(encoding="utf-8-sig", newline="") as opened:
        table = list(csv.DictReader(opened))
    assert list(table[0]) == ["unit", "unit_label", *CODES, "sign", "sign_label"]
    assert [{key: row[key] for key in lines[0]} for row in table] == [{k: str(v) for k, v in r.items()} for r in lines]
    assert {row["unit"]: row["unit_label"] for row in table}["X06040"] == "Xã Thất Khê"
    book = load_workbook(files["xlsx"])
    assert book.sheetnames == ["Tổng", "Theo đơn vị", "Mã"]
    titles, *units = book["Theo đơn vị"].iter_rows(values_only=True)
    names = {row[0]: row[1] for row in book["Mã"].iter_rows(min_row=2, values_only=True)}
    assert {names[title] for title in titles} == set(table[0])
    assert titles[0] == "Đơn vị"
    total = {row[0]: row[1] for row in book["Tổng"].iter_rows(values_only=True)}
    assert {code: total[title] for title, code in names.items() if code in CODES} == body(office)["total"]
    unit = [names[title] for title in titles].index("unit")
    assert [row[unit] for row in units] == [row["unit"] for row in lines]
    assert "Hoàng Thị Lan" not in files["text"].read_text(encoding="utf-8") + files["csv"].read_text(encoding="utf-8")


@pytest.mark.parametrize("layout", ["state", "party"])
def test_a_document_is_written_verified_and_refreshed(office: Path, tmp_path: Path, layout: str) -> None:
    template, file = tmp_path / "mau.docx", tmp_path / "so-ket.docx"
    nhipcau(office, "template", "new", "--of", "review", "--layout", layout, "-o", str(template))
    nhipcau(office, "template", "check", "--of", "review", str(template))
    page = Document(str(template))
    page.add_paragraph("Ký tại {{ don_vi }}.")
    page.save(str(template))
    asked = ("review", "--period", MONTH, "--document", str(file), "--layout", layout, "--template", str(template))
    made = json.loads(nhipcau(office, *asked, "--json"))
    assert set(made) == {"file", "figures", "open_parts"}
    assert made["file"] == str(file)
    assert made["figures"] > 1000
    assert "Ký tại Tỉnh Lạng Sơn." in [paragraph.text for paragraph in Document(str(file)).paragraphs]
    assert json.loads(nhipcau(office, "synthesis", "verify", str(file), "--json")) == []
    assert json.loads(nhipcau(office, "synthesis", "refresh", str(file), "-o", str(file), "--json"))["changed"] == 0
    assert "export.review" in nhipcau(office, "audit", "list", "--json")


def test_a_template_of_the_synthesis_is_none_of_the_review(office: Path, tmp_path: Path) -> None:
    template, file = tmp_path / "mau.docx", tmp_path / "none.docx"
    nhipcau(office, "template", "new", "-o", str(template))
    asked = ("review", "--period", MONTH, "--document", str(file), "--template", str(template))
    assert "bang_linh_vuc" in nhipcau(office, *asked, status=1)
    assert not file.exists()


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--period", "tháng mười ba"), "2026-W47, 2026-11, 2026-Q4 hoặc 2026"),
        (("--period", "2099"), "2099: kỳ này chưa bắt đầu"),
        (("--period", "2026", "--format", "pdf"), "text, csv, xlsx, jsonl"),
        (("--period", "2026", "--document", "x.docx", "--layout", "church"), "--layout church"),
        (("--period", "2026", "--document", "x.docx", "--template", "absent.docx"), "absent.docx"),
        (("--period", "2026", "--unit", "Nơi Lạ"), '"Nơi Lạ": không có đơn vị này'),
    ],
)
def test_wrong_use_is_one_line(office: Path, arguments: tuple[str, ...], why: str) -> None:
    line = nhipcau(office, "review", *arguments, status=2)
    assert line.count("\n") == 1
    assert why in line


def test_a_successor_gets_a_card_and_who_left_has_none(office: Path) -> None:
    said = json.loads(nhipcau(office, "person", "replace", "p1", "--name", " Nông  Thị Mùi ", "--json"))
    assert set(said) == {"id", "code", "links"}
    assert said["links"]["web"].endswith(f"/c/{said['code']}")
    columns = "sealed, state, unit_id, role, responsible"
    old, new = rows_of(office, f"SELECT {columns} FROM people ORDER BY id = '{said['id']}'")
    successor = details_of(Sealer(KeyRing(office / "keys")), said["id"], new[0])
    assert (old[:2], new[1]) == ((None, "left"), "invited")
    assert (successor.name, successor.cell) == ("Nông Thị Mùi", "Thôn Một")
    assert old[2:] == new[2:]
    cards = rows_of(office, "SELECT code, person_id, uses_left FROM invites WHERE person_id IS NOT NULL")
    assert cards == [(said["code"], said["id"], 1)]
    assert ("person.replace", 1, "office") in rows_of(office, "SELECT kind, number, who FROM audit")
    assert "đã thôi tham gia" in nhipcau(office, "person", "replace", "p1", "--name", "Ai Đó", status=1)
    assert "không có người này" in nhipcau(office, "person", "replace", "nobody", "--name", "Ai Đó", status=2)
    assert "--name" in nhipcau(office, "person", "replace", said["id"], "--name", "123", status=2)
