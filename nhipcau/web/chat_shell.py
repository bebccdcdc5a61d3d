"""The web chat's page before any message: its sentences, static files and headers."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from typing import Any

from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

#: Sentences the page shows by itself, `web.NAME` in the catalogues.
WORDS: tuple[str, ...] = (
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
    "error",
    "picture_lost",
    "file_lost",
)
WORDS += ("leave", "leave_sure", "leave_failed", "offline", "noscript")
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


@cache
def _template() -> Any:
    from jinja2 import Environment, select_autoescape

    source = files("nhipcau.web").joinpath("pages/chat.html").read_text(encoding="utf-8")
    return Environment(autoescape=select_autoescape(default_for_string=True)).from_string(source)


def page(words: dict[str, str], *, code: str, open: bool, language: str) -> str:
    body = json.dumps({"words": words, "door": f"/c/{code}", "open": open}, ensure_ascii=False)
    for mark, code_point in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        body = body.replace(mark, code_point)
    return str(_template().render(words=words, door=f"/c/{code}", data=Markup(body), language=language))


def _read(name: str) -> bytes | None:
    if not re.fullmatch(r"[a-z]+\.[a-z]+", name):
        return None
    found = files("nhipcau.web").joinpath("static", name)
    return found.read_bytes() if found.is_file() else None


async def static(request: Request) -> Response:
    name = request.path_params["name"]
    data = await run_in_threadpool(_read, name)
    kind = _TYPES.get(name.rpartition(".")[2])
    if data is None or kind is None:
        return PlainTextResponse("not found\n", status_code=404)
    return Response(
        data, media_type=kind, headers={"Cache-Control": "max-age=300", "X-Content-Type-Options": "nosniff"}
    )


async def worker(request: Request) -> Response:
    return Response(_read("sw.js"), media_type="text/javascript", headers={"Cache-Control": "no-cache"})


async def robots(request: Request) -> Response:
    return PlainTextResponse("User-agent: *\nDisallow: /\n")
