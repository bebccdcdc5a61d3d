"""Notices words that tell of danger to life, whatever our last message was, before anything else reads them."""

from __future__ import annotations

from dataclasses import replace

from nhipcau.actions.permissions import REPORTERS, may
from nhipcau.bot.forms.answer_matching import exact_label
from nhipcau.bot.forms.draft import SUMMARY
from nhipcau.bot.forms.kinds import KINDS
from nhipcau.bot.forms.question_screen import choices_of
from nhipcau.bot.language.command_words import read_command
from nhipcau.bot.language.danger import Danger, danger_in
from nhipcau.bot.language.natural_answers import yes_or_no
from nhipcau.bot.messaging.button import unpack
from nhipcau.bot.messaging.events import EventKind
from nhipcau.handlers.buttons import UrgentAct, UrgentWords
from nhipcau.handlers.form_router import find_context, is_of_office
from nhipcau.handlers.reports import offered_words, urgent_report
from nhipcau.handlers.requests import answer_request
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.model.conversation import AwaitsQuestionBack, AwaitsUrgentChoice, DraftKind, KeptWords, name_of
from nhipcau.model.people import PUSH_WITHOUT_REQUEST
from nhipcau.model.queries import FindRequest

#: Answers in a unit's name.
_OFFICIAL = frozenset({DraftKind.RAPID, DraftKind.DUTY})


def notice_danger(situation: Situation) -> Decision[DecisionResult | None]:
    """Ask about words of danger, or add to those asked about; None: what came is something else."""
    event, waiting = situation.event, situation.waiting
    text = event.text if event.kind in {EventKind.TEXT, EventKind.PHOTO} else ""
    photo = event.file.handle if event.kind is EventKind.PHOTO and event.file else ""
    if isinstance(waiting, AwaitsUrgentChoice):
        if situation.conversation.kept is None or not (text or photo):
            return None
        if text and (read_command(text)[0] is not None or _is_shown(situation, text)):
            return None
        if text and (meant := yes_or_no(text)) is not None:
            act = UrgentAct.SEND if meant else UrgentAct.DROP
            return urgent_report.press(situation, UrgentWords(act, situation.conversation.kept.nonce))
        kept_words = situation.conversation.kept
        return _ask(situation, waiting, text, photo, (kept_words.before, kept_words.before_photos))
    danger = danger_in(text) if text and may(situation.me, REPORTERS) else Danger.NONE
    if not danger or read_command(text)[0] is not None or _is_exempt(situation):
        return None
    if (yield from _is_answer(situation, text, danger)):
        return None
    shown = situation.contact.shown_request
    request = "" if shown.startswith(PUSH_WITHOUT_REQUEST) else shown
    before = None if isinstance(waiting, AwaitsUrgentChoice) else waiting
    # what was kept before is about something else, and is offered again afterwards
    earlier, situation.conversation.kept = situation.conversation.kept, None
    kept_before = ("", ()) if earlier is None else (earlier.text, earlier.photos)
    return _ask(situation, AwaitsUrgentChoice(request, before), text, photo, kept_before)


def _ask(
    situation: Situation, waiting: AwaitsUrgentChoice, text: str, photo: str, kept_before: tuple[str, tuple[str, ...]]
) -> DecisionResult:
    kept_words, why, notice = offered_words.keep(situation, text, photo)
    if kept_words is None:
        situation.conversation.pending = waiting.before
        return reply(urgent_report.numbers(situation, why))
    kept_words = replace(kept_words, before=kept_before[0], before_photos=kept_before[1])
    situation.conversation.kept, situation.conversation.pending = kept_words, waiting
    return reply(urgent_report.ask(situation, kept_words, is_answer=_answers(situation, waiting), notice=notice))


def _answers(situation: Situation, waiting: AwaitsUrgentChoice) -> bool:
    """Whether something else than a report waits for the words."""
    draft = situation.conversation.draft
    is_form = draft is not None and name_of(draft).kind is not DraftKind.REPORT
    return bool(waiting.request or waiting.before or is_form)


def _is_shown(situation: Situation, text: str) -> bool:
    """Whether the text presses one of the choices of our last message."""
    labels = [label for label, _ in situation.conversation.shown]
    return text.strip().isdecimal() or exact_label(text, labels) is not None


def _is_exempt(situation: Situation) -> bool:
    """Whether words are about other people's matters, or an exercise, which must alert nobody."""
    if isinstance(situation.waiting, AwaitsQuestionBack):
        return True
    draft = situation.conversation.draft if situation.person is not None else None
    return draft is not None and (is_of_office(draft) or draft.is_practice)


def _is_answer(situation: Situation, text: str, danger: Danger) -> Decision[bool]:
    """Whether the text is a choice of the open question ("Cháy rừng"), or tells a unit's office what it asked for
    ("sạt hai điểm"), with nobody hurt or caught: its answer goes to the office as it is."""
    labels = [label for label, _ in situation.conversation.shown]
    shown, draft = situation.contact.shown_request, situation.conversation.draft
    if shown and not shown.startswith(PUSH_WITHOUT_REQUEST):
        request = yield from load(FindRequest(shown, situation.me, situation.contact.id))
        if request is None:
            return False
        is_photo = situation.event.kind is EventKind.PHOTO and answer_request.takes_photo(situation, request)
        tells = not request.is_poll and (is_photo or answer_request.takes_words(situation, request))
        return (tells and danger is Danger.SIGN) or answer_request.is_choice_of(situation, request, text)
    if draft is not None and draft.at != SUMMARY:
        form = yield from find_context(situation, draft)
        if form is not None:
            question = form.form.question(draft.at)
            labels += [choice.label for _, choice in choices_of(form, draft, question)]
            tells = name_of(draft).kind in _OFFICIAL and KINDS[question.kind].own_words
            if tells and danger is Danger.SIGN:
                return True
    return exact_label(text, labels) is not None


def with_numbers(situation: Situation, result: DecisionResult) -> DecisionResult:
    """The same result with the numbers to call before its last message, where the text told of danger."""
    is_text = situation.event.kind in {EventKind.TEXT, EventKind.PHOTO}
    if is_text and result.messages and not _is_exempt(situation) and danger_in(situation.event.text):
        numbers, last = situation.texts("danger.numbers"), result.messages[-1]
        if numbers not in last.text:
            result.messages[-1] = replace(last, text=f"{numbers}\n{last.text}")
    return result


def released_words(situation: Situation) -> KeptWords | None:
    """The kept words, once "Trả lời câu đang hỏi" was pressed, or "không" typed where they answer something; the
    situation is again what it was before them."""
    waiting, kept_words = situation.waiting, situation.conversation.kept
    if not isinstance(waiting, AwaitsUrgentChoice) or kept_words is None or not _answers(situation, waiting):
        return None
    event = situation.event
    if event.kind is EventKind.TAP:
        if unpack(event.data) != UrgentWords(UrgentAct.ANSWER, kept_words.nonce):
            return None
    elif event.kind is not EventKind.TEXT or yes_or_no(event.text) is not False:
        return None
    urgent_report.forget(situation, kept_words)
    situation.waiting, situation.conversation.shown = waiting.before, []
    situation.contact = replace(situation.contact, shown_request=waiting.request)
    return kept_words
