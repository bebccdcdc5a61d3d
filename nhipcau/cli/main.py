"""`nhipcau …`: the command line, composed of its families of commands."""

from __future__ import annotations

import typer

from nhipcau.cli import asking, backup, demo, export, invites, lessons, people, review, service, units, zalo
from nhipcau.cli.runner import CommandFailed, exit_with

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
for family in (service, demo, backup, units, people, invites, asking, export, review, zalo, lessons):
    app.add_typer(family.app)


def main() -> None:
    try:
        app()
    except CommandFailed as failed:
        exit_with(str(failed), failed.status)
