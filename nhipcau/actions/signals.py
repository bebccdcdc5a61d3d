"""What the office does about an early signal: marks it as seen, explains it, follows it."""

from __future__ import annotations

from nhipcau.actions.decision import Actor, Refusal
from nhipcau.model.changes import Change
from nhipcau.model.signal_changes import MarkSignal
from nhipcau.model.signals import Signal, SignalMark, SignalState


def mark_signal(actor: Actor, signal: Signal, wanted: SignalMark, words: str = "") -> list[Change] | Refusal:
    """`words`: the explanation. A signal that was explained stays so when somebody else has seen it."""
    if signal.ended is not None:
        return Refusal("signal.over")
    if wanted is SignalMark.SEEN and signal.state is not SignalState.NEW:
        return []
    if wanted in {SignalMark.FOLLOW, SignalMark.UNFOLLOW} and signal.followed is (wanted is SignalMark.FOLLOW):
        return []
    return [MarkSignal(signal.id, wanted, words, signal.explanation, actor.id)]
