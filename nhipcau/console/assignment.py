"""What a form says about giving a report to a section and by which day, the same for one report and for many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from nhipcau.actions import sections as actions
from nhipcau.actions.decision import Refusal
from nhipcau.actions.due_days import refuse_due
from nhipcau.bot.language.search_words import keys_in
from nhipcau.bot.language.vietnamese import read_date
from nhipcau.console.own_words import read_words
from nhipcau.console.visit import Visit
from nhipcau.model.changes import Change
from nhipcau.model.office_changes import AddSection, ChangeSection
from nhipcau.model.office_queries import Sections
from nhipcau.model.search import names_somebody
from nhipcau.model.sections import Section
from nhipcau.storage.people import roster_names

#: In the list of sections: a new one; none any more.
NEW_SECTION, NO_SECTION = "new", "none"


@dataclass(frozen=True, slots=True)
class Assignment:
    #: None: to none any more.
    section: Section | None
    due: date | None
    #: What makes the section, where it is new.
    changes: Sequence[Change] = ()


async def read_assignment(visit: Visit, due_field: str, now_due: date | None = None) -> Assignment | None:
    """None: it can't be taken, and `visit.problem` says why. `now_due`: as in `read_due`."""
    due = read_due(visit, due_field, now_due)
    if visit.problem:
        return None
    chosen, typed = visit.value("section"), visit.value("new_section")
    known = await visit.ask(Sections(visit.scope))
    if typed and chosen in ("", NEW_SECTION):
        made = await read_section(visit, "new_section")
        return None if made is None else _of_name(visit, known, made, due)
    if typed:
        visit.problem = visit.t("section.both")
        return None
    section = next((each for each in known if each.id == chosen and not each.closed), None)
    if section is None and chosen != NO_SECTION:
        visit.problem = visit.t("section.choose")
        return None
    return Assignment(section, due)


def _of_name(visit: Visit, known: Sequence[Section], name: str, due: date | None) -> Assignment | None:
    """The section of this name, made or opened again where there is none."""
    there = actions.named(known, name)
    if there and not there.closed:
        return Assignment(there, due)
    changes = actions.add(visit.actor, known, name, visit.console.new_id)
    if isinstance(changes, Refusal):
        visit.refuse(changes)
        return None
    section = next(change.section for change in changes if isinstance(change, (AddSection, ChangeSection)))
    return Assignment(section, due, changes)


async def read_section(visit: Visit, field: str) -> str | None:
    """The name of a section as it was typed. None: it can't be taken; a person's name least of all (rule K6)."""
    words = read_words(visit, field, actions.MAX_NAME_CHARS)
    if words is None:
        return None
    name = " ".join(words.split())
    names = await roster_names(visit.at.connection, visit.at.sealer)
    if names_somebody([keys_in(name)], names, visit.office.tree.place_names):
        visit.problem = visit.t("section.person")
        return None
    return name


def read_due(visit: Visit, field: str, now_due: date | None = None) -> date | None:
    """The day by which something is to be done. None: no day was given, or `visit.problem` says what is wrong with
    it. `now_due`: the day it has, which may stay although it is past."""
    typed = visit.value(field)
    if not typed:
        return None
    day = read_date(typed, visit.today)
    if day is None:
        visit.problem = visit.t("due.unknown", day=typed[:20])
        return None
    if day != now_due and (refused := refuse_due(day, visit.today, visit.office.calendar)):
        visit.refuse(refused)
        return None
    return day
