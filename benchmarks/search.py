"""The first page of a list of reports, by words and by filters, of 1e5 and 1e6, beside LIKE over their texts (SQLite).

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
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import select, text

from benchmarks.filled import fill
from benchmarks.people import office
from benchmarks.table import Line, show
from nhipcau.bot import language
from nhipcau.bot.language.yaml_file import read_yaml
from nhipcau.bot.units.tree import Tree
from nhipcau.context import AppContext
from nhipcau.model.report_filter import ReplyState, ReportFilter
from nhipcau.model.reports import ReportState
from nhipcau.model.scope import Scope
from nhipcau.model.search import phrases_of
from nhipcau.storage.report_list import list_reports
from nhipcau.storage.tables import reports, units
from nhipcau.storage.units import inside, load_tree

SIZES = (100_000, 1_000_000)
_CALLS = 7
#: Seconds after which a call is not made again.
_HOPELESS = 2
#: What is typed, from what nearly every report has to what none has; of the province and of one commune.
ASKED = (
    *("đường", "duong", "ma", "nước sạch", '"nước sạch"', "bà con đường rác chợ", '"rác chợ"', '"chợ đường"', "sổ đỏ"),
    *("cấp sổ đỏ chậm", "quyenhlac", "đường quyenhlac"),
)
_NEW, _DONE, _CHECKED = ReportState.NEW, ReportState.DONE, ReportState.VERIFYING
#: What a list is narrowed by, from nothing to what no report is, alone and with words.
FILTERS: tuple[dict[str, Any], ...] = (
    *({}, {"topics": ("MT",)}, {"moods": ("buc_xuc",), "urgencies": ("khan",)}, {"moods": ("none",)}),
    *({"topics": ("MT",), "moods": ("buc_xuc",), "urgencies": ("khan",)}, {"states": (_NEW,)}, {"states": (_DONE,)}),
    *(
        {"states": (_CHECKED,)},
        {"states": (_NEW, _CHECKED, _DONE)},
        {"until": datetime.now(UTC).date() - timedelta(days=900)},
    ),
    *({"reply": ReplyState.WAITING}, {"reply": ReplyState.UNANSWERED}, {"reply": ReplyState.ANSWERED}),
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
    taken: dict[str, float] = {}
    for unit in ("T20", "X06184"):
        words = [(typed, ReportFilter(phrases=phrases_of(typed, Tree([]).known_places) or ())) for typed in ASKED]
        filters = [(str(more), ReportFilter(**more)) for more in FILTERS]
        both = [(f"đường {more}", ReportFilter(phrases=words[0][1].phrases, **more)) for more in FILTERS]
        for what, wanted in (*words, *filters, *both):
            took, processor = await _ours(parts, wanted, unit)
            taken[f"{what} in {unit}"] = took
            print(f"{size:>9,} {what} in {unit}: {1000 * took:.1f} ms ({1000 * processor:.1f} of ours)", flush=True)
    worst = max(taken, key=lambda what: taken[what])
    like = [await _like(parts, typed) for typed in ("nước sạch", "quyenhlac")]
    return Line(
        f"first page by words and filters, {size:,} reports (ms: median, worst)",
        f"{1000 * statistics.median(taken.values()):.1f}; {1000 * taken[worst]:.1f} ({worst})",
        f"LIKE: {1000 * min(like):.0f} (a common word) to {1000 * max(like):.0f} (a rare one)",
        "",
        "under 100 ms at a million",
    )


async def _ours(parts: AppContext, wanted: ReportFilter, unit: str) -> tuple[float, float]:
    """Seconds, and those of this process's processor: all of them on SQLite, where a busy machine adds none."""
    times, processor = [], []
    for _ in range(_CALLS):
        async with parts.database.reading() as connection:
            tree = await load_tree(connection)
            begun, busy = time.perf_counter(), time.process_time()
            await list_reports(connection, Scope.office(tree.by_code[unit]), tree, wanted)
            times.append(time.perf_counter() - begun)
            processor.append(time.process_time() - busy)
        if times[-1] > _HOPELESS:
            break
    return statistics.median(times), statistics.median(processor)


async def _like(parts: AppContext, typed: str) -> float:
    async with parts.database.reading() as connection:
        found = select(reports).join(units, units.c.id == reports.c.area_id).where(inside("/T20/"))
        found = found.where(reports.c.text.like(f"%{typed}%"))
        begun = time.perf_counter()
        (await connection.execute(found.order_by(reports.c.day.desc(), reports.c.code.desc()).limit(6))).all()
        return time.perf_counter() - begun


if __name__ == "__main__":
    show(asyncio.run(first_page([int(size) for size in sys.argv[1:]] or SIZES)))
