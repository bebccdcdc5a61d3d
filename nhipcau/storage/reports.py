"""Reports: filing with a tag, reading within a scope, and finding one's own while the key of their month exists."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, func, insert, null, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.forms.report_fields import added_questions
from nhipcau.bot.units.tree import Tree, Unit
from nhipcau.model.changes import ChangeReport, FileReport, WithdrawReport
from nhipcau.model.queries import CanReachReporter, CountReports, MyReports, NextReport, ReportAround, ReportIn
from nhipcau.model.report_title import named
from nhipcau.model.reports import ONE_TAP_STATES, QueuedReport, Report, ReportState, again_on
from nhipcau.model.scope import Access, Scope
from nhipcau.privacy.sealing import Sealer, month_key
from nhipcau.storage.audit import record_audit
from nhipcau.storage.database import ChangedMeanwhile, execute_many, in_chunks, wipe_after_commit
from nhipcau.storage.registry import ChangeContext, QueryContext, answers_each, writes, writes_each
from nhipcau.storage.report_notes import is_waiting, notes_of
from nhipcau.storage.search_index import INDEXED, add_entries, drop_entries, renew_entries
from nhipcau.storage.sections import sections_by_id
from nhipcau.storage.tables import issue_acts, report_columns, report_notes, report_photos, reports, units
from nhipcau.storage.units import within


@writes(FileReport)
async def file_reports(at: ChangeContext, rows: Sequence[FileReport]) -> None:
    filed = []
    photos: list[dict[str, Any]] = []
    for row in sorted(rows, key=lambda r: r.code):
        day: date = row.values["day"]
        tag = at.sealer.report_tag(day, row.code, row.tag_secret)
        values = {"confirmed": "", **row.values}
        filed.append({"code": row.code, **values, "issue": "", "month": month_key(day), "tag": tag})
        photos += [{"name": name, "report_code": row.code, "place": n} for n, name in enumerate(row.photos)]
    await execute_many(at.connection, insert(reports), filed)
    await add_entries(at.connection, filed)
    await execute_many(at.connection, insert(report_photos), photos)


@writes_each(ChangeReport)
async def change_report(at: ChangeContext, row: ChangeReport) -> None:
    """Set columns of a report. Raises ChangedMeanwhile where it is no longer in the state `seen` at the decision."""
    is_reworded = not INDEXED.isdisjoint(row.values)
    if is_reworded:
        await drop_entries(at.connection, [row.code])
    statement = update(reports).where(reports.c.code == row.code)
    if row.seen:
        statement = statement.where(reports.c.state == row.seen)
    done = await at.connection.execute(statement.values(**row.values, **again_on(row.values, at.today)))
    if row.seen and done.rowcount != 1:
        raise ChangedMeanwhile(row.code)
    if is_reworded:
        await renew_entries(at.connection, [row.code])
    if row.actor and (row.act or "state" in row.values):
        record_audit(at, f"report.{row.act or row.values['state']}", row.actor)


#: What stays of a withdrawn report besides these: its code, area, day and state.
EMPTIED: dict[str, Any] = {
    **dict.fromkeys(("topic", "mood", "urgency", "text", *(question.id for question in added_questions())), ""),
    **{"spread": 0, "confirmed": "", "ask_again_on": None, "tag": null(), "words": null(), "section": "", "due": None},
}


@writes_each(WithdrawReport)
async def withdraw_report(at: ChangeContext, row: WithdrawReport) -> None:
    """Raises ChangedMeanwhile where the office has taken it up meanwhile."""
    wipe_after_commit(at.connection)
    await drop_entries(at.connection, [row.code])
    is_new = (reports.c.code == row.code, reports.c.state == ReportState.NEW)
    emptied = update(reports).where(*is_new).values(**EMPTIED, state=ReportState.WITHDRAWN)
    if (await at.connection.execute(emptied)).rowcount != 1:
        raise ChangedMeanwhile(row.code)
    for table in (report_notes, report_photos):
        await at.connection.execute(delete(table).where(table.c.report_code == row.code))


async def read_reports(
    connection: AsyncConnection, tree: Tree, rows: Sequence[Any], *, whole: bool, reader: Scope | None = None
) -> list[Report]:
    """`whole`: with notes, section and the day of merging; `reader`: the scope that reads, None for the reporter."""
    photos: dict[str, list[str]] = defaultdict(list)
    codes = [row.code for row in rows]
    notes = await notes_of(connection, codes) if whole else {}
    merged = await _merged_on(connection, [row for row in rows if row.issue]) if whole else {}
    assigned = {row.section for row in rows if row.section} if whole else set()
    sections = await sections_by_id(connection, tree, assigned)
    for chunk in in_chunks(codes):
        statement = select(report_photos).where(report_photos.c.report_code.in_(chunk))
        for photo in await connection.execute(statement.order_by(report_photos.c.report_code, report_photos.c.place)):
            photos[photo.report_code].append(photo.name)
    return [
        Report(
            code=row.code,
            day=row.day,
            topic=row.topic,
            area=tree.by_id[row.area_id],
            mood=row.mood,
            spread=row.spread,
            urgency=row.urgency,
            text=row.text,
            added={
                **{question.id: row._mapping[question.id] for question in added_questions()},
                "place": row.place if _reads_place(reader, tree.by_id[row.area_id]) else "",
            },
            state=ReportState(row.state),
            issue=row.issue,
            photos=tuple(photos[row.code]),
            confirmed=row.confirmed,
            notes=notes.get(row.code, ()),
            merged=merged.get(row.code),
            section=sections.get(row.section),
            due=row.due,
        )
        for row in rows
    ]


def _reads_place(reader: Scope | None, area: Unit) -> bool:
    """Whether the place below its area stays within the area's own scope."""
    return reader is None or reader.path.startswith(area.path)


async def _merged_on(connection: AsyncConnection, rows: Sequence[Any]) -> dict[str, date]:
    """Report code → day it was last merged into its present issue."""
    issues = {row.code: row.issue for row in rows}
    found: dict[str, date] = {}
    for chunk in in_chunks(sorted(issues)):
        last = select(issue_acts.c.report_code, issue_acts.c.issue, func.max(issue_acts.c.day))
        last = last.where(issue_acts.c.report_code.in_(chunk), issue_acts.c.act == "merge").group_by(
            issue_acts.c.report_code, issue_acts.c.issue
        )
        days = await connection.execute(last)
        found |= {code: day for code, issue, day in days if issues[code] == issue}
    return found


async def reports_in(
    connection: AsyncConnection,
    scope: Scope,
    tree: Tree,
    *,
    code: str = "",
    since: date | None = None,
    until: date | None = None,
    whole: bool = False,
) -> list[Report]:
    """Reports whose area lies in this scope, oldest first; within a day by code, which is random."""
    statement = select(*report_columns).join(units, units.c.id == reports.c.area_id)
    statement = statement.where(within(scope, Access.CONTENT))
    if code:
        statement = statement.where(reports.c.code == code)
    if since:
        statement = statement.where(reports.c.day >= since)
    if until:
        statement = statement.where(reports.c.day <= until)
    statement = statement.order_by(reports.c.day, reports.c.code)
    return await read_reports(connection, tree, (await connection.execute(statement)).all(), whole=whole, reader=scope)


async def named_report(connection: AsyncConnection, code: str) -> str:
    """How sentences call the report of this code; the code alone where it is deleted."""
    row = (await connection.execute(select(reports.c.text, reports.c.day).where(reports.c.code == code))).one_or_none()
    return code if row is None else named(row.text, row.day, code)


_URGENCY_ORDER = case({"khan": 0, "som": 1}, value=reports.c.urgency, else_=2)
#: So long after its day a new report whose reporter can't be found any more stands at the end of the inbox: thousands
#: of earlier ones may be imported, and an answer reaches somebody of those before them.
_LONG_PAST = timedelta(days=30)


@answers_each(NextReport)
async def next_report(at: QueryContext, need: NextReport) -> QueuedReport | None:
    """Of thousands that wait only codes are read, and the one report."""
    by_day = (reports.c.day, reports.c.code)
    if need.under_way:
        replied, codes = set[str](), await _codes(at, need, reports.c.state.in_(ONE_TAP_STATES), *by_day)
    else:
        first = await _codes(at, need, is_waiting(), _URGENCY_ORDER, *by_day)
        is_past = and_(reports.c.tag.is_(None), reports.c.day < at.today - _LONG_PAST)
        order = (case((is_past, 1), else_=0), _URGENCY_ORDER, *by_day)
        new = await _codes(at, need, reports.c.state == ReportState.NEW, *order)
        replied = set(first)
        codes = [*first, *(code for code in new if code not in replied)]
    if not codes:
        return None
    place = (codes.index(need.after) + 1) % len(codes) if need.after in codes else 0
    found = await reports_in(at.connection, need.scope, at.tree, code=codes[place], whole=True)
    return QueuedReport(found[0], place + 1, len(codes), codes[place] in replied)


async def _codes(
    at: QueryContext, need: NextReport, condition: ColumnElement[bool], *order: ColumnElement[Any]
) -> list[str]:
    joined = reports.join(units, units.c.id == reports.c.area_id)
    statement = select(reports.c.code).select_from(joined).where(within(need.scope, Access.CONTENT), condition)
    return list(await at.connection.scalars(statement.order_by(*order)))


@answers_each(ReportIn)
async def _report_in(at: QueryContext, need: ReportIn) -> Report | None:
    found = await reports_in(at.connection, need.scope, at.tree, code=need.code, whole=True)
    return found[0] if found else None


@answers_each(CountReports)
async def count_in(at: QueryContext, need: CountReports) -> int:
    statement = select(func.count()).select_from(reports.join(units, units.c.id == reports.c.area_id))
    in_scope = within(need.scope, Access.FIGURES)
    statement = statement.where(in_scope, reports.c.state.in_(list(need.states)))
    return int(await at.connection.scalar(statement) or 0)


@answers_each(CanReachReporter)
async def has_way_back(at: QueryContext, need: CanReachReporter) -> bool:
    """Whether the reporter can still be found by the tag of this report."""
    with_area = reports.join(units, units.c.id == reports.c.area_id)
    statement = select(reports.c.month, reports.c.tag).select_from(with_area)
    statement = statement.where(reports.c.code == need.code, within(need.scope, Access.CONTENT))
    row = (await at.connection.execute(statement)).one_or_none()
    return row is not None and _can_reach(at.sealer, row)


def _can_reach(sealer: Sealer, row: Any) -> bool:
    return row.tag is not None and sealer.is_living(row.month)


@answers_each(ReportAround)
async def report_around(at: QueryContext, need: ReportAround) -> Report | None:
    """The report, if its area is this unit or one above it, and the office's words went to the area: its reporter can't
    be found any more."""
    rows = (await at.connection.execute(select(*report_columns).where(reports.c.code == need.code))).all()
    if not rows or not at.tree.by_id[rows[0].area_id].holds(need.unit) or _can_reach(at.sealer, rows[0]):
        return None
    # whoever replies for the area needs no more than its words
    return (await read_reports(at.connection, at.tree, rows, whole=True, reader=Scope.office()))[0]


async def my_reports(
    connection: AsyncConnection, sealer: Sealer, tree: Tree, tag_secret: str, code: str = ""
) -> list[Report]:
    """This person's reports, newest first, found by trying the tags of all months whose keys exist (3 µs a report)."""
    statement = select(reports.c.code, reports.c.month, reports.c.tag).where(reports.c.tag.is_not(None))
    if code:
        statement = statement.where(reports.c.code == code)
    rows = [(row.code, row.month, row.tag) for row in await connection.execute(statement)]
    mine = await asyncio.to_thread(sealer.find_mine, rows, tag_secret)
    if not mine:
        return []
    found = select(*report_columns).where(reports.c.code.in_(mine)).order_by(reports.c.day.desc(), reports.c.code)
    return await read_reports(connection, tree, (await connection.execute(found)).all(), whole=True)


@answers_each(MyReports)
async def _my_reports(at: QueryContext, need: MyReports) -> list[Report]:
    return await my_reports(at.connection, at.sealer, at.tree, need.tag_secret, need.code)


async def picture_in(connection: AsyncConnection, scope: Scope, name: str) -> bool:
    """Whether a picture of this name belongs to a report of this scope that was sent to somebody."""
    statement = (
        select(report_photos.c.name)
        .join(reports, reports.c.code == report_photos.c.report_code)
        .join(units, units.c.id == reports.c.area_id)
        .where(report_photos.c.name == name, within(scope, Access.CONTENT))
    )
    return await connection.scalar(statement) is not None


async def reports_of(connection: AsyncConnection, scope: Scope, tree: Tree, codes: Sequence[str]) -> list[Report]:
    """These reports with their notes, in the order of their codes here; without those outside the scope."""
    found: dict[str, Report] = {}
    for chunk in in_chunks(codes):
        statement = select(*report_columns).join(units, units.c.id == reports.c.area_id)
        statement = statement.where(within(scope, Access.CONTENT), reports.c.code.in_(chunk))
        rows = (await connection.execute(statement)).all()
        found |= {
            report.code: report for report in await read_reports(connection, tree, rows, whole=True, reader=scope)
        }
    return [found[code] for code in codes if code in found]
