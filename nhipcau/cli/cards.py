"""`invite --roster`: a personal card for everybody of the roster, as a list, as pictures, and as sheets to print."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nhipcau.cli.runner import CommandFailed, WrongUse, not_written, print_note, print_result, spoken

if TYPE_CHECKING:
    from nhipcau.context import AppContext
    from nhipcau.office.cards import Card
    from nhipcau.operations.roster_cards import RosterCard


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
        from nhipcau.bot.channels.registry import apps_for_cards

        if self.app and self.app not in (apps := apps_for_cards()):
            raise WrongUse("cli.invite.app", given=self.app, apps=", ".join(apps))
        for path in filter(None, (self.csv, self.sheet)):
            _check_written(path)


@dataclass(frozen=True, slots=True)
class _Row:
    card: RosterCard
    links: dict[str, str | None]


async def invite_roster(parts: AppContext, unit: str, days: int, files: CardFiles, *, as_json: bool) -> None:
    """One card for everybody of the roster who has not joined; valid cards stay as they are."""
    from nhipcau.cli.transaction import writing
    from nhipcau.model.changes import Audit
    from nhipcau.model.scope import Scope
    from nhipcau.operations.roster_cards import make_roster_cards

    files.check()
    async with writing(parts) as transaction:
        actor = transaction.office(unit)
        made = await make_roster_cards(transaction.context, Scope.office(actor.unit), actor, days)
        rows = [_Row(card, await transaction.links(card.code)) for card in made.cards]
        await transaction.apply([Audit("invite.roster", actor.id, len(rows))])
    for member in made.paused:
        # their card opens nothing until somebody makes one for them on the network's screen
        print_note("cli.invite.paused", name=member.name, unit=member.unit.name)
    for member in made.withdrew:
        # who withdrew consent is asked again by name only: a card of their own, from the network's screen
        print_note("cli.invite.withdrew", name=member.name, unit=member.unit.name)
    # after the commit, as drawing takes its time; who writes again gets the same cards
    _write(parts, files, rows)
    print_result(as_json, {"cards": len(rows)}, spoken()("cli.invite.cards", number=len(rows)))
    say_where_links_lead(parts)


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
                draw(files.pictures, f"{row.card.member.unit.code}-{row.card.code}", row.links)
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
                *(card.member.id, card.member.name, card.member.unit.name, card.member.role, card.code),
                *(row.links[app] or "" for app in apps),
                *(card.commune or card.member.unit.name, card.number),
            ]
            for row in rows
            for card in [row.card]
        ],
    )


def _card(parts: AppContext, row: _Row, app: str) -> Card:
    from nhipcau.bot.channels.registry import apps_for_cards
    from nhipcau.office.cards import link_for
    from nhipcau.operations.roster_cards import printed

    link = link_for(row.links, [app] if app else apps_for_cards())
    if not link:
        raise CommandFailed("cli.invite.no_link", app=app)
    return printed(row.card, link, parts.settings.zone)


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
