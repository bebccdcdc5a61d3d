"""Input and result of `decide`: the situation, and the decision's result."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from nhipcau.actions.decision import Actor
from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.messaging.events import Event
from nhipcau.bot.messaging.messages import Message
from nhipcau.bot.messaging.quiet_hours import QuietHours
from nhipcau.bot.recurrence.working_days import Calendar, read_calendar
from nhipcau.bot.units.tree import Tree
from nhipcau.model.changes import Change
from nhipcau.model.conversation import Conversation, Pending
from nhipcau.model.people import Contact, Person
from nhipcau.model.queries import Query
from nhipcau.model.scope import Scope
from nhipcau.office.lesson_file import Lesson

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Office:
    """The installation, as far as handlers need it."""

    tree: Tree
    zone: ZoneInfo
    quiet: QuietHours
    follow_up_days: int
    language: str = "vi"
    #: Reports of one collaborator a day at most; 0: any number.
    reports_a_day: int = 0
    #: Weekly limit of non-urgent pushes a person; 0: none.
    push_budget: int = 0
    #: Working days.
    calendar: Calendar = field(default_factory=partial(read_calendar, ""))
    #: Our public address, without a slash at its end.
    url: str = ""
    #: Code → channel → link that joins with it; None while unknown.
    links: Callable[[str], dict[str, str | None]] = lambda code: {}
    #: Language → lessons in their order.
    lessons: Mapping[str, Sequence[Lesson]] = field(default_factory=dict)


@dataclass(slots=True)
class Situation:
    """Everything decide knows about one event."""

    event: Event
    now: datetime
    contact: Contact
    person: Person | None
    conversation: Conversation
    texts: Texts
    office: Office
    #: Random identifiers by kind: "code", "request", "id", "nonce", "invite".
    new_id: Callable[[str], str]
    #: What our last message waits for (a name, more text, a number); valid for this event only.
    waiting: Pending | None = None
    #: False: too many wrong codes came from there, so that no code is looked up.
    may_try_codes: bool = True
    #: Set by `find_code`: this event named a code that none has, or that was not looked up.
    wrong_code: bool = False
    #: Reports this person has filed today, as far as this process knows.
    reports_today: int = 0
    #: Text typed after a command ("tổng hợp tháng 11").
    argument: str = ""

    @property
    def local(self) -> datetime:
        return self.now.astimezone(self.office.zone)

    @property
    def today(self) -> date:
        return self.local.date()

    @property
    def actor(self) -> Actor:
        """This person as an actor for the office."""
        return Actor.of(self.me)

    @property
    def scope(self) -> Scope:
        """What this person may read of the office."""
        return Scope.of(self.me)

    @property
    def me(self) -> Person:
        assert self.person is not None
        return self.person


#: A generator that yields queries, is sent their answers, and returns its result; so it stays pure.
Decision = Generator[Query[Any], Any, T]


def load(need: Query[T]) -> Decision[T]:
    """`found = yield from load(FindInvite(code))`."""
    found: T = yield need
    return found


@dataclass(slots=True)
class DecisionResult:
    """Replies (at most three messages) and changes, in order."""

    messages: list[Message] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    #: The person's new conversation; None: unchanged.
    conversation: Conversation | None = None


#: What handlers return: a result, or a decision that loads data first.
Handled = DecisionResult | Decision[DecisionResult]


def settle(handled: Handled) -> Decision[DecisionResult]:
    """`result = yield from settle(handler(situation))`, whether or not it loads data."""
    return handled if isinstance(handled, DecisionResult) else (yield from handled)


def reply(*messages: Message | None, changes: Sequence[Change] = ()) -> DecisionResult:
    return DecisionResult([m for m in messages if m is not None], list(changes))
