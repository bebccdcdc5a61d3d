"""The open question of a draft, or its summary, as one message with its choices."""

from __future__ import annotations

from nhipcau.bot.forms.answers import labels_of, options_of_kind, scale_ends
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
from nhipcau.bot.forms.model import Option, Question, QuestionKind
from nhipcau.bot.messaging.messages import Choice, Message

#: Kinds where a typed number or word is the answer itself, not a place in the list of choices.
NUMBER_ANSWERS = frozenset({QuestionKind.TEXT, QuestionKind.NUMBER, QuestionKind.SCALE, QuestionKind.DATE})


#: A choice and the key it answers with.
Keyed = tuple[str, Choice]


def show(walk: FormContext, draft: Draft, preface: str = "") -> Message:
    """The open question (or the summary) as one message. Changes nothing: shown twice, both have good buttons."""
    if draft.at == SUMMARY:
        return show_summary(walk, draft, preface)
    question = walk.form.question(draft.at)
    lines = [line for line in (walk.banner, preface) if line]
    if walk.head and not draft.trail and not draft.answers:
        lines.append(walk.head)
    lines.append(words_of(walk, draft, question))
    if draft.answers.get(question.id) is not None and question.kind is not QuestionKind.SEVERAL:
        lines.append(walk.texts("form.before", answer=_one_line(walk, draft, question)))
    return Message(
        "\n".join(lines), _plain(choices_of(walk, draft, question)), number_answers=question.kind in NUMBER_ANSWERS
    )


def _plain(keyed: list[Keyed]) -> tuple[Choice, ...]:
    return tuple(choice for _, choice in keyed)


def _keyed(walk: FormContext, draft: Draft, label: str, key: str, *, beside: bool = False, way: bool = False) -> Keyed:
    return key, Choice(label, walk.pack(draft, key), beside=beside, way=way)


def words_of(walk: FormContext, draft: Draft, question: Question) -> str:
    asked = [q for q in walk.form.questions if not q.offered and holds(q.when, walk.form, draft.answers)]
    numbered = [q for q in asked if not q.opening]
    text = question.text
    if ends := scale_ends(question, walk.texts):
        text += "\n" + ends
    if question.kind is QuestionKind.DATE:
        text += " " + walk.texts("form.date_hint")
    if question.kind is QuestionKind.SEVERAL:
        text += " " + walk.texts("form.several_hint")
    if question in numbered and len(numbered) > 1:
        text += f" ({numbered.index(question) + 1}/{len(numbered)})"
    return text


def options_of(walk: FormContext, draft: Draft, question: Question) -> list[Option]:
    """Every option of the open question, in order, before paging."""
    if not question.source:
        return options_of_kind(question, walk.texts)
    options = walk.options(question, draft)
    if draft.found:
        by_key = {o.key: o for o in options}
        # what was typed may mean a unit further down than the usual ones
        return [
            Option(key, draft.found_as[key]) if key in draft.found_as else by_key[key]
            for key in draft.found
            if key in draft.found_as or key in by_key
        ]
    return options


def _paged(walk: FormContext, draft: Draft, question: Question) -> tuple[list[Option], bool]:
    """The options of the page shown, and whether more follow. A file's own choices are never paged."""
    options = options_of(walk, draft, question)
    if not question.source or len(options) <= PAGE:
        return options, False
    start = draft.page * PAGE
    return options[start : start + PAGE], start + PAGE < len(options)


def choices_of(walk: FormContext, draft: Draft, question: Question) -> list[Keyed]:
    """The choices of the open question, as they stand below it."""
    t = walk.texts
    shown, more = _paged(walk, draft, question)
    choices: list[Keyed] = []
    if question.kind is QuestionKind.SEVERAL:
        ticked = draft.answers.get(question.id) or []
        for option in shown:
            label = (TICK if option.key in ticked else "") + option.label
            choices.append((option.key, Choice(label, walk.pack(draft, option.key), stays=True)))
        choices.append(_keyed(walk, draft, t("form.done"), DONE))
    else:
        if draft.answers.get(question.id) is not None:
            choices.append(_keyed(walk, draft, t("form.keep"), KEEP))
            if question.offered:
                choices.append(_keyed(walk, draft, t("form.empty"), EMPTY))
        choices += [_keyed(walk, draft, option.label, option.key) for option in shown]
    if walk.nothing and not draft.trail and question.id == walk.form.questions[0].id:
        choices.insert(0, _keyed(walk, draft, walk.nothing, NONE))
    if more:
        choices.append(_keyed(walk, draft, t("form.more"), MORE, way=True))
    if question.by_name and walk.search and not draft.found:
        choices.append(_keyed(walk, draft, t("form.other"), OTHER, way=True))
    return choices + _ways_out(walk, draft, question)


def _ways_out(walk: FormContext, draft: Draft, question: Question) -> list[Keyed]:
    t = walk.texts
    out: list[Keyed] = []
    if question.optional:
        out.append(_keyed(walk, draft, t("form.skip"), SKIP, way=True))
    if _can_rephrase(walk, draft):
        out.append(_keyed(walk, draft, t("form.rephrase"), REPHRASE, way=True))
    if draft.trail:
        out.append(_keyed(walk, draft, t("form.back"), BACK, beside=bool(out), way=True))
    out.append(_keyed(walk, draft, t("form.cancel"), CANCEL, beside=bool(out), way=True))
    return out


def _can_rephrase(walk: FormContext, draft: Draft) -> bool:
    """At the question right after the opening words."""
    opening = [q.id for q in walk.form.questions if q.opening and q.id in draft.answers]
    return bool(opening) and draft.trail == opening and not draft.mending


def show_summary(walk: FormContext, draft: Draft, preface: str) -> Message:
    body = walk.summary(draft) if walk.summary else plain_summary(walk, draft)
    lines = [line for line in (walk.banner, preface, body) if line]
    return Message("\n".join(lines), _plain(summary_choices(walk, draft)))


def summary_choices(walk: FormContext, draft: Draft) -> list[Keyed]:
    """Send; what the caller offers instead; what may be added; what may be mended; cancel."""
    t = walk.texts
    choices = [_keyed(walk, draft, walk.send_label or t("form.send"), SEND)]
    choices += [_keyed(walk, draft, option.label, OFFERED + option.key) for option in walk.offers(draft)]
    choices += [
        _keyed(walk, draft, t("form.add", what=q.short), ADD + q.id, beside=n % 2 == 1, way=True)
        for n, q in enumerate(q for q in walk.form.questions if q.offered and draft.answers.get(q.id) is None)
    ]
    choices += _mends(walk, draft)
    choices.append(_keyed(walk, draft, t("form.cancel"), CANCEL, way=True))
    return choices


def _mends(walk: FormContext, draft: Draft) -> list[Keyed]:
    """One "Sửa …" per summary line."""
    seen: list[str] = []
    names = []
    for question in walk.form.questions:
        group = question.group or question.id
        if group in seen or question.id not in draft.answers:
            continue
        seen.append(group)
        names.append((group, question.short))
    if len(names) == 1:
        return [_keyed(walk, draft, walk.texts("form.mend_only"), MEND + names[0][0], way=True)]
    return [
        _keyed(
            walk, draft, walk.texts("form.mend", what=short or str(n + 1)), MEND + group, beside=n % 2 == 1, way=True
        )
        for n, (group, short) in enumerate(names)
    ]


def plain_summary(walk: FormContext, draft: Draft) -> str:
    """One line a question answered: its words and the answer's."""
    lines = [walk.texts("form.check")]
    for number, question in enumerate(walk.form.questions, start=1):
        if question.id in draft.answers:
            lines.append(f"{number}. {question.text} → {_one_line(walk, draft, question)}")
    return "\n".join(lines)


def _one_line(walk: FormContext, draft: Draft, question: Question) -> str:
    value = draft.answers.get(question.id)
    if value is None:
        return walk.texts("form.skipped")
    if question.kind is QuestionKind.PHOTO:
        return walk.texts("form.photos", n=len(value))
    if question.kind is QuestionKind.FILE:
        title = value.get("title")
        return walk.texts("form.file", title=title) if title else walk.texts("form.photos", n=1)
    options = walk.options(question, draft) if question.source else options_of(walk, draft, question)
    return labels_of(question, value, options)


def one_line(walk: FormContext, draft: Draft, id: str) -> str:
    """A question's answer in words, for summaries of a handler's own."""
    return _one_line(walk, draft, walk.form.question(id))
