"""A form being filled in: what is kept of it, what a person may do with it, and what the engine needs to know of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from nhipcau.bot.forms.conditions import holds
from nhipcau.bot.forms.model import Form, Option, Question
from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.messaging.messages import Message

#: `Draft.at` while the summary is shown.
SUMMARY = "="


#: Choices of a question shown at once; more stand behind "Xem thêm".
PAGE = 5


#: Places found by a typed name that can be chosen from; whoever means none of so many types more of it.
MOST_FOUND = 4 * PAGE

#: Before a choice of several that is ticked.
TICK = "✓ "


#: Keys of choices that are no option of the question.
BACK, CANCEL, SKIP, MORE, SEND, DONE, KEEP = "<", "x", ">", "+", "!", "ok", "="
OTHER, REPHRASE, EMPTY, NONE = "?", "~", "-", "none"
#: What keys of the summary begin with: an offer of the caller, a question to add, a line to mend.
OFFERED, ADD, MEND = "w.", "a.", "e."


@dataclass(slots=True)
class Draft:
    """A form being filled in. Plain JSON, so it survives a restart."""

    #: Which form: "report", "poll:ID" …
    form: str
    #: Random; buttons carry it, so that those of an earlier draft are known to be old.
    nonce: str
    #: Counts the questions gone on to; buttons carry it, so that those of earlier questions are known to be old.
    step: int = 0
    #: The open question's id, or SUMMARY.
    at: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    #: Questions shown before this one, for the way back.
    trail: list[str] = field(default_factory=list)
    #: Questions still to be mended before the summary returns.
    mending: list[str] = field(default_factory=list)
    tries: int = 0
    page: int = 0
    #: Narrowed choices after "Khác …" (keys), empty: the usual ones.
    found: list[str] = field(default_factory=list)
    #: How those read, where they were found by another name: "Phường Đông Kinh (Vĩnh Trại cũ)".
    found_as: dict[str, str] = field(default_factory=dict)
    #: Unix seconds of the last save.
    saved: float = 0.0
    #: What the form's own handler wants to remember.
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def is_practice(self) -> bool:
        """A report written to practise: for nobody to read."""
        return bool(self.extra.get("practice"))


class FormEnd(Enum):
    """What one answer led to."""

    OPEN = "open"
    SENT = "sent"
    #: "Không có gì": the whole form in one tap.
    NOTHING = "nothing"
    CANCELLED = "cancelled"
    #: One of the caller's own offers on the summary was taken: `FormStep.picked`.
    OFFERED = "offered"


@dataclass(frozen=True, slots=True)
class Input:
    """What the person did with the open question: pressed one of its choices, typed, or sent a file."""

    key: str = ""
    text: str = ""
    photo: str = ""
    #: A document's stored name, and what people see it called.
    file: str = ""
    title: str = ""
    #: The message whose choice was pressed (for toggles).
    ref: str = ""


@dataclass(frozen=True, slots=True)
class FormStep:
    """What one input led to, and the message that comes of it."""

    end: FormEnd
    message: Message | None = None
    #: What stands above the question in `message`, so that it can be shown again.
    preface: str = ""
    #: Key of the offer taken.
    picked: str = ""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What typed words can mean of a source's options; labels may say why they were found."""

    options: tuple[Option, ...] = ()
    #: False: one alone is asked about too.
    is_sure: bool = True


@dataclass(frozen=True, slots=True)
class FormContext:
    """Everything the engine needs to know about one form in one language."""

    form: Form
    texts: Texts
    #: What a choice of this draft carries, so that pressing it comes back as this key.
    pack: Callable[[Draft, str], str] = lambda draft, key: key
    #: Options of a question whose `source` is set.
    options: Callable[[Question, Draft], list[Option]] = lambda question, draft: list(question.options)
    #: Masks a text; returns it with a sentence about what was masked (or "").
    screen: Callable[[str], tuple[str, str]] = lambda text: (text, "")
    #: Lines of the summary.
    summary: Callable[[Draft], str] | None = None
    #: False: the last answer ends the form at once.
    has_summary: bool = True
    #: The one line above the first question ("who asks, what is kept").
    head: str = ""
    #: The one line above every question and the summary ("this is practice"), or "".
    banner: str = ""
    #: "Không có gì": the choice that answers a whole request in one tap.
    nothing: str = ""
    #: Searches typed words among the options of a source that says so.
    search: Callable[[Question, str], SearchResult] | None = None
    #: The summary's send button.
    send_label: str = ""
    #: What the summary offers instead of sending, below it.
    offers: Callable[[Draft], list[Option]] = lambda draft: []
    #: Today's date, for typed days.
    today: Any = None


def next_open(context: FormContext, draft: Draft) -> str:
    """The first question still to ask, or SUMMARY."""
    for question in context.form.questions:
        if question.offered or question.id in draft.answers:
            continue
        if holds(question.when, context.form, draft.answers):
            return question.id
    return SUMMARY
