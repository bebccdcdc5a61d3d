"""All channels. A new one adds its settings and its traits here; no other file names it."""

from __future__ import annotations

from collections.abc import Mapping

from nhipcau.bot.channels.telegram.settings import TelegramSettings
from nhipcau.bot.channels.telegram.traits import TELEGRAM
from nhipcau.bot.channels.traits import ChannelParts, ChannelTraits
from nhipcau.bot.channels.webchat.traits import WEBCHAT
from nhipcau.bot.channels.zalo_bot.settings import ZaloBotSettings
from nhipcau.bot.channels.zalo_bot.traits import ZALO_BOT
from nhipcau.bot.channels.zalo_oa.settings import ZaloOASettings
from nhipcau.bot.channels.zalo_oa.traits import ZALO_OA
from nhipcau.bot.messaging.channel import Channel
from nhipcau.bot.messaging.delivery_windows import Plan, Window


class ChannelSettings(TelegramSettings, ZaloBotSettings, ZaloOASettings):
    """The settings of all channels."""


CHANNELS: tuple[ChannelTraits[ChannelSettings], ...] = (TELEGRAM, WEBCHAT, ZALO_BOT, ZALO_OA)

#: By channel name, for those that have one.
WINDOWS: Mapping[str, Window] = {each.name: each.window for each in CHANNELS if each.window}
PLANS: Mapping[str, Plan] = {each.name: each.plan for each in CHANNELS if each.plan}


#: Apps whose link a printed square leads to before others: what people have on their phones.
_PREFERRED = ("zalo_oa", "zalo_bot")


def apps_for_cards() -> list[str]:
    """All channels, the likeliest on people's phones first and what only a browser opens last."""
    names = [each.name for each in sorted(CHANNELS, key=lambda each: each.recipients_fetch)]
    return [*_PREFERRED, *(name for name in names if name not in _PREFERRED)]


def channels_on(settings: ChannelSettings) -> list[ChannelTraits[ChannelSettings]]:
    return [each for each in CHANNELS if each.is_on(settings)]


def make_channels(settings: ChannelSettings, parts: ChannelParts) -> dict[str, Channel]:
    """Each channel that is switched on, by its name."""
    return {each.name: each.make(settings, parts) for each in channels_on(settings)}


def make_links(settings: ChannelSettings, url: str, code: str, names: Mapping[str, str]) -> dict[str, str | None]:
    """By channel, the link that joins with this code. `names`: our known names in the apps, by channel."""
    listed = [each for each in CHANNELS if each.listed_when_off or each.is_on(settings)]
    return {each.name: each.link(settings, url, code, names.get(each.name, "")) for each in listed}
