"""What commands share: declaration, settings, a prepared database, units and files as arguments, `--json`.

All command files are imported at each start, so they import at the top only what is quick to import; a command imports
the rest when it runs.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from inspect import Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, NoReturn, ParamSpec, TextIO, cast, get_type_hints

import typer

if TYPE_CHECKING:
    from nhipcau.bot.language.catalogue import Texts
    from nhipcau.bot.language.faults import Fault
    from nhipcau.bot.units.tree import Tree, Unit
    from nhipcau.context import AppContext
    from nhipcau.settings import Settings

P = ParamSpec("P")

#: Options that many commands have.
Json = Annotated[bool, typer.Option("--json")]
UnitName = Annotated[str, typer.Option("--unit")]


class CommandFailed(Exception):
    """The command failed, exit status 1: a fault, or the key of its sentence in the catalogue and its facts."""

    status = 1

    def __init__(self, what: str | Fault, /, **facts: object) -> None:
        super().__init__(str(what))
        self.what = what
        self.facts = facts

    def say(self, t: Texts) -> str:
        from nhipcau.bot.language.faults import Fault

        return (Fault(self.what, **self.facts) if isinstance(self.what, str) else self.what).say(t)

    def __str__(self) -> str:
        return self.say(spoken())


class WrongUse(CommandFailed):
    """Wrong use: one sentence, exit status 2."""

    status = 2


# ------------------------------------------------------------------ language


def spoken() -> Texts:
    """The sentences in the language of the command line, the office's; Vietnamese while that setting is wrong."""
    from nhipcau.bot.language.catalogue import texts

    return texts(_language())


def _language() -> str:
    """NHIPCAU_LANGUAGE as the settings read it; found without them, for they may be what is wrong."""
    from dotenv import dotenv_values

    try:
        written = dotenv_values(".env")
    except (OSError, UnicodeDecodeError):
        written = {}
    for given in (os.environ, written):
        for name, value in given.items():
            if name.upper() == "NHIPCAU_LANGUAGE":
                return value or ""
    return ""


# ------------------------------------------------------------------ running


def command(
    app: typer.Typer, name: str | None = None, *, checks_keys: bool = True
) -> Callable[
    [Callable[Concatenate[AppContext, P], Awaitable[None]]], Callable[Concatenate[AppContext, P], Awaitable[None]]
]:
    """Declare `act(parts, …)` as a command of `app` that runs on a prepared database. Its other parameters are
    arguments and options for Typer. Returns the function unchanged."""

    def declare(
        act: Callable[Concatenate[AppContext, P], Awaitable[None]],
    ) -> Callable[Concatenate[AppContext, P], Awaitable[None]]:
        def run(*args: P.args, **options: P.kwargs) -> None:
            on_database(lambda parts: act(parts, *args, **options), checks_keys=checks_keys)

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
        raise WrongUse(wrong) from None


def end_with(failed: CommandFailed) -> NoReturn:
    """Exit with its status, and its sentence on stderr."""
    print(failed.say(spoken()), file=sys.stderr)
    raise SystemExit(failed.status)


def on_database(act: Callable[[AppContext], Awaitable[None]], *, checks_keys: bool = True) -> None:
    """Run `act(parts)` on a prepared database; a failure becomes one sentence and an exit status."""
    import asyncio

    quiet_log()
    asyncio.run(_on_database(settings_or_exit(), act, checks_keys=checks_keys))


async def _on_database(settings: Settings, act: Callable[[AppContext], Awaitable[None]], *, checks_keys: bool) -> None:
    from nhipcau.context import WrongKey, build
    from nhipcau.privacy.keys import DamagedKey
    from nhipcau.storage import schema
    from nhipcau.storage.database import DatabaseError

    try:
        parts = build(settings)
    except OSError as error:
        raise CommandFailed(trouble_of(error)) from None
    except DamagedKey as damaged:
        raise CommandFailed("cli.key_damaged", file=damaged.file) from None
    try:
        await schema.prepare(parts.database, parts.sealer)
        if checks_keys:
            await parts.check_keys()
        await act(parts)
    except schema.DatabaseTooNew as error:
        raise CommandFailed("cli.database.too_new", found=error.found, known=error.known) from None
    except DamagedKey as damaged:
        raise CommandFailed("cli.key_damaged", file=damaged.file) from None
    except WrongKey as wrong:
        raise CommandFailed(f"cli.keys.wrong_{wrong.name}", folder=settings.keys) from None
    except BrokenPipeError:
        raise
    except DatabaseError as error:
        raise CommandFailed("cli.try_doctor", why=database_trouble(error)) from None
    except OSError as error:
        raise CommandFailed(trouble_of(error)) from None
    finally:
        await parts.database.close()


def database_trouble(error: Any) -> Fault:
    """One sentence about a database error."""
    from nhipcau.bot.language.faults import Fault

    message = str(error.orig)
    if any(word in message for word in ("readonly", "read-only", "unable to open")):
        return Fault("cli.database.not_written")
    if any(word in message for word in ("full", "disk I/O error", "No space left")):
        return Fault("cli.database.full")
    return Fault("cli.database.away", error=type(error.orig).__name__)


def trouble_of(error: OSError) -> Fault:
    """One sentence about the file of the error, or without one about the unreachable database."""
    from nhipcau.bot.language.faults import Fault, reason

    if error.filename:
        return Fault("cli.not_used", file=error.filename, why=reason(error))
    return Fault("cli.database.away", error=type(error).__name__)


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
    """Print to the standard output. Raises CommandFailed if there is no room."""
    try:
        print(line)
    except OSError as error:
        raise not_written(None, error) from None


def print_json(body: Any) -> None:
    print_line(json.dumps(body, ensure_ascii=False))


def print_result(as_json: bool, body: Any, *lines: str) -> None:
    """Print the result: the body as JSON, or the lines."""
    if as_json:
        print_json(body)
        return
    for line in lines:
        print_line(line)


def print_note(key: str, **facts: object) -> None:
    """Say something beside the result: on stderr."""
    print(spoken()(key, **facts), file=sys.stderr)


def input_file(path: Path) -> Path:
    """The path itself. Raises WrongUse, with the same sentence for all commands, if it can't be read."""
    from nhipcau.bot.language.faults import reason

    try:
        path.open("rb").close()
    except OSError as error:
        raise WrongUse("cli.not_read", file=path, why=reason(error)) from None
    return path


def not_written(output: Path | str | None, error: OSError) -> CommandFailed:
    """The error to raise where the result can't be written; None: to the standard output, whose reader may leave."""
    from nhipcau.bot.language.faults import Fault, reason

    if isinstance(error, BrokenPipeError):
        raise error
    return CommandFailed("cli.not_written", file=output or Fault("cli.the_output"), why=reason(error))


def find_unit(tree: Tree, name_or_code: str) -> Unit:
    """The unit with this name or code; "": the root. Raises WrongUse if there is none or several."""
    if not name_or_code:
        if tree.root is None:
            raise WrongUse("cli.no_units")
        return tree.root
    found = tree.places(name_or_code)
    if not found:
        raise WrongUse("cli.unit_unknown", given=name_or_code)
    if len(found) > 1 or not found[0].is_sure:
        named = ", ".join(f"{place.unit.code} ({place.unit.name})" for place in found[:9])
        raise WrongUse("cli.unit_unsure", given=name_or_code, units=named + (" …" if len(found) > 9 else ""))
    if found[0].former_name:
        print_note("cli.unit_now", given=name_or_code, unit=found[0].unit.name, code=found[0].unit.code)
    return found[0].unit


# ------------------------------------------------------------------ streams


def open_streams() -> None:
    """UTF-8 whatever the locale or PYTHONIOENCODING say, and somewhere to write where a stream is closed.

    Raises WrongUse for what was typed in another encoding and names no file.
    """
    if sys.getfilesystemencoding() != "utf-8":
        # what was typed, and the names of files, are read already: begin anew
        os.execv(sys.executable, [os.fsencode(word) for word in (sys.executable, "-X", "utf8", *sys.argv)])
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115
        else:
            stream.reconfigure(encoding="utf-8", errors="backslashreplace" if mode == "w" else "strict")
    for word in sys.argv[1:]:
        if any("\ud800" <= letter <= "\udfff" for letter in word) and not os.path.exists(word):
            raise WrongUse("cli.usage.not_utf8", given=word)


def flush_output() -> None:
    """Write what is still held. Raises CommandFailed if there is no room; a reader who has left is no failure."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        # else the interpreter tries once more when it ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise not_written(None, error) from None
