"""A coordinator asks: a poll of one question, or a rapid request; whom, until when, a preview, then send."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from nhipcau.actions.opening import Opening, OpeningInput, Refusal, Why, plan_opening, refuse_audience
from nhipcau.bot.conversation import answer
from nhipcau.bot.drafts import SUMMARY, Draft, End, Said, Walk
from nhipcau.bot.messages import Choice, Message
from nhipcau.bot.request_files import LONGEST
from nhipcau.bot.showing import begin, show
from nhipcau.bot.texts import Texts
from nhipcau.handlers import pushing
from nhipcau.handlers.drafting import (
    FORMS,
    Repetition,
    audience_of,
    length_of,
    opens_later,
    repetition_of,
    request_of,
    unit_of,
    walk_without_summary,
)
from nhipcau.handlers.screens import closing, is_coordinator, menu, short_title
from nhipcau.handlers.situation import Deciding, Office, Outcome, Situation, load, reply
from nhipcau.handlers.timing import fits, times
from nhipcau.model.loads import CountAudience, CountReach, RequestsOf
from nhipcau.model.records import Reached
from nhipcau.model.writes import MakeRule, OpenRequest
from nhipcau.privacy.suppression import K

#: What these forms make, by their kind: `/thamdo`, `/baocaonhanh`, `/dinhky`, `/thongbao`.
_KINDS = frozenset(form.removeprefix("compose_") for form in FORMS)
#: Above this many people a typed number confirms, and there is a minute to take it back.
MANY = 50
UNDO = timedelta(seconds=60)
#: Running ones offered for stopping; all of them stand under "tiến độ".
_LISTED = 6
#: The question that is asked anew, and the sentence above it. What has a length can't end too early or too late.
_REFUSED = {
    Why.TOO_FEW: ("unit", "compose.too_few"),
    Why.NOBODY: ("unit", "compose.nobody"),
    Why.PAST: ("when", "wrong.past"),
    Why.TOO_FAR: ("when", "wrong.too_far"),
}


def polls(situation: Situation, _: str) -> Deciding[Outcome]:
    """`/thamdo`: make one, or stop one that runs."""
    return (yield from _entry(situation, "poll"))


def rapid(situation: Situation, _: str) -> Deciding[Outcome]:
    return (yield from _entry(situation, "rapid"))


def _entry(situation: Situation, kind: str) -> Deciding[Outcome]:
    say = situation.texts
    running = yield from load(RequestsOf(situation.me.unit.path, (kind,), ("open", "scheduled")))
    if not running:
        return reply(begin_new(situation, kind))
    choices = [Choice(say(f"compose.new_{kind}"), f"t:new:{kind}")]
    choices += [Choice(say("compose.stop", title=short_title(r.title)), f"b:{r.id}:stop") for r in running[:_LISTED]]
    return reply(Message(say("compose.running", n=len(running)), tuple(choices)))


def begin_new(situation: Situation, kind: str) -> Message:
    draft = situation.talk.begin(Draft(form=f"compose_{kind}", nonce=situation.new_id("nonce")))
    return begin(walk(situation, draft), draft)


def walk(situation: Situation, draft: Draft) -> Walk:
    return replace(walk_without_summary(situation, draft), summary=lambda draft: _preview(situation, draft))


def step(situation: Situation, draft: Draft, said: Said) -> Deciding[Outcome]:
    path = walk(situation, draft)
    done = answer(path, draft, said)
    if done.end is End.CANCELLED:
        _forget(situation, draft)
        return reply(menu(situation, situation.texts("form.cancelled")))
    if draft.at != SUMMARY:
        return reply(done.message)
    if draft.form == "compose_duty" and not _lead_fits(situation, draft):
        _ask_anew(draft, "lead")
        return reply(show(path, draft, situation.texts("duty.lead_long")))
    people = yield from load(CountAudience(audience_of(situation, draft)))
    draft.extra["people"] = people
    opening = _opening(situation, draft)
    if isinstance(opening, Refusal):
        return _refuse(situation, draft, opening)
    if done.end is End.SENT:
        return _send_or_confirm(situation, draft, opening)
    budget = 0 if draft.form == "compose_rapid" else situation.office.push_budget
    reached = yield from load(CountReach(audience_of(situation, draft), budget))
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


def _opening(situation: Situation, draft: Draft) -> Opening | Refusal:
    people, office = int(draft.extra.get("people", 0)), situation.office
    if draft.form == "compose_duty":
        repetition = repetition_of(draft)
        (first,) = times(repetition.rule, True, situation.now, office, 1)
        opens = first.due - timedelta(seconds=repetition.seconds)
        return refuse_audience("duty", people) or Opening(opens, first.due, urgent=False)
    wanted = OpeningInput(
        kind=draft.form.removeprefix("compose_"),
        people=people,
        opens_at=opens_later(situation, draft),
        closes=length_of(draft),
        urgent=draft.form == "compose_rapid",
        passes_quiet=bool(draft.extra.get("now")),
        undo=UNDO if people > MANY else timedelta(),
    )
    return plan_opening(wanted, office.quiet, office.zone, situation.now)


def _refuse(situation: Situation, draft: Draft, refusal: Refusal) -> Outcome:
    """Say why, and ask for another answer to what can't stay."""
    question, key = _REFUSED[refusal.why]
    _ask_anew(draft, question)
    said = situation.texts(key, n=refusal.people, k=K, days=LONGEST.days)
    return reply(show(walk(situation, draft), draft, said))


def _preview(situation: Situation, draft: Draft) -> str:
    say, people, zone = situation.texts, int(draft.extra.get("people", 0)), situation.office.zone
    opening = _opening(situation, draft)
    if isinstance(opening, Refusal):
        # a draft that lay too long is shown as it was meant; sending it says what can't stay
        opens = opens_later(situation, draft) or situation.now
        opening = Opening(opens, opens + length_of(draft), urgent=draft.form == "compose_rapid")
    shown = pushing.ask(request_of(situation, draft, "0", opening, people), zone, say)
    lines = [say("compose.preview"), "———"]
    if shown.photo or shown.file:
        lines.append(say("notice.with_file", name=shown.file_name) if shown.file else say("notice.with_photo"))
    lines += [shown.text, *(f"[{c.label}]" for c in shown.choices), "———"]
    lines.append(say("compose.people", n=people, unit=unit_of(situation, draft).name))
    lines += draft.extra.get("reach", [])
    if draft.form == "compose_duty":
        lines.append(first_dates(situation.office, situation.now, repetition_of(draft), say))
    elif opens_later(situation, draft):
        key = "compose.later_held" if opening.held else "compose.later"
        lines.append(say(key, time=pushing.moment(opening.opens_at, zone, say)))
    elif opening.held:
        lines.append(say("compose.held", time=f"{opening.opens_at:%H:%M}"))
    return "\n".join(lines)


def reach_lines(reached: Reached, say: Texts, budget: int = 0) -> list[str]:
    """What apps with a window or a plan mean for this sending, and the week's bound; nothing where none of it does."""
    lines = []
    if reached.free or reached.paid:
        lines.append(say("reach.window", free=reached.free, paid=reached.paid, price=number(reached.price)))
    if reached.other_door:
        lines.append(say("reach.other_door", n=reached.other_door))
    if reached.full:
        lines.append(say("reach.budget", n=reached.full, most=budget))
    if reached.unreached:
        lines.append(say("reach.unreached", n=reached.unreached))
    for channel, sent, most in reached.plans:
        more = dict(reached.by_channel)[channel]
        key = "reach.plan_over" if sent + more > most else "reach.plan"
        name = say(f"channel.{channel}")
        lines.append(say(key, channel=name, sent=number(sent), most=number(most), n=number(more)))
    return lines


def number(value: int) -> str:
    """12345 as Vietnamese writes it: 12.345."""
    return f"{value:,}".replace(",", ".")


def first_dates(office: Office, now: datetime, repetition: Repetition, say: Texts) -> str:
    """ "Ba hạn đầu: 16:00 thứ Sáu 27/11; …"."""
    dues = times(repetition.rule, True, now, office)
    return say("duty.first", dates="; ".join(pushing.moment(due.due, office.zone, say) for due in dues))


def _send_or_confirm(situation: Situation, draft: Draft, opening: Opening) -> Outcome:
    """ "Gửi": held in quiet hours unless they say now; a large audience is confirmed by typing its number."""
    say, people = situation.texts, int(draft.extra["people"])
    if opening.held and not opens_later(situation, draft) and "now" not in draft.extra:
        time = f"{opening.opens_at:%H:%M}"
        choices = (
            Choice(say("compose.at", time=time), f"t:later:{draft.nonce}"),
            Choice(say("compose.now"), f"t:now:{draft.nonce}"),
        )
        return reply(Message(say("compose.held", time=time), choices))
    if people > MANY:
        return reply(_ask_number(situation, draft, people))
    return _send(situation, draft, opening)


def pressed(situation: Situation, rest: str) -> Deciding[Outcome]:
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
    draft.extra["people"] = yield from load(CountAudience(audience_of(situation, draft)))
    opening = _opening(situation, draft)
    if isinstance(opening, Refusal):
        return _refuse(situation, draft, opening)
    return _send_or_confirm(situation, draft, opening)


def _ask_number(situation: Situation, draft: Draft, people: int) -> Message:
    situation.talk.pending = {"kind": "confirm", "nonce": draft.nonce}
    back = Choice(situation.texts("form.back"), f"t:back:{draft.nonce}")
    return Message(situation.texts("compose.confirm", n=people), (back,))


def confirm_typed(situation: Situation, text: str) -> Outcome:
    """The number of people, typed, sends; anything else keeps the draft."""
    nonce = situation.waiting.get("nonce")
    draft = next((d for d in situation.talk.drafts.values() if d.nonce == nonce), None)
    if draft is None or draft.at != SUMMARY or not is_coordinator(situation.me):
        return reply(menu(situation, situation.texts("wrong.old")))
    people = int(draft.extra.get("people", 0))
    if text.strip().replace(".", "") == str(people):
        opening = _opening(situation, draft)
        if isinstance(opening, Refusal):
            return _refuse(situation, draft, opening)
        return _send(situation, draft, opening)
    return reply(_ask_number(situation, draft, people))


def _send(situation: Situation, draft: Draft, opening: Opening) -> Outcome:
    if draft.form == "compose_duty":
        return _lay_down(situation, draft, opening)
    say, people = situation.texts, int(draft.extra["people"])
    id = situation.new_id("request")
    request = request_of(situation, draft, id, opening, people)
    write: Any = OpenRequest(
        id=id,
        kind=request.kind,
        unit_id=request.unit.id,
        title=request.title,
        intro=request.intro,
        form=request.form.to_json(),
        audience=audience_of(situation, draft),
        sealed=False,
        urgent=request.urgent,
        opens_at=request.opens_at,
        closes_at=request.closes_at,
        asked_by=situation.me.id,
        photo=request.photo,
        file=request.file,
        file_name=request.file_name,
    )
    opens = opening.opens_at
    held = opens > situation.now + UNDO
    _forget(situation, draft)
    key = "notice" if request.kind == "notice" else "compose"
    key += ".waiting" if held else ".sent"
    until = pushing.moment(request.closes_at, situation.office.zone, say)
    choices = [Choice(say("menu.tiendo"), f"b:{id}:show")]
    if opens > situation.now:
        choices.append(Choice(say("compose.undo"), f"b:{id}:undo", beside=True))
    time = f"{opens.astimezone(situation.office.zone):%H:%M}"
    if opens_later(situation, draft):
        time = pushing.moment(opens, situation.office.zone, say)
    said = say(key, n=people, until=until, time=time)
    return reply(closing(situation, said, *choices), writes=[write])


def _lay_down(situation: Situation, draft: Draft, opening: Opening) -> Outcome:
    """A duty: nothing goes out now, the rule does the asking."""
    say, office, people = situation.texts, situation.office, int(draft.extra["people"])
    request = request_of(situation, draft, "0", opening, people)
    repetition = repetition_of(draft)
    id = situation.new_id("request")
    write = MakeRule(
        id=id,
        kind="duty",
        unit_id=request.unit.id,
        title=request.title,
        intro="",
        form=request.form.to_json(),
        audience=audience_of(situation, draft),
        sealed=False,
        urgent=False,
        rule=repetition.rule,
        seconds=repetition.seconds,
        working_days=True,
        catch_up=True,
        due=opening.closes_at,
        next_at=opening.opens_at,
        asked_by=situation.me.id,
    )
    _forget(situation, draft)
    said = say("duty.made", n=people, due=pushing.moment(opening.closes_at, office.zone, say))
    return reply(closing(situation, said, Choice(say("menu.dinhky"), "c:dinhky")), writes=[write])
