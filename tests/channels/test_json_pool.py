"""The lean client: every way an answer can come, or not, over a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from nhipcau.bot.channels.http.json_pool import ConnectionFailed, JsonPool, Unanswered
from tests.support.processes import free_port

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@asynccontextmanager
async def server(answer: Answer, pool: int = 2, connect: float = 1.0) -> AsyncIterator[tuple[JsonPool, list[bytes]]]:
    """A client at a server that reads whole requests and answers as told; and the heads it has read."""
    heads: list[bytes] = []
    open_ones: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_ones.append(writer)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                heads.append(head + await reader.readexactly(length))
                await answer(reader, writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    calls = JsonPool(f"http://127.0.0.1:{port}", pool, connect)
    try:
        yield calls, heads
    finally:
        await calls.close()
        listening.close()
        for writer in open_ones:
            writer.transport.abort()
        await asyncio.sleep(0.01)


def saying(raw: bytes, *, close: bool = False) -> Answer:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(raw)
        if close:
            writer.close()

    return answer


async def test_one_connection_serves_one_call_after_the_other() -> None:
    connections: set[object] = set()

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.add(writer)
        writer.write(PLAIN)

    async with server(answer) as (calls, heads):
        for n in range(5):
            assert await calls.post("/bot/x", f'{{"n":{n}}}'.encode(), 5) == (200, b"ok")
        assert len(connections) == 1
        assert heads[0].startswith(b"POST /bot/x HTTP/1.1\r\nHost: 127.0.0.1:")
        assert heads[4].endswith(b'\r\n\r\n{"n":4}')


@pytest.mark.parametrize(
    ("raw", "close", "expected"),
    [
        (b"HTTP/1.1 404 Not Found\r\ncontent-length: 3\r\n\r\nwhy", False, (404, b"why")),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", False, (200, b"abc")),
        (b"HTTP/1.1 502 Bad\r\nConnection: close\r\nContent-Length: 2\r\n\r\nxy", True, (502, b"xy")),
        (b"HTTP/1.0 200 OK\r\n\r\nuntil the end", True, (200, b"until the end")),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + PLAIN, False, (200, b"ok")),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", False, (200, b"")),
    ],
)
async def test_every_shape_of_an_answer_is_read_and_the_next_call_goes_on(
    raw: bytes, close: bool, expected: tuple[int, bytes]
) -> None:
    async with server(saying(raw, close=close)) as (calls, _):
        for _ in range(3):
            assert await calls.post("/x", b"{}", 5) == expected


@pytest.mark.parametrize("raw", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf", b"nonsense\r\n\r\n"])
async def test_no_whole_answer_is_not_taken_for_one(raw: bytes) -> None:
    async with server(saying(raw, close=True)) as (calls, _):
        for _ in range(3):
            with pytest.raises(Unanswered):
                await calls.post("/x", b"{}", 5)


async def test_a_late_answer_is_given_up_together_with_its_connection() -> None:
    slow = asyncio.Event()

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not slow.is_set():
            slow.set()
            await asyncio.sleep(0.3)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate")
            return
        writer.write(PLAIN)

    async with server(answer, pool=1) as (calls, _):
        with pytest.raises(Unanswered):
            await calls.post("/x", b"{}", 0.05)
        # the late answer is nobody's: the next call has a connection of its own
        assert await calls.post("/x", b"{}", 5) == (200, b"ok")


async def test_nobody_there_is_not_written_and_may_be_tried_again() -> None:
    calls = JsonPool(f"http://127.0.0.1:{free_port()}", 1, 0.5)
    for _ in range(3):
        with pytest.raises(ConnectionFailed):
            await calls.post("/x", b"{}", 5)
    await calls.close()


@pytest.mark.slow
async def test_connections_are_given_in_turn_or_refused_with_none_written() -> None:
    go = asyncio.Event()

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await go.wait()
        writer.write(PLAIN)

    async with server(answer, pool=1, connect=1.5) as (calls, heads):
        first = asyncio.create_task(calls.post("/first", b"{}", 30))
        while not heads:
            await asyncio.sleep(0.01)
        with pytest.raises(ConnectionFailed):
            await calls.post("/second", b"{}", 30)
        waiting = [asyncio.create_task(calls.post(f"/{n}", b"{}", 30)) for n in range(3)]
        await asyncio.sleep(0.05)
        # one who is called off while waiting takes nobody's place
        waiting[0].cancel()
        go.set()
        assert await first == (200, b"ok")
        assert await asyncio.gather(*waiting[1:]) == [(200, b"ok")] * 2
        assert [head.split(b" ")[1] for head in heads] == [b"/first", b"/1", b"/2"]


async def test_a_cancelled_call_frees_its_connection_and_its_place() -> None:
    async with server(saying(b""), pool=1, connect=1.5) as (calls, heads):
        for n in range(3):
            call = asyncio.create_task(calls.post(f"/{n}", b"{}", 5))
            while len(heads) <= n:
                await asyncio.sleep(0.01)
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)
        assert len(heads) == 3
