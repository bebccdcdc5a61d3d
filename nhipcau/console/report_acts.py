"""What a coordinator does with one report; what its reporter is told waits a minute, in which it can be undone."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from starlette.responses import Response

from nhipcau.actions import issues as issue_actions
from nhipcau.actions import reports as actions
from nhipcau.actions.decision import Refusal
from nhipcau.actions.permissions import COORDINATORS
from nhipcau.bot.language.topic_guess import TOPICS
from nhipcau.bot.messaging.messages import Message
from nhipcau.console.assignment import read_assignment, read_due
from nhipcau.console.own_words import MAX_ANSWER_CHARS, MAX_STATEMENT_CHARS, is_cautioned, read_words
from nhipcau.console.report import load, show, show_report, units_to_pass_to
from nhipcau.console.report_preview import previews
from nhipcau.console.report_replies import add_reply, read_filled
from nhipcau.console.routes import Page
from nhipcau.console.visit import ROOT, Act, Visit
from nhipcau.handlers.reports import feedback_messages
from nhipcau.model.changes import AddReportNote, Change, ChangeReport
from nhipcau.model.issue_changes import MergeReport, OpenIssue
from nhipcau.model.queries import CanReachReporter, IssueIn
from nhipcau.model.reports import ONE_TAP_STATES, STATES_WITH_TEXT, Report
from nhipcau.operations.held_acts import Undo
from nhipcau.operations.undo_acts import undo

#: In the list of issues: a new one.
NEW_ISSUE = "new"


# ------------------------------------------------------------------ words to the reporter


async def preview(visit: Visit) -> Response:
    return await _preview(visit, await load(visit), "answer", "words")


async def preview_state(visit: Visit) -> Response:
    return await _preview(visit, await load(visit), visit.value("state"), "note")


async def _preview(visit: Visit, report: Report, verb: str, field: str) -> Response:
    t, unit = visit.t, visit.person.unit.name
    if verb in ONE_TAP_STATES:
        words: str | None = ""
    elif verb not in (*STATES_WITH_TEXT, "answer"):
        visit.problem = t("console.report.no_state")
        return await _again(visit, report)
    else:
        words = read_filled(visit, report, field)
    if words is None:
        return await _again(visit, report)
    if verb in ONE_TAP_STATES or await visit.ask(CanReachReporter(visit.scope, report.code)):
        message = feedback_messages.to_reporter(verb, report.code, report.named, words, unit, t)
    else:
        message = feedback_messages.to_area(verb, report.code, words, report.area.name, t)
    return await _again(visit, report, message)


async def take_reply(visit: Visit) -> Response:
    """A saved reply below what was typed, its fields filled with what is known of this report."""
    report = await load(visit)
    await add_reply(visit, report)
    return await _again(visit, report)


async def send(visit: Visit) -> Response:
    return await _speak(visit, await load(visit), "answer", "words", "answered")


async def ask_back(visit: Visit) -> Response:
    return await _speak(visit, await load(visit), "question", "words", "asked")


async def set_state(visit: Visit) -> Response:
    """States that need words take them from the note; the others have a sentence of their own."""
    report, state = await load(visit), visit.value("state")
    if state in STATES_WITH_TEXT:
        return await _speak(visit, report, state, "note", "state_set")
    if state not in ONE_TAP_STATES:
        visit.problem = visit.t("console.report.no_state")
    elif visit.value("note"):
        visit.problem = visit.t("console.report.no_note")
    if visit.problem:
        return await _again(visit, report)
    decided = actions.acted_since(report, visit.value("seen")) or actions.set_state(
        visit.actor, report, state, "", visit.console.new_id
    )
    return await _settle(visit, report, decided, "state_set")


async def _speak(visit: Visit, report: Report, verb: str, field: str, done: str) -> Response:
    words = read_filled(visit, report, field)
    if words is None:
        return await _again(visit, report)
    decided = actions.acted_since(report, visit.value("seen")) or actions.speak(
        visit.actor, report, verb, words, "", visit.console.new_id
    )
    return await _settle(visit, report, decided, done)


async def pass_on(visit: Visit) -> Response:
    """To a unit that reads the report as well: its coordinators are told, and the reporter reads where it went."""
    report = await load(visit)
    unit = next((each for each in units_to_pass_to(visit, report) if each.code == visit.value("unit")), None)
    if unit is None:
        visit.problem = visit.t("console.report.no_unit")
        return await _again(visit, report)
    words = read_words(visit, "pass_note", MAX_ANSWER_CHARS - len(unit.name) - 2)
    if words is None:
        return await _again(visit, report)
    due = read_due(visit, "due")
    if visit.problem:
        return await _again(visit, report)
    by = f" ({visit.t('console.report.due', day=f'{due:%d/%m/%Y}')})" if due else ""
    decided = actions.acted_since(report, visit.value("seen")) or actions.pass_on(
        visit.actor, report, unit, words, due, by, visit.console.new_id
    )
    return await _settle(visit, report, decided, "passed_on")


async def assign(visit: Visit) -> Response:
    """To a section of one's own unit; one that is new is made with it."""
    report = await load(visit)
    chosen = await read_assignment(visit, "assign_due", report.due)
    if chosen is None:
        return await _again(visit, report)
    decided = actions.acted_since(report, visit.value("seen")) or actions.assign(
        visit.actor, report, chosen.section, chosen.due
    )
    if not isinstance(decided, Refusal):
        decided = [*chosen.changes, *decided]
    return await _settle(visit, report, decided, "assigned")


async def mark_read(visit: Visit) -> Response:
    report = await load(visit)
    if report.is_waiting:
        await visit.apply(actions.mark_read(visit.actor, report, visit.console.new_id))
    return visit.go(_place(report), "read")


async def set_topic(visit: Visit, field: str = "topic") -> Response:
    """`field`: of the list, or of what was suggested."""
    report, topic = await load(visit), visit.value(field)
    if topic not in TOPICS:
        visit.problem = visit.t("console.report.no_topic")
        return await _again(visit, report)
    decided = actions.acted_since(report, visit.value("seen")) or actions.set_topic(
        visit.actor, report, topic, "", visit.console.new_id
    )
    return await _settle(visit, report, decided, "topic_set")


# ------------------------------------------------------------------ issues


async def merge(visit: Visit) -> Response:
    report, chosen = await load(visit), visit.value("issue")
    if chosen == NEW_ISSUE:
        statement = read_words(visit, "statement", MAX_STATEMENT_CHARS)
        if statement is None or is_cautioned(visit, statement):
            return await _again(visit, report)
        code = visit.console.new_id("issue")
        opened = issue_actions.open_issue(visit.actor, report, code, statement, visit.console.new_id)
        return await _settle(visit, report, opened, "issue_opened")
    if not chosen:
        visit.problem = visit.t("console.report.no_issue")
        return await _again(visit, report)
    issue = await visit.ask(IssueIn(visit.scope, chosen))
    merged = issue_actions.merge(visit.actor, report, issue, visit.console.new_id)
    return await _settle(visit, report, merged, "merged")


async def split(visit: Visit) -> Response:
    report = await load(visit)
    if not report.issue:
        return visit.go(_place(report))
    decided = issue_actions.split(visit.actor, report, visit.today, visit.console.new_id)
    return await _settle(visit, report, decided, "split")


# ------------------------------------------------------------------ shared


async def undo_last(visit: Visit) -> Response:
    report = await load(visit)
    if await undo(visit.context, "report", report.code, visit.value("held"), visit.person.id):
        return visit.go(_place(report), "taken_back")
    visit.problem = visit.t("console.report.not_undone")
    return await _again(visit, report)


async def _settle(visit: Visit, report: Report, decided: list[Change] | Refusal, done: str) -> Response:
    if isinstance(decided, Refusal):
        visit.refuse(decided)
        return await _again(visit, report)
    await hold(visit, report, decided)
    return visit.go(_place(report), done)


async def hold(visit: Visit, report: Report, decided: Sequence[Change]) -> None:
    """Write it now, tell the reporter in a minute."""
    before = {"state": str(report.state), "confirmed": report.confirmed, "issue": report.issue, "topic": report.topic}
    before |= {"section": report.section.id if report.section else "", "due": str(report.due or "")}
    after, notes, opened = dict(before), list[str](), dict[str, str]()
    for change in decided:
        if isinstance(change, ChangeReport):
            after |= {name: str(value or "") for name, value in change.values.items() if name in before}
        elif isinstance(change, MergeReport):
            after["issue"] = change.issue if change.act == "merge" else ""
        elif isinstance(change, OpenIssue):
            opened = {"opened": change.code}
        elif isinstance(change, AddReportNote):
            notes.append(change.id)
    await visit.hold("report", report.code, list(decided), Undo(before | opened, after, tuple(notes)))


async def _again(visit: Visit, report: Report, message: Message | None = None) -> Response:
    """The same page, with what was typed."""
    return await show_report(visit, report, previews(visit, message) if message else ())


def _place(report: Report) -> str:
    return f"{ROOT}/reports/{report.code}"


_ACTS = {
    "preview": Act(preview, writes=False),
    "send": Act(send),
    "ask": Act(ask_back),
    "reply": Act(take_reply, writes=False),
    "state": Act(set_state),
    "preview_state": Act(preview_state, writes=False),
    "pass": Act(pass_on),
    "assign": Act(assign),
    "merge": Act(merge),
    "split": Act(split),
    "read": Act(mark_read),
    "topic": Act(set_topic),
    "likely": Act(partial(set_topic, field="likely")),
    "undo": Act(undo_last),
}
PAGES = (Page("/reports/{code}", COORDINATORS, show, _ACTS),)
