"""A coordinator asks: a poll of one question, or a rapid request; whom, until when, a preview, then send."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from nhipcau.bot.forms.draft import SUMMARY, Draft, FormContext, FormEnd, Input
from nhipcau.bot.forms.engine import answer
from nhipcau.bot.forms.question_screen import begin, show
from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.handlers.requests import request_messages
from nhipcau.handlers.requests.due_times import fits, times
from nhipcau.handlers.requests.request_draft import (
    FORMS,
    Repetition,
    audience_of,
    opens_later,
    repetition_of,
    request_of,
    unit_of,
    walk_without_summary,
)
from nhipcau.handlers.screens import closing, is_coordinator, menu, short_title
from nhipcau.handlers.situation import Decision, DecisionResult, Office, Situation, load, reply
from nhipcau.model.changes import MakeRule, OpenRequest
from nhipcau.model.counts import AudienceForecast
from nhipcau.model.queries import CountAudience, ForecastAudience, RequestsOf
from nhipcau.model.request_kinds import RequestKind
from nhipcau.model.requests import RequestState
from nhipcau.privacy.suppression import K

#: What these forms make, by their kind: `/thamdo`, `/baocaonhanh`, `/dinhky`, `/thongbao`.
_KINDS = frozenset(form.removeprefix("compose_") for form in FORMS)
#: Above this many people a typed number confirms, and there is a minute to take it back.
MANY = 50
UNDO = timedelta(seconds=60)
#: Running ones offered for stopping; all of them stand under "tiến độ".
_LISTED = 6


def polls(situation: Situation, _: str) -> Decision[DecisionResult]:
    """`/thamdo`: make one, or stop one that runs."""
    return (yield from _entry(situation, "poll"))


def rapid(situation: Situation, _: str) -> Decision[DecisionResult]:
    return (yield from _entry(situation, "rapid"))


def _entry(situation: Situation, kind: str) -> Decision[DecisionResult]:
    t = situation.texts
    running = yield from load(
        RequestsOf(situation.me.unit.path, (RequestKind(kind),), (RequestState.OPEN, RequestState.SCHEDULED))
    )
    if not running:
        return reply(begin_new(situation, kind))
    choices = [Choice(t(f"compose.new_{kind}"), f"t:new:{kind}")]
    choices += [Choice(t("compose.stop", title=short_title(r.title)), f"b:{r.id}:stop") for r in running[:_LISTED]]
    return reply(Message(t("compose.running", n=len(running)), tuple(choices)))


def begin_new(situation: Situation, kind: str) -> Message:
    draft = situation.talk.begin(Draft(form=f"compose_{kind}", nonce=situation.new_id("nonce")))
    return begin(walk(situation, draft), draft)


def walk(situation: Situation, draft: Draft) -> FormContext:
    return replace(walk_without_summary(situation, draft), summary=lambda draft: _preview(situation, draft))


def step(situation: Situation, draft: Draft, said: Input) -> Decision[DecisionResult]:
    path = walk(situation, draft)
    done = answer(path, draft, said)
    if done.end is FormEnd.CANCELLED:
        _forget(situation, draft)
        return reply(menu(situation, situation.texts("form.cancelled")))
    if draft.at != SUMMARY:
        return reply(done.message)
    if draft.form == "compose_duty" and not _lead_fits(situation, draft):
        _ask_anew(draft, "lead")
        return reply(show(path, draft, situation.texts("duty.lead_long")))
    people = yield from load(CountAudience(audience_of(situation, draft)))
    draft.extra["people"] = people
    least = K if draft.form == "compose_poll" else 1
    if people < least:
        _ask_anew(draft, "unit")
        key = "compose.too_few" if draft.form == "compose_poll" else "compose.nobody"
        return reply(show(path, draft, situation.texts(key, n=people, k=K)))
    if done.end is FormEnd.SENT:
        return _send_or_confirm(situation, draft, people)
    budget = 0 if draft.form == "compose_rapid" else situation.office.push_budget
    reached = yield from load(ForecastAudience(audience_of(situation, draft), budget))
    draft.extra["reach"] = reach_lines(reached, situation.texts, budget)
    return reply(show(path, draft))


def _ask_anew(draft: Draft, question: str) -> None:
    """Back to a question whose answer can't stay."""
    draft.at = question
    draft.mending = []
    draft.answers.pop(question, None)
    draft.trail = [id for id in draft.trail if id != question]


def _lead_fits(situation: Situation, draft: Draft) -> bool:
    repetition = repetition_of(draft)
    dues = [due.due for due in times(repetition.rule, True, situation.now, situation.office)]
    return fits(dues, timedelta(seconds=repetition.seconds))


def _forget(situation: Situation, draft: Draft) -> None:
    situation.talk.drop(draft.form)


def _preview(situation: Situation, draft: Draft) -> str:
    t, people = situation.texts, int(draft.extra.get("people", 0))
    opens = _opens_at(situation, draft, people)
    if draft.form == "compose_duty":
        opens = first_opening(situation, repetition_of(draft))
    request = request_of(situation, draft, "0", opens, people)
    shown = request_messages.ask(request, situation.office.zone, t)
    lines = [t("compose.preview"), "———"]
    if shown.photo or shown.file:
        lines.append(t("notice.with_file", name=shown.file_name) if shown.file else t("notice.with_photo"))
    lines += [shown.text, *(f"[{c.label}]" for c in shown.choices), "———"]
    lines.append(t("compose.people", n=people, unit=unit_of(situation, draft).name))
    lines += draft.extra.get("reach", [])
    if draft.form == "compose_duty":
        lines.append(first_dates(situation.office, situation.now, repetition_of(draft), t))
    elif later := opens_later(situation, draft):
        lines.append(t("compose.later", time=request_messages.moment(later, situation.office.zone, t)))
    if _is_held(situation, draft):
        lines.append(t("compose.held", time=_opening(situation)))
    return "\n".join(lines)


def reach_lines(reached: AudienceForecast, t: Texts, budget: int = 0) -> list[str]:
    """What apps with a window or a plan mean for this sending, and the week's bound; nothing where none of it does."""
    lines = []
    if reached.free or reached.paid:
        lines.append(t("reach.window", free=reached.free, paid=reached.paid, price=number(reached.price)))
    if reached.other_door:
        lines.append(t("reach.other_door", n=reached.other_door))
    if reached.full:
        lines.append(t("reach.budget", n=reached.full, most=budget))
    if reached.unreached:
        lines.append(t("reach.unreached", n=reached.unreached))
    for channel, sent, most in reached.plans:
        more = dict(reached.by_channel)[channel]
        key = "reach.plan_over" if sent + more > most else "reach.plan"
        name = t(f"channel.{channel}")
        lines.append(t(key, channel=name, sent=number(sent), most=number(most), n=number(more)))
    return lines


def number(value: int) -> str:
    """12345 as Vietnamese writes it: 12.345."""
    return f"{value:,}".replace(",", ".")


def first_opening(situation: Situation, repetition: Repetition) -> datetime:
    """When a duty is asked for the first time."""
    (first,) = times(repetition.rule, True, situation.now, situation.office, 1)
    return first.due - timedelta(seconds=repetition.seconds)


def first_dates(office: Office, now: datetime, repetition: Repetition, t: Texts) -> str:
    """ "Ba hạn đầu: 16:00 thứ Sáu 27/11; …"."""
    dues = times(repetition.rule, True, now, office)
    return t("duty.first", dates="; ".join(request_messages.moment(due.due, office.zone, t) for due in dues))


def _is_held(situation: Situation, draft: Draft) -> bool:
    """What would go out at once waits for the end of the quiet hours; what has its own moment was meant so."""
    may_wait = draft.form in {"compose_poll", "compose_notice"}
    return may_wait and not opens_later(situation, draft) and situation.office.quiet.holds(situation.local)


def _opens_at(situation: Situation, draft: Draft, people: int) -> datetime:
    """Now, after the minute to take it back, or when the quiet hours end."""
    if later := opens_later(situation, draft):
        return later
    if _is_held(situation, draft) and not draft.extra.get("now"):
        return situation.office.quiet.next_open(situation.local)
    return situation.now + (UNDO if people > MANY else timedelta())


def _opening(situation: Situation) -> str:
    return f"{situation.office.quiet.next_open(situation.local):%H:%M}"


def _send_or_confirm(situation: Situation, draft: Draft, people: int) -> DecisionResult:
    """ "Gửi": held in quiet hours unless they say now; a large audience is confirmed by typing its number."""
    t = situation.texts
    if _is_held(situation, draft) and "now" not in draft.extra:
        time = _opening(situation)
        choices = (
            Choice(t("compose.at", time=time), f"t:later:{draft.nonce}"),
            Choice(t("compose.now"), f"t:now:{draft.nonce}"),
        )
        return reply(Message(t("compose.held", time=time), choices))
    if people > MANY:
        return reply(_ask_number(situation, draft, people))
    return _send(situation, draft, people)


def pressed(situation: Situation, rest: str) -> Decision[DecisionResult]:
    verb, _, what = rest.partition(":")
    if verb == "new" and what in _KINDS and is_coordinator(situation.me):
        kept = situation.talk.drafts.get(f"compose_{what}")
        if kept is not None:
            situation.talk.focus = kept.form
            return reply(show(walk(situation, kept), kept))
        return reply(begin_new(situation, what))
    draft = next((d for d in situation.talk.drafts.values() if d.nonce == what), None)
    if verb == "back" and draft is not None and draft.at == SUMMARY:
        situation.talk.focus = draft.form
        return reply(show(walk(situation, draft), draft))
    if verb not in {"now", "later"} or not is_coordinator(situation.me) or draft is None or draft.at != SUMMARY:
        return reply(menu(situation, situation.texts("wrong.old")))
    draft.extra["now"] = verb == "now"
    people = yield from load(CountAudience(audience_of(situation, draft)))
    return _send_or_confirm(situation, draft, people)


def _ask_number(situation: Situation, draft: Draft, people: int) -> Message:
    situation.talk.pending = {"kind": "confirm", "nonce": draft.nonce}
    back = Choice(situation.texts("form.back"), f"t:back:{draft.nonce}")
    return Message(situation.texts("compose.confirm", n=people), (back,))


def confirm_typed(situation: Situation, text: str) -> DecisionResult:
    """The number of people, typed, sends; anything else keeps the draft."""
    nonce = situation.waiting.get("nonce")
    draft = next((d for d in situation.talk.drafts.values() if d.nonce == nonce), None)
    if draft is None or draft.at != SUMMARY or not is_coordinator(situation.me):
        return reply(menu(situation, situation.texts("wrong.old")))
    people = int(draft.extra.get("people", 0))
    if text.strip().replace(".", "") == str(people):
        return _send(situation, draft, people)
    return reply(_ask_number(situation, draft, people))


def _send(situation: Situation, draft: Draft, people: int) -> DecisionResult:
    if draft.form == "compose_duty":
        return _lay_down(situation, draft, people)
    t = situation.texts
    id = situation.new_id("request")
    opens = _opens_at(situation, draft, people)
    request = request_of(situation, draft, id, opens, people)
    write = OpenRequest(
        id=id,
        unit_id=request.unit.id,
        content=replace(request.content, urgent=request.content.urgent or bool(draft.extra.get("now"))),
        audience=audience_of(situation, draft),
        opens_at=opens,
        closes_at=request.closes_at,
        asked_by=situation.me.id,
    )
    held = opens > situation.now + UNDO
    _forget(situation, draft)
    key = "notice" if request.kind == "notice" else "compose"
    key += ".waiting" if held else ".sent"
    until = request_messages.moment(request.closes_at, situation.office.zone, t)
    choices = [Choice(t("menu.tiendo"), f"b:{id}:show")]
    if opens > situation.now:
        choices.append(Choice(t("compose.undo"), f"b:{id}:undo", beside=True))
    time = f"{opens.astimezone(situation.office.zone):%H:%M}"
    if opens_later(situation, draft):
        time = request_messages.moment(opens, situation.office.zone, t)
    said = t(key, n=people, until=until, time=time)
    return reply(closing(situation, said, *choices), changes=[write])


def _lay_down(situation: Situation, draft: Draft, people: int) -> DecisionResult:
    """A duty: nothing goes out now, the rule does the asking."""
    t, office = situation.texts, situation.office
    request = request_of(situation, draft, "0", situation.now, people)
    repetition = repetition_of(draft)
    first = times(repetition.rule, True, situation.now, office)[0]
    id = situation.new_id("request")
    write = MakeRule(
        id=id,
        unit_id=request.unit.id,
        content=request.content,
        audience=audience_of(situation, draft),
        rule=repetition.rule,
        seconds=repetition.seconds,
        working_days=True,
        catch_up=True,
        due=first.due,
        next_at=first.due - timedelta(seconds=repetition.seconds),
        asked_by=situation.me.id,
    )
    _forget(situation, draft)
    said = t("duty.made", n=people, due=request_messages.moment(first.due, office.zone, t))
    return reply(closing(situation, said, Choice(t("menu.dinhky"), "c:dinhky")), changes=[write])
