"""`/hooks/NAME`: what an app posts. 200 only after the commit; 401 and nothing kept where it is not the app."""

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

#: Bytes of the longest post of an app, and of what is listened to before the connection is cut.
_LONGEST, _DEAF = 1_000_000, 20_000_000


def hook_routes(channels: Mapping[str, Channel]) -> list[BaseRoute]:
    """A route for every channel that is posted to."""
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
    """The post's bytes; none of them where there are more than any app sends."""
    body, heard = bytearray(), 0
    async for chunk in request.stream():
        heard += len(chunk)
        if heard > _DEAF:
            break
        if heard <= _LONGEST:
            body += chunk
    return bytes(body) if heard <= _LONGEST else b""
