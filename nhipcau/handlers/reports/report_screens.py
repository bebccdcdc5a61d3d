"""Screens of a report and of an issue for coordinators: fields, notes, choices."""

from __future__ import annotations

from nhipcau.actions.issues import may_split
from nhipcau.actions.permissions import may_change_issue
from nhipcau.bot.forms.model import Question
from nhipcau.bot.forms.report_fields import added_questions, keys_in, label_of
from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.command_words import Command
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.handlers.buttons import ManageIssue, ManageReport, MergeAct, MergeReports, OfficeAct, RunCommand, choice
from nhipcau.handlers.reports.feedback_messages import issue_state, note_lines
from nhipcau.handlers.situation import DecisionResult, Situation
from nhipcau.model.issues import Issue
from nhipcau.model.reports import ONE_TAP_STATES, STATES_WITH_TEXT, TEXTS_WITHOUT_STATE, Report

#: States a coordinator can set, in the order of the buttons.
STATES = (*ONE_TAP_STATES, *STATES_WITH_TEXT)
#: Notes on one screen, the latest ones.
_MAX_NOTES = 6


def report_screen(
    situation: Situation,
    report: Report,
    *more: Choice,
    place: int = 0,
    total: int = 0,
    preface: str = "",
    queue: OfficeAct = OfficeAct.NEXT,
) -> DecisionResult:
    """All fields that are exported; pictures come first. `queue`: what "next" leads to: NEXT, the inbox; OPEN, reports
    in progress."""
    t = situation.texts
    lines = [preface] if preface else []
    head = f"{place}/{total} · " if total else ""
    lines.append(f"{head}{report.code} · {report.day:%d/%m} · {t('urgency.' + report.urgency)}")
    lines.append(
        " – ".join(
            [
                t("topic." + report.topic),
                report.area.name,
                *([t(f"report.spread.{report.spread}").lower()] if report.spread else []),
                *([t("report.mood." + report.mood).lower()] if report.mood else []),
            ]
        )
    )
    lines.append(f'"{report.text}"')
    lines += _more_fields(situation, report)
    lines.append(t("inbox.state", state=t(f"state.{report.state}")))
    lines += note_lines(report.notes[-_MAX_NOTES:], report.state, t, mine=False)
    pictures = [Message("", photo=name) for name in report.photos[:2]]
    return DecisionResult([*pictures, Message("\n".join(lines), (*_report_choices(situation, report, queue), *more))])


def _more_fields(situation: Situation, report: Report) -> list[str]:
    t = situation.texts
    found = [(t(f"report.{q.id}.line"), _in_words(q, report.added[q.id], t)) for q in added_questions(t.language)]
    found += (
        (t("inbox.issue"), report.issue),
        (t("report.photos.line"), str(len(report.photos)) if report.photos else ""),
        (t("inbox.practice"), t("form.yes") if report.practice else ""),
    )
    return [f"• {label}: {value}" for label, value in found if value]


def _in_words(question: Question, column: str, t: Texts) -> str:
    return ", ".join(label_of(question.id, key, t) for key in keys_in(column)) if question.options else column


def _report_choices(situation: Situation, report: Report, queue: OfficeAct) -> list[Choice]:
    """What can be done. Each button carries the present state, so that two coordinators don't overwrite each other."""
    t, code, seen = situation.texts, report.code, report.state
    following = choice(t("inbox.following"), ManageReport(code, queue))
    if seen == "withdrawn":
        return [following]
    verbs = [*(state for state in STATES if state != seen), *TEXTS_WITHOUT_STATE]
    choices = [
        choice(t(f"inbox.{verb}"), ManageReport(code, OfficeAct(verb), seen), beside=n % 2 == 1)
        for n, verb in enumerate(verbs)
    ]
    if not report.issue:
        choices.append(choice(t("inbox.merge"), MergeReports(code, MergeAct.MERGE)))
    else:
        choices.append(choice(t("inbox.see_issue", issue=report.issue), ManageIssue(report.issue)))
        if may_split(report, situation.today):
            choices.append(choice(t("inbox.split"), MergeReports(code, MergeAct.SPLIT), beside=True))
    if report.is_waiting:
        choices.append(choice(t("inbox.seen"), ManageReport(code, OfficeAct.SEEN)))
    return [*choices, following]


# ------------------------------------------------------------------ issues


#: What can be done about an issue.
ISSUE_VERBS = ("answer", "in_progress", *STATES_WITH_TEXT)


def issue_screen(situation: Situation, issue: Issue, preface: str = "") -> Message:
    """Statement, areas, state, and the number of contributors as a band; never who they are."""
    t = situation.texts
    lines = [preface] if preface else []
    lines.append(f"{issue.code} · {t('topic.' + issue.topic)}")
    lines.append(f'"{issue.statement}"')
    if issue.areas:
        lines.append(t("issue.areas", areas=", ".join(area.name for area in issue.areas)))
    lines.append(t("issue.weight", band=t(f"issue.band.{issue.band}"), days=(situation.today - issue.opened).days))
    lines.append(t("issue.state", state=issue_state(issue.state, t), unit=issue.owner.name))
    if issue.answer and issue.answered:
        lines.append(t("issue.answered", day=f"{issue.answered:%d/%m}", words=issue.answer))
    verbs = [verb for verb in ISSUE_VERBS if verb != issue.state] if may_change_issue(situation.me, issue) else []
    choices = [
        choice(t(f"inbox.{verb}"), ManageIssue(issue.code, OfficeAct(verb), issue.state), beside=n % 2 == 1)
        for n, verb in enumerate(verbs)
    ]
    choices.append(choice(t("issue.list"), RunCommand(Command.ISSUES)))
    return Message("\n".join(lines), tuple(choices))
