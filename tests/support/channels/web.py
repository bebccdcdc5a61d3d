"""The web chat: its routes on a server of this process."""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aiohttp import ClientSession, FormData
from yarl import URL

from nhipcau.bot.channels.webchat.channel import WebChat
from nhipcau.bot.language.catalogue import texts
from nhipcau.bot.messaging.channel import Channel
from nhipcau.bot.messaging.events import Event, EventKind
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.insight.picture_cache import ChartPictureCache
from nhipcau.insight.renderer import ChartRenderer
from nhipcau.web.chat import chat_routes
from nhipcau.web.chat_acts import Entry
from nhipcau.web.chat_backend import ChatBackend
from nhipcau.web.chat_requests import SILENCE
from nhipcau.web.chat_shell import EntryState
from nhipcau.web.documents import DOCUMENT, document_address, document_routes
from nhipcau.web.sessions import address_of
from tests.support.apps import Hand, NoWay, picture
from tests.support.channel_harnesses import CODE, Arrived, Harness, Inbox, Served, arrived, signature
from tests.support.standins.zalo_bot import download_name
from tests.support.web_client import JSON, with_picture
from tests.support.world import World


class _Backend:
    """Hands over what the web chat receives; what waits here is for whoever asks."""

    language = "vi"

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self.waiting: list[Message] = []

    async def submit(self, events: Sequence[Event]) -> None:
        await self._inbox.submit(events)

    async def fetch_waiting(self, address: str, got: Collection[str]) -> list[tuple[str, Message]]:
        found, self.waiting = self.waiting, []
        return [(f"key {number}", message) for number, message in enumerate(found)]

    def may_try_codes(self, origin: str) -> bool:
        return True

    async def find_entry(self, code: str, address: str, origin: str) -> Entry:
        return Entry(EntryState.NEW)

    async def wait(self, address: str, seconds: float) -> None:
        return

    async def leave(self, address: str) -> None:
        self.waiting = []

    async def has_joined(self, address: str) -> bool:
        return True

    async def take_over(self, old: str, new: str) -> None:
        raise AssertionError("nobody joins here")

    async def read_photo(self, address: str, name: str) -> bytes | None:
        return None

    def chart_url(self, name: str) -> str:
        return f"/p/{name}"

    def file_address(self, message: Message) -> str:
        return document_address("", signature, message.file, message.file_name) if message.file else ""

    def sentence(self, key: str, **facts: object) -> str:
        return texts("vi")(key, **facts) if facts else key

    closing = False

    def sign(self, token: str) -> str:
        return token[::-1]


class WebHarness:
    """The routes of the web chat on a server of this process, asked over HTTP as its page asks them."""

    def __init__(self, silence: float = SILENCE) -> None:
        self.channel: Channel = (webchat := WebChat("http://127.0.0.1"))
        self.inbox = Inbox(webchat)
        self._folder = TemporaryDirectory()
        self.documents = Path(self._folder.name)
        self._backend = _Backend(self.inbox)
        documents = document_routes(self.documents, signature, self._backend.sentence)
        pages = chat_routes(self._backend, {"web": webchat}, secure=False, silence=silence)
        self._pages = Served([*pages, *documents])
        self._cookies: dict[int, str] = {}
        self._ids = itertools.count(1)

    async def __aenter__(self) -> Harness:
        self._browser = ClientSession(await self._pages.__aenter__())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._browser.close()
        await self._pages.__aexit__()
        await self.channel.close()
        self._folder.cleanup()

    async def begin(self, person: int) -> None:
        async with self._browser.post(f"/c/{CODE}/start", json={}) as answer:
            assert answer.status == 204
            self._cookies[person] = answer.cookies["nc"].value

    async def say(self, person: int, text: str) -> None:
        await self._send(person, "send", json.dumps({"id": self._id(), "text": text}).encode(), JSON)

    async def press(self, person: int, choice: Choice) -> None:
        act = {"id": self._id(), "data": choice.data, "ref": "0123456789abcdef"}
        await self._send(person, "send", json.dumps(act).encode(), JSON)

    async def show(self, person: int, picture: bytes) -> bool:
        body, headers = with_picture(picture, self._id())
        return await self._send(person, "photo", body, headers) != 413

    async def hand_in(self, person: int, document: bytes, name: str) -> bool:
        body, headers = with_picture(document, self._id(), name)
        return await self._send(person, "file", body, headers) != 413

    async def tell(self, person: int, message: Message) -> Arrived:
        self._backend.waiting.append(message)
        headers = {"Cookie": f"nc={self._cookies[person]}"}
        async with self._browser.post(f"/c/{CODE}/messages", json={"got": []}, headers=headers) as answer:
            [shown] = (await answer.json())["messages"]
        name, content = "", b""
        if shown["file"]:
            # whoever has the address needs no session
            async with self._browser.get(URL(shown["file"], encoded=True)) as found:
                assert found.status == 200
                name, content = download_name(found.headers["Content-Disposition"]), await found.read()
            assert name == shown["file_name"]
        return arrived([(shown["text"], [choice["label"] for choice in shown["choices"]], name, content)])

    async def upload(self, person: int, body: AsyncIterator[bytes], headers: dict[str, str]) -> int:
        """Post a picture whose bytes come as they come; the status."""
        headers = {**headers, "Cookie": f"nc={self._cookies[person]}"}
        async with self._browser.post(f"/c/{CODE}/photo", data=body, headers=headers) as answer:
            return answer.status

    async def shut_out(self, person: int) -> str:
        raise AssertionError("nobody is written to")

    def _id(self) -> str:
        return f"page-{next(self._ids)}"

    async def _send(self, person: int, what: str, body: bytes, headers: dict[str, str]) -> int:
        """Post it, the same again while the answer is that it was not kept."""
        sent = {"Cookie": f"nc={self._cookies[person]}", **headers}
        for _ in range(5):
            async with self._browser.post(f"/c/{CODE}/{what}", headers=sent, data=io.BytesIO(body)) as answer:
                if answer.status != 503:
                    assert answer.status in (204, 413)
                    return answer.status
        raise AssertionError("not kept in five tries")


class _WebHand:
    def __init__(self, app: WebApp, number: int) -> None:
        self._app = app
        self._ids = itertools.count(1)
        self._name = f"page{number}"
        self._cookie = ""
        self._code = "MATHU234"
        self._got: list[str] = []
        self.address = f"nobody yet {number}"
        self.bubbles: list[tuple[str, str, list[str]]] = []

    async def type(self, text: str) -> None:
        if not self._cookie:
            if not text.startswith(("/start ", "tham gia ")):
                # nobody is here without having opened a link
                raise NoWay(text)
            self._code = text.split()[-1]
            async with self._app.browser.post(f"{self._app.base}/c/{self._code}/start", json={}) as answer:
                assert answer.status == 204
                self._cookie = answer.cookies["nc"].value
            self.address = address_of(self._cookie)
            return
        await self._post("send", {"text": text})

    async def press(self, message: Message, label: str) -> None:
        data = next(choice.data for choice in message.choices if choice.label == label)
        ref = next((key for key, text, _ in reversed(self.bubbles) if text == message.text), "")
        await self._post("send", {"data": data, "ref": ref})

    async def send(self, kind: EventKind) -> None:
        if kind is not EventKind.PHOTO:
            # the page has no such button
            raise NoWay(kind)
        form = FormData({"id": self._id()})
        form.add_field("file", picture(), filename="a.jpg", content_type="image/jpeg")
        body = form()
        raw = io.BytesIO()

        class _Into:
            async def write(self, chunk: bytes) -> None:
                raw.write(chunk)

        await body.write(_Into())  # type: ignore[arg-type]  # all it needs of a stream
        headers = {"Cookie": f"nc={self._cookie}", "Content-Type": body.content_type}
        url = f"{self._app.base}/c/{self._code}/photo"
        async with self._app.browser.post(url, data=raw.getvalue(), headers=headers) as answer:
            assert answer.status == 204

    def _id(self) -> str:
        return f"{self._name}-{next(self._ids)}"

    async def _post(self, what: str, body: dict[str, Any]) -> None:
        url = f"{self._app.base}/c/{self._code}/{what}"
        async with self._app.browser.post(
            url, json={"id": self._id(), **body}, headers={"Cookie": f"nc={self._cookie}"}
        ) as answer:
            assert answer.status == 204, await answer.text()

    async def fetch(self) -> list[Message]:
        """What waits, as the page asks for it."""
        url, headers = f"{self._app.base}/c/{self._code}/messages", {"Cookie": f"nc={self._cookie}"}
        async with self._app.browser.post(url, json={"got": self._got}, headers=headers) as answer:
            found = (await answer.json())["messages"]
        self._got = [message["key"] for message in found]
        said = []
        for message in found:
            labels = [choice["label"] for choice in message["choices"]]
            self.bubbles.append((message["key"], message["text"], labels))
            choices = tuple(Choice(c["label"], c["data"]) for c in message["choices"])
            picture_name = message["photo"].rpartition("/")[2]
            # the page shows no numbers, and where all choices are asides nobody would type one
            only_asides = all(label in _ASIDES or label.isdecimal() for label in labels)
            said.append(Message(message["text"], choices, message["edit"], picture_name, only_asides))
        return said

    def seen(self) -> list[tuple[str, list[str]]]:
        return [(text, labels) for _, text, labels in self.bubbles]


_ASIDES = {"Hủy", "Làm tiếp báo cáo", "Lùi", "Bỏ qua", "Không có gì", "Không có gì mới", "Giữ như cũ", "Để trống"}


class _Frames(ChartPictureCache):
    """Every picture that a message asks for, as if it were drawn."""

    def __init__(self) -> None:
        super().__init__(ChartRenderer(), Path())

    async def with_picture(self, message: Message) -> Message:
        return replace(message, photo="0" * 16 + ".jpg") if message.draw else message


class WebApp:
    tells_names = False

    async def open(self, world: World, submit: Callable[[Sequence[Event]], Awaitable[None]]) -> None:
        webchat = WebChat("http://127.0.0.1")
        self.channel: Channel = webchat
        self.chat_backend = ChatBackend(world.parts, world.dispatch, _Frames(), now=lambda: world.now)
        sign = partial(world.parts.sign, DOCUMENT)
        documents = document_routes(world.parts.settings.documents, sign, self.chat_backend.sentence)
        # nobody waits for news here: what lies there is asked for
        pages = chat_routes(self.chat_backend, {"web": webchat}, secure=False, long_poll=0.0)
        self._pages = Served([*pages, *documents])
        self.base = await self._pages.__aenter__()
        self.browser = ClientSession()

    async def close(self) -> None:
        self.chat_backend.close()
        await self.browser.close()
        await self._pages.__aexit__()

    def hand(self, number: int, name: str) -> Hand:
        return _WebHand(self, number)


HARNESS = WebHarness
APP = WebApp
