"""Requests no app and no browser sends, by the thousand, at every door of a running service: `make fuzz COUNT=10000`.

Each is a valid one with something broken: its method, path, heads, lengths, encodings, or a place inside its body. What
comes back must never be a 5xx, nothing may end in a traceback, and memory stays flat.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from nhipcau.app import channel_parts
from nhipcau.context import build
from nhipcau.settings import Settings
from tests.support.processes import Running, running
from tests.support.web_client import Visitor, with_picture
from tests.support.web_office import invitations

TELEGRAM, ZALO_BOT, APP, OA_SECRET = "123456:AAtoken_of_a_bot_of_ours_x", "9:zalo_token_x", "1", "oa"
#: Nobody answers there.
NOWHERE = "http://127.0.0.1:9"
APPS = {
    "TELEGRAM_TOKEN": TELEGRAM,
    "TELEGRAM_API": NOWHERE,
    "ZALO_BOT_TOKEN": ZALO_BOT,
    "ZALO_BOT_API": NOWHERE,
    "ZALO_OA_ID": "3",
    "ZALO_OA_APP_ID": APP,
    "ZALO_OA_APP_SECRET": "s",
    "ZALO_OA_OA_SECRET": OA_SECRET,
    "ZALO_OA_API": NOWHERE,
    "ZALO_OA_AUTH": NOWHERE,
}
METHODS = ("GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "CONNECT", "PROPFIND", "get", "X" * 40)
PATHS = (
    "",
    "/start",
    "/send",
    "/open",
    "/leave",
    "/form",
    "/qr?link=x",
    "/photo",
    "/file",
    "/photo/x.jpg",
    "/messages",
    "/send",
    "/send",
)
OTHERS = (
    "/",
    "/healthz",
    "/readyz",
    "/metrics",
    "/c",
    "/c?code=%ff%00",
    "/robots.txt",
    "/sw.js",
    "/static/../x",
    "/demo",
)
SIGNED = (
    "/p/1/x/0123456789abcdef.jpg",
    "/p/%F0/x/y",
    "/d/9999999999999999999999/x/0123456789abcdef.pdf/a%00.pdf",
    "//evil/",
)
LENGTHS = ("-1", "0", "1", "99999999999999999999", "1e3", "0x10", "", "٣", "5, 5", "1\r\nContent-Length: 2")
TYPES = (
    "application/json",
    "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded",
    "text/\xff",
    "",
    "x" * 5000,
)
ODD: tuple[Any, ...] = (
    *(None, "", -1, 0, 1e308, 2**70, -(2**63), True, [], {}, [[]], "\ud800", "\0", "x" * 5000, "‮", "é" * 300, "0", "1"),
    *([1] * 200, {"a": {"b": {}}}, "/start " + "A" * 300, "'; DROP TABLE x; --", "{{7*7}}", "%s%n", "../../etc/passwd"),
)
UPDATE = {
    "update_id": 1,
    "message": {
        "message_id": 1,
        "date": 1790000000,
        "chat": {"id": 5, "type": "private"},
        "from": {"id": 5, "is_bot": False, "first_name": "Lan"},
        "text": "báo cáo",
        "photo": [{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1, "file_size": 5}],
        "caption": "x",
    },
}
BOT_EVENT = {
    "event_name": "message.text.received",
    "message": {"message_id": "m", "date": 1790000000000, "text": "x", "chat": {"id": "c"}, "from": {"id": "f"}},
}
OA_EVENT = {
    "event_name": "user_send_text",
    "app_id": APP,
    "sender": {"id": "5"},
    "recipient": {"id": "3"},
    "message": {
        "msg_id": "m",
        "text": "x",
        "attachments": [{"type": "image", "payload": {"url": "https://a.zdn.vn/x"}}],
    },
}
ACTS: tuple[dict[str, Any], ...] = (
    {"id": "abcd-1", "text": "x", "data": "", "ref": ""},
    {"id": "abcd-2"},
    {"got": ["a"]},
    {},
)


@dataclass
class Seen:
    statuses: Counter[int] = field(default_factory=Counter)
    #: What was answered with a 5xx: the request's beginning.
    failed: list[str] = field(default_factory=list)
    #: Bytes of memory of the service in use, before and after.
    before: int = 0
    after: int = 0
    seconds: float = 0.0


class Breaker:
    """Makes the requests. `secrets`: of each app's webhook."""

    def __init__(self, seed: int, device: Visitor, secrets: dict[str, str]) -> None:
        self._by_chance = random.Random(seed)
        self._device = device
        self._secrets = secrets

    def request(self) -> bytes:
        chance = self._by_chance
        path, headers, body = chance.choice((self._chat, self._chat, self._hook, self._other))()
        usual = "POST" if body else "GET"
        method = chance.choice(METHODS) if chance.random() < 0.15 else usual
        headers = {"Host": "127.0.0.1", "Connection": "close", "Content-Length": str(len(body)), **headers}
        if chance.random() < 0.2:
            self._break_head(headers)
        if chance.random() < 0.1:
            path = self._broken(path.encode()).decode("latin-1").replace(" ", "%20").replace("\n", "%0a")
        if chance.random() < 0.2:
            body = self._broken(body)
            if chance.random() < 0.7:
                headers["Content-Length"] = str(len(body))
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        whole = f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode("utf-8", "replace") + body
        return self._broken(whole) if chance.random() < 0.05 else whole

    def _chat(self) -> tuple[str, dict[str, str], bytes]:
        chance = self._by_chance
        path = chance.choice(PATHS)
        door = (
            self._device.door
            if chance.random() < 0.8
            else f"/c/{chance.choice(('x', 'A' * 41, '%00', 'é', 'ABCDEFGH.'))}"
        )
        # one that waits for news answers in its own time
        cookies = self._device.cookies if chance.random() < 0.85 and path != "/messages" else {"Cookie": "nc=a.b"}
        if path in {"/photo", "/file", "/form"} and chance.random() < 0.8:
            id = self._odd_text() if chance.random() < 0.3 else f"id-{chance.randrange(9999)}"
            body, kind = with_picture(chance.choice((b"x" * 3000, b"%PDF-1.4 x", b"\xff\xd8\xff" + bytes(500))), id)
            return door + path, {**cookies, **kind}, body
        act = self._changed(chance.choice(ACTS))
        if isinstance(act, dict) and chance.random() < 0.7:
            act = {**act, "id": f"id-{chance.randrange(10**6)}"}
        return door + path, {**cookies, "Content-Type": "application/json"}, _json(act)

    def _hook(self) -> tuple[str, dict[str, str], bytes]:
        chance = self._by_chance
        name = chance.choice(("telegram", "zalo-bot", "zalo-oa"))
        if name == "zalo-oa":
            event = self._changed({**OA_EVENT, "timestamp": str(int(time.time() * 1000))})
            body = _json(event)
            moment = event.get("timestamp") if isinstance(event, dict) else ""
            signed = APP.encode() + body + str(moment).encode("utf-8", "replace") + OA_SECRET.encode()
            return f"/hooks/{name}", {"X-ZEvent-Signature": "mac=" + hashlib.sha256(signed).hexdigest()}, body
        header = "X-Telegram-Bot-Api-Secret-Token" if name == "telegram" else "X-Bot-Api-Secret-Token"
        event = {**UPDATE, "update_id": chance.randrange(10**9)} if name == "telegram" else dict(BOT_EVENT)
        return f"/hooks/{name}", {header: self._secrets[name]}, _json(self._changed(event))

    def _other(self) -> tuple[str, dict[str, str], bytes]:
        return self._by_chance.choice(OTHERS + SIGNED), {}, b""

    def _changed(self, body: dict[str, Any]) -> Any:
        """With an odd value at some places inside."""
        changed: Any = json.loads(json.dumps(body))
        for _ in range(self._by_chance.randrange(4)):
            places = list(_places(changed))
            if not places:
                return deepcopy(self._by_chance.choice(ODD))
            holder, key = self._by_chance.choice(places)
            holder[key] = deepcopy(self._by_chance.choice(ODD))
        return changed

    def _break_head(self, headers: dict[str, str]) -> None:
        chance = self._by_chance
        name, values = chance.choice(
            (
                ("Content-Length", LENGTHS),
                ("Content-Type", TYPES),
                ("Transfer-Encoding", ("chunked", "gzip, chunked", "x")),
                ("Cookie", ("nc=" + "a" * 5000, "nc=é.é", "\xff=;;;", "nc=; nc=", "=")),
                ("Host", ("evil.example", "", "a b", "[::1", "127.0.0.1:99999")),
                ("Origin", ("null", "http://evil", "\xff")),
                ("X-Forwarded-For", ("x", "1.2.3.4, 5", "é", "a" * 3000)),
                ("Expect", ("100-continue", "x")),
                ("Upgrade", ("websocket", "h2c")),
                ("Range", ("bytes=0-", "bytes=9-1")),
                ("Accept-Encoding", ("gzip;q=x", "*" * 2000)),
                ("X-Long", ("x" * 70_000,)),
                ("\xff", ("x",)),
            )
        )
        headers[name] = chance.choice(values)

    def _broken(self, data: bytes) -> bytes:
        """Cut, doubled, or with other bytes somewhere."""
        chance, broken = self._by_chance, bytearray(data)
        for _ in range(chance.randrange(1, 5)):
            at = chance.randrange(len(broken) + 1)
            kind = chance.randrange(4)
            if kind == 0:
                broken[at:at] = bytes(chance.randrange(256) for _ in range(chance.randrange(1, 9)))
            elif kind == 1:
                del broken[at : at + chance.randrange(1, 30)]
            elif kind == 2:
                broken[at:at] = broken[at : at + 40]
            elif at < len(broken):
                broken[at] = chance.randrange(256)
        return bytes(broken)

    def _odd_text(self) -> str:
        return str(self._by_chance.choice(ODD)).encode("utf-8", "replace").decode()


def _json(body: Any) -> bytes:
    return json.dumps(body).encode()


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from _places(value[key])


def _say(port: int, request: bytes, patience: float = 1.0) -> int:
    """The status of the answer; 0 where there is none, as to a request that never ends."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=patience) as line:
            line.sendall(request)
            answer = line.recv(20)
    except OSError:
        return 0
    return int(answer[9:12]) if answer[9:12].isdigit() else 0


def break_in(service: Running, breaker: Breaker, count: int) -> Seen:
    """Send so many, and look at what comes back and what memory it took."""
    seen, began = Seen(), time.monotonic()
    warm = min(count // 4, 500)
    for number in range(count):
        if number == warm:
            seen.before = memory(service.process.pid)
        request = breaker.request()
        status = _say(service.port, request)
        seen.statuses[status] += 1
        if status >= 500:
            seen.failed.append(f"{status} {request[:300]!r}")
    seen.after, seen.seconds = memory(service.process.pid), time.monotonic() - began
    return seen


def memory(pid: int) -> int:
    """Bytes of resident memory of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096


async def _secrets(folder: Path) -> dict[str, str]:
    given: dict[str, Any] = {"data_dir": folder, "database_url": f"sqlite+aiosqlite:///{folder}/n.db"}
    settings = Settings(_env_file=None, **given)
    parts = build(settings)
    made = channel_parts(settings, parts)
    await parts.database.close()
    return {
        "telegram": made.webhook_secret("telegram", TELEGRAM),
        "zalo-bot": made.webhook_secret("zalo_bot", ZALO_BOT),
    }


@contextmanager
def open_service(folder: Path, seed: int) -> Iterator[tuple[Running, Breaker]]:
    """A service with every door, and somebody who has joined."""
    unit, _, _ = asyncio.run(invitations(folder))
    with running(folder, **APPS) as service:
        device = Visitor(service.port, unit)
        device.join()
        yield service, Breaker(seed, device, asyncio.run(_secrets(folder)))


def main(count: int, seed: int) -> int:
    with TemporaryDirectory() as name, open_service(Path(name), seed) as (service, breaker):
        seen = break_in(service, breaker, count)
        log = service.log.read_text()
    print(f"{count} requests (seed {seed}) in {seen.seconds:.0f} s; answers: {dict(sorted(seen.statuses.items()))}")
    print(f"memory {seen.before // 1_000_000} → {seen.after // 1_000_000} MB; tracebacks {log.count('Traceback')}")
    print("\n".join(seen.failed[:20]))
    return 1 if seen.failed or "Traceback" in log else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1))
