"""The checks of `doctor`: what is wrong with an installation, and what to do about it."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

import aiohttp
from aiohttp_socks import ProxyConnector

from nhipcau.bot.channels.registry import CHANNELS, ChannelSettings, channels_on
from nhipcau.bot.channels.traits import ChannelTraits, Check
from nhipcau.bot.language.catalogue import texts
from nhipcau.bot.messaging.delivery_windows import WindowState
from nhipcau.bot.recurrence.working_days import InvalidCalendar, read_calendar
from nhipcau.cli.runner import database_trouble
from nhipcau.office.lesson_library import read_lessons
from nhipcau.settings import Settings
from nhipcau.storage import contact_routes, outbox_upkeep, schema
from nhipcau.storage.database import Connection, Database, DatabaseError

T = TypeVar("T")

#: Free bytes on the disk below which doctor warns.
_MIN_FREE_BYTES = 500_000_000
LOST_KEYS = "{} has no contacts.key, and people are on record who are reached with it: put it back from your copy"
#: Minutes within which a due delivery should have been sent.
_STALE_MINUTES = 10
#: Seconds the clock may be wrong without harm to tokens and deadlines.
_MAX_SKEW_SECONDS = 60
#: Used share of an app's plan from which doctor warns.
_PLAN_WARNING_SHARE = 0.9


async def examine(settings: Settings) -> list[Check]:
    checks = [await _database(settings), await _delivery(settings), _disk(settings)]
    checks += [_lessons(settings), _calendar(settings)]
    lost = await has_lost_keys(settings)
    checks.append(("keys", False, LOST_KEYS.format(settings.keys)) if lost else _keys(settings))
    for each in CHANNELS:
        checks += await _channel(each, settings)
    return [*checks, await _clock(settings), _documents(settings)]


async def _database(settings: Settings) -> Check:
    try:
        database = Database(settings.database_url)
        try:
            found = await schema.version(database)
            if found == schema.HEAD:
                await schema.check_writable(database)
        finally:
            await database.close()
    except DatabaseError as error:
        return ("database", False, database_trouble(error))
    except Exception as error:  # report any error as the result of this check
        return ("database", False, f"does not answer ({type(error).__name__}): check NHIPCAU_DATABASE_URL")
    if found > schema.HEAD:
        known = schema.HEAD
        return ("database", False, f"is of version {found}, this program knows {known}: install the newer program")
    if not found:
        return ("database", True, "answers; empty: `nhipcau init --province NAME` fills it")
    if found != schema.HEAD:
        return ("database", False, f"is of version {found}, this program is {schema.HEAD}: `nhipcau migrate`")
    return ("database", True, f"answers, version {found}, {settings.database_file or database.url.host}")


async def _delivery(settings: Settings) -> Check:
    """Whether deliveries are sent in time."""
    now, pulled = datetime.now(UTC), [each.name for each in CHANNELS if each.recipients_fetch]
    found = await _ask(settings, lambda connection: outbox_upkeep.overdue(connection, now, pulled))
    if found is None:
        return ("delivery", True, "nothing to see without a database")
    number, oldest = found
    if oldest is None:
        return ("delivery", True, "nothing waits")
    minutes = (now - oldest).total_seconds() / 60
    detail = f"{number} waiting, the oldest for {minutes:.0f} minutes"
    if minutes < _STALE_MINUTES:
        return ("delivery", True, detail)
    return ("delivery", False, f"{detail}: is `nhipcau run` running? If so, look at the channel below")


async def _ask(settings: Settings, ask: Callable[[Connection], Awaitable[T]]) -> T | None:
    """Run a query; None if the database can't answer, which its own check reports."""
    database = Database(settings.database_url)
    try:
        async with database.reading() as connection:
            return await ask(connection)
    except Exception:  # no tables, or no database
        return None
    finally:
        await database.close()


async def has_lost_keys(settings: Settings) -> bool:
    """Whether contacts are stored whose key is missing, as after a restore without the key directory."""
    if (settings.keys / "contacts.key").exists():
        return False
    return bool(await _ask(settings, contact_routes.any_contact))


def _disk(settings: Settings) -> Check:
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        probe = settings.data_dir / f".doctor-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        return ("disk", False, f"{settings.data_dir} can't be written ({error.strerror}): check NHIPCAU_DATA_DIR")
    free = shutil.disk_usage(settings.data_dir).free
    return ("disk", free > _MIN_FREE_BYTES, f"{free // 1_000_000} MB free in {settings.data_dir}")


def _lessons(settings: Settings) -> Check:
    """Faults in the office's own lessons, which are left out until they are corrected."""
    shelf = read_lessons(settings.lessons)
    if shelf.faults:
        name, wrong = next(iter(shelf.faults.items()))
        detail = f"{len(shelf.faults)} left out, {name} {wrong.faults[0]}; `nhipcau lesson check` shows all"
        return ("lessons", False, detail)
    taught = shelf.lessons.get(settings.language, ())
    return ("lessons", True, f"{len(taught)} to learn, {len(shelf.own)} files of the office's own")


def _calendar(settings: Settings) -> Check:
    """Faults in the office's calendar of days off and days worked."""
    path = settings.calendar
    if not path.exists():
        return ("calendar", True, f"public holidays; days of your own go into {path}")
    try:
        read_calendar(path.read_text(encoding="utf-8-sig"))
    except (InvalidCalendar, OSError, UnicodeDecodeError) as error:
        why = "can't be read: save it as UTF-8 text"
        if isinstance(error, InvalidCalendar):
            why = error.say(texts(settings.language))
        return ("calendar", False, f"{path} is left out until it is mended: {why}")
    return ("calendar", True, f"public holidays, and the days of {path}")


def _documents(settings: Settings) -> Check:
    """How each active channel sends documents."""
    ways = [f"{each.label} {each.documents.format(url=settings.url)}" for each in channels_on(settings)]
    return ("documents", True, f"PDF, DOC, DOCX, 5 MB at most: {'; '.join(ways)}")


def _keys(settings: Settings) -> Check:
    folder = settings.keys
    if not folder.is_dir():
        return ("keys", True, f"{folder} is made at the first start")
    mode = folder.stat().st_mode & 0o777
    if mode & 0o077:
        return ("keys", False, f"{folder} is open to others (mode {mode:o}): chmod 700 {folder}")
    damaged = [path.name for path in folder.glob("*.key") if path.stat().st_size != 32]
    if damaged:
        return ("keys", False, f"damaged in {folder}: {', '.join(damaged)}; put them back from your copy")
    if not (folder / "contacts.key").exists():
        return ("keys", False, f"{folder} has no contacts.key: with another one nobody on record can be reached")
    return ("keys", True, f"{folder}, mode 700; a backup does not hold them")


async def _channel(channel: ChannelTraits[ChannelSettings], settings: Settings) -> list[Check]:
    """The channel's own checks, and the use of its app's plan and delivery window."""
    if not channel.is_on(settings):
        return [(channel.label, True, f"off: set {channel.switch} to switch it on")]
    checks = await channel.checks(settings, settings.url, settings.keys)
    return [*checks, *await _plan(channel, settings), *await _window(channel, settings)]


async def _plan(channel: ChannelTraits[ChannelSettings], settings: Settings) -> list[Check]:
    """How much of the app's plan is used this month: people and messages."""
    if (plan := channel.plan) is None:
        return []
    today = datetime.now(settings.zone).date()
    sent_by = await _ask(settings, lambda connection: contact_routes.sent_in(connection, today))
    users = await _ask(settings, lambda connection: contact_routes.users_of(connection, channel.name))
    if sent_by is None or users is None:
        return []
    sent = sent_by[channel.name]
    name = f"{channel.label} plan"
    detail = f"{users} of {plan.users} people, {sent} of {plan.messages} messages this month"
    if users >= _PLAN_WARNING_SHARE * plan.users or sent >= _PLAN_WARNING_SHARE * plan.messages:
        return [(name, False, f"{detail}: let further people join by another app, or take a larger plan")]
    # extrapolated to the end of the month
    end = sent * 31 // max(1, today.day)
    return [(name, True, detail + (f", about {end} by its end" if sent else ""))]


async def _window(channel: ChannelTraits[ChannelSettings], settings: Settings) -> list[Check]:
    """How many people the app's delivery window lets us write to now."""
    if (window := channel.window) is None:
        return []
    now = datetime.now(UTC)
    found = await _ask(settings, lambda connection: contact_routes.window_states(connection, channel.name, window, now))
    if not found:
        return []
    free, paid, closed = (found[state] for state in (WindowState.FREE, WindowState.PAID, WindowState.CLOSED))
    detail = f"{free} people free, {paid} at a price, {closed} silent for {window.length.days} days"
    return [(f"{channel.label} window", True, detail)]


async def _clock(settings: Settings) -> Check:
    """Compare our clock with the date an app's server sends."""
    servers = [server for each in channels_on(settings) if (server := each.server(settings))]
    for server in servers:
        try:
            connector = ProxyConnector.from_url(server.proxy) if server.proxy else None
            timeout = aiohttp.ClientTimeout(total=10)
            async with (
                aiohttp.ClientSession(connector=connector, timeout=timeout) as session,
                session.head(f"{server.address}/") as response,
            ):
                off = abs(parsedate_to_datetime(response.headers["Date"]).timestamp() - time.time())
        except Exception:  # that app's own check reports it; try the next one
            continue
        advice = "" if off < _MAX_SKEW_SECONDS else ": set this machine's clock (timedatectl set-ntp true)"
        return ("clock", off < _MAX_SKEW_SECONDS, f"{off:.0f} s from {server.owner}{advice}")
    return ("clock", True, "no app answers to compare with: `timedatectl` tells whether it is kept right")
