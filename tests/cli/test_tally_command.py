"""`nhipcau tally` by real processes: the JSON of a cut, files with labels, and what it refuses."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.support.plain_rows import put, rows_of
from tests.support.processes import nhipcau

pytestmark = pytest.mark.slow

_REPORT = {
    **{"topic": "GT", "mood": "quan_tam", "spread": 1, "urgency": "thuong", "groups": "", "source": "", "text": "x"},
    **{"proposal": "", "issue": "", "confirmed": "", "month": "m", "state": "new"},
}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of August 2026: two reports of Thất Khê, one of Đoàn Kết, one withdrawn; one of July."""
    folder = tmp_path_factory.mktemp("office")
    nhipcau(folder, "init", "--province", "Lạng Sơn")
    ids = dict(rows_of(folder, "SELECT code, id FROM units"))
    filed: list[tuple[str, dict[str, Any]]] = [
        ("X06040", {"groups": "nong_dan,phu_nu"}),
        ("X06040", {"state": "done", "spread": 0, "mood": ""}),
        ("X06001", {"day": "2026-08-31"}),
        ("X06001", {"state": "withdrawn"}),
        ("X06001", {"day": "2026-07-31"}),
    ]
    for n, (unit, more) in enumerate(filed):
        put(folder, "reports", **{**_REPORT, "code": f"PA-{n}", "day": "2026-08-03", "area_id": ids[unit], **more})
    return folder


def body(office: Path, *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(nhipcau(office, "tally", *arguments, "--json"))
    return found


def test_the_json_is_the_cut_asked_for_with_its_base(office: Path) -> None:
    found = body(office, "--period", "2026-08", "--by", "area,groups")
    assert found == {
        "period": "2026-08",
        "unit": "T20",
        "reports": 3,
        "base": {"units": 65, "reported": 2, "nothing_new": 0, "silent": 63},
        "rows": [
            {"area": "X06001", "groups": "", "count": 1},
            {"area": "X06040", "groups": "", "count": 1},
            {"area": "X06040", "groups": "nong_dan", "count": 1},
            {"area": "X06040", "groups": "phu_nu", "count": 1},
        ],
    }


def test_from_one_period_to_another(office: Path) -> None:
    found = body(office, "--period", "2026-07..2026-W32", "--by", "month,spread", "--unit", "X06040")
    assert (found["period"], found["reports"], found["base"]["units"]) == ("2026-07..2026-W32", 2, 1)
    assert found["rows"] == [
        {"month": "2026-08", "spread": None, "count": 1},
        {"month": "2026-08", "spread": 1, "count": 1},
    ]
    assert body(office, "--period", "2026-08")["rows"] == [{"count": 3}]


def test_files_have_labels_beside_codes(office: Path, tmp_path: Path) -> None:
    arguments = ("tally", "--period", "2026-08", "--by", "state,day", "-o")
    nhipcau(office, *arguments, str(tmp_path / "a.csv"))
    lines = list(csv.DictReader((tmp_path / "a.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert lines[0] == {"state": "done", "state_label": "đã giải quyết", "day": "2026-08-03", "count": "1"}
    nhipcau(office, *arguments, str(tmp_path / "a.xlsx"))
    sheet = load_workbook(tmp_path / "a.xlsx").worksheets[0]
    cells = [cell.value for row in sheet.iter_rows() for cell in row]
    assert "Trong 65 xã, phường, cơ quan: 2 nơi có phản ánh, 0 nơi báo không có gì mới, 63 nơi chưa có tin gì" in cells
    assert {"đã giải quyết", "Số phản ánh"} <= set(cells)
    nhipcau(office, *arguments, str(tmp_path / "a.txt"), "--format", "jsonl")
    first = json.loads((tmp_path / "a.txt").read_text(encoding="utf-8").splitlines()[0])
    assert first == {"state": "done", "day": "2026-08-03", "count": 1}
    assert "đã giải quyết, 2026-08-03: 1" in nhipcau(office, "tally", "--period", "2026-08", "--by", "state,day")
