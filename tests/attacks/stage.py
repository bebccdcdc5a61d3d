"""Plays the session on one database and keeps what an adversary could take away: each evening, each night after the
mix, backups; and copies mixed anew, on which what came about by chance does not come back."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import prometheus_client
import structlog

from nhipcau.context import build
from nhipcau.privacy.sealing import Unreadable
from nhipcau.settings import Settings
from nhipcau.storage.backup import back_up
from tests.attacks import postgres_rows, sqlite_rows
from tests.attacks.linking import Linker
from tests.attacks.mixing import mix_now
from tests.attacks.rows import Row, sort_rows
from tests.attacks.session import Play, Session
from tests.support.requests import exported
from tests.support.world import World, open_world

T = TypeVar("T")
#: From an evening to the mix.
NIGHT = timedelta(hours=15)
#: The last evening on which something waits, from which copies are mixed anew.
BUSY = 2


@dataclass(frozen=True)
class FileFacts:
    """What a file tells besides its bytes."""

    name: str
    inode: int
    #: Nanoseconds.
    changed: int
    modified: int
    #: Place in the folder as the system lists it.
    listed: int


@dataclass
class Snapshot:
    """What somebody took away at one moment, without keys."""

    folder: Path
    session: Session
    #: On PostgreSQL, read from the server's disk at that moment.
    server_rows: list[Row] | None = None
    files: dict[str, list[FileFacts]] = field(default_factory=dict)
    #: On PostgreSQL, every byte of the database's files.
    server_bytes: bytes = b""
    #: Words of what was said that lie in PostgreSQL's write-ahead log.
    logged: set[str] = field(default_factory=set)
    #: What stands for each person, where somebody knows more than the database says.
    handles: list[set[str | bytes]] | None = None

    def all_bytes(self) -> bytes:
        """Every byte but keys and what the office exported."""
        paths = (path for path in sorted(self.folder.rglob("*")) if path.is_file() and "keys" not in path.parts)
        return self.server_bytes + b"".join(path.read_bytes() for path in paths)

    @cached_property
    def rows(self) -> list[Row]:
        return self.server_rows if self.server_rows is not None else sqlite_rows.living_rows(self.folder / "n.db")

    @cached_property
    def log_rows(self) -> list[Row]:
        return [] if self.server_rows is not None else sqlite_rows.rows_in_log(self.folder / "n.db")

    @cached_property
    def linker(self) -> Linker:
        return Linker(sort_rows(self.rows, self.session, self.handles))

    @cached_property
    def log_linker(self) -> Linker:
        return Linker(sort_rows(self.log_rows, self.session))


@dataclass
class Stage:
    folder: Path
    #: URL of the database; "": SQLite in the folder.
    server: str = ""
    #: URL of an empty copy of a database of the server, where there is one.
    copied: Callable[[str], str] | None = None
    session: Session = field(default_factory=Session)
    evenings: list[Snapshot] = field(default_factory=list)
    nights: list[Snapshot] = field(default_factory=list)
    #: A backup of each evening, made before the mix.
    backups: list[Snapshot] = field(default_factory=list)
    #: When the last night's mix was, and the last evening's database to mix again.
    midnight: datetime | None = None
    template: str = ""
    #: On PostgreSQL, the file of the server's log in which the session begins: other tests' logs are long.
    first_log: str = ""
    _again: dict[int, Snapshot] = field(default_factory=dict)
    #: The evening and the night of a day on which a sealed poll is open, opened with all living keys.
    with_keys: list[Snapshot] = field(default_factory=list)
    #: Values that lay in tables at some moment, long enough to be found again in bytes.
    seen: set[str | bytes] = field(default_factory=set)
    #: Name → text of what the office exported; figures of the process; lines of its log.
    exports: dict[str, str] = field(default_factory=dict)
    metrics: str = ""
    log: list[Any] = field(default_factory=list)

    async def play(self) -> None:
        given: dict[str, Any] = {"database_url": self.server} if self.server else {}
        with structlog.testing.capture_logs() as self.log:
            if self.server:
                await postgres_rows.set_up_as_deployed(self.server)
                self.first_log = await postgres_rows.log_file(self.server)
            async with open_world(self.folder / "live", **given) as world:
                play = Play(world)
                play.look = lambda: self._look(world)
                self.session = play.session
                for number, day in enumerate((play.first_day, play.second_day, play.third_day, play.fourth_day)):
                    await day()
                    await self._look(world)
                    self.evenings.append(await self._taken(world, f"evening {number}"))
                    if number <= BUSY:
                        await self._back_up(world, f"backup {number}")
                    if number == BUSY:
                        await self._keep_for_later(world)
                    await self._mix(world)
                    self.nights.append(await self._taken(world, f"night {number}"))
                    if number == 1:
                        both = (self.evenings[-1], self.nights[-1])
                        self.with_keys = [self._open_with_keys(play, snapshot) for snapshot in both]
                await self._export(world, play.poll)

    def _open_with_keys(self, play: Play, snapshot: Snapshot) -> Snapshot:
        """The same, as the living keys show it while the sealed poll is open."""
        poll = play.world.parts.sealer.of_poll(play.open)

        def opened(value: Any) -> str:
            try:
                return poll.open(value) if isinstance(value, bytes) else ""
            except Unreadable:
                return ""

        rows = [replace(row, values=(*row.values, *filter(None, map(opened, row.values)))) for row in snapshot.rows]
        return Snapshot(snapshot.folder, play.session, rows, handles=play.guards(play.open))

    async def _mix(self, world: World) -> None:
        evening, world.now = world.now, world.now + NIGHT
        await mix_now(world.parts, world.now)
        world.now = evening

    async def _look(self, world: World) -> None:
        """Remember every value that lies in a table now and may be deleted later."""
        if self.server:
            # as the server does by itself when enough has changed
            await postgres_rows.analyse(self.server)
            rows = await postgres_rows.rows_of_tables(self.server)
        else:
            rows = sqlite_rows.living_rows(world.parts.settings.data_dir / "n.db")
        self.seen |= {value for row in rows for value in row.values if is_telling(value)}

    async def _export(self, world: World, poll: str) -> None:
        for what in ("answers", "reports", "requests", "issues", "duties"):
            for form in ("csv", "jsonl"):
                source = await exported(world, what, form, poll=poll if what == "answers" else "")
                self.exports[f"{what}.{form}"] = source.read_text(encoding="utf-8-sig")
                source.unlink()
        self.metrics = prometheus_client.generate_latest().decode()

    async def _taken(self, world: World, name: str) -> Snapshot:
        target = self.folder / name
        shutil.copytree(world.parts.settings.data_dir, target)
        facts = file_facts(world.parts.settings.data_dir)
        if not self.server:
            return Snapshot(target, self.session, None, facts)
        rows = await postgres_rows.living_rows(self.server)
        log = await postgres_rows.server_log(self.server, self.first_log)
        logged = {said.word for said in self.session.said if said.word.encode() in log}
        data = await postgres_rows.all_bytes(self.server) if name.startswith("night") else b""
        return Snapshot(target, self.session, rows, facts, data, logged)

    async def _back_up(self, world: World, name: str) -> None:
        target = self.folder / name
        target.mkdir()
        await back_up(world.parts.database, target / "n.db")
        self.backups.append(Snapshot(target, self.session))

    async def _keep_for_later(self, world: World) -> None:
        self.midnight = world.now + NIGHT
        if self.copied:
            await world.parts.database.close()
            self.template = self.copied(self.server)

    def night(self, attempt: int = 0) -> Snapshot:
        """The last night; from the second attempt on, the last evening mixed once more, in another order."""
        if not attempt:
            return self.nights[BUSY]
        if attempt not in self._again:
            self._again[attempt] = beside(self._mixed_again(attempt))
        return self._again[attempt]

    async def _mixed_again(self, attempt: int) -> Snapshot:
        target = self.folder / f"again {attempt}"
        shutil.copytree(self.evenings[BUSY].folder, target)
        url = self.copied(self.template) if self.copied else f"sqlite+aiosqlite:///{target}/n.db"
        parts = build(Settings(_env_file=None, data_dir=target, database_url=url))
        try:
            assert self.midnight is not None
            await mix_now(parts, self.midnight)
        finally:
            await parts.database.close()
        rows = await postgres_rows.living_rows(url) if self.copied else None
        return Snapshot(target, self.session, rows, file_facts(target))


def beside(work: Coroutine[Any, Any, T]) -> T:
    """Its result, from a loop of its own: the test's is left alone."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def is_telling(value: Any) -> bool:
    """Whether a value is long enough, and no date, to be looked for in bytes."""
    return isinstance(value, (str, bytes)) and len(value) >= 12 and not (isinstance(value, str) and value[:2] == "20")


def file_facts(folder: Path) -> dict[str, list[FileFacts]]:
    """By folder below this one, each file's facts."""
    found: dict[str, list[FileFacts]] = {}
    for below in [folder, *(path for path in folder.rglob("*") if path.is_dir())]:
        files = [path for path in below.iterdir() if path.is_file()]
        stats = [(path.name, path.stat()) for path in files]
        found[below.relative_to(folder).as_posix()] = [
            FileFacts(name, s.st_ino, s.st_ctime_ns, s.st_mtime_ns, n) for n, (name, s) in enumerate(stats)
        ]
    return found
