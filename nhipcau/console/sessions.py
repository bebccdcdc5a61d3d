"""Phiên đăng nhập: everybody sees where they are signed in, and ends one session or all others."""

from __future__ import annotations

from datetime import timedelta

from starlette.responses import Response

from nhipcau.actions.permissions import OFFICE_ROLES
from nhipcau.console.pages import render
from nhipcau.console.routes import Page
from nhipcau.console.visit import ROOT, Act, Visit
from nhipcau.storage import console_sessions
from nhipcau.storage.audit import record_audit


async def show(visit: Visit) -> Response:
    found = await console_sessions.sessions_of(visit.at.connection, visit.person.id, visit.now)
    zone = visit.at.zone
    lines = [(each, each.used_at.astimezone(zone), ago(visit, visit.now - each.used_at)) for each in found]
    return await render(visit, "sessions.html", lines=lines, own=visit.session.id)


def ago(visit: Visit, past: timedelta) -> str:
    """ "2 giờ trước"."""
    minutes = int(past.total_seconds() // 60)
    if minutes < 5:
        return visit.t("console.sessions.now")
    return visit.t(
        "console.sessions.hours" if minutes >= 60 else "console.sessions.minutes", n=minutes // 60 or minutes
    )


async def end_one(visit: Visit) -> Response:
    id = visit.value("session")
    await _end(visit, [id])
    return visit.go(ROOT if id == visit.session.id else f"{ROOT}/sessions", "ended")


async def end_others(visit: Visit) -> Response:
    found = await console_sessions.sessions_of(visit.at.connection, visit.person.id, visit.now)
    await _end(visit, [each.id for each in found if each.id != visit.session.id])
    return visit.go(f"{ROOT}/sessions", "ended")


async def _end(visit: Visit, ids: list[str]) -> None:
    ended = [id for id in ids if id and await console_sessions.end(visit.context.connection, visit.person.id, id)]
    if ended:
        record_audit(visit.context, "console.end", visit.person.id, len(ended))


PAGES = (Page("/sessions", OFFICE_ROLES, show, {"end": Act(end_one), "others": Act(end_others)}),)
