"""`/hooks/NAME`: receives what an app posts. 200 only after the commit; 401, and nothing stored, for anybody else."""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from nhipcau.bot.channels.traits import webhook_path
from nhipcau.bot.messaging.channel import Channel, WebhookChannel
from nhipcau.error_log import name_of

log = structlog.get_logger()

#: Bytes of a body: longer ones are treated as empty, and are not read beyond the second bound.
_MAX_BODY, _MAX_READ = 1_000_000, 20_000_000


def hook_routes(channels: Mapping[str, Channel]) -> list[BaseRoute]:
    """A route for every channel with a webhook."""
    return [_route(name, channel) for name, channel in sorted(channels.items()) if isinstance(channel, WebhookChannel)]


def _route(name: str, channel: WebhookChannel) -> BaseRoute:
    async def hook(request: Request) -> Response:
        try:
            body = await _body(request)
        except ClientDisconnect:
            return PlainTextResponse("", status_code=400)
        try:
            known = await channel.receive(request.headers, body)
        except Exception as error:
            log.warning("webhook event not stored", channel=name, **name_of(error))
            return PlainTextResponse("later\n", status_code=503, headers={"Retry-After": "5"})
        return PlainTextResponse("ok\n") if known else PlainTextResponse("not the app\n", status_code=401)

    return Route(webhook_path(name), hook, methods=["POST"])


async def _body(request: Request) -> bytes:
    """The body; empty where it is longer than any app sends."""
    body, length = bytearray(), 0
    async for chunk in request.stream():
        length += len(chunk)
        if length > _MAX_READ:
            break
        if length <= _MAX_BODY:
            body += chunk
    return bytes(body) if length <= _MAX_BODY else b""
