"""`/hooks/zalo-oa/connect`: where Zalo sends an Official Account's administrator after the consent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from nhipcau.bot.channels.zalo_oa.oauth import BACK, NoConsent, complete
from nhipcau.bot.channels.zalo_oa.tokens import Tokens
from nhipcau.bot.messaging.channel import ChannelError
from nhipcau.error_log import name_of

log = structlog.get_logger()


def consent_routes(folder: Path, tokens: Callable[[], Tokens], sentence: Callable[[str], str]) -> list[BaseRoute]:
    """`folder`: the key directory, which holds the state of the consent that was begun."""

    async def back(request: Request) -> Response:
        try:
            await complete(folder, request.url.query, tokens())
        except NoConsent:
            return PlainTextResponse(sentence("zalo.not_begun") + "\n", status_code=400)
        except ChannelError as error:
            log.warning("consent failed", **name_of(error))
            return PlainTextResponse(sentence("zalo.refused") + "\n", status_code=502)
        return PlainTextResponse(sentence("zalo.connected") + "\n", headers={"Referrer-Policy": "no-referrer"})

    return [Route(BACK, back, methods=["GET"])]
