"""`/cuatoi`: one's own reports, their state and answers; edit, extend or withdraw a new one. Issues one supports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from nhipcau.actions.decision import Refusal
from nhipcau.actions.reports import may_correct, withdraw
from nhipcau.bot.forms.answer_matching import LONGEST, InvalidAnswer, check_words
from nhipcau.bot.language.catalogue import texts
from nhipcau.bot.language.command_words import Command
from nhipcau.bot.language.vietnamese import nfc
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.handlers.buttons import (
    MyReport,
    MyReportAct,
    PagedList,
    ReplyAct,
    ReplyToOffice,
    RunCommand,
    ShowPage,
    choice,
)
from nhipcau.handlers.reports import correct_report
from nhipcau.handlers.reports.feedback_messages import ISSUE, issue_state, note_lines, ok_choices
from nhipcau.handlers.reports.report_form import screen_text
from nhipcau.handlers.screens import closing, menu, page_of, short_title
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.model.changes import ChangeReport
from nhipcau.model.conversation import AwaitsMoreWords
from nhipcau.model.queries import MyIssues, MyReports
from nhipcau.model.report_title import title_of
from nhipcau.model.reports import Report, ReportState

_PAGE_SIZE = 5
#: Characters of a choice that names a report or an issue.
_LABEL_CHARS = 40


def list_my_reports(situation: Situation, start: int = 0) -> Decision[DecisionResult]:
    """`/cuatoi`: my reports and the issues I contributed to, with their states."""
    t = situation.texts
    reports = yield from load(MyReports(situation.me.tag_secret))
    joined = yield from load(MyIssues(situation.me.tag_secret))
    if not reports and not joined:
        return reply(menu(situation, t("mine.none", days=situation.office.follow_up_days)))
    displayed, following = page_of(reports, start, _PAGE_SIZE)
    lines = [t("mine.some", n=len(reports))] if reports else []
    choices: list[Choice] = []
    labels = _labels(displayed)
    for report in displayed:
        lines.append(f"• {report.named} – {t('state.' + report.state)}")
        choices.append(choice(labels[report.code], MyReport(report.code)))
    if following:
        choices.append(choice(t("form.more"), ShowPage(PagedList.MY_REPORTS, following)))
    if joined:
        lines.append(t("issue.mine"))
    for issue in joined[:_PAGE_SIZE]:
        lines.append(f'• "{issue.statement}" – {issue_state(issue.state, t)} ({issue.code})')
        choices.append(choice(short_title(issue.statement, _LABEL_CHARS), MyReport(issue.code)))
    return reply(Message("\n".join(lines), tuple(choices)))


def _labels(reports: Sequence[Report]) -> dict[str, str]:
    """Code → the label of its choice: its first words, with the code where two begin alike."""
    titles = {report.code: title_of(report.text, _LABEL_CHARS) for report in reports}
    twice = [title for title, times in Counter(titles.values()).items() if times > 1]
    return {code: f"{title} · {code}" if title in twice else title for code, title in titles.items()}


def _issue(situation: Situation, code: str) -> Decision[DecisionResult]:
    """Display an issue this person supports."""
    t = situation.texts
    joined = yield from load(MyIssues(situation.me.tag_secret))
    issue = next((issue for issue in joined if issue.code == code), None)
    if issue is None:
        return reply(menu(situation, t("mine.gone")))
    lines = [f"{issue.code} · {t('topic.' + issue.topic)}", f'"{issue.statement}"']
    lines.append(t("mine.state", state=issue_state(issue.state, t)))
    if issue.answer and issue.answered:
        lines.append(t("issue.answered", day=f"{issue.answered:%d/%m}", words=issue.answer))
    return reply(Message("\n".join(lines), (choice(t("menu.cuatoi"), RunCommand(Command.MY_REPORTS)),)))


def press_my_report(situation: Situation, pressed: MyReport) -> Decision[DecisionResult]:
    """Display a report, or extend or withdraw it while it is new."""
    t, code, act = situation.texts, pressed.code, pressed.act
    if code.startswith(ISSUE):
        return (yield from _issue(situation, code))
    report = yield from _find(situation, code)
    if report is None:
        return reply(menu(situation, t("mine.gone")))
    if act is MyReportAct.SHOW:
        return reply(_show(situation, report))
    if act is MyReportAct.WITHDRAW:
        return reply(_confirm_withdrawal(situation, report))
    if act is MyReportAct.WITHDRAW_SURE:
        decided = withdraw(report)
        if isinstance(decided, Refusal):
            return reply(_show(situation, report, decided.words(t)))
        return reply(closing(situation, t("mine.withdrawn", report=report.named)), changes=decided)
    if not may_correct(report):
        return reply(_show(situation, report, t("mine.taken_up")))
    if act is MyReportAct.CORRECT:
        return reply(correct_report.begin(situation, report))
    return reply(_ask_more(situation, code))


def _find(situation: Situation, code: str) -> Decision[Report | None]:
    found = yield from load(MyReports(situation.me.tag_secret, code))
    return found[0] if found else None


def _confirm_withdrawal(situation: Situation, report: Report) -> Message:
    t = situation.texts
    yes = choice(t("mine.withdraw"), MyReport(report.code, MyReportAct.WITHDRAW_SURE))
    return Message(t("mine.sure", report=report.named), (yes, choice(t("mine.keep"), MyReport(report.code))))


def _show(situation: Situation, report: Report, preface: str = "") -> Message:
    t = situation.texts
    lines = [preface] if preface else []
    lines.append(f"{report.code} · {report.day:%d/%m} · {t('topic.' + report.topic)} – {report.area.name}")
    lines.append(f'"{report.text}"')
    lines.append(t("mine.state", state=t(f"state.{report.state}")))
    lines += note_lines(report.notes, report.state, t, mine=True)
    choices: list[Choice] = []
    if report.is_asked:
        choices.append(choice(t("feedback.reply"), ReplyToOffice(report.code, ReplyAct.REPLY)))
    if report.state == "done" and not report.confirmed:
        lines.append(t("feedback.is_ok"))
        choices += ok_choices(report.code, t)
    if may_correct(report):
        choices = [
            choice(t("mine.add_label"), MyReport(report.code, MyReportAct.ADD)),
            choice(t("mine.correct"), MyReport(report.code, MyReportAct.CORRECT), beside=True),
            choice(t("mine.withdraw"), MyReport(report.code, MyReportAct.WITHDRAW)),
        ]
    choices.append(choice(t("menu.cuatoi"), RunCommand(Command.MY_REPORTS)))
    return Message("\n".join(lines), tuple(choices))


def _ask_more(situation: Situation, code: str, preface: str = "") -> Message:
    t = situation.texts
    situation.conversation.pending = AwaitsMoreWords(code)
    words = "\n".join(line for line in (preface, t("mine.add")) if line)
    return Message(words, (choice(t("form.back"), MyReport(code)),))


def add_words(situation: Situation, code: str, text: str) -> Decision[DecisionResult]:
    """Add text to a report that is still new."""
    t = situation.texts
    report = yield from _find(situation, code)
    if report is None or not may_correct(report):
        return reply(menu(situation, t("mine.taken_up")))
    try:
        masked, notice = screen_text(situation, nfc(text))
        check_words(masked)
        if len(report.text) + len(masked) > 2 * LONGEST:
            raise InvalidAnswer("long", length=len(masked), most=LONGEST)
    except InvalidAnswer as wrong:
        return reply(_ask_more(situation, code, t(f"wrong.{wrong.why}", **wrong.facts)))
    # in the office's language, as the reporter's own could identify them
    words = report.text + "\n" + texts(situation.office.language)("mine.added_mark") + " " + masked
    sentence = "\n".join(line for line in (notice, t("mine.added", report=report.named)) if line)
    return reply(closing(situation, sentence), changes=[ChangeReport(code, {"text": words}, seen=ReportState.NEW)])
