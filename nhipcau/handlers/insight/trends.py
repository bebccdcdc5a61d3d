"""`/xuhuong`: early signals of the unit and below, then the topics of the week, without interpretation."""

from __future__ import annotations

from datetime import timedelta

from nhipcau.actions import signals as actions
from nhipcau.actions.decision import Refusal
from nhipcau.actions.permissions import COORDINATORS, may
from nhipcau.bot.forms.answer_matching import InvalidAnswer, check_words
from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.command_words import Command
from nhipcau.bot.language.vietnamese import nfc
from nhipcau.bot.messaging.messages import Message
from nhipcau.handlers.buttons import ManageSignal, RunCommand, ShowTrendPicture, SignalAct, choice
from nhipcau.handlers.insight.rising_words import words_choice, words_line
from nhipcau.handlers.insight.signal_messages import MAX_SIGNALS, card, line, opening_choices, where
from nhipcau.handlers.reports.feedback_messages import issue_state
from nhipcau.handlers.reports.report_form import screen_text
from nhipcau.handlers.requests.result_pictures import spec
from nhipcau.handlers.screens import is_coordinator, menu, refuse_right, unit_name
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.insight.trend_chart import trend_chart
from nhipcau.model.conversation import AwaitsExplanation
from nhipcau.model.issues import OPEN_ISSUE
from nhipcau.model.queries import Issues, RisingWords, Signals, TrendOf, WeeksOf
from nhipcau.model.reviews import WEEKS_BEFORE, TopicTrend
from nhipcau.model.signals import Signal, SignalMark

_MAX_TOPICS, _MAX_ISSUES = 5, 3
#: Weeks whose numbers stand beside the picture.
_WEEKS_IN_WORDS = 6


def open_trends(situation: Situation) -> Decision[DecisionResult]:
    t, scope = situation.texts, situation.scope
    trend = yield from load(TrendOf(scope))
    signals = yield from load(Signals(scope))
    words = yield from load(RisingWords(scope))
    found = yield from load(Issues(scope, OPEN_ISSUE))
    unit = unit_name(situation.me.unit.name)
    lines = [t("trend.head", unit=unit, first=f"{trend.first:%d/%m}", last=f"{trend.last:%d/%m}")]
    lines += [f"▲ {line(signal, t)}" for signal in signals[:MAX_SIGNALS]]
    if len(signals) > MAX_SIGNALS:
        lines.append(t("signal.others", n=len(signals) - MAX_SIGNALS))
    if trend.topics and not signals:
        lines.append(t("signal.none"))
    lines += [topic_line(topic, t) for topic in trend.topics[:_MAX_TOPICS]] or [t("trend.none")]
    if len(trend.topics) > _MAX_TOPICS:
        lines.append(t("trend.more", n=len(trend.topics) - _MAX_TOPICS))
    lines += words_line(words, t)
    newest = sorted(found, key=lambda issue: (issue.opened, issue.code), reverse=True)[:_MAX_ISSUES]
    if newest:
        lines.append(t("trend.issues"))
        lines += [f'• {i.code} "{i.statement}" – {issue_state(i.state, t)}' for i in newest]
    lines.append(t("trend.only_counts"))
    choices = opening_choices(signals, t)
    choices += words_choice(situation, words)
    if trend.topics:
        choices.append(choice(t("review.picture"), ShowTrendPicture()))
    if is_coordinator(situation.me):
        choices.append(choice(t("trend.open"), RunCommand(Command.INBOX), beside=bool(trend.topics)))
    choices.append(choice(t("menu.menu"), RunCommand(Command.MENU), beside=bool(choices)))
    return reply(Message("\n".join(lines), tuple(choices)))


def topic_line(topic: TopicTrend, t: Texts) -> str:
    mean = f"{topic.before / WEEKS_BEFORE:.1f}".removesuffix(".0").replace(".", t("language.decimal"))
    return t("trend.topic", topic=t(f"topic.{topic.topic}"), n=topic.week, areas=topic.areas, mean=mean)


def show_picture(situation: Situation, pressed: ShowTrendPicture) -> Decision[DecisionResult]:
    """Week by week as a picture, with the same numbers as text for who can't see it."""
    t, last = situation.texts, situation.today - timedelta(days=1)
    signal = (yield from _find(situation, pressed.signal)) if pressed.signal else None
    if pressed.signal and signal is None:
        return reply(menu(situation, t("signal.over")))
    rise = signal.rise if signal else None
    weeks = yield from load(WeeksOf(situation.scope, rise.topic if rise else "", rise, rise.day if rise else last))
    if signal is not None:
        title = t("signal.head", topic=t(f"topic.{signal.rise.topic}"), where=where(signal, t))
    else:
        title = t("chart.trend.all", unit=unit_name(situation.me.unit.name))
    usual = (rise.low, rise.high) if rise else None
    latest = ", ".join(f"{week.name}: {week.reports}" for week in weeks[-_WEEKS_IN_WORDS:])
    text = "\n".join([title, t("chart.trend.words", weeks=latest)])
    back = choice(t("menu.xuhuong"), RunCommand(Command.TRENDS), way=True)
    return reply(Message(text, (back,), draw=spec(trend_chart(title, weeks, usual, t))))


# ------------------------------------------------------------------ one signal


def manage_signal(situation: Situation, pressed: ManageSignal) -> Decision[DecisionResult]:
    t = situation.texts
    signal = yield from _find(situation, pressed.id)
    if signal is None:
        return reply(menu(situation, t("signal.over")))
    if pressed.act is SignalAct.SHOW:
        return reply(_card(situation, signal))
    if not may(situation.me, COORDINATORS):
        return refuse_right(situation, COORDINATORS)
    if pressed.act is SignalAct.EXPLAIN:
        return reply(_ask_why(situation, signal))
    return _marked(situation, signal, SignalMark(pressed.act))


def _find(situation: Situation, id: str) -> Decision[Signal | None]:
    signals = yield from load(Signals(situation.scope))
    return next((signal for signal in signals if signal.id == id), None)


def _card(situation: Situation, signal: Signal, preface: str = "") -> Message:
    return card(signal, situation.texts, may_mark=may(situation.me, COORDINATORS), preface=preface)


def _ask_why(situation: Situation, signal: Signal, preface: str = "") -> Message:
    t = situation.texts
    situation.conversation.pending = AwaitsExplanation(signal.id)
    words = "\n".join(line for line in (preface, t("signal.why", topic=t(f"topic.{signal.rise.topic}"))) if line)
    return Message(words, (choice(t("form.back"), ManageSignal(signal.id), way=True),))


def take_explanation(situation: Situation, id: str, text: str) -> Decision[DecisionResult]:
    """The typed sentence why a topic has grown; personal data in it is masked, as everywhere."""
    t = situation.texts
    signal = yield from _find(situation, id)
    if signal is None:
        return reply(menu(situation, t("signal.over")))
    try:
        masked, notice = screen_text(situation, nfc(text))
        check_words(masked)
    except InvalidAnswer as wrong:
        return reply(_ask_why(situation, signal, t(f"wrong.{wrong.why}", **wrong.facts)))
    return _marked(situation, signal, SignalMark.EXPLAIN, masked, notice)


def _marked(
    situation: Situation, signal: Signal, mark: SignalMark, words: str = "", notice: str = ""
) -> DecisionResult:
    t = situation.texts
    decided = actions.mark_signal(situation.actor, signal, mark, words)
    if isinstance(decided, Refusal):
        return reply(menu(situation, decided.words(t)))
    done = "\n".join(line for line in (notice, t(f"signal.done.{mark}")) if line)
    trends = choice(t("menu.xuhuong"), RunCommand(Command.TRENDS), way=True)
    return reply(
        Message(done, (trends, choice(t("menu.menu"), RunCommand(Command.MENU), beside=True))), changes=decided
    )
