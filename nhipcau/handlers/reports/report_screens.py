"""Screens of a report and of an issue for coordinators: fields, notes, choices."""

from __future__ import annotations

from collections.abc import Sequence

from nhipcau.actions.issues import may_split
from nhipcau.actions.permissions import may_change_issue
from nhipcau.bot.forms.model import Question
from nhipcau.bot.forms.report_fields import added_questions, keys_in, label_of
from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.command_words import Command
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.handlers.buttons import (
    ManageIssue,
    ManageReport,
    ManageStrands,
    MergeAct,
    MergeReports,
    OfficeAct,
    RunCommand,
    SetTopic,
    ShowReportActs,
    choice,
)
from nhipcau.handlers.reports.feedback_messages import issue_state, note_lines
from nhipcau.handlers.reports.similar_reports import similar_choice, similar_lines
from nhipcau.handlers.situation import DecisionResult, Situation
from nhipcau.model.issues import Issue
from nhipcau.model.reports import STATES_WITH_TEXT, NearReport, Report

#: Notes on one screen, the latest ones.
_MAX_NOTES = 6


def report_screen(
    situation: Situation,
    report: Report,
    *first: Choice,
    place: int = 0,
    total: int = 0,
    preface: str = "",
    queue: OfficeAct = OfficeAct.NEXT,
    alike: Sequence[NearReport] = (),
) -> DecisionResult:
    """All fields that are exported; pictures come first. `queue`: what "next" leads to: NEXT, the inbox; OPEN, reports
    in progress. `alike`: what may be about the same."""
    t = situation.texts
    if report.state == "withdrawn":
        following = choice(t("inbox.following"), ManageReport(report.code, queue))
        return DecisionResult([Message(t("inbox.withdrawn"), (*first, following))])
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
    lines += similar_lines(alike, t)
    pictures = [Message("", photo=name) for name in report.photos[:2]]
    return DecisionResult([*pictures, Message("\n".join(lines), (*first, *_report_choices(situation, report, queue)))])


def _more_fields(situation: Situation, report: Report) -> list[str]:
    t = situation.texts
    found = [(t(f"report.{q.id}.line"), _in_words(q, report.added[q.id], t)) for q in added_questions(t.language)]
    found += (
        (t("inbox.issue"), report.issue),
        (t("report.photos.line"), str(len(report.photos)) if report.photos else ""),
    )
    return [f"• {label}: {value}" for label, value in found if value]


def _in_words(question: Question, column: str, t: Texts) -> str:
    return ", ".join(label_of(question.id, key, t) for key in keys_in(column)) if question.options else column


def _report_choices(situation: Situation, report: Report, queue: OfficeAct) -> list[Choice]:
    """At most five: the usual next steps, the others behind one choice, and the next report."""
    t = situation.texts
    following = choice(t("inbox.following"), ManageReport(report.code, queue))
    usual = [_act(report, act, t) for act in _usual_acts(report)]
    return [*usual, choice(t("inbox.others"), ShowReportActs(report.code)), following]


def _usual_acts(report: Report) -> list[str]:
    if report.is_waiting:
        return ["answer", "question", "seen"]
    first = "received" if report.state == "new" else "done"
    return [act for act in (first, "answer", "question") if act != report.state]


def _act(report: Report, act: str, t: Texts) -> Choice:
    """Each button carries the present state, so that two coordinators don't overwrite each other."""
    return choice(t(f"inbox.{act}"), ManageReport(report.code, OfficeAct(act), report.state))


#: States that are no usual step, the rarest last; nothing goes back to "received".
_OTHER_STATES = ("done", "in_progress", "passed_on", "not_possible", "verifying")


def other_acts(situation: Situation, report: Report, alike: Sequence[NearReport] = ()) -> list[Choice]:
    """What can be done besides the usual steps: other states, the issue it belongs to, and its topic."""
    t, code, usual = situation.texts, report.code, _usual_acts(report)
    if not report.issue:
        of_issue = [choice(t("inbox.merge"), MergeReports(code, MergeAct.MERGE))]
    else:
        of_issue = [choice(t("inbox.see_issue", issue=report.issue), ManageIssue(report.issue))]
        if may_split(report, situation.today):
            of_issue.append(choice(t("inbox.split"), MergeReports(code, MergeAct.SPLIT)))
    of_issue += similar_choice(report, alike, t)
    states = [state for state in _OTHER_STATES if state not in (*usual, report.state)]
    first = len(states) - ("verifying" in states)
    choices = [_act(report, act, t) for act in states]
    topic = choice(t("inbox.set_topic"), SetTopic(code))
    return [*choices[:first], *of_issue, topic, *choices[first:]]


# ------------------------------------------------------------------ issues


#: What can be done about an issue.
ISSUE_VERBS = ("answer", "in_progress", *STATES_WITH_TEXT)


def issue_screen(situation: Situation, issue: Issue, preface: str = "") -> Message:
    """Statement, areas, state, and the number of contributors as a band; never who they are."""
    t = situation.texts
    lines = [preface] if preface else []
    lines.append(f"{issue.code} · {t('topic.' + issue.topic)}")
    lines.append(f'"{issue.statement}"')
    lines += [t("strand.latent")] if issue.latent else []
    lines += strand_lines(issue, t)
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
    if verbs:
        choices.append(choice(t("strand.list"), ManageStrands(issue.code)))
    choices.append(choice(t("issue.list"), RunCommand(Command.ISSUES), beside=bool(verbs)))
    return Message("\n".join(lines), tuple(choices))


def strand_lines(issue: Issue, t: Texts) -> list[str]:
    """What people think about it, a line each, what most think first."""
    return [f"• {strand_text(strand.kind, strand.words, t)}" for strand in issue.strands]


def strand_text(kind: str, words: str, t: Texts) -> str:
    return f'{t(f"strand.kind.{kind}")}: "{words}"'
