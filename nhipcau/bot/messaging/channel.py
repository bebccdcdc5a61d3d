"""The contract of a channel: what it can do, and the errors it may raise.

A channel turns what its app delivers into `Event`s, submits them, and confirms them to the app only after `submit`
returned. It turns a `Message` into one call of its app. Every failure becomes one of the errors below, which tells
delivery whether to try again.
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
    #: Buttons of one message at most; with more choices, and with 0, choices become numbered lines in the text.
    buttons: int = 100
    #: False: the app can't change a message; an edit is sent as a new one.
    edits: bool = True
    #: Bytes of a picture we accept from a person; for documents see privacy/document_check.py.
    download: int = 20_000_000
    #: False: a picture can't have choices; they follow with its text in the next message.
    photo_choices: bool = True
    #: Length of the text beside a document; None: as beside a picture. 0: neither text nor choices; they follow in the
    #: next message.
    beside_file: int | None = None
    #: A text document can be sent as a file; else it is read as a message.
    text_files: bool = False


class ChannelError(Exception):
    """A message was not delivered, or possibly not. `reason` is a stable code that may be logged and shown."""

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
    """No connection: certainly not sent, so safe to repeat."""

    reason = "no_connection"
    retry = True


class AnswerLost(ChannelError):
    """Time-out or reset after the request was written: the message may have arrived. The row counts such tries."""

    reason = "answer_lost"
    retry = True
    maybe_sent = True


class TooMany(ChannelError):
    """The app asked us to wait `seconds`, in this chat or altogether; it does not say which."""

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
    """The app refused this message, and will refuse it again."""

    reason = "refused"


class OutsideWindow(ChannelError):
    """The person's last act was too long ago, so the app lets us send nothing here; another app may let us."""

    reason = "window"


class NoQuota(ChannelError):
    """The office's quota or credit is used up: waits for the next day, or for a payment."""

    reason = "quota"
    retry = True
    after = 3600.0


class TokenBad(ChannelError):
    """Our credential is refused: nothing can be sent until it is corrected."""

    reason = "token"
    retry = True
    after = 60.0
    whole_channel = True


class AppDown(ChannelError):
    """The app has a failure of its own."""

    reason = "app_down"
    retry = True


class FileTooBig(ChannelError):
    """The file is larger than we or the app accept."""

    reason = "too_big"


@dataclass(frozen=True, slots=True)
class Status:
    """How a channel is doing, for /readyz and doctor."""

    ok: bool
    #: A sentence without secrets: "connected as @name", "no network since …".
    detail: str


#: Submits events; returns after all of them are committed. Raises while the database is away: confirm nothing then.
Submit = Callable[[Sequence[Event]], Awaitable[None]]


class Channel(Protocol):
    """One app. Instances are made by its traits (bot/channels/traits.py)."""

    name: str
    limits: Limits
    #: Messages a second the app accepts; 0: not known, learnt from its refusals.
    rate: float
    #: People fetch their messages themselves (web chat), so the sender leaves this channel's rows alone.
    recipients_fetch: bool

    async def start(self, submit: Submit) -> None:
        """Run until cancelled: receive, submit, confirm. Waits out outages and never raises for them."""

    async def send(self, address: str, message: Message) -> Sent:
        """Deliver one message or raise a ChannelError."""

    async def fetch(self, file: File) -> bytes:
        """The bytes of a file a person sent; raises a ChannelError, `FileTooBig` above the limit."""

    def link(self, code: str) -> str | None:
        """A link that joins with this code, or opens the chat to type it in; None while it isn't known."""

    def status(self) -> Status: ...

    async def close(self) -> None: ...


@runtime_checkable
class NamedChannel(Protocol):
    """A channel whose links need the name by which the app knows us. Processes share it."""

    @property
    def public_name(self) -> str:
        """ "" until it was learned from the app or another process."""

    def set_public_name(self, name: str) -> None:
        """Take the name that another process has learned."""


@runtime_checkable
class RetryingChannel(Protocol):
    """A channel that waits after a failure."""

    def retry(self) -> None:
        """Try again now."""


@runtime_checkable
class WebhookChannel(Protocol):
    """A channel whose app posts to us, at /hooks/NAME."""

    def is_expected(self, headers: Mapping[str, str]) -> bool:
        """Whether a post with this head may be the app's; only then its body is read."""

    async def receive(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Handle one post; returns after its events are committed. False: not from the app, nothing stored.

        Raises when it can't be stored now, so that the app posts it again. A body too long to be the app's is passed
        as an empty one.
        """
