"""Whatever happens to reports, every cut is what a plain count of the rows gives, on both databases."""

from __future__ import annotations

import asyncio
import itertools
import random
import sqlite3
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update

from nhipcau.context import build
from nhipcau.model.report_tallies import Base, Dimension
from nhipcau.model.scope import Scope
from nhipcau.settings import Settings
from nhipcau.storage.backup import back_up
from nhipcau.storage.database import execute_many
from nhipcau.storage.report_counts import PAUSED, numbers_of
from nhipcau.storage.report_counts import recount as count_anew
from nhipcau.storage.reports import EMPTIED
from nhipcau.storage.restore import restore_into
from nhipcau.storage.tables import official_answers, report_counts, reports, units
from nhipcau.storage.tallies import days_by_area, tally_reports
from nhipcau.storage.units import add_units, load_tree
from tests.support.mixing import mixed
from tests.support.postgres import new_database
from tests.support.report_tallies import plain_tally
from tests.support.requests import ask, yesno
from tests.support.running_counts import current_counts, recount
from tests.support.world import World, open_world

pytestmark = pytest.mark.slow

_FIRST = date(2026, 8, 20)
_STATES = ("new", "received", "in_progress", "done", "withdrawn")
_GROUPS = ("", "nong_dan", "nong_dan,phu_nu", "phu_nu,cao_tuoi")
_ACTS = st.tuples(
    st.sampled_from(["file", "file", "file", "state", "area_id", "topic", "edit", "withdraw", "delete", "tag", "mix"]),
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
                case "state" | "area_id" | "topic":
                    await connection.execute(update(reports).where(some).values(**{act: changed[act]}))
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
        rows = (await connection.execute(select(reports).where(reports.c.state != "withdrawn"))).all()
        for (first, last), topic in itertools.product(_PERIODS, ("", "GT")):
            unit = next(scopes)
            these = [row for row in rows if first <= row.day <= last and row.topic == (topic or row.topic)]
            held = [row for row in these if tree.by_id[row.area_id].path.startswith(unit.path)]
            by_area = await days_by_area(connection, Scope.office(unit), tree, first, last, topic)
            assert by_area == Counter((row.day, row.area_id) for row in held)


async def _play(acts: list[tuple[str, int]], folder: Path, **more: Any) -> None:
    async with open_world(folder, **more) as world:
        await _do(world, acts)
        await _check(world)


@settings(max_examples=10)
@given(st.lists(_ACTS, min_size=3, max_size=15))
def test_every_cut_is_what_the_rows_say(acts: list[tuple[str, int]]) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(_play([("file", 1), *acts], Path(folder)))


@pytest.fixture(scope="module")
def postgres() -> str:
    return new_database()


@pytest.mark.slow
@settings(max_examples=4)
@given(acts=st.lists(_ACTS, min_size=3, max_size=15))
def test_every_cut_is_what_the_rows_say_on_postgresql(postgres: str, acts: list[tuple[str, int]]) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(_play([("file", 1), *acts], Path(folder), database_url=postgres))


async def test_the_base_tells_silent_from_nothing_new(office: World) -> None:
    """A cell counts for its commune; what has a report is not nothing new."""
    asked = await ask(office, yesno("Có gì không?"), kind="rapid")
    async with office.parts.database.writing() as connection:
        await add_units(connection, [{"code": "C1", "name": "Thôn Một", "kind": "cell", "parent": "X06001"}])
        ids = {row.code: row.id for row in await connection.execute(select(units))}
        answer = {"request_id": asked, "late": False, "extra": False, "version": 1, "answers": "{}"}
        for n, (code, day, nothing) in enumerate(
            [
                ("C1", date(2026, 9, 30), True),
                ("X06040", date(2026, 9, 2), True),
                ("X06043", date(2026, 9, 2), False),
                ("X06184", date(2026, 10, 1), True),
            ]
        ):
            row = {**answer, "id": f"o{n}", "unit_id": ids[code], "day": day, "nothing_to_report": nothing}
            await connection.execute(insert(official_answers).values(**row))
        row = _row(random.Random(1), [ids["X06040"]]) | {"day": date(2026, 9, 9), "state": "new"}
        await connection.execute(insert(reports).values(**row))
    async with office.parts.database.reading() as connection:
        tree = await load_tree(connection)
        september = (date(2026, 9, 1), date(2026, 9, 30))
        root = tree.units[0]
        found = await tally_reports(connection, Scope.office(root), tree, *september, (Dimension.AREA,))
        assert found.base == Base(len(tree.areas) - 1, 1, 1)
        assert found.base.silent == len(tree.areas) - 3
        of_commune = await tally_reports(connection, Scope.office(tree.by_code["X06001"]), tree, *september)
        assert (of_commune.reports, of_commune.rows, of_commune.base) == (0, {}, Base(1, 0, 1))
        nobody = await tally_reports(connection, Scope("admin", root.path), tree, *september, (Dimension.TOPIC,))
        assert (nobody.reports, nobody.rows, nobody.base) == (0, {}, Base(0, 0, 0))


async def test_a_unit_moved_in_the_tree_is_counted_where_it_is_now(office: World) -> None:
    async with office.parts.database.writing() as connection:
        ids = {row.code: row.id for row in await connection.execute(select(units))}
        rows = [_row(random.Random(n), [ids["X06001"], ids["X06040"]]) for n in range(60)]
        await execute_many(connection, insert(reports), list({row["code"]: row for row in rows}.values()))
        moved = {"parent_id": ids["X06040"], "path": "/T20/X06040/X06001/"}
        await connection.execute(update(units).where(units.c.code == "X06001").values(**moved))
    async with office.parts.database.reading() as connection:
        tree = await load_tree(connection)
        unit = tree.by_code["X06040"]
        for cut, days in itertools.product(itertools.combinations(Dimension, 2), _PERIODS[:4]):
            found = await tally_reports(connection, Scope.office(unit), tree, *days, cut)
            assert (found.reports, found.rows) == await plain_tally(connection, tree, unit.path, days, cut), (cut, days)


async def test_the_mix_changes_no_count_and_counts_go_on_after_it(office: World) -> None:
    async with office.parts.database.writing() as connection:
        ids = sorted(await connection.scalars(select(units.c.id)))
        rows = {row["code"]: row for row in (_row(random.Random(n), ids) for n in range(300))}
        await connection.execute(insert(reports), list(rows.values()))
        before = (await current_counts(connection))["report_counts"]
    await mixed(office)
    async with office.parts.database.writing() as connection:
        assert (await current_counts(connection))["report_counts"] == before
        await connection.execute(delete(reports).where(reports.c.code < "PA-5"))
        assert await current_counts(connection) == await recount(connection)


async def test_a_backup_can_not_stop_the_counting(office: World, tmp_path: Path) -> None:
    """Nor does what it counted come back: all is counted anew."""
    async with office.parts.database.writing() as connection:
        ids = sorted(await connection.scalars(select(units.c.id)))
        await connection.execute(insert(reports), [_row(random.Random(n), ids) for n in range(20)])
    backup = tmp_path / "b.db"
    await back_up(office.parts.database, backup)
    with sqlite3.connect(backup) as plain:
        plain.execute("INSERT INTO facts VALUES (?, 'yes')", (PAUSED,))
        plain.execute("UPDATE report_counts SET number = number + 1")
    plain.close()
    settings = Settings(_env_file=None, data_dir=tmp_path, database_url=f"sqlite+aiosqlite:///{tmp_path}/r.db")
    parts = build(settings)
    await restore_into(backup, tmp_path / "w.db", parts.database, office.parts.sealer, office.now)
    async with parts.database.writing() as connection:
        assert (await current_counts(connection))["report_counts"]
        assert await current_counts(connection) == await recount(connection)
        await connection.execute(delete(reports).where(reports.c.code < "PA-5"))
        assert await current_counts(connection) == await recount(connection)
    await parts.database.close()


async def test_more_reports_of_a_day_than_letters_below_the_gap(world: World) -> None:
    """A day's number is a character on SQLite, and there are none for some code points."""
    row = _row(random.Random(1), [1]) | {"day": date(2026, 9, 9), "state": "new"}
    async with world.parts.database.writing() as connection:
        await connection.execute(insert(reports).values(**row))
        full = " " * 8 + chr(0xD7FF) + " " * 22
        await connection.execute(update(report_counts).values(days=full, number=numbers_of(full)[8]))
        more = insert(reports).values({**row, "code": "PB-1"})
        for change, by in ((more, 1), (delete(reports).where(reports.c.code == "PB-1"), 0)):
            await connection.execute(change)
            days = set(await connection.scalars(select(report_counts.c.days).where(report_counts.c.cut == "")))
            assert [numbers_of(each) for each in days] == [[0] * 8 + [numbers_of(full)[8] + by] + [0] * 22]
        await count_anew(connection)
