"""What a device may do in the web chat, with a script or without: open a session, say, press, send files."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from nhipcau.bot.channels.webchat.channel import NAME, WebChat
from nhipcau.bot.language.vietnamese import nfc
from nhipcau.bot.messaging.channel import Channel
from nhipcau.bot.messaging.events import LONGEST_SENT, LONGEST_TEXT, Event, EventKind, clean
from nhipcau.bot.messaging.messages import Message
from nhipcau.privacy.document_check import MAX_BYTES
from nhipcau.web.addresses import origin_of
from nhipcau.web.chat_requests import BODY, Refusal, body_length, event_id
from nhipcau.web.chat_shell import EntryState
from nhipcau.web.sessions import Sessions, address_of
from nhipcau.web.uploads import NoRoom, UploadRoom, content_of

Found = TypeVar("Found")
#: Addresses remembered so that the database need not be asked.
_MOST_MEMBERS = 10_000


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

    async def find_entry(self, code: str, address: str, origin: str) -> Entry:
        """What this code opens for the contact of this address; "": for somebody without a session. `origin`: the
        internet address that asks."""

    def may_try_codes(self, origin: str) -> bool:
        """Whether a code from this internet address is looked up at all."""

    async def wait(self, address: str, seconds: float) -> None:
        """Return early when new messages may wait for this address."""

    async def leave(self, address: str) -> None:
        """Close this contact and drop what waits for it."""

    async def has_joined(self, address: str) -> bool:
        """Whether somebody who agreed to take part uses this address."""

    async def take_over(self, old: str, new: str) -> None:
        """Give the contact of the old address the new one, unless that has a contact already."""

    async def read_photo(self, address: str, name: str) -> bytes | None:
        """A picture, if this person may see it."""

    def chart_url(self, name: str) -> str: ...

    def file_address(self, message: Message) -> str:
        """Where the message's document is fetched; "": it has none."""

    def sentence(self, key: str, **facts: object) -> str: ...

    @property
    def closing(self) -> bool:
        """The service is stopping: long polls end at once."""

    @property
    def language(self) -> str:
        """Of the office: vi or en."""

    def sign(self, token: str) -> str:
        """A signature only this installation can make."""


class ChatActs:
    """The acts, and the sessions of those who act. Raises Refusal."""

    def __init__(
        self, backend: Backend, channels: Mapping[str, Channel], *, secure: bool, room: UploadRoom | None = None
    ) -> None:
        webchat = channels[NAME]
        assert isinstance(webchat, WebChat)
        self.backend = backend
        self.channels = channels
        self._webchat = webchat
        self._sessions = Sessions(backend.sign, secure=secure)
        self._room = room or UploadRoom()
        #: Addresses of people who have joined: nothing is renewed for them any more.
        self._members: set[str] = set()

    # -------------------------------------------------- sessions

    def has_session(self, request: Request) -> bool:
        return bool(self._sessions.token(request))

    async def session(self, request: Request) -> str:
        """The address of whoever asks."""
        token = self._sessions.token(request)
        if not token:
            raise Refusal(401, "no session")
        address = address_of(token)
        if parent := self._sessions.parent_of(token):
            await self._asked(self.backend.take_over(parent, address))
        return address

    async def entry(self, request: Request) -> Entry:
        address = await self.session(request) if self.has_session(request) else ""
        entry = await self.backend.find_entry(request.path_params["code"], address, origin_of(request))
        if entry.state is EntryState.WAIT:
            raise self._wait()
        return entry

    def _wait(self) -> Refusal:
        """From this internet address too many wrong codes came: none is looked up for a while (R36)."""
        return Refusal(429, self.backend.sentence("join.wait"))

    def prolong(self, request: Request, response: Response) -> Response:
        """The page was opened: its cookie lasts from today."""
        if token := self._sessions.token(request):
            self._sessions.give(request, response, token)
        return response

    async def join(self, request: Request, response: Response) -> Response:
        """ "Bắt đầu" was pressed: open a session, join with the page's code, and let this response say so."""
        origin = origin_of(request)
        if not self.backend.may_try_codes(origin):
            raise self._wait()
        token = self._sessions.token(request) or self._sessions.new_token()
        code = request.path_params["code"]
        id = f"s:{secrets.token_hex(8)}"
        await self.submit(Event(NAME, id, address_of(token), EventKind.TEXT, f"/start {code}", origin=origin))
        self._sessions.give(request, response, token)
        return response

    async def renewing(self, request: Request, response: Response, act: Callable[[], Awaitable[None]]) -> Response:
        """Do this act; where somebody joined by it, the response hands out a fresh token. Whoever knew the one of
        before the consent, from the same link, has nothing the moment the fresh one is used."""
        token = self._sessions.token(request)
        address = address_of(token)
        if self._sessions.parent_of(token) or address in self._members or await self._has_joined(address):
            if len(self._members) >= _MOST_MEMBERS:
                self._members.clear()
            self._members.add(address)
            await act()
            return response
        await act()
        # the act is kept, whatever becomes of the token
        with suppress(Refusal):
            if await self._has_joined(address):
                self._sessions.give(request, response, self._sessions.new_token(address))
        return response

    async def leave(self, request: Request, response: Response) -> Response:
        """End the session on the server too, so that a copy of its cookie opens nothing."""
        await self.backend.leave(await self.session(request))
        self._sessions.take(request, response)
        return response

    # -------------------------------------------------- acts of a session

    async def fetch(self, address: str, got: Collection[str]) -> list[tuple[str, Message]]:
        """Waiting messages; those in `got` are confirmed."""
        return await self._asked(self.backend.fetch_waiting(address, set(got)))

    async def _has_joined(self, address: str) -> bool:
        return await self._asked(self.backend.has_joined(address))

    async def _asked(self, answer: Awaitable[Found]) -> Found:
        """What the service answers, or a refusal while its database is away."""
        try:
            return await answer
        except Exception as error:
            raise Refusal(503, self.backend.sentence("web.later")) from error

    async def say(
        self, address: str, id: object, *, text: str = "", data: str = "", ref: str = "", origin: str = ""
    ) -> None:
        """Words, or the choice with this `data` below the message `ref`."""
        if len(text) > LONGEST_SENT:
            raise Refusal(413, self.backend.sentence("web.too_long", most=LONGEST_TEXT))
        kind = EventKind.TAP if data else EventKind.TEXT
        key = event_id(address, id)
        said = Event(NAME, key, address, kind, text=nfc(text), data=nfc(data[:64]), ref=ref[:64], origin=origin)
        await self.submit(said)

    async def reopen(self, address: str, id: object) -> None:
        """The page has lost its history: show the open question again."""
        await self.submit(Event(NAME, event_id(address, id), address, EventKind.OPENED))

    def largest(self, kind: EventKind) -> int:
        """Bytes of the largest picture or document taken."""
        return MAX_BYTES if kind is EventKind.FILE else self._webchat.limits.download

    def too_large(self, kind: EventKind) -> Refusal:
        return Refusal(413, self.backend.sentence("web.file_too_big" if kind is EventKind.FILE else "web.too_big"))

    @asynccontextmanager
    async def form(
        self, request: Request, address: str, kind: EventKind, known: Collection[str], more: int = 0
    ) -> AsyncIterator[FormData]:
        """The form of a page. `known`: its fields; another one is refused, not passed over (rule R02). `more`: fields
        there may be besides one each.

        A form that is long enough for a file is taken from somebody known alone, which is decided before any of it is
        read. Room for it is held until this ends."""
        length, most = body_length(request), BODY
        if length > BODY:
            await self.check_joined(address)
            most = self.largest(kind) + BODY
        if length > most:
            raise self.too_large(kind)
        try:
            async with self._room.taken(length, address or secrets.token_hex(8)):
                form = await self._room.read(request, fields=len(known) + more, most=most)
                try:
                    if not form.keys() <= set(known):
                        raise Refusal(400, f"fields are {', '.join(known)}")
                    yield form
                finally:
                    await form.close()
        except NoRoom as full:
            raise Refusal(503, self.backend.sentence("web.later")) from full

    async def check_joined(self, address: str) -> None:
        """Refuse files of whoever has not agreed to take part."""
        if not address or not await self._has_joined(address):
            raise Refusal(403, self.backend.sentence("web.join_first"))

    async def take_file(self, address: str, id: object, kind: EventKind, upload: UploadFile) -> None:
        """Take a picture or document of somebody who has joined."""
        await self.check_joined(address)
        most = self.largest(kind)
        data = await content_of(upload, most)
        if len(data) > most:
            raise self.too_large(kind)
        key = event_id(address, id)
        title = clean(upload.filename or "") if kind is EventKind.FILE else ""
        file = self._webchat.keep(data)
        del data
        try:
            await self.submit(Event(NAME, key, address, kind, file=replace(file, title=title)))
        finally:
            self._webchat.forget(file)

    async def submit(self, event: Event) -> None:
        await self._asked(self.backend.submit([event]))

    # -------------------------------------------------- what is shown

    def picture_url(self, code: str, message: Message) -> str:
        """The picture's URL on this code's page: signed for a chart, else one that needs the session; "": none."""
        if message.draw and message.photo:
            return self.backend.chart_url(message.photo)
        return f"/c/{code}/photo/{message.photo}" if message.photo else ""
