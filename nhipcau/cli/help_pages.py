"""Help and wrong use, in the office's language: Typer's own are English, and framed.

What a command does stands in the catalogue as `cli.does.COMMAND`, an argument or option as `cli.given.COMMAND_NAME`, or
`cli.given.NAME` where it means the same everywhere. They are read when they are shown, so a start stays quick.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from nhipcau.cli.runner import WrongUse, spoken

if TYPE_CHECKING:
    from nhipcau.bot.language.catalogue import Texts

C = TypeVar("C", bound=Callable[..., Any])

#: What stands for a value in help, by its type.
_TYPES = {"str": "text", "int": "number", "Path": "file"}


def does_key(path: str) -> str:
    """Of the command with this path, as typed: "unit add"."""
    return f"cli.does.{path.replace(' ', '_').replace('-', '_') or 'nhipcau'}"


def given_key(path: str, name: str, t: Texts) -> str:
    """Of this argument or option of the command: its own sentence, or the one for all of this name."""
    own = f"cli.given.{path.replace(' ', '_')}_{name}"
    return own if t.has(own) else f"cli.given.{name}"


class _Spoken:
    """What commands and groups of them share."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        t = spoken()
        path = ctx.command_path.partition(" ")[2]
        given = [each for each in self.get_params(ctx) if not each.hidden]  # type: ignore[attr-defined]
        arguments = [each for each in given if isinstance(each, TyperArgument)]
        options = [each for each in given if isinstance(each, TyperOption)]
        below = getattr(self, "commands", {})
        pieces = [
            t("cli.help.options_piece"),
            *(_usage(each, t) for each in arguments),
            *([t("cli.help.command_piece")] if below else []),
        ]
        formatter.write_usage(ctx.command_path, " ".join(pieces), f"{t('cli.help.usage')}: ")
        formatter.write_paragraph()
        formatter.write_text(t(does_key(path)))
        rows = {
            "arguments": [(_named(each, t), t(given_key(path, each.name, t))) for each in arguments],
            "options": [(_option(each, t), t(given_key(path, each.name, t))) for each in options],
            "commands": [(name, t(does_key(f"{path} {name}".strip()))) for name in below],
        }
        for title, listed in rows.items():
            if listed:
                with formatter.section(t(f"cli.help.{title}")):
                    formatter.write_dl(listed)

    # the reader of our output may have closed it (`… | head`), which is no failure; Typer would end with 1
    def make_context(self, *given: Any, **more: Any) -> Any:
        try:
            return super().make_context(*given, **more)  # type: ignore[misc]
        except BrokenPipeError:
            raise SystemExit(0) from None

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)  # type: ignore[misc]
        except BrokenPipeError:
            raise SystemExit(0) from None


def _named(given: TyperArgument | TyperOption, t: Texts) -> str:
    """An argument as it is called in help; an option as it is typed."""
    return t(f"cli.argument.{given.name}") if isinstance(given, TyperArgument) else given.opts[0]


def _usage(argument: TyperArgument, t: Texts) -> str:
    name = _named(argument, t) + ("…" if argument.nargs != 1 else "")
    return name if argument.required else f"[{name}]"


def _option(option: TyperOption, t: Texts) -> str:
    names = ", ".join(option.opts)
    if option.is_flag:
        return names
    annotation = str(getattr(option.type_descriptor.annotation, "__name__", option.type_descriptor.annotation))
    kind = next((word for name, word in _TYPES.items() if name in annotation), "text")
    return f"{names} <{t(f'cli.help.{kind}')}>"


class Command(_Spoken, TyperCommand):
    """A command, its help and its faults in the office's language."""


class Group(_Spoken, TyperGroup):
    """Commands below one word."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args[0] not in self.commands and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], self.commands, 1)
            key = "cli.usage.no_command_near" if near else "cli.usage.no_command"
            path = f"{ctx.command_path} {near[0]}" if near else ""
            raise WrongUse(key, given=args[0], command=ctx.command_path, near=path)
        return super().resolve_command(ctx, args)


class Family(typer.Typer):
    """Some commands: all of them, or those below one word."""

    def __init__(self, **options: Any) -> None:
        super().__init__(cls=Group, rich_markup_mode=None, **options)

    def command(self, name: str | None = None, **options: Any) -> Callable[[C], C]:
        return super().command(name, cls=Command, **options)


def wrong_use(error: Any) -> WrongUse:
    """What Typer found wrong with the line typed, as a sentence of ours."""
    command = error.ctx.command_path if error.ctx else "nhipcau"
    match type(error).__name__:
        case "NoSuchOption":
            near = sorted(error.possibilities or ())
            key = "cli.usage.no_option_near" if near else "cli.usage.no_option"
            return WrongUse(key, given=error.option_name, command=command, near=", ".join(near))
        case "MissingParameter":
            return WrongUse("cli.usage.missing", given=_named(error.param, spoken()), command=command)
        case "BadParameter":
            return _wrong_value(error, command)
        case "BadOptionUsage":
            key = "cli.usage.no_value" if "requires" in error.message else "cli.usage.a_value"
            return WrongUse(key, given=error.option_name, command=command)
        case _:
            extra = re.search(r" \((.+)\)$", error.message)
            return WrongUse("cli.usage.extra", given=extra[1] if extra else error.message, command=command)


def _wrong_value(error: Any, command: str) -> WrongUse:
    """A value of the wrong type, or none of those there are."""
    descriptor = error.param.type_descriptor
    found = error.__cause__.errors()[0]["input"] if error.__cause__ else ""
    facts = {"given": _named(error.param, spoken()), "value": found, "command": command}
    if descriptor.choices:
        return WrongUse("cli.usage.one_of", choices=", ".join(descriptor.choices), **facts)
    return WrongUse("cli.usage.whole_number" if descriptor.annotation is int else "cli.usage.value", **facts)
