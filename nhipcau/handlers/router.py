"""The entry point of all handlers: decides how to answer an event."""

from __future__ import annotations

from dataclasses import replace

from nhipcau.bot.forms.answer_matching import LONGEST
from nhipcau.bot.messaging.button import unpack
from nhipcau.bot.messaging.events import EventKind, File
from nhipcau.handlers.buttons import AnswerForm, AnswerRequest
from nhipcau.handlers.commands import press_data
from nhipcau.handlers.danger import notice_danger, released_words, with_numbers
from nhipcau.handlers.form_router import ask_again
from nhipcau.handlers.membership import join
from nhipcau.handlers.requests.request_messages import asked_by
from nhipcau.handlers.situation import Decision, DecisionResult, Situation
from nhipcau.handlers.typed_words import read_file, read_photo, read_voice, read_words
from nhipcau.model.changes import Change
from nhipcau.model.conversation import AwaitsUrgentChoice, Conversation, KeptWords


def decide(situation: Situation) -> Decision[DecisionResult]:
    """The answer to this event. The result holds everything, also the new conversation."""
    situation.conversation = situation.conversation.copy()
    if situation.event.kind is EventKind.IGNORED:
        return DecisionResult()
    if situation.person is None:
        sent = situation.event
        if sent.cut_from:
            # too long for a code or consent
            situation.event = replace(sent, text="")
        result = yield from join.decide_before_consent(situation)
        situation.event = sent
        result = with_numbers(situation, result)
    elif situation.event.kind is EventKind.BLOCKED:
        result = join.blocked(situation)
    elif length := situation.event.cut_from:
        # leaves `pending` as it is
        why = situation.texts("wrong.long", length=length, most=LONGEST)
        result = with_numbers(situation, (yield from ask_again(situation, why)))
    else:
        result = yield from _decide_for_person(situation)
    _save_displayed_choices(situation, result)
    result.conversation = situation.conversation
    return result


def _save_displayed_choices(situation: Situation, result: DecisionResult) -> None:
    """Store the choices of the last message, so that they can be typed, unless it is a question (which knows them)."""
    if not result.messages:
        return
    choices = result.messages[-1].choices
    is_question = any(isinstance(unpack(choice.data), AnswerForm | AnswerRequest) for choice in choices)
    situation.conversation.shown = [] if is_question else [(choice.label, choice.data) for choice in choices]
    draft = situation.conversation.draft
    if draft is not None:
        draft.saved = situation.now.timestamp()


def _decide_for_person(situation: Situation) -> Decision[DecisionResult]:
    conversation = situation.conversation
    if situation.event.kind is EventKind.RETURNED:
        return DecisionResult()
    if situation.event.kind is EventKind.EDITED:
        is_taken = conversation.last_words == (situation.event.ref, situation.contact.shown_request)
        situation.event = replace(situation.event, kind=EventKind.TEXT)
        if not is_taken:
            return (yield from notice_danger(situation)) or (
                yield from ask_again(situation, situation.texts("menu.edited"))
            )
        _forget_last_words(conversation)
    conversation.last_words, before = None, _open_question(situation)
    result = yield from _decide_act(situation)
    event, nothing_came = situation.event, not result.changes and _open_question(situation) == before
    if event.kind is EventKind.TEXT and event.ref and result.messages and nothing_came:
        conversation.last_words = (event.ref, asked_by(result.messages[-1].choices))
    return result


def _forget_last_words(conversation: Conversation) -> None:
    """What a person changed their last words to is read in their place; pictures sent with others stay."""
    kept = conversation.kept
    if kept is not None:
        conversation.kept = replace(kept, text="") if kept.photos else kept.earlier(kept.nonce)
    if isinstance(conversation.pending, AwaitsUrgentChoice):
        conversation.pending = conversation.pending.before


def _open_question(situation: Situation) -> tuple[str, int] | None:
    draft = situation.conversation.draft
    return None if draft is None else (draft.nonce, draft.step)


def _read_released(situation: Situation, released: KeptWords) -> Decision[DecisionResult]:
    """Words that were asked about as danger, and their pictures, read as what they answer."""
    if not released.photos:
        return (yield from read_words(situation, released.text))
    changes: list[Change] = []
    result = DecisionResult()
    for number, handle in enumerate(released.photos):
        text = "" if number else released.text
        situation.event = replace(situation.event, kind=EventKind.PHOTO, text=text, file=File(handle))
        result = yield from read_photo(situation)
        changes += result.changes
        # a further picture goes to the form that the first one opened
        situation.contact = replace(situation.contact, shown_request="")
        if (draft := situation.conversation.draft) is not None:
            draft.saved = situation.now.timestamp()
    result.changes = changes
    return result


def _decide_act(situation: Situation) -> Decision[DecisionResult]:
    event, conversation = situation.event, situation.conversation
    if event.kind is not EventKind.OPENED:
        situation.waiting, conversation.pending = conversation.pending, None
    if (released := released_words(situation)) is not None:
        return (yield from _read_released(situation, released))
    if (result := (yield from notice_danger(situation))) is not None:
        return result
    match event.kind:
        case EventKind.TAP:
            return (yield from press_data(situation, event.data))
        case EventKind.TEXT:
            return with_numbers(situation, (yield from read_words(situation, event.text)))
        case EventKind.PHOTO:
            return with_numbers(situation, (yield from read_photo(situation)))
        case EventKind.FILE:
            return (yield from read_file(situation))
        case EventKind.VOICE:
            return (yield from read_voice(situation))
        case EventKind.OPENED:
            return (yield from ask_again(situation, ""))
        case _:
            key = event.text if event.text.startswith("wrong.") else "wrong.other"
            return (yield from ask_again(situation, situation.texts(key)))
