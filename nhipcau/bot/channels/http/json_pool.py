"""Posts JSON to one server over connections that stay open: what a channel does thousands of times an hour.

aiohttp is used for everything else (files, proxies, downloads); it takes six times the processor time a call
(docs/decisions/0034). Answers are parsed by httptools, uvicorn's parser; asyncio does connections, TLS and DNS.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from functools import partial
from urllib.parse import urlsplit

from httptools import HttpParserError, HttpResponseParser

#: Bytes of the longest answer that is read.
_MAX_ANSWER_BYTES = 20_000_000
#: Header line of a JSON body.
JSON = b"Content-Type: application/json\r\n"
#: Seconds after which an idle connection is not used again: the server may be about to close it.
_IDLE = 20.0


class ConnectionFailed(Exception):
    """The request was not written: no connection, or none free in time."""


class Unanswered(Exception):
    """The request was written and no readable answer came: it may have been carried out."""


class _Connection(asyncio.Protocol):
    """One connection to the server; one request at a time."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._parser = HttpResponseParser(self)
        self._body = bytearray()
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        #: Whether the answer's headers have come, and whether they give its length.
        self._headed = self._measured = False
        #: When it was last used (seconds of the loop's clock).
        self.used = 0.0

    def is_good(self) -> bool:
        """Whether another request may be sent on it."""
        transport = self._transport
        return transport is not None and not transport.is_closing() and self._loop.time() - self.used < _IDLE

    def begin(self, request: bytes) -> asyncio.Future[tuple[int, bytes]]:
        self._answer = self._loop.create_future()
        self._body.clear()
        self._headed = self._measured = False
        assert self._transport is not None
        self._transport.write(request)
        return self._answer

    def drop(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    # ------------------------------------------------------------------ called by asyncio

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # a stream's transport
        self.used = self._loop.time()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except HttpParserError:
            self.drop()

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer is None or self._answer.done():
            return
        if self._headed and not self._measured and error is None:
            # an answer without a length ends with its connection
            self._answer.set_result((self._parser.get_status_code(), bytes(self._body)))
        else:
            self._answer.set_exception(Unanswered())

    # ------------------------------------------------------------------ called by the parser

    def on_header(self, name: bytes, value: bytes) -> None:
        self._measured = self._measured or name.lower() in {b"content-length", b"transfer-encoding"}

    def on_headers_complete(self) -> None:
        self._headed = True

    def on_body(self, body: bytes) -> None:
        self._body += body
        if len(self._body) > _MAX_ANSWER_BYTES:
            self.drop()

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200:
            self._headed = self._measured = False
            return
        if not self._parser.should_keep_alive():
            self.drop()
        else:
            self.used = self._loop.time()
        if self._answer is not None and not self._answer.done():
            self._answer.set_result((status, bytes(self._body)))


class JsonPool:
    """A pool of connections to one server. `pool`: how many at most; `connect`: seconds until one must be free."""

    def __init__(self, address: str, pool: int, connect: float) -> None:
        parts = urlsplit(address)
        self._host = parts.hostname or ""
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._port = parts.port or (443 if self._tls else 80)
        self._host_line = f"Host: {parts.netloc.rpartition('@')[2]}\r\n".encode()
        self._connect = connect
        #: Connections that may still be taken or opened, and who waits for one. By hand, since an asyncio.Semaphore
        #: with a time limit costs as much as the call itself.
        self._room = pool
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._idle: deque[_Connection] = deque()

    async def post(self, path: str, body: bytes, seconds: float, head: bytes = JSON) -> tuple[int, bytes]:
        """Status and body of the answer, which must come within `seconds`; `head`: more header lines, each with its
        line end. Raises ConnectionFailed, Unanswered."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + seconds
        if self._room:
            self._room -= 1
        else:
            await self._wait_for_room(loop)
        try:
            connection = self._take() or await self._open()
            request = b"POST %b HTTP/1.1\r\n%b%bContent-Length: %d\r\n\r\n%b" % (
                path.encode(),
                self._host_line,
                head,
                len(body),
                body,
            )
            answer = connection.begin(request)
            timer = loop.call_at(ends, _give_up, answer)
            try:
                found = await answer
            except BaseException:
                connection.drop()
                raise
            finally:
                timer.cancel()
            if connection.is_good():
                self._idle.append(connection)
            return found
        finally:
            self._make_room()

    async def _wait_for_room(self, loop: asyncio.AbstractEventLoop) -> None:
        """Wait for a free connection. Raises ConnectionFailed after the time to connect."""
        place: asyncio.Future[None] = loop.create_future()
        self._waiting.append(place)
        timer = loop.call_later(self._connect, _too_late, place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled() and place.exception() is None:
                # cancelled just after the connection was handed to us
                self._make_room()
            raise
        finally:
            timer.cancel()

    def _make_room(self) -> None:
        """Hand the connection on to whoever has waited longest."""
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(None)
                return
        self._room += 1

    def _take(self) -> _Connection | None:
        while self._idle:
            # the one used last, so that spare ones time out
            connection = self._idle.pop()
            if connection.is_good():
                return connection
            connection.drop()
        return None

    async def _open(self) -> _Connection:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._connect):
                _, connection = await loop.create_connection(
                    partial(_Connection, loop), self._host, self._port, ssl=self._tls
                )
        except (OSError, TimeoutError):
            raise ConnectionFailed from None
        return connection

    async def close(self) -> None:
        while self._idle:
            self._idle.pop().drop()


def _too_late(place: asyncio.Future[None]) -> None:
    if not place.done():
        place.set_exception(ConnectionFailed())


def _give_up(answer: asyncio.Future[tuple[int, bytes]]) -> None:
    if not answer.done():
        answer.set_exception(Unanswered())
