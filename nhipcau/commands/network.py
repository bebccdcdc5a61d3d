"""`init`, `unit`, `roster`, `person`, `invite`: the office's tree, its people and how they get in."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select, update

from nhipcau.bot.units import Tree, Unit
from nhipcau.bot.vietnamese import fold, nfc
from nhipcau.commands.frame import Failed, WrongUse, say, say_json
from nhipcau.model.writes import MakeInvite
from nhipcau.office.exports import write_csv
from nhipcau.office.provinces import UnknownProvince, find_province, province_units
from nhipcau.office.roster import RosterPerson, read_roster
from nhipcau.office.tables import FileWrong, RowsWrong
from nhipcau.office.units import UnitRow, read_units, why_no_unit
from nhipcau.parts import Parts, known_links
from nhipcau.privacy.codes import new_id
from nhipcau.storage import people as stored
from nhipcau.storage import saving
from nhipcau.storage.tables import invites, people, units
from nhipcau.storage.units import add_units, load_tree

ROLES = ("collaborator", "coordinator", "leader", "admin")
CARD_DAYS = 30


# ------------------------------------------------------------------ the tree


async def init(parts: Parts, province: str, *, as_json: bool) -> None:
    """The province's tree, and an invite for the first coordinator. Does nothing twice."""
    try:
        found = find_province(province)
    except UnknownProvince as unknown:
        raise WrongUse(str(unknown)) from None
    async with parts.database.writing() as connection:
        tree = await load_tree(connection)
        rows = province_units(found)
        if tree.root is not None and tree.root.code != rows[0].code:
            raise Failed(f"This installation already serves {tree.root.name}; one province an installation.")
        added = await add_units(connection, [_as_row(r) for r in rows])
        root = (await load_tree(connection)).root
        assert root is not None
        begun = await connection.scalar(select(func.count()).select_from(invites))
        begun = begun or await connection.scalar(select(func.count()).select_from(people))
        if begun:
            say_json({"units": added, "invite": None}) if as_json else say(f"{root.name}: nothing to do.")
            return
        code, links = await _make_invite(parts, connection, root, "coordinator", uses=1, days=CARD_DAYS)
    if as_json:
        say_json({"units": added, "invite": {"code": code, "links": links}})
        return
    say(f"{root.name}: {added} units.")
    say(f"First coordinator, one use within {CARD_DAYS} days: {code}")
    _say_links(links)


def _as_row(row: UnitRow) -> dict[str, str]:
    return {"code": row.code, "name": row.name, "kind": row.kind, "parent": row.parent}


async def unit_add(parts: Parts, name: str, code: str, parent: str, kind: str, *, as_json: bool) -> None:
    name = nfc(name)
    wanted = UnitRow(code, name, kind or _kind(name), parent)
    if why := why_no_unit(wanted):
        raise WrongUse(why)
    async with parts.database.writing() as connection:
        tree = await load_tree(connection)
        if code in tree.by_code:
            raise Failed(f"There is a unit {code} already: {tree.by_code[code].name}.")
        above = _unit(tree, parent) if parent else tree.root
        row = {**_as_row(wanted), "parent": above.code if above else ""}
        await add_units(connection, [row])
    say_json(row) if as_json else say(f"{code}: {name}")


_KINDS = ("tỉnh", "thành phố", "xã", "phường", "đặc khu", "thị trấn", "chi bộ", "thôn", "bản", "khối")


def _kind(name: str) -> str:
    lowered = name.strip().lower()
    return next((kind for kind in _KINDS if lowered.startswith(kind + " ")), "cơ quan")


async def unit_list(parts: Parts, *, as_json: bool) -> None:
    async with parts.database.reading() as connection:
        tree = await load_tree(connection)
    rows = [
        {
            "code": u.code,
            "name": u.name,
            "kind": u.kind,
            "parent": tree.by_id[u.parent_id].code if u.parent_id else None,
        }
        for u in tree.units
    ]
    if as_json:
        say_json(rows)
        return
    for unit in tree.units:
        say(f"{'  ' * (unit.path.count('/') - 2)}{unit.code}  {unit.name}")


async def unit_import(parts: Parts, path: Path, *, as_json: bool) -> None:
    async with parts.database.writing() as connection:
        known = set((await load_tree(connection)).by_code)
        try:
            rows = read_units(path, known)
        except (FileWrong, RowsWrong) as wrong:
            raise Failed(str(wrong)) from None
        added = await add_units(connection, [_as_row(r) for r in rows])
    known_before = len(rows) - added
    if as_json:
        say_json({"added": added, "known": known_before})
        return
    say(f"{added} units added, {known_before} were there already.")


def _unit(tree: Tree, name_or_code: str) -> Unit:
    """The one unit meant. Raises WrongUse."""
    if not name_or_code:
        if tree.root is None:
            raise WrongUse("There are no units yet: begin with `nhipcau init --province NAME`.")
        return tree.root
    found = tree.find(name_or_code)
    if not found:
        raise WrongUse(f"No unit is called {name_or_code!r}: see `nhipcau unit list`.")
    if len(found) > 1:
        raise WrongUse(f"{name_or_code!r} is several units: {', '.join(u.code for u in found)}. Give the code.")
    return found[0]


# ------------------------------------------------------------------ people


async def roster_import(parts: Parts, path: Path, *, dry_run: bool, as_json: bool) -> None:
    """All rows or none. By Mã CTV a second import changes nothing."""
    async with parts.database.writing() as connection:
        tree = await load_tree(connection)
        try:
            roster = read_roster(path, tree)
        except (FileWrong, RowsWrong) as wrong:
            raise Failed(str(wrong)) from None
        known = {(r.code, fold(r.name), r.unit_id, fold(r.cell)) for r in await connection.execute(select(people))}
        codes = {code.upper() for code, *_ in known if code}
        fresh = [p for p in roster.people if not _is_known(p, tree, known, codes)]
        if not dry_run:
            for person in fresh:
                await connection.execute(insert(people).values(**_row(parts, tree, person)))
            await saving.note(connection, datetime.now(UTC), "roster.import", str(len(fresh)))
    counts = {"added": len(fresh), "known": len(roster.people) - len(fresh), "skipped": roster.skipped}
    if roster.dropped:
        print(f"Không giữ các cột: {', '.join(roster.dropped)}.", file=sys.stderr)
    if as_json:
        say_json(counts)
        return
    verb = "would be added" if dry_run else "added"
    say(f"{counts['added']} people {verb}, {counts['known']} were there already, {counts['skipped']} have left.")


def _is_known(person: RosterPerson, tree: Tree, known: set[Any], codes: set[str]) -> bool:
    if person.code:
        return person.code.upper() in codes
    unit_id = tree.by_code[person.unit_code].id
    return any((n, u, c) == (fold(person.name), unit_id, fold(person.cell)) for _, n, u, c in known)


def _row(parts: Parts, tree: Tree, person: RosterPerson) -> dict[str, Any]:
    id = new_id("id")
    contact = " ".join(part for part in (person.phone, person.email) if part)
    return {
        "id": id,
        "mark": new_id("id"),
        "code": person.code or None,
        "name": person.name,
        "unit_id": tree.by_code[person.unit_code].id,
        "cell": person.cell,
        "role": person.role,
        "state": person.state,
        "language": parts.settings.language,
        "sealed_contact": parts.sealer.seal_lasting(contact, f"person:{id}") if contact else None,
    }


async def person_list(parts: Parts, unit: str, *, as_json: bool) -> None:
    async with parts.database.reading() as connection:
        tree = await load_tree(connection)
        members = await stored.network(connection, tree, _unit(tree, unit).path) if tree.root else []
    rows = [
        {
            "id": m.id,
            "name": m.name,
            "unit": m.unit.code,
            "role": m.role,
            "state": m.state,
            "channels": list(m.channels),
        }
        for m in members
    ]
    if as_json:
        say_json(rows)
        return
    for row in rows:
        say(f"{row['id']}  {row['name'] or '–'}  {row['unit']}  {row['role']}  {row['state']}")


async def person_move(parts: Parts, id: str, unit: str) -> None:
    async with parts.database.writing() as connection:
        tree = await load_tree(connection)
        target = _unit(tree, unit)
        await _change(connection, id, "person.move", unit_id=target.id)
    say(f"{id}: {target.name}")


async def person_disable(parts: Parts, id: str) -> None:
    """They have left: cards are revoked and doors let go; counts stay."""
    async with parts.database.writing() as connection:
        await _change(connection, id, "person.disable", state="left")
        await stored.revoke_cards(connection, id)
        await stored.let_doors_go(connection, id, datetime.now(UTC))
    say(f"{id}: left")


async def person_relink(parts: Parts, id: str, *, as_json: bool) -> None:
    """A new phone: doors are let go, a new card is made."""
    async with parts.database.writing() as connection:
        tree = await load_tree(connection)
        person = (await stored.find_people(connection, tree, [id])).get(id)
        if person is None:
            raise WrongUse(f"No person {id}: see `nhipcau person list`.")
        if person.state == "left":
            raise Failed(f"{id} has left: import them again first.")
        await stored.revoke_cards(connection, id)
        await stored.let_doors_go(connection, id, datetime.now(UTC))
        code, links = await _make_invite(
            parts, connection, person.unit, person.role, uses=1, days=CARD_DAYS, person_id=id
        )
    if as_json:
        say_json({"code": code, "links": links})
        return
    say(f"{person.name}: {code}")
    _say_links(links)


async def _change(connection: Any, id: str, act: str, **values: Any) -> None:
    done = await connection.execute(update(people).where(people.c.id == id).values(**values))
    if done.rowcount != 1:
        raise WrongUse(f"No person {id}: see `nhipcau person list`.")
    await saving.note(connection, datetime.now(UTC), act, id)


# ------------------------------------------------------------------ invites


async def _make_invite(
    parts: Parts, connection: Any, unit: Unit, role: str, *, uses: int, days: int, person_id: str | None = None
) -> tuple[str, dict[str, str | None]]:
    now = datetime.now(UTC)
    code = new_id("invite")
    row = MakeInvite(code, unit.id, role, person_id, uses, now + timedelta(days=days), saving.OFFICE)
    await stored.make_invites(connection, [row], now.astimezone(parts.settings.zone).date())
    await saving.note(connection, now, "invite.make", person_id or unit.code)
    return code, await known_links(parts, connection, code)


def _say_links(links: dict[str, str | None]) -> None:
    for channel, link in links.items():
        if link:
            say(f"  {channel}: {link}")


async def invite_unit(
    parts: Parts, unit: str, role: str, *, uses: int, days: int, as_json: bool, qr: Path | None
) -> None:
    if role not in ROLES:
        raise WrongUse(f"--role {role}: one of {', '.join(ROLES)}.")
    if not 1 <= uses <= 10_000:
        raise WrongUse(f"--uses {uses}: from 1 to 10000.")
    _check_days(days)
    async with parts.database.writing() as connection:
        where = _unit(await load_tree(connection), unit)
        code, links = await _make_invite(parts, connection, where, role, uses=uses, days=days)
    if qr:
        _draw(qr, code, links)
    if as_json:
        say_json({"code": code, "links": links})
        return
    say(f"{code}  {role}, {where.name}, {uses} use(s) within {days} days")
    _say_links(links)


async def invite_roster(
    parts: Parts, unit: str, *, days: int, csv_file: Path | None, qr: Path | None, as_json: bool
) -> None:
    """One card for everybody of the roster who has not joined yet; a card that is still good stays the same."""
    if csv_file is None and qr is None:
        raise WrongUse("Say where the cards go: --csv FILE or --qr DIR.")
    _check_days(days)
    rows = []
    async with parts.database.writing() as connection:
        tree = await load_tree(connection)
        members = await stored.network(connection, tree, _unit(tree, unit).path)
        good = await _good_cards(connection)
        for member in [m for m in members if m.state in {"invited", "paused"} and not m.channels]:
            if member.id in good:
                code, links = good[member.id], await known_links(parts, connection, good[member.id])
            else:
                code, links = await _make_invite(
                    parts, connection, member.unit, member.role, uses=1, days=days, person_id=member.id
                )
            rows.append((member, code, links))
        await saving.note(connection, datetime.now(UTC), "invite.roster", str(len(rows)))
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
            raise Failed(f"{error.filename or csv_file or qr} can't be written: {error.strerror}.") from None
    if as_json:
        say_json({"cards": len(rows)})
        return
    say(f"{len(rows)} cards.")


def _check_days(days: int) -> None:
    if not 1 <= days <= 366:
        raise WrongUse(f"--days {days}: from 1 to 366.")


async def _good_cards(connection: Any) -> dict[str, str]:
    """Person → code of a card that is still good."""
    good = (invites.c.person_id.is_not(None), invites.c.uses_left > 0, invites.c.revoked.is_(False))
    found = select(invites.c.person_id, invites.c.code).where(*good, invites.c.expires_at > datetime.now(UTC))
    return {row.person_id: row.code for row in await connection.execute(found)}


def _write_cards(path: Path, rows: list[Any]) -> None:
    write_csv(
        path,
        ["id", "name", "unit", "role", "code", "telegram", "web"],
        [
            [member.id, member.name, member.unit.name, member.role, code, links["telegram"] or "", links["web"]]
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


async def invite_list(parts: Parts, *, as_json: bool) -> None:
    now = datetime.now(UTC)
    async with parts.database.reading() as connection:
        statement = select(invites, units.c.code.label("unit")).join(units, units.c.id == invites.c.unit_id)
        found = (await connection.execute(statement.order_by(invites.c.expires_at))).all()
        links = {row.code: await known_links(parts, connection, row.code) for row in found}
    rows = [
        {
            "code": r.code,
            "unit": r.unit,
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
        say_json(rows)
        return
    for row in rows:
        state = f"{row['uses_left']} left until {row['expires_on']}" if row["good"] else "no longer good"
        say(f"{row['code']}  {row['role']}  {row['unit']}  {state}")
        if row["good"]:
            _say_links(links[row["code"]])


async def invite_revoke(parts: Parts, code: str) -> None:
    async with parts.database.writing() as connection:
        done = await connection.execute(update(invites).where(invites.c.code == code.upper()).values(revoked=True))
        if done.rowcount != 1:
            raise WrongUse(f"No invite {code}: see `nhipcau invite list`.")
        await saving.note(connection, datetime.now(UTC), "invite.revoke", code.upper()[:2] + "…")
    say(f"{code.upper()}: revoked")
