"""Sessions of the web chat: a cookie with a random token under our signature. The token itself is stored nowhere."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

#: Seconds a browser keeps the cookie after the page was last opened. The server keeps no day of a session in clear, so
#: it ends none by itself.
COOKIE_SECONDS = 400 * 24 * 3600


def address_of(token: str) -> str:
    """The contact's address of a session."""
    return "w" + hashlib.sha256(token.encode()).hexdigest()[:32]


class Sessions:
    """`sign`: makes signatures that only this installation can make; `secure`: pages are reached over https only.

    Over https the cookie's name begins with `__Host-`, so that a browser takes it from this very host alone, and ends
    with the card's code, since its path has to be `/` then and one browser may hold several phones. Over http, which is
    this machine's own, its path keeps them apart (docs/decisions/0059).
    """

    def __init__(self, sign: Callable[[str], str], *, secure: bool) -> None:
        self._sign = sign
        self._secure = secure

    def token(self, request: Request) -> str:
        """The session's token; "" where our signature is missing, so that an invented cookie makes no contact."""
        given = request.cookies.get(self._name(request), "")
        signed, _, signature = given.rpartition(".")
        is_ours = signed and secrets.compare_digest(signature.encode(), self._sign(signed).encode())
        return given if is_ours else ""

    def new_token(self, parent: str = "") -> str:
        """`parent`: the address of the session it takes over the moment it is first shown."""
        signed = secrets.token_urlsafe(32) + (f".{parent}" if parent else "")
        return f"{signed}.{self._sign(signed)}"

    def parent_of(self, token: str) -> str:
        """The address of the session this one takes over; "" for one of its own."""
        parts = token.split(".")
        return parts[1] if len(parts) == 3 else ""

    def give(self, request: Request, response: Response, token: str) -> None:
        """Let this response hand the token to the browser."""
        response.set_cookie(
            self._name(request),
            token,
            max_age=COOKIE_SECONDS,
            path=self._path(request),
            httponly=True,
            samesite="lax",
            secure=self._secure,
        )

    def take(self, request: Request, response: Response) -> None:
        """Let this response take the token from the browser."""
        response.delete_cookie(
            self._name(request), path=self._path(request), secure=self._secure, httponly=True, samesite="lax"
        )

    def _name(self, request: Request) -> str:
        return f"__Host-nc-{request.path_params['code']}" if self._secure else "nc"

    def _path(self, request: Request) -> str:
        return "/" if self._secure else f"/c/{request.path_params['code']}"
