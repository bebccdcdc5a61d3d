"""`export` and `screen`: what goes out of the office, and the mask on its own."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

from nhipcau.bot.language.catalogue import texts
from nhipcau.cli.runner import CommandFailed, WrongUse, unit_meant
from nhipcau.context import AppContext
from nhipcau.model.request_kinds import ASKED
from nhipcau.model.scope import Scope
from nhipcau.office.export_tables import (
    Table,
    answer_table,
    duty_table,
    issue_table,
    people_table,
    report_table,
    request_table,
)
from nhipcau.office.table_writer import write_csv, write_jsonl, write_xlsx
from nhipcau.storage import answers, issues, people, reports, requests, running_counts
from nhipcau.storage.units import load_tree

FORMATS = ("csv", "xlsx", "jsonl")
WHAT = ("reports", "answers", "requests", "people", "duties", "issues")
_ALL = ("scheduled", "open", "closed", "stopped")


async def export(
    parts: AppContext, what: str, form: str, output: Path | None, *, since: str, until: str, unit: str, poll: str
) -> None:
    """Write one table. People and content never share a file."""
    if what not in WHAT:
        raise WrongUse(f"export {what}: one of {', '.join(WHAT)}.")
    if form not in FORMATS:
        raise WrongUse(f"--format {form}: one of {', '.join(FORMATS)}.")
    first, last = _day("--since", since), _day("--until", until)
    if first and last and first > last:
        raise WrongUse(f"--since {since} is after --until {until}.")
    days = (first, last)
    async with parts.database.reading() as connection:
        tree = await load_tree(connection)
        scope = Scope.office(unit_meant(tree, unit) if tree.root else None)
        table = await _MAKERS[what](parts, connection, tree, scope, days, poll)
    if table.why:
        print(table.why, file=sys.stderr)
    try:
        _write(table, form, output)
    except OSError as error:
        raise CommandFailed(f"{output or 'The output'} can't be written: {error.strerror}.") from None


def _write(table: Table, form: str, output: Path | None) -> None:
    target: Any = output or sys.stdout.buffer
    if form == "jsonl":
        write_jsonl(target, [{key: row.get(key) for key in table.codes} for row in table.rows])
        return
    header = table.header
    rows = [[_cell(row.get(name)) for name in header] for row in table.rows]
    (write_xlsx if form == "xlsx" else write_csv)(target, header, rows)


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
        raise WrongUse(f"{option} {text!r}: a day like 2026-11-23.") from None


async def _reports(parts: AppContext, connection: Any, tree: Any, scope: Scope, days: Any, poll: str) -> Table:
    found = await reports.reports_in(connection, scope, tree, since=days[0], until=days[1])
    found.sort(key=lambda r: (r.day, r.code))
    return report_table(found, texts(parts.settings.language))


async def _issues(parts: AppContext, connection: Any, tree: Any, scope: Scope, days: Any, poll: str) -> Table:
    found = await issues.issues_in(connection, scope, tree, since=days[0], until=days[1])
    return issue_table(found, texts(parts.settings.language))


async def _people(parts: AppContext, connection: Any, tree: Any, scope: Scope, days: Any, poll: str) -> Table:
    members = await people.network(connection, scope, tree)
    consented = await people.consent_moments(connection, [m.id for m in members])
    days_of = {id: moment.astimezone(parts.settings.zone).date() for id, moment in consented.items()}
    return people_table(members, days_of, texts(parts.settings.language))


async def _requests(parts: AppContext, connection: Any, tree: Any, scope: Scope, days: Any, poll: str) -> Table:
    """One row a request and unit of the people asked: `--unit` means those units."""
    found = await _of(parts, connection, tree, days, poll)
    boards = {r.id: await running_counts.board(connection, scope, tree, r) for r in found}
    mine = {id: [row for row in rows if scope.holds(row.unit)] for id, rows in boards.items()}
    return request_table(found, mine, texts(parts.settings.language))


async def _duties(parts: AppContext, connection: Any, tree: Any, scope: Scope, days: Any, poll: str) -> Table:
    """One row a duty and unit of the people asked: `--unit` means those units."""
    found = [r for r in await _of(parts, connection, tree, days, poll) if r.kind == "duty"]
    boards = {r.id: await running_counts.board(connection, scope, tree, r) for r in found}
    mine = {id: [row for row in rows if scope.holds(row.unit)] for id, rows in boards.items()}
    return duty_table(found, mine, parts.settings.zone, texts(parts.settings.language))


async def _answers(parts: AppContext, connection: Any, tree: Any, scope: Scope, days: Any, poll: str) -> Table:
    """Polls asked by units of the scope, once closed; official answers of units of the scope, at any time."""
    found = await _of(parts, connection, tree, days, poll)
    if poll and not found:
        raise WrongUse(f"No poll or request {poll}: see `nhipcau poll list`.")
    found = [r for r in found if not r.is_poll or scope.holds(r.unit)]
    answers = {r.id: await _shown(connection, tree, r, scope) for r in found}
    table = answer_table(found, answers, texts(parts.settings.language))
    if not table.rows and not table.why:
        waiting = [r.id for r in found if r.state in {"open", "scheduled"}]
        table.why = f"{', '.join(waiting)}: not closed yet." if waiting else "No answers in this choice."
    return table


async def _shown(connection: Any, tree: Any, request: Any, scope: Scope) -> list[dict[str, object]]:
    if request.state == "stopped" or (request.is_poll and request.state != "closed"):
        return []
    if request.is_poll:
        return await answers.poll_answers_of(connection, scope, request.id)
    return await answers.answers_of(connection, scope, tree, request.id)


async def _of(parts: AppContext, connection: Any, tree: Any, days: Any, id: str) -> list[Any]:
    found = await requests.requests_of(connection, Scope.office(), tree, ASKED, _ALL)
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


def screen_lines(path: Path | None, *, as_json: bool) -> None:
    """One output line per input line, UTF-8 whatever the locale."""
    from nhipcau.privacy.screening import screen

    try:
        data = path.read_bytes() if path else sys.stdin.buffer.read()
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise WrongUse(f"{path} can't be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise WrongUse("The input is not UTF-8 text.") from None
    out = sys.stdout.buffer
    lines = text.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    for line in lines:
        result = screen(line.removesuffix("\r"))
        said = result.text
        if as_json:
            found = [{"kind": f.kind, "start": f.start, "end": f.end} for f in result.found]
            said = json.dumps({"text": result.text, "found": found}, ensure_ascii=False)
        out.write(said.encode() + b"\n")
    out.flush()
