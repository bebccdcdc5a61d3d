"""The web chat's pages before any message: their sentences, static files and headers."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, Protocol

from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from nhipcau.bot.messaging.messages import Choice, Message

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'self'"
)
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    # with "no-referrer" a browser hides its page's origin from us too when a form is sent
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml", "png": "image/png"}
#: Files of one version stand under one address, so that a page never runs with parts of two.
STATIC_PATH = "/static/{name:path}"
#: Sentences the page's script says, `web.NAME` in the catalogues; the others stand in the page.
_SCRIPT_WORDS = (
    *("log", "photo", "picture", "shrinking", "sending", "drop", "waiting", "sent", "failed", "error"),
    *("picture_lost", "file_lost", "leave_sure", "leave_failed", "today", "yesterday", "copy", "copied", "qr", "qr_of"),
    *("install", "install_ask", "install_ios", "not_now", "to_choices", "to_end", "ended", "unreachable"),
)
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


class EntryState(StrEnum):
    """What a page shows first."""

    #: This device has a session: the conversation.
    OPEN = "open"
    #: An invitation that is still good.
    NEW = "new"
    #: A card whose person has joined from elsewhere.
    USED = "used"
    #: No invitation of ours, or one that is over.
    UNKNOWN = "unknown"
    #: Too many wrong codes came from there, and none is looked up for a while.
    WAIT = "wait"


class Speaker(Protocol):
    @property
    def language(self) -> str: ...

    def sentence(self, key: str) -> str: ...


class Words:
    """The sentences of the office's language, by their name below `web`."""

    def __init__(self, speaker: Speaker) -> None:
        self._speaker = speaker
        self.language = speaker.language

    def __getattr__(self, name: str) -> str:
        return self._speaker.sentence(f"web.{name}")

    def for_script(self) -> dict[str, Any]:
        days = [self._speaker.sentence(f"time.{day}") for day in _WEEKDAYS]
        return {**{name: getattr(self, name) for name in _SCRIPT_WORDS}, "days": days}


def main_choice(message: Message) -> Choice | None:
    """The one way on of a message whose other choices lead elsewhere; None where several are equal."""
    on = [choice for choice in message.choices if not choice.way]
    return on[0] if len(on) == 1 and len(message.choices) > 1 else None


def weight(choice: Choice, message: Message) -> str:
    """How much a choice stands out: "main" for the one way on, "way" for a quiet one that leads elsewhere, else ""."""
    return "way" if choice.way else "main" if choice is main_choice(message) else ""


# -------------------------------------------------- pages


@cache
def _template(name: str) -> Any:
    from jinja2 import Environment, FunctionLoader, select_autoescape

    def load(name: str) -> str:
        return files("nhipcau.web").joinpath("pages", name).read_text(encoding="utf-8")

    escaping = select_autoescape(default_for_string=True, default=True)
    return Environment(autoescape=escaping, loader=FunctionLoader(load), trim_blocks=True).get_template(name)


def chat_page(words: Words, *, code: str, state: EntryState, unit: str, sentence: str = "") -> str:
    """The page of a code. `sentence`: why nobody can come in, where it is not what the state says."""
    path = f"/c/{code}"
    data = {"words": words.for_script(), "path": path, "state": state, "version": version()}
    body = json.dumps(data, ensure_ascii=False)
    for mark, code_point in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        body = body.replace(mark, code_point)
    facts = {"path": path, "state": str(state), "unit": unit, "sentence": sentence, "data": Markup(body)}
    return str(_template("chat.html").render(words=words, version=version(), **facts))


def form_page(words: Words, **facts: Any) -> str:
    """The page without a script; `facts` as pages/form.html names them."""
    return str(_template("form.html").render(words=words, version=version(), path=f"/c/{facts.pop('code')}", **facts))


# -------------------------------------------------- files


@cache
def _static_files() -> Mapping[str, bytes]:
    folder = files("nhipcau.web").joinpath("static")
    return {each.name: each.read_bytes() for each in folder.iterdir() if re.fullmatch(r"[a-z_]+\.[a-z]+", each.name)}


@cache
def version() -> str:
    """Changes with every file of the page."""
    digest = hashlib.sha256()
    for name, data in sorted(_static_files().items()):
        digest.update(name.encode() + data)
    return digest.hexdigest()[:12]


def page_files() -> Sequence[str]:
    """The paths a page needs to work without network."""
    names = (name for name in _static_files() if name not in {"sw.js", "demo.css"})
    return [f"/static/{version()}/{name}" for name in sorted(names)]


async def static(request: Request) -> Response:
    """`/static/VERSION/NAME` may be kept for good, `/static/NAME` for a while."""
    stamp, _, name = request.path_params["name"].rpartition("/")
    data = (await run_in_threadpool(_static_files)).get(name)
    kind = _TYPES.get(name.rpartition(".")[2])
    if data is None or kind is None or "/" in stamp:
        return PlainTextResponse("not found\n", status_code=404)
    kept = "max-age=31536000, immutable" if stamp == version() else "max-age=300"
    return Response(data, media_type=kind, headers={"Cache-Control": kept, "X-Content-Type-Options": "nosniff"})


async def worker(request: Request) -> Response:
    script = _static_files()["sw.js"].decode().replace("VERSION", version()).replace("[]", json.dumps(page_files()))
    # a service worker obeys the policy it came with: without this it may not fetch the page it keeps
    policy = "default-src 'none'; connect-src 'self'; frame-ancestors 'none'"
    headers = {"Cache-Control": "no-cache", "Content-Security-Policy": policy}
    return Response(script, media_type="text/javascript", headers=headers)


async def robots(request: Request) -> Response:
    return PlainTextResponse("User-agent: *\nDisallow: /\n")
