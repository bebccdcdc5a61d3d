"""The receiving side of a channel: polls or keeps its webhook set, waits out failures, and knows how it is doing."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import structlog

from nhipcau.bot.messaging.channel import ChannelError, Refused, Status, Submit
from nhipcau.bot.messaging.events import Event

_log = structlog.get_logger()

#: Seconds: the longest wait between two tries.
LONGEST_WAIT = 30.0
#: Reasons of a webhook: the app would not take its address, or can't post to it.
HOOK_REFUSED, HOOK_FAILING = "hook_refused", "hook_failing"

Step = Callable[[], Awaitable[None]]


class ReceiveLoop:
    """States are words of ours ("ok", an error's reason), never a library's text; each change is logged once.

    `pause`: seconds of the first wait after a failure, doubled up to 30. `sentences`: what each state means, for
    whoever keeps the service; that of "refused" stands for the ones not named.
    """

    def __init__(self, channel: str, pause: float, sentences: Mapping[str, str]) -> None:
        self._channel = channel
        self.pause = self._next = pause
        self._sentences = sentences
        self._submit: Submit | None = None
        self.state = "starting"

    def begin(self, submit: Submit) -> None:
        """From now on events are handed to `submit`."""
        self._submit = submit

    async def poll(self, drop_webhook: Step, step: Step) -> None:
        """Poll until cancelled, after any webhook has been taken away: one left over would refuse every poll."""
        while not await self.attempt(drop_webhook):
            pass
        while True:
            await self.attempt(step)

    async def keep_webhook(self, look: Step, seconds: float) -> None:
        """Be posted to until cancelled, looking every so often whether the webhook is still ours."""
        while True:
            if await self.attempt(look):
                await asyncio.sleep(seconds)

    async def check_webhook(
        self,
        ours: str,
        info: Mapping[str, Any],
        register: Callable[[], Awaitable[Mapping[str, Any]]],
        is_failing: Callable[[Mapping[str, Any]], bool],
    ) -> None:
        """One look: where `info` (what the app says of its webhook) has another address than ours, ours is registered.

        `is_failing` says of that info, or of the answer to `register`, whether the app could not post to us.
        """
        if info.get("url") != ours:
            try:
                info = await register()
            except Refused as error:
                error.reason = HOOK_REFUSED
                raise
        self.set_state(HOOK_FAILING if is_failing(info) else "ok")

    async def submit(self, events: Sequence[Event]) -> None:
        """Hand over what was posted; returns after the commit. Raises where it can't be stored now."""
        if self._submit is None:
            raise RuntimeError("not started")
        await self._submit(events)

    async def hand_over(self, events: Sequence[Event]) -> bool:
        """Hand over what was polled; False after a failure, whose pause is then over."""
        try:
            await self.submit(events)
        except Exception as error:
            self.set_state("not_saved", type(error).__name__)
            await asyncio.sleep(self.pause)
            return False
        return True

    async def attempt(self, step: Step) -> bool:
        """One step; False after a failure, whose pause is then over."""
        try:
            await step()
        except ChannelError as error:
            self.set_state(error.reason)
            # the minute that a wrong token asks of the sender would only hide here that it was set right
            wait = error.after if error.after is not None and not error.whole_channel else 0.0
            await self._wait(wait)
        except Exception as error:
            self.set_state("failed", type(error).__name__)
            await self._wait()
        else:
            return True
        return False

    async def _wait(self, at_least: float = 0.0) -> None:
        wait, self._next = max(self._next, at_least), min(self._next * 2, LONGEST_WAIT)
        await asyncio.sleep(wait)

    def set_state(self, state: str, kind: str = "") -> None:
        if state == "ok":
            self._next = self.pause
        if state == self.state:
            return
        self.state = state
        log = _log.info if state == "ok" else _log.warning
        log(f"{self._channel}_state", state=state, **({"kind": kind} if kind else {}))

    def status(self, ok: str) -> Status:
        """`ok`: the sentence for when all is well."""
        if self.state == "ok":
            return Status(True, ok)
        return Status(False, self._sentences.get(self.state, self._sentences[Refused.reason]))


def is_same_secret(given: str, secret: str) -> bool:
    """Whether a post carries our secret; no post does while there is none."""
    return bool(secret) and hmac.compare_digest(given.encode(), secret.encode())
