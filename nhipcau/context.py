"""What the settings make: database, keys, channels, lessons, and the office as every other part needs it."""

from __future__ import annotations

import hashlib
import hmac
import os
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import structlog

from nhipcau.bot.channels.registry import make_links
from nhipcau.bot.messaging.channel import Channel
from nhipcau.bot.recurrence.working_days import Calendar, load_calendar
from nhipcau.bot.units.tree import Tree
from nhipcau.handlers.situation import Office
from nhipcau.office.lesson_library import LessonLibrary
from nhipcau.operations.commit import Committer
from nhipcau.operations.operation_context import OperationContext
from nhipcau.privacy.key_copy import check_value
from nhipcau.privacy.keys import KeyRing
from nhipcau.privacy.sealing import Sealer
from nhipcau.settings import Settings
from nhipcau.storage.database import Connection, Database
from nhipcau.storage.shared_values import keep_key_mark, key_marks, public_names
from nhipcau.storage.units import load_tree, tree_version

log = structlog.get_logger()


class WrongKey(Exception):
    """A lasting key (contacts, people, secret) is not the one the database was written with."""

    def __init__(self, name: str) -> None:
        super().__init__(f"another {name} key")
        self.name = name


@dataclass
class AppContext:
    """What the command line and the service share."""

    settings: Settings
    database: Database
    sealer: Sealer
    lessons: LessonLibrary
    channels: dict[str, Channel] = field(default_factory=dict)
    _tree: Tree | None = None
    _tree_version: tuple[int, int, str] = (0, 0, "")
    _calendar: Calendar | None = None
    _calendar_of: int = -1

    async def office(self, connection: Connection) -> Office:
        """The installation as of this transaction; the unit tree is read again when it has changed."""
        version = await tree_version(connection)
        if self._tree is None or version != self._tree_version:
            self._tree, self._tree_version = await load_tree(connection), version
        settings = self.settings
        return Office(
            tree=self._tree,
            zone=settings.zone,
            quiet=settings.quiet_hours,
            follow_up_days=settings.follow_up_days,
            language=settings.language,
            url=settings.url,
            links=self.links,
            calendar=self.calendar(),
            push_budget=settings.push_budget,
            reports_a_day=settings.reports_a_day,
            lessons=self.lessons.current.lessons,
        )

    def calendar(self) -> Calendar:
        """Working days from the office's own file; where it can't be read, the built-in ones (`doctor` warns)."""
        path = self.settings.calendar
        try:
            changed = path.stat().st_mtime_ns
        except OSError:
            changed = 0
        if self._calendar is None or changed != self._calendar_of:
            self._calendar_of = changed
            self._calendar, fault = load_calendar(path)
            if fault is not None:
                log.warning("calendar not read", kind=type(fault).__name__)
        return self._calendar

    def links(self, code: str) -> dict[str, str | None]:
        """By channel: the link that joins with this code, or None while it isn't known."""
        return {name: channel.link(code) for name, channel in sorted(self.channels.items())}

    def sign(self, purpose: str, content: str) -> str:
        """An HMAC under the installation's secret (NHIPCAU_SECRET_KEY, else one made once in the key directory)."""
        return hmac.digest(self._secret(), f"{purpose}|{content}".encode(), hashlib.sha256).hex()[:32]

    def _secret(self) -> bytes:
        given = self.settings.secret_key
        return given.encode() if given else self.sealer.ring.get("secret")

    def key_marks(self) -> dict[str, str]:
        """Name of each lasting key → its check value."""
        keys = {"contacts": self.sealer.ring.get("contacts"), "people": self.sealer.people.id, "secret": self._secret()}
        return {name: check_value(key) for name, key in keys.items()}

    async def check_keys(self) -> None:
        """Raises WrongKey where a lasting key is another than the database was written with, and DamagedKey for any key
        file that is none: before anything is done with it."""
        self.sealer.ring.check_files()
        async with self.database.reading() as connection:
            known = await key_marks(connection)
        marks = self.key_marks()
        for name, mark in marks.items():
            if known.get(name, mark) != mark:
                raise WrongKey(name)
        if missing := marks.keys() - known.keys():
            async with self.database.writing() as connection:
                for name in sorted(missing):
                    await keep_key_mark(connection, name, marks[name])

    async def accept_secret(self) -> None:
        """Take the present secret as the right one, after it was changed on purpose."""
        async with self.database.writing() as connection:
            await keep_key_mark(connection, "secret", self.key_marks()["secret"])

    async def work(self, connection: Connection) -> OperationContext:
        """What an operation needs, inside a transaction of the command line that the caller commits."""
        return OperationContext(connection, self.sealer, await self.office(connection), datetime.now(UTC))

    def transaction(self) -> AbstractAsyncContextManager[OperationContext]:
        """A transaction of the command line, committed at its end."""
        return Committer(self.database, self.sealer, self.office).transaction()


def build(settings: Settings, patience: float = 30) -> AppContext:
    """The context without channels, as the command line needs it. `patience`: seconds to wait while another process
    writes to the database."""
    # files we write (database, keys, pictures, cards) are readable by our own user alone
    os.umask(0o077)
    sealer = Sealer(KeyRing(settings.keys))
    lessons = LessonLibrary(settings.lessons, settings.photos)
    return AppContext(settings, Database(settings.database_url, patience), sealer, lessons)


async def known_links(parts: AppContext, connection: Connection, code: str) -> dict[str, str | None]:
    """As `AppContext.links`, without running channels: from the names of ours that `run` has stored."""
    return make_links(parts.settings, parts.settings.url, code, await public_names(connection))
