"""Reports: set a state, answer, ask back, pass on, assign, set the topic, mark replies as read."""

from __future__ import annotations

from datetime import date
from typing import Any

from nhipcau.actions.decision import Actor, Key, NewId, Refusal
from nhipcau.bot.units.tree import Unit
from nhipcau.model.changes import (
    AddReportNote,
    Audit,
    Change,
    ChangeReport,
    TellOffice,
    TellReporter,
    TellUnit,
    WithdrawReport,
)
from nhipcau.model.issue_changes import ReopenIssue
from nhipcau.model.reports import ONE_TAP_STATES, STATES_WITH_TEXT, Report, ReportState
from nhipcau.model.sections import Section


def set_state(actor: Actor, report: Report, state: str, seen: str, new_id: NewId) -> list[Change] | Refusal:
    """Set a state; its reporter gets a standard sentence. `seen`: the state the actor saw; "": any."""
    assert state in ONE_TAP_STATES, state
    if refused := refuse(report, state, seen):
        return refused
    return [
        ChangeReport(report.code, {"state": state, "confirmed": ""}, actor=actor.id, seen=report.state),
        AddReportNote(new_id("id"), report.code, "office", state),
        TellReporter(report.code, state, "", actor.unit.name),
    ]


def speak(
    actor: Actor, report: Report, verb: str, words: str, seen: str, new_id: NewId, due: date | None = None
) -> list[Change] | Refusal:
    """Send words to its reporter: a state with words (done, not possible, passed on), an answer, or a question. A new
    report becomes received. What was due ends with an answer; `due`: by when whoever gets it is to do something."""
    if refused := refuse(report, verb, seen):
        return refused
    ends = verb in STATES_WITH_TEXT
    state = verb if ends else "received" if report.state == "new" else report.state
    values: dict[str, Any] = {"state": state} | ({"confirmed": ""} if ends else {})
    if verb != "question":
        values["due"] = due
    if verb == ReportState.PASSED_ON:
        values["section"] = ""
    return [
        ChangeReport(report.code, values, actor=actor.id, seen=report.state, act=verb),
        AddReportNote(new_id("id"), report.code, "office", verb, words),
        TellReporter(report.code, verb, words, actor.unit.name),
    ]


def pass_on(
    actor: Actor, report: Report, unit: Unit, words: str, due: date | None, due_words: str, new_id: NewId
) -> list[Change] | Refusal:
    """To a unit that reads the report as well: its coordinators are told what is to be done, and by which day
    (`due_words`); its reporter reads where it went."""
    spoken = speak(actor, report, ReportState.PASSED_ON, f"{unit.name}: {words}", "", new_id, due)
    return spoken if isinstance(spoken, Refusal) else [*spoken, TellUnit(report.code, unit.id, words + due_words)]


def assign(actor: Actor, report: Report, section: Section | None, due: date | None) -> list[Change] | Refusal:
    """To a section of the actor's unit (None: to none any more), with a day (None: without). Nobody outside is told."""
    if report.state == ReportState.WITHDRAWN:
        return Refusal("inbox.withdrawn")
    if (report.section, report.due) == (section, due):
        return Refusal("section.same_section")
    values = {"section": section.id if section else "", "due": due}
    return [ChangeReport(report.code, values, actor=actor.id, seen=report.state, act="assign")]


def may_correct(report: Report) -> bool:
    """Whether its reporter may still edit, extend or withdraw it: nobody of the office has taken it up."""
    return report.state is ReportState.NEW


def correct(report: Report, values: dict[str, Any], new_id: NewId) -> list[Change] | Refusal:
    """Its reporter replaces what it says (`values`: column → value). The office sees that, and on which day."""
    if not may_correct(report):
        return Refusal("mine.not_corrected")
    return [
        ChangeReport(report.code, values, seen=ReportState.NEW),
        AddReportNote(new_id("id"), report.code, "reporter", "edited"),
    ]


def withdraw(report: Report) -> list[Change] | Refusal:
    """Its reporter takes it back, and what it says is deleted."""
    if not may_correct(report):
        return Refusal("mine.taken_up")
    return [WithdrawReport(report.code, report.photos)]


def say_if_settled(report: Report, is_settled: bool, new_id: NewId) -> list[Change]:
    """Its reporter says whether what the office called done is settled. If not, it is in progress again, its issue is
    open again, and the office is told; said once more, nothing but that they say so is new."""
    answer = "yes" if is_settled else "no"
    if report.confirmed == answer and report.exchange and report.exchange[-1].kind == answer:
        return []
    state = ReportState.DONE if is_settled else ReportState.IN_PROGRESS
    changes: list[Change] = [
        ChangeReport(report.code, {"state": state, "confirmed": answer}, seen=report.state),
        AddReportNote(new_id("id"), report.code, "reporter", answer),
    ]
    if not is_settled:
        changes.append(TellOffice(report.code, report.area, "no"))
        if report.issue:
            changes.append(ReopenIssue(report.issue, report.area))
    return changes


def mark_read(actor: Actor, report: Report, new_id: NewId) -> list[Change]:
    """The reporter's reply was read and needs no answer."""
    return [AddReportNote(new_id("id"), report.code, "office", "seen"), Audit("report.read", actor.id)]


def set_topic(actor: Actor, report: Report, topic: str, seen: str, new_id: NewId) -> list[Change] | Refusal:
    """Say what it is about; nobody is told. The topic it has: that this one is right. Both are learned from. `seen`:
    the topic the actor saw; "": any."""
    if report.state == "withdrawn":
        return Refusal("inbox.withdrawn")
    if seen and seen != report.topic:
        return Refusal("inbox.topic_changed", {"topic": Key(f"topic.{report.topic}")})
    if topic == report.topic and report.is_topic_checked:
        return Refusal("inbox.same_topic", {"topic": Key(f"topic.{topic}")})
    changes: list[Change] = [
        AddReportNote(new_id("id"), report.code, "office", "topic", f"{report.topic} {topic}"),
        Audit("report.topic", actor.id),
    ]
    if topic != report.topic:
        changes.insert(0, ChangeReport(report.code, {"topic": topic}, seen=report.state))
    return changes


def seen_of(report: Report) -> str:
    """What whoever looks at it sees of what was done; given back when they act."""
    section = report.section.id if report.section else ""
    return f"{report.state}.{len(report.notes)}.{report.issue}.{section}.{report.due or ''}"


def acted_since(report: Report, seen: str) -> Refusal | None:
    """What somebody did after it was seen so (`seen_of`; "": whenever). Whoever acts reads it first: nothing is
    overwritten, and no answer is given twice."""
    if not seen or seen == seen_of(report) or report.state == "withdrawn":
        return None
    _, number, issue, *assigned = [*seen.split("."), "", "", ""][:5]
    later = report.notes[int(number) if number.isdecimal() else 0 :]
    if later:
        last = next((note for note in reversed(later) if note.side == "office"), later[-1])
        return Refusal(f"console.since.{'area' if last.side == 'area' else last.kind}")
    if issue != report.issue:
        return Refusal("console.since.issue")
    is_same = assigned == seen_of(report).split(".")[3:]
    return Refusal("console.since.undone" if is_same else "console.since.assigned")


def refuse(report: Report, verb: str, seen: str) -> Refusal | None:
    """Why this can't be done to the report in its present state; None: it can."""
    if report.state == "withdrawn":
        return Refusal("inbox.withdrawn")
    if report.state == verb:
        return Refusal("inbox.same", {"state": Key(f"state.{verb}")})
    if seen and seen != report.state:
        return changed(report.state)
    return None


def changed(state: str) -> Refusal:
    """Somebody else has changed the state meanwhile."""
    return Refusal("inbox.changed", {"state": Key(f"state.{state}")})
