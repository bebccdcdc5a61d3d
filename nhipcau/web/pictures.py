"""`/p/…`: a picture of ours at a short-lived signed address, for an app that only takes pictures by address."""

from __future__ import annotations

import asyncio
import hmac
import re
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

#: What the mark is made for.
PICTURE = "picture"
#: Seconds an address works: the app fetches at once.
_LIFE = 600
_NAME = re.compile(r"[0-9a-f]{16}\.jpg")

#: A mark only this installation can make.
Sign = Callable[[str], str]


def public_address(base: str, sign: Sign, name: str) -> str:
    """An address of this picture that works for ten minutes; "" for a name that is none."""
    if not _NAME.fullmatch(name):
        return ""
    until = int(time.time()) + _LIFE
    return f"{base}/p/{until}/{sign(f'{until}|{name}')}/{name}"


def is_public(base: str) -> bool:
    """Whether an app outside can fetch from there."""
    return urlsplit(base).scheme == "https"


def picture_routes(folder: Path, sign: Sign) -> list[BaseRoute]:
    async def picture(request: Request) -> Response:
        until, mark, name = (request.path_params[key] for key in ("until", "mark", "name"))
        wanted = sign(f"{until}|{name}")
        known = hmac.compare_digest(wanted.encode(), mark.encode("utf-8", "replace")) and _NAME.fullmatch(name)
        path = folder / name
        if not known or int(until) < time.time() or not path.is_file():
            return PlainTextResponse("not found\n", status_code=404)
        data = await asyncio.to_thread(path.read_bytes)
        headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Robots-Tag": "noindex"}
        return Response(data, media_type="image/jpeg", headers=headers)

    return [Route("/p/{until}/{mark}/{name}", picture, methods=["GET"])]
