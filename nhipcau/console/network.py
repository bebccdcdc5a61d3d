"""Mạng lưới: the units with how many people each has, and the people, searched and page after page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from starlette.responses import Response

from nhipcau.actions.permissions import NETWORKERS
from nhipcau.bot.units.tree import Tree, Unit
from nhipcau.console.downloads import download
from nhipcau.console.pages import render
from nhipcau.console.routes import Page
from nhipcau.console.visit import ROOT, Act, NotHere, Visit
from nhipcau.model.data_requests import MAX_NOTE_CHARS, masked_note
from nhipcau.model.network_queries import HeardOf, MemberFilter, MembersOf, StatesOf
from nhipcau.model.people import SHOWN_STATES, Role
from nhipcau.model.report_tallies import Heard
from nhipcau.model.scope import Access
from nhipcau.office.export_tables import people_table
from nhipcau.operations.people_exports import record_people_export
from nhipcau.storage.people import consent_moments

#: Days back in which a unit counts as heard of.
_HEARD_DAYS = 28
_PAGE_SIZE = 50
#: More people than a province has.
_EVERYBODY = 1_000_000
#: States with a column in the table of units.
_COLUMNS = ("consented", "invited", "paused", "unreachable")


@dataclass(frozen=True, slots=True)
class UnitLine:
    """A unit with all below it, or (`own`) only itself."""

    unit: Unit
    own: bool
    people: int
    states: Mapping[str, int]
    heard: Heard | None


async def show(visit: Visit) -> Response:
    return await _page(visit)


async def _page(visit: Visit) -> Response:
    which = _which(visit)
    after = visit.query.get("after", "")
    found = await visit.ask(MembersOf(visit.scope, which, after, _PAGE_SIZE))
    unit = which.unit or visit.person.unit
    lines = await _lines(visit, unit)
    return await render(
        visit,
        "network.html",
        here="network",
        unit=unit,
        above=_above(visit, unit),
        lines=lines,
        columns=_COLUMNS,
        which=which,
        page=found,
        states=SHOWN_STATES,
        roles=tuple(Role),
        heard_days=_HEARD_DAYS,
        address=lambda **changed: address_of(which, **changed),
        following=address_of(which, after=found.following) if found.following else "",
        is_cut=bool(after),
        channel=lambda name: visit.t(f"channel.{name}") if visit.t.has(f"channel.{name}") else name,
    )


def _which(visit: Visit) -> MemberFilter:
    """The filter in the address. Raises NotHere for a unit that is not in the scope."""
    code = visit.query.get("unit", "").strip()
    unit = visit.office.tree.by_code.get(code)
    if code and (unit is None or not visit.scope.holds(unit)):
        raise NotHere
    state, role = visit.query.get("state", ""), visit.query.get("role", "")
    return MemberFilter(
        unit,
        bool(unit and visit.query.get("own")),
        visit.query.get("q", "").strip()[:120],
        state if state in SHOWN_STATES else "",
        role if role in tuple(Role) else "",
    )


def address_of(which: MemberFilter, **changed: object) -> str:
    """The page with this filter; `changed`: fields of the address that differ ("": left out)."""
    given: dict[str, object] = {
        "unit": which.unit.code if which.unit else "",
        "own": "1" if which.own else "",
        "q": which.words,
        "state": which.state,
        "role": which.role,
    }
    wanted = {name: value for name, value in (given | changed).items() if value}
    return f"{ROOT}/network?{urlencode(wanted)}" if wanted else f"{ROOT}/network"


def _above(visit: Visit, unit: Unit) -> list[Unit]:
    """The units above this one, as far as the scope reaches, the topmost first."""
    found: list[Unit] = []
    by_id = visit.office.tree.by_id
    while unit.parent_id is not None and visit.scope.holds(parent := by_id[unit.parent_id]):
        found.insert(0, parent)
        unit = parent
    return found


async def _lines(visit: Visit, unit: Unit) -> list[UnitLine]:
    """The unit itself where people belong to it, and each one directly below with all below it."""
    tree, states = visit.office.tree, await visit.ask(StatesOf(visit.scope))
    heard: Mapping[int, Heard] = {}
    if visit.scope.reads(Access.FIGURES):
        last = visit.today
        heard = await visit.ask(HeardOf(visit.scope, last - timedelta(days=_HEARD_DAYS - 1), last))
    below = sorted((each for each in tree.units if each.parent_id == unit.id), key=lambda each: each.code)
    totals = _totals(tree, states)
    found = [_line(each, totals[each.id], heard.get(each.id)) for each in below]
    if unit.id in states or not found:
        found.insert(0, _line(unit, Counter(states.get(unit.id, {})), None, own=True))
    return found


def _totals(tree: Tree, states: Mapping[int, Mapping[str, int]]) -> dict[int, Counter[str]]:
    """Unit id → state → how many people of it and below."""
    totals: dict[int, Counter[str]] = {unit.id: Counter() for unit in tree.units}
    for unit_id, numbers in states.items():
        at: int | None = unit_id
        while at is not None:
            totals[at].update(numbers)
            at = tree.by_id[at].parent_id
    return totals


def _line(unit: Unit, states: Counter[str], heard: Heard | None, *, own: bool = False) -> UnitLine:
    return UnitLine(unit, own, states.total() - states["left"], states, heard)


async def take_out(visit: Visit) -> Response:
    """The people of the list as a file; why is asked, and kept in the register (rule R24)."""
    t, which = visit.t, _which(visit)
    why = masked_note(visit.value("why"), visit.office.tree.known_places)
    if not why or len(why) > MAX_NOTE_CHARS:
        visit.problem = t("console.network.why_needed", most=MAX_NOTE_CHARS)
        return await _page(visit)
    members = (await visit.ask(MembersOf(visit.scope, which, "", _EVERYBODY))).members
    moments = await consent_moments(visit.at.connection, [member.id for member in members])
    days = {id: moment.astimezone(visit.at.zone).date() for id, moment in moments.items()}
    await record_people_export(visit.context, len(members), why, visit.person.id)
    return await download("people", people_table(members, days, t), visit.value("format"), t)


PAGES = (Page("/network", NETWORKERS, show, {"take_out": Act(take_out)}),)
