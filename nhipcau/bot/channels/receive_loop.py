"""The receiving side of a channel: polls, or keeps its webhook registered; waits out failures; has a state."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import structlog

from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.messaging.channel import ChannelError, Refused, Status, Submit
from nhipcau.bot.messaging.events import Event

_log = structlog.get_logger()

#: Seconds: the longest wait between two tries.
LONGEST_WAIT = 30.0
#: States of a webhook: the app refused its address, or fails to post to it.
HOOK_REFUSED, HOOK_FAILING = "hook_refused", "hook_failing"

Step = Callable[[], Awaitable[None]]


class ReceiveLoop:
    """The state is "ok" or a fixed word such as an error's reason, never a library's text; each change is logged once.

    `pause`: seconds of the first wait after a failure, doubled up to 30. `sentences`: what each state means, for the
    operator; states without one use that of "refused".
    """

    def __init__(self, channel: str, pause: float, t: Texts) -> None:
        self._channel = channel
        self.pause = self._next = pause
        self._t = t
        self._submit: Submit | None = None
        self._again = asyncio.Event()
        self.state = "starting"

    def begin(self, submit: Submit) -> None:
        """Hand events to `submit` from now on."""
        self._submit = submit

    async def poll(self, drop_webhook: Step, step: Step) -> None:
        """Remove any webhook, with which polls would be refused; then poll until cancelled."""
        while not await self.attempt(drop_webhook):
            pass
        while True:
            await self.attempt(step)

    async def keep_webhook(self, look: Step, seconds: float) -> None:
        """Receive by webhook until cancelled, checking every `seconds` whether it is still ours (`look`)."""
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
        """Register our webhook where `info` (the app's data about it) has another address than `ours`.

        `is_failing`: whether that info, or the answer to `register`, says that the app failed to post to us.
        """
        if info.get("url") != ours:
            try:
                info = await register()
            except Refused as error:
                error.reason = HOOK_REFUSED
                raise
        self.set_state(HOOK_FAILING if is_failing(info) else "ok")

    async def submit(self, events: Sequence[Event]) -> None:
        """Submit events; returns after the commit. Raises where they can't be stored now."""
        if self._submit is None:
            raise RuntimeError("not started")
        await self._submit(events)

    async def hand_over(self, events: Sequence[Event]) -> bool:
        """Submit polled events; False after a failure and its pause."""
        try:
            await self.submit(events)
        except Exception as error:
            self.set_state("not_saved", type(error).__name__)
            await asyncio.sleep(self.pause)
            return False
        return True

    async def attempt(self, step: Step) -> bool:
        """One step; False after a failure and its pause."""
        try:
            await step()
        except ChannelError as error:
            self.set_state(error.reason)
            # a wrong token makes the sender wait a minute; here that would only hide for longer that it was corrected
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
        self._again.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._again.wait(), wait)

    def retry(self) -> None:
        """End the wait after a failure now."""
        self._again.set()

    def set_state(self, state: str, kind: str = "") -> None:
        if state == "ok":
            self._next = self.pause
        if state == self.state:
            return
        self.state = state
        log = _log.info if state == "ok" else _log.warning
        log(f"{self._channel}_state", state=state, **({"kind": kind} if kind else {}))

    def status(self, key: str = "ok", **facts: Any) -> Status:
        """How receiving goes. `key` (of `status.<channel>`) and `facts` say it where all is well."""
        found = f"status.{self._channel}."
        if self.state == "ok":
            return Status(True, self._t(found + key, **facts))
        return Status(False, self._t(found + (self.state if self._t.has(found + self.state) else Refused.reason)))


def is_same_secret(given: str, secret: str) -> bool:
    """Whether a post has our secret; never while we have none."""
    return bool(secret) and hmac.compare_digest(given.encode(), secret.encode())
