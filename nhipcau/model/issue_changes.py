"""Changes a decision may ask for about issues."""

from __future__ import annotations

from dataclasses import dataclass

from nhipcau.bot.units.tree import Unit
from nhipcau.model.issues import IssueState, Strand
from nhipcau.model.regroupings import Regrouping


@dataclass(frozen=True, slots=True)
class OpenIssue:
    code: str
    statement: str
    topic: str
    owner_unit_id: int
    actor: str


@dataclass(frozen=True, slots=True)
class MergeReport:
    """Put a report into an issue ("merge"), or take it out ("split")."""

    id: str
    code: str
    issue: str
    act: str
    actor: str


@dataclass(frozen=True, slots=True)
class MergeIssue:
    """Put all that is in the source into the target. `target_seen`: as in `Regrouping`; `source_state`,
    `target_state`: as they were when it was decided."""

    id: str
    source: str
    target: str
    source_state: IssueState
    target_state: IssueState
    target_seen: str
    actor: str


@dataclass(frozen=True, slots=True)
class SplitIssue:
    """Put these reports of the source into the target. `opened`: the target is opened with it."""

    id: str
    source: str
    target: str
    codes: tuple[str, ...]
    source_state: IssueState
    target_state: IssueState
    opened: bool
    actor: str


@dataclass(frozen=True, slots=True)
class UndoRegrouping:
    """Put back what went and is still in the target. `takes_over`: the source takes the state and the answer of the
    target, which it got since. `target_state`: as it was when it was decided."""

    regrouping: Regrouping
    takes_over: bool
    target_state: IssueState
    actor: str


@dataclass(frozen=True, slots=True)
class ChangeIssue:
    """Set the state (`kind`), or the answer, of an issue and of every report in it. `seen`: as in ChangeReport."""

    code: str
    kind: str
    words: str
    seen: IssueState
    actor: str


@dataclass(frozen=True, slots=True)
class AddStrand:
    """A new strand of opinion of an issue; its day is today's."""

    strand: Strand
    actor: str


@dataclass(frozen=True, slots=True)
class ChangeStrand:
    """`seen`: as it was when it was decided; if it has changed, the event is decided again."""

    strand: Strand
    seen: Strand
    actor: str


@dataclass(frozen=True, slots=True)
class DeleteStrand:
    seen: Strand
    actor: str


@dataclass(frozen=True, slots=True)
class MarkLatent:
    """Mark an issue as latent, or take the mark away."""

    code: str
    latent: bool
    actor: str


@dataclass(frozen=True, slots=True)
class TellContributors:
    """Message to everybody who contributed to an issue, found by tag; for those not found, one message an area."""

    code: str
    kind: str
    words: str
    unit: str


@dataclass(frozen=True, slots=True)
class ReopenIssue:
    """Somebody who contributed says that a done issue is not settled: open it again and tell its owner, once.

    `told`: the area whose coordinators hear of it by another message.
    """

    code: str
    told: Unit | None = None


@dataclass(frozen=True, slots=True)
class ConfirmSupports:
    """Whether somebody who said "Cũng vậy" finds the matter settled. `ids`: of their supports; `confirmed`: yes, no."""

    ids: tuple[str, ...]
    confirmed: str


@dataclass(frozen=True, slots=True)
class AddSupport:
    """ "Cũng vậy": this person supports an issue; only a tag leads back to them."""

    id: str
    issue: str
    area_id: int
    tag_secret: str
