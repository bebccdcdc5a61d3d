"""`invite`: how people get in, by a unit's code or a card of their own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from nhipcau.bot.channels.registry import CHANNELS
from nhipcau.bot.units.tree import Unit
from nhipcau.cli.runner import CommandFailed, WrongUse, print_json, print_line, unit_meant
from nhipcau.context import AppContext, known_links
from nhipcau.model.changes import MakeInvite
from nhipcau.model.people import Role
from nhipcau.model.scope import Scope
from nhipcau.office.table_writer import write_csv
from nhipcau.privacy.identifiers import new_id
from nhipcau.storage import invites
from nhipcau.storage import people as stored
from nhipcau.storage.audit import OFFICE, record_audit
from nhipcau.storage.units import load_tree

ROLES = tuple(Role)
CARD_DAYS = 30


async def make_invite(
    parts: AppContext, connection: Any, unit: Unit, role: Role, *, uses: int, days: int, person_id: str | None = None
) -> tuple[str, dict[str, str | None]]:
    now = datetime.now(UTC)
    code = new_id("invite")
    row = MakeInvite(code, unit.id, role, person_id, uses, now + timedelta(days=days), OFFICE)
    await invites.make_invites(connection, [row], now.astimezone(parts.settings.zone).date())
    await record_audit(connection, now, "invite.make", person_id or unit.code)
    return code, await known_links(parts, connection, code)


def say_links(links: dict[str, str | None]) -> None:
    for channel, link in links.items():
        if link:
            print_line(f"  {channel}: {link}")


async def invite_unit(
    parts: AppContext, unit: str, role: str, *, uses: int, days: int, as_json: bool, qr: Path | None
) -> None:
    if role not in ROLES:
        raise WrongUse(f"--role {role}: one of {', '.join(ROLES)}.")
    if not 1 <= uses <= 10_000:
        raise WrongUse(f"--uses {uses}: from 1 to 10000.")
    _check_days(days)
    async with parts.database.writing() as connection:
        where = unit_meant(await load_tree(connection), unit)
        code, links = await make_invite(parts, connection, where, Role(role), uses=uses, days=days)
    if qr:
        _draw(qr, code, links)
    if as_json:
        print_json({"code": code, "links": links})
        return
    print_line(f"{code}  {role}, {where.name}, {uses} use(s) within {days} days")
    say_links(links)


async def invite_roster(
    parts: AppContext, unit: str, *, days: int, csv_file: Path | None, qr: Path | None, as_json: bool
) -> None:
    """One card for everybody of the roster who has not joined yet; a card that is still good stays the same."""
    if csv_file is None and qr is None:
        raise WrongUse("Say where the cards go: --csv FILE or --qr DIR.")
    _check_days(days)
    rows = []
    async with parts.database.writing() as connection:
        tree = await load_tree(connection)
        members = await stored.network(connection, Scope.office(unit_meant(tree, unit)), tree)
        good = await invites.good_cards(connection, datetime.now(UTC))
        for member in [m for m in members if m.state in {"invited", "paused"} and not m.channels]:
            if member.id in good:
                code, links = good[member.id], await known_links(parts, connection, good[member.id])
            else:
                code, links = await make_invite(
                    parts, connection, member.unit, member.role, uses=1, days=days, person_id=member.id
                )
            rows.append((member, code, links))
        await record_audit(connection, datetime.now(UTC), "invite.roster", str(len(rows)))
        # written before the commit: what can't be written makes no cards
        try:
            if csv_file:
                _write_cards(csv_file, rows)
            if qr:
                qr.mkdir(parents=True, exist_ok=True)
                _write_cards(qr / "cards.csv", rows)
                for member, code, links in rows:
                    _draw(qr, f"{member.unit.code}-{code}", links)
        except OSError as error:
            raise CommandFailed(f"{error.filename or csv_file or qr} can't be written: {error.strerror}.") from None
    if as_json:
        print_json({"cards": len(rows)})
        return
    print_line(f"{len(rows)} cards.")


def _check_days(days: int) -> None:
    if not 1 <= days <= 366:
        raise WrongUse(f"--days {days}: from 1 to 366.")


def _write_cards(path: Path, rows: list[Any]) -> None:
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
    """One QR picture a channel."""
    import segno

    folder.mkdir(parents=True, exist_ok=True)
    for channel, link in links.items():
        if link:
            segno.make(link, error="m").save(str(folder / f"{name}-{channel}.png"), scale=8, border=4)


async def invite_list(parts: AppContext, *, as_json: bool) -> None:
    now = datetime.now(UTC)
    async with parts.database.reading() as connection:
        found = await invites.list_invites(connection, await load_tree(connection))
        links = {row.code: await known_links(parts, connection, row.code) for row in found}
    rows = [
        {
            "code": r.code,
            "unit": r.unit.code,
            "role": r.role,
            "person": r.person_id,
            "uses_left": r.uses_left,
            "expires_on": r.expires_at.astimezone(parts.settings.zone).date().isoformat(),
            "good": bool(r.uses_left > 0 and not r.revoked and r.expires_at > now),
            "links": links[r.code],
        }
        for r in found
    ]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        state = f"{row['uses_left']} left until {row['expires_on']}" if row["good"] else "no longer good"
        print_line(f"{row['code']}  {row['role']}  {row['unit']}  {state}")
        if row["good"]:
            say_links(links[str(row["code"])])


async def invite_revoke(parts: AppContext, code: str) -> None:
    async with parts.database.writing() as connection:
        if not await invites.revoke_invite(connection, code.upper()):
            raise WrongUse(f"No invite {code}: see `nhipcau invite list`.")
        await record_audit(connection, datetime.now(UTC), "invite.revoke", code.upper()[:2] + "…")
    print_line(f"{code.upper()}: revoked")
