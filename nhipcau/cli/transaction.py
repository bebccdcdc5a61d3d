"""The transaction of a command: runs the same queries as the chat, and applies what actions decide."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from nhipcau.actions.decision import Actor, Refusal
from nhipcau.bot.units.tree import Tree, Unit
from nhipcau.cli.runner import CommandFailed, find_unit
from nhipcau.context import AppContext, known_links
from nhipcau.model.changes import Change
from nhipcau.model.queries import Query
from nhipcau.operations import commit
from nhipcau.operations.operation_context import OperationContext
from nhipcau.storage import run_queries
from nhipcau.storage.audit import record_audit
from nhipcau.storage.database import Connection
from nhipcau.storage.registry import QueryContext

T = TypeVar("T")


@dataclass(slots=True)
class Transaction:
    parts: AppContext
    context: OperationContext

    @property
    def tree(self) -> Tree:
        return self.context.tree

    @property
    def connection(self) -> Connection:
        return self.context.connection

    @property
    def now(self) -> datetime:
        return self.context.now

    def office(self, unit: Unit | str) -> Actor:
        """The office as actor, for this unit (also by name or code). Raises WrongUse."""
        return Actor.office(find_unit(self.tree, unit) if isinstance(unit, str) else unit)

    async def load(self, need: Query[T]) -> T:
        context = self.context
        query_context = QueryContext(
            context.connection, context.sealer, self.tree, context.now, {}, context.office.zone
        )
        found: T = (await run_queries.answer(query_context, [need]))[need]
        return found

    async def apply(self, changes: Sequence[Change]) -> None:
        await commit.apply(self.context, changes)

    async def links(self, code: str) -> dict[str, str | None]:
        """Channel → link that joins with this code."""
        return await known_links(self.parts, self.connection, code)

    def or_fail(self, decided: T | Refusal, key: str = "", **facts: object) -> T:
        """The decision. Raises CommandFailed if it is a refusal, with the sentence of `key` or that of the refusal."""
        if isinstance(decided, Refusal):
            raise CommandFailed(key, **facts) if key else CommandFailed(decided.fault())
        return decided


async def record_act(parts: AppContext, kind: str, number: int = 1) -> None:
    """One line of the office in the audit, in a transaction of its own."""
    async with writing(parts) as transaction:
        record_audit(transaction.context, kind, number=number)


@asynccontextmanager
async def reading(parts: AppContext) -> AsyncIterator[Transaction]:
    async with parts.database.reading() as connection:
        yield Transaction(parts, await parts.work(connection))


@asynccontextmanager
async def writing(parts: AppContext) -> AsyncIterator[Transaction]:
    """Commits on leaving, then does what must follow the commit."""
    async with parts.transaction() as context:
        yield Transaction(parts, context)
