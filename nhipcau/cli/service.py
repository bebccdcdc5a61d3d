"""`run`, `doctor`, `migrate`: the service, and what is wrong with it."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from nhipcau.cli.runner import (
    Json,
    command,
    database_trouble,
    leave,
    print_json,
    print_line,
    quiet_log,
    settings_or_exit,
    trouble_of,
)

if TYPE_CHECKING:
    import asyncio

    from nhipcau.bot.channels.registry import ChannelSettings
    from nhipcau.bot.channels.traits import ChannelTraits, Check
    from nhipcau.context import AppContext
    from nhipcau.settings import Settings

app = typer.Typer()

#: Bytes free on the disk below which doctor warns.
_FREE = 500_000_000
_LOST_KEYS = "{} has no contacts.key, and people are on record who are reached with it: put it back from your copy"
#: Minutes after which what waits to be sent should have been.
_STALE = 10
#: Seconds the clock may be off before tokens and deadlines suffer.
_SKEW = 60
#: Share of an app's plan from which somebody should know.
_NEARLY = 0.9


@app.command()
def run(
    only: Annotated[
        list[str] | None,
        typer.Option("--only", help="Some parts, beside others on one PostgreSQL: intake, sender, clock, web."),
    ] = None,
    more: Annotated[list[str] | None, typer.Argument(help="More parts after --only.")] = None,
) -> None:
    """Serve: channels, delivery, clock, web chat."""
    import asyncio

    # until the loop has handlers of its own
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    quiet_log()
    settings = settings_or_exit()
    if more and not only:
        leave(f"{more[0]}: say `--only {more[0]}` for a part.", 2)
    parts = _parts(settings, [*(only or []), *(more or [])])
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        raise SystemExit(runner.run(_run(settings, parts)))


def _parts(settings: Settings, only: list[str]) -> list[str]:
    """The parts meant: all, or those named, one by one or as intake,web."""
    from nhipcau.app import PARTS

    named = [name for words in only for name in words.split(",") if name]
    if only and not named:
        leave(f"--only: say which of {', '.join(PARTS)}.", 2)
    if wrong := sorted(set(named) - set(PARTS)):
        leave(f"--only {wrong[0]}: there are {', '.join(PARTS)}.", 2)
    if named and settings.database_url.startswith("sqlite"):
        leave(f"--only {named[0]}: parts beside each other need PostgreSQL; SQLite has one process.", 2)
    return named or list(PARTS)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where the platform has it (not on Windows): the same loop at half the cost per message."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


async def _run(settings: Settings, only: list[str]) -> int:
    from nhipcau.app import Service
    from nhipcau.storage import schema
    from nhipcau.storage.database import DatabaseError
    from nhipcau.storage.process_locks import LockTaken

    if await _has_lost_keys(settings):
        leave(_LOST_KEYS.format(settings.keys), 1)
    try:
        service = Service(settings, only)
        return await service.run(
            lambda: print(f"Nhịp Cầu: {settings.url} ({', '.join(sorted(service.parts.channels))})", flush=True)
        )
    except schema.DatabaseTooNew as error:
        leave(str(error), 1)
    except LockTaken:
        leave("Another `nhipcau run` serves this database already: stop that one first.", 1)
    except OSError as error:
        leave(trouble_of(error), 1)
    except ValueError as error:
        leave(f"{error}: put it back from your copy of {settings.keys}.", 1)
    except DatabaseError as error:
        leave(database_trouble(error), 1)


@command(app)
async def migrate(parts: AppContext) -> None:
    """Bring the database to this version (`run` does it too)."""
    from nhipcau.storage import schema

    # every command on the database has prepared it
    print_line(f"The database is at version {await schema.version(parts.database)}.")


# ------------------------------------------------------------------ doctor


@app.command()
def doctor(as_json: Json = False) -> None:
    """What is wrong, and what to do about it."""
    import asyncio

    quiet_log()
    settings = settings_or_exit()
    checks = asyncio.run(examine(settings))
    if as_json:
        print_json([{"check": name, "ok": ok, "detail": detail} for name, ok, detail in checks])
    else:
        for name, ok, detail in checks:
            print_line(f"{'ok  ' if ok else 'BAD '} {name}: {detail}")
    raise SystemExit(0 if all(ok for _, ok, _ in checks) else 1)


async def examine(settings: Settings) -> list[Check]:
    from nhipcau.bot.channels.registry import CHANNELS

    checks = [await _database(settings), await _delivery(settings), _disk(settings)]
    checks += [_lessons(settings), _calendar(settings)]
    lost = await _has_lost_keys(settings)
    checks.append(("keys", False, _LOST_KEYS.format(settings.keys)) if lost else _keys(settings))
    for each in CHANNELS:
        checks += await _channel(each, settings)
    return [*checks, await _clock(settings), _documents(settings)]


async def _database(settings: Settings) -> Check:
    from nhipcau.storage import schema
    from nhipcau.storage.database import Database, DatabaseError

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
    except Exception as error:  # whatever it is, it is what is wrong
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
    """Whether what is to be said goes out."""
    from datetime import UTC, datetime

    from nhipcau.bot.channels.registry import CHANNELS
    from nhipcau.storage import outbox_upkeep
    from nhipcau.storage.database import Database

    now, pulled = datetime.now(UTC), [each.name for each in CHANNELS if each.pull]
    database = Database(settings.database_url)
    try:
        async with database.reading() as connection:
            number, oldest = await outbox_upkeep.overdue(connection, now, pulled)
    except Exception:  # the check before says what is wrong with the database
        return ("delivery", True, "nothing to see without a database")
    finally:
        await database.close()
    if oldest is None:
        return ("delivery", True, "nothing waits")
    minutes = (now - oldest).total_seconds() / 60
    detail = f"{number} waiting, the oldest for {minutes:.0f} minutes"
    if minutes < _STALE:
        return ("delivery", True, detail)
    return ("delivery", False, f"{detail}: is `nhipcau run` running? If so, look at the channel below")


async def _has_lost_keys(settings: Settings) -> bool:
    """Whether people are on record whom nobody can reach: their key is not there (a restore brings none)."""
    from nhipcau.storage.contact_routes import any_contact
    from nhipcau.storage.database import Database

    if (settings.keys / "contacts.key").exists():
        return False
    database = Database(settings.database_url)
    try:
        async with database.reading() as connection:
            return await any_contact(connection)
    except Exception:  # no tables, or no database: others say so
        return False
    finally:
        await database.close()


def _disk(settings: Settings) -> Check:
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        probe = settings.data_dir / f".doctor-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        return ("disk", False, f"{settings.data_dir} can't be written ({error.strerror}): check NHIPCAU_DATA_DIR")
    free = shutil.disk_usage(settings.data_dir).free
    return ("disk", free > _FREE, f"{free // 1_000_000} MB free in {settings.data_dir}")


def _lessons(settings: Settings) -> Check:
    """The office's own lessons: those that are left out until they are mended."""
    from nhipcau.office.lesson_library import read_shelf

    shelf = read_shelf(settings.lessons)
    if shelf.faults:
        name, wrong = next(iter(shelf.faults.items()))
        detail = f"{len(shelf.faults)} left out, {name} {wrong.faults[0]}; `nhipcau lesson check` shows all"
        return ("lessons", False, detail)
    taught = shelf.lessons.get(settings.language, ())
    return ("lessons", True, f"{len(taught)} to learn, {len(shelf.own)} files of the office's own")


def _calendar(settings: Settings) -> Check:
    """The office's own days off and days worked."""
    from nhipcau.bot.language.catalogue import texts
    from nhipcau.bot.recurrence.working_days import InvalidCalendar, read_calendar

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
    """How a document reaches people by each channel that is on."""
    from nhipcau.bot.channels.registry import channels_on

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
    """What the channel itself says, and how much of its app's plan and window is left."""
    if not channel.is_on(settings):
        return [(channel.label, True, f"off: set {channel.switch} to switch it on")]
    checks = await channel.checks(settings, settings.url, settings.keys)
    return [*checks, *await _plan(channel, settings), *await _window(channel, settings)]


async def _plan(channel: ChannelTraits[ChannelSettings], settings: Settings) -> list[Check]:
    """How much of the app's plan is used: people and messages of this month."""
    from datetime import datetime

    from nhipcau.storage import contact_routes
    from nhipcau.storage.database import Database

    if (plan := channel.plan) is None:
        return []
    today = datetime.now(settings.zone).date()
    database = Database(settings.database_url)
    try:
        async with database.reading() as connection:
            sent = (await contact_routes.sent_in(connection, today))[channel.name]
            users = await contact_routes.users_of(connection, channel.name)
    except Exception:  # the check of the database says what is wrong with it
        return []
    finally:
        await database.close()
    name = f"{channel.label} plan"
    detail = f"{users} of {plan.users} people, {sent} of {plan.messages} messages this month"
    if users >= _NEARLY * plan.users or sent >= _NEARLY * plan.messages:
        return [(name, False, f"{detail}: let further people join by another app, or take a larger plan")]
    # the month as it would end at this pace
    end = sent * 31 // max(1, today.day)
    return [(name, True, detail + (f", about {end} by its end" if sent else ""))]


async def _window(channel: ChannelTraits[ChannelSettings], settings: Settings) -> list[Check]:
    """How many people can be written to now, by the app's rule."""
    from datetime import UTC, datetime

    from nhipcau.bot.messaging.delivery_windows import WindowState
    from nhipcau.storage import contact_routes
    from nhipcau.storage.database import Database

    if (window := channel.window) is None:
        return []
    database = Database(settings.database_url)
    try:
        async with database.reading() as connection:
            found = await contact_routes.window_states(connection, channel.name, window, datetime.now(UTC))
    except Exception:  # the check of the database says what is wrong with it
        return []
    finally:
        await database.close()
    free, paid, closed = (found[state] for state in (WindowState.FREE, WindowState.PAID, WindowState.CLOSED))
    detail = f"{free} people free, {paid} at a price, {closed} silent for {window.length.days} days"
    return [(f"{channel.label} window", True, detail)] if found else []


async def _clock(settings: Settings) -> Check:
    """Our clock against that of an app's server: any answer of it has a date."""
    from email.utils import parsedate_to_datetime

    import aiohttp
    from aiohttp_socks import ProxyConnector

    from nhipcau.bot.channels.registry import channels_on

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
        except Exception:  # the check of that app says what is wrong; the next one may answer
            continue
        advice = "" if off < _SKEW else ": set this machine's clock (timedatectl set-ntp true)"
        return ("clock", off < _SKEW, f"{off:.0f} s from {server.owner}{advice}")
    return ("clock", True, "no app answers to compare with: `timedatectl` tells whether it is kept right")
