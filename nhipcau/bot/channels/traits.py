"""`ChannelTraits`: what a channel declares about itself, so that no other file needs to name an app.

A channel is one folder with its settings, one `ChannelTraits`, and the channel itself. `registry.py` lists them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar, cast
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.messaging.channel import Channel, Limits
from nhipcau.bot.messaging.delivery_windows import Plan, Window

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

#: One line of `doctor`: what was checked, whether it is right, and a sentence: what was found, or what to do.
Check = tuple[str, bool, str]
#: A channel's own settings: a pydantic model that the installation's settings inherit.
S = TypeVar("S", contravariant=True)


# ------------------------------------------------------------------ kinds of settings


def expected(key: str, **facts: object) -> PydanticCustomError:
    """The error that a check of a setting raises: the key of the sentence that says what was expected."""
    return PydanticCustomError(cast(Any, key), cast(Any, key), facts)


def _http_address(value: str) -> str:
    if urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).netloc:
        raise expected("cli.setting.http_address")
    return value.rstrip("/")


def _mode(value: str) -> str:
    if value not in {"poll", "webhook"}:
        raise expected("cli.setting.one_of", choices="poll, webhook")
    return value


#: The address of an app's API, without a slash at its end.
HttpAddress = Annotated[str, AfterValidator(_http_address)]
#: How a channel receives: it polls the app ("poll"), or the app posts to us ("webhook").
Mode = Annotated[str, AfterValidator(_mode)]
#: A setting for which an empty value means that it is not set.
OptionalText = Annotated[str | None, BeforeValidator(lambda value: None if value == "" else value)]


# ------------------------------------------------------------------ parts and traits of a channel


@dataclass(frozen=True, slots=True)
class ChannelParts:
    """What an installation gives its channels. The paths are the folders of keys, pictures and documents."""

    #: Our public address, without a slash at its end.
    url: str
    keys: Path
    photos: Path
    documents: Path
    #: Commands (name without slash, description) for an app's own menu, by role and language ("leader:en").
    menus: Mapping[str, Sequence[tuple[str, str]]]
    #: `sign(purpose, content)`: a signature that only this installation can make.
    sign: Callable[[str, str], str]
    #: A short-lived public URL of a picture of ours; "" where there is none.
    picture_address: Callable[[str], str]
    #: The same for a document, from its file name and its name for people.
    document_address: Callable[[str, str], str]
    #: The sentences of the office's language.
    t: Texts

    def webhook(self, name: str, mode: str) -> str:
        """The address at which the app is to post to us; "" where the channel polls."""
        return f"{self.url}{webhook_path(name)}" if mode == "webhook" else ""

    def webhook_secret(self, name: str, credential: str) -> str:
        """The secret that the app must send with each post."""
        return self.sign(f"{name.replace('_', '-')}-hook", credential)


def webhook_path(name: str) -> str:
    """The path that this channel's app posts to."""
    return f"/hooks/{name.replace('_', '-')}"


@dataclass(frozen=True, slots=True)
class Server:
    """An app's server, whose clock `doctor` compares with ours."""

    owner: str
    address: str
    proxy: str | None = None


@dataclass(frozen=True, kw_only=True)
class ChannelTraits(Generic[S]):
    """One channel. Importing the module that declares it must not import its app's library."""

    #: Its key in the database, in the catalogues (`channel.NAME`) and in /hooks/NAME.
    name: str
    #: Its name in `doctor`.
    label: str
    #: The settings needed to switch it on; none: it is always on.
    credential: tuple[str, ...]
    #: What to set to switch it on, for `doctor`.
    switch: str
    limits: Limits
    make: Callable[[S, ChannelParts], Channel]
    #: `link(settings, url, code, public_name)`: the link that joins with this code, or opens the chat to type it in;
    #: None while it isn't known. `public_name`: our name in the app, "" while it isn't known.
    link: Callable[[S, str, str, str], str | None]
    #: `checks(settings, url, keys, t)`: the checks of `doctor` while it is on.
    checks: Callable[[S, str, Path, Texts], Awaitable[list[Check]]]
    #: How documents are sent here: the key of a sentence, which may name our address as {url}.
    documents: str
    #: The public part of its credential; each has process locks of its own.
    identity: Callable[[S], str]
    #: Whether only one process may receive, because the app gives updates to one poller at a time.
    exclusive_receiver: Callable[[S], bool] = lambda settings: False
    #: People fetch their messages themselves, so nothing is pushed.
    recipients_fetch: bool = False
    #: The app delivers an event only once, so events are spooled until they are committed.
    hands_over_once: bool = False
    #: Its delivery window; None: the app lets us write at any time.
    window: Window | None = None
    #: What the app's plan allows in a month; None: no plan.
    plan: Plan | None = None
    server: Callable[[S], Server | None] = lambda settings: None
    #: Its servers stand outside Vietnam: what people write there crosses the border.
    is_abroad: bool = False
    #: Pages it serves beside its webhook.
    routes: Callable[[S, ChannelParts], list[BaseRoute]] = lambda settings, parts: []
    #: Invitation cards have a column for it even while it is off.
    listed_when_off: bool = False

    def is_on(self, settings: S) -> bool:
        return all(getattr(settings, name) for name in self.credential)


# ------------------------------------------------------------------ shared by the checks of several channels


def is_public(url: str) -> bool:
    """Whether an app's server can be expected to reach this address: it is https."""
    return urlsplit(url).scheme == "https"


async def check_webhook_answers(check: str, url: str, address: str, t: Texts) -> Check:
    """Checks from here whether something answers at `url`; `address`: the webhook, for the message."""
    import aiohttp

    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session,
            session.get(f"{url}/healthz") as answer,
        ):
            there = answer.status == 200
    except (aiohttp.ClientError, OSError, ValueError):
        there = False
    if there:
        return (check, True, t("cli.doctor.webhook_answers", address=address))
    # at a local address it only means that `run` is not started
    return (check, not is_public(url), t("cli.doctor.webhook_silent", url=url))


def check_webhook_address(check: str, found: str, ours: str, t: Texts) -> list[Check]:
    """The check, where the webhook's address is not what we need: another, none, or one while we poll (`ours`: "")."""
    if not ours:
        return [(check, True, t("cli.doctor.webhook_taken_away"))] if found else []
    if found == ours:
        return []
    key = "cli.doctor.webhook_other" if found else "cli.doctor.webhook_none"
    return [(check, False, t(key, address=ours))]
