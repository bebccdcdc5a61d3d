"""Nhật ký: who (a random handle) did what kind of thing to how many on which day, and whether it holds."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from nhipcau.actions.permissions import ADMINS
from nhipcau.bot.language.catalogue import Texts
from nhipcau.console.downloads import attachment, csv_file
from nhipcau.console.pages import render
from nhipcau.console.routes import Page
from nhipcau.console.visit import ROOT, Act, Visit
from nhipcau.model.audit_kinds import AUDIT_KINDS
from nhipcau.model.scope import OFFICE
from nhipcau.office.workbook import Sheet, write_book
from nhipcau.privacy.audit_chain import Break
from nhipcau.storage.audit import AuditFilter, Entry, newest_entries, verify

_PAGE_SIZE = 100
#: More than the days that are kept have.
_ALL = 1_000_000
_NOUNS = sorted({kind.partition(".")[0] for kind in AUDIT_KINDS})
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def show(visit: Visit) -> Response:
    if (form := visit.query.get("format", "")) in {"csv", "xlsx"}:
        return await _file(visit, form)
    return await _page(visit)


async def _page(visit: Visit, *, state: str = "", holds: bool = True) -> Response:
    which, t = _which(visit), visit.t
    found = await newest_entries(visit.at.connection, which, _PAGE_SIZE + 1, _after(visit))
    page = found[:_PAGE_SIZE]
    kinds = [(noun, _about(noun, t)) for noun in _NOUNS]
    kinds += [(which.kind, _words(which.kind, t))] if which.kind not in {"", *_NOUNS} else []
    given = {
        "since": which.since.isoformat() if which.since else "",
        "until": which.until.isoformat() if which.until else "",
        "kind": which.kind,
    }
    last = page[-1] if len(found) > _PAGE_SIZE else None
    following = {**given, "after": f"{last.day.isoformat()}.{last.who}.{last.kind}"} if last else {}
    return await render(
        visit,
        "audit.html",
        here="audit",
        lines=[(entry.day, _who(entry, t), _words(entry.kind, t), entry.number) for entry in page],
        kinds=kinds,
        given=given,
        is_cut="after" in visit.query,
        following=_address(following) if following else "",
        address=lambda **changed: _address({**given, **changed}),
        state=state,
        holds=holds,
    )


def _which(visit: Visit) -> AuditFilter:
    kind = visit.query.get("kind", "")
    return AuditFilter(
        _day(visit.query.get("since", "")),
        _day(visit.query.get("until", "")),
        kind if kind in {*AUDIT_KINDS, *_NOUNS} else "",
    )


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def _after(visit: Visit) -> tuple[date, str, str] | None:
    day, _, rest = visit.query.get("after", "").partition(".")
    who, _, kind = rest.partition(".")
    found = _day(day)
    return (found, who, kind) if found else None


def _address(given: Mapping[str, object]) -> str:
    return f"{ROOT}/audit?{urlencode({name: value for name, value in given.items() if value})}"


def _who(entry: Entry, t: Texts) -> str:
    if entry.who and entry.who != OFFICE:
        return entry.who
    return t("cli.audit.office" if entry.who else "cli.audit.outside")


def _words(kind: str, t: Texts) -> str:
    # kinds of a later version, in a database put back from its backup, have no words here
    return t(f"cli.audit.kind.{kind}") if t.has(f"cli.audit.kind.{kind}") else kind


def _about(noun: str, t: Texts) -> str:
    key = f"console.audit.about.{noun}"
    return t(key) if t.has(key) else noun


async def _file(visit: Visit, form: str) -> Response:
    t = visit.t
    found = await newest_entries(visit.at.connection, _which(visit), _ALL)
    titles = [t(f"console.audit.{name}") for name in ("day", "who", "kind", "what", "number")]
    if form == "csv":
        rows: Sequence[list[Any]] = [
            [entry.day.isoformat(), _who(entry, t), entry.kind, _words(entry.kind, t), entry.number] for entry in found
        ]
        return csv_file("audit", titles, rows)
    rows = [[entry.day, _who(entry, t), entry.kind, _words(entry.kind, t), entry.number] for entry in found]
    out = io.BytesIO()
    await run_in_threadpool(write_book, out, [Sheet(t("console.audit.title"), titles, rows)])
    return attachment(out.getvalue(), "audit.xlsx", _XLSX)


async def check(visit: Visit) -> Response:
    """Whether any line was edited, deleted, added or moved."""
    # the head is read before the view begins, so a view of its own
    async with visit.console.parts.database.reading() as connection:
        found = await verify(connection, visit.at.sealer)
    t = visit.t
    if not isinstance(found, Break):
        return await _page(visit, state=t("cli.audit.holds", lines=found[0], days=found[1]))
    facts: dict[str, Any] = {"day": f"{found.day:%d/%m/%Y}", "number": found.number}
    if found.line:
        line = Entry(found.line.day, found.line.who, found.line.kind, found.line.number)
        facts["line"] = f"{_who(line, t)}, {_words(line.kind, t)}"
    return await _page(visit, state=t(f"cli.audit.broken.{found.what}", **facts), holds=False)


PAGES = (Page("/audit", ADMINS, show, {"check": Act(check, writes=False)}),)
