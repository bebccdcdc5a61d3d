"""Whether those who contributed say that it is settled; issues opened again; who is asked once more."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.units.tree import Tree
from nhipcau.model.issue_changes import ConfirmSupports
from nhipcau.model.issues import Issue, IssueState
from nhipcau.model.queries import MyIssue
from nhipcau.model.report_title import named
from nhipcau.model.reports import ReportState, again_on
from nhipcau.model.scope import Scope
from nhipcau.storage.issues import TaggedContribution, issues_in
from nhipcau.storage.registry import ChangeContext, QueryContext, answers_each, writes_each
from nhipcau.storage.tables import issues, reports, supports

#: States in which the question still makes sense: the office has called it done, or somebody said "chưa ổn" since.
_ASKED_STATES = (ReportState.DONE, ReportState.IN_PROGRESS)


@writes_each(ConfirmSupports)
async def confirm_supports(at: ChangeContext, row: ConfirmSupports) -> None:
    values: dict[str, Any] = {"confirmed": row.confirmed}
    statement = update(supports).where(supports.c.id.in_(list(row.ids)))
    await at.connection.execute(statement.values(**values, **again_on(values, at.today)))


@answers_each(MyIssue)
async def my_issue(at: QueryContext, need: MyIssue) -> tuple[Issue, tuple[str, ...]] | None:
    """An issue to which this person contributed, and the ids of their supports; None where no tag shows that."""
    of_reports = select(reports.c.code, reports.c.month, reports.c.tag).where(reports.c.issue == need.code)
    of_supports = select(supports.c.id, supports.c.month, supports.c.tag).where(supports.c.issue == need.code)
    tags = [tuple(row) for row in await at.connection.execute(of_reports.where(reports.c.tag.is_not(None)))]
    ids = [tuple(row) for row in await at.connection.execute(of_supports.where(supports.c.tag.is_not(None)))]
    mine = set(await asyncio.to_thread(at.sealer.find_mine, [*tags, *ids], need.tag_secret))
    if not mine:
        return None
    found = await issues_in(at.connection, Scope.office(), at.tree, code=need.code)
    return (found[0], tuple(id for id, *_ in ids if id in mine)) if found else None


async def reopen(connection: AsyncConnection, tree: Tree, code: str) -> Issue | None:
    """Open an issue again that is done: no answer stands any more. None where it is not done, as somebody was first."""
    statement = update(issues).where(issues.c.code == code, issues.c.state == IssueState.DONE)
    done = await connection.execute(statement.values(state=IssueState.IN_PROGRESS, answered=None))
    return (await issues_in(connection, Scope.office(), tree, code=code))[0] if done.rowcount == 1 else None


@dataclass(frozen=True, slots=True)
class AskedAgain:
    """A report or support whose person is asked once more."""

    contribution: TaggedContribution
    #: How sentences call the report; "" for a support.
    named: str
    #: The issue it belongs to, or "".
    issue: str
    statement: str


async def claim_due(connection: AsyncConnection, today: date) -> list[AskedAgain]:
    """Those due to be asked once more. Each is returned once, whoever asks, as the day goes with the claim."""
    of_reports = update(reports).where(
        reports.c.ask_again_on <= today, reports.c.state.in_(_ASKED_STATES), reports.c.confirmed != "yes"
    )
    claimed = await connection.execute(of_reports.values(ask_again_on=None).returning(reports))
    found = [
        AskedAgain(
            TaggedContribution(row.code, row.month, row.tag, row.area_id),
            named(row.text, row.day, row.code),
            row.issue,
            "",
        )
        for row in claimed.all()
    ]
    under_way = select(issues.c.code).where(issues.c.state.in_(_ASKED_STATES))
    of_supports = update(supports).where(
        supports.c.ask_again_on <= today, supports.c.confirmed != "yes", supports.c.issue.in_(under_way)
    )
    joined = (await connection.execute(of_supports.values(ask_again_on=None).returning(supports))).all()
    codes = {row.issue for row in joined}
    rows = await connection.execute(select(issues.c.code, issues.c.statement).where(issues.c.code.in_(codes)))
    statements = {row.code: row.statement for row in rows}
    found += [
        AskedAgain(TaggedContribution(row.id, row.month, row.tag, row.area_id), "", row.issue, statements[row.issue])
        for row in joined
    ]
    return sorted(found, key=lambda each: each.contribution.key)
