"""`/p/…`: our pictures at short-lived signed URLs, for apps that take pictures only by URL."""

from __future__ import annotations

import re
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from nhipcau.web.signed_urls import Sign, answer, is_over, is_signed, until

#: The purpose of the signature.
PICTURE = "picture"
#: Seconds a URL works: the app fetches at once.
_LIFE = 600
#: Seconds the URL of a chart works: as long as the chart is kept (storage/retention.py).
_CHART_LIFE = 2 * 24 * 3600
_NAME = re.compile(r"[0-9a-f]{16}\.jpg")


def public_address(base: str, sign: Sign, name: str) -> str:
    """The URL of this picture, which works for ten minutes; "" for an invalid name."""
    return _address(base, sign, name, _LIFE) if _NAME.fullmatch(name) else ""


def chart_address(base: str, sign: Sign, name: str) -> str:
    """The URL of a chart, which works for as long as the chart is kept."""
    return _address(base, sign, name, _CHART_LIFE)


def _address(base: str, sign: Sign, name: str, seconds: int) -> str:
    end = until(seconds)
    return f"{base}/p/{end}/{sign(f'{end}|{name}')}/{name}"


def picture_routes(folder: Path, sign: Sign) -> list[BaseRoute]:
    async def picture(request: Request) -> Response:
        end, signature, name = (request.path_params[key] for key in ("until", "signature", "name"))
        if is_signed(sign, f"{end}|{name}", signature) and _NAME.fullmatch(name) and not is_over(end):
            try:
                return await answer(folder / name, "image/jpeg")
            except OSError:
                pass
        return PlainTextResponse("not found\n", status_code=404)

    return [Route("/p/{until}/{signature}/{name}", picture, methods=["GET"])]
