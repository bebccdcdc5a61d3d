"""`invite`: invites for a unit, and personal cards."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nhipcau.cli.help_pages import Family
from nhipcau.cli.runner import (
    Json,
    UnitName,
    WrongUse,
    command,
    find_unit,
    not_written,
    on_database,
    print_line,
    print_result,
)

if TYPE_CHECKING:
    from nhipcau.context import AppContext

app = Family()
invite_app = Family()
app.add_typer(invite_app, name="invite")


def link_lines(links: dict[str, str | None]) -> list[str]:
    return [f"  {channel}: {link}" for channel, link in links.items() if link]


@invite_app.callback(invoke_without_command=True)
def invite(
    context: typer.Context,
    unit: UnitName = "",
    role: Annotated[str, typer.Option("--role")] = "collaborator",
    uses: Annotated[int, typer.Option("--uses")] = 1,
    days: Annotated[int, typer.Option("--days")] = 30,
    roster: Annotated[bool, typer.Option("--roster")] = False,
    csv: Annotated[Path | None, typer.Option("--csv")] = None,
    qr: Annotated[Path | None, typer.Option("--qr")] = None,
    as_json: Json = False,
) -> None:
    """An invite for a unit and role, or cards for the roster."""
    if context.invoked_subcommand:
        return
    if csv and not roster:
        raise WrongUse("--csv goes with --roster: one card a person of the roster.")
    if roster:
        on_database(lambda parts: invite_roster(parts, unit, days=days, csv_file=csv, qr=qr, as_json=as_json))
    else:
        on_database(lambda parts: invite_unit(parts, unit, role, uses=uses, days=days, as_json=as_json, qr=qr))


async def invite_unit(
    parts: AppContext, unit: str, role: str, *, uses: int, days: int, as_json: bool, qr: Path | None
) -> None:
    from nhipcau.actions import network
    from nhipcau.cli.transaction import writing
    from nhipcau.model.people import Role
    from nhipcau.privacy.identifiers import new_id

    if role not in tuple(Role):
        raise WrongUse(f"--role {role}: one of {', '.join(Role)}.")
    if not 1 <= uses <= 10_000:
        raise WrongUse(f"--uses {uses}: from 1 to 10000.")
    _check_days(days)
    async with writing(parts) as transaction:
        where = find_unit(transaction.tree, unit)
        made = network.invite(transaction.office(where), Role(role), transaction.now, new_id, uses=uses, days=days)
        await transaction.apply([made])
        links = await transaction.links(made.code)
    if qr:
        _draw(qr, made.code, links)
    head = f"{made.code}  {role}, {where.name}, {uses} use(s) within {days} days"
    print_result(as_json, {"code": made.code, "links": links}, head, *link_lines(links))


async def invite_roster(
    parts: AppContext, unit: str, *, days: int, csv_file: Path | None, qr: Path | None, as_json: bool
) -> None:
    """One card for everybody of the roster who has not joined; valid cards stay as they are."""
    from nhipcau.actions import network
    from nhipcau.cli.transaction import writing
    from nhipcau.model.changes import Audit, Change
    from nhipcau.model.queries import Network
    from nhipcau.model.scope import Scope
    from nhipcau.privacy.identifiers import new_id
    from nhipcau.storage.invites import good_cards

    if csv_file is None and qr is None:
        raise WrongUse("Say where the cards go: --csv FILE or --qr DIR.")
    _check_days(days)
    rows = []
    async with writing(parts) as transaction:
        actor = transaction.office(unit)
        good = await good_cards(transaction.connection, transaction.now)
        changes: list[Change] = []
        for member in await transaction.load(Network(Scope.office(actor.unit))):
            if member.state not in {"invited", "paused"} or member.channels:
                continue
            code = good.get(member.id)
            if code is None:
                card, made = transaction.or_fail(network.make_card(actor, member, transaction.now, new_id, days=days))
                code = card.code
                changes += made
            rows.append((member, code, await transaction.links(code)))
        await transaction.apply([*changes, Audit("invite.roster", str(len(rows)), actor.id)])
        # write before the commit: if it fails, no cards are made
        try:
            if csv_file:
                _write_cards(csv_file, rows)
            if qr:
                qr.mkdir(parents=True, exist_ok=True)
                _write_cards(qr / "cards.csv", rows)
                for member, code, links in rows:
                    _draw(qr, f"{member.unit.code}-{code}", links)
        except OSError as error:
            raise not_written(error.filename or csv_file or qr, error) from None
    print_result(as_json, {"cards": len(rows)}, f"{len(rows)} cards.")


def _check_days(days: int) -> None:
    if not 1 <= days <= 366:
        raise WrongUse(f"--days {days}: from 1 to 366.")


def _write_cards(path: Path, rows: list[Any]) -> None:
    from nhipcau.bot.channels.registry import CHANNELS
    from nhipcau.office.table_writer import write_csv

    listed = {name for _, _, links in rows for name in links}
    apps = [each.name for each in CHANNELS if each.listed_when_off or each.name in listed]
    write_csv(
        path,
        ["id", "name", "unit", "role", "code", *apps],
        [
            [member.id, member.name, member.unit.name, member.role, code, *(links[app] or "" for app in apps)]
            for member, code, links in rows
        ],
    )


def _draw(folder: Path, name: str, links: dict[str, str | None]) -> None:
    """Save one QR code a channel."""
    import segno

    folder.mkdir(parents=True, exist_ok=True)
    for channel, link in links.items():
        if link:
            segno.make(link, error="m").save(str(folder / f"{name}-{channel}.png"), scale=8, border=4)


@command(invite_app, "list")
async def invite_list(parts: AppContext, as_json: Json = False) -> None:
    """Every invite and whether it is still good."""
    from nhipcau.cli.transaction import reading
    from nhipcau.storage.invites import list_invites

    async with reading(parts) as transaction:
        found = await list_invites(transaction.connection, transaction.tree)
        links = {row.code: await transaction.links(row.code) for row in found}
    rows = [
        {
            "code": r.code,
            "unit": r.unit.code,
            "role": r.role,
            "person": r.person_id,
            "uses_left": r.uses_left,
            "expires_on": r.expires_at.astimezone(parts.settings.zone).date().isoformat(),
            "good": bool(r.uses_left > 0 and not r.revoked and r.expires_at > transaction.now),
            "links": links[r.code],
        }
        for r in found
    ]
    lines = []
    for row in rows:
        state = f"{row['uses_left']} left until {row['expires_on']}" if row["good"] else "no longer good"
        lines.append(f"{row['code']}  {row['role']}  {row['unit']}  {state}")
        lines += link_lines(links[str(row["code"])]) if row["good"] else []
    print_result(as_json, rows, *lines)


@command(invite_app, "revoke")
async def invite_revoke(parts: AppContext, code: str) -> None:
    """Make an invite no longer good."""
    from nhipcau.actions import network
    from nhipcau.cli.transaction import writing
    from nhipcau.model.queries import FindInvite

    async with writing(parts) as transaction:
        found = await transaction.load(FindInvite(code.upper()))
        if found is None:
            raise WrongUse(f"No invite {code}: see `nhipcau invite list`.")
        await transaction.apply(network.revoke(transaction.office(found.unit), found))
    print_line(f"{code.upper()}: revoked")
