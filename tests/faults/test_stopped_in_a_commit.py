"""Stopped at the very commit that claims a message: it is committed all the same, and must not wait for a lease."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import pytest
from sqlalchemy import event

from nhipcau.bot.messaging.channel import Limits
from nhipcau.bot.messaging.events import Event, EventKind
from nhipcau.bot.messaging.messages import Message, Sent
from nhipcau.delivery.sender import Sender
from nhipcau.intake.transaction import Dispatcher
from nhipcau.storage import outbox
from tests.support.installation import Installation
from tests.support.world import World, open_world

pytestmark = pytest.mark.slow


class App:
    name = "telegram"
    limits = Limits(text=4096, caption=1024)
    rate = 0.0
    recipients_fetch = False

    def __init__(self) -> None:
        self.said: list[str] = []

    async def send(self, address: str, message: Message) -> Sent:
        self.said.append(message.text)
        return Sent(str(len(self.said)))


@pytest.fixture
async def world(place: Installation) -> AsyncIterator[World]:
    async with open_world(place.folder, database_url=place.url) as opened:
        yield opened


def sender_of(world: World, app: App) -> Sender:
    channels: Any = {"telegram": app}
    return Sender(world.parts.database, world.parts.sealer, channels, world.parts.settings, now=lambda: world.now)


async def cancelled_at_its_commit(
    world: World, work: Coroutine[Any, Any, None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cancelled while the database commits what was claimed."""
    claimed: list[Any] = []
    task: asyncio.Task[None] = asyncio.create_task(work)

    def noting(claim: Any) -> Any:
        async def noted(*given: Any, **more: Any) -> Any:
            claimed.extend(found := await claim(*given, **more))
            return found

        return noted

    def cancel(_: Any) -> None:
        if claimed and asyncio.current_task() is task:
            task.cancel()

    engine = world.parts.database.engine.sync_engine
    event.listen(engine, "commit", cancel)
    try:
        with monkeypatch.context() as patched:
            for name in ("claim", "put_claimed"):
                patched.setattr(outbox, name, noting(getattr(outbox, name)))
            assert isinstance((await asyncio.gather(task, return_exceptions=True))[0], asyncio.CancelledError)
    finally:
        event.remove(engine, "commit", cancel)
    assert claimed


async def stopped_after(sender: Sender, seconds: float) -> None:
    running = asyncio.create_task(sender.run())
    await asyncio.sleep(seconds)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def written(world: World) -> list[Event]:
    return [Event("telegram", world.next_event(), "7", EventKind.TEXT, text="xin chào")]


async def test_what_the_sender_had_just_claimed_goes_out_after_the_restart(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = App()
    await world.dispatch.submit(written(world))
    await cancelled_at_its_commit(world, sender_of(world, app).run(), monkeypatch)
    await stopped_after(sender_of(world, app), 1)
    assert len(app.said) == 1


async def test_a_reply_claimed_as_it_was_written_goes_out_after_the_restart(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = App()
    sender = sender_of(world, app)
    intake = Dispatcher(world.committing(), outgoing=sender)
    await cancelled_at_its_commit(world, intake.submit(written(world)), monkeypatch)
    await stopped_after(sender, 0)
    assert app.said == []
    await stopped_after(sender_of(world, app), 1)
    assert len(app.said) == 1
