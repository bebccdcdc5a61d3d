"""What was said last and what is half-written: one conversation a person, sealed whole at each save."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from nhipcau.bot.forms.draft import Draft

# ------------------------------------------------------------------ what the last message waits for


@dataclass(frozen=True, slots=True)
class AwaitsName:
    """How the person wants to be called."""

    kind: Literal["name"] = "name"


@dataclass(frozen=True, slots=True)
class AwaitsMoreWords:
    """More words to one of their own reports."""

    code: str
    kind: Literal["add"] = "add"


@dataclass(frozen=True, slots=True)
class AwaitsNumberOfPeople:
    """The number of people, typed, before many are written to."""

    nonce: str
    kind: Literal["confirm"] = "confirm"


@dataclass(frozen=True, slots=True)
class AwaitsReply:
    """Words for the office about a report; `from_area`: of somebody in its area, who need not be its reporter."""

    code: str
    from_area: bool = False
    kind: Literal["reply"] = "reply"


@dataclass(frozen=True, slots=True)
class AwaitsSuccessor:
    """Who takes over from this person; `name`: said already, and asked about once more."""

    id: str
    name: str = ""
    kind: Literal["successor"] = "successor"


@dataclass(frozen=True, slots=True)
class AwaitsPeriod:
    """A period, typed below a screen of figures."""

    kind: Literal["period"] = "period"


@dataclass(frozen=True, slots=True)
class AwaitsDraftChoice:
    """Go on with the draft, or give it up for this command ("": for words that are kept)."""

    command: str = ""
    kind: Literal["detour"] = "detour"


Pending = Annotated[
    AwaitsName
    | AwaitsMoreWords
    | AwaitsNumberOfPeople
    | AwaitsReply
    | AwaitsSuccessor
    | AwaitsPeriod
    | AwaitsDraftChoice,
    Field(discriminator="kind"),
]


# ------------------------------------------------------------------ what is half-written


class DraftKind(StrEnum):
    """Which form a draft fills in."""

    REPORT = "report"
    COMPOSE_POLL = "compose_poll"
    COMPOSE_RAPID = "compose_rapid"
    COMPOSE_DUTY = "compose_duty"
    COMPOSE_NOTICE = "compose_notice"
    #: Words of the office about a report or an issue.
    FEEDBACK = "feedback"
    #: The statement of a new issue.
    ISSUE = "issue"
    #: Official information in other words.
    CORRECTION = "correct"
    #: What was decided after a request.
    DECISION = "decide"
    #: A unit's answer received by phone or on paper.
    ON_BEHALF = "behalf"
    #: Answers to a request, by its kind.
    POLL = "poll"
    RAPID = "rapid"
    DUTY = "duty"
    NOTICE = "notice"

    @property
    def composes(self) -> str:
        """The kind of request it makes, or ""."""
        return self.removeprefix("compose_") if self.startswith("compose_") else ""


@dataclass(frozen=True, slots=True)
class DraftName:
    """One draft among a person's: the form, and what it is about."""

    kind: DraftKind
    #: The request answered, corrected or decided on.
    request: str = ""
    #: Code of the unit answered for.
    unit: str = ""

    def __str__(self) -> str:
        return ":".join(part for part in (self.kind, self.request, self.unit) if part)

    @staticmethod
    def read(text: str) -> DraftName:
        """The name that `str` wrote. Raises ValueError."""
        kind, *about = text.split(":")
        return DraftName(DraftKind(kind), *about)


def name_of(draft: Draft) -> DraftName:
    return DraftName.read(draft.form)


@dataclass(frozen=True, slots=True)
class KeptWords:
    """Words and pictures sent outside of any form, masked, until it is said what they shall be."""

    text: str
    photos: tuple[str, ...]
    nonce: str


@dataclass(slots=True)
class Conversation:
    """What was said last and what is half-written."""

    #: By name (`DraftName` as text).
    drafts: dict[str, Draft] = field(default_factory=dict)
    #: Name of the draft that typed words belong to; "" none.
    focus: str = ""
    #: Choices of the last screen that was not a question: (label, data), so that words and numbers can press them.
    shown: list[tuple[str, str]] = field(default_factory=list)
    #: What the last message waits for; over with the next thing the person does.
    pending: Pending | None = None
    kept: KeptWords | None = None

    def to_json(self) -> str:
        """One line of JSON that `from_json` reads back unchanged."""
        return _ADAPTER.dump_json(self).decode()

    @staticmethod
    def from_json(line: str) -> Conversation:
        try:
            return _ADAPTER.validate_json(line)
        except ValidationError:
            return _ADAPTER.validate_python(_of_earlier_version(json.loads(line)))

    def copy(self) -> Conversation:
        """One of its own, drafts included. (Through JSON, which takes a third of `deepcopy`'s time.)"""
        return Conversation.from_json(self.to_json())

    def begin(self, name: DraftName, nonce: str, **more: Any) -> Draft:
        """A new draft; typed words belong to it from now on."""
        draft = Draft(form=str(name), nonce=nonce, **more)
        self.drafts[draft.form] = draft
        self.focus = draft.form
        return draft

    def find(self, name: DraftName | DraftKind) -> Draft | None:
        return self.drafts.get(str(name))

    def with_nonce(self, nonce: str) -> Draft | None:
        """The draft whose buttons carry this nonce."""
        return next((draft for draft in self.drafts.values() if draft.nonce == nonce), None)

    def drop(self, draft: Draft) -> None:
        """It is sent or left; typed words belong to nothing half-written now."""
        self.drafts.pop(draft.form, None)
        self.focus = ""

    def move(self) -> None:
        """Gone on with at another contact: what stands last there is not what stood last here."""
        self.shown, self.pending, self.focus = [], None, ""

    @property
    def is_empty(self) -> bool:
        return not (self.drafts or self.shown or self.pending or self.kept)

    @property
    def draft(self) -> Draft | None:
        return self.drafts.get(self.focus)

    @property
    def report(self) -> Draft | None:
        """The report half-written."""
        return self.find(DraftKind.REPORT)

    @property
    def latest(self) -> Draft | None:
        """The draft to go on with: the one in focus, else the report, else any."""
        return self.draft or self.report or next(iter(self.drafts.values()), None)

    def pictures(self) -> set[str]:
        """Names of the pictures that only this conversation holds."""
        names = set(self.kept.photos) if self.kept else set()
        for draft in self.drafts.values():
            names |= pictures_in(draft.answers)
        return names

    def documents(self) -> set[str]:
        """Names of the documents that only this conversation holds."""
        values = (value for draft in self.drafts.values() for value in draft.answers.values())
        return {str(value["file"]) for value in values if isinstance(value, dict) and value.get("file")}

    def files(self) -> set[str]:
        """Both; no two files of ours have one name."""
        return self.pictures() | self.documents()


def pictures_in(answers: Mapping[str, Any]) -> set[str]:
    """Names of pictures among the answers of a form."""
    names = set()
    for value in answers.values():
        if isinstance(value, list):
            names |= {item for item in value if isinstance(item, str) and item.endswith(".jpg")}
        elif isinstance(value, dict) and value.get("photo"):
            names.add(str(value["photo"]))
    return names


def _of_earlier_version(body: dict[str, Any]) -> dict[str, Any]:
    """A conversation saved before the update: what is half-written and kept goes on, what the last message waited for
    is over."""
    drafts = {key.removeprefix("words:"): draft for key, draft in body["drafts"].items()}
    for name, draft in drafts.items():
        draft["form"] = name
    kept = body.get("kept") or None
    if kept:
        kept["photos"] = tuple(name for name in kept["photos"].split(",") if name)
    focus = body["focus"].removeprefix("words:")
    return {"drafts": drafts, "focus": focus, "shown": body["shown"], "pending": None, "kept": kept}


_ADAPTER = TypeAdapter(Conversation)
