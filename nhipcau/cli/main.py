"""`nhipcau …`: the command line, composed of its families of commands."""

from __future__ import annotations

import threading

from typer.exceptions import TyperException
from typer.main import get_command

from nhipcau.cli import (
    asking,
    audit,
    backup,
    console,
    data_requests,
    demo,
    export,
    imports,
    invites,
    keys,
    legal,
    lessons,
    people,
    publication,
    review,
    roster,
    sample,
    service,
    signals,
    synthesis,
    tally,
    topics,
    units,
    zalo,
)
from nhipcau.cli.help_pages import Family, wrong_use
from nhipcau.cli.runner import CommandFailed, end_with, flush_output, open_streams, print_line

app = Family(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
for family in (
    service,
    demo,
    backup,
    keys,
    units,
    roster,
    people,
    console,
    invites,
    asking,
    export,
    imports,
    sample,
    review,
    signals,
    topics,
    synthesis,
    tally,
    publication,
    audit,
    zalo,
    lessons,
    data_requests,
    legal,
):
    app.add_typer(family.app)


def _thread_ended(ended: threading.ExceptHookArgs) -> None:
    """A database's thread may outlive the loop that a failing start has closed: nobody waits for what it has to say."""
    if not isinstance(ended.exc_value, RuntimeError):
        threading.__excepthook__(ended)


def main() -> None:
    threading.excepthook = _thread_ended
    try:
        try:
            open_streams()
            status = _run()
        finally:
            flush_output()
    except CommandFailed as failed:
        end_with(failed)
    raise SystemExit(status)


def _run() -> int:
    """Run the command typed; its exit status. Raises CommandFailed with one sentence about whatever went wrong."""
    try:
        return get_command(app).main(prog_name="nhipcau", standalone_mode=False) or 0
    except CommandFailed:
        raise
    except TyperException as wrong:
        if type(wrong).__name__ == "NoArgsIsHelpError":
            # its message is the whole help
            print_line(wrong.message)
            return 2
        raise wrong_use(wrong) from None
    except Exception as error:
        # a fault of ours: where it is, never its text, which may hold what a person wrote
        from nhipcau.error_log import name_of

        raise CommandFailed("cli.broken", **name_of(error)) from None
