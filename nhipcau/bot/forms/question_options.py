"""What the screens of a form share: the options of a question, an answer in words, a choice with its key."""

from __future__ import annotations

from nhipcau.bot.forms.draft import Draft, FormContext
from nhipcau.bot.forms.kinds import KINDS
from nhipcau.bot.forms.model import Option, Question
from nhipcau.bot.messaging.messages import Choice

#: A choice and the key it answers with.
Keyed = tuple[str, Choice]


def keyed(
    context: FormContext, draft: Draft, label: str, key: str, *, beside: bool = False, way: bool = False
) -> Keyed:
    return key, Choice(label, context.pack(draft, key), beside=beside, way=way)


def plain(choices: list[Keyed]) -> tuple[Choice, ...]:
    """The choices without their keys."""
    return tuple(choice for _, choice in choices)


def options_of(context: FormContext, draft: Draft, question: Question) -> list[Option]:
    """Every option of the open question, in order, before paging."""
    if not question.source:
        return KINDS[question.kind].options(question, context.texts)
    options = context.options(question, draft)
    if draft.found:
        by_key = {o.key: o for o in options}
        # a typed name may have found a unit that is not among the usual options
        return [
            Option(key, draft.found_as[key]) if key in draft.found_as else by_key[key]
            for key in draft.found
            if key in draft.found_as or key in by_key
        ]
    return options


def one_line(context: FormContext, draft: Draft, question: Question | str) -> str:
    """The answer to a question, or to the one of this id, in words."""
    if isinstance(question, str):
        question = context.form.question(question)
    value = draft.answers.get(question.id)
    if value is None:
        return context.texts("form.skipped")
    options = context.options(question, draft) if question.source else options_of(context, draft, question)
    return KINDS[question.kind].words(question, value, options, context.texts)


def labels_of(keyed: list[Keyed]) -> list[str]:
    return [choice.label for _, choice in keyed]


def ways_of(keyed: list[Keyed]) -> set[int]:
    """The places of the ways out."""
    return {n for n, (_, choice) in enumerate(keyed) if choice.way}
