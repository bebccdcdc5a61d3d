"""Each channel's people, for its contract (`HARNESS`) and for dialogues (`APP`): one module a channel, by its name."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from nhipcau.bot.channels.registry import CHANNELS
from tests.support.apps import App
from tests.support.channel_harnesses import Harness

_MODULES = {each.name: import_module(f"{__name__}.{each.name}") for each in CHANNELS}
HARNESSES: dict[str, Callable[[], Harness]] = {name: module.HARNESS for name, module in _MODULES.items()}
APPS: dict[str, Callable[[], App]] = {name: module.APP for name, module in _MODULES.items()}
