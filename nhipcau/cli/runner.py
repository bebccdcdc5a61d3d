"""What every command shares: how it is declared, settings, a prepared database, the unit and the file meant, `--json`.

All of the command line is imported at each start, so this file and those of the commands import at their top only what
is quick to import; what a command works with it imports when it runs.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from inspect import Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, NoReturn, ParamSpec, TextIO, cast, get_type_hints

import typer

if TYPE_CHECKING:
    from nhipcau.bot.units.tree import Tree, Unit
    from nhipcau.context import AppContext
    from nhipcau.settings import Settings

P = ParamSpec("P")

#: Options that many commands have.
Json = Annotated[bool, typer.Option("--json", help="For programs.")]
UnitName = Annotated[str, typer.Option("--unit", help="Name or code; the root where left out.")]


class CommandFailed(Exception):
    """The work failed: one sentence, exit status 1."""

    status = 1


class WrongUse(CommandFailed):
    """Wrong use: one sentence, exit status 2."""

    status = 2


def command(
    app: typer.Typer, name: str | None = None
) -> Callable[
    [Callable[Concatenate[AppContext, P], Awaitable[None]]], Callable[Concatenate[AppContext, P], Awaitable[None]]
]:
    """Declare `act(parts, …)` as a command of `app`: it runs on a prepared database, and its other parameters are
    arguments and options as Typer reads them. The function itself stays as it is."""

    def declare(
        act: Callable[Concatenate[AppContext, P], Awaitable[None]],
    ) -> Callable[Concatenate[AppContext, P], Awaitable[None]]:
        def run(*args: P.args, **options: P.kwargs) -> None:
            on_database(lambda parts: act(parts, *args, **options))

        _, *given = signature(act).parameters.values()
        # Typer asks for the types of all parameters; that of the first is not imported yet
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in given}
        run.__annotations__ = hints = get_type_hints(run, act.__globals__, include_extras=True)
        typed = [parameter.replace(annotation=hints[parameter.name]) for parameter in given]
        run.__signature__ = Signature(typed)  # type: ignore[attr-defined]
        run.__doc__, run.__name__ = act.__doc__, act.__name__
        app.command(name)(run)
        return act

    return declare


def settings_or_exit(**overrides: Any) -> Settings:
    from nhipcau.settings import InvalidSetting, load_settings

    try:
        return load_settings(**overrides)
    except InvalidSetting as wrong:
        leave(str(wrong), 2)


def leave(sentence: str, status: int) -> NoReturn:
    """End with one line on stderr."""
    print(sentence, file=sys.stderr)
    raise SystemExit(status)


def on_database(act: Callable[[AppContext], Awaitable[None]]) -> None:
    """Run `act(parts)` on a prepared database; failures are one sentence and the promised exit status."""
    import asyncio

    quiet_log()
    asyncio.run(_on_database(settings_or_exit(), act))


async def _on_database(settings: Settings, act: Callable[[AppContext], Awaitable[None]]) -> None:
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
        await act(parts)
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
    message = str(error.orig)
    if any(word in message for word in ("readonly", "read-only", "unable to open")):
        return "The database can't be written: check who may write to its file and folder (NHIPCAU_DATABASE_URL)."
    if any(word in message for word in ("full", "disk I/O error", "No space left")):
        return "The disk of the database is full or broken: make room, nothing is lost."
    return f"The database does not answer ({type(error.orig).__name__}): check NHIPCAU_DATABASE_URL."


def trouble_of(error: OSError) -> str:
    """One sentence: about a file, or, where none is named, about the database that could not be reached."""
    if error.filename:
        return f"{error.filename}: {error.strerror}."
    return f"The database does not answer ({type(error).__name__}): check NHIPCAU_DATABASE_URL."


class _Log:
    """Standard error; a disk too full for a line of the log must not end the service that wanted to say so."""

    def write(self, message: str) -> int:
        with suppress(OSError, ValueError):
            sys.stderr.write(message)
        return len(message)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.flush()


def quiet_log() -> None:
    """Log lines to stderr: key=value, the kind of an error and never its words."""
    import structlog

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


def tell(as_json: bool, body: Any, *lines: str) -> None:
    """What a command has to say: to programs the body, to people the lines."""
    if as_json:
        print_json(body)
        return
    for line in lines:
        print_line(line)


def input_file(path: Path) -> Path:
    """This file, which a command is to read. Raises WrongUse where it can't be read: alike for every command."""
    try:
        path.open("rb").close()
    except OSError as error:
        raise WrongUse(f"{path} can't be read: {error.strerror}.") from None
    return path


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
