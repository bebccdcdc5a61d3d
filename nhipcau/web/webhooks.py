"""`/hooks/NAME`: receives what an app posts. 200 only after the commit; 401, and nothing stored, for anybody else."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from nhipcau.bot.channels.traits import webhook_path
from nhipcau.bot.messaging.channel import Channel, WebhookChannel
from nhipcau.error_log import name_of

log = structlog.get_logger()

#: Bytes of a body, more than any app sends; seconds in which it has to be here.
_MOST, _PATIENCE = 1_000_000, 10.0


def hook_routes(channels: Mapping[str, Channel]) -> list[BaseRoute]:
    """A route for every channel with a webhook."""
    return [_route(name, channel) for name, channel in sorted(channels.items()) if isinstance(channel, WebhookChannel)]


def _route(name: str, channel: WebhookChannel) -> BaseRoute:
    async def hook(request: Request) -> Response:
        # whoever has not the secret is not heard
        if not channel.is_expected(request.headers):
            return PlainTextResponse("not the app\n", status_code=401)
        try:
            async with asyncio.timeout(_PATIENCE):
                body = await _body(request)
        except (ClientDisconnect, TimeoutError):
            return PlainTextResponse("", status_code=400)
        try:
            known = await channel.receive(request.headers, body)
        except Exception as error:
            log.warning("webhook event not stored", channel=name, **name_of(error))
            return PlainTextResponse("later\n", status_code=503, headers={"Retry-After": "5"})
        return PlainTextResponse("ok\n") if known else PlainTextResponse("not the app\n", status_code=401)

    return Route(webhook_path(name), hook, methods=["POST"])


async def _body(request: Request) -> bytes:
    """The body; empty where it is longer than any app sends, of which no more is read: posted again it would be no
    better."""
    length = request.headers.get("content-length", "0")
    if not length.isascii() or not length.isdecimal() or int(length) > _MOST:
        return b""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST:
            return b""
    return bytes(body)
