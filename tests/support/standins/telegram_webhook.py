"""How Telegram posts updates to a webhook: side by side, with the secret, again until it hears 200."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import aiohttp

#: Seconds until an update that was not answered with 200 is posted again.
AGAIN = 0.3
#: Posts side by side (setWebhook's max_connections).
_BESIDE = 40


class Poster:
    """Posts updates to one address. `patience`: seconds an answer may take; later the update is posted again."""

    def __init__(self, url: str, secret: str, confirm: Callable[[dict[str, Any]], None]) -> None:
        self._url = url
        self._headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
        self._confirm = confirm
        self.patience = 60.0
        #: Answers by status, 0: none in time.
        self.statuses: Counter[int] = Counter()
        self.last_error_date = 0
        self._beside = asyncio.Semaphore(_BESIDE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None

    def post(self, update: dict[str, Any]) -> None:
        task = asyncio.create_task(self._until_taken(update))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _until_taken(self, update: dict[str, Any]) -> None:
        while True:
            async with self._beside:
                status = await self._once(update)
            self.statuses[status] += 1
            if status == 200:
                self._confirm(update)
                return
            self.last_error_date = int(time.time())
            await asyncio.sleep(AGAIN)

    async def _once(self, update: dict[str, Any]) -> int:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        timeout = aiohttp.ClientTimeout(total=self.patience)
        try:
            async with self._session.post(self._url, json=update, headers=self._headers, timeout=timeout) as answer:
                await answer.read()
                return answer.status
        except (aiohttp.ClientError, TimeoutError, OSError):
            return 0

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
