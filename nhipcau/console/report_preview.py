"""What the reporter will read, as each app shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nhipcau.bot.channels.registry import CHANNELS
from nhipcau.bot.messaging.messages import Message
from nhipcau.bot.messaging.render import render
from nhipcau.console.visit import Visit


@dataclass(frozen=True, slots=True)
class AppPreview:
    """One way a message looks, and the apps in which it does."""

    apps: tuple[str, ...]
    messages: tuple[Message, ...]


def previews(visit: Visit, message: Message) -> Sequence[AppPreview]:
    """Of the apps that are on; where none is, of all."""
    on = [each for each in CHANNELS if each.name in visit.console.channels] or list(CHANNELS)
    shown: dict[tuple[Message, ...], list[str]] = {}
    for each in on:
        shown.setdefault(tuple(render(message, each.limits)), []).append(visit.t(f"channel.{each.name}"))
    return [AppPreview(tuple(apps), messages) for messages, apps in shown.items()]
