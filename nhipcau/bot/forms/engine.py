"""The engine of all forms: answer, back, skip, correct, send.

Pure: takes a form, a draft and the person's input, changes the draft and returns a message (made by
question_screen.py). What is special to a form (topics, areas, masking) comes from the caller as a `FormContext`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nhipcau.bot.forms import misread
from nhipcau.bot.forms.answer_matching import InvalidAnswer, check_words, match_option
from nhipcau.bot.forms.conditions import holds
from nhipcau.bot.forms.draft import (
    ADD,
    AS_IS,
    BACK,
    CANCEL,
    DONE,
    EMPTY,
    GENERAL,
    KEEP,
    LIST_ADD,
    LIST_MEND,
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
from nhipcau.bot.forms.given_files import keep_given, question_taking, takes, with_caption
from nhipcau.bot.forms.kinds import KINDS, read_answer
from nhipcau.bot.forms.model import Option, Question
from nhipcau.bot.forms.next_question import fresh, go_on, take_held
from nhipcau.bot.forms.question_options import Keyed, labels_of, options_of, ways_of
from nhipcau.bot.forms.question_screen import choices_of, show, words_of
from nhipcau.bot.forms.summary_screen import every_choice, list_pages, summary_choices
from nhipcau.bot.messaging.messages import Message

# ------------------------------------------------------------------ beginning, and asking again


def begin(context: FormContext, draft: Draft, preface: str = "") -> Message:
    """The open question of a draft, new or continued."""
    if not draft.at:
        draft.at = next_open(context, draft)
        fresh(draft)
    return show(context, draft, preface)


def reopen(draft: Draft, question: str) -> None:
    """Drop the answer to one question and ask it again; other answers stay."""
    draft.answers.pop(question, None)
    draft.at, draft.mending = question, []
    draft.trail = [id for id in draft.trail if id != question]
    fresh(draft)


# ------------------------------------------------------------------ answering


def answer(context: FormContext, draft: Draft, given: Input) -> FormStep:
    """Take an input as an answer to the open question. Changes the draft."""
    if given.key:
        return _press(context, draft, given)
    if draft.at == SUMMARY:
        return _typed_on_summary(context, draft, given)
    question = context.form.question(draft.at)
    if given.photo or given.file:
        return _take_file(context, draft, question, given)
    shown = choices_of(context, draft, question)
    kind = KINDS[question.kind]
    if kind.many:
        return _several(context, draft, question, given.text, shown)
    # a free text may contain a label, and places share names: here only the exact label means the choice
    exact = (kind.own_words and not draft.held) or question.by_name
    index = match_option(
        given.text,
        labels_of(shown),
        # below a caution a number is a choice, as nothing is asked there
        numbers=not kind.number_answers or bool(draft.held),
        exact=exact,
        ways=ways_of(shown),
        lines=context.is_previewed,
    )
    if index is not None:
        return _press(context, draft, Input(key=shown[index][0], ref=given.ref))
    draft.held = ""
    return _typed(context, draft, question, given.text)


def _several(context: FormContext, draft: Draft, question: Question, text: str, shown: list[Keyed]) -> FormStep:
    """Text for a multiple-choice question, "1 3" or labels: added to what is ticked, and the question is answered. A
    single navigation choice (such as "Lùi") is pressed."""
    listed = [Option(key, c.label.removeprefix(TICK)) for key, c in shown]
    try:
        keys = read_answer(question, text, listed, context.today)
    except InvalidAnswer as wrong:
        return _misread(context, draft, question, text, wrong)
    options = [o.key for o in options_of(context, draft, question)]
    ways = [key for key in keys if key not in options]
    if ways and not any(c.isalpha() for c in text) and any(c.isdecimal() for o in listed for c in o.label):
        # where answers hold numbers, a number is no way out
        return _misread(context, draft, question, text, InvalidAnswer("several"))
    if len(keys) == 1 and ways:
        return _press(context, draft, Input(key=ways[0]))
    if ways:
        return _misread(context, draft, question, text, InvalidAnswer("several"))
    ticked = {*keys, *(draft.answers.get(question.id) or [])}
    draft.answers[question.id] = [key for key in options if key in ticked]
    return go_on(context, draft, "")


def _typed(context: FormContext, draft: Draft, question: Question, text: str, preface: str = "") -> FormStep:
    options = options_of(context, draft, question)
    try:
        if KINDS[question.kind].own_words:
            text, masked = context.screen(text)
            preface = "\n".join(line for line in (preface, masked) if line)
        if question.by_name:
            raise InvalidAnswer("choice")
        # with a source a number means only a choice shown, which was matched before, not one further down the list
        value = read_answer(question, text, options, context.today, numbers=not question.source)
    except InvalidAnswer as wrong:
        return _misread(context, draft, question, text, wrong)
    if KINDS[question.kind].own_words and context.caution(text) is not None:
        fresh(draft)
        draft.held = text
        return FormStep(FormEnd.OPEN, show(context, draft, preface), preface)
    draft.answers[question.id] = value
    return go_on(context, draft, preface)


def _misread(context: FormContext, draft: Draft, question: Question, text: str, wrong: InvalidAnswer) -> FormStep:
    t = context.texts
    if question.source and context.search:
        try:
            if step := _searched(context, draft, question, context.search(question, text)):
                return step
        except InvalidAnswer as better:
            wrong = better
    draft.tries += 1
    labels = [option.label for option in options_of(context, draft, question)]
    return FormStep(FormEnd.OPEN, show(context, draft, misread.sentence(wrong, labels, draft.tries, t)))


def _searched(context: FormContext, draft: Draft, question: Question, found: SearchResult) -> FormStep | None:
    """Take the option found by a typed name, or ask which of several is meant; None where nothing new was found."""
    t, options = context.texts, found.options[:MOST_FOUND]
    if len(options) == 1 and found.is_sure:
        usual = any(options[0].label == o.label for o in context.options(question, draft))
        note = t("form.now", what=options[0].label) if question.by_name and not usual else ""
        draft.answers[question.id] = options[0].key
        return go_on(context, draft, note)
    keys = [option.key for option in options]
    is_new = keys != draft.found
    draft.found, draft.found_as = keys, {option.key: option.label for option in options}
    draft.page = 0
    return FormStep(FormEnd.OPEN, show(context, draft, t("form.which"))) if keys and is_new else None


def _take_file(context: FormContext, draft: Draft, question: Question, given: Input) -> FormStep:
    """Take a picture or document for the open question, or else for the form's question that takes one. Its caption
    answers an open text question."""
    taking = question if takes(question, given) else question_taking(context, given)
    if taking is None:
        refusal = context.texts("wrong.no_file_here" if given.file else "wrong.no_photo")
        return FormStep(FormEnd.OPEN, show(context, draft, refusal))
    kept = keep_given(context, draft, taking, given)
    if taking is question and draft.answers.get(question.id) is not None:
        return go_on(context, draft, with_caption(context, given, kept))
    if KINDS[question.kind].own_words and given.text:
        return _typed(context, draft, question, given.text, kept)
    kept = with_caption(context, given, kept)
    return FormStep(FormEnd.OPEN, show(context, draft, kept), kept)


def _typed_on_summary(context: FormContext, draft: Draft, given: Input) -> FormStep:
    if given.photo or given.file:
        offered = question_taking(context, given)
        if offered is not None:
            kept = with_caption(context, given, keep_given(context, draft, offered, given))
            return FormStep(FormEnd.OPEN, show(context, draft, kept), kept)
    else:
        choices = summary_choices(context, draft)
        index = match_option(given.text, labels_of(choices), numbers=True, ways=ways_of(choices))
        if index is None:
            choices = every_choice(context, draft)
            index = match_option(given.text, labels_of(choices), numbers=False)
        if index is not None:
            return _press(context, draft, Input(key=choices[index][0]))
        if more := context.takes_more(draft):
            return _add_words(context, draft, more, given.text)
    draft.tries += 1
    key = "wrong.summary" if draft.tries % 2 == 1 else "wrong.again"
    return FormStep(FormEnd.OPEN, show(context, draft, context.texts(key)))


#: Marks that end a sentence which goes on.
_ENDS = " .,;!?…"


def _add_words(context: FormContext, draft: Draft, id: str, text: str) -> FormStep:
    """Add what was typed below the summary to the answer of this text question."""
    try:
        added, masked = context.screen(text)
        words = check_words(f"{str(draft.answers[id]).rstrip(_ENDS)}, {check_words(added)}")
    except InvalidAnswer as wrong:
        return FormStep(FormEnd.OPEN, show(context, draft, context.texts(f"wrong.{wrong.why}", **wrong.facts)))
    if context.caution(words) is None:
        draft.answers[id] = words
    else:
        fresh(draft)
        draft.at, draft.mending, draft.held = id, [id], words
    return FormStep(FormEnd.OPEN, show(context, draft, masked), masked)


def _press(context: FormContext, draft: Draft, given: Input) -> FormStep:
    """A choice of the open message: navigation first, then an option."""
    navigate = _NAVIGATION.get(given.key)
    if navigate is not None:
        return navigate(context, draft, given)
    if given.key == NONE and context.nothing:
        return FormStep(FormEnd.NOTHING)
    if draft.at == SUMMARY:
        return _press_on_summary(context, draft, given.key)
    question = context.form.question(draft.at)
    keys = [o.key for o in options_of(context, draft, question)]
    if given.key not in keys:
        return FormStep(FormEnd.OPEN, show(context, draft))
    if KINDS[question.kind].many:
        return _toggle(context, draft, question, given, keys)
    draft.answers[question.id] = KINDS[question.kind].press(given.key)
    return go_on(context, draft, "")


def _toggle(context: FormContext, draft: Draft, question: Question, given: Input, keys: list[str]) -> FormStep:
    marked = set(draft.answers.get(question.id) or [])
    marked ^= {given.key}
    draft.answers[question.id] = [key for key in keys if key in marked]
    lines = [context.banner] if context.banner else []
    lines += [context.head] if context.head and not draft.trail else []
    lines.append(words_of(context, draft, question))
    choices = tuple(choice for _, choice in choices_of(context, draft, question))
    return FormStep(FormEnd.OPEN, Message("\n".join(lines), choices, edit=given.ref))


def _press_on_summary(context: FormContext, draft: Draft, key: str) -> FormStep:
    if key in {LIST_ADD, LIST_MEND}:
        fresh(draft)
        draft.listed = key
        return FormStep(FormEnd.OPEN, show(context, draft))
    verb, what = key[: len(MEND)], key[len(MEND) :]
    if verb == OFFERED and what in [o.key for o in context.offers(draft)]:
        return FormStep(FormEnd.OFFERED, picked=what)
    ids = [q.id for q in context.form.questions if what in (q.id, q.group)]
    if verb not in {MEND, ADD} or not ids:
        return FormStep(FormEnd.OPEN, show(context, draft))
    if verb == MEND:
        ids = [id for id in ids if id in draft.answers]
        if not ids:
            return FormStep(FormEnd.OPEN, show(context, draft))
    draft.mending = ids
    draft.at = ids[0]
    fresh(draft)
    return FormStep(FormEnd.OPEN, show(context, draft))


def _back(context: FormContext, draft: Draft, given: Input) -> FormStep:
    from_list = bool(draft.listed)
    fresh(draft)
    if draft.mending or from_list:
        draft.mending = []
        draft.at = SUMMARY
        return FormStep(FormEnd.OPEN, show(context, draft))
    trail = [id for id in draft.trail if id != draft.at and _is_asked(context, draft, id)]
    if not trail:
        return FormStep(FormEnd.OPEN, show(context, draft, context.texts("form.first")))
    draft.at = trail[-1]
    draft.trail = trail[:-1]
    return FormStep(FormEnd.OPEN, show(context, draft))


def _is_asked(context: FormContext, draft: Draft, id: str) -> bool:
    return holds(context.form.question(id).when, context.form, draft.answers)


def _cancel(context: FormContext, draft: Draft, given: Input) -> FormStep:
    return FormStep(FormEnd.CANCELLED)


def _skip(context: FormContext, draft: Draft, given: Input) -> FormStep:
    if draft.at == SUMMARY:
        return FormStep(FormEnd.OPEN, show(context, draft, context.texts("wrong.summary")))
    question = context.form.question(draft.at)
    if question.offered:
        pass  # the summary offers it again
    elif draft.mending:
        draft.answers.setdefault(question.id, None)
    elif question.optional:
        draft.answers[question.id] = None
    else:
        return FormStep(FormEnd.OPEN, show(context, draft, context.texts("form.needed")))
    return go_on(context, draft, "")


def _more(context: FormContext, draft: Draft, given: Input) -> FormStep:
    if draft.at == SUMMARY:
        pages = list_pages(context, draft)
    else:
        question = context.form.question(draft.at)
        pages = max(1, -(-len(options_of(context, draft, question)) // PAGE))
    if pages > 1:
        draft.page = (draft.page + 1) % pages
        draft.step += 1
    return FormStep(FormEnd.OPEN, show(context, draft))


def _other(context: FormContext, draft: Draft, given: Input) -> FormStep:
    return FormStep(FormEnd.OPEN, show(context, draft, context.texts("form.type_name")))


def _keep(context: FormContext, draft: Draft, given: Input) -> FormStep:
    if draft.at == SUMMARY or draft.at not in draft.answers:
        return FormStep(FormEnd.OPEN, show(context, draft))
    return go_on(context, draft, "")


def _empty(context: FormContext, draft: Draft, given: Input) -> FormStep:
    """Remove the answer to a question offered on the summary (a picture, a document, a proposal)."""
    if draft.at == SUMMARY or not context.form.question(draft.at).offered:
        return FormStep(FormEnd.OPEN, show(context, draft))
    draft.answers.pop(draft.at, None)
    return go_on(context, draft, "")


def _done(context: FormContext, draft: Draft, given: Input) -> FormStep:
    if draft.at == SUMMARY:
        return FormStep(FormEnd.OPEN, show(context, draft))
    question = context.form.question(draft.at)
    if not draft.answers.get(question.id):
        if not question.optional:
            return FormStep(FormEnd.OPEN, show(context, draft, context.texts("wrong.pick_one")))
        draft.answers[question.id] = None
    return go_on(context, draft, "")


def _rephrase(context: FormContext, draft: Draft, given: Input) -> FormStep:
    if draft.held:
        fresh(draft)
        return FormStep(FormEnd.OPEN, show(context, draft))
    draft.at = next((question.id for question in context.form.questions if question.opening), draft.at)
    draft.trail = []
    fresh(draft)
    return FormStep(FormEnd.OPEN, show(context, draft))


def _send(context: FormContext, draft: Draft, given: Input) -> FormStep:
    if draft.at != SUMMARY:
        return FormStep(FormEnd.OPEN, show(context, draft))
    return FormStep(FormEnd.SENT)


_NAVIGATION: Mapping[str, Callable[[FormContext, Draft, Input], FormStep]] = {
    BACK: _back,
    CANCEL: _cancel,
    SKIP: _skip,
    MORE: _more,
    OTHER: _other,
    KEEP: _keep,
    EMPTY: _empty,
    DONE: _done,
    REPHRASE: _rephrase,
    GENERAL: take_held,
    AS_IS: take_held,
    SEND: _send,
}
