"""`/vande`: what several reports are about. A person merges and takes apart; one answer reaches all who contributed."""

from __future__ import annotations

from nhipcau.bot.forms.builtin import builtin_form
from nhipcau.bot.forms.draft import Draft, FormContext, FormEnd, Input
from nhipcau.bot.forms.engine import answer
from nhipcau.bot.forms.question_screen import begin, show
from nhipcau.bot.language.similarity import likest
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.handlers.reports import compose_feedback
from nhipcau.handlers.reports.feedback_messages import AT_ONCE, ISSUE, issue_state
from nhipcau.handlers.reports.file_report import screen_text
from nhipcau.handlers.reports.report_screens import (
    ISSUE_VERBS,
    UNDO_DAYS,
    issue_screen,
    may_change,
    may_split,
    report_screen,
)
from nhipcau.handlers.screens import closing, is_coordinator, menu, page_of, short_title, unfinished
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.model.changes import AddReportNote, Change, ChangeReport, MergeReport, OpenIssue, TellReporter
from nhipcau.model.issues import OPEN_ISSUE
from nhipcau.model.queries import IssueIn, Issues, ReportIn
from nhipcau.model.reports import Report, ReportState

FORM = "issue"
_LISTED = 8
_READERS = ("coordinator", "leader")


def listing(situation: Situation, page: str) -> Decision[DecisionResult]:
    """Open issues of the scope, oldest first."""
    t = situation.texts
    found = yield from load(Issues(situation.me.unit.path, OPEN_ISSUE))
    if not found:
        key = "issue.none" if is_coordinator(situation.me) else "issue.none_open"
        return reply(menu(situation, t(key)))
    shown, following = page_of(found, page, _LISTED)
    lines, choices = [t("issue.some", n=len(found))], []
    for issue in shown:
        lines.append(f'• {issue.code} "{issue.statement}" – {issue_state(issue.state, t)}')
        choices.append(Choice(short_title(issue.statement, 60), f"v:{issue.code}:show"))
    if following:
        choices.append(Choice(t("form.more"), f"v:{following}:page"))
    return reply(Message("\n".join(lines), tuple(choices)))


def pressed(situation: Situation, rest: str) -> Decision[DecisionResult]:
    """`VD-…:show|<verb>[:state seen]` of an issue; `PA-…:merge|new|split|in[:VD-…]` of a report."""
    code, verb, more = [*rest.split(":"), "", ""][:3]
    if situation.me.role not in _READERS:
        return reply(menu(situation, situation.texts("menu.not_yours")))
    if verb == "page":
        return (yield from listing(situation, code))
    if code.startswith(ISSUE):
        return (yield from _issue_pressed(situation, code, verb, more))
    if not is_coordinator(situation.me):
        return reply(menu(situation, situation.texts("menu.not_yours")))
    return (yield from _report_pressed(situation, code, verb, more))


def _issue_pressed(situation: Situation, code: str, verb: str, seen: str) -> Decision[DecisionResult]:
    t = situation.texts
    issue = yield from load(IssueIn(situation.me.unit.path, code))
    if issue is None:
        return reply(menu(situation, t("issue.gone")))
    if verb not in ISSUE_VERBS:
        return reply(issue_screen(situation, issue))
    if not may_change(situation, issue):
        return reply(issue_screen(situation, issue, t("issue.not_owner", unit=issue.owner.name)))
    if issue.state == verb or (seen and seen != issue.state):
        return reply(issue_screen(situation, issue, t("inbox.changed", state=issue_state(issue.state, t))))
    if verb in AT_ONCE:
        return compose_feedback.record_about_issue(situation, issue, verb, "")
    return (yield from compose_feedback.begin(situation, issue, verb))


# ------------------------------------------------------------------ merging and taking apart


def _report_pressed(situation: Situation, code: str, verb: str, issue: str) -> Decision[DecisionResult]:
    t = situation.texts
    report = yield from load(ReportIn(situation.me.unit.path, code))
    if report is None:
        return reply(menu(situation, t("inbox.gone")))
    if verb == "split":
        return _split(situation, report)
    if report.state == "withdrawn":
        return report_screen(situation, report, preface=t("inbox.withdrawn"))
    if report.issue:
        return report_screen(situation, report, preface=t("issue.already", issue=report.issue))
    if verb == "new":
        return reply(_begin(situation, report))
    if verb == "in":
        return (yield from _merge_into(situation, report, issue))
    return (yield from _choose(situation, report))


def _choose(situation: Situation, report: Report) -> Decision[DecisionResult]:
    """Up to three open issues that are alike, of the same topic or area; a person decides."""
    t = situation.texts
    found = yield from load(Issues(situation.me.unit.path, OPEN_ISSUE))
    near = {i.code: i for i in found if i.topic == report.topic or report.area in i.areas}
    alike = likest(report.text, [(i.code, i.statement) for i in near.values()])
    choices = [Choice(short_title(near[code].statement, 60), f"v:{report.code}:in:{code}") for code in alike]
    choices.append(Choice(t("issue.new"), f"v:{report.code}:new"))
    choices.append(Choice(t("form.back"), f"i:{report.code}:show", way=True))
    lines = [t("issue.which" if alike else "issue.nothing_like")]
    lines += [f'• {code} "{near[code].statement}"' for code in alike]
    return reply(Message("\n".join(lines), tuple(choices)))


def _merge_into(situation: Situation, report: Report, code: str) -> Decision[DecisionResult]:
    t = situation.texts
    issue = yield from load(IssueIn(situation.me.unit.path, code))
    if issue is None or issue.state not in OPEN_ISSUE:
        return reply(menu(situation, t("issue.gone")))
    said = t("issue.merged", code=report.code, issue=code, statement=issue.statement)
    return _merged(situation, report, code, said, issue.state)


def _merged(situation: Situation, report: Report, issue: str, said: str, state: str = "open") -> DecisionResult:
    """A new report is taken up by it: it takes the issue's state, and its reporter hears so."""
    changes: list[Change] = [MergeReport(situation.new_id("id"), report.code, issue, "merge", situation.me.id)]
    becomes = "received" if state == "open" else state
    if report.state == "new":
        changes += [
            ChangeReport(report.code, {"state": becomes}, actor=situation.me.id, seen=ReportState.NEW),
            AddReportNote(situation.new_id("id"), report.code, "office", becomes),
            TellReporter(report.code, becomes, "", situation.me.unit.name),
        ]
    choices = (
        Choice(situation.texts("inbox.split"), f"v:{report.code}:split"),
        *compose_feedback.onward(situation, report.code),
    )
    return reply(Message(said, choices), changes=changes)


def _split(situation: Situation, report: Report) -> DecisionResult:
    t = situation.texts
    if not report.issue:
        return report_screen(situation, report)
    if not may_split(situation, report):
        return report_screen(situation, report, preface=t("issue.split_late", days=UNDO_DAYS))
    said = t("issue.split", code=report.code, issue=report.issue)
    row = MergeReport(situation.new_id("id"), report.code, report.issue, "split", situation.me.id)
    return reply(Message(said, compose_feedback.onward(situation, report.code)), changes=[row])


# ------------------------------------------------------------------ a new one


def _begin(situation: Situation, report: Report) -> Message:
    """Ask for its statement; one half-written for this report goes on, one for another report comes first."""
    kept = situation.talk.drafts.get(FORM)
    if kept is not None and (kept.extra["code"] == report.code or kept.answers.get("statement")):
        situation.talk.focus = FORM
        is_this = kept.extra["code"] == report.code
        return show(walk(situation, kept), kept) if is_this else unfinished(situation, kept)
    extra = {"code": report.code, "topic": report.topic}
    draft = situation.talk.begin(Draft(form=FORM, nonce=situation.new_id("nonce"), extra=extra))
    return begin(walk(situation, draft), draft)


def walk(situation: Situation, draft: Draft) -> FormContext:
    t = situation.texts

    def summary(draft: Draft) -> str:
        topic = t(f"topic.{draft.extra['topic']}")
        lines = [t("issue.preview"), f'"{draft.answers["statement"]}"']
        return "\n".join([*lines, t("issue.preview_of", topic=topic, unit=situation.me.unit.name)])

    return FormContext(
        form=builtin_form(FORM, t.language),
        texts=t,
        screen=lambda text: screen_text(situation, text),
        summary=summary,
        today=situation.today,
    )


def step(situation: Situation, draft: Draft, said: Input) -> Decision[DecisionResult]:
    t = situation.texts
    done = answer(walk(situation, draft), draft, said)
    if done.end not in {FormEnd.CANCELLED, FormEnd.SENT}:
        return reply(done.message)
    situation.talk.drop(FORM)
    if done.end is FormEnd.CANCELLED:
        return reply(menu(situation, t("form.cancelled")))
    report = yield from load(ReportIn(situation.me.unit.path, draft.extra["code"]))
    if report is None:
        return reply(closing(situation, t("inbox.gone")))
    if report.issue or report.state == "withdrawn":
        key = "inbox.withdrawn" if not report.issue else "issue.already"
        return report_screen(situation, report, preface=t(key, issue=report.issue))
    code = situation.new_id("issue")
    outcome = _merged(situation, report, code, t("issue.opened", issue=code, code=report.code))
    made = OpenIssue(code, draft.answers["statement"], report.topic, situation.me.unit.id, situation.me.id)
    outcome.changes.insert(0, made)
    return outcome
