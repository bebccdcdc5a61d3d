"""Buttons of polls, rapid requests, duties and notices."""

from __future__ import annotations

from enum import StrEnum

from nhipcau.bot.messaging.button import Button, button
from nhipcau.model.request_kinds import KINDS


@button("r")
class AnswerRequest(Button):
    """A choice of a request's first question, in the pushed message."""

    request: str
    question: str
    key: str


class AskedAct(StrEnum):
    OPEN = "open"
    EDIT = "edit"
    MORE = "more"


@button("ra")
class AskedRequest(Button):
    """A request this person was asked: open it, edit the answer, add another."""

    request: str
    act: AskedAct = AskedAct.OPEN


@button("tn")
class NewRequest(Button):
    """Begin to compose a request. `kind`: see model/request_kinds.py."""

    kind: str

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(self.kind)


class ComposeAct(StrEnum):
    LATER = "later"
    NOW = "now"
    BACK = "back"


@button("t")
class ComposeRequest(Button):
    """When to send a composed request, or back to its preview."""

    act: ComposeAct
    nonce: str


class BoardAct(StrEnum):
    SHOW = "show"
    RESULT = "result"
    PICTURE = "picture"
    REMIND = "remind"
    LONGER = "longer"
    CLOSE = "close"
    CLOSE_SURE = "close!"
    STOP = "stop"
    STOP_SURE = "stop!"
    UNDO = "undo"
    CORRECT = "correct"
    DECIDE = "decide"
    GROUPS = "groups"
    #: What is seldom done: prolong, close, stop, a picture.
    MORE = "more"


@button("b")
class ManageRequest(Button):
    """Manage a request one has made."""

    request: str
    act: BoardAct = BoardAct.SHOW

    confirming = frozenset({BoardAct.CLOSE_SURE, BoardAct.STOP_SURE})


@button("bp")
class ShowBoardPage(Button):
    """A further page of a board, or of the answers (`result`)."""

    request: str
    page: int = 0
    result: bool = False


class AnswerAct(StrEnum):
    SHOW = "show"
    ASK = "ask"


@button("an")
class ManageAnswer(Button):
    """One official answer: read it whole, or ask back."""

    answer: str
    act: AnswerAct = AnswerAct.SHOW


@button("ah")
class ReplyAboutAnswer(Button):
    """Reply to a question about an official answer one has given."""

    answer: str


@button("o")
class ShowNotice(Button):
    request: str


class RuleAct(StrEnum):
    SHOW = "show"
    END = "end"
    END_SURE = "end!"


@button("u")
class ManageRule(Button):
    rule: str
    act: RuleAct = RuleAct.SHOW

    confirming = frozenset({RuleAct.END_SURE})


@button("aw")
class ChooseUnitOnBehalf(Button):
    """Choose the unit whose answer was received; lists units from this row on."""

    request: str
    start: int = 0


@button("a")
class AnswerOnBehalf(Button):
    request: str
    unit: str
