"""`invite`: invites for a unit, and personal cards."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nhipcau.cli.cards import CardFiles, draw, invite_roster, say_where_links_lead
from nhipcau.cli.help_pages import Family
from nhipcau.cli.runner import (
    Json,
    UnitName,
    WrongUse,
    command,
    find_unit,
    not_written,
    on_database,
    print_result,
    spoken,
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
    sheet: Annotated[Path | None, typer.Option("--print")] = None,
    to: Annotated[str, typer.Option("--app")] = "",
    as_json: Json = False,
) -> None:
    """An invite for a unit and role, or cards for the roster."""
    if context.invoked_subcommand:
        return
    if (csv or sheet) and not roster:
        raise WrongUse("cli.invite.needs_roster", option="--csv" if csv else "--print")
    _check_days(days)
    if roster:
        files = CardFiles(csv, qr, sheet, to)
        on_database(lambda parts: invite_roster(parts, unit, days, files, as_json=as_json))
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
        raise WrongUse("cli.invite.role", given=role, roles=", ".join(Role))
    if not 1 <= uses <= 10_000:
        raise WrongUse("cli.invite.uses", given=uses)
    async with writing(parts) as transaction:
        where = find_unit(transaction.tree, unit)
        made = network.invite(transaction.office(where), Role(role), transaction.now, new_id, uses=uses, days=days)
        await transaction.apply([made])
        links = await transaction.links(made.code)
    if qr:
        try:
            draw(qr, made.code, links)
        except OSError as error:
            raise not_written(error.filename or qr, error) from None
    t = spoken()
    head = t("cli.invite.made", code=made.code, role=t(f"role.{role}"), unit=where.name, uses=uses, days=days)
    print_result(as_json, {"code": made.code, "links": links}, head, *link_lines(links))
    say_where_links_lead(parts)


def _check_days(days: int) -> None:
    if not 1 <= days <= 366:
        raise WrongUse("cli.invite.days", given=days)


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
    t = spoken()
    lines = []
    for row in rows:
        role = t(f"role.{row['role']}")
        state = t("cli.invite.good" if row["good"] else "cli.invite.over", uses=row["uses_left"], day=row["expires_on"])
        lines.append(f"{row['code']}  {role}  {row['unit']}  {state}")
        lines += link_lines(links[str(row["code"])]) if row["good"] else []
    print_result(as_json, rows, *lines)


@command(invite_app, "revoke")
async def invite_revoke(parts: AppContext, code: str, as_json: Json = False) -> None:
    """Make an invite no longer good."""
    from nhipcau.actions import network
    from nhipcau.cli.transaction import writing
    from nhipcau.model.queries import FindInvite

    async with writing(parts) as transaction:
        found = await transaction.load(FindInvite(code.upper()))
        if found is None:
            raise WrongUse("cli.invite.unknown", code=code)
        await transaction.apply(network.revoke(transaction.office(found.unit), found))
    print_result(as_json, {"code": found.code}, spoken()("cli.invite.revoked", code=found.code))
