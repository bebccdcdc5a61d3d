"""All buttons and their data. Other files use these classes, never a button's text.

Handlers make buttons with `choice`; `commands.py` finds the handler of a pressed button by its type.
"""

from __future__ import annotations

from enum import StrEnum

from nhipcau.bot.forms.draft import Draft
from nhipcau.bot.language.command_words import Command
from nhipcau.bot.messaging.button import Button, button
from nhipcau.bot.messaging.messages import Choice
from nhipcau.model.request_kinds import KINDS
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


@button("p")
class ShowPage(Button):
    """A page of a list, from this row on."""

    list: PagedList
    start: int = 0


class DataAct(StrEnum):
    PAUSE = "pause"
    LEAVE = "leave"
    DELETE = "delete"
    STAY = "stay"
    DOWNLOAD = "download"
    KEEP = "keep"


@button("d")
class MyData(Button):
    act: DataAct

    confirming = frozenset({DataAct.DELETE})


@button("lang")
class ChooseLanguage(Button):
    language: str


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


@button("at")
class ChooseChannel(Button):
    """The channel for our messages. `channel` "": the one used last."""

    channel: str = ""


class KeptAct(StrEnum):
    """What to do with words sent outside of any form."""

    YES = "yes"
    NO = "no"
    SHOW = "show"


@button("z")
class OfferKept(Button):
    act: KeptAct
    nonce: str


@button("m")
class ReportAgain(Button):
    """ "Báo thêm việc khác"."""

    topic: str
    area: str
    on_behalf: bool = False


class MyReportAct(StrEnum):
    SHOW = "show"
    ADD = "add"
    WITHDRAW = "withdraw"
    WITHDRAW_SURE = "withdraw!"


@button("y")
class MyReport(Button):
    """One of my own reports, or an issue I joined."""

    code: str
    act: MyReportAct = MyReportAct.SHOW

    confirming = frozenset({MyReportAct.WITHDRAW_SURE})


class ReplyAct(StrEnum):
    """A reporter's reply; `AREA`: the reply of anybody in the area, when the office's question went to the area."""

    REPLY = "reply"
    AREA = "area"
    YES = "yes"
    NO = "no"


@button("h")
class ReplyToOffice(Button):
    code: str
    act: ReplyAct


class OfficeAct(StrEnum):
    """What the office does with a report or an issue, including the states it sets."""

    SHOW = "show"
    NEXT = "next"
    OPEN = "open"
    SEEN = "seen"
    RECEIVED = "received"
    VERIFYING = "verifying"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    NOT_POSSIBLE = "not_possible"
    PASSED_ON = "passed_on"
    ANSWER = "answer"
    QUESTION = "question"


@button("i")
class ManageReport(Button):
    """`seen`: the state displayed with the button, so that two coordinators don't overwrite each other."""

    code: str
    act: OfficeAct
    seen: str = ""


class MergeAct(StrEnum):
    MERGE = "merge"
    NEW = "new"
    SPLIT = "split"
    INTO = "in"


@button("v")
class MergeReports(Button):
    """A report and the issue it belongs to."""

    report: str
    act: MergeAct
    issue: str = ""


@button("w")
class ManageIssue(Button):
    """`seen`: as in ManageReport."""

    code: str
    act: OfficeAct = OfficeAct.SHOW
    seen: str = ""


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


@button("b")
class ManageRequest(Button):
    """Manage a request one has made."""

    request: str
    act: BoardAct = BoardAct.SHOW

    confirming = frozenset({BoardAct.CLOSE_SURE, BoardAct.STOP_SURE})


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


@button("ar")
class ReportOnBehalf(Button):
    """File a report received by phone or on paper."""


@button("aw")
class ChooseUnitOnBehalf(Button):
    """Choose the unit whose answer was received; lists units from this row on."""

    request: str
    start: int = 0


@button("a")
class AnswerOnBehalf(Button):
    request: str
    unit: str


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


@button("e")
class ShowPeriod(Button):
    """Figures of a period; "": ask for the period."""

    period: str = ""
    picture: bool = False


@button("hoc")
class ReadLesson(Button):
    """`lesson` "": the next one."""

    lesson: str = ""


@button("ha")
class AnswerLesson(Button):
    lesson: str
    number: int
