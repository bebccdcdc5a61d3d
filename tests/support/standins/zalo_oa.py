"""A stand-in of Zalo's Official Account API over real sockets: it refuses what the real one is documented to refuse.

Tokens are used once, access ends with its renewal, posts are signed over their very bytes, nobody silent for seven days
may be written to, pictures are uploaded first and in bounds. Answers have HTTP 200.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import itertools
import json
import re
import time
from collections import Counter, deque
from typing import Any
from urllib.parse import parse_qs

from aiohttp import ClientSession, ClientTimeout, web

from tests.support.standins.zalo_phone import Inbox, Received

Json = dict[str, Any]
APP_ID, APP_SECRET, OA_SECRET, OA_ID = (
    "360846524940903967",
    "app-secret-canary",
    "oa-secret-canary",
    "388613280878808645",
)
_WEEK = 7 * 24 * 3600.0
_TEMPLATE = {"template_type", "elements", "buttons"}
_BUTTONS = {"oa.query.hide", "oa.query.show", "oa.open.url", "oa.open.phone", "oa.open.sms"}


class _Refusal(Exception):
    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def _request(*parts: Any) -> web.BaseRequest:
    message, payload, protocol, writer, task = parts
    loop = asyncio.get_running_loop()
    return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=10_000_000)


class Phone(Inbox):
    def __init__(self, standin: ZaloOAStandIn, number: int, name: str) -> None:
        super().__init__(name)
        self.standin = standin
        self.id = f"2468458835{number:08d}"
        #: When they last did something (seconds of the stand-in's clock); None: never.
        self.acted: float | None = None

    async def say(self, text: str, **more: Any) -> Json:
        return await self.standin.act(self, "user_send_text", {"text": text}, **more)

    async def press(self, payload: str) -> Json:
        """What a button carries is sent as the person's text."""
        return await self.say(payload)

    async def choose(self, label: str) -> Json:
        """Press the button of this label, or type its number, or the label itself."""
        for message in reversed(self.messages):
            if label in message.buttons:
                return await self.press(message.buttons[label])
            if label in message.choices:
                return await self.say(message.numbers.get(label, label))
        raise LookupError(f"no choice {label!r} in {self.last.text!r}")

    async def show(self, content: bytes, caption: str = "", kind: str = "image") -> Json:
        url = self.standin.keep(content)
        attachment = {"type": kind, "payload": {"url": url, "thumbnail": url}}
        return await self.standin.act(self, f"user_send_{kind}", {"text": caption, "attachments": [attachment]})

    async def send_file(self, content: bytes, name: str) -> Json:
        """A document, as the app's own button sends it; its size comes as a string."""
        payload = {"url": self.standin.keep(content), "size": str(len(content)), "name": name, "checksum": "0"}
        attachment = {"type": "file", "payload": {**payload, "type": name.rpartition(".")[2]}}
        return await self.standin.act(self, "user_send_file", {"attachments": [attachment]})

    async def follow(self, how: str = "follow") -> Json:
        body = {"oa_id": OA_ID, "follower": {"id": self.id}, "user_id_by_app": "55", "source": "oa_profile"}
        return await self.standin.post(self, {"event_name": how, **body})


class ZaloOAStandIn:
    """One account: its API, its OAuth server, its webhook."""

    def __init__(self, *, port: int = 0) -> None:
        self.port = port
        self.webhook = ""
        self.phones: dict[int, Phone] = {}
        self.counts: Counter[str] = Counter()
        self.violations: list[str] = []
        #: Statuses our posts were answered with.
        self.statuses: list[int] = []
        #: Post "mac=…", or the digest alone.
        self.with_mac = True
        #: Error codes for the next messages, 0 for one that goes well.
        self.faults: deque[int] = deque()
        #: Added to the time of day (seconds), to let windows close.
        self.ahead = 0.0
        #: Codes an office's consent gave: code → verifier's challenge.
        self.codes: dict[str, str] = {}
        self.refresh, self.access = "refresh-canary-0", ""
        self.used: set[str] = set()
        #: Seconds until a renewal is answered, after it was done.
        self.slow_tokens = 0.0
        self._files: dict[str, bytes] = {}
        self._uploads: dict[str, bytes] = {}
        #: Documents by token: name, bytes, and when they were uploaded.
        self._documents: dict[str, tuple[str, bytes, float]] = {}
        self._ids = itertools.count(1)
        self._runner: web.ServerRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> ZaloOAStandIn:
        server = web.Server(self._handle, access_log=None, request_factory=_request)
        self._runner = web.ServerRunner(server, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()
        self.port = self._runner.addresses[0][1]
        self._session = ClientSession(timeout=ClientTimeout(total=30))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()
        assert self._runner is not None
        await self._runner.cleanup()

    def phone(self, number: int, name: str = "Lan") -> Phone:
        if number not in self.phones:
            self.phones[number] = Phone(self, number, name)
        return self.phones[number]

    def keep(self, content: bytes) -> str:
        name = f"{next(self._ids)}.jpg"
        self._files[name] = content
        return f"{self.url}/media/{name}"

    def now(self) -> float:
        return time.time() + self.ahead

    def revoke(self) -> None:
        """The owner takes the permission back: both tokens are dead."""
        self.access, self.refresh = "", ""

    # ------------------------------------------------------------------ the webhook

    async def act(self, phone: Phone, event_name: str, message: Json, **more: Any) -> Json:
        body = {
            "event_name": event_name,
            "sender": {"id": phone.id},
            "recipient": {"id": OA_ID},
            "user_id_by_app": "552177279717587730",
            "message": {"msg_id": f"{next(self._ids):019x}", **message},
            **more,
        }
        return await self.post(phone, body)

    async def post(self, phone: Phone | None, body: Json) -> Json:
        """Sign it and post it; the person has acted. Returns what was posted."""
        if phone is not None:
            phone.acted = self.now()
            phone.blocked = body["event_name"] == "unfollow"
        whole = {"app_id": APP_ID, "timestamp": str(int(self.now() * 1000)), **body}
        raw = json.dumps(whole, ensure_ascii=False).encode()
        await self.post_raw(raw, self.sign(raw, whole))
        return whole

    def sign(self, raw: bytes, body: Json) -> str:
        signed = str(body["app_id"]).encode() + raw + str(body["timestamp"]).encode() + OA_SECRET.encode()
        digest = hashlib.sha256(signed).hexdigest()
        return f"mac={digest}" if self.with_mac else digest

    async def post_raw(self, raw: bytes, signature: str) -> int:
        """Post these bytes; returns the status."""
        headers = {"X-ZEvent-Signature": signature, "Content-Type": "application/json"}
        async with self._session.post(self.webhook, data=io.BytesIO(raw), headers=headers) as answer:
            await answer.read()
        self.statuses.append(answer.status)
        return answer.status

    # ------------------------------------------------------------------ HTTP

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path
        self.counts[path] += 1
        if path.startswith("/media/"):
            content = self._files.get(path.removeprefix("/media/"))
            return web.Response(body=content) if content is not None else web.Response(status=404)
        body = await request.read()
        try:
            if path == "/v4/oa/access_token":
                answer = self._tokens(request, body)
                await asyncio.sleep(self.slow_tokens)
                return web.json_response(answer)
            if request.headers.get("access_token") != self.access or not self.access:
                raise _Refusal(-216, "Access token is invalid or expired")
            if path == "/v3.0/oa/message/cs":
                data = self._message(json.loads(body))
            elif path == "/v2.0/oa/upload/image":
                data = self._upload(body, request.content_type)
            elif path == "/v2.0/oa/upload/file":
                data = self._upload_document(body, request.content_type)
            elif path == "/v2.0/oa/getoa":
                data = {"oa_id": OA_ID, "name": "Nhịp Cầu"}
            else:
                raise _Refusal(-201, "no such path")
        except _Refusal as refusal:
            return web.json_response({"error": refusal.code, "message": refusal.message})
        return web.json_response({"error": 0, "message": "Success", "data": data})

    def _tokens(self, request: web.BaseRequest, body: bytes) -> Json:
        fields = {key: values[0] for key, values in parse_qs(body.decode()).items()}
        wrong = {"error": -14014, "error_name": "Invalid token"}
        if request.headers.get("secret_key") != APP_SECRET or fields.get("app_id") != APP_ID:
            return wrong
        if request.content_type != "application/x-www-form-urlencoded":
            self.violations.append("token asked as " + request.content_type)
        if fields.get("grant_type") == "authorization_code":
            digest = hashlib.sha256(fields.get("code_verifier", "").encode()).digest()
            if self.codes.pop(fields.get("code", ""), None) != base64.urlsafe_b64encode(digest).decode().rstrip("="):
                return wrong
        else:
            given = fields.get("refresh_token", "")
            if given in self.used:
                self.violations.append("a refresh token was used twice")
            if not given or given != self.refresh:
                return wrong
            self.used.add(given)
        number = next(self._ids)
        self.access, self.refresh = f"access-canary-{number}", f"refresh-canary-{number}"
        return {"access_token": self.access, "refresh_token": self.refresh, "expires_in": "90000"}

    def _message(self, body: Json) -> Json:
        if self.faults and (code := self.faults.popleft()):
            raise _Refusal(code, "as the test wants it")
        phone = next((p for p in self.phones.values() if p.id == body["recipient"]["user_id"]), None)
        if phone is None:
            raise _Refusal(-201, "user_id is invalid")
        if phone.acted is None or self.now() - phone.acted >= _WEEK:
            self.violations.append("written to outside the window")
            raise _Refusal(-230, "User has not interacted with the OA in the past 7 days")
        if phone.blocked:
            raise _Refusal(-244, "User has restricted this type of message from your OA")
        received = self._received(body["message"])
        phone.take(received)
        return {"message_id": received.id, "user_id": phone.id, "sent_time": str(int(self.now() * 1000))}

    def _received(self, message: Json) -> Received:
        attachment = message.get("attachment") or {}
        text, payload = str(message.get("text") or ""), attachment.get("payload") or {}
        if attachment.get("type") == "file":
            return self._document(text, payload)
        if attachment and (attachment.get("type") != "template" or set(payload) - _TEMPLATE):
            raise self._wrong("attachment")
        if len(text) > 2000 or not (text or payload):
            raise self._wrong("text")
        received = Received(f"{next(self._ids):032x}", text)
        for button in payload.get("buttons", ()):
            is_known = button.get("type") in _BUTTONS and len(button.get("title", "")) <= 100
            if not is_known or not 0 < len(button.get("payload", "")) <= 1000:
                raise self._wrong("button")
            received.buttons[button["title"]] = button["payload"]
        if len(received.buttons) > 5 or ("buttons" in payload and not text):
            raise self._wrong("buttons")
        if payload.get("template_type") == "media":
            received.photo = self._uploads.get(payload["elements"][0].get("attachment_id", ""), b"")
            if not received.photo or "buttons" in payload:
                raise self._wrong("media")
        return received

    def _document(self, text: str, payload: Json) -> Received:
        """A document by its token, which this very app was given within the week, and nothing beside it."""
        name, content, at = self._documents.get(str(payload.get("token") or ""), ("", b"", 0.0))
        if text or set(payload) != {"token"}:
            raise self._wrong("something beside a file")
        if not content or self.now() - at >= _WEEK:
            raise self._wrong("token")
        return Received(f"{next(self._ids):032x}", "", file=content, file_name=name)

    def _wrong(self, what: str) -> _Refusal:
        self.violations.append(what)
        return _Refusal(-201, f"{what} is invalid")

    def _upload_document(self, body: bytes, kind: str) -> Json:
        head, _, rest = body.partition(b"\r\n\r\n")
        content = rest.rpartition(b"\r\n--")[0]
        found = re.search(rb'name="file"; filename="([^"\r\n]+)"', head)
        name = found[1].decode() if found else ""
        if not kind.startswith("multipart/form-data") or len(content) > 5 * 1_048_576:
            raise self._wrong("upload of a file")
        # what it is called, and what it is
        starts = {"pdf": b"%PDF", "doc": b"\xd0\xcf\x11\xe0", "docx": b"PK\x03\x04"}
        if not content.startswith(starts.get(name.rpartition(".")[2], b"none of these")):
            raise self._wrong("type of a file")
        token = f"token{next(self._ids)}"
        self._documents[token] = name, content, self.now()
        return {"token": token}

    def _upload(self, body: bytes, kind: str) -> Json:
        head, _, rest = body.partition(b"\r\n\r\n")
        content = rest.rpartition(b"\r\n--")[0]
        if not kind.startswith("multipart/form-data") or b'name="file"' not in head or len(content) > 1_048_576:
            raise self._wrong("upload")
        id = f"upload{next(self._ids)}"
        self._uploads[id] = content
        return {"attachment_id": id}
