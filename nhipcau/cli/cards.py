"""`invite --roster`: a personal card for everybody of the roster, as a list, as pictures, and as sheets to print."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from nhipcau.cli.runner import CommandFailed, WrongUse, not_written, print_note, print_result, spoken

if TYPE_CHECKING:
    from nhipcau.cli.transaction import Transaction
    from nhipcau.context import AppContext
    from nhipcau.model.people import Member
    from nhipcau.office.cards import Card

#: Whose link a printed square leads to before others, where several are there: what people have on their phones.
_PREFERRED = ("zalo_oa", "zalo_bot")


def _apps() -> list[str]:
    """All channels, the likeliest on people's phones first and what only a browser opens last."""
    from nhipcau.bot.channels.registry import CHANNELS

    names = [each.name for each in sorted(CHANNELS, key=lambda each: each.recipients_fetch)]
    return [*_PREFERRED, *(name for name in names if name not in _PREFERRED)]


@dataclass(frozen=True, slots=True)
class CardFiles:
    """Where the cards go."""

    csv: Path | None = None
    #: A folder of pictures, and the list beside them.
    pictures: Path | None = None
    #: A PDF of eight cards a page.
    sheet: Path | None = None
    #: Whose link the printed square leads to; "": the likeliest.
    app: str = ""

    def check(self) -> None:
        """Raises WrongUse where there is nothing to write, CommandFailed where it can't be written."""
        if not (self.csv or self.pictures or self.sheet):
            raise WrongUse("cli.invite.nowhere")
        if self.sheet and self.sheet.suffix.lower() != ".pdf":
            raise WrongUse("cli.invite.no_pdf", file=self.sheet)
        if self.app and self.app not in (apps := _apps()):
            raise WrongUse("cli.invite.app", given=self.app, apps=", ".join(apps))
        for path in filter(None, (self.csv, self.sheet)):
            _check_written(path)


@dataclass(frozen=True, slots=True)
class _Row:
    member: Member
    commune: str
    number: str
    code: str
    links: dict[str, str | None]
    expires_at: datetime


async def invite_roster(parts: AppContext, unit: str, days: int, files: CardFiles, *, as_json: bool) -> None:
    """One card for everybody of the roster who has not joined; valid cards stay as they are."""
    from nhipcau.cli.transaction import writing
    from nhipcau.model.changes import Audit

    files.check()
    async with writing(parts) as transaction:
        actor = transaction.office(unit)
        rows = await _cards(transaction, unit, days)
        await transaction.apply([Audit("invite.roster", actor.id, len(rows))])
    # after the commit, as drawing takes its time; who writes again gets the same cards
    _write(parts, files, rows)
    print_result(as_json, {"cards": len(rows)}, spoken()("cli.invite.cards", number=len(rows)))
    say_where_links_lead(parts)


async def _cards(transaction: Transaction, unit: str, days: int) -> list[_Row]:
    from datetime import timedelta

    from nhipcau.actions import network
    from nhipcau.model.changes import Change
    from nhipcau.model.queries import Network
    from nhipcau.model.scope import Scope
    from nhipcau.privacy.identifiers import new_id
    from nhipcau.storage.invites import good_cards
    from nhipcau.storage.people import roster_numbers

    actor, tree = transaction.office(unit), transaction.tree
    good = await good_cards(transaction.connection, transaction.now)
    numbers = await roster_numbers(transaction.connection, transaction.parts.sealer)
    changes: list[Change] = []
    rows: list[_Row] = []
    for member in await transaction.load(Network(Scope.office(actor.unit))):
        if member.state not in {"invited", "paused"} or member.channels:
            continue
        if member.state == "paused":
            # their card opens nothing until somebody makes one for them on the network's screen
            print_note("cli.invite.paused", name=member.name, unit=member.unit.name)
        if member.withdrew:
            # who withdrew consent is asked again by name only: a card of their own, from the network's screen
            print_note("cli.invite.withdrew", name=member.name, unit=member.unit.name)
            continue
        if member.id not in good:
            card, made = transaction.or_fail(
                network.make_card(actor, member, transaction.now, new_id, days=days, is_back=False)
            )
            good[member.id] = (card.code, transaction.now + timedelta(days=days))
            changes += made
        code, expires_at = good[member.id]
        commune = tree.commune_of(member.unit).name if member.unit.is_cell else ""
        links = await transaction.links(code)
        rows.append(_Row(member, commune, numbers.get(member.id, ""), code, links, expires_at))
    await transaction.apply(changes)
    return rows


def _check_written(path: Path) -> None:
    """Raises CommandFailed where the file can't be written."""
    existed = path.exists()
    try:
        with path.open("ab"):
            pass
        if not existed:
            path.unlink()
    except OSError as error:
        raise not_written(path, error) from None


def _write(parts: AppContext, files: CardFiles, rows: list[_Row]) -> None:
    from nhipcau.office.cards import CannotPrint, print_cards

    try:
        if files.csv:
            _write_list(files.csv, rows)
        if files.pictures:
            files.pictures.mkdir(parents=True, exist_ok=True)
            _write_list(files.pictures / "cards.csv", rows)
            for row in rows:
                draw(files.pictures, f"{row.member.unit.code}-{row.code}", row.links)
        if files.sheet:
            print_cards(files.sheet, [_card(parts, row, files.app) for row in rows], spoken())
    except OSError as error:
        raise not_written(error.filename or files.csv or files.pictures or files.sheet, error) from None
    except CannotPrint:
        raise CommandFailed("cli.invite.not_printed", file=files.sheet) from None


def _write_list(path: Path, rows: list[_Row]) -> None:
    from nhipcau.bot.channels.registry import CHANNELS
    from nhipcau.office.table_writer import write_csv

    listed = {name for row in rows for name in row.links}
    apps = [each.name for each in CHANNELS if each.listed_when_off or each.name in listed]
    write_csv(
        path,
        ["id", "name", "unit", "role", "code", *apps, "commune", "number"],
        [
            [
                *(row.member.id, row.member.name, row.member.unit.name, row.member.role, row.code),
                *(row.links[app] or "" for app in apps),
                *(row.commune or row.member.unit.name, row.number),
            ]
            for row in rows
        ],
    )


def _card(parts: AppContext, row: _Row, app: str) -> Card:
    from nhipcau.office.cards import Card

    names = [app] if app else _apps()
    link = next((found for name in names if (found := row.links.get(name))), "")
    if not link:
        raise CommandFailed("cli.invite.no_link", app=app)
    return Card(
        name=row.member.name,
        units=tuple(filter(None, (row.member.unit.name, row.commune))),
        number=row.number,
        code=row.code,
        link=link,
        is_typed=row.code not in link,
        last_day=row.expires_at.astimezone(parts.settings.zone).date(),
    )


def draw(folder: Path, name: str, links: dict[str, str | None]) -> None:
    """Save one QR code a channel."""
    import segno

    folder.mkdir(parents=True, exist_ok=True)
    for channel, link in links.items():
        if link:
            segno.make(link, error="m").save(str(folder / f"{name}-{channel}.png"), scale=8, border=4)


def say_where_links_lead(parts: AppContext) -> None:
    """Says it aloud where phones can't open the links just made."""
    if why := parts.settings.unreachable:
        print_note(f"cli.invite.{why}", url=parts.settings.url)
