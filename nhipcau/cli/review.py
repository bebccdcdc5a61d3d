"""`review`: figures of a period by unit (sơ kết, tổng kết), as a table or as a document to be completed."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
    not_written,
    print_json,
    print_line,
    print_result,
    spoken,
)
from nhipcau.cli.synthesis import Pdf, read_layout, refuse_without_office, write_document

if TYPE_CHECKING:
    from nhipcau.bot.language.periods import Period
    from nhipcau.context import AppContext
    from nhipcau.model.reviews import Review
    from nhipcau.model.synthesis import Layout

app = Family()
FORMATS = ("text", "csv", "xlsx", "jsonl")


@command(app)
async def review(
    parts: AppContext,
    period: Annotated[str, typer.Option("--period")],
    unit: UnitName = "",
    form: Annotated[str, typer.Option("--format")] = "text",
    output: Annotated[Path | None, typer.Option("-o")] = None,
    document: Annotated[Path | None, typer.Option("--document")] = None,
    layout: Annotated[str, typer.Option("--layout")] = "",
    template: Annotated[Path | None, typer.Option("--template")] = None,
    pdf: Pdf = False,
    as_json: Json = False,
) -> None:
    """Figures of a period, one row a unit: for an interim or final review."""
    from nhipcau.bot.language.periods import read_period
    from nhipcau.cli.transaction import record_act
    from nhipcau.model.scope import Scope
    from nhipcau.storage.review_figures import review_of
    from nhipcau.storage.units import load_tree

    if form not in FORMATS:
        raise WrongUse("cli.usage.one_of", given="--format", value=form, choices=", ".join(FORMATS))
    for name, given in (("--layout", layout), ("--template", template), ("--pdf", pdf)):
        if given and not document:
            raise WrongUse("cli.review.only_document", option=name)
    zone = parts.settings.zone
    today = datetime.now(UTC).astimezone(zone).date()
    wanted = read_period(period, today)
    if wanted is None:
        raise WrongUse("cli.period", value=period)
    if wanted.first > today:
        raise WrongUse("cli.period_ahead", value=wanted.text)
    if document:
        found_layout, data = read_layout(layout or "state"), input_file(template).read_bytes() if template else None
        refuse_without_office(pdf)
        await _write_document(parts, wanted, unit, found_layout, data, document, pdf=pdf, as_json=as_json)
        return
    async with parts.database.reading() as connection:
        tree = await load_tree(connection)
        found = await review_of(connection, Scope.office(find_unit(tree, unit)), tree, wanted, today, zone)
    await record_act(parts, "export.review", len(found.rows))
    try:
        if as_json:
            print_json(_body(parts, found))
        else:
            _write(parts, found, form, output)
    except OSError as error:
        raise not_written(output, error) from None


async def _write_document(
    parts: AppContext,
    period: Period,
    unit: str,
    layout: Layout,
    template: bytes | None,
    output: Path,
    *,
    pdf: bool,
    as_json: bool,
) -> None:
    from nhipcau.cli.transaction import record_act
    from nhipcau.insight.synthesis.template_fields import UnusableTemplate
    from nhipcau.operations.synthesis import Office, drawn, review_document_of, review_file_of
    from nhipcau.storage.units import load_tree

    t, zone = spoken(), parts.settings.zone
    async with parts.database.reading() as connection:
        tree = await load_tree(connection)
        office = Office(connection, tree, datetime.now(UTC).astimezone(zone).date(), zone)
        found = await review_document_of(office, find_unit(tree, unit), period, t)
    try:
        document = review_file_of(found, layout, t, template, await drawn(found, t))
    except UnusableTemplate as wrong:
        raise CommandFailed(wrong.fault) from None
    # before anything is written: nothing leaves without a line
    await record_act(parts, "export.review", len(found.review.rows))
    body = {**await write_document(output, document.data, pdf=pdf), "figures": len(document.figures)}
    print_result(
        as_json,
        {**body, "open_parts": list(found.open_parts)},
        t("cli.review.written", **body),
        t("cli.synthesis.open_parts", parts=", ".join(found.open_parts)),
    )


def _body(parts: AppContext, found: Review) -> dict[str, Any]:
    from nhipcau.office.review_tables import review_table, total_row

    table = review_table(found, spoken())
    return {
        "period": found.period.text,
        "since": found.period.first.isoformat(),
        "until": found.until.isoformat(),
        "unit": found.unit.code,
        "total": total_row(found),
        "units": [{name: row[name] for name in table.codes} for row in table.rows],
    }


def _write(parts: AppContext, found: Review, form: str, output: Path | None) -> None:
    from nhipcau.handlers.insight.period_review import head, review_text
    from nhipcau.office.review_tables import review_sheets, review_table
    from nhipcau.office.table_writer import write_csv, write_jsonl
    from nhipcau.office.workbook import write_book

    t = spoken()
    target: Any = output or sys.stdout.buffer
    table = review_table(found, t)
    match form:
        case "text" if output is None:
            print_line(review_text(found, t))
        case "text":
            target.write_text(review_text(found, t) + "\n", encoding="utf-8")
        case "xlsx":
            write_book(target, review_sheets(found, head(found, t), t))
        case "jsonl":
            write_jsonl(target, [{name: row[name] for name in table.codes} for row in table.rows])
        case _:
            write_csv(target, table.header, [[row[name] for name in table.header] for row in table.rows])
