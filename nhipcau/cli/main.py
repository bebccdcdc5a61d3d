"""`nhipcau …`: the command line. Each command imports what it needs when it runs, so that all start fast."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from nhipcau.model.request_kinds import KINDS

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
unit_app = typer.Typer(no_args_is_help=True, help="The unit tree.")
roster_app = typer.Typer(no_args_is_help=True, help="The roster of collaborators.")
person_app = typer.Typer(no_args_is_help=True, help="People of the network.")
invite_app = typer.Typer(help="Invites and personal cards.")
zalo_app = typer.Typer(no_args_is_help=True, help="The office's Zalo Official Account.")
lesson_app = typer.Typer(no_args_is_help=True, help="Lessons people read in the chat.")
PARTS = (
    ("unit", unit_app),
    ("roster", roster_app),
    ("person", person_app),
    ("invite", invite_app),
    ("zalo", zalo_app),
    ("lesson", lesson_app),
)
for name, part in PARTS:
    app.add_typer(part, name=name)

Json = Annotated[bool, typer.Option("--json", help="For programs.")]
Unit = Annotated[str, typer.Option("--unit", help="Name or code; the root where left out.")]


def main() -> None:
    app()


# ------------------------------------------------------------------ the service


@app.command()
def run(
    only: Annotated[
        list[str] | None,
        typer.Option("--only", help="Some parts, beside others on one PostgreSQL: intake, sender, clock, web."),
    ] = None,
    more: Annotated[list[str] | None, typer.Argument(help="More parts after --only.")] = None,
) -> None:
    """Serve: channels, delivery, clock, web chat."""
    from nhipcau.cli import service

    service.run(only or [], more or [])


@app.command()
def demo() -> None:
    """A sample province with simulated collaborators, in the browser; no token, no network."""
    from nhipcau.cli import demo as demo_cli

    demo_cli.demo()


@app.command()
def doctor(as_json: Json = False) -> None:
    """What is wrong, and what to do about it."""
    from nhipcau.cli import service

    service.doctor(as_json)


@zalo_app.command("connect")
def zalo_connect(
    answer: Annotated[str, typer.Argument(help="The address Zalo led back to; left out: the link to begin at.")] = "",
) -> None:
    """Let the account's administrator consent; the tokens then renew themselves."""
    import asyncio

    from nhipcau.cli import runner, zalo

    runner.quiet_log()
    settings = runner.settings_or_exit()
    try:
        asyncio.run(zalo.connect(settings, answer))
    except runner.CommandFailed as failed:
        runner.leave(str(failed), failed.status)


@app.command()
def migrate() -> None:
    """Bring the database to this version (`run` does it too)."""
    from nhipcau.cli import runner, service

    runner.work(service.migrate)


@app.command()
def backup(file: Path) -> None:
    """Copy the database while it runs."""
    from nhipcau.cli import backup as backup_cli

    backup_cli.backup(file)


@app.command()
def restore(file: Path) -> None:
    """Put a backup in place."""
    from nhipcau.cli import backup as backup_cli

    backup_cli.restore(file)


@app.command()
def purge() -> None:
    """Delete what has ended (`run` does it by itself)."""
    from nhipcau.cli import backup as backup_cli
    from nhipcau.cli import runner

    runner.work(backup_cli.purge)


# ------------------------------------------------------------------ the network


@app.command()
def init(province: Annotated[str, typer.Option("--province")], as_json: Json = False) -> None:
    """The unit tree of a province, and an invite for the first coordinator."""
    from nhipcau.cli import runner, units

    runner.work(lambda parts: units.init(parts, province, as_json=as_json))


@unit_app.command("add")
def unit_add(
    name: str,
    code: Annotated[str, typer.Option("--code")],
    parent: Annotated[str, typer.Option("--parent")] = "",
    kind: Annotated[str, typer.Option("--kind")] = "",
    as_json: Json = False,
) -> None:
    """Add one unit below another."""
    from nhipcau.cli import runner, units

    runner.work(lambda parts: units.unit_add(parts, name, code, parent, kind, as_json=as_json))


@unit_app.command("list")
def unit_list(as_json: Json = False) -> None:
    """The tree."""
    from nhipcau.cli import runner, units

    runner.work(lambda parts: units.unit_list(parts, as_json=as_json))


@unit_app.command("import")
def unit_import(file: Path, as_json: Json = False) -> None:
    """Add units from a CSV or XLSX file."""
    from nhipcau.cli import runner, units

    runner.work(lambda parts: units.unit_import(parts, file, as_json=as_json))


@roster_app.command("import")
def roster_import(
    file: Path, dry_run: Annotated[bool, typer.Option("--dry-run")] = False, as_json: Json = False
) -> None:
    """Add people from a CSV or XLSX file: all rows or none."""
    from nhipcau.cli import people, runner

    runner.work(lambda parts: people.roster_import(parts, file, dry_run=dry_run, as_json=as_json))


@person_app.command("list")
def person_list(unit: Unit = "", as_json: Json = False) -> None:
    """Everybody of a unit and below."""
    from nhipcau.cli import people, runner

    runner.work(lambda parts: people.person_list(parts, unit, as_json=as_json))


@person_app.command("move")
def person_move(id: str, unit: Annotated[str, typer.Option("--unit")]) -> None:
    """To another unit."""
    from nhipcau.cli import people, runner

    runner.work(lambda parts: people.person_move(parts, id, unit))


@person_app.command("disable")
def person_disable(id: str) -> None:
    """They have left: no messages, no way in."""
    from nhipcau.cli import people, runner

    runner.work(lambda parts: people.person_disable(parts, id))


@person_app.command("replace")
def person_replace(
    id: str, name: Annotated[str, typer.Option("--name", help="Of the successor.")], as_json: Json = False
) -> None:
    """They leave; a successor takes over what is open, with a card of their own."""
    from nhipcau.cli import people, runner

    runner.work(lambda parts: people.person_replace(parts, id, name, as_json=as_json))


@person_app.command("relink")
def person_relink(id: str, as_json: Json = False) -> None:
    """A new card for a new phone."""
    from nhipcau.cli import people, runner

    runner.work(lambda parts: people.person_relink(parts, id, as_json=as_json))


@invite_app.callback(invoke_without_command=True)
def invite(
    context: typer.Context,
    unit: Unit = "",
    role: Annotated[str, typer.Option("--role")] = "collaborator",
    uses: Annotated[int, typer.Option("--uses")] = 1,
    days: Annotated[int, typer.Option("--days")] = 30,
    roster: Annotated[bool, typer.Option("--roster", help="A card for everybody of the roster.")] = False,
    csv: Annotated[Path | None, typer.Option("--csv")] = None,
    qr: Annotated[Path | None, typer.Option("--qr", help="Folder for QR pictures.")] = None,
    as_json: Json = False,
) -> None:
    """An invite for a unit and role, or cards for the roster."""
    if context.invoked_subcommand:
        return
    from nhipcau.cli import invites, runner

    if csv and not roster:
        runner.leave("--csv goes with --roster: one card a person of the roster.", 2)
    if roster:
        runner.work(lambda parts: invites.invite_roster(parts, unit, days=days, csv_file=csv, qr=qr, as_json=as_json))
    else:
        runner.work(lambda parts: invites.invite_unit(parts, unit, role, uses=uses, days=days, as_json=as_json, qr=qr))


@invite_app.command("list")
def invite_list(as_json: Json = False) -> None:
    """Every invite and whether it is still good."""
    from nhipcau.cli import invites, runner

    runner.work(lambda parts: invites.invite_list(parts, as_json=as_json))


@invite_app.command("revoke")
def invite_revoke(code: str) -> None:
    """Make an invite no longer good."""
    from nhipcau.cli import invites, runner

    runner.work(lambda parts: invites.invite_revoke(parts, code))


@lesson_app.command("check")
def lesson_check(file: Annotated[Path | None, typer.Argument()] = None, as_json: Json = False) -> None:
    """What is wrong with this file, or with all in DATA_DIR/lessons."""
    from nhipcau.cli import lessons

    lessons.check(file, as_json=as_json)


# ------------------------------------------------------------------ asking

What = Annotated[str, typer.Argument(help="FILE, or list, close, stop.")]
Id = Annotated[str, typer.Argument(help="Of the request to close or stop.")]
Open = Annotated[str, typer.Option("--open", help="now, or a moment.")]
Close = Annotated[str, typer.Option("--close", help="A moment, or a length.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only count whom it would reach, and how.")]


@app.command()
def poll(
    what: What,
    id: Id = "",
    unit: Unit = "",
    opens: Open = "",
    closes: Close = "",
    as_json: Json = False,
    dry_run: DryRun = False,
) -> None:
    """Ask a poll from a file; `poll list`, `poll close ID`, `poll stop ID`."""
    _request("poll", what, id, unit, opens, closes, as_json, dry_run)


@app.command()
def rapid(
    what: What,
    id: Id = "",
    unit: Unit = "",
    opens: Open = "",
    closes: Close = "",
    as_json: Json = False,
    dry_run: DryRun = False,
) -> None:
    """Ask for a rapid report from a file; `rapid list`, `rapid close ID`, `rapid stop ID`."""
    _request("rapid", what, id, unit, opens, closes, as_json, dry_run)


@app.command()
def notice(
    what: What,
    id: Id = "",
    unit: Unit = "",
    opens: Open = "",
    as_json: Json = False,
    dry_run: DryRun = False,
) -> None:
    """Send official information from a file; `notice list`, `notice stop ID`."""
    _request("notice", what, id, unit, opens, "", as_json, dry_run)


@app.command()
def duty(
    what: Annotated[str, typer.Argument(help="FILE, or list, stop.")],
    id: Annotated[str, typer.Argument(help="Of the duty to stop.")] = "",
    unit: Unit = "",
    as_json: Json = False,
    dry_run: DryRun = False,
) -> None:
    """Lay down a periodic report from a file; `duty list`, `duty stop ID`."""
    from nhipcau.cli import recurring_requests, runner

    if what == "list":
        runner.work(lambda parts: recurring_requests.listing(parts, ("duty",), as_json=as_json))
    elif what == "stop":
        _end_rule("duty", id, as_json, ("duty",))
    else:
        runner.work(lambda parts: recurring_requests.duty(parts, Path(what), unit, as_json=as_json, dry_run=dry_run))


@app.command()
def schedule(
    what: Annotated[Literal["list", "stop"], typer.Argument()],
    id: Annotated[str, typer.Argument(help="Of the rule to stop.")] = "",
    as_json: Json = False,
) -> None:
    """Everything that is asked or sent again and again: `schedule list`, `schedule stop ID`."""
    from nhipcau.cli import recurring_requests, runner

    if what == "list":
        runner.work(lambda parts: recurring_requests.listing(parts, as_json=as_json))
    else:
        _end_rule("schedule", id, as_json)


def _end_rule(command: str, id: str, as_json: bool, kinds: tuple[str, ...] = KINDS) -> None:
    from nhipcau.cli import recurring_requests, runner

    if not id:
        runner.leave(f"Which one? `nhipcau {command} stop ID`; `nhipcau {command} list` shows them.", 2)
    runner.work(lambda parts: recurring_requests.end(parts, id, kinds, as_json=as_json))


def _request(
    kind: Literal["poll", "rapid", "notice"],
    what: str,
    id: str,
    unit: str,
    opens: str,
    closes: str,
    as_json: bool,
    dry_run: bool,
) -> None:
    from nhipcau.cli import requests, runner

    if what == "list":
        runner.work(lambda parts: requests.listing(parts, kind, as_json=as_json))
    elif what in {"close", "stop"}:
        if not id:
            runner.leave(f"Which one? `nhipcau {kind} {what} ID`; `nhipcau {kind} list` shows them.", 2)
        runner.work(lambda parts: requests.end(parts, kind, id, stop=what == "stop", as_json=as_json))
    else:
        runner.work(
            lambda parts: requests.ask(parts, kind, Path(what), unit, opens, closes, as_json=as_json, dry_run=dry_run)
        )


# ------------------------------------------------------------------ out of the office


@app.command()
def export(
    what: Annotated[str, typer.Argument(help="reports, answers, requests, people, duties, issues")],
    form: Annotated[str, typer.Option("--format", help="csv, xlsx, jsonl")] = "csv",
    output: Annotated[Path | None, typer.Option("-o", help="A file; standard output where left out.")] = None,
    since: Annotated[str, typer.Option("--since", help="A day like 2026-11-01.")] = "",
    until: Annotated[str, typer.Option("--until")] = "",
    unit: Unit = "",
    poll_id: Annotated[str, typer.Option("--poll")] = "",
) -> None:
    """Write one table."""
    from nhipcau.cli import export as export_cli
    from nhipcau.cli import runner

    runner.work(
        lambda parts: export_cli.export(parts, what, form, output, since=since, until=until, unit=unit, poll=poll_id)
    )


@app.command()
def review(
    period: Annotated[str, typer.Option("--period", help="2026-W47, 2026-11, 2026-Q4 or 2026.")],
    unit: Unit = "",
    form: Annotated[str, typer.Option("--format", help="text, csv, xlsx, jsonl")] = "text",
    output: Annotated[Path | None, typer.Option("-o", help="A file; standard output where left out.")] = None,
    as_json: Json = False,
) -> None:
    """Figures of a period, one row a unit: for an interim or final review."""
    from nhipcau.cli import review as review_cli
    from nhipcau.cli import runner

    runner.work(lambda parts: review_cli.review(parts, period, unit, form, output, as_json=as_json))


@app.command()
def screen(file: Annotated[Path | None, typer.Argument()] = None, as_json: Json = False) -> None:
    """Mask personal data, one output line per input line."""
    from nhipcau.cli import export as export_cli
    from nhipcau.cli import runner

    try:
        export_cli.screen_lines(file, as_json=as_json)
    except runner.CommandFailed as failed:
        runner.leave(str(failed), failed.status)
