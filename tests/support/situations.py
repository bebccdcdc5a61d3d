"""What a handler knows of one event, without a database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from nhipcau.bot.language.catalogue import texts
from nhipcau.bot.messaging.events import Event, EventKind
from nhipcau.bot.messaging.quiet_hours import QuietHours
from nhipcau.bot.units.tree import Tree, Unit
from nhipcau.handlers.situation import Office, Situation
from nhipcau.model.conversation import Conversation
from nhipcau.model.people import Contact, Person, PersonState, Role
from nhipcau.office.lesson_file import Lesson


def situation_with(lessons: Sequence[Lesson], language: str = "vi") -> Situation:
    """A collaborator of some unit, before anything has happened."""
    unit = Unit(1, "X06040", "Xã Thất Khê", "xã", "/X06040/")
    person = Person("p", "m", "Lan", unit, Role.COLLABORATOR, PersonState.CONSENTED, language)
    office = Office(
        tree=Tree([unit]),
        zone=ZoneInfo("Asia/Ho_Chi_Minh"),
        quiet=QuietHours(time(21), time(7)),
        follow_up_days=60,
        lessons={language: lessons},
    )
    return Situation(
        event=Event("web", "1", "a", EventKind.TEXT),
        now=datetime(2026, 11, 23, tzinfo=UTC),
        contact=Contact(1, "web"),
        person=person,
        conversation=Conversation(),
        texts=texts(language),
        office=office,
        new_id=lambda kind: kind,
    )
