"""`zalo connect`: the administrator of the Official Account authorizes us to send in its name."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from nhipcau.cli.help_pages import Family
from nhipcau.cli.runner import (
    CommandFailed,
    Json,
    WrongUse,
    on_database,
    print_result,
    quiet_log,
    settings_or_exit,
    spoken,
)

if TYPE_CHECKING:
    from nhipcau.context import AppContext
    from nhipcau.settings import Settings

app = Family()
zalo_app = Family(no_args_is_help=True)
app.add_typer(zalo_app, name="zalo")


@zalo_app.command("connect")
def connect(
    answer: Annotated[str, typer.Argument()] = "",
    as_json: Json = False,
) -> None:
    """Let the account's administrator consent; the tokens then renew themselves."""
    import asyncio

    quiet_log()
    if answer == "-":
        answer = sys.stdin.readline().strip()
        if not answer:
            raise WrongUse("cli.zalo.nothing_read")
    elif answer:
        # its code opens the account for ten minutes
        print(spoken()("cli.zalo.seen"), file=sys.stderr)
    if asyncio.run(_connect(settings_or_exit(), answer, as_json=as_json)):
        on_database(_record_connect)


async def _record_connect(parts: AppContext) -> None:
    from nhipcau.cli.transaction import record_act

    await record_act(parts, "zalo.connect")


async def _connect(settings: Settings, answer: str, *, as_json: bool) -> bool:
    """Without `answer` print the link to consent at; with it (the address Zalo led back to) fetch the tokens: True."""
    from nhipcau.bot.channels.zalo_oa.oauth import BACK, NoConsent, begin, complete
    from nhipcau.bot.channels.zalo_oa.traits import ZALO_OA, tokens_of
    from nhipcau.bot.messaging.channel import ChannelError, NotSent, TokenBad

    if not ZALO_OA.is_on(settings):
        raise WrongUse("cli.zalo.set_first", settings=ZALO_OA.switch)
    t = spoken()
    if not answer:
        link = begin(settings.keys, settings.zalo_oa_app_id, settings.url + BACK, settings.zalo_oa_auth)
        lines = [t("cli.zalo.open"), link, t("cli.zalo.leads_back", address=settings.url + BACK), t("cli.zalo.copy")]
        print_result(as_json, {"link": link, "leads_to": settings.url + BACK}, *lines)
        return False
    try:
        await complete(settings.keys, answer, tokens_of(settings, settings.keys))
    except NoConsent:
        raise CommandFailed("cli.zalo.not_ours") from None
    except TokenBad:
        raise CommandFailed("cli.zalo.refused") from None
    except ChannelError as error:
        key = "cli.zalo.away" if isinstance(error, NotSent) else "cli.zalo.silent"
        raise CommandFailed(key, server=settings.zalo_oa_auth) from None
    print_result(as_json, {"connected": True}, t("cli.zalo.connected"))
    return True
