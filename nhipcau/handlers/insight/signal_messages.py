"""How an early signal reads: one line, or a card with the usual range and the units. Counts only, no interpretation."""

from __future__ import annotations

from collections.abc import Sequence

from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.command_words import Command
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.handlers.buttons import ManageSignal, RunCommand, ShowTrendPicture, SignalAct, choice
from nhipcau.handlers.screens import short_title, unit_name
from nhipcau.model.signals import Level, Signal, SignalState

#: Units named on a card, signals in one message, and characters of an explanation in a line.
_MAX_UNITS, MAX_SIGNALS, _MAX_EXPLANATION = 5, 3, 80


def line(signal: Signal, t: Texts) -> str:
    rise = signal.rise
    facts = {"topic": t(f"topic.{rise.topic}"), "where": where(signal, t), "n": rise.count}
    words = t("signal.line", **facts, low=rise.low, high=rise.high, since=f"{rise.since:%d/%m}")
    if signal.explanation:
        return words + t("signal.because", words=short_title(signal.explanation, _MAX_EXPLANATION))
    return words + t(f"signal.state.{signal.state}")


def where(signal: Signal, t: Texts) -> str:
    return t("signal.cluster", name=signal.where) if signal.rise.level is Level.CLUSTER else unit_name(signal.where)


def card(signal: Signal, t: Texts, *, may_mark: bool, preface: str = "") -> Message:
    rise = signal.rise
    lines = [preface] if preface else []
    lines.append(t("signal.head", topic=t(f"topic.{rise.topic}"), where=where(signal, t)))
    lines.append(t("signal.count", n=rise.count, day=f"{rise.day:%d/%m}", low=rise.low, high=rise.high))
    if rise.level is not Level.COMMUNE:
        named = ", ".join(unit_name(name) for name in signal.unit_names[:_MAX_UNITS])
        more = len(signal.unit_names) - _MAX_UNITS
        lines.append(
            t("signal.units", n=len(signal.unit_names), units=named + (t("signal.more", n=more) if more > 0 else ""))
        )
    lines.append(t("signal.since", day=f"{rise.since:%d/%m}"))
    if signal.explanation:
        lines.append(t("signal.explained", words=signal.explanation))
    lines.append(t("trend.only_counts"))
    return Message("\n".join(lines), tuple(_choices(signal, t, may_mark)))


def _choices(signal: Signal, t: Texts, may_mark: bool) -> list[Choice]:
    trends = choice(t("menu.xuhuong"), RunCommand(Command.TRENDS), way=True)
    picture = choice(t("review.picture"), ShowTrendPicture(signal.id))
    if not may_mark or signal.ended is not None:
        return [picture, trends]
    found = []
    if signal.state is SignalState.NEW:
        found.append(choice(t("signal.seen"), ManageSignal(signal.id, SignalAct.SEEN)))
    found.append(choice(t("signal.explain"), ManageSignal(signal.id, SignalAct.EXPLAIN), beside=bool(found)))
    follow = SignalAct.UNFOLLOW if signal.followed else SignalAct.FOLLOW
    found.append(choice(t(f"signal.{follow}"), ManageSignal(signal.id, follow), beside=True))
    return [*found, picture, trends]


def opening_choices(signals: Sequence[Signal], t: Texts) -> list[Choice]:
    """One choice a signal, which opens its card."""
    return [
        choice(t("signal.open", topic=t(f"topic.{s.rise.topic}"), where=where(s, t)), ManageSignal(s.id))
        for s in signals[:MAX_SIGNALS]
    ]


def news(signals: Sequence[Signal], t: Texts) -> Message:
    """What grew since yesterday: a card, or a line each."""
    if len(signals) == 1:
        return card(signals[0], t, may_mark=True, preface=t("signal.new_one"))
    lines = [t("signal.new", n=len(signals)), *(f"▲ {line(signal, t)}" for signal in signals[:MAX_SIGNALS])]
    if len(signals) > MAX_SIGNALS:
        lines.append(t("signal.others", n=len(signals) - MAX_SIGNALS))
    lines.append(t("trend.only_counts"))
    return Message(
        "\n".join(lines), (*opening_choices(signals, t), choice(t("menu.xuhuong"), RunCommand(Command.TRENDS)))
    )


def ended(signals: Sequence[Signal], t: Texts) -> Message:
    """Rises somebody follows, back in their usual range."""
    lines = [t("signal.ended"), *(f"• {t(f'topic.{s.rise.topic}')} – {where(s, t)}" for s in signals)]
    return Message("\n".join(lines), (choice(t("menu.xuhuong"), RunCommand(Command.TRENDS)),))
