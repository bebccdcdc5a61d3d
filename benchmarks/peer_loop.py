"""The peer of a broadcast: a bare aiohttp loop that posts one body to many chats, and remembers nothing.

`python -m benchmarks.peer_loop API TOKEN BODY FIRST NUMBER WORKERS`; BODY is the parameters of sendMessage as JSON.
On uvloop, as the service runs.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from typing import Any

import aiohttp
import uvloop


async def main(url: str, body: dict[str, Any], chats: Iterator[int], workers: int) -> None:
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:

        async def work() -> None:
            for chat in chats:
                async with session.post(url, json={**body, "chat_id": chat}) as answer:
                    answer.raise_for_status()
                    await answer.read()

        await asyncio.gather(*(work() for _ in range(workers)))


if __name__ == "__main__":
    api, token, body, *numbers = sys.argv[1:]
    first, number, workers = map(int, numbers)
    chats = iter(range(first, first + number))
    uvloop.run(main(f"{api}/bot{token}/sendMessage", json.loads(body), chats, workers))
