"""The Official Account's pair of tokens: stored in the key directory, renewed by one process at a time.

A refresh token can be used once: a new pair is on disk before it is used, and a lock file keeps two processes from
using the same one. The first pair comes from a consent (`connect`), or from the refresh token in the settings,
the seed.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import json
import os
import secrets
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import structlog

from nhipcau.bot.channels.http.json_client import JsonClient, code_of
from nhipcau.bot.channels.zalo_oa.platform_limits import ACCESS_LIFE, AUTH, REFRESH_LIFE, TOO_MANY_WAIT
from nhipcau.bot.messaging.channel import AppDown, TokenBad, TooMany

_log = structlog.get_logger()
_FILE = "zalo-oa.json"
#: Seconds before its end at which an access token is renewed.
_MARGIN = 3600.0
#: Seconds between two tries to take the lock, and after which its holder counts as stuck.
_TRY, _STUCK = 0.05, 60.0
#: Days before the pair's end from which status and doctor warn.
ALARM = 30.0


class NoTokens(TokenBad):
    """The administrator has never consented, or has to consent again."""

    reason = "not_connected"


@dataclass(frozen=True, slots=True)
class TokenPair:
    """The last pair from Zalo. Moments are seconds since 1970."""

    access: str
    refresh: str
    #: When the access token ends, and when the pair was made.
    expires_at: float
    made_at: float
    #: Digest of the seed in the settings when this chain of pairs began ("": none); another one today is a new seed.
    seed: str = ""

    @property
    def days_left(self) -> float:
        """Days until it can no longer be renewed."""
        return (self.made_at + REFRESH_LIFE.total_seconds() - time.time()) / 86_400


def digest(token: str) -> str:
    """Identifies a token without revealing it."""
    return hashlib.sha256(token.encode()).hexdigest()[:16]


class Tokens:
    """Tokens of one account. `folder`: the key directory; `seed`: NHIPCAU_ZALO_OA_REFRESH_TOKEN, or ""."""

    def __init__(self, folder: Path, app_id: str, app_secret: str, seed: str = "", auth: str = AUTH) -> None:
        self._folder = folder
        self._app_id = app_id
        self._secret = app_secret
        self._seed = seed
        self._exchange = JsonClient(auth, pool=2)
        self._lock = asyncio.Lock()
        self._pair: TokenPair | None = None
        self._under_way: set[asyncio.Task[TokenPair]] = set()
        #: Digests of refresh tokens that Zalo has refused for good.
        self._refused_refresh: set[str] = set()
        #: Digests of access tokens that were refused before their end.
        self._refused: set[str] = set()

    async def access(self, *, but: str = "") -> str:
        """A valid access token, renewed where needed; `but`: one that was just refused. Raises a ChannelError."""
        if but:
            self._refused.add(digest(but))
        if (good := self._if_valid(self._pair)) is not None:
            return good.access
        return (await self._shielded(self._renewed())).access

    async def _shielded(self, work: Coroutine[Any, Any, TokenPair]) -> TokenPair:
        """Run to the end even where the caller is cancelled: Zalo gives a pair only once, so it must be stored."""
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return await asyncio.shield(task)

    async def _renewed(self) -> TokenPair:
        async with self._lock:
            self._pair = self.stored()
            if (good := self._if_valid(self._pair)) is not None:
                return good
            async with self._locked():
                # another process may have renewed it meanwhile
                self._pair = self.stored()
                if (good := self._if_valid(self._pair)) is not None:
                    return good
                self._pair = await self._renew(self._pair)
                return self._pair

    def _if_valid(self, pair: TokenPair | None) -> TokenPair | None:
        if pair is None or digest(pair.access) in self._refused or pair.expires_at - _MARGIN < time.time():
            return None
        return pair

    def stored(self) -> TokenPair | None:
        """The pair on disk; None where there is no readable one."""
        try:
            return TokenPair(**json.loads((self._folder / _FILE).read_text()))
        except (OSError, ValueError, TypeError):
            return None

    async def _renew(self, pair: TokenPair | None) -> TokenPair:
        """A new pair from the last one; where there is none or it is refused, from a seed not used yet. Raises
        NoTokens, AppDown, TooMany."""
        seed = digest(self._seed) if self._seed else ""
        candidates = [(pair.refresh, pair.seed)] if pair else []
        if self._seed and (pair is None or pair.seed != seed):
            candidates.append((self._seed, seed))
        for token, began in candidates:
            if digest(token) in self._refused_refresh:
                continue
            fields = {"refresh_token": token, "app_id": self._app_id, "grant_type": "refresh_token"}
            try:
                return await self._ask(fields, began)
            except NoTokens:
                self._refused_refresh.add(digest(token))
                _log.warning("zalo_oa_refresh_refused", made_days_ago=_age(pair, token))
        raise NoTokens

    async def connect(self, code: str, verifier: str) -> TokenPair:
        """The first pair, from the code of a consent. Raises a ChannelError."""
        fields = {
            "code": code,
            "app_id": self._app_id,
            "grant_type": "authorization_code",
            "code_verifier": verifier,
        }
        return await self._shielded(self._connected(fields))

    async def _connected(self, fields: dict[str, str]) -> TokenPair:
        async with self._lock, self._locked():
            self._pair = await self._ask(fields, digest(self._seed) if self._seed else "")
            return self._pair

    async def _ask(self, fields: dict[str, str], seed: str) -> TokenPair:
        head = f"Content-Type: application/x-www-form-urlencoded\r\nsecret_key: {self._secret}\r\n".encode()
        status, answer = await self._exchange.ask("/v4/oa/access_token", urlencode(fields).encode(), head=head)
        if answer is None or status >= 500:
            raise AppDown
        access, refresh = answer.get("access_token"), answer.get("refresh_token")
        if not access or not refresh:
            # the codes for "used" and "expired" are not documented: all but "slow down" count as final
            code = code_of(answer.get("error"))
            if code == -32 or status == 429:
                raise TooMany(TOO_MANY_WAIT)
            # without a code it is not from Zalo but from something in between
            raise NoTokens if code else AppDown
        now = time.time()
        pair = TokenPair(str(access), str(refresh), now + _seconds(answer.get("expires_in")), now, seed)
        self._store(pair)
        return pair

    def _store(self, pair: TokenPair) -> None:
        """Write to a temporary file, sync, then rename: a crash leaves either the old pair or the new one."""
        aside = self._folder / f".{_FILE}.{secrets.token_hex(4)}"
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            content = json.dumps(asdict(pair)).encode()
            while content:
                content = content[os.write(handle, content) :]
            os.fsync(handle)
        finally:
            os.close(handle)
        aside.rename(self._folder / _FILE)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    @asynccontextmanager
    async def _locked(self) -> AsyncIterator[None]:
        """Lock out other processes. Raises AppDown where one has held the lock for a minute."""
        handle = os.open(self._folder / f"{_FILE}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            ends = time.monotonic() + _STUCK
            while True:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > ends:
                        raise AppDown from None
                    await asyncio.sleep(_TRY)
            yield
        finally:
            os.close(handle)

    async def close(self) -> None:
        await asyncio.gather(*self._under_way, return_exceptions=True)
        await self._exchange.close()


def _age(pair: TokenPair | None, token: str) -> int:
    return int((time.time() - pair.made_at) / 86_400) if pair and pair.refresh == token else -1


def _seconds(value: object) -> float:
    """`expires_in`, a number or a string of one."""
    try:
        return float(str(value))
    except ValueError:
        return ACCESS_LIFE
