"""The sender of this process, as intake sees it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from nhipcau.storage.delivery_outcomes import DeliveryResults
from nhipcau.storage.outbox import ClaimedDelivery


class Outgoing(Protocol):
    """A sender in this process. Replies are handed over to it under its lease, in the transaction that caused them,
    and what became of earlier ones is recorded there too: a dialogue then costs one transaction a batch, not three."""

    def takes(self, channel: str) -> bool: ...

    def deliver(self, claimed: Sequence[ClaimedDelivery]) -> None: ...

    def take_outcomes(self) -> DeliveryResults: ...

    def recorded(self, outcomes: DeliveryResults) -> None: ...

    def give_back(self, outcomes: DeliveryResults) -> None: ...
