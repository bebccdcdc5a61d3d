"""`synthesis`: the periodic report as a document, and its figures counted anew. `template`: what offices may change."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nhipcau.cli.help_pages import Family
from nhipcau.cli.runner import (
    CommandFailed,
    Json,
    UnitName,
    WrongUse,
    find_unit,
    input_file,
    not_written,
    on_database,
    print_json,
    print_line,
    print_result,
    spoken,
)

if TYPE_CHECKING:
    from nhipcau.bot.units.tree import Unit
    from nhipcau.context import AppContext
    from nhipcau.insight.synthesis.reading import WrittenSynthesis
    from nhipcau.model.synthesis import Layout
    from nhipcau.operations.synthesis import Office

app = Family()
synthesis_app, template_app = Family(), Family(no_args_is_help=True)
app.add_typer(synthesis_app, name="synthesis")
app.add_typer(template_app, name="template")
LAYOUTS = ("state", "party")
Pdf = Annotated[bool, typer.Option("--pdf")]


@synthesis_app.callback(invoke_without_command=True)
def synthesis(
    context: typer.Context,
    period: Annotated[str, typer.Option("--period")] = "",
    unit: UnitName = "",
    topic: Annotated[list[str] | None, typer.Option("--topic")] = None,
    layout: Annotated[str, typer.Option("--layout")] = "state",
    template: Annotated[Path | None, typer.Option("--template")] = None,
    output: Annotated[Path | None, typer.Option("-o")] = None,
    pdf: Pdf = False,
    as_json: Json = False,
) -> None:
    """Write the synthesis of a unit and a period."""
    if context.invoked_subcommand:
        return
    for name, given in (("--period", period), ("-o", output)):
        if not given:
            raise WrongUse("cli.usage.missing", given=name, command=context.command_path)
    found, topics = read_layout(layout), read_topics(topic or [])
    data = input_file(template).read_bytes() if template else None
    assert output is not None
    target = output
    refuse_without_office(pdf)
    on_database(lambda parts: _write(parts, period, unit, topics, found, data, target, pdf=pdf, as_json=as_json))


def read_layout(given: str) -> Layout:
    from nhipcau.model.synthesis import Layout

    if given not in LAYOUTS:
        raise WrongUse("cli.usage.one_of", given="--layout", value=given, choices=", ".join(LAYOUTS))
    return Layout(given)


def read_topics(given: list[str]) -> tuple[str, ...]:
    """Codes of topics, named by code or label, in order."""
    from nhipcau.model.synthesis import MAX_TOPICS
    from nhipcau.office.report_columns import codes_of, meanings, plain

    known = meanings("topic")
    for value in given:
        if plain(value) not in known:
            raise WrongUse("cli.usage.one_of", given="--topic", value=value, choices=", ".join(codes_of("topic")))
    codes = sorted({known[plain(value)] for value in given})
    if len(codes) > MAX_TOPICS:
        raise WrongUse("cli.synthesis.many_topics", n=MAX_TOPICS)
    return tuple(codes)


def refuse_without_office(pdf: bool) -> None:
    """Before anything is counted or written."""
    from nhipcau.office.pdf import can_write_pdf

    if pdf and not can_write_pdf():
        raise CommandFailed("pdf.absent")


async def write_document(output: Path, data: bytes, *, pdf: bool) -> dict[str, str]:
    """Write the document, and beside it the same as PDF. Where they are, as a program reads it."""
    import asyncio

    from nhipcau.office.pdf import NoPdf, pdf_of
    from nhipcau.office.table_writer import write_bytes

    target = output
    try:
        write_bytes(target, data)
        if not pdf:
            return {"file": str(output)}
        is_named = output.suffix.lower() == ".docx"
        target = output.with_suffix(".pdf") if is_named else output.with_name(f"{output.name}.pdf")
        write_bytes(target, await asyncio.to_thread(pdf_of, data))
    except OSError as error:
        raise not_written(target, error) from None
    except NoPdf as wrong:
        raise CommandFailed(f"pdf.{wrong.reason}") from None
    return {"file": str(output), "pdf": str(target)}


async def _write(
    parts: AppContext,
    period: str,
    unit: str,
    topics: tuple[str, ...],
    layout: Layout,
    template: bytes | None,
    output: Path,
    *,
    pdf: bool,
    as_json: bool,
) -> None:
    from nhipcau.bot.language.periods import read_period
    from nhipcau.cli.transaction import record_act
    from nhipcau.insight.synthesis.template_fields import UnusableTemplate
    from nhipcau.operations.synthesis import Office, document_of, drawn, synthesis_of
    from nhipcau.storage.units import load_tree

    today = datetime.now(UTC).astimezone(parts.settings.zone).date()
    wanted = read_period(period, today)
    if wanted is None:
        raise WrongUse("cli.period", value=period)
    if wanted.first > today:
        raise WrongUse("cli.period_ahead", value=wanted.text)
    t = spoken()
    async with parts.database.reading() as connection:
        tree = await load_tree(connection)
        office = Office(connection, tree, today, parts.settings.zone)
        found = await synthesis_of(office, find_unit(tree, unit), wanted, t, topics)
    try:
        document = document_of(found, layout, t, template, await drawn(found, t))
    except UnusableTemplate as wrong:
        raise CommandFailed(wrong.fault) from None
    # before anything is written: nothing leaves without a line
    await record_act(parts, "export.synthesis", found.reports)
    files = await write_document(output, document.data, pdf=pdf)
    body = {**files, "reports": found.reports, "figures": len(document.figures)}
    print_result(
        as_json,
        {**body, "open_parts": list(found.open_parts)},
        t("cli.synthesis.written", **body),
        t("cli.synthesis.open_parts", parts=", ".join(found.open_parts)),
    )


@synthesis_app.command("verify")
def verify(file: Annotated[Path, typer.Argument()], as_json: Json = False) -> None:
    """Count every figure of the file anew: exit status 1 where one differs, and each that does."""
    data = input_file(file).read_bytes()
    on_database(lambda parts: _verify(parts, file, data, as_json=as_json))


async def _verify(parts: AppContext, file: Path, data: bytes, *, as_json: bool) -> None:
    from nhipcau.operations.synthesis import verify as differences

    async with _office_of(parts, file, data) as (office, written, unit):
        found = await differences(office, written, unit)
    t = spoken()
    if as_json:
        print_json([asdict(each) for each in found])
    elif not found:
        print_line(t("cli.synthesis.holds", n=len(written.figures)))
    for each in () if as_json else found:
        absent = t("cli.synthesis.gone")
        values = {"written": each.written, "now": each.now}
        shown = {name: absent if value is None else value for name, value in values.items()}
        print_line(t("cli.synthesis.differs", reference=each.reference, **shown))
    if found:
        raise SystemExit(1)


@synthesis_app.command("refresh")
def refresh(
    file: Annotated[Path, typer.Argument()], output: Annotated[Path, typer.Option("-o")], as_json: Json = False
) -> None:
    """Count the figures of the file anew in a copy of it; what people wrote stays."""
    data = input_file(file).read_bytes()
    on_database(lambda parts: _refresh(parts, file, data, output, as_json=as_json))


async def _refresh(parts: AppContext, file: Path, data: bytes, output: Path, *, as_json: bool) -> None:
    from nhipcau.cli.transaction import record_act
    from nhipcau.office.table_writer import write_bytes
    from nhipcau.operations.synthesis import refresh as counted_anew

    async with _office_of(parts, file, data) as (office, written, unit):
        found = await counted_anew(office, data, written, unit)
    await record_act(parts, "export.synthesis", found.changed)
    try:
        write_bytes(output, found.data)
    except OSError as error:
        raise not_written(output, error) from None
    t = spoken()
    body = {"file": str(output), "changed": found.changed, "gone": list(found.gone)}
    lines = [t("cli.synthesis.refreshed", file=output, n=found.changed)]
    lines += [t("cli.synthesis.lost", n=len(found.gone), references=", ".join(found.gone))] if found.gone else []
    lines += [t("cli.synthesis.new_issue", statement=issue.statement) for issue in found.new_issues]
    print_result(as_json, {**body, "new_issues": [issue.code for issue in found.new_issues]}, *lines)


@asynccontextmanager
async def _office_of(
    parts: AppContext, file: Path, data: bytes
) -> AsyncIterator[tuple[Office, WrittenSynthesis, Unit]]:
    """The file as it was read, and what counts it anew."""
    from nhipcau.insight.synthesis.reading import NoSynthesis, read_synthesis
    from nhipcau.operations.synthesis import Office
    from nhipcau.storage.units import load_tree

    try:
        written = read_synthesis(data)
    except NoSynthesis:
        raise CommandFailed("cli.synthesis.no_synthesis", file=file) from None
    today = datetime.now(UTC).astimezone(parts.settings.zone).date()
    async with parts.database.reading() as connection:
        tree = await load_tree(connection)
        if (unit := tree.by_code.get(written.unit)) is None:
            raise CommandFailed("cli.synthesis.unit_gone", unit=written.unit)
        yield Office(connection, tree, today, parts.settings.zone), written, unit


def _is_review(of: str) -> bool:
    """Whether a template is for the review, not for the synthesis."""
    from nhipcau.model.synthesis import DocumentKind

    kinds = tuple(kind.value for kind in DocumentKind)
    if of not in kinds:
        raise WrongUse("cli.usage.one_of", given="--of", value=of, choices=", ".join(kinds))
    return DocumentKind(of) is DocumentKind.REVIEW


@template_app.command("new")
def new_template(
    output: Annotated[Path, typer.Option("-o")],
    layout: Annotated[str, typer.Option("--layout")] = "state",
    of: Annotated[str, typer.Option("--of")] = "synthesis",
) -> None:
    """Write the template that comes with the program, for the office to change."""
    from nhipcau.insight.synthesis.document import packed
    from nhipcau.insight.synthesis.layouts import template_of
    from nhipcau.insight.synthesis.review_template import review_template_of
    from nhipcau.office.table_writer import write_bytes

    found, make = read_layout(layout), review_template_of if _is_review(of) else template_of
    try:
        write_bytes(output, packed(make(found)))
    except OSError as error:
        raise not_written(output, error) from None
    print_line(spoken()("cli.template.written", file=output))


@template_app.command("check")
def check(file: Annotated[Path, typer.Argument()], of: Annotated[str, typer.Option("--of")] = "synthesis") -> None:
    """Name what a template may not have: unknown fields, macros, too much."""
    from nhipcau.insight.synthesis.fields import FIELDS
    from nhipcau.insight.synthesis.review_template import REVIEW_FIELDS
    from nhipcau.insight.synthesis.template_fields import UnusableTemplate, check_template

    fields = REVIEW_FIELDS if _is_review(of) else FIELDS
    try:
        check_template(input_file(file).read_bytes(), fields)
    except UnusableTemplate as wrong:
        raise CommandFailed(wrong.fault) from None
    print_line(spoken()("cli.template.good", file=file))
