"""Makes the summary of a form: one way on, shown first; what can be added or corrected; the way out.

At most five choices: what finds no room stands behind "Thêm …" and "Sửa …", each a short list of its own.
"""

from __future__ import annotations

from nhipcau.bot.forms.draft import (
    ADD,
    BACK,
    CANCEL,
    LIST_ADD,
    LIST_MEND,
    MEND,
    MORE,
    OFFERED,
    PAGE,
    SEND,
    Draft,
    FormContext,
)
from nhipcau.bot.forms.question_options import Keyed, keyed, one_line, plain
from nhipcau.bot.messaging.messages import Message

#: Choices of one summary.
MOST = 5


def show_summary(context: FormContext, draft: Draft, preface: str) -> Message:
    """The message with all answers, to send or correct; or the short list opened on it."""
    if draft.listed:
        body = context.texts("form.add_which" if draft.listed == LIST_ADD else "form.mend_which")
    else:
        body = context.summary(draft) if context.summary else plain_summary(context, draft)
    lines = [line for line in (context.banner, preface, body) if line]
    return Message("\n".join(lines), plain(summary_choices(context, draft)))


def summary_choices(context: FormContext, draft: Draft) -> list[Keyed]:
    """The choices displayed: of the summary, or of the short list opened on it."""
    t = context.texts
    if draft.listed:
        return _short_list(context, draft)
    adds, mends = _adds(context, draft), _mends(context, draft)
    offers = [keyed(context, draft, option.label, OFFERED + option.key) for option in context.offers(draft)]
    fixed = 2 + len(offers[:1])
    # the longer list moves behind one choice first; a short one may stay
    for _ in range(2):
        if fixed + len(adds) + len(mends) <= MOST:
            break
        if len(adds) > len(mends) or len(mends) == 1:
            adds = [keyed(context, draft, t("form.add_more"), LIST_ADD, way=True)]
        else:
            mends = [keyed(context, draft, t("form.mend_more"), LIST_MEND, way=True)]
    room = max(0, MOST - 2 - len(adds) - len(mends))
    return [
        keyed(context, draft, context.send_label or t("form.send"), SEND),
        *offers[:room],
        *adds,
        *mends,
        keyed(context, draft, t("form.cancel"), CANCEL, way=True),
    ]


def every_choice(context: FormContext, draft: Draft) -> list[Keyed]:
    """To send, and all that can be added or corrected, displayed or not: who types one of these labels means it."""
    send = keyed(context, draft, context.send_label or context.texts("form.send"), SEND)
    return [send, *_adds(context, draft), *_mends(context, draft)]


def _short_list(context: FormContext, draft: Draft) -> list[Keyed]:
    t = context.texts
    rows = _adds(context, draft) if draft.listed == LIST_ADD else _mends(context, draft)
    start = draft.page * PAGE
    choices = rows[start : start + PAGE]
    if len(rows) > PAGE:
        choices.append(keyed(context, draft, t("form.more"), MORE, way=True))
    return [*choices, keyed(context, draft, t("form.back"), BACK, way=True)]


def list_pages(context: FormContext, draft: Draft) -> int:
    """How many pages the opened short list has."""
    rows = _adds(context, draft) if draft.listed == LIST_ADD else _mends(context, draft)
    return max(1, -(-len(rows) // PAGE))


def _adds(context: FormContext, draft: Draft) -> list[Keyed]:
    """A "Thêm …" for each question offered and not yet answered."""
    offered = [q for q in context.form.questions if q.offered and draft.answers.get(q.id) is None]
    return [
        keyed(context, draft, context.texts("form.add", what=q.short), ADD + q.id, beside=n % 2 == 1, way=True)
        for n, q in enumerate(offered)
    ]


def _mends(context: FormContext, draft: Draft) -> list[Keyed]:
    """A "Sửa …" for each line of the summary."""
    t = context.texts
    names: dict[str, str] = {}
    for question in context.form.questions:
        if question.id in draft.answers:
            names.setdefault(question.group or question.id, question.short)
    if len(names) == 1:
        return [keyed(context, draft, t("form.mend_only"), MEND + next(iter(names)), way=True)]
    return [
        keyed(context, draft, t("form.mend", what=short or str(n + 1)), MEND + group, beside=n % 2 == 1, way=True)
        for n, (group, short) in enumerate(names.items())
    ]


def plain_summary(context: FormContext, draft: Draft) -> str:
    """A line for each answered question, with its text and answer."""
    lines = [context.texts("form.check")]
    for number, question in enumerate(context.form.questions, start=1):
        if question.id in draft.answers:
            lines.append(f"{number}. {question.text} → {one_line(context, draft, question)}")
    return "\n".join(lines)
