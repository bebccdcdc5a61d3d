"""Screens many handlers show: the menu, a note above the open question, an old button."""

from __future__ import annotations

from nhipcau.bot.messages import Choice, Message
from nhipcau.bot.texts import Texts
from nhipcau.handlers.situation import Situation
from nhipcau.model.people import COORDINATORS, Person

_COLLABORATOR = ("baocao", "viec", "cuatoi", "trogiup")
_COORDINATOR = ("hopthu", "thamdo", "baocaonhanh", "tiendo", "ketqua", "mangluoi", "baocao", "trogiup")
_LEADER = ("ketqua", "viec", "trogiup")
_ADMIN = ("mangluoi", "moi", "trogiup")


def menu_choices(person: Person, say: Texts) -> tuple[Choice, ...]:
    """What this role does most."""
    names = {"coordinator": _COORDINATOR, "leader": _LEADER, "admin": _ADMIN}.get(person.role, _COLLABORATOR)
    return tuple(Choice(say(f"menu.{name}"), f"c:{name}", beside=n % 2 == 1) for n, name in enumerate(names))


def menu(situation: Situation, preface: str = "") -> Message:
    """The menu, below an optional line; a half-written draft is offered first."""
    say = situation.texts
    choices = menu_choices(situation.me, say)
    if situation.talk.drafts:
        choices = (Choice(say("menu.tieptuc"), "c:tieptuc"), *choices)
    return Message("\n".join(line for line in (preface, say("menu.ask")) if line), choices)


def closing(situation: Situation, text: str, *choices: Choice) -> Message:
    """A receipt: what happened and one or two next steps, with the way back to what is half-written."""
    if situation.talk.drafts:
        choices = (*choices, Choice(situation.texts("menu.tieptuc"), "c:tieptuc"))
    return Message(text, choices)


def is_coordinator(person: Person) -> bool:
    return person.role in COORDINATORS


def unit_name(name: str) -> str:
    """A unit's name inside a sentence: "xã Đồng Đăng"."""
    return name[:1].lower() + name[1:] if name.split(" ")[0] in {"Xã", "Phường", "Tỉnh", "Đặc", "Chi"} else name
