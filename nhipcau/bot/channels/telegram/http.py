"""The HTTP transport of the Telegram channel, which turns failures into the errors of the channel contract.

python-telegram-bot's own HTTP class is several times slower, and its errors tell neither whether a message may have
arrived nor whether a token is wrong. So this transport raises `Failure` with a ChannelError, chosen by the phase that
failed, the status and the answer. No exception text of a library is passed on, since those contain the token.
"""

from __future__ import annotations

import io
import json
from functools import lru_cache
from typing import Any, cast
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, DummyCookieJar, FormData, TCPConnector
from aiohttp.client import ClientRequest
from aiohttp.connector import BaseConnector, Connection
from aiohttp.tracing import Trace
from pydantic_core import from_json
from telegram.error import TelegramError
from telegram.request import BaseRequest, RequestData
from yarl import URL

from nhipcau.bot.channels.http.json_pool import ConnectionFailed, JsonPool, Unanswered
from nhipcau.bot.messaging.channel import (
    AnswerLost,
    AppDown,
    ChannelError,
    FileTooBig,
    Gone,
    NotSent,
    Refused,
    TokenBad,
    TooMany,
)

#: Seconds to connect, including DNS, proxy, TLS and waiting for a free connection.
CONNECT = 5.0
#: Seconds for a whole call; uploads and downloads of files have more.
CALL = 20.0
FILE = 45.0
_JSON = {"Content-Type": "application/json"}


class NotModified(Refused):
    """The edit would change nothing, which the caller treats as success."""


class PollingConflict(AppDown):
    """Another program polls this bot, or a webhook is set."""

    reason = "conflict"


class Failure(TelegramError):
    """Carries a ChannelError through python-telegram-bot, which passes on subclasses of its own error unchanged."""

    def __init__(self, error: ChannelError) -> None:
        super().__init__(error.reason)
        self.error = error


class NoConnection(ClientError):
    """A failure before the first byte of a request was written."""


class _ConnectErrors:
    """Raises `NoConnection` for every failure to connect, since only then is a message certainly not sent."""

    async def connect(self, req: ClientRequest, traces: list[Trace], timeout: ClientTimeout) -> Connection:
        try:
            return await cast(BaseConnector, super()).connect(req, traces, timeout)
        except Exception:
            pass
        raise NoConnection


class _Direct(_ConnectErrors, TCPConnector):
    pass


def _connector(proxy: str | None, pool: int) -> tuple[BaseConnector, str | None]:
    """A connection pool, and the proxy for aiohttp if it is an HTTP proxy; a SOCKS proxy is part of the connector."""
    if proxy is None or proxy.startswith(("http://", "https://")):
        return _Direct(limit=pool), proxy
    from aiohttp_socks import ProxyConnector

    class _Socks(_ConnectErrors, ProxyConnector):
        pass

    url = proxy.replace("socks5h://", "socks5://", 1)
    return cast(BaseConnector, _Socks.from_url(url, rdns=True, limit=pool)), None


def failure_of(method: str, status: int, body: bytes) -> Failure:
    """The error for an answer that isn't 2xx with `ok`; `method` is the API's ("sendMessage"), or "file"."""
    if status == 429:
        return Failure(TooMany(_retry_after(body)))
    if status == 413:
        return Failure(Refused())
    answer = _object(body)
    if answer is None and method != "file":
        # not from Telegram but from something in between: a firewall's 403 page must make nobody unreachable
        return Failure(AppDown())
    return Failure(_named(method, status, str((answer or {}).get("description", "")).lower()))


def _named(method: str, status: int, description: str) -> ChannelError:
    if status == 400:
        return _bad_request(description)
    if status == 404:
        if method == "getMe":
            return TokenBad()
        return Refused() if method == "file" else AppDown()
    kind = {401: TokenBad, 403: Refused if method == "file" else Gone, 409: PollingConflict}.get(status, AppDown)
    return kind()


def _bad_request(description: str) -> ChannelError:
    if "chat not found" in description:
        return Gone()
    if "not modified" in description:
        return NotModified()
    if "file is too big" in description:
        return FileTooBig()
    return Refused()


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        answer = from_json(body)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def _retry_after(body: bytes) -> float:
    parameters = (_object(body) or {}).get("parameters")
    seconds = parameters.get("retry_after") if isinstance(parameters, dict) else None
    return float(seconds) if isinstance(seconds, int | float) and seconds > 0 else 1.0


def encoded(parameters: dict[str, Any]) -> bytes:
    """JSON in UTF-8 without escapes, which halves the bytes of a Vietnamese text."""
    return json.dumps(parameters, ensure_ascii=False, separators=(",", ":")).encode()


#: Cached: there are only a dozen methods.
_address = lru_cache(maxsize=64)(URL)


@lru_cache(maxsize=64)
def _server_and_path(url: str) -> tuple[str, str]:
    """The server's address, and the path."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}", parts.path


@lru_cache(maxsize=16)
def _timeout(seconds: float) -> ClientTimeout:
    return ClientTimeout(total=seconds, connect=CONNECT)


class AiohttpRequest(BaseRequest):
    """One pool of connections to the Bot API. Raises `Failure` and nothing else (and lets cancellation through)."""

    __slots__ = ("_calls", "_patience", "_pool", "_proxy", "_session")

    def __init__(self, proxy: str | None = None, pool: int = 100, patience: float = CALL) -> None:
        self._proxy = proxy
        self._pool = pool
        self._patience = patience
        self._session: ClientSession | None = None
        self._calls: JsonPool | None = None

    @property
    def read_timeout(self) -> float:
        return self._patience

    async def initialize(self) -> None:
        self._open()

    def _open(self) -> ClientSession:
        # made on first use: aiohttp needs a running event loop
        if self._session is None:
            connector, proxy = _connector(self._proxy, self._pool)
            self._session = ClientSession(
                connector=connector,
                proxy=proxy,
                cookie_jar=DummyCookieJar(),
                # Telegram ignores these
                skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding"),
                timeout=ClientTimeout(total=CALL, connect=CONNECT),
            )
        return self._session

    async def shutdown(self) -> None:
        calls, self._calls = self._calls, None
        if calls is not None:
            await calls.close()
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *timeouts: object, **ignored: object
    ) -> tuple[int, bytes]:
        """Called by python-telegram-bot. Its time-outs are only default markers, so ours are used."""
        headers: dict[str, str] | None = _JSON
        data: bytes | FormData = b"{}"
        seconds = self._patience
        if request_data is not None and request_data.contains_files:
            headers, data, seconds = None, _form(request_data), FILE
        elif request_data is not None:
            data = encoded(request_data.parameters)
        return 200, await self._exchange(url, data, headers, seconds)

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The answer if it is ok, else raises Failure(AppDown). The library's own method would log the body."""
        answer = _object(payload)
        if answer is None or answer.get("ok") is not True or "result" not in answer:
            raise Failure(AppDown())
        return answer

    async def call(self, url: str, parameters: dict[str, Any], seconds: float = 0.0) -> Any:
        """The result of an API method as plain JSON, not the library's objects; `seconds`: the time limit, if given."""
        return await self.call_json(url, encoded(parameters), seconds)

    async def call_json(self, url: str, body: bytes, seconds: float = 0.0) -> Any:
        """The same with parameters already encoded as JSON."""
        return self.parse_json_payload(await self.tell(url, body, seconds))["result"]

    async def tell(self, url: str, body: bytes, seconds: float = 0.0) -> bytes:
        """The same, returning the answer unparsed."""
        if self._proxy is None:
            return await self._call_directly(url, body, seconds or self._patience)
        return await self._exchange(url, body, _JSON, seconds or self._patience)

    async def _call_directly(self, url: str, body: bytes, seconds: float) -> bytes:
        base, path = _server_and_path(url)
        if self._calls is None:
            self._calls = JsonPool(base, self._pool, CONNECT)
        failure: Failure
        try:
            status, answer = await self._calls.post(path, body, seconds)
        except ConnectionFailed:
            failure = Failure(NotSent())
        except Unanswered:
            failure = Failure(AnswerLost())
        else:
            if 200 <= status < 300:
                return answer
            failure = failure_of(path.rpartition("/")[2], status, answer)
        raise failure

    async def download(self, url: str, limit: int) -> bytes:
        """The bytes of a file; raises Failure(FileTooBig) as soon as there are more than `limit`."""
        failure: Failure
        try:
            async with self._open().get(
                URL(url, encoded=True), timeout=ClientTimeout(total=FILE, connect=CONNECT), allow_redirects=False
            ) as response:
                if response.status == 200:
                    return await _bounded(response, limit)
                failure = failure_of("file", response.status, await response.read())
        except Failure as named:
            failure = named
        except NoConnection:
            failure = Failure(NotSent())
        except (ClientError, OSError, ValueError):
            failure = Failure(AnswerLost())
        raise failure

    async def _exchange(
        self, url: str, data: bytes | FormData, headers: dict[str, str] | None, seconds: float
    ) -> bytes:
        timeout = _timeout(seconds)
        failure: Failure
        try:
            async with self._open().post(
                _address(url), data=data, headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                body = await response.read()
                if 200 <= response.status < 300:
                    return body
                failure = failure_of(url.rpartition("/")[2], response.status, body)
        except NoConnection:
            failure = Failure(NotSent())
        except (ClientError, OSError, ValueError):
            failure = Failure(AnswerLost())
        # raised outside `except`, so that it has no context: a library's error would contain our token
        raise failure


async def _bounded(response: ClientResponse, limit: int) -> bytes:
    if (response.content_length or 0) > limit:
        raise Failure(FileTooBig())
    content = bytearray()
    async for chunk in response.content.iter_any():
        content += chunk
        if len(content) > limit:
            raise Failure(FileTooBig())
    return bytes(content)


def _form(request_data: RequestData) -> FormData:
    # file names unquoted: Telegram would show people the percent signs
    form = FormData(request_data.json_parameters, quote_fields=False)
    for name, (filename, content, kind) in request_data.multipart_data.items():
        # wrapped in a file, since aiohttp writes plain bytes all at once
        file = io.BytesIO(content) if isinstance(content, bytes) else content
        form.add_field(name, file, filename=filename, content_type=kind)
    return form
