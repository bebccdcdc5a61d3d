"""The words of each role, in the groups of its menu, for the chat, the web chat and the menus of the apps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from nhipcau.bot.language.command_words import Command


class MenuGroup(StrEnum):
    """A second page of the menu; its label is `menu.groups.NAME`."""

    ASK = "ask"
    FOLLOW = "follow"
    REPORTING = "reporting"
    HELP = "help"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class RoleWords:
    """What the menu shows at once, then its groups, in order: each word of the role is two taps away at most."""

    first: tuple[Command, ...]
    groups: Mapping[MenuGroup, tuple[Command, ...]]

    @property
    def all(self) -> tuple[Command, ...]:
        """Every word, each once, the most used first."""
        return (*self.first, *(command for group in self.groups.values() for command in group))


_OWN = (Command.PERSON, Command.MY_DATA, Command.LINK_APP, Command.LANGUAGE, Command.STOP)
_COLLABORATOR = RoleWords(
    (Command.REPORT, Command.TASKS, Command.MY_REPORTS, Command.HELP),
    {MenuGroup.OTHER: (Command.INFORMATION, Command.LESSONS, Command.PRACTICE, *_OWN)},
)
_COORDINATOR = RoleWords(
    (Command.INBOX,),
    {
        MenuGroup.ASK: (
            *(Command.POLL, Command.RAPID, Command.DUTIES),
            *(Command.NOTICE, Command.ON_BEHALF, Command.INVITE),
        ),
        MenuGroup.FOLLOW: (
            *(Command.PROGRESS, Command.RESULTS, Command.ISSUES, Command.SEARCH),
            *(Command.REVIEW, Command.TRENDS, Command.NETWORK),
        ),
        MenuGroup.REPORTING: (
            *(Command.REPORT, Command.TASKS, Command.MY_REPORTS),
            *(Command.INFORMATION, Command.LESSONS, Command.PRACTICE),
        ),
        MenuGroup.HELP: (Command.HELP, Command.LOG_IN, *_OWN),
    },
)
_LEADER = RoleWords(
    (Command.RESULTS, Command.REVIEW, Command.TASKS),
    {
        MenuGroup.FOLLOW: (Command.PROGRESS, Command.ISSUES, Command.TRENDS, Command.LOG_IN),
        MenuGroup.HELP: (Command.HELP, Command.INFORMATION, Command.LESSONS, *_OWN),
    },
)
_ADMIN = RoleWords(
    (Command.NETWORK, Command.INVITE, Command.LOG_IN, Command.HELP),
    {MenuGroup.OTHER: (Command.TASKS, Command.INFORMATION, Command.LESSONS, *_OWN)},
)
_ROLES = {"collaborator": _COLLABORATOR, "coordinator": _COORDINATOR, "leader": _LEADER, "admin": _ADMIN}


def words_of(role: str) -> RoleWords:
    """The words of a role; those of a collaborator for an unknown one."""
    return _ROLES.get(role, _COLLABORATOR)
