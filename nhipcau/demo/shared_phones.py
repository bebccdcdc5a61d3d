"""The visitor's phones, opened again or in another browser: each is one phone, wherever it is shown."""

from __future__ import annotations

import re
from collections.abc import Collection
from http.cookies import CookieError, SimpleCookie

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_COOKIE = "nc"
#: In the address once a phone was handed over, so that a browser that takes no cookies is not sent around for ever.
_HANDED = b"again"


class SharedPhones:
    """Around the whole service: remembers the session a phone has now, and hands it to a browser that opens the phone
    without it. Only where everything is made up: elsewhere a session is one browser's."""

    def __init__(self, app: ASGIApp, codes: Collection[str]) -> None:
        self._app = app
        self._of = re.compile(f"/c/({'|'.join(map(re.escape, codes))})(/.*)?")
        #: Card code → the session its phone has now, as the cookie has it.
        self._sessions: dict[str, str] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self._of.fullmatch(scope["path"]) if scope["type"] == "http" else None
        if found is None:
            await self._app(scope, receive, send)
            return
        code, session = found[1], self._sessions.get(found[1], "")
        opens = scope["method"] == "GET" and not found[2] and _HANDED not in scope["query_string"]
        if opens and session and _cookie_of(scope) != session:
            await _hand(send, scope["path"], session)
            return

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                for name, value in message["headers"]:
                    if name.lower() == b"set-cookie" and (given := _value(value.decode("latin-1"))) is not None:
                        self._sessions[code] = given
            await send(message)

        await self._app(scope, receive, noting)


def _cookie_of(scope: Scope) -> str:
    headers = [value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie"]
    return next((given for each in headers if (given := _value(each)) is not None), "")


def _value(header: str) -> str | None:
    """The session in a header of cookies; None where there is none."""
    try:
        found = SimpleCookie(header)
    except CookieError:
        return None
    return found[_COOKIE].value if _COOKIE in found else None


async def _hand(send: Send, path: str, session: str) -> None:
    cookie = f"{_COOKIE}={session}; Path={path}; HttpOnly; SameSite=Lax"
    headers = [(b"location", f"{path}?{_HANDED.decode()}".encode()), (b"set-cookie", cookie.encode())]
    await send({"type": "http.response.start", "status": 303, "headers": [*headers, (b"cache-control", b"no-store")]})
    await send({"type": "http.response.body", "body": b""})
