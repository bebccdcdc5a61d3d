"""The traits of the Telegram channel."""

from __future__ import annotations

from pathlib import Path

from nhipcau.bot.channels.telegram.settings import TelegramSettings
from nhipcau.bot.channels.traits import ChannelParts, ChannelTraits, Check, Server
from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.messaging.channel import Channel, Limits


def _make(settings: TelegramSettings, parts: ChannelParts) -> Channel:
    # imported here, since python-telegram-bot is the slowest import
    from nhipcau.bot.channels.telegram.channel import Telegram

    token = settings.telegram_token or ""
    return Telegram(
        token,
        settings.telegram_api,
        settings.telegram_proxy,
        photos=parts.photos,
        documents=parts.documents,
        menus=parts.menus,
        secret=parts.webhook_secret("telegram", token),
        hook=parts.webhook("telegram", settings.telegram_mode),
        rate=settings.telegram_rate,
        language=parts.t.language,
    )


def link(public_name: str, code: str) -> str | None:
    """The link that opens the app and joins; None until our name is known."""
    return f"https://t.me/{public_name}?start={code}" if public_name else None


async def _checks(settings: TelegramSettings, url: str, keys: Path, t: Texts) -> list[Check]:
    from nhipcau.bot.channels.telegram.doctor import examine

    return await examine(settings, url, t)


TELEGRAM = ChannelTraits[TelegramSettings](
    name="telegram",
    label="telegram",
    credential=("telegram_token",),
    switch="NHIPCAU_TELEGRAM_TOKEN",
    limits=Limits(text=4096, caption=1024, buttons=100, text_files=True),
    make=_make,
    link=lambda settings, url, code, public_name: link(public_name, code),
    checks=_checks,
    documents="cli.doctor.sends.file",
    identity=lambda settings: (settings.telegram_token or "").partition(":")[0],
    exclusive_receiver=lambda settings: settings.telegram_mode == "poll",
    server=lambda settings: Server("Telegram", settings.telegram_api, settings.telegram_proxy),
    listed_when_off=True,
    is_abroad=True,
)
