"""Whatever happens to reports, every cut is what a plain count of the rows gives, on both databases."""

from __future__ import annotations

import asyncio
import itertools
import random
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update

from nhipcau.model.report_tallies import Dimension
from nhipcau.model.scope import Scope
from nhipcau.storage.database import execute_many
from nhipcau.storage.reports import EMPTIED
from nhipcau.storage.tables import reports, units
from nhipcau.storage.tallies import tally_reports
from nhipcau.storage.units import load_tree
from tests.support.mixing import mixed
from tests.support.postgres import new_database
from tests.support.report_tallies import plain_tally
from tests.support.running_counts import current_counts, recount
from tests.support.world import World, open_world

_FIRST = date(2026, 8, 20)
_STATES = ("new", "received", "in_progress", "done", "withdrawn")
_GROUPS = ("", "nong_dan", "nong_dan,phu_nu", "phu_nu,cao_tuoi")
_ACTS = st.tuples(
    st.sampled_from(["file", "file", "file", "state", "area", "edit", "withdraw", "delete", "tag", "mix"]),
    st.integers(0, 2**32),
)
#: Whole months, parts of one, of two, of three, and a day.
_PERIODS = [
    (date(2026, 9, 1), date(2026, 9, 30)),
    (date(2026, 9, 2), date(2026, 9, 27)),
    (date(2026, 8, 25), date(2026, 9, 3)),
    (date(2026, 8, 25), date(2026, 10, 20)),
    (date(2026, 8, 1), date(2026, 12, 31)),
    (date(2026, 9, 15), date(2026, 9, 15)),
    (date(2025, 1, 1), date(2025, 12, 31)),
]


def _row(chance: random.Random, area_ids: list[int]) -> dict[str, Any]:
    return {
        "code": f"PA-{chance.randrange(10**7):07}",
        "day": _FIRST + timedelta(days=chance.randrange(80)),
        "topic": chance.choice(("GT", "DD", "")),
        "area_id": chance.choice(area_ids),
        "mood": chance.choice(("quan_tam", "buc_xuc", "")),
        "spread": chance.randrange(4),
        "urgency": chance.choice(("thuong", "khan")),
        "groups": chance.choice(_GROUPS),
        "source": chance.choice(("", "hop")),
        "text": "Đường hỏng",
        "state": chance.choice(_STATES),
        "month": "m",
        "tag": b"t" * 16,
    }


async def _do(world: World, acts: list[tuple[str, int]]) -> None:
    async with world.parts.database.writing() as connection:
        await connection.execute(delete(reports))
        area_ids = sorted(await connection.scalars(select(units.c.id)))
    for act, seed in acts:
        chance = random.Random(seed)
        if act == "mix":
            await mixed(world)
            continue
        async with world.parts.database.writing() as connection:
            codes = sorted(await connection.scalars(select(reports.c.code)))
            some = reports.c.code.in_(chance.sample(codes, min(len(codes), chance.randrange(1, 5))))
            changed = _row(chance, area_ids)
            match act:
                case "file":
                    rows = {row["code"]: row for row in (_row(chance, area_ids) for _ in range(chance.randrange(1, 8)))}
                    await execute_many(connection, insert(reports), [r for c, r in rows.items() if c not in codes])
                case "state":
                    await connection.execute(update(reports).where(some).values(state=changed["state"]))
                case "area":
                    await connection.execute(update(reports).where(some).values(area_id=changed["area_id"]))
                case "edit":
                    await connection.execute(update(reports).where(some).values(**{**changed, "code": reports.c.code}))
                case "withdraw":
                    await connection.execute(update(reports).where(some).values(**EMPTIED, state="withdrawn"))
                case "delete":
                    await connection.execute(delete(reports).where(some))
                case "tag":
                    await connection.execute(update(reports).where(some).values(tag=None))


async def _check(world: World) -> None:
    """Every cut by one and two dimensions and some by three, of periods and of scopes in turn."""
    cuts = [cut for number in (0, 1, 2) for cut in itertools.permutations(Dimension, number)]
    cuts += random.sample(list(itertools.combinations(Dimension, 3)), 12)
    async with world.parts.database.reading() as connection:
        assert await current_counts(connection) == await recount(connection)
        tree = await load_tree(connection)
        scopes = itertools.cycle([*[tree.units[0]] * 3, *tree.units[1:3]])
        periods = itertools.cycle(_PERIODS)
        for cut in cuts:
            unit, days = next(scopes), next(periods)
            found = await tally_reports(connection, Scope.office(unit), tree, *days, cut)
            assert (found.reports, found.rows) == await plain_tally(connection, tree, unit.path, days, cut), (cut, days)


async def _play(acts: list[tuple[str, int]], folder: Path, **more: Any) -> None:
    async with open_world(folder, **more) as world:
        await _do(world, acts)
        await _check(world)


@settings(max_examples=15)
@given(st.lists(_ACTS, min_size=3, max_size=15))
def test_every_cut_is_what_the_rows_say(acts: list[tuple[str, int]]) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(_play([("file", 1), *acts], Path(folder)))


@pytest.fixture(scope="module")
def postgres() -> str:
    return new_database()


@pytest.mark.slow
@settings(max_examples=8)
@given(acts=st.lists(_ACTS, min_size=3, max_size=15))
def test_every_cut_is_what_the_rows_say_on_postgresql(postgres: str, acts: list[tuple[str, int]]) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(_play([("file", 1), *acts], Path(folder), database_url=postgres))
