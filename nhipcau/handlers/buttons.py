"""Every button: what it carries, and how it travels.

A button is a frozen dataclass with a prefix. `pack` joins prefix and fields with ":" (at most 64 ASCII characters: what
Telegram allows); `unpack` reads it back. No other file spells a button or compares one as text: handlers make buttons
with `choice`, and are found by the type of the button that was pressed (`commands.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, ClassVar, TypeVar, dataclass_transform, get_type_hints

from nhipcau.bot.forms.draft import Draft
from nhipcau.bot.language.command_words import Command
from nhipcau.bot.messaging.messages import Choice
from nhipcau.model.request_kinds import KINDS

MAX_BYTES = 64


class Button:
    """Something to press. Subclasses are made by `@button(prefix)`."""

    prefix: ClassVar[str]

    def pack(self) -> str:
        """As it travels; empty fields at the end are left out."""
        values = [_written(getattr(self, field.name)) for field in fields(self)]  # type: ignore[arg-type]
        while values and not values[-1]:
            values.pop()
        return ":".join((self.prefix, *values))

    @property
    def confirms(self) -> bool:
        """Does what was asked about once more ("Bác chắc chứ?"): typed "có" presses it."""
        return getattr(self, "act", None) in _CONFIRMING


B = TypeVar("B", bound=Button)
_BY_PREFIX: dict[str, type[Button]] = {}


@dataclass_transform(frozen_default=True)
def button(prefix: str) -> Callable[[type[B]], type[B]]:
    """Makes a class of buttons and remembers it by its prefix."""

    def register(cls: type[B]) -> type[B]:
        assert prefix not in _BY_PREFIX, prefix
        made = dataclass(frozen=True)(cls)
        made.prefix = prefix
        _BY_PREFIX[prefix] = made
        return made

    return register


def unpack(data: str) -> Button | None:
    """The button that travelled as `data`; None for what is no button of this version."""
    kind = _BY_PREFIX.get(data.partition(":")[0])
    if kind is None:
        return None
    readers = _READERS.get(kind) or _READERS.setdefault(kind, _readers_of(kind))
    # the last field may hold ":" itself ("week fri 16:00")
    values = data.split(":", len(readers))[1:]
    try:
        return kind(*(read(text) for read, text in zip(readers, values, strict=False)))
    except (TypeError, ValueError):
        return None


def all_buttons() -> tuple[type[Button], ...]:
    """Every kind of button there is."""
    return tuple(_BY_PREFIX.values())


def choice(label: str, pressed: Button, *, beside: bool = False, way: bool = False, stays: bool = False) -> Choice:
    """A choice that presses this button; see `Choice` for the rest."""
    return Choice(label, pressed.pack(), beside=beside, way=way, stays=stays)


def pack_answer(draft: Draft, key: str) -> str:
    """What a choice of a form's question carries (`FormContext.pack`)."""
    return AnswerForm(draft.nonce, draft.step, key).pack()


def _written(value: object) -> str:
    return ("1" if value else "") if isinstance(value, bool) else str(value)


_READERS: dict[type[Button], tuple[Callable[[str], Any], ...]] = {}


def _readers_of(kind: type[Button]) -> tuple[Callable[[str], Any], ...]:
    """How each field is read, in order: as text, number, yes or no, or a member of its enum (else ValueError)."""
    hints = get_type_hints(kind)
    return tuple((lambda text: text == "1") if hints[f.name] is bool else hints[f.name] for f in fields(kind))  # type: ignore[arg-type]


# ------------------------------------------------------------------ everybody


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


@button("lang")
class ChooseLanguage(Button):
    language: str


# ------------------------------------------------------------------ joining and apps


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


class NameAct(StrEnum):
    """How a person wants to be called: as the app calls them, or said later."""

    USE = "use"
    LATER = "later"


@button("n")
class GiveName(Button):
    act: NameAct


@button("l")
class LinkApp(Button):
    """A code that links one more app."""


@button("at")
class ChooseChannel(Button):
    """Where one wants to be told. `channel` "": where one wrote last."""

    channel: str = ""


# ------------------------------------------------------------------ reports


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


class InboxAct(StrEnum):
    """What a coordinator does with a report; the states they set are among them."""

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
    act: InboxAct
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


class IssueAct(StrEnum):
    SHOW = "show"
    ANSWER = "answer"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    NOT_POSSIBLE = "not_possible"
    PASSED_ON = "passed_on"


@button("w")
class ManageIssue(Button):
    """`seen`: as in ManageReport."""

    code: str
    act: IssueAct = IssueAct.SHOW
    seen: str = ""


# ------------------------------------------------------------------ requests


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


# ------------------------------------------------------------------ network, figures, lessons


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


_CONFIRMING = frozenset(
    {
        MyReportAct.WITHDRAW_SURE,
        BoardAct.CLOSE_SURE,
        BoardAct.STOP_SURE,
        RuleAct.END_SURE,
        MemberAct.REMOVE_SURE,
        MemberAct.REPLACE_SURE,
        DataAct.DELETE,
    }
)
