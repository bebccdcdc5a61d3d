"""What every operation needs, and what it leaves to do after the commit."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from nhipcau.bot.units.tree import Tree
from nhipcau.handlers.situation import Office
from nhipcau.privacy.sealing import Sealer
from nhipcau.storage.database import Connection


@dataclass(slots=True)
class Aftermath:
    """What to do after the commit."""

    #: Names of keys to destroy.
    keys: list[str] = field(default_factory=list)
    #: Pictures and documents to delete, as nothing refers to them any more.
    files: set[str] = field(default_factory=set)
    #: Messages were put into the outbox.
    wake_sender: bool = False
    #: A request was created or its end moved, so something may be due at once.
    wake_clock: bool = False


@dataclass(frozen=True, slots=True)
class OperationContext:
    """One transaction, with its moment and the installation."""

    connection: Connection
    sealer: Sealer
    office: Office
    now: datetime
    after: Aftermath = field(default_factory=Aftermath)

    @property
    def tree(self) -> Tree:
        return self.office.tree

    @property
    def today(self) -> date:
        return self.now.astimezone(self.office.zone).date()
