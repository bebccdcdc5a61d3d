"""The traits of the Zalo Official Account channel."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from nhipcau.bot.channels.traits import ChannelParts, ChannelTraits, Check, Server
from nhipcau.bot.channels.zalo_oa.platform_limits import BESIDE, BUTTONS, TEXT, WINDOW, chat_of
from nhipcau.bot.channels.zalo_oa.settings import CREDENTIAL, ZaloOASettings
from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.messaging.channel import Channel, Limits

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from nhipcau.bot.channels.zalo_oa.tokens import Tokens


def tokens_of(settings: ZaloOASettings, keys: Path) -> Tokens:
    """The Official Account's tokens. `keys`: the key directory, where they are stored."""
    from nhipcau.bot.channels.zalo_oa.tokens import Tokens

    return Tokens(
        keys,
        settings.zalo_oa_app_id,
        settings.zalo_oa_app_secret,
        settings.zalo_oa_refresh_token,
        settings.zalo_oa_auth,
    )


def _make(settings: ZaloOASettings, parts: ChannelParts) -> Channel:
    from nhipcau.bot.channels.zalo_oa.channel import ZaloOA

    return ZaloOA(
        settings.zalo_oa_app_id,
        settings.zalo_oa_oa_secret,
        tokens_of(settings, parts.keys),
        partial(parts.sign, "zalo-oa-button"),
        settings.zalo_oa_api,
        oa_id=settings.zalo_oa_id,
        photos=parts.photos,
        documents=parts.documents,
        files=settings.zalo_oa_files,
        language=parts.t.language,
    )


async def _checks(settings: ZaloOASettings, url: str, keys: Path, t: Texts) -> list[Check]:
    from nhipcau.bot.channels.zalo_oa.doctor import examine

    return await examine(settings, url, keys, t)


def _routes(settings: ZaloOASettings, parts: ChannelParts) -> list[BaseRoute]:
    from nhipcau.bot.channels.zalo_oa.consent_page import consent_routes

    return consent_routes(parts.keys, partial(tokens_of, settings, parts.keys), parts.t)


ZALO_OA = ChannelTraits[ZaloOASettings](
    name="zalo_oa",
    label="zalo oa",
    credential=CREDENTIAL,
    switch="NHIPCAU_ZALO_OA_APP_ID, NHIPCAU_ZALO_OA_APP_SECRET, NHIPCAU_ZALO_OA_OA_SECRET",
    limits=Limits(text=TEXT, caption=TEXT, buttons=BUTTONS, edits=False, photo_choices=False, beside_file=BESIDE),
    make=_make,
    link=lambda settings, url, code, public_name: chat_of(settings.zalo_oa_id),
    checks=_checks,
    documents="cli.doctor.sends.file_first",
    identity=lambda settings: settings.zalo_oa_app_id,
    hands_over_once=True,
    window=WINDOW,
    server=lambda settings: Server("Zalo", settings.zalo_oa_api),
    routes=_routes,
)
