"""Cards to print: made for everybody of a unit who has not joined, then printed as often as they work."""

from __future__ import annotations

from dataclasses import replace

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from nhipcau.actions.network import CARD_DAYS
from nhipcau.actions.permissions import NETWORKERS
from nhipcau.bot.channels.registry import apps_for_cards
from nhipcau.bot.units.tree import Unit
from nhipcau.console.downloads import attachment, record_export
from nhipcau.console.pages import render
from nhipcau.console.routes import Page
from nhipcau.console.visit import ROOT, Act, NotHere, Visit
from nhipcau.model.scope import Scope
from nhipcau.office.cards import CannotPrint, cards_pdf, link_for
from nhipcau.operations.operation_context import OperationContext
from nhipcau.operations.roster_cards import RosterCards, find_roster_cards, make_roster_cards, printed

#: Cards of one file: fifty pages, a quarter of a minute.
_MOST = 400


async def show(visit: Visit) -> Response:
    return await _page(visit)


async def _page(visit: Visit) -> Response:
    unit, app = _unit(visit), _app(visit)
    found = await _found(visit, unit)
    unreachable = visit.console.parts.settings.unreachable
    return await render(
        visit,
        "cards.html",
        here="network",
        unit=unit,
        units=[each for each in visit.office.tree.areas if visit.scope.holds(each)] or [unit],
        app=app,
        apps=_apps(visit),
        found=found,
        most=_MOST,
        days=CARD_DAYS,
        warning=visit.t(f"cli.invite.{unreachable}", url=visit.console.parts.settings.url) if unreachable else "",
    )


def _unit(visit: Visit) -> Unit:
    code = visit.query.get("unit", "")
    unit = visit.office.tree.by_code.get(code) if code else visit.person.unit
    if unit is None or not visit.scope.holds(unit):
        raise NotHere
    return unit


def _apps(visit: Visit) -> list[tuple[str, str]]:
    """Apps that are on, as a card's link would lead to them."""
    links = visit.office.links("X")
    return [(name, visit.t(f"channel.{name}")) for name in apps_for_cards() if links.get(name)]


def _app(visit: Visit) -> str:
    known, wanted = [name for name, _ in _apps(visit)], visit.query.get("app", "")
    return wanted if wanted in known else next(iter(known), "")


async def _found(visit: Visit, unit: Unit) -> RosterCards:
    at = visit.at
    context = OperationContext(at.connection, at.sealer, visit.office, visit.now)
    return await find_roster_cards(context, _scope(visit, unit), visit.actor)


def _scope(visit: Visit, unit: Unit) -> Scope:
    return replace(visit.scope, path=unit.path)


async def make(visit: Visit) -> Response:
    unit = _unit(visit)
    await make_roster_cards(visit.context, _scope(visit, unit), visit.actor, CARD_DAYS)
    return visit.go(f"{ROOT}/network/cards?unit={unit.code}&app={_app(visit)}", "cards")


async def print_them(visit: Visit) -> Response:
    """The sheets, of the first cards where there are too many."""
    unit, app = _unit(visit), _app(visit)
    found = await _found(visit, unit)
    links = [(card, link_for(visit.office.links(card.code), [app])) for card in found.cards[:_MOST]]
    drawn = [printed(card, link, visit.at.zone) for card, link in links if link]
    if not drawn:
        raise NotHere
    await record_export(visit, "invite.roster", len(drawn))
    try:
        data = await run_in_threadpool(cards_pdf, drawn, visit.t)
    except CannotPrint:
        visit.problem = visit.t("console.cards.not_printed")
        return await _page(visit)
    return attachment(data, f"cards-{unit.code}.pdf", "application/pdf")


PAGES = (
    Page("/network/cards", NETWORKERS, show, {"make": Act(make)}),
    Page("/network/cards/print", NETWORKERS, print_them),
)
