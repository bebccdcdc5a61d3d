"""The checks of `doctor` for the Official Account: its tokens, how long they last, and the webhook."""

from __future__ import annotations

from pathlib import Path

from nhipcau.bot.channels.traits import Check, check_webhook_answers, is_public, webhook_path
from nhipcau.bot.channels.zalo_oa.platform_limits import API
from nhipcau.bot.channels.zalo_oa.settings import ZaloOASettings
from nhipcau.bot.channels.zalo_oa.tokens import ALARM
from nhipcau.bot.channels.zalo_oa.traits import tokens_of
from nhipcau.bot.messaging.channel import ChannelError, TokenBad


async def examine(settings: ZaloOASettings, url: str, keys: Path) -> list[Check]:
    check, webhook = "zalo oa webhook", url + webhook_path("zalo_oa")
    if settings.zalo_oa_api == API and not is_public(url):
        why = f"{url} is not https: set NHIPCAU_PUBLIC_URL, then enter {webhook} at developers.zalo.me, Webhook"
        posted: Check = (check, False, why)
    else:
        where = f"{webhook} (it must stand at developers.zalo.me, Webhook, with all user events)"
        posted = await check_webhook_answers(check, url, where)
    return [await _tokens(settings, keys), posted]


async def _tokens(settings: ZaloOASettings, keys: Path) -> Check:
    advice = "run `nhipcau zalo connect`"
    keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    tokens = tokens_of(settings, keys)
    try:
        await tokens.access()
    except TokenBad:
        return ("zalo oa", False, f"not connected, or the permission has ended: {advice}")
    except ChannelError as error:
        return ("zalo oa", False, f"{settings.zalo_oa_auth} does not answer ({error.reason}): check the network")
    finally:
        await tokens.close()
    pair = tokens.stored()
    days = int(pair.days_left) if pair else 0
    if days < ALARM:
        why = f"the permission ends in {days} days if `run` does not renew it: start it, or {advice}"
        return ("zalo oa", False, why)
    return ("zalo oa", True, f"connected; tokens in {keys} renew themselves, {days} days left without `run`")
