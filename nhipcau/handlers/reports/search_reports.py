"""`/tim`: a coordinator looks for reports by their words, never by a person (rule R26)."""

from __future__ import annotations

from nhipcau.bot.language.command_words import Command, report_code_in
from nhipcau.bot.messaging.messages import Message
from nhipcau.handlers.buttons import ManageReport, OfficeAct, RunCommand, choice
from nhipcau.handlers.reports.ask_who import refuse_asking_who
from nhipcau.handlers.reports.report_inbox import manage_report
from nhipcau.handlers.reports.search_query import UnknownValue, read_search
from nhipcau.handlers.screens import closing, command_choice, refused_right, unit_name
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.model.conversation import AwaitsWordsToFind
from nhipcau.model.queries import SearchReports
from nhipcau.model.report_title import title_of
from nhipcau.model.search import Hit, Page, SearchWords

#: Letters of a search; a longer text is none.
_LONGEST = 200
#: Words typed below our question; more of them tell something.
_MOST_WORDS = 12
#: Letters of an excerpt and of a choice.
_EXCERPT, _LABEL = 60, 30


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
    if wanted == SearchWords():
        return reply(_ask(situation, t("search.which")))
    found = yield from load(SearchReports(situation.scope, wanted, Page()))
    if found is None:
        return _refuse_person(situation)
    if not found.hits:
        return reply(_ask(situation, t("search.none")))
    lines = [t("search.more" if found.more else "search.found", n=len(found.hits))]
    lines += [_line(situation, hit) for hit in found.hits]
    choices = [choice(_label(hit), ManageReport(hit.report.code, OfficeAct.SHOW)) for hit in found.hits]
    again = choice(t("search.again"), RunCommand(Command.SEARCH), way=True)
    return reply(closing(situation, "\n".join(lines), *choices, again))


def _refuse_person(situation: Situation) -> DecisionResult:
    refusal = closing(situation, situation.texts("who_wrote.search"), command_choice(Command.INBOX, situation.texts))
    return reply(refusal, changes=[refused_right(situation.me)])


def _label(hit: Hit) -> str:
    return f"{hit.report.day:%d/%m} {title_of(hit.report.text, _LABEL)}"


def _line(situation: Situation, hit: Hit) -> str:
    report = hit.report
    where = unit_name(report.area.name)
    return f'• {report.day:%d/%m}, {where}, {situation.texts("state." + report.state)}: "{_excerpt(hit)}"'


def _excerpt(hit: Hit) -> str:
    """The words around the first that was found, those found between « and »."""
    text, (first, last) = hit.report.text, hit.spans[0] if hit.spans else (0, 0)
    start = max(0, min(first, last - _EXCERPT // 2) - _EXCERPT // 3) if last > _EXCERPT else 0
    if start:
        start = text.rfind(" ", 0, first) + 1 if (cut := text.find(" ", start, first)) < 0 else cut + 1
    end = min(len(text), start + _EXCERPT)
    if end < len(text):
        end = max(text.rfind(" ", last, end), last)
    shown, place = "", start
    for begin, stop in hit.spans:
        if begin >= start and stop <= end:
            shown += f"{text[place:begin]}«{text[begin:stop]}»"
            place = stop
    shown = " ".join((shown + text[place:end]).split())
    return ("…" if start else "") + shown.rstrip(" ,.;:") + ("…" if end < len(text) else "")
