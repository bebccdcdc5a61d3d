"""`/demo`: phones and the console side by side in one browser."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from nhipcau.web.chat_shell import HEADERS

_POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; base-uri 'none'"


def demo_routes(phones: Sequence[tuple[str, str]], console: tuple[str, str]) -> list[BaseRoute]:
    """`phones`: a title and the path of each phone's web chat; `console`: those of the console."""

    async def demo(request: Request) -> Response:
        page = _template().render(phones=phones, console=console)
        return HTMLResponse(page, headers={**HEADERS, "Content-Security-Policy": _POLICY})

    return [Route("/demo", demo)]


@cache
def _template() -> Any:
    from jinja2 import Environment, select_autoescape

    source = files("nhipcau.web").joinpath("pages/demo.html").read_text(encoding="utf-8")
    return Environment(autoescape=select_autoescape(default_for_string=True)).from_string(source)
