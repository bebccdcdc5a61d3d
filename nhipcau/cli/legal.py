"""`dossier`, `breach`: the documents of the law on personal data, from the living installation (rules R27, R28)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nhipcau.cli.help_pages import Family
from nhipcau.cli.runner import Json, WrongUse, command, not_written, print_json, print_line, print_result, spoken

if TYPE_CHECKING:
    from nhipcau.cli.transaction import Transaction
    from nhipcau.context import AppContext
    from nhipcau.office.legal_documents import HoldingLine
    from nhipcau.storage.exposure import Exposure

app = Family()


@command(app)
async def dossier(parts: AppContext, output: Annotated[Path, typer.Option("-o")], as_json: Json = False) -> None:
    """The dossier of the impact assessment, from the installation as it is."""
    from nhipcau.cli.legal_checks import shape_of
    from nhipcau.cli.transaction import writing
    from nhipcau.office.legal_documents import write_dossier
    from nhipcau.office.table_writer import write_bytes
    from nhipcau.storage.audit import record_audit
    from nhipcau.storage.legal_records import record_dossier

    async with writing(parts) as transaction:
        today = transaction.context.today
        record = await record_dossier(transaction.connection, today, shape_of(parts.settings))
        facts = await _dossier(parts, transaction, record.version, today)
        record_audit(transaction.context, "law.dossier")
        # before the commit: what was not written is not recorded as written
        try:
            write_bytes(output, write_dossier(facts, spoken()))
        except OSError as error:
            raise not_written(output, error) from None
    body = {
        "file": str(output),
        "version": facts.version,
        "schema": facts.schema,
        "day": facts.day.isoformat(),
        "next_update": facts.next_day.isoformat(),
    }
    print_result(
        as_json,
        body,
        spoken()("cli.dossier.written", file=output, version=facts.version),
        spoken()("cli.dossier.next", day=f"{facts.next_day:%d/%m/%Y}"),
    )


async def _dossier(parts: AppContext, transaction: Transaction, version: int, today: date) -> Any:
    from collections import Counter

    from nhipcau.cli.legal_checks import UPDATE_MONTHS, apps_of
    from nhipcau.model.data_requests import due_of
    from nhipcau.office.legal_documents import Dossier
    from nhipcau.storage import schema
    from nhipcau.storage.data_requests import all_entries
    from nhipcau.storage.exposure import exposure
    from nhipcau.storage.legal_records import months_later

    settings, tree = parts.settings, transaction.tree
    found = await exposure(transaction.connection, parts.sealer)
    entries = await all_entries(transaction.connection)
    calendar = transaction.context.office.calendar
    return Dossier(
        version=version,
        day=today,
        next_day=months_later(today, UPDATE_MONTHS),
        schema=schema.HEAD,
        office=tree.root.name if tree.root else spoken()("law.to_fill"),
        units=len(tree.by_id),
        people=found.people,
        by_role=dict(sorted(found.by_role.items())),
        holdings=_lines(found),
        apps=apps_of(parts.settings),
        terms={
            "report_months": settings.report_months,
            "follow_up_days": settings.follow_up_days,
            "audit_months": settings.audit_months,
        },
        is_https=settings.url.startswith("https"),
        is_sqlite=settings.database_file is not None,
        traceable_reports=found.traceable_reports,
        requests=dict(sorted(Counter(entry.kind.value for entry in entries).items())),
        overdue=sum(1 for entry in entries if (due := due_of(entry, calendar)) is not None and due < today),
    )


def _lines(found: Exposure) -> list[HoldingLine]:
    from nhipcau.office.legal_documents import HoldingLine

    return [HoldingLine(each.kind, each.tables, each.rows, each.people) for each in found.holdings]


@command(app)
async def breach(
    parts: AppContext,
    since: Annotated[str, typer.Option("--since")] = "",
    output: Annotated[Path | None, typer.Option("-o")] = None,
    is_over: Annotated[bool, typer.Option("--end")] = False,
    as_json: Json = False,
) -> None:
    """What lies exposed, of how many people, and the clock of 72 hours, which the first call starts."""
    from nhipcau.cli.legal_checks import NOTICE_HOURS, apps_of
    from nhipcau.cli.transaction import writing
    from nhipcau.storage.audit import record_audit
    from nhipcau.storage.exposure import exposure
    from nhipcau.storage.legal_records import end_breach, notice_breach

    async with writing(parts) as transaction:
        now = transaction.now.astimezone(parts.settings.zone).replace(microsecond=0)
        exposed_since = _moment(since, now)
        record_audit(transaction.context, "law.breach")
        if is_over:
            await end_breach(transaction.connection)
        else:
            noticed = (await notice_breach(transaction.connection, now)).astimezone(parts.settings.zone)
            found = await exposure(transaction.connection, parts.sealer)
            office = transaction.tree.root.name if transaction.tree.root else spoken()("law.to_fill")
    if is_over:
        print_result(as_json, {"ended": now.isoformat()}, spoken()("cli.breach.ended"))
        return
    notify_by = noticed + timedelta(hours=NOTICE_HOURS)
    if output is not None:
        _write_notice(output, found, office, (noticed, notify_by), exposed_since)
    body = {
        "since": exposed_since.isoformat() if exposed_since else None,
        "noticed": noticed.isoformat(),
        "notify_by": notify_by.isoformat(),
        "hours_left": round((notify_by - now).total_seconds() / 3600, 1),
        "people": found.people,
        "exposed": [
            {
                "kind": each.kind,
                "tables": list(each.tables),
                "rows": each.rows,
                "people": each.people,
                "since": each.since.isoformat() if each.since else None,
            }
            for each in found.holdings
            if each.rows
        ],
        "traceable_reports": found.traceable_reports,
        "keys": {"months": list(found.month_keys), "polls": found.poll_keys},
        "apps": [line.name for line in apps_of(parts.settings) if line.is_on],
        "notice": str(output) if output else None,
    }
    if as_json:
        print_json(body)
        return
    _print_breach(body, noticed, notify_by, exposed_since)


def _moment(written: str, now: datetime) -> datetime | None:
    """2026-12-01, or 2026-12-01 17:00, in the office's time zone; None for "". Raises WrongUse."""
    if not written:
        return None
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise WrongUse("cli.breach.moment", value=written) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)
    if moment > now:
        raise WrongUse("cli.breach.future", value=written)
    return moment


def _write_notice(
    output: Path, found: Exposure, office: str, clock: tuple[datetime, datetime], since: datetime | None
) -> None:
    """`clock`: when it was noticed, and by when it has to be reported."""
    from nhipcau.office.legal_documents import Notice, write_notice
    from nhipcau.office.table_writer import write_bytes

    held = [line for line in _lines(found) if line.rows]
    notice = Notice(office, *clock, since, found.people, held, found.traceable_reports)
    try:
        write_bytes(output, write_notice(notice, spoken()))
    except OSError as error:
        raise not_written(output, error) from None


def _print_breach(body: dict[str, Any], noticed: datetime, notify_by: datetime, since: datetime | None) -> None:
    t = spoken()
    moments = {"noticed": f"{noticed:%H:%M %d/%m/%Y}", "by": f"{notify_by:%H:%M %d/%m/%Y}", "left": body["hours_left"]}
    print_line(t("cli.breach.clock", **moments))
    print_line(t("cli.breach.since", since=f"{since:%H:%M %d/%m/%Y}") if since else t("cli.breach.since_unknown"))
    print_line(t("cli.breach.people", n=body["people"]))
    for each in body["exposed"]:
        whose = t("law.nobody") if each["people"] is None else t("cli.request_log.people", n=each["people"])
        first = f"{date.fromisoformat(each['since']):%d/%m/%Y}" if each["since"] else "–"
        kind = t(f"law.kind.{each['kind']}", tables=", ".join(each["tables"]))
        print_line(t("cli.breach.line", kind=kind, rows=each["rows"], whose=whose, since=first))
    print_line(t("law.traceable", n=body["traceable_reports"]))
    apps = ", ".join(t(f"channel.{name}") for name in body["apps"])
    print_line(t("cli.breach.keys", months=len(body["keys"]["months"]), polls=body["keys"]["polls"], apps=apps))
    print_line(t("cli.breach.written", file=body["notice"]) if body["notice"] else t("cli.breach.no_notice"))
