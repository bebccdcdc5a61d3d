"""From a request to a page: who asks, may they, which transaction, and what the form's token says."""

from __future__ import annotations

import json
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from nhipcau.actions.permissions import Roles, may
from nhipcau.console import pages, second_step, sign_in
from nhipcau.console.forms import (
    DO,
    FEW_BYTES,
    MOST_BYTES,
    MOST_BYTES_WITH_FILES,
    TOKEN,
    check_origin,
    form_closed,
    form_digest,
    read_form,
    typed_values,
)
from nhipcau.console.visit import ROOT, Act, Console, NotHere, Show, Visit, context_of, note_use
from nhipcau.error_log import name_of
from nhipcau.storage import console_sessions
from nhipcau.storage.database import Connection, is_conflict

log = structlog.get_logger()


@dataclass(frozen=True)
class Page:
    """An address below /console, what it shows, and what its buttons do (value of `do` → act; the first is what Enter
    means)."""

    path: str
    roles: Roles
    show: Show | None = None
    acts: Mapping[str, Act] = field(default_factory=dict)
    takes_files: bool = False


def console_routes(console: Console, served: Sequence[Page]) -> list[BaseRoute]:
    """All routes of the console."""
    routes: list[BaseRoute] = [Route(pages.STATIC_PATH, pages.static, methods=["GET"])]
    routes += [*sign_in.routes(console), *second_step.routes(console)]
    for page in served:
        methods = (["GET"] if page.show else []) + (["POST"] if page.acts else [])
        routes.append(Route(f"{ROOT}{page.path}", _answering(console, page), methods=methods))
    routes.append(Route(f"{ROOT}/{{rest:path}}", _answering(console, Page("", pages.PLACES[0].roles)), methods=["GET"]))
    return routes


def _answering(console: Console, page: Page) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            return await (_post(console, page, request) if request.method == "POST" else _get(console, page, request))
        except NotHere:
            return await sign_in.not_here(console, request)
        except HTTPException as error:
            return PlainTextResponse(f"{error.detail}\n", status_code=error.status_code)
        except (ClientDisconnect, TimeoutError):
            return Response(status_code=400)
        except Exception as error:
            # only its type: its text may quote what a person wrote
            log.error("console failed", **name_of(error))
            return await sign_in.failed(console, request)

    return answer


async def _get(console: Console, page: Page, request: Request) -> Response:
    async with console.reading() as (at, office):
        found = await sign_in.who(console, at.connection, office, request)
        if found is None:
            return await sign_in.ask_to_sign_in(console, request)
        session, person = found
        if page.show is None or not may(person, page.roles):
            raise NotHere
        visit = Visit(console, request, person, session, office, at)
        kept = await _kept(console, at.connection, request)
        if kept:
            visit.typed, visit.problem = kept, visit.t("console.kept_back")
        response = await page.show(visit)
    if kept:
        async with console.parts.database.writing() as connection:
            await console_sessions.drop_draft(connection, request.cookies[sign_in.KEPT])
        response.delete_cookie(sign_in.KEPT, path=ROOT, httponly=True, samesite="lax")
    await note_use(console, session)
    return response


async def _post(console: Console, page: Page, request: Request) -> Response:
    check_origin(request)
    async with console.reading() as (at, office):
        # decided before any of the form is read: a stranger sends little
        found = await sign_in.who(console, at.connection, office, request)
    if found is not None and not may(found[1], page.roles):
        raise NotHere
    most = FEW_BYTES if found is None else MOST_BYTES_WITH_FILES if page.takes_files else MOST_BYTES
    form = await read_form(request, most)
    async with form_closed(form):
        shown_in = console.session_of_token(str(form.get(TOKEN, "")))
        if found is None:
            # what was typed in a session that has ended comes back after the next sign-in
            return await (_keep if shown_in else _ask)(console, request, form)
        if shown_in != found[0].id:
            # shown before they signed in anew: nothing is done, nothing is lost
            if not shown_in:
                return await sign_in.forbidden(console, request)
            return await _keep(console, request, form, again=True)
        act = page.acts.get(str(form.get(DO, "")), next(iter(page.acts.values())))
        return await (_act if act.writes else _preview)(console, page, act, request, form)


async def _ask(console: Console, request: Request, form: FormData) -> Response:
    return await sign_in.ask_to_sign_in(console, request)


async def _preview(console: Console, page: Page, act: Act, request: Request, form: FormData) -> Response:
    """The page as it would be, with nothing changed."""
    async with console.reading() as (at, office):
        found = await sign_in.who(console, at.connection, office, request)
        if found is None or not may(found[1], page.roles):
            raise NotHere
        return await act.run(Visit(console, request, found[1], found[0], office, at, form))


async def _act(console: Console, page: Page, act: Act, request: Request, form: FormData) -> Response:
    """One writing transaction: the form is claimed, so that the same one sent twice acts once."""
    digest = form_digest(form)
    for attempt in (1, 2, 3):
        try:
            async with console.committer.transaction() as work:
                at = context_of(console, work)
                place = await console_sessions.claim_form(work.connection, digest, at.today)
                if place is not None:
                    return RedirectResponse(place or request.url.path, status_code=303)
                found = await sign_in.who(console, work.connection, work.office, request)
                if found is None or not may(found[1], page.roles):
                    raise NotHere
                visit = Visit(console, request, found[1], found[0], work.office, at, form, work=work)
                response = await act.run(visit)
                went = response.headers.get("location", "") if response.status_code == 303 else ""
                await console_sessions.settle_form(work.connection, digest, went)
            return response
        except Exception as error:
            if attempt == 3 or not is_conflict(error):
                raise
    raise AssertionError


async def _keep(console: Console, request: Request, form: FormData, *, again: bool = False) -> Response:
    """Keep what was typed until they have signed in again, then show the same page with it."""
    token = secrets.token_urlsafe(24)
    content = json.dumps({"path": request.url.path, **typed_values(form)}, ensure_ascii=False)
    async with console.parts.database.writing() as connection:
        await console_sessions.keep_draft(connection, console.parts.sealer, token, console.today(), content)
    if again:
        response: Response = RedirectResponse(sign_in.back_to(request), status_code=303)
    else:
        response = await sign_in.ask_to_sign_in(console, request, problem="console.sign_in.kept")
    response.set_cookie(sign_in.KEPT, token, max_age=24 * 3600, path=ROOT, httponly=True, samesite="lax")
    return response


async def _kept(console: Console, connection: Connection, request: Request) -> FormData | None:
    token = request.cookies.get(sign_in.KEPT, "")
    content = await console_sessions.read_draft(connection, console.parts.sealer, token) if token else ""
    if not content:
        return None
    kept: dict[str, Any] = json.loads(content)
    if kept["path"] != request.url.path:
        return None
    return FormData([(name, value) for name, value in kept["fields"]])
