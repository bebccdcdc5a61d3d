"""`poll`, `rapid`, `notice`: ask or send from a file, list, close, stop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nhipcau.cli.recurring_requests import DryRun, attach, audience_in, form_of, lay_down, read_file
from nhipcau.cli.runner import CommandFailed, Json, UnitName, WrongUse, command, print_json, print_line, unit_meant

if TYPE_CHECKING:
    from nhipcau.bot.language.catalogue import Texts
    from nhipcau.context import AppContext
    from nhipcau.model.records import AudienceForecast
    from nhipcau.office.request_file import RequestFile
    from nhipcau.operations.requests import OperationContext

app = typer.Typer()
What = Annotated[str, typer.Argument(help="FILE, or list, close, stop.")]
Id = Annotated[str, typer.Argument(help="Of the request to close or stop.")]
Open = Annotated[str, typer.Option("--open", help="now, or a moment.")]
Close = Annotated[str, typer.Option("--close", help="A moment, or a length.")]
Kind = Literal["poll", "rapid", "notice"]
_STATES = ("scheduled", "open", "closed", "stopped")
#: Questions beyond which fewer people answer them all.
_FEW = 5
#: Where the people asked stand, as a list shows it.
_PROGRESS = ("sent", "answered", "waiting", "undeliverable")


@command(app)
async def poll(
    parts: AppContext,
    what: What,
    id: Id = "",
    unit: UnitName = "",
    opens: Open = "",
    closes: Close = "",
    as_json: Json = False,
    dry_run: DryRun = False,
) -> None:
    """Ask a poll from a file; `poll list`, `poll close ID`, `poll stop ID`."""
    await _command(parts, "poll", what, id, unit, opens, closes, as_json=as_json, dry_run=dry_run)


@command(app)
async def rapid(
    parts: AppContext,
    what: What,
    id: Id = "",
    unit: UnitName = "",
    opens: Open = "",
    closes: Close = "",
    as_json: Json = False,
    dry_run: DryRun = False,
) -> None:
    """Ask for a rapid report from a file; `rapid list`, `rapid close ID`, `rapid stop ID`."""
    await _command(parts, "rapid", what, id, unit, opens, closes, as_json=as_json, dry_run=dry_run)


@command(app)
async def notice(
    parts: AppContext,
    what: What,
    id: Id = "",
    unit: UnitName = "",
    opens: Open = "",
    as_json: Json = False,
    dry_run: DryRun = False,
) -> None:
    """Send official information from a file; `notice list`, `notice stop ID`."""
    await _command(parts, "notice", what, id, unit, opens, "", as_json=as_json, dry_run=dry_run)


async def _command(
    parts: AppContext,
    kind: Kind,
    what: str,
    id: str,
    unit: str,
    opens: str,
    closes: str,
    *,
    as_json: bool,
    dry_run: bool,
) -> None:
    if what == "list":
        await listing(parts, kind, as_json=as_json)
    elif what in {"close", "stop"}:
        if not id:
            raise WrongUse(f"Which one? `nhipcau {kind} {what} ID`; `nhipcau {kind} list` shows them.")
        await end(parts, kind, id, stop=what == "stop", as_json=as_json)
    else:
        await ask(parts, kind, Path(what), unit, opens, closes, as_json=as_json, dry_run=dry_run)


async def ask(
    parts: AppContext, kind: Kind, path: Path, unit: str, opens: str, closes: str, *, as_json: bool, dry_run: bool
) -> None:
    """Read the file, count the people and how they are reached, ask (now, or when due); `dry_run`: only count."""
    from nhipcau.bot.language.catalogue import texts
    from nhipcau.handlers.requests.compose_request import reach_lines
    from nhipcau.model.changes import OpenRequest
    from nhipcau.operations import requests as request_operations
    from nhipcau.privacy.identifiers import new_id
    from nhipcau.privacy.suppression import K
    from nhipcau.storage import requests

    now, words = datetime.now(UTC), texts(parts.settings.language)
    spec = read_file(parts, path, kind, now)
    if spec.every:
        _without_moments(opens, closes)
        await lay_down(parts, spec, path, unit, as_json=as_json, dry_run=dry_run)
        return
    when = _when(parts, spec, opens, closes, now)
    async with parts.database.writing() as connection:
        work = await parts.work(connection)
        tree = work.office.tree
        asker = unit_meant(tree, unit)
        audience = audience_in(tree, spec, asker.path)
        people = await requests.count_audience(connection, audience)
        if kind == "poll" and people < K:
            raise WrongUse(words("compose.too_few", n=people, k=K))
        if kind == "notice" and not people:
            raise WrongUse("Nobody has joined where it would go: invite people first (`nhipcau invite`).")
        today = now.astimezone(parts.settings.zone).date()
        budget = 0 if when.urgent else parts.settings.push_budget
        reached = await requests.reach(connection, audience, now, today, budget)
        id = "" if dry_run else new_id("request")
        form = form_of(spec, id, words)
        await _check_repeated(work, spec)
        # last: what is refused leaves no file behind
        along = attach(parts, spec, path, dry_run=dry_run)
        row = OpenRequest(
            id=id,
            kind=kind,
            unit_id=asker.id,
            title=form.title,
            intro=spec.intro,
            form=form.to_json(),
            audience=audience,
            sealed=spec.sealed,
            urgent=when.urgent,
            opens_at=when.opens_at,
            closes_at=when.closes_at,
            asked_by=None,
            repeats=spec.repeats,
            **along,
        )
        if not dry_run:
            await request_operations.create(work, row)
            if when.opens_at <= now:
                people = await request_operations.open_request(work, id)
    if as_json:
        print_json({"id": id or None, "people": people, "reach": _reach(reached)})
        return
    print_line(f"{id or 'would go to'}: {people} people")
    lines = reach_lines(reached, words, budget)
    if when.goes_out > when.opens_at:
        lines.append(words("compose.held", time=f"{when.goes_out.astimezone(parts.settings.zone):%H:%M}"))
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


@dataclass(frozen=True, slots=True)
class _When:
    opens_at: datetime
    closes_at: datetime
    #: After the quiet hours, where they hold it.
    goes_out: datetime
    urgent: bool


def _when(parts: AppContext, spec: RequestFile, opens: str, closes: str, now: datetime) -> _When:
    """Raises WrongUse for a moment that is past, or an end before it goes out."""
    from nhipcau.office.request_file import LONGEST

    opens_at = _moment(parts, "--open", opens, now) if opens and opens != "now" else now
    if opens_at < now:
        raise WrongUse(f"--open {opens} is past: leave it out to ask now.")
    if opens_at - now > LONGEST:
        raise WrongUse(f"--open {opens} is more than {LONGEST.days} days ahead.")
    quiet, local = parts.settings.quiet_hours, opens_at.astimezone(parts.settings.zone)
    # "--open now" says it shall not wait for the morning
    urgent = spec.urgent or opens == "now"
    goes_out = opens_at if urgent else quiet.next_open(local)
    closes_at = _end(parts, spec, closes, goes_out)
    if closes_at <= goes_out:
        why = f" (quiet hours until {goes_out:%H:%M}; `--open now` passes them)" if goes_out > opens_at else ""
        raise WrongUse(f"It would close before it goes out{why}: give a later --close.")
    if closes_at - goes_out > LONGEST:
        raise WrongUse(f"It would be open for more than {LONGEST.days} days: give an earlier --close.")
    return _When(opens_at, closes_at, goes_out, urgent)


async def _check_repeated(work: OperationContext, spec: RequestFile) -> None:
    """Raises WrongUse where the poll it asks again is none, or has not closed."""
    from nhipcau.storage import requests

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


def _moment(parts: AppContext, option: str, text: str, now: datetime) -> datetime:
    from nhipcau.office.request_file import parse_duration, parse_moment

    length = parse_duration(text)
    moment = now + length if length else parse_moment(text, parts.settings.zone)
    if moment is None:
        raise WrongUse(f"{option} {text!r}: a moment like 2026-12-01 17:00, or a length like 90m, 24h, 3d.")
    return moment


def _end(parts: AppContext, spec: RequestFile, closes: str, opens_at: datetime) -> datetime:
    from nhipcau.handlers.requests.request_draft import NOTICE_LIFETIME

    if closes:
        return _moment(parts, "--close", closes, opens_at)
    if spec.closes_at is not None:
        return spec.closes_at
    return opens_at + (spec.duration or NOTICE_LIFETIME)


async def listing(parts: AppContext, kind: Kind, *, as_json: bool) -> None:
    from nhipcau.storage import requests, running_counts
    from nhipcau.storage.units import load_tree

    async with parts.database.reading() as connection:
        tree = await load_tree(connection)
        found = await requests.requests_of(connection, tree, "/", (kind,), _STATES)
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
    from nhipcau.operations import requests as request_operations
    from nhipcau.storage import requests, running_counts

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
            had, keys = await request_operations.stop(work, id)
        else:
            keys = await request_operations.close(work, id)
    for key in keys:
        parts.sealer.forget(key)
    await parts.database.wipe()
    if as_json:
        print_json(
            {"id": id, "state": "stopped", "had": had, "unsent": unsent} if stop else {"id": id, "state": "closed"}
        )
        return
    print_line(f"{id}: stopped, {had} people had it, {unsent} were not sent it." if stop else f"{id}: closed.")
