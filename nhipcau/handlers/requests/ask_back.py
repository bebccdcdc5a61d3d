"""One official answer: a coordinator reads it and asks back; what those who gave it reply is attached to it."""

from __future__ import annotations

from collections.abc import Sequence

from nhipcau.actions import answers as actions
from nhipcau.actions.decision import Refusal
from nhipcau.bot.forms.answer_matching import InvalidAnswer, check_words
from nhipcau.bot.language.command_words import Command, is_greeting
from nhipcau.bot.language.vietnamese import nfc, read_number
from nhipcau.bot.messaging.button import Button
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.handlers.buttons import (
    AnswerAct,
    BoardAct,
    ManageAnswer,
    ManageRequest,
    ReplyAboutAnswer,
    RunCommand,
    choice,
)
from nhipcau.handlers.reports.report_form import screen_text
from nhipcau.handlers.requests.board_text import answer_labels, answer_words
from nhipcau.handlers.requests.request_messages import MAX_PICTURES, PICTURES
from nhipcau.handlers.screens import closing, menu
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.model.answers import OfficialAnswer
from nhipcau.model.conversation import AwaitsAnswerReply, AwaitsQuestionBack
from nhipcau.model.queries import AnswerIn, MyAnswer
from nhipcau.model.request_changes import AddAnswerNote, TellAddition


def manage_answer(situation: Situation, pressed: ManageAnswer) -> Decision[DecisionResult]:
    """Show an answer of the scope, or begin to ask back."""
    t = situation.texts
    answer = yield from load(AnswerIn(situation.scope, pressed.answer))
    if answer is None:
        return reply(menu(situation, t("board.gone")))
    if pressed.act is AnswerAct.ASK:
        if refused := actions.refuse(answer):
            return reply(_screen(situation, answer, refused.words(t)))
        return reply(ask_question(situation, answer))
    found = answer.answer.get(PICTURES)
    pictures = [Message("", photo=str(name)) for name in (found if isinstance(found, list) else [])[:MAX_PICTURES]]
    return reply(*pictures, _screen(situation, answer))


def _screen(situation: Situation, answer: OfficialAnswer, preface: str = "") -> Message:
    t, request = situation.texts, answer.request
    labels = answer_labels(answer.answer, t)
    words = t("form.nothing") if answer.answer.get("_nothing") else answer_words(request, answer.answer, t)
    lines = [preface] if preface else []
    lines += [f"{answer.unit.name} – {request.title}", f"{answer.day:%d/%m}" + (f" ({labels})" if labels else "")]
    lines.append(f'"{words}"')
    for note in answer.notes:
        lines.append(t(f"askback.{note.kind}", day=f"{note.day:%d/%m}", unit=note.unit.name, words=note.text))
    choices = [choice(t("inbox.question"), ManageAnswer(answer.id, AnswerAct.ASK)), _way_back(situation, answer)]
    return Message("\n".join(lines), tuple(choices))


def _way_back(situation: Situation, answer: OfficialAnswer) -> Choice:
    return choice(situation.texts("board.answers"), ManageRequest(answer.request.id, BoardAct.RESULT), way=True)


def take_words(
    situation: Situation, about: AwaitsQuestionBack | AwaitsAnswerReply, text: str
) -> Decision[DecisionResult]:
    """The text that our last message waits for."""
    send = send_question if isinstance(about, AwaitsQuestionBack) else send_reply
    return (yield from send(situation, about.answer, text))


def way_out(about: AwaitsQuestionBack | AwaitsAnswerReply) -> Button:
    """The button that "lùi" and "hủy" stand for while words are awaited."""
    return ManageAnswer(about.answer) if isinstance(about, AwaitsQuestionBack) else RunCommand(Command.MENU)


# ------------------------------------------------------------------ the office asks


def ask_question(situation: Situation, answer: OfficialAnswer, preface: str = "") -> Message:
    """Ask the coordinator for the question; also after something that is none."""
    t = situation.texts
    situation.conversation.pending = AwaitsQuestionBack(answer.id)
    words = "\n".join(line for line in (preface, t("askback.ask_words", unit=answer.unit.name)) if line)
    return Message(words, (choice(t("form.back"), ManageAnswer(answer.id), way=True),))


def send_question(situation: Situation, id: str, text: str) -> Decision[DecisionResult]:
    """Send the typed question to those who gave the answer."""
    t = situation.texts
    answer = yield from load(AnswerIn(situation.scope, id))
    if answer is None:
        return reply(menu(situation, t("board.gone")))
    try:
        masked, notice = screen_text(situation, nfc(text))
        check_words(masked)
    except InvalidAnswer as wrong:
        return reply(ask_question(situation, answer, t(f"wrong.{wrong.why}", **wrong.facts)))
    decided = actions.ask_back(situation.actor, answer, masked, situation.me.name, situation.new_id)
    if isinstance(decided, Refusal):
        return reply(_screen(situation, answer, decided.words(t)))
    sentence = "\n".join(line for line in (notice, t("askback.sent", n=answer.askable, unit=answer.unit.name)) if line)
    return reply(closing(situation, sentence, _way_back(situation, answer)), changes=decided)


# ------------------------------------------------------------------ the unit replies


def reply_about_answer(situation: Situation, pressed: ReplyAboutAnswer) -> Decision[DecisionResult]:
    """Begin to reply to a question about one's own unit's answer."""
    answer = yield from load(MyAnswer(pressed.answer, situation.me.id))
    if answer is None:
        return reply(menu(situation, situation.texts("askback.gone")))
    return reply(ask_reply(situation, pressed.answer))


def ask_reply(situation: Situation, id: str, preface: str = "") -> Message:
    """Ask for the text of the reply; also after something that is no text."""
    t = situation.texts
    situation.conversation.pending = AwaitsAnswerReply(id)
    words = "\n".join(line for line in (preface, t("feedback.reply_ask")) if line)
    return Message(words, (choice(t("form.back"), RunCommand(Command.MENU), way=True),))


def typed_below_question(
    situation: Situation, displayed: Sequence[Button], text: str
) -> Decision[DecisionResult | None]:
    """Text typed below a question about an answer; None if it means something else."""
    asked = next((button for button in displayed if isinstance(button, ReplyAboutAnswer)), None)
    if asked is None or situation.conversation.draft is not None or is_greeting(text):
        return None
    if read_number(text, 99) is not None:
        return None
    return (yield from send_reply(situation, asked.answer, text))


def send_reply(situation: Situation, id: str, text: str) -> Decision[DecisionResult]:
    """Attach the reply to the answer, and tell the coordinators who asked."""
    t = situation.texts
    answer = yield from load(MyAnswer(id, situation.me.id))
    if answer is None or answer.question is None:
        return reply(menu(situation, t("askback.gone")))
    try:
        masked, notice = screen_text(situation, nfc(text))
        check_words(masked)
    except InvalidAnswer as wrong:
        return reply(ask_reply(situation, id, t(f"wrong.{wrong.why}", **wrong.facts)))
    sentence = "\n".join(line for line in (notice, t("askback.added", unit=answer.unit.name)) if line)
    note = AddAnswerNote(situation.new_id("id"), id, "unit", "reply", masked, answer.unit.id)
    tell = TellAddition(id, answer.request.id, answer.unit, masked, answer.question.unit)
    return reply(closing(situation, sentence), changes=[note, tell])
