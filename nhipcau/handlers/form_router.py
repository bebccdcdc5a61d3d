"""Finds the handler of a draft by its kind: takes a step in its form, or displays its open question again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nhipcau.actions.permissions import COORDINATORS
from nhipcau.bot.forms.draft import Draft, FormContext, Input
from nhipcau.bot.forms.question_screen import show
from nhipcau.handlers.membership import join
from nhipcau.handlers.reports import compose_feedback, file_report, issues, report_form, strands
from nhipcau.handlers.requests import answer_request, compose_request, edit_notice, on_behalf
from nhipcau.handlers.screens import is_coordinator, menu, refuse_right
from nhipcau.handlers.situation import Decision, DecisionResult, Handled, Situation, reply, settle
from nhipcau.model.conversation import AwaitsName, DraftKind, name_of


@dataclass(frozen=True, slots=True)
class _FormHandler:
    """The functions that handle one kind of form."""

    step: Callable[[Situation, Draft, Input], Handled]
    #: Returns the form with its context; a decision may return None: what it is about no longer exists.
    context: Callable[[Situation, Draft], FormContext | Decision[FormContext | None]]
    #: Only coordinators may fill it in.
    of_office: bool = True


_REPORT = _FormHandler(file_report.step_report, report_form.context, of_office=False)
_ANSWER = _FormHandler(answer_request.step_answer, answer_request.find_context, of_office=False)
_COMPOSE = _FormHandler(compose_request.step_request, compose_request.context)
_WORDS = _FormHandler(edit_notice.step_words, edit_notice.context)
_FORMS: Mapping[DraftKind, _FormHandler] = {
    DraftKind.REPORT: _REPORT,
    DraftKind.COMPOSE_POLL: _COMPOSE,
    DraftKind.COMPOSE_RAPID: _COMPOSE,
    DraftKind.COMPOSE_DUTY: _COMPOSE,
    DraftKind.COMPOSE_NOTICE: _COMPOSE,
    DraftKind.FEEDBACK: _FormHandler(compose_feedback.step_feedback, compose_feedback.context),
    DraftKind.ISSUE: _FormHandler(issues.step_issue, issues.context),
    DraftKind.STRAND: _FormHandler(strands.step_strand, strands.context),
    DraftKind.CORRECTION: _WORDS,
    DraftKind.DECISION: _WORDS,
    DraftKind.ON_BEHALF: _FormHandler(on_behalf.step_on_behalf, on_behalf.find_context),
    DraftKind.POLL: _ANSWER,
    DraftKind.RAPID: _ANSWER,
    DraftKind.DUTY: _ANSWER,
    DraftKind.NOTICE: _ANSWER,
}


def step_draft(situation: Situation, draft: Draft, user_input: Input) -> Decision[DecisionResult]:
    form = _FORMS[name_of(draft).kind]
    if form.of_office and not is_coordinator(situation.me):
        situation.conversation.drop(draft)
        return refuse_right(situation, COORDINATORS)
    return (yield from settle(form.step(situation, draft, user_input)))


def is_of_office(draft: Draft | None) -> bool:
    """Whether the draft is a form of the office: its words are about other people's matters."""
    return draft is not None and _FORMS[name_of(draft).kind].of_office


def ask_again(situation: Situation, preface: str) -> Decision[DecisionResult]:
    """Display the open question again below a sentence; the menu if nothing is open."""
    conversation, draft = situation.conversation, situation.conversation.draft
    if isinstance(situation.waiting, AwaitsName) or isinstance(conversation.pending, AwaitsName):
        return reply(join.ask_name(situation, preface))
    if draft is None:
        return reply(menu(situation, preface))
    form = yield from find_context(situation, draft)
    if form is None:
        return reply(menu(situation, preface))
    return reply(show(form, draft, preface))


def find_context(situation: Situation, draft: Draft) -> Decision[FormContext | None]:
    """The context of the draft's form; None if what it is about no longer exists, and then the draft is dropped."""
    found = _FORMS[name_of(draft).kind].context(situation, draft)
    form = found if isinstance(found, FormContext) else (yield from found)
    if form is None:
        situation.conversation.drop(draft)
    return form
