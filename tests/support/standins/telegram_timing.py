"""When things reached a stand-in, and how many messages a second it takes: what a benchmark asks for afterwards."""

from __future__ import annotations

import time
from collections import deque
from typing import Any


class Timing:
    """Seconds are monotonic ones of the stand-in's process."""

    def __init__(self) -> None:
        #: Messages a second that are taken, every call counted, the refused ones too; 0: no limit.
        self.limit = 0
        #: sendMessage calls taken and refused (429), and when the first and the last of those taken came.
        self.taken = self.refused = 0
        self.first = self.last = 0.0
        #: Seconds from an update to the first message to its chat.
        self.replies: list[float] = []
        self._asked: dict[int, float] = {}
        self._calls: deque[float] = deque()

    def forget(self) -> None:
        """Count and time from here on; the limit stays."""
        self.taken = self.refused = 0
        self.first = self.last = 0.0
        self.replies.clear()
        self._asked.clear()

    def asked(self, content: dict[str, Any]) -> None:
        """An update became available."""
        message = content.get("message") or content.get("callback_query", {}).get("message")
        if message and "chat" in message:
            self._asked.setdefault(message["chat"]["id"], time.monotonic())

    def sent(self, chat: int) -> bool:
        """A message for this chat came in. False: it is one too many within a second."""
        now = time.monotonic()
        if self.limit:
            self._calls.append(now)
            while now - self._calls[0] >= 1.0:
                self._calls.popleft()
            if len(self._calls) > self.limit:
                self.refused += 1
                return False
        self.taken += 1
        self.first, self.last = self.first or now, now
        if (asked := self._asked.pop(chat, None)) is not None:
            self.replies.append(now - asked)
        return True
