"""docxtpl alone: the rows read and counted, the tables of the same template filled, no references and no queries.

`python -m benchmarks.peer_synthesis DATABASE TEMPLATE FILE`
"""

from __future__ import annotations

import sqlite3
import sys
from collections import Counter
from typing import Any

from docxtpl import DocxTemplate

from nhipcau.insight.synthesis.fields import FIELDS

_MOODS = {"": "chua_ro", "phan_khoi": "phan_khoi", "dong_tinh": "dong_tinh", "quan_tam": "quan_tam"}
_MONTH = "SELECT topic, mood, units.name FROM reports JOIN units ON units.id = area_id WHERE day BETWEEN ? AND ?"


def _rows(counts: Counter[tuple[str, str]]) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for (name, mood), number in sorted(counts.items()):
        row = found.setdefault(name, {"ten": name, "tong": 0})
        row[_MOODS.get(mood, mood)] = number
        row["tong"] += number
    return list(found.values())


def main(database: str, template: str, file: str) -> None:
    topics: Counter[tuple[str, str]] = Counter()
    areas: Counter[tuple[str, str]] = Counter()
    with sqlite3.connect(database) as connection:
        for days in (("2026-10-01", "2026-10-31"), ("2026-11-01", "2026-11-30")):
            for topic, mood, area in connection.execute(_MONTH, days):
                topics[topic, mood] += 1
                areas[area, mood] += 1
    lines = [{"loai": "doan", "chu": f"Câu {number}"} for number in range(60)]
    parts = [{"so": number, "ten": number, "cac_dong": lines} for number in ("I", "II", "III", "IV", "V")]
    page = DocxTemplate(template)
    tables = {"bang_linh_vuc": _rows(topics), "bang_don_vi": _rows(areas)}
    page.render({**dict.fromkeys(FIELDS, ""), **tables, "cac_phan": parts, "cong_linh_vuc": {}, "cong_don_vi": {}})
    page.save(file)


if __name__ == "__main__":
    main(*sys.argv[1:])
