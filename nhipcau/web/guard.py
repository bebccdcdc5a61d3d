"""What stands before every page: the names we answer to, headers on every answer, and no words of an error in a log."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nhipcau.error_log import name_of
from nhipcau.web.addresses import parsed

log = structlog.get_logger()

#: For an answer that has no policy of its own: nothing is loaded, nobody frames it.
_BARE_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
#: On every answer, where it does not say otherwise itself.
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": _BARE_POLICY,
    "Permissions-Policy": (
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), "
        "microphone=(), midi=(), payment=(), usb=()"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
#: Where the public address is https: browsers ask for nothing else for a year.
_HSTS = {"Strict-Transport-Security": "max-age=31536000"}
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
#: Headers by which a proxy tells whom it speaks for.
_FORWARDED = ("forwarded", "x-real-ip", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto")


class Guard:
    """Around the whole application. `hosts`: names and addresses in a request's Host, without a port."""

    def __init__(self, app: ASGIApp, hosts: Collection[str], *, secure: bool) -> None:
        self.app = app
        self._hosts = frozenset(hosts) | _LOOPBACK
        self._headers = {**HEADERS, **(_HSTS if secure else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        app = self.app if self.is_ours(scope) else PlainTextResponse("no such host here\n", status_code=400)
        try:
            await app(scope, receive, sending)
        except Exception as error:
            # only its type: its text may quote what a person wrote
            log.error("request failed", **name_of(error))
            if not begun:
                await PlainTextResponse("failed\n", status_code=500)(scope, receive, sending)

    def is_ours(self, scope: Scope) -> bool:
        """Whether the request asks for one of our names, or for the very address it came to: a page elsewhere whose
        name leads here (DNS rebinding) reads nothing."""
        hosts = Headers(scope=scope).getlist("host")
        if not hosts:
            return bool(scope["http_version"] == "1.0")
        name = host_of(hosts[0])
        here = str((scope.get("server") or ("",))[0] or "")
        return len(hosts) == 1 and (name in self._hosts or (bool(name) and name == here))


def host_of(header: str) -> str:
    """The name in a Host header, in small letters, without port and brackets; "" where it is none."""
    try:
        parts = urlsplit(f"//{header}")
        if parts.path or parts.query or parts.fragment or "@" in header:
            return ""
        return (parts.hostname or "").rstrip(".")
    except ValueError:
        return ""


def is_from_here(scope: Scope) -> bool:
    """Whether a program of this machine asks, for itself and not for somebody behind it."""
    headers = Headers(scope=scope)
    client = scope.get("client")
    address = parsed(client[0]) if client is not None else None
    near = address is not None and address.is_loopback
    itself = not any(name in headers for name in _FORWARDED)
    return near and itself and host_of(headers.get("host", "localhost")) in _LOOPBACK


class ForThisMachine:
    """The application for programs of this machine; to anybody else it does not exist."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        known = is_from_here(scope)
        await (self.app if known else PlainTextResponse("Not Found", status_code=404))(scope, receive, send)
