"""Databases of an office that has had many reports, and what else a measurement needs in it for a moment."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.forms.model import Form
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.bot.units.tree import Tree
from nhipcau.context import AppContext
from nhipcau.privacy.sealing import month_key
from nhipcau.storage.outbox import BROADCAST, NewDelivery, Purpose, put
from nhipcau.storage.report_counts import paused, recount
from nhipcau.storage.search_index import add_entries, code_of
from nhipcau.storage.tables import contacts, participation, reports, requests
from nhipcau.storage.units import load_tree

#: Reports are this many days old at most; tags live as long as an office follows up (60 days).
_DAYS, _TAGGED = 1000, 60
_CHUNK = 20_000
_TOPICS = ("DD", "MT", "GT", "DN", "YT", "GD", "NN", "GC", "BG", "KT", "LD", "AS", "AT", "HC")
_SENTENCES = (
    "đường vào thôn sụt một đoạn sau trận mưa tuần trước, xe máy đi lại khó, các cháu đi học phải vòng qua đồi",
    "bà con phấn khởi vì trạm y tế đã có bác sĩ trực cả tuần",
    "rác ở chợ chiều chưa được thu gom ba ngày nay, mùi bay tới trường học bên cạnh",
)


async def fill(parts: AppContext, number: int, sentences: Sequence[str] = _SENTENCES) -> None:
    """So many reports of three years, in every commune, most of them seen to, each one of these sentences."""
    chance, today = random.Random(number), datetime.now(UTC).date()
    async with parts.database.reading() as connection:
        areas = [unit.id for unit in (await load_tree(connection)).units]
    for start in range(0, number, _CHUNK):
        rows = [_report(n, chance, today, areas, sentences) for n in range(start, min(start + _CHUNK, number))]
        async with parts.database.writing() as connection, paused(connection):
            await connection.execute(insert(reports), rows)
            await add_entries(connection, rows)
    async with parts.database.writing() as connection:
        await recount(connection)


def _report(
    number: int, chance: random.Random, today: date, areas: Sequence[int], sentences: Sequence[str]
) -> dict[str, Any]:
    age = chance.randrange(_DAYS)
    day = today - timedelta(days=age)
    return {
        # scattered like random codes, and no two alike
        "code": code_of(number * 2_654_435_761 % 2**32),
        "day": day,
        "topic": chance.choice(_TOPICS),
        "area_id": chance.choice(areas),
        "mood": chance.choice(("phan_khoi", "dong_tinh", "quan_tam", "ban_khoan", "buc_xuc")),
        "spread": chance.randrange(1, 6),
        "urgency": chance.choice(("thuong", "thuong", "thuong", "som", "khan")),
        "text": chance.choice(sentences),
        "state": "new" if age < 7 else "done",
        "month": month_key(day),
        "tag": os.urandom(16) if age < _TAGGED else None,
    }


async def fill_request(connection: AsyncConnection, tree: Tree, people: Sequence[str]) -> str:
    """An open request to these people, whom it has not reached yet; its id."""
    now, id = datetime.now(UTC), "bench000"
    row = {"id": id, "kind": "rapid", "unit_id": tree.by_code["T20"].id, "title": "Mưa lũ"}
    row["form"] = Form(id, "Mưa lũ", ()).to_json()
    audience = json.dumps({"paths": [], "roles": [], "sample": 0})
    moments = {"state": "open", "opens_at": now, "closes_at": now + timedelta(days=1)}
    await connection.execute(insert(requests).values(**row, audience=audience, **moments))
    await connection.execute(
        insert(participation),
        [
            {
                "request_id": id,
                "person_id": person,
                "unit_id": tree.units[n % len(tree.units)].id,
                "state": "asked",
            }
            for n, person in enumerate(people)
        ],
    )
    return id


async def fill_outbox(
    connection: AsyncConnection, parts: AppContext, number: int, request_id: str | None = None
) -> None:
    """A pushed question for each of so many doors."""
    now = datetime.now(UTC)
    words = "Họp thôn tối thứ Bảy\nThăm dò của Xã Đồng Đăng, 1 câu\nTối thứ Bảy bác họp được không?"
    message = Message(words, (Choice("Có", "r:bench000:q0:0"), Choice("Không", "r:bench000:q0:1")))
    doors = list(await connection.scalars(select(contacts.c.id).order_by(contacts.c.id).limit(number)))
    purpose: Purpose = "ask" if request_id else "notice"
    parcels = [
        NewDelivery(door, message, BROADCAST, now, now + timedelta(days=1), purpose=purpose, request_id=request_id)
        for door in doors
    ]
    await put(connection, parts.sealer, now.date(), parcels)
