"""What every request of the web chat passes: who may post, how large and slow a body may be, how it is refused."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from nhipcau.error_log import name_of
from nhipcau.web.chat_shell import HEADERS

log = structlog.get_logger()

#: Bytes of a body without a file.
BODY = 64_000
#: Seconds a body without a file may take to arrive.
PATIENCE = 30.0
#: Seconds without a byte after which a file's transfer is given up; how long it takes in all does not matter.
SILENCE = 60.0
_CODE = re.compile(r"[A-Za-z0-9]{4,40}")
#: What a pasted link takes along from its sentence.
_AFTER_LINK = " \u00a0\u200b\t\r\n.,;:!?…)]}>\"'`*_”’»"
_ID = re.compile(r"[A-Za-z0-9-]{4,60}")


class Refusal(Exception):
    """An answer other than 2xx, with a sentence for the person."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


Endpoint = Callable[[Request], Awaitable[Response]]
#: How a refusal is shown: the request, the status, the sentence.
Show = Callable[[Request, int, str], Response]


def as_json(request: Request, status: int, sentence: str) -> Response:
    """A refusal that a script reads: the sentence to show."""
    return JSONResponse({"error": sentence}, status_code=status)


def guarded(act: Endpoint, sentence: Callable[[str], str], show: Show = as_json) -> Endpoint:
    """The endpoint with what holds for all of them: a code in the address, posts of our own page only, our headers,
    and a sentence for everything that goes wrong."""

    async def answer(request: Request) -> Response:
        try:
            if clean := _clean_address(request, sentence):
                return RedirectResponse(clean, status_code=303)
            if request.method == "POST":
                _check_origin(request)
            return await act(request)
        except Refusal as refusal:
            return show(request, refusal.status, refusal.sentence)
        except HTTPException as error:
            # raised by starlette for a malformed form
            return show(request, error.status_code, "not a form with a file")
        except (ClientDisconnect, TimeoutError):
            return Response(status_code=400)
        except Exception as error:
            # only its type: its text may quote what a person wrote
            log.error("web chat failed", **name_of(error))
            return show(request, 500, sentence("wrong.failed"))

    async def guard(request: Request) -> Response:
        response = await answer(request)
        for name, value in HEADERS.items():
            response.headers[name] = value
        return response

    return guard


def _clean_address(request: Request, sentence: Callable[[str], str]) -> str:
    """Put the code in order. Where it was opened with the end of a sentence: the address to go to, since cookies hold
    for the path of one; else ""."""
    typed = request.path_params["code"]
    code = typed.rstrip(_AFTER_LINK)
    if not _CODE.fullmatch(code):
        raise Refusal(404, sentence("join.refused"))
    request.path_params["code"] = code
    if code == typed or request.method == "POST":
        return ""
    return f"/c/{code}{request.scope['path'].removeprefix(f'/c/{typed}')}"


def _check_origin(request: Request) -> None:
    """Only our own page may post here."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin", "")
    host = request.headers.get("host", "")
    if site not in {"same-origin", "none"} or (origin and origin.partition("://")[2] != host):
        raise Refusal(403, "another site's page can't write here")


def event_id(address: str, id: object) -> str:
    """From the id the page chose, so that a repeat after a lost answer is the same event."""
    if not isinstance(id, str) or not _ID.fullmatch(id):
        raise Refusal(400, "id is missing")
    # hashed, since claims are stored for a fortnight and the page's id may tell the moment
    return hashlib.sha256(f"{address}:{id}".encode()).hexdigest()[:32]


def body_length(request: Request) -> int:
    """Bytes of the body by its Content-Length header, which is required; the server cuts off a longer body."""
    length = request.headers.get("content-length", "")
    if not (length.isascii() and length.isdecimal()):
        raise Refusal(411, "content-length is missing")
    return int(length)


async def json_body(request: Request, *known: str) -> dict[str, Any]:
    """The object that was posted. `known`: its keys; another one is refused, not passed over (rule R02)."""
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        raise Refusal(415, "application/json only")
    if body_length(request) > BODY:
        raise Refusal(413, "too large")
    async with asyncio.timeout(PATIENCE):
        body = await request.body()
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Refusal(400, "not a JSON object")
    if not found.keys() <= set(known):
        raise Refusal(400, f"keys are {', '.join(known) or 'none'}")
    return found
