"""The checks of `doctor` for Telegram: the token, and the webhook."""

from __future__ import annotations

import time
from typing import Any

import aiohttp
from aiohttp_socks import ProxyConnector

from nhipcau.bot.channels.telegram.settings import API, TelegramSettings
from nhipcau.bot.channels.traits import Check, check_webhook_address, is_public, webhook_path
from nhipcau.bot.language.catalogue import Texts

#: Seconds for which a failure to post to us is reported.
_FRESH = 600


async def examine(settings: TelegramSettings, url: str, t: Texts) -> list[Check]:
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
        key = "cli.doctor.telegram_proxy" if settings.telegram_proxy else "cli.doctor.telegram_away"
        return [("telegram", False, t(key, error=type(error).__name__))]
    if not me.get("ok"):
        return [("telegram", False, t("cli.doctor.telegram_token"))]
    checks: list[Check] = [("telegram", True, t("cli.doctor.connected_as", name=f"@{me['result'].get('username')}"))]
    return [*checks, *_webhook(settings, url, hook.get("result") or {}, t)]


def _webhook(settings: TelegramSettings, url: str, info: dict[str, Any], t: Texts) -> list[Check]:
    """Compares the URL Telegram posts to with ours."""
    check, found = "telegram webhook", str(info.get("url") or "")
    if settings.telegram_mode == "poll":
        return check_webhook_address(check, found, "", t)
    if settings.telegram_api == API and not is_public(url):
        return [(check, False, t("cli.doctor.needs_https", url=url))]
    ours = url + webhook_path("telegram")
    if wrong := check_webhook_address(check, found, ours, t):
        return wrong
    waiting, failed = info.get("pending_update_count") or 0, info.get("last_error_date") or 0
    is_failing = bool(waiting) and time.time() - failed < _FRESH
    key = "cli.doctor.telegram_hook_failing" if is_failing else "cli.doctor.telegram_hook"
    return [(check, not is_failing, t(key, address=ours, n=waiting))]
