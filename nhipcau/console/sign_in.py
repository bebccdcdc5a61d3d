"""Signing in by a one-time link or the six digits sent with it, staying signed in, and leaving.

Opening a link uses nothing up, as apps open links to show a preview: only the button does.
"""

from __future__ import annotations

import json
import re
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from nhipcau.bot.language.catalogue import Texts, texts
from nhipcau.console.cookies import SESSION, drop_cookie, give_cookie, read_cookie
from nhipcau.console.forms import FEW_BYTES, TOKEN, check_origin, read_form
from nhipcau.console.half_signed_in import FACTOR, give_half
from nhipcau.console.pages import render_outside
from nhipcau.console.visit import ROOT, Console
from nhipcau.handlers.situation import Office
from nhipcau.model.people import Person
from nhipcau.operations.operation_context import OperationContext
from nhipcau.privacy.sealing import Unreadable
from nhipcau.storage import console_sessions
from nhipcau.storage.audit import AuditContext, record_audit, record_refusals
from nhipcau.storage.console_sessions import Session
from nhipcau.storage.database import Connection
from nhipcau.storage.second_factors import is_required, second_factor_of

#: The cookie of what was typed in a session that is over.
KEPT = "nc-kept"
#: What a used link is sealed for.
_ENTERED = "console-entered"
_CODE = re.compile(r"[0-9]{6}")
#: What a browser calls itself → what we call it; the first that is found.
_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("CocCoc", "Cốc Cốc"), ("Firefox", "Firefox"), ("Chrome", "Chrome"))
_SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "Mac"))


def routes(console: Console) -> list[BaseRoute]:
    pages_of_sign_in = _SignIn(console)
    return [
        Route(f"{ROOT}/enter/{{link}}", pages_of_sign_in.offer, methods=["GET"]),
        Route(f"{ROOT}/enter/{{link}}", pages_of_sign_in.enter, methods=["POST"]),
        Route(f"{ROOT}/enter", pages_of_sign_in.ask, methods=["GET"]),
        Route(f"{ROOT}/enter", pages_of_sign_in.enter, methods=["POST"]),
        Route(f"{ROOT}/leave", pages_of_sign_in.leave, methods=["POST"]),
    ]


class _SignIn:
    def __init__(self, console: Console) -> None:
        self._console = console

    async def ask(self, request: Request) -> Response:
        return await ask_to_sign_in(self._console, request)

    async def offer(self, request: Request) -> Response:
        """The page of a link: one button."""
        async with self._console.reading() as (at, _):
            good = await console_sessions.is_good(at.connection, request.path_params["link"], at.now)
        if not good:
            return await ask_to_sign_in(self._console, request, problem="console.sign_in.over", status=200)
        return await render_outside(
            self._console, _texts(self._console), "enter.html", link=request.path_params["link"]
        )

    async def enter(self, request: Request) -> Response:
        check_origin(request)
        form = await read_form(request, FEW_BYTES)
        shown = str(form.get(TOKEN, ""))
        if self._console.session_of_token(shown) is None:
            return await forbidden(self._console, request)
        link = request.path_params.get("link", "")
        code = re.sub(r"\s", "", str(form.get("code", "")))
        origin = request.client.host if request.client else ""
        if not link:
            if not self._console.tries.may_try(origin):
                return await ask_to_sign_in(self._console, request, problem="console.sign_in.wait", status=429)
            if not _CODE.fullmatch(code):
                return await ask_to_sign_in(self._console, request, problem="console.sign_in.six")
        token, has_more = self._console.token_of(shown), False
        async with self._console.committer.transaction() as work:
            person = await self._spend(work, link or code, shown)
            has_more = bool(person) and await _has_second_step(work, person)
            if person and not has_more:
                await begin_session(self._console, work, person, request, token)
            elif not person and not link:
                record_refusals(AuditContext(work.connection, work.sealer, work.today), codes=1)
        if not person:
            if not link:
                self._console.tries.note_wrong(origin)
            problem = "console.sign_in.over" if link else "console.sign_in.wrong"
            return await ask_to_sign_in(self._console, request, problem=problem)
        following = str(form.get("next", ""))
        if has_more:
            response = RedirectResponse(f"{FACTOR}?{urlencode({'next': following})}", status_code=303)
            give_half(self._console, response, person)
        else:
            response = RedirectResponse(await where_to(self._console, request, following), status_code=303)
            give_session(self._console, response, token)
        return response

    async def _spend(self, work: OperationContext, secret: str, shown: str) -> str:
        """Whose link or digits these are; "" where they are not good, or were used. `shown`: the token of the form,
        which may be sent twice."""
        digest = console_sessions.digest_of(self._console.sign(f"enter|{secret}|{shown}"))
        earlier = await console_sessions.claim_form(work.connection, digest, work.today)
        if earlier is not None:
            try:
                return work.sealer.open(work.today, bytes.fromhex(earlier), _ENTERED)
            except Unreadable:
                return ""
        person = await console_sessions.spend(work.connection, secret, work.now)
        sealed = work.sealer.seal(work.today, person, _ENTERED).hex() if person else ""
        await console_sessions.settle_form(work.connection, digest, sealed)
        return person

    async def leave(self, request: Request) -> Response:
        """End this session."""
        check_origin(request)
        form = await read_form(request, FEW_BYTES)
        shown_in = self._console.session_of_token(str(form.get(TOKEN, "")))
        async with self._console.committer.transaction() as work:
            found = await who(self._console, work.connection, work.office, request)
            if found is not None:
                session, person = found
                if shown_in != session.id:
                    return await forbidden(self._console, request)
                await console_sessions.end(work.connection, person.id, session.id)
                record_audit(AuditContext(work.connection, work.sealer, work.today), "console.leave", person.id)
        response = RedirectResponse(ROOT, status_code=303)
        drop_cookie(self._console, response, SESSION)
        return response


async def _has_second_step(work: OperationContext, person_id: str) -> bool:
    factor = await second_factor_of(work.connection, work.sealer, person_id)
    return factor.is_set or await is_required(work.connection)


async def where_to(console: Console, request: Request, following: str) -> str:
    """Back to where they were, and to what they had typed."""
    if token := request.cookies.get(KEPT, ""):
        async with console.reading() as (at, _):
            content = await console_sessions.read_draft(at.connection, console.parts.sealer, token)
        if content:
            return str(json.loads(content)["path"])
    return following if is_ours(following) else ROOT


# ------------------------------------------------------------------ who asks


async def who(
    console: Console, connection: Connection, office: Office, request: Request
) -> tuple[Session, Person] | None:
    """The session of this request and its person; None for somebody who is not signed in."""
    token = read_cookie(console, request, SESSION)
    if not token:
        return None
    return await console_sessions.find(connection, console.parts.sealer, office.tree, token, console.now())


def is_ours(place: str) -> bool:
    """Whether this is an address of the console: nobody is sent elsewhere."""
    return bool(re.fullmatch(r"/console(/[A-Za-z0-9._~/-]*)?(\?[^\s\\]*)?", place)) and "//" not in place


def back_to(request: Request) -> str:
    return request.url.path if is_ours(request.url.path) else ROOT


async def ask_to_sign_in(
    console: Console, request: Request, *, problem: str = "", status: int = 200, following: str | None = None
) -> Response:
    """The page of whoever is not signed in, whatever they asked for, which is shown next unless `following` is."""
    t = _texts(console)
    asked = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
    if following is None:
        following = asked if is_ours(asked) and not asked.startswith(f"{ROOT}/enter") else ""
    said = t(problem) if problem else ""
    return await render_outside(console, t, "sign_in.html", status=status, following=following, problem=said)


async def not_here(console: Console, request: Request) -> Response:
    return await render_outside(console, _texts(console), "plain.html", status=404, key="not_here")


async def forbidden(console: Console, request: Request) -> Response:
    return await render_outside(console, _texts(console), "plain.html", status=403, key="forbidden")


async def failed(console: Console, request: Request) -> Response:
    return await render_outside(console, _texts(console), "plain.html", status=500, key="failed")


def _texts(console: Console) -> Texts:
    return texts(console.parts.settings.language)


async def begin_session(console: Console, work: OperationContext, person_id: str, request: Request, token: str) -> None:
    """Begin a session of this person on this device; where the token has one already it goes on."""
    if await console_sessions.has_begun(work.connection, token):
        return
    device = device_of(request)
    await console_sessions.begin(work.connection, console.new_id("id"), token, person_id, work.now, device)
    record_audit(AuditContext(work.connection, work.sealer, work.today), "console.enter", person_id)


def give_session(console: Console, response: Response, token: str) -> None:
    # no age: it ends with the browser, and on the server after twelve idle hours
    give_cookie(console, response, SESSION, token)


def device_of(request: Request) -> str:
    """ "Chrome, Windows": enough to recognise one's own."""
    agent = request.headers.get("user-agent", "")
    browser = next((name for mark, name in _BROWSERS if mark in agent), "Safari" if "Safari" in agent else "?")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "Linux" if "Linux" in agent else "?")
    return f"{browser}, {system}"
