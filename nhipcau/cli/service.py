"""`run`, `doctor`, `migrate`: the service, and what is wrong with it."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

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
    from sqlalchemy.exc import DBAPIError

    from nhipcau.app import Service
    from nhipcau.storage import schema
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
    except DBAPIError as error:
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
    checks = asyncio.run(_examine(settings))
    if as_json:
        print_json([{"check": name, "ok": ok, "detail": detail} for name, ok, detail in checks])
    else:
        for name, ok, detail in checks:
            print_line(f"{'ok  ' if ok else 'BAD '} {name}: {detail}")
    raise SystemExit(0 if all(ok for _, ok, _ in checks) else 1)


Check = tuple[str, bool, str]


async def _examine(settings: Settings) -> list[Check]:
    checks = [await _database(settings), await _delivery(settings), _disk(settings)]
    checks += [_lessons(settings), _calendar(settings)]
    lost = await _has_lost_keys(settings)
    checks.append(("keys", False, _LOST_KEYS.format(settings.keys)) if lost else _keys(settings))
    if settings.telegram_token:
        checks += await _telegram(settings)
    else:
        checks.append(("telegram", True, "off: set NHIPCAU_TELEGRAM_TOKEN to switch it on"))
    from nhipcau.cli import zalo_checks

    checks += [*await zalo_checks.bot(settings), *await zalo_checks.official_account(settings)]
    return [*checks, await _clock(settings), _documents(settings)]


async def _database(settings: Settings) -> Check:
    from sqlalchemy import make_url
    from sqlalchemy.exc import DBAPIError

    from nhipcau.storage import schema
    from nhipcau.storage.database import Database

    try:
        database = Database(settings.database_url)
        try:
            found = await schema.version(database)
            if found == schema.HEAD:
                await schema.check_writable(database)
        finally:
            await database.close()
    except DBAPIError as error:
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
    url = make_url(settings.database_url)
    where = url.database if url.get_backend_name() == "sqlite" else url.host
    return ("database", True, f"answers, version {found}, {where}")


async def _delivery(settings: Settings) -> Check:
    """Whether what is to be said goes out."""
    from datetime import UTC, datetime

    from sqlalchemy import func, select

    from nhipcau.storage.database import Database
    from nhipcau.storage.tables import contacts, outbox

    now = datetime.now(UTC)
    due = select(func.count(), func.min(outbox.c.due_at, type_=outbox.c.due_at.type))
    # what a browser has not fetched waits for its owner, and what is held waits for the morning
    due = due.join(contacts, contacts.c.id == outbox.c.contact_id).where(
        contacts.c.channel != "web", outbox.c.due_at <= now, outbox.c.held.is_(False)
    )
    database = Database(settings.database_url)
    try:
        async with database.reading() as connection:
            number, oldest = (await connection.execute(due)).one()
    except Exception:  # the check before says what is wrong with the database
        return ("delivery", True, "nothing to see without a database")
    finally:
        await database.close()
    if not number:
        return ("delivery", True, "nothing waits")
    minutes = (now - oldest).total_seconds() / 60
    detail = f"{number} waiting, the oldest for {minutes:.0f} minutes"
    if minutes < _STALE:
        return ("delivery", True, detail)
    return ("delivery", False, f"{detail}: is `nhipcau run` running? If so, look at the channel below")


async def _has_lost_keys(settings: Settings) -> bool:
    """Whether people are on record whom nobody can reach: their key is not there (a restore brings none)."""
    from sqlalchemy import func, select

    from nhipcau.storage.database import Database
    from nhipcau.storage.tables import contacts

    if (settings.keys / "contacts.key").exists():
        return False
    database = Database(settings.database_url)
    try:
        async with database.reading() as connection:
            return bool(await connection.scalar(select(func.count()).select_from(contacts)))
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
    """How a document reaches people by each door that is on."""
    ways = [
        ("telegram", bool(settings.telegram_token), "as a file"),
        ("zalo oa", settings.has_zalo_oa, "as a file, its words after it"),
        ("zalo bot", bool(settings.zalo_bot_token), f"as an address of {settings.url}, good for a week"),
        ("web chat", True, "as a download, good for a week"),
    ]
    detail = "; ".join(f"{name} {how}" for name, is_on, how in ways if is_on)
    return ("documents", True, f"PDF, DOC, DOCX, 5 MB at most: {detail}")


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


async def _telegram(settings: Settings) -> list[Check]:
    """The token, and a webhook that would keep messages from us."""
    import aiohttp
    from aiohttp_socks import ProxyConnector

    base = f"{settings.telegram_api}/bot{settings.telegram_token}"
    try:
        connector = ProxyConnector.from_url(settings.telegram_proxy) if settings.telegram_proxy else None
        timeout = aiohttp.ClientTimeout(total=10)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            async with session.get(f"{base}/getMe") as response:
                me = await response.json()
            async with session.get(f"{base}/getWebhookInfo") as response:
                hook = await response.json()
    except Exception as error:  # each library of a proxy has errors of its own
        why = type(error).__name__
        if settings.telegram_proxy:
            return [("telegram", False, f"can't be reached through the proxy ({why}): check NHIPCAU_TELEGRAM_PROXY")]
        return [("telegram", False, f"can't be reached ({why}): where it is blocked, set NHIPCAU_TELEGRAM_PROXY")]
    if not me.get("ok"):
        return [("telegram", False, "the token is refused: take it again from @BotFather")]
    checks: list[Check] = [("telegram", True, f"connected as @{me['result'].get('username')}")]
    return [*checks, *_hook(settings, hook.get("result") or {})]


def _hook(settings: Settings, info: dict[str, Any]) -> list[Check]:
    """Where Telegram posts to, against where we listen."""
    from nhipcau.settings import Settings

    name, found, ours = "telegram webhook", info.get("url") or "", f"{settings.url}/hooks/telegram"
    if settings.telegram_mode == "poll":
        return [(name, True, "is set elsewhere; `run` takes it away when it starts")] if found else []
    if settings.url.startswith("http://") and settings.telegram_api == Settings.model_fields["telegram_api"].default:
        return [(name, False, f"{settings.url} is not https: set NHIPCAU_PUBLIC_URL to the address of your proxy")]
    if found != ours:
        where = "is not set" if not found else "is set to another address"
        return [(name, False, f"{where}: `run` sets it to {ours} when it starts")]
    waiting, failed = info.get("pending_update_count") or 0, info.get("last_error_date") or 0
    if waiting and time.time() - failed < _STALE * 60:
        return [(name, False, f"Telegram could not post to {ours}, {waiting} updates wait: is the proxy in front up?")]
    return [(name, True, f"{ours}, {waiting} updates wait")]


async def _clock(settings: Settings) -> Check:
    """Our clock against that of an app's server: any answer of it has a date."""
    from email.utils import parsedate_to_datetime

    import aiohttp
    from aiohttp_socks import ProxyConnector

    servers = [
        ("Telegram's", settings.telegram_api, settings.telegram_token, settings.telegram_proxy),
        ("Zalo's", settings.zalo_bot_api, settings.zalo_bot_token, None),
        ("Zalo's", settings.zalo_oa_api, settings.has_zalo_oa, None),
    ]
    for whose, address, is_on, proxy in servers:
        if not is_on:
            continue
        try:
            connector = ProxyConnector.from_url(proxy) if proxy else None
            timeout = aiohttp.ClientTimeout(total=10)
            async with (
                aiohttp.ClientSession(connector=connector, timeout=timeout) as session,
                session.head(f"{address}/") as response,
            ):
                off = abs(parsedate_to_datetime(response.headers["Date"]).timestamp() - time.time())
        except Exception:  # the check of that app says what is wrong; the next one may answer
            continue
        advice = "" if off < _SKEW else ": set this machine's clock (timedatectl set-ntp true)"
        return ("clock", off < _SKEW, f"{off:.0f} s from {whose}{advice}")
    return ("clock", True, "no app answers to compare with: `timedatectl` tells whether it is kept right")
