"""Issues merged and split: undone nothing is as if it had not been, but for what happened since, of which nothing is
lost."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from nhipcau.actions import issues as issue_actions
from nhipcau.actions import regroupings as actions
from nhipcau.actions.decision import Actor, Refusal
from nhipcau.bot.units.tree import Tree
from nhipcau.model.changes import Change
from nhipcau.model.issues import LISTED_ISSUE, Issue
from nhipcau.model.queries import IssueIn, Issues, ReportIn
from nhipcau.model.regroupings import Regrouping, RegroupingsOf
from nhipcau.model.reports import Report
from nhipcau.model.scope import Scope
from nhipcau.operations.commit import apply
from nhipcau.privacy.identifiers import new_id
from nhipcau.storage import retention, run_queries, tables
from nhipcau.storage.issues import issues_in
from nhipcau.storage.registry import QueryContext
from nhipcau.storage.retention import RetentionTerms
from nhipcau.storage.units import load_tree
from tests.support.world import MORNING, World

pytestmark = pytest.mark.slow

TODAY = MORNING.date()
_PARTS = (tables.reports, tables.supports, tables.strands)


class Office:
    """A coordinator of the province, who does it all, and issues with what is in them."""

    def __init__(self, world: World, tree: Tree, seed: int) -> None:
        self.world, self.tree, self.chance = world, tree, random.Random(seed)
        self.actor = Actor("p1", tree.by_code["T20"], "coordinator")
        self.scope = Scope("coordinator", tree.by_code["T20"].path)
        self.area = tree.by_code["X06184"]

    async def put(self, table: Any, **values: Any) -> None:
        async with self.world.parts.database.writing() as connection:
            await connection.execute(insert(table).values(**values))

    async def issue(self, code: str) -> str:
        values = {"statement": f"Nêu {code}", "topic": "GT", "owner_unit_id": self.area.id, "state": "open"}
        await self.put(tables.issues, code=code, opened=TODAY, **values)
        return code

    async def report(self, issue: str) -> str:
        code = new_id("code")
        values = {"day": TODAY, "topic": "GT", "area_id": self.area.id, "mood": "quan_tam", "spread": 1, "month": "m"}
        values |= {"urgency": "thuong", "text": f"việc {code}", "state": self.chance.choice(("new", "received"))}
        await self.put(tables.reports, code=code, issue=issue, **values)
        return code

    async def support(self, issue: str) -> None:
        values = {"id": new_id("id"), "area_id": self.area.id, "month": "m", "day": TODAY}
        await self.put(tables.supports, issue=issue, **values)

    async def strand(self, issue: str) -> None:
        values = {"id": new_id("id"), "kind": "part", "text": new_id("id"), "day": TODAY}
        await self.put(tables.strands, issue=issue, **values)

    async def filled(self, code: str) -> str:
        await self.issue(code)
        for make in (self.report, self.support, self.strand):
            for _ in range(self.chance.randint(0, 3)):
                await make(code)
        await self.report(code)
        return code

    async def ask(self, query: Any) -> Any:
        async with self.world.parts.database.reading() as connection:
            parts = self.world.parts
            at = QueryContext(connection, parts.sealer, self.tree, self.world.now, {}, parts.settings.zone)
            return (await run_queries.answer(at, [query]))[query]

    async def seen(self, code: str) -> Issue:
        found = await self.ask(IssueIn(self.scope, code))
        assert found is not None
        return found  # type: ignore[no-any-return]

    async def do(self, changes: list[Change] | Refusal) -> None:
        assert not isinstance(changes, Refusal), changes
        async with self.world.committer.transaction() as work:
            await apply(work, changes)

    async def merge(self, source: str, target: str) -> None:
        await self.do(actions.merge(self.actor, await self.seen(source), await self.seen(target), new_id))

    async def split(self, source: str, target: str, codes: list[str]) -> None:
        reports: list[Report] = [await self.ask(ReportIn(self.scope, code)) for code in codes]
        issue = await self.seen(source)
        if await self.world.rows(select(tables.issues).where(tables.issues.c.code == target)):
            await self.do(actions.split(self.actor, issue, reports, await self.seen(target), new_id))
        else:
            await self.do(actions.split_into_new(self.actor, issue, reports, target, "Nêu riêng", new_id))

    async def last(self, issue: str) -> Regrouping:
        found = [each for each in await self.ask(RegroupingsOf(self.scope, issue)) if each.undone is None]
        return found[0]  # type: ignore[no-any-return]

    async def undone(self, what: Regrouping, today: date = TODAY) -> list[Change] | Refusal:
        source, target = [await self.ask(IssueIn(self.scope, code)) for code in (what.source, what.target)]
        return actions.undo(self.actor, what, source, target, today)

    async def rows(self) -> dict[str, list[str]]:
        """All that belongs to issues but their history."""
        kept = (tables.issues, *_PARTS, tables.report_notes)
        return {table.name: sorted(map(repr, await self.world.rows(select(table)))) for table in kept}

    async def issue_of(self) -> dict[str, str]:
        """Every report, support and strand → its issue."""
        found: dict[str, str] = {}
        for table in _PARTS:
            key = next(iter(table.primary_key.columns))
            found |= dict(map(tuple, await self.world.rows(select(key, table.c.issue))))
        return found

    async def clear(self) -> None:
        async with self.world.parts.database.writing() as connection:
            for table in (*_PARTS, tables.regroupings, tables.issues):
                await connection.execute(delete(table))


@pytest.fixture
async def office(world: World) -> Office:
    async with world.parts.database.reading() as connection:
        return Office(world, await load_tree(connection), 0)


async def test_undone_at_once_every_row_is_as_before(office: Office) -> None:
    """K10"""
    for seed in range(3):
        office.chance.seed(seed)
        await office.filled("VD-A"), await office.filled("VD-B")
        before = await office.rows()
        own = [code for code, issue in (await office.issue_of()).items() if issue == "VD-A" and code.startswith("PA-")]
        await office.merge("VD-A", "VD-B")
        assert (await office.issue_of()).keys() & set(own)
        assert "VD-A" not in (await office.issue_of()).values()
        await office.do(await office.undone(await office.last("VD-A")))
        assert await office.rows() == before, seed
        for target in ("VD-B", "VD-NEW"):
            await office.split("VD-A", target, own[:2])
            assert set(own[:2]) <= {code for code, issue in (await office.issue_of()).items() if issue == target}
            await office.do(await office.undone(await office.last("VD-A")))
            assert await office.rows() == before, (seed, target)
        await office.clear()


async def _something(office: Office) -> None:
    """What somebody may do with the target, or what is in it, while the merge stands."""
    there = sorted(code for code, issue in (await office.issue_of()).items() if issue == "VD-B")
    reports = [code for code in there if code.startswith("PA-")]
    match office.chance.randrange(7):
        case 0:
            await office.report("VD-B")
        case 1:
            await office.support("VD-B")
        case 2:
            await office.strand("VD-B")
        case 3 if reports:
            report = await office.ask(ReportIn(office.scope, office.chance.choice(reports)))
            if issue_actions.may_split(report, TODAY):
                await office.do(issue_actions.split(office.actor, report, TODAY, new_id))
        case 4:
            decided = issue_actions.change_issue(office.actor, await office.seen("VD-B"), "answer", new_id("id"), "")
            await office.do(decided)
        case 5 if reports:
            await office.split("VD-B", "VD-C", office.chance.sample(reports, 1))
        case _:
            async with office.world.parts.database.writing() as connection:
                await connection.execute(update(tables.strands).values(text=new_id("id")))


async def test_whatever_happened_since_is_not_lost(office: Office) -> None:
    """K10 What went and is still there goes back as it is by now; all else stays where it is, and nothing is lost."""
    for seed in range(6):
        office.chance.seed(seed)
        await office.filled("VD-A"), await office.filled("VD-B"), await office.filled("VD-C")
        went = {key for key, issue in (await office.issue_of()).items() if issue == "VD-A"}
        await office.merge("VD-A", "VD-B")
        for _ in range(office.chance.randint(1, 6)):
            await _something(office)
        before, told = await office.issue_of(), await office.seen("VD-B")
        merge = next(each for each in await office.ask(RegroupingsOf(office.scope, "VD-A")) if each.source == "VD-A")
        notes = (await office.rows())["report_notes"]
        await office.do(await office.undone(merge))
        goes = {key for key in went if before[key] == "VD-B"}
        assert await office.issue_of() == before | dict.fromkeys(goes, "VD-A"), seed
        assert (await office.rows())["report_notes"] == notes
        back = await office.seen("VD-A")
        assert (back.answer, back.answered, back.state) == (told.answer, told.answered, "open")
        await office.clear()


async def test_what_was_merged_later_is_undone_first(office: Office) -> None:
    for code in ("VD-A", "VD-B", "VD-C"):
        await office.filled(code)
    before = await office.rows()
    await office.merge("VD-A", "VD-B")
    first = await office.last("VD-A")
    await office.merge("VD-B", "VD-C")
    refused = await office.undone(first)
    assert refused == Refusal("regrouping.merged_since", {"issue": "VD-B", "into": "VD-C"})
    second = next(each for each in await office.ask(RegroupingsOf(office.scope, "VD-B")) if each.target == "VD-C")
    await office.do(await office.undone(second))
    await office.do(await office.undone(first))
    assert await office.rows() == before
    again = next(each for each in await office.ask(RegroupingsOf(office.scope, "VD-A")) if each.id == first.id)
    assert await office.undone(again) == Refusal("regrouping.undone")


async def test_after_thirty_days_it_stands_and_its_list_is_gone(office: Office) -> None:
    await office.filled("VD-A"), await office.filled("VD-B")
    async with office.world.parts.database.writing() as connection:
        # opened so long ago that an empty issue is deleted
        await connection.execute(update(tables.issues).values(opened=TODAY - timedelta(days=3000)))
    await office.merge("VD-A", "VD-B")
    what = await office.last("VD-A")
    assert isinstance(await office.undone(what, TODAY + timedelta(days=30)), list)
    late = await office.undone(what, TODAY + timedelta(days=31))
    assert late == Refusal("regrouping.late", {"days": 30})
    for days, kept in ((30, True), (31, False)):
        now = MORNING + timedelta(days=days)
        async with office.world.parts.database.writing() as connection:
            await retention.sweep_batch(connection, now, now.date(), RetentionTerms(60, 24))
        assert bool(await office.world.rows(select(tables.regrouped))) is kept
        found = await office.world.rows(select(tables.issues).where(tables.issues.c.code == "VD-A"))
        assert bool(found) is kept


async def test_only_who_owns_both_merges_and_settled_ones_are_not(office: Office) -> None:
    await office.filled("VD-A"), await office.filled("VD-B")
    async with office.world.parts.database.writing() as connection:
        own = tables.issues.c.code == "VD-B"
        await connection.execute(update(tables.issues).where(own).values(owner_unit_id=office.tree.by_code["T20"].id))
    source, target = await office.seen("VD-A"), await office.seen("VD-B")
    below = Actor("p2", office.area, "coordinator")
    assert actions.merge(below, source, target, new_id) == Refusal("issue.not_owner", {"unit": "Tỉnh Lạng Sơn"})
    assert actions.merge(office.actor, source, source, new_id) == Refusal("issue.gone")
    decided = issue_actions.change_issue(office.actor, source, "done", "Xong rồi.", "")
    await office.do(decided)
    settled = actions.merge(office.actor, await office.seen("VD-A"), target, new_id)
    assert settled == Refusal("regrouping.settled")
    assert actions.split(office.actor, source, [], target, new_id) == Refusal("regrouping.none_chosen")


async def test_a_merged_issue_is_in_no_list_and_unchangeable(office: Office) -> None:
    await office.filled("VD-A"), await office.filled("VD-B")
    await office.merge("VD-A", "VD-B")
    assert [issue.code for issue in await office.ask(Issues(office.scope, LISTED_ISSUE))] == ["VD-B"]
    async with office.world.parts.database.reading() as connection:
        assert [i.code for i in await issues_in(connection, Scope.office(), office.tree)] == ["VD-B"]
    away = await office.seen("VD-A")
    assert (away.state, away.merged_into, away.band) == ("merged", "VD-B", "0")
    refused = issue_actions.change_issue(office.actor, away, "answer", "Lời.", "")
    assert refused == Refusal("issue.merged_away", {"issue": "VD-B"})
