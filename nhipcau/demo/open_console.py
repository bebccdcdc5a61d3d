"""`/demo/console`: the console, signed in as the coordinator whose phone stands beside it."""

from __future__ import annotations

import secrets

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from nhipcau.console.sign_in import begin_session, give_session, who
from nhipcau.console.visit import ROOT, Console

PATH = "/demo/console"


def console_route(console: Console, person_id: str) -> Route:
    """It may be opened again and in any browser, as everything here is made up."""

    async def enter(request: Request) -> Response:
        response = RedirectResponse(ROOT, status_code=303)
        async with console.committer.transaction() as work:
            if await who(console, work.connection, work.office, request) is None:
                token = console.token_of(secrets.token_hex(16))
                await begin_session(console, work, person_id, request, token)
                give_session(console, response, token)
        return response

    return Route(PATH, enter, methods=["GET"])
