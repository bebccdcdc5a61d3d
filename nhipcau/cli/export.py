"""`export`: write tables. `screen`: mask personal data in text."""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nhipcau.cli.help_pages import Family
from nhipcau.cli.runner import Json, UnitName, WrongUse, command, find_unit, input_file, not_written, print_note, spoken
from nhipcau.model.request_kinds import ASKED

if TYPE_CHECKING:
    from nhipcau.bot.language.catalogue import Texts
    from nhipcau.context import AppContext
    from nhipcau.model.scope import Scope
    from nhipcau.office.export_tables import Table
    from nhipcau.privacy.screening_places import KnownPlaces

app = Family()
FORMATS = ("csv", "xlsx", "jsonl")
WHAT = ("reports", "answers", "requests", "people", "duties", "issues")
_ALL = ("scheduled", "open", "closed", "stopped")


@command(app)
async def export(
    parts: AppContext,
    what: Annotated[str, typer.Argument()],
    form: Annotated[str, typer.Option("--format")] = "csv",
    output: Annotated[Path | None, typer.Option("-o")] = None,
    since: Annotated[str, typer.Option("--since")] = "",
    until: Annotated[str, typer.Option("--until")] = "",
    unit: UnitName = "",
    poll: Annotated[str, typer.Option("--poll")] = "",
    reason: Annotated[str, typer.Option("--reason")] = "",
    password_env: Annotated[str, typer.Option("--password-env")] = "",
) -> None:
    """Write one table."""
    from nhipcau.cli.transaction import record_act
    from nhipcau.model.scope import Scope
    from nhipcau.storage.units import load_tree

    if what not in WHAT:
        raise WrongUse("cli.usage.one_of", given="export", value=what, choices=", ".join(WHAT))
    if form not in FORMATS:
        raise WrongUse("cli.usage.one_of", given="--format", value=form, choices=", ".join(FORMATS))
    first, last = _day("--since", since), _day("--until", until)
    if first and last and first > last:
        raise WrongUse("cli.since_after_until", since=since, until=until)
    if reason and what != "people":
        raise WrongUse("cli.export_people.only_people")
    password = _password(password_env, form)
    days = (first, last)
    async with parts.database.reading() as connection:
        tree = await load_tree(connection)
        scope = Scope.office(find_unit(tree, unit) if tree.root else None)
        table = await _MAKERS[what](parts, connection, tree, scope, days, poll)
    # before anything is written: nothing leaves without a line
    if what == "people":
        await _record_people(parts, tree, len(table.rows), reason)
    else:
        await record_act(parts, f"export.{what}", len(table.rows))
    if table.why:
        print(table.why.say(spoken()), file=sys.stderr)
    try:
        _write(table, what, form, output, spoken(), password)
    except OSError as error:
        raise not_written(output, error) from None


def _write(table: Table, what: str, form: str, output: Path | None, t: Texts, password: str) -> None:
    from nhipcau.office.export_book import export_sheets
    from nhipcau.office.table_writer import write_csv, write_jsonl
    from nhipcau.office.workbook import write_book

    target: Any = output or sys.stdout.buffer
    if form == "jsonl":
        write_jsonl(target, [{key: row.get(key) for key in table.codes} for row in table.rows])
        return
    if form == "xlsx":
        write_book(target, export_sheets(what, table, t), password)
        return
    write_csv(target, table.header, ([_cell(row.get(name)) for name in table.header] for row in table.rows))


#: The variable that holds the password where `--password-env` names no other.
_PASSWORD_VARIABLE = "NHIPCAU_EXPORT_PASSWORD"
_MIN_PASSWORD_CHARS = 8


def _password(variable: str, form: str) -> str:
    """The password of the file, "" for none. It comes from the environment: what is typed in a command line stands in
    the list of processes."""
    name = variable or _PASSWORD_VARIABLE
    password = os.environ.get(name, "")
    if not password:
        if variable:
            raise WrongUse("cli.export_people.no_password", variable=variable)
        return ""
    if form != "xlsx":
        if variable:
            raise WrongUse("cli.export_people.only_xlsx")
        print_note("cli.export_people.open_file")
        return ""
    if len(password) < _MIN_PASSWORD_CHARS:
        raise WrongUse("cli.export_people.short_password", variable=name, n=_MIN_PASSWORD_CHARS)
    return password


async def _record_people(parts: AppContext, tree: Any, number: int, reason: str) -> None:
    """Enter into the register, and the audit, that people are taken out, how many, and why, before it is done."""
    from nhipcau.cli.data_requests import note_without_names
    from nhipcau.cli.transaction import writing
    from nhipcau.operations.people_exports import record_people_export

    note = note_without_names(reason, tree.known_places) or spoken()("cli.export_people.no_reason_noted")
    if not reason.strip():
        print_note("cli.export_people.no_reason")
    async with writing(parts) as transaction:
        await record_people_export(transaction.context, number, note)


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, (list, tuple)):
        return "; ".join(str(v) for v in value)
    return value


def _day(option: str, text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise WrongUse("cli.day", option=option, value=text) from None


async def _reports(parts: AppContext, connection: Any, tree: Any, scope: Scope, days: Any, poll: str) -> Table:
    from nhipcau.office.export_tables import report_table
    from nhipcau.storage import reports

    found = await reports.reports_in(connection, scope, tree, since=days[0], until=days[1])
    found.sort(key=lambda r: (r.day, r.code))
    return report_table(found, spoken())


async def _issues(parts: AppContext, connection: Any, tree: Any, scope: Scope, days: Any, poll: str) -> Table:
    from nhipcau.office.export_tables import issue_table
    from nhipcau.storage import issues

    found = await issues.issues_in(connection, scope, tree, since=days[0], until=days[1])
    return issue_table(found, spoken())


async def _people(parts: AppContext, connection: Any, tree: Any, scope: Scope, days: Any, poll: str) -> Table:
    from nhipcau.office.export_tables import people_table
    from nhipcau.storage import people

    members = await people.network(connection, scope, parts.sealer, tree)
    consented = await people.consent_moments(connection, [m.id for m in members])
    days_of = {id: moment.astimezone(parts.settings.zone).date() for id, moment in consented.items()}
    return people_table(members, days_of, spoken())


async def _requests(parts: AppContext, connection: Any, tree: Any, scope: Scope, days: Any, poll: str) -> Table:
    """One row for each request and unit of the people asked; `--unit` limits those units."""
    from nhipcau.office.export_tables import request_table

    found = await _requests_between(parts, connection, tree, days, poll)
    boards = await _boards(connection, tree, found, scope)
    return request_table(found, boards, spoken())


async def _duties(parts: AppContext, connection: Any, tree: Any, scope: Scope, days: Any, poll: str) -> Table:
    """One row for each duty and unit of the people asked; `--unit` limits those units."""
    from nhipcau.office.export_tables import duty_table

    found = [r for r in await _requests_between(parts, connection, tree, days, poll) if r.kind == "duty"]
    boards = await _boards(connection, tree, found, scope)
    return duty_table(found, boards, parts.settings.zone, spoken())


async def _boards(connection: Any, tree: Any, found: list[Any], scope: Scope) -> dict[str, list[Any]]:
    """Request id → board rows of units of the scope."""
    from nhipcau.model.scope import Scope
    from nhipcau.storage.running_counts import board

    boards = {r.id: await board(connection, Scope.office(), tree, r) for r in found}
    return {id: [row for row in rows if scope.holds(row.unit)] for id, rows in boards.items()}


async def _answers(parts: AppContext, connection: Any, tree: Any, scope: Scope, days: Any, poll: str) -> Table:
    """Answers to closed polls made by units of the scope, and official answers of units of the scope."""
    from nhipcau.bot.language.faults import Fault
    from nhipcau.model.scope import Scope
    from nhipcau.office.export_tables import answer_table
    from nhipcau.storage.poll_groups import groups_of
    from nhipcau.storage.running_counts import tally

    found = await _requests_between(parts, connection, tree, days, poll)
    if poll and not found:
        raise WrongUse("cli.no_poll", id=poll)
    found = [r for r in found if not r.is_poll or scope.holds(r.unit)]
    answers = {r.id: await _answers_given(connection, tree, r, scope) for r in found}
    tallies = {r.id: await tally(connection, Scope.office(), r) for r in found if r.is_poll}
    groups = {r.id: await groups_of(connection, Scope.office(), r) for r in found if r.is_poll}
    table = answer_table(found, answers, spoken(), tallies, groups)
    if not table.rows and not table.why:
        waiting = [r.id for r in found if r.state in {"open", "scheduled"}]
        table.why = Fault("cli.not_closed", ids=", ".join(waiting)) if waiting else Fault("cli.no_answers")
    return table


async def _answers_given(connection: Any, tree: Any, request: Any, scope: Scope) -> list[dict[str, object]]:
    from nhipcau.storage import answers

    if request.state == "stopped" or (request.is_poll and request.state != "closed"):
        return []
    if request.is_poll:
        return await answers.poll_answers_of(connection, scope, request.id)
    return await answers.answers_of(connection, scope, tree, request.id)


async def _requests_between(parts: AppContext, connection: Any, tree: Any, days: Any, id: str) -> list[Any]:
    from nhipcau.model.scope import Scope
    from nhipcau.storage.requests import requests_of

    found = await requests_of(connection, Scope.office(), tree, ASKED, _ALL)
    since, until = days
    zone = parts.settings.zone
    return [
        r
        for r in found
        if (not id or r.id == id)
        and (since is None or r.opens_at.astimezone(zone).date() >= since)
        and (until is None or r.opens_at.astimezone(zone).date() <= until)
    ]


_MAKERS: dict[str, Any] = {
    "reports": _reports,
    "people": _people,
    "requests": _requests,
    "answers": _answers,
    "duties": _duties,
    "issues": _issues,
}


@app.command("screen")
def screen_lines(file: Annotated[Path | None, typer.Argument()] = None, as_json: Json = False) -> None:
    """Mask personal data, one output line per input line."""
    from nhipcau.office.table_writer import json_line
    from nhipcau.privacy.screening import screen

    data = input_file(file).read_bytes() if file else sys.stdin.buffer.read()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise WrongUse("cli.input_not_utf8") from None
    out = sys.stdout.buffer
    lines = text.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    places = _known_places()
    for line in lines:
        result = screen(line.removesuffix("\r"), places)
        line_out = result.text
        if as_json:
            found = [{"kind": f.kind, "start": f.start, "end": f.end} for f in result.found]
            line_out = json_line({"text": result.text, "found": found})
        out.write(line_out.encode() + b"\n")
    out.flush()


def _known_places() -> KnownPlaces:
    """Places of the office's units; where no office is set up yet, those everybody knows."""
    from nhipcau.cli.runner import on_database, settings_or_exit
    from nhipcau.privacy.screening_places import EVERYWHERE
    from nhipcau.storage.units import load_tree

    file = settings_or_exit().database_file
    if file is not None and not file.exists():
        return EVERYWHERE
    found = EVERYWHERE

    async def read(parts: AppContext) -> None:
        nonlocal found
        async with parts.database.reading() as connection:
            found = (await load_tree(connection)).known_places

    on_database(read)
    return found
