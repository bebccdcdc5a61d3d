"""Interprets typed text, pictures, documents and voice notes: a command, an answer to our last message or to the open
form, or free input."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from nhipcau.actions.permissions import REPORTERS, may
from nhipcau.bot.forms.answer_matching import match_option
from nhipcau.bot.forms.draft import Input
from nhipcau.bot.forms.given_files import question_taking
from nhipcau.bot.language.command_words import (
    WITH_PERIOD,
    Command,
    is_greeting,
    is_salute,
    read_command,
    report_code_in,
)
from nhipcau.bot.language.natural_answers import yes_or_no
from nhipcau.bot.language.vietnamese import named_number, nfc, read_number, word_key
from nhipcau.bot.messaging.button import Button, unpack
from nhipcau.handlers.buttons import (
    ContinueDraft,
    GiveName,
    KeptAct,
    ManageMember,
    ManageReport,
    ManageSignal,
    MyData,
    MyReport,
    OfferKept,
    OfficeAct,
    PlaceAct,
    SayPlace,
    choice,
)
from nhipcau.handlers.commands import WAYS_OUT, ask_about_draft, press, press_data, run_command
from nhipcau.handlers.form_router import ask_again, find_context, step_draft
from nhipcau.handlers.insight import period_review, trends
from nhipcau.handlers.membership import join, network
from nhipcau.handlers.reports import file_report, my_reports, offered_words, reporter_reply, search_reports
from nhipcau.handlers.reports.ask_who import refuse_asking_who
from nhipcau.handlers.requests import answer_request, ask_back, compose_request
from nhipcau.handlers.screens import closing, is_coordinator, menu
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.model.conversation import (
    AwaitsAnswerReply,
    AwaitsDraftChoice,
    AwaitsExplanation,
    AwaitsMoreWords,
    AwaitsName,
    AwaitsNumberOfPeople,
    AwaitsPeriod,
    AwaitsPlaceName,
    AwaitsQuestionBack,
    AwaitsReply,
    AwaitsSuccessor,
    AwaitsWordsToFind,
    Pending,
)
from nhipcau.model.people import PUSH_WITHOUT_REQUEST
from nhipcau.model.queries import FindRequest, MyReports
from nhipcau.model.requests import Request

#: A draft untouched for so many seconds does not take new text without asking.
STALE_SECONDS = 6 * 3600

DisplayedChoices = list[tuple[str, str]]


def read_words(situation: Situation, text: str) -> Decision[DecisionResult]:
    """Try commands, then answers to our last message (a push or a screen), then what is awaited or open."""
    command, argument = read_command(text)
    if isinstance(situation.waiting, AwaitsName) and join.is_name_like_a_command(text, command):
        return join.answer_name(situation, text)
    if command in WAYS_OUT:
        return (yield from _read_way_out(situation, command))
    if command is Command.SEARCH and argument and not _may_be_search(situation, text):
        command = None
    if command is not None:
        argument = argument if command in WITH_PERIOD or command in {Command.START, Command.SEARCH} else ""
        return (yield from run_command(situation, command, argument))
    if text.startswith("/"):
        return (yield from ask_again(situation, situation.texts("wrong.command")))
    if situation.contact.shown_request:
        result = yield from _below_push(situation, text)
        if result is not None:
            return result
    displayed = situation.conversation.shown
    if not situation.contact.shown_request and displayed:
        naming = isinstance(situation.waiting, AwaitsName | AwaitsSuccessor)
        index = match_option(text, [label for label, _ in displayed], numbers=True, exact=naming, lines=True)
        index = _yes_or_no(text, displayed) if index is None else index
        if index is not None:
            return (yield from press_data(situation, displayed[index][1]))
    return (yield from _answer_awaited(situation, text))


def _may_be_search(situation: Situation, text: str) -> bool:
    """Whether "tìm …" is a coordinator's search, and no answer to a question that begins so."""
    if text.startswith("/"):
        return True
    pushed = situation.contact.shown_request
    is_asked = (pushed and not pushed.startswith(PUSH_WITHOUT_REQUEST)) or situation.conversation.draft is not None
    return is_coordinator(situation.me) and not is_asked and isinstance(situation.waiting, AwaitsWordsToFind | None)


#: Who reads what is typed below a question that other words may follow too.
_READERS: Mapping[type, Callable[[Situation, str], Decision[DecisionResult | None]]] = {
    AwaitsPeriod: period_review.answer_period,
    AwaitsWordsToFind: search_reports.answer_words,
}


def _answer_awaited(situation: Situation, text: str) -> Decision[DecisionResult]:
    """Take the text as what our last message waits for, or as free input."""
    match situation.waiting:
        case AwaitsName():
            return join.answer_name(situation, text)
        case AwaitsMoreWords() | AwaitsReply() | AwaitsPlaceName() as about:
            return (yield from _take_words_of_report(situation, about, text))
        case AwaitsNumberOfPeople(nonce):
            return compose_request.confirm_typed(situation, nonce, text)
        case AwaitsQuestionBack() | AwaitsAnswerReply() as of_answer:
            return (yield from ask_back.take_words(situation, of_answer, text))
        case AwaitsSuccessor(id):
            return (yield from network.answer_successor(situation, id, text))
        case AwaitsPeriod() | AwaitsWordsToFind() as asked:
            result = yield from _READERS[type(asked)](situation, text)
            if result is not None:
                return result
        case AwaitsExplanation(id):
            return (yield from trends.take_explanation(situation, id, text))
        case AwaitsDraftChoice() | None:
            pass
    return (yield from _free_input(situation, text, ""))


def _take_words_of_report(
    situation: Situation, about: AwaitsMoreWords | AwaitsReply | AwaitsPlaceName, text: str
) -> Decision[DecisionResult]:
    match about:
        case AwaitsMoreWords(code):
            return (yield from my_reports.add_words(situation, code, text))
        case AwaitsPlaceName(nonce, at):
            return file_report.take_place(situation, nonce, at, text)
        case AwaitsReply():
            return (yield from reporter_reply.send_words(situation, about, text))


def _below_push(situation: Situation, text: str) -> Decision[DecisionResult | None]:
    """Text below a push: its answer. A number never selects a choice of an earlier screen. None: something else."""
    if word_key(text) == word_key(situation.texts("menu.tieptuc")):
        return (yield from press(situation, ContinueDraft()))
    pushed = yield from _load_pushed(situation)
    if pushed is not None and answer_request.can_answer(situation, pushed, text):
        return answer_request.answer_typed(situation, pushed, text)
    choices = situation.contact.shown_choices
    if pushed is not None:
        choices = [[c.label, c.data] for c in answer_request.ways_below(situation, pushed, text)]
    index = match_option(text, [label for label, _ in choices], numbers=True, exact=True, lines=True)
    if pushed is not None:
        index = 0 if choices else None
    if index is not None:
        return (yield from press_data(situation, choices[index][1]))
    displayed = [button for _, data in choices if (button := unpack(data)) is not None]
    if (result := (yield from reporter_reply.typed_below_answer(situation, displayed, text))) is not None:
        return result
    if (result := (yield from ask_back.typed_below_question(situation, displayed, text))) is not None:
        return result
    return (yield from _no_answer_to_push(situation, pushed, text))


def _no_answer_to_push(situation: Situation, pushed: Request | None, text: str) -> Decision[DecisionResult | None]:
    """Text that doesn't answer the pushed question; None: it is about something else."""
    why = answer_request.refusal(situation, pushed) if pushed is not None else ""
    is_choice = pushed is not None and answer_request.is_choice_of(situation, pushed, text)
    if pushed is not None and is_choice and not why and pushed.is_answered:
        # the label of a choice of an answered question is no report
        return reply(answer_request.open_request(situation, pushed))
    if pushed is not None and not why and not pushed.is_answered:
        return _ask_pushed_again(situation, pushed, text, "")
    if read_number(text, 99) is None and not (why and is_choice):
        return None
    if why and situation.conversation.draft is None:
        # the same answer as to its button
        return reply(closing(situation, why))
    return (yield from ask_again(situation, why))


def _ask_pushed_again(situation: Situation, pushed: Request, text: str, photo: str) -> DecisionResult:
    """The pushed question once more; its last choice makes a report of what was sent, which answers nothing here."""
    t = situation.texts
    if text and not photo and is_greeting(text):
        return reply(answer_request.repeat(situation, pushed, _hello(situation)))
    if not may(situation.me, REPORTERS) or (not photo and named_number(text) is not None):
        return reply(answer_request.repeat(situation, pushed))
    kept_words, why, notice = offered_words.keep_apart(situation, text, photo)
    if kept_words is None:
        return reply(answer_request.repeat(situation, pushed, why))
    other = choice(t("report.other_matter"), OfferKept(KeptAct.YES, kept_words.nonce), way=True)
    preface = t("wrong.no_photo") if photo else ""
    asked = answer_request.repeat(situation, pushed, "\n".join(line for line in (notice, preface) if line))
    return reply(replace(asked, choices=(*asked.choices, other)))


def _hello(situation: Situation) -> str:
    name = join.given_name(situation.me.name)
    return situation.texts("menu.hello", name=name) if name else situation.texts("menu.hello_unnamed")


def _load_pushed(situation: Situation) -> Decision[Request | None]:
    """The request whose pushed question is the last message in this chat."""
    id = situation.contact.shown_request
    if not id or id.startswith(PUSH_WITHOUT_REQUEST):
        return None
    return (yield from load(FindRequest(id, situation.me, situation.contact.id)))


def _yes_or_no(text: str, displayed: DisplayedChoices) -> int | None:
    """The index of the choice meant by "có" or "không" below a question for confirmation."""
    if displayed and isinstance(unpack(displayed[0][1]), OfferKept):
        # the choices of an offer say what they do; "có" is still its first, "không" its last
        meant = yes_or_no(text)
        return None if meant is None else 0 if meant else len(displayed) - 1
    if len(displayed) != 2 or not _asks_to_confirm(displayed[0][1]):
        return None
    index = match_option(text, ("Có", "Không", "Yes", "No", "Chắc", "Thôi"), numbers=False)
    return None if index is None else index % 2


def _asks_to_confirm(data: str) -> bool:
    button = unpack(data)
    return button is not None and button.confirms


# ------------------------------------------------------------------ pictures, documents, free input


def read_photo(situation: Situation) -> Decision[DecisionResult]:
    name = situation.event.file.handle if situation.event.file else ""
    if not name:
        return (yield from ask_again(situation, situation.texts("wrong.no_photo")))
    pushed = yield from _load_pushed(situation)
    if pushed is not None and answer_request.takes_photo(situation, pushed):
        user_input = Input(text=nfc(situation.event.text), photo=name)
        return answer_request.answer_with_photo(situation, pushed, user_input)
    if pushed is not None and answer_request.is_open(situation, pushed):
        return _ask_pushed_again(situation, pushed, situation.event.text, name)
    return (yield from _free_input(situation, situation.event.text, name))


def read_file(situation: Situation) -> Decision[DecisionResult]:
    """A document: an answer in the open draft if its form takes one, else refused."""
    file, draft = situation.event.file, situation.conversation.draft
    form = None if draft is None else (yield from find_context(situation, draft))
    if file is not None and draft is not None and form is not None:
        user_input = Input(text=nfc(situation.event.text), file=file.handle, title=file.title)
        if question_taking(form, user_input) is not None:
            return (yield from step_draft(situation, draft, user_input))
    return (yield from ask_again(situation, situation.texts("wrong.no_file_here")))


def read_voice(situation: Situation) -> Decision[DecisionResult]:
    """A voice note is not stored; if nothing is open, begin a report to be typed."""
    conversation, t = situation.conversation, situation.texts
    if isinstance(situation.waiting, AwaitsReply):
        return reply(reporter_reply.ask_words(situation, situation.waiting, t("wrong.voice")))
    if conversation.draft is None and conversation.report is not None:
        conversation.focus = conversation.report.form
    if conversation.draft is not None or not may(situation.me, REPORTERS):
        return (yield from ask_again(situation, t("wrong.voice")))
    return reply(file_report.start(situation, preface=t("wrong.voice")))


def _free_input(situation: Situation, text: str, photo: str) -> Decision[DecisionResult]:
    """Text or a picture that is no command or choice: an answer to the open question, or offered as a report."""
    conversation, draft = situation.conversation, situation.conversation.draft
    if draft is not None and not photo and is_salute(text) and not isinstance(situation.waiting, AwaitsDraftChoice):
        return (yield from ask_again(situation, _hello(situation)))
    if draft is not None:
        stale = situation.now.timestamp() - draft.saved > STALE_SECONDS
        if not stale and not isinstance(situation.waiting, AwaitsDraftChoice):
            return (yield from step_draft(situation, draft, Input(text=nfc(text), photo=photo)))
    if not photo and (answered := _greeted_or_refused(situation, text)):
        return answered
    if not photo and (code := report_code_in(text)):
        return (yield from _open_report(situation, code))
    if not may(situation.me, REPORTERS):
        return reply(menu(situation, situation.texts("menu.not_yours")))
    if not photo and join.is_code(text) and (yield from join.find_code(situation, text)) is not None:
        # an invite code is no report
        return (yield from join.start(situation, text))
    kept_words, why, notice = offered_words.keep_apart(situation, text, photo)
    if kept_words is None:
        return reply(menu(situation, why))
    if conversation.drafts:
        return ask_about_draft(situation)
    return reply(offered_words.offer(situation, kept_words, notice))


def _greeted_or_refused(situation: Situation, text: str) -> DecisionResult | None:
    if is_greeting(text):
        return reply(menu(situation, _hello(situation)))
    return refuse_asking_who(situation, text)


def _open_report(situation: Situation, code: str) -> Decision[DecisionResult]:
    """A report whose code was typed: one's own, else one of the own unit for a coordinator."""
    own = yield from load(MyReports(situation.me.tag_secret, code))
    if not own and is_coordinator(situation.me):
        return (yield from press(situation, ManageReport(code, OfficeAct.SHOW)))
    return (yield from press(situation, MyReport(code)))


# ------------------------------------------------------------------ "hủy", "lùi", "bỏ qua"


def _read_way_out(situation: Situation, command: Command) -> Decision[DecisionResult]:
    """Apply "hủy", "lùi" or "bỏ qua" to our last message, or to what is open."""
    conversation, waiting = situation.conversation, situation.waiting
    if isinstance(waiting, AwaitsName):
        return join.answer_name(situation, pressed=GiveName())
    if (back := _button_back(waiting)) is not None:
        return (yield from press(situation, back))
    if not situation.contact.shown_request and _asks_to_confirm_or_leave(conversation.shown):
        # the last choice of a question for confirmation leaves all as it is
        return (yield from press_data(situation, conversation.shown[-1][1]))
    pushed = yield from _load_pushed(situation)
    if situation.contact.shown_request:
        if pushed is not None and command is Command.SKIP and answer_request.may_skip(situation, pushed):
            return answer_request.skip_first(situation, pushed)
        # typed below a push, so it must not cancel a draft from before
        return (yield from ask_again(situation, ""))
    if conversation.draft is not None and not isinstance(waiting, AwaitsDraftChoice):
        return (yield from step_draft(situation, conversation.draft, Input(key=WAYS_OUT[command])))
    return _nothing_to_leave(situation)


def _button_back(waiting: Pending | None) -> Button | None:
    """The button that leads back from what our last message waits for."""
    match waiting:
        case AwaitsMoreWords(code):
            return MyReport(code)
        case AwaitsReply() as about:
            return reporter_reply.way_back(about)
        case AwaitsQuestionBack() | AwaitsAnswerReply() as of_answer:
            return ask_back.way_out(of_answer)
        case AwaitsSuccessor(id):
            return ManageMember(id)
        case AwaitsExplanation(id):
            return ManageSignal(id)
        case AwaitsPlaceName(nonce):
            return SayPlace(PlaceAct.LEAVE, nonce)
    return None


def _nothing_to_leave(situation: Situation) -> DecisionResult:
    """Drop a command that waits for a choice, or the kept words; drafts stay."""
    conversation = situation.conversation
    if isinstance(situation.waiting, AwaitsDraftChoice):
        return reply(menu(situation, situation.texts("form.kept")))
    if conversation.drafts:
        return ask_about_draft(situation)
    key = "report.not_offered" if conversation.kept else "menu.nothing_open"
    conversation.kept = None
    return reply(menu(situation, situation.texts(key)))


def _asks_to_confirm_or_leave(displayed: DisplayedChoices) -> bool:
    """Whether our last screen asks to confirm, or whether to pause or leave."""
    buttons = [button for _, data in displayed if (button := unpack(data)) is not None]
    return any(button.confirms or isinstance(button, MyData) for button in buttons)
