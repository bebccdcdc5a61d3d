"""What one sender, and all together, may do: wrong codes, messages of strangers, reports a day (rule R36).

Counted in memory, by process, without a word of what was said; forgotten with the process, reports each day.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from nhipcau.bot.messaging.events import Event, EventKind
from nhipcau.handlers.membership.join import code_tried
from nhipcau.intake.buckets import Buckets
from nhipcau.metrics import WRONG_CODES

#: Wrong codes of one chat, of one internet address (an office's, or a mobile network's, stands for many people), and of
#: all; and the seconds after which one more may be tried.
_OF_A_CHAT = (5, 300.0)
_OF_AN_ORIGIN = (60, 20.0)
_OF_ALL = (300, 2.0)
#: Of an address that has tried too many: chats that have failed at none may go on at this pace, so that whoever shares
#: the address with somebody who guesses comes in as soon as the guessing pauses.
_OF_NEWCOMERS = (5, 1.0)
#: Wrong codes are counted in one line of the audit so often, with the next event there is.
_AUDIT_PAUSE = timedelta(hours=1)
#: Messages of somebody who has not joined.
_OF_A_STRANGER = (60, 2.0)
#: Chats remembered that were told to wait.
_MOST_TOLD = 10_000
_ALL = ""

#: What an app says itself, not the person.
_NO_WORDS = frozenset({EventKind.BLOCKED, EventKind.RETURNED, EventKind.IGNORED})


class CodeLimits:
    """Wrong codes. Who has tried none is never kept from trying a first one, however many others try."""

    def __init__(self, now: Callable[[], datetime], of_all: tuple[int, float] = _OF_ALL) -> None:
        self._now = now
        self._of_chat, self._of_origin = Buckets(*_OF_A_CHAT), Buckets(*_OF_AN_ORIGIN)
        self._of_newcomers = Buckets(*_OF_NEWCOMERS)
        self._of_all = Buckets(*of_all)
        #: Wrong codes that stand in no audit line yet, and when the last one was written.
        self._unaudited, self._audited_at = 0, now()

    def may_try(self, chat: str, origin: str) -> bool:
        """Whether a code from this chat ("": none yet) and internet address ("": unknown) is looked up at all."""
        now = self._now().timestamp()
        if self._of_chat.is_empty(chat, now):
            return False
        is_new = self._of_chat.is_full(chat, now)
        if self._of_origin.is_empty(origin, now):
            return is_new and not self._of_newcomers.is_empty(origin, now)
        return (is_new and self._of_origin.is_full(origin, now)) or not self._of_all.is_empty(_ALL, now)

    def note_wrong(self, chat: str, origin: str) -> None:
        now = self._now().timestamp()
        WRONG_CODES.inc()
        self._unaudited += 1
        self._of_all.take(_ALL, now)
        if chat:
            self._of_chat.take(chat, now)
        if origin:
            self._of_origin.take(origin, now)
            self._of_newcomers.take(origin, now)

    def to_audit(self) -> int:
        """How many wrong codes the audit is to learn of now: not for each guess a line."""
        is_due = self._now() - self._audited_at >= _AUDIT_PAUSE
        return self._unaudited if is_due else 0

    def mark_audited(self, number: int) -> None:
        if number:
            self._unaudited -= number
            self._audited_at = self._now()


@dataclass(frozen=True, slots=True)
class Decided:
    """What an event came to, as far as it counts."""

    event: Event
    #: "" for a stranger.
    person_id: str
    #: A code was typed that none has, or was not looked up.
    wrong_code: bool
    #: It was looked up.
    was_tried: bool
    #: How many were filed.
    reports: int
    day: date


class SenderLimits:
    """Filters what comes in, and learns from what was committed."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.codes = CodeLimits(now)
        self._strangers = Buckets(*_OF_A_STRANGER)
        #: Chats that were told to wait before they try another code.
        self._told: OrderedDict[str, None] = OrderedDict()
        self._day = date.min
        self._reports: dict[str, int] = {}

    def admit(self, events: Sequence[Event]) -> list[Event]:
        """Those to be handled. The others are of strangers, who were told, or send more than anybody reads."""
        return [event for event in events if self._is_admitted(event)]

    def _is_admitted(self, event: Event) -> bool:
        if event.kind in _NO_WORDS:
            return True
        chat = chat_of(event)
        if self._strangers.is_empty(chat, self._now().timestamp()):
            return False
        return chat not in self._told or self.may_try(event) or not code_tried(event)

    def may_try(self, event: Event) -> bool:
        return self.codes.may_try(chat_of(event), event.origin)

    def reports_today(self, person_id: str, today: date) -> int:
        return self._reports.get(person_id, 0) if today == self._day else 0

    def learn(self, decided: Sequence[Decided]) -> None:
        """Count what was committed."""
        for each in decided:
            self._learn(each)

    def _learn(self, decided: Decided) -> None:
        event, chat = decided.event, chat_of(decided.event)
        if decided.wrong_code and decided.was_tried:
            self.codes.note_wrong(chat, event.origin)
        if decided.person_id:
            self._told.pop(chat, None)
            self._count_reports(decided)
            return
        self._strangers.take(chat, self._now().timestamp())
        if decided.wrong_code and not decided.was_tried:
            self._told[chat] = None
            self._told.move_to_end(chat)
            if len(self._told) > _MOST_TOLD:
                self._told.popitem(last=False)

    def _count_reports(self, decided: Decided) -> None:
        if decided.day != self._day:
            self._day, self._reports = decided.day, {}
        if decided.reports:
            self._reports[decided.person_id] = self._reports.get(decided.person_id, 0) + decided.reports


def chat_of(event: Event) -> str:
    return f"{event.channel}:{event.address}"
