"""The queue of what comes in: batches, order, and what an outage does to them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from nhipcau.bot.messaging.events import Event, EventKind
from nhipcau.intake import queue as queue_intake
from nhipcau.intake.queue import EventQueue


class BatchRecorder:
    """Remembers batches; `away`: how many tries still find no database."""

    def __init__(self, away: int = 0) -> None:
        self.away = away
        self.batches: list[list[str]] = []

    async def may_fetch_file(self, event: Event) -> bool:
        return False

    async def handle(self, events: Sequence[Event]) -> Sequence[Event]:
        await asyncio.sleep(0)
        if self.away:
            self.away -= 1
            raise OSError("away")
        self.batches.append([event.id for event in events])
        return ()

    async def handle_failed(self, event: Event) -> None:
        raise AssertionError(event)


async def as_it_is(event: Event) -> Event:
    return event


def text_event(id: str, whose: str = "a") -> Event:
    return Event("web", id, whose, EventKind.TEXT, text=id)


async def test_a_lone_event_is_handled_at_once_and_later_ones_together() -> None:
    handler = BatchRecorder()
    queue = EventQueue(handler, as_it_is)
    await asyncio.gather(*(queue.submit([text_event(str(n), f"p{n}")]) for n in range(5)))
    assert handler.batches == [["0"], ["1", "2", "3", "4"]] or handler.batches == [["0", "1", "2", "3", "4"]]


async def test_one_person_has_one_event_a_batch_in_the_order_they_came() -> None:
    handler = BatchRecorder()
    await EventQueue(handler, as_it_is).submit(
        [text_event("1"), text_event("2"), text_event("x", "b"), text_event("3")]
    )
    assert handler.batches == [["1", "x"], ["2"], ["3"]]


async def test_a_batch_is_never_larger_than_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_intake, "MAX_BATCH", 3)
    handler = BatchRecorder()
    await EventQueue(handler, as_it_is).submit([text_event(str(n), f"p{n}") for n in range(8)])
    assert [len(batch) for batch in handler.batches] == [3, 3, 2]


async def test_after_an_outage_one_persons_events_stay_in_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(queue_intake, "MAX_TRIES", 2)
    handler = BatchRecorder(away=2)
    queue = EventQueue(handler, as_it_is)
    events = [text_event("1"), text_event("2"), text_event("3")]
    with pytest.raises(OSError, match="away"):
        await queue.submit(events)
    # the first could not be kept, so neither are those after it: the app hands all of them over again
    assert handler.batches == []
    await queue.submit(events)
    assert handler.batches == [["1"], ["2"], ["3"]]
