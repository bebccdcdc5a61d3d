"""`run`, `doctor`, `migrate`: the service, its checks, its database version."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from nhipcau.cli.runner import (
    Json,
    command,
    database_trouble,
    exit_with,
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

    # until the event loop installs its own handlers
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    quiet_log()
    settings = settings_or_exit()
    if more and not only:
        exit_with(f"{more[0]}: say `--only {more[0]}` for a part.", 2)
    parts = _parts(settings, [*(only or []), *(more or [])])
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        raise SystemExit(runner.run(_run(settings, parts)))


def _parts(settings: Settings, only: list[str]) -> list[str]:
    """The parts to run: all, or those named (`intake web` or `intake,web`)."""
    from nhipcau.app import PARTS

    named = [name for words in only for name in words.split(",") if name]
    if only and not named:
        exit_with(f"--only: say which of {', '.join(PARTS)}.", 2)
    if wrong := sorted(set(named) - set(PARTS)):
        exit_with(f"--only {wrong[0]}: there are {', '.join(PARTS)}.", 2)
    if named and settings.database_url.startswith("sqlite"):
        exit_with(f"--only {named[0]}: parts beside each other need PostgreSQL; SQLite has one process.", 2)
    return named or list(PARTS)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where it is installed (not on Windows): half the cost per message."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


async def _run(settings: Settings, only: list[str]) -> int:
    from nhipcau.app import Service
    from nhipcau.cli.doctor import LOST_KEYS, has_lost_keys
    from nhipcau.storage import schema
    from nhipcau.storage.database import DatabaseError
    from nhipcau.storage.process_locks import LockTaken

    if await has_lost_keys(settings):
        exit_with(LOST_KEYS.format(settings.keys), 1)
    try:
        service = Service(settings, only)
        return await service.run(
            lambda: print(f"Nhịp Cầu: {settings.url} ({', '.join(sorted(service.parts.channels))})", flush=True)
        )
    except schema.DatabaseTooNew as error:
        exit_with(str(error), 1)
    except LockTaken:
        exit_with("Another `nhipcau run` serves this database already: stop that one first.", 1)
    except OSError as error:
        exit_with(trouble_of(error), 1)
    except ValueError as error:
        exit_with(f"{error}: put it back from your copy of {settings.keys}.", 1)
    except DatabaseError as error:
        exit_with(database_trouble(error), 1)


@command(app)
async def migrate(parts: AppContext) -> None:
    """Bring the database to this version (`run` does it too)."""
    from nhipcau.storage import schema

    # `command` has migrated it already
    print_line(f"The database is at version {await schema.version(parts.database)}.")


# ------------------------------------------------------------------ doctor


@app.command()
def doctor(as_json: Json = False) -> None:
    """What is wrong, and what to do about it."""
    import asyncio

    from nhipcau.cli.doctor import examine

    quiet_log()
    settings = settings_or_exit()
    checks = asyncio.run(examine(settings))
    if as_json:
        print_json([{"check": name, "ok": ok, "detail": detail} for name, ok, detail in checks])
    else:
        for name, ok, detail in checks:
            print_line(f"{'ok  ' if ok else 'BAD '} {name}: {detail}")
    raise SystemExit(0 if all(ok for _, ok, _ in checks) else 1)
