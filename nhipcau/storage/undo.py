"""Undoing an act of the office on a report or an issue: rows are put back, nothing that somebody did since is lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.model.reports import ASK_AGAIN_AFTER, ReportState
from nhipcau.model.undo_changes import RevertIssue, RevertReport
from nhipcau.privacy.identifiers import new_id
from nhipcau.storage.audit import record_audit
from nhipcau.storage.database import ChangedMeanwhile
from nhipcau.storage.registry import ChangeContext, writes_each
from nhipcau.storage.search_index import drop_entries, renew_entries
from nhipcau.storage.tables import issue_acts, issues, report_notes, reports, strands, supports


async def is_report_as_left(connection: AsyncConnection, row: RevertReport) -> bool:
    """Whether nobody has acted on it since."""
    columns = [reports.c[name] for name in row.after]
    found = (await connection.execute(select(*columns).where(reports.c.code == row.code))).one_or_none()
    if found is None or dict(found._mapping) != _columns(row.after):
        return False
    last = select(report_notes.c.id).where(report_notes.c.report_code == row.code)
    last = last.order_by(report_notes.c.place.desc()).limit(len(row.notes))
    return set(await connection.scalars(last)) == set(row.notes)


@writes_each(RevertReport)
async def revert_report(at: ChangeContext, row: RevertReport) -> None:
    """Raises ChangedMeanwhile where somebody has acted on it since."""
    connection = at.connection
    if not await is_report_as_left(connection, row):
        raise ChangedMeanwhile(row.code)
    values = _columns(row.before)
    if row.before["state"] != row.after["state"]:
        values["ask_again_on"] = _again_on(row.before["state"], at.today)
    is_reworded = row.before.get("topic") != row.after.get("topic")
    if is_reworded:
        await drop_entries(connection, [row.code])
    await connection.execute(update(reports).where(reports.c.code == row.code).values(**values))
    if is_reworded:
        await renew_entries(connection, [row.code])
    await connection.execute(delete(report_notes).where(report_notes.c.id.in_(row.notes)))
    was, left = row.before["issue"], row.after["issue"]
    if was != left:
        # both stay in the history of the issue
        act = {"issue": was, "act": "merge"} if was else {"issue": left, "act": "split"}
        await connection.execute(insert(issue_acts).values(id=new_id("id"), report_code=row.code, day=at.today, **act))
    if row.opened and not await _is_used(connection, row.opened):
        await connection.execute(delete(issues).where(issues.c.code == row.opened))
    record_audit(at, "report.undo", row.actor)


def _columns(written: Mapping[str, str]) -> dict[str, Any]:
    """Column → value, of what `RevertReport` holds as text."""
    return {name: _day(text) if name == "due" else text for name, text in written.items()}


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


async def _is_used(connection: AsyncConnection, issue: str) -> bool:
    """Whether anybody has put anything into it."""
    for column in (reports.c.issue, supports.c.issue, strands.c.issue):
        if await connection.scalar(select(column).where(column == issue).limit(1)) is not None:
            return True
    return False


def _again_on(state: str, today: date) -> date | None:
    """The day on which people are asked once more: a new one where it is done again."""
    return today + ASK_AGAIN_AFTER if state == ReportState.DONE else None


async def reports_in_issue(connection: AsyncConnection, issue: str) -> dict[str, str]:
    """Code of each report → its state, `confirmed` and `due`, as `RevertIssue.before` has them."""
    statement = select(reports.c.code, reports.c.state, reports.c.confirmed, reports.c.due)
    statement = statement.where(reports.c.issue == issue, reports.c.state != ReportState.WITHDRAWN)
    return {row.code: f"{row.state}.{row.confirmed}.{row.due or ''}" for row in await connection.execute(statement)}


async def is_issue_as_left(connection: AsyncConnection, row: RevertIssue) -> bool:
    state = await connection.scalar(select(issues.c.state).where(issues.c.code == row.code))
    return bool(state == row.after["state"])


@writes_each(RevertIssue)
async def revert_issue(at: ChangeContext, row: RevertIssue) -> None:
    """Raises ChangedMeanwhile where its state is another by now."""
    connection, before, after = at.connection, row.before, row.after
    if not await is_issue_as_left(connection, row):
        raise ChangedMeanwhile(row.code)
    values = {"state": before["state"], "answer": before["answer"], "answered": _day(before["answered"])}
    await connection.execute(update(issues).where(issues.c.code == row.code).values(**values))
    if before["state"] != after["state"]:
        again = _again_on(before["state"], at.today)
        await connection.execute(update(supports).where(supports.c.issue == row.code).values(ask_again_on=again))
    for code, was in before.items():
        if code.startswith("PA-"):
            await _revert_in_issue(at, row, code, *was.split("."))
    record_audit(at, "issue.undo", row.actor)


async def _revert_in_issue(
    at: ChangeContext, row: RevertIssue, code: str, state: str, confirmed: str, due: str = ""
) -> None:
    """Only where the note of the act is still the last."""
    last = select(report_notes).where(report_notes.c.report_code == code).order_by(report_notes.c.place.desc()).limit(1)
    note = (await at.connection.execute(last)).one_or_none()
    if note is None or (note.side, note.kind, note.text) != ("office", row.after["kind"], row.after["words"]):
        return
    await at.connection.execute(delete(report_notes).where(report_notes.c.id == note.id))
    values = {"state": state, "confirmed": confirmed, "ask_again_on": _again_on(state, at.today), "due": _day(due)}
    await at.connection.execute(update(reports).where(reports.c.code == code).values(**values))
