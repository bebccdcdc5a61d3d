"""All changes a decision may ask for.

Storage writes row changes (`storage/apply_changes.py`, one batch a kind); operations do acts, which also send messages
(`operations/commit.py`). A new kind goes into one of the unions below; type checking then fails until it is handled.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nhipcau.bot.units.tree import Unit
from nhipcau.model.console_changes import ConsoleChange
from nhipcau.model.data_requests import RightKind
from nhipcau.model.issue_changes import (
    AddStrand,
    AddSupport,
    ChangeIssue,
    ChangeStrand,
    ConfirmSupports,
    DeleteStrand,
    MarkLatent,
    MergeIssue,
    MergeReport,
    OpenIssue,
    ReopenIssue,
    SplitIssue,
    TellContributors,
    UndoRegrouping,
)
from nhipcau.model.office_changes import OfficeChange
from nhipcau.model.people import Role
from nhipcau.model.reports import ReportState
from nhipcau.model.request_changes import (
    AddAnswerNote,
    AskBack,
    BankChange,
    CorrectNotice,
    EndRequest,
    EndRule,
    MakeRule,
    MarkStarted,
    OpenRequest,
    ProlongRequest,
    RecordOfficial,
    RecordPollAnswer,
    RemindNow,
    TellAddition,
    TellDecision,
)
from nhipcau.model.signal_changes import MarkSignal
from nhipcau.model.synthesis_changes import DropSynthesis, KeepSynthesis
from nhipcau.model.undo_changes import RevertIssue, RevertReport


@dataclass(frozen=True, slots=True)
class AddUnit:
    """A new unit of the tree."""

    code: str
    name: str
    kind: str
    #: Code of the unit above.
    parent: str


@dataclass(frozen=True, slots=True)
class SetCluster:
    """Put these units into a cluster; "": back to that of their former district."""

    unit_ids: tuple[int, ...]
    cluster: str


@dataclass(frozen=True, slots=True)
class KeepInvitation:
    """Before consent: store the one pending invitation of this contact."""

    contact_id: int
    code: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ForgetContact:
    """Consent was declined: delete everything about the contact but the event's id."""

    contact_id: int


@dataclass(frozen=True, slots=True)
class Join:
    """Consent was given: the contact now belongs to a person, and one use of the invite is spent."""

    contact_id: int
    invite_code: str
    #: A new person's id, or that of the card's person.
    person_id: str
    tag_secret: str
    is_new: bool
    #: The card's person had joined before: this is a new phone, and earlier contacts are released.
    again: bool
    unit_id: int
    role: Role
    name: str
    consent_version: str
    at: datetime


@dataclass(frozen=True, slots=True)
class LinkContact:
    """Add a contact to a person who has joined, by a code they made themselves."""

    contact_id: int
    invite_code: str
    person_id: str


@dataclass(frozen=True, slots=True)
class ChangePerson:
    person_id: str
    #: Column → new value.
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class DeletePerson:
    """Delete roster row, contacts and drafts; participation stays under a random id, reports carry no owner."""

    person_id: str


@dataclass(frozen=True, slots=True)
class WithdrawConsent:
    """Delete what is kept of a person by their consent: contacts, drafts, lessons, what they took part in. Their line
    of the roster stays, as of somebody invited; a new tag secret hides what they wrote from whoever joins with it."""

    person_id: str
    tag_secret: str


@dataclass(frozen=True, slots=True)
class RecordDataRequest:
    """Enter into the register what somebody did about their data in the chat, without a name. `kind`: a RightKind."""

    id: str
    kind: RightKind


@dataclass(frozen=True, slots=True)
class ConfirmLeaving:
    """The receipt of a deletion, or of a withdrawal of consent, with what a search found that is left."""

    #: Of the entry in the register.
    code: str
    person_id: str
    is_deleted: bool
    #: The contact that asked, and all of the person.
    contact_id: int
    contact_ids: tuple[int, ...]
    #: In which the receipt is written.
    language: str


@dataclass(frozen=True, slots=True)
class ReplacePerson:
    """A person leaves and a successor gets their unit, role and open requests, but nothing they wrote."""

    person_id: str
    successor_id: str
    tag_secret: str
    name: str
    actor: str


@dataclass(frozen=True, slots=True)
class CloseContact:
    """The person has blocked us in this app."""

    contact_id: int


@dataclass(frozen=True, slots=True)
class FileReport:
    code: str
    tag_secret: str
    #: Column → value, except tag and month.
    values: dict[str, Any]
    photos: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeReport:
    code: str
    values: dict[str, Any]
    #: Who did it, for the audit; "" for the reporter, who is never recorded.
    actor: str = ""
    #: The state the decision is based on: if it has changed, the event is decided again. None: any state.
    seen: ReportState | None = None
    #: Name of the act in the audit; "": the new state.
    act: str = ""


@dataclass(frozen=True, slots=True)
class WithdrawReport:
    """Its reporter takes back a report that nobody has taken up: all it says is deleted, its pictures (`photos`: their
    names) and its tag too. That one of this area and day was withdrawn stays, for the figures."""

    code: str
    photos: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AddReportNote:
    """What was said or done about a report; see reports.ReportNote."""

    id: str
    code: str
    side: str
    kind: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class TellReporter:
    """Message to the anonymous reporter, found by tag; if not found, to the collaborators of the area.

    `kind`: a state, answer or question; `unit`: name of the answering unit.
    """

    code: str
    kind: str
    words: str
    unit: str


@dataclass(frozen=True, slots=True)
class TellOffice:
    """Message to the coordinators of the area: somebody has replied about a report."""

    code: str
    area: Unit
    #: reply; area (a reply of somebody else in the area); no (not solved).
    kind: str


@dataclass(frozen=True, slots=True)
class TellUnit:
    """Message to the coordinators of a unit that reads this report: it was passed on to them. `words`: what for."""

    code: str
    unit_id: int
    words: str


@dataclass(frozen=True, slots=True)
class AlertCoordinators:
    """Notify the coordinators of this area, or of the next unit above that has any, at once. `text`: the report's."""

    area: Unit
    topic: str
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class MakeInvite:
    code: str
    unit_id: int
    role: Role
    person_id: str | None
    uses: int
    expires_at: datetime
    actor: str
    adds: bool = False


@dataclass(frozen=True, slots=True)
class RevokeCards:
    person_id: str


@dataclass(frozen=True, slots=True)
class RevokeInvite:
    code: str


@dataclass(frozen=True, slots=True)
class ReleaseContacts:
    """Detach this person's contacts from them, and drop what waited to be sent there."""

    person_id: str


@dataclass(frozen=True, slots=True)
class CloseOtherContacts:
    """End this person's chats but one: their sessions, and what waited to be sent there."""

    person_id: str
    contact_id: int


@dataclass(frozen=True, slots=True)
class Audit:
    """An act of the office that no other change stands for; see audit_kinds.py."""

    kind: str
    #: A person's id, OFFICE, or OUTSIDE.
    actor: str
    #: To how many it was done.
    number: int = 1


@dataclass(frozen=True, slots=True)
class MarkLessonDone:
    person_id: str
    lesson: str


RowChange = (
    AddAnswerNote
    | AddReportNote
    | AddStrand
    | AddSupport
    | AddUnit
    | Audit
    | ChangeIssue
    | ChangePerson
    | ChangeReport
    | ChangeStrand
    | CloseContact
    | ConfirmSupports
    | ConsoleChange
    | DeletePerson
    | DeleteStrand
    | BankChange
    | DropSynthesis
    | FileReport
    | ForgetContact
    | Join
    | KeepInvitation
    | KeepSynthesis
    | LinkContact
    | MakeInvite
    | MarkLatent
    | MarkLessonDone
    | MarkSignal
    | MarkStarted
    | MergeIssue
    | MergeReport
    | OfficeChange
    | OpenIssue
    | RecordDataRequest
    | RecordOfficial
    | RecordPollAnswer
    | ReleaseContacts
    | CloseOtherContacts
    | ReplacePerson
    | RevertIssue
    | RevertReport
    | RevokeCards
    | RevokeInvite
    | SetCluster
    | SplitIssue
    | UndoRegrouping
    | WithdrawConsent
    | WithdrawReport
)
RequestAct = OpenRequest | EndRequest | ProlongRequest | RemindNow | MakeRule | EndRule
TellingAct = (
    AskBack
    | TellAddition
    | AlertCoordinators
    | CorrectNotice
    | ReopenIssue
    | TellContributors
    | TellDecision
    | TellOffice
    | TellReporter
    | TellUnit
)
#: What operations do once all rows are written.
Act = RequestAct | TellingAct | ConfirmLeaving
Change = RowChange | Act
