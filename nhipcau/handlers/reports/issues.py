"""`/vande`: list and manage issues; merge reports into them and split them off again."""

from __future__ import annotations

from nhipcau.actions import issues as actions
from nhipcau.actions.decision import Refusal
from nhipcau.bot.forms.builtin import builtin_form
from nhipcau.bot.forms.draft import Draft, FormContext, FormEnd, Input
from nhipcau.bot.forms.engine import answer, begin
from nhipcau.bot.forms.question_screen import show
from nhipcau.bot.language.similarity import MOST, most_similar
from nhipcau.bot.messaging.messages import Message
from nhipcau.handlers.buttons import (
    ManageIssue,
    ManageReport,
    MergeAct,
    MergeReports,
    OfficeAct,
    PagedList,
    ShowPage,
    choice,
    pack_answer,
)
from nhipcau.handlers.reports import compose_feedback
from nhipcau.handlers.reports.feedback_messages import issue_state
from nhipcau.handlers.reports.report_form import caution_about, screen_text
from nhipcau.handlers.reports.report_screens import issue_screen, report_screen
from nhipcau.handlers.reports.similar_reports import load_similar
from nhipcau.handlers.screens import closing, is_coordinator, menu, paged_list, short_title, unfinished
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.model.changes import Change
from nhipcau.model.conversation import DraftKind, DraftName
from nhipcau.model.issues import OPEN_ISSUE
from nhipcau.model.queries import IssueIn, Issues, ReportIn
from nhipcau.model.reports import ONE_TAP_STATES, Report

_PAGE_SIZE = 8


def list_issues(situation: Situation, start: int = 0) -> Decision[DecisionResult]:
    """Open issues of the scope, oldest first."""
    t = situation.texts
    found = yield from load(Issues(situation.scope, OPEN_ISSUE))
    if not found:
        key = "issue.none" if is_coordinator(situation.me) else "issue.none_open"
        return reply(menu(situation, t(key)))
    displayed, choices = paged_list(
        found,
        start,
        _PAGE_SIZE,
        lambda issue: choice(short_title(issue.statement, 60), ManageIssue(issue.code)),
        lambda start: ShowPage(PagedList.ISSUES, start),
        t,
    )
    lines = [t("issue.some", n=len(found))]
    for issue in displayed:
        mark = t("strand.latent_too") if issue.latent else ""
        lines.append(f'• "{issue.statement}" – {issue_state(issue.state, t)}{mark} ({issue.code})')
    return reply(Message("\n".join(lines), tuple(choices)))


def manage_issue(situation: Situation, pressed: ManageIssue) -> Decision[DecisionResult]:
    """Display an issue, set its state, or begin an answer to all contributors."""
    t = situation.texts
    verb: str = pressed.act
    issue = yield from load(IssueIn(situation.scope, pressed.code))
    if issue is None:
        return reply(menu(situation, t("issue.gone")))
    if verb is OfficeAct.SHOW:
        return reply(issue_screen(situation, issue))
    if refused := actions.refuse_change(situation.actor, issue, verb, pressed.seen):
        return reply(issue_screen(situation, issue, refused.words(t)))
    if verb in ONE_TAP_STATES:
        return compose_feedback.record_about_issue(situation, issue, verb, "", pressed.seen)
    return (yield from compose_feedback.compose_feedback(situation, issue, verb))


# ------------------------------------------------------------------ merge and split


def merge_reports(situation: Situation, pressed: MergeReports) -> Decision[DecisionResult]:
    """Put a report into an issue, open a new issue with it, or take it out again."""
    t, act = situation.texts, pressed.act
    report = yield from load(ReportIn(situation.scope, pressed.report))
    if report is None:
        return reply(menu(situation, t("inbox.gone")))
    if act is MergeAct.SPLIT:
        return _split(situation, report)
    if refused := actions.refuse_merge(report):
        return report_screen(situation, report, preface=refused.words(t))
    if act is MergeAct.NEW:
        return reply(_begin(situation, report))
    if act is MergeAct.INTO:
        return (yield from _merge_into(situation, report, pressed.issue))
    return (yield from _choose_issue(situation, report))


def _choose_issue(situation: Situation, report: Report) -> Decision[DecisionResult]:
    """Offer up to three open issues, like the report or with reports like it, or a new one."""
    t = situation.texts
    found = yield from load(Issues(situation.scope, OPEN_ISSUE))
    near = {i.code: i for i in found if i.topic == report.topic or report.area in i.areas}
    beside = yield from load_similar(situation, report)
    of_similar = [i.code for i in found if i.code in {other.issue for other in beside}]
    by_statement = most_similar(report.text, [(i.code, i.statement) for i in near.values()])
    near |= {i.code: i for i in found if i.code in of_similar}
    alike = list(dict.fromkeys([*by_statement, *of_similar]))[:MOST]
    choices = [
        choice(short_title(near[code].statement, 60), MergeReports(report.code, MergeAct.INTO, code)) for code in alike
    ]
    choices.append(choice(t("issue.new"), MergeReports(report.code, MergeAct.NEW)))
    choices.append(choice(t("form.back"), ManageReport(report.code, OfficeAct.SHOW), way=True))
    lines = [t("issue.which" if alike else "issue.nothing_like")]
    lines += [f'• "{near[code].statement}" ({code})' for code in alike]
    return reply(Message("\n".join(lines), tuple(choices)))


def _merge_into(situation: Situation, report: Report, code: str) -> Decision[DecisionResult]:
    t = situation.texts
    issue = yield from load(IssueIn(situation.scope, code))
    decided = actions.merge(situation.actor, report, issue, situation.new_id)
    if issue is None or isinstance(decided, Refusal):
        return reply(menu(situation, t("issue.gone")))
    sentence = t("issue.merged", report=report.named, issue=code, statement=issue.statement)
    return _merged(situation, report, sentence, decided)


def _merged(situation: Situation, report: Report, sentence: str, changes: list[Change]) -> DecisionResult:
    choices = (
        choice(situation.texts("inbox.split"), MergeReports(report.code, MergeAct.SPLIT)),
        *compose_feedback.next_choices(situation, report.code),
    )
    return reply(Message(sentence, choices), changes=changes)


def _split(situation: Situation, report: Report) -> DecisionResult:
    t = situation.texts
    if not report.issue:
        return report_screen(situation, report)
    decided = actions.split(situation.actor, report, situation.today, situation.new_id)
    if isinstance(decided, Refusal):
        return report_screen(situation, report, preface=decided.words(t))
    sentence = t("issue.split", report=report.named, issue=report.issue)
    return reply(Message(sentence, compose_feedback.next_choices(situation, report.code)), changes=decided)


# ------------------------------------------------------------------ open a new issue


def _begin(situation: Situation, report: Report) -> Message:
    """Ask for its statement. A draft for this report continues; one for another report comes first."""
    existing = situation.conversation.find(DraftKind.ISSUE)
    if existing is not None and (existing.extra["code"] == report.code or existing.answers.get("statement")):
        situation.conversation.focus = existing.form
        is_this = existing.extra["code"] == report.code
        return show(context(situation, existing), existing) if is_this else unfinished(situation, existing)
    extra = {"code": report.code, "topic": report.topic}
    draft = situation.conversation.begin(DraftName(DraftKind.ISSUE), situation.new_id("nonce"), extra=extra)
    return begin(context(situation, draft), draft)


def context(situation: Situation, draft: Draft) -> FormContext:
    t = situation.texts

    def summary(draft: Draft) -> str:
        topic = t(f"topic.{draft.extra['topic']}")
        lines = [t("issue.preview"), f'"{draft.answers["statement"]}"']
        return "\n".join([*lines, t("issue.preview_of", topic=topic, unit=situation.me.unit.name)])

    return FormContext(
        form=builtin_form(DraftKind.ISSUE, t.tag),
        texts=t,
        pack=pack_answer,
        screen=lambda text: screen_text(situation, text),
        caution=lambda text: caution_about(situation, text),
        summary=summary,
        today=situation.today,
    )


def step_issue(situation: Situation, draft: Draft, user_input: Input) -> Decision[DecisionResult]:
    t = situation.texts
    done = answer(context(situation, draft), draft, user_input)
    if done.end not in {FormEnd.CANCELLED, FormEnd.SENT}:
        return reply(done.message)
    situation.conversation.drop(draft)
    if done.end is FormEnd.CANCELLED:
        return reply(menu(situation, t("form.cancelled")))
    report = yield from load(ReportIn(situation.scope, draft.extra["code"]))
    if report is None:
        return reply(closing(situation, t("inbox.gone")))
    code = situation.new_id("issue")
    decided = actions.open_issue(situation.actor, report, code, draft.answers["statement"], situation.new_id)
    if isinstance(decided, Refusal):
        return report_screen(situation, report, preface=decided.words(t))
    return _merged(situation, report, t("issue.opened", issue=code, report=report.named), decided)
