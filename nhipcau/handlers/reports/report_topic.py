"""A coordinator says what a report is about, where its reporter chose another topic."""

from __future__ import annotations

from nhipcau.actions import reports as actions
from nhipcau.actions.decision import Refusal
from nhipcau.bot.language.topic_guess import TOPICS, guess
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.handlers.buttons import ManageReport, OfficeAct, SetTopic, choice
from nhipcau.handlers.reports.compose_feedback import next_choices
from nhipcau.handlers.reports.report_screens import report_screen
from nhipcau.handlers.screens import menu, paged_list
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.model.queries import ReportIn
from nhipcau.model.reports import Report

#: Topics on one page.
_PAGE_SIZE = 5


def set_topic(situation: Situation, pressed: SetTopic) -> Decision[DecisionResult]:
    t = situation.texts
    report = yield from load(ReportIn(situation.scope, pressed.code))
    if report is None:
        return reply(menu(situation, t("inbox.gone")))
    if pressed.topic not in TOPICS:
        return report_screen(situation, report) if report.state == "withdrawn" else _which(situation, report, pressed)
    decided = actions.set_topic(situation.actor, report, pressed.topic, pressed.seen, situation.new_id)
    if isinstance(decided, Refusal):
        return report_screen(situation, report, preface=decided.words(t))
    sentence = t("inbox.topic_done", report=report.named, topic=t(f"topic.{pressed.topic}"))
    return reply(Message(sentence, next_choices(situation, report.code)), changes=decided)


def _which(situation: Situation, report: Report, pressed: SetTopic) -> DecisionResult:
    """The likeliest topics first."""
    t = situation.texts
    others = [topic for topic in dict.fromkeys((*guess(report.text), *TOPICS)) if topic != report.topic]

    def of(topic: str) -> Choice:
        return choice(t(f"topic.{topic}"), SetTopic(report.code, topic, report.topic))

    def more(start: int) -> SetTopic:
        return SetTopic(report.code, start=start)

    _, choices = paged_list(others, pressed.start, _PAGE_SIZE, of, more, t)
    back = choice(t("form.back"), ManageReport(report.code, OfficeAct.SHOW), way=True)
    asked = t("inbox.which_topic", report=report.named, topic=t(f"topic.{report.topic}"))
    return reply(Message(asked, (*choices, back)))
