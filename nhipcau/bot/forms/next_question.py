"""Going on from an answer to the next question, the summary, or the end."""

from __future__ import annotations

from nhipcau.bot.forms.conditions import holds
from nhipcau.bot.forms.draft import GENERAL, SUMMARY, Draft, FormContext, FormEnd, FormStep, Input, next_open
from nhipcau.bot.forms.question_screen import show


def advance(context: FormContext, draft: Draft) -> None:
    """Go on to the next question or the summary; drops answers to questions whose condition no longer holds."""
    if draft.at not in draft.trail:
        draft.trail.append(draft.at)
    for question in context.form.questions:
        if question.id in draft.answers and not holds(question.when, context.form, draft.answers):
            del draft.answers[question.id]
    draft.mending = [id for id in draft.mending if id != draft.at]
    draft.at = draft.mending[0] if draft.mending else next_open(context, draft)
    fresh(draft)


def fresh(draft: Draft) -> None:
    """Reset what belongs to the open question; buttons of the one before become old."""
    draft.step += 1
    draft.tries = 0
    draft.page = 0
    draft.listed = ""
    draft.found, draft.found_as = [], {}
    draft.held = ""


def go_on(context: FormContext, draft: Draft, preface: str) -> FormStep:
    """The next message after an answer, below `preface`; a form without a summary ends with its last answer."""
    advance(context, draft)
    if draft.at == SUMMARY and not context.has_summary:
        return FormStep(FormEnd.SENT)
    return FormStep(FormEnd.OPEN, show(context, draft, preface), preface)


def take_held(context: FormContext, draft: Draft, given: Input) -> FormStep:
    """Below a caution: the text made general, or as it is."""
    caution = context.caution(draft.held) if draft.held else None
    if caution is None:
        return FormStep(FormEnd.OPEN, show(context, draft))
    general = given.key == GENERAL and caution.general
    draft.answers[draft.at] = caution.general if general else draft.held
    return go_on(context, draft, "")
