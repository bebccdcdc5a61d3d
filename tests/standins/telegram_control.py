"""Steers a Telegram stand-in that runs as a process of its own: what a benchmark's driver asks for by POST."""

from __future__ import annotations

from typing import Any

from tests.standins.telegram import TelegramStandIn


class Control:
    """Answers /control/WHAT with a JSON body.

    say: [[chat, text], …]; tap: [[chat, label], …] on each chat's last message; stats: calls by method, updates not
    yet confirmed, what a second reader could not read; messages: {"chat": id} gives its text and buttons in order.
    """

    def __init__(self, standin: TelegramStandIn) -> None:
        self._standin = standin

    def __call__(self, what: str, body: Any) -> object:
        if what == "say":
            return [self._standin.phone(chat).put(text=text) for chat, text in body]
        if what == "tap":
            return [self._tap(chat, label) for chat, label in body]
        if what == "messages":
            return [[each.text, each.buttons] for each in self._standin.phone(body["chat"]).messages]
        return {
            "calls": dict(self._standin.counts),
            "waiting": self._standin.waiting,
            "violations": self._standin.violations,
        }

    def _tap(self, chat: int, label: str) -> int:
        phone = self._standin.phone(chat)
        return phone.tap_data(phone.messages[-1].data(label), phone.messages[-1])
