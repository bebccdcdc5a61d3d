"""Steers a Telegram stand-in that runs as a process of its own: what a benchmark's driver asks for by POST."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.support.standins.telegram import TelegramStandIn


class Control:
    """Answers /control/WHAT with a JSON body.

    say: [[chat, text], …]; tap: [[chat, label], …] on each chat's last message; messages: {"chat": id} gives its text
    and buttons in order; last: [chat, …] gives how many messages each has and the newest one whole; limit: {"rate": n}
    messages a second; times: the numbers of `Timing`; forget: the same, and they begin anew; stats: calls by method,
    updates not yet confirmed, what a second reader could not read.
    """

    def __init__(self, standin: TelegramStandIn) -> None:
        self._standin = standin
        self._answers: dict[str, Callable[[Any], object]] = {
            "say": lambda body: [standin.phone(chat).put(text=text) for chat, text in body],
            "tap": lambda body: [self._tap(chat, label) for chat, label in body],
            "messages": lambda body: [[each.text, each.buttons] for each in standin.phone(body["chat"]).messages],
            "last": lambda body: [self._last(chat) for chat in body],
            "limit": self._limit,
            "times": lambda _: self._times(),
            "forget": lambda _: self._forget(),
        }

    def __call__(self, what: str, body: Any) -> object:
        return self._answers.get(what, self._stats)(body)

    def _tap(self, chat: int, label: str) -> int:
        phone = self._standin.phone(chat)
        return phone.tap_data(phone.messages[-1].data(label), phone.messages[-1])

    def _last(self, chat: int) -> tuple[int, dict[str, Any]]:
        messages = self._standin.phone(chat).messages
        return len(messages), messages[-1].raw if messages else {}

    def _limit(self, body: Any) -> None:
        self._standin.timing.limit = int(body["rate"])

    def _forget(self) -> object:
        found = self._times()
        self._standin.timing.forget()
        return found

    def _stats(self, _: Any) -> object:
        return {
            "calls": dict(self._standin.counts),
            "waiting": self._standin.waiting,
            "violations": self._standin.violations,
        }

    def _times(self) -> dict[str, object]:
        timing = self._standin.timing
        return {
            "taken": timing.taken,
            "refused": timing.refused,
            "seconds": timing.last - timing.first,
            "replies": list(timing.replies),
        }
