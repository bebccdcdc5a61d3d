"""What the peers of the report dialogue share: its words, and the one insert at its end, as durable as ours."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiosqlite

from benchmarks.phones import RECEIPT

OPENING = "Bác kể giúp: việc gì, ở đâu, từ bao giờ?"
SUMMARY = "Bác xem lại giúp:"
BACK, CANCEL = WAYS_OUT = ("Lùi", "Hủy")
SEND, CHANGE = "Gửi", "Sửa"
#: Steps after the sentence: what is asked, and its choices.
STEPS = (
    ("topic", "Việc này thuộc lĩnh vực nào? (1/5)", ("Giao thông", "Đất đai", "Môi trường", "Điện, nước", "Y tế")),
    ("area", "Ở xã, phường nào? (2/5)", ("Xã Đồng Đăng", "Xã Cao Lộc", "Xã Na Sầm", "Xã Thất Khê", "Xã Bình Gia")),
    ("spread", "Việc này lan rộng tới đâu? (3/5)", ("Vài ý kiến", "Một xóm", "Cả thôn", "Toàn xã", "Nhiều xã")),
    ("mood", "Bà con thấy thế nào? (4/5)", ("Phấn khởi", "Đồng tình", "Quan tâm", "Băn khoăn", "Bức xúc")),
    ("urgency", "Cần xử lý nhanh tới mức nào? (5/5)", ("Theo kỳ báo cáo", "Sớm", "Khẩn")),
)
NAMES = ("content", *(name for name, *_ in STEPS))


def summary(answers: Mapping[str, Any]) -> str:
    return "\n".join((SUMMARY, *(str(answers[name]) for name in NAMES)))


@asynccontextmanager
async def open_reports(path: str) -> AsyncIterator[aiosqlite.Connection]:
    async with aiosqlite.connect(path) as database:
        await database.execute("PRAGMA journal_mode=WAL")
        await database.execute("PRAGMA synchronous=FULL")
        await database.execute("CREATE TABLE reports (code, content, topic, area, spread, mood, urgency)")
        yield database


async def file_report(database: aiosqlite.Connection, answers: Mapping[str, Any]) -> str:
    """Insert it; the receipt's words."""
    code = secrets.token_hex(4)
    row = [code, *(answers[name] for name in NAMES)]
    await database.execute("INSERT INTO reports VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    await database.commit()
    return f"{RECEIPT} PA-{code}."
