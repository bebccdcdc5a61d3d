"""The open question of a draft, or its summary, as one message with its choices."""

from __future__ import annotations

from nhipcau.bot.forms.answers import labels_of, options_of_kind, scale_ends
from nhipcau.bot.forms.conditions import holds
from nhipcau.bot.forms.draft import (
    BACK,
    CANCEL,
    DONE,
    EMPTY,
    KEEP,
    MORE,
    NONE,
    OTHER,
    PAGE,
    PLACES,
    REPHRASE,
    SEND,
    SKIP,
    SUMMARY,
    TICK,
    Draft,
    FormContext,
    next_open,
)
from nhipcau.bot.forms.model import Option, Question, QuestionKind
from nhipcau.bot.messaging.messages import Choice, Message

#: Kinds where a typed number or word is the answer itself, not a place in the list of choices.
NUMBER_ANSWERS = frozenset({QuestionKind.TEXT, QuestionKind.NUMBER, QuestionKind.SCALE, QuestionKind.DATE})


def begin(walk: FormContext, draft: Draft, preface: str = "") -> Message:
    """Show the first open question of a draft (new, or continued)."""
    if not draft.at:
        draft.at = next_open(walk, draft)
    return show(walk, draft, preface)


def show(walk: FormContext, draft: Draft, preface: str = "") -> Message:
    """The open question (or the summary) as one message; older buttons become old."""
    draft.step += 1
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
        "\n".join(lines), tuple(choices_of(walk, draft, question)), number_answers=question.kind in NUMBER_ANSWERS
    )


def words_of(walk: FormContext, draft: Draft, question: Question) -> str:
    asked = [q for q in walk.form.questions if not q.offered and holds(q.when, walk.form, draft.answers)]
    numbered = [q for q in asked if q.id != "content"]
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


def choices_of(walk: FormContext, draft: Draft, question: Question) -> list[Choice]:
    t = walk.texts
    prefix = f"q:{draft.nonce}:{draft.step}:"
    shown, more = _paged(walk, draft, question)
    choices = []
    if question.kind is QuestionKind.SEVERAL:
        marked = draft.answers.get(question.id) or []
        choices = [
            Choice((TICK if o.key in marked else "") + o.label, f"s{prefix[1:]}{o.key}", stays=True) for o in shown
        ]
        choices.append(Choice(t("form.done"), prefix + DONE))
    else:
        if draft.answers.get(question.id) is not None:
            choices.append(Choice(t("form.keep"), prefix + KEEP))
            if question.offered:
                choices.append(Choice(t("form.empty"), prefix + EMPTY))
        choices += [Choice(o.label, prefix + o.key) for o in shown]
    if walk.nothing and not draft.trail and question.id == walk.form.questions[0].id:
        choices.insert(0, Choice(walk.nothing, prefix + NONE))
    if more:
        choices.append(Choice(t("form.more"), prefix + MORE, way=True))
    if question.source in PLACES and walk.search and not draft.found:
        choices.append(Choice(t("form.other"), prefix + OTHER, way=True))
    return choices + _ways_out(walk, draft, question, prefix)


def _ways_out(walk: FormContext, draft: Draft, question: Question, prefix: str) -> list[Choice]:
    t = walk.texts
    out = []
    if question.optional:
        out.append(Choice(t("form.skip"), prefix + SKIP, way=True))
    if "content" in draft.answers and draft.trail == ["content"] and not draft.mending:
        out.append(Choice(t("form.rephrase"), prefix + REPHRASE, way=True))
    if draft.trail:
        out.append(Choice(t("form.back"), prefix + BACK, beside=bool(out), way=True))
    out.append(Choice(t("form.cancel"), prefix + CANCEL, beside=bool(out), way=True))
    return out


def show_summary(walk: FormContext, draft: Draft, preface: str) -> Message:
    t = walk.texts
    prefix = f"q:{draft.nonce}:{draft.step}:"
    body = walk.summary(draft) if walk.summary else plain_summary(walk, draft)
    choices = [Choice(walk.send_label or t("form.send"), prefix + SEND)]
    choices += [Choice(o.label, prefix + "w." + o.key) for o in walk.offers(draft)]
    choices += [
        Choice(t("form.add", what=q.short), prefix + "a." + q.id, beside=n % 2 == 1, way=True)
        for n, q in enumerate(q for q in walk.form.questions if q.offered and draft.answers.get(q.id) is None)
    ]
    choices += _mends(walk, draft, prefix)
    choices.append(Choice(t("form.cancel"), prefix + CANCEL, way=True))
    return Message("\n".join(line for line in (walk.banner, preface, body) if line), tuple(choices))


def _mends(walk: FormContext, draft: Draft, prefix: str) -> list[Choice]:
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
        return [Choice(walk.texts("form.mend_only"), f"{prefix}e.{names[0][0]}", way=True)]
    return [
        Choice(walk.texts("form.mend", what=short or str(n + 1)), f"{prefix}e.{group}", beside=n % 2 == 1, way=True)
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
