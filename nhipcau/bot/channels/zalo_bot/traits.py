"""The traits of the Zalo Bot channel."""

from __future__ import annotations

from pathlib import Path

from nhipcau.bot.channels.traits import ChannelParts, ChannelTraits, Check, Server
from nhipcau.bot.channels.zalo_bot.platform_limits import ADDRESS, CAPTION, PLAN, TEXT
from nhipcau.bot.channels.zalo_bot.settings import ZaloBotSettings
from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.messaging.channel import Channel, Limits


def _make(settings: ZaloBotSettings, parts: ChannelParts) -> Channel:
    from nhipcau.bot.channels.zalo_bot.channel import ZaloBot

    token = settings.zalo_bot_token or ""
    return ZaloBot(
        token,
        settings.zalo_bot_api,
        hook=parts.webhook("zalo_bot", settings.zalo_bot_mode),
        secret=parts.webhook_secret("zalo_bot", token),
        chat=settings.zalo_bot_chat,
        picture=parts.picture_address,
        document=parts.document_address,
        files=settings.zalo_bot_files,
        language=parts.t.language,
    )


async def _checks(settings: ZaloBotSettings, url: str, keys: Path, t: Texts) -> list[Check]:
    from nhipcau.bot.channels.zalo_bot.doctor import examine

    return await examine(settings, url, t)


ZALO_BOT = ChannelTraits[ZaloBotSettings](
    name="zalo_bot",
    label="zalo bot",
    credential=("zalo_bot_token",),
    switch="NHIPCAU_ZALO_BOT_TOKEN",
    limits=Limits(text=TEXT, caption=CAPTION, buttons=0, edits=False, beside_file=TEXT - ADDRESS),
    make=_make,
    # Zalo links can't contain a code: this opens the chat, where "tham gia CODE" has to be typed
    link=lambda settings, url, code, public_name: settings.zalo_bot_chat or None,
    checks=_checks,
    documents="cli.doctor.sends.address",
    identity=lambda settings: (settings.zalo_bot_token or "").partition(":")[0],
    exclusive_receiver=lambda settings: settings.zalo_bot_mode == "poll",
    hands_over_once=True,
    plan=PLAN,
    server=lambda settings: Server("Zalo", settings.zalo_bot_api),
)
