"""The loop tests run on."""

from __future__ import annotations

import asyncio
import warnings
from typing import Any

import uvloop


class Loop(uvloop.Loop):
    """The loop an office runs on. A connection that a test left open is closed first, and told: uvloop would wait for
    it for ever, and a failure would be a test that never ends."""

    def __init__(self) -> None:
        super().__init__()
        self._transports: list[asyncio.BaseTransport] = []

    async def create_connection(self, *args: Any, **options: Any) -> Any:
        return self._noted(await super().create_connection(*args, **options))

    async def create_unix_connection(self, *args: Any, **options: Any) -> Any:
        return self._noted(await super().create_unix_connection(*args, **options))

    def _noted(self, made: Any) -> Any:
        self._transports.append(made[0])
        return made

    def close(self) -> None:
        if not self.is_closed() and (left := [each for each in self._transports if not each.is_closing()]):
            for transport in left:
                transport.close()
            self.run_until_complete(asyncio.sleep(0))
            warnings.warn(f"connections left open: {len(left)}", ResourceWarning, stacklevel=2)
        super().close()
