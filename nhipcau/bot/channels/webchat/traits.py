"""The traits of the built-in web chat."""

from __future__ import annotations

from pathlib import Path

from nhipcau.bot.channels.traits import ChannelParts, ChannelTraits, Check
from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.messaging.channel import Channel, Limits


def _make(settings: object, parts: ChannelParts) -> Channel:
    from nhipcau.bot.channels.webchat.channel import WebChat

    return WebChat(parts.url)


def link(url: str, code: str) -> str:
    """The page that joins with this code."""
    return f"{url}/c/{code}"


async def _checks(settings: object, url: str, keys: Path, t: Texts) -> list[Check]:
    """None: it has no server but ours."""
    return []


WEBCHAT = ChannelTraits[object](
    name="web",
    label="web chat",
    credential=(),
    switch="",
    limits=Limits(text=20_000, caption=20_000),
    make=_make,
    link=lambda settings, url, code, public_name: link(url, code),
    checks=_checks,
    documents="cli.doctor.sends.download",
    identity=lambda settings: "",
    recipients_fetch=True,
    listed_when_off=True,
)
