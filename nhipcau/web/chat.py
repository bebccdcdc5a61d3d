"""`/c/CODE`: the web chat's pages and requests. GET changes nothing; the first POST opens a session."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from nhipcau.bot.messaging.channel import Channel
from nhipcau.bot.messaging.events import EventKind
from nhipcau.bot.messaging.messages import Message
from nhipcau.web.addresses import origin_of
from nhipcau.web.chat_acts import Backend, ChatActs
from nhipcau.web.chat_requests import (
    SILENCE,
    Endpoint,
    Refusal,
    Show,
    as_json,
    guarded,
    json_body,
)
from nhipcau.web.chat_shell import STATIC_PATH, EntryState, Words, chat_page, robots, static, weight, worker
from nhipcau.web.join_links import is_join_link, links_in, qr_code
from nhipcau.web.plain_form import PlainForm
from nhipcau.web.uploads import UploadRoom
from nhipcau.web.waits import Waits


def chat_routes(
    backend: Backend,
    channels: Mapping[str, Channel],
    *,
    secure: bool,
    long_poll: float = 25.0,
    silence: float = SILENCE,
    most_waiting: int = 1000,
) -> list[BaseRoute]:
    """Routes of the web chat. `secure`: cookies are sent over https only; `long_poll`: seconds a request for new
    messages may wait; `silence`: seconds after which a file's transfer without a byte is given up; `most_waiting`:
    requests for new messages that wait at once."""
    # its log lines quote what people sent
    logging.getLogger("python_multipart.multipart").disabled = True
    acts = ChatActs(backend, channels, secure=secure, room=UploadRoom(silence))
    chat = _Chat(acts, long_poll, Waits(most_waiting))
    plain = PlainForm(acts)

    def route(path: str, act: Endpoint, method: str, show: Show = as_json) -> Route:
        return Route(f"/c/{{code}}{path}", guarded(act, backend.sentence, show), methods=[method])

    return [
        Route("/c", chat.typed_code, methods=["GET"]),
        route("", chat.page, "GET", chat.refused),
        route("/", chat.without_slash, "GET", chat.refused),
        route("/manifest.webmanifest", chat.manifest, "GET"),
        route("/photo/{name}", chat.picture, "GET"),
        route("/qr", chat.qr, "GET"),
        route("/form", plain.page, "GET", chat.refused),
        route("/form", plain.act, "POST", chat.refused),
        *(route(f"/{name}", act, "POST") for name, act in chat.script_acts().items()),
        Route(STATIC_PATH, static, methods=["GET"]),
        Route("/sw.js", worker, methods=["GET"]),
        Route("/robots.txt", robots, methods=["GET"]),
    ]


class _Chat:
    """The page, and what its script asks for."""

    def __init__(self, acts: ChatActs, long_poll: float, waits: Waits) -> None:
        self._acts = acts
        self._backend = acts.backend
        self._long_poll = long_poll
        self._waits = waits

    def script_acts(self) -> dict[str, Endpoint]:
        """What the script posts to, by the end of the address."""
        photo = partial(self._upload, kind=EventKind.PHOTO)
        file = partial(self._upload, kind=EventKind.FILE)
        some: dict[str, Endpoint] = {"start": self.start, "messages": self.messages, "send": self.send}
        return {**some, "photo": photo, "file": file, "open": self.open, "leave": self.leave}

    # -------------------------------------------------- pages

    async def page(self, request: Request) -> Response:
        entry = await self._acts.entry(request)
        body = chat_page(Words(self._backend), code=request.path_params["code"], state=entry.state, unit=entry.unit)
        response = HTMLResponse(body, status_code=404 if entry.state is EntryState.UNKNOWN else 200)
        return self._acts.prolong(request, response) if entry.state is EntryState.OPEN else response

    async def without_slash(self, request: Request) -> Response:
        return RedirectResponse(f"/c/{request.path_params['code']}", status_code=303)

    def refused(self, request: Request, status: int, sentence: str) -> Response:
        """The page of somebody who can't come in, with the reason and a place for another code."""
        body = chat_page(Words(self._backend), code="", state=EntryState.UNKNOWN, unit="", sentence=sentence)
        return HTMLResponse(body, status_code=status)

    async def typed_code(self, request: Request) -> Response:
        """The way from the box for another code to that code's page."""
        typed = "".join(c for c in request.query_params.get("code", "") if c.isascii() and c.isalnum())
        return RedirectResponse(f"/c/{typed[:40].upper() or '-'}", status_code=303)

    async def manifest(self, request: Request) -> Response:
        body = {
            "name": "Nhịp Cầu",
            "short_name": "Nhịp Cầu",
            "start_url": f"/c/{request.path_params['code']}",
            "scope": f"/c/{request.path_params['code']}",
            "display": "standalone",
            "background_color": "#f4f1ea",
            "theme_color": "#0b5345",
            "icons": [
                {"src": "/static/icon.svg", "sizes": "any", "type": "image/svg+xml"},
                {"src": "/static/icon.png", "sizes": "192x192", "type": "image/png", "purpose": "any maskable"},
            ],
        }
        return JSONResponse(body, media_type="application/manifest+json")

    async def picture(self, request: Request) -> Response:
        data = await self._backend.read_photo(await self._acts.session(request), request.path_params["name"])
        if data is None:
            raise Refusal(404, "not found")
        return Response(data, media_type="image/jpeg")

    async def qr(self, request: Request) -> Response:
        """An invitation's link as a picture: nothing but links of ours is drawn."""
        await self._acts.session(request)
        link = request.query_params.get("link", "")
        if not is_join_link(link, self._acts.channels.values()):
            raise Refusal(404, "not found")
        return Response(qr_code(link), media_type="image/svg+xml")

    # -------------------------------------------------- acts

    async def start(self, request: Request) -> Response:
        await json_body(request)
        return await self._acts.join(request, Response(status_code=204))

    async def messages(self, request: Request) -> Response:
        address = await self._acts.session(request)
        got = (await json_body(request, "got")).get("got", [])
        if not isinstance(got, list) or not all(isinstance(key, str) for key in got):
            raise Refusal(400, "got must be a list of keys")
        with self._waits.turn(request, address) as may_wait:
            until = time.monotonic() + self._long_poll
            while True:
                found = await self._acts.fetch(address, got)
                left = until - time.monotonic() if may_wait else 0.0
                if found or left <= 0 or self._backend.closing or await request.is_disconnected():
                    return JSONResponse({"messages": [self._shown(request, key, message) for key, message in found]})
                await self._backend.wait(address, left)

    async def send(self, request: Request) -> Response:
        address = await self._acts.session(request)
        body = await json_body(request, "id", "text", "data", "ref")
        text, data, ref = (body.get(name, "") for name in ("text", "data", "ref"))
        if not isinstance(text, str) or not isinstance(data, str) or not isinstance(ref, str):
            raise Refusal(400, "text, data and ref must be texts")

        async def act() -> None:
            await self._acts.say(address, body.get("id"), text=text, data=data, ref=ref, origin=origin_of(request))

        return await self._acts.renewing(request, Response(status_code=204), act)

    async def _upload(self, request: Request, *, kind: EventKind) -> Response:
        """Take a form with a picture or a document."""
        address = await self._acts.session(request)
        async with self._acts.form(request, address, kind, ("id", "file")) as form:
            upload = form.get("file")
            if upload is None or isinstance(upload, str):
                raise Refusal(400, "no file")
            await self._acts.take_file(address, form.get("id"), kind, upload)
        return Response(status_code=204)

    async def open(self, request: Request) -> Response:
        """The page was opened again without its history."""
        address = await self._acts.session(request)
        await self._acts.reopen(address, (await json_body(request, "id")).get("id"))
        return Response(status_code=204)

    async def leave(self, request: Request) -> Response:
        return await self._acts.leave(request, Response(status_code=204))

    def _shown(self, request: Request, key: str, message: Message) -> dict[str, Any]:
        return {
            "key": key,
            "text": message.text,
            "choices": [
                {
                    "label": c.label,
                    "data": c.data,
                    "beside": c.beside,
                    "stays": c.stays,
                    "weight": weight(c, message),
                }
                for c in message.choices
            ],
            "edit": message.edit,
            "photo": self._acts.picture_url(request.path_params["code"], message),
            "file": self._backend.file_address(message),
            "file_name": message.file_name,
            "links": links_in(message.text, self._acts.channels.values()),
        }
