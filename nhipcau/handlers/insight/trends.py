"""`/xuhuong`: topics that grew this week, by counts only, without interpretation."""

from __future__ import annotations

from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.command_words import Command
from nhipcau.bot.messaging.messages import Message
from nhipcau.handlers.buttons import RunCommand, choice
from nhipcau.handlers.reports.feedback_messages import issue_state
from nhipcau.handlers.screens import is_coordinator, unit_name
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.model.issues import OPEN_ISSUE
from nhipcau.model.queries import Issues, TrendOf
from nhipcau.model.reviews import WEEKS_BEFORE, TopicTrend

_MAX_TOPICS, _MAX_ISSUES = 8, 3


def open_trends(situation: Situation) -> Decision[DecisionResult]:
    t, scope = situation.texts, situation.scope
    trend = yield from load(TrendOf(scope))
    found = yield from load(Issues(scope, OPEN_ISSUE))
    unit = unit_name(situation.me.unit.name)
    lines = [t("trend.head", unit=unit, first=f"{trend.first:%d/%m}", last=f"{trend.last:%d/%m}")]
    lines += [topic_line(topic, t) for topic in trend.topics[:_MAX_TOPICS]] or [t("trend.none")]
    if len(trend.topics) > _MAX_TOPICS:
        lines.append(t("trend.more", n=len(trend.topics) - _MAX_TOPICS))
    newest = sorted(found, key=lambda issue: (issue.opened, issue.code), reverse=True)[:_MAX_ISSUES]
    if newest:
        lines.append(t("trend.issues"))
        lines += [f'• {i.code} "{i.statement}" – {issue_state(i.state, t)}' for i in newest]
    lines.append(t("trend.only_counts"))
    choices = [choice(t("trend.open"), RunCommand(Command.INBOX))] if is_coordinator(situation.me) else []
    choices.append(choice(t("menu.menu"), RunCommand(Command.MENU), beside=bool(choices)))
    return reply(Message("\n".join(lines), tuple(choices)))


def topic_line(topic: TopicTrend, t: Texts) -> str:
    mean = f"{topic.before / WEEKS_BEFORE:.1f}".removesuffix(".0").replace(".", t("language.decimal"))
    verdict = t("trend.grows" if topic.grows else "trend.unsure")
    return t(
        "trend.topic", topic=t(f"topic.{topic.topic}"), n=topic.week, areas=topic.areas, mean=mean, verdict=verdict
    )
