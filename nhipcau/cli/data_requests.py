"""`request-log`: the register of what people ask about their own data, with the days the law allows (rule R10)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nhipcau.cli.help_pages import Family
from nhipcau.cli.runner import CommandFailed, Json, WrongUse, command, print_json, print_line, print_result, spoken

if TYPE_CHECKING:
    from nhipcau.bot.recurrence.working_days import Calendar
    from nhipcau.context import AppContext
    from nhipcau.model.data_requests import DataRequest

app = Family()
log_app = Family(no_args_is_help=True)
app.add_typer(log_app, name="request-log")


@command(log_app, "list")
async def list_requests(
    parts: AppContext, only_open: Annotated[bool, typer.Option("--open")] = False, as_json: Json = False
) -> None:
    """What was asked: what is overdue first, then what is due next, then what is done."""
    from nhipcau.cli.transaction import reading
    from nhipcau.storage.data_requests import all_entries

    async with reading(parts) as transaction:
        found = await all_entries(transaction.connection, only_open=only_open)
        today, calendar = transaction.context.today, transaction.context.office.calendar
    rows = [_row(each, today, calendar) for each in found]
    rows.sort(key=lambda row: (row["due"] is None, row["due"] or "", row["received"], row["id"]))
    if as_json:
        print_json(rows)
        return
    for row in rows:
        print_line(_line(row))
    if not rows:
        print_line(spoken()("cli.request_log.none"))


def _row(request: DataRequest, today: date, calendar: Calendar) -> dict[str, Any]:
    from nhipcau.model.data_requests import RightKind, due_of, limits_of

    limits, due = limits_of(request, calendar), due_of(request, calendar)
    is_asked = request.kind is not RightKind.EXPORT
    return {
        "id": request.id,
        "kind": request.kind.value,
        "received": request.received.isoformat(),
        "answer_by": limits.answer_by.isoformat() if is_asked else None,
        "done_by": limits.done_by.isoformat() if is_asked else None,
        "answered": request.answered.isoformat() if request.answered else None,
        "done": request.done.isoformat() if request.done else None,
        "due": due.isoformat() if due else None,
        "overdue": due is not None and due < today,
        "with_others": request.with_others,
        "in_chat": request.in_chat,
        "number": request.number,
        "note": request.note,
    }


def _line(row: dict[str, Any]) -> str:
    t = spoken()
    days = {name: _day(row[name]) for name in ("received", "answer_by", "done_by", "answered", "done", "due")}
    waits = "answered" if row["answered"] else "open"
    key = "overdue" if row["overdue"] else waits if row["due"] else "done"
    said = t(f"cli.request_log.{key}", **days)
    pieces = [row["id"], t(f"cli.request_log.kind.{row['kind']}"), said]
    if row["number"] is not None:
        pieces.append(t("cli.request_log.people", n=row["number"]))
    if row["in_chat"]:
        pieces.append(t("cli.request_log.in_chat"))
    return "  ".join([*pieces, *([row["note"]] if row["note"] else [])])


def _day(written: str | None) -> str:
    return f"{date.fromisoformat(written):%d/%m/%Y}" if written else ""


@command(log_app, "add")
async def add_request(
    parts: AppContext,
    right: Annotated[str, typer.Option("--kind")],
    received: Annotated[str, typer.Option("--received")] = "",
    with_others: Annotated[bool, typer.Option("--with-others")] = False,
    note: Annotated[str, typer.Option("--note")] = "",
    as_json: Json = False,
) -> None:
    """Enter a request that came to the office: by word of mouth, by phone or on paper."""
    from nhipcau.cli.transaction import writing
    from nhipcau.model.data_requests import REQUESTED, DataRequest, RightKind
    from nhipcau.privacy.identifiers import new_id
    from nhipcau.storage import data_requests
    from nhipcau.storage.audit import record_audit

    if right not in REQUESTED:
        raise WrongUse("cli.usage.one_of", given="--kind", value=right, choices=", ".join(REQUESTED))
    async with writing(parts) as transaction:
        today = transaction.context.today
        day = _received(received, today)
        masked = note_without_names(note, transaction.tree.known_places)
        entry = DataRequest(new_id("data_request"), RightKind(right), day, with_others=with_others, note=masked)
        await data_requests.add(transaction.connection, entry)
        record_audit(transaction.context, "rights.enter")
        row = _row(entry, today, transaction.context.office.calendar)
    print_result(as_json, row, _line(row))


def _received(written: str, today: date) -> date:
    if not written:
        return today
    try:
        day = date.fromisoformat(written)
    except ValueError:
        raise WrongUse("cli.day", option="--received", value=written) from None
    if day > today:
        raise WrongUse("cli.request_log.future", day=written)
    return day


def note_without_names(note: str, places: Any) -> str:
    """The note as the register keeps it. Raises WrongUse for one that is too long."""
    from nhipcau.model.data_requests import MAX_NOTE_CHARS, masked_note

    masked = masked_note(note, places)
    if len(masked) > MAX_NOTE_CHARS:
        raise WrongUse("cli.request_log.long", n=MAX_NOTE_CHARS)
    return masked


@command(log_app, "done")
async def end_request(
    parts: AppContext,
    id: str,
    only_answered: Annotated[bool, typer.Option("--answered")] = False,
    as_json: Json = False,
) -> None:
    """Note that a request was answered and done today; with `--answered`, that it was answered."""
    from nhipcau.cli.transaction import writing
    from nhipcau.storage import data_requests
    from nhipcau.storage.audit import record_audit

    async with writing(parts) as transaction:
        code = id.strip().upper()
        today = transaction.context.today
        if not await data_requests.record_progress(transaction.connection, code, today, done=not only_answered):
            raise CommandFailed("cli.request_log.not_open", id=id)
        record_audit(transaction.context, "rights.done")
    key = "cli.request_log.noted_answer" if only_answered else "cli.request_log.noted"
    body = {"id": code, "answered": today.isoformat(), "done": None if only_answered else today.isoformat()}
    print_result(as_json, body, spoken()(key, id=code))
