"""`publication`: the publication sheet of a closed poll."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nhipcau.cli.help_pages import Family
from nhipcau.cli.runner import CommandFailed, WrongUse, command, not_written, print_line, spoken

if TYPE_CHECKING:
    from nhipcau.bot.language.catalogue import Texts
    from nhipcau.context import AppContext
    from nhipcau.model.requests import Request

app = Family()


@command(app)
async def publication(
    parts: AppContext,
    id: Annotated[str, typer.Argument()],
    output: Annotated[Path, typer.Option("-o")],
) -> None:
    """The publication sheet of a closed poll."""
    from nhipcau.cli.transaction import record_act
    from nhipcau.insight.publication import publication_sheet
    from nhipcau.insight.publication_file import write_sheet
    from nhipcau.office.table_writer import write_bytes
    from nhipcau.operations.publication import published
    from nhipcau.storage.requests import read_requests
    from nhipcau.storage.units import load_tree

    t = spoken()
    async with parts.database.reading() as connection:
        tree = await load_tree(connection)
        request = (await read_requests(connection, tree, [id])).get(id)
        if request is None or not request.is_poll:
            raise WrongUse("cli.no_poll", id=id)
        _check_closed(request, parts, t)
        found = await published(connection, tree, request, _apps(parts, t))
    data = write_sheet(publication_sheet(found, parts.settings.zone, t))
    # before anything is written: nothing leaves without a line
    await record_act(parts, "export.publication")
    try:
        write_bytes(output, data)
    except OSError as error:
        raise not_written(output, error) from None
    print_line(t("cli.publication.written", file=output))


def _check_closed(request: Request, parts: AppContext, t: Texts) -> None:
    """Raises CommandFailed where there is no result, or not yet."""
    from nhipcau.handlers.requests.request_messages import moment

    if request.state == "stopped":
        raise CommandFailed("cli.publication.stopped", id=request.id)
    if request.state != "closed":
        until = moment(request.closes_at, parts.settings.zone, t)
        raise CommandFailed("cli.publication.not_closed", id=request.id, until=until)


def _apps(parts: AppContext, t: Texts) -> list[str]:
    """The apps that are on, by name."""
    from nhipcau.cli.legal_checks import apps_of

    return [t(f"channel.{app.name}") for app in apps_of(parts.settings) if app.is_on]
