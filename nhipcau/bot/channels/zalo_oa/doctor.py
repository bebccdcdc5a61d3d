"""The checks of `doctor` for the Official Account: its tokens, how long they last, and the webhook."""

from __future__ import annotations

from pathlib import Path

from nhipcau.bot.channels.traits import Check, check_webhook_answers, is_public, webhook_path
from nhipcau.bot.channels.zalo_oa.platform_limits import API
from nhipcau.bot.channels.zalo_oa.settings import ZaloOASettings
from nhipcau.bot.channels.zalo_oa.tokens import ALARM
from nhipcau.bot.channels.zalo_oa.traits import tokens_of
from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.messaging.channel import ChannelError, TokenBad


async def examine(settings: ZaloOASettings, url: str, keys: Path, t: Texts) -> list[Check]:
    check, webhook = "zalo oa webhook", url + webhook_path("zalo_oa")
    if settings.zalo_oa_api == API and not is_public(url):
        posted: Check = (check, False, t("cli.doctor.zalo_oa_https", url=url, webhook=webhook))
    else:
        posted = await check_webhook_answers(check, url, t("cli.doctor.zalo_oa_webhook", webhook=webhook), t)
    return [await _tokens(settings, keys, t), posted]


async def _tokens(settings: ZaloOASettings, keys: Path, t: Texts) -> Check:
    keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    tokens = tokens_of(settings, keys)
    try:
        await tokens.access()
    except TokenBad:
        return ("zalo oa", False, t("cli.doctor.zalo_oa_not_connected"))
    except ChannelError as error:
        return ("zalo oa", False, t("cli.doctor.zalo_away", why=t(f"reason.{error.reason}")))
    finally:
        await tokens.close()
    pair = tokens.stored()
    days = int(pair.days_left) if pair else 0
    if days < ALARM:
        return ("zalo oa", False, t("cli.doctor.zalo_oa_ends", days=days))
    return ("zalo oa", True, t("cli.doctor.zalo_oa", folder=keys, days=days))
