"""A coordinator composes a request: form, preview, and when to send it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from nhipcau.actions import requests as actions
from nhipcau.actions.decision import UNDO_TIME
from nhipcau.actions.opening import SENTENCES, Opening, OpeningInput, OpeningRefusal, Why, plan_first, plan_opening
from nhipcau.actions.requests import Repetition
from nhipcau.actions.sensitive_questions import asks_sensitive, refuse_sensitive
from nhipcau.bot.forms.draft import SUMMARY, Draft, FormContext, FormEnd, Input
from nhipcau.bot.forms.engine import answer, begin, reopen
from nhipcau.bot.forms.question_screen import show
from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.command_words import Command
from nhipcau.bot.messaging.messages import Message
from nhipcau.bot.units.tree import Unit
from nhipcau.handlers.buttons import (
    BoardAct,
    ComposeAct,
    ComposeRequest,
    ContinueDraft,
    DropDraft,
    ManageRequest,
    NewRequest,
    RunCommand,
    choice,
)
from nhipcau.handlers.requests import request_messages
from nhipcau.handlers.requests.due_times import next_dues
from nhipcau.handlers.requests.request_draft import (
    audience_of,
    closing_of,
    context_without_preview,
    opens_later,
    question_alone,
    repetition_of,
    request_of,
    unit_of,
)
from nhipcau.handlers.screens import channel_name, closing, is_coordinator, menu, short_title
from nhipcau.handlers.situation import Decision, DecisionResult, Office, Situation, load, reply
from nhipcau.model.conversation import AwaitsNumberOfPeople, DraftKind, DraftName, name_of
from nhipcau.model.counts import ReachOutline
from nhipcau.model.queries import AskedBefore, CountAudience, CountVouched, OutlineReach, RequestsOf
from nhipcau.model.request_kinds import RequestKind
from nhipcau.model.requests import RecurringRequest, Request, RequestState
from nhipcau.office.request_file import LONGEST
from nhipcau.privacy.suppression import K

#: Above this many people the number must be typed to confirm, and sending can be undone for UNDO_TIME.
MANY_PEOPLE = 50
#: Running requests offered for stopping; "tiến độ" lists all.
_MAX_LISTED = 6
#: Refusal → the question to ask again.
_ASKED_AGAIN = {
    Why.TOO_FEW: "unit",
    Why.NOBODY: "unit",
    Why.PAST: "when",
    Why.TOO_FAR: "when",
    Why.ENDS_BEFORE: "close",
    Why.TOO_LONG: "close",
    Why.LEAD_TOO_LONG: "lead",
}


def open_polls(situation: Situation) -> Decision[DecisionResult]:
    """`/thamdo`: compose a poll, or stop a running one."""
    return (yield from _list_running_or_begin(situation, "poll"))


def open_rapid_requests(situation: Situation) -> Decision[DecisionResult]:
    return (yield from _list_running_or_begin(situation, "rapid"))


def _list_running_or_begin(situation: Situation, kind: str) -> Decision[DecisionResult]:
    t = situation.texts
    running = yield from load(
        RequestsOf(situation.scope, (RequestKind(kind),), (RequestState.OPEN, RequestState.SCHEDULED))
    )
    if not running:
        return reply(begin_new(situation, kind))
    choices = [choice(t(f"compose.new_{kind}"), NewRequest(kind))]
    choices += [
        choice(t("compose.stop", title=short_title(r.title)), ManageRequest(r.id, BoardAct.STOP))
        for r in running[:_MAX_LISTED]
    ]
    return reply(Message(t("compose.running", n=len(running)), tuple(choices)))


def begin_new(situation: Situation, kind: str) -> Message:
    draft = situation.conversation.begin(DraftName(DraftKind(f"compose_{kind}")), situation.new_id("nonce"))
    return begin(context(situation, draft), draft)


def context(situation: Situation, draft: Draft) -> FormContext:
    return replace(context_without_preview(situation, draft), summary=lambda draft: _preview(situation, draft))


def step_request(situation: Situation, draft: Draft, user_input: Input) -> Decision[DecisionResult]:
    form_context = context(situation, draft)
    done = answer(form_context, draft, user_input)
    if done.end is FormEnd.CANCELLED:
        situation.conversation.drop(draft)
        return reply(menu(situation, situation.texts("form.cancelled")))
    if refused := _refuse_question(situation, draft):
        return reply(refused)
    if draft.at != SUMMARY:
        return reply(done.message)
    people = yield from _count_people(situation, draft)
    opening = _opening(situation, draft)
    if isinstance(opening, OpeningRefusal):
        return _refuse(situation, draft, opening)
    if done.end is FormEnd.SENT:
        return _send_or_confirm(situation, draft, opening)
    budget = 0 if name_of(draft).kind is DraftKind.COMPOSE_RAPID else situation.office.push_budget
    outline = yield from load(OutlineReach(situation.scope, audience_of(situation, draft), budget))
    draft.extra["reach"] = outline_lines(outline, situation.texts, budget)
    if name_of(draft).kind is DraftKind.COMPOSE_POLL:
        form = request_of(situation, draft, "0", opening, people).form
        before = yield from load(AskedBefore(situation.scope, audience_of(situation, draft), form, opening.opens_at))
        draft.extra["reach"] += [situation.texts("compose.asked_before")] if before else []
    return reply(show(form_context, draft))


def _count_people(situation: Situation, draft: Draft) -> Decision[int]:
    """How many would be asked now; of a poll also how many of them count for k."""
    audience = audience_of(situation, draft)
    draft.extra["people"] = people = yield from load(CountAudience(situation.scope, audience))
    if name_of(draft).kind is DraftKind.COMPOSE_POLL:
        draft.extra["vouched"] = yield from load(CountVouched(situation.scope, audience))
    return people


def _refuse_question(situation: Situation, draft: Draft) -> Message | None:
    """Why the question, or its choices, can't be asked, with the way back to it; None: it can be."""
    form = question_alone(draft)
    if form is None or (refused := refuse_sensitive(form)) is None:
        return None
    in_question = asks_sensitive(form.questions[0].text)
    reopen(draft, "question" if in_question else "options")
    if not in_question:
        draft.extra.pop("labels", None)
    t = situation.texts
    mend = choice(t("form.mend_only"), ContinueDraft(draft.nonce))
    # no choice of the form: then what is typed here would be read as the question's new words
    cancel = choice(t("form.cancel"), DropDraft(draft.nonce), way=True)
    return Message(refused.words(t), (mend, cancel))


def _opening(situation: Situation, draft: Draft) -> Opening | OpeningRefusal:
    people, office = int(draft.extra.get("people", 0)), situation.office
    if name_of(draft).kind is DraftKind.COMPOSE_DUTY:
        repetition = repetition_of(draft)
        dues = [due.due for due in next_dues(repetition.rule, True, situation.now, office)]
        return plan_first("duty", people, dues, repetition.length, situation.now)
    wanted = OpeningInput(
        kind=name_of(draft).kind.composes,
        people=people,
        opens_at=opens_later(situation, draft),
        closes=closing_of(draft),
        urgent=name_of(draft).kind is DraftKind.COMPOSE_RAPID,
        passes_quiet=bool(draft.extra.get("now")),
        undo=UNDO_TIME if people > MANY_PEOPLE else timedelta(),
        vouched=int(draft.extra.get("vouched", 0)),
    )
    return plan_opening(wanted, office.quiet, office.zone, situation.now)


def _refuse(situation: Situation, draft: Draft, refusal: OpeningRefusal) -> DecisionResult:
    """Say why, and ask again for the answer that can't be used."""
    question, key = _ASKED_AGAIN[refusal.why], SENTENCES[refusal.why]
    reopen(draft, question)
    sentence = situation.texts(key, n=refusal.people, k=K, days=LONGEST.days)
    return reply(show(context(situation, draft), draft, sentence))


def _preview(situation: Situation, draft: Draft) -> str:
    t, people, zone = situation.texts, int(draft.extra.get("people", 0)), situation.office.zone
    opening = _opening(situation, draft)
    if isinstance(opening, OpeningRefusal):
        # an outdated draft is displayed as it was meant; sending it will say what is wrong
        opens = opens_later(situation, draft) or situation.now
        closes = closing_of(draft)
        until = closes if isinstance(closes, datetime) else opens + closes
        opening = Opening(opens, until, urgent=name_of(draft).kind is DraftKind.COMPOSE_RAPID)
    displayed = request_messages.ask(request_of(situation, draft, "0", opening, people), zone, t)
    lines = [t("compose.preview"), "———"]
    if displayed.photo or displayed.file:
        lines.append(t("notice.with_file", name=displayed.file_name) if displayed.file else t("notice.with_photo"))
    lines += [displayed.text, *(f"[{c.label}]" for c in displayed.choices), "———"]
    lines.append(t("compose.people", n=people, unit=unit_of(situation, draft).name))
    lines += draft.extra.get("reach", [])
    if name_of(draft).kind is DraftKind.COMPOSE_DUTY:
        lines += each_line(situation, unit_of(situation, draft), request_of(situation, draft, "0", opening, 0))
        lines.append(first_dates(situation.office, situation.now, repetition_of(draft), t))
    elif opens_later(situation, draft):
        key = "compose.later_held" if opening.held else "compose.later"
        lines.append(t(key, time=request_messages.moment(opening.opens_at, zone, t)))
    elif opening.held:
        lines.append(t("compose.held", time=f"{opening.opens_at:%H:%M}"))
    return "\n".join(lines)


def outline_lines(outline: ReachOutline, t: Texts, budget: int = 0) -> list[str]:
    """What delivery windows, plans and the weekly limit mean for this request; nothing if they don't matter."""
    lines = []
    for app in outline.windowed:
        name, price = channel_name(app.channel, t), format_number(app.people * app.price)
        lines.append(t("reach.app", channel=name, n=app.people, price=price))
        if app.tenths is not None and any(app.tenths):
            lines.append(t("reach.shares", channel=name, paid=app.tenths[0], closed=app.tenths[1]))
    if outline.some_full:
        lines.append(t("reach.some_full", most=budget))
    for channel, sent, most, people in outline.plans:
        lines.append(plan_line(channel, sent, most, people, t))
    return lines


def plan_line(channel: str, sent: int, most: int, more: int, t: Texts) -> str:
    """How far the monthly plan of an app is used, and whether `more` messages fit into it."""
    key = "reach.plan_over" if sent + more > most else "reach.plan"
    name = channel_name(channel, t)
    return t(key, channel=name, sent=format_number(sent), most=format_number(most), n=format_number(more))


def format_number(value: int) -> str:
    """12345 in Vietnamese notation: 12.345."""
    return f"{value:,}".replace(",", ".")


def each_line(situation: Situation, unit: Unit, request: Request | RecurringRequest) -> list[str]:
    """Who gives one answer to a duty, where this unit has cells."""
    has_cells = any(each.is_cell for each in situation.office.tree.below(unit))
    is_duty = request.kind is RequestKind.DUTY
    return [situation.texts(f"duty.each_{request.content.each}")] if has_cells and is_duty else []


def first_dates(office: Office, now: datetime, repetition: Repetition, t: Texts) -> str:
    """ "Ba hạn đầu: 16:00 thứ Sáu 27/11; …"."""
    dues = next_dues(repetition.rule, True, now, office)
    return t("duty.first", dates="; ".join(request_messages.moment(due.due, office.zone, t) for due in dues))


def _send_or_confirm(situation: Situation, draft: Draft, opening: Opening) -> DecisionResult:
    """ "Gửi": in quiet hours ask whether to wait; for a large audience ask to type the number; else send."""
    t, people = situation.texts, int(draft.extra["people"])
    if opening.held and not opens_later(situation, draft) and "now" not in draft.extra:
        time = f"{opening.opens_at:%H:%M}"
        choices = (
            choice(t("compose.at", time=time), ComposeRequest(ComposeAct.LATER, draft.nonce)),
            choice(t("compose.now"), ComposeRequest(ComposeAct.NOW, draft.nonce)),
        )
        return reply(Message(t("compose.held", time=time), choices))
    if people > MANY_PEOPLE:
        return reply(_ask_number(situation, draft, people))
    return _send(situation, draft, opening)


def press_new(situation: Situation, pressed: NewRequest) -> DecisionResult:
    """Begin a request of this kind, or continue its draft."""
    existing = situation.conversation.find(DraftKind(f"compose_{pressed.kind}"))
    if existing is None:
        return reply(begin_new(situation, pressed.kind))
    situation.conversation.focus = existing.form
    return reply(show(context(situation, existing), existing))


def press_when(situation: Situation, pressed: ComposeRequest) -> Decision[DecisionResult]:
    """Choose when to send the request, or go back to its preview."""
    draft = situation.conversation.with_nonce(pressed.nonce)
    if draft is None or draft.at != SUMMARY:
        return reply(menu(situation, situation.texts("wrong.old")))
    if pressed.act is ComposeAct.BACK:
        situation.conversation.focus = draft.form
        return reply(show(context(situation, draft), draft))
    draft.extra["now"] = pressed.act is ComposeAct.NOW
    yield from _count_people(situation, draft)
    opening = _opening(situation, draft)
    if isinstance(opening, OpeningRefusal):
        return _refuse(situation, draft, opening)
    return _send_or_confirm(situation, draft, opening)


def _ask_number(situation: Situation, draft: Draft, people: int) -> Message:
    situation.conversation.pending = AwaitsNumberOfPeople(draft.nonce)
    back = choice(situation.texts("form.back"), ComposeRequest(ComposeAct.BACK, draft.nonce))
    return Message(situation.texts("compose.confirm", n=people), (back,))


def confirm_typed(situation: Situation, nonce: str, text: str) -> DecisionResult:
    """Send if the number of people was typed; else ask again."""
    draft = situation.conversation.with_nonce(nonce)
    if draft is None or draft.at != SUMMARY or not is_coordinator(situation.me):
        return reply(menu(situation, situation.texts("wrong.old")))
    people = int(draft.extra.get("people", 0))
    if text.strip().replace(".", "") == str(people):
        opening = _opening(situation, draft)
        if isinstance(opening, OpeningRefusal):
            return _refuse(situation, draft, opening)
        return _send(situation, draft, opening)
    return reply(_ask_number(situation, draft, people))


def _send(situation: Situation, draft: Draft, opening: Opening) -> DecisionResult:
    if name_of(draft).kind is DraftKind.COMPOSE_DUTY:
        return _create_rule(situation, draft, opening)
    t, people = situation.texts, int(draft.extra["people"])
    id = situation.new_id("request")
    request = request_of(situation, draft, id, opening, people)
    write = actions.create(situation.actor, request.content, audience_of(situation, draft), opening, id)
    opens = opening.opens_at
    held = opens > situation.now + UNDO_TIME
    situation.conversation.drop(draft)
    key = "notice" if request.kind == "notice" else "compose"
    key += ".waiting" if held else ".sent"
    until = request_messages.moment(request.closes_at, situation.office.zone, t)
    choices = [choice(t("menu.tiendo"), ManageRequest(id))]
    if opens > situation.now:
        choices.append(choice(t("compose.undo"), ManageRequest(id, BoardAct.UNDO), beside=True))
    time = f"{opens.astimezone(situation.office.zone):%H:%M}"
    if opens_later(situation, draft):
        time = request_messages.moment(opens, situation.office.zone, t)
    sentence = t(key, n=people, until=until, time=time)
    return reply(closing(situation, sentence, *choices), changes=[write])


def _create_rule(situation: Situation, draft: Draft, opening: Opening) -> DecisionResult:
    """Create the rule of a duty; its requests are sent when due."""
    t, office, people = situation.texts, situation.office, int(draft.extra["people"])
    request = request_of(situation, draft, "0", opening, people)
    audience, repetition, id = audience_of(situation, draft), repetition_of(draft), situation.new_id("request")
    write = actions.create_rule(situation.actor, request.content, audience, repetition, opening, id)
    situation.conversation.drop(draft)
    sentence = t("duty.made", n=people, due=request_messages.moment(opening.closes_at, office.zone, t))
    return reply(closing(situation, sentence, choice(t("menu.dinhky"), RunCommand(Command.DUTIES))), changes=[write])
