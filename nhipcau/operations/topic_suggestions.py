"""Learns topics from what coordinators set, and suggests one where it is sure; nothing is ever set by it.

The reports themselves are what is kept: what was learned lies in memory, and is learned anew where one of them is
withdrawn, deleted, undone or reset. Each report counts once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nhipcau.insight.topic_model import TopicModel
from nhipcau.model.reports import Report, ReportState
from nhipcau.model.scope import Scope
from nhipcau.storage.database import Connection
from nhipcau.storage.taught_topics import taught_topics, words_of_reports

#: Reports learned from: a second of the processor when it begins anew.
_MOST = 3000
#: Of them before one answer, which waits for it; the rest before the next ones.
_MOST_AT_ONCE = 300


@dataclass(frozen=True, slots=True)
class Trial:
    """How it would have done on what coordinators set, each report being asked about before it was learned."""

    #: Reports learned from.
    learned: int
    #: Of these: it was sure, and was right.
    suggested: int
    right: int


class TopicSuggester:
    """One a process; answers one question at a time."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._model: TopicModel | None = None
        self._learned: dict[str, str] = {}

    async def suggest(self, connection: Connection, report: Report) -> str:
        """The topic a report seems to be about instead of its own; "" where that is not sure, or it was checked."""
        if report.state is ReportState.WITHDRAWN or report.is_topic_checked:
            return ""
        async with self._turn:
            await self._learn(connection)
            found = await asyncio.to_thread(self._model.suggest, report.text) if self._model else ""
        return "" if found == report.topic else found

    async def _learn(self, connection: Connection) -> None:
        """What was set since; all of it anew where something of it is no longer there."""
        taught = await taught_topics(connection, Scope.office(), _MOST)
        if gone := [code for code, topic in self._learned.items() if taught.get(code) != topic]:
            still = await taught_topics(connection, Scope.office(), len(gone), gone)
            if any(still.get(code) != self._learned[code] for code in gone):
                self._model, self._learned = None, {}
        new = [code for code in taught if code not in self._learned][:_MOST_AT_ONCE]
        if not new:
            return
        words = await words_of_reports(connection, Scope.office(), new)
        if self._model is None:
            self._model = await asyncio.to_thread(TopicModel)
        await asyncio.to_thread(_learn_all, self._model, [(words[code], taught[code]) for code in new])
        self._learned |= {code: taught[code] for code in new}


def _learn_all(model: TopicModel, examples: Iterable[tuple[str, str]]) -> None:
    for text, topic in examples:
        model.learn(text, topic)


async def try_out(connection: Connection) -> Trial:
    """How sure it is, and how often right, on the reports it learns from, in the order of their codes (random)."""
    taught = await taught_topics(connection, Scope.office(), _MOST)
    words = await words_of_reports(connection, Scope.office(), sorted(taught))
    return await asyncio.to_thread(trial, [(words[code], taught[code]) for code in sorted(taught)])


def trial(examples: Sequence[tuple[str, str]]) -> Trial:
    """Of texts and their topics: each is asked about, then learned."""
    suggested = right = 0
    model = TopicModel() if examples else None
    for text, topic in examples:
        assert model
        found = model.suggest(text)
        suggested += bool(found)
        right += found == topic
        model.learn(text, topic)
    return Trial(len(examples), suggested, right)
