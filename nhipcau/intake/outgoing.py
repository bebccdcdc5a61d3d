"""What intake needs of the sender in the same process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from nhipcau.storage.delivery_outcomes import DeliveryResults
from nhipcau.storage.outbox import ClaimedDelivery


class Outgoing(Protocol):
    """The sender of this process. The inbound transaction writes replies already claimed for it, and records the
    results of earlier ones too: so a dialogue costs one transaction a batch, not three."""

    def accepts(self, channel: str) -> bool: ...

    def deliver(self, claimed: Sequence[ClaimedDelivery]) -> None: ...

    def take_results(self) -> DeliveryResults: ...

    def mark_recorded(self, results: DeliveryResults) -> None: ...

    def return_results(self, results: DeliveryResults, claimed: Sequence[ClaimedDelivery] = ()) -> None: ...
