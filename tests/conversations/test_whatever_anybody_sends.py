"""Whatever is sent to the door, by strangers and by people who have joined: decided without an error, and quickly."""

from __future__ import annotations

import asyncio
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nhipcau.bot.messaging.events import LONGEST_DETAIL, LONGEST_TEXT, Event, EventKind, File, bounded
from nhipcau.handlers.router import decide
from nhipcau.handlers.situation import DecisionResult
from nhipcau.model.people import Contact
from nhipcau.model.queries import FindInvite
from tests.support.situations import situation_with
from tests.support.world import open_world

pytestmark = pytest.mark.slow

#: Seconds of the processor for one decision, on a busy machine.
_LONG = 0.3
_FAILED = "trục trặc phía chúng tôi"

_PIECES = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["/start ", "tham gia ", "https://x/c/", "cứu với ", "Đồng ý", "dạ ", "f1", "1 ", "((", "\u0301", "🙂"]
    ),
)
#: Up to 10,000 characters of anything.
_TEXTS = st.builds(lambda piece, times, end: (piece * times)[:10_000] + end, _PIECES, st.integers(1, 3000), _PIECES)
_FILES = st.one_of(st.none(), st.builds(File, st.text(max_size=20), st.integers(0, 10**9), _TEXTS))
_EVENTS = st.builds(
    Event,
    st.just("web"),
    st.just("1"),
    st.just("a"),
    st.sampled_from([kind for kind in EventKind if kind is not EventKind.IGNORED]),
    text=_TEXTS,
    data=_TEXTS,
    ref=_TEXTS,
    file=_FILES,
    album=st.text(max_size=5),
    name=_TEXTS,
)


def _decided(event: Event, invite_code: str) -> DecisionResult:
    situation = replace(situation_with([]), event=bounded(event), person=None, contact=Contact(1, "web", invite_code))
    deciding = decide(situation)
    while True:
        try:
            need = deciding.send(None)
        except StopIteration as done:
            result: DecisionResult = done.value
            return result
        assert isinstance(need, FindInvite), need
        assert len(need.code) <= 40


@given(_EVENTS, st.sampled_from(["", "PENDINGCOD"]))
@settings(max_examples=150, deadline=None)
def test_anything_a_stranger_sends_is_decided_quickly(event: Event, invite_code: str) -> None:
    """R36: nothing is asked of the database but whether a code is one."""
    begun = time.thread_time()
    result = _decided(event, invite_code)
    assert time.thread_time() - begun < _LONG
    assert len(result.messages) <= 1


@given(_EVENTS)
@settings(max_examples=150, deadline=None)
def test_an_event_is_cut_to_what_is_read(event: Event) -> None:
    read = bounded(event)
    assert len(read.text) <= LONGEST_TEXT
    details = [read.data, read.ref, read.name, read.album, read.ack, read.file.title if read.file else ""]
    assert max(map(len, details)) <= LONGEST_DETAIL
    # what was cut is known to have been longer, and doing it again changes nothing more
    assert bool(read.cut_from) == (read.cut_from > LONGEST_TEXT)
    assert bounded(read) == read


@given(st.lists(_EVENTS, min_size=3, max_size=8))
@settings(max_examples=12, deadline=None)
def test_anything_a_collaborator_sends_is_answered(sent: list[Event]) -> None:
    async def play() -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with open_world(Path(folder)) as world:
                lan = await world.joined("Lan")
                for number, event in enumerate(sent):
                    file = event.file and File("aaaabbbbccccdddd.jpg", title=event.file.title)
                    mine = replace(event, id=f"x{number}", address=lan.address, file=file)
                    await world.dispatch.submit([mine])
                    said = [message for _, message in await world.fetch("web", lan.address)]
                    assert not any(_FAILED in message.text for message in said), mine

    asyncio.run(play())
