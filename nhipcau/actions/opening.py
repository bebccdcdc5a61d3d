"""When a request opens and closes, or why it can't be made like this.

A request that is not urgent and would open in quiet hours opens when they end, rather than at once with its messages
held back: its recipients are chosen and its time to answer starts when it opens. Rules do not look at quiet hours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

from nhipcau.bot.messaging.quiet_hours import QuietHours
from nhipcau.model.request_kinds import RequestKind
from nhipcau.office.request_file import LONGEST
from nhipcau.privacy.suppression import K


class Why(StrEnum):
    #: A poll of too few people for its result to be shown.
    TOO_FEW = "too_few"
    NOBODY = "nobody"
    PAST = "past"
    TOO_FAR = "too_far"
    ENDS_BEFORE = "ends_before"
    TOO_LONG = "too_long"
    #: A duty that opens so long before it is due that the previous one is still open.
    LEAD_TOO_LONG = "lead_long"


#: Refusal → its sentence to whoever composes, in the chat and in the console.
SENTENCES: Mapping[Why, str] = {
    Why.TOO_FEW: "compose.too_few",
    Why.NOBODY: "compose.nobody",
    Why.PAST: "wrong.past",
    Why.TOO_FAR: "wrong.too_far",
    Why.ENDS_BEFORE: "compose.ends_before",
    Why.TOO_LONG: "wrong.too_far",
    Why.LEAD_TOO_LONG: "duty.lead_long",
}


@dataclass(frozen=True, slots=True)
class OpeningRefusal:
    why: Why
    #: How many would be asked, where they are too few.
    people: int = 0
    #: If quiet hours delay the opening beyond the closing time: their end, local time.
    held_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class OpeningInput:
    """What the coordinator or the command line asks for."""

    kind: str
    #: How many people would be asked if it opened now.
    people: int
    #: None: now.
    opens_at: datetime | None
    #: When it closes, or how long it is open.
    closes: datetime | timedelta
    urgent: bool
    #: The actor chose "now" explicitly, so quiet hours do not delay it.
    passes_quiet: bool = False
    #: Time before sending in which it can be undone.
    undo: timedelta = timedelta()
    #: Of a poll: how many of the people count for k.
    vouched: int = 0


@dataclass(frozen=True, slots=True)
class Opening:
    opens_at: datetime
    closes_at: datetime
    #: Its messages and reminders ignore quiet hours and the weekly limit.
    urgent: bool
    #: It was moved to the end of the quiet hours.
    held: bool = False


def refuse_audience(kind: str, people: int, vouched: int = 0) -> OpeningRefusal | None:
    """Why a request can't go to this number of people: nobody, or too few for a poll; None: it can. `vouched`: how many
    of them count for k."""
    if kind == "poll" and vouched < K:
        return OpeningRefusal(Why.TOO_FEW, vouched)
    return None if people else OpeningRefusal(Why.NOBODY)


def refuse_moment(opens_at: datetime, now: datetime) -> OpeningRefusal | None:
    """Why a request can't be planned for this moment; None: it can."""
    if opens_at <= now:
        return OpeningRefusal(Why.PAST)
    return OpeningRefusal(Why.TOO_FAR) if opens_at - now > LONGEST else None


def plan_opening(wanted: OpeningInput, quiet: QuietHours, zone: ZoneInfo, now: datetime) -> Opening | OpeningRefusal:
    refused = refuse_audience(wanted.kind, wanted.people, wanted.vouched)
    if refused is None and wanted.opens_at is not None:
        refused = refuse_moment(wanted.opens_at, now)
    if refused is not None:
        return refused
    start = (wanted.opens_at or now + wanted.undo).astimezone(zone)
    passes = wanted.urgent or (wanted.passes_quiet and wanted.opens_at is None)
    opens_at = start if passes else quiet.next_open(start)
    closes_at = opens_at + wanted.closes if isinstance(wanted.closes, timedelta) else wanted.closes
    held = opens_at > start
    if closes_at <= opens_at:
        return OpeningRefusal(Why.ENDS_BEFORE, held_until=opens_at if held else None)
    if closes_at - opens_at > LONGEST:
        return OpeningRefusal(Why.TOO_LONG)
    # outside of quiet hours choosing "now" does not make a request urgent
    return Opening(opens_at, closes_at, urgent=wanted.urgent or (passes and quiet.holds(start)), held=held)


def opening_time(kind: str, length: timedelta, due: datetime) -> datetime:
    """When a request of a rule opens: a duty before it is due, others when due."""
    return due - length if kind == RequestKind.DUTY else due


def plan_first(
    kind: str, people: int, dues: Sequence[datetime], length: timedelta, now: datetime, vouched: int = 0
) -> Opening | OpeningRefusal:
    """The first opening of a rule. `dues`: its next due moments; `length`: how long each request is open; `vouched`: of
    a poll, how many people count for k."""
    if refused := refuse_audience(kind, people, vouched):
        return refused
    if kind == RequestKind.DUTY and any(later - due < length for due, later in pairwise(dues)):
        return OpeningRefusal(Why.LEAD_TOO_LONG)
    start = opening_time(kind, length, dues[0])
    return Opening(max(now, start), start + length, urgent=False)
