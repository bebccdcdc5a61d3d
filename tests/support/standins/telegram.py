"""A stand-in of Telegram's Bot API over real sockets: it refuses what Telegram refuses and fails on demand.

In tests: `async with TelegramStandIn(token) as tg`, then `tg.url`, `tg.phone(…)`. As a process, for benchmarks:
`python -m tests.support.standins.telegram --port N --token T`, steered by the /control paths (see telegram_control.py).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import re
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.support.standins.telegram_answers import Answers, Refusal, Upload
from tests.support.standins.telegram_webhook import Poster

_TOKEN = re.compile(r"^\d+:[A-Za-z0-9_-]+$")
#: Parameters that arrive as JSON inside a form field.
_NESTED = ("reply_markup", "link_preview_options", "allowed_updates", "commands", "entities", "scope")
_UPLOAD = 60_000_000


@dataclass(slots=True)
class Fault:
    """Something that goes wrong with the next `times` calls of `method` ("*": any, "file": downloads)."""

    method: str
    times: int
    status: int
    body: bytes
    #: Seconds before anything happens.
    delay: float
    #: Do what was asked, then cut the connection without an answer.
    reset: bool


class TelegramStandIn(Answers):
    """One bot at a Bot API of our own. `strict`: check every call and update, with aiogram as second reader."""

    def __init__(
        self, token: str = "123456:A-stand-in-token", *, port: int = 0, strict: bool = True, open_chats: bool = False
    ) -> None:
        super().__init__(strict=strict, open_chats=open_chats)
        self.token = token
        self.port = port
        #: Calls by method; with `strict` also each call's parameters, in order.
        self.counts: Counter[str] = Counter()
        self.calls: list[tuple[str, dict[str, Any]]] = []
        #: What aiogram could not read, or what the Bot API does not know.
        self.violations: list[str] = []
        #: Ids of updates handed out, in order, repeated where handed out again, and the highest offset confirmed.
        self.handed: list[int] = []
        self.confirmed = 0
        self._history: dict[int, dict[str, Any]] = {}
        self._pending: deque[dict[str, Any]] = deque()
        self._again: list[dict[str, Any]] = []
        self.faults: list[Fault] = []
        self._ids = itertools.count(700_000_001)
        self._wake = asyncio.Event()
        self._poll = 0
        self._runner: web.ServerRunner | None = None
        #: Send files without saying how long they are.
        self.chunked_files = False
        #: Posts updates while a webhook is set.
        self.poster: Poster | None = None
        self.control: Callable[[str, Any], object] | None = None

    # ------------------------------------------------------------------ life

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> TelegramStandIn:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen; after a `stop` on the same port again, everything remembered."""
        server = web.Server(self._handle, access_log=None, handler_cancellation=True, request_factory=_request)
        self._runner = web.ServerRunner(server, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Close the socket and every connection: nobody answers any more."""
        if self.poster is not None:
            await self.poster.close()
        runner, self._runner = self._runner, None
        if runner is not None:
            self._poll += 1
            self._rouse()
            await runner.cleanup()

    # ------------------------------------------------------------------ what tests do to it

    def fault(
        self,
        method: str = "*",
        *,
        times: int = 1,
        status: int = 0,
        body: bytes | dict[str, Any] = b"",
        delay: float = 0.0,
        reset: bool = False,
    ) -> None:
        """Let calls fail: answer `status` and `body`, or be slow by `delay` seconds, or `reset` after taking it."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.faults.append(Fault(method, times, status, raw, delay, reset))

    def flood(self, seconds: float | None, method: str = "*", times: int = 1) -> None:
        """Answer 429, with `retry_after` unless None."""
        parameters = {} if seconds is None else {"parameters": {"retry_after": seconds}}
        answer = {"ok": False, "error_code": 429, "description": "Too Many Requests", **parameters}
        self.fault(method, times=times, status=429, body=answer)

    def break_down(self, method: str = "*", times: int = 1, status: int = 502) -> None:
        """Answer with a web server's page."""
        self.fault(method, times=times, status=status, body=b"<html><h1>502 Bad Gateway</h1></html>")

    def mend(self) -> None:
        """End every fault."""
        self.faults.clear()

    def push(self, content: dict[str, Any]) -> int:
        """Queue an update made of `content`, checked by the second reader; returns its id."""
        update = {"update_id": next(self._ids), **content}
        self.timing.asked(content)
        if self.strict:
            from tests.support.standins.telegram_strict import unreadable_update

            if problem := unreadable_update(update):
                self.violations.append(problem)
        return self.push_raw(update)

    def push_raw(self, update: dict[str, Any]) -> int:
        """Queue any update as it is, malformed ones too; without an id it is given the next."""
        if "update_id" not in update:
            update = {"update_id": next(self._ids), **update}
        self._history[update["update_id"]] = update
        self._pending.append(update)
        if self.webhook and self.poster:
            self.poster.post(update)
        self._rouse()
        return int(update["update_id"])

    def hooked(self) -> None:
        """Telegram posts what waits, to the address set last."""
        self.poster = Poster(self.webhook, self.webhook_secret, self._taken)
        for update in self._pending:
            self.poster.post(update)

    def _taken(self, update: dict[str, Any]) -> None:
        self.handed.append(update["update_id"])
        if update in self._pending:
            self._pending.remove(update)

    def redeliver(self, *ids: int) -> None:
        """Hand these updates out once more with the next answer, below the confirmed offset too."""
        if self.webhook and self.poster:
            for id in ids:
                self.poster.post(self._history[id])
            return
        self._again += [self._history[id] for id in ids]
        self._rouse()

    @property
    def waiting(self) -> int:
        """How many updates are not confirmed yet."""
        return len(self._pending)

    # ------------------------------------------------------------------ HTTP

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path
        if path.startswith("/bot"):
            token, _, method = path[4:].partition("/")
            return await self._guarded(request, token, method, lambda: self._api(request, method))
        if path.startswith("/file/bot"):
            token, _, name = path[9:].partition("/")
            return await self._guarded(request, token, "file", lambda: self._file(name))
        if path.startswith("/control/") and self.control is not None:
            body = await request.read()
            return _json(200, self.control(path[9:], json.loads(body) if body else {}))
        return _refused(Refusal(404, "Not Found"))

    async def _guarded(
        self,
        request: web.BaseRequest,
        token: str,
        method: str,
        answer: Callable[[], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        """Token first, then whatever fault is due, then the answer."""
        self.counts[method] += 1
        fault = self._due(method) if self.faults else None
        if fault is not None and fault.delay:
            await asyncio.sleep(fault.delay)
        if fault is not None and fault.status:
            kind = "text/html" if fault.body.startswith(b"<") else "application/json"
            return web.Response(status=fault.status, body=fault.body, content_type=kind)
        if token != self.token:
            known = _TOKEN.match(token)
            return _refused(Refusal(401, "Unauthorized") if known else Refusal(404, "Not Found"))
        try:
            response = await answer()
        except Refusal as refusal:
            response = _refused(refusal)
        if fault is not None and fault.reset and request.transport is not None:
            request.transport.abort()
        return response

    def _due(self, method: str) -> Fault | None:
        for fault in self.faults:
            if fault.method in ("*", method):
                fault.times -= 1
                if fault.times <= 0:
                    self.faults.remove(fault)
                return fault
        return None

    async def _api(self, request: web.BaseRequest, method: str) -> web.StreamResponse:
        parameters = await _parameters(request)
        if self.strict:
            self.calls.append((method, parameters))
            self._read_twice(method, parameters)
        if method == "getUpdates":
            return _json(200, {"ok": True, "result": await self._updates(parameters)})
        return _json(200, {"ok": True, "result": self.answer(method, parameters)})

    def _read_twice(self, method: str, parameters: dict[str, Any]) -> None:
        from tests.support.standins.telegram_strict import unreadable_call

        if problem := unreadable_call(method, parameters):
            self.violations.append(problem)
            raise Refusal(400, f"Bad Request: {problem}")

    async def _file(self, name: str) -> web.StreamResponse:
        content = self.files.get(name.removeprefix("photos/").removesuffix(".jpg"))
        if content is None:
            raise Refusal(404, "Not Found")
        if self.chunked_files:
            return web.Response(body=_pieces(content), content_type="application/octet-stream")
        return web.Response(body=content, content_type="application/octet-stream")

    # ------------------------------------------------------------------ polling

    async def _updates(self, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        if self.webhook:
            raise Refusal(
                409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete it"
            )
        self._poll += 1
        mine = self._poll
        self._rouse()
        self._confirm(int(parameters.get("offset") or 0))
        limit = min(int(parameters.get("limit") or 100), 100)
        ends = time.monotonic() + float(parameters.get("timeout") or 0)
        while True:
            if mine != self._poll:
                raise Refusal(
                    409,
                    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
                )
            if self._again or self._pending or time.monotonic() >= ends:
                # what is not confirmed comes anyway, in its order: never a later one without the earlier ones
                late = [update for update in self._again if update["update_id"] < self.confirmed]
                again, self._again = late[: limit // 2], late[limit // 2 :]
                updates = again + list(itertools.islice(self._pending, limit - len(again)))
                self.handed += [update["update_id"] for update in updates]
                return updates
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), ends - time.monotonic())

    def _rouse(self) -> None:
        """Wake whoever polls now; who polls next waits for a new event."""
        self._wake.set()
        self._wake = asyncio.Event()

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            while len(self._pending) > -offset:
                self._pending.popleft()
            return
        self.confirmed = max(self.confirmed, offset)
        while self._pending and self._pending[0]["update_id"] < self.confirmed:
            update = self._pending.popleft()
            if not self.strict:
                self._history.pop(update["update_id"], None)


def _request(*parts: Any) -> web.BaseRequest:
    message, payload, protocol, writer, task = parts
    return web.BaseRequest(
        message, payload, protocol, writer, task, asyncio.get_running_loop(), client_max_size=_UPLOAD
    )


async def _parameters(request: web.BaseRequest) -> dict[str, Any]:
    if request.content_type == "application/json":
        parameters: dict[str, Any] = json.loads(await request.read() or b"{}")
    else:
        parameters = {}
        for name, value in (await request.post()).items():
            parameters[name] = _upload(value) if isinstance(value, web.FileField) else value
    for name in _NESTED:
        if isinstance(parameters.get(name), str):
            parameters[name] = json.loads(parameters[name])
    return parameters


def _upload(field: web.FileField) -> Upload:
    upload = Upload(field.file.read())
    # as Telegram does: what stands there is the name, escapes of an address included
    upload.name = field.filename
    return upload


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 65_536):
        yield content[start : start + 65_536]


def _json(status: int, answer: object) -> web.Response:
    return web.Response(status=status, body=json.dumps(answer).encode(), content_type="application/json")


def _refused(refusal: Refusal) -> web.Response:
    more = {"parameters": {"retry_after": refusal.retry_after}} if refusal.retry_after else {}
    answer = {"ok": False, "error_code": refusal.status, "description": refusal.description, **more}
    return _json(refusal.status, answer)


async def _serve(port: int, token: str, strict: bool) -> None:
    from tests.support.standins.telegram_control import Control

    async with TelegramStandIn(token, port=port, strict=strict, open_chats=True) as standin:
        standin.control = Control(standin)
        print(f"listening {standin.url}", flush=True)
        await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(description="A stand-in of Telegram's Bot API")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--token", default="123456:A-stand-in-token")
    parser.add_argument("--strict", action="store_true")
    options = parser.parse_args()
    try:
        asyncio.run(_serve(options.port, options.token, options.strict))
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
