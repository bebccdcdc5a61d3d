"""A stranger shuts nobody out: bounds of time and bytes for requests, of connections and waits (R36)."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from typing import Any

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from nhipcau.web import addresses, connections
from nhipcau.web.server import HttpServer
from nhipcau.web.waits import OF_A_SESSION
from tests.support.processes import PROGRAM, Running, environment, free_port
from tests.support.web_client import ask
from tests.support.web_office import WebOffice, invitations

pytestmark = pytest.mark.slow

#: Bytes: more than the system holds for a connection.
PICTURE = 12_000_000
HEAD = b"POST / HTTP/1.1\r\nHost: x\r\n"

# ---------------------------------------------------------------------- one connection


@asynccontextmanager
async def served(monkeypatch: pytest.MonkeyPatch, **bounds: float) -> AsyncIterator[int]:
    """A server that answers with the length of what it heard, with other bounds; at /news not before the end. Its
    port."""
    for name, value in bounds.items():
        monkeypatch.setattr(connections, name, value)
    over = asyncio.Event()

    async def app(scope: object, receive: object, send: object) -> None:
        request = Request(scope, receive)  # type: ignore[arg-type]
        refused = request.url.path == "/refused"
        if request.url.path == "/news":
            await over.wait()
        answer: Response = PlainTextResponse("no" if refused else str(len(await request.body())))
        if request.url.path == "/picture":
            answer = PlainTextResponse("x" * PICTURE)
        await answer(scope, receive, send)  # type: ignore[arg-type]

    port = free_port()
    ours = HttpServer([("127.0.0.1", port, app)], ["127.0.0.1"])
    serving = asyncio.create_task(ours.serve())
    await asyncio.sleep(0.1)
    try:
        yield port
    finally:
        over.set()
        ours.stop()
        await serving


async def spoken(port: int, *pieces: bytes, pause: float = 0.0) -> bytes:
    """What the server says to these pieces before it hangs up, which it must."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def write() -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)

    writing = asyncio.create_task(write())
    said = b""
    try:
        async with asyncio.timeout(15):
            while piece := await reader.read(10_000):
                said += piece
    except ConnectionError:
        pass
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    writer.close()
    return said


async def test_what_does_not_arrive_whole_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    async with served(monkeypatch, HEAD=0.4, BODY=0.4, AFTER_ANSWER=0.3, IDLE=0.4, SLOWEST=1e9) as port:
        drops = [b"x"] * 100
        said = await asyncio.gather(
            spoken(port),
            spoken(port, HEAD),
            spoken(port, b"POST / HTTP/1.1\r\nX: ", *drops, pause=0.1),
            spoken(port, HEAD + b"Content-Length: 500\r\n\r\n", *drops, pause=0.1),
            spoken(port, HEAD + b"Transfer-Encoding: chunked\r\n\r\n", *[b"1\r\nx\r\n"] * 100, pause=0.1),
        )
        assert list(said) == [b""] * 5
        # refused before the body: the answer is given, and the rest is not heard for long
        refused = await spoken(
            port, b"POST /refused HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n", *drops, pause=0.1
        )
        assert refused.endswith(b"no")
        # a whole request is answered, and silence after it ends the connection
        whole = await spoken(port, HEAD + b"Content-Length: 3\r\n\r\nabc")
        assert whole.endswith(b"3")


async def test_silence_between_requests_is_counted_by_us_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}
    of_uvicorn = uvicorn.Config

    def noted(app: Any, **settings: Any) -> uvicorn.Config:
        given.update(settings)
        return of_uvicorn(app, **settings)

    monkeypatch.setattr(uvicorn, "Config", noted)
    async with served(monkeypatch):
        assert given["timeout_keep_alive"] > connections.IDLE


async def test_an_answer_on_its_way_to_a_slow_phone_is_no_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    async with served(monkeypatch, IDLE=0.3, SLOWEST=400_000) as port:
        with socket.create_connection(("127.0.0.1", port)) as phone:
            phone.sendall(b"GET /picture HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            phone.setblocking(False)
            got = 0
            while piece := await asyncio.get_running_loop().sock_recv(phone, 1_000_000):
                got += len(piece)
                await asyncio.sleep(0.1)
        assert got > PICTURE
    # whoever reads nothing for longer is hung up on
    async with served(monkeypatch, SLOWEST=1e9) as port:
        with socket.create_connection(("127.0.0.1", port)) as phone:
            phone.sendall(b"GET /picture HTTP/1.1\r\nHost: x\r\n\r\n")
            await asyncio.sleep(2)
            phone.settimeout(5)
            assert len(await asyncio.to_thread(_all_of, phone)) < PICTURE


def _all_of(phone: socket.socket) -> bytes:
    pieces = []
    try:
        while piece := phone.recv(1_000_000):
            pieces.append(piece)
    except ConnectionError:
        pass
    return b"".join(pieces)


async def test_heads_and_unsaid_bodies_have_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    async with served(monkeypatch) as port:
        large = b"".join(b"X-%d: %s\r\n" % (n, b"x" * 1000) for n in range(400))
        assert await spoken(port, HEAD + large) == b""
        chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        said = await spoken(port, HEAD + b"Transfer-Encoding: chunked\r\n\r\n", *[chunk] * 40)
        assert not said.startswith(b"HTTP/1.1 200")
        # as much as it says is heard
        body = b"x" * 3_000_000
        head = HEAD + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
        assert (await spoken(port, head + body)).endswith(b"3000000")


async def test_who_waits_for_an_answer_is_not_heard_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    async with served(monkeypatch) as port:
        news = b"POST /news HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
        # a second head without end, and many small requests at once
        for more in ([b"GET / HTTP/1.1\r\n", *[b"X: %s\r\n" % (b"x" * 1000)] * 400], [b"GET / HTTP/1.1\r\n\r\n" * 9]):
            assert await spoken(port, news, *more, pause=0.0) == b""


async def test_the_newest_comes_in_where_all_room_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    async with served(monkeypatch, _MOST=20, _LEAST=20) as port:
        half = [await asyncio.open_connection("127.0.0.1", port) for _ in range(60)]
        for _, writer in half:
            writer.write(HEAD)
        await asyncio.sleep(0.2)
        for _ in range(5):
            assert (await spoken(port, HEAD + b"Connection: close\r\nContent-Length: 3\r\n\r\nabc")).endswith(b"3")
        for _, writer in half:
            writer.close()


@pytest.mark.parametrize(
    ("given", "visitor"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::"),
        ("", ""),
    ],
)
def test_one_network_is_one_visitor(given: str, visitor: str) -> None:
    assert addresses.same_visitor(given) == visitor


# ---------------------------------------------------------------------- a real process with 256 descriptors


class Bounded(Running):
    def _start(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            command = ["/bin/sh", "-c", 'ulimit -n 256; exec "$0" run', str(PROGRAM)]
            settings = environment(self.folder, **self._settings)
            return subprocess.Popen(command, cwd=self.folder, env=settings, stdout=log, stderr=subprocess.STDOUT)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebOffice]:
    folder = tmp_path_factory.mktemp("office")
    unit, coordinator, cards = asyncio.run(invitations(folder))
    service = Bounded(folder)
    service.wait_ready()
    try:
        yield WebOffice(service, unit, coordinator, iter(cards))
        assert service.stop() == 0
        assert "Traceback" not in service.log.read_text()
    finally:
        if service.process.poll() is None:
            service.kill()


def a_stranger_comes(office: WebOffice) -> None:
    for _ in range(5):
        assert ask(office.port, "GET", "/healthz").status == 200
    device = office.device()
    device.start()
    assert "đồng ý tham gia chứ?" in device.read()


@pytest.mark.slow
def test_half_written_heads_shut_nobody_out(office: WebOffice) -> None:
    with ExitStack() as held:
        for _ in range(300):
            half = held.enter_context(socket.create_connection(("127.0.0.1", office.port)))
            half.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Half: ")
        a_stranger_comes(office)


@pytest.mark.slow
def test_half_sent_bodies_shut_nobody_out(office: WebOffice) -> None:
    device = office.started()
    head = f"POST {device.door}/send HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: nc={device.token}\r\n"
    with ExitStack() as held:
        for _ in range(300):
            half = held.enter_context(socket.create_connection(("127.0.0.1", office.port)))
            half.sendall(f"{head}Content-Type: application/json\r\nContent-Length: 60000\r\n\r\n".encode() + b'{"id": ')
        a_stranger_comes(office)


@pytest.mark.slow
def test_waiting_phones_of_one_stranger_shut_nobody_out(office: WebOffice) -> None:
    device = office.started()
    got = json.dumps({"got": [message["key"] for message in device.shown]})
    head = f"POST {device.door}/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: nc={device.token}\r\n"
    ask_for_news = f"{head}Content-Type: application/json\r\nContent-Length: {len(got)}\r\n\r\n{got}".encode()
    with ExitStack() as held:
        phones = []
        for _ in range(260):
            phones.append(held.enter_context(socket.create_connection(("127.0.0.1", office.port))))
            phones[-1].sendall(ask_for_news)
        a_stranger_comes(office)
        silent = phones
        # a busy machine answers later, but long before a wait for news ends
        until = time.monotonic() + 20
        while len(silent) > OF_A_SESSION and time.monotonic() < until:
            silent = [phone for phone in silent if not _has_news(phone)]
        assert len(silent) <= OF_A_SESSION


def _has_news(phone: socket.socket) -> bool:
    """Whether it was answered, or hung up on."""
    phone.settimeout(0.01)
    try:
        phone.recv(10)
    except TimeoutError:
        return False
    except OSError:
        return True
    return True


@pytest.mark.slow
def test_a_line_of_the_log_stands_for_many_faulty_requests(office: WebOffice) -> None:
    before = office.log.count("Invalid HTTP request")
    for _ in range(50):
        with socket.create_connection(("127.0.0.1", office.port)) as line:
            line.sendall(b"\x16\x03\x01nonsense\r\n\r\n")
            answer = line.recv(1000).lower()
            assert answer.startswith(b"http/1.1 400")
            assert b"x-content-type-options: nosniff" in answer
    assert office.log.count("Invalid HTTP request") - before <= 1
