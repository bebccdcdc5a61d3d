"""The life of a channel's receiving side: steps that may fail, ever longer pauses, and a state that is said once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from nhipcau.bot.messaging.channel import ChannelError, Status

_log = structlog.get_logger()

#: Seconds: the longest wait between two tries.
LONGEST_WAIT = 30.0


class ReceiveLoop:
    """States are words of ours ("ok", an error's reason), never a library's text.

    `pause`: seconds of the first wait after a failure, doubled up to 30. `sentences`: what each state means, for
    whoever keeps the service.
    """

    def __init__(self, channel: str, pause: float, sentences: dict[str, str]) -> None:
        self._channel = channel
        self.pause = self._next = pause
        self._sentences = sentences
        self.state = "starting"

    def note(self, state: str, kind: str = "") -> None:
        """Log a change of state once."""
        if state == "ok":
            self._next = self.pause
        if state == self.state:
            return
        self.state = state
        t = _log.info if state == "ok" else _log.warning
        t(f"{self._channel}_state", state=state, **({"kind": kind} if kind else {}))

    async def attempt(self, step: Callable[[], Awaitable[None]]) -> bool:
        """One step; False after a failure, whose pause is then over."""
        try:
            await step()
        except ChannelError as error:
            self.note(error.reason)
            # the minute that a wrong token asks of the sender would only hide here that it was set right
            wait = error.after if error.after is not None and not error.whole_channel else 0.0
            await self._wait(wait)
        except Exception as error:
            self.note("failed", type(error).__name__)
            await self._wait()
        else:
            return True
        return False

    async def _wait(self, at_least: float = 0.0) -> None:
        wait, self._next = max(self._next, at_least), min(self._next * 2, LONGEST_WAIT)
        await asyncio.sleep(wait)

    def status(self, ok: str) -> Status:
        """`ok`: the sentence for when all is well."""
        if self.state == "ok":
            return Status(True, ok)
        return Status(False, self._sentences.get(self.state, self._sentences["failed"]))
