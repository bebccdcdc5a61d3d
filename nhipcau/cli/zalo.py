"""`zalo connect`: the administrator of the Official Account authorizes us to send in its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from nhipcau.cli.help_pages import Family
from nhipcau.cli.runner import CommandFailed, WrongUse, print_line, quiet_log, settings_or_exit

if TYPE_CHECKING:
    from nhipcau.settings import Settings

app = Family()
zalo_app = Family(no_args_is_help=True)
app.add_typer(zalo_app, name="zalo")

_NOT_OURS = (
    "That answer belongs to no consent begun here within the last hour: run `nhipcau zalo connect` and open its link."
)


@zalo_app.command("connect")
def connect(
    answer: Annotated[str, typer.Argument()] = "",
) -> None:
    """Let the account's administrator consent; the tokens then renew themselves."""
    import asyncio

    quiet_log()
    asyncio.run(_connect(settings_or_exit(), answer))


async def _connect(settings: Settings, answer: str) -> None:
    """Without `answer` print the link to consent at; with it (the address Zalo led back to) fetch the tokens."""
    from nhipcau.bot.channels.zalo_oa.oauth import BACK, NoConsent, begin, complete
    from nhipcau.bot.channels.zalo_oa.traits import ZALO_OA, tokens_of
    from nhipcau.bot.messaging.channel import ChannelError, NotSent, TokenBad

    if not ZALO_OA.is_on(settings):
        raise WrongUse(
            "Set NHIPCAU_ZALO_OA_ID, NHIPCAU_ZALO_OA_APP_ID, NHIPCAU_ZALO_OA_APP_SECRET and NHIPCAU_ZALO_OA_OA_SECRET"
            " first: README says where each is found."
        )
    if not answer:
        link = begin(settings.keys, settings.zalo_oa_app_id, settings.url + BACK, settings.zalo_oa_auth)
        print_line("1. Open this link, signed in to Zalo as an administrator of the Official Account, and agree:")
        print_line(link)
        print_line(f"2. Zalo leads back to {settings.url}{BACK}: where `nhipcau run` answers there, that is all.")
        print_line('3. Else copy the address the browser shows then: nhipcau zalo connect "THAT ADDRESS"')
        return
    try:
        await complete(settings.keys, answer, tokens_of(settings, settings.keys))
    except NoConsent:
        raise CommandFailed(_NOT_OURS) from None
    except TokenBad:
        raise CommandFailed(
            "Zalo did not take the code: it lives ten minutes and is used once; NHIPCAU_ZALO_OA_APP_SECRET may be"
            " wrong. Begin again with `nhipcau zalo connect`."
        ) from None
    except ChannelError as error:
        why = "can't be reached" if isinstance(error, NotSent) else "did not answer"
        raise CommandFailed(f"{settings.zalo_oa_auth} {why}: try again within ten minutes.") from None
    print_line(
        "Connected: the tokens lie in the key directory and renew themselves. `nhipcau doctor` shows how they are."
    )
