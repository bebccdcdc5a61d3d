"""Answering a poll or a rapid request: one tap, or a short form."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from nhipcau.bot.forms.answers import InvalidAnswer, match_option, options_of_kind, read_answer
from nhipcau.bot.forms.draft import Draft, FormContext, FormEnd, Input
from nhipcau.bot.forms.engine import answer
from nhipcau.bot.forms.model import QuestionKind
from nhipcau.bot.forms.question_screen import begin, show
from nhipcau.bot.language.vietnamese import read_number
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.handlers.reports.file_report import REPORT, screen_text
from nhipcau.handlers.requests import request_messages
from nhipcau.handlers.screens import closing, menu, short_title
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.model.changes import MarkStarted, RecordOfficial, RecordPollAnswer
from nhipcau.model.queries import FindRequest, OpenRequests
from nhipcau.model.records import Request

#: Kinds whose one answer is a tap and needs no summary.
_ONE_TAP = frozenset({QuestionKind.CHOICE, QuestionKind.YESNO, QuestionKind.SCALE})
#: Kinds where a typed number means a place in the list.
_BY_NUMBER = _ONE_TAP | {QuestionKind.SEVERAL, QuestionKind.PHOTO}
#: Requests shown at once under `/viec`, those that end first.
_LISTED = 8
#: A unit's answer after the end is looked for so long.
LATE_TERM = timedelta(days=7)
_NO_SUMMARY = _ONE_TAP | {QuestionKind.SEVERAL, QuestionKind.NUMBER, QuestionKind.DATE}


def draft_name(request: Request) -> str:
    return f"{request.kind}:{request.id}"


def walk(situation: Situation, request: Request) -> FormContext:
    t = situation.texts
    form = request_messages.walkable(request.form, request.kind, t)
    single = request.kind == "notice" or (len(form.questions) == 1 and form.questions[0].kind in _NO_SUMMARY)
    return FormContext(
        form=form,
        texts=t,
        screen=lambda text: screen_text(situation, text),
        has_summary=not single,
        nothing=t(request.nature.nothing) if request.nature.nothing else "",
        head="\n".join(request_messages.heading(request, situation.office.zone, t)),
        today=situation.today,
    )


def walk_of(situation: Situation, draft: Draft) -> Decision[FormContext | None]:
    request = yield from _find(situation, draft.form.partition(":")[2])
    return None if request is None else walk(situation, request)


def _find(situation: Situation, id: str) -> Decision[Request | None]:
    return (yield from load(FindRequest(id, situation.me, situation.contact.id)))


def refusal(situation: Situation, request: Request | None) -> str:
    """Why this person can't answer now, or ""."""
    t = situation.texts
    if request is None or not request.mine:
        return t("answer.not_asked")
    if request.state == "stopped":
        return t(f"answer.stopped_{request.kind}")
    if request.is_poll:
        if request.state != "open" or request.keyless or situation.now >= request.closes_at:
            return t("answer.closed")
        if request.guarded and request.mine != "answered":
            return t("answer.once")
    return ""


def pressed(situation: Situation, rest: str) -> Decision[DecisionResult]:
    """`ID:question:key` of a pushed message, or `ID:open|edit|more`."""
    id, _, tail = rest.partition(":")
    verb, _, key = tail.partition(":")
    request = yield from _find(situation, id)
    why = refusal(situation, request)
    if why or request is None:
        return reply(closing(situation, why))
    if verb == "open":
        return reply(_opened(situation, request))
    if verb == "edit":
        return _again(situation, request)
    if verb == "more":
        return _supplement(situation, request)
    if request.is_answered:
        return reply(_answered_already(situation, request))
    if verb != request.form.questions[0].id:
        return reply(closing(situation, situation.texts("wrong.old")))
    if draft_name(request) in situation.talk.drafts:
        return reply(_unfinished(situation, request))
    draft = _new_draft(situation, request)
    return _take(situation, request, draft, Input(key=key, ref=situation.event.ref))


def _opened(situation: Situation, request: Request) -> Message:
    """The request's first question, or what was begun, or that it was answered."""
    if draft_name(request) in situation.talk.drafts:
        return _unfinished(situation, request)
    if request.is_answered:
        return _answered_already(situation, request)
    return request_messages.ask(request, situation.office.zone, situation.texts)


def _unfinished(situation: Situation, request: Request) -> Message:
    """What was begun goes on where it stands; a reminder or an old button does not begin it anew."""
    situation.talk.focus = draft_name(request)
    draft = situation.talk.drafts[draft_name(request)]
    return show(walk(situation, request), draft, situation.texts("answer.unfinished"))


def repeat(situation: Situation, request: Request) -> Message:
    """The pushed question once more, below what was not understood."""
    asked = request_messages.ask(request, situation.office.zone, situation.texts)
    return replace(asked, text=situation.texts("wrong.choice") + "\n" + asked.text)


def _new_draft(situation: Situation, request: Request, **extra: Any) -> Draft:
    """A draft at the first question; the report that was in focus keeps its own."""
    name = draft_name(request)
    first = request.form.questions[0].id
    return situation.talk.begin(Draft(form=name, nonce=situation.new_id("nonce"), at=first, extra=extra))


def _take(situation: Situation, request: Request, draft: Draft, said: Input) -> DecisionResult:
    first = not draft.step
    done = answer(walk(situation, request), draft, said)
    if done.end is FormEnd.CANCELLED:
        _forget(situation, request)
        return reply(closing(situation, situation.texts("answer.left"), _open(situation, request)))
    if done.end in {FormEnd.SENT, FormEnd.NOTHING}:
        return _record(situation, request, draft, nothing=done.end is FormEnd.NOTHING)
    writes = [MarkStarted(request.id, situation.me.id)] if first and request.mine != "answered" else []
    return reply(done.message, writes=list(writes))


def _open(situation: Situation, request: Request) -> Choice:
    return Choice(situation.texts("answer.open"), f"r:{request.id}:open")


def _forget(situation: Situation, request: Request) -> None:
    situation.talk.drop(draft_name(request))


def step(situation: Situation, draft: Draft, said: Input) -> Decision[DecisionResult]:
    """One act inside an answer that takes several."""
    request = yield from _find(situation, draft.form.partition(":")[2])
    why = refusal(situation, request)
    if why or request is None:
        situation.talk.drop(draft.form)
        return reply(menu(situation, why))
    if request.is_poll and request.mine == "answered" and not draft.extra.get("again"):
        # through another door of theirs, meanwhile
        _forget(situation, request)
        return reply(_answered_already(situation, request))
    return _take(situation, request, draft, said)


def takes(situation: Situation, request: Request, text: str) -> bool:
    """Whether typed words can answer the question that stands last in this chat."""
    if refusal(situation, request) or request.is_answered:
        return False
    question = request.form.questions[0]
    if question.kind is QuestionKind.TEXT:
        return any(c.isalnum() for c in text)
    labels = [c.label for c in request_messages.ask(request, situation.office.zone, situation.texts).choices]
    if match_option(text, labels, numbers=question.kind in _BY_NUMBER) is not None:
        return True
    try:
        read_answer(question, text, options_of_kind(question, situation.texts), situation.today)
    except InvalidAnswer:
        return False
    return True


def typed(situation: Situation, request: Request, text: str) -> Decision[DecisionResult]:
    """Words that answer a pushed question."""
    if draft_name(request) in situation.talk.drafts:
        return reply(_unfinished(situation, request))
    question = request.form.questions[0]
    if question.kind not in {QuestionKind.NUMBER, QuestionKind.SCALE}:
        choices = request_messages.ask(request, situation.office.zone, situation.texts).choices
        by_number = question.kind in _BY_NUMBER
        exact = question.kind not in _ONE_TAP
        index = match_option(text, [c.label for c in choices], numbers=by_number, exact=exact)
        # of several, "2" is the whole answer; what is no answer is pressed
        if index is not None and not choices[index].stays:
            return (yield from pressed(situation, choices[index].data.removeprefix("r:")))
    return _take(situation, request, _new_draft(situation, request), Input(text=text))


def is_choice_of(situation: Situation, request: Request, text: str) -> bool:
    """Whether these are the very words of one of the pushed question's choices."""
    labels = [c.label for c in request_messages.ask(request, situation.office.zone, situation.texts).choices]
    return match_option(text, labels, numbers=False, exact=True) is not None


def is_way_back(situation: Situation, request: Request, text: str) -> bool:
    """Whether a typed number means "Làm tiếp báo cáo", which stood below the pushed question's own choices."""
    if REPORT not in situation.talk.drafts:
        return False
    asked = request_messages.ask(request, situation.office.zone, situation.texts)
    last = len(asked.choices) + 1
    return not asked.number_answers and read_number(text, last) == last


def takes_photo(situation: Situation, request: Request) -> bool:
    """Whether a picture answers the question that stands last in this chat."""
    is_open = not refusal(situation, request) and not request.is_answered
    return is_open and request.form.questions[0].kind is QuestionKind.PHOTO


def photographed(situation: Situation, request: Request, said: Input) -> DecisionResult:
    """A picture that answers a pushed question."""
    if draft_name(request) in situation.talk.drafts:
        return reply(_unfinished(situation, request))
    return _take(situation, request, _new_draft(situation, request), said)


def may_skip(situation: Situation, request: Request) -> bool:
    """Whether "bỏ qua" answers the question that stands last in this chat."""
    is_open = not refusal(situation, request) and not request.is_answered
    return is_open and (request.is_poll or request.form.questions[0].optional)


def _record(situation: Situation, request: Request, draft: Draft, *, nothing: bool = False) -> DecisionResult:
    """Save the answers and say so."""
    _forget(situation, request)
    answers = {} if nothing else {key: value for key, value in draft.answers.items() if value is not None}
    band = request_messages.band(request.opens_at, request.closes_at, situation.now)
    if request.is_poll:
        write: Any = RecordPollAnswer(
            situation.new_id("id"),
            request.id,
            situation.me.id,
            situation.me.mark,
            situation.contact.id,
            request.version,
            answers,
            request.sealed,
            band,
        )
        return reply(_receipt(situation, request), writes=[write])
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
        extra=request.mine == "answered",
    )
    return reply(_receipt(situation, request), writes=[write])


def _receipt(situation: Situation, request: Request) -> Message:
    t = situation.texts
    until = request_messages.moment(request.closes_at, situation.office.zone, t)
    if request.kind == "notice":
        return closing(situation, t("answer.done_notice"))
    if not request.is_poll:
        if request.state != "open":
            return closing(situation, t(f"answer.done_{request.kind}_late"))
        more = Choice(t("answer.more"), f"r:{request.id}:more")
        return closing(situation, t(f"answer.done_{request.kind}"), more)
    if request.sealed:
        return closing(situation, t("answer.done_sealed", until=until))
    return closing(situation, t("answer.done_poll", until=until), Choice(t("answer.edit"), f"r:{request.id}:edit"))


def _answered_already(situation: Situation, request: Request) -> Message:
    t = situation.texts
    if not request.is_poll:
        may_add = request.state == "open" and request.nature.more
        more = [Choice(t("answer.more"), f"r:{request.id}:more")] if may_add else []
        by_unit = request.settled and request.mine != "answered"
        return closing(situation, t("answer.already_unit" if by_unit else "answer.already"), *more)
    if request.sealed:
        return closing(situation, t("answer.already_sealed"))
    return closing(situation, t("answer.already"), Choice(t("answer.edit"), f"r:{request.id}:edit"))


def _again(situation: Situation, request: Request) -> DecisionResult:
    """ "Sửa câu trả lời": the whole answer anew; the earlier one stands until this one is sent."""
    if not request.is_poll or request.sealed or request.mine != "answered":
        return reply(_answered_already(situation, request))
    if draft_name(request) in situation.talk.drafts:
        return reply(_unfinished(situation, request))
    if not request.editable:
        return reply(closing(situation, situation.texts("answer.not_editable")))
    draft = _new_draft(situation, request, again=True)
    return reply(begin(walk(situation, request), draft, situation.texts("answer.editing")))


def _supplement(situation: Situation, request: Request) -> DecisionResult:
    """ "Bổ sung": one more answer, until it is closed."""
    if not request.nature.more or request.state != "open":
        return reply(closing(situation, situation.texts("answer.closed")))
    if draft_name(request) in situation.talk.drafts:
        return reply(_unfinished(situation, request))
    return reply(begin(walk(situation, request), _new_draft(situation, request)))


def tasks(situation: Situation, _: str) -> Decision[DecisionResult]:
    """`/viec`: what waits for me, with how long is left."""
    t = situation.texts
    requests = yield from load(OpenRequests(situation.me.id))
    waiting = [r for r in requests if not r.is_answered and r.kind != "notice"]
    if not waiting:
        return reply(menu(situation, t("tasks.none")))
    lines = [t("tasks.some", n=len(waiting))]
    lines += [f"• {r.title} – {request_messages.left(r.closes_at, situation.now, t)}" for r in waiting[:_LISTED]]
    choices = [Choice(short_title(r.title), f"r:{r.id}:open") for r in waiting[:_LISTED]]
    if len(waiting) > _LISTED:
        lines.append(t("tasks.more", n=len(waiting) - _LISTED))
    return reply(Message("\n".join(lines), tuple(choices)))
