"""The checks of `doctor` for Zalo Bot: the token, the webhook, and whether Zalo can fetch files from us."""

from __future__ import annotations

from typing import Any

from nhipcau.bot.channels.http.json_client import JsonClient, encoded
from nhipcau.bot.channels.traits import (
    Check,
    check_webhook_address,
    check_webhook_answers,
    is_public,
    webhook_path,
)
from nhipcau.bot.channels.zalo_bot.platform_limits import API
from nhipcau.bot.channels.zalo_bot.settings import ZaloBotSettings
from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.messaging.channel import ChannelError


async def examine(settings: ZaloBotSettings, url: str, t: Texts) -> list[Check]:
    exchange = JsonClient(settings.zalo_bot_api, pool=1)
    try:
        answers: dict[str, dict[str, Any]] = {}
        for method in ("getMe", "getWebhookInfo"):
            _, answer = await exchange.ask(f"/bot{settings.zalo_bot_token}/{method}", encoded({}), 10.0)
            answers[method] = answer or {}
    except ChannelError as error:
        return [("zalo bot", False, t("cli.doctor.zalo_away", why=t(f"reason.{error.reason}")))]
    finally:
        await exchange.close()
    me = answers["getMe"]
    if not me.get("ok"):
        key = "cli.doctor.zalo_bot_token" if me.get("error_code") == 401 else "cli.doctor.zalo_bot_strange"
        return [("zalo bot", False, t(key))]
    name = (me.get("result") or {}).get("account_name") or "–"
    checks: list[Check] = [("zalo bot", True, t("cli.doctor.connected_as", name=name))]
    checks += await _webhook(settings, url, answers["getWebhookInfo"], t)
    if _is_out_of_reach(settings, url):
        checks.append(("zalo bot pictures", False, t("cli.doctor.zalo_bot_pictures", url=url)))
    return checks


def _is_out_of_reach(settings: ZaloBotSettings, url: str) -> bool:
    """Whether Zalo can't reach us. An API at another URL is a stand-in, which can reach this machine."""
    return settings.zalo_bot_api == API and not is_public(url)


async def _webhook(settings: ZaloBotSettings, url: str, answer: dict[str, Any], t: Texts) -> list[Check]:
    check = "zalo bot webhook"
    found = str((answer.get("result") or {}).get("url") or "") if answer.get("ok") else ""
    if settings.zalo_bot_mode == "poll":
        return check_webhook_address(check, found, "", t)
    if _is_out_of_reach(settings, url):
        return [(check, False, t("cli.doctor.needs_https", url=url))]
    ours = url + webhook_path("zalo_bot")
    return check_webhook_address(check, found, ours, t) or [await check_webhook_answers(check, url, ours, t)]
