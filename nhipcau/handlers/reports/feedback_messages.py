"""Texts of the office's answers as people get them, and of replies as the office gets them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.command_words import Command
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.handlers.buttons import (
    ManageIssue,
    ManageReport,
    OfficeAct,
    ReplyAct,
    ReplyToOffice,
    RunCommand,
    SayIfSettled,
    choice,
)
from nhipcau.model.reports import TEXTS_WITHOUT_STATE, TOPIC_NOTES, ReportNote

#: Makes a message in one language.
Make = Callable[[Texts], Message]

#: Prefix of an issue's code.
ISSUE = "VD-"


def to_reporter(kind: str, code: str, report: str, words: str, unit: str, t: Texts) -> Message:
    """`report`: how sentences call it."""
    text = t(f"feedback.told.{kind}", report=report, words=words, unit=unit)
    mine = choice(t("menu.cuatoi"), RunCommand(Command.MY_REPORTS))
    if kind == "done":
        return Message(text, ok_choices(code, t))
    if kind == "question":
        return Message(text, (choice(t("feedback.reply"), ReplyToOffice(code, ReplyAct.REPLY)), mine))
    return Message(text, (mine,))


def ok_choices(code: str, t: Texts) -> tuple[Choice, Choice]:
    """Choices below "Đã ổn chưa?"."""
    return (
        choice(t("feedback.ok"), ReplyToOffice(code, ReplyAct.YES)),
        choice(t("feedback.not_ok"), ReplyToOffice(code, ReplyAct.NO), beside=True),
    )


def settled_choices(code: str, t: Texts) -> tuple[Choice, Choice]:
    """Choices below "Đã ổn chưa?" about an issue."""
    return (
        choice(t("feedback.ok"), SayIfSettled(code, ReplyAct.YES)),
        choice(t("feedback.not_ok"), SayIfSettled(code, ReplyAct.NO), beside=True),
    )


def ask_again(code: str, report: str, issue: str, statement: str, t: Texts) -> Message:
    """Three weeks after "done", to a reporter (`report`), or to somebody who said "Cũng vậy"."""
    if report:
        return Message(t("feedback.again", report=report), ok_choices(code, t))
    return Message(t("issue.again", statement=statement), settled_choices(issue, t))


def issue_reopened(code: str, statement: str, t: Texts) -> Message:
    """To the coordinators of the unit that owns an issue."""
    text = t("issue.reopened", statement=statement, code=code)
    return Message(text, (choice(t("issue.see"), ManageIssue(code)),))


def to_area(kind: str, code: str, words: str, area: str, t: Texts) -> Message:
    """To every collaborator of the area, if the reporter can't be found. `code` "": without a reply button."""
    if kind == "question" and code:
        answer = choice(t("feedback.reply"), ReplyToOffice(code, ReplyAct.AREA))
        return Message(t("feedback.area.question", area=area, words=words), (answer,))
    key = "feedback.area.answer" if kind in TEXTS_WITHOUT_STATE else "feedback.area.state"
    facts = {} if kind in TEXTS_WITHOUT_STATE else {"what": t(f"state.{kind}")}
    return Message(t(key, area=area, words=words, **facts))


def about_issue(kind: str, code: str, statement: str, words: str, unit: str, t: Texts) -> Message:
    """To those who contributed to an issue by a report or "Cũng vậy"; what is done asks whether it is settled."""
    if kind == "done":
        text = t("issue.told.done", statement=statement, what=what_was_done(kind, t), words=words, unit=unit)
        return Message(text, settled_choices(code, t))
    key = "issue.told.words" if words else "issue.told.state"
    text = t(key, statement=statement, what=what_was_done(kind, t), words=words, unit=unit)
    return Message(text, (choice(t("menu.cuatoi"), RunCommand(Command.MY_REPORTS)),))


def to_office(kind: str, code: str, report: str, t: Texts) -> Message:
    """To the coordinators of the area: somebody has replied."""
    return Message(
        t(f"feedback.office.{kind}", report=report), (choice(t("report.open"), ManageReport(code, OfficeAct.SHOW)),)
    )


def passed_to_unit(code: str, report: str, words: str, t: Texts) -> Message:
    """To the coordinators of the unit a report was passed on to."""
    text = t("feedback.passed", report=report, words=words)
    return Message(text, (choice(t("report.open"), ManageReport(code, OfficeAct.SHOW)),))


def issue_state(state: str, t: Texts) -> str:
    """Name of an issue's state; all but "open" are named like those of reports."""
    return t("issue.open" if state == "open" else f"state.{state}")


def what_was_done(kind: str, t: Texts) -> str:
    """What the office did, for a line of a list or receipt."""
    return t(f"feedback.did.{kind}") if kind in TEXTS_WITHOUT_STATE else t(f"state.{kind}")


def _topic_line(topics: str, t: Texts) -> str:
    before, _, after = topics.partition(" ")
    key = "feedback.topic_kept" if before == after else "feedback.topic_set"
    return t(key, topic=t(f"topic.{after}"), before=t(f"topic.{before}"))


def note_lines(notes: Sequence[ReportNote], state: str, t: Texts, *, mine: bool) -> list[str]:
    """The notes, a line each, without those that only repeat `state`. `mine`: worded for the reporter."""
    lines = []
    for note in notes:
        if note.kind == "seen" or (note.kind == state and not note.text):
            continue
        if note.kind in TOPIC_NOTES:
            lines.append(f"• {note.day:%d/%m} {_topic_line(note.text, t)}")
            continue
        if note.side == "office":
            who = what_was_done(note.kind, t)
        elif note.side == "area":
            who = t("feedback.note.area")
        else:
            who = t(f"feedback.{'mine' if mine else 'note'}.{note.kind}")
        lines.append(f"• {note.day:%d/%m} {who}" + (f': "{note.text}"' if note.text else ""))
    return lines
