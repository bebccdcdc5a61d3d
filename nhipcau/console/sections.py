"""Bộ phận: the sections of one's own unit, and which of them are one's own."""

from __future__ import annotations

from starlette.responses import Response

from nhipcau.actions import sections as actions
from nhipcau.actions.decision import Refusal
from nhipcau.actions.permissions import COORDINATORS
from nhipcau.console.assignment import read_section
from nhipcau.console.pages import render
from nhipcau.console.routes import Page
from nhipcau.console.visit import ROOT, Act, Visit
from nhipcau.model.changes import Change
from nhipcau.model.office_queries import Sections

_PLACE = f"{ROOT}/sections"


async def show(visit: Visit) -> Response:
    known = await visit.ask(Sections(visit.scope))
    mine = set(visit.values("mine") if visit.value("do") == "choose" else visit.person.sections)
    return await render(
        visit,
        "sections.html",
        here="reports",
        sections=[section for section in known if not section.closed or section.id in mine],
        mine=mine,
        most=actions.MAX_SECTIONS,
        longest=actions.MAX_NAME_CHARS,
    )


async def add(visit: Visit) -> Response:
    name = await read_section(visit, "name")
    if name is None:
        return await show(visit)
    known = await visit.ask(Sections(visit.scope))
    return await _settle(visit, actions.add(visit.actor, known, name, visit.console.new_id), "section_added")


async def rename(visit: Visit) -> Response:
    name = await read_section(visit, "new_name")
    if name is None:
        return await show(visit)
    known = await visit.ask(Sections(visit.scope))
    return await _settle(visit, actions.rename(visit.actor, known, visit.value("section"), name), "section_renamed")


async def close(visit: Visit) -> Response:
    known = await visit.ask(Sections(visit.scope))
    return await _settle(visit, actions.close(visit.actor, known, visit.value("section")), "section_closed")


async def choose(visit: Visit) -> Response:
    known = await visit.ask(Sections(visit.scope))
    return await _settle(visit, actions.choose(visit.actor, known, visit.values("mine")), "sections_chosen")


async def _settle(visit: Visit, decided: list[Change] | Refusal, done: str) -> Response:
    if isinstance(decided, Refusal):
        visit.refuse(decided)
        return await show(visit)
    await visit.apply(decided)
    return visit.go(_PLACE, done)


_ACTS = {"add": Act(add), "rename": Act(rename), "close": Act(close), "choose": Act(choose)}
PAGES = (Page("/sections", COORDINATORS, show, _ACTS),)
