"""Thiết lập: the way to the first phone, channels with their checks, clusters, terms, roles, backups, sessions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from nhipcau.actions import second_factor
from nhipcau.actions.decision import Refusal
from nhipcau.actions.permissions import ADMINS
from nhipcau.actions.units import LONGEST_CLUSTER, set_cluster
from nhipcau.bot.channels.registry import CHANNELS
from nhipcau.bot.channels.traits import Check
from nhipcau.bot.units.tree import Tree
from nhipcau.console.pages import render
from nhipcau.console.routes import Page
from nhipcau.console.visit import ROOT, Act, NotHere, Visit
from nhipcau.model.network_queries import StatesOf
from nhipcau.model.people import Role
from nhipcau.office.legal_documents import TERMS
from nhipcau.privacy.key_copy import copy_state
from nhipcau.storage import console_sessions
from nhipcau.storage.audit import AuditFilter, newest_entries, record_audit
from nhipcau.storage.second_factors import is_required, second_factor_of
from nhipcau.storage.units import load_tree


@dataclass(frozen=True, slots=True)
class ChannelLine:
    name: str
    is_on: bool
    #: None: this process does not run it.
    works: bool | None
    detail: str


@dataclass(frozen=True, slots=True)
class Step:
    """On the way to the first joined phone; its words are `console.settings.step.NAME`."""

    name: str
    is_done: bool
    #: Where it is done; "": at the command line.
    path: str = ""


async def show(visit: Visit) -> Response:
    return await _page(visit)


async def _page(visit: Visit, checks: Sequence[Check] = ()) -> Response:
    # of the tree that is kept only the clusters may be of earlier
    tree = await load_tree(visit.at.connection)
    settings = visit.console.parts.settings
    terms = {
        "report_months": settings.report_months,
        "follow_up_days": settings.follow_up_days,
        "audit_months": settings.audit_months,
    }
    connection, sealer = visit.at.connection, visit.at.sealer
    copied = await run_in_threadpool(copy_state, settings.keys)
    return await render(
        visit,
        "settings.html",
        here="settings",
        steps=await _steps(visit, tree),
        channels=_channels(visit),
        checks=checks,
        communes=[(unit, tree.cluster_of(unit)) for unit in tree.areas if _is_theirs(visit, unit.id, tree)],
        longest=LONGEST_CLUSTER,
        terms=[visit.t(f"law.term.{name}", **terms) for name in TERMS if name != "backup"],
        roles=tuple(Role),
        backup=await _last(visit, "backup.make"),
        restore=await _last(visit, "backup.restore"),
        keys_copied=copied.day,
        keys_current=copied.is_current and not copied.people,
        factor_required=await is_required(connection),
        is_root=visit.person.unit.parent_id is None,
        sessions=await console_sessions.sessions_in(connection, visit.scope, sealer, tree, visit.now),
    )


def _is_theirs(visit: Visit, unit_id: int, tree: Tree) -> bool:
    unit = tree.by_id[unit_id]
    return unit.parent_id is not None and visit.scope.holds(unit)


async def _last(visit: Visit, kind: str) -> date | None:
    """The last day the audit knows of."""
    found = await newest_entries(visit.at.connection, AuditFilter(kind=kind), 1)
    return found[0].day if found else None


async def _steps(visit: Visit, tree: Tree) -> list[Step]:
    """None once a collaborator has joined."""
    states = (await visit.ask(StatesOf(visit.scope))).values()
    joined = sum(number for each in states for state, number in each.items() if state in {"consented", "unreachable"})
    people = sum(number for each in states for state, number in each.items() if state != "left")
    # whoever reads this has joined
    if joined > 1:
        return []
    is_on = any(each.is_on(visit.console.parts.settings) and not each.recipients_fetch for each in CHANNELS)
    cards = await _last(visit, "invite.roster")
    return [
        Step("province", len(tree.units) > 1),
        Step("people", people > 1, "/network/roster"),
        Step("channel", is_on),
        Step("cards", cards is not None, "/network/cards"),
        Step("poll", False, "/requests/new?kind=poll"),
    ]


def _channels(visit: Visit) -> list[ChannelLine]:
    found, t = [], visit.t
    for each in CHANNELS:
        running = visit.console.channels.get(each.name)
        is_on = each.is_on(visit.console.parts.settings)
        state = running.status() if running and is_on else None
        detail = state.detail if state else "" if is_on else t("console.settings.off", settings=each.switch)
        found.append(ChannelLine(t(f"channel.{each.name}"), is_on, state.ok if state else None, detail))
    return found


async def check(visit: Visit) -> Response:
    """Ask each channel's app whether all is well, as `doctor` does."""
    settings = visit.console.parts.settings
    found: list[Check] = []
    for each in CHANNELS:
        if each.is_on(settings):
            found += await each.checks(settings, settings.url, settings.keys, visit.t)
    return await _page(visit, found)


async def put_into_cluster(visit: Visit) -> Response:
    tree = visit.office.tree
    chosen = [tree.by_code[code] for code in dict.fromkeys(visit.values("commune")) if code in tree.by_code]
    decided = set_cluster(visit.actor, chosen, visit.value("cluster"))
    if isinstance(decided, Refusal):
        visit.refuse(decided)
        return await _page(visit)
    await visit.apply(decided)
    return visit.go(f"{ROOT}/settings", "cluster")


async def require(visit: Visit) -> Response:
    return await _require(visit, required=True)


async def release(visit: Visit) -> Response:
    return await _require(visit, required=False)


async def _require(visit: Visit, *, required: bool) -> Response:
    """Ask everybody for a second factor, or no longer."""
    own = await second_factor_of(visit.context.connection, visit.context.sealer, visit.person.id)
    decided = second_factor.require(visit.actor, own, required=required)
    if isinstance(decided, Refusal):
        visit.refuse(decided)
        return await _page(visit)
    await visit.apply(decided)
    return visit.go(f"{ROOT}/settings", "factor_required" if required else "factor_released")


async def end_session(visit: Visit) -> Response:
    """Somebody else's, within the scope."""
    found = await console_sessions.sessions_in(
        visit.at.connection, visit.scope, visit.at.sealer, visit.office.tree, visit.now
    )
    whose = next((person for person, session in found if session.id == visit.value("session")), None)
    if whose is None:
        raise NotHere
    await console_sessions.end(visit.context.connection, whose.id, visit.value("session"))
    record_audit(visit.context, "console.end", visit.person.id)
    return visit.go(f"{ROOT}/settings", "ended")


PAGES = (
    Page(
        "/settings",
        ADMINS,
        show,
        {
            "check": Act(check, writes=False),
            "cluster": Act(put_into_cluster),
            "end": Act(end_session),
            "require": Act(require),
            "release": Act(release),
        },
    ),
)
