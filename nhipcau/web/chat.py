"""`/c/CODE`: the same conversation in a phone's browser. GET changes nothing; the first POST opens a session."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Protocol

from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from nhipcau.bot.channels.webchat import NAME, WebChat
from nhipcau.bot.events import Event, Kind
from nhipcau.bot.messages import Message

#: Seconds one question for news may take.
_LONG_POLL = 25.0
_COOKIE = "nc"
_COOKIE_SECONDS = 400 * 24 * 3600
_BODY = 64_000
_TEXT = 8000
_CODE = re.compile(r"[A-Za-z0-9]{4,40}")
_ID = re.compile(r"[A-Za-z0-9-]{4,60}")
_WORDS: tuple[str, ...] = (
    "title",
    "start",
    "about",
    "compose",
    "send",
    "photo",
    "picture",
    "log",
    "waiting",
    "sent",
    "failed",
)
_WORDS += ("leave", "leave_sure", "offline", "noscript")
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'self'"
)
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml", "png": "image/png"}


class Desk(Protocol):
    """What the chat needs of the core."""

    async def submit(self, events: Sequence[Event]) -> None:
        """Returns after the commit; raises when the database is away."""

    async def fetch_waiting(self, address: str, after: int) -> list[tuple[int, Message]]:
        """Messages not fetched yet, ids ascending; those up to `after` are confirmed and gone."""

    async def wait(self, address: str, seconds: float) -> None:
        """Return early when something new may lie there."""

    async def read_photo(self, address: str, name: str) -> bytes | None:
        """A picture this person may see."""

    def sentence(self, key: str) -> str: ...


class _Refusal(Exception):
    """An answer other than 2xx, with a sentence where a person may read it."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


Endpoint = Callable[[Request], Awaitable[Response]]


def chat_routes(desk: Desk, webchat: WebChat, *, secure: bool) -> list[BaseRoute]:
    """Routes for the root of the app. `secure`: cookies travel over https only."""
    chat = _Chat(desk, webchat, secure)
    doors: list[BaseRoute] = [
        Route("/c/{code}", _guarded(chat.page), methods=["GET"]),
        Route("/c/{code}/manifest.webmanifest", _guarded(chat.manifest), methods=["GET"]),
        Route("/c/{code}/photo/{name}", _guarded(chat.picture), methods=["GET"]),
    ]
    posts = {"start": chat.start, "messages": chat.messages, "send": chat.send, "photo": chat.photo}
    posts |= {"open": chat.open, "leave": chat.leave}
    doors += [Route(f"/c/{{code}}/{name}", _guarded(act), methods=["POST"]) for name, act in posts.items()]
    static = [
        Route("/static/{name}", _static, methods=["GET"]),
        Route("/sw.js", _worker, methods=["GET"]),
        Route("/robots.txt", _robots, methods=["GET"]),
    ]
    return [*doors, *static]


def _guarded(act: Endpoint) -> Endpoint:
    async def guarded(request: Request) -> Response:
        try:
            if not _CODE.fullmatch(request.path_params["code"]):
                raise _Refusal(404, "not found")
            if request.method == "POST":
                _check_origin(request)
            response = await act(request)
        except _Refusal as refusal:
            response = JSONResponse({"error": refusal.sentence}, status_code=refusal.status)
        except ClientDisconnect:
            response = Response(status_code=400)
        for name, value in HEADERS.items():
            response.headers[name] = value
        return response

    return guarded


def _check_origin(request: Request) -> None:
    """Only our own page may post here."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin", "")
    host = request.headers.get("host", "")
    if site not in {"same-origin", "none"} or (origin and origin.partition("://")[2] != host):
        raise _Refusal(403, "another site's page can't write here")


def address_of(token: str) -> str:
    """Where answers to a session go; the token itself is kept nowhere."""
    return "w" + hashlib.sha256(token.encode()).hexdigest()[:32]


class _Chat:
    def __init__(self, desk: Desk, webchat: WebChat, secure: bool) -> None:
        self._desk = desk
        self._webchat = webchat
        self._secure = secure

    # -------------------------------------------------- pages

    async def page(self, request: Request) -> Response:
        words = {name: self._desk.sentence(f"web.{name}") for name in _WORDS}
        return HTMLResponse(_page(words, code=request.path_params["code"], open=_COOKIE in request.cookies))

    async def manifest(self, request: Request) -> Response:
        body = {
            "name": "Nhịp Cầu",
            "short_name": "Nhịp Cầu",
            "start_url": f"/c/{request.path_params['code']}",
            "scope": f"/c/{request.path_params['code']}",
            "display": "standalone",
            "background_color": "#f4f1ea",
            "theme_color": "#0b5345",
            "icons": [{"src": "/static/icon.svg", "sizes": "any", "type": "image/svg+xml"}],
        }
        return JSONResponse(body, media_type="application/manifest+json")

    async def picture(self, request: Request) -> Response:
        data = await self._desk.read_photo(_session(request), request.path_params["name"])
        if data is None:
            raise _Refusal(404, "not found")
        return Response(data, media_type="image/jpeg")

    # -------------------------------------------------- acts

    async def start(self, request: Request) -> Response:
        """Open the session: whoever presses "Bắt đầu" brings the code."""
        await _json(request)
        token = request.cookies.get(_COOKIE) or secrets.token_urlsafe(32)
        code = request.path_params["code"]
        await self._submit(Event(NAME, f"s:{secrets.token_hex(8)}", address_of(token), Kind.TEXT, f"/start {code}"))
        response = Response(status_code=204)
        response.set_cookie(
            _COOKIE,
            token,
            max_age=_COOKIE_SECONDS,
            path=f"/c/{code}",
            httponly=True,
            samesite="lax",
            secure=self._secure,
        )
        return response

    async def messages(self, request: Request) -> Response:
        address = _session(request)
        after = (await _json(request)).get("after", 0)
        if not isinstance(after, int):
            raise _Refusal(400, "after must be a number")
        until = time.monotonic() + _LONG_POLL
        while True:
            try:
                found = await self._desk.fetch_waiting(address, after)
            except Exception as error:
                raise _Refusal(503, "try again") from error
            left = until - time.monotonic()
            if found or left <= 0 or await request.is_disconnected():
                return JSONResponse({"messages": [_shown(request, id, message) for id, message in found]})
            await self._desk.wait(address, left)

    async def send(self, request: Request) -> Response:
        address = _session(request)
        body = await _json(request)
        text, data = body.get("text", ""), body.get("data", "")
        if not isinstance(text, str) or not isinstance(data, str) or not isinstance(body.get("ref", ""), str):
            raise _Refusal(400, "text, data and ref must be texts")
        if len(text) > _TEXT:
            raise _Refusal(413, self._desk.sentence("web.too_long"))
        kind = Kind.TAP if data else Kind.TEXT
        event = Event(NAME, _event_id(address, body), address, kind, text=text, data=data[:64], ref=body.get("ref", ""))
        await self._submit(event)
        return Response(status_code=204)

    async def photo(self, request: Request) -> Response:
        address = _session(request)
        most = self._webchat.limits.download
        if int(request.headers.get("content-length", "0") or 0) > most + _BODY:
            raise _Refusal(413, self._desk.sentence("web.too_big"))
        async with request.form(max_files=1, max_fields=5) as form:
            upload = form.get("file")
            if upload is None or isinstance(upload, str):
                raise _Refusal(400, "no picture")
            data = await upload.read(most + 1)
            fields = {"id": form.get("id")}
        if len(data) > most:
            raise _Refusal(413, self._desk.sentence("web.too_big"))
        file = self._webchat.keep(data)
        await self._submit(Event(NAME, _event_id(address, fields), address, Kind.PHOTO, file=file))
        return Response(status_code=204)

    async def open(self, request: Request) -> Response:
        """The page came back without a history of its own: show the open question again."""
        address = _session(request)
        await self._submit(Event(NAME, _event_id(address, await _json(request)), address, Kind.OPENED))
        return Response(status_code=204)

    async def leave(self, request: Request) -> Response:
        response = Response(status_code=204)
        response.delete_cookie(_COOKIE, path=f"/c/{request.path_params['code']}")
        return response

    async def _submit(self, event: Event) -> None:
        try:
            await self._desk.submit([event])
        except Exception as error:
            raise _Refusal(503, "try again") from error


def _session(request: Request) -> str:
    token = request.cookies.get(_COOKIE, "")
    if not token:
        raise _Refusal(401, "no session")
    return address_of(token)


def _event_id(address: str, body: dict[str, Any]) -> str:
    """Chosen by the page, so that a repeat after a lost answer is the same event."""
    id = body.get("id")
    if not isinstance(id, str) or not _ID.fullmatch(id):
        raise _Refusal(400, "id is missing")
    return f"{address}:{id}"


async def _json(request: Request) -> dict[str, Any]:
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        raise _Refusal(415, "application/json only")
    if int(request.headers.get("content-length", "0") or 0) > _BODY:
        raise _Refusal(413, "too large")
    body = await request.body()
    try:
        found = json.loads(body) if len(body) <= _BODY else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise _Refusal(400, "not a JSON object")
    return found


def _shown(request: Request, id: int, message: Message) -> dict[str, Any]:
    return {
        "id": id,
        "text": message.text,
        "choices": [{"label": c.label, "data": c.data, "beside": c.beside} for c in message.choices],
        "edit": message.edit,
        "photo": f"/c/{request.path_params['code']}/photo/{message.photo}" if message.photo else "",
    }


# ------------------------------------------------------------------ the shell


@cache
def _template() -> Any:
    from jinja2 import Environment, select_autoescape

    source = files("nhipcau.web").joinpath("pages/chat.html").read_text(encoding="utf-8")
    return Environment(autoescape=select_autoescape(default_for_string=True)).from_string(source)


def _page(words: dict[str, str], *, code: str, open: bool) -> str:
    body = json.dumps({"words": words, "door": f"/c/{code}", "open": open}, ensure_ascii=False)
    for mark, code_point in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        body = body.replace(mark, code_point)
    return str(_template().render(words=words, door=f"/c/{code}", data=Markup(body)))


def _read(name: str) -> bytes | None:
    if not re.fullmatch(r"[a-z]+\.[a-z]+", name):
        return None
    found = files("nhipcau.web").joinpath("static", name)
    return found.read_bytes() if found.is_file() else None


async def _static(request: Request) -> Response:
    name = request.path_params["name"]
    data = await run_in_threadpool(_read, name)
    kind = _TYPES.get(name.rpartition(".")[2])
    if data is None or kind is None:
        return PlainTextResponse("not found\n", status_code=404)
    return Response(
        data, media_type=kind, headers={"Cache-Control": "max-age=300", "X-Content-Type-Options": "nosniff"}
    )


async def _worker(request: Request) -> Response:
    return Response(_read("sw.js"), media_type="text/javascript", headers={"Cache-Control": "no-cache"})


async def _robots(request: Request) -> Response:
    return PlainTextResponse("User-agent: *\nDisallow: /\n")
