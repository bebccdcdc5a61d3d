"""Makes the message for the open question of a draft, or for its summary."""

from __future__ import annotations

from nhipcau.bot.forms.conditions import holds
from nhipcau.bot.forms.draft import (
    ADD,
    BACK,
    CANCEL,
    DONE,
    EMPTY,
    KEEP,
    MEND,
    MORE,
    NONE,
    OFFERED,
    OTHER,
    PAGE,
    REPHRASE,
    SEND,
    SKIP,
    SUMMARY,
    TICK,
    Draft,
    FormContext,
)
from nhipcau.bot.forms.kinds import KINDS
from nhipcau.bot.forms.model import Option, Question
from nhipcau.bot.messaging.messages import Choice, Message

#: A choice and the key it answers with.
Keyed = tuple[str, Choice]


def show(context: FormContext, draft: Draft, preface: str = "") -> Message:
    """The message for the open question or the summary. Changes nothing: shown twice, the buttons of both work."""
    if draft.at == SUMMARY:
        return show_summary(context, draft, preface)
    question = context.form.question(draft.at)
    lines = [line for line in (context.banner, preface) if line]
    if context.head and not draft.trail and not draft.answers:
        lines.append(context.head)
    lines.append(words_of(context, draft, question))
    kind = KINDS[question.kind]
    if draft.answers.get(question.id) is not None and not kind.many:
        lines.append(context.texts("form.before", answer=_one_line(context, draft, question)))
    choices = _plain(choices_of(context, draft, question))
    return Message("\n".join(lines), choices, number_answers=kind.number_answers)


def _plain(keyed: list[Keyed]) -> tuple[Choice, ...]:
    return tuple(choice for _, choice in keyed)


def _keyed(
    context: FormContext, draft: Draft, label: str, key: str, *, beside: bool = False, way: bool = False
) -> Keyed:
    return key, Choice(label, context.pack(draft, key), beside=beside, way=way)


def words_of(context: FormContext, draft: Draft, question: Question) -> str:
    """The question's text with its hint and number, as in "(2/5)"."""
    asked = [q for q in context.form.questions if not q.offered and holds(q.when, context.form, draft.answers)]
    numbered = [q for q in asked if not q.opening]
    text = KINDS[question.kind].ask(question, context.texts)
    if question in numbered and len(numbered) > 1:
        text += f" ({numbered.index(question) + 1}/{len(numbered)})"
    return text


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
    shown, more = _paged(context, draft, question)
    choices: list[Keyed] = []
    if KINDS[question.kind].many:
        ticked = draft.answers.get(question.id) or []
        for option in shown:
            label = (TICK if option.key in ticked else "") + option.label
            choices.append((option.key, Choice(label, context.pack(draft, option.key), stays=True)))
        choices.append(_keyed(context, draft, t("form.done"), DONE))
    else:
        if draft.answers.get(question.id) is not None:
            choices.append(_keyed(context, draft, t("form.keep"), KEEP))
            if question.offered:
                choices.append(_keyed(context, draft, t("form.empty"), EMPTY))
        choices += [_keyed(context, draft, option.label, option.key) for option in shown]
    if context.nothing and not draft.trail and question.id == context.form.questions[0].id:
        choices.insert(0, _keyed(context, draft, context.nothing, NONE))
    if more:
        choices.append(_keyed(context, draft, t("form.more"), MORE, way=True))
    if question.by_name and context.search and not draft.found:
        choices.append(_keyed(context, draft, t("form.other"), OTHER, way=True))
    return choices + _ways_out(context, draft, question)


def _ways_out(context: FormContext, draft: Draft, question: Question) -> list[Keyed]:
    t = context.texts
    out: list[Keyed] = []
    if question.optional:
        out.append(_keyed(context, draft, t("form.skip"), SKIP, way=True))
    if _can_rephrase(context, draft):
        out.append(_keyed(context, draft, t("form.rephrase"), REPHRASE, way=True))
    if draft.trail:
        out.append(_keyed(context, draft, t("form.back"), BACK, beside=bool(out), way=True))
    out.append(_keyed(context, draft, t("form.cancel"), CANCEL, beside=bool(out), way=True))
    return out


def _can_rephrase(context: FormContext, draft: Draft) -> bool:
    """Whether this is the question right after the opening text."""
    opening = [q.id for q in context.form.questions if q.opening and q.id in draft.answers]
    return bool(opening) and draft.trail == opening and not draft.mending


def show_summary(context: FormContext, draft: Draft, preface: str) -> Message:
    """The message with all answers, to send or correct."""
    body = context.summary(draft) if context.summary else plain_summary(context, draft)
    lines = [line for line in (context.banner, preface, body) if line]
    return Message("\n".join(lines), _plain(summary_choices(context, draft)))


def summary_choices(context: FormContext, draft: Draft) -> list[Keyed]:
    """Send; the caller's offers; questions to add; lines to correct; cancel."""
    t = context.texts
    choices = [_keyed(context, draft, context.send_label or t("form.send"), SEND)]
    choices += [_keyed(context, draft, option.label, OFFERED + option.key) for option in context.offers(draft)]
    choices += [
        _keyed(context, draft, t("form.add", what=q.short), ADD + q.id, beside=n % 2 == 1, way=True)
        for n, q in enumerate(q for q in context.form.questions if q.offered and draft.answers.get(q.id) is None)
    ]
    choices += _mends(context, draft)
    choices.append(_keyed(context, draft, t("form.cancel"), CANCEL, way=True))
    return choices


def _mends(context: FormContext, draft: Draft) -> list[Keyed]:
    """A "Sửa …" for each summary line."""
    t = context.texts
    seen: list[str] = []
    names = []
    for question in context.form.questions:
        group = question.group or question.id
        if group in seen or question.id not in draft.answers:
            continue
        seen.append(group)
        names.append((group, question.short))
    if len(names) == 1:
        return [_keyed(context, draft, t("form.mend_only"), MEND + names[0][0], way=True)]
    return [
        _keyed(context, draft, t("form.mend", what=short or str(n + 1)), MEND + group, beside=n % 2 == 1, way=True)
        for n, (group, short) in enumerate(names)
    ]


def plain_summary(context: FormContext, draft: Draft) -> str:
    """A line for each answered question, with its text and answer."""
    lines = [context.texts("form.check")]
    for number, question in enumerate(context.form.questions, start=1):
        if question.id in draft.answers:
            lines.append(f"{number}. {question.text} → {_one_line(context, draft, question)}")
    return "\n".join(lines)


def _one_line(context: FormContext, draft: Draft, question: Question) -> str:
    value = draft.answers.get(question.id)
    if value is None:
        return context.texts("form.skipped")
    options = context.options(question, draft) if question.source else options_of(context, draft, question)
    return KINDS[question.kind].words(question, value, options, context.texts)


def one_line(context: FormContext, draft: Draft, id: str) -> str:
    """A question's answer in words, for a handler's own summary."""
    return _one_line(context, draft, context.form.question(id))
