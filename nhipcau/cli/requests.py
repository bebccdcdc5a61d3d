"""`poll`, `rapid`, `notice`: ask or send from a file, list, close, stop."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from nhipcau.actions.opening import OpeningInput, Refusal, plan_opening
from nhipcau.bot.language.catalogue import Texts, texts
from nhipcau.cli.recurring_requests import attach, audience_in, content_in, form_of, lay_down, refused
from nhipcau.cli.runner import CommandFailed, WrongUse, print_json, print_line, unit_meant
from nhipcau.context import AppContext
from nhipcau.handlers.requests import request_messages
from nhipcau.handlers.requests.compose_request import reach_lines
from nhipcau.handlers.requests.request_draft import NOTICE_LIFETIME
from nhipcau.model.changes import OpenRequest
from nhipcau.model.counts import AudienceForecast
from nhipcau.model.requests import RequestState
from nhipcau.model.scope import Scope
from nhipcau.office.request_file import RequestFile, parse_duration, parse_moment, read_request
from nhipcau.office.yaml_validation import InvalidFile
from nhipcau.operations import requests as request_operations
from nhipcau.operations.operation_context import OperationContext
from nhipcau.privacy.identifiers import new_id
from nhipcau.storage import audiences, requests, running_counts
from nhipcau.storage.units import load_tree

Kind = Literal["poll", "rapid", "notice"]
_STATES = tuple(RequestState)
#: Questions beyond which fewer people answer them all.
_FEW = 5
#: Where the people asked stand, as a list shows it.
_PROGRESS = ("sent", "answered", "waiting", "undeliverable")


async def ask(
    parts: AppContext, kind: Kind, path: Path, unit: str, opens: str, closes: str, *, as_json: bool, dry_run: bool
) -> None:
    """Read the file, count the people and how they are reached, ask (now, or when due); `dry_run`: only count."""
    now, words = datetime.now(UTC), texts(parts.settings.language)
    try:
        spec = read_request(path, kind, now, parts.settings.zone)
    except InvalidFile as wrong:
        raise WrongUse(str(wrong)) from None
    if spec.every:
        _without_moments(opens, closes)
        await lay_down(parts, spec, path, unit, as_json=as_json, dry_run=dry_run)
        return
    async with parts.database.writing() as connection:
        work = await parts.work(connection)
        tree = work.office.tree
        asker = unit_meant(tree, unit)
        audience = audience_in(tree, spec, asker.path)
        people = await audiences.count_audience(connection, Scope.office(), audience)
        wanted = _wanted(spec, people, opens, closes, now, parts.settings.zone)
        opening = plan_opening(wanted, parts.settings.quiet_hours, parts.settings.zone, now)
        if isinstance(opening, Refusal):
            raise refused(opening, words, opens)
        today = now.astimezone(parts.settings.zone).date()
        budget = 0 if opening.urgent else parts.settings.push_budget
        reached = await audiences.forecast_audience(connection, Scope.office(), audience, now, today, budget)
        id = "" if dry_run else new_id("request")
        form = form_of(spec, id, words)
        await _check_repeated(work, spec)
        # last: what is refused leaves no file behind
        along = attach(parts, spec, path, dry_run=dry_run)
        row = OpenRequest(
            id=id,
            unit_id=asker.id,
            content=replace(content_in(spec, form, along), urgent=opening.urgent),
            audience=audience,
            opens_at=opening.opens_at,
            closes_at=opening.closes_at,
            asked_by=None,
            repeats=spec.repeats,
        )
        if not dry_run:
            await request_operations.create(work, row)
            if opening.opens_at <= now:
                people = await request_operations.open_request(work, id)
    if as_json:
        print_json({"id": id or None, "people": people, "reach": _reach(reached)})
        return
    print_line(f"{id or 'would go to'}: {people} people")
    lines = reach_lines(reached, words, budget)
    if opening.held and wanted.opens_at:
        lines.append(
            words("compose.later_held", time=request_messages.moment(opening.opens_at, parts.settings.zone, words))
        )
    elif opening.held:
        lines.append(words("compose.held", time=f"{opening.opens_at:%H:%M}"))
    for line in [*lines, *_advice(spec, words)]:
        print_line(line)


def _advice(spec: RequestFile, words: Texts) -> list[str]:
    """What speaks against asking so, and does not forbid it."""
    asked = len(spec.questions)
    return [words("compose.many_questions", n=asked, few=_FEW)] if asked > _FEW else []


def _without_moments(opens: str, closes: str) -> None:
    """Raises WrongUse where a rule is given the moments of one request."""
    if opens or closes:
        raise WrongUse("--open and --close go with what is asked once; every: says when it is repeated.")


def _wanted(spec: RequestFile, people: int, opens: str, closes: str, now: datetime, zone: ZoneInfo) -> OpeningInput:
    """What file and options say. Raises WrongUse for what is no moment."""
    at = _moment_or_length("--open", opens, zone) if opens not in {"", "now"} else None
    until = _moment_or_length("--close", closes, zone) if closes else None
    return OpeningInput(
        kind=spec.kind,
        people=people,
        opens_at=now + at if isinstance(at, timedelta) else at,
        closes=until or spec.closes_at or spec.duration or NOTICE_LIFETIME,
        urgent=spec.urgent,
        passes_quiet=opens == "now",
    )


async def _check_repeated(work: OperationContext, spec: RequestFile) -> None:
    """Raises WrongUse where the poll it asks again is none, or has not closed."""
    if not spec.repeats:
        return
    found = (await requests.read_requests(work.connection, work.office.tree, [spec.repeats])).get(spec.repeats)
    if found is None or not found.is_poll or found.state != "closed":
        raise WrongUse(f"repeats: {spec.repeats} is no closed poll: see `nhipcau poll list`.")


def _reach(reached: AudienceForecast) -> dict[str, object]:
    """What a program reads of how people would be told; `price` in đồng."""
    found: dict[str, object] = {name: getattr(reached, name) for name in ("free", "paid", "price")}
    found |= {"other_door": reached.other_door, "unreached": reached.unreached, "next_week": reached.full}
    found["by_channel"] = dict(reached.by_channel)
    found["plans"] = {name: {"sent": sent, "messages": most} for name, sent, most in reached.plans}
    return found


def _moment_or_length(option: str, text: str, zone: ZoneInfo) -> datetime | timedelta:
    found = parse_duration(text) or parse_moment(text, zone)
    if found is None:
        raise WrongUse(f"{option} {text!r}: a moment like 2026-12-01 17:00, or a length like 90m, 24h, 3d.")
    return found


async def listing(parts: AppContext, kind: Kind, *, as_json: bool) -> None:
    async with parts.database.reading() as connection:
        tree = await load_tree(connection)
        found = await requests.requests_of(connection, Scope.office(), tree, (kind,), _STATES)
        progress = await running_counts.progress(connection, [r.id for r in found])
    zone = parts.settings.zone
    rows = [
        {
            "id": r.id,
            "title": r.title,
            "unit": r.unit.code,
            "state": r.state,
            "people": r.asked,
            **{name: progress[r.id][name] for name in _PROGRESS if name != "waiting"},
            # once it has ended nothing more is sent
            "waiting": progress[r.id]["waiting"] if r.state in {"scheduled", "open"} else 0,
            "opens": r.opens_at.astimezone(zone).isoformat(timespec="minutes"),
            "closes": r.closes_at.astimezone(zone).isoformat(timespec="minutes"),
        }
        for r in found
    ]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        went = ", ".join(f"{row[name]} {name}" for name in _PROGRESS if row[name])
        people = f"{row['people']} people" + (f" ({went})" if went else "")
        print_line(f"{row['id']}  {row['state']}  {people}  until {row['closes']}  {row['title']}")


async def end(parts: AppContext, kind: Kind, id: str, *, stop: bool, as_json: bool) -> None:
    """Close as at the due moment, or withdraw."""
    had = unsent = 0
    async with parts.database.writing() as connection:
        work = await parts.work(connection)
        request = (await requests.read_requests(connection, work.office.tree, [id])).get(id)
        if request is None or request.kind != kind:
            raise WrongUse(f"No {kind} {id}: see `nhipcau {kind} list`.")
        if request.state not in {"open", "scheduled"}:
            raise CommandFailed(f"{id} is {request.state} already.")
        if stop:
            unsent = (await running_counts.progress(connection, [id]))[id]["waiting"]
            had = await request_operations.stop(work, id)
        else:
            await request_operations.close(work, id)
    for key in work.after.keys:
        parts.sealer.forget(key)
    await parts.database.wipe()
    if as_json:
        print_json(
            {"id": id, "state": "stopped", "had": had, "unsent": unsent} if stop else {"id": id, "state": "closed"}
        )
        return
    print_line(f"{id}: stopped, {had} people had it, {unsent} were not sent it." if stop else f"{id}: closed.")
