"""The last check of claimed rows before they are sent: drops those of no use any more, or that the app would refuse."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from nhipcau.bot.channels.registry import PLANS, WINDOWS
from nhipcau.bot.messaging.channel import OutsideWindow
from nhipcau.bot.messaging.delivery_windows import DeliveryRoute, WindowState
from nhipcau.privacy.sealing import Sealer
from nhipcau.settings import Settings
from nhipcau.storage import contact_routes, outbox, weekly_budget
from nhipcau.storage.database import Connection
from nhipcau.storage.delivery_outcomes import DeliveryResults, record_outcomes
from nhipcau.storage.outbox import ClaimedDelivery


async def still_wanted(
    connection: Connection, sealer: Sealer, settings: Settings, claimed: list[ClaimedDelivery], now: datetime
) -> list[ClaimedDelivery]:
    """The rows to send now. Questions and reminders already answered or closed are dropped; a row the app would refuse
    goes to another contact of the person, or is dropped; rows over a person's weekly limit wait."""
    today = now.astimezone(settings.zone).date()
    unwanted = await outbox.unwanted(connection, claimed, now)
    results = DeliveryResults(dropped=[(row, "expired") for row in unwanted])
    used_up = await _used_up(connection, claimed, today)
    for row in claimed:
        if row.purpose == "reply" or row in unwanted:
            continue
        route = DeliveryRoute(row.contact_id, row.channel, row.heard_at, WINDOWS.get(row.channel))
        if row.channel in used_up or route.window_state(now) is WindowState.CLOSED:
            results.dropped.append((row, "quota" if row.channel in used_up else OutsideWindow.reason))
            results.window_closed.append(row)
    await record_outcomes(connection, sealer, results, now, today)
    gone = {row.id for row, _ in results.dropped}
    rest = [row for row in claimed if row.id not in gone]
    return await weekly_budget.admit(connection, rest, today, settings.zone, settings.push_budget)


async def _used_up(connection: Connection, claimed: Sequence[ClaimedDelivery], today: date) -> Collection[str]:
    """Channels whose plan for the month is used up; only pushes are held back by it."""
    if not any(row.channel in PLANS and row.purpose != "reply" for row in claimed):
        return ()
    return await contact_routes.used_up_channels(connection, today)
