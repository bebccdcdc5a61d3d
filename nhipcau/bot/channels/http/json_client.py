"""JSON calls and downloads of a channel. Every failure becomes a ChannelError without addresses or library texts."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

import structlog
from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    TCPConnector,
    ThreadedResolver,
)
from aiohttp.abc import ResolveResult
from pydantic_core import from_json
from yarl import URL

from nhipcau.bot.channels.http.file_hosts import is_host_of, is_public
from nhipcau.bot.channels.http.json_pool import JSON, ConnectionFailed, JsonPool, Unanswered
from nhipcau.bot.messaging.channel import AnswerLost, AppDown, ChannelError, FileTooBig, NotSent, Refused

_log = structlog.get_logger()
#: Seconds to connect, for a whole call, and for a file.
CONNECT, CALL, FILE = 5.0, 20.0, 30.0
#: Requests for one file at most: an app's pictures are behind one or two redirects.
_MAX_GETS = 3


def encoded(parameters: Mapping[str, Any]) -> bytes:
    """JSON in UTF-8 without escapes, which halves the bytes of a Vietnamese text."""
    return json.dumps(parameters, ensure_ascii=False, separators=(",", ":")).encode()


class PublicResolver(ThreadedResolver):
    """Finds public addresses alone, whatever a name leads to."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await super().resolve(host, port, family)
        public = [each for each in found if is_public(each["host"])]
        if not public:
            raise OSError("no public address")
        return public


class JsonClient:
    """A client for one server of an app. `base`: its address, with a path at most; `files`: the domains where the app
    keeps what people send."""

    def __init__(self, base: str, pool: int = 50, files: str = "") -> None:
        parts = urlsplit(base)
        self._path = parts.path.rstrip("/")
        #: Files may be fetched over http only where calls use it too: from a stand-in on this machine.
        self._allows_http = parts.scheme == "http"
        self._file_hosts = files
        self._calls = JsonPool(base, pool, CONNECT)
        self._session: ClientSession | None = None

    async def ask(
        self, path: str, body: bytes, seconds: float = CALL, head: bytes = JSON
    ) -> tuple[int, dict[str, Any] | None]:
        """Status and JSON object of the answer; None where the body is anything else. Raises NotSent, AnswerLost."""
        error: ChannelError
        try:
            status, answer = await self._calls.post(self._path + path, body, seconds, head)
        except ConnectionFailed:
            error = NotSent()
        except Unanswered:
            error = AnswerLost()
        else:
            return status, _object(answer)
        raise error

    async def download(self, url: str, limit: int) -> bytes:
        """The file at a URL the app gave. Raises a ChannelError, FileTooBig above `limit` bytes."""
        error: ChannelError
        try:
            for _ in range(_MAX_GETS):
                found = await self._get(url, limit)
                if isinstance(found, bytes):
                    return found
                url = urljoin(url, found)
            error = Refused()
        except ChannelError as channel_error:
            error = channel_error
        except ClientConnectorError:
            error = NotSent()
        except ValueError:
            # not a URL
            error = Refused()
        except (ClientError, OSError):
            error = AnswerLost()
        raise error

    async def _get(self, url: str, limit: int) -> bytes | str:
        """The bytes, or the URL redirected to."""
        parts = urlsplit(url)
        if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and self._allows_http)):
            raise Refused
        # a stand-in's files lie where it does, on this machine
        if not self._allows_http and not is_host_of(url, self._file_hosts):
            _log.warning("file_of_unknown_host", host=parts.hostname)
            raise Refused
        async with self._file_session().get(URL(url), allow_redirects=False) as response:
            if 300 <= response.status < 400 and "Location" in response.headers:
                return response.headers["Location"]
            if response.status != 200:
                raise AppDown if response.status >= 500 else Refused
            if (response.content_length or 0) > limit:
                raise FileTooBig
            content = bytearray()
            async for chunk in response.content.iter_any():
                content += chunk
                if len(content) > limit:
                    raise FileTooBig
            return bytes(content)

    def _file_session(self) -> ClientSession:
        # made on first use: aiohttp needs a running event loop
        if self._session is None:
            timeout = ClientTimeout(total=FILE, connect=CONNECT)
            connector = None if self._allows_http else TCPConnector(resolver=PublicResolver())
            self._session = ClientSession(cookie_jar=DummyCookieJar(), timeout=timeout, connector=connector)
        return self._session

    async def close(self) -> None:
        await self._calls.close()
        session, self._session = self._session, None
        if session is not None:
            await session.close()


def code_of(value: object) -> int | None:
    """An error code, given as a number or a string of one; None for anything else."""
    try:
        return int(str(value))
    except ValueError:
        return None


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        answer = from_json(body)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None
