"""Connections to our own server: how long a request may take to arrive, how many there may be, who gives way.

uvicorn bounds neither a head's size nor the time a head or a body takes. Here each has its bound, and where all room is
taken, whoever sends nothing whole gives way to whoever comes (docs/decisions/0058).
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import re
import resource
import time
from collections import Counter
from collections.abc import Collection
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from nhipcau.web.addresses import parsed, same_visitor

#: Seconds for a head to arrive whole; for the rest of a body after its answer was given; of silence between requests.
HEAD, AFTER_ANSWER, IDLE = 10.0, 5.0, 15.0
#: Seconds any body may take, and bytes a second beyond them, as for an answer: pictures of and for a phone far from its
#: mast arrive.
BODY, SLOWEST = 30.0, 5_000
#: Bytes of a head, and of a body that does not say its length.
MOST_HEAD, MOST_UNSAID = 64_000, 1_100_000
#: Requests that may wait behind the one that is being answered: browsers and proxies send none.
MOST_BEHIND = 4
#: Descriptors kept for the database, files and calls to the apps; connections at most, whatever the system allows.
_KEPT, _MOST, _LEAST = 96, 4_000, 32
#: Seconds between two lines of the log about the same fault of a request.
_LOG_PAUSE = 60.0


class Crowd:
    """All open connections. `most`: of all together; `proxies`: addresses and networks that speak for many people and
    have no share of their own."""

    def __init__(self, most: int = 0, proxies: Collection[str] = ()) -> None:
        self.most = most or room()
        #: Of one address that is no proxy.
        self.share = max(self.most // 4, 16)
        self._proxies = [ipaddress.ip_network(each, strict=False) for each in proxies]
        self._open: set[Connection] = set()
        self._by_address: Counter[str] = Counter()

    def admit(self, new: Connection) -> None:
        """Count a new connection; where there are too many, end the one that matters least."""
        self._open.add(new)
        self._by_address[new.visitor] += 1
        if self._by_address[new.visitor] > self.share and not self._is_proxy(new):
            self._end_one(new, [each for each in self._open if each.visitor == new.visitor])
        elif len(self._open) > self.most:
            self._end_one(new, self._open)

    def _is_proxy(self, new: Connection) -> bool:
        found = parsed(new.client[0] if new.client else "")
        return found is not None and any(found in each for each in self._proxies)

    def forget(self, gone: Connection) -> None:
        if gone in self._open:
            self._open.discard(gone)
            self._by_address[gone.visitor] -= 1
            if not self._by_address[gone.visitor]:
                del self._by_address[gone.visitor]

    def _end_one(self, new: Connection, among: Collection[Connection]) -> None:
        """Those that wait for a head go before those that wait for a body, and these before those that wait for their
        answer, the oldest of which wait for news; first of the address with most of them."""
        candidates = (each for each in among if each is not new)
        least = min(candidates, key=lambda c: (c.phase, -self._by_address[c.visitor], c.since), default=new)
        self.forget(least)
        least.transport.abort()


def room() -> int:
    """Connections this process can have and still open its files."""
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(min(_MOST if allowed < 0 else allowed - _KEPT, _MOST), _LEAST)


#: What a connection waits for: a head, a body, its answer.
WAITING, BODY_PHASE, ANSWER = 0, 1, 2


class Connection(HttpToolsProtocol):
    """uvicorn's protocol, with bounds in time and bytes."""

    def __init__(self, crowd: Crowd, **of_uvicorn: Any) -> None:
        super().__init__(**of_uvicorn)
        self._crowd = crowd
        self.visitor = ""
        self.phase = WAITING
        #: When it began to wait for what it waits for (seconds of the loop's clock).
        self.since = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._arrived = 0
        self._most = MOST_HEAD

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.visitor = same_visitor(self.client[0] if self.client else "")
        self._wait(WAITING, HEAD, MOST_HEAD)
        self._crowd.admit(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._crowd.forget(self)
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        if self.phase == WAITING and not self._arrived:
            self._wait(WAITING, HEAD, MOST_HEAD)
        self._arrived += len(data)
        super().data_received(data)
        if self._arrived > self._most:
            self.transport.abort()

    def on_headers_complete(self) -> None:
        if len(self.pipeline) >= MOST_BEHIND:
            self.transport.abort()
            # nothing more of what arrived is parsed
            raise ConnectionAbortedError
        length = next((value for name, value in self.headers if name == b"content-length"), b"")
        said = int(length) if re.fullmatch(rb"[0-9]{1,15}", length) else MOST_UNSAID
        # the first piece of the body came with the head
        self._wait(BODY_PHASE, BODY + said / SLOWEST, said + MOST_HEAD)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        if self.cycle is not None and self.cycle.response_complete:
            self._wait(WAITING, IDLE, MOST_HEAD)
        else:
            # what comes meanwhile is the head of another request
            self.phase, self._arrived, self._most = ANSWER, 0, MOST_HEAD
            self._stop_timer()

    def on_response_complete(self) -> None:
        if self.phase == BODY_PHASE:
            # refused before it was heard: whoever still sends is heard for a moment, so that the answer can be read
            self._wait(BODY_PHASE, AFTER_ANSWER, self._most)
        elif not self.pipeline:
            # an answer that is still on its way to a slow phone is no silence
            self._wait(WAITING, IDLE + self.transport.get_write_buffer_size() / SLOWEST, MOST_HEAD)
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        plain = [(b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store")]
        given = self.server_state.default_headers
        self.server_state.default_headers = [*given, *plain]
        try:
            super().send_400_response(msg)
        finally:
            self.server_state.default_headers = given

    def _wait(self, phase: int, seconds: float, most: int) -> None:
        self._stop_timer()
        self.phase, self.since, self._arrived, self._most = phase, self.loop.time(), 0, most
        self._timer = self.loop.call_later(seconds, self.transport.abort)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class SeldomLogged(logging.Filter):
    """Lets each line through once a minute: what a stranger sends does not fill the disk."""

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        now = time.monotonic()
        if now - self._last.get(record.msg, -_LOG_PAUSE) < _LOG_PAUSE:
            return False
        self._last[record.msg] = now
        return True


def log_seldom() -> None:
    """What uvicorn says of faulty requests, once a minute each."""
    log = logging.getLogger("uvicorn.error")
    if not any(isinstance(each, SeldomLogged) for each in log.filters):
        log.addFilter(SeldomLogged())
