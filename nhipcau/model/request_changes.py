"""The changes that concern requests, rules and answers; `changes.py` lists them with all others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nhipcau.bot.units.tree import Unit
from nhipcau.model.requests import Audience, RequestContent


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """Create a request; the scheduler opens it at `opens_at`."""

    id: str
    unit_id: int
    content: RequestContent
    audience: Audience
    opens_at: datetime
    closes_at: datetime
    #: The person who asks; None for the command line.
    asked_by: str | None
    rule_id: str = ""
    period: str = ""
    repeats: str = ""


@dataclass(frozen=True, slots=True)
class MakeRule:
    """Create a rule; see requests.RecurringRequest."""

    id: str
    unit_id: int
    content: RequestContent
    audience: Audience
    rule: str
    seconds: int
    working_days: bool
    catch_up: bool
    due: datetime
    next_at: datetime
    asked_by: str | None


@dataclass(frozen=True, slots=True)
class EndRule:
    id: str
    actor: str


@dataclass(frozen=True, slots=True)
class CorrectNotice:
    """New text for a notice that was sent: edited in place where the app can, else sent again."""

    id: str
    text: str
    actor: str


@dataclass(frozen=True, slots=True)
class TellDecision:
    """Store what was decided after a request, and send it to those who answered."""

    id: str
    text: str
    actor: str


@dataclass(frozen=True, slots=True)
class EndRequest:
    """Close a request now, or withdraw it (`stop`)."""

    id: str
    stop: bool
    actor: str


@dataclass(frozen=True, slots=True)
class ProlongRequest:
    id: str
    closes_at: datetime
    actor: str


@dataclass(frozen=True, slots=True)
class RemindNow:
    id: str
    actor: str


@dataclass(frozen=True, slots=True)
class MarkStarted:
    request_id: str
    person_id: str


@dataclass(frozen=True, slots=True)
class RecordPollAnswer:
    id: str
    request_id: str
    person_id: str
    tag_secret: str
    contact_id: int
    version: int
    answers: dict[str, Any]
    sealed: bool
    band: str


@dataclass(frozen=True, slots=True)
class RecordOfficial:
    id: str
    request_id: str
    person_id: str
    unit_id: int
    version: int
    answers: dict[str, Any]
    nothing: bool
    late: bool
    band: str
    #: "Bổ sung": a further answer of somebody who has answered.
    extra: bool = False
    #: Entered by this coordinator for a unit that answered by phone or on paper.
    on_behalf: bool = False


@dataclass(frozen=True, slots=True)
class AddAnswerNote:
    """What was asked or said about an official answer; see answers.AnswerNote."""

    id: str
    answer_id: str
    side: str
    kind: str
    text: str
    unit_id: int


@dataclass(frozen=True, slots=True)
class AskBack:
    """Send a question about an official answer to those who gave it."""

    answer_id: str
    request_id: str
    unit: Unit
    words: str
    #: Who asks: unit, and the name of its coordinator.
    asking: Unit
    name: str


@dataclass(frozen=True, slots=True)
class TellAddition:
    """Tell the coordinators of the unit that asked what was added to an official answer."""

    answer_id: str
    request_id: str
    unit: Unit
    words: str
    asking: Unit


@dataclass(frozen=True, slots=True)
class KeepBankQuestion:
    """Write a question of the bank, new or in place of what it was."""

    id: str
    unit_id: int
    #: JSON, as a request file says a question.
    body: str
    actor: str


@dataclass(frozen=True, slots=True)
class DropBankQuestion:
    """Delete a question of the bank."""

    id: str
    actor: str


BankChange = KeepBankQuestion | DropBankQuestion
