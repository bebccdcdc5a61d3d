"""What `doctor` sees of Zalo's two platforms: token, webhook, plan, window; and what to press."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from nhipcau.bot.messaging.channel import ChannelError, TokenBad
from nhipcau.bot.messaging.delivery_windows import PLANS, WINDOWS, WindowState
from nhipcau.settings import Settings
from nhipcau.web.signed_urls import is_public

Check = tuple[str, bool, str]
#: Zalo's own addresses: elsewhere it is a stand-in, which reaches this machine.
_OWN = {name: Settings.model_fields[name].default for name in ("zalo_bot_api", "zalo_oa_api")}
#: Share of a plan from which somebody should know.
_NEARLY = 0.9


async def bot(settings: Settings) -> list[Check]:
    """The Bot Platform: its token, where it posts to, its plan, and whether files can be fetched from us."""
    if not settings.zalo_bot_token:
        return [("zalo bot", True, "off: set NHIPCAU_ZALO_BOT_TOKEN to switch it on")]
    from nhipcau.bot.channels.http.json_client import JsonClient, encoded

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
    checks += await _hook(settings, answers["getWebhookInfo"])
    if settings.zalo_bot_api == _OWN["zalo_bot_api"] and not is_public(settings.url):
        why = f"Zalo fetches pictures from {settings.url} and can't reach it, nor can people open documents there"
        checks.append(("zalo bot pictures", False, f"{why}: set NHIPCAU_PUBLIC_URL"))
    return [*checks, *await _plan(settings)]


async def _hook(settings: Settings, answer: dict[str, Any]) -> list[Check]:
    name, ours = "zalo bot webhook", f"{settings.url}/hooks/zalo-bot"
    found = str((answer.get("result") or {}).get("url") or "") if answer.get("ok") else ""
    if settings.zalo_bot_mode == "poll":
        return [(name, True, "is set elsewhere; `run` takes it away when it starts")] if found else []
    if settings.zalo_bot_api == _OWN["zalo_bot_api"] and not is_public(settings.url):
        return [(name, False, f"{settings.url} is not https: set NHIPCAU_PUBLIC_URL to the address of your proxy")]
    if found != ours:
        where = "is set to another address" if found else "is not set"
        return [(name, False, f"{where}: `run` sets it to {ours} when it starts")]
    return [await _reached(settings, name, ours)]


async def _reached(settings: Settings, name: str, address: str) -> Check:
    """Whether somebody answers where Zalo posts to, as seen from here."""
    import aiohttp

    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session,
            session.get(f"{settings.url}/healthz") as answer,
        ):
            there = answer.status == 200
    except (aiohttp.ClientError, OSError, ValueError):
        there = False
    if there:
        return (name, True, f"{address} answers")
    # on this machine alone it only means that `run` is not started
    why = f"nobody answers at {settings.url}: is `nhipcau run` up, and the web server in front of it?"
    return (name, not is_public(settings.url), why)


async def _plan(settings: Settings) -> list[Check]:
    """How much of the free plan is used: people and messages of this month."""
    from nhipcau.storage import contact_routes
    from nhipcau.storage.database import Database

    plan, today = PLANS["zalo_bot"], datetime.now(settings.zone).date()
    database = Database(settings.database_url)
    try:
        async with database.reading() as connection:
            sent = (await contact_routes.sent_in(connection, today))["zalo_bot"]
            users = await contact_routes.users_of(connection, "zalo_bot")
    except Exception:  # the check of the database says what is wrong with it
        return []
    finally:
        await database.close()
    detail = f"{users} of {plan.users} people, {sent} of {plan.messages} messages this month"
    if users >= _NEARLY * plan.users or sent >= _NEARLY * plan.messages:
        return [("zalo bot plan", False, f"{detail}: let further people join by another app, or take a larger plan")]
    # the month as it would end at this pace
    end = sent * 31 // max(1, today.day)
    return [("zalo bot plan", True, detail + (f", about {end} by its end" if sent else ""))]


async def official_account(settings: Settings) -> list[Check]:
    """The Official Account: its tokens, how long they last, the webhook's address, and who can be written to."""
    if not settings.has_zalo_oa:
        return [("zalo oa", True, "off: set NHIPCAU_ZALO_OA_APP_ID and its secrets to switch it on")]
    checks = [await _tokens(settings)]
    hook = f"{settings.url}/hooks/zalo-oa"
    if settings.zalo_oa_api == _OWN["zalo_oa_api"] and not is_public(settings.url):
        why = f"{settings.url} is not https: set NHIPCAU_PUBLIC_URL, then enter {hook} at developers.zalo.me, Webhook"
        checks.append(("zalo oa webhook", False, why))
    else:
        where = f"{hook} (it must stand at developers.zalo.me, Webhook, with all user events)"
        checks.append(await _reached(settings, "zalo oa webhook", where))
    return [*checks, *await _window(settings)]


async def _tokens(settings: Settings) -> Check:
    from nhipcau.app import oa_tokens
    from nhipcau.bot.channels.zalo_oa.tokens import ALARM

    advice = "run `nhipcau zalo connect`"
    settings.keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    tokens = oa_tokens(settings)
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
        return (
            "zalo oa",
            False,
            f"the permission ends in {days} days if `run` does not renew it: start it, or {advice}",
        )
    return ("zalo oa", True, f"connected; tokens in {settings.keys} renew themselves, {days} days left without `run`")


async def _window(settings: Settings) -> list[Check]:
    """How many people can be written to now, by the account's rule."""
    from collections import Counter

    from nhipcau.storage.contact_routes import ways_through
    from nhipcau.storage.database import Database

    now = datetime.now(UTC)
    database = Database(settings.database_url)
    try:
        async with database.reading() as connection:
            ways = await ways_through(connection, "zalo_oa")
    except Exception:  # the check of the database says what is wrong with it
        return []
    finally:
        await database.close()
    found = Counter(way.reach(now) for way in ways)
    days = WINDOWS["zalo_oa"].length.days
    free, paid, closed = (found[state] for state in (WindowState.FREE, WindowState.PAID, WindowState.CLOSED))
    detail = f"{free} people free, {paid} at a price, {closed} silent for {days} days"
    return [("zalo oa window", True, detail)] if ways else []
