"""Buttons that many rooms use: commands, forms, drafts, pages of lists."""

from __future__ import annotations

from enum import StrEnum

from nhipcau.bot.forms.draft import Draft
from nhipcau.bot.language.command_words import Command
from nhipcau.bot.messaging.button import Button, button
from nhipcau.bot.messaging.messages import Choice
from nhipcau.model.role_words import MenuGroup


def choice(label: str, pressed: Button, *, beside: bool = False, way: bool = False, stays: bool = False) -> Choice:
    """A choice with this button; see `Choice` for the rest."""
    return Choice(label, pressed.pack(), beside=beside, way=way, stays=stays)


def pack_answer(draft: Draft, key: str) -> str:
    """The data of a choice of a form's question (`FormContext.pack`)."""
    return AnswerForm(draft.nonce, draft.step, key).pack()


@button("c")
class RunCommand(Button):
    """Runs a command as if it were typed."""

    command: Command


@button("cg")
class ShowMenuGroup(Button):
    """Shows the words of one group of the menu."""

    group: MenuGroup


@button("go")
class ContinueDraft(Button):
    """Continue a draft. `nonce` "": the latest, for pushes, which don't know the draft."""

    nonce: str = ""


@button("drop")
class DropDraft(Button):
    nonce: str


@button("q")
class AnswerForm(Button):
    """A choice of a form's open question or summary. Buttons of earlier questions have an outdated `step`."""

    nonce: str
    step: int
    key: str


class PagedList(StrEnum):
    """Lists with more pages ("Xem thêm")."""

    MY_REPORTS = "mine"
    ISSUES = "issues"
    NOTICES = "notices"
    RULES = "rules"
    NETWORK = "network"
    PROGRESS = "progress"
    RESULTS = "results"
    LESSONS = "lessons"
    SYNTHESES = "syntheses"
    """Those that units below have signed."""


@button("p")
class ShowPage(Button):
    """A page of a list, from this row on."""

    list: PagedList
    start: int = 0
