"""The form a person is filling in, by the handler it belongs to: a step of it, its question once more, its walk."""

from __future__ import annotations

from collections.abc import Callable

from nhipcau.bot.forms.draft import Draft, FormContext, Input
from nhipcau.bot.forms.question_screen import show
from nhipcau.handlers.membership import join
from nhipcau.handlers.reports import compose_feedback, file_report, issues
from nhipcau.handlers.requests import answer_request, compose_request, edit_notice, on_behalf
from nhipcau.handlers.screens import is_coordinator, menu
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, reply

Step = Callable[[Situation, Draft, Input], Decision[DecisionResult]]
#: Forms that only a coordinator fills in, by how their drafts' names begin: a step, and how to walk them (None: that
#: needs what lies in the store).
_OFFICE: dict[str, tuple[Step, Callable[[Situation, Draft], FormContext] | None]] = {
    "compose_": (compose_request.step, compose_request.walk),
    "words:": (edit_notice.step, edit_notice.walk),
    compose_feedback.FORM: (compose_feedback.step, compose_feedback.walk),
    issues.FORM: (issues.step, issues.walk),
    on_behalf.FORM: (on_behalf.step, None),
}


def step_draft(situation: Situation, draft: Draft, said: Input) -> Decision[DecisionResult]:
    """One act inside the draft, by the handler of its form."""
    if draft.form == file_report.REPORT:
        return (yield from file_report.step(situation, draft, said))
    office = _office(draft)
    if office is None:
        return (yield from answer_request.step(situation, draft, said))
    if not is_coordinator(situation.me):
        situation.talk.drop(draft.form)
        return reply(menu(situation, situation.texts("menu.not_yours")))
    return (yield from office[0](situation, draft, said))


def ask_again(situation: Situation, preface: str) -> Decision[DecisionResult]:
    """The open question once more below a sentence; the menu where nothing is open."""
    draft = situation.talk.draft
    if "name" in (situation.waiting.get("kind"), situation.talk.pending.get("kind")):
        return reply(join.ask_name(situation, preface))
    if draft is None:
        return reply(menu(situation, preface))
    path = yield from walk_of(situation, draft)
    if path is None:
        return reply(menu(situation, preface))
    return reply(show(path, draft, preface))


def walk_of(situation: Situation, draft: Draft) -> Decision[FormContext | None]:
    """How to walk this draft, or None where its request is no longer there (the draft is dropped)."""
    if draft.form == file_report.REPORT:
        return file_report.walk(situation, draft)
    office = _office(draft)
    if office is not None and office[1] is not None:
        return office[1](situation, draft)
    walk_of_answer = answer_request.walk_of if office is None else on_behalf.walk_of
    path = yield from walk_of_answer(situation, draft)
    if path is None:
        situation.talk.drop(draft.form)
    return path


def _office(draft: Draft) -> tuple[Step, Callable[[Situation, Draft], FormContext] | None] | None:
    return next((form for prefix, form in _OFFICE.items() if draft.form.startswith(prefix)), None)
