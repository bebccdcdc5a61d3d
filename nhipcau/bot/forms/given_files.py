"""Pictures and documents sent while a form is open: which question takes them, and what is said about them."""

from __future__ import annotations

from nhipcau.bot.forms.answer_matching import InvalidAnswer
from nhipcau.bot.forms.draft import Draft, FormContext, Input
from nhipcau.bot.forms.kinds import KINDS
from nhipcau.bot.forms.model import Question

#: Characters of a document's shown name before its ending, with masks: as many as the database stores.
_LONGEST_STEM = 70


def takes(question: Question, given: Input) -> bool:
    kind = KINDS[question.kind]
    return kind.takes_file if given.file else kind.takes_photo


def question_taking(context: FormContext, given: Input) -> Question | None:
    """The question of this form that takes the picture or document sent, open or not; None: there is none."""
    return next((q for q in context.form.questions if takes(q, given)), None)


def with_caption(context: FormContext, given: Input, kept: str) -> str:
    """The sentence, extended to say that a caption was not stored where no text was asked for."""
    left = context.texts("form.caption_left_file" if given.file else "form.caption_left")
    return f"{kept} {left}" if given.text else kept


def keep_given(context: FormContext, draft: Draft, question: Question, given: Input) -> str:
    """Put the file into the draft where there is room; returns the sentence about it."""
    sent = {"photo": given.photo}
    if given.file:
        # a file name may hold personal data too: mask it, except for its ending
        stem, _, ending = (given.title or given.file).rpartition(".")
        try:
            masked, _ = context.screen(stem)
        except InvalidAnswer:
            return context.texts("wrong.secret_file")
        sent = {"file": given.file, "title": f"{masked[:_LONGEST_STEM]}.{ending}"}
    held = draft.answers.get(question.id)
    draft.answers[question.id], sentence = KINDS[question.kind].keep(question, held, sent, context.texts)
    return sentence
