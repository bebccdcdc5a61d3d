"""`/c/CODE`: the web chat's pages and requests. GET changes nothing; the first POST opens a session."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from nhipcau.bot.channels.webchat.channel import NAME, WebChat
from nhipcau.bot.language.vietnamese import nfc
from nhipcau.bot.messaging.channel import Channel
from nhipcau.bot.messaging.events import LONGEST_TEXT, Event, EventKind, clean
from nhipcau.bot.messaging.messages import Message
from nhipcau.error_log import name_of
from nhipcau.privacy.document_check import MAX_BYTES
from nhipcau.web.chat_shell import HEADERS, WORDS, page, robots, static, worker

log = structlog.get_logger()

_COOKIE = "nc"
_COOKIE_SECONDS = 400 * 24 * 3600
_BODY = 64_000
#: Seconds a body may take to arrive.
_PATIENCE = 30.0
_CODE = re.compile(r"[A-Za-z0-9]{4,40}")
_ID = re.compile(r"[A-Za-z0-9-]{4,60}")


class Backend(Protocol):
    """What the chat needs of the service (`ChatBackend`)."""

    async def submit(self, events: Sequence[Event]) -> None:
        """Returns after the commit; raises while the database is away."""

    async def fetch_waiting(self, address: str, got: Collection[str]) -> list[tuple[str, Message]]:
        """Waiting messages in order, each with a key; those whose key is in `got` are recorded as delivered."""

    async def wait(self, address: str, seconds: float) -> None:
        """Return early when new messages may wait for this address."""

    async def leave(self, address: str) -> None:
        """Close this contact and drop what waits for it."""

    async def read_photo(self, address: str, name: str) -> bytes | None:
        """A picture, if this person may see it."""

    def chart_url(self, name: str) -> str: ...

    def document_url(self, name: str, shown: str) -> str:
        """`shown`: the document's name for people."""

    def sentence(self, key: str) -> str: ...

    @property
    def closing(self) -> bool:
        """The service is stopping: long polls end at once."""

    @property
    def language(self) -> str:
        """Of the office: vi or en."""

    def sign(self, token: str) -> str:
        """A signature only this installation can make."""


class _Refusal(Exception):
    """An answer other than 2xx, with a sentence for the person."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


Endpoint = Callable[[Request], Awaitable[Response]]


def chat_routes(
    backend: Backend, channels: Mapping[str, Channel], *, secure: bool, long_poll: float = 25.0
) -> list[BaseRoute]:
    """Routes of the web chat. `secure`: cookies are sent over https only; `long_poll`: seconds a request for new
    messages may wait."""
    webchat = channels[NAME]
    assert isinstance(webchat, WebChat)
    # its log lines quote what people sent
    logging.getLogger("python_multipart.multipart").disabled = True
    chat = _Chat(backend, webchat, secure, long_poll)
    pages: list[BaseRoute] = [
        Route(f"/c/{{code}}{path}", _guarded(act, backend.sentence), methods=["GET"])
        for path, act in (("", chat.page), ("/manifest.webmanifest", chat.manifest), ("/photo/{name}", chat.picture))
    ]
    posts = {"start": chat.start, "messages": chat.messages, "send": chat.send, "photo": chat.photo}
    posts |= {"file": chat.file, "open": chat.open, "leave": chat.leave}
    pages += [
        Route(f"/c/{{code}}/{name}", _guarded(act, backend.sentence), methods=["POST"]) for name, act in posts.items()
    ]
    shell = [
        Route("/static/{name}", static, methods=["GET"]),
        Route("/sw.js", worker, methods=["GET"]),
        Route("/robots.txt", robots, methods=["GET"]),
    ]
    return [*pages, *shell]


def _guarded(act: Endpoint, sentence: Callable[[str], str] = str) -> Endpoint:
    async def guarded(request: Request) -> Response:
        try:
            if not _CODE.fullmatch(request.path_params["code"]):
                raise _Refusal(404, sentence("join.refused"))
            if request.method == "POST":
                _check_origin(request)
            response = await act(request)
        except _Refusal as refusal:
            if request.method == "GET":
                # read by a person who opened a link
                response = PlainTextResponse(refusal.sentence + "\n", status_code=refusal.status)
            else:
                response = JSONResponse({"error": refusal.sentence}, status_code=refusal.status)
        except HTTPException as error:
            # raised by starlette for a malformed form
            response = JSONResponse({"error": "not a form with a file"}, status_code=error.status_code)
        except (ClientDisconnect, TimeoutError):
            response = Response(status_code=400)
        except Exception as error:
            # only its type: its text may quote what a person wrote
            log.error("web chat failed", **name_of(error))
            response = JSONResponse({"error": sentence("wrong.failed")}, status_code=500)
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
    """The contact's address of a session. The token itself is stored nowhere."""
    return "w" + hashlib.sha256(token.encode()).hexdigest()[:32]


class _Chat:
    def __init__(self, backend: Backend, webchat: WebChat, secure: bool, long_poll: float) -> None:
        self._backend = backend
        self._webchat = webchat
        self._secure = secure
        self._long_poll = long_poll

    # -------------------------------------------------- pages

    async def page(self, request: Request) -> Response:
        words = {name: self._backend.sentence(f"web.{name}") for name in WORDS}
        code, opened = request.path_params["code"], _COOKIE in request.cookies
        return HTMLResponse(page(words, code=code, open=opened, language=self._backend.language))

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
        data = await self._backend.read_photo(self._session(request), request.path_params["name"])
        if data is None:
            raise _Refusal(404, "not found")
        return Response(data, media_type="image/jpeg")

    # -------------------------------------------------- acts

    async def start(self, request: Request) -> Response:
        """ "Bắt đầu" was pressed: open a session and join with the page's code."""
        await _json(request)
        token = self._token(request) or self._new_token()
        code = request.path_params["code"]
        await self._submit(
            Event(NAME, f"s:{secrets.token_hex(8)}", address_of(token), EventKind.TEXT, f"/start {code}")
        )
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
        address = self._session(request)
        got = (await _json(request)).get("got", [])
        if not isinstance(got, list) or not all(isinstance(key, str) for key in got):
            raise _Refusal(400, "got must be a list of keys")
        until = time.monotonic() + self._long_poll
        while True:
            try:
                found = await self._backend.fetch_waiting(address, set(got))
            except Exception as error:
                raise _Refusal(503, "try again") from error
            left = until - time.monotonic()
            if found or left <= 0 or self._backend.closing or await request.is_disconnected():
                return JSONResponse({"messages": [self._shown(request, key, message) for key, message in found]})
            await self._backend.wait(address, left)

    async def send(self, request: Request) -> Response:
        address = self._session(request)
        body = await _json(request)
        text, data = body.get("text", ""), body.get("data", "")
        if not isinstance(text, str) or not isinstance(data, str) or not isinstance(body.get("ref", ""), str):
            raise _Refusal(400, "text, data and ref must be texts")
        if len(text) > LONGEST_TEXT:
            raise _Refusal(413, self._backend.sentence("web.too_long"))
        kind = EventKind.TAP if data else EventKind.TEXT
        ref = body.get("ref", "")
        event = Event(NAME, _event_id(address, body), address, kind, text=nfc(text), data=nfc(data[:64]), ref=ref[:64])
        await self._submit(event)
        return Response(status_code=204)

    async def photo(self, request: Request) -> Response:
        return await self._upload(request, EventKind.PHOTO, self._webchat.limits.download, "web.too_big")

    async def file(self, request: Request) -> Response:
        """Take a document; whether this person may send one is decided with the event."""
        return await self._upload(request, EventKind.FILE, MAX_BYTES, "web.file_too_big")

    async def _upload(self, request: Request, kind: EventKind, most: int, too_big: str) -> Response:
        """Take a form with a file of at most `most` bytes; `too_big`: key of the sentence for a larger one."""
        address = self._session(request)
        if _length(request) > most + _BODY:
            raise _Refusal(413, self._backend.sentence(too_big))
        async with asyncio.timeout(4 * _PATIENCE), request.form(max_files=1, max_fields=5) as form:
            upload = form.get("file")
            if upload is None or isinstance(upload, str):
                raise _Refusal(400, "no file")
            data = await upload.read(most + 1)
            title = clean(upload.filename or "") if kind is EventKind.FILE else ""
            fields = {"id": form.get("id")}
        if len(data) > most:
            raise _Refusal(413, self._backend.sentence(too_big))
        id = _event_id(address, fields)
        file = self._webchat.keep(data)
        try:
            await self._submit(Event(NAME, id, address, kind, file=replace(file, title=title)))
        finally:
            self._webchat.forget(file)
        return Response(status_code=204)

    async def open(self, request: Request) -> Response:
        """The page was opened again without its history: show the open question again."""
        address = self._session(request)
        await self._submit(Event(NAME, _event_id(address, await _json(request)), address, EventKind.OPENED))
        return Response(status_code=204)

    async def leave(self, request: Request) -> Response:
        """End the session on the server too, so that a copy of its cookie opens nothing."""
        await self._backend.leave(self._session(request))
        response = Response(status_code=204)
        response.delete_cookie(_COOKIE, path=f"/c/{request.path_params['code']}")
        return response

    def _shown(self, request: Request, key: str, message: Message) -> dict[str, Any]:
        return {
            "key": key,
            "text": message.text,
            "choices": [
                {"label": c.label, "data": c.data, "beside": c.beside, "stays": c.stays} for c in message.choices
            ],
            "edit": message.edit,
            "photo": self._photo_of(request, message),
            "file": self._backend.document_url(message.file, message.file_name) if message.file else "",
            "file_name": message.file_name,
        }

    def _photo_of(self, request: Request, message: Message) -> str:
        """The picture's URL: signed for a chart, else one that needs the session."""
        if message.draw and message.photo:
            return self._backend.chart_url(message.photo)
        return f"/c/{request.path_params['code']}/photo/{message.photo}" if message.photo else ""

    def _new_token(self) -> str:
        random = secrets.token_urlsafe(32)
        return f"{random}.{self._backend.sign(random)}"

    def _token(self, request: Request) -> str:
        """The session's token; "" where our signature is missing, so that an invented cookie makes no contact."""
        token = request.cookies.get(_COOKIE, "")
        random, _, signature = token.partition(".")
        is_ours = signature and secrets.compare_digest(signature.encode(), self._backend.sign(random).encode())
        return token if is_ours else ""

    def _session(self, request: Request) -> str:
        token = self._token(request)
        if not token:
            raise _Refusal(401, "no session")
        return address_of(token)

    async def _submit(self, event: Event) -> None:
        try:
            await self._backend.submit([event])
        except Exception as error:
            raise _Refusal(503, "try again") from error


def _event_id(address: str, body: dict[str, Any]) -> str:
    """From the id the page chose, so that a repeat after a lost answer is the same event."""
    id = body.get("id")
    if not isinstance(id, str) or not _ID.fullmatch(id):
        raise _Refusal(400, "id is missing")
    # hashed, since claims are stored for a fortnight and the page's id may tell the moment
    return hashlib.sha256(f"{address}:{id}".encode()).hexdigest()[:32]


def _length(request: Request) -> int:
    """Bytes of the body by its Content-Length header, which is required; the server cuts off a longer body."""
    length = request.headers.get("content-length", "")
    if not (length.isascii() and length.isdecimal()):
        raise _Refusal(411, "content-length is missing")
    return int(length)


async def _json(request: Request) -> dict[str, Any]:
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        raise _Refusal(415, "application/json only")
    if _length(request) > _BODY:
        raise _Refusal(413, "too large")
    async with asyncio.timeout(_PATIENCE):
        body = await request.body()
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise _Refusal(400, "not a JSON object")
    return found
