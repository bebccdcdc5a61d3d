"""Screens that many handlers use: menu, receipts, lists with pages, names for display."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from nhipcau.actions.permissions import Roles
from nhipcau.bot.forms.draft import Draft
from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.command_words import Command
from nhipcau.bot.messaging.button import Button
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.handlers.buttons import ContinueDraft, DropDraft, KeptAct, OfferKept, RunCommand, ShowMenuGroup, choice
from nhipcau.handlers.situation import DecisionResult, Situation, reply
from nhipcau.model.audit_kinds import OUTSIDE
from nhipcau.model.changes import Audit
from nhipcau.model.conversation import name_of
from nhipcau.model.people import COORDINATORS, Person, PersonState, Role
from nhipcau.model.role_words import words_of

T = TypeVar("T")


def menu_choices(person: Person, t: Texts) -> tuple[Choice, ...]:
    """The words that this role uses most, then the groups of all others."""
    words = words_of(person.acting_role)
    choices = [command_choice(command, t, beside=n % 2 == 1) for n, command in enumerate(words.first)]
    choices += [choice(t(f"menu.groups.{group}"), ShowMenuGroup(group)) for group in words.groups]
    return tuple(choices)


def command_choice(command: Command, t: Texts, *, beside: bool = False, way: bool = False) -> Choice:
    """The menu's choice of a command."""
    return choice(t(f"menu.{command}"), RunCommand(command), beside=beside, way=way)


def menu(situation: Situation, preface: str = "") -> Message:
    """The menu below an optional line; an unfinished draft is offered first."""
    t = situation.texts
    choices = menu_choices(situation.me, t)
    resume = (choice(t("rights.resume"), RunCommand(Command.START)),) if situation.me.state == "paused" else ()
    choices = (*resume, *open_matters(situation), *choices)
    text = "\n".join(line for line in (preface, t("menu.ask")) if line)
    return Message(text, choices, app_menu=app_menu(situation.me, t))


def app_menu(person: Person, t: Texts) -> str:
    """What the app's own menu is to show this person (`Message.app_menu`)."""
    return f"{person.acting_role}:{t.language}"


def menu_group(situation: Situation, pressed: ShowMenuGroup) -> DecisionResult | None:
    """The words of one group of the menu; None: this role has no such group any more."""
    commands, t = words_of(situation.me.acting_role).groups.get(pressed.group), situation.texts
    if commands is None:
        return None
    situation.conversation.focus = ""
    choices = [command_choice(command, t, beside=n % 2 == 1) for n, command in enumerate(commands)]
    text = t("menu.in_group", group=t(f"menu.groups.{pressed.group}").rstrip("…"))
    return reply(closing(situation, text, *choices, command_choice(Command.MENU, t, way=True)))


def open_matters(situation: Situation) -> tuple[Choice, ...]:
    """Choices that lead back to the draft and to the kept words."""
    conversation, t = situation.conversation, situation.texts
    choices = []
    if (draft := conversation.latest) is not None:
        key = "menu.tieptuc" if draft is conversation.report else "form.go_on"
        key = "practice.go_on" if draft.is_practice else key
        choices.append(choice(t(key), ContinueDraft(draft.nonce)))
    if conversation.kept:
        choices.append(choice(t("report.kept"), OfferKept(KeptAct.SHOW, conversation.kept.nonce)))
    return tuple(choices)


def closing(situation: Situation, text: str, *choices: Choice) -> Message:
    """A receipt: what happened, next steps, and the way back to open matters."""
    return Message(text, (*choices, *open_matters(situation)))


def unfinished(situation: Situation, draft: Draft) -> Message:
    """Ask whether to go on with another draft or drop it."""
    t = situation.texts
    what = t("practice.draft" if draft.is_practice else f"draft.{name_of(draft).kind}")
    choices = (choice(t("form.go_on"), ContinueDraft(draft.nonce)), choice(t("form.drop"), DropDraft(draft.nonce)))
    return Message(t("form.unfinished", what=what), choices)


def page_of(rows: Sequence[T], start: int, size: int) -> tuple[Sequence[T], int]:
    """The rows from `start` on (from the first if `start` is too large), and the start of the next page; 0: none."""
    first = start if 0 <= start < len(rows) else 0
    following = first + size
    return rows[first:following], following if following < len(rows) else 0


def paged_list(
    rows: Sequence[T], start: int, size: int, of: Callable[[T], Choice], more: Callable[[int], Button], t: Texts
) -> tuple[Sequence[T], list[Choice]]:
    """One page of a list: its rows, and a choice for each (`of`), then "Xem thêm" (`more`, with the next start)."""
    displayed, following = page_of(rows, start, size)
    choices = [of(row) for row in displayed]
    if following:
        choices.append(choice(t("form.more"), more(following), way=True))
    return displayed, choices


def short_title(title: str, most: int = 40) -> str:
    """A title of at most `most` characters, cut at a word."""
    return title if len(title) <= most else title[: most - 1].rsplit(" ", 1)[0] + "…"


def is_coordinator(person: Person) -> bool:
    return person.acting_role in COORDINATORS


def why_no_right(person: Person, roles: Roles) -> str:
    """The sentence for somebody who may not do what these roles may: their role may not, or they have paused."""
    return "menu.paused" if person.role in roles and person.state is PersonState.PAUSED else "menu.not_yours"


def refused_right(person: Person) -> Audit:
    """The audit's line; who has no office is not told apart."""
    return Audit("refused.right", OUTSIDE if person.role is Role.COLLABORATOR else person.id)


def refuse_right(situation: Situation, roles: Roles) -> DecisionResult:
    """Nothing is done; the menu, with one sentence why (rule R25)."""
    me = situation.me
    return reply(menu(situation, situation.texts(why_no_right(me, roles))), changes=[refused_right(me)])


def is_reporter(person: Person) -> bool:
    """Whether this person may file reports, and practise it."""
    return person.acting_role == "collaborator" or is_coordinator(person)


#: First words of units' types, small inside a sentence.
_TYPES = frozenset({"Xã", "Phường", "Tỉnh", "Đặc", "Chi", "Thôn", "Khối", "Tổ", "Xóm", "Khu"})


def unit_name(name: str) -> str:
    """A unit's name inside a sentence: "xã Đồng Đăng"."""
    return name[:1].lower() + name[1:] if name.split(" ")[0] in _TYPES else name


def channel_name(channel: str, t: Texts) -> str:
    """What people call the app: "Telegram"; the channel's own name where the catalogue has none."""
    key = f"channel.{channel}"
    return t(key) if t.has(key) else channel


def join_links(situation: Situation, code: str) -> str:
    """Links that join with this code, a line each."""
    found = situation.office.links(code).items()
    return "".join(f"\n{channel_name(name, situation.texts)}: {link}" for name, link in found if link)
