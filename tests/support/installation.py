"""Where an installation keeps what it knows, and a look into it from outside: the same words for both databases."""

from __future__ import annotations

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

#: Seconds a look waits for whoever writes.
_PATIENCE = 30.0


@dataclass(frozen=True)
class Installation:
    """A folder with keys, and its database: `n.db` in it, or one on a server (`server`: its URL)."""

    folder: Path
    server: str = ""

    @property
    def url(self) -> str:
        return self.server or f"sqlite+aiosqlite:///{self.folder}/n.db"

    @property
    def settings(self) -> dict[str, Any]:
        return {"DATABASE_URL": self.url}

    def rows(self, statement: str) -> list[Any]:
        """Read the database as anybody on the machine could."""
        return self._do(statement)

    def change(self, statement: str) -> None:
        """Write into it behind the program's back."""
        self._do(statement)

    def leases_left(self) -> list[float]:
        """Seconds for which each message under way is still held for its sender."""
        held = self._do("SELECT claimed_until FROM outbox WHERE claimed_until IS NOT NULL")
        return [(_moment(until) - datetime.now(UTC)).total_seconds() for (until,) in held]

    def let_leases_run_out(self) -> None:
        """As if the time a dead sender's messages are held for had passed already."""
        self.change("UPDATE outbox SET claimed_until = '2000-01-01 00:00:00' WHERE claimed_until IS NOT NULL")

    def _do(self, statement: str) -> list[Any]:
        if not self.server:
            with closing(sqlite3.connect(self.folder / "n.db", timeout=_PATIENCE)) as connection, connection:
                return connection.execute(statement).fetchall()
        # asyncpg needs a loop of its own: the test's waits for us
        with ThreadPoolExecutor(1) as beside:
            return beside.submit(lambda: asyncio.run(_asked(self.server, statement))).result()


def _moment(stored: str | datetime) -> datetime:
    """Of a row, as either database gives it: both store UTC."""
    moment = datetime.fromisoformat(stored) if isinstance(stored, str) else stored
    return moment.replace(tzinfo=UTC)


async def _asked(url: str, statement: str) -> list[Any]:
    import asyncpg  # type: ignore[import-untyped]

    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        return [tuple(row) for row in await connection.fetch(statement)]
    finally:
        await connection.close()
