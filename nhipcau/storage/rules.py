"""Rules, which make requests again and again. The process that moves a rule to its next time makes the request."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL as _BY_TABLE
from sqlalchemy import RowMapping, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.units.tree import Tree
from nhipcau.model.queries import RulesOf
from nhipcau.model.request_changes import MakeRule
from nhipcau.model.requests import RecurringRequest, RuleState
from nhipcau.model.scope import Access, Scope
from nhipcau.storage import wakeups
from nhipcau.storage.registry import QueryContext, answers_each
from nhipcau.storage.request_content import content_values, read_audience, read_content
from nhipcau.storage.tables import rules, units
from nhipcau.storage.units import within


async def make(connection: AsyncConnection, row: MakeRule) -> None:
    await connection.execute(
        insert(rules).values(
            id=row.id,
            unit_id=row.unit_id,
            **content_values(row.content, row.audience),
            rule=row.rule,
            seconds=row.seconds,
            working_days=row.working_days,
            catch_up=row.catch_up,
            due=row.due,
            next_at=row.next_at,
            state=RuleState.ACTIVE,
            asked_by=row.asked_by,
        )
    )
    await wakeups.notify_processes(connection, wakeups.REQUESTS)


def _read(row: RowMapping, tree: Tree) -> RecurringRequest:
    return RecurringRequest(
        id=row["rules_id"],
        unit=tree.by_id[row["rules_unit_id"]],
        content=read_content(row, "rules_"),
        audience=read_audience(row["rules_audience"]),
        rule=row["rules_rule"],
        seconds=row["rules_seconds"],
        working_days=row["rules_working_days"],
        catch_up=row["rules_catch_up"],
        due=row["rules_due"],
        next_at=row["rules_next_at"],
        asked_by=row["rules_asked_by"],
    )


async def active(connection: AsyncConnection, scope: Scope, tree: Tree, kinds: Sequence[str]) -> list[RecurringRequest]:
    """Active rules of units of this scope, earliest first."""
    statement = select(rules).join(units, units.c.id == rules.c.unit_id)
    in_scope = within(scope, Access.FIGURES)
    statement = statement.where(rules.c.state == RuleState.ACTIVE, rules.c.kind.in_(list(kinds)), in_scope)
    rows = await connection.execute(statement.order_by(rules.c.next_at, rules.c.id).set_label_style(_BY_TABLE))
    return [_read(row, tree) for row in rows.mappings()]


@answers_each(RulesOf)
async def _active(at: QueryContext, need: RulesOf) -> list[RecurringRequest]:
    return await active(at.connection, need.scope, at.tree, need.kinds)


async def find(connection: AsyncConnection, tree: Tree, id: str) -> RecurringRequest | None:
    """The active rule with this id, if any."""
    statement = select(rules).where(rules.c.id == id, rules.c.state == RuleState.ACTIVE).set_label_style(_BY_TABLE)
    row = (await connection.execute(statement)).mappings().one_or_none()
    return None if row is None else _read(row, tree)


async def due(connection: AsyncConnection, now: datetime) -> list[str]:
    statement = select(rules.c.id).where(rules.c.state == RuleState.ACTIVE, rules.c.next_at <= now)
    return list(await connection.scalars(statement.order_by(rules.c.next_at, rules.c.id)))


async def next_moment(connection: AsyncConnection) -> datetime | None:
    statement = select(func.min(rules.c.next_at, type_=rules.c.next_at.type)).where(rules.c.state == RuleState.ACTIVE)
    found: datetime | None = await connection.scalar(statement)
    return found


async def advance(connection: AsyncConnection, rule: RecurringRequest, due: datetime, next_at: datetime) -> bool:
    """Move a rule to its next time. False: another process has done so, and makes the request."""
    statement = update(rules).where(rules.c.id == rule.id, rules.c.state == RuleState.ACTIVE, rules.c.due == rule.due)
    return (await connection.execute(statement.values(due=due, next_at=next_at))).rowcount == 1


async def end(connection: AsyncConnection, id: str) -> bool:
    """End a rule; requests it has made go on. False: it had ended already."""
    statement = update(rules).where(rules.c.id == id, rules.c.state == RuleState.ACTIVE)
    # its requests hold the attachments themselves
    ended = {"state": RuleState.ENDED, "photo": "", "file": "", "file_name": ""}
    return (await connection.execute(statement.values(**ended))).rowcount == 1
