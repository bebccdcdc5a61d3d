"""Tổng hợp: the kept syntheses of the scope, and a new one for a period."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response

from nhipcau.actions import syntheses as actions
from nhipcau.actions.awaited_syntheses import Awaited, awaited_from_below
from nhipcau.actions.decision import Refusal
from nhipcau.actions.permissions import COORDINATORS, READERS, may
from nhipcau.bot.language.periods import before, month_of, period_words, read_period
from nhipcau.bot.language.topic_guess import TOPICS
from nhipcau.bot.units.tree import Unit
from nhipcau.console.pages import render
from nhipcau.console.routes import Page
from nhipcau.console.visit import ROOT, Act, Visit
from nhipcau.handlers.insight.synthesis_messages import theme_words
from nhipcau.model.kept_syntheses import KeptSynthesis
from nhipcau.model.synthesis import Layout
from nhipcau.model.synthesis_queries import Syntheses
from nhipcau.operations.kept_syntheses import Workshop


def workshop(visit: Visit) -> Workshop:
    return Workshop(visit.console.committer, visit.console.parts.settings.documents)


def units_of(visit: Visit) -> list[Unit]:
    """Whom a synthesis may be about: one's own unit first, then the communes and agencies below it."""
    own = visit.person.unit
    return [own, *(unit for unit in visit.office.tree.areas if visit.scope.holds(unit) and unit.id != own.id)]


def late_from_below(visit: Visit, kept: Sequence[KeptSynthesis]) -> list[Awaited]:
    """Periods whose syntheses of units below are overdue, with these units. `kept`: all of the scope."""
    found = awaited_from_below(visit.person.unit, kept, visit.office.tree.areas, visit.today)
    return [each for each in found if each.is_late(visit.today)]


async def show(visit: Visit) -> Response:
    t = visit.t
    found = await visit.ask(Syntheses(visit.scope))
    wanted, late = visit.query.get("state", ""), visit.query.get("late", "")
    awaited = next((each for each in late_from_below(visit, found) if each.period.text == late), None)
    return await render(
        visit,
        "syntheses.html",
        here="syntheses",
        rows=[(kept, theme_words(kept, t)) for kept in found if wanted in {"", kept.state}],
        late=awaited.missing if awaited else (),
        late_facts={"period": period_words(awaited.period.text, t), "day": f"{awaited.due:%d/%m/%Y}"}
        if awaited
        else {},
        may_draft=may(visit.person, COORDINATORS),
        units=units_of(visit),
        layouts=list(Layout),
        topics=[(code, t(f"topic.{code}")) for code in TOPICS],
        period=period_words(before(month_of(visit.today)).text, t),
    )


async def draft(visit: Visit) -> Response:
    t, period = visit.t, read_period(visit.value("period"), visit.today)
    unit = visit.office.tree.by_code.get(visit.value("unit"))
    layout = next((each for each in Layout if each == visit.value("layout")), Layout.STATE)
    if period is None or unit is None or not visit.scope.holds(unit):
        visit.problem = t("console.syntheses.no_period" if period is None else "syntheses.not_yours")
        return await show(visit)
    # a document is written in the office's language, whoever drafts it
    language = visit.console.parts.settings.language
    topics = tuple(sorted({code for code in visit.values("topic") if code in TOPICS}))
    made = await workshop(visit).draft(
        lambda _, today: actions.draft(visit.actor, unit, period, layout, language, today, visit.console.new_id, topics)
    )
    if not isinstance(made, Refusal):
        return visit.go(f"{ROOT}/syntheses/{made.id}", "synthesis_drafted")
    for kept in await visit.ask(Syntheses(visit.scope)) if made.key == "syntheses.is_there" else ():
        if (kept.unit.id, kept.period, kept.layout, kept.topics) == (unit.id, period.text, layout, topics):
            return visit.go(f"{ROOT}/syntheses/{kept.id}", "synthesis_is_there")
    visit.refuse(made)
    return await show(visit)


PAGES = (Page("/syntheses", READERS, show, {"draft": Act(draft, writes=False)}),)
