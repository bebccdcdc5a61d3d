"""Similar reports beside an opened one, and rising words, where a million reports lie in the database (SQLite)."""

from __future__ import annotations

import statistics
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import func, select, update

from benchmarks.filled import fill
from benchmarks.people import ASKED, office
from benchmarks.table import Line
from nhipcau.model.queries import RisingWords, SimilarReports
from nhipcau.model.scope import Scope
from nhipcau.storage import run_queries
from nhipcau.storage.registry import QueryContext
from nhipcau.storage.tables import reports
from nhipcau.storage.units import load_tree

REPORTS = 1_000_000
#: Reports opened, one after the other, each for the first time.
_CALLS = 30


async def million() -> list[Line]:
    with TemporaryDirectory() as name:
        async with office(Path(name)) as parts:
            await fill(parts, REPORTS)
            async with parts.database.writing() as connection:
                # no two texts the same, so that none was read before
                text = reports.c.text + " " + func.substr(reports.c.code, 4)
                await connection.execute(update(reports).values(text=text))
            async with parts.database.reading() as connection:
                tree = await load_tree(connection)
                now = datetime.now(UTC)
                at = QueryContext(connection, parts.sealer, tree, now, {}, parts.settings.zone)
                commune, lines = tree.by_code[ASKED], []
                recent = select(reports.c.code).where(reports.c.area_id == commune.id)
                recent = recent.where(reports.c.day >= now.date() - timedelta(days=30)).limit(2 * _CALLS)
                codes = list(await connection.scalars(recent))
                for who, scope, those in (
                    ("a commune's", Scope("coordinator", commune.path), codes[:_CALLS]),
                    ("a province's", Scope("coordinator", "/"), codes[_CALLS:]),
                ):
                    taken = [await _milliseconds(at, SimilarReports(scope, code)) for code in those]
                    what = f"similar reports for {who} coordinator, at {REPORTS:,} reports"
                    mean, most = statistics.median(taken), max(taken)
                    lines.append(Line(what, f"{mean:.0f} ms, at most {most:.0f}", "–", "–", "under 100 ms"))
                rising = await _milliseconds(at, RisingWords(Scope.office()))
                lines.append(Line(f"rising words of the province, at {REPORTS:,}", f"{rising:.0f} ms", "–", "–", "–"))
                return lines


async def _milliseconds(at: QueryContext, query: SimilarReports | RisingWords) -> float:
    begun = time.perf_counter()
    await run_queries.answer(at, [query])
    return 1000 * (time.perf_counter() - begun)
