"""A form being filled in: its draft, the person's input, the engine's result, and what the engine needs to know."""

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


#: Choices of a question shown at once; "Xem thêm" shows more.
PAGE = 5


#: Places offered for a typed name at most; whoever means none of them has to type more.
MOST_FOUND = 4 * PAGE

#: Prefix of a ticked choice.
TICK = "✓ "


#: Keys of choices that are not options of the question.
BACK, CANCEL, SKIP, MORE, SEND, DONE, KEEP = "<", "x", ">", "+", "!", "ok", "="
OTHER, REPHRASE, EMPTY, NONE = "?", "~", "-", "none"
#: Below a caution: take the text made general, or as it is.
GENERAL, AS_IS = "g~", "k~"
#: Prefixes of keys on the summary: an offer of the caller, a question to add, a line to correct.
OFFERED, ADD, MEND = "w.", "a.", "e."
#: The summary's short lists of those, where not all find room on it.
LIST_ADD, LIST_MEND = "a", "e"


@dataclass(slots=True)
class Draft:
    """A form being filled in. Plain JSON, so it survives a restart."""

    #: Which form: "report", "poll:ID" …
    form: str
    #: Random; part of each button, so that those of an earlier draft are recognised as old.
    nonce: str
    #: Counts the questions shown; part of each button, so that those of earlier questions are recognised as old.
    step: int = 0
    #: The open question's id, or SUMMARY.
    at: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    #: Questions shown before this one, for the way back.
    trail: list[str] = field(default_factory=list)
    #: Questions still to be corrected before the summary is shown again.
    mending: list[str] = field(default_factory=list)
    tries: int = 0
    page: int = 0
    #: The short list opened on the summary: LIST_ADD or LIST_MEND; "": the summary itself.
    listed: str = ""
    #: Keys of the choices found by a typed name; empty: the usual choices.
    found: list[str] = field(default_factory=list)
    #: Labels of those by key; one found by a former name says so: "Phường Đông Kinh (Vĩnh Trại cũ)".
    found_as: dict[str, str] = field(default_factory=dict)
    #: The open question's answer, typed and masked, until the person has read a caution about it; "": none.
    held: str = ""
    #: Unix seconds of the last save.
    saved: float = 0.0
    #: Data of the form's own handler.
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def is_practice(self) -> bool:
        """Whether it is a practice report, which nobody reads."""
        return bool(self.extra.get("practice"))


class FormEnd(Enum):
    """Whether the form goes on after an input, or how it ended."""

    OPEN = "open"
    SENT = "sent"
    #: "Không có gì": the whole form was answered by one tap.
    NOTHING = "nothing"
    CANCELLED = "cancelled"
    #: One of the caller's offers on the summary was chosen: `FormStep.picked`.
    OFFERED = "offered"


@dataclass(frozen=True, slots=True)
class Input:
    """The person's input: the key of a pressed choice, a text, or a file."""

    key: str = ""
    text: str = ""
    photo: str = ""
    #: A document's stored name, and its name for people.
    file: str = ""
    title: str = ""
    #: The message whose choice was pressed, so that ticking can edit it.
    ref: str = ""


@dataclass(frozen=True, slots=True)
class FormStep:
    """The result of one input, and the message to show."""

    end: FormEnd
    message: Message | None = None
    #: The text above the question in `message`, so that it can be shown again.
    preface: str = ""
    #: Key of the chosen offer.
    picked: str = ""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The options that a typed text may mean; a label may say by which name it was found."""

    options: tuple[Option, ...] = ()
    #: False: ask even where there is only one.
    is_sure: bool = True


@dataclass(frozen=True, slots=True)
class Caution:
    """What a person should know before a text of theirs is taken."""

    #: What is wrong, and what can be done instead.
    why: str
    #: Label of taking it as it is.
    as_is: str
    #: The text made general; "": it can't be.
    general: str = ""


@dataclass(frozen=True, slots=True)
class FormContext:
    """What the engine needs to know about one form in one language."""

    form: Form
    texts: Texts
    #: Packs a key into the data of a choice of this draft.
    pack: Callable[[Draft, str], str] = lambda draft, key: key
    #: Options of a question whose `source` is set.
    options: Callable[[Question, Draft], list[Option]] = lambda question, draft: list(question.options)
    #: Masks a text; returns it, and a sentence about what was masked (or "").
    screen: Callable[[str], tuple[str, str]] = lambda text: (text, "")
    #: Whether the person must be told something before this (masked) text is taken; None: no.
    caution: Callable[[str], Caution | None] = lambda text: None
    #: Lines of the summary.
    summary: Callable[[Draft], str] | None = None
    #: False: the last answer ends the form at once.
    has_summary: bool = True
    #: Line above the first question (who asks, what is stored), or "".
    head: str = ""
    #: Line above every question and the summary ("this is practice"), or "".
    banner: str = ""
    #: Label of "Không có gì", which answers a whole request by one tap; "": there is none.
    nothing: str = ""
    #: Finds options of a question's `source` by a typed text.
    search: Callable[[Question, str], SearchResult] | None = None
    #: Label of the summary's send button; "": the usual one.
    send_label: str = ""
    #: What the summary offers instead of sending.
    offers: Callable[[Draft], list[Option]] = lambda draft: []
    #: What it makes is shown before it is sent, so that a number no label holds may count lines ("1" for "2 giờ").
    is_previewed: bool = False
    #: The text question that words typed below the summary are added to; "": they are no answer there.
    takes_more: Callable[[Draft], str] = lambda draft: ""
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
