"""Words that rise in `/xuhuong`: one line for all who read figures; coordinators open the reports that hold them."""

from __future__ import annotations

from collections.abc import Sequence

from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.command_words import Command
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.handlers.buttons import ManageReport, OfficeAct, RunCommand, ShowWord, choice
from nhipcau.handlers.screens import is_coordinator, menu, page_of, short_title
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.model.queries import ReportIn, RisingWords
from nhipcau.model.reports import ReportState
from nhipcau.model.rising_words import RisingWord

#: Reports on one page, characters of a choice that names one, and of a word that a button carries.
_PAGE_SIZE, _MAX_LABEL_CHARS, _MAX_KEY_CHARS = 5, 60, 48


def words_line(words: Sequence[RisingWord], t: Texts) -> list[str]:
    return [t("trend.words", words=", ".join(f'"{word.shown}"' for word in words))] if words else []


def words_choice(situation: Situation, words: Sequence[RisingWord]) -> list[Choice]:
    """The way to their reports, for who may read them."""
    if not is_coordinator(situation.me) or not _opened(words):
        return []
    return [choice(situation.texts("trend.see_words"), ShowWord())]


def _opened(words: Sequence[RisingWord]) -> list[RisingWord]:
    return [word for word in words if word.codes and word.key.isascii() and len(word.key) <= _MAX_KEY_CHARS]


def show_word(situation: Situation, pressed: ShowWord) -> Decision[DecisionResult]:
    """The words, or the reports that hold one, latest first."""
    t = situation.texts
    words = _opened((yield from load(RisingWords(situation.scope))))
    if not words:
        return reply(menu(situation, t("trend.no_words")))
    word = next((word for word in words if word.key == pressed.word), None)
    trends = choice(t("menu.xuhuong"), RunCommand(Command.TRENDS), way=True)
    if word is None:
        opening = [choice(t("trend.word", word=word.shown, n=len(word.codes)), ShowWord(0, word.key)) for word in words]
        return reply(Message(t("trend.which_word"), (*opening, trends)))
    codes, following = page_of(word.codes, pressed.start, _PAGE_SIZE)
    lines, opening = [t("trend.with_word", word=word.shown, n=len(word.codes))], []
    for code in codes:
        report = yield from load(ReportIn(situation.scope, code))
        if report is not None and report.state is not ReportState.WITHDRAWN:
            lines.append(f"• {report.named}")
            opening.append(choice(short_title(report.text, _MAX_LABEL_CHARS), ManageReport(code, OfficeAct.SHOW)))
    if following:
        opening.append(choice(t("form.more"), ShowWord(following, word.key), way=True))
    back = choice(t("form.back"), ShowWord(), way=True)
    return reply(Message("\n".join(lines), (*opening, back)))
