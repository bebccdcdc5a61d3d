"""Issues, each a sentence about several reports. How many contributed is only ever given as a band."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, insert, or_, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.units.tree import Tree
from nhipcau.model.changes import AddReportNote
from nhipcau.model.issue_changes import AddSupport, ChangeIssue, MergeReport, OpenIssue
from nhipcau.model.issues import LISTED_ISSUE, OPEN_ISSUE, Issue, IssueState
from nhipcau.model.queries import AreaIssues, IssueIn, Issues, MyIssues
from nhipcau.model.reports import ONE_TAP_STATES, ReportState, again_on
from nhipcau.model.scope import Access, Scope
from nhipcau.privacy.identifiers import new_id
from nhipcau.privacy.sealing import Sealer, month_key
from nhipcau.privacy.suppression import band_of
from nhipcau.storage.audit import record_audit
from nhipcau.storage.database import ChangedMeanwhile, execute_many, in_chunks
from nhipcau.storage.people import tag_secrets
from nhipcau.storage.registry import ChangeContext, QueryContext, answers_each, writes, writes_each
from nhipcau.storage.report_notes import add_notes
from nhipcau.storage.strands import read_strands
from nhipcau.storage.tables import issue_acts, issues, reports, supports, units
from nhipcau.storage.units import within


@dataclass(frozen=True, slots=True)
class TaggedContribution:
    """A report or support: the id or code its tag is made from, the name of the tag's key, the tag, and the area."""

    key: str
    month: str
    tag: bytes | None
    area_id: int


@writes_each(OpenIssue)
async def open_issue(at: ChangeContext, row: OpenIssue) -> None:
    values = {"code": row.code, "statement": row.statement, "topic": row.topic, "owner_unit_id": row.owner_unit_id}
    await at.connection.execute(insert(issues).values(**values, state=IssueState.OPEN, answer="", opened=at.today))
    record_audit(at, "issue.open", row.actor)


@writes_each(MergeReport)
async def merge(at: ChangeContext, row: MergeReport) -> None:
    """Put a report into an issue or take it out. Raises ChangedMeanwhile where somebody has moved it meanwhile."""
    before, after = ("", row.issue) if row.act == "merge" else (row.issue, "")
    statement = update(reports).where(reports.c.code == row.code, reports.c.issue == before)
    if (await at.connection.execute(statement.values(issue=after))).rowcount != 1:
        raise ChangedMeanwhile(row.code)
    values = {"id": row.id, "issue": row.issue, "report_code": row.code, "act": row.act, "day": at.today}
    await at.connection.execute(insert(issue_acts).values(**values))
    record_audit(at, f"issue.{row.act}", row.actor)


@writes_each(ChangeIssue)
async def change_issue(at: ChangeContext, row: ChangeIssue) -> None:
    """Set the state of an issue and its reports, or answer them; each gets a note. Raises as `change_report`."""
    connection = at.connection
    values: dict[str, Any] = {} if row.kind == "answer" else {"state": row.kind}
    if row.words:
        values |= {"answer": row.words, "answered": at.today}
    statement = update(issues).where(issues.c.code == row.code, issues.c.state == row.seen)
    if (await connection.execute(statement.values(**values))).rowcount != 1:
        raise ChangedMeanwhile(row.code)
    in_issue = (reports.c.issue == row.code, reports.c.state != ReportState.WITHDRAWN)
    codes = list(await connection.scalars(select(reports.c.code).where(*in_issue).order_by(reports.c.code)))
    if row.kind == "answer":
        await connection.execute(
            update(reports).where(*in_issue, reports.c.state == ReportState.NEW).values(state=ReportState.RECEIVED)
        )
    else:
        asked = {"confirmed": "", **again_on({"state": row.kind}, at.today)}
        await connection.execute(update(reports).where(*in_issue).values(state=row.kind, **asked))
        await connection.execute(update(supports).where(supports.c.issue == row.code).values(**asked))
    if row.kind not in ONE_TAP_STATES:
        await connection.execute(update(reports).where(*in_issue, reports.c.due.is_not(None)).values(due=None))
    await add_notes(at, [AddReportNote(new_id("id"), code, "office", row.kind, row.words) for code in codes])
    record_audit(at, f"issue.{row.kind}", row.actor)


@writes(AddSupport)
async def add_supports(at: ChangeContext, rows: Sequence[AddSupport]) -> None:
    await execute_many(
        at.connection,
        insert(supports),
        [
            {
                "id": row.id,
                "issue": row.issue,
                "area_id": row.area_id,
                "month": month_key(at.today),
                "tag": at.sealer.report_tag(at.today, row.id, row.tag_secret),
                "day": at.today,
            }
            for row in sorted(rows, key=lambda r: r.id)
        ],
    )


# ------------------------------------------------------------------ reading


async def _read(connection: AsyncConnection, tree: Tree, condition: ColumnElement[bool]) -> list[Issue]:
    rows = (await connection.execute(select(issues).where(condition).order_by(issues.c.opened, issues.c.code))).all()
    counts = await _count_by_area(connection, [row.code for row in rows])
    return [
        Issue(
            code=row.code,
            statement=row.statement,
            topic=row.topic,
            owner=tree.by_id[row.owner_unit_id],
            state=IssueState(row.state),
            opened=row.opened,
            answered=row.answered,
            answer=row.answer,
            areas=tuple(sorted((tree.by_id[id] for id in counts[row.code]), key=lambda u: u.name)),
            band=band_of(sum(counts[row.code].values())),
            latent=row.latent,
            merged_into=row.merged_into,
        )
        for row in rows
    ]


async def _count_by_area(connection: AsyncConnection, codes: Sequence[str]) -> Mapping[str, dict[int, int]]:
    """Issue → area id → number of reports and supports: exact, so only `_read` may see it."""
    found: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for chunk in in_chunks(codes):
        for table, code in ((reports, reports.c.issue), (supports, supports.c.issue)):
            count = select(code, table.c.area_id, func.count()).where(code.in_(chunk))
            if table is reports:
                count = count.where(reports.c.state != ReportState.WITHDRAWN)
            for issue, area, number in await connection.execute(count.group_by(code, table.c.area_id)):
                found[issue][area] += number
    return found


def readable_issues(scope: Scope) -> ColumnElement[bool]:
    """Whether a unit of this scope owns the issue, or an area of the scope contributed to it."""
    below = select(units.c.id).where(within(scope, Access.FIGURES))
    contributed = union_all(
        select(reports.c.issue).where(reports.c.area_id.in_(below), reports.c.issue != ""),
        select(supports.c.issue).where(supports.c.area_id.in_(below)),
    )
    return or_(issues.c.owner_unit_id.in_(below), issues.c.code.in_(contributed))


async def issues_in(
    connection: AsyncConnection,
    scope: Scope,
    tree: Tree,
    *,
    states: Sequence[str] = (),
    code: str = "",
    since: date | None = None,
    until: date | None = None,
) -> list[Issue]:
    """Issues this scope may read, oldest first; merged ones only by their code."""
    condition = readable_issues(scope)
    if states:
        condition &= issues.c.state.in_(list(states))
    if code:
        condition &= issues.c.code == code
    elif not states:
        condition &= issues.c.state.in_(LISTED_ISSUE)
    if since:
        condition &= issues.c.opened >= since
    if until:
        condition &= issues.c.opened <= until
    found = await _read(connection, tree, condition)
    strands = await read_strands(connection, [issue.code for issue in found])
    return [replace(issue, strands=strands.get(issue.code, ())) for issue in found]


@answers_each(Issues)
async def _issues(at: QueryContext, need: Issues) -> list[Issue]:
    return await issues_in(at.connection, need.scope, at.tree, states=need.states)


@answers_each(IssueIn)
async def _issue_in(at: QueryContext, need: IssueIn) -> Issue | None:
    found = await issues_in(at.connection, need.scope, at.tree, code=need.code)
    return found[0] if found else None


async def answered_in(connection: AsyncConnection, scope: Scope, tree: Tree, first: date, last: date) -> list[Issue]:
    """Issues this scope may read whose last answer was given in these days."""
    return await _read(connection, tree, readable_issues(scope) & issues.c.answered.between(first, last))


@answers_each(AreaIssues)
async def issues_of_area(at: QueryContext, need: AreaIssues) -> list[Issue]:
    """Open issues with a report or support of exactly this area."""
    contributed = union_all(
        select(reports.c.issue).where(
            reports.c.area_id == need.area_id, reports.c.issue != "", reports.c.state != ReportState.WITHDRAWN
        ),
        select(supports.c.issue).where(supports.c.area_id == need.area_id),
    )
    return await _read(at.connection, at.tree, issues.c.code.in_(contributed) & issues.c.state.in_(OPEN_ISSUE))


@answers_each(MyIssues)
async def my_issues(at: QueryContext, need: MyIssues) -> list[Issue]:
    """Issues this person supports, found by trying the tags of all months whose keys still exist."""
    statement = select(supports.c.id, supports.c.month, supports.c.tag, supports.c.issue)
    rows = (await at.connection.execute(statement.where(supports.c.tag.is_not(None)))).all()
    tags = [(row.id, row.month, row.tag) for row in rows]
    mine = set(await asyncio.to_thread(at.sealer.find_mine, tags, need.tag_secret))
    codes = sorted({row.issue for row in rows if row.id in mine})
    return await _read(at.connection, at.tree, issues.c.code.in_(codes)) if codes else []


# ------------------------------------------------------------------ whom an answer goes to


async def tags_of(connection: AsyncConnection, code: str) -> list[TaggedContribution]:
    """Everything that contributes to an issue: its reports, then its supports ("Cũng vậy")."""
    of_reports = select(reports.c.code, reports.c.month, reports.c.tag, reports.c.area_id)
    of_reports = of_reports.where(reports.c.issue == code, reports.c.state != ReportState.WITHDRAWN).order_by(
        reports.c.code
    )
    of_supports = select(supports.c.id, supports.c.month, supports.c.tag, supports.c.area_id)
    of_supports = of_supports.where(supports.c.issue == code).order_by(supports.c.id)
    found = [TaggedContribution(*row) for row in await connection.execute(of_reports)]
    return found + [TaggedContribution(*row) for row in await connection.execute(of_supports)]


async def tag_of_report(connection: AsyncConnection, code: str) -> TaggedContribution | None:
    statement = select(reports.c.code, reports.c.month, reports.c.tag, reports.c.area_id)
    row = (await connection.execute(statement.where(reports.c.code == code))).one_or_none()
    return TaggedContribution(*row) if row is not None else None


async def owners(
    connection: AsyncConnection, sealer: Sealer, tree: Tree, rows: Sequence[TaggedContribution]
) -> dict[str, str]:
    """Key of each contribution → id of its person; missing where the person has left or the key was destroyed.

    The result is never stored. Everybody is tried, people of the area first.
    """
    known = await tag_secrets(connection, sealer)
    by_area: dict[int, list[TaggedContribution]] = defaultdict(list)
    for row in rows:
        by_area[row.area_id].append(row)
    found: dict[str, str] = {}
    for area_id, contributions in by_area.items():
        area = tree.by_id[area_id]
        candidates = sorted(known, key=lambda person: not area.holds(tree.by_id[person[2]]))
        tags = [(row.key, row.month, row.tag) for row in contributions]
        places = await asyncio.to_thread(sealer.find_owners, tags, [secret for _, secret, _ in candidates])
        found |= {
            row.key: candidates[place][0] for row, place in zip(contributions, places, strict=True) if place is not None
        }
    return found
