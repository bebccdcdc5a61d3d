"""The last look at claimed rows before they are sent: what is of no use any more, or would be refused, does not go."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from nhipcau.bot.channels.registry import PLANS, WINDOWS
from nhipcau.bot.messaging.channel import OutsideWindow
from nhipcau.bot.messaging.delivery_windows import Way, WindowState
from nhipcau.privacy.sealing import Sealer
from nhipcau.settings import Settings
from nhipcau.storage import contact_routes, outbox, weekly_budget
from nhipcau.storage.database import Connection
from nhipcau.storage.delivery_outcomes import DeliveryResults, record_outcomes
from nhipcau.storage.outbox import ClaimedDelivery


async def still_wanted(
    connection: Connection, sealer: Sealer, settings: Settings, claimed: list[ClaimedDelivery], now: datetime
) -> list[ClaimedDelivery]:
    """Questions and reminders answered meanwhile, or over, are dropped; what the app would refuse goes to another
    contact, or not at all; what is over a person's weekly limit waits."""
    today = now.astimezone(settings.zone).date()
    unwanted = await outbox.unwanted(connection, claimed, now)
    dropped = DeliveryResults(dropped=[(row, "expired") for row in unwanted])
    used_up = await _used_up(connection, claimed, today)
    for row in claimed:
        if row.purpose == "reply" or row in unwanted:
            continue
        way = Way(row.contact_id, row.channel, row.heard_at, WINDOWS.get(row.channel))
        if row.channel in used_up or way.state_at(now) is WindowState.CLOSED:
            dropped.dropped.append((row, "quota" if row.channel in used_up else OutsideWindow.reason))
            dropped.window_closed.append(row)
    await record_outcomes(connection, sealer, dropped, now, today)
    gone = {row.id for row, _ in dropped.dropped}
    rest = [row for row in claimed if row.id not in gone]
    return await weekly_budget.admit(connection, rest, today, settings.zone, settings.push_budget)


async def _used_up(connection: Connection, claimed: Sequence[ClaimedDelivery], today: date) -> Collection[str]:
    """Channels whose plan for the month is used up: replies are tried all the same."""
    if not any(row.channel in PLANS and row.purpose != "reply" for row in claimed):
        return ()
    return await contact_routes.used_up_channels(connection, today)
