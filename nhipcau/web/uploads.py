"""Files that phones send: read into memory within bounds, never onto the disk as they came (R03, R21)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from nhipcau.web.chat_requests import BODY, SILENCE, Refusal, body_length

#: Bytes of files being received or opened at once: two of the largest, or many as phones shrink them.
AT_ONCE = 42_000_000
#: Seconds to wait for room; seconds a file may take, and bytes a second beyond them.
WAIT, LONGEST, SLOWEST = 20.0, 60.0, 10_000


class NoRoom(Exception):
    """Too many files are on their way; later there is room again."""


class _InMemory(MultiPartParser):
    # a raw picture, with the place it was taken at, must not lie in a temporary folder
    spool_max_size = 2 * AT_ONCE


class UploadRoom:
    """Room for files in memory, and the way each is read. `silence`: seconds without a byte after which one is given
    up; `wait`: seconds to wait for room."""

    def __init__(self, silence: float = SILENCE, wait: float = WAIT) -> None:
        self._silence = silence
        self._wait = wait
        self._taken = 0
        self._sending: set[str] = set()
        self._freed = asyncio.Condition()

    @asynccontextmanager
    async def taken(self, length: int, session: str) -> AsyncIterator[None]:
        """Room for this many bytes of this session, which sends one file at a time. Raises NoRoom where none becomes
        free."""
        try:
            async with asyncio.timeout(self._wait), self._freed:
                await self._freed.wait_for(lambda: self._is_free(length, session))
                self._taken += length
                self._sending.add(session)
        except TimeoutError:
            raise NoRoom from None
        try:
            yield
        finally:
            self._taken -= length
            self._sending.discard(session)
            async with self._freed:
                self._freed.notify_all()

    def _is_free(self, length: int, session: str) -> bool:
        return session not in self._sending and self._taken + length <= AT_ONCE

    async def read(self, request: Request, *, fields: int, most: int) -> FormData:
        """The form, with at most one file. Raises Refusal, and TimeoutError for what comes too slowly."""
        length, stream = body_length(request), self._stream(request, most)
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        parser: FormParser | MultiPartParser
        if kind == "multipart/form-data":
            parser = _InMemory(request.headers, stream, max_files=1, max_fields=fields)
        elif kind == "application/x-www-form-urlencoded" and length <= BODY:
            parser = FormParser(request.headers, stream, max_fields=fields)
        else:
            raise Refusal(400, "not a form with a file")
        try:
            async with asyncio.timeout(LONGEST + length / SLOWEST):
                return await parser.parse()
        except (MultiPartException, KeyError, ValueError) as error:
            raise Refusal(400, "not a form with a file") from error

    async def _stream(self, request: Request, most: int) -> AsyncGenerator[bytes, None]:
        got = 0
        while True:
            async with asyncio.timeout(self._silence):
                message = await request.receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            chunk = message.get("body", b"")
            got += len(chunk)
            if got > most:
                raise Refusal(413, "too large")
            if chunk:
                yield chunk
            if not message.get("more_body", False):
                break
        yield b""


async def content_of(upload: UploadFile, most: int) -> bytes:
    """Its bytes, one more than `most` where it has more; what held them is let go."""
    data = await upload.read(most + 1)
    await upload.close()
    return data
