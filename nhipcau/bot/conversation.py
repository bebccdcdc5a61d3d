"""The one engine that walks every form: ask, answer, back, skip, mend, sum up.

Pure: a form, a draft and what was said go in; a new draft and one message come out. What a question means for the
office (topics, areas, masking) is supplied by the caller as a `Walk`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from nhipcau.bot.conditions import holds
from nhipcau.bot.forms import Form, Option, Question, QuestionKind
from nhipcau.bot.messages import Choice, Message
from nhipcau.bot.questions import Misread, labels_of, match_option, options_of_kind, read_answer, scale_ends
from nhipcau.bot.texts import Texts

#: `Draft.at` while the summary is shown.
SUMMARY = "="
#: Choices of a question shown at once; more stand behind "Xem thêm".
PAGE = 5

#: Before a choice of several that is ticked.
TICK = "✓ "

BACK, CANCEL, SKIP, MORE, SEND, DONE, KEEP = "<", "x", ">", "+", "!", "ok", "="
OTHER, REPHRASE, EMPTY, NONE = "?", "~", "-", "none"


@dataclass(slots=True)
class Draft:
    """A form being filled in. Plain JSON, so it survives a restart."""

    #: Which form: "report", "poll:ID" …
    form: str
    #: Random; buttons carry it, so that those of an earlier draft are known to be old.
    nonce: str
    #: Counts the questions shown; buttons carry it.
    step: int = 0
    #: The open question's id, or SUMMARY.
    at: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    #: Questions shown before this one, for the way back.
    trail: list[str] = field(default_factory=list)
    #: Questions still to be mended before the summary returns.
    mending: list[str] = field(default_factory=list)
    tries: int = 0
    page: int = 0
    #: Narrowed choices after "Khác …" (keys), empty: the usual ones.
    found: list[str] = field(default_factory=list)
    #: Unix seconds of the last save.
    saved: float = 0.0
    #: What the form's own handler wants to remember.
    extra: dict[str, Any] = field(default_factory=dict)


class End(Enum):
    """What one answer led to."""

    OPEN = "open"
    SENT = "sent"
    #: "Không có gì": the whole form in one tap.
    NOTHING = "nothing"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Said:
    """What the person did with the open question: pressed one of its choices, typed, or sent pictures."""

    key: str = ""
    text: str = ""
    photo: str = ""
    #: The message whose choice was pressed (for toggles).
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    end: End
    message: Message | None = None
    #: What stands above the question in `message`, so that it can be shown again.
    preface: str = ""


@dataclass(frozen=True, slots=True)
class Walk:
    """Everything the engine needs to know about one form in one language."""

    form: Form
    texts: Texts
    #: Options of a question whose `source` is set.
    options: Callable[[Question, Draft], list[Option]] = lambda question, draft: list(question.options)
    #: Masks a text; returns it with a sentence about what was masked (or "").
    screen: Callable[[str], tuple[str, str]] = lambda text: (text, "")
    #: Lines of the summary.
    summary: Callable[[Draft], str] | None = None
    #: False: the last answer ends the form at once.
    has_summary: bool = True
    #: The one line above the first question ("who asks, what is kept").
    head: str = ""
    #: "Không có gì": the choice that answers a whole request in one tap.
    nothing: str = ""
    #: Searches a typed name among the options of a source that says so; returns keys.
    search: Callable[[Question, str], list[str]] | None = None
    #: The summary's send button.
    send_label: str = ""
    #: Today's date, for typed days.
    today: Any = None


# ------------------------------------------------------------------ which question is next


def next_open(walk: Walk, draft: Draft) -> str:
    """The first question still to ask, or SUMMARY."""
    for question in walk.form.questions:
        if question.offered or question.id in draft.answers:
            continue
        if holds(question.when, walk.form, draft.answers):
            return question.id
    return SUMMARY


def begin(walk: Walk, draft: Draft, preface: str = "") -> Message:
    """Show the first open question of a draft (new, or continued)."""
    if not draft.at:
        draft.at = next_open(walk, draft)
    return show(walk, draft, preface)


def advance(walk: Walk, draft: Draft) -> None:
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
    draft.tries = 0
    draft.page = 0
    draft.found = []


# ------------------------------------------------------------------ showing


def show(walk: Walk, draft: Draft, preface: str = "") -> Message:
    """The open question (or the summary) as one message; older buttons become old."""
    draft.step += 1
    if draft.at == SUMMARY:
        return _show_summary(walk, draft, preface)
    question = walk.form.question(draft.at)
    lines = [preface] if preface else []
    if walk.head and not draft.trail and not draft.answers:
        lines.append(walk.head)
    lines.append(_ask(walk, draft, question))
    if draft.answers.get(question.id) is not None and question.kind is not QuestionKind.SEVERAL:
        lines.append(walk.texts("form.before", answer=_one_line(walk, draft, question)))
    return Message("\n".join(lines), tuple(_choices(walk, draft, question)))


def _ask(walk: Walk, draft: Draft, question: Question) -> str:
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


def options_of(walk: Walk, draft: Draft, question: Question) -> list[Option]:
    """Every option of the open question, in order, before paging."""
    if not question.source:
        return options_of_kind(question, walk.texts)
    options = walk.options(question, draft)
    if draft.found:
        by_key = {o.key: o for o in options}
        return [by_key[key] for key in draft.found if key in by_key]
    return options


def _paged(walk: Walk, draft: Draft, question: Question) -> tuple[list[Option], bool]:
    """The options of the page shown, and whether more follow. A file's own choices are never paged."""
    options = options_of(walk, draft, question)
    if not question.source or len(options) <= PAGE:
        return options, False
    start = draft.page * PAGE
    return options[start : start + PAGE], start + PAGE < len(options)


def _choices(walk: Walk, draft: Draft, question: Question) -> list[Choice]:
    say = walk.texts
    prefix = f"q:{draft.nonce}:{draft.step}:"
    shown, more = _paged(walk, draft, question)
    choices = []
    if question.kind is QuestionKind.SEVERAL:
        marked = draft.answers.get(question.id) or []
        choices = [Choice((TICK if o.key in marked else "") + o.label, f"s{prefix[1:]}{o.key}") for o in shown]
        choices.append(Choice(say("form.done"), prefix + DONE))
    else:
        if draft.answers.get(question.id) is not None:
            choices.append(Choice(say("form.keep"), prefix + KEEP))
            if question.offered:
                choices.append(Choice(say("form.empty"), prefix + EMPTY))
        choices += [Choice(o.label, prefix + o.key) for o in shown]
    if walk.nothing and not draft.trail and question.id == walk.form.questions[0].id:
        choices.insert(0, Choice(walk.nothing, prefix + NONE))
    if more:
        choices.append(Choice(say("form.more"), prefix + MORE))
    if question.source in {"areas", "audience_units"} and walk.search and not draft.found:
        choices.append(Choice(say("form.other"), prefix + OTHER))
    return choices + _ways_out(walk, draft, question, prefix)


def _ways_out(walk: Walk, draft: Draft, question: Question, prefix: str) -> list[Choice]:
    say = walk.texts
    out = []
    if question.optional:
        out.append(Choice(say("form.skip"), prefix + SKIP))
    if "content" in draft.answers and draft.trail == ["content"] and not draft.mending:
        out.append(Choice(say("form.rephrase"), prefix + REPHRASE))
    if draft.trail:
        out.append(Choice(say("form.back"), prefix + BACK, beside=bool(out)))
    out.append(Choice(say("form.cancel"), prefix + CANCEL, beside=bool(out)))
    return out


def _show_summary(walk: Walk, draft: Draft, preface: str) -> Message:
    say = walk.texts
    prefix = f"q:{draft.nonce}:{draft.step}:"
    body = walk.summary(draft) if walk.summary else plain_summary(walk, draft)
    choices = [Choice(walk.send_label or say("form.send"), prefix + SEND)]
    choices += [
        Choice(say("form.add", what=q.short), prefix + "a." + q.id, beside=n % 2 == 1)
        for n, q in enumerate(q for q in walk.form.questions if q.offered and draft.answers.get(q.id) is None)
    ]
    choices += _mends(walk, draft, prefix)
    choices.append(Choice(say("form.cancel"), prefix + CANCEL))
    return Message("\n".join(line for line in (preface, body) if line), tuple(choices))


def _mends(walk: Walk, draft: Draft, prefix: str) -> list[Choice]:
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
        return [Choice(walk.texts("form.mend_only"), f"{prefix}e.{names[0][0]}")]
    return [
        Choice(walk.texts("form.mend", what=short or str(n + 1)), f"{prefix}e.{group}", beside=n % 2 == 1)
        for n, (group, short) in enumerate(names)
    ]


def plain_summary(walk: Walk, draft: Draft) -> str:
    """One line a question answered: its words and the answer's."""
    lines = [walk.texts("form.check")]
    for number, question in enumerate(walk.form.questions, start=1):
        if question.id in draft.answers:
            lines.append(f"{number}. {question.text} → {_one_line(walk, draft, question)}")
    return "\n".join(lines)


def _one_line(walk: Walk, draft: Draft, question: Question) -> str:
    value = draft.answers.get(question.id)
    if value is None:
        return walk.texts("form.skipped")
    if question.kind is QuestionKind.PHOTO:
        return walk.texts("form.photos", n=len(value))
    options = walk.options(question, draft) if question.source else options_of(walk, draft, question)
    return labels_of(question, value, options)


def one_line(walk: Walk, draft: Draft, id: str) -> str:
    """A question's answer in words, for summaries of a handler's own."""
    return _one_line(walk, draft, walk.form.question(id))


# ------------------------------------------------------------------ answering


def answer(walk: Walk, draft: Draft, said: Said) -> Step:
    """Take what was said as an answer to the open question. The draft is changed in place."""
    if said.key:
        return _press(walk, draft, said)
    if draft.at == SUMMARY:
        return _typed_on_summary(walk, draft, said)
    question = walk.form.question(draft.at)
    if said.photo:
        return _photo(walk, draft, question, said)
    shown = _choices(walk, draft, question)
    if question.kind is QuestionKind.SEVERAL:
        return _several(walk, draft, question, said.text, shown)
    by_number = question.kind in _BY_NUMBER
    exact = question.kind is QuestionKind.TEXT
    index = match_option(said.text, [c.label for c in shown], numbers=by_number, exact=exact)
    if index is not None:
        return _press(walk, draft, Said(key=_key(shown[index]), ref=said.ref))
    return _typed(walk, draft, question, said.text)


#: Kinds where a typed number means a place in the list, not the answer itself.
_BY_NUMBER = frozenset({QuestionKind.CHOICE, QuestionKind.YESNO, QuestionKind.PHOTO})


def _key(choice: Choice) -> str:
    """What a choice of a question carries: its option's key, or a way."""
    return choice.data.split(":", 3)[3]


def _several(walk: Walk, draft: Draft, question: Question, text: str, shown: list[Choice]) -> Step:
    """ "1 3", or labels: what was ticked already stays, and the question is answered. One way out is pressed."""
    listed = [Option(_key(c), c.label.removeprefix(TICK)) for c in shown]
    try:
        keys = read_answer(question, text, listed, walk.today)
    except Misread as wrong:
        return _misread(walk, draft, question, text, wrong)
    options = [o.key for o in options_of(walk, draft, question)]
    ways = [key for key in keys if key not in options]
    if len(keys) == 1 and ways:
        return _press(walk, draft, Said(key=ways[0]))
    if ways:
        return _misread(walk, draft, question, text, Misread("several"))
    ticked = {*keys, *(draft.answers.get(question.id) or [])}
    draft.answers[question.id] = [key for key in options if key in ticked]
    return _go_on(walk, draft, "")


def _typed(walk: Walk, draft: Draft, question: Question, text: str, preface: str = "") -> Step:
    options = options_of(walk, draft, question)
    try:
        if question.kind is QuestionKind.TEXT:
            text, masked = walk.screen(text)
            preface = "\n".join(line for line in (preface, masked) if line)
        value = read_answer(question, text, options, walk.today)
    except Misread as wrong:
        return _misread(walk, draft, question, text, wrong)
    draft.answers[question.id] = value
    return _go_on(walk, draft, preface)


def _misread(walk: Walk, draft: Draft, question: Question, text: str, wrong: Misread) -> Step:
    say = walk.texts
    if question.source and walk.search:
        keys = walk.search(question, text)
        if len(keys) == 1:
            draft.answers[question.id] = keys[0]
            return _go_on(walk, draft, "")
        if keys:
            draft.found = keys[:PAGE]
            return Step(End.OPEN, show(walk, draft, say("form.which")))
        draft.found = []
    draft.tries += 1
    specific = say(f"wrong.{wrong.why}", **wrong.facts)
    if draft.tries == 1:
        return Step(End.OPEN, show(walk, draft, specific))
    if not options_of(walk, draft, question):
        preface = specific if draft.tries % 2 else say("wrong.still", why=specific)
        return Step(End.OPEN, show(walk, draft, preface))
    key = "wrong.again" if draft.tries % 2 == 0 else "wrong.list"
    return Step(End.OPEN, show(walk, draft, say(key)))


def _photo(walk: Walk, draft: Draft, question: Question, said: Said) -> Step:
    """A picture: for the open question, or for the one that takes pictures. A caption answers an open text question."""
    kept = walk.texts("form.photo_kept")
    if question.kind is QuestionKind.PHOTO:
        _keep_photo(draft, question, said.photo)
        return _go_on(walk, draft, kept)
    offered = _offered_photo(walk)
    if offered is None:
        return Step(End.OPEN, show(walk, draft, walk.texts("wrong.no_photo")))
    _keep_photo(draft, offered, said.photo)
    if question.kind is QuestionKind.TEXT and said.text:
        return _typed(walk, draft, question, said.text, kept)
    return Step(End.OPEN, show(walk, draft, _with_caption(walk, said, kept)))


def _offered_photo(walk: Walk) -> Question | None:
    return next((q for q in walk.form.questions if q.kind is QuestionKind.PHOTO), None)


def _with_caption(walk: Walk, said: Said, kept: str) -> str:
    """Words that came with a picture where no words were asked: said to be not kept, so that nothing is lost unseen."""
    return kept + (" " + walk.texts("form.caption_left") if said.text else "")


def _keep_photo(draft: Draft, question: Question, name: str) -> None:
    photos = list(draft.answers.get(question.id) or [])
    limit = int(question.maximum or 2)
    draft.answers[question.id] = [*photos, name][-limit:]


def _typed_on_summary(walk: Walk, draft: Draft, said: Said) -> Step:
    if said.photo:
        offered = _offered_photo(walk)
        if offered is not None:
            _keep_photo(draft, offered, said.photo)
            return Step(End.OPEN, show(walk, draft, _with_caption(walk, said, walk.texts("form.photo_kept"))))
    else:
        choices = _show_summary(walk, draft, "").choices
        index = match_option(said.text, [c.label for c in choices], numbers=True)
        if index is not None:
            return _press(walk, draft, Said(key=_key(choices[index])))
    draft.tries += 1
    key = "wrong.summary" if draft.tries % 2 == 1 else "wrong.again"
    return Step(End.OPEN, show(walk, draft, walk.texts(key)))


def _press(walk: Walk, draft: Draft, said: Said) -> Step:
    """A choice of the message shown now: a way out first, then an option."""
    way = _WAYS.get(said.key)
    if way is not None:
        return way(walk, draft, said)
    if said.key == NONE and walk.nothing:
        return Step(End.NOTHING)
    if draft.at == SUMMARY:
        return _press_on_summary(walk, draft, said.key)
    question = walk.form.question(draft.at)
    keys = [o.key for o in options_of(walk, draft, question)]
    if said.key not in keys:
        return Step(End.OPEN, show(walk, draft))
    if question.kind is QuestionKind.SEVERAL:
        return _toggle(walk, draft, question, said, keys)
    value: Any = int(said.key) if question.kind is QuestionKind.SCALE else said.key
    draft.answers[question.id] = value
    return _go_on(walk, draft, "")


def _toggle(walk: Walk, draft: Draft, question: Question, said: Said, keys: list[str]) -> Step:
    marked = set(draft.answers.get(question.id) or [])
    marked ^= {said.key}
    draft.answers[question.id] = [key for key in keys if key in marked]
    lines = [walk.head] if walk.head and not draft.trail else []
    lines.append(_ask(walk, draft, question))
    return Step(End.OPEN, Message("\n".join(lines), tuple(_choices(walk, draft, question)), edit=said.ref))


def _press_on_summary(walk: Walk, draft: Draft, key: str) -> Step:
    verb, _, what = key.partition(".")
    ids = [q.id for q in walk.form.questions if what in (q.id, q.group)]
    if verb not in {"e", "a"} or not ids:
        return Step(End.OPEN, show(walk, draft))
    if verb == "e":
        ids = [id for id in ids if id in draft.answers]
        if not ids:
            return Step(End.OPEN, show(walk, draft))
    draft.mending = ids
    draft.at = ids[0]
    _fresh(draft)
    return Step(End.OPEN, show(walk, draft))


def _go_on(walk: Walk, draft: Draft, preface: str) -> Step:
    advance(walk, draft)
    if draft.at == SUMMARY and not walk.has_summary:
        return Step(End.SENT)
    return Step(End.OPEN, show(walk, draft, preface), preface)


def _back(walk: Walk, draft: Draft, said: Said) -> Step:
    _fresh(draft)
    if draft.mending:
        draft.mending = []
        draft.at = SUMMARY
        return Step(End.OPEN, show(walk, draft))
    trail = [id for id in draft.trail if id != draft.at and _is_asked(walk, draft, id)]
    if not trail:
        return Step(End.OPEN, show(walk, draft, walk.texts("form.first")))
    draft.at = trail[-1]
    draft.trail = trail[:-1]
    return Step(End.OPEN, show(walk, draft))


def _is_asked(walk: Walk, draft: Draft, id: str) -> bool:
    return holds(walk.form.question(id).when, walk.form, draft.answers)


def _cancel(walk: Walk, draft: Draft, said: Said) -> Step:
    return Step(End.CANCELLED)


def _skip(walk: Walk, draft: Draft, said: Said) -> Step:
    if draft.at == SUMMARY:
        return Step(End.OPEN, show(walk, draft, walk.texts("wrong.summary")))
    question = walk.form.question(draft.at)
    if question.offered:
        pass  # the summary offers it again
    elif draft.mending:
        draft.answers.setdefault(question.id, None)
    elif question.optional:
        draft.answers[question.id] = None
    else:
        return Step(End.OPEN, show(walk, draft, walk.texts("form.needed")))
    return _go_on(walk, draft, "")


def _more(walk: Walk, draft: Draft, said: Said) -> Step:
    if draft.at != SUMMARY:
        question = walk.form.question(draft.at)
        pages = max(1, -(-len(options_of(walk, draft, question)) // PAGE))
        draft.page = (draft.page + 1) % pages
    return Step(End.OPEN, show(walk, draft))


def _other(walk: Walk, draft: Draft, said: Said) -> Step:
    return Step(End.OPEN, show(walk, draft, walk.texts("form.type_name")))


def _keep(walk: Walk, draft: Draft, said: Said) -> Step:
    if draft.at == SUMMARY or draft.at not in draft.answers:
        return Step(End.OPEN, show(walk, draft))
    return _go_on(walk, draft, "")


def _empty(walk: Walk, draft: Draft, said: Said) -> Step:
    """Take back what was offered and given (a picture, a proposal)."""
    if draft.at == SUMMARY or not walk.form.question(draft.at).offered:
        return Step(End.OPEN, show(walk, draft))
    draft.answers.pop(draft.at, None)
    return _go_on(walk, draft, "")


def _done(walk: Walk, draft: Draft, said: Said) -> Step:
    if draft.at == SUMMARY:
        return Step(End.OPEN, show(walk, draft))
    question = walk.form.question(draft.at)
    if not draft.answers.get(question.id):
        if not question.optional:
            return Step(End.OPEN, show(walk, draft, walk.texts("wrong.pick_one")))
        draft.answers[question.id] = None
    return _go_on(walk, draft, "")


def _rephrase(walk: Walk, draft: Draft, said: Said) -> Step:
    draft.at = "content"
    draft.trail = []
    _fresh(draft)
    return Step(End.OPEN, show(walk, draft))


def _send(walk: Walk, draft: Draft, said: Said) -> Step:
    if draft.at != SUMMARY:
        return Step(End.OPEN, show(walk, draft))
    return Step(End.SENT)


_WAYS: Mapping[str, Callable[[Walk, Draft, Said], Step]] = {
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
