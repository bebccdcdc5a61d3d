"""`console-link`: the way to the console for the first admin and for whoever has lost their phone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from nhipcau.cli.help_pages import Family
from nhipcau.cli.runner import CommandFailed, Json, command, print_result, spoken

if TYPE_CHECKING:
    from nhipcau.context import AppContext

app = Family()


@command(app, "console-link")
async def console_link(
    parts: AppContext,
    person: Annotated[str, typer.Option("--person")],
    forget_second_factor: Annotated[bool, typer.Option("--forget-second-factor")] = False,
    as_json: Json = False,
) -> None:
    """A one-time link to the console, ten minutes; it needs the second factor, unless that is forgotten with it."""
    from nhipcau.actions import console, second_factor
    from nhipcau.actions.permissions import OFFICE_ROLES, may
    from nhipcau.cli.people import person_of
    from nhipcau.cli.transaction import writing
    from nhipcau.model.console_changes import MakeConsoleLink
    from nhipcau.privacy.identifiers import new_id
    from nhipcau.storage.second_factors import second_factor_of

    async with writing(parts) as transaction:
        found = await person_of(transaction, person)
        if not may(found, OFFICE_ROLES):
            raise CommandFailed("cli.console.no_right", name=found.name, role=spoken()(f"role.{found.role}"))
        office = transaction.office(found.unit)
        made = console.make_link(office, found.id, transaction.now, new_id)
        if forget_second_factor:
            lost = await second_factor_of(transaction.connection, transaction.context.sealer, found.id)
            made += second_factor.forget(office, found.id, lost)
        await transaction.apply(made)
    token = next(change.token for change in made if isinstance(change, MakeConsoleLink))
    link = f"{parts.settings.url}/console/enter/{token}"
    minutes = int(console.LINK_LIFETIME.total_seconds()) // 60
    print_result(as_json, {"link": link}, spoken()("cli.console.link", link=link, minutes=minutes))
