"""What commands share: declaration, settings, a prepared database, units and files as arguments, `--json`.

All command files are imported at each start, so they import at the top only what is quick to import; a command imports
the rest when it runs.
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
    """The command failed: one sentence, exit status 1."""

    status = 1


class WrongUse(CommandFailed):
    """Wrong use: one sentence, exit status 2."""

    status = 2


def command(
    app: typer.Typer, name: str | None = None
) -> Callable[
    [Callable[Concatenate[AppContext, P], Awaitable[None]]], Callable[Concatenate[AppContext, P], Awaitable[None]]
]:
    """Declare `act(parts, …)` as a command of `app` that runs on a prepared database. Its other parameters are
    arguments and options for Typer. Returns the function unchanged."""

    def declare(
        act: Callable[Concatenate[AppContext, P], Awaitable[None]],
    ) -> Callable[Concatenate[AppContext, P], Awaitable[None]]:
        def run(*args: P.args, **options: P.kwargs) -> None:
            on_database(lambda parts: act(parts, *args, **options))

        _, *given = signature(act).parameters.values()
        # leave out the first parameter: Typer would resolve its type, which is not imported yet
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
        exit_with(str(wrong), 2)


def exit_with(sentence: str, status: int) -> NoReturn:
    """Exit with one line on stderr."""
    print(sentence, file=sys.stderr)
    raise SystemExit(status)


def on_database(act: Callable[[AppContext], Awaitable[None]]) -> None:
    """Run `act(parts)` on a prepared database; a failure becomes one sentence and an exit status."""
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
        exit_with(f"{error.filename}: {error.strerror}.", 1)
    except ValueError as error:
        exit_with(f"{error}: put it back from your copy of {settings.keys}.", 1)
    try:
        await schema.prepare(parts.database)
        await act(parts)
    except schema.DatabaseTooNew as error:
        exit_with(str(error), 1)
    except BrokenPipeError:
        # the reader of our output has closed it (`… | head`)
        sys.stdout = None
        raise SystemExit(0) from None
    except DatabaseError as error:
        exit_with(f"{database_trouble(error)} Try `nhipcau doctor`.", 1)
    except OSError as error:
        exit_with(trouble_of(error), 1)
    finally:
        await parts.database.close()


def database_trouble(error: Any) -> str:
    """One sentence about a database error."""
    message = str(error.orig)
    if any(word in message for word in ("readonly", "read-only", "unable to open")):
        return "The database can't be written: check who may write to its file and folder (NHIPCAU_DATABASE_URL)."
    if any(word in message for word in ("full", "disk I/O error", "No space left")):
        return "The disk of the database is full or broken: make room, nothing is lost."
    return f"The database does not answer ({type(error.orig).__name__}): check NHIPCAU_DATABASE_URL."


def trouble_of(error: OSError) -> str:
    """One sentence about the file of the error, or without one about the unreachable database."""
    if error.filename:
        return f"{error.filename}: {error.strerror}."
    return f"The database does not answer ({type(error).__name__}): check NHIPCAU_DATABASE_URL."


class _Log:
    """Standard error for the log; a failure to write a line (full disk) must not end the service."""

    def write(self, message: str) -> int:
        with suppress(OSError, ValueError):
            sys.stderr.write(message)
        return len(message)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.flush()


def quiet_log() -> None:
    """Log to stderr as key=value; only the type of an error, never its text, which may hold personal data."""
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


def print_result(as_json: bool, body: Any, *lines: str) -> None:
    """Print the result: the body as JSON, or the lines."""
    if as_json:
        print_json(body)
        return
    for line in lines:
        print_line(line)


def input_file(path: Path) -> Path:
    """The path itself. Raises WrongUse, with the same sentence for all commands, if it can't be read."""
    try:
        path.open("rb").close()
    except OSError as error:
        raise WrongUse(f"{path} can't be read: {error.strerror}.") from None
    return path


def find_unit(tree: Tree, name_or_code: str) -> Unit:
    """The unit with this name or code; "": the root. Raises WrongUse if there is none or several."""
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
    if found[0].former_name:
        print(f"{name_or_code!r} is now {found[0].unit.name} ({found[0].unit.code}).", file=sys.stderr)
    return found[0].unit
