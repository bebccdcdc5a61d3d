"""A stand-in of Zalo's Bot Platform over real sockets: it refuses what the platform is documented to refuse.

One event an answer, error 408 for "nothing" with HTTP 408, HTTP 200 for refusals, no offset; replays on demand; a
webhook excludes polling; a text with a link arrives as "unsupported"; a picture is fetched from the address given.
"""

from __future__ import annotations

import asyncio
import io
import itertools
import json
import re
import time
from collections import Counter, deque
from typing import Any
from urllib.parse import unquote

from aiohttp import ClientSession, ClientTimeout, web
from yarl import URL

from tests.support.standins.zalo_phone import Inbox, Received

Json = dict[str, Any]
TOKEN = "3141592653:A-zalo_stand.in~token"
_LINK = re.compile(r"https?://|www\.|\b\w+\.(?:vn|com|gov)\b")
_MOST = 2000


class _Refusal(Exception):
    def __init__(self, code: int, description: str, status: int = 200) -> None:
        super().__init__(description)
        self.code, self.description, self.status = code, description, status


class Phone(Inbox):
    """One person with the app. Ids are 20 hex digits, as the platform makes them."""

    def __init__(self, standin: ZaloBotStandIn, number: int, name: str) -> None:
        super().__init__(name)
        self.standin = standin
        self.id = f"{number:020x}"
        #: The person wrote first, so the bot may write.
        self.opened = False

    async def say(self, text: str) -> str:
        """Type it; words with a link arrive without their words."""
        if _LINK.search(text):
            return self.standin.push(self, "message.unsupported.received", {})
        return self.standin.push(self, "message.text.received", {"text": text})

    async def show(self, content: bytes, caption: str = "", key: str = "photo_url") -> str:
        url = self.standin.keep(content)
        more = {"caption": caption} if caption else {}
        fields = {key: url, **more, "message_type": "CHAT_PHOTO"}
        return self.standin.push(self, "message.image.received", fields)

    async def speak(self) -> str:
        fields = {"voice_url": self.standin.keep(b"aac") + ".aac", "message_type": "CHAT_VOICE"}
        return self.standin.push(self, "message.voice.received", fields)

    async def open_link(self, message: Received) -> None:
        """Open the address that stands in it on a line of its own; what it gave lies with the message."""
        [url] = [line for line in message.text.split("\n") if line.startswith(("http://", "https://"))]
        message.file_name, message.file = await self.standin.open_link(url)

    async def choose(self, label: str) -> str:
        """Type the number that stands before this label, or the label where there is none."""
        for message in reversed(self.messages):
            if label in message.choices:
                return await self.say(message.numbers.get(label, label))
        raise LookupError(f"no choice {label!r} in {self.last.text!r}")


class ZaloBotStandIn:
    """One bot on the free plan."""

    def __init__(self, token: str = TOKEN, *, port: int = 0) -> None:
        self.token = token
        self.port = port
        self.phones: dict[int, Phone] = {}
        self.counts: Counter[str] = Counter()
        #: What no client should do.
        self.violations: list[str] = []
        self.webhook = self.secret = ""
        #: Moments of polls (monotonic seconds).
        self.polls: list[float] = []
        #: Hand out every event so many times more.
        self.replays = 0
        #: Post the bare object, or wrapped in ok and result.
        self.bare = True
        #: Answer the next calls of a method with these.
        self.faults: deque[tuple[str, int, str, int]] = deque()
        self._files: dict[str, bytes] = {}
        self._pending: deque[Json] = deque()
        self._history: list[Json] = []
        self._ids = itertools.count(1)
        self._wake = asyncio.Event()
        self._polling = 0
        self._runner: web.ServerRunner | None = None
        self._work: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> ZaloBotStandIn:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        self._runner = web.ServerRunner(web.Server(self._handle, access_log=None), shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()
        self.port = self._runner.addresses[0][1]
        self._session = ClientSession(timeout=ClientTimeout(total=10))

    async def stop(self) -> None:
        self._polling += 1
        self._wake.set()
        for task in self._work:
            task.cancel()
        await self._session.close()
        if self._runner is not None:
            await self._runner.cleanup()

    # ------------------------------------------------------------------ people

    def phone(self, number: int, name: str = "Lan") -> Phone:
        if number not in self.phones:
            self.phones[number] = Phone(self, number, name)
        return self.phones[number]

    def keep(self, content: bytes) -> str:
        """A public address of these bytes."""
        name = f"{next(self._ids)}.jpg"
        self._files[name] = content
        return f"{self.url}/media/{name}"

    def push(self, phone: Phone, event_name: str, fields: Json, **chat: str) -> str:
        """An event of this person; returns its message id."""
        phone.opened = True
        phone.blocked = False
        id = f"{next(self._ids):020x}"
        message = {
            "message_id": id,
            "date": int(time.time() * 1000),
            "chat": {"id": phone.id, "chat_type": "PRIVATE", **chat},
            "from": {"id": phone.id, "display_name": phone.name, "is_bot": False},
            **fields,
        }
        self.push_raw({"event_name": event_name, "message": message})
        return id

    def push_raw(self, event: Json) -> None:
        self._history.append(event)
        if self.webhook:
            self._soon(event)
            return
        self._pending.extend([event] * (1 + self.replays))
        self._wake.set()

    def again(self, last: int = 4) -> None:
        """Hand out once more what was handed out last."""
        for event in self._history[-last:]:
            if self.webhook:
                self._soon(event)
            else:
                self._pending.append(event)
        self._wake.set()

    def _soon(self, event: Json) -> None:
        task = asyncio.get_running_loop().create_task(self._post(event))
        self._work.add(task)
        task.add_done_callback(self._work.discard)

    async def _post(self, event: Json) -> None:
        body = event if self.bare else {"ok": True, "result": event}
        await self.post(json.dumps(body).encode())

    async def post(self, body: bytes, secret: str | None = None) -> int:
        """Post to the webhook; returns the status."""
        headers = {"X-Bot-Api-Secret-Token": self.secret if secret is None else secret, "User-Agent": "Java/21"}
        async with self._session.post(self.webhook, data=io.BytesIO(body), headers=headers) as answer:
            await answer.read()
            return answer.status

    # ------------------------------------------------------------------ HTTP

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.path.startswith("/media/"):
            content = self._files.get(request.path.removeprefix("/media/"))
            return web.Response(body=content) if content is not None else web.Response(status=404)
        token, _, method = request.path.removeprefix("/bot").partition("/")
        self.counts[method] += 1
        try:
            if token != self.token:
                # measured: a junk token is answered with HTTP 200
                raise _Refusal(401, "Unauthorized")
            for fault in list(self.faults):
                if fault[0] == method:
                    self.faults.remove(fault)
                    raise _Refusal(fault[1], fault[2], fault[3])
            result = await self._answer(method, await _parameters(request))
        except _Refusal as refusal:
            body = {"ok": False, "error_code": refusal.code, "description": refusal.description}
            return web.json_response(body, status=refusal.status)
        return web.json_response({"ok": True, "result": result})

    async def _answer(self, method: str, given: Json) -> Any:
        match method:
            case "getMe":
                return {"id": "1459", "account_name": "bot.nhipcau", "account_type": "BASIC", "can_join_groups": False}
            case "getUpdates":
                return await self._update(float(given.get("timeout") or 30))
            case "setWebhook":
                return self._set_webhook(given)
            case "deleteWebhook":
                self.webhook = ""
                return {"url": "", "updated_at": 1}
            case "getWebhookInfo":
                if not self.webhook:
                    raise _Refusal(404, "Webhook not found", 404)
                return {"url": self.webhook, "updated_at": 1}
            case "sendMessage":
                return self._take(given, str(given.get("text") or ""), b"")
            case "sendPhoto":
                content = await self._fetch(str(given.get("photo") or ""))
                return self._take(given, str(given.get("caption") or ""), content)
        raise _Refusal(400, "Bad Request: no such method")

    def _set_webhook(self, given: Json) -> Json:
        secret = str(given.get("secret_token") or "")
        if not str(given.get("url") or "").startswith("http") or not 8 <= len(secret) <= 256:
            raise _Refusal(400, "Bad Request: url and secret_token are required")
        self.webhook, self.secret = str(given["url"]), secret
        while self._pending:
            self._soon(self._pending.popleft())
        return {"url": self.webhook, "updated_at": 1, "verification": {"ok": True, "status_code": 200}}

    async def _update(self, seconds: float) -> Json:
        if self.webhook:
            raise _Refusal(400, "Bad Request: webhook is active")
        self.polls.append(time.monotonic())
        self._polling += 1
        mine = self._polling
        ends = time.monotonic() + seconds
        while not self._pending and time.monotonic() < ends and mine == self._polling:
            self._wake.clear()
            try:
                await asyncio.wait_for(self._wake.wait(), max(0.0, ends - time.monotonic()))
            except TimeoutError:
                break
        if not self._pending or mine != self._polling:
            raise _Refusal(408, "Request timeout", 408)
        return self._pending.popleft()

    def _take(self, given: Json, text: str, photo: bytes) -> Json:
        if not 1 <= len(text.encode("utf-16-le")) // 2 <= _MOST and not (photo and not text):
            self.violations.append(f"{len(text)} characters")
            raise _Refusal(400, "Bad Request: text must be 1 to 2000 characters")
        if "parse_mode" in given:
            self.violations.append("markup")
        phone = next((p for p in self.phones.values() if p.id == given.get("chat_id")), None)
        if phone is None or not phone.opened:
            raise _Refusal(404, "Not Found: chat not found")
        if phone.blocked:
            raise _Refusal(400, "Bad Request: user has blocked the bot")
        id = f"{next(self._ids):020x}"
        phone.take(Received(id, text, photo))
        return {"message_id": id, "date": int(time.time() * 1000)}

    async def open_link(self, url: str) -> tuple[str, bytes]:
        """What a phone's browser makes of an address: the name and the bytes of a download."""
        async with self._session.get(URL(url, encoded=True)) as answer:
            assert answer.status == 200, answer.status
            return download_name(answer.headers.get("Content-Disposition", "")), await answer.read()

    async def _fetch(self, url: str) -> bytes:
        async with self._session.get(url) as answer:
            if answer.status != 200:
                raise _Refusal(400, "Bad Request: photo can't be fetched")
            return await answer.read()


def download_name(header: str) -> str:
    """The name a browser gives a download: that with all its letters where there is one (RFC 6266)."""
    found = re.search(r"filename\*=UTF-8''([^;]+)", header) or re.search(r'filename="([^"]*)"', header)
    return unquote(found[1]) if found else ""


async def _parameters(request: web.BaseRequest) -> Json:
    body = await request.read()
    if request.content_type == "application/json":
        return dict(json.loads(body or b"{}"))
    return dict(await request.post())
