"""The commands and their options are promised to people and scripts: commands.txt beside this file lists them all."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from inspect import formatannotation
from typing import Any

from typer.main import get_command

from nhipcau.bot.language.catalogue import texts
from nhipcau.cli.help_pages import does_key, given_key
from nhipcau.cli.main import app
from tests.support import DATA

TABLE = DATA / "commands.txt"
ENGLISH = texts("en")


def commands(command: Any, name: str = "") -> Iterator[str]:
    """Each command with what it does, and a line for every argument and option below it."""
    if name and not (hasattr(command, "commands") and command.no_args_is_help):
        yield f"{name}: {ENGLISH(does_key(name))}"
        yield from (f"    {parameter(name, given)}" for given in command.params if given.name != "help")
    for part in sorted(getattr(command, "commands", ())):
        yield from commands(command.commands[part], f"{name} {part}".strip())


def parameter(name: str, given: Any) -> str:
    words = [", ".join(given.opts) if given.param_type_name == "option" else given.metavar or given.name.upper()]
    words.append(formatannotation(given.type_descriptor.annotation))
    words += ["required"] if given.required else [f"default {given.default!r}"]
    words += ["several"] if given.nargs == -1 or given.multiple else []
    return f"{'; '.join(words)}: {ENGLISH(given_key(name, given.name, ENGLISH))}"


def test_every_command_and_option_is_in_the_table() -> None:
    assert list(commands(get_command(app))) == TABLE.read_text(encoding="utf-8").splitlines()


def test_start_imports_the_command_line_and_nothing_it_works_with() -> None:
    program = "import json, sys; import nhipcau.cli.main; print(json.dumps(sorted(sys.modules)))"
    imported = json.loads(subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout)
    ours = {name for name in imported if name.startswith("nhipcau.") and not name.startswith("nhipcau.cli")}
    assert ours == {"nhipcau.model", "nhipcau.model.request_kinds"}
    assert not {"sqlalchemy", "pydantic", "structlog", "yaml", "asyncio", "sqlite3"} & set(imported)
