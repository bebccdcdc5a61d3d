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

from nhipcau.bot.channels.registry import CHANNELS, ChannelSettings, channels_on
from nhipcau.bot.channels.traits import ChannelTraits, Check
from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.faults import reason
from nhipcau.bot.messaging.delivery_windows import WindowState
from nhipcau.bot.recurrence.working_days import InvalidCalendar, load_calendar
from nhipcau.cli import legal_checks
from nhipcau.cli.backup import keys_reminder
from nhipcau.cli.runner import database_trouble
from nhipcau.office.lesson_library import read_lessons
from nhipcau.privacy.key_copy import check_value
from nhipcau.privacy.keys import DamagedKey, KeyRing
from nhipcau.privacy.person_keys import BOOK, PersonKeys, book_id
from nhipcau.privacy.sealing import Sealer
from nhipcau.settings import Settings
from nhipcau.storage import contact_routes, outbox_upkeep, schema
from nhipcau.storage.database import Connection, Database, DatabaseError
from nhipcau.storage.invites import collaborators_invited
from nhipcau.storage.sealed_people import is_anybody_sealed
from nhipcau.storage.shared_values import key_marks

T = TypeVar("T")

#: Free bytes on the disk below which doctor warns.
_MIN_FREE_BYTES = 500_000_000
#: Minutes within which a due delivery should have been sent.
_STALE_MINUTES = 10
#: Seconds the clock may be wrong without harm to tokens and deadlines.
_MAX_SKEW_SECONDS = 60
#: Used share of an app's plan from which doctor warns.
_PLAN_WARNING_SHARE = 0.9


async def examine(settings: Settings, t: Texts) -> list[Check]:
    """Every check; what was found is said in the language of `t`."""
    checks = [await _database(settings, t), await _delivery(settings, t), _disk(settings, t)]
    checks += [_lessons(settings, t), _calendar(settings, t), await _address(settings, t)]
    checks += await _ask(settings, lambda connection: legal_checks.examine(connection, settings, t)) or []
    lost = await has_lost_keys(settings)
    if lost:
        checks.append(("keys", False, t("cli.doctor.keys_lost", folder=settings.keys)))
    elif wrong := await _wrong_key(settings):
        checks.append(("keys", False, t(f"cli.keys.wrong_{wrong}", folder=settings.keys)))
    else:
        checks.append(_keys(settings, t))
    for each in CHANNELS:
        checks += await _channel(each, settings, t)
    return [*checks, await _clock(settings, t), _documents(settings, t)]


async def _database(settings: Settings, t: Texts) -> Check:
    foreign: list[str] = []
    try:
        database = Database(settings.database_url)
        try:
            found = await schema.version(database)
            if found == schema.HEAD:
                await schema.check_writable(database)
                foreign = await schema.foreign_parts(database)
        finally:
            await database.close()
    except DatabaseError as error:
        return ("database", False, database_trouble(error).say(t))
    except Exception as error:  # report any error as the result of this check
        return ("database", False, t("cli.database.away", error=type(error).__name__))
    if found > schema.HEAD:
        return ("database", False, t("cli.database.too_new", found=found, known=schema.HEAD))
    if not found:
        return ("database", True, t("cli.doctor.database_empty"))
    if found != schema.HEAD:
        return ("database", False, t("cli.doctor.database_old", found=found, known=schema.HEAD))
    if foreign:
        return ("database", False, t("cli.database.foreign", parts=", ".join(foreign)))
    where = settings.database_file or database.url.host or database.url.query.get("host")
    if settings.database_in_clear:
        return ("database", False, t("cli.doctor.database_in_clear", where=where))
    return ("database", True, t("cli.doctor.database_answers", found=found, where=where))


async def _delivery(settings: Settings, t: Texts) -> Check:
    """Whether deliveries are sent in time."""
    now, pulled = datetime.now(UTC), [each.name for each in CHANNELS if each.recipients_fetch]
    found = await _ask(settings, lambda connection: outbox_upkeep.overdue(connection, now, pulled))
    if found is None:
        return ("delivery", True, t("cli.doctor.delivery_unknown"))
    number, oldest = found
    if oldest is None:
        return ("delivery", True, t("cli.doctor.delivery_none"))
    minutes = (now - oldest).total_seconds() / 60
    is_late = minutes >= _STALE_MINUTES
    key = "cli.doctor.delivery_late" if is_late else "cli.doctor.delivery_waits"
    return ("delivery", not is_late, t(key, n=number, minutes=f"{minutes:.0f}"))


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
    if not (settings.keys / "contacts.key").exists() and await _ask(settings, contact_routes.any_contact):
        return True
    return not (settings.keys / BOOK).exists() and bool(await _ask(settings, is_anybody_sealed))


async def _wrong_key(settings: Settings) -> str:
    """Name of a lasting key that is another one than the database was written with; "": none. Makes no key."""
    known = await _ask(settings, key_marks) or {}
    folder, given = settings.keys, settings.secret_key
    present = {"secret": given.encode()} if given else {}
    for name in ("contacts", "secret"):
        path = folder / f"{name}.key"
        if name not in present and path.exists():
            present[name] = path.read_bytes()
    if (folder / BOOK).exists():
        try:
            present["people"] = book_id(folder / BOOK)
        except DamagedKey:
            return "people"
    return next((name for name, key in present.items() if known.get(name, check_value(key)) != check_value(key)), "")


def _disk(settings: Settings, t: Texts) -> Check:
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        probe = settings.data_dir / f".doctor-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        return ("disk", False, t("cli.doctor.disk_not_written", folder=settings.data_dir, why=reason(error).say(t)))
    free = shutil.disk_usage(settings.data_dir).free
    return ("disk", free > _MIN_FREE_BYTES, t("cli.doctor.disk", free=free // 1_000_000, folder=settings.data_dir))


def _lessons(settings: Settings, t: Texts) -> Check:
    """Faults in the office's own lessons, which are left out until they are corrected."""
    shelf = read_lessons(settings.lessons)
    if shelf.faults:
        name, wrong = next(iter(shelf.faults.items()))
        return (
            "lessons",
            False,
            t("cli.doctor.lessons_wrong", n=len(shelf.faults), file=name, first=wrong.faults[0].say(t)),
        )
    taught = shelf.lessons.get(settings.language, ())
    return ("lessons", True, t("cli.doctor.lessons", n=len(taught), own=len(shelf.own)))


def _calendar(settings: Settings, t: Texts) -> Check:
    """Faults in the office's calendar of days off and days worked."""
    path = settings.calendar
    if not path.exists():
        return ("calendar", True, t("cli.doctor.calendar_none", file=path))
    _, fault = load_calendar(path)
    if fault is not None:
        why = fault.say(t) if isinstance(fault, InvalidCalendar) else t("cli.doctor.not_text")
        return ("calendar", False, t("cli.doctor.calendar_wrong", file=path, why=why))
    return ("calendar", True, t("cli.doctor.calendar", file=path))


async def _address(settings: Settings, t: Texts) -> Check:
    """Whether phones can open the address in links; no fault before collaborators were invited, or by another app."""
    if not (why := settings.unreachable):
        return ("address", True, settings.url)
    now = datetime.now(UTC)
    invited = await _ask(settings, lambda connection: collaborators_invited(connection, now)) or 0
    by_app = not all(each.recipients_fetch for each in channels_on(settings))
    if not invited or by_app:
        return ("address", True, t(f"cli.doctor.address_{why}", url=settings.url))
    return ("address", False, t(f"cli.doctor.address_{why}_invited", url=settings.url, n=invited))


def _documents(settings: Settings, t: Texts) -> Check:
    """How each active channel sends documents."""
    ways = [f"{t(f'channel.{each.name}')} {t(each.documents, url=settings.url)}" for each in channels_on(settings)]
    return ("documents", True, t("cli.doctor.documents", ways="; ".join(ways)))


def _keys(settings: Settings, t: Texts) -> Check:
    folder = settings.keys
    if not folder.is_dir():
        return ("keys", True, t("cli.doctor.keys_none", folder=folder))
    mode = folder.stat().st_mode & 0o777
    if mode & 0o077:
        return ("keys", False, t("cli.doctor.keys_open", folder=folder, mode=f"{mode:o}"))
    damaged = [path.name for path in folder.glob("*.key") if path.stat().st_size != 32]
    if damaged:
        return ("keys", False, t("cli.doctor.keys_damaged", folder=folder, files=", ".join(damaged)))
    if not (folder / "contacts.key").exists():
        return ("keys", False, t("cli.doctor.keys_without", folder=folder))
    if (folder / BOOK).exists() and (damaged_slots := PersonKeys(folder).damaged):
        return ("keys", False, t("cli.doctor.keys_slots", folder=folder, n=damaged_slots))
    return ("keys", True, ". ".join([t("cli.doctor.keys", folder=folder), *keys_reminder(folder, t)]))


async def _channel(channel: ChannelTraits[ChannelSettings], settings: Settings, t: Texts) -> list[Check]:
    """The channel's own checks, and the use of its app's plan and delivery window."""
    if not channel.is_on(settings):
        return [(channel.label, True, t("cli.doctor.channel_off", settings=channel.switch))]
    checks = await channel.checks(settings, settings.url, settings.keys, t)
    return [*checks, *await _plan(channel, settings, t), *await _window(channel, settings, t)]


async def _plan(channel: ChannelTraits[ChannelSettings], settings: Settings, t: Texts) -> list[Check]:
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
    # extrapolated to the end of the month
    end = sent * 31 // max(1, today.day)
    facts = {"users": users, "of_users": plan.users, "sent": sent, "of": plan.messages, "end": end}
    if users >= _PLAN_WARNING_SHARE * plan.users or sent >= _PLAN_WARNING_SHARE * plan.messages:
        return [(name, False, t("cli.doctor.plan_short", **facts))]
    return [(name, True, t("cli.doctor.plan", **facts))]


async def _window(channel: ChannelTraits[ChannelSettings], settings: Settings, t: Texts) -> list[Check]:
    """How many people the app's delivery window lets us write to now."""
    if (window := channel.window) is None or not all((settings.keys / n).is_file() for n in ("contacts.key", BOOK)):
        return []
    try:
        now, sealer = datetime.now(UTC), Sealer(KeyRing(settings.keys))
    except DamagedKey:
        # its own check says so
        return []
    found = await _ask(
        settings, lambda connection: contact_routes.window_states(connection, sealer, channel.name, window, now)
    )
    if not found:
        return []
    free, paid, closed = (found[state] for state in (WindowState.FREE, WindowState.PAID, WindowState.CLOSED))
    detail = t("cli.doctor.window", free=free, paid=paid, closed=closed, days=window.length.days)
    return [(f"{channel.label} window", True, detail)]


async def _clock(settings: Settings, t: Texts) -> Check:
    """Compare our clock with the date an app's server sends."""
    # here, since the service imports this file at its start
    from aiohttp_socks import ProxyConnector

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
        is_right = off < _MAX_SKEW_SECONDS
        key = "cli.doctor.clock" if is_right else "cli.doctor.clock_wrong"
        return ("clock", is_right, t(key, seconds=f"{off:.0f}", server=server.owner))
    return ("clock", True, t("cli.doctor.clock_unknown"))
