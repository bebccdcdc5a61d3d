"""Screens many handlers show: the menu, a note above the open question, an old button."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from nhipcau.bot.forms.draft import Draft
from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.handlers.situation import Situation
from nhipcau.model.people import COORDINATORS, Person

T = TypeVar("T")

_COLLABORATOR = ("baocao", "viec", "cuatoi", "trogiup")
_COORDINATOR = ("hopthu", "thamdo", "baocaonhanh", "tiendo", "ketqua", "mangluoi", "baocao", "trogiup")
_LEADER = ("ketqua", "tonghop", "viec", "trogiup")
_ADMIN = ("mangluoi", "moi", "trogiup")


def menu_choices(person: Person, t: Texts) -> tuple[Choice, ...]:
    """What this role does most."""
    names = {"coordinator": _COORDINATOR, "leader": _LEADER, "admin": _ADMIN}.get(person.role, _COLLABORATOR)
    return tuple(Choice(t(f"menu.{name}"), f"c:{name}", beside=n % 2 == 1) for n, name in enumerate(names))


def menu(situation: Situation, preface: str = "") -> Message:
    """The menu, below an optional line; a half-written draft is offered first."""
    t = situation.texts
    choices = menu_choices(situation.me, t)
    resume = (Choice(t("rights.resume"), "c:start"),) if situation.me.state == "paused" else ()
    choices = (*resume, *open_matters(situation), *choices)
    return Message("\n".join(line for line in (preface, t("menu.ask")) if line), choices)


def open_matters(situation: Situation) -> tuple[Choice, ...]:
    """The way back to what is half-written, and to words that still wait for "Có" or "Không"."""
    talk, t = situation.talk, situation.texts
    choices = []
    if (draft := talk.latest) is not None:
        key = "menu.tieptuc" if draft.form == "report" else "form.go_on"
        key = "practice.go_on" if draft.is_practice else key
        choices.append(Choice(t(key), f"c:tieptuc:{draft.nonce}"))
    if talk.kept:
        choices.append(Choice(t("report.kept"), f"z:show:{talk.kept['nonce']}"))
    return tuple(choices)


def closing(situation: Situation, text: str, *choices: Choice) -> Message:
    """A receipt: what happened and one or two next steps, with the way back to what is half-written."""
    return Message(text, (*choices, *open_matters(situation)))


def unfinished(situation: Situation, draft: Draft) -> Message:
    """Something else lies half-written: go on with it, or drop it."""
    t = situation.texts
    what = t("practice.draft" if draft.is_practice else f"draft.{draft.form.partition(':')[0]}")
    choices = (
        Choice(t("form.go_on"), f"c:tieptuc:{draft.nonce}"),
        Choice(t("form.drop"), f"c:bo:{draft.nonce}"),
    )
    return Message(t("form.unfinished", what=what), choices)


def page_of(rows: Sequence[T], start: str, size: int) -> tuple[Sequence[T], int]:
    """The rows from `start` on, as a button carries it (the first ones for what is no place in the list), and where
    the next page begins; 0: this is the last."""
    first = int(start) if start.isascii() and start.isdecimal() and int(start) < len(rows) else 0
    following = first + size
    return rows[first:following], following if following < len(rows) else 0


def short_title(title: str, most: int = 40) -> str:
    """A title as a button's label or in a list, cut at a word."""
    return title if len(title) <= most else title[: most - 1].rsplit(" ", 1)[0] + "…"


def is_coordinator(person: Person) -> bool:
    return person.role in COORDINATORS


def is_reporter(person: Person) -> bool:
    """Who may file reports, and practise it."""
    return person.role == "collaborator" or is_coordinator(person)


def unit_name(name: str) -> str:
    """A unit's name inside a sentence: "xã Đồng Đăng"."""
    return name[:1].lower() + name[1:] if name.split(" ")[0] in {"Xã", "Phường", "Tỉnh", "Đặc", "Chi"} else name


def channel_name(channel: str, t: Texts) -> str:
    """What people call this app."""
    key = f"channel.{channel}"
    return t(key) if t.has(key) else channel


def join_links(situation: Situation, code: str) -> str:
    """One line a channel for whoever joins with this code."""
    found = situation.office.links(code).items()
    return "".join(f"\n{channel_name(name, situation.texts)}: {link}" for name, link in found if link)
