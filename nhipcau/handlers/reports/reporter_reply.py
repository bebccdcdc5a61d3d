"""Replies of reporters: to a question of the office, or whether the matter is solved. Only a tag identifies them."""

from __future__ import annotations

from collections.abc import Sequence

from nhipcau.actions import issues as issue_actions
from nhipcau.actions import reports as actions
from nhipcau.bot.forms.answer_matching import InvalidAnswer, check_words
from nhipcau.bot.language.command_words import Command, is_greeting
from nhipcau.bot.language.vietnamese import nfc, read_number, word_key
from nhipcau.bot.messaging.button import Button
from nhipcau.bot.messaging.messages import Message
from nhipcau.handlers.buttons import MyReport, ReplyAct, ReplyToOffice, RunCommand, SayIfSettled, choice
from nhipcau.handlers.reports.report_form import screen_text
from nhipcau.handlers.screens import closing, command_choice, menu
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.model.changes import AddReportNote, TellOffice
from nhipcau.model.conversation import AwaitsReply
from nhipcau.model.issues import IssueState
from nhipcau.model.queries import MyIssue, MyReports, ReportAround
from nhipcau.model.reports import Report

#: What people type instead of the labels.
_OK = frozenset({"on", "on roi", "roi", "da on", "xong roi", "ok", "yes"})
_NOT_OK = frozenset({"chua", "chua on", "chua xong", "chua duoc", "khong", "no"})


def reply_to_office(situation: Situation, pressed: ReplyToOffice) -> Decision[DecisionResult]:
    """Begin or take a reply, from the reporter by tag, or from the area if the question went there."""
    from_area = pressed.act is ReplyAct.AREA
    report = yield from _find(situation, pressed.code, from_area)
    if report is None:
        return reply(menu(situation, situation.texts("mine.gone")))
    if pressed.act in {ReplyAct.YES, ReplyAct.NO}:
        return _confirm(situation, report, pressed.act)
    if not _may_reply(report):
        return reply(closing(situation, _late(situation)))
    return reply(ask_words(situation, AwaitsReply(pressed.code, from_area)))


def _find(situation: Situation, code: str, from_area: bool) -> Decision[Report | None]:
    if from_area:
        return (yield from load(ReportAround(situation.me.unit, code)))
    found = yield from load(MyReports(situation.me.tag_secret, code))
    return found[0] if found else None


def _may_reply(report: Report) -> bool:
    """The office has asked or answered, or the reporter has said "chưa ổn"."""
    return report.state != "withdrawn" and any(n.kind in {"question", "answer", "no"} for n in report.notes)


def _late(situation: Situation) -> str:
    return situation.texts("feedback.too_late")


def ask_words(situation: Situation, about: AwaitsReply, preface: str = "") -> Message:
    """Ask for the text of the reply; also after something that is no text."""
    t = situation.texts
    situation.conversation.pending = about
    words = "\n".join(line for line in (preface, t("feedback.reply_ask")) if line)
    return Message(words, (choice(t("form.back"), way_back(about)),))


def way_back(about: AwaitsReply) -> Button:
    """The button that "lùi" and "hủy" stand for while a reply is awaited."""
    return RunCommand(Command.MENU) if about.from_area else MyReport(about.code)


def typed_below_answer(situation: Situation, displayed: Sequence[Button], text: str) -> Decision[DecisionResult | None]:
    """Text typed below a message of the office; None if it means something else.

    While a draft is open the text belongs to it: a reply can't be taken back.
    """
    for offered in (button for button in displayed if isinstance(button, ReplyToOffice | SayIfSettled)):
        code, act = offered.code, offered.act
        if act in {ReplyAct.YES, ReplyAct.NO}:
            key = word_key(text)
            meant = ReplyAct.YES if key in _OK else ReplyAct.NO if key in _NOT_OK else None
            if meant is None:
                return None
            if isinstance(offered, SayIfSettled):
                return (yield from say_if_settled(situation, SayIfSettled(code, meant)))
            return (yield from reply_to_office(situation, ReplyToOffice(code, meant)))
        if situation.conversation.draft is None and not is_greeting(text) and read_number(text, 99) is None:
            return (yield from send_words(situation, AwaitsReply(code, act is ReplyAct.AREA), text))
    return None


def send_words(situation: Situation, about: AwaitsReply, text: str) -> Decision[DecisionResult]:
    """Store the reply as a note, and notify the coordinators of the area."""
    t, code, from_area = situation.texts, about.code, about.from_area
    report = yield from _find(situation, code, from_area)
    if report is None or not _may_reply(report):
        return reply(menu(situation, _late(situation)))
    try:
        masked, notice = screen_text(situation, nfc(text))
        check_words(masked)
    except InvalidAnswer as wrong:
        return reply(ask_words(situation, about, t(f"wrong.{wrong.why}", **wrong.facts)))
    side, key = ("area", "feedback.replied_area") if from_area else ("reporter", "feedback.replied")
    # whoever answers for the area does not learn what the report says
    told = t(key) if from_area else t(key, report=report.named)
    sentence = "\n".join(line for line in (notice, told) if line)
    kind = "area" if from_area else "reply"
    mine = () if from_area else (command_choice(Command.MY_REPORTS, t),)
    return reply(
        closing(situation, sentence, *mine),
        changes=[
            AddReportNote(situation.new_id("id"), code, side, "reply", masked),
            TellOffice(code, report.area, kind),
        ],
    )


def _confirm(situation: Situation, report: Report, act: ReplyAct) -> DecisionResult:
    t, code = situation.texts, report.code
    mine = command_choice(Command.MY_REPORTS, t)
    if act is ReplyAct.YES and report.confirmed == "yes":
        return reply(closing(situation, t("feedback.thanks", report=report.named), mine))
    if not report.may_be_settled:
        return reply(closing(situation, _late(situation), mine))
    changes = actions.say_if_settled(report, act is ReplyAct.YES, situation.new_id)
    if act is ReplyAct.YES:
        return reply(closing(situation, t("feedback.thanks", report=report.named), mine), changes=changes)
    situation.conversation.pending = AwaitsReply(code)
    return reply(Message(t("feedback.not_ok_done", report=report.named), (mine,)), changes=changes)


def say_if_settled(situation: Situation, pressed: SayIfSettled) -> Decision[DecisionResult]:
    """Whether an issue is settled, by somebody who contributed to it: for all that they contributed."""
    t, me, mine = situation.texts, situation.me, command_choice(Command.MY_REPORTS, situation.texts)
    found = yield from load(MyIssue(me.tag_secret, pressed.code))
    if found is None:
        return reply(menu(situation, t("mine.gone")))
    issue, supports = found
    own = yield from load(MyReports(me.tag_secret))
    reports = [report for report in own if report.issue == issue.code and report.may_be_settled]
    is_settled = pressed.act is ReplyAct.YES
    if issue.state not in {IssueState.DONE, IssueState.IN_PROGRESS}:
        return reply(closing(situation, _late(situation), mine))
    changes = issue_actions.say_if_settled(issue, reports, supports, is_settled, situation.new_id)
    key = "issue.thanks" if is_settled else "issue.not_ok"
    return reply(closing(situation, t(key, statement=issue.statement), mine), changes=changes)
