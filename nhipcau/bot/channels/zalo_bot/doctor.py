"""The checks of `doctor` for Zalo Bot: the token, the webhook, and whether Zalo can fetch files from us."""

from __future__ import annotations

from typing import Any

from nhipcau.bot.channels.http.json_client import JsonClient, encoded
from nhipcau.bot.channels.traits import (
    NEEDS_HTTPS,
    Check,
    check_webhook_address,
    check_webhook_answers,
    is_public,
    webhook_path,
)
from nhipcau.bot.channels.zalo_bot.platform_limits import API
from nhipcau.bot.channels.zalo_bot.settings import ZaloBotSettings
from nhipcau.bot.messaging.channel import ChannelError


async def examine(settings: ZaloBotSettings, url: str) -> list[Check]:
    exchange = JsonClient(settings.zalo_bot_api, pool=1)
    try:
        answers: dict[str, dict[str, Any]] = {}
        for method in ("getMe", "getWebhookInfo"):
            _, answer = await exchange.ask(f"/bot{settings.zalo_bot_token}/{method}", encoded({}), 10.0)
            answers[method] = answer or {}
    except ChannelError as error:
        return [("zalo bot", False, f"can't be reached ({error.reason}): check the network of this machine")]
    finally:
        await exchange.close()
    me = answers["getMe"]
    if not me.get("ok"):
        why = "the token is refused: take it again in the Zalo Bot Creator (it may have been reset)"
        return [("zalo bot", False, why if me.get("error_code") == 401 else "answers, but not as Zalo does: try again")]
    name = (me.get("result") or {}).get("account_name") or "the bot"
    checks: list[Check] = [("zalo bot", True, f"connected as {name}")]
    checks += await _webhook(settings, url, answers["getWebhookInfo"])
    if _is_out_of_reach(settings, url):
        why = f"Zalo fetches pictures from {url} and can't reach it, nor can people open documents there"
        checks.append(("zalo bot pictures", False, f"{why}: set NHIPCAU_PUBLIC_URL"))
    return checks


def _is_out_of_reach(settings: ZaloBotSettings, url: str) -> bool:
    """Whether Zalo can't reach us. An API at another URL is a stand-in, which can reach this machine."""
    return settings.zalo_bot_api == API and not is_public(url)


async def _webhook(settings: ZaloBotSettings, url: str, answer: dict[str, Any]) -> list[Check]:
    check = "zalo bot webhook"
    found = str((answer.get("result") or {}).get("url") or "") if answer.get("ok") else ""
    if settings.zalo_bot_mode == "poll":
        return check_webhook_address(check, found, "")
    if _is_out_of_reach(settings, url):
        return [(check, False, NEEDS_HTTPS.format(url))]
    ours = url + webhook_path("zalo_bot")
    return check_webhook_address(check, found, ours) or [await check_webhook_answers(check, url, ours)]
