"""`/tim`: a coordinator looks for reports by their words, never by a person (rule R26)."""

from __future__ import annotations

from nhipcau.bot.language.command_words import Command, report_code_in
from nhipcau.bot.language.search_words import excerpt_of
from nhipcau.bot.messaging.messages import Message
from nhipcau.handlers.buttons import ManageReport, OfficeAct, RunCommand, choice
from nhipcau.handlers.reports.ask_who import refuse_asking_who
from nhipcau.handlers.reports.report_inbox import manage_report
from nhipcau.handlers.reports.search_query import UnknownValue, read_search
from nhipcau.handlers.screens import closing, command_choice, refused_right, unit_name
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.model.conversation import AwaitsWordsToFind
from nhipcau.model.report_filter import ReportFilter, ReportList
from nhipcau.model.report_title import title_of
from nhipcau.model.reports import Report

#: Letters of a search; a longer text is none.
_LONGEST = 200
#: Words typed below our question; more of them tell something.
_MOST_WORDS = 12
#: Letters of an excerpt and of a choice.
_EXCERPT, _LABEL = 60, 30
#: Reports of one message.
_SHOWN = 5


def open_search(situation: Situation) -> Decision[DecisionResult]:
    """`/tim`, or `tìm nước sạch`."""
    if not situation.argument:
        return reply(_ask(situation, situation.texts("search.which")))
    return (yield from _search(situation, situation.argument))


def answer_words(situation: Situation, text: str) -> Decision[DecisionResult | None]:
    """What is looked for, typed below our question; None: it is longer than a search."""
    if len(text.split()) > _MOST_WORDS:
        return None
    return (yield from _search(situation, text))


def _ask(situation: Situation, text: str) -> Message:
    situation.conversation.pending = AwaitsWordsToFind()
    return closing(situation, text, command_choice(Command.INBOX, situation.texts))


def _search(situation: Situation, typed: str) -> Decision[DecisionResult]:
    t = situation.texts
    if code := report_code_in(typed):
        return (yield from manage_report(situation, ManageReport(code, OfficeAct.SHOW)))
    if len(typed) > _LONGEST:
        return reply(_ask(situation, t("search.long")))
    if refused := refuse_asking_who(situation, typed):
        return refused
    try:
        wanted = read_search(situation, typed)
    except UnknownValue as unknown:
        return reply(_ask(situation, t("search.unknown", field=unknown.field, value=unknown.value)))
    if wanted is None:
        return _refuse_person(situation)
    if wanted == ReportFilter():
        return reply(_ask(situation, t("search.which")))
    page = yield from load(ReportList(situation.scope, wanted, size=_SHOWN))
    if page.is_about_person:
        return _refuse_person(situation)
    if not page.reports:
        return reply(_ask(situation, t("search.none")))
    lines = [t("search.more" if page.following else "search.found", n=len(page.reports))]
    lines += [_line(situation, wanted, report) for report in page.reports]
    choices = [choice(_label(report), ManageReport(report.code, OfficeAct.SHOW)) for report in page.reports]
    again = choice(t("search.again"), RunCommand(Command.SEARCH), way=True)
    return reply(closing(situation, "\n".join(lines), *choices, again))


def _refuse_person(situation: Situation) -> DecisionResult:
    refusal = closing(situation, situation.texts("who_wrote.search"), command_choice(Command.INBOX, situation.texts))
    return reply(refusal, changes=[refused_right(situation.me)])


def _label(report: Report) -> str:
    return f"{report.day:%d/%m} {title_of(report.text, _LABEL)}"


def _line(situation: Situation, wanted: ReportFilter, report: Report) -> str:
    where, state = unit_name(report.area.name), situation.texts(f"state.{report.state}")
    pieces = excerpt_of(wanted.phrases, report.text, _EXCERPT)
    said = "".join(f"«{piece}»" if is_found else piece for piece, is_found in pieces)
    return f'• {report.day:%d/%m}, {where}, {state}: "{" ".join(said.split())}"'
