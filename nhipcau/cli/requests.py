"""Requests made once: create one from a file, list, close, stop."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from nhipcau.actions import requests as actions
from nhipcau.actions.decision import Refusal
from nhipcau.actions.opening import OpeningInput, OpeningRefusal, plan_opening
from nhipcau.actions.requests import create
from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.faults import Fault
from nhipcau.bot.units.tree import Unit
from nhipcau.cli.recurring_requests import (
    asked_line,
    attach,
    audience_in,
    create_rule,
    form_of,
    read_file,
    refusal_error,
)
from nhipcau.cli.runner import CommandFailed, WrongUse, print_result, spoken
from nhipcau.cli.sample import audience_of_sample
from nhipcau.cli.transaction import Transaction, reading, writing
from nhipcau.context import AppContext
from nhipcau.handlers.requests.compose_request import format_number, plan_line
from nhipcau.handlers.requests.request_draft import NOTICE_LIFETIME
from nhipcau.handlers.requests.request_messages import moment
from nhipcau.handlers.requests.written_request import content_in
from nhipcau.model.counts import AudienceForecast
from nhipcau.model.queries import AskedBefore, CountAudience, CountVouched, ForecastAudience, RequestsOf
from nhipcau.model.request_kinds import RequestKind
from nhipcau.model.requests import Audience, RequestState
from nhipcau.model.scope import Scope
from nhipcau.office.request_file import RequestFile, parse_duration, parse_moment
from nhipcau.operations.requests import open_request
from nhipcau.privacy.identifiers import new_id
from nhipcau.storage import requests, running_counts

#: With more questions than this, fewer people answer them all.
_MANY_QUESTIONS = 5
#: Counts of people displayed in a list.
_PROGRESS = ("sent", "answered", "waiting", "undeliverable")


async def ask(
    parts: AppContext,
    kind: RequestKind,
    path: Path,
    unit: str,
    opens: str,
    closes: str,
    *,
    as_json: bool,
    dry_run: bool,
) -> None:
    """Create the request of a file and print how many people it reaches, and how; `dry_run`: only print."""
    now, t = datetime.now(UTC), spoken()
    spec = read_file(parts, path, kind, now)
    if spec.every:
        _check_no_moments(opens, closes)
        await create_rule(parts, spec, path, unit, as_json=as_json, dry_run=dry_run)
        return
    zone = parts.settings.zone
    async with writing(parts) as transaction:
        actor = transaction.office(unit)
        audience = _audience(transaction, spec, path, actor.unit)
        people = await transaction.load(CountAudience(Scope.office(), audience))
        is_poll = kind == RequestKind.POLL
        counted = await transaction.load(CountVouched(Scope.office(), audience)) if is_poll else 0
        wanted = replace(_opening_input(spec, people, opens, closes, now, zone), vouched=counted)
        opening = plan_opening(wanted, parts.settings.quiet_hours, zone, now)
        if isinstance(opening, OpeningRefusal):
            raise refusal_error(opening, opens)
        budget = 0 if opening.urgent else parts.settings.push_budget
        forecast = await transaction.load(ForecastAudience(Scope.office(), audience, budget))
        id = "" if dry_run else new_id("request")
        form = form_of(spec, id, t)
        again = AskedBefore(Scope.office(), audience, form, opening.opens_at, spec.repeats)
        before = is_poll and await transaction.load(again)
        await _check_repeated(transaction, spec)
        # attach last, so that a refusal leaves no file behind
        attachment = attach(parts, spec, path, dry_run=dry_run)
        if not dry_run:
            await transaction.apply(
                [create(actor, content_in(spec, form, attachment), audience, opening, id, spec.repeats)]
            )
            if opening.opens_at <= now:
                people = await open_request(transaction.context, id)
    lines = [asked_line(id, people, t), *_forecast_lines(forecast, t, budget)]
    if before:
        lines.append(t("compose.asked_before"))
    if opening.held and wanted.opens_at:
        lines.append(t("compose.later_held", time=moment(opening.opens_at, zone, t)))
    elif opening.held:
        lines.append(t("compose.held", time=f"{opening.opens_at:%H:%M}"))
    body = {"id": id or None, "people": people, "reach": _forecast_json(forecast)}
    print_result(as_json, body, *lines, *_advice(spec, t))


def _audience(transaction: Transaction, spec: RequestFile, path: Path, asking: Unit) -> Audience:
    if spec.sample_file:
        return audience_of_sample(transaction.tree, transaction.parts.sealer, spec, path, asking)
    return audience_in(transaction.tree, spec, asking.path)


def _advice(spec: RequestFile, t: Texts) -> list[str]:
    """Warnings that don't prevent the request."""
    asked = len(spec.questions)
    return [t("compose.many_questions", n=asked, few=_MANY_QUESTIONS)] if asked > _MANY_QUESTIONS else []


def _check_no_moments(opens: str, closes: str) -> None:
    """Raises WrongUse if --open or --close is given for a rule."""
    if opens or closes:
        raise WrongUse("cli.asked.no_moments")


def _opening_input(
    spec: RequestFile, people: int, opens: str, closes: str, now: datetime, zone: ZoneInfo
) -> OpeningInput:
    """The opening that file and options ask for. Raises WrongUse for what is no moment or length."""
    opens_at = _moment_or_length("--open", opens, zone) if opens not in {"", "now"} else None
    until = _moment_or_length("--close", closes, zone) if closes else None
    return OpeningInput(
        kind=spec.kind,
        people=people,
        opens_at=now + opens_at if isinstance(opens_at, timedelta) else opens_at,
        closes=until or spec.closes_at or spec.duration or NOTICE_LIFETIME,
        urgent=spec.urgent,
        passes_quiet=opens == "now",
    )


async def _check_repeated(transaction: Transaction, spec: RequestFile) -> None:
    """Raises WrongUse unless the poll to repeat exists and is closed."""
    if not spec.repeats:
        return
    found = (await requests.read_requests(transaction.connection, transaction.tree, [spec.repeats])).get(spec.repeats)
    if found is None or not found.is_poll or found.state != "closed":
        raise WrongUse("cli.asked.no_poll_to_repeat", id=spec.repeats)


def _forecast_lines(forecast: AudienceForecast, t: Texts, budget: int) -> list[str]:
    """What delivery windows, plans and the weekly limit mean for this request, in exact numbers."""
    lines = []
    if forecast.free or forecast.paid:
        lines.append(t("reach.window", free=forecast.free, paid=forecast.paid, price=format_number(forecast.price)))
    if forecast.by_other_contact:
        lines.append(t("reach.other_door", n=forecast.by_other_contact))
    if forecast.full:
        lines.append(t("reach.budget", n=forecast.full, most=budget))
    if forecast.unreached:
        lines.append(t("reach.unreached", n=forecast.unreached))
    for channel, sent, most in forecast.plans:
        lines.append(plan_line(channel, sent, most, dict(forecast.by_channel)[channel], t))
    return lines


def _forecast_json(forecast: AudienceForecast) -> dict[str, object]:
    """The forecast for `--json`; `price` in đồng."""
    found: dict[str, object] = {name: getattr(forecast, name) for name in ("free", "paid", "price")}
    found |= {"other_door": forecast.by_other_contact, "unreached": forecast.unreached, "next_week": forecast.full}
    found["by_channel"] = dict(forecast.by_channel)
    found["plans"] = {name: {"sent": sent, "messages": most} for name, sent, most in forecast.plans}
    return found


def _moment_or_length(option: str, text: str, zone: ZoneInfo) -> datetime | timedelta:
    found = parse_duration(text) or parse_moment(text, zone)
    if found is None:
        raise WrongUse("cli.asked.moment", option=option, value=text)
    return found


async def show(parts: AppContext, kind: RequestKind, *, as_json: bool) -> None:
    async with reading(parts) as transaction:
        found = await transaction.load(RequestsOf(Scope.office(), (kind,), tuple(RequestState)))
        progress = await running_counts.progress(transaction.connection, [r.id for r in found])
    zone = parts.settings.zone
    rows = [
        {
            "id": r.id,
            "title": r.title,
            "unit": r.unit.code,
            "state": r.state,
            "people": r.asked,
            **{name: progress[r.id][name] for name in _PROGRESS if name != "waiting"},
            # nothing is sent after its end
            "waiting": progress[r.id]["waiting"] if r.state in {"scheduled", "open"} else 0,
            "opens": r.opens_at.astimezone(zone).isoformat(timespec="minutes"),
            "closes": r.closes_at.astimezone(zone).isoformat(timespec="minutes"),
        }
        for r in found
    ]
    t, lines = spoken(), []
    for row, r in zip(rows, found, strict=True):
        counts = ", ".join(t(f"cli.asked.{name}", n=row[name]) for name in _PROGRESS if row[name])
        facts = {"id": r.id, "state": t(f"board.state_{r.state}"), "n": r.asked, "counts": counts, "title": r.title}
        key = "cli.asked.row_counts" if counts else "cli.asked.row"
        lines.append(t(key, until=moment(r.closes_at, zone, t), **facts))
    print_result(as_json, rows, *lines)


async def end(parts: AppContext, kind: RequestKind, id: str, *, stop: bool, as_json: bool) -> None:
    """Close a request, or withdraw it (`stop`)."""
    async with writing(parts) as transaction:
        request = (await requests.read_requests(transaction.connection, transaction.tree, [id])).get(id)
        if request is None or request.kind != kind:
            raise WrongUse("cli.asked.none", id=id, kind=kind)
        progress = (await running_counts.progress(transaction.connection, [id]))[id]
        decided = (actions.stop if stop else actions.close)(transaction.office(request.unit), request)
        if isinstance(decided, Refusal):
            raise CommandFailed("cli.asked.already", id=id, state=Fault(f"board.state_{request.state}"))
        await transaction.apply(decided)
    t = spoken()
    had, unsent = progress["sent"], progress["waiting"]
    if stop:
        body = {"id": id, "state": "stopped", "had": had, "unsent": unsent}
        print_result(as_json, body, t("cli.asked.stopped", id=id, had=had, unsent=unsent))
    else:
        print_result(as_json, {"id": id, "state": "closed"}, t("cli.asked.closed", id=id))
