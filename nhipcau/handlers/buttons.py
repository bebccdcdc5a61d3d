"""Every button there is: what it carries. No other file spells a button or compares one as text.

Handlers make buttons with `choice`, and are found by the type of the button that was pressed (`commands.py`).
"""

from __future__ import annotations

from enum import StrEnum

from nhipcau.bot.forms.draft import Draft
from nhipcau.bot.language.command_words import Command
from nhipcau.bot.messaging.button import Button, button
from nhipcau.bot.messaging.messages import Choice
from nhipcau.model.request_kinds import KINDS


def choice(label: str, pressed: Button, *, beside: bool = False, way: bool = False, stays: bool = False) -> Choice:
    """A choice that presses this button; see `Choice` for the rest."""
    return Choice(label, pressed.pack(), beside=beside, way=way, stays=stays)


def pack_answer(draft: Draft, key: str) -> str:
    """What a choice of a form's question carries (`FormContext.pack`)."""
    return AnswerForm(draft.nonce, draft.step, key).pack()


@button("c")
class RunCommand(Button):
    """As if its word were typed."""

    command: Command


@button("go")
class ContinueDraft(Button):
    """Go on with what is half-written. `nonce` "": the latest (a push can't know which)."""

    nonce: str = ""


@button("drop")
class DropDraft(Button):
    """Give up what is half-written."""

    nonce: str


@button("q")
class AnswerForm(Button):
    """A choice of a form's open question, or of its summary. `step` makes those of earlier questions old."""

    nonce: str
    step: int
    key: str


class PagedList(StrEnum):
    """Lists that go on behind "Xem thêm"."""

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
    """A list from this row on."""

    list: PagedList
    start: int = 0


class DataAct(StrEnum):
    """What a person does about their own data, and whether they stay."""

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
    """The answer to the consent's question."""

    YES = "yes"
    NO = "no"
    MORE = "more"


@button("j")
class Consent(Button):
    act: ConsentAct


@button("jc")
class ShowInvitation(Button):
    """The invitation again, for who declined: the code travels in the button, nothing else of them is kept."""

    code: str


@button("n")
class GiveName(Button):
    """How to call them: as the app does (`use`), or it is said later."""

    use: bool = False


@button("l")
class LinkApp(Button):
    """A code that links one more app."""


@button("at")
class ChooseChannel(Button):
    """Where one wants to be told. `channel` "": where one wrote last."""

    channel: str = ""


class KeptAct(StrEnum):
    """What becomes of words sent outside of any form."""

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
    """What a reporter says back; `AREA`: anybody of the area the office's question went to."""

    REPLY = "reply"
    AREA = "area"
    YES = "yes"
    NO = "no"


@button("h")
class ReplyToOffice(Button):
    code: str
    act: ReplyAct


class OfficeAct(StrEnum):
    """What the office does with a report or an issue; the states it sets are among them."""

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
    """`seen`: the state it was shown with, so that two coordinators don't overwrite each other."""

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
    """A choice of the first question of a request, as it was pushed."""

    request: str
    question: str
    key: str


class AskedAct(StrEnum):
    OPEN = "open"
    EDIT = "edit"
    MORE = "more"


@button("ra")
class AskedRequest(Button):
    """A request this person was asked: open it, edit the answer, add one more."""

    request: str
    act: AskedAct = AskedAct.OPEN


@button("tn")
class NewRequest(Button):
    """Begin to compose one. `kind`: see model/request_kinds.py."""

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
    """When what was composed goes out, or back to its preview."""

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
    """A request as who asked it sees it."""

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
    """Something that is asked again and again."""

    rule: str
    act: RuleAct = RuleAct.SHOW

    confirming = frozenset({RuleAct.END_SURE})


@button("ar")
class ReportOnBehalf(Button):
    """A report received by phone or on paper."""


@button("aw")
class ChooseUnitOnBehalf(Button):
    """For which unit an answer was received; the units from this row on."""

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
    """A person of the network."""

    person: str
    act: MemberAct = MemberAct.SHOW

    confirming = frozenset({MemberAct.REMOVE_SURE, MemberAct.REPLACE_SURE})


@button("e")
class ShowPeriod(Button):
    """Figures of a period; "" asks for one."""

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
