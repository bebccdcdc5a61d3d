"""Makes the message for the open question of a draft."""

from __future__ import annotations

from nhipcau.bot.forms.conditions import holds
from nhipcau.bot.forms.draft import (
    AS_IS,
    BACK,
    CANCEL,
    DONE,
    EMPTY,
    GENERAL,
    KEEP,
    MORE,
    NONE,
    OTHER,
    PAGE,
    REPHRASE,
    SKIP,
    SUMMARY,
    TICK,
    Caution,
    Draft,
    FormContext,
)
from nhipcau.bot.forms.kinds import KINDS
from nhipcau.bot.forms.model import Option, Question
from nhipcau.bot.forms.question_options import Keyed, keyed, one_line, options_of, plain
from nhipcau.bot.forms.summary_screen import show_summary
from nhipcau.bot.messaging.messages import Choice, Message


def show(context: FormContext, draft: Draft, preface: str = "") -> Message:
    """The message for the open question or the summary. Changes nothing: shown twice, the buttons of both work."""
    if draft.at == SUMMARY:
        return show_summary(context, draft, preface)
    question = context.form.question(draft.at)
    lines = [line for line in (context.banner, preface) if line]
    if caution := cautioned(context, draft):
        text = f'"{caution.general or draft.held}"'
        # what was masked is told with the text itself
        lines += [caution.why] if text in preface else [caution.why, text]
        return Message("\n".join(lines), plain(choices_of(context, draft, question)))
    if context.head and not draft.trail and not draft.answers:
        lines.append(context.head)
    lines.append(words_of(context, draft, question))
    kind = KINDS[question.kind]
    if draft.answers.get(question.id) is not None and not kind.many:
        lines.append(context.texts("form.before", answer=one_line(context, draft, question)))
    choices = plain(choices_of(context, draft, question))
    return Message("\n".join(lines), choices, number_answers=kind.number_answers)


def words_of(context: FormContext, draft: Draft, question: Question) -> str:
    """The question's text with its hint and number, as in "(2/5)"."""
    asked = [q for q in context.form.questions if not q.offered and holds(q.when, context.form, draft.answers)]
    numbered = [q for q in asked if not q.opening]
    text = KINDS[question.kind].ask(question, context.texts)
    if question in numbered and len(numbered) > 1:
        text += f" ({numbered.index(question) + 1}/{len(numbered)})"
    return text


def _paged(context: FormContext, draft: Draft, question: Question) -> tuple[list[Option], bool]:
    """The options of the current page, and whether more follow. Only options of a `source` are paged."""
    options = options_of(context, draft, question)
    if not question.source or len(options) <= PAGE:
        return options, False
    start = draft.page * PAGE
    return options[start : start + PAGE], start + PAGE < len(options)


def choices_of(context: FormContext, draft: Draft, question: Question) -> list[Keyed]:
    """The choices below the open question, in order."""
    t = context.texts
    if caution := cautioned(context, draft):
        return _below_caution(context, draft, caution)
    shown, more = _paged(context, draft, question)
    choices: list[Keyed] = []
    if KINDS[question.kind].many:
        ticked = draft.answers.get(question.id) or []
        for option in shown:
            label = (TICK if option.key in ticked else "") + option.label
            choices.append((option.key, Choice(label, context.pack(draft, option.key), stays=True)))
        choices.append(keyed(context, draft, t("form.done"), DONE))
    else:
        if draft.answers.get(question.id) is not None:
            choices.append(keyed(context, draft, t("form.keep"), KEEP))
            if question.offered:
                choices.append(keyed(context, draft, t("form.empty"), EMPTY))
        choices += [keyed(context, draft, option.label, option.key) for option in shown]
    if context.nothing and not draft.trail and question.id == context.form.questions[0].id:
        choices.insert(0, keyed(context, draft, context.nothing, NONE))
    if more:
        choices.append(keyed(context, draft, t("form.more"), MORE, way=True))
    if question.by_name and context.search and not draft.found:
        choices.append(keyed(context, draft, t("form.other"), OTHER, way=True))
    return choices + _ways_out(context, draft, question)


def cautioned(context: FormContext, draft: Draft) -> Caution | None:
    """The caution about the text that waits for it; None: no text waits."""
    return context.caution(draft.held) if draft.held else None


def _below_caution(context: FormContext, draft: Draft, caution: Caution) -> list[Keyed]:
    t = context.texts
    choices = [keyed(context, draft, t("caution.general"), GENERAL)] if caution.general else []
    choices.append(keyed(context, draft, caution.as_is, AS_IS, way=bool(choices)))
    choices.append(keyed(context, draft, t("caution.again"), REPHRASE, way=True))
    choices.append(keyed(context, draft, t("form.cancel"), CANCEL, beside=True, way=True))
    return choices


def _ways_out(context: FormContext, draft: Draft, question: Question) -> list[Keyed]:
    t = context.texts
    out: list[Keyed] = []
    if question.optional:
        out.append(keyed(context, draft, t("form.skip"), SKIP, way=True))
    if _can_rephrase(context, draft):
        out.append(keyed(context, draft, t("form.rephrase"), REPHRASE, way=True))
    if draft.trail:
        out.append(keyed(context, draft, t("form.back"), BACK, beside=bool(out), way=True))
    out.append(keyed(context, draft, t("form.cancel"), CANCEL, beside=bool(out), way=True))
    return out


def _can_rephrase(context: FormContext, draft: Draft) -> bool:
    """Whether this is the question right after the opening text."""
    opening = [q.id for q in context.form.questions if q.opening and q.id in draft.answers]
    return bool(opening) and draft.trail == opening and not draft.mending
