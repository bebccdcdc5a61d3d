"""`poll`, `rapid`, `notice`, `duty`, `schedule`: requests and rules.

`requests.py` and `recurring_requests.py` do the work; they are imported when a command runs, to keep the start quick.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nhipcau.cli.help_pages import Family
from nhipcau.cli.runner import Json, UnitName, WrongUse, command
from nhipcau.model.request_kinds import RequestKind

if TYPE_CHECKING:
    from nhipcau.context import AppContext

app = Family()
What = Annotated[str, typer.Argument()]
Id = Annotated[str, typer.Argument()]
Open = Annotated[str, typer.Option("--open")]
Close = Annotated[str, typer.Option("--close")]
DryRun = Annotated[bool, typer.Option("--dry-run")]


@command(app)
async def poll(
    parts: AppContext,
    what: What,
    id: Id = "",
    unit: UnitName = "",
    opens: Open = "",
    closes: Close = "",
    as_json: Json = False,
    dry_run: DryRun = False,
) -> None:
    """Ask a poll from a file; `poll list`, `poll close ID`, `poll stop ID`."""
    await _command(parts, RequestKind.POLL, what, id, unit, opens, closes, as_json=as_json, dry_run=dry_run)


@command(app)
async def rapid(
    parts: AppContext,
    what: What,
    id: Id = "",
    unit: UnitName = "",
    opens: Open = "",
    closes: Close = "",
    as_json: Json = False,
    dry_run: DryRun = False,
) -> None:
    """Ask for a rapid report from a file; `rapid list`, `rapid close ID`, `rapid stop ID`."""
    await _command(parts, RequestKind.RAPID, what, id, unit, opens, closes, as_json=as_json, dry_run=dry_run)


@command(app)
async def notice(
    parts: AppContext,
    what: What,
    id: Id = "",
    unit: UnitName = "",
    opens: Open = "",
    as_json: Json = False,
    dry_run: DryRun = False,
) -> None:
    """Send official information from a file; `notice list`, `notice stop ID`."""
    await _command(parts, RequestKind.NOTICE, what, id, unit, opens, "", as_json=as_json, dry_run=dry_run)


async def _command(
    parts: AppContext,
    kind: RequestKind,
    what: str,
    id: str,
    unit: str,
    opens: str,
    closes: str,
    *,
    as_json: bool,
    dry_run: bool,
) -> None:
    from nhipcau.cli import requests

    if what == "list":
        await requests.show(parts, kind, as_json=as_json)
    elif what in {"close", "stop"}:
        if not id:
            raise WrongUse("cli.which_id", kind=kind, what=what)
        await requests.end(parts, kind, id, stop=what == "stop", as_json=as_json)
    else:
        await requests.ask(parts, kind, Path(what), unit, opens, closes, as_json=as_json, dry_run=dry_run)


@command(app)
async def duty(
    parts: AppContext,
    what: Annotated[str, typer.Argument()],
    id: Annotated[str, typer.Argument()] = "",
    unit: UnitName = "",
    as_json: Json = False,
    dry_run: DryRun = False,
) -> None:
    """Lay down a periodic report from a file; `duty list`, `duty stop ID`."""
    from nhipcau.cli import recurring_requests as rules

    if what == "list":
        await rules.show(parts, rules.DUTY, as_json=as_json)
    elif what == "stop":
        await rules.end(parts, id, rules.DUTY, as_json=as_json)
    else:
        spec = rules.read_file(parts, Path(what), RequestKind.DUTY, datetime.now(UTC))
        await rules.create_rule(parts, spec, Path(what), unit, as_json=as_json, dry_run=dry_run)


@command(app)
async def schedule(
    parts: AppContext,
    what: Annotated[Literal["list", "stop"], typer.Argument()],
    id: Annotated[str, typer.Argument()] = "",
    as_json: Json = False,
) -> None:
    """Everything that is asked or sent again and again: `schedule list`, `schedule stop ID`."""
    from nhipcau.cli import recurring_requests as rules

    if what == "list":
        await rules.show(parts, as_json=as_json)
    else:
        await rules.end(parts, id, as_json=as_json)
