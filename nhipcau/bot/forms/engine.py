"""The one engine that walks every form: answer, back, skip, mend, send.

Pure: a form, a draft and the person's input go in; a changed draft and one message come out. What a question means for
the office (topics, areas, masking) comes from the caller as a `FormContext` (draft.py); question_screen.py makes the
messages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nhipcau.bot.forms.answers import InvalidAnswer, match_option, read_answer
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
    MOST_FOUND,
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
    FormEnd,
    FormStep,
    Input,
    SearchResult,
    next_open,
)
from nhipcau.bot.forms.model import Option, Question, QuestionKind
from nhipcau.bot.forms.question_screen import Keyed, choices_of, options_of, show, summary_choices, words_of
from nhipcau.bot.messaging.messages import Message

# ------------------------------------------------------------------ which question is next


def advance(walk: FormContext, draft: Draft) -> None:
    """Move to what comes after an answer; answers whose condition no longer holds are dropped."""
    if draft.at not in draft.trail:
        draft.trail.append(draft.at)
    for question in walk.form.questions:
        if question.id in draft.answers and not holds(question.when, walk.form, draft.answers):
            del draft.answers[question.id]
    draft.mending = [id for id in draft.mending if id != draft.at]
    draft.at = draft.mending[0] if draft.mending else next_open(walk, draft)
    _fresh(draft)


def _fresh(draft: Draft) -> None:
    """Another question is open: buttons of the one before are old."""
    draft.step += 1
    draft.tries = 0
    draft.page = 0
    draft.found, draft.found_as = [], {}


def begin(walk: FormContext, draft: Draft, preface: str = "") -> Message:
    """The first open question of a draft, new or gone on with."""
    if not draft.at:
        draft.at = next_open(walk, draft)
        _fresh(draft)
    return show(walk, draft, preface)


def ask_anew(draft: Draft, question: str) -> None:
    """Back to a question whose answer can't stay; the others keep theirs."""
    draft.answers.pop(question, None)
    draft.at, draft.mending = question, []
    draft.trail = [id for id in draft.trail if id != question]
    _fresh(draft)


# ------------------------------------------------------------------ answering


def answer(walk: FormContext, draft: Draft, said: Input) -> FormStep:
    """Take what was said as an answer to the open question. The draft is changed in place."""
    if said.key:
        return _press(walk, draft, said)
    if draft.at == SUMMARY:
        return _typed_on_summary(walk, draft, said)
    question = walk.form.question(draft.at)
    if said.photo or said.file:
        return _given(walk, draft, question, said)
    shown = choices_of(walk, draft, question)
    if question.kind is QuestionKind.SEVERAL:
        return _several(walk, draft, question, said.text, shown)
    by_number = question.kind in _BY_NUMBER
    # a place's name may be another's too: only a label as it reads is that place
    exact = question.kind is QuestionKind.TEXT or question.by_name
    index = match_option(said.text, [c.label for _, c in shown], numbers=by_number, exact=exact)
    if index is not None:
        return _press(walk, draft, Input(key=shown[index][0], ref=said.ref))
    return _typed(walk, draft, question, said.text)


#: Kinds where a typed number means a place in the list, not the answer itself.
_BY_NUMBER = frozenset({QuestionKind.CHOICE, QuestionKind.YESNO, QuestionKind.PHOTO, QuestionKind.FILE})
#: Characters of a document's shown name before its ending, masks included: as many as are stored.
_LONGEST_STEM = 70


def _several(walk: FormContext, draft: Draft, question: Question, text: str, shown: list[Keyed]) -> FormStep:
    """ "1 3", or labels: what was ticked already stays, and the question is answered. One way out is pressed."""
    listed = [Option(key, c.label.removeprefix(TICK)) for key, c in shown]
    try:
        keys = read_answer(question, text, listed, walk.today)
    except InvalidAnswer as wrong:
        return _misread(walk, draft, question, text, wrong)
    options = [o.key for o in options_of(walk, draft, question)]
    ways = [key for key in keys if key not in options]
    if len(keys) == 1 and ways:
        return _press(walk, draft, Input(key=ways[0]))
    if ways:
        return _misread(walk, draft, question, text, InvalidAnswer("several"))
    ticked = {*keys, *(draft.answers.get(question.id) or [])}
    draft.answers[question.id] = [key for key in options if key in ticked]
    return _go_on(walk, draft, "")


def _typed(walk: FormContext, draft: Draft, question: Question, text: str, preface: str = "") -> FormStep:
    options = options_of(walk, draft, question)
    try:
        if question.kind is QuestionKind.TEXT:
            text, masked = walk.screen(text)
            preface = "\n".join(line for line in (preface, masked) if line)
        if question.by_name:
            raise InvalidAnswer("choice")
        # a number is a place among the choices shown, never further down the list
        value = read_answer(question, text, options, walk.today, numbers=not question.source)
    except InvalidAnswer as wrong:
        return _misread(walk, draft, question, text, wrong)
    draft.answers[question.id] = value
    return _go_on(walk, draft, preface)


def _misread(walk: FormContext, draft: Draft, question: Question, text: str, wrong: InvalidAnswer) -> FormStep:
    t = walk.texts
    if question.source and walk.search:
        try:
            if step := _searched(walk, draft, question, walk.search(question, text)):
                return step
        except InvalidAnswer as better:
            wrong = better
    draft.tries += 1
    specific = t(wrong.why if "." in wrong.why else f"wrong.{wrong.why}", **wrong.facts)
    if draft.tries == 1:
        return FormStep(FormEnd.OPEN, show(walk, draft, specific))
    if not options_of(walk, draft, question):
        preface = specific if draft.tries % 2 else t("wrong.still", why=specific)
        return FormStep(FormEnd.OPEN, show(walk, draft, preface))
    key = "wrong.again" if draft.tries % 2 == 0 else "wrong.list"
    return FormStep(FormEnd.OPEN, show(walk, draft, t(key)))


def _searched(walk: FormContext, draft: Draft, question: Question, found: SearchResult) -> FormStep | None:
    """What a typed name means: taken where it is one place, asked where several; None where it says nothing new."""
    t, options = walk.texts, found.options[:MOST_FOUND]
    if len(options) == 1 and found.is_sure:
        usual = any(options[0].label == o.label for o in walk.options(question, draft))
        note = t("form.now", what=options[0].label) if question.by_name and not usual else ""
        draft.answers[question.id] = options[0].key
        return _go_on(walk, draft, note)
    keys = [option.key for option in options]
    is_new = keys != draft.found
    draft.found, draft.found_as = keys, {option.key: option.label for option in options}
    draft.page = 0
    return FormStep(FormEnd.OPEN, show(walk, draft, t("form.which"))) if keys and is_new else None


#: Kinds that take a picture, and those that take a document.
_TAKES_PHOTO = frozenset({QuestionKind.PHOTO, QuestionKind.FILE})
_TAKES_FILE = frozenset({QuestionKind.FILE})


def _given(walk: FormContext, draft: Draft, question: Question, said: Input) -> FormStep:
    """A picture or a document: for the open question, or for the one that takes such. A caption answers an open text
    question."""
    taking = question if question.kind in _takes(said) else taker(walk, said)
    if taking is None:
        return FormStep(
            FormEnd.OPEN, show(walk, draft, walk.texts("wrong.no_file_here" if said.file else "wrong.no_photo"))
        )
    kept = _keep_given(walk, draft, taking, said)
    if taking is question and draft.answers.get(question.id) is not None:
        return _go_on(walk, draft, kept if question.kind is QuestionKind.PHOTO else _with_caption(walk, said, kept))
    if question.kind is QuestionKind.TEXT and said.text:
        return _typed(walk, draft, question, said.text, kept)
    kept = _with_caption(walk, said, kept)
    return FormStep(FormEnd.OPEN, show(walk, draft, kept), kept)


def _takes(said: Input) -> frozenset[QuestionKind]:
    return _TAKES_FILE if said.file else _TAKES_PHOTO


def taker(walk: FormContext, said: Input) -> Question | None:
    """The question of this form that takes what was sent, wherever the person stands; None: it takes no such thing."""
    return next((q for q in walk.form.questions if q.kind in _takes(said)), None)


def _with_caption(walk: FormContext, said: Input, kept: str) -> str:
    """Words that came with a file where no words were asked: said to be not kept, so that nothing is lost unseen."""
    left = walk.texts("form.caption_left_file" if said.file else "form.caption_left")
    return f"{kept} {left}" if said.text else kept


def _keep_given(walk: FormContext, draft: Draft, question: Question, said: Input) -> str:
    """Put it into the draft, or not; what is said about it. Of what it takes one of, the last one counts."""
    t = walk.texts
    if question.kind is QuestionKind.PHOTO:
        photos = list(draft.answers.get(question.id) or [])
        if len(photos) >= int(question.maximum or 2):
            return t("form.photos_full")
        draft.answers[question.id] = [*photos, said.photo]
        return t("form.photo_kept")
    if said.photo:
        draft.answers[question.id] = {"photo": said.photo}
        return t("form.photo_kept")
    # a name is somebody's words too: masked, its ending left alone
    stem, _, ending = (said.title or said.file).rpartition(".")
    try:
        masked, _ = walk.screen(stem)
    except InvalidAnswer:
        return t("wrong.secret_file")
    title = f"{masked[:_LONGEST_STEM]}.{ending}"
    draft.answers[question.id] = {"file": said.file, "title": title}
    return t("form.file_kept", title=title)


def _typed_on_summary(walk: FormContext, draft: Draft, said: Input) -> FormStep:
    if said.photo or said.file:
        offered = taker(walk, said)
        if offered is not None:
            kept = _with_caption(walk, said, _keep_given(walk, draft, offered, said))
            return FormStep(FormEnd.OPEN, show(walk, draft, kept), kept)
    else:
        choices = summary_choices(walk, draft)
        index = match_option(said.text, [c.label for _, c in choices], numbers=True)
        if index is not None:
            return _press(walk, draft, Input(key=choices[index][0]))
    draft.tries += 1
    key = "wrong.summary" if draft.tries % 2 == 1 else "wrong.again"
    return FormStep(FormEnd.OPEN, show(walk, draft, walk.texts(key)))


def _press(walk: FormContext, draft: Draft, said: Input) -> FormStep:
    """A choice of the message shown now: a way out first, then an option."""
    way = _WAYS.get(said.key)
    if way is not None:
        return way(walk, draft, said)
    if said.key == NONE and walk.nothing:
        return FormStep(FormEnd.NOTHING)
    if draft.at == SUMMARY:
        return _press_on_summary(walk, draft, said.key)
    question = walk.form.question(draft.at)
    keys = [o.key for o in options_of(walk, draft, question)]
    if said.key not in keys:
        return FormStep(FormEnd.OPEN, show(walk, draft))
    if question.kind is QuestionKind.SEVERAL:
        return _toggle(walk, draft, question, said, keys)
    value: Any = int(said.key) if question.kind is QuestionKind.SCALE else said.key
    draft.answers[question.id] = value
    return _go_on(walk, draft, "")


def _toggle(walk: FormContext, draft: Draft, question: Question, said: Input, keys: list[str]) -> FormStep:
    marked = set(draft.answers.get(question.id) or [])
    marked ^= {said.key}
    draft.answers[question.id] = [key for key in keys if key in marked]
    lines = [walk.banner] if walk.banner else []
    lines += [walk.head] if walk.head and not draft.trail else []
    lines.append(words_of(walk, draft, question))
    choices = tuple(choice for _, choice in choices_of(walk, draft, question))
    return FormStep(FormEnd.OPEN, Message("\n".join(lines), choices, edit=said.ref))


def _press_on_summary(walk: FormContext, draft: Draft, key: str) -> FormStep:
    verb, what = key[: len(MEND)], key[len(MEND) :]
    if verb == OFFERED and what in [o.key for o in walk.offers(draft)]:
        return FormStep(FormEnd.OFFERED, picked=what)
    ids = [q.id for q in walk.form.questions if what in (q.id, q.group)]
    if verb not in {MEND, ADD} or not ids:
        return FormStep(FormEnd.OPEN, show(walk, draft))
    if verb == MEND:
        ids = [id for id in ids if id in draft.answers]
        if not ids:
            return FormStep(FormEnd.OPEN, show(walk, draft))
    draft.mending = ids
    draft.at = ids[0]
    _fresh(draft)
    return FormStep(FormEnd.OPEN, show(walk, draft))


def _go_on(walk: FormContext, draft: Draft, preface: str) -> FormStep:
    advance(walk, draft)
    if draft.at == SUMMARY and not walk.has_summary:
        return FormStep(FormEnd.SENT)
    return FormStep(FormEnd.OPEN, show(walk, draft, preface), preface)


def _back(walk: FormContext, draft: Draft, said: Input) -> FormStep:
    _fresh(draft)
    if draft.mending:
        draft.mending = []
        draft.at = SUMMARY
        return FormStep(FormEnd.OPEN, show(walk, draft))
    trail = [id for id in draft.trail if id != draft.at and _is_asked(walk, draft, id)]
    if not trail:
        return FormStep(FormEnd.OPEN, show(walk, draft, walk.texts("form.first")))
    draft.at = trail[-1]
    draft.trail = trail[:-1]
    return FormStep(FormEnd.OPEN, show(walk, draft))


def _is_asked(walk: FormContext, draft: Draft, id: str) -> bool:
    return holds(walk.form.question(id).when, walk.form, draft.answers)


def _cancel(walk: FormContext, draft: Draft, said: Input) -> FormStep:
    return FormStep(FormEnd.CANCELLED)


def _skip(walk: FormContext, draft: Draft, said: Input) -> FormStep:
    if draft.at == SUMMARY:
        return FormStep(FormEnd.OPEN, show(walk, draft, walk.texts("wrong.summary")))
    question = walk.form.question(draft.at)
    if question.offered:
        pass  # the summary offers it again
    elif draft.mending:
        draft.answers.setdefault(question.id, None)
    elif question.optional:
        draft.answers[question.id] = None
    else:
        return FormStep(FormEnd.OPEN, show(walk, draft, walk.texts("form.needed")))
    return _go_on(walk, draft, "")


def _more(walk: FormContext, draft: Draft, said: Input) -> FormStep:
    if draft.at != SUMMARY:
        question = walk.form.question(draft.at)
        pages = max(1, -(-len(options_of(walk, draft, question)) // PAGE))
        draft.page = (draft.page + 1) % pages
        draft.step += 1
    return FormStep(FormEnd.OPEN, show(walk, draft))


def _other(walk: FormContext, draft: Draft, said: Input) -> FormStep:
    return FormStep(FormEnd.OPEN, show(walk, draft, walk.texts("form.type_name")))


def _keep(walk: FormContext, draft: Draft, said: Input) -> FormStep:
    if draft.at == SUMMARY or draft.at not in draft.answers:
        return FormStep(FormEnd.OPEN, show(walk, draft))
    return _go_on(walk, draft, "")


def _empty(walk: FormContext, draft: Draft, said: Input) -> FormStep:
    """Take back what was offered and given (a picture, a document, a proposal)."""
    if draft.at == SUMMARY or not walk.form.question(draft.at).offered:
        return FormStep(FormEnd.OPEN, show(walk, draft))
    draft.answers.pop(draft.at, None)
    return _go_on(walk, draft, "")


def _done(walk: FormContext, draft: Draft, said: Input) -> FormStep:
    if draft.at == SUMMARY:
        return FormStep(FormEnd.OPEN, show(walk, draft))
    question = walk.form.question(draft.at)
    if not draft.answers.get(question.id):
        if not question.optional:
            return FormStep(FormEnd.OPEN, show(walk, draft, walk.texts("wrong.pick_one")))
        draft.answers[question.id] = None
    return _go_on(walk, draft, "")


def _rephrase(walk: FormContext, draft: Draft, said: Input) -> FormStep:
    draft.at = next((question.id for question in walk.form.questions if question.opening), draft.at)
    draft.trail = []
    _fresh(draft)
    return FormStep(FormEnd.OPEN, show(walk, draft))


def _send(walk: FormContext, draft: Draft, said: Input) -> FormStep:
    if draft.at != SUMMARY:
        return FormStep(FormEnd.OPEN, show(walk, draft))
    return FormStep(FormEnd.SENT)


_WAYS: Mapping[str, Callable[[FormContext, Draft, Input], FormStep]] = {
    BACK: _back,
    CANCEL: _cancel,
    SKIP: _skip,
    MORE: _more,
    OTHER: _other,
    KEEP: _keep,
    EMPTY: _empty,
    DONE: _done,
    REPHRASE: _rephrase,
    SEND: _send,
}
