"""Buttons of joining, one's own data, apps, the network and lessons."""

from __future__ import annotations

from enum import StrEnum

from nhipcau.bot.messaging.button import Button, button


class DataAct(StrEnum):
    PAUSE = "pause"
    LEAVE = "leave"
    DELETE = "delete"
    WITHDRAW = "withdraw"
    WITHDRAW_SURE = "withdraw!"
    STAY = "stay"
    DOWNLOAD = "download"
    KEEP = "keep"


@button("d")
class MyData(Button):
    act: DataAct

    confirming = frozenset({DataAct.DELETE, DataAct.WITHDRAW_SURE})


@button("lang")
class ChooseLanguage(Button):
    language: str


@button("xh")
class ChooseAddress(Button):
    """How this person is addressed. `tag`: of the language with the form of address."""

    tag: str


class ConsentAct(StrEnum):
    """The answer to the question for consent."""

    YES = "yes"
    NO = "no"
    MORE = "more"


@button("j")
class Consent(Button):
    act: ConsentAct


@button("jc")
class ShowInvitation(Button):
    """The invitation again, for somebody who declined; the button holds the code, as nothing of them is stored."""

    code: str


@button("n")
class GiveName(Button):
    """Use the name the app gives (`use`), or give none for now."""

    use: bool = False


@button("l")
class LinkApp(Button):
    """Make a code that links one more app."""


@button("lx")
class CloseElsewhere(Button):
    """Close one's chats on other apps and in other browsers. `sure`: it was confirmed."""

    sure: bool = False


@button("at")
class ChooseChannel(Button):
    """The channel for our messages. `channel` "": the one used last."""

    channel: str = ""


class MemberAct(StrEnum):
    SHOW = "show"
    CARD = "card"
    REMOVE = "remove"
    REMOVE_SURE = "remove!"
    REPLACE = "replace"
    REPLACE_SURE = "replace!"


@button("k")
class ManageMember(Button):
    person: str
    act: MemberAct = MemberAct.SHOW

    confirming = frozenset({MemberAct.REMOVE_SURE, MemberAct.REPLACE_SURE})


@button("hoc")
class ReadLesson(Button):
    """`lesson` "": the next one."""

    lesson: str = ""


@button("ha")
class AnswerLesson(Button):
    lesson: str
    number: int
