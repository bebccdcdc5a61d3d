"""The first page of a search over a hundred thousand and a million reports, beside LIKE over their texts (SQLite).

`python -m benchmarks.search 100000` measures another number; `NHIPCAU_BENCH_URL` another database.
"""

from __future__ import annotations

import asyncio
import os
import random
import statistics
import sys
import time
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select, text

from benchmarks.filled import fill
from benchmarks.people import office
from benchmarks.table import Line, show
from nhipcau.bot import language
from nhipcau.bot.language.yaml_file import read_yaml
from nhipcau.context import AppContext
from nhipcau.model.scope import Scope
from nhipcau.model.search import Page, SearchWords, phrases_of
from nhipcau.storage.search import search_reports
from nhipcau.storage.tables import reports, units
from nhipcau.storage.units import inside, load_tree

SIZES = (100_000, 1_000_000)
_CALLS = 7
#: What is typed, from what nearly every report has to what none has; of the province and of one commune.
ASKED = (
    *("đường", "duong", "ma", "nước sạch", '"nước sạch"', "bà con đường rác chợ", '"rác chợ"', '"chợ đường"', "sổ đỏ"),
    *("cấp sổ đỏ chậm", "quyenhlac", "đường quyenhlac"),
)


def sentences(number: int = 20_000) -> list[str]:
    """Made of what people say of topics, some of it far more often than the rest."""
    chance = random.Random(3)
    phrases = [p.strip() for s in read_yaml(files(language).joinpath("topics.yaml")).values() for p in s.split(",")]
    chance.shuffle(phrases)
    often = [1 / (n + 5) for n in range(len(phrases))]
    made = []
    for _ in range(number):
        parts = chance.choices(phrases, often, k=chance.randrange(4, 14))
        made.append(f"bà con {chance.choice(('ở chợ', 'thôn', 'xóm'))} nói đường {', '.join(parts)}")
    made[7] += " quyenhlac"
    return made


async def first_page(sizes: Sequence[int] = SIZES) -> list[Line]:
    lines = []
    for size in sizes:
        with TemporaryDirectory() as name:
            async with office(Path(name), os.environ.get("NHIPCAU_BENCH_URL", "")) as parts:
                begun = time.perf_counter()
                await fill(parts, size, sentences())
                print(f"filled in {time.perf_counter() - begun:.0f} s", flush=True)
                await parts.database.vacuum([reports.name])
                async with parts.database.writing() as connection:
                    await connection.execute(text("ANALYZE"))
                lines.append(await _line(parts, size))
    return lines


async def _line(parts: AppContext, size: int) -> Line:
    ours, worst = [], ("", 0.0)
    for unit in ("T20", "X06184"):
        for typed in ASKED:
            took = await _ours(parts, typed, unit)
            print(f"{size:>9,} {unit} {typed}: {took * 1000:.1f} ms", flush=True)
            ours.append(took)
            worst = max(worst, (f"{typed} in {unit}", took), key=lambda each: each[1])
    like = [await _like(parts, typed) for typed in ("nước sạch", "quyenhlac")]
    return Line(
        f"first page of a search, {size:,} reports (ms: median, worst)",
        f"{1000 * statistics.median(ours):.1f}; {1000 * worst[1]:.1f} ({worst[0]})",
        f"LIKE: {1000 * min(like):.0f} (a common word) to {1000 * max(like):.0f} (a rare one)",
        "",
        "under 100 ms at a million",
    )


async def _ours(parts: AppContext, typed: str, unit: str) -> float:
    times = []
    for _ in range(_CALLS):
        async with parts.database.reading() as connection:
            tree = await load_tree(connection)
            wanted = SearchWords(phrases_of(typed, tree.known_places) or ())
            begun = time.perf_counter()
            await search_reports(connection, Scope.office(tree.by_code[unit]), tree, wanted, Page(0, 5))
            times.append(time.perf_counter() - begun)
    return statistics.median(times)


async def _like(parts: AppContext, typed: str) -> float:
    async with parts.database.reading() as connection:
        found = select(reports).join(units, units.c.id == reports.c.area_id).where(inside("/T20/"))
        found = found.where(reports.c.text.like(f"%{typed}%"))
        begun = time.perf_counter()
        (await connection.execute(found.order_by(reports.c.day.desc(), reports.c.code.desc()).limit(6))).all()
        return time.perf_counter() - begun


if __name__ == "__main__":
    show(asyncio.run(first_page([int(size) for size in sys.argv[1:]] or SIZES)))
