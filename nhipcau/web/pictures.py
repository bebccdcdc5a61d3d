"""`/p/…`: a picture of ours at a short-lived signed address, for an app that only takes pictures by address."""

from __future__ import annotations

import re
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from nhipcau.web.signed_urls import Sign, answer, is_over, is_signed, until

#: What the mark is made for.
PICTURE = "picture"
#: Seconds an address works: the app fetches at once.
_LIFE = 600
#: Seconds a drawn picture is kept (storage/retention.py).
_KEPT = 2 * 24 * 3600
_NAME = re.compile(r"[0-9a-f]{16}\.jpg")


def public_address(base: str, sign: Sign, name: str) -> str:
    """An address of this picture that works for ten minutes; "" for a name that is none."""
    return _address(base, sign, name, _LIFE) if _NAME.fullmatch(name) else ""


def lasting_address(base: str, sign: Sign, name: str) -> str:
    """An address of a picture drawn for a message: good for as long as the picture is kept."""
    return _address(base, sign, name, _KEPT)


def _address(base: str, sign: Sign, name: str, seconds: int) -> str:
    end = until(seconds)
    return f"{base}/p/{end}/{sign(f'{end}|{name}')}/{name}"


def picture_routes(folder: Path, sign: Sign) -> list[BaseRoute]:
    async def picture(request: Request) -> Response:
        end, mark, name = (request.path_params[key] for key in ("until", "mark", "name"))
        if is_signed(sign, f"{end}|{name}", mark) and _NAME.fullmatch(name) and not is_over(end):
            try:
                return await answer(folder / name, "image/jpeg")
            except OSError:
                pass
        return PlainTextResponse("not found\n", status_code=404)

    return [Route("/p/{until}/{mark}/{name}", picture, methods=["GET"])]
