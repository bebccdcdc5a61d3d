"""One report: what it says, what was said about it, and what can be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from nhipcau.actions.issues import may_split
from nhipcau.actions.reports import seen_of
from nhipcau.actions.sections import MAX_NAME_CHARS
from nhipcau.bot.forms.report_fields import added_questions, keys_in, label_of
from nhipcau.bot.language.similarity import most_similar
from nhipcau.bot.language.topic_guess import TOPICS
from nhipcau.bot.units.tree import Unit
from nhipcau.console.own_words import MAX_ANSWER_CHARS, MAX_STATEMENT_CHARS
from nhipcau.console.pages import render
from nhipcau.console.report_preview import AppPreview
from nhipcau.console.visit import NotHere, Visit
from nhipcau.handlers.reports.compose_feedback import last_answer_day
from nhipcau.handlers.reports.feedback_messages import note_lines
from nhipcau.model.issues import OPEN_ISSUE, Issue
from nhipcau.model.office_queries import SavedReplies, Sections
from nhipcau.model.queries import CanReachReporter, IssueIn, Issues, ReportIn, SimilarReports
from nhipcau.model.report_title import title_of
from nhipcau.model.reports import ONE_TAP_STATES, STATES_WITH_TEXT, Report
from nhipcau.storage.held_acts import held_about

#: Letters of the heading.
_TITLE_CHARS = 90


@dataclass(frozen=True, slots=True)
class HeldLine:
    """What can be undone, and for how long."""

    id: str
    seconds: int
    #: Somebody outside the office is told when its time is over.
    tells: bool


async def load(visit: Visit) -> Report:
    """The report of the address. Raises NotHere where none of this code lies in the scope."""
    report = await visit.ask(ReportIn(visit.scope, visit.request.path_params["code"].upper()))
    if report is None:
        raise NotHere
    return report


async def show(visit: Visit) -> Response:
    return await show_report(visit, await load(visit))


async def show_report(visit: Visit, report: Report, preview: Sequence[AppPreview] = ()) -> Response:
    t, scope = visit.t, visit.scope
    sections = await visit.ask(Sections(scope))
    can_reach = await visit.ask(CanReachReporter(scope, report.code))
    issue = await visit.ask(IssueIn(scope, report.issue)) if report.issue else None
    return await render(
        visit,
        "report.html",
        here="reports",
        report=report,
        title=title_of(report.text, _TITLE_CHARS) or t("console.reports.withdrawn"),
        fields=_fields(visit, report),
        notes=[line.removeprefix("• ") for line in note_lines(report.notes, report.state, t, mine=False)],
        alike=await visit.ask(SimilarReports(scope, report.code)),
        issue=issue,
        may_split=may_split(report, visit.today),
        open_issues=[] if report.issue else await _issues(visit, report),
        until=last_answer_day(report.day, visit.office.follow_up_days) if can_reach else None,
        states=[state for state in (*ONE_TAP_STATES, *STATES_WITH_TEXT) if state != report.state],
        states_with_text=STATES_WITH_TEXT,
        topics=TOPICS,
        likely=await visit.console.topics.suggest(visit.at.connection, report),
        units=units_to_pass_to(visit, report),
        sections=[section for section in sections if not section.closed],
        held=await held_lines(visit, "report", report.code),
        seen=seen_of(report),
        preview=preview,
        max_answer=MAX_ANSWER_CHARS,
        max_statement=MAX_STATEMENT_CHARS,
        max_section=MAX_NAME_CHARS,
        replies=await visit.ask(SavedReplies(scope)),
    )


def units_to_pass_to(visit: Visit, report: Report) -> Sequence[Unit]:
    """Units that read the report as well, the nearest first: to another one it would never arrive."""
    holding = [unit for unit in visit.office.tree.units if unit.holds(report.area) and unit.id != visit.person.unit.id]
    return sorted(holding, key=lambda unit: -len(unit.path))


async def held_lines(visit: Visit, kind: str, subject: str) -> Sequence[HeldLine]:
    """Only the last act can be undone: what came before it stands below it."""
    held = await held_about(visit.at.connection, kind, subject)
    lines = [HeldLine(act.id, round((act.due_at - visit.now).total_seconds()), act.body != "[]") for act in held]
    return [line for line in lines if line.seconds > 0][-1:]


def _fields(visit: Visit, report: Report) -> Sequence[tuple[str, str]]:
    t = visit.t
    found = [
        (t("console.reports.day"), f"{report.day:%d/%m/%Y}"),
        (t("console.reports.area"), report.area.name),
        (t("console.reports.topic"), t(f"topic.{report.topic}") if report.topic else ""),
        (t("console.report.spread"), t(f"report.spread.{report.spread}") if report.spread else ""),
        (t("console.reports.mood"), t(f"report.mood.{report.mood}") if report.mood else ""),
        (t("console.reports.urgency"), t(f"report.urgency.{report.urgency}") if report.urgency else ""),
    ]
    for question in added_questions(t.language):
        column = report.added[question.id]
        words = ", ".join(label_of(question.id, key, t) for key in keys_in(column)) if question.options else column
        found.append((t(f"report.{question.id}.line"), words))
    return [(label, words) for label, words in found if words]


async def _issues(visit: Visit, report: Report) -> Sequence[Issue]:
    """Open issues, those like the report first."""
    found = await visit.ask(Issues(visit.scope, OPEN_ISSUE))
    near = [(issue.code, issue.statement) for issue in found if issue.topic == report.topic]
    alike = most_similar(report.text, near)
    return sorted(found, key=lambda issue: (issue.code not in alike, issue.topic != report.topic))
