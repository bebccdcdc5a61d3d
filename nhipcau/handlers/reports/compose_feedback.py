"""A coordinator writes to the reporter, or to all contributors of an issue: text, preview, send."""

from __future__ import annotations

import calendar
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from nhipcau.actions import issues, reports
from nhipcau.actions.decision import Refusal
from nhipcau.actions.permissions import owns_issue
from nhipcau.bot.forms.builtin import builtin_form
from nhipcau.bot.forms.draft import Draft, FormContext, FormEnd, Input
from nhipcau.bot.forms.engine import answer, begin
from nhipcau.bot.forms.question_screen import show
from nhipcau.bot.language.command_words import Command
from nhipcau.bot.messaging.messages import Choice
from nhipcau.handlers.buttons import ContinueDraft, ManageReport, OfficeAct, RunCommand, choice, pack_answer
from nhipcau.handlers.reports import feedback_messages
from nhipcau.handlers.reports.report_form import screen_text
from nhipcau.handlers.reports.report_screens import issue_screen, report_screen
from nhipcau.handlers.screens import closing, menu, unfinished
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.model.conversation import DraftKind, DraftName
from nhipcau.model.issues import Issue
from nhipcau.model.queries import CanReachReporter, IssueIn, ReportIn
from nhipcau.model.reports import Report


def last_answer_day(day: date, follow_up_days: int) -> date:
    """Until when an answer to a report of this day can reach its reporter; then its month's key is destroyed."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1]) + timedelta(days=follow_up_days)


def next_choices(situation: Situation, code: str) -> tuple[Choice, ...]:
    """Next steps for a coordinator below a receipt."""
    t = situation.texts
    if code.startswith(feedback_messages.ISSUE):
        return (
            choice(t("issue.list"), RunCommand(Command.ISSUES)),
            choice(t("menu.menu"), RunCommand(Command.MENU), beside=True),
        )
    return (
        choice(t("inbox.following"), ManageReport(code, OfficeAct.NEXT)),
        choice(t("menu.menu"), RunCommand(Command.MENU), beside=True),
    )


# ------------------------------------------------------------------ writing


def compose_feedback(situation: Situation, matter: Report | Issue, verb: str) -> Decision[DecisionResult]:
    """Ask for the text, and say whom it will reach. A started text about another report or issue comes first."""
    existing = situation.conversation.find(DraftKind.FEEDBACK)
    if existing is not None and existing.answers.get("words"):
        situation.conversation.focus = existing.form
        if (existing.extra["code"], existing.extra["verb"]) == (matter.code, verb):
            return reply(show(context(situation, existing), existing))
        return reply(unfinished(situation, existing))
    extra: dict[str, Any] = {"code": matter.code, "verb": verb, "seen": matter.state, "until": ""}
    if isinstance(matter, Report):
        extra |= {
            "about": matter.area.name,
            "named": matter.named,
            "until": (yield from _answer_deadline(situation, matter)),
        }
    else:
        extra["about"] = matter.statement
    draft = situation.conversation.begin(DraftName(DraftKind.FEEDBACK), situation.new_id("nonce"), extra=extra)
    return reply(begin(context(situation, draft), draft))


def _answer_deadline(situation: Situation, report: Report) -> Decision[str]:
    """The last day on which an answer can reach the reporter, as displayed; "" if it can't any more."""
    if not (yield from load(CanReachReporter(situation.scope, report.code))):
        return ""
    return f"{last_answer_day(report.day, situation.office.follow_up_days):%d/%m/%Y}"


def context(situation: Situation, draft: Draft) -> FormContext:
    t = situation.texts
    form = builtin_form(DraftKind.FEEDBACK, t.tag)
    asked = tuple(replace(q, text=t(f"feedback.ask.{draft.extra['verb']}")) for q in form.questions)
    return FormContext(
        form=replace(form, questions=asked),
        texts=t,
        pack=pack_answer,
        screen=lambda text: screen_text(situation, text),
        summary=lambda draft: _preview(situation, draft),
        head=_recipients_line(situation, draft),
        today=situation.today,
    )


def _recipients_line(situation: Situation, draft: Draft) -> str:
    """A line that says whom the text will reach."""
    t, extra = situation.texts, draft.extra
    if extra["code"].startswith(feedback_messages.ISSUE):
        return t("feedback.to_all")
    if not extra["until"]:
        return t("feedback.to_area", area=extra["about"])
    return t("feedback.until", day=extra["until"])


def _preview(situation: Situation, draft: Draft) -> str:
    """The message exactly as its recipients will read it."""
    t, extra = situation.texts, draft.extra
    code, verb, words, unit = extra["code"], extra["verb"], draft.answers["words"], situation.me.unit.name
    if code.startswith(feedback_messages.ISSUE):
        head = t("feedback.preview_all")
        message = feedback_messages.about_issue(verb, code, extra["about"], words, unit, t)
    elif extra["until"]:
        head, message = (
            t("feedback.preview"),
            feedback_messages.to_reporter(verb, code, extra.get("named", code), words, unit, t),
        )
    else:
        head = t("feedback.preview_area", area=extra["about"])
        message = feedback_messages.to_area(verb, code, words, extra["about"], t)
    return "\n".join([head, "———", message.text, *(f"[{c.label}]" for c in message.choices), "———"])


def step_feedback(situation: Situation, draft: Draft, user_input: Input) -> Decision[DecisionResult]:
    done = answer(context(situation, draft), draft, user_input)
    if done.end is FormEnd.CANCELLED:
        situation.conversation.drop(draft)
        return reply(menu(situation, situation.texts("form.cancelled")))
    if done.end is not FormEnd.SENT:
        return reply(done.message)
    if draft.extra["code"].startswith(feedback_messages.ISSUE):
        return (yield from _send_about_issue(situation, draft))
    return (yield from _send(situation, draft))


# ------------------------------------------------------------------ sending


def _send(situation: Situation, draft: Draft) -> Decision[DecisionResult]:
    t, code, verb = situation.texts, draft.extra["code"], draft.extra["verb"]
    report = yield from load(ReportIn(situation.scope, code))
    if report is None:
        situation.conversation.drop(draft)
        return reply(menu(situation, t("inbox.gone")))
    words = str(draft.answers["words"])
    decided = reports.speak(situation.actor, report, verb, words, draft.extra["seen"], situation.new_id)
    if isinstance(decided, Refusal):
        return _refused(situation, draft, report, decided)
    until = yield from _answer_deadline(situation, report)
    if bool(until) != bool(draft.extra["until"]):
        # the recipients are no longer those of the preview: display it again
        draft.extra["until"] = until
        return reply(show(context(situation, draft), draft, _recipients_line(situation, draft)))
    situation.conversation.drop(draft)
    key = "feedback.sent" if until else "feedback.sent_area"
    sentence = t(key, report=report.named, what=feedback_messages.what_was_done(verb, t), area=report.area.name)
    return reply(closing(situation, sentence, *next_choices(situation, code)), changes=decided)


def _refused(situation: Situation, draft: Draft, report: Report, refused: Refusal) -> DecisionResult:
    """Display the report with the refusal. If only its state has changed, the draft stays, with a button back to it."""
    t, verb = situation.texts, draft.extra["verb"]
    if report.state == verb:
        situation.conversation.drop(draft)
        return report_screen(situation, report, preface=reports.changed(verb).words(t))
    if report.state == "withdrawn":
        situation.conversation.drop(draft)
        return report_screen(situation, report, preface=refused.words(t))
    draft.extra["seen"] = report.state
    situation.conversation.focus = ""
    back = choice(t("feedback.go_on"), ContinueDraft(draft.nonce))
    return report_screen(situation, report, back, preface=refused.words(t))


def _send_about_issue(situation: Situation, draft: Draft) -> Decision[DecisionResult]:
    t, code, verb = situation.texts, draft.extra["code"], draft.extra["verb"]
    issue = yield from load(IssueIn(situation.scope, code))
    if issue is None or not owns_issue(situation.actor, issue):
        situation.conversation.drop(draft)
        return reply(menu(situation, t("issue.gone")))
    seen = draft.extra["seen"]
    if refused := issues.refuse_change(situation.actor, issue, verb, seen):
        draft.extra["seen"] = issue.state
        if issue.state == verb:
            situation.conversation.drop(draft)
        situation.conversation.focus = ""
        return reply(issue_screen(situation, issue, refused.words(t)))
    situation.conversation.drop(draft)
    return record_about_issue(situation, issue, verb, str(draft.answers["words"]), seen)


def record_about_issue(situation: Situation, issue: Issue, verb: str, words: str, seen: str) -> DecisionResult:
    """Set the state or answer of an issue and its reports, and notify all contributors."""
    t = situation.texts
    decided = issues.change_issue(situation.actor, issue, verb, words, seen)
    if isinstance(decided, Refusal):
        return reply(issue_screen(situation, issue, decided.words(t)))
    sentence = t("feedback.sent_all", code=issue.code, what=feedback_messages.what_was_done(verb, t))
    return reply(closing(situation, sentence, *next_choices(situation, issue.code)), changes=decided)
