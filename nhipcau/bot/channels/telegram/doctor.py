"""The checks of `doctor` for Telegram: the token, and the webhook."""

from __future__ import annotations

import time
from typing import Any

import aiohttp
from aiohttp_socks import ProxyConnector

from nhipcau.bot.channels.telegram.settings import API, TelegramSettings
from nhipcau.bot.channels.traits import NEEDS_HTTPS, Check, check_webhook_address, is_public, webhook_path

#: Seconds for which a failure to post to us is reported.
_FRESH = 600


async def examine(settings: TelegramSettings, url: str) -> list[Check]:
    base = f"{settings.telegram_api}/bot{settings.telegram_token}"
    try:
        connector = ProxyConnector.from_url(settings.telegram_proxy) if settings.telegram_proxy else None
        timeout = aiohttp.ClientTimeout(total=10)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            async with session.get(f"{base}/getMe") as response:
                me = await response.json()
            async with session.get(f"{base}/getWebhookInfo") as response:
                hook = await response.json()
    except Exception as error:  # each library of a proxy has errors of its own
        why = type(error).__name__
        if settings.telegram_proxy:
            return [("telegram", False, f"can't be reached through the proxy ({why}): check NHIPCAU_TELEGRAM_PROXY")]
        return [("telegram", False, f"can't be reached ({why}): where it is blocked, set NHIPCAU_TELEGRAM_PROXY")]
    if not me.get("ok"):
        return [("telegram", False, "the token is refused: take it again from @BotFather")]
    checks: list[Check] = [("telegram", True, f"connected as @{me['result'].get('username')}")]
    return [*checks, *_webhook(settings, url, hook.get("result") or {})]


def _webhook(settings: TelegramSettings, url: str, info: dict[str, Any]) -> list[Check]:
    """Compares the URL Telegram posts to with ours."""
    check, found = "telegram webhook", str(info.get("url") or "")
    if settings.telegram_mode == "poll":
        return check_webhook_address(check, found, "")
    if settings.telegram_api == API and not is_public(url):
        return [(check, False, NEEDS_HTTPS.format(url))]
    ours = url + webhook_path("telegram")
    if wrong := check_webhook_address(check, found, ours):
        return wrong
    waiting, failed = info.get("pending_update_count") or 0, info.get("last_error_date") or 0
    if waiting and time.time() - failed < _FRESH:
        return [(check, False, f"Telegram could not post to {ours}, {waiting} updates wait: is the proxy in front up?")]
    return [(check, True, f"{ours}, {waiting} updates wait")]
