"""Answering a request, by one tap or a form."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from nhipcau.bot.forms.answer_matching import InvalidAnswer, match_option
from nhipcau.bot.forms.draft import SKIP, Draft, FormContext, FormEnd, Input
from nhipcau.bot.forms.engine import answer, begin
from nhipcau.bot.forms.kinds import KINDS, read_answer
from nhipcau.bot.forms.misread import which_one
from nhipcau.bot.forms.question_options import Keyed, labels_of, one_line, ways_of
from nhipcau.bot.forms.question_screen import show
from nhipcau.bot.language.vietnamese import read_number
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.handlers.buttons import AnswerRequest, AskedAct, AskedRequest, KeptAct, OfferKept, choice, pack_answer
from nhipcau.handlers.reports.report_form import caution_about, screen_text
from nhipcau.handlers.requests import request_messages
from nhipcau.handlers.screens import closing, menu, short_title
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.model.conversation import DraftKind, DraftName, name_of
from nhipcau.model.queries import FindRequest, OpenRequests
from nhipcau.model.report_title import title_of
from nhipcau.model.request_changes import MarkStarted, RecordOfficial, RecordPollAnswer
from nhipcau.model.requests import Request

#: Requests listed by `/viec`.
_MAX_LISTED = 8
#: A typed number up to this is an answer to the pushed question, never a report.
_LARGEST_CHOICE_NUMBER = 99
#: How long after its end a unit's answer may be entered on behalf.
LATE_TERM = timedelta(days=7)


def draft_name(request: Request) -> DraftName:
    return DraftName(DraftKind(request.kind), request.id)


def _begun(situation: Situation, request: Request) -> Draft | None:
    return situation.conversation.find(draft_name(request))


def context(situation: Situation, request: Request) -> FormContext:
    t = situation.texts
    form = request_messages.answerable_form(request.form, request.kind, t)
    single = request.kind == "notice" or (len(form.questions) == 1 and not KINDS[form.questions[0].kind].needs_summary)
    return FormContext(
        form=form,
        texts=t,
        pack=pack_answer,
        screen=lambda text: screen_text(situation, text),
        caution=lambda text: caution_about(situation, text),
        has_summary=not single,
        nothing=t(request.traits.nothing) if request.traits.nothing else "",
        head="\n".join(request_messages.heading_lines(request, situation.office.zone, t)),
        today=situation.today,
    )


def find_context(situation: Situation, draft: Draft) -> Decision[FormContext | None]:
    request = yield from _find(situation, name_of(draft).request)
    return None if request is None else context(situation, request)


def _find(situation: Situation, id: str) -> Decision[Request | None]:
    return (yield from load(FindRequest(id, situation.me, situation.contact.id)))


def refusal(situation: Situation, request: Request | None) -> str:
    """Why this person can't answer now, or ""."""
    t = situation.texts
    if request is None or request.participation.state is None:
        return t("answer.not_asked")
    if request.state == "stopped":
        return t(f"answer.stopped_{request.kind}")
    if request.is_poll:
        if request.state != "open" or request.keyless or situation.now >= request.closes_at:
            return t("answer.closed")
        if request.participation.guarded and not request.participation.has_answered:
            return t("answer.once")
    return ""


def press_request(situation: Situation, pressed: AskedRequest) -> Decision[DecisionResult]:
    """Open a request, edit the answer, or add another."""
    request = yield from _find(situation, pressed.request)
    why = refusal(situation, request)
    if why or request is None:
        return reply(closing(situation, why))
    if pressed.act is AskedAct.EDIT:
        return _edit(situation, request)
    if pressed.act is AskedAct.MORE:
        return _add_answer(situation, request)
    return reply(open_request(situation, request))


def press_answer(situation: Situation, pressed: AnswerRequest) -> Decision[DecisionResult]:
    """A choice pressed below the pushed question."""
    request = yield from _find(situation, pressed.request)
    why = refusal(situation, request)
    if why or request is None:
        return reply(closing(situation, why))
    if request.is_answered:
        return reply(_answered_already(situation, request))
    if pressed.question != request.form.questions[0].id:
        return reply(closing(situation, situation.texts("wrong.old")))
    return _begin_with(situation, request, Input(key=pressed.key, ref=situation.event.ref))


def open_request(situation: Situation, request: Request) -> Message:
    """The first question; or the draft's open question; or that it was answered."""
    if draft := _begun(situation, request):
        return _unfinished(situation, request, draft)
    if request.is_answered:
        return _answered_already(situation, request)
    return request_messages.ask(request, situation.office.zone, situation.texts)


def _unfinished(situation: Situation, request: Request, draft: Draft) -> Message:
    """Continue the draft, rather than begin again because of a reminder or an old button."""
    situation.conversation.focus = draft.form
    return show(context(situation, request), draft, situation.texts("answer.unfinished"))


def _begin_with(situation: Situation, request: Request, user_input: Input) -> DecisionResult:
    """The first answer to a pushed question."""
    if draft := _begun(situation, request):
        return reply(_unfinished(situation, request, draft))
    return _step(situation, request, _new_draft(situation, request), user_input, is_new=True)


def repeat(situation: Situation, request: Request, preface: str = "") -> Message:
    """The pushed question again, below a sentence: that the text was no answer, or `preface`."""
    writing = situation.conversation.report is not None
    asked = request_messages.ask(request, situation.office.zone, situation.texts, writing=writing)
    question, t = request.form.questions[0], situation.texts
    labels = [option.label for option in KINDS[question.kind].options(question, t)]
    return replace(asked, text=(preface or which_one(labels, t)) + "\n" + asked.text)


def _new_draft(situation: Situation, request: Request, **extra: Any) -> Draft:
    """A new draft at the first question; other drafts stay."""
    first = request.form.questions[0].id
    return situation.conversation.begin(draft_name(request), situation.new_id("nonce"), at=first, extra=extra)


def _step(
    situation: Situation, request: Request, draft: Draft, user_input: Input, *, is_new: bool = False
) -> DecisionResult:
    done = answer(context(situation, request), draft, user_input)
    if done.end is FormEnd.CANCELLED:
        situation.conversation.drop(draft)
        return reply(closing(situation, situation.texts("answer.left"), _open_choice(situation, request)))
    if done.end in {FormEnd.SENT, FormEnd.NOTHING}:
        return _record(situation, request, draft, nothing=done.end is FormEnd.NOTHING)
    is_first = is_new and not request.participation.has_answered and not request.is_trial
    changes = [MarkStarted(request.id, situation.me.id)] if is_first else []
    return reply(done.message, changes=list(changes))


def _open_choice(situation: Situation, request: Request) -> Choice:
    return choice(situation.texts("answer.open"), AskedRequest(request.id))


def step_answer(situation: Situation, draft: Draft, user_input: Input) -> Decision[DecisionResult]:
    request = yield from _find(situation, name_of(draft).request)
    why = refusal(situation, request)
    if why or request is None:
        situation.conversation.drop(draft)
        return reply(menu(situation, why))
    if request.is_poll and request.participation.has_answered and not draft.extra.get("again"):
        # answered meanwhile through another contact
        situation.conversation.drop(draft)
        return reply(_answered_already(situation, request))
    return _step(situation, request, draft, user_input)


def can_answer(situation: Situation, request: Request, text: str) -> bool:
    """Whether typed text can answer the pushed question."""
    if refusal(situation, request) or request.is_answered:
        return False
    question = request.form.questions[0]
    kind = KINDS[question.kind]
    if kind.own_words:
        return any(c.isalnum() for c in text)
    if kind.number_answers and read_number(text, _LARGEST_CHOICE_NUMBER) is not None:
        # also a number out of range, about which the question then complains
        return True
    if _choice_typed(situation, request, text, numbers=not kind.number_answers) is not None:
        return True
    try:
        read_answer(question, text, kind.options(question, situation.texts), situation.today)
    except InvalidAnswer:
        return False
    return True


def takes_words(situation: Situation, request: Request) -> bool:
    """Whether the pushed question is answered by words of one's own."""
    is_open = not refusal(situation, request) and not request.is_answered
    return is_open and KINDS[request.form.questions[0].kind].own_words


def _choice_typed(
    situation: Situation, request: Request, text: str, *, numbers: bool, exact: bool = False
) -> Keyed | None:
    """The choice of the pushed question that a text means."""
    choices = request_messages.choices_of(request, situation.texts)
    index = match_option(text, labels_of(choices), numbers=numbers, exact=exact, ways=ways_of(choices))
    return None if index is None else choices[index]


def answer_typed(situation: Situation, request: Request, text: str) -> DecisionResult:
    """Answer the pushed question with typed text."""
    kind = KINDS[request.form.questions[0].kind]
    if not kind.number_answers:
        # where several choices may be taken, text is the whole answer; only other buttons are pressed by it
        typed = _choice_typed(situation, request, text, numbers=True, exact=kind.many)
        if typed is not None and not typed[1].stays:
            return _begin_with(situation, request, Input(key=typed[0]))
    return _begin_with(situation, request, Input(text=text))


def is_choice_of(situation: Situation, request: Request, text: str) -> bool:
    """Whether the text is exactly the label of one of the pushed question's choices."""
    labels = [c.label for _, c in request_messages.choices_of(request, situation.texts)]
    return match_option(text, labels, numbers=False, exact=True) is not None


def ways_below(situation: Situation, request: Request, text: str) -> list[Choice]:
    """The choice beside the pushed question's own that a text means: back to an unfinished report, or a report of the
    words kept; its label, or the number of its line."""
    asked = request_messages.ask(request, situation.office.zone, situation.texts)
    more = [request_messages.way_to_report(situation.texts)] if situation.conversation.report is not None else []
    if kept_words := situation.conversation.kept:
        other = OfferKept(KeptAct.YES, kept_words.nonce)
        more.append(choice(situation.texts("report.other_matter"), other, way=True))
    lines = [*((c.label, c) for c in asked.choices), *((c.label, c) for c in more)]
    ways = {n for n, (_, c) in enumerate(lines) if c.way}
    numbers = not asked.number_answers
    index = match_option(text, [label for label, _ in lines], numbers=numbers, exact=True, ways=ways)
    return [lines[index][1]] if index is not None and lines[index][1] in more else []


def is_open(situation: Situation, request: Request) -> bool:
    """Whether the pushed question still waits for this person's answer."""
    return not refusal(situation, request) and not request.is_answered


def takes_photo(situation: Situation, request: Request) -> bool:
    """Whether a picture can answer the pushed question, or go with the words that will."""
    if refusal(situation, request) or request.is_answered:
        return False
    first = KINDS[request.form.questions[0].kind]
    form = request_messages.answerable_form(request.form, request.kind, situation.texts)
    return first.takes_photo or (first.own_words and form.questions[-1].id == request_messages.PICTURES)


def answer_with_photo(situation: Situation, request: Request, user_input: Input) -> DecisionResult:
    """Answer the pushed question with a picture."""
    return _begin_with(situation, request, user_input)


def may_skip(situation: Situation, request: Request) -> bool:
    """Whether the pushed question may be skipped."""
    is_open = not refusal(situation, request) and not request.is_answered
    return is_open and (request.is_poll or request.form.questions[0].optional)


def skip_first(situation: Situation, request: Request) -> DecisionResult:
    """Skip the pushed question ("bỏ qua")."""
    return _begin_with(situation, request, Input(key=SKIP))


def _record(situation: Situation, request: Request, draft: Draft, *, nothing: bool = False) -> DecisionResult:
    """Store the answers and confirm; of a trial nothing is stored."""
    situation.conversation.drop(draft)
    recorded = _recorded(situation, request, draft, nothing=nothing)
    if request.is_trial:
        t = situation.texts
        return reply(closing(situation, t("answer.tried"), choice(t("answer.try_again"), AskedRequest(request.id))))
    answers = {} if nothing else {key: value for key, value in draft.answers.items() if value is not None}
    band = request_messages.band(request.opens_at, request.closes_at, situation.now)
    if request.is_poll:
        write: Any = RecordPollAnswer(
            situation.new_id("id"),
            request.id,
            situation.me.id,
            situation.me.tag_secret,
            situation.contact.id,
            request.version,
            answers,
            request.content.sealed,
            band,
        )
        return reply(_receipt(situation, request, recorded), changes=[write])
    write = RecordOfficial(
        id=situation.new_id("id"),
        request_id=request.id,
        person_id=situation.me.id,
        unit_id=situation.me.unit.id,
        version=request.version,
        answers=answers,
        nothing=nothing,
        late=request.kind != "notice" and (band == "late" or request.state == "closed"),
        band=band,
        extra=request.participation.has_answered,
    )
    return reply(_receipt(situation, request, recorded), changes=[write])


#: Characters of what a receipt repeats, of one answer and of all.
_ANSWER_CHARS, _ANSWERS_CHARS = 60, 140


def _recorded(situation: Situation, request: Request, draft: Draft, *, nothing: bool) -> str:
    """The receipt's sentence about what was recorded: "Đã ghi: Có."."""
    t, form = situation.texts, context(situation, request)
    if nothing:
        return t("answer.recorded", what=form.nothing or t("form.nothing"))
    asked = [q for q in form.form.questions if q.id in draft.answers]
    words = "; ".join(title_of(one_line(form, draft, question), _ANSWER_CHARS) for question in asked)
    return t("answer.recorded", what=title_of(words, _ANSWERS_CHARS).rstrip(" .!?"))


def _receipt(situation: Situation, request: Request, recorded: str) -> Message:
    t = situation.texts
    until = request_messages.moment(request.closes_at, situation.office.zone, t)
    if request.kind == "notice":
        return closing(situation, t("answer.done_notice"))
    if not request.is_poll:
        if request.state != "open":
            return closing(situation, t(f"answer.done_{request.kind}_late", recorded=recorded))
        more = choice(t("answer.more"), AskedRequest(request.id, AskedAct.MORE))
        return closing(situation, t(f"answer.done_{request.kind}", recorded=recorded), more)
    if request.content.sealed:
        return closing(situation, t("answer.done_sealed", until=until, recorded=recorded))
    return closing(
        situation,
        t("answer.done_poll", until=until, recorded=recorded),
        choice(t("answer.edit"), AskedRequest(request.id, AskedAct.EDIT)),
    )


def _answered_already(situation: Situation, request: Request) -> Message:
    t = situation.texts
    if not request.is_poll:
        may_add = request.state == "open" and request.traits.more
        more = [choice(t("answer.more"), AskedRequest(request.id, AskedAct.MORE))] if may_add else []
        by_unit = request.participation.settled and not request.participation.has_answered
        return closing(situation, t("answer.already_unit" if by_unit else "answer.already"), *more)
    if request.content.sealed:
        return closing(situation, t("answer.already_sealed"))
    return closing(situation, t("answer.already"), choice(t("answer.edit"), AskedRequest(request.id, AskedAct.EDIT)))


def _edit(situation: Situation, request: Request) -> DecisionResult:
    """ "Sửa câu trả lời": answer the whole form again; the earlier answer counts until this one is sent."""
    if not request.is_poll or request.content.sealed or not request.participation.has_answered:
        return reply(_answered_already(situation, request))
    if draft := _begun(situation, request):
        return reply(_unfinished(situation, request, draft))
    if not request.participation.editable:
        return reply(closing(situation, situation.texts("answer.not_editable")))
    draft = _new_draft(situation, request, again=True)
    return reply(begin(context(situation, request), draft, situation.texts("answer.editing")))


def _add_answer(situation: Situation, request: Request) -> DecisionResult:
    """ "Bổ sung": a further answer, until the request is closed."""
    if not request.traits.more or request.state != "open":
        return reply(closing(situation, situation.texts("answer.closed")))
    if draft := _begun(situation, request):
        return reply(_unfinished(situation, request, draft))
    return reply(begin(context(situation, request), _new_draft(situation, request)))


def list_tasks(situation: Situation) -> Decision[DecisionResult]:
    """`/viec`: requests to answer, with the time left."""
    t = situation.texts
    requests = yield from load(OpenRequests(situation.me.id))
    waiting = [r for r in requests if not r.is_answered and r.kind != "notice"]
    if not waiting:
        return reply(menu(situation, t("tasks.none")))
    lines = [t("tasks.some", n=len(waiting))]
    lines += [
        f"• {r.title} – {request_messages.time_left(r.closes_at, situation.now, t)}" for r in waiting[:_MAX_LISTED]
    ]
    choices = [choice(short_title(r.title), AskedRequest(r.id)) for r in waiting[:_MAX_LISTED]]
    if len(waiting) > _MAX_LISTED:
        lines.append(t("tasks.more", n=len(waiting) - _MAX_LISTED))
    return reply(Message("\n".join(lines), tuple(choices)))
