"""`/xuhuong`: what grew this week, as counts say; what it means is written by people."""

from __future__ import annotations

from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.handlers.reports.feedback_messages import issue_state
from nhipcau.handlers.screens import is_coordinator, unit_name
from nhipcau.handlers.situation import Deciding, Outcome, Situation, load, reply
from nhipcau.model.queries import Issues, TrendOf
from nhipcau.model.records import OPEN_ISSUE
from nhipcau.model.reviews import WEEKS_BEFORE, TopicTrend

_TOPICS, _ISSUES = 8, 3


def opened(situation: Situation, _: str) -> Deciding[Outcome]:
    say, scope = situation.texts, situation.me.unit
    trend = yield from load(TrendOf(scope.path))
    found = yield from load(Issues(scope.path, OPEN_ISSUE))
    lines = [say("trend.head", unit=unit_name(scope.name), first=f"{trend.first:%d/%m}", last=f"{trend.last:%d/%m}")]
    lines += [topic_line(topic, say) for topic in trend.topics[:_TOPICS]] or [say("trend.none")]
    if len(trend.topics) > _TOPICS:
        lines.append(say("trend.more", n=len(trend.topics) - _TOPICS))
    newest = sorted(found, key=lambda issue: (issue.opened, issue.code), reverse=True)[:_ISSUES]
    if newest:
        lines.append(say("trend.issues"))
        lines += [f'• {i.code} "{i.statement}" – {issue_state(i.state, say)}' for i in newest]
    lines.append(say("trend.only_counts"))
    choices = [Choice(say("trend.open"), "c:hopthu")] if is_coordinator(situation.me) else []
    choices.append(Choice(say("menu.menu"), "c:menu", beside=bool(choices)))
    return reply(Message("\n".join(lines), tuple(choices)))


def topic_line(topic: TopicTrend, say: Texts) -> str:
    mean = f"{topic.before / WEEKS_BEFORE:.1f}".removesuffix(".0")
    mean = mean.replace(".", ",") if say.language == "vi" else mean
    verdict = say("trend.grows" if topic.grows else "trend.unsure")
    return say(
        "trend.topic", topic=say(f"topic.{topic.topic}"), n=topic.week, areas=topic.areas, mean=mean, verdict=verdict
    )
