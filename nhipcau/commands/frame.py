"""What every command shares: settings, a prepared database, the unit meant, one line on failure, `--json`."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn, TypeVar

import structlog

from nhipcau.bot.units import Tree, Unit
from nhipcau.settings import Settings, WrongSetting, load_settings

T = TypeVar("T")


class Failed(Exception):
    """The work failed: one sentence, exit status 1."""

    status = 1


class WrongUse(Failed):
    """Wrong use: one sentence, exit status 2."""

    status = 2


def settings_or_exit(**overrides: Any) -> Settings:
    try:
        return load_settings(**overrides)
    except WrongSetting as wrong:
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
    from sqlalchemy.exc import DBAPIError

    from nhipcau.parts import build
    from nhipcau.storage import schema

    try:
        parts = build(settings)
    except OSError as error:
        leave(f"{error.filename}: {error.strerror}.", 1)
    except ValueError as error:
        leave(f"{error}: put it back from your copy of {settings.keys}.", 1)
    try:
        await schema.prepare(parts.database)
        return await act(parts)
    except Failed as failed:
        leave(str(failed), failed.status)
    except schema.TooNew as error:
        leave(str(error), 1)
    except BrokenPipeError:
        # whoever read our output has seen enough (`… | head`)
        sys.stdout = None
        raise SystemExit(0) from None
    except DBAPIError as error:
        leave(f"The database does not answer ({type(error.orig).__name__}). Try `nhipcau doctor`.", 1)
    except OSError as error:
        what = f"{error.filename}: {error.strerror}" if error.filename else (error.strerror or type(error).__name__)
        leave(f"That did not work ({what}). Try `nhipcau doctor`.", 1)
    finally:
        await parts.database.close()


def quiet_log() -> None:
    """Log lines to stderr: key=value, the kind of an error and never its words."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def say(line: str) -> None:
    print(line)


def say_json(body: Any) -> None:
    print(json.dumps(body, ensure_ascii=False))


def unit_meant(tree: Tree, name_or_code: str) -> Unit:
    """The one unit meant. Raises WrongUse."""
    if not name_or_code:
        if tree.root is None:
            raise WrongUse("There are no units yet: begin with `nhipcau init --province NAME`.")
        return tree.root
    found = tree.find(name_or_code)
    if not found:
        raise WrongUse(f"No unit is called {name_or_code!r}: see `nhipcau unit list`.")
    if len(found) > 1:
        raise WrongUse(f"{name_or_code!r} is several units: {', '.join(u.code for u in found)}. Give the code.")
    return found[0]
