"""Changes a decision may ask for about early signals."""

from __future__ import annotations

from dataclasses import dataclass

from nhipcau.model.signals import SignalMark


@dataclass(frozen=True, slots=True)
class MarkSignal:
    """Somebody of the office has seen, explained (`words`) or follows a signal. `seen`: the explanation they saw."""

    id: str
    mark: SignalMark
    words: str
    seen: str
    actor: str
