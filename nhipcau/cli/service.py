"""`run`, `doctor`, `migrate`: the service, its checks, its database version."""

from __future__ import annotations

import signal
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated

import typer

from nhipcau.cli.help_pages import Family
from nhipcau.cli.runner import (
    CommandFailed,
    Json,
    WrongUse,
    command,
    database_trouble,
    print_json,
    print_line,
    print_result,
    quiet_log,
    settings_or_exit,
    spoken,
    trouble_of,
)

if TYPE_CHECKING:
    import asyncio

    from nhipcau.context import AppContext
    from nhipcau.settings import Settings

app = Family()


@app.command()
def run(
    only: Annotated[
        list[str] | None,
        typer.Option("--only"),
    ] = None,
    more: Annotated[list[str] | None, typer.Argument()] = None,
) -> None:
    """Serve: channels, delivery, clock, web chat."""
    import asyncio

    # until the event loop installs its own handlers
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    # structlog and the client of one app load it wherever they find it: 6 MB for colours that a service does not have
    sys.modules.setdefault("rich", None)  # type: ignore[arg-type]
    quiet_log()
    settings = settings_or_exit()
    if more and not only:
        raise WrongUse("cli.run.say_only", given=more[0])
    parts = _parts(settings, [*(only or []), *(more or [])])
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        raise SystemExit(runner.run(_run(settings, parts)))


def _parts(settings: Settings, only: list[str]) -> list[str]:
    """The parts to run: all, or those named (`intake web` or `intake,web`)."""
    from nhipcau.app import PARTS

    named = [name for words in only for name in words.split(",") if name]
    if only and not named:
        raise WrongUse("cli.run.which", parts=", ".join(PARTS))
    if wrong := sorted(set(named) - set(PARTS)):
        raise WrongUse("cli.usage.one_of", given="--only", value=wrong[0], choices=", ".join(PARTS))
    if named and settings.database_url.startswith("sqlite"):
        raise WrongUse("cli.run.one_process", given=named[0])
    return named or list(PARTS)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where it is installed (not on Windows): half the cost per message."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


async def _run(settings: Settings, only: list[str]) -> int:
    from nhipcau.cli.doctor import has_lost_keys

    if await has_lost_keys(settings):
        raise CommandFailed("cli.doctor.keys_lost", folder=settings.keys)

    async def serve() -> int:
        from nhipcau.app import Service

        service = Service(settings, only)
        line = spoken()("cli.serving", url=settings.url, channels=", ".join(sorted(service.parts.channels)))
        return await service.run(lambda: print(line, flush=True))

    return await serving(serve, str(settings.keys))


async def serving(serve: Callable[[], Awaitable[int]], keys: str = "") -> int:
    """The exit status of a service. Raises CommandFailed with one sentence about why it can't serve."""
    from nhipcau.bot.language.faults import reason
    from nhipcau.context import WrongKey
    from nhipcau.privacy.keys import DamagedKey
    from nhipcau.storage import schema
    from nhipcau.storage.database import DatabaseError
    from nhipcau.storage.process_locks import LockTaken
    from nhipcau.web.server import AddressTaken

    try:
        return await serve()
    except schema.DatabaseTooNew as error:
        raise CommandFailed("cli.database.too_new", found=error.found, known=error.known) from None
    except schema.ForeignTrigger as foreign:
        raise CommandFailed("cli.database.foreign", parts=foreign) from None
    except LockTaken:
        raise CommandFailed("cli.run.taken") from None
    except AddressTaken as error:
        raise CommandFailed("cli.run.address", address=error.address, why=reason(error)) from None
    except OSError as error:
        raise CommandFailed(trouble_of(error)) from None
    except DamagedKey as damaged:
        raise CommandFailed("cli.key_damaged", file=damaged.file) from None
    except WrongKey as wrong:
        raise CommandFailed(f"cli.keys.wrong_{wrong.name}", folder=keys) from None
    except DatabaseError as error:
        raise CommandFailed(database_trouble(error)) from None


@command(app)
async def migrate(parts: AppContext, as_json: Json = False) -> None:
    """Bring the database to this version (`run` does it too)."""
    from nhipcau.storage import schema

    # `command` has migrated it already
    version = await schema.version(parts.database)
    print_result(as_json, {"version": version}, spoken()("cli.migrated", version=version))


@command(app, "mix")
async def mix_now(parts: AppContext, as_json: Json = False) -> None:
    """Rewrite in random order what was written since the last mix (`run` does it each night)."""
    from datetime import UTC, datetime

    from nhipcau.scheduler.nightly_mix import folders
    from nhipcau.storage.mix import mix
    from nhipcau.storage.process_locks import LockTaken

    try:
        done = await mix(parts.database, parts.sealer, datetime.now(UTC), parts.settings.zone, folders(parts.settings))
    except LockTaken:
        raise CommandFailed("cli.mix_taken") from None
    body = {"rows": done.rows, "files": done.files, "longest_seconds": round(done.longest, 3), "tables": done.tables}
    print_result(as_json, body, spoken()("cli.mixed", rows=done.rows, files=done.files))


# ------------------------------------------------------------------ doctor


@app.command()
def doctor(as_json: Json = False) -> None:
    """What is wrong, and what to do about it."""
    import asyncio

    from nhipcau.cli.doctor import examine

    quiet_log()
    settings, t = settings_or_exit(), spoken()
    checks = asyncio.run(examine(settings, t))
    if as_json:
        print_json([{"check": name, "ok": ok, "detail": detail} for name, ok, detail in checks])
    else:
        for name, ok, detail in checks:
            state = t("cli.doctor.ok" if ok else "cli.doctor.bad")
            print_line(f"{state:5}{t('cli.doctor.check.' + name.replace(' ', '_'))}: {detail}")
    raise SystemExit(0 if all(ok for _, ok, _ in checks) else 1)
