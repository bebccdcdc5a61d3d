"""What decide may change: a closed set of kinds.

Rows are written by storage (`storage/apply_changes.py`, a batch of each kind with few statements); acts are more than
rows, and done by operations (`operations/commit.py`). A new kind stands in one of the unions below, and type checking
fails until it has its turn there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nhipcau.bot.units.tree import Unit
from nhipcau.model.issues import IssueState
from nhipcau.model.people import Role
from nhipcau.model.reports import ReportState
from nhipcau.model.requests import Audience, RequestContent


@dataclass(frozen=True, slots=True)
class KeepInvitation:
    """Before consent: remember the one pending invitation of this door."""

    contact_id: int
    code: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ForgetContact:
    """ "Không": nothing stays but the event's id."""

    contact_id: int


@dataclass(frozen=True, slots=True)
class Join:
    """Consent was given: the door belongs to a person from now on, and one use of the card is spent."""

    contact_id: int
    invite_code: str
    #: A new person's id, or the card's person.
    person_id: str
    #: What this person's tags are made over from now on.
    tag_secret: str
    is_new: bool
    #: The card's person had joined before: this is a new phone, and earlier doors are let go.
    again: bool
    unit_id: int
    role: Role
    name: str
    consent_version: str
    at: datetime


@dataclass(frozen=True, slots=True)
class LinkContact:
    """One more door of somebody who has joined, by a code they made themselves: nothing else of theirs changes."""

    contact_id: int
    invite_code: str
    person_id: str


@dataclass(frozen=True, slots=True)
class ChangePerson:
    person_id: str
    #: Columns of people.
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class DeletePerson:
    """Roster row, doors, drafts at once; participation keeps a tombstone, content has no owner to lose."""

    person_id: str


@dataclass(frozen=True, slots=True)
class ReplacePerson:
    """They leave and somebody takes over their place in the network: unit, role, open work; nothing they ever wrote."""

    person_id: str
    successor_id: str
    #: What the successor's tags are made over.
    tag_secret: str
    name: str
    actor: str


@dataclass(frozen=True, slots=True)
class CloseContact:
    """The app said this door is closed (blocked)."""

    contact_id: int


@dataclass(frozen=True, slots=True)
class FileReport:
    code: str
    #: Of the person who files it.
    tag_secret: str
    #: Columns of reports except tag, month; `practice` True: written to practise, for nobody to read.
    values: dict[str, Any]
    photos: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeReport:
    code: str
    values: dict[str, Any]
    #: Who did it, for the audit; "" when its own reporter did (never kept).
    actor: str = ""
    #: The state it was decided on: where it has changed meanwhile nothing is written, all is decided anew. None: any.
    seen: ReportState | None = None
    #: What the audit calls it; "": the new state.
    act: str = ""


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
    """To the unnamed reporter, found by the tag; where nobody can be found, to the collaborators of the area."""

    code: str
    #: A state; answer, question.
    kind: str
    words: str
    #: Name of the unit that speaks.
    unit: str


@dataclass(frozen=True, slots=True)
class TellOffice:
    """To the coordinators who serve this area: somebody has written back about a report."""

    code: str
    area: Unit
    #: reply, area (not the reporter's), no (not solved)
    kind: str


@dataclass(frozen=True, slots=True)
class OpenIssue:
    code: str
    statement: str
    topic: str
    owner_unit_id: int
    actor: str


@dataclass(frozen=True, slots=True)
class MergeReport:
    """A person has decided that a report belongs to an issue (merge), or does not (split)."""

    id: str
    code: str
    issue: str
    act: str
    actor: str


@dataclass(frozen=True, slots=True)
class ChangeIssue:
    """A state or an answer of an issue, and of every report in it."""

    code: str
    #: A state; answer.
    kind: str
    words: str
    #: The state it was decided on; see ChangeReport.
    seen: IssueState
    actor: str


@dataclass(frozen=True, slots=True)
class TellContributors:
    """To everybody who contributed to an issue, each once, found by tags; else to the areas, once each."""

    code: str
    kind: str
    words: str
    unit: str


@dataclass(frozen=True, slots=True)
class AddSupport:
    """ "Cũng vậy": this person stands behind an issue too, found by nothing but a tag."""

    id: str
    issue: str
    area_id: int
    tag_secret: str


@dataclass(frozen=True, slots=True)
class AlertCoordinators:
    """Tell the coordinators of this area, or of the next unit above that has any, at once, each in their language."""

    area: Unit
    topic: str
    code: str


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """Ask: the clock opens it at `opens_at`."""

    id: str
    unit_id: int
    content: RequestContent
    audience: Audience
    opens_at: datetime
    closes_at: datetime
    #: The person who asks; None for the command line.
    asked_by: str | None
    #: See requests.Request.
    rule_id: str = ""
    period: str = ""
    repeats: str = ""


@dataclass(frozen=True, slots=True)
class MakeRule:
    """Ask again and again; see requests.RecurringRequest."""

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
    """Other words for official information that went out: edited where the app can, said once more where not."""

    id: str
    text: str
    actor: str


@dataclass(frozen=True, slots=True)
class TellDecision:
    """What was decided after a poll or request: kept, and told to those who answered."""

    id: str
    text: str
    actor: str


@dataclass(frozen=True, slots=True)
class EndRequest:
    """Close now (as at the due moment), or stop (withdrawn)."""

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
    #: "Bổ sung": one more answer, participation is settled already.
    extra: bool = False
    #: Typed in by this coordinator for a unit that gave it by phone or on paper.
    on_behalf: bool = False


@dataclass(frozen=True, slots=True)
class MakeInvite:
    code: str
    unit_id: int
    role: Role
    person_id: str | None
    uses: int
    expires_at: datetime
    actor: str
    #: See people.Invite.
    adds: bool = False


@dataclass(frozen=True, slots=True)
class RevokeCards:
    """Every living card of this person."""

    person_id: str


@dataclass(frozen=True, slots=True)
class RevokeInvite:
    code: str


@dataclass(frozen=True, slots=True)
class ReleaseContacts:
    """This person's contacts belong to nobody from now on; what waited there is dropped."""

    person_id: str


@dataclass(frozen=True, slots=True)
class Audit:
    act: str
    subject: str
    actor: str


@dataclass(frozen=True, slots=True)
class MarkLessonDone:
    """This person has done a lesson; once more changes nothing."""

    person_id: str
    lesson: str


#: What storage writes.
RowChange = (
    AddReportNote
    | AddSupport
    | Audit
    | ChangeIssue
    | ChangePerson
    | ChangeReport
    | CloseContact
    | DeletePerson
    | FileReport
    | ForgetContact
    | Join
    | KeepInvitation
    | LinkContact
    | MakeInvite
    | MarkLessonDone
    | MarkStarted
    | MergeReport
    | OpenIssue
    | RecordOfficial
    | RecordPollAnswer
    | ReleaseContacts
    | ReplacePerson
    | RevokeCards
    | RevokeInvite
)
#: Acts on what is asked, now or again and again.
RequestAct = OpenRequest | EndRequest | ProlongRequest | RemindNow | MakeRule | EndRule
#: Acts that tell people something.
TellingAct = AlertCoordinators | CorrectNotice | TellContributors | TellDecision | TellOffice | TellReporter
#: What operations do, after all rows are written.
Act = RequestAct | TellingAct
Change = RowChange | Act
