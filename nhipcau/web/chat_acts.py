"""What a device may do in the web chat, with a script or without: open a session, say, press, send files."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from nhipcau.bot.channels.webchat.channel import NAME, WebChat
from nhipcau.bot.language.vietnamese import nfc
from nhipcau.bot.messaging.channel import Channel
from nhipcau.bot.messaging.events import LONGEST_SENT, Event, EventKind, clean
from nhipcau.bot.messaging.messages import Message
from nhipcau.privacy.document_check import MAX_BYTES
from nhipcau.web.chat_requests import Refusal, event_id
from nhipcau.web.chat_shell import EntryState

_COOKIE = "nc"
_COOKIE_SECONDS = 400 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known about a page before anything was said."""

    state: EntryState
    #: The commune, ward or agency it belongs to ("Xã Đồng Đăng"); "" where the code is none of ours.
    unit: str = ""


class Backend(Protocol):
    """What the chat needs of the service (`ChatBackend`)."""

    async def submit(self, events: Sequence[Event]) -> None:
        """Returns after the commit; raises while the database is away."""

    async def fetch_waiting(self, address: str, got: Collection[str]) -> list[tuple[str, Message]]:
        """Waiting messages in order, each with a key; those whose key is in `got` are recorded as delivered."""

    async def find_entry(self, code: str, address: str) -> Entry:
        """What this code opens for the contact of this address; "": for somebody without a session."""

    async def wait(self, address: str, seconds: float) -> None:
        """Return early when new messages may wait for this address."""

    async def leave(self, address: str) -> None:
        """Close this contact and drop what waits for it."""

    async def read_photo(self, address: str, name: str) -> bytes | None:
        """A picture, if this person may see it."""

    def chart_url(self, name: str) -> str: ...

    def document_url(self, name: str, shown: str) -> str:
        """`shown`: the document's name for people."""

    def sentence(self, key: str) -> str: ...

    @property
    def closing(self) -> bool:
        """The service is stopping: long polls end at once."""

    @property
    def language(self) -> str:
        """Of the office: vi or en."""

    def sign(self, token: str) -> str:
        """A signature only this installation can make."""


def address_of(token: str) -> str:
    """The contact's address of a session. The token itself is stored nowhere."""
    return "w" + hashlib.sha256(token.encode()).hexdigest()[:32]


class ChatActs:
    """The acts, and the sessions of those who act. Raises Refusal."""

    def __init__(self, backend: Backend, channels: Mapping[str, Channel], *, secure: bool) -> None:
        webchat = channels[NAME]
        assert isinstance(webchat, WebChat)
        self.backend = backend
        self.channels = channels
        self._webchat = webchat
        self._secure = secure

    # -------------------------------------------------- sessions

    def token(self, request: Request) -> str:
        """The session's token; "" where our signature is missing, so that an invented cookie makes no contact."""
        token = request.cookies.get(_COOKIE, "")
        random, _, signature = token.partition(".")
        is_ours = signature and secrets.compare_digest(signature.encode(), self.backend.sign(random).encode())
        return token if is_ours else ""

    def session(self, request: Request) -> str:
        """The address of whoever asks."""
        token = self.token(request)
        if not token:
            raise Refusal(401, "no session")
        return address_of(token)

    async def entry(self, request: Request) -> Entry:
        token = self.token(request)
        return await self.backend.find_entry(request.path_params["code"], address_of(token) if token else "")

    async def join(self, request: Request, response: Response) -> Response:
        """ "Bắt đầu" was pressed: open a session, join with the page's code, and let this response say so."""
        token = self.token(request) or self._new_token()
        code = request.path_params["code"]
        id = f"s:{secrets.token_hex(8)}"
        await self.submit(Event(NAME, id, address_of(token), EventKind.TEXT, f"/start {code}"))
        path = f"/c/{code}"
        response.set_cookie(
            _COOKIE, token, max_age=_COOKIE_SECONDS, path=path, httponly=True, samesite="lax", secure=self._secure
        )
        return response

    async def leave(self, request: Request, response: Response) -> Response:
        """End the session on the server too, so that a copy of its cookie opens nothing."""
        await self.backend.leave(self.session(request))
        response.delete_cookie(_COOKIE, path=f"/c/{request.path_params['code']}")
        return response

    def _new_token(self) -> str:
        random = secrets.token_urlsafe(32)
        return f"{random}.{self.backend.sign(random)}"

    # -------------------------------------------------- acts of a session

    async def fetch(self, address: str, got: Collection[str]) -> list[tuple[str, Message]]:
        """Waiting messages; those in `got` are confirmed."""
        try:
            return await self.backend.fetch_waiting(address, set(got))
        except Exception as error:
            raise Refusal(503, self.backend.sentence("web.later")) from error

    async def say(self, address: str, id: object, *, text: str = "", data: str = "", ref: str = "") -> None:
        """Words, or the choice with this `data` below the message `ref`."""
        if len(text) > LONGEST_SENT:
            raise Refusal(413, self.backend.sentence("web.too_long"))
        kind = EventKind.TAP if data else EventKind.TEXT
        key = event_id(address, id)
        await self.submit(Event(NAME, key, address, kind, text=nfc(text), data=nfc(data[:64]), ref=ref[:64]))

    async def reopen(self, address: str, id: object) -> None:
        """The page has lost its history: show the open question again."""
        await self.submit(Event(NAME, event_id(address, id), address, EventKind.OPENED))

    def largest(self, kind: EventKind) -> int:
        """Bytes of the largest picture or document taken."""
        return MAX_BYTES if kind is EventKind.FILE else self._webchat.limits.download

    def too_large(self, kind: EventKind) -> Refusal:
        return Refusal(413, self.backend.sentence("web.file_too_big" if kind is EventKind.FILE else "web.too_big"))

    async def take_file(self, address: str, id: object, kind: EventKind, upload: UploadFile) -> None:
        """Take a picture or document; whether this person may send one is decided with the event."""
        most = self.largest(kind)
        data = await upload.read(most + 1)
        if len(data) > most:
            raise self.too_large(kind)
        key = event_id(address, id)
        title = clean(upload.filename or "") if kind is EventKind.FILE else ""
        file = self._webchat.keep(data)
        try:
            await self.submit(Event(NAME, key, address, kind, file=replace(file, title=title)))
        finally:
            self._webchat.forget(file)

    async def submit(self, event: Event) -> None:
        try:
            await self.backend.submit([event])
        except Exception as error:
            raise Refusal(503, self.backend.sentence("web.later")) from error

    # -------------------------------------------------- what is shown

    def picture_url(self, code: str, message: Message) -> str:
        """The picture's URL on this code's page: signed for a chart, else one that needs the session; "": none."""
        if message.draw and message.photo:
            return self.backend.chart_url(message.photo)
        return f"/c/{code}/photo/{message.photo}" if message.photo else ""
