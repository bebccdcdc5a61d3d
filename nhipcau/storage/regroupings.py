"""Issues merged and split, and what went along: undoing puts back what is still there, as it is by now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.model.issue_changes import MergeIssue, SplitIssue, UndoRegrouping
from nhipcau.model.issues import IssueState
from nhipcau.model.regroupings import Regrouping, RegroupingAct, RegroupingsOf
from nhipcau.privacy.identifiers import new_id
from nhipcau.privacy.suppression import band_of
from nhipcau.storage.audit import record_audit
from nhipcau.storage.database import ChangedMeanwhile, execute_many, in_chunks
from nhipcau.storage.issues import readable_issues
from nhipcau.storage.registry import ChangeContext, QueryContext, answers_each, writes_each
from nhipcau.storage.tables import issue_acts, issues, regrouped, regroupings, reports, strands, supports

#: What belongs to an issue, with the column that is its name in `regrouped`.
_PARTS: Sequence[tuple[Table, str]] = ((reports, "code"), (supports, "id"), (strands, "id"))


@writes_each(MergeIssue)
async def merge(at: ChangeContext, row: MergeIssue) -> None:
    """Raises ChangedMeanwhile where either issue is in another state by now."""
    await _hold(at.connection, row.target, row.target_state)
    merged: dict[str, object] = {"state": IssueState.MERGED, "merged_into": row.target}
    await _change(at.connection, issues, _is(row.source, row.source_state), merged)
    await _begin(at, row, {"act": RegroupingAct.MERGE, "target_seen": row.target_seen, "opened": False})
    for table, name in _PARTS:
        found = await at.connection.scalars(select(table.c[name]).where(table.c.issue == row.source))
        await _put(at, row.id, table, name, row.source, row.target, sorted(found))
    record_audit(at, "issue.regroup_merge", row.actor)


@writes_each(SplitIssue)
async def split(at: ChangeContext, row: SplitIssue) -> None:
    """Raises ChangedMeanwhile where the target is in another state by now, or a report in another issue."""
    await _hold(at.connection, row.target, row.target_state)
    await _begin(at, row, {"act": RegroupingAct.SPLIT, "target_seen": "", "opened": row.opened})
    await _put(at, row.id, reports, "code", row.source, row.target, row.codes)
    record_audit(at, "issue.regroup_split", row.actor, len(row.codes))


async def _begin(at: ChangeContext, row: MergeIssue | SplitIssue, values: dict[str, object]) -> None:
    about = {"id": row.id, "source": row.source, "target": row.target, "source_state": row.source_state}
    await at.connection.execute(insert(regroupings).values(**about, **values, day=at.today))


async def _put(
    at: ChangeContext, id: str, table: Table, name: str, source: str, target: str, items: Sequence[str]
) -> None:
    """Put these into the target, and note that they went."""
    await _move(at, table, name, source, target, items)
    await execute_many(at.connection, insert(regrouped), [{"regrouping": id, "item": item} for item in items])


async def _move(at: ChangeContext, table: Table, name: str, source: str, target: str, items: Sequence[str]) -> None:
    for chunk in in_chunks(items):
        statement = update(table).where(table.c[name].in_(chunk), table.c.issue == source).values(issue=target)
        if (await at.connection.execute(statement)).rowcount != len(chunk):
            raise ChangedMeanwhile(source)
    if table is reports:
        acts = [(source, "split", code) for code in items] + [(target, "merge", code) for code in items]
        rows = [{"id": new_id("id"), "issue": i, "act": act, "report_code": c, "day": at.today} for i, act, c in acts]
        await execute_many(at.connection, insert(issue_acts), rows)


def _is(code: str, state: str) -> ColumnElement[bool]:
    return (issues.c.code == code) & (issues.c.state == state)


async def _hold(connection: AsyncConnection, code: str, state: str) -> None:
    """Nobody changes the issue until the commit."""
    await _change(connection, issues, _is(code, state), {"state": state})


async def _change(
    connection: AsyncConnection, table: Table, condition: ColumnElement[bool], values: dict[str, object]
) -> None:
    if (await connection.execute(update(table).where(condition).values(**values))).rowcount != 1:
        raise ChangedMeanwhile(table.name)


# ------------------------------------------------------------------ undoing


@writes_each(UndoRegrouping)
async def undo(at: ChangeContext, row: UndoRegrouping) -> None:
    """Raises ChangedMeanwhile where somebody has undone it, or an issue is in another state by now."""
    connection, what = at.connection, row.regrouping
    living = (regroupings.c.id == what.id) & regroupings.c.undone.is_(None)
    await _change(connection, regroupings, living, {"undone": at.today})
    await _hold(connection, what.target, row.target_state)
    if what.act is RegroupingAct.MERGE:
        merged = _is(what.source, IssueState.MERGED) & (issues.c.merged_into == what.target)
        await _change(connection, issues, merged, {"merged_into": "", **await _state_after(connection, row)})
    for table, name in _PARTS:
        await _move(
            at, table, name, what.target, what.source, await _still_there(connection, what.id, what.target, table, name)
        )
    if what.opened and await _is_unused(connection, what.target):
        await connection.execute(delete(issues).where(issues.c.code == what.target))
    record_audit(at, "issue.regroup_undo", row.actor)


async def _state_after(connection: AsyncConnection, row: UndoRegrouping) -> dict[str, object]:
    if not row.takes_over:
        return {"state": row.regrouping.source_state}
    told = select(issues.c.state, issues.c.answer, issues.c.answered).where(issues.c.code == row.regrouping.target)
    return dict((await connection.execute(told)).one()._mapping)


async def _still_there(connection: AsyncConnection, id: str, target: str, table: Table, name: str) -> list[str]:
    went = select(regrouped.c.item).where(regrouped.c.regrouping == id)
    column = table.c[name]
    return list(
        await connection.scalars(select(column).where(table.c.issue == target, column.in_(went)).order_by(column))
    )


async def _is_unused(connection: AsyncConnection, code: str) -> bool:
    """Whether nothing is in the issue, and nobody has answered it or given it a state."""
    blank = select(issues.c.code).where(_is(code, IssueState.OPEN), issues.c.answer == "")
    if await connection.scalar(blank) is None:
        return False
    for table, name in _PARTS:
        if await connection.scalar(select(table.c[name]).where(table.c.issue == code).limit(1)) is not None:
            return False
    return True


# ------------------------------------------------------------------ reading


@answers_each(RegroupingsOf)
async def _regroupings_of(at: QueryContext, need: RegroupingsOf) -> Sequence[Regrouping]:
    readable = select(issues.c.code).where(issues.c.code == need.issue, readable_issues(need.scope))
    concerned = or_(regroupings.c.source == need.issue, regroupings.c.target == need.issue)
    statement = (
        select(regroupings).where(concerned, readable.exists()).order_by(regroupings.c.day.desc(), regroupings.c.id)
    )
    return [await _read(at.connection, row) for row in (await at.connection.execute(statement)).all()]


async def _read(connection: AsyncConnection, row: Row[Any]) -> Regrouping:
    of_reports, of_supports, of_strands = [
        len(await _still_there(connection, row.id, row.target, table, name)) for table, name in _PARTS
    ]
    return Regrouping(
        id=row.id,
        act=RegroupingAct(row.act),
        source=row.source,
        target=row.target,
        day=row.day,
        undone=row.undone,
        source_state=IssueState(row.source_state),
        target_seen=row.target_seen,
        opened=row.opened,
        band=band_of(of_reports + of_supports),
        strands=of_strands,
    )


def may_be_undone(since: date) -> ColumnElement[bool]:
    """Of an issue: one that was merged since this day, which undoing needs."""
    living = select(regroupings.c.id).where(regroupings.c.source == issues.c.code, regroupings.c.day >= since)
    return living.exists()
