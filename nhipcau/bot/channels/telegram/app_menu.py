"""The app's own menu: the commands Telegram offers beside the text field, a collaborator's for all, and by chat those
of another role."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from nhipcau.bot.messaging.messages import Message

#: By role and language ("leader:en"): commands without slash, and their descriptions.
Menus = Mapping[str, Sequence[tuple[str, str]]]
#: Chats whose menu is remembered, so that it is set once and not with every message.
_REMEMBERED = 2000


class AppMenu:
    """`tell` makes a call whose failure is nobody's loss; `language` is the office's."""

    def __init__(self, menus: Menus, language: str, tell: Callable[[str, dict[str, Any]], None]) -> None:
        self._menus = menus
        self._default = f"collaborator:{language}"
        self._tell = tell
        self._set: dict[int, str] = {}

    async def introduce(self, call: Callable[[str, dict[str, Any]], Awaitable[Any]]) -> None:
        """Set what everybody sees who has no menu of their own: once in the office's language, then in each other."""
        for menu in sorted(self._menus, key=lambda menu: menu != self._default):
            role, _, language = menu.partition(":")
            if role == "collaborator":
                code = {} if menu == self._default else {"language_code": language}
                await call("setMyCommands", {"commands": self._commands(menu), **code})

    def delivered(self, chat: int, message: Message) -> None:
        """After a message with the menu: the chat's own commands, where they are not those it shows already."""
        menu = message.app_menu
        if menu not in self._menus or self._set.get(chat, self._default) == menu:
            return
        self._set[chat] = menu
        if len(self._set) > _REMEMBERED:
            del self._set[next(iter(self._set))]
        self._tell("setMyCommands", {"commands": self._commands(menu), "scope": {"type": "chat", "chat_id": chat}})

    def _commands(self, menu: str) -> list[dict[str, str]]:
        return [{"command": name, "description": description} for name, description in self._menus[menu]]
