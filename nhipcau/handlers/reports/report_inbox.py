"""`/hopthu`: a coordinator reads reports with replies and new ones, one by one, and acts on them."""

from __future__ import annotations

from collections.abc import Sequence

from nhipcau.actions import reports as actions
from nhipcau.actions.decision import Refusal
from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.handlers.buttons import ManageReport, OfficeAct, ShowReportActs, choice
from nhipcau.handlers.reports import compose_feedback
from nhipcau.handlers.reports.report_screens import other_acts, report_screen
from nhipcau.handlers.reports.similar_reports import load_similar
from nhipcau.handlers.screens import menu, page_of
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.model.changes import Change
from nhipcau.model.queries import CountReports, NextReport, ReportIn
from nhipcau.model.reports import ONE_TAP_STATES, Report

#: Other steps on one page.
_PAGE_SIZE = 5


def open_report_inbox(situation: Situation) -> Decision[DecisionResult]:
    """`/hopthu`: the first report that waits: those with replies, then new ones."""
    return (yield from _next(situation, ""))


def manage_report(situation: Situation, pressed: ManageReport) -> Decision[DecisionResult]:
    """Display a report or act on it. Scope is checked again, as the button may be old."""
    t, code, act = situation.texts, pressed.code, pressed.act
    if act is OfficeAct.NEXT:
        return (yield from _next(situation, code))
    if act is OfficeAct.OPEN:
        return (yield from _open(situation, code))
    report = yield from load(ReportIn(situation.scope, code))
    if report is None:
        return reply(menu(situation, t("inbox.gone")))
    if act is OfficeAct.SEEN and report.is_waiting:
        sentence = t("inbox.seen_done", report=report.named)
        return _recorded(situation, sentence, code, actions.mark_read(situation.actor, report, situation.new_id))
    if act in {OfficeAct.SHOW, OfficeAct.SEEN}:
        alike = yield from load_similar(situation, report)
        return report_screen(situation, report, alike=alike)
    return (yield from _act(situation, report, act, pressed.seen))


def _act(situation: Situation, report: Report, verb: str, seen: str) -> Decision[DecisionResult]:
    """Set a state, or begin a text. `seen`: the state displayed with the button."""
    t, code = situation.texts, report.code
    if verb not in ONE_TAP_STATES:
        if refused := actions.refuse(report, verb, seen):
            return report_screen(situation, report, preface=refused.words(t))
        return (yield from compose_feedback.compose_feedback(situation, report, verb))
    decided = actions.set_state(situation.actor, report, verb, seen, situation.new_id)
    if isinstance(decided, Refusal):
        return report_screen(situation, report, preface=decided.words(t))
    sentence = t("inbox.set", report=report.named, state=t(f"state.{verb}"))
    # the answer is one tap away
    answering = choice(t("inbox.answer"), ManageReport(code, OfficeAct.ANSWER, verb))
    return reply(Message(sentence, (answering, *compose_feedback.next_choices(situation, code))), changes=decided)


def _recorded(situation: Situation, sentence: str, code: str, changes: Sequence[Change]) -> DecisionResult:
    return reply(Message(sentence, compose_feedback.next_choices(situation, code)), changes=changes)


def _next(situation: Situation, code: str) -> Decision[DecisionResult]:
    """Display the report after this one in the inbox: those with replies first, then new ones."""
    t, scope = situation.texts, situation.scope
    found = yield from load(NextReport(scope, code))
    if found is None:
        under_way = yield from load(CountReports(scope, ONE_TAP_STATES))
        end = menu(situation, t("inbox.none"))
        return reply(Message(end.text, (*_under_way(under_way, t), *end.choices)))
    preface = t("inbox.replied") if found.has_reply else ""
    alike = yield from load_similar(situation, found.report)
    return report_screen(situation, found.report, place=found.place, total=found.total, preface=preface, alike=alike)


def _under_way(number: int, t: Texts) -> list[Choice]:
    return [choice(t("inbox.open", n=number), ManageReport("", OfficeAct.OPEN))] if number else []


def show_acts(situation: Situation, pressed: ShowReportActs) -> Decision[DecisionResult]:
    """What else can be done with a report, and the way to those in progress."""
    t = situation.texts
    report = yield from load(ReportIn(situation.scope, pressed.code))
    if report is None:
        return reply(menu(situation, t("inbox.gone")))
    if report.state == "withdrawn":
        return report_screen(situation, report)
    under_way = yield from load(CountReports(situation.scope, ONE_TAP_STATES))
    alike = yield from load_similar(situation, report)
    rows = [*other_acts(situation, report, alike), *_under_way(under_way, t)]
    displayed, following = page_of(rows, pressed.start, _PAGE_SIZE)
    back = choice(t("form.back"), ManageReport(report.code, OfficeAct.SHOW), way=True)
    if following or pressed.start:
        more = choice(t("form.more"), ShowReportActs(report.code, following), way=True)
        return reply(Message(t("inbox.which", report=report.named), (*displayed, more, back)))
    return reply(Message(t("inbox.which", report=report.named), (*displayed, back)))


def _open(situation: Situation, code: str) -> Decision[DecisionResult]:
    """Display the report after this one among those in progress, oldest first."""
    t = situation.texts
    found = yield from load(NextReport(situation.scope, code, under_way=True))
    if found is None:
        return reply(menu(situation, t("inbox.none_open")))
    alike = yield from load_similar(situation, found.report)
    return report_screen(
        situation, found.report, place=found.place, total=found.total, queue=OfficeAct.OPEN, alike=alike
    )
