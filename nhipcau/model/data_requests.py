"""What people may ask about their own data, and by when the law wants it answered and done (rule R10).

Law 91/2025/QH15 and Decree 356/2025/NĐ-CP, as law firms summarise them: an answer within two working days;
withdrawal, restriction and objection done within 15 days, other requests within 10 to 20, and within 20 where a
processor or another third party has to act too. Nothing here is legal advice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from nhipcau.bot.language.vietnamese import nfc
from nhipcau.bot.recurrence.working_days import Calendar
from nhipcau.privacy.screening import screen
from nhipcau.privacy.screening_places import KnownPlaces


class RightKind(StrEnum):
    """What somebody asks for; `EXPORT` is no request, but a list of people that the office took out."""

    SEE = "see"
    COPY = "copy"
    CORRECT = "correct"
    DELETE = "delete"
    WITHDRAW = "withdraw"
    RESTRICT = "restrict"
    OBJECT = "object"
    EXPORT = "export"


#: Kinds a person can ask for.
REQUESTED = tuple(kind for kind in RightKind if kind is not RightKind.EXPORT)
#: Working days after the day of receipt until it has to be answered.
ANSWER_DAYS = 2
#: Days after the day of receipt until it has to be done.
DONE_DAYS = {
    RightKind.SEE: 10,
    RightKind.COPY: 10,
    RightKind.CORRECT: 10,
    RightKind.DELETE: 20,
    RightKind.WITHDRAW: 15,
    RightKind.RESTRICT: 15,
    RightKind.OBJECT: 15,
}
#: The same where somebody outside the office has to act too.
DONE_DAYS_WITH_OTHERS = 20
_DAY = timedelta(days=1)
#: Characters of a note at most, as its column holds.
MAX_NOTE_CHARS = 200


@dataclass(frozen=True, slots=True)
class DataRequest:
    """An entry of the register; it names nobody."""

    id: str
    kind: RightKind
    received: date
    #: Somebody outside the office has to act too.
    with_others: bool = False
    #: Done by the person themselves in the chat, at once.
    in_chat: bool = False
    #: The office's own reference, or why people were exported; masked.
    note: str = ""
    #: Of an export: how many people.
    number: int | None = None
    answered: date | None = None
    done: date | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    answer_by: date
    done_by: date


def limits_of(request: DataRequest, calendar: Calendar) -> Limits:
    """The day of receipt is not counted, and a last day that is off moves to the next working day (Civil Code 2015,
    articles 147 and 148)."""
    answer_by = request.received
    for _ in range(ANSWER_DAYS):
        answer_by = calendar.next_working(answer_by + _DAY)
    days = DONE_DAYS.get(request.kind, 0)
    if request.with_others:
        days = max(days, DONE_DAYS_WITH_OTHERS)
    return Limits(answer_by, calendar.next_working(request.received + days * _DAY))


def due_of(request: DataRequest, calendar: Calendar) -> date | None:
    """The next day by which something has to be done about it; None: nothing has."""
    if request.done is not None:
        return None
    limits = limits_of(request, calendar)
    return limits.done_by if request.answered is not None else limits.answer_by


def masked_note(note: str, places: KnownPlaces) -> str:
    """The note with names, numbers and addresses of people masked, since the register names nobody."""
    return screen(" ".join(nfc(note).split()), places).text
