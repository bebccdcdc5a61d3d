"""What every command shares: settings, a prepared database, the unit meant, one line on failure, `--json`."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, NoReturn, TextIO, TypeVar, cast

import structlog

from nhipcau.bot.units.tree import Tree, Unit
from nhipcau.settings import InvalidSetting, Settings, load_settings

T = TypeVar("T")


class CommandFailed(Exception):
    """The work failed: one sentence, exit status 1."""

    status = 1


class WrongUse(CommandFailed):
    """Wrong use: one sentence, exit status 2."""

    status = 2


def settings_or_exit(**overrides: Any) -> Settings:
    try:
        return load_settings(**overrides)
    except InvalidSetting as wrong:
        leave(str(wrong), 2)


def leave(sentence: str, status: int) -> NoReturn:
    """End with one line on stderr."""
    print(sentence, file=sys.stderr)
    raise SystemExit(status)


def work(act: Callable[[Any], Awaitable[T]]) -> T:
    """Run `act(parts)` on a prepared database; failures are one sentence and the promised exit status."""
    quiet_log()
    settings = settings_or_exit()
    return asyncio.run(_work(settings, act))


async def _work(settings: Settings, act: Callable[[Any], Awaitable[T]]) -> T:
    from nhipcau.context import build
    from nhipcau.storage import schema
    from nhipcau.storage.database import DatabaseError

    try:
        parts = build(settings)
    except OSError as error:
        leave(f"{error.filename}: {error.strerror}.", 1)
    except ValueError as error:
        leave(f"{error}: put it back from your copy of {settings.keys}.", 1)
    try:
        await schema.prepare(parts.database)
        return await act(parts)
    except CommandFailed as failed:
        leave(str(failed), failed.status)
    except schema.DatabaseTooNew as error:
        leave(str(error), 1)
    except BrokenPipeError:
        # whoever read our output has seen enough (`… | head`)
        sys.stdout = None
        raise SystemExit(0) from None
    except DatabaseError as error:
        leave(f"{database_trouble(error)} Try `nhipcau doctor`.", 1)
    except OSError as error:
        leave(trouble_of(error), 1)
    finally:
        await parts.database.close()


def database_trouble(error: Any) -> str:
    """One sentence about an error of the database: whether it does not answer, or can't be written."""
    words = str(error.orig)
    if any(word in words for word in ("readonly", "read-only", "unable to open")):
        return "The database can't be written: check who may write to its file and folder (NHIPCAU_DATABASE_URL)."
    if any(word in words for word in ("full", "disk I/O error", "No space left")):
        return "The disk of the database is full or broken: make room, nothing is lost."
    return f"The database does not answer ({type(error.orig).__name__}): check NHIPCAU_DATABASE_URL."


def trouble_of(error: OSError) -> str:
    """One sentence: about a file, or, where none is named, about the database that could not be reached."""
    if error.filename:
        return f"{error.filename}: {error.strerror}."
    return f"The database does not answer ({type(error).__name__}): check NHIPCAU_DATABASE_URL."


class _Log:
    """Standard error; a disk too full for a line of the log must not end the service that wanted to say so."""

    def write(self, words: str) -> int:
        with suppress(OSError, ValueError):
            sys.stderr.write(words)
        return len(words)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.flush()


def quiet_log() -> None:
    """Log lines to stderr: key=value, the kind of an error and never its words."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _Log())),
        cache_logger_on_first_use=False,
    )


def print_line(line: str) -> None:
    print(line)


def print_json(body: Any) -> None:
    print(json.dumps(body, ensure_ascii=False))


def unit_meant(tree: Tree, name_or_code: str) -> Unit:
    """The one unit meant. Raises WrongUse."""
    if not name_or_code:
        if tree.root is None:
            raise WrongUse("There are no units yet: begin with `nhipcau init --province NAME`.")
        return tree.root
    found = tree.places(name_or_code)
    if not found:
        raise WrongUse(f"No unit is called {name_or_code!r}: see `nhipcau unit list`.")
    if len(found) > 1 or not found[0].is_sure:
        named = ", ".join(f"{place.unit.code} ({place.unit.name})" for place in found[:9])
        raise WrongUse(
            f"{name_or_code!r} may be several units: {named}{' …' if len(found) > 9 else ''}. Give the code."
        )
    if found[0].was:
        print(f"{name_or_code!r} is now {found[0].unit.name} ({found[0].unit.code}).", file=sys.stderr)
    return found[0].unit
