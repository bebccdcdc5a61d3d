"""What the documents of the law describe, and the checks of `doctor` about them: what is due, and by when."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from nhipcau.bot.channels.registry import CHANNELS
from nhipcau.bot.channels.traits import Check
from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.recurrence.working_days import load_calendar
from nhipcau.model.data_requests import due_of
from nhipcau.office.legal_documents import AppLine
from nhipcau.settings import Settings
from nhipcau.storage import schema
from nhipcau.storage.data_requests import all_entries
from nhipcau.storage.database import Connection
from nhipcau.storage.exposure import first_consent
from nhipcau.storage.legal_records import breach_noticed, last_dossier, months_later

#: Hours after noticing a breach within which it has to be reported (Law 91/2025/QH15).
NOTICE_HOURS = 72
#: Months after which the dossier has to be brought up to date, and days after the first consent until it is filed.
UPDATE_MONTHS, FILING_DAYS = 6, 60


def apps_of(settings: Settings) -> list[AppLine]:
    """Every app people may use, as it is set."""
    return [AppLine(each.name, each.is_on(settings), each.is_abroad) for each in CHANNELS]


def shape_of(settings: Settings) -> dict[str, Any]:
    """What makes a new version of the dossier when it changes."""
    return {
        "schema": schema.HEAD,
        "apps": [app.name for app in apps_of(settings) if app.is_on],
        "terms": [settings.report_months, settings.follow_up_days, settings.audit_months],
    }


async def examine(connection: Connection, settings: Settings, t: Texts) -> list[Check]:
    today = datetime.now(UTC).astimezone(settings.zone).date()
    return [
        await _requests(connection, settings, today, t),
        await _dossier(connection, settings, today, t),
        await _breach(connection, settings, t),
    ]


async def _requests(connection: Connection, settings: Settings, today: date, t: Texts) -> Check:
    # a check of its own says what is wrong with the file
    calendar, _ = load_calendar(settings.calendar)
    open_ones = await all_entries(connection, only_open=True)
    days = [due for entry in open_ones if (due := due_of(entry, calendar)) is not None]
    if late := sum(day < today for day in days):
        return ("requests", False, t("cli.doctor.requests_overdue", n=late))
    if days:
        return ("requests", True, t("cli.doctor.requests_open", n=len(days), day=f"{min(days):%d/%m/%Y}"))
    return ("requests", True, t("cli.doctor.requests_none"))


async def _dossier(connection: Connection, settings: Settings, today: date, t: Texts) -> Check:
    last = await last_dossier(connection)
    if last is None:
        began = await first_consent(connection)
        is_late = began is not None and today > began.astimezone(settings.zone).date() + timedelta(days=FILING_DAYS)
        return ("dossier", not is_late, t("cli.doctor.dossier_late" if is_late else "cli.doctor.dossier_none"))
    due = months_later(last.day, UPDATE_MONTHS)
    facts = {"version": last.version, "day": f"{last.day:%d/%m/%Y}", "next": f"{due:%d/%m/%Y}"}
    if today > due:
        return ("dossier", False, t("cli.doctor.dossier_over", **facts))
    has_changed = dict(last.shape) != shape_of(settings)
    return ("dossier", True, t("cli.doctor.dossier_changed" if has_changed else "cli.doctor.dossier_due", **facts))


async def _breach(connection: Connection, settings: Settings, t: Texts) -> Check:
    noticed = await breach_noticed(connection)
    if noticed is None:
        return ("breach", True, t("cli.doctor.breach_none"))
    noticed = noticed.astimezone(settings.zone)
    by = noticed + timedelta(hours=NOTICE_HOURS)
    return (
        "breach",
        False,
        t("cli.doctor.breach_runs", noticed=f"{noticed:%H:%M %d/%m/%Y}", by=f"{by:%H:%M %d/%m/%Y}"),
    )
