"""Which function writes each kind of change, and which answers each kind of query: a decorator registers it.

`apply_changes.py` and `run_queries.py` call them, one call for each kind in a batch.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.bot.units.tree import Tree
from nhipcau.model.changes import RowChange
from nhipcau.model.queries import Query
from nhipcau.privacy.sealing import Sealer


@dataclass(frozen=True, slots=True)
class ChangeContext:
    """What every write needs."""

    connection: AsyncConnection
    sealer: Sealer
    now: datetime
    today: date
    #: Contact id → (channel, address) of the contacts of this batch.
    addresses: Mapping[int, tuple[str, str]]
    #: Language of new people.
    language: str = "vi"


@dataclass(frozen=True, slots=True)
class QueryContext:
    """What every answer needs."""

    connection: AsyncConnection
    sealer: Sealer
    tree: Tree
    now: datetime
    #: Contact id → (channel, address) of the contacts of this batch.
    addresses: Mapping[int, tuple[str, str]]
    zone: ZoneInfo

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()


C = TypeVar("C", bound=RowChange)
T = TypeVar("T")
Q = TypeVar("Q")

Writer = Callable[[ChangeContext, Sequence[C]], Awaitable[object]]
WriterOfOne = Callable[[ChangeContext, C], Awaitable[object]]
Answerer = Callable[[QueryContext, Sequence[Q]], Awaitable[Mapping[Q, T]]]
AnswererOfOne = Callable[[QueryContext, Any], Awaitable[T]]

#: Kind of change → function that writes all changes of that kind in a batch.
WRITERS: dict[type, Writer[Any]] = {}
#: Kind of query → function that answers all queries of that kind in a batch: query → result.
ANSWERERS: dict[type, Answerer[Any, Any]] = {}


def writes(kind: type[C]) -> Callable[[Writer[C]], Writer[C]]:
    """Registers a function that writes all changes of this kind in a batch."""

    def register(write: Writer[C]) -> Writer[C]:
        WRITERS[kind] = write
        return write

    return register


def writes_each(kind: type[C]) -> Callable[[WriterOfOne[C]], WriterOfOne[C]]:
    """Registers a function that writes one change of this kind: for rare changes, or changes that differ in columns."""

    def register(write_one: WriterOfOne[C]) -> WriterOfOne[C]:
        async def write(at: ChangeContext, rows: Sequence[C]) -> None:
            for row in rows:
                await write_one(at, row)

        WRITERS[kind] = write
        return write_one

    return register


def answers(kind: type[Q]) -> Callable[[Answerer[Q, T]], Answerer[Q, T]]:
    """Registers a function that answers all queries of this kind in a batch."""

    def register(answer: Answerer[Q, T]) -> Answerer[Q, T]:
        ANSWERERS[kind] = answer
        return answer

    return register


def answers_each(kind: type[Query[T]]) -> Callable[[AnswererOfOne[T]], AnswererOfOne[T]]:
    """Registers a function that answers one query of this kind: for rare queries of coordinators, each with its own
    scope. The result has the type that the query names."""

    def register(answer_one: AnswererOfOne[T]) -> AnswererOfOne[T]:
        async def answer(at: QueryContext, needs: Sequence[Any]) -> dict[Any, T]:
            return {need: await answer_one(at, need) for need in needs}

        ANSWERERS[kind] = answer
        return answer_one

    return register
