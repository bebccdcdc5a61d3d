"""What one inbound transaction got done, and when it has taken long enough."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from nhipcau.bot.messaging.events import Event
from nhipcau.intake.sender_limits import Decided

#: Seconds of the processor that deciding may take in one transaction, which keeps everybody else waiting; then what is
#: not begun is left for the next one. A batch of 200 ordinary events takes a third of it.
LONGEST = 0.2


@dataclass(slots=True)
class Slice:
    decided: list[Decided] = field(default_factory=list)
    #: Not begun: for the next transaction.
    left: list[Event] = field(default_factory=list)
    #: Noted in the audit by this transaction.
    wrong_codes: int = 0
    _spent: float = 0.0
    _begun: float = 0.0

    @property
    def is_over(self) -> bool:
        return self._spent > LONGEST

    def __enter__(self) -> None:
        """Around work that counts."""
        self._begun = time.thread_time()

    def __exit__(self, *_: object) -> None:
        self._spent += time.thread_time() - self._begun
