"""`tally`: counts of reports by what they say, with the units they are counted among."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nhipcau.cli.help_pages import Family
from nhipcau.cli.runner import (
    Json,
    UnitName,
    WrongUse,
    command,
    find_unit,
    not_written,
    print_json,
    print_line,
    spoken,
)

if TYPE_CHECKING:
    from nhipcau.bot.language.periods import Period
    from nhipcau.context import AppContext
    from nhipcau.model.report_tallies import Dimension, ReportTally

app = Family()
FORMATS = ("csv", "xlsx", "jsonl")


@command(app)
async def tally(
    parts: AppContext,
    period: Annotated[str, typer.Option("--period")],
    unit: UnitName = "",
    by: Annotated[str, typer.Option("--by")] = "",
    form: Annotated[str, typer.Option("--format")] = "",
    output: Annotated[Path | None, typer.Option("-o")] = None,
    as_json: Json = False,
) -> None:
    """Counts of the reports of a period, by what they say."""
    from nhipcau.cli.transaction import record_act
    from nhipcau.model.scope import Scope
    from nhipcau.storage.tallies import tally_reports
    from nhipcau.storage.units import load_tree

    if form and form not in FORMATS:
        raise WrongUse("cli.usage.one_of", given="--format", value=form, choices=", ".join(FORMATS))
    wanted = _period(period, datetime.now(UTC).astimezone(parts.settings.zone).date())
    dimensions = _dimensions(by)
    async with parts.database.reading() as connection:
        tree = await load_tree(connection)
        of = find_unit(tree, unit)
        if of.is_cell:
            own = tree.commune_of(of)
            raise WrongUse("cli.tally.cell", unit=of.name, commune=own.name, code=own.code)
        counted = await tally_reports(connection, Scope.office(of), tree, wanted.first, wanted.last, dimensions)
        names = {each.code: each.name for each in tree.areas}
    found = replace(counted, period=wanted)
    if not found.reports:
        raise WrongUse("cli.tally.none", period=period, unit=of.name)
    await record_act(parts, "export.tally", len(found.rows))
    try:
        if as_json:
            print_json(_body(found))
        else:
            _write(found, names, form or (_suffix(output) if output else ""), output)
    except OSError as error:
        raise not_written(output, error) from None


def _suffix(output: Path) -> str:
    """The format a file's name asks for."""
    named = output.suffix.lower().removeprefix(".")
    return named if named in FORMATS else "csv"


def _period(given: str, today: date) -> Period:
    """One period, or from the first day of one to the last of another."""
    from nhipcau.bot.language.periods import Period, read_period

    first, dots, last = given.partition("..")
    begin, end = read_period(first, today), read_period(last if dots else first, today)
    if begin is None or end is None:
        raise WrongUse("cli.tally.period", value=given)
    if begin.first > end.last:
        raise WrongUse("cli.tally.backwards", first=begin.text, last=end.text)
    if begin.first > today:
        raise WrongUse("cli.period_ahead", value=begin.text)
    return Period(begin.first, end.last, f"{begin.text}..{end.text}") if dots else begin


def _dimensions(given: str) -> tuple[Dimension, ...]:
    from nhipcau.model.report_tallies import Dimension

    names = [name.strip() for name in given.split(",")] if given.strip() else []
    for name in names:
        if name not in set(Dimension):
            raise WrongUse("cli.usage.one_of", given="--by", value=name, choices=", ".join(Dimension))
        if names.count(name) > 1:
            raise WrongUse("cli.tally.twice", value=name)
    return tuple(Dimension(name) for name in names)


def _body(found: ReportTally) -> dict[str, Any]:
    from nhipcau.office.tally_tables import tally_rows

    base = found.base
    return {
        "period": found.period.text,
        "unit": found.unit.code,
        "reports": found.reports,
        "base": {
            "units": base.units,
            "reported": base.reported,
            "nothing_new": base.nothing_new,
            "silent": base.silent,
        },
        "rows": tally_rows(found),
    }


def _write(found: ReportTally, names: dict[str, str], form: str, output: Path | None) -> None:
    from nhipcau.office.table_writer import write_csv, write_jsonl
    from nhipcau.office.tally_tables import head_lines, tally_lines, tally_sheets, tally_table
    from nhipcau.office.workbook import write_book

    t = spoken()
    target: Any = output or sys.stdout.buffer
    table = tally_table(found, names, t)
    head = head_lines(found, t)
    if not form:
        for line in (*head, *tally_lines(found, table)):
            print_line(line)
        return
    match form:
        case "xlsx":
            write_book(target, tally_sheets(table, head, t))
        case "jsonl":
            write_jsonl(target, [{name: row[name] for name in table.codes} for row in table.rows])
        case _:
            write_csv(target, table.header, [[_cell(row[name]) for name in table.header] for row in table.rows])
    if form != "xlsx":
        # beside the rows, since every figure has its base
        print("\n".join(head), file=sys.stderr)


def _cell(value: Any) -> Any:
    return "" if value is None else value
