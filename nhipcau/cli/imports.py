"""`import reports`: earlier reports, or many from paper, from a file of the office; all of them or none."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nhipcau.cli.help_pages import Family
from nhipcau.cli.runner import (
    CommandFailed,
    Json,
    UnitName,
    WrongUse,
    command,
    find_unit,
    input_file,
    print_json,
    print_result,
    spoken,
)

if TYPE_CHECKING:
    from nhipcau.bot.language.faults import Fault
    from nhipcau.context import AppContext
    from nhipcau.office.report_file import ReportFile
    from nhipcau.office.report_rows import ReadReports

app = Family()
import_app = Family(no_args_is_help=True)
app.add_typer(import_app, name="import")

#: Months back that a report may be, where the office keeps them so long.
_MOST_MONTHS = 24
#: Faulty rows named; further ones are only counted. Rows and names named in one note.
_NAMED_FAULTS, _NAMED = 200, 20


@command(import_app, "reports")
async def import_reports(
    parts: AppContext,
    file: Path,
    unit: UnitName = "",
    dry_run: Annotated[bool, typer.Option("--dry-run")] = False,
    confirmed: Annotated[bool, typer.Option("--confirmed")] = False,
    sheet: Annotated[str, typer.Option("--sheet")] = "",
    as_json: Json = False,
) -> None:
    """Add earlier reports from a table or JSON lines: all rows or none."""
    from nhipcau.office.report_file import open_reports
    from nhipcau.office.table_reader import InvalidTable

    t = spoken()
    try:
        found = open_reports(input_file(file), sheet)
    except InvalidTable as wrong:
        raise (WrongUse(wrong) if wrong.key == "file.no_sheet" else CommandFailed(wrong)) from None
    # all that takes long comes before the transaction: nobody waits while thousands of rows are screened
    read = await _read(parts, found, unit, confirmed=confirmed)
    if read.faults:
        raise _refused(read, as_json=as_json)
    added = await _add(parts, read, dry_run=dry_run)
    notes = [note.say(t) for note in _remarks(found, read)]
    for note in notes:
        print(note, file=sys.stderr)
    counts = {"added": added, "known": len(read.reports) - added, "skipped": read.skipped}
    body = {
        **counts,
        "guessed": read.guessed,
        "masked": read.masked,
        "passed_over": read.passed_over,
        "forbidden": found.forbidden,
        "dropped": found.dropped,
        "notes": notes,
    }
    print_result(as_json, body, t("import.would_add" if dry_run else "import.added", **counts))


async def _read(parts: AppContext, found: ReportFile, unit: str, *, confirmed: bool) -> ReadReports:
    from nhipcau.cli.transaction import reading
    from nhipcau.office.report_rows import Terms, read_reports

    async with reading(parts) as transaction:
        tree, today = transaction.tree, transaction.context.today
    within = find_unit(tree, unit)
    months = min(_MOST_MONTHS, parts.settings.report_months)
    return read_reports(found, tree, within, Terms(today, months, confirmed))


async def _add(parts: AppContext, read: ReadReports, *, dry_run: bool) -> int:
    """Add what is not there yet; how many. `dry_run`: only count them."""
    from nhipcau.cli.transaction import writing
    from nhipcau.storage.audit import record_audit
    from nhipcau.storage.report_import import add_reports, lock_imports, not_there

    if dry_run:
        async with parts.database.reading() as connection:
            return len(await not_there(connection, read.reports))
    async with writing(parts) as transaction:
        await lock_imports(transaction.connection)
        new = await not_there(transaction.connection, read.reports)
        await add_reports(transaction.connection, new)
        record_audit(transaction.context, "report.import", number=len(new))
    return len(new)


def _remarks(found: ReportFile, read: ReadReports) -> list[Fault]:
    """What was left out, or taken otherwise than it stands there: a sentence each."""
    from nhipcau.bot.language.faults import Fault

    said: list[Fault] = []
    if found.forbidden:
        said.append(Fault("file.forbidden", columns=", ".join(found.forbidden)))
    if found.dropped:
        said.append(Fault("file.dropped", columns=", ".join(found.dropped)))
    if read.passed_over:
        said.append(Fault("import.passed_over", rows=_listed(list(map(str, read.passed_over)))))
    if found.old_font:
        said.append(Fault("import.old_font", font=found.old_font))
    if read.former:
        names = [f"{name} → {unit.name} ({unit.code})" for name, unit in read.former.items()]
        said.append(Fault("import.former", names=_listed(names)))
    if read.guessed:
        said.append(Fault("import.guessed", n=read.guessed))
    if read.masked:
        said.append(Fault("import.masked", n=read.masked))
    return said


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_NAMED]) + (f" … (+{len(names) - _NAMED})" if len(names) > _NAMED else "")


def _refused(read: ReadReports, *, as_json: bool) -> CommandFailed:
    """Every faulty row a line, and that nothing was imported."""
    from nhipcau.bot.language.faults import Fault, Faults
    from nhipcau.office.roster_problems import problems_of

    lines: list[Fault] = [*read.faults[:_NAMED_FAULTS]]
    if (more := len(read.faults) - _NAMED_FAULTS) > 0:
        lines.append(Fault("import.more_faults", n=more))
    lines.append(Fault("import.nothing", wrong=len(read.faults), right=len(read.reports)))
    if as_json:
        problems = [asdict(problem) for problem in problems_of(read.faults, spoken())]
        print_json({"added": 0, "known": 0, "skipped": read.skipped, "problems": problems})
    return CommandFailed(Faults(lines))
