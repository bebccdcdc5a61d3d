"""Cookies of who signs in: on the whole address behind https (`__Host-`), below /console else."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from nhipcau.console.visit import ROOT, Console

#: Of a session, and of somebody whose second factor is not shown yet.
SESSION, HALF = "nc-console", "nc-half"


def read_cookie(console: Console, request: Request, name: str) -> str:
    return request.cookies.get(_called(console, name), "")


def give_cookie(console: Console, response: Response, name: str, value: str, seconds: int | None = None) -> None:
    """Without `seconds` it ends with the browser."""
    called, path, secure = _called(console, name), _path(console), is_secure(console)
    response.set_cookie(called, value, seconds, path=path, httponly=True, samesite="lax", secure=secure)


def drop_cookie(console: Console, response: Response, name: str) -> None:
    response.delete_cookie(_called(console, name), path=_path(console), httponly=True, samesite="lax")


def is_secure(console: Console) -> bool:
    return console.parts.settings.url.startswith("https://")


def _called(console: Console, name: str) -> str:
    return f"__Host-{name}" if is_secure(console) else name


def _path(console: Console) -> str:
    return "/" if is_secure(console) else ROOT
