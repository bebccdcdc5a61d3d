"""The contract between the core and an app: what a channel can do, and the errors it may raise.

A channel turns whatever its app delivers into `Event`s, hands them to `Intake.submit` and confirms them to the app
only after that returned. It turns a `Message` into one call of its app. Every failure becomes one of the
errors below; the error itself says whether to try again, and delivery asks nothing else.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from nhipcau.bot.messaging.events import Event, File
from nhipcau.bot.messaging.messages import Message, Sent


@dataclass(frozen=True, slots=True)
class Limits:
    """What one message of an app can hold. Lengths are UTF-16 units, as the apps count."""

    text: int
    caption: int
    #: Buttons of one message at most; 0: choices become numbered lines in the text.
    buttons: int = 100
    #: False: the app can't change a message; an edit is sent as a new one.
    edits: bool = True
    #: Bytes of a picture we accept from a person; of a document see privacy/document_check.py.
    download: int = 20_000_000
    #: False: a picture bears no choices; they follow with its words in the next bubble.
    photo_choices: bool = True
    #: The words that may stand beside a document; None: as many as beside a picture. 0: neither words nor choices stand
    #: there, they follow in the next bubble.
    beside_file: int | None = None


class ChannelError(Exception):
    """A message was not (surely) delivered. `reason` is a stable code that may be logged and shown."""

    reason = "unknown"
    #: Try this message again later.
    retry = False
    #: Seconds to wait before the next try; None: the sender's own backoff.
    after: float | None = None
    #: The message may have arrived although no answer came.
    maybe_sent = False
    #: The whole channel must wait, not only this person.
    whole_channel = False
    #: This contact of the person is unreachable until they write again.
    unreachable = False


class NotSent(ChannelError):
    """No connection: surely not sent, safe to repeat."""

    reason = "no_connection"
    retry = True


class AnswerLost(ChannelError):
    """Time-out or reset after the request was written: it may have arrived. Repeated once more, and the row says so."""

    reason = "answer_lost"
    retry = True
    maybe_sent = True


class TooMany(ChannelError):
    """The app asked us to slow down for `seconds`: this chat, or all of us; it does not say which."""

    reason = "too_many"
    retry = True

    def __init__(self, seconds: float) -> None:
        super().__init__(f"wait {seconds:g} s")
        self.after = self.seconds = seconds


class Gone(ChannelError):
    """Blocked, deleted or never started: this contact is unreachable until the person writes again."""

    reason = "unreachable"
    unreachable = True


class Refused(ChannelError):
    """The app refused this very message, and always will."""

    reason = "refused"


class OutsideWindow(ChannelError):
    """The person has not written for so long that the app lets nobody write to them here; another app may do."""

    reason = "window"


class NoQuota(ChannelError):
    """What the office may send is used up: waits for the next day, or for money."""

    reason = "quota"
    retry = True
    after = 3600.0


class TokenBad(ChannelError):
    """Our credential is wrong: nothing can be sent until it is set right."""

    reason = "token"
    retry = True
    after = 60.0
    whole_channel = True


class AppDown(ChannelError):
    """The app has a failure of its own."""

    reason = "app_down"
    retry = True


class FileTooBig(ChannelError):
    """The file is larger than we, or the app, will carry."""

    reason = "too_big"


@dataclass(frozen=True, slots=True)
class Status:
    """How a channel is doing, for /readyz and doctor."""

    ok: bool
    #: A sentence without secrets: "connected as @name", "no network since …".
    detail: str


#: Hands over events; returns after all of them are committed. Raises if the database is away: confirm nothing then.
Submit = Callable[[Sequence[Event]], Awaitable[None]]


class Channel(Protocol):
    """One app. Instances are made by its traits (bot/channels/traits.py)."""

    name: str
    limits: Limits
    #: Messages a second the app bears; 0: not known, learnt from its refusals.
    rate: float
    #: True: people fetch what waits for them (web chat), so the sender leaves this channel's rows alone.
    recipients_fetch: bool

    async def start(self, submit: Submit) -> None:
        """Run until cancelled: receive, submit, confirm. Outages are waited out here, never raised."""

    async def send(self, address: str, message: Message) -> Sent:
        """Deliver one message or raise a ChannelError."""

    async def fetch(self, file: File) -> bytes:
        """The bytes of a file a person sent; raises a ChannelError, `FileTooBig` above the limit."""

    def link(self, code: str) -> str | None:
        """A link that joins with this code (or opens the chat to type it), or None while it can't be known."""

    def status(self) -> Status: ...

    async def close(self) -> None: ...


@runtime_checkable
class NamedChannel(Protocol):
    """A channel whose links need the name that the app has given us. It is shared with other processes."""

    @property
    def public_name(self) -> str:
        """ "" until the app, or another process, has told it."""

    def set_public_name(self, name: str) -> None:
        """The name, as another process has learned it."""


@runtime_checkable
class WebhookChannel(Protocol):
    """A channel whose app posts to us, at /hooks/NAME."""

    async def receive(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Take one post; returns after its events are committed. False: not from the app, nothing stored.

        Raises when it can't be stored now: the app is to post it again. A body too long to be the app's comes empty.
        """
