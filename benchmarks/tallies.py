"""Every cut of a million reports by one and two things beside the plain GROUP BY over the rows, and what the counting
adds to an insert (SQLite).

`python -m benchmarks.tallies 100000` measures another number; `NHIPCAU_BENCH_URL` another database.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import statistics
import sys
import time
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks.people import office
from benchmarks.table import Line, show
from nhipcau.bot.units.tree import Tree, Unit
from nhipcau.context import AppContext
from nhipcau.model.report_tallies import Dimension
from nhipcau.model.scope import Scope
from nhipcau.storage.report_counts import paused, recount
from nhipcau.storage.tables import reports
from nhipcau.storage.tallies import tally_reports
from nhipcau.storage.units import load_tree

NUMBER = 1_000_000
_CHUNK, _CALLS, _INSERTS = 20_000, 5, 2_000
#: Two years; and a time that begins and ends within a month.
_FIRST, _LAST = date(2024, 12, 1), date(2026, 11, 30)
_RAGGED = (date(2025, 1, 17), date(2026, 10, 14))
_TOPICS = ("GT", "DD", "MT", "YT", "GD", "AN", "NN", "NS", "TH", "DV", "XD", "TM", "VH", "CS", "TC", "CD", "KH", "CT")
_GROUPS = ("nong_dan", "cong_nhan", "can_bo", "phu_nu", "thanh_nien", "cao_tuoi", "kinh_doanh", "dan_cu_chung")
_STATES = ("new", "received", "verifying", "in_progress", "done", "done", "done", "not_possible", "passed_on")


async def tallies(number: int = NUMBER) -> list[Line]:
    with TemporaryDirectory() as name:
        async with office(Path(name), os.environ.get("NHIPCAU_BENCH_URL", "")) as parts:
            await _fill(parts, number)
            async with parts.database.reading() as connection:
                lines = await _cuts(connection, await load_tree(connection), number)
            return [*lines, await _inserts(parts)]


async def _fill(parts: AppContext, number: int) -> None:
    """One area has ten times as many reports as most."""
    chance = random.Random(number)
    async with parts.database.reading() as connection:
        areas = [unit.id for unit in (await load_tree(connection)).units]
    areas += [areas[1]] * 9
    for start in range(0, number, _CHUNK):
        rows = [_report(n, chance, areas) for n in range(start, min(start + _CHUNK, number))]
        async with parts.database.writing() as connection, paused(connection):
            await connection.execute(insert(reports), rows)
    async with parts.database.writing() as connection:
        begun = time.perf_counter()
        await recount(connection)
        print(f"counted anew in {time.perf_counter() - begun:.0f} s", flush=True)
        await connection.execute(text("ANALYZE"))


def _report(number: int, chance: random.Random, areas: Sequence[int]) -> dict[str, Any]:
    day = _FIRST + timedelta(days=chance.randrange((_LAST - _FIRST).days + 1))
    return {
        "code": f"PA-{number * 2_654_435_761 % 2**32:08x}",
        "day": day,
        "topic": chance.choice(_TOPICS),
        "area_id": chance.choice(areas),
        "mood": chance.choice(("phan_khoi", "dong_tinh", "quan_tam", "ban_khoan", "buc_xuc")),
        "spread": chance.randrange(1, 6),
        "urgency": chance.choice(("thuong", "thuong", "thuong", "som", "khan")),
        "groups": ",".join(chance.sample(_GROUPS, chance.choice((0, 0, 1, 1, 2)))),
        "source": chance.choice(("", "gap_go", "hop", "cu_tri", "bao_chi", "dien_thoai", "quan_sat", "nhap_ho")),
        "text": "đường vào thôn sụt một đoạn sau trận mưa tuần trước, xe máy đi lại khó, các cháu phải vòng qua đồi",
        "state": chance.choice(_STATES),
        "month": "m",
    }


async def _cuts(connection: AsyncConnection, tree: Tree, number: int) -> list[Line]:
    root, largest = tree.units[0], tree.units[1]
    everything = [cut for n in (0, 1, 2) for cut in itertools.combinations(Dimension, n)]
    grouped = await _grouped(connection)
    lines = []
    for what, unit, days in (
        ("two years of the province", root, (_FIRST, _LAST)),
        ("21 months of it that begin and end within one", root, _RAGGED),
        ("two years of the largest commune", largest, (_FIRST, _LAST)),
    ):
        taken = {cut: await _milliseconds(connection, tree, unit, days, cut) for cut in everything}
        worst = sorted(taken, key=lambda cut: -taken[cut])[:3]
        named = ", ".join(f"{' × '.join(cut)} {taken[cut]:.0f}" for cut in worst)
        print(f"{what}: {named}", flush=True)
        ours = f"{taken[worst[0]]:.0f} ms ({' × '.join(worst[0])}), median {statistics.median(taken.values()):.1f} ms"
        what = f"the worst of {len(everything)} cuts of {number:,} reports: {what}"
        lines.append(Line(what, ours, f"{grouped:,.0f} ms", f"{taken[worst[0]] / grouped:.3f}x", "under 50 ms"))
    three = (Dimension.TOPIC, Dimension.MOOD, Dimension.SPREAD)
    taken_by_three = await _milliseconds(connection, tree, root, (_FIRST, _LAST), three)
    return [*lines, Line("a cut by three, topic × mood × spread", f"{taken_by_three:,.0f} ms", "–", "", "")]


async def _milliseconds(
    connection: AsyncConnection, tree: Tree, unit: Unit, days: tuple[date, date], cut: Sequence[Dimension]
) -> float:
    """The median of some calls."""
    taken = []
    for _ in range(_CALLS):
        begun = time.perf_counter()
        await tally_reports(connection, Scope.office(unit), tree, *days, cut)
        taken.append(1000 * (time.perf_counter() - begun))
    return statistics.median(taken)


async def _grouped(connection: AsyncConnection) -> float:
    """Milliseconds of the plain GROUP BY by two things."""
    columns = (reports.c.topic, reports.c.mood)
    begun = time.perf_counter()
    (await connection.execute(select(*columns, func.count()).group_by(*columns))).all()
    return 1000 * (time.perf_counter() - begun)


async def _inserts(parts: AppContext) -> Line:
    """What a report's insert costs in a set of a batch, counted and not."""
    chance = random.Random(7)
    async with parts.database.reading() as connection:
        areas = [unit.id for unit in (await load_tree(connection)).units]
    rows = [{**_report(n, chance, areas), "code": f"PB-{n:08}"} for n in range(_INSERTS)]
    taken: dict[bool, list[float]] = {True: [], False: []}
    for counted in (True, False) * 3:
        async with parts.database.writing() as connection:
            begun = time.perf_counter()
            if counted:
                await connection.execute(insert(reports), rows)
            else:
                async with paused(connection):
                    await connection.execute(insert(reports), rows)
            taken[counted].append(1e6 * (time.perf_counter() - begun) / _INSERTS)
            if counted:
                await connection.execute(delete(reports).where(reports.c.code.startswith("PB-")))
            else:
                async with paused(connection):
                    await connection.execute(delete(reports).where(reports.c.code.startswith("PB-")))
    with_counts, without = (statistics.median(taken[counted]) for counted in (True, False))
    return Line("insert of a report, counted; not counted", f"{with_counts:.0f} µs", f"{without:.0f} µs", "", "")


if __name__ == "__main__":
    show(asyncio.run(tallies(int(sys.argv[1]) if len(sys.argv) > 1 else NUMBER)))
