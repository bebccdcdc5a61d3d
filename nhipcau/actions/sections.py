"""Sections of one's own unit (bộ phận): add, rename, close, open again, and say which are one's own.

A report is assigned to a section, never to somebody: a person beside content would let whoever reads both find out
who works on what, and no row may join them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from nhipcau.actions.decision import Actor, NewId, Refusal
from nhipcau.bot.language.vietnamese import fold
from nhipcau.model.changes import Change, ChangePerson
from nhipcau.model.office_changes import AddSection, ChangeSection
from nhipcau.model.sections import Section

#: Open sections of one unit, and letters of a name.
MAX_SECTIONS, MAX_NAME_CHARS = 12, 40


def add(actor: Actor, known: Sequence[Section], name: str, new_id: NewId) -> list[Change] | Refusal:
    """A new section of the actor's unit; one of this name that was closed is open again. `known`: all of the unit."""
    same = named(known, name)
    if same and not same.closed:
        return Refusal("section.same", {"name": same.name})
    if sum(not section.closed for section in known) >= MAX_SECTIONS:
        return Refusal("section.full", {"n": MAX_SECTIONS})
    if same:
        return [ChangeSection(replace(same, closed=False), same, actor.id)]
    return [AddSection(Section(new_id("section"), actor.unit, name), actor.id)]


def rename(actor: Actor, known: Sequence[Section], id: str, name: str) -> list[Change] | Refusal:
    section, same = _of(known, id), named(known, name)
    if section is None:
        return Refusal("section.gone")
    if same and same.id != id:
        return Refusal("section.same", {"name": same.name})
    return [ChangeSection(replace(section, name=name), section, actor.id)] if section.name != name else []


def close(actor: Actor, known: Sequence[Section], id: str) -> list[Change] | Refusal:
    """Nothing more is assigned to it. Reports that were stay with it, and whoever chose it goes on seeing them."""
    section = _of(known, id)
    if section is None or section.closed:
        return Refusal("section.gone")
    return [ChangeSection(replace(section, closed=True), section, actor.id)]


def choose(actor: Actor, known: Sequence[Section], ids: Iterable[str]) -> list[Change]:
    """Which of them are the actor's own: sealed with their name, under their own key."""
    chosen = set(ids)
    return [ChangePerson(actor.id, {"sections": ",".join(each.id for each in known if each.id in chosen)})]


def named(known: Sequence[Section], name: str) -> Section | None:
    """The section of this name, however it is spelt."""
    return next((section for section in known if fold(section.name) == fold(name)), None)


def _of(known: Sequence[Section], id: str) -> Section | None:
    return next((section for section in known if section.id == id), None)
